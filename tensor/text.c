/* Text that grows; see text.h. */
#include "text.h"

#include <stdio.h>
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
    int size = vsnprintf(piece, sizeof piece, format, arguments);
    va_end(arguments);
    if (size < 0 || (size_t)size >= sizeof piece)
        text->failed = true;
    else
        eddy_text_add(text, piece, (size_t)size);
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
