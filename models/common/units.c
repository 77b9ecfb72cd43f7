/* Text as numbers. */
#include "units.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const size_t largest_text = (size_t)1 << 30;

size_t utf8_next(const char *text, size_t size, uint32_t *point)
{
    const unsigned char *b = (const unsigned char *)text;
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    size_t n = b[0] < 0x80                   ? 1
               : b[0] >= 0xc2 && b[0] < 0xe0 ? 2
               : (b[0] & 0xf0) == 0xe0       ? 3
               : (b[0] & 0xf8) == 0xf0       ? 4
                                             : 0;
    if (!n || n > size)
        return 0;
    uint32_t value = n == 1 ? b[0] : b[0] & (0x7fU >> n);
    for (size_t i = 1; i < n; i++) {
        if ((b[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (b[i] & 0x3fU);
    }
    if (value < least[n] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
        return 0;
    *point = value;
    return n;
}

size_t utf8_put(uint32_t point, char out[4])
{
    size_t n = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
    for (size_t i = n; i-- > 1;) {
        out[i] = (char)(0x80 | (point & 0x3f));
        point >>= 6;
    }
    out[0] = (char)(lead[n] | point);
    return n;
}

/* Counted from 1, in code points as far as they are any. */
static void place_of(const char *text, size_t at, int64_t *line, int64_t *column)
{
    *line = *column = 1;
    for (size_t i = 0; i < at; i++) {
        if (text[i] == '\n') {
            ++*line;
            *column = 1;
        } else if ((text[i] & 0xc0) != 0x80) {
            ++*column;
        }
    }
}

static bool check_utf8(const char *text, size_t size, const char *path, eddy_status *status)
{
    int64_t line, column;
    for (size_t at = 0, n; at < size; at += n) {
        uint32_t point;
        n = utf8_next(text + at, size - at, &point);
        if (n && point)
            continue;
        place_of(text, at, &line, &column);
        return eddy_status_fail(
            status,
            "%s, line %" PRId64 ", column %" PRId64 ": %s. ('eddy train text --units bytes' takes any file as it is.)",
            path, line, column, n ? "there is a zero byte, so this is no text" : "these bytes are no UTF-8");
    }
    return true;
}

bool text_read(char **text, size_t *size, const char *path, bool bytes, eddy_status *status)
{
    unsigned char *all;
    *text = NULL;
    if (!eddy_read_whole(&all, size, path, largest_text, status))
        return false;
    char *t = (char *)all;
    if (!bytes) {
        size_t kept = 0, from = *size >= 3 && !memcmp(t, "\xef\xbb\xbf", 3) ? 3 : 0;
        for (size_t i = from; i < *size; i++)
            if (t[i] != '\r' || i + 1 == *size || t[i + 1] != '\n')
                t[kept++] = t[i];
        *size = kept;
    }
    bool ok =
        (*size || eddy_status_fail(status, "%s is empty.", path)) && (bytes || check_utf8(t, *size, path, status));
    if (ok)
        *text = t;
    else
        eddy_free(all);
    return ok;
}

bool units_find(units *u, const char *text, size_t size, bool bytes, eddy_status *status)
{
    enum { POINTS = 0x110000 };
    *u = (units){ .bytes = bytes, .count = 256 };
    if (bytes)
        return true;
    unsigned char *seen = eddy_allocate(POINTS, 1);
    int64_t count = 0;
    uint32_t point = 0;
    for (size_t at = 0, n; seen && at < size; at += n) {
        n = utf8_next(text + at, size - at, &point);
        n += !n; /* the caller has checked */
        count += !seen[point];
        seen[point] = 1;
    }
    u->count = count;
    u->point = eddy_allocate((size_t)count, sizeof *u->point);
    bool ok = seen && u->point;
    for (uint32_t p = 0, k = 0; ok && p < POINTS; p++)
        if (seen[p])
            u->point[k++] = p;
    eddy_free(seen);
    return ok || eddy_status_fail(status, "There is no memory for the characters of a text.");
}

static int32_t find(const units *u, uint32_t point)
{
    int64_t low = 0, high = u->count;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (u->point[middle] < point)
            low = middle + 1;
        else
            high = middle;
    }
    return low < u->count && u->point[low] == point ? (int32_t)low : -1;
}

bool units_encode(const units *u, unit_text *out, const char *text, size_t size, const char *name, eddy_status *status)
{
    *out = (unit_text){ eddy_allocate(size ? size : 1, sizeof(int32_t)), 0 };
    if (!out->unit)
        return eddy_status_fail(status, "There is no memory for %zu bytes of text.", size);
    for (size_t at = 0, n = 1; at < size; at += n) {
        uint32_t point = (unsigned char)text[at];
        n = u->bytes ? 1 : utf8_next(text + at, size - at, &point);
        int32_t unit = u->bytes ? (int32_t)point : n ? find(u, point) : -1;
        if (unit < 0) {
            int64_t line, column;
            place_of(text, at, &line, &column);
            char shown[32], one[5] = { 0 };
            memcpy(one, text + at, n);
            eddy_escape(shown, sizeof shown, n ? one : "no UTF-8");
            unit_text_free(out);
            return eddy_status_fail(status,
                                    "%s, line %" PRId64 ", column %" PRId64
                                    ": the model has never seen \"%s\"; it knows %" PRId64 " characters.",
                                    name, line, column, shown, u->count);
        }
        out->unit[out->count++] = unit;
    }
    return true;
}

size_t units_decode(const units *u, int32_t unit, char out[4])
{
    if (!u->bytes)
        return utf8_put(u->point[unit], out);
    out[0] = (char)unit;
    return 1;
}

void units_free(units *u)
{
    eddy_free(u->point);
    *u = (units){ 0 };
}

void unit_text_free(unit_text *t)
{
    eddy_free(t->unit);
    *t = (unit_text){ 0 };
}

void units_describe(const units *u, card *c)
{
    card_text(c, "units", u->bytes ? "bytes" : "chars");
    char *text = u->bytes ? NULL : eddy_allocate((size_t)u->count * 4 + 1, 1);
    size_t used = 0;
    for (int64_t i = 0; text && i < u->count; i++)
        used += utf8_put(u->point[i], text + used);
    if (text)
        card_text(c, "characters", text);
    else if (!u->bytes)
        c->failed = true;
    eddy_free(text);
}

bool units_read(units *u, const card *c, eddy_status *status)
{
    const char *kind = card_find(c, "units"), *text = card_find(c, "characters");
    *u = (units){ .bytes = true, .count = 256 };
    if (kind && !strcmp(kind, "bytes"))
        return true;
    if (!kind || strcmp(kind, "chars") || !text || !check_utf8(text, strlen(text), "eddy.characters", NULL) || !*text)
        return eddy_status_fail(status, "The model file is damaged: it does not say the characters that it knows.");
    return units_find(u, text, strlen(text), false, status);
}
