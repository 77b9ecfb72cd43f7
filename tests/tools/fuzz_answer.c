/* Fuzz target: an exercise's id on a line, then any bytes as the answer. It is marked, twice the same, or refused with
 * a sentence, and its marks can be shown. */
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

static const exercise *asked(arena *a, const char *bytes, size_t size, size_t *used)
{
    static char id[32];
    const char *newline = memchr(bytes, '\n', size);
    *used = newline && newline - bytes < (long)sizeof id ? (size_t)(newline - bytes) + 1 : 0;
    memcpy(id, bytes, *used);
    id[*used ? *used - 1 : 0] = 0;
    const char *source, *name;
    for (int which = 0; (source = sheet_built_in(LANGUAGE_EN, which, &name)) != NULL; which++) {
        if (strncmp(id, name, strlen(name)) != 0 && strcmp(name, "scalar") != 0)
            continue;
        sheet s = sheet_read(a, name, source, strlen(source));
        must(!s.sentence);
        sheet *kept = ARENA_NEW(a, sheet);
        *kept = s;
        const exercise *e = sheet_find(kept, id);
        if (e || !strcmp(name, "scalar"))
            return e ? e : sheet_find(kept, "scalar-1");
    }
    return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    arena a;
    arena_start(&a, (size_t)256 << 20);
    size_t used = 0;
    const exercise *e = asked(&a, (const char *)bytes, size, &used);
    must(e != NULL);
    language l = size % 2 ? LANGUAGE_ZH : LANGUAGE_EN;
    const marking *m = mark_answer(&a, e, (const char *)bytes + used, size - used, size % 3 == 0, l);
    must(m || a.failed);
    if (m) {
        must(m->mark == MARK_RIGHT || m->mark == MARK_RIGHT_IF || m->mark == MARK_WRONG || m->mark == MARK_NOT_READ ||
             m->mark == MARK_NOTHING || m->mark == MARK_TERMS);
        must(m->count || (m->sentence && *m->sentence));
        char *shown = NULL;
        size_t length = 0;
        FILE *out = open_memstream(&shown, &length);
        if (out) {
            show_marking(out, &a, m, 3, l);
            show_marking_json(out, &a, m, 3);
            fclose(out);
            for (size_t k = 0; k < length; k++)
                must((unsigned char)shown[k] >= 32 || shown[k] == '\n');
            free(shown);
        }
    }
    arena_free(&a);
    return 0;
}
