/* Fuzz target (clang -fsanitize=fuzzer): any bytes are read as formulas or refused with a sentence; what was read,
 * written out as LaTeX, reads back the same. */
#include "reader.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    arena a;
    arena_start(&a, size & 1 ? (size_t)64 << 20 : 4096 + 64 * size); /* the smaller one runs out in places */
    latex_result read = latex_read(&a, (const char *)bytes, size);
    if ((!read.sentence && !read.count) || (read.sentence && !*read.sentence))
        abort(); /* what stands whole in front of an unreadable formula is kept beside the sentence */
    for (int k = 0; k < read.count && !a.failed; k++) {
        const char *source = latex_text(&a, read.formula[k], LATEX_SOURCE);
        latex_text(&a, read.formula[k], LATEX_UNICODE);
        latex_text(&a, read.formula[k], LATEX_MATHML);
        latex_result again = strlen(source) <= LATEX_LONGEST ? latex_read(&a, source, strlen(source)) : read;
        if (a.failed || strlen(source) > LATEX_LONGEST)
            break;
        if (again.sentence && (strstr(again.sentence, "nested") || !strncmp(again.sentence, "there is no memory", 18)))
            continue; /* brackets that had to be added */
        if (again.count != 1 || !tree_equal(again.formula[0], read.formula[k])) {
            fprintf(stderr, "%.*s\nis written as\n%s\n%s\n", (int)size, (const char *)bytes, source,
                    again.sentence ? again.sentence : "");
            abort();
        }
    }
    arena_free(&a);
    return 0;
}
