/* Internal: what the file formats share. Reading a whole file; elements as bytes. (Writing: writer.h.) Every sentence
 * begins with the path, because the callers' users know the file and not the function. */
#ifndef EDDY_FILE_H
#define EDDY_FILE_H

#include "tensor.h"
#include "text_buffer.h"
#include "writer.h"

/* The whole of a regular file of at most `limit` bytes, in a block for eddy_free (never NULL after success). */
bool eddy_file_read(unsigned char **bytes, size_t *size, const char *path, size_t limit, eddy_status *status);

/* "PATH: cannot WHAT: REASON", the reason from an errno. Returns false. */
bool eddy_file_fail(eddy_status *status, const char *path, const char *what, int error);

/* The elements in row-major order, little-endian, in the tensor's dtype. */
bool eddy_file_write_tensor(eddy_writer *writer, const eddy_tensor *tensor);

/* Element types found in files, and the dtype that holds each. */
typedef enum eddy_encoding {
    EDDY_ENCODING_BOOL,
    EDDY_ENCODING_I8,
    EDDY_ENCODING_U8,
    EDDY_ENCODING_I16,
    EDDY_ENCODING_U16,
    EDDY_ENCODING_F16,
    EDDY_ENCODING_BF16,
    EDDY_ENCODING_I32,
    EDDY_ENCODING_U32,
    EDDY_ENCODING_F32,
    EDDY_ENCODING_I64,
    EDDY_ENCODING_U64,
    EDDY_ENCODING_F64
} eddy_encoding;

size_t eddy_encoding_size(eddy_encoding encoding);
eddy_dtype eddy_encoding_dtype(eddy_encoding encoding);
/* Fills a tensor of eddy_encoding_dtype(encoding), in its row-major order, from as many elements of bytes. False when a
 * U64 element exceeds 2^63-1; *at is then its number in the file's order. */
bool eddy_decode(const eddy_tensor *out, const unsigned char *bytes, eddy_encoding encoding, bool big_endian,
                 int64_t *at);

#endif
