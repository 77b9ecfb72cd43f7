/* Names of several letters and notations, written out before a formula is read; see spelling.h. */
#include "spelling.h"

#include <stdio.h>
#include <string.h>

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool among(const char *const *list, const char *word, size_t length)
{
    for (; *list; list++)
        if (strlen(*list) == length && !memcmp(*list, word, length))
            return true;
    return false;
}

/* Past the group that opens here, or past one character. */
static size_t group_length(const char *p)
{
    int depth = 0;
    size_t k = 0;
    for (; p[k]; k++) {
        if (p[k] == '\\' && p[k + 1])
            k++;
        else if (p[k] == '{')
            depth++;
        else if (p[k] == '}' && --depth <= 0)
            return k + 1;
        if (!depth)
            return k + 1;
    }
    return k;
}

/* Letters, with \_ between them. */
static size_t run_length(const char *p)
{
    size_t k = 0;
    while (is_letter(p[k]) || (k && p[k] == '\\' && p[k + 1] == '_'))
        k += p[k] == '\\' ? 2 : 1;
    return k;
}

/* A name for the LaTeX reader's \eddyname: letters, digits and low lines. */
static const char *as_name(arena *a, const char *p, size_t length)
{
    text out = { .arena = a };
    text_add(&out, "\\eddyname{");
    for (size_t k = 0; k < length; k++) {
        if (p[k] == '\\' && is_letter(p[k + 1]) && k + 1 < length) { /* an accent or a Greek letter in the name */
            size_t word = 1;
            while (is_letter(p[k + word]))
                word++;
            bool accent = p[k + word] == '{';
            if (!accent)
                text_add_n(&out, p + k + 1, word - 1);
            k += word - 1;
        } else if (is_letter(p[k]) || (p[k] >= '0' && p[k] <= '9') || p[k] == '_')
            text_add_n(&out, p + k, 1);
    }
    text_add(&out, "}");
    return text_done(&out);
}

static void add_row(spellings *s, const char *from, const char *to)
{
    for (int i = 0; i < s->count; i++)
        if (!strcmp(s->row[i].from, from))
            return;
    if (s->count < SPELLINGS_MOST && *from)
        s->row[s->count++] = (spelling){ from, to };
}

static const char *without_blanks(arena *a, const char *p, size_t length)
{
    text out = { .arena = a };
    for (size_t k = 0; k < length; k++) {
        bool needed = k + 1 < length && k && is_blank(p[k]) && is_letter(p[k + 1]) && is_letter(p[k - 1]) &&
                      memchr(p, '\\', k) != NULL;
        if (!is_blank(p[k]) || needed)
            text_add_n(&out, p + k, 1);
    }
    return text_done(&out);
}

/* The part of a name in front of its scripts. */
static size_t base_length(const char *p, size_t length)
{
    size_t k = 0;
    while (k < length) {
        if (p[k] == '\\' && k + 1 < length && (p[k + 1] == '_' || !is_letter(p[k + 1])))
            k += 2;
        else if (p[k] == '{')
            k += group_length(p + k);
        else if (p[k] == '_' || p[k] == '^' || p[k] == '(' || p[k] == '[')
            break;
        else
            k++;
    }
    return k < length ? k : length;
}

static const char *const styles[] = { "\\mathbf",  "\\mathrm", "\\boldsymbol", "\\bm",     "\\mathit",
                                      "\\mathcal", "\\text",   "\\textrm",     "\\mathsf", "\\tilde" };

/* mask, W\_ih, \delta 3, p\widetilde{c}: more than one letter or command, and no style or accent of one. */
static bool is_compound(const char *p, size_t length)
{
    size_t k = 0;
    while (k < length && is_blank(p[k]))
        k++;
    if (k == length)
        return false;
    if (p[k] != '\\') {
        if (!is_letter(p[k]))
            return false;
        size_t run = run_length(p + k);
        return run > 1 || (k + run < length && p[k + run] == '\\' && memchr(p + k + run, '{', length - k - run));
    }
    size_t word = 1;
    while (is_letter(p[k + word]))
        word++;
    k += word;
    while (k < length && is_blank(p[k]))
        k++;
    return k < length && p[k] >= '0' && p[k] <= '9';
}

static void add_name(spellings *s, const char *p, size_t length)
{
    size_t base = base_length(p, length);
    while (base && is_blank(p[base - 1]))
        base--;
    if (is_compound(p, base))
        add_row(s, without_blanks(s->arena, p, base), as_name(s->arena, p, base));
}

/* One name up to a blank, comma or semicolon outside of braces; a style or accent takes what follows it. */
static size_t name_length(const char *p)
{
    size_t k = 0;
    bool wanted = false;
    while (p[k] && p[k] != '\n') {
        if (is_blank(p[k]) && wanted)
            k++;
        else if (is_blank(p[k]) || p[k] == ',' || p[k] == ';')
            break;
        else if (p[k] == '{') {
            k += group_length(p + k);
            wanted = false;
        } else if (p[k] == '\\') {
            size_t word = 1;
            while (is_letter(p[k + word]))
                word++;
            wanted = false;
            for (size_t i = 0; i < sizeof styles / sizeof *styles; i++)
                wanted |= strlen(styles[i]) == word && !memcmp(styles[i], p + k, word);
            if (word > 1 && is_blank(p[k + word]) && p[k + word + 1] >= '0' && p[k + word + 1] <= '9')
                word += 2; /* \delta 3 */
            k += word > 1 ? word : p[k + 1] ? 2 : 1;
        } else {
            wanted = p[k] == '_' || p[k] == '^';
            k++;
        }
    }
    return k;
}

static const char *const linking[] = { "in",    "per",       "sample", "positive", "zero", "or",
                                       "one",   "reads",     "maybe",  "direct",   "from", "input",
                                       "fixed", "symmetric", "means",  "is",       "the",  "argument",
                                       "of",    "times",     "hot",    "nothing",  NULL };
static const char *const statements[] = { "scene",   "sizes", "labels", "index",      "given",
                                          "library", "loss",  "hold",   "convention", NULL };

static const char *line_end(const char *p)
{
    const char *end = strchr(p, '\n');
    return end ? end : p + strlen(p);
}

static const char *find_word(const char *p, const char *end, const char *word)
{
    size_t n = strlen(word);
    for (; p + n <= end; p++)
        if (!memcmp(p, word, n))
            return p;
    return NULL;
}

/* given W, b_h in R^H; x_t in R^I: which have no step */
static void given_names(spellings *s, const char *p, const char *end)
{
    bool names = true;
    while (p < end) {
        if (is_blank(*p) || *p == ',' || *p == '$') {
            p++;
            continue;
        }
        if (*p == ';') {
            names = true, p++;
            continue;
        }
        size_t length = name_length(p), word = run_length(p);
        if (!length)
            length = 1;
        if (word == length && among(linking, p, word))
            names = false;
        if (names) {
            add_name(s, p, length);
            size_t base = base_length(p, length), label = base + 2 < length ? run_length(p + base + 2) : 0;
            if (label > 1 && p[base] == '_' && p[base + 1] == '{' && p[base + 2 + label] == '}' &&
                find_word(p, end, "in R"))
                add_row(s, arena_text(s->arena, p + base, label + 3),
                        arena_format(s->arena, "_{\\mathrm{%.*s}}", (int)label, p + base + 2));
            bool step = false;
            for (size_t k = base; k < length; k++)
                step |= p[k] == 't' && !is_letter(p[k - 1]) && !is_letter(p[k + 1]);
            if (!step && s->fixeds < SPELLINGS_MOST)
                s->fixed[s->fixeds++] = without_blanks(s->arena, p, length);
        }
        p += length;
    }
}

void spellings_of_setup(spellings *s, const char *setup)
{
    for (const char *p = setup; *p;) {
        const char *end = line_end(p), *at = p, *hash = memchr(p, '#', (size_t)(end - p));
        const char *next = *end ? end + 1 : end;
        if (hash && (hash == p || hash[-1] != '\\'))
            end = hash;
        while (at < end && (is_blank(*at) || *at == '$'))
            at++;
        size_t word = run_length(at);
        const char *rest = at + word, *means = find_word(at, end, " means "),
                   *argument = find_word(at, end, " is the argument of ");
        while (rest < end && is_blank(*rest))
            rest++;
        if (word == 5 && !memcmp(at, "given", 5))
            given_names(s, rest, end);
        else if (word == 4 && !memcmp(at, "loss", 4))
            add_name(s, rest, name_length(rest));
        else if (word == 5 && !memcmp(at, "sizes", 5))
            while (rest < end) {
                size_t length = run_length(rest);
                if (length > 1 && rest[length] != '_')
                    add_row(s, arena_text(s->arena, rest, length), as_name(s->arena, rest, length));
                rest += length ? length : 1;
                if (rest < end && (*rest == '_' || *rest == '='))
                    rest += strcspn(rest, " \t\r\n,");
            }
        else if (word == 5 && !memcmp(at, "index", 5)) {
            for (; rest + 1 < end; rest++)
                if (is_letter(*rest) && rest[1] == '\'' && !is_letter(rest[-1])) /* h' beside h */
                    add_row(s, arena_text(s->arena, rest, 2), arena_format(s->arena, "\\eddyname{%c'}", *rest));
        } else if (argument)
            add_name(s, at, (size_t)(argument - at));
        else if (means) {
            const char *value = means + strlen(" means ");
            size_t length = (size_t)(means - at);
            bool derivative = find_word(value, end, "\\partial") || find_word(value, end, "\\nabla");
            if (!derivative)
                add_row(s, without_blanks(s->arena, at, length), arena_text(s->arena, value, (size_t)(end - value)));
            else if (length > 3 && at[0] == 'd' && at[1] == '\\' && at[2] == '_')
                s->sign = "d_";
            else if (length > 7 && !memcmp(at, "\\nabla", 6) && at[6] != '_')
                s->nabla = true;
            else if (*at == 'd')
                s->sign = "d";
        }
        p = next;
    }
}

void spellings_of_formula(spellings *s, const char *p)
{
    while (is_blank(*p) || *p == '&')
        p++;
    size_t run = run_length(p);
    size_t sign = *p == '\\' ? 1 : 0, letters = sign;
    while (is_letter(p[letters]))
        letters++;
    if ((sign ? letters > 1 : letters == 1) && p[letters] == '_' && p[letters + 1] >= '0' && p[letters + 1] <= '9' &&
        p[letters + 2] == '^' && p[letters + 3] == '{' && (p[letters + 4] == '(' || p[letters + 4] == '\\')) {
        /* \delta_1^{(t)} = ...: the number is part of the name */
        add_row(s, arena_text(s->arena, p, letters + 2),
                arena_format(s->arena, "%.*s_{\\eddyname{%c}}", (int)letters, p, p[letters + 1]));
        return;
    }
    bool capitals = run == 2 && p[0] < 'a' && p[1] < 'a' && p[2] == '('; /* CE(y, p) = */
    if ((run < 3 && !capitals) || (s->sign && *p == 'd' && run < 5))
        return;
    for (int i = 0; s->sign && *p == 'd' && i < s->count; i++)
        if (strlen(s->row[i].from) == run - 1 && !memcmp(s->row[i].from, p + 1, run - 1))
            return;
    const char *q = p + run;
    while (*q == '_' || *q == '^' || is_blank(*q))
        q += *q == '_' || *q == '^' ? 1 + group_length(q + 1) : 1;
    if (*q == '(' && strchr(q, ')'))
        q = strchr(q, ')') + 1;
    while (is_blank(*q) || *q == '&')
        q++;
    if (*q == '=' || !strncmp(q, ":=", 2) || !strncmp(q, "\\equiv", 6)) {
        static const char *const steps[] = { "\\langle t", "_t", "_{t", "^{(t", "(t)" };
        const char *name = as_name(s->arena, p, run);
        bool bare = !strpbrk(arena_text(s->arena, p + run, (size_t)(q - p) - run), "_^("), step = false;
        for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
            step |= strstr(q, steps[i]) != NULL;
        if (bare && step && !strstr(q, "\\sum") && !strstr(q, "\\prod")) /* its step is left to be understood */
            name = arena_format(s->arena, "%s_{t}", name);
        add_row(s, arena_text(s->arena, p, run), name);
    }
}

void spellings_last_step(spellings *s, const char *const *formula, int count)
{
    bool seen = false;
    for (int i = 0; i < s->count; i++)
        if (!strcmp(s->row[i].from, "\\tau"))
            return;
    for (int i = 0; i < s->fixeds; i++)
        if (!strncmp(s->fixed[i], "\\tau", 4))
            return;
    for (int i = 0; i < count; i++) {
        const char *p = formula[i];
        seen |= strstr(p, "(\\tau)") || strstr(p, "_{\\tau}") || strstr(p, "_\\tau");
        if (strstr(p, "\\sum_\\tau") || strstr(p, "\\sum_{\\tau") || strstr(p, "\\tau=") || strstr(p, "\\tau =") ||
            strstr(p, "\\tau\\in") || strstr(p, "\\prod_{\\tau") || strstr(p, "\\tau \\le") || strstr(p, "\\tau_"))
            return;
    }
    if (seen)
        add_row(s, "\\tau", "T");
}

/* ---- writing ---- */

/* How much of the text spells a row's name, blanks aside; 0: it does not. */
static size_t spelled(const char *p, const char *from)
{
    const char *begin = p;
    for (; *from; from++, p++) {
        if (*from != ' ')
            while (is_blank(*p))
                p++;
        if (*p != *from)
            return 0;
    }
    return is_letter(from[-1]) && is_letter(*p) ? 0 : (size_t)(p - begin);
}

static size_t write_name(const spellings *s, text *out, const char *p, size_t run)
{
    for (int sign = 0; sign < 2; sign++) {
        size_t skip = 0;
        if (sign) {
            if (*p == 'd' && s->sign && s->sign[1] == '_' && p[1] == '\\' && p[2] == '_')
                skip = 3;
            else if (*p == 'd' && run > 1)
                skip = 1;
            else
                break;
        }
        size_t best = 0;
        int which = -1;
        for (int i = 0; i < s->count; i++) {
            size_t n = spelled(p + skip, s->row[i].from);
            if (n > best && n + skip >= run)
                best = n, which = i;
        }
        if (which >= 0) {
            text_add(out, sign ? s->sign && s->sign[1] ? "\\mathrm d " : "d" : "");
            text_add(out, s->row[which].to);
            return skip + best;
        }
        if (sign && skip == 3) {
            text_add(out, "\\mathrm d ");
            text_add(out, run == 4 ? arena_text(s->arena, p + 3, 1) : as_name(s->arena, p + 3, run - 3));
            return run;
        }
    }
    if (memchr(p, '\\', run)) {
        text_add(out, as_name(s->arena, p, run));
        return run;
    }
    return 0;
}

static const char *const verbatim[] = { "\\text",   "\\textrm", "\\mathrm", "\\operatorname",
                                        "\\tag",    "\\label",  "\\mbox",   "\\textbf",
                                        "\\textit", "\\begin",  "\\end",    "\\eddyname",
                                        "\\texttt", "\\textsf", "\\mathsf", NULL };

/* The place behind the second of two groups, or 0. */
static size_t two_groups(const char *p, size_t *first)
{
    size_t k = 0;
    for (int i = 0; i < 2; i++) {
        while (is_blank(p[k]))
            k++;
        if (p[k] != '{')
            return 0;
        k += group_length(p + k);
        if (!i)
            *first = k;
    }
    return k;
}

/* The copy of a quantity that is used at one step: W_e and (t-1) give \eddycopy{W}_{e,t-1}. */
static const char *copy_of(arena *a, const char *name, size_t length, const char *step, size_t step_length)
{
    size_t base = base_length(name, length), from = base;
    while (base && is_blank(name[base - 1]))
        base--;
    text out = { .arena = a };
    text_format(&out, "\\eddycopy{%.*s}_{", (int)base, name);
    while (from < length && (name[from] == '_' || is_blank(name[from])))
        from++;
    size_t label = from < length ? group_length(name + from) : 0;
    bool braces = label > 1 && name[from] == '{';
    if (label)
        text_format(&out, "%.*s,", (int)(label - 2 * braces), name + from + braces);
    text_format(&out, "%.*s}", (int)step_length, step);
    return text_done(&out);
}

/* \frac{\partial^+ h}{\partial W}, \frac{\partial l}{T \cdot \partial o}, \left. ... \right|_{(t)}: how much was
 * written otherwise. */
static size_t write_fraction(const spellings *s, text *out, const char *p)
{
    bool open = !strncmp(p, "\\left.", 6);
    const char *q = p + (open ? 6 : 0);
    while (open && is_blank(*q))
        q++;
    if (strncmp(q, "\\frac", 5))
        return 0;
    const char *groups = q + 5;
    size_t first = 0, both = two_groups(groups, &first);
    if (!both)
        return 0;
    const char *above = strchr(groups, '{') + 1, *below = groups + first;
    size_t above_length = (size_t)(groups + first - 1 - above);
    while (*below != '{')
        below++;
    below++;
    size_t below_length = (size_t)(groups + both - 1 - below);
    const char *end = groups + both, *partial = find_word(below, below + below_length, "\\partial");
    if (open) {
        const char *bar = end;
        while (is_blank(*bar))
            bar++;
        if (strncmp(bar, "\\right|_{", 9) || bar[9] != '(' || !partial)
            return 0;
        size_t held = group_length(bar + 8);
        const char *step = bar + 10, *close = bar + 8 + held - 2;
        if (*close != ')' || close <= step)
            return 0;
        const char *name = partial + strlen("\\partial");
        while (is_blank(*name))
            name++;
        text_format(out, "\\frac{%s}{\\partial %s}", spell_formula(s, arena_text(s->arena, above, above_length)),
                    copy_of(s->arena, name, (size_t)(below + below_length - name), step, (size_t)(close - step)));
        return (size_t)(bar + 8 + held - p);
    }
    size_t plus = !strncmp(above, "\\partial^+", 10) ? 10 : !strncmp(above, "\\partial^{+}", 12) ? 12 : 0;
    if (plus && partial) {
        size_t sign = !strncmp(below, "\\partial^+", 10) ? 10 : !strncmp(below, "\\partial^{+}", 12) ? 12 : 8;
        text_format(out, "\\left.\\frac{\\partial %s}{\\partial %s}\\right|_{\\eddyname{immediate}}",
                    spell_formula(s, arena_text(s->arena, above + plus, above_length - plus)),
                    spell_formula(s, arena_text(s->arena, below + sign, below_length - sign)));
        return (size_t)(end - p);
    }
    if (partial && partial > below && !strncmp(above, "\\partial", 8)) {
        size_t front = (size_t)(partial - below);
        while (front && is_blank(below[front - 1]))
            front--;
        if (front > 5 && !memcmp(below + front - 5, "\\cdot", 5))
            front -= 5;
        if (front && !memchr(below, '{', front)) {
            text_format(out, "\\frac{1}{%.*s}\\frac{%s}{%s}", (int)front, below,
                        spell_formula(s, arena_text(s->arena, above, above_length)),
                        spell_formula(s, arena_text(s->arena, partial, (size_t)(below + below_length - partial))));
            return (size_t)(end - p);
        }
    }
    return 0;
}

/* \sigma_{\max}(A) is A's norm. */
static size_t write_singular(const spellings *s, text *out, const char *p)
{
    static const char largest[] = "\\sigma_{\\max}(";
    if (strncmp(p, largest, sizeof largest - 1))
        return 0;
    const char *q = p + sizeof largest - 1;
    int depth = 1;
    for (; *q && depth; q++)
        depth += (*q == '(') - (*q == ')');
    if (depth)
        return 0;
    text_format(
        out, "\\|%s\\|_2",
        spell_formula(s, arena_text(s->arena, p + sizeof largest - 1, (size_t)(q - 1 - p) - sizeof largest + 1)));
    return (size_t)(q - p);
}

/* W^{(t)} of a given W without steps */
static size_t write_copy(const spellings *s, text *out, const char *p)
{
    for (int i = 0; i < s->fixeds; i++) {
        size_t n = strlen(s->fixed[i]);
        if (n != 1 || *p != *s->fixed[i] || is_letter(p[1]) || strncmp(p + 1, "^{(", 3) ||
            (p[4] != 't' && p[4] != '\\'))
            continue;
        size_t script = group_length(p + 2);
        if (p[1 + script - 1] == ')' || script < 5)
            text_add(out, copy_of(s->arena, p, 1, p + 4, script - 4));
        else
            continue;
        return 2 + script;
    }
    return 0;
}

/* W_{in}: a word, whatever i and n are elsewhere */
static bool write_label(const spellings *s, text *out, const char *p, size_t *done)
{
    for (int i = 0; i < s->count; i++) {
        size_t n = *s->row[i].from == '_' ? strlen(s->row[i].from) : 0;
        if (n && !strncmp(p, s->row[i].from, n)) {
            text_add(out, s->row[i].to);
            *done = n;
            return true;
        }
    }
    static const char *const words[] = { "_{in}",  "_{out}", "_{rec}", "_{hid}", "_{cell}",
                                         "_{raw}", "_{new}", "_{old}", "_{max}", "_{min}" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t n = strlen(words[i]);
        if (!strncmp(p, words[i], n)) {
            text_format(out, "_{\\mathrm{%.*s}}", (int)n - 3, words[i] + 2);
            *done = n;
            return true;
        }
    }
    return false;
}

static const char *write_out(const spellings *s, const char *p)
{
    text out = { .arena = s->arena };
    const char *begin = p;
    while (*p) {
        size_t done = 0;
        bool after_letter = p > begin && is_letter(p[-1]);
        if (*p == '\\') {
            done = write_fraction(s, &out, p);
            done = done ? done : write_singular(s, &out, p);
            for (int i = 0; i < s->count && !done; i++) {
                done = *s->row[i].from == '\\' ? spelled(p, s->row[i].from) : 0;
                if (done)
                    text_format(&out, "%s ", s->row[i].to);
            }
            if (!done) {
                size_t word = 1;
                while (is_letter(p[word]))
                    word++;
                done = word > 1 ? word : p[1] ? 2 : 1;
                if (among(verbatim, p, word)) {
                    while (is_blank(p[done]))
                        done++;
                    done += p[done] == '{' ? group_length(p + done) : 0;
                }
                if (word == 6 && !memcmp(p, "\\equiv", 6))
                    text_add(&out, ":=");
                else if (word == 6 && s->nabla && !memcmp(p, "\\nabla", 6) && p[6 + strspn(p + 6, " ")] != '_')
                    text_add(&out, "\\mathrm d ");
                else
                    text_add_n(&out, p, done);
            }
        } else if (is_letter(*p) && !after_letter) {
            size_t run = run_length(p);
            done = write_copy(s, &out, p);
            done = done ? done : write_name(s, &out, p, run);
            if (!done) {
                text_add_n(&out, p, run);
                done = run;
            }
        } else if (*p == '_' && write_label(s, &out, p, &done)) {
            ;
        } else if (!strncmp(p, "_{batch}", 8)) {
            text_add(&out, "_b");
            done = 8;
        } else if (!strncmp(p, ",:}", 3)) { /* a row of a matrix */
            done = 2;
        } else {
            done = 1;
            text_add_n(&out, p, 1);
        }
        p += done;
    }
    return text_done(&out);
}

/* "..., \\theta \\in \\{W, U, b\\}" behind a formula: the formula for each of them. NULL: nothing of the kind. */
static const char *for_each(const spellings *s, const char *formula)
{
    const char *in = strstr(formula, "\\in \\{"), *letter = in, *close = in ? strstr(in, "\\}") : NULL;
    if (!close || close[2 + strspn(close + 2, " .,;\t\r\n")])
        return NULL;
    while (letter > formula && is_blank(letter[-1]))
        letter--;
    const char *end = letter;
    while (letter > formula && is_letter(letter[-1]))
        letter--;
    if (letter == formula || letter[-1] != '\\' || end == letter || !strchr(in + 6, '\\') ||
        !memchr(in + 6, '\\', (size_t)(close - in - 6)))
        return NULL;
    const char *sign = arena_text(s->arena, letter - 1, (size_t)(end - letter) + 1), *last = letter - 1;
    while (last > formula && (is_blank(last[-1]) || last[-1] == ','))
        last--;
    if (last - formula >= 5 && !memcmp(last - 5, "\\quad", 5))
        last -= 5;
    while (last > formula && (is_blank(last[-1]) || last[-1] == ','))
        last--;
    spellings one = { .arena = s->arena };
    text out = { .arena = s->arena };
    for (const char *item = in + 6; item < close;) {
        int depth = 0;
        const char *stop = item;
        for (; stop < close && (depth || *stop != ','); stop++)
            depth += (*stop == '{') - (*stop == '}');
        one.row[0] = (spelling){ sign, arena_text(s->arena, item, (size_t)(stop - item)) };
        one.count = 1;
        text_format(&out, "%s%s", out.length ? " \\qquad " : "",
                    write_out(&one, arena_text(s->arena, formula, (size_t)(last - formula))));
        item = stop + 1;
    }
    return text_done(&out);
}

const char *spell_formula(const spellings *s, const char *formula)
{
    const char *each = for_each(s, formula);
    formula = each ? each : formula;
    const char *p = formula;
    while (is_blank(*p))
        p++;
    if (!strncmp(p, "\\forall", 7)) { /* in front: said of any formula */
        const char *comma = strchr(p, ',');
        formula = comma && comma - p < 20 ? comma + 1 : formula;
    }
    return write_out(s, formula);
}

const char *spell_setup(const spellings *s, const char *setup)
{
    text out = { .arena = s->arena };
    for (const char *p = setup; *p;) {
        const char *end = line_end(p), *at = p;
        while (at < end && (is_blank(*at) || *at == '$'))
            at++;
        size_t word = run_length(at);
        const char *means = find_word(at, end, " means ");
        bool abbreviation =
            means && !find_word(means, end, "\\partial") && !find_word(means, end, "\\nabla"); /* said by the names */
        if (abbreviation)
            at = end;
        else {
            text_add_n(&out, p, (size_t)(at - p));
            if (word > 1 && among(statements, at, word)) {
                text_add_n(&out, at, word);
                at += word;
            }
        }
        while (at < end) {
            size_t run = is_letter(*at) ? run_length(at) : 0, done = 0;
            if (run && !among(linking, at, run))
                done = write_name(s, &out, at, run);
            else if (*at == '\\') {
                for (int i = 0; i < s->count && !done; i++) {
                    done = *s->row[i].from == '\\' ? spelled(at, s->row[i].from) : 0;
                    if (done)
                        text_format(&out, "%s", s->row[i].to);
                }
                size_t length = 1;
                while (is_letter(at[length]))
                    length++;
                if (!done && length == 6 && s->nabla && !memcmp(at, "\\nabla", 6)) {
                    text_add(&out, "\\mathrm d");
                    done = 6;
                }
                if (!done) {
                    run = length > 1 ? length : at[1] ? 2 : 1;
                    if (among(verbatim, at, length) && at[run] == '{')
                        run += group_length(at + run);
                }
            }
            if (!done) {
                done = run ? run : 1;
                text_add_n(&out, at, done);
            }
            at += done;
        }
        if (*end)
            text_add(&out, "\n");
        p = *end ? end + 1 : end;
    }
    return text_done(&out);
}
