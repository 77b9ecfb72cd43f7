/* Texts with t and T for the letters that their author counts the steps with; see spelling_steps.c. */
#include "spelling_text.h"

static const char *const verbatim[] = { "\\text",     "\\textrm", "\\mathrm", "\\operatorname", "\\tag",    "\\label",
                                        "\\mbox",     "\\textbf", "\\textit", "\\begin",        "\\end",    "\\texttt",
                                        "\\eddyname", "\\textsf", "\\mathsf", "\\mathcal",      "\\mathbb", "\\mathscr",
                                        "\\mathfrak", "\\mathbf", "\\bm",     "\\boldsymbol",   NULL };

/* The row that a sign at p is named by, and how long it is there; NULL: none. */
static const char *step_at(const spellings *s, const char *p, size_t *length)
{
    const char *best = NULL;
    *length = 0;
    for (int i = 0; i < s->steps; i++) {
        const char *from = s->step[i].from;
        size_t n = spelling_sign(from), own = strlen(from);
        if (strncmp(p, from, n) || (*from == '\\' && latex_is_letter(p[n])))
            continue;
        if (own > n) { /* T_y, also written T_{y} */
            size_t group = p[n] == '_' ? 1 + spelling_group(p + n + 1) : 0;
            if (!group || strcmp(spelling_plain(s->arena, p, n + group), from))
                continue;
            n += group;
        } else if (p[n] == '_' && !latex_is_digit(p[n + 1]) && *s->step[i].to != '\\') /* k_i is something else */
            continue;
        if (n > *length)
            *length = n, best = s->step[i].to;
    }
    return best;
}

/* t-1 and the + 2 that follows: t+1. How much of the text it was. */
static size_t write_step(text *out, const char *to, const char *after)
{
    int shift = 0, more = 0;
    const char *p = spelling_skip(after);
    size_t used = 0;
    if (*to == '\\') { /* no step: a t that is something else */
        text_add(out, to);
        return 0;
    }
    if (to[1])
        shift = (to[1] == '-' ? -1 : 1) * (to[2] - '0');
    if (to[1] && (*p == '+' || *p == '-')) {
        const char *digit = spelling_skip(p + 1), *end = digit + (latex_is_digit(*digit) ? 1 : 0);
        if (end > digit && !latex_is_digit(*end) && !latex_is_letter(*end) && *end != '\\' && *end != '.')
            more = (*p == '-' ? -1 : 1) * (*digit - '0'), used = (size_t)(end - after);
    }
    shift += more;
    text_add_n(out, to, 1);
    if (shift)
        text_format(out, "%c%d", shift < 0 ? '-' : '+', shift < 0 ? -shift : shift);
    return used;
}

/* ij in a subscript, with i the step: t,j. Words of letters that are no indices are left alone. */
static bool write_joined(const spellings *s, text *out, const char *p, size_t run)
{
    bool step = false;
    size_t length;
    for (size_t k = 0; k < run; k++) {
        const char *own = arena_text(s->arena, p + k, 1);
        bool is_step = spelling_step(s, own) != NULL;
        step |= is_step;
        if (!is_step && !strchr("ijklmnb", p[k]) && !strchr(s->indices, p[k]))
            return false;
    }
    if (!step || p[run] == '_' || (run == 2 && !memcmp(p, "in", 2))) /* W_{in} */
        return false;
    for (size_t k = 0; k < run; k++) {
        const char *to = step_at(s, p + k, &length);
        if (k)
            text_add(out, ",");
        if (to)
            write_step(out, to, "");
        else
            text_add_n(out, p + k, 1);
    }
    return true;
}

typedef struct step_writer {
    const spellings *s;
    text out;
    int depth;      /* of braces */
    int script[64]; /* the depths at which scripts were opened */
    int scripts;
} step_writer;

/* What stands at p, written: how long it was. */
static size_t write_piece(step_writer *w, const char *begin, const char *p)
{
    const spellings *s = w->s;
    bool script = p > begin && (p[-1] == '_' || p[-1] == '^'), inside = w->scripts > 0;
    size_t length, word = spelling_sign(p);
    const char *to = word ? step_at(s, p, &length) : NULL;
    if (*p == '\\' && !to) {
        word = word ? word : p[1] ? 2 : 1;
        size_t end = word;
        if (latex_among(verbatim, p, word)) {
            end += strspn(p + end, " ");
            end += p[end] == '{' ? spelling_group(p + end) : latex_is_letter(p[end]);
        }
        text_add_n(&w->out, p, end);
        return end;
    }
    if (*p == '{' || *p == '}') {
        w->depth += *p == '{' ? 1 : -1;
        if (*p == '{' && script && w->scripts < 64)
            w->script[w->scripts++] = w->depth;
        if (*p == '}' && w->scripts && w->script[w->scripts - 1] > w->depth)
            w->scripts--;
        text_add_n(&w->out, p, 1);
        return 1;
    }
    if (!word) {
        text_add_n(&w->out, p, 1);
        return 1;
    }
    size_t run = *p == '\\' ? length : spelling_run(p);
    if (*p != '\\' && to && length > run) /* T_y */
        run = length;
    if (script && run > 1 && *p != '\\' && length <= 1) /* x_kA: the script is one letter */
        run = 1;
    if (to && run == length && (inside || script || *to == '\\' || (p[length] != '^' && p[length] != '\''))) {
        size_t at = w->out.length;
        bool power = p > begin && (p[-1] == '^' || (p[-1] == '{' && p - 1 > begin && p[-2] == '^'));
        if (power && *p == 'T' && *to == '\\') { /* the transpose, in a scene with a T of its own */
            text_add_n(&w->out, p, length);
            return length;
        }
        bool braces = (script && to[1]) || (power && *to == 'T' && !to[1]); /* A^N is a power, A^T none */
        text_add(&w->out, braces ? power && p[-1] == '^' ? "{{" : "{" : "");
        length += write_step(&w->out, to, script ? "" : p + length);
        text_add(&w->out, braces ? power && p[-1] == '^' ? "}}" : "}" : "");
        if (latex_is_letter(p[length]) && *p == '\\' && w->out.length > at)
            text_add(&w->out, " ");
        return length;
    }
    if (inside && run > 1 && *p != '\\' && write_joined(s, &w->out, p, run))
        return run;
    text_add_n(&w->out, p, run);
    return run;
}

const char *spell_steps(const spellings *s, const char *source, bool setup)
{
    if (!s->steps && !s->time_said)
        return source;
    step_writer w = { .s = s, .out = { .arena = s->arena } };
    const char *p = source;
    while (*p) {
        if (setup && (p == source || p[-1] == '\n')) {
            const char *end = spelling_line_end(p);
            if (spelling_says_steps(s->arena, p, end)) {
                p = end;
                continue;
            }
            size_t word = spelling_run(p + strspn(p, " \t"));
            if (word > 1) {
                word += strspn(p, " \t");
                text_add_n(&w.out, p, word);
                p += word;
                continue;
            }
        }
        p += write_piece(&w, source, p);
    }
    return text_done(&w.out);
}
