/* Fuzz target: any bytes, read as a sheet of exercises, are a sheet or a sentence; what was read can be shown. */
#include "exercise.h"

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
    if (!size)
        return 0;
    arena a;
    arena_start(&a, bytes[0] & 1 ? (size_t)64 << 20 : 4096 + 64 * size); /* the smaller one runs out in places */
    sheet s = sheet_read(&a, "fuzz", (const char *)bytes, size);
    must(!s.sentence || *s.sentence);
    must(!a.failed || s.sentence);
    char *shown = NULL;
    size_t length = 0;
    FILE *out = a.failed ? NULL : open_memstream(&shown, &length);
    for (int i = 0; out && !s.sentence && i < s.count; i++) {
        const exercise *e = &s.exercise[i];
        must(e->id && *e->id && e->title && e->question && e->setup && e->wants > 0);
        must(e->level >= 1 && e->level <= 3 && e->kind < KINDS && sheet_find(&s, e->id) != NULL);
        for (int k = 0; k < e->wrongs; k++)
            must(e->wrong[k].latex && e->wrong[k].mistake > MISTAKE_NONE && e->wrong[k].mistake < MISTAKES);
        show_exercise(out, &a, e, i % 2 ? LANGUAGE_ZH : LANGUAGE_EN);
        show_exercise_json(out, &a, e);
    }
    if (out) {
        show_list(out, &a, &s, 1, &(progress){ 0 }, LANGUAGE_EN);
        fclose(out);
        for (size_t k = 0; k < length; k++) /* nothing steers the terminal */
            must((unsigned char)shown[k] >= 32 || shown[k] == '\n');
        free(shown);
    }
    arena_free(&a);
    return 0;
}
