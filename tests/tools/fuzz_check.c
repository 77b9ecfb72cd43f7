/* Like a fuzz target, but only replayed (an input takes long): any bytes, read as Markdown, are judged; every
 * formula gets a verdict with its words, and holds whether or not more is asked for. */
#include "judge.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void must(bool right)
{
    if (!right)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    arena a;
    arena_start(&a, (size_t)64 << 20);
    document d = document_read(&a, "fuzz", DOCUMENT_MARKDOWN, (const char *)bytes, size);
    if (!d.sentence) {
        findings *all = check_document(&a, &d, &(check_options){ .seconds = 20 }),
                 *quick = all ? check_document(&a, &d, &(check_options){ .seconds = 20, .quick = true }) : NULL;
        int verdicts[CHECK_VERDICTS] = { 0 };
        must(!quick || a.failed || quick->count == all->count);
        for (int i = 0; quick && !a.failed && i < all->count; i++) {
            const finding *f = &all->finding[i], *q = &quick->finding[i];
            must(f->verdict >= 0 && f->verdict < CHECK_VERDICTS && f->id && *f->id);
            must(f->verdict != CHECK_NOT_READ || *f->summary);
            must((f->verdict == CHECK_HOLDS_IF) == (f->conditions > 0));
            must(f->verdict == CHECK_NOT_READ || q->verdict == CHECK_NOT_READ ||
                 (f->verdict == CHECK_HOLDS) == (q->verdict == CHECK_HOLDS));
            verdicts[f->verdict]++;
        }
        must(!quick || a.failed || !memcmp(verdicts, all->verdicts, sizeof verdicts));
    }
    arena_free(&a);
    return 0;
}
