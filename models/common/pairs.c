/* Pairs of sentences. */
#include "pairs.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool no_memory(eddy_status *status)
{
    return eddy_status_fail(status, "There is no memory for pairs of sentences.");
}

void pairs_free(pairs *p)
{
    eddy_free(p->text);
    eddy_free(p->from);
    eddy_free(p->to);
    *p = (pairs){ 0 };
}

static int64_t characters(const char *text)
{
    int64_t n = 0;
    for (; *text; text++)
        n += (*text & 0xc0) != 0x80;
    return n;
}

bool pairs_load(pairs *out, const char *path, int64_t longest, bool swap, int64_t *left_out, eddy_status *status)
{
    size_t size;
    int64_t lines = 1, number = 0;
    *out = (pairs){ 0 };
    *left_out = 0;
    if (!text_read(&out->text, &size, path, false, status))
        return false;
    for (size_t i = 0; i < size; i++)
        lines += out->text[i] == '\n';
    char *whole = eddy_reallocate(out->text, size + 1, 1);
    out->text = whole ? whole : out->text;
    out->from = eddy_allocate((size_t)lines, sizeof *out->from);
    out->to = eddy_allocate((size_t)lines, sizeof *out->to);
    bool ok = (whole && out->from && out->to) || no_memory(status);
    if (ok)
        whole[size] = 0;
    for (char *line = whole, *next; ok && line && *line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = 0;
        number++;
        char *tab = strchr(line, '\t'), *end = tab ? strchr(tab + 1, '\t') : NULL;
        if (tab)
            *tab = 0;
        if (end)
            *end = 0;
        if (!tab || tab == line || !tab[1]) {
            ok = eddy_status_fail(status, "%s, line %" PRId64 ": %s.", path, number,
                                  tab ? "a sentence is empty" : "there is no tab between two sentences");
        } else if (characters(line) > longest || characters(tab + 1) > longest) {
            ++*left_out;
        } else {
            out->from[out->count] = swap ? tab + 1 : line;
            out->to[out->count++] = swap ? line : tab + 1;
        }
    }
    if (!ok)
        pairs_free(out);
    return ok;
}

bool pairs_demo(pairs *out, int64_t count, uint64_t seed, eddy_status *status)
{
    enum { ROOM = 64 };
    static const char *const months[] = { "January", "February", "March",     "April",   "May",      "June",
                                          "July",    "August",   "September", "October", "November", "December" };
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    *out = (pairs){ eddy_allocate((size_t)count, ROOM), eddy_allocate((size_t)count, sizeof *out->from),
                    eddy_allocate((size_t)count, sizeof *out->to), count };
    if (!out->text || !out->from || !out->to) {
        pairs_free(out);
        return no_memory(status);
    }
    for (int64_t i = 0; i < count; i++) {
        uint64_t bits = eddy_random_bits((eddy_random){ seed, 0xda7e }, (uint64_t)i);
        int year = 1900 + (int)(bits % 200), month = (int)(bits / 256 % 12), form = (int)(bits / 65536 % 6);
        int day = 1 + (int)((bits >> 32) % (uint64_t)days[month]);
        char *from = out->text + i * ROOM, *to = from + 40;
        static const char *const ends[] = { "th", "st", "nd", "rd" };
        const char *end = ends[day % 10 > 3 || day / 10 == 1 ? 0 : day % 10];
        if (form == 0)
            snprintf(from, 40, "%d %s %d", day, months[month], year);
        else if (form == 1)
            snprintf(from, 40, "%s %d, %d", months[month], day, year);
        else if (form == 2)
            snprintf(from, 40, "%d.%d.%d", day, month + 1, year);
        else if (form == 3)
            snprintf(from, 40, "the %d%s of %s %d", day, end, months[month], year);
        else if (form == 4)
            snprintf(from, 40, "%.3s %d %d", months[month], day, year);
        else
            snprintf(from, 40, "%d/%02d/%02d", year, month + 1, day);
        snprintf(to, 24, "%04d-%02d-%02d", year, month + 1, day);
        out->from[i] = from;
        out->to[i] = to;
    }
    return true;
}

/* ---- As numbers ---- */

bool sentences_encode(sentences *s, units *u, const char **text, int64_t count, eddy_status *status)
{
    size_t size = 0;
    for (int64_t i = 0; i < count; i++)
        size += strlen(text[i]);
    char *joined = eddy_allocate(size + 1, 1);
    s->unit = eddy_allocate(size + (size_t)count, sizeof *s->unit);
    s->begin = eddy_allocate((size_t)count + 1, sizeof *s->begin);
    bool ok = (joined && s->unit && s->begin) || no_memory(status);
    size_t used = 0;
    for (int64_t i = 0; ok && i < count; i++) {
        memcpy(joined + used, text[i], strlen(text[i]));
        used += strlen(text[i]);
    }
    ok = ok && units_find(u, joined, size, false, status);
    int64_t at = 0;
    for (int64_t i = 0; ok && i < count; i++) {
        unit_text t;
        ok = units_encode(u, &t, text[i], strlen(text[i]), "the data", status);
        s->begin[i] = at;
        for (int64_t k = 0; ok && k < t.count; k++)
            s->unit[at++] = t.unit[k] + 1;
        s->longest = ok && t.count > s->longest ? t.count : s->longest;
        unit_text_free(&t);
    }
    if (ok)
        s->begin[count] = at;
    eddy_free(joined);
    return ok;
}

void sentences_free(sentences *s)
{
    eddy_free(s->unit);
    eddy_free(s->begin);
    *s = (sentences){ 0 };
}
