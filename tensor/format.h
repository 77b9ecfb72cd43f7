/* Printing tensors the way NumPy does: columns aligned, one exponent style for the whole tensor, large ones summarised.
 */
#ifndef EDDY_FORMAT_H
#define EDDY_FORMAT_H

#include "tensor.h"

#include <stdio.h>

EDDY_C_BEGIN

/* zero means the default */
typedef struct eddy_format_options {
    int precision;     /* digits after the point; default 4 */
    int64_t threshold; /* more elements than this are summarised; default 1000 */
    int64_t edge;      /* elements shown at each end of a summarised axis; default 3 */
    int width;         /* characters of a line; default 80 */
} eddy_format_options;

/* Text in memory of the library's allocator, zero-terminated, without a final newline; free it with eddy_free. NULL
 * when memory is short. */
EDDY_API char *eddy_tensor_format(const eddy_tensor *tensor, const eddy_format_options *options, eddy_status *status);
/* The text and a newline to a stream. */
EDDY_API bool eddy_tensor_print(FILE *stream, const eddy_tensor *tensor, eddy_status *status);

/* snprintf and vsnprintf, but numbers have a decimal point whatever the locale is. */
EDDY_API int eddy_snprintf(char *out, size_t size, const char *format, ...) EDDY_PRINTF(3, 4);
EDDY_API int eddy_vsnprintf(char *out, size_t size, const char *format, va_list arguments) EDDY_PRINTF(3, 0);
/* A decimal number, with a point whatever the locale is, that fills the text: no blanks around it, no hexadecimals, no
 * infinities or NaN; false for anything else, and for what is too large for a double. */
EDDY_API bool eddy_parse_number(const char *text, size_t length, double *out);

/* Text of unknown origin (a path, a name found in a file) as it may be shown on a terminal: control characters, other
 * commands to terminals and bytes that are not UTF-8 become \x1b and the like. Writes at most size bytes with the
 * zero, whole characters only, and returns how many stand before it. Sentences in an eddy_status are so already. */
EDDY_API size_t eddy_escape(char *out, size_t size, const char *text);

EDDY_C_END
#endif
