/* Printing tensors the way NumPy does: columns aligned, one exponent style for the whole tensor, large ones summarised.
 */
#ifndef EDDY_FORMAT_H
#define EDDY_FORMAT_H

#include "tensor.h"

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

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

#ifdef __cplusplus
}
#endif
#endif
