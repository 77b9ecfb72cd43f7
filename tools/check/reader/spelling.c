/* Which names of several letters and which notations the author of a scene uses; see spelling.h. */
#include "spelling_text.h"

void spellings_add(spellings *s, const char *from, const char *to)
{
    for (int i = 0; i < s->count; i++)
        if (!strcmp(s->row[i].from, from))
            return;
    if (s->count < SPELLINGS_MOST && *from)
        s->row[s->count++] = (spelling){ .from = from, .to = to };
}

static const char *const styles[] = { "\\mathbf",  "\\mathrm", "\\boldsymbol", "\\bm",     "\\mathit",
                                      "\\mathcal", "\\text",   "\\textrm",     "\\mathsf", "\\tilde" };

/* mask, W\_ih, \delta 3, p\widetilde{c}: more than one letter or command, and no style or accent of one. */
static bool is_compound(const char *p, size_t length)
{
    size_t k = 0;
    while (k < length && latex_is_blank(p[k]))
        k++;
    if (k == length)
        return false;
    if (p[k] != '\\') {
        if (!latex_is_letter(p[k]))
            return false;
        size_t run = spelling_run(p + k);
        return run > 1 || (k + run < length && p[k + run] == '\\' && memchr(p + k + run, '{', length - k - run));
    }
    if (spelling_is_font_name(p + k, length - k))
        return true;
    size_t word = 1;
    while (latex_is_letter(p[k + word]))
        word++;
    k += word;
    while (k < length && latex_is_blank(p[k]))
        k++;
    return k < length && p[k] >= '0' && p[k] <= '9';
}

static void add_name(spellings *s, const char *p, size_t length)
{
    size_t base = spelling_base(p, length);
    while (base && latex_is_blank(p[base - 1]))
        base--;
    if (is_compound(p, base))
        spellings_add(s, spelling_bare(s->arena, p, base), spelling_name(s->arena, p, base));
}

/* One name up to a blank, comma or semicolon outside of braces; a style or accent takes what follows it. */
static size_t name_length(const char *p)
{
    size_t k = 0;
    bool wanted = false;
    while (p[k] && p[k] != '\n') {
        if (latex_is_blank(p[k]) && wanted)
            k++;
        else if (latex_is_blank(p[k]) || p[k] == ',' || p[k] == ';')
            break;
        else if (p[k] == '{') {
            k += spelling_group(p + k);
            wanted = false;
        } else if (p[k] == '\\') {
            size_t word = 1;
            while (latex_is_letter(p[k + word]))
                word++;
            wanted = false;
            for (size_t i = 0; i < sizeof styles / sizeof *styles; i++)
                wanted |= strlen(styles[i]) == word && !memcmp(styles[i], p + k, word);
            if (word > 1 && latex_is_blank(p[k + word]) && p[k + word + 1] >= '0' && p[k + word + 1] <= '9')
                word += 2; /* \delta 3 */
            k += word > 1 ? word : p[k + 1] ? 2 : 1;
        } else {
            wanted = p[k] == '_' || p[k] == '^';
            k++;
        }
    }
    return k;
}

/* index i, j in I; k in K: i, j and k */
static void indices_of(spellings *s, const char *p, const char *end)
{
    size_t count = strlen(s->indices);
    for (bool range = false; p < end && count + 1 < sizeof s->indices; p++) {
        size_t run = latex_is_letter(*p) ? spelling_run(p) : 0;
        range = *p != ';' && (range || (run == 2 && !memcmp(p, "in", 2)));
        if (run == 1 && !range)
            s->indices[count++] = *p;
        p += run > 1 ? run - 1 : 0;
    }
}

/* given W, b_h in R^H; x_t in R^I: which have no step */
static void given_names(spellings *s, const char *p, const char *end)
{
    bool names = true;
    while (p < end) {
        if (latex_is_blank(*p) || *p == ',' || *p == '$') {
            p++;
            continue;
        }
        if (*p == ';') {
            names = true, p++;
            continue;
        }
        size_t length = name_length(p), word = spelling_run(p);
        if (!length)
            length = 1;
        if (word == length && latex_among(spelling_linking, p, word))
            names = false;
        if (names) {
            add_name(s, p, length);
            size_t base = spelling_base(p, length), label = base + 2 < length ? spelling_run(p + base + 2) : 0;
            bool indices = strspn(p + base + 2, s->indices) >= label; /* w_{ij} */
            if (label > 1 && !indices && p[base] == '_' && p[base + 1] == '{' && p[base + 2 + label] == '}' &&
                spelling_find(p, end, "in R"))
                spellings_add(s, arena_text(s->arena, p + base, label + 3),
                              arena_format(s->arena, "_{\\mathrm{%.*s}}", (int)label, p + base + 2));
            bool step = false;
            for (size_t k = base; k < length; k++)
                step |= p[k] == 't' && !latex_is_letter(p[k - 1]) && !latex_is_letter(p[k + 1]);
            if (!step && s->fixeds < SPELLINGS_MOST)
                s->fixed[s->fixeds++] = spelling_bare(s->arena, p, length);
        }
        p += length;
    }
}

/* How many letters stand in front of the first \\_; 0: there is none. */
static size_t low_line(const char *p, size_t run)
{
    for (size_t k = 1; k + 1 < run; k++)
        if (p[k] == '\\' && p[k + 1] == '_')
            return k;
    return 0;
}

/* The letters that a line declares, and \star = z, i, f, o. */
static void letters_of(spellings *s, const char *p, const char *end, bool labels)
{
    const char *equals = memchr(p, '=', (size_t)(end - p));
    size_t known = strlen(s->labels);
    if (labels && latex_is_letter(*p) && known + 1 < sizeof s->labels) {
        s->labels[known] = *p;
        s->layers |= equals && latex_is_digit(equals[1 + strspn(equals + 1, " \\{")]);
    }
    if (labels && *p == '\\' && equals) {
        size_t n = 1;
        while (latex_is_letter(p[n]))
            n++;
        static const char *const signs[] = { "\\star", "\\ast", "\\bullet", "\\cdot", "\\diamond", "\\square", NULL };
        if (latex_among(signs, p, n)) {
            s->family = arena_text(s->arena, p, n);
            s->members = arena_text(s->arena, equals + 1, (size_t)(end - equals - 1));
        }
    }
    for (; p < end && s->letters < SPELLINGS_MOST; p++)
        if (latex_is_letter(*p) && !latex_is_letter(p[-1]) && !latex_is_letter(p[1]) && p[-1] != '\\')
            s->letter[s->letters++] = *p;
}

/* loss J reads a\_next direct da\_next: the name of an explicit derivative is one, though dX has a meaning, too. */
static void loss_names(spellings *s, const char *p, const char *end)
{
    add_name(s, p, name_length(p));
    for (const char *direct = p; (direct = spelling_find(direct, end, " direct ")) != NULL;) {
        direct += strlen(" direct ");
        direct += strspn(direct, " ");
        add_name(s, direct, name_length(direct));
    }
}

/* dc\_tot means \partial J / \partial c\_next: not what the d in front of a name means. */
static bool means_another(const char *at, size_t length, const char *value, const char *end)
{
    const char *below = NULL;
    for (const char *p = value; (p = spelling_find(p, end, "\\partial")) != NULL;) {
        p += strlen("\\partial");
        below = p + strspn(p, " {");
    }
    size_t run = below ? spelling_run(below) : 0;
    return run && *at == 'd' && spelling_run(at) == length && /* dX, d\_X and dJ\_dX end with what they are by */
           (run > length || memcmp(below, at + length - run, run) != 0);
}

size_t spelling_gradient(const char *at, const char *means, const char *end, const char **by)
{
    const char *x = at + 6 + strspn(at + 6, " "), *below = NULL;
    if (strncmp(at, "\\nabla", 6) || *x == '_' || *x == '\\')
        return 0;
    for (const char *p = means; (p = spelling_find(p, end, "\\partial")) != NULL;) {
        p += strlen("\\partial");
        below = p + strspn(p, " ");
    }
    const char *stop = below;
    while (stop && stop < end && !strchr(" \t\r\n}$#", *stop))
        stop += *stop == '{' ? spelling_group(stop) : *stop == '\\' && spelling_sign(stop) ? spelling_sign(stop) : 1;
    bool placeholder = below && *below == *x && !latex_is_letter(below[1]);
    *by = below;
    return below && !placeholder ? (size_t)(stop - below) : 0;
}

/* NAME means LATEX. Within a scene a name has one meaning. */
static void add_meaning(spellings *s, const char *line, const char *name, const char *value, const char *end)
{
    while (end > value && (latex_is_blank(end[-1]) || end[-1] == '$' || end[-1] == '\r'))
        end--;
    const char *means = arena_text(s->arena, value, (size_t)(end - value));
    for (int i = 0; i < s->count && !s->twice; i++)
        if (s->row[i].meant && !strcmp(s->row[i].from, name) && strcmp(s->row[i].to, means) != 0)
            s->twice = name, s->twice_at = line;
    int before = s->count;
    if (!strcmp(name, spelling_bare(s->arena, means, strlen(means)))) /* once both speak of t */
        return;
    spellings_add(s, name, means);
    if (s->count > before)
        s->row[before].meant = true, s->row[before].at = line;
}

/* Where in a setup a line stands, "line 7"; NULL: it is none of its lines. */
static const char *line_of(const spellings *s, const char *at, const char *setup, int first_line)
{
    if (!at || at < setup || at >= setup + strlen(setup))
        return NULL;
    int line = first_line;
    for (const char *p = setup; p < at; p++)
        line += *p == '\n';
    return arena_format(s->arena, "line %d", line);
}

const char *spellings_unused(const spellings *s, const char *setup, int first_line)
{
    for (int i = 0; s->used && i < s->count; i++) {
        const char *line = s->row[i].meant && !s->used[i] ? line_of(s, s->row[i].at, setup, first_line) : NULL;
        if (line)
            return arena_format(
                s->arena,
                "%s: \"%s\" stands in no formula of this scene, so this line changes nothing: write the "
                "name as the formulas have it, or leave the line out",
                line, s->row[i].from);
    }
    return NULL;
}

void spellings_mean(spellings *s, const char *name, const char *latex)
{
    spellings_add(s, spelling_bare(s->arena, name, strlen(name)), latex);
}

const char *spellings_repeated(const spellings *s, const char *setup, int first_line)
{
    const char *line = s->twice ? line_of(s, s->twice_at, setup, first_line) : NULL;
    return line ? arena_format(s->arena,
                               "%s: \"%s\" has a meaning in this scene already: begin another with \"scene NAME\", or "
                               "give the second one another name",
                               line, s->twice)
                : NULL;
}

/* Lines of a setup stand in any order: these are read before the names that they explain. */
static void index_lines(spellings *s, const char *setup)
{
    for (const char *p = setup, *end; *p; p = *end ? end + 1 : end) {
        end = spelling_line_end(p);
        while (p < end && latex_is_blank(*p))
            p++;
        if (spelling_run(p) == 5 && !memcmp(p, "index", 5))
            indices_of(s, p + 5, end);
    }
}

/* N_{in}, N_{\mathrm{out}}: a size with a word below, in whatever font the formulas have it. */
static void word_size(spellings *s, const char *p, size_t length)
{
    static const char *const in[] = { "%.*s_{%.*s}", "%.*s_{\\mathrm{%.*s}}", "%.*s_{\\text{%.*s}}" };
    const char *word = p + length + 2, *font = word;
    if (length != 1 || p[1] != '_' || p[2] != '{')
        return;
    if (*font == '\\' && spelling_sign(font) && font[spelling_sign(font)] == '{')
        word = font + spelling_sign(font) + 1;
    size_t letters = 0;
    while (latex_is_letter(word[letters]))
        letters++;
    if (letters < 2 || word[letters] != '}')
        return;
    const char *name = arena_format(s->arena, "\\eddyname{%.1s_%.*s}", p, (int)letters, word);
    for (size_t i = 0; i < sizeof in / sizeof *in; i++)
        spellings_add(s, arena_format(s->arena, in[i], 1, p, (int)letters, word), name);
}

void spellings_of_setup(spellings *s, const char *setup)
{
    index_lines(s, setup);
    for (const char *p = setup; *p;) {
        const char *end = spelling_line_end(p), *at = p, *hash = memchr(p, '#', (size_t)(end - p));
        const char *next = *end ? end + 1 : end;
        if (hash && (hash == p || hash[-1] != '\\'))
            end = hash;
        while (at < end && (latex_is_blank(*at) || *at == '$'))
            at++;
        size_t word = spelling_run(at);
        const char *rest = at + word, *means = spelling_find(at, end, " means "),
                   *argument = spelling_find(at, end, " is the argument of ");
        while (rest < end && latex_is_blank(*rest))
            rest++;
        if ((word == 5 && (!memcmp(at, "sizes", 5) || !memcmp(at, "index", 5))) ||
            (word == 6 && !memcmp(at, "labels", 6)))
            letters_of(s, rest, end, word == 6);
        if (word == 5 && !memcmp(at, "given", 5))
            given_names(s, rest, end);
        else if (word == 4 && !memcmp(at, "loss", 4))
            loss_names(s, rest, end);
        else if (word == 5 && !memcmp(at, "sizes", 5))
            while (rest < end) {
                size_t length = spelling_run(rest);
                word_size(s, rest, length);
                if (length > 1 && rest[length] != '_')
                    spellings_add(s, arena_text(s->arena, rest, length), spelling_name(s->arena, rest, length));
                rest += length ? length : 1;
                if (rest < end && (*rest == '_' || *rest == '='))
                    rest += strcspn(rest, " \t\r\n,");
            }
        else if (word == 5 && !memcmp(at, "index", 5)) {
            for (; rest + 1 < end; rest++)
                if (latex_is_letter(*rest) && rest[1] == '\'' && !latex_is_letter(rest[-1])) { /* h', h'' beside h */
                    size_t n = 1 + strspn(rest + 1, "'");
                    const char *name = arena_text(s->arena, rest, n);
                    spellings_add(s, name, arena_format(s->arena, "\\eddyname{%s}", name));
                }
        } else if (argument)
            add_name(s, at, (size_t)(argument - at));
        else if (means) {
            const char *value = means + strlen(" means ");
            size_t length = (size_t)(means - at);
            bool restricted =
                spelling_find(value, end, "|_") || spelling_find(value, end, "\\vert_"); /* this one only */
            bool derivative =
                !restricted && (spelling_find(value, end, "\\partial") || spelling_find(value, end, "\\nabla"));
            const char *by;
            size_t gradient = spelling_gradient(at, means, end, &by);
            if (gradient)
                s->by = arena_text(s->arena, by, gradient);
            static const char *const signs[] = { "*",        "\\bullet", "\\cdot", "\\times",
                                                 "\\otimes", "\\odot",   "\\circ", NULL };
            if (latex_among(signs, at, length) || gradient) /* a product, which the statement tells */
                ;
            else if (!derivative)
                add_meaning(s, at, spelling_bare(s->arena, at, length), value, end);
            else if (means_another(at, length, value, end))
                add_name(s, at, length);
            else if (word > 2 && at[word - 1] != '_' && low_line(at, word)) {
                s->sign = "d_"; /* d\\_X, F\\_X, grad\\_X */
                s->mark = arena_text(s->arena, at, low_line(at, word));
            } else if (length > 7 && !memcmp(at, "\\nabla", 6) && at[6] != '_')
                s->nabla = true;
            else if (*at == 'd')
                s->sign = "d";
        }
        p = next;
    }
}

/* Does a t count steps in it? That of a name x\_t does not. */
static bool has_step(const char *formula)
{
    static const char *const steps[] = { "\\langle t", "_t", "_{t", "^{(t", "(t)" };
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        for (const char *p = formula; (p = strstr(p, steps[i])) != NULL; p++)
            if (p == formula || p[-1] != '\\')
                return true;
    return false;
}

static void left_side(spellings *s, const char *p)
{
    while (latex_is_blank(*p) || *p == '&')
        p++;
    size_t run = spelling_run(p);
    size_t sign = *p == '\\' ? 1 : 0, letters = sign;
    while (latex_is_letter(p[letters]))
        letters++;
    if ((sign ? letters > 1 : letters == 1) && p[letters] == '_' && p[letters + 1] >= '0' && p[letters + 1] <= '9' &&
        p[letters + 2] == '^' && p[letters + 3] == '{' && (p[letters + 4] == '(' || p[letters + 4] == '\\')) {
        /* \delta_1^{(t)} = ...: the number is part of the name */
        spellings_add(s, arena_text(s->arena, p, letters + 2),
                      arena_format(s->arena, "%.*s_{\\eddyname{%c}}", (int)letters, p, p[letters + 1]));
        return;
    }
    size_t mark = s->mark ? strlen(s->mark) : 0;
    if (mark && !strncmp(p, s->mark, mark) && p[mark] == '\\' && p[mark + 1] == '_') /* a derivative */
        return;
    bool capitals = run == 2 && p[0] < 'a' && p[1] < 'a' &&
                    (p[2] == '(' || (p[0] == p[1] && !strncmp(p + 2, "^{(", 3))); /* CE(y, p) =, PP^{(t)} = */
    if ((run < 3 && !capitals) || (s->sign && *p == 'd' && run < 5))
        return;
    for (int i = 0; s->sign && *p == 'd' && i < s->count; i++)
        if (strlen(s->row[i].from) == run - 1 && !memcmp(s->row[i].from, p + 1, run - 1))
            return;
    const char *q = p + run;
    while (*q == '_' || *q == '^' || latex_is_blank(*q))
        q += *q == '_' || *q == '^' ? 1 + spelling_group(q + 1) : 1;
    if (*q == '(' && strchr(q, ')'))
        q = strchr(q, ')') + 1;
    while (latex_is_blank(*q) || *q == '&')
        q++;
    if (*q == '=' || !strncmp(q, ":=", 2) || !strncmp(q, "\\equiv", 6)) {
        const char *name = spelling_name(s->arena, p, run);
        bool bare = !strpbrk(arena_text(s->arena, p + run, (size_t)(q - p) - run), "_^(");
        if (bare && has_step(q) && !strstr(q, "\\sum") && !strstr(q, "\\prod")) /* its step is left to be understood */
            name = arena_format(s->arena, "%s_{t}", name);
        spellings_add(s, arena_text(s->arena, p, run), name);
    }
}

/* Functions of two quantities that have several capitals: CE(y, \hat y). */
static void called_words(spellings *s, const char *formula)
{
    static const char *const words[] = { "CE", "BCE", "NLL", "KL", "MSE" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        for (const char *p = formula; (p = strstr(p, words[i])); p++) {
            size_t n = strlen(words[i]);
            const char *q = p + n;
            while (latex_is_blank(*q))
                q++;
            bool call = *q == '(' || !strncmp(q, "\\left(", 6) || !strncmp(q, "\\big", 4);
            if (call && (p == formula || !latex_is_letter(p[-1])))
                spellings_add(s, words[i], spelling_name(s->arena, words[i], n));
        }
}

void spellings_of_formula(spellings *s, const char *formula)
{
    called_words(s, formula);
    left_side(s, formula);
    for (const char *p = formula; (p = strstr(p, "quad")) != NULL;) { /* a = b, \\qquad loss = c */
        p += 4;
        left_side(s, p);
    }
}

void spellings_numbered_steps(spellings *s, const char *const *formula, int count)
{
    for (int i = 0; i < count; i++) {
        int depth = 0; /* of braces in a script */
        const char *begin = formula[i];
        for (const char *p = begin; *p; p++) {
            if (!depth && (*p == '_' || *p == '^') && p[1] == '{') {
                depth = 1;
                p++;
                continue;
            }
            depth += depth ? (*p == '{') - (*p == '}') : 0;
            bool letter = depth && (*p == 't' || strchr(s->indices, *p)) && !latex_is_letter(p[-1]) && p[-1] != '\\';
            if (!letter || p[1] != '_')
                continue;
            size_t group = spelling_group(p + 2), braces = p[2] == '{';
            char digit = p[2 + braces];
            if (digit >= '0' && digit <= '9' && group == 1 + 2 * braces)
                spellings_add(s, spelling_bare(s->arena, p, 2 + group),
                              arena_format(s->arena, "\\eddyname{%c_%c}", *p, digit));
        }
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
        spellings_add(s, "\\tau", "T");
}
