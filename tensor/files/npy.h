/* NumPy's .npy files: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 *
 * Reads versions 1.0, 2.0 and 3.0, C and Fortran order, both byte orders. dtypes: f2, f4 become f32; f8 f64; b1, i1,
 * i2, u1, u2, i4 become i32; i8, u4 and u8 become i64 (a u8 value above 2^63-1 is an error). Structured, object, string
 * and complex arrays are refused by name. Nothing in the file is trusted: sizes are checked for overflow and against
 * the file's length before memory is asked for. */
#ifndef EDDY_NPY_H
#define EDDY_NPY_H

#include "tensor.h"

EDDY_C_BEGIN

/* *out owns its elements; {0} after a failure. */
EDDY_API bool eddy_npy_load(eddy_tensor *out, const char *path, eddy_status *status);
/* The same from bytes in memory; `name` is what sentences call them. */
EDDY_API bool eddy_npy_parse(eddy_tensor *out, const void *bytes, size_t size, const char *name, eddy_status *status);
/* Writes version 1.0, C order, little-endian, in the tensor's own dtype; atomically (temporary file, fsync, rename). */
EDDY_API bool eddy_npy_save(const eddy_tensor *tensor, const char *path, eddy_status *status);

EDDY_C_END
#endif
