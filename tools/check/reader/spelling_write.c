/* Formulas and setups with their names and notations written out; see spelling.h. */
#include "spelling_text.h"

/* How much of the text spells a row's name, blanks aside; 0: it does not. */
static size_t spelled(const char *p, const char *from)
{
    const char *begin = p;
    for (; *from; from++, p++) {
        if (*from != ' ')
            while (latex_is_blank(*p))
                p++;
        if (*p != *from)
            return 0;
    }
    return latex_is_letter(from[-1]) && latex_is_letter(*p) ? 0 : (size_t)(p - begin);
}

/* How much of p the row is: nothing of the \mu in \mu_B where "\mu means \mu_B". */
static size_t row_at(const char *p, const spelling *row)
{
    size_t n = spelled(p, row->from);
    bool longer =
        n && row->meant && p[n + strspn(p + n, " ")] == '_' && strchr(row->to, '_') && !strchr(row->from, '_');
    return longer ? 0 : n;
}

/* Is it more than one name: a sum or a product? */
static bool is_composite(const char *to)
{
    static const char *const signs[] = { "\\cdot", "\\odot", "\\circ", "\\times", "\\top", NULL };
    int depth = 0;
    for (const char *p = to; *p; p++) {
        size_t word = 1;
        depth += (*p == '{') - (*p == '}');
        while (*p == '\\' && latex_is_letter(p[word]))
            word++;
        bool last = !p[word + strspn(p + word, " }")];
        if (!depth && p > to && !last && (*p == '+' || *p == '-' || *p == '*' || latex_among(signs, p, word)))
            return true;
    }
    return false;
}

/* What a row means: a sum or a product stays together. */
static void write_row(const spellings *s, text *out, int which)
{
    const spelling *row = &s->row[which];
    char before = out->length ? text_done(out)[out->length - 1] : 0;
    bool script = row->meant && (before == '_' || before == '^') && row->to[0] && row->to[1];
    bool whole = !script && row->meant && is_composite(row->to);
    if (s->used)
        s->used[which] = true;
    text_add(out, whole ? "{(" : script ? "{" : "");
    text_add(out, row->to);
    text_add(out, whole ? ")}" : script ? "}" : "");
}

static size_t write_name(const spellings *s, text *out, const char *p, size_t run)
{
    size_t marked = 0;
    for (int sign = 0; sign < 2; sign++) {
        size_t skip = 0;
        if (sign) {
            size_t n = s->mark ? strlen(s->mark) : 0;
            if (n && !strncmp(p, s->mark, n) && p[n] == '\\' && p[n + 1] == '_')
                skip = marked = n + 2;
            else if (*p == 'd' && run > 1)
                skip = 1;
            else
                break;
        }
        size_t best = 0;
        int which = -1;
        for (int i = 0; i < s->count; i++) {
            size_t n = row_at(p + skip, &s->row[i]);
            if (n > best && n + skip >= run)
                best = n, which = i;
        }
        if (which >= 0) {
            text_add(out, sign ? s->sign && s->sign[1] ? "\\mathrm d " : "d" : "");
            write_row(s, out, which);
            return skip + best;
        }
        if (sign && marked) {
            text_add(out, "\\mathrm d ");
            text_add(out, run == marked + 1 ? arena_text(s->arena, p + marked, 1)
                                            : spelling_name(s->arena, p + marked, run - marked));
            return run;
        }
    }
    if (memchr(p, '\\', run)) {
        text_add(out, spelling_name(s->arena, p, run));
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
        while (latex_is_blank(p[k]))
            k++;
        if (p[k] != '{')
            return 0;
        k += spelling_group(p + k);
        if (!i)
            *first = k;
    }
    return k;
}

/* The copy of a quantity that is used at one step: W_e and (t-1) give \eddycopy{W}_{e,t-1}. */
static const char *copy_of(arena *a, const char *name, size_t length, const char *step, size_t step_length)
{
    size_t base = spelling_base(name, length), from = base;
    while (base && latex_is_blank(name[base - 1]))
        base--;
    text out = { .arena = a };
    text_format(&out, "\\eddycopy{%.*s}_{", (int)base, name);
    while (from < length && (name[from] == '_' || latex_is_blank(name[from])))
        from++;
    size_t label = from < length ? spelling_group(name + from) : 0;
    bool braces = label > 1 && name[from] == '{';
    if (label)
        text_format(&out, "%.*s,", (int)(label - 2 * braces), name + from + braces);
    text_format(&out, "%.*s}", (int)step_length, step);
    return text_done(&out);
}

/* \frac{\partial l}{T \cdot \partial o}: how much was written otherwise. */
static size_t write_fraction(const spellings *s, text *out, const char *p)
{
    if (strncmp(p, "\\frac", 5))
        return 0;
    const char *groups = p + 5;
    size_t first = 0, both = two_groups(groups, &first);
    if (!both)
        return 0;
    const char *above = strchr(groups, '{') + 1, *below = groups + first;
    size_t above_length = (size_t)(groups + first - 1 - above);
    while (*below != '{')
        below++;
    below++;
    size_t below_length = (size_t)(groups + both - 1 - below);
    const char *end = groups + both, *partial = spelling_find(below, below + below_length, "\\partial");
    if (partial && partial > below && !strncmp(above, "\\partial", 8)) {
        size_t front = (size_t)(partial - below);
        while (front && latex_is_blank(below[front - 1]))
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

/* \hat W is another name than W. */
static bool under_accent(const text *out)
{
    static const char *const accents[] = { "\\hat", "\\tilde", "\\bar",   "\\dot",
                                           "\\vec", "\\check", "\\breve", "\\overline" };
    const char *done = text_done(out);
    size_t end = out->length;
    while (end && latex_is_blank(done[end - 1]))
        end--;
    for (size_t i = 0; i < sizeof accents / sizeof *accents; i++) {
        size_t n = strlen(accents[i]);
        if (end >= n && !memcmp(done + end - n, accents[i], n))
            return true;
    }
    return false;
}

/* W^{(t)} of a given W without steps */
static size_t write_copy(const spellings *s, text *out, const char *p)
{
    for (int i = 0; i < s->fixeds && !under_accent(out); i++) {
        size_t n = strlen(s->fixed[i]);
        if (n != 1 || *p != *s->fixed[i] || latex_is_letter(p[1]) || strncmp(p + 1, "^{(", 3) ||
            (p[4] != 't' && p[4] != '\\'))
            continue;
        size_t script = spelling_group(p + 2);
        if (p[1 + script - 1] == ')' || script < 5)
            text_add(out, copy_of(s->arena, p, 1, p + 4, script - 4));
        else
            continue;
        return 2 + script;
    }
    return 0;
}

/* Three letters or more that are not all indices. */
static bool is_label_word(const spellings *s, const char *p, size_t n)
{
    size_t indices = 0;
    if (strspn(p, s->indices) >= n) /* \delta_{in}, with i and n declared */
        return false;
    for (size_t k = 0; k < n; k++) {
        bool index = strchr("ijklmnbt", p[k]) != NULL;
        for (int i = 0; i < s->letters && !index; i++)
            index = s->letter[i] == p[k];
        indices += index;
    }
    return (n > 2 && indices < n) || (n == 2 && !memcmp(p, "in", 2));
}

/* h^{next}, W_{out,c}: what is a word is set as one, but for what stands under a sum. */
static size_t word_in_script(const spellings *s, text *out, const char *p)
{
    static const char *const big[] = { "\\sum", "\\prod", "\\max", "\\min", "\\nabla", "\\partial", "e" };
    size_t n = 2, run = 0;
    bool words = false;
    if (p[1] != '{')
        return 0;
    for (; latex_is_letter(p[n]) || p[n] == ',' || p[n] == ' '; n += run ? run : 1) {
        for (run = 0; latex_is_letter(p[n + run]); run++)
            ;
        words |= run && is_label_word(s, p + n, run);
    }
    if (p[n] != '}' || !words)
        return 0;
    size_t used = out->length;
    const char *before = text_done(out);
    for (size_t i = 0; i < sizeof big / sizeof *big; i++) {
        size_t length = strlen(big[i]);
        if (used >= length && !memcmp(before + used - length, big[i], length) &&
            (*big[i] == '\\' || used == length || !latex_is_letter(before[used - length - 1])))
            return 0;
    }
    return n + 1;
}

/* W_{in}: a word, whatever i and n are elsewhere */
static bool write_label(const spellings *s, text *out, const char *p, size_t *done)
{
    if (!strncmp(p, "_{batch}", 8)) {
        text_add(out, "_b");
        *done = 8;
        return true;
    }
    if (word_in_script(s, out, p)) {
        size_t k = 2;
        text_format(out, "%c{", *p);
        for (size_t run; p[k] != '}'; k += run ? run : 1) {
            for (run = 0; latex_is_letter(p[k + run]); run++)
                ;
            bool word = run && is_label_word(s, p + k, run);
            text_format(out, word ? "\\mathrm{%.*s}" : "%.*s", run ? (int)run : 1, p + k);
        }
        text_add(out, "}");
        *done = k + 1;
        return true;
    }
    for (int i = 0; i < s->count; i++) {
        size_t n = *s->row[i].from == '_' ? strlen(s->row[i].from) : 0;
        if (n && !strncmp(p, s->row[i].from, n)) {
            write_row(s, out, i);
            *done = n;
            return true;
        }
    }
    return false;
}

/* \boldsymbol{\beta}_{k}, where a line says what \beta_{k} means: how much of the text it is. */
static size_t write_in_font(const spellings *s, text *out, const char *p, size_t word)
{
    static const char *const fonts[] = { "\\boldsymbol", "\\mathbf", "\\bm", "\\mathit", NULL };
    size_t group = latex_among(fonts, p, word) && p[word] == '{' ? spelling_group(p + word) : 0;
    if (group < 3 || spelling_sign(p + word + 1) != group - 2)
        return 0;
    const char *plain = arena_format(s->arena, "%.*s%.200s", (int)(group - 2), p + word + 1, p + word + group);
    for (int i = 0; i < s->count; i++) {
        size_t done = s->row[i].meant ? row_at(plain, &s->row[i]) : 0;
        if (done > group - 2) {
            write_row(s, out, i);
            return word + 2 + done;
        }
    }
    return 0;
}

/* A command that a row names, or as it stands; what is to be read as words is left alone. */
static size_t write_command(const spellings *s, text *out, const char *p)
{
    for (int i = 0; i < s->count; i++) {
        size_t done = *s->row[i].from == '\\' ? row_at(p, &s->row[i]) : 0;
        if (done) { /* \bar\star */
            bool letters =
                latex_is_letter(*s->row[i].to) && out->length && latex_is_letter(text_done(out)[out->length - 1]);
            text_add(out, letters ? "{" : "");
            write_row(s, out, i);
            text_add(out, letters ? "} " : " ");
            return done;
        }
    }
    size_t word = 1;
    while (latex_is_letter(p[word]))
        word++;
    size_t done = write_in_font(s, out, p, word);
    if (done)
        return done;
    done = word > 1 ? word : p[1] ? 2 : 1;
    if (latex_among(verbatim, p, word)) {
        while (latex_is_blank(p[done]))
            done++;
        done += p[done] == '{' ? spelling_group(p + done) : 0;
    }
    const char *again = p + 6 + strspn(p + 6, " ");
    if (s->by && word == 6 && !memcmp(p, "\\nabla", 6) && *again != '_' && *again != '^') {
        bool twice = !strncmp(again, "\\nabla", 6) && again[6 + strspn(again + 6, " ")] != '_';
        text_format(out, twice ? "\\nabla_{%s}^2 " : "\\nabla_{%s} ", s->by);
        return twice ? (size_t)(again + 6 - p) : 6;
    }
    if (word == 6 && !memcmp(p, "\\equiv", 6))
        text_add(out, ":=");
    else if (word == 6 && s->nabla && !memcmp(p, "\\nabla", 6) && p[6 + strspn(p + 6, " ")] != '_')
        text_add(out, "\\mathrm d ");
    else
        text_add_n(out, p, done);
    return done;
}

/* w_{hh'}, e_{t'}, with h an index: h' is another one, whether the setup says so or not. In w_h' the prime stands on
 * w. */
static size_t write_primed(const spellings *s, text *out, const char *p, size_t run, bool scripted)
{
    size_t primes = run ? strspn(p + run, "'") : 0;
    const char *last = primes ? p + run - 1 : "", *after = p + run + primes;
    bool index = *last == 't' || (*last && strchr(s->indices, *last));
    for (int i = 0; i < s->count && run > 1 && primes; i++)
        index |= !strncmp(s->row[i].from, last, primes + 1) && !s->row[i].from[primes + 1];
    if (!primes || !index || scripted || *after == '(')
        return 0;
    text_format(out, "%.*s\\eddyname{%.*s}", (int)run - 1, p, (int)primes + 1, last);
    return run + primes;
}

static const char *write_out(const spellings *s, const char *p)
{
    text out = { .arena = s->arena };
    const char *begin = p;
    while (*p) {
        size_t done = 0;
        if (*p == '\\') {
            done = write_fraction(s, &out, p);
            done = done ? done : write_singular(s, &out, p);
            done = done ? done : write_command(s, &out, p);
        } else if (latex_is_letter(*p) && !(p > begin && latex_is_letter(p[-1]))) {
            size_t run = spelling_run(p);
            done = write_copy(s, &out, p);
            done = done ? done : write_name(s, &out, p, run);
            done = done ? done : write_primed(s, &out, p, run, p > begin && (p[-1] == '_' || p[-1] == '^'));
            if (!done)
                text_add_n(&out, p, done = run);
        } else if ((*p != '_' && *p != '^') || !write_label(s, &out, p, &done)) {
            text_add_n(&out, p, done = 1);
        }
        p += done;
    }
    return text_done(&out);
}

void spellings_nested(spellings *s)
{
    static const char nothing[] = "\1";
    for (int i = 0; i < s->count; i++) {
        const char *from = s->row[i].from;
        if (!s->row[i].meant)
            continue;
        s->row[i].from = nothing; /* it has no meaning in itself */
        s->row[i].to = write_out(s, s->row[i].to);
        s->row[i].from = from;
    }
}

/* The formula once for each of the items between `item` and `end`, which `sign` stands for. */
static const char *repeated(const spellings *s, const char *formula, size_t length, const char *sign, const char *item,
                            const char *end)
{
    spellings one = { .arena = s->arena };
    text out = { .arena = s->arena };
    while (item < end) {
        int depth = 0;
        const char *stop = item;
        for (; stop < end && (depth || *stop != ','); stop++)
            depth += (*stop == '{') - (*stop == '}');
        const char *last = stop;
        while (item < last && latex_is_blank(*item))
            item++;
        while (last > item && latex_is_blank(last[-1]))
            last--;
        one.row[0] = (spelling){ .from = sign, .to = arena_text(s->arena, item, (size_t)(last - item)) };
        one.count = 1;
        text_format(&out, "%s%s", out.length ? " \\qquad " : "",
                    write_out(&one, arena_text(s->arena, formula, length)));
        item = stop + 1;
    }
    return text_done(&out);
}

/* "..., \\theta \\in \\{W, U, b\\}" behind a formula, or a letter of labels: the formula for each of them. NULL:
 * nothing of the kind. */
static const char *for_each(const spellings *s, const char *formula)
{
    size_t n = s->family ? strlen(s->family) : 0, whole = strlen(formula);
    for (const char *p = formula; n && (p = strstr(p, s->family)); p += n)
        if (!latex_is_letter(p[n])) {
            while (whole &&
                   (latex_is_blank(formula[whole - 1]) || formula[whole - 1] == ',' || formula[whole - 1] == '.'))
                whole--;
            return repeated(s, formula, whole, s->family, s->members, s->members + strlen(s->members));
        }
    const char *in = strstr(formula, "\\in \\{"), *letter = in, *close = in ? strstr(in, "\\}") : NULL;
    if (!close || close[2 + strspn(close + 2, " .,;\t\r\n")])
        return NULL;
    while (letter > formula && latex_is_blank(letter[-1]))
        letter--;
    const char *end = letter;
    while (letter > formula && latex_is_letter(letter[-1]))
        letter--;
    if (letter == formula || letter[-1] != '\\' || end == letter || !strchr(in + 6, '\\') ||
        !memchr(in + 6, '\\', (size_t)(close - in - 6)))
        return NULL;
    const char *sign = arena_text(s->arena, letter - 1, (size_t)(end - letter) + 1), *last = letter - 1;
    while (last > formula && (latex_is_blank(last[-1]) || last[-1] == ','))
        last--;
    if (last - formula >= 5 && !memcmp(last - 5, "\\quad", 5))
        last -= 5;
    while (last > formula && (latex_is_blank(last[-1]) || last[-1] == ','))
        last--;
    return repeated(s, formula, (size_t)(last - formula), sign, in + 6, close);
}

bool spell_repeats(const spellings *s, const char *formula)
{
    return for_each(s, formula) != NULL;
}

const char *spell_formula(const spellings *s, const char *formula)
{
    formula = spell_raised(s, spell_nested(s, spell_steps(s, spell_shorthands(s, spell_functions(s, formula)), false)));
    const char *each = for_each(s, formula);
    formula = each ? each : formula;
    const char *p = formula;
    while (latex_is_blank(*p))
        p++;
    if (!strncmp(p, "\\forall", 7)) { /* in front: said of any formula */
        const char *comma = strchr(p, ',');
        formula = comma && comma - p < 20 ? comma + 1 : formula;
    }
    return write_out(s, formula);
}

static const char *const statements[] = { "scene",   "sizes", "labels", "index",      "given",
                                          "library", "loss",  "hold",   "convention", NULL };

const char *spell_setup(const spellings *s, const char *setup)
{
    text out = { .arena = s->arena };
    setup = spell_raised(s, spell_steps(s, spell_shorthands(s, setup), true));
    for (const char *p = setup; *p;) {
        const char *end = spelling_line_end(p), *at = p;
        while (at < end && (latex_is_blank(*at) || *at == '$'))
            at++;
        size_t word = spelling_run(at);
        const char *means = spelling_find(at, end, " means ");
        const char *by;
        bool twice = s->by && means && !strncmp(at, "\\nabla", 6) && !strncmp(spelling_skip(at + 6), "\\nabla", 6);
        bool gradient = means && (twice || spelling_gradient(at, means, end, &by));
        bool abbreviation = means && !spelling_find(means, end, "\\partial") &&
                            !spelling_find(means, end, "\\nabla"); /* said by the names */
        if (abbreviation || gradient)
            at = end;
        else {
            text_add_n(&out, p, (size_t)(at - p));
            if (word > 1 && latex_among(statements, at, word)) {
                text_add_n(&out, at, word);
                at += word;
            }
        }
        while (at < end) {
            size_t run = latex_is_letter(*at) ? spelling_run(at) : 0, done = 0;
            if (run && !latex_among(spelling_linking, at, run)) {
                done = write_name(s, &out, at, run);
                done = done ? done : write_primed(s, &out, at, run, at > setup && (at[-1] == '_' || at[-1] == '^'));
            } else if (*at == '\\')
                done = write_command(s, &out, at);
            else if (*at == '_' || *at == '^')
                write_label(s, &out, at, &done);
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
