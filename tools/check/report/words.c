/* Words that the reports share: verdicts, counts, and a dependency graph in sentences. */
#include "pieces.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name, *one, *many, *meaning;
} words[CHECK_VERDICTS] = {
    [CHECK_DEFINES] = { "DEFINES", "defines a quantity", "define a quantity",
                        "introduces a quantity: nothing to judge" },
    [CHECK_DECLARES] = { "DECLARES", "declares a shape", "declare a shape",
                         "says which shape a quantity has: nothing to judge" },
    [CHECK_HOLDS] = { "HOLDS", "holds", "hold", "true for all numbers that were tried, at every time step" },
    [CHECK_HOLDS_IF] = { "HOLDS IF", "holds under a condition", "hold under a condition",
                         "not true as it stands, but true under the condition given" },
    [CHECK_FAILS] = { "FAILS", "fails", "fail", "there are numbers for which the two sides differ" },
    [CHECK_DEGENERATE] = { "DEGENERATE", "degenerate", "degenerate", "always the same number, whatever goes in" },
    [CHECK_UNRESOLVED] = { "UNRESOLVED", "unresolved", "unresolved", "rounding errors are too large to tell" },
    [CHECK_NOT_READ] = { "NOT READ", "not read", "not read", "could not be understood, and so was not checked" },
};

const char *check_verdict_name(check_verdict verdict)
{
    return verdict >= 0 && verdict < CHECK_VERDICTS ? words[verdict].name : "UNKNOWN";
}

const char *words_verdict_meaning(check_verdict verdict)
{
    return words[verdict].meaning;
}

const char *words_verdict_count(arena *a, check_verdict verdict, int count)
{
    return arena_format(a, "%d %s", count, count == 1 ? words[verdict].one : words[verdict].many);
}

const char *words_count(arena *a, int64_t count, const char *one, const char *many)
{
    return arena_format(a, "%lld %s", (long long)count, count == 1 ? one : many);
}

const check_verdict words_verdict_order[CHECK_VERDICTS] = { CHECK_HOLDS,      CHECK_HOLDS_IF,   CHECK_FAILS,
                                                            CHECK_DEGENERATE, CHECK_UNRESOLVED, CHECK_DEFINES,
                                                            CHECK_DECLARES,   CHECK_NOT_READ };

const char *words_counts(arena *a, const findings *all)
{
    text out = { .arena = a };
    text_add(&out, all->count ? words_count(a, all->count, "formula", "formulas") : "no formulas");
    const char *before = ": ";
    for (int i = 0; i < CHECK_VERDICTS; i++) {
        check_verdict v = words_verdict_order[i];
        if (all->verdicts[v] < 1)
            continue;
        text_format(&out, "%s%s", before, words_verdict_count(a, v, all->verdicts[v]));
        before = ", ";
    }
    if (all->mentions > 0)
        text_format(&out, "; %s without a relation", words_count(a, all->mentions, "mention", "mentions"));
    text_add(&out, ".");
    return text_done(&out);
}

const char *words_dependencies(arena *a, const finding *f, int node)
{
    text out = { .arena = a };
    int found = 0;
    for (int i = 0; i < f->edges; i++) {
        const graph_edge *e = &f->edge[i];
        if (e->to != node || e->from < 0 || e->from >= f->nodes)
            continue;
        if (found++)
            text_add(&out, ", ");
        else
            text_format(&out, "$%s$ depends on ", f->node[node].name);
        text_format(&out, "$%s$", f->node[e->from].name);
        if (e->cut > 0)
            text_format(&out, " (cut by condition %d)", e->cut);
    }
    return text_done(&out);
}

const char *words_summary(arena *a, const finding *f)
{
    const char *what = report_has(f->summary)   ? f->summary
                       : f->conditions > 0      ? f->condition[0]
                       : report_has(f->pattern) ? f->pattern
                                                : "";
    if (!report_has(f->instance))
        return what;
    return *what ? arena_format(a, "%s: %s", f->instance, what) : f->instance;
}

const char *words_where(arena *a, const counterexample *e)
{
    bool sizes = report_has(e->sizes), where = report_has(e->where);
    return arena_format(a, "%s%s%s%s", sizes ? "for " : "", sizes ? e->sizes : "", where ? sizes ? ", at " : "at " : "",
                        where ? e->where : "");
}

void words_two_numbers(double a, double b, char *first, char *second, size_t size)
{
    static const int digits[] = { 6, 9, 12, 17 };
    for (size_t i = 0; i < sizeof digits / sizeof *digits; i++) {
        snprintf(first, size, "%.*g", digits[i], a);
        snprintf(second, size, "%.*g", digits[i], b);
        if (strcmp(first, second) != 0)
            return;
    }
}

number_shape number_row_shape(const number_row *row)
{
    if (!row->value)
        return (number_shape){ 0, 0 };
    if (row->rank == 0)
        return (number_shape){ 1, 1 };
    if (row->rank == 1)
        return (number_shape){ row->columns ? row->rows * row->columns : row->rows, 1 };
    return (number_shape){ row->rows, row->columns };
}

bool report_put(FILE *stream, const text *whole)
{
    if (whole->arena->failed)
        return false;
    fwrite(text_done(whole), 1, whole->length, stream);
    return fflush(stream) == 0 && !ferror(stream);
}

const char *math_finding(arena *a, const finding *f, latex_form form)
{
    const char *source = f->item ? f->item->source : "";
    text out = { .arena = a };
    if (!f->formula) {
        if (form == LATEX_SOURCE)
            return source;
        text_add(&out, form == LATEX_MATHML ? "<code class=\"tex\">" : "");
        text_clean(&out, source, strlen(source), form == LATEX_MATHML ? ESCAPE_HTML : ESCAPE_LINE);
        text_add(&out, form == LATEX_MATHML ? "</code>" : "");
        return text_done(&out);
    }
    const char *written = latex_text(a, f->formula, form);
    if (form == LATEX_SOURCE)
        return written;
    text_add(&out, form == LATEX_MATHML ? "<math display=\"block\">" : "");
    text_clean(&out, written, strlen(written), form == LATEX_MATHML ? ESCAPE_MARKUP : ESCAPE_LINE);
    text_add(&out, form == LATEX_MATHML ? "</math>" : "");
    return text_done(&out);
}
