/* Expectations: what an annotation says of a formula, held against the finding. */
#include "check.h"
#include "reader.h"

#include <ctype.h>
#include <string.h>

static const char *canonical(arena *a, const char *words)
{
    const char *unicode = math_sentence(a, words, LATEX_UNICODE);
    text out = { .arena = a };
    for (const char *c = unicode; *c; c++)
        if (!isspace((unsigned char)*c) && *c != '$')
            text_add_n(&out, (char[]){ (char)tolower((unsigned char)*c) }, 1);
    return text_done(&out);
}

/* "a and b" is also "b and a". */
static bool same_condition(const char *found, const char *wanted)
{
    const char *and = strstr(wanted, "and");
    if (!strcmp(found, wanted))
        return true;
    if (!and)
        return false;
    size_t first = (size_t)(and-wanted), second = strlen(and+3);
    return strlen(found) == first + second + 3 && !strncmp(found, and+3, second) &&
           !strncmp(found + second, "and", 3) && !strncmp(found + second + 3, wanted, first);
}

/* A condition must be there as a whole; of the words about a false formula, a part. */
static bool said_somewhere(arena *a, const finding *f, const char *wanted)
{
    const char *want = canonical(a, wanted);
    for (int i = 0; i < f->conditions; i++) {
        const char *found = canonical(a, f->condition[i]), *remark = strrchr(found, '(');
        bool ends = remark && found[strlen(found) - 1] == ')'; /* "B = 1 (one sequence)" */
        if (same_condition(found, want) ||
            (ends && same_condition(arena_text(a, found, (size_t)(remark - found)), want)))
            return true;
    }
    const char *places[] = { f->summary, f->pattern, f->repair, f->missing };
    for (size_t i = 0; f->verdict != CHECK_HOLDS_IF && i < 4; i++)
        if (places[i] && strstr(canonical(a, places[i]), want))
            return true;
    for (int i = 0; f->verdict != CHECK_HOLDS_IF && i < f->notes; i++)
        if (strstr(canonical(a, f->note[i]), want))
            return true;
    return false;
}

void expectation_meet(arena *a, finding *f)
{
    static const struct {
        const char *words;
        check_verdict verdict;
    } kinds[] = { { "holds if", CHECK_HOLDS_IF },     { "holds", CHECK_HOLDS },
                  { "fails", CHECK_FAILS },           { "degenerate", CHECK_DEGENERATE },
                  { "unresolved", CHECK_UNRESOLVED }, { "not read", CHECK_NOT_READ },
                  { "defines", CHECK_DEFINES } };
    f->met = f->verdict == CHECK_DEFINES || f->verdict == CHECK_DECLARES || f->verdict == CHECK_HOLDS;
    if (!f->expected) {
        if (!f->met)
            f->unmet = "";
        return;
    }
    const char *words = f->expected;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t n = strlen(kinds[i].words);
        if (strncmp(words, kinds[i].words, n))
            continue;
        f->met = f->verdict == kinds[i].verdict;
        if (!f->met) {
            f->unmet = arena_format(a, "it was expected that it %s%s, but the verdict is %s",
                                    strcmp(kinds[i].words, "not read") && strcmp(kinds[i].words, "degenerate") &&
                                            strcmp(kinds[i].words, "unresolved")
                                        ? ""
                                        : "is ",
                                    kinds[i].words, check_verdict_name(f->verdict));
            return;
        }
        for (const char *rest = words + n; *rest;) { /* each further piece must be found */
            rest += strspn(rest, ":; \t\n");
            size_t length = strcspn(rest, ";");
            if (!length)
                break;
            const char *piece = arena_text(a, rest, length);
            if (!said_somewhere(a, f, piece)) {
                f->met = false;
                f->unmet = arena_format(a, "the verdict is as expected, but \"%s\" was not found", piece);
                return;
            }
            rest += length;
        }
        return;
    }
    f->met = false;
    f->unmet = arena_format(
        a, "the expectation \"%s\" begins with no verdict (holds, holds if, fails, degenerate, unresolved, not read)",
        words);
}
