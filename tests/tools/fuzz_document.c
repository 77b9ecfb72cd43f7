/* Fuzz target (clang -fsanitize=fuzzer): any bytes are read as a document, or refused with a sentence; so is every
 * setup in it, and the bytes themselves as a setup. The first byte says which type of document. */
#include "report.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void must(bool right)
{
    if (!right)
        abort();
}

static void read_setup(arena *a, const char *source, int line)
{
    setup s = setup_read(a, source, line);
    must(!s.sentence || *s.sentence);
    for (int k = 0; !s.sentence && k < s.count; k++) {
        const setup_statement *st = &s.statement[k];
        must(st->words && st->line >= line && st->rank >= 0 && st->rank <= 2 &&
             (k == 0 || st->line >= s.statement[k - 1].line));
        must(st->kind != SETUP_GIVEN || st->symbol);
        must(st->kind != SETUP_FORMULA || st->value);
        must(!st->count || st->list);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (!size)
        return 0;
    arena a;
    arena_start(&a, bytes[0] & 2 ? (size_t)64 << 20 : 4096 + 64 * size); /* the smaller one runs out in places */
    document d =
        document_read(&a, "fuzz", bytes[0] & 1 ? DOCUMENT_TEX : DOCUMENT_MARKDOWN, (const char *)bytes + 1, size - 1);
    must(!d.sentence || *d.sentence);
    must(!a.failed || d.sentence);
    int line = 0, lines = 1;
    for (size_t k = 1; k < size; k++)
        lines += bytes[k] == '\n';
    for (int k = 0; k < d.count; k++) {
        const document_item *i = &d.item[k];
        must(i->id && *i->id && i->heading && i->line >= line && i->line <= lines && i->column >= 1);
        must(i->kind == DOCUMENT_SETUP || *i->source);
        line = i->line;
        if (i->kind == DOCUMENT_SETUP)
            read_setup(&a, i->source, i->line);
    }
    findings none = { .document = "fuzz" };
    FILE *page = d.sentence ? NULL : fopen("/dev/null", "w");
    if (page) { /* the document around its formulas, whatever it is */
        must(report_html(page, &d, &none, "fuzz"));
        fclose(page);
    }
    char *copy = arena_new(&a, size, 1);
    if (copy) {
        memcpy(copy, bytes + 1, size - 1);
        read_setup(&a, copy, 1);
    }
    arena_free(&a);
    return 0;
}
