/* Making batches of sequences, on the host: padding, shuffling, bucketing, windows, scaling. */
#ifndef EDDY_BATCH_H
#define EDDY_BATCH_H

#include "random.h"
#include "safetensors.h"
#include "tensor.h"

EDDY_C_BEGIN

/* `count` sequences (length_i, features) of one dtype and number of features, chosen by index[] (NULL: all in order)
 * and padded with zeros to the longest or to `time` steps if that is > 0 -> out (time, count, features), a new tensor;
 * lengths[count] unless NULL. A sequence may have no steps. */
EDDY_API bool eddy_pad_sequences(eddy_tensor *out, int64_t *lengths, const eddy_tensor *sequences, const int64_t *index,
                                 int64_t count, int64_t time, eddy_status *status);
/* Batches of at most `size` sequences of similar length (Khomenko et al. 2016): order[count] is filled so that batch k
 * is order[k size] .. ; sequences are shuffled, sorted by length within groups of `group` batches, and the batches
 * shuffled (but for the last if it is not full). group 0: all in one group, the least padding; 1: plain shuffling.
 * Another epoch: another random.stream. */
EDDY_API bool eddy_bucket(int64_t *order, const int64_t *lengths, int64_t count, int64_t size, int64_t group,
                          eddy_random random, eddy_status *status);
/* Sliding windows over series (time, features): window n is series[n stride .. n stride + length - 1] -> a view
 * (length, windows, features). */
EDDY_API bool eddy_windows(eddy_tensor *view, const eddy_tensor *series, int64_t length, int64_t stride,
                           eddy_status *status);

/* (x - shift) / scale for each feature of the last axis: standard (mean, population deviation), min-max (to 0..1), or
 * none, which leaves values as they are (shift 0, scale 1). A constant feature has scale 1. Data are f32 or f64, any
 * strides; in place, but not where one element stands at several places (stride 0). Fitting refuses NaN, infinities and
 * no data. */
typedef enum eddy_scaler_kind { EDDY_SCALER_STANDARD = 0, EDDY_SCALER_MIN_MAX, EDDY_SCALER_NONE } eddy_scaler_kind;
typedef struct eddy_scaler {
    eddy_scaler_kind kind;
    eddy_tensor shift, scale; /* (features), f64, owned */
} eddy_scaler;
EDDY_API bool eddy_scaler_fit(eddy_scaler *out, eddy_scaler_kind kind, const eddy_tensor *data, eddy_status *status);
/* To all steps of `count` sequences of different lengths together, chosen by index[] (NULL: all in order). */
EDDY_API bool eddy_scaler_fit_sequences(eddy_scaler *out, eddy_scaler_kind kind, const eddy_tensor *sequences,
                                        const int64_t *index, int64_t count, eddy_status *status);
EDDY_API bool eddy_scaler_apply(const eddy_scaler *scaler, const eddy_tensor *data, eddy_status *status); /* in place */
EDDY_API bool eddy_scaler_undo(const eddy_scaler *scaler, const eddy_tensor *data, eddy_status *status);  /* in place */
/* As named tensors, names[0] the shift and names[1] the scale (of a model file), and back; how it was fitted is not
 * stored, it changes nothing. The two of `out` are views of the scaler and of the names. */
EDDY_API void eddy_scaler_tensors(const eddy_scaler *scaler, const char *names[2], eddy_named_tensor out[2]);
EDDY_API bool eddy_scaler_load(eddy_scaler *out, const eddy_safetensors *file, const char *shift_name,
                               const char *scale_name, eddy_status *status);
EDDY_API void eddy_scaler_free(eddy_scaler *scaler);

EDDY_C_END
#endif
