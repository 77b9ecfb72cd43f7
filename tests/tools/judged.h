/* Whole documents, each formula's verdict by its tag: for test suites. */
#ifndef EDDY_TESTS_JUDGED_H
#define EDDY_TESTS_JUDGED_H

#include "test.h"

#include "judge.h"

#include <stdio.h>
#include <string.h>

static arena memory;

static void start(void)
{
    arena_start(&memory, (size_t)1 << 30);
}

static void finish(void)
{
    arena_free(&memory);
}

static const findings *checked(const char *lines, const char *const *formula, size_t count)
{
    text source = { .arena = &memory };
    text_format(&source, "<!-- eddy\n%s\n-->\n", lines);
    for (size_t i = 0; i < count; i++)
        text_format(&source, "$$%s \\tag{%zu}$$\n", formula[i], i);
    const char *bytes = text_done(&source);
    document d = document_read(&memory, "test.md", DOCUMENT_MARKDOWN, bytes, strlen(bytes));
    ck_assert_msg(!d.sentence, "%s", d.sentence ? d.sentence : "");
    const findings *all = check_document(&memory, &d, &(check_options){ .seconds = 100 });
    ck_assert_ptr_nonnull(all);
    return all;
}

typedef struct claim {
    const char *formula, *said; /* "VERDICT" or "VERDICT: words of the summary or of the reading" */
} claim;

static void judged(const char *lines, const claim *list, size_t count)
{
    const char *formula[32];
    ck_assert_uint_le(count, 32);
    for (size_t i = 0; i < count; i++)
        formula[i] = list[i].formula;
    const findings *all = checked(lines, formula, count);
    for (int i = 0; i < all->count; i++) {
        const finding *f = &all->finding[i];
        size_t which = (size_t)(f->id[0] - '0');
        ck_assert_msg(f->id[0] >= '0' && f->id[0] <= '9', "%s: %s: %s", lines, f->id, f->summary);
        if (f->id[1] >= '0' && f->id[1] <= '9') /* not of "0 (2)" */
            which = 10 * which + (size_t)(f->id[1] - '0');
        const char *said = list[which].said, *words = strstr(said, ": "), *verdict = check_verdict_name(f->verdict);
        size_t length = words ? (size_t)(words - said) : strlen(said);
        ck_assert_msg(strlen(verdict) == length && !strncmp(said, verdict, length) &&
                          (!words || strstr(f->summary, words + 2)),
                      "%s\n    is  %s: %s\n    not %s", list[which].formula, verdict, f->summary, said);
        ck_assert_msg(!strstr(f->summary, "report this"), "%s", f->summary);
    }
}
#define JUDGED(setup, list) judged(setup, list, sizeof list / sizeof *list)

#endif
