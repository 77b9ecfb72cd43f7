/* What a value is: element type, shape, strides, and views that share memory.
 *
 * An eddy_tensor is a small struct passed by pointer. It either owns its elements (`owned` is the block that
 * eddy_tensor_free frees) or looks at somebody else's (`owned` is NULL: a view, valid as long as the owner). Strides
 * count elements and may be 0 (broadcast) or negative (flipped). */
#ifndef EDDY_TENSOR_H
#define EDDY_TENSOR_H

#include "memory.h"

#ifdef __cplusplus
#include <initializer_list>
#endif

EDDY_C_BEGIN

enum { EDDY_MAX_RANK = 8 };

typedef enum eddy_dtype { EDDY_F32 = 1, EDDY_F64 = 2, EDDY_I32 = 3, EDDY_I64 = 4 } eddy_dtype;

EDDY_API size_t eddy_dtype_size(eddy_dtype dtype);      /* bytes of one element; 0 for what is no dtype */
EDDY_API const char *eddy_dtype_name(eddy_dtype dtype); /* "f32", "f64", "i32", "i64" */
EDDY_API bool eddy_dtype_is_float(eddy_dtype dtype);

/* rank 0 is a scalar. A shape with rank < 0 is no shape (more than 8 axes were given): every call refuses it with a
 * sentence. */
typedef struct eddy_shape {
    int rank;
    int64_t dim[EDDY_MAX_RANK];
} eddy_shape;

/* NULL dimensions, but for a scalar: no shape. */
EDDY_API eddy_shape eddy_shape_make(size_t rank, const int64_t *dim);
/* The number of elements; -1 when a dimension is negative, the rank is not 0..8, or the count times 8 bytes does not
 * fit. */
EDDY_API int64_t eddy_shape_count(const eddy_shape *shape);
EDDY_API bool eddy_shape_equal(const eddy_shape *a, const eddy_shape *b);
/* "(20, 800, 1)", "()" for a scalar, "(3,)" for a vector, as NumPy prints shapes. Returned by value so that several fit
 * in one sentence. */
typedef struct eddy_shape_text {
    char text[128];
} eddy_shape_text;
EDDY_API eddy_shape_text eddy_shape_format(const eddy_shape *shape);
/* NumPy's rule: align right, each pair equal or one of them 1. False when they do not broadcast. */
EDDY_API bool eddy_shape_broadcast(const eddy_shape *a, const eddy_shape *b, eddy_shape *out);
/* Maps axis -rank..rank-1 to 0..rank-1; -1 when out of range. */
EDDY_API int eddy_axis_index(int axis, int rank);

typedef struct eddy_tensor {
    void *data; /* the first element */
    eddy_dtype dtype;
    eddy_shape shape;
    int64_t stride[EDDY_MAX_RANK]; /* in elements */
    void *owned;                   /* the block to free, or NULL for a view */
} eddy_tensor;

/* A new contiguous tensor of zeros; *out is {0} after a failure. */
EDDY_API bool eddy_tensor_new(eddy_tensor *out, eddy_dtype dtype, eddy_shape shape, eddy_status *status);
/* A contiguous view of the caller's array. */
EDDY_API eddy_tensor eddy_tensor_wrap(void *data, eddy_dtype dtype, eddy_shape shape);
/* Frees what the tensor owns and clears it; NULL and views are fine. */
EDDY_API void eddy_tensor_free(eddy_tensor *tensor);

EDDY_API int64_t eddy_tensor_count(const eddy_tensor *tensor);
EDDY_API bool eddy_tensor_is_contiguous(const eddy_tensor *tensor);
/* The element at index[0..rank-1] as a double (i64 beyond 2^53 rounds). The index is not checked. */
EDDY_API double eddy_tensor_at(const eddy_tensor *tensor, const int64_t *index);
/* The element number `flat` in row-major order, whatever the strides. Not checked. */
EDDY_API double eddy_tensor_flat(const eddy_tensor *tensor, int64_t flat);
/* Copies elements between tensors of equal shape, any strides, converting the dtype (float to integer truncates,
 * saturating; NaN becomes 0). The two must not overlap. */
EDDY_API bool eddy_tensor_copy(const eddy_tensor *to, const eddy_tensor *from, eddy_status *status);

/* Views. None copies; each writes *out and returns true, or returns false with a sentence. */
/* One dimension may be -1 (inferred). False with a sentence if the strides do not allow a view: then copy first. */
EDDY_API bool eddy_tensor_reshape(eddy_tensor *out, const eddy_tensor *in, eddy_shape shape, eddy_status *status);
EDDY_API bool eddy_tensor_permute(eddy_tensor *out, const eddy_tensor *in, const int *axes, eddy_status *status);
/* Python's x[start:stop:step] along one axis: negative start and stop count from the end, both clamp; step may be
 * negative, not 0. EDDY_END as stop means "to the end in the direction of step". */
#define EDDY_END INT64_MAX
typedef struct eddy_range {
    int64_t start, stop, step;
} eddy_range;
EDDY_API bool eddy_tensor_slice(eddy_tensor *out, const eddy_tensor *in, int axis, eddy_range range,
                                eddy_status *status);
EDDY_API bool eddy_tensor_select(eddy_tensor *out, const eddy_tensor *in, int axis, int64_t index, eddy_status *status);
EDDY_API bool eddy_tensor_broadcast(eddy_tensor *out, const eddy_tensor *in, eddy_shape shape, eddy_status *status);

EDDY_C_END

#ifdef __cplusplus
inline eddy_shape eddy_shape_list(std::initializer_list<int64_t> dim)
{
    return eddy_shape_make(dim.size(), dim.begin());
}
#define EDDY_SHAPE(...) eddy_shape_list({ __VA_ARGS__ })
#define EDDY_SCALAR eddy_shape_make(0, nullptr)
#else
/* EDDY_SHAPE(20, 800, 1); EDDY_SCALAR has no axes. */
#define EDDY_SHAPE(...)                                                                                                \
    eddy_shape_make(sizeof((int64_t[]){ __VA_ARGS__ }) / sizeof(int64_t), (int64_t[]){ __VA_ARGS__ })
#define EDDY_SCALAR ((eddy_shape){ 0 })
#endif

#endif
