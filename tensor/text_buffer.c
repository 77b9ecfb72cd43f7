/* Text that grows; see text.h. */
#include "text_buffer.h"
#include "format.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void eddy_text_add(eddy_text *text, const char *bytes, size_t size)
{
    if (text->failed || size > PTRDIFF_MAX - text->size - 1) {
        text->failed = true;
        return;
    }
    if (text->size + size + 1 > text->capacity) {
        size_t capacity = text->size + size + 1;
        if (text->capacity < PTRDIFF_MAX / 2 && capacity < 2 * text->capacity)
            capacity = 2 * text->capacity;
        char *grown = eddy_reallocate(text->data, capacity < 256 ? 256 : capacity, 1);
        if (!grown) {
            text->failed = true;
            return;
        }
        text->data = grown;
        text->capacity = capacity < 256 ? 256 : capacity;
    }
    if (size)
        memcpy(text->data + text->size, bytes, size);
    text->size += size;
    text->data[text->size] = 0;
}

void eddy_text_print(eddy_text *text, const char *format, ...)
{
    char piece[256];
    va_list arguments;
    va_start(arguments, format);
    int size = eddy_vsnprintf(piece, sizeof piece, format, arguments);
    va_end(arguments);
    if (size < 0 || (size_t)size >= sizeof piece)
        text->failed = true;
    else
        eddy_text_add(text, piece, (size_t)size);
}

void eddy_append(char *text, size_t size, const char *format, ...)
{
    size_t used = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    if (used < size && eddy_vsnprintf(text + used, size - used, format, arguments) < 0)
        text[used] = 0;
    va_end(arguments);
}

int eddy_vsnprintf(char *out, size_t size, const char *format, va_list arguments)
{
    /* The locale of this thread only, and of this call; if there is none to be had, the caller's stays. */
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0), before = plain ? uselocale(plain) : (locale_t)0;
    int length = vsnprintf(out, size, format, arguments);
    if (plain) {
        uselocale(before);
        freelocale(plain);
    }
    return length;
}

int eddy_snprintf(char *out, size_t size, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = eddy_vsnprintf(out, size, format, arguments);
    va_end(arguments);
    return length;
}

bool eddy_parse_number(const char *text, size_t length, double *out)
{
    char copy[400], *end = copy; /* more digits than the longest double has between its point and its last */
    if (!text || !length || length >= sizeof copy || memchr(text, 0, length))
        return false;
    memcpy(copy, text, length);
    copy[length] = 0;
    if (strspn(copy, "+-.0123456789eE") != length)
        return false;
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0), before = plain ? uselocale(plain) : (locale_t)0;
    double value = strtod(copy, &end);
    if (plain) {
        uselocale(before);
        freelocale(plain);
    }
    if (*end || !isfinite(value))
        return false;
    *out = value;
    return true;
}

size_t eddy_utf8_length(const unsigned char *text, size_t size)
{
    if (!size)
        return 0;
    unsigned char lead = text[0];
    if (lead < 0x80)
        return 1;
    size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || length > size)
        return 0;
    for (size_t k = 1; k < length; k++)
        if ((text[k] & 0xC0) != 0x80)
            return 0;
    /* Longer than needed, a surrogate, or beyond U+10FFFF. */
    unsigned char low = lead == 0xE0   ? 0xA0
                        : lead == 0xF0 ? 0x90
                                       : 0x80,
                  high = lead == 0xED   ? 0x9F
                         : lead == 0xF4 ? 0x8F
                                        : 0xBF;
    if (text[1] < low || text[1] > high)
        return 0;
    return length;
}

/* Characters that a terminal or an editor obeys instead of showing: controls, line separators, changes of direction. */
static bool is_command(const unsigned char *at, size_t length)
{
    if (length == 1)
        return *at < 0x20 || *at == 0x7F;
    if (length == 2)
        return at[0] == 0xC2 && at[1] < 0xA0;
    if (length != 3 || at[0] != 0xE2)
        return false;
    unsigned code = (at[1] & 0x3Fu) << 6 | (at[2] & 0x3Fu); /* of U+2000 to U+2FFF */
    return (code >= 0x28 && code <= 0x2E) || (code >= 0x66 && code <= 0x69);
}

size_t eddy_escape(char *out, size_t size, const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    size_t left = text ? strlen(text) : 0, used = 0;
    while (left) {
        char piece[20];
        size_t length = eddy_utf8_length(at, left), shown = length;
        if (length && !is_command(at, length))
            memcpy(piece, at, length);
        else {
            shown = 0;
            for (size_t k = 0; k < (length ? length : 1); k++)
                shown += (size_t)snprintf(piece + shown, sizeof piece - shown, "\\x%02x", at[k]);
        }
        if (used + shown >= size)
            break; /* never half a character */
        memcpy(out + used, piece, shown);
        used += shown;
        at += length ? length : 1;
        left -= length ? length : 1;
    }
    if (size)
        out[used] = 0;
    return used;
}
