/* Exercises, lists and markings, for a terminal and as JSON. */
#include "exercise.h"

#include <string.h>

static const char *in(language l, const char *english, const char *chinese)
{
    return l == LANGUAGE_ZH ? chinese : english;
}

/* A sentence on one line; the reader of formulas knows no square, so that one is put in the place of a word. */
static const char *read_out(arena *a, const char *sentence)
{
    static const char square[] = "\\square", word[] = "\\mathrm{eddysquare}";
    text in_ = { .arena = a }, out = { .arena = a };
    for (const char *at; (at = strstr(sentence, square)) != NULL; sentence = at + sizeof square - 1) {
        text_add_n(&in_, sentence, (size_t)(at - sentence));
        text_add(&in_, word);
    }
    text_add(&in_, sentence);
    const char *said = math_sentence(a, text_done(&in_), LATEX_UNICODE), *name = "eddysquare";
    for (const char *at; (at = strstr(said, name)) != NULL; said = at + strlen(name)) {
        text_add_n(&out, said, (size_t)(at - said));
        text_add(&out, "□");
    }
    text_add(&out, said);
    return text_done(&out);
}

/* A line of Markdown: formulas as Unicode, links as their words, $$ as $. */
static const char *plain(arena *a, const char *line, size_t length)
{
    text out = { .arena = a };
    for (size_t i = 0; i < length; i++) {
        if (line[i] == '$' && i + 1 < length && line[i + 1] == '$')
            i++;
        if (line[i] == '[') {
            const char *close = memchr(line + i, ']', length - i);
            const char *end = close && close[1] == '(' ? memchr(close, ')', length - (size_t)(close - line)) : NULL;
            if (end) {
                text_add_n(&out, line + i + 1, (size_t)(close - line) - i - 1);
                i = (size_t)(end - line);
                continue;
            }
        }
        text_add_n(&out, line + i, 1);
    }
    return read_out(a, text_done(&out));
}

static const char *one_line(arena *a, const char *sentence)
{
    return text_cleaned(a, read_out(a, sentence), ESCAPE_LINE);
}

/* Folded at blanks into lines of 100 columns. */
static void folded(FILE *out, const char *words)
{
    while (*words) {
        size_t n = sentence_fit(words, 100), cut = n;
        if (words[n]) {
            while (cut && words[cut] != ' ')
                cut--;
            n = cut ? cut : n;
        }
        fprintf(out, "  %.*s\n", (int)n, words);
        words += n;
        words += strspn(words, " ");
    }
}

static const char *levels(int level, language l)
{
    static const char *const name[3][LANGUAGES] = { { "easy", "易" }, { "middling", "中" }, { "hard", "难" } };
    return name[(level - 1) % 3][l];
}

static const char *kinds(exercise_kind k, language l)
{
    static const char *const name[KINDS][LANGUAGES] = { { "fill the blank", "填空" },
                                                        { "derive", "推导" },
                                                        { "find the error", "找错" },
                                                        { "condition", "条件" },
                                                        { "shapes", "形状" },
                                                        { "to matrices", "化为矩阵" },
                                                        { "a cell of your own", "自己的单元" } };
    return name[k][l];
}

void show_exercise(FILE *out, arena *a, const exercise *e, language l)
{
    fprintf(out, "%s  %s  (%s, %s)\n\n", e->id, one_line(a, e->title), levels(e->level, l), kinds(e->kind, l));
    for (const char *at = e->question; *at;) {
        size_t n = strcspn(at, "\n");
        if (n)
            folded(out, text_cleaned(a, plain(a, at, n), ESCAPE_LINE));
        else if (at[1])
            fprintf(out, "\n");
        at += n + (at[n] == '\n');
    }
    fprintf(out, "\n%s\n", in(l, "Asked for:", "所求："));
    for (int i = 0; i < e->wants; i++) {
        const want *w = &e->want[i];
        const char *what = w->kind == WANT_CONDITION ? in(l, "the condition under which it holds",
                                                          "公式成立的"
                                                          "条件")
                           : w->kind == WANT_SHAPE
                               ? arena_format(a, in(l, "the shape of $%s$", "$%s$ 的形状"), w->left)
                               : arena_format(a, "$%s = \\dots$%s%s%s", w->left, *w->condition ? ", $" : "",
                                              w->condition, *w->condition ? "$" : "");
        fprintf(out, "  %s    %s\n", one_line(a, what),
                w->kind == WANT_FORMULA ? text_cleaned(a, w->left, ESCAPE_LINE) : "");
    }
    if (e->claim)
        fprintf(out, "  %s\n", one_line(a, arena_format(a, "$%s$", e->claim)));
    if (e->blank)
        fprintf(out, "  %s\n", one_line(a, arena_format(a, "$%s$", e->blank)));
    if (e->terms)
        fprintf(out, "%s %s\n", in(l, "Derivatives that may stand in the answer:", "答案里可以出现的导数："),
                *e->terms ? one_line(a, arena_format(a, "$%s$", e->terms)) : in(l, "none", "无"));
    const char *form = e->blank                            ? "..."
                       : e->want[0].kind == WANT_SHAPE     ? "... \\times ..."
                       : e->want[0].kind == WANT_CONDITION ? "t ..."
                                                           : arena_format(a, "%s = ...", e->want[0].left);
    fprintf(out, "%s eddy exercise %s -a '%s'\n", in(l, "To answer:", "作答："), e->id,
            text_cleaned(a, form, ESCAPE_LINE));
    if (e->blank)
        fprintf(out, "%s\n",
                in(l, "The answer is what □ stands for, or the whole formula.",
                   "答案是 □ 所代表的内容，"
                   "或整个公式。"));
}

/* ---- A marking ---- */

static void add_numbers(text *out, const number_row *n)
{
    int count = n->rank ? n->rows * (n->rank > 1 ? n->columns : 1) : 1;
    if (n->rank)
        text_add(out, "(");
    for (int i = 0; i < count; i++)
        text_format(out, "%s%.6g", i ? (n->rank > 1 && i % n->columns == 0 ? "; " : ", ") : "", n->value[i]);
    if (n->rank)
        text_add(out, ")");
}

const char *example_words(arena *a, const counterexample *c, language l)
{
    text out = { .arena = a };
    text_format(&out, "%s %s", in(l, "for", "取"), reason_words(a, c->sizes, l));
    if (*c->where)
        text_format(&out, ", %s", c->where);
    for (int i = 0; i < c->givens; i++) {
        text_format(&out, ", %s = ", c->given[i].name);
        add_numbers(&out, &c->given[i]);
    }
    if (c->others_zero)
        text_add(&out, in(l, ", everything else given 0", "，其余给定量为 0"));
    text_format(&out, in(l, ": the left side is %.6g, the right side %.6g", "：左边是 %.6g，右边是 %.6g"),
                c->left_value, c->right_value);
    return text_done(&out);
}

/* "A and B" where "B" alone is enough. */
static bool is_superfluous(const finding *f, int which)
{
    for (int i = 0; i < f->conditions; i++)
        if (i != which && strlen(f->condition[i]) < strlen(f->condition[which]) &&
            strstr(f->condition[which], " and ") && strstr(f->condition[which], f->condition[i]))
            return true;
    return false;
}

static void show_line(FILE *out, arena *a, const marked_line *l, int hints, language lang)
{
    const finding *f = l->found;
    bool good = l->mark == MARK_RIGHT || l->mark == MARK_NAMES || l->mark == MARK_BESIDE;
    fprintf(out, "%s %s\n", good ? " " : "!",
            text_cleaned(a, math_formula(a, l->latex, LATEX_UNICODE, false), ESCAPE_LINE));
    fprintf(out, "    %s", mark_words(l->mark, lang));
    if (l->line > 1)
        fprintf(out, in(lang, " (line %d)", "（第 %d 行）"), l->line);
    bool first = true;
    for (int i = 0; l->mark == MARK_RIGHT_IF && f && i < f->conditions; i++)
        if (!is_superfluous(f, i)) {
            fprintf(out, "%s%s", !first ? in(lang, ", or ", "，或 ") : in(lang, ": ", "："),
                    one_line(a, reason_words(a, f->condition[i], lang)));
            first = false;
        }
    bool unsaid = l->mark == MARK_WRONG && f && !f->example && !f->pattern; /* no numbers speak for it */
    if ((l->mark == MARK_NOT_READ || unsaid) && f && *f->summary)
        fprintf(out, "%s%s", in(lang, ": ", "："), one_line(a, reason_words(a, f->summary, lang)));
    fprintf(out, "\n");
    if (*l->say)
        fprintf(out, "    %s\n", one_line(a, l->say));
    if (f && f->example && !good && l->mark != MARK_NOTHING && l->mark != MARK_TERMS)
        fprintf(out, "    %s\n", one_line(a, example_words(a, f->example, lang)));
    if (l->mark == MARK_NOT_READ) /* it says itself what to do */
        return;
    for (int level = 1; level <= hints && !good; level++) {
        const char *hint = hint_words(a, l, level, lang);
        if (hint) {
            fprintf(out, in(lang, "    hint %d: %s\n", "    提示 %d：%s\n"), level, one_line(a, hint));
            continue;
        }
        fprintf(out, in(lang, "    hint %d: %s\n", "    提示 %d：%s\n"), level,
                level == 1
                    ? in(lang,
                         "none: no single small change makes it true; put the numbers above into it, term by term",
                         "没有：没有哪一个小改动能使它成立；请把上面的数逐项代入")
                    : in(lang, "there is none that says more", "没有更具体的提示"));
        return;
    }
}

void show_marking(FILE *out, arena *a, const marking *m, int hints, language l)
{
    bool hinted = false;
    for (int i = 0; i < m->count; i++) {
        show_line(out, a, &m->line[i], hints, l);
        hinted |= m->line[i].why.mistake && m->line[i].mark != MARK_RIGHT;
    }
    if (m->sentence)
        fprintf(out, "%s\n", one_line(a, m->sentence));
    fprintf(out, in(l, "%s: %s.\n", "%s：%s。\n"), m->exercise->id, mark_words(m->mark, l));
    if (hinted && hints < 3 && m->mark != MARK_RIGHT)
        fprintf(out, "%s\n", arena_format(a, in(l, "A hint: --hint %d", "需要提示：--hint %d"), hints + 1));
}

static void json_text(FILE *out, arena *a, const char *words)
{
    fprintf(out, "\"%s\"", text_cleaned(a, words, ESCAPE_JSON));
}

static void json_sentence(FILE *out, arena *a, const char *words)
{
    json_text(out, a, math_sentence(a, words, LATEX_UNICODE));
}

void show_marking_json(FILE *out, arena *a, const marking *m, int hints)
{
    fprintf(out,
            "{\"schema\": \"eddy-exercise-1\", \"exercise\": \"%s\", \"mark\": \"%s\", \"sentence\": ", m->exercise->id,
            mark_key(m->mark));
    json_sentence(out, a, m->sentence ? m->sentence : "");
    fprintf(out, ", \"lines\": [");
    for (int i = 0; i < m->count; i++) {
        const marked_line *l = &m->line[i];
        const finding *f = l->found;
        fprintf(out, "%s\n  {\"line\": %d, \"formula\": ", i ? "," : "", l->line);
        json_text(out, a, l->latex);
        fprintf(out, ", \"mark\": \"%s\", \"mistake\": \"%s\", \"conditions\": [", mark_key(l->mark),
                mistake_name(l->why.mistake));
        for (int c = 0; f && c < f->conditions; c++) {
            fprintf(out, "%s", c ? ", " : "");
            json_sentence(out, a, f->condition[c]);
        }
        const char *unread = f && l->mark == MARK_NOT_READ ? f->summary : "";
        fprintf(out, "], \"why\": ");
        json_sentence(out, a, arena_format(a, "%s%s%s", unread, *unread && *l->say ? ". " : "", l->say));
        fprintf(out, ", \"counterexample\": ");
        json_sentence(out, a, f && f->example ? example_words(a, f->example, LANGUAGE_EN) : "");
        fprintf(out, ", \"hints\": [");
        for (int level = 1; level <= hints; level++) {
            const char *hint = hint_words(a, l, level, LANGUAGE_EN);
            fprintf(out, "%s", level > 1 ? ", " : "");
            json_sentence(out, a, hint ? hint : "");
        }
        fprintf(out, "]}");
    }
    fprintf(out, "%s]}\n", m->count ? "\n" : "");
}

/* ---- Lists ---- */

static const char *state(const progress *p, const char *id, language l)
{
    const progress_row *r = progress_find(p, id);
    return !r ? "" : r->solved ? in(l, "solved", "已解出") : in(l, "tried", "试过");
}

void show_list(FILE *out, arena *a, const sheet *s, int sheets, const progress *p, language l)
{
    int all = 0, solved = 0;
    for (int i = 0; i < sheets; i++) {
        fprintf(out, "%s%s\n", i ? "\n" : "", one_line(a, s[i].title));
        for (int k = 0; k < s[i].count; k++) {
            const exercise *e = &s[i].exercise[k];
            const char *title = one_line(a, e->title);
            const progress_row *r = progress_find(p, e->id);
            int room = 48 - sentence_columns(title);
            fprintf(out, "  %-22s %s%*s %s  %s\n", e->id, title, room > 0 ? room : 0, "", levels(e->level, l),
                    state(p, e->id, l));
            all++;
            solved += r && r->solved;
        }
    }
    fprintf(out,
            in(l, "\n%d of %d solved. 'eddy exercise ID' shows one.\n",
               "\n解出 %d 题，共 %d 题。“eddy exercise ID” 显示一题。\n"),
            solved, all);
}

static void json_exercise(FILE *out, arena *a, const exercise *e)
{
    fprintf(out, "{\"id\": \"%s\", \"title\": ", e->id);
    json_sentence(out, a, e->title);
    fprintf(out, ", \"level\": %d, \"kind\": \"%s\"", e->level, kind_name(e->kind));
}

void show_list_json(FILE *out, arena *a, const sheet *s, int sheets, const progress *p)
{
    const char *between = "";
    fprintf(out, "{\"schema\": \"eddy-exercises-1\", \"exercises\": [");
    for (int i = 0; i < sheets; i++)
        for (int k = 0; k < s[i].count; k++) {
            const exercise *e = &s[i].exercise[k];
            const progress_row *r = progress_find(p, e->id);
            fprintf(out, "%s\n  ", between);
            json_exercise(out, a, e);
            fprintf(out, ", \"sheet\": ");
            json_text(out, a, s[i].name);
            fprintf(out, ", \"tries\": %d, \"solved\": %s}", r ? r->tries : 0, r && r->solved ? "true" : "false");
            between = ",";
        }
    fprintf(out, "\n]}\n");
}

void show_exercise_json(FILE *out, arena *a, const exercise *e)
{
    json_exercise(out, a, e);
    fprintf(out, ", \"question\": ");
    json_text(out, a, e->question);
    fprintf(out, ", \"find\": [");
    for (int i = 0; i < e->wants; i++) {
        fprintf(out, "%s", i ? ", " : "");
        json_text(out, a, e->want[i].left);
    }
    fprintf(out, "]}\n");
}
