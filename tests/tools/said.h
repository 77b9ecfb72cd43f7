/* Formulas after some lines of a setup, each with its verdict and a part of what is said of it. */
#ifndef EDDY_TESTS_SAID_H
#define EDDY_TESTS_SAID_H

#include "test.h"

#include "judge.h"
#include "report.h"

#include <string.h>

typedef struct reading {
    const char *setup, *formula, *said; /* said: "VERDICT" or "VERDICT: words of the summary" */
} reading;

static arena memory;

static void start(void)
{
    arena_start(&memory, (size_t)1 << 30);
}

static void finish(void)
{
    arena_free(&memory);
}

/* Of the last finding of the document; of a setup's if there is one. */
static const char *said_of(const reading *r)
{
    const char *source = arena_format(&memory, "<!-- eddy\n%s\n-->\n$$%s$$\n", r->setup, r->formula);
    document d = document_read(&memory, "test.md", DOCUMENT_MARKDOWN, source, strlen(source));
    ck_assert_msg(!d.sentence, "%s", d.sentence ? d.sentence : "");
    findings *all = check_document(&memory, &d, &(check_options){ .seconds = 60 });
    ck_assert_msg(all && all->count, "%s", r->formula);
    const finding *f = &all->finding[all->count - 1];
    for (int i = 0; i < all->count; i++)
        if (strncmp(all->finding[i].id, "line", 4))
            f = &all->finding[i];
    return arena_format(&memory, "%s: %s", check_verdict_name(f->verdict),
                        math_sentence(&memory, f->summary, LATEX_UNICODE));
}

static void all_said(const reading *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *is = said_of(&list[i]), *words = strchr(list[i].said, ':');
        size_t verdict = words ? (size_t)(words - list[i].said) : strlen(list[i].said);
        bool right =
            !strncmp(is, list[i].said, verdict) && is[verdict] == ':' && (!words || strstr(is + verdict, words + 2));
        ck_assert_msg(right, "%s | %s\n    is   %s\n    not  %s", list[i].setup, list[i].formula, is, list[i].said);
    }
}
#define SAID(list) all_said(list, sizeof list / sizeof *list)

#endif
