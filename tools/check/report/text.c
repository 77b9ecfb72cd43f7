/* The findings for a terminal: a table, the details of what needs attention (or of everything), and a summary at the
 * end, where it is seen.
 *
 * Details wrap at the terminal's width; without a terminal nothing is shortened or wrapped, so that grep finds whole
 * sentences. */
#include "pieces.h"

#include <math.h>
#include <string.h>

enum { ID_WIDEST = 28, VERDICT_COLUMNS = 10, ERROR_COLUMNS = 8, NARROWEST = 24, IDS_NAMED = 10 };

typedef struct printer {
    text *out;
    arena *arena;
    int verbosity, width, id_columns;
    bool colour;
} printer;

/* ---- Pieces ---- */

static const char *verdict_colour(check_verdict verdict)
{
    switch (verdict) {
    case CHECK_HOLDS:
        return "\033[32m";
    case CHECK_HOLDS_IF:
        return "\033[33m";
    case CHECK_FAILS:
        return "\033[31m";
    case CHECK_DEGENERATE:
    case CHECK_UNRESOLVED:
    case CHECK_NOT_READ:
        return "\033[35m";
    default:
        return "\033[2m";
    }
}

static void paint(const printer *p, const char *code, const char *words)
{
    text_format(p->out, "%s%s%s", p->colour ? code : "", words, p->colour ? "\033[0m" : "");
}

static void pad(const printer *p, int columns)
{
    for (int i = 0; i < columns; i++)
        text_add(p->out, " ");
}

/* As much as fits; columns < 0: all. */
static void put_short(const printer *p, const char *utf8, int columns)
{
    if (columns < 0 || sentence_columns(utf8) <= columns) {
        text_add(p->out, utf8);
        return;
    }
    size_t bytes = sentence_fit(utf8, columns - 1);
    while (bytes && utf8[bytes - 1] == ' ')
        bytes--;
    text_format(p->out, "%.*s…", (int)bytes, utf8);
}

/* A paragraph: `label` at the indent, what follows in lines below each other. */
static void put_wrapped(const printer *p, int indent, const char *label, const char *utf8)
{
    pad(p, indent);
    text_add(p->out, label);
    int hang = indent + sentence_columns(label), column = hang;
    if (p->width > 0 && hang > p->width / 2)
        hang = indent + 2;
    int room = p->width < NARROWEST ? NARROWEST : p->width;
    bool first = true;
    for (const char *s = utf8; *s;) {
        s += strspn(s, " ");
        size_t length = strcspn(s, " ");
        if (!length)
            break;
        int columns = sentence_columns(arena_text(p->arena, s, length));
        if (!first && p->width > 0 && column + 1 + columns > room) {
            text_add(p->out, "\n");
            pad(p, hang);
            column = hang;
            first = true;
        }
        text_format(p->out, "%s%.*s", first ? "" : " ", (int)length, s);
        column += columns + !first;
        first = false;
        s += length;
    }
    text_add(p->out, "\n");
}

static void put_sentence(const printer *p, int indent, const char *label, const char *sentence)
{
    put_wrapped(p, indent, label, math_sentence(p->arena, sentence, LATEX_UNICODE));
}

static const char *line_of(const printer *p, const finding *f)
{
    const char *line = arena_format(p->arena, "line %d", f->item ? f->item->line : 0);
    return f->item && strncmp(f->id, line, strlen(line)) != 0 ? line : "";
}

/* ---- Numbers ---- */

static const char *number_text(const printer *p, double x)
{
    return arena_format(p->arena, "%.6g", x);
}

/* "C_0 = " and the numbers beside it (below it, if that is long), in columns that end below each other. */
static void put_numbers(const printer *p, int indent, const char *before, const number_row *row)
{
    number_shape shape = number_row_shape(row);
    const char *label = arena_format(p->arena, "%s%s = ", before, math_sentence(p->arena, row->name, LATEX_UNICODE));
    if (p->width > 0 && sentence_columns(label) > p->width / 2) {
        put_wrapped(p, indent, "", label);
        label = "";
        indent += 2;
    }
    int rows = shape.rows < NUMBERS_SHOWN ? shape.rows : NUMBERS_SHOWN,
        columns = shape.columns < NUMBERS_SHOWN ? shape.columns : NUMBERS_SHOWN;
    bool matrix = row->rank > 0;
    pad(p, indent);
    text_add(p->out, label);
    if (rows < 1 || columns < 1) {
        text_add(p->out, row->value ? "(no numbers)\n" : "(not computed)\n");
        return;
    }
    int widest[NUMBERS_SHOWN] = { 0 };
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++) {
            int n = (int)strlen(number_text(p, row->value[(size_t)i * (size_t)shape.columns + (size_t)j]));
            widest[j] = n > widest[j] ? n : widest[j];
        }
    for (int i = 0; i < rows; i++) {
        if (i)
            pad(p, indent + sentence_columns(label));
        text_add(p->out, matrix ? "[" : "");
        for (int j = 0; j < columns; j++)
            text_format(p->out, "%s%*s", j ? "  " : "", widest[j],
                        number_text(p, row->value[(size_t)i * (size_t)shape.columns + (size_t)j]));
        text_format(p->out, "%s%s\n", columns < shape.columns ? "  …" : "", matrix ? "]" : "");
    }
    if (rows < shape.rows || columns < shape.columns) {
        pad(p, indent + sentence_columns(label));
        text_format(p->out, "… (%d × %d numbers)\n", shape.rows, shape.columns);
    }
}

static void put_two_values(const printer *p, int indent, const counterexample *e)
{
    char left[40], right[40];
    words_two_numbers(e->left_value, e->right_value, left, right, sizeof left);
    const char *where = report_has(e->element) ? arena_format(p->arena, " (%s)", e->element) : "";
    put_sentence(p, indent, "",
                 arena_format(p->arena, "the left side is %s, the right side is %s%s", left, right, where));
}

static void put_example_short(const printer *p, const counterexample *e)
{
    text given = { .arena = p->arena };
    text_add(&given, words_where(p->arena, e));
    bool large = false;
    const char *before = given.length ? ", with " : "with ";
    for (int i = 0; i < e->givens; i++) {
        number_shape shape = number_row_shape(&e->given[i]);
        if (shape.rows != 1 || shape.columns != 1) {
            large = true;
            continue;
        }
        text_format(&given, "%s%s = %.6g", before, e->given[i].name, e->given[i].value[0]);
        before = ", ";
    }
    if (e->others_zero && !large)
        text_format(&given, "%severything else given 0", given.length ? ", " : "");
    if (given.length)
        put_sentence(p, 4, "example: ", text_done(&given));
    put_two_values(p, 4, e);
    if (large)
        put_wrapped(p, 4, "", "(-v prints all its numbers)");
}

static void put_example(const printer *p, const counterexample *e)
{
    put_sentence(p, 4, "smallest counterexample: ", words_where(p->arena, e));
    for (int i = 0; i < e->givens; i++)
        put_numbers(p, 6, "", &e->given[i]);
    if (e->others_zero)
        put_wrapped(p, 6, "", e->givens ? "everything else given is 0" : "everything given is 0");
    put_numbers(p, 6, "left:  ", &e->left);
    put_numbers(p, 6, "right: ", &e->right);
    put_two_values(p, 6, e);
}

/* ---- One finding ---- */

static void put_row(const printer *p, const finding *f)
{
    const char *id = text_cleaned(p->arena, f->id, ESCAPE_LINE);
    text_add(p->out, f->met ? "  " : "! ");
    put_short(p, id, p->width > 0 ? p->id_columns : -1);
    pad(p, p->id_columns - sentence_columns(id));
    text_add(p->out, "  ");
    const char *verdict = check_verdict_name(f->verdict);
    paint(p, verdict_colour(f->verdict), verdict);
    pad(p, VERDICT_COLUMNS - (int)strlen(verdict));
    bool judged = f->verdict == CHECK_HOLDS || f->verdict == CHECK_HOLDS_IF || f->verdict == CHECK_FAILS ||
                  f->verdict == CHECK_UNRESOLVED;
    text_format(p->out, "  %*s", ERROR_COLUMNS,
                judged && !isnan(f->error) ? arena_format(p->arena, "%.1e", f->error) : "-");
    const char *what = words_summary(p->arena, f);
    if (report_has(f->expected) && f->met)
        what = *what ? arena_format(p->arena, "%s (as expected)", what) : "as expected";
    what = math_sentence(p->arena, what, LATEX_UNICODE);
    if (*what) {
        text_add(p->out, "  ");
        int room = p->width - (2 + p->id_columns + 2 + VERDICT_COLUMNS + 2 + ERROR_COLUMNS + 2);
        put_short(p, what, p->width <= 0 ? -1 : room < NARROWEST / 2 ? NARROWEST / 2 : room);
    }
    text_add(p->out, "\n");
}

static void put_conditions(const printer *p, const finding *f, bool all)
{
    for (int i = 0; i < f->conditions && (all || i == 0); i++)
        put_sentence(p, 4, i ? "or if " : "holds if ", f->condition[i]);
    if (!all && f->conditions > 1)
        put_wrapped(p, 4, "",
                    arena_format(p->arena, "(-v names %s)",
                                 words_count(p->arena, f->conditions - 1, "more condition", "more conditions")));
}

static void put_graph(const printer *p, const finding *f)
{
    bool titled = false;
    for (int i = 0; i < f->nodes; i++) {
        const char *words = words_dependencies(p->arena, f, i);
        if (!*words)
            continue;
        if (!titled)
            put_wrapped(p, 4, "", "what depends on what:");
        titled = true;
        put_sentence(p, 6, "", words);
    }
}

static void put_details(const printer *p, const finding *f)
{
    bool all = p->verbosity > 0;
    const char *line = line_of(p, f);
    text_add(p->out, "\n");
    paint(p, "\033[1m", text_cleaned(p->arena, f->id, ESCAPE_LINE));
    text_format(p->out, "%s%s: ", *line ? ", " : "", line);
    paint(p, verdict_colour(f->verdict), check_verdict_name(f->verdict));
    text_add(p->out, "\n");
    put_wrapped(p, 4, "", math_finding(p->arena, f, LATEX_UNICODE));
    if (report_has(f->unmet))
        put_sentence(p, 4, "", f->unmet);
    else if (report_has(f->expected) && (all || !f->met))
        put_sentence(p, 4, f->met ? "as expected: " : "expected: ", f->expected);
    if (report_has(f->instance))
        put_sentence(p, 4, "with ", f->instance);
    bool told = report_has(f->summary);
    for (int i = 0; i < f->conditions; i++)
        told = told && strcmp(f->summary, f->condition[i]) != 0;
    told = told && !(report_has(f->pattern) && !strcmp(f->summary, f->pattern)) &&
           !(report_has(f->unmet) && !strcmp(f->summary, f->unmet));
    if (told)
        put_sentence(p, 4, "", f->summary);
    put_conditions(p, f, all);
    if (report_has(f->pattern))
        put_sentence(p, 4, "pattern: ", f->pattern);
    if (report_has(f->missing))
        put_wrapped(p, 4, "what the right side lacks: ", math_formula(p->arena, f->missing, LATEX_UNICODE, false));
    if (report_has(f->repair))
        put_sentence(p, 4, "repair: ", f->repair);
    if (f->example && all)
        put_example(p, f->example);
    else if (f->example)
        put_example_short(p, f->example);
    if ((all || f->read_otherwise) && report_has(f->reading))
        put_sentence(p, 4, "read so: ", f->reading);
    for (int i = 0; all && i < f->notes; i++)
        put_sentence(p, 4, "note: ", f->note[i]);
    if (all)
        put_graph(p, f);
    if (all && f->compared > 0)
        put_wrapped(p, 4, "",
                    arena_format(p->arena, "%s compared, largest relative error %.1e, rounding explains up to %.1e",
                                 words_count(p->arena, f->compared, "number", "numbers"), f->error, f->tolerance));
    if (p->verbosity > 1)
        put_wrapped(p, 4, "", arena_format(p->arena, "took %.3f s", f->seconds));
}

/* ---- The whole ---- */

static void put_summary(const printer *p, const findings *all)
{
    text_add(p->out, all->count ? "\n" : "");
    put_wrapped(p, 0, "",
                arena_format(p->arena, "%s: %s", text_cleaned(p->arena, all->document, ESCAPE_LINE),
                             words_counts(p->arena, all)));
    if (p->verbosity > 1) {
        for (int i = 0; i < all->scenes; i++)
            put_sentence(p, 0, i ? "       " : "drawn: ", all->scene[i]);
        text_format(p->out, "took %.2f s\n", all->seconds);
    }
    if (!all->count)
        return;
    if (!all->unmet) {
        paint(p, "\033[32m", "Everything is as it should be.\n");
        return;
    }
    text out = { .arena = p->arena };
    text_format(&out, "%s not as %s should be: ", words_count(p->arena, all->unmet, "is", "are"),
                all->unmet == 1 ? "it" : "they");
    int named = 0;
    for (int i = 0; i < all->count && named < IDS_NAMED; i++)
        if (!all->finding[i].met)
            text_format(&out, "%s%s", named++ ? ", " : "", text_cleaned(p->arena, all->finding[i].id, ESCAPE_LINE));
    if (named < all->unmet)
        text_format(&out, " and %d more", all->unmet - named);
    text_add(&out, " (marked ! above).");
    put_wrapped(p, 0, "", text_done(&out));
}

bool report_text(FILE *stream, const findings *all, int verbosity, bool colour, int width)
{
    arena memory, page_memory;
    arena_start(&memory, REPORT_PIECES);
    arena_start(&page_memory, REPORT_WHOLE);
    text whole = { .arena = &page_memory };
    printer p = { &whole, &memory, verbosity, width, 2, colour };
    const arena_position start = arena_now(&memory);
    int widest = width > 0 && width / 4 < ID_WIDEST ? width / 4 : ID_WIDEST;
    for (int i = 0; i < all->count; i++) {
        int n = sentence_columns(text_cleaned(&memory, all->finding[i].id, ESCAPE_LINE));
        p.id_columns = n < p.id_columns ? p.id_columns : n < widest ? n : widest;
        arena_reset(&memory, start);
    }
    if (all->count) {
        text_add(&whole, "  id");
        pad(&p, p.id_columns - 2);
        text_format(&whole, "  %-*s  %*s  what was found\n", VERDICT_COLUMNS, "verdict", ERROR_COLUMNS, "error");
    }
    for (int i = 0; i < all->count; i++) {
        put_row(&p, &all->finding[i]);
        arena_reset(&memory, start);
    }
    for (int i = 0; i < all->count; i++) {
        if (verbosity > 0 || !all->finding[i].met)
            put_details(&p, &all->finding[i]);
        arena_reset(&memory, start);
    }
    put_summary(&p, all);
    bool fine = !memory.failed && report_put(stream, &whole);
    arena_free(&memory);
    arena_free(&page_memory);
    return fine;
}
