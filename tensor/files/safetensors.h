/* .safetensors files: an 8-byte little-endian header length, a JSON header, the elements.
 * https://github.com/huggingface/safetensors
 *
 * Reading: F32, F64, I32, I64 stay; F16 and BF16 become f32; I8, U8, BOOL, I16, U16 become i32; U32 and U64 become i64.
 * Nothing is trusted: the header may not exceed 100 MB, offsets must be in range, must not overlap, must leave no hole
 * and must match shape and dtype; names are unique. */
#ifndef EDDY_SAFETENSORS_H
#define EDDY_SAFETENSORS_H

#include "tensor.h"

EDDY_C_BEGIN

typedef struct eddy_named_tensor {
    char *name;
    eddy_tensor tensor;
} eddy_named_tensor;

typedef struct eddy_metadata {
    char *key, *value;
} eddy_metadata;

/* tensors in the order of their elements in the file; metadata in the file's order */
typedef struct eddy_safetensors {
    eddy_named_tensor *tensors;
    size_t count;
    eddy_metadata *metadata;
    size_t metadata_count;
} eddy_safetensors;

/* *out owns everything in it and is {0} after a failure; free it with eddy_safetensors_free. */
EDDY_API bool eddy_safetensors_load(eddy_safetensors *out, const char *path, eddy_status *status);
EDDY_API bool eddy_safetensors_parse(eddy_safetensors *out, const void *bytes, size_t size, const char *name,
                                     eddy_status *status);
EDDY_API void eddy_safetensors_free(eddy_safetensors *file);
/* NULL when there is none of that name (or key). The pointer lives as long as the file. */
EDDY_API const eddy_tensor *eddy_safetensors_find(const eddy_safetensors *file, const char *name);
EDDY_API const char *eddy_safetensors_value(const eddy_safetensors *file, const char *key);
/* Writes tensors (any strides) with their names and metadata; atomically. Names and values are UTF-8. A repeated name
 * is an error. */
EDDY_API bool eddy_safetensors_save(const eddy_safetensors *file, const char *path, eddy_status *status);

EDDY_C_END
#endif
