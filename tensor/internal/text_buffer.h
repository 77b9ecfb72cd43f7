/* Internal: text that is put together piece by piece: printing of tensors, headers of files, graphs. */
#ifndef EDDY_TEXT_BUFFER_H
#define EDDY_TEXT_BUFFER_H

#include "tensor.h"

/* Text that grows; after a failed allocation it stays as it is and `failed` says so, so that only the end needs a
 * check. Zero-terminated once something was added. */
typedef struct eddy_text {
    char *data;
    size_t size, capacity;
    bool failed;
} eddy_text;

void eddy_text_add(eddy_text *text, const char *bytes, size_t size);
void eddy_text_print(eddy_text *text, const char *format, ...) EDDY_PRINTF(2, 3); /* at most 255 characters at a time */

/* Appends to the text in an array of `size` bytes, as much as there is room for. */
void eddy_append(char *text, size_t size, const char *format, ...) EDDY_PRINTF(3, 4);

/* The bytes of the UTF-8 character at the start of text, or 0 when it is none. */
size_t eddy_utf8_length(const unsigned char *text, size_t size);
#endif
