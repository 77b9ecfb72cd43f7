/* Scaling of features, in f64 whatever the data's dtype. */
#include "batch.h"
#include "walk.h"

#include <math.h>
#include <stdio.h>

static double load(const eddy_tensor *t, int64_t offset)
{
    return t->dtype == EDDY_F32 ? (double)((const float *)t->data)[offset] : ((const double *)t->data)[offset];
}

static void store(const eddy_tensor *t, int64_t offset, double value)
{
    if (t->dtype == EDDY_F32)
        ((float *)t->data)[offset] = (float)value;
    else
        ((double *)t->data)[offset] = value;
}

/* The number of features, or -1 with a sentence. */
static int64_t features_of(const char *call, const eddy_tensor *data, eddy_status *status)
{
    if (data && data->shape.rank >= 1 && eddy_dtype_is_float(data->dtype))
        return data->shape.dim[data->shape.rank - 1];
    eddy_status_fail(
        status, "%s: the data have shape %s and dtype %s; they must have a last axis of features and be f32 or f64",
        call, data ? eddy_shape_format(&data->shape).text : "(NULL)", data ? eddy_dtype_name(data->dtype) : "none");
    return -1;
}

/* What is gathered of one feature. */
typedef struct figures {
    double low, high, sum, deviations, squares;
} figures;

/* Tensors of one number of features: data[index[0]], ... or with index NULL data[0], ... */
typedef struct source {
    const char *call;
    const eddy_tensor *data;
    const int64_t *index;
    int64_t count, features, rows; /* rows of all together */
} source;

static const eddy_tensor *part(const source *s, int64_t i)
{
    return s->data ? &s->data[s->index ? s->index[i] : i] : NULL;
}

static bool measure(source *s, eddy_status *status)
{
    for (int64_t i = 0; i < s->count; i++) {
        if (s->index && s->index[i] < 0)
            return eddy_status_fail(status, "%s: index %lld is %lld; it must not be negative", s->call, (long long)i,
                                    (long long)s->index[i]);
        int64_t features = features_of(s->call, part(s, i), status);
        if (features < 0)
            return false;
        if (i && features != s->features)
            return eddy_status_fail(status, "%s: sequence %lld has %lld features, and the first one has %lld", s->call,
                                    (long long)i, (long long)features, (long long)s->features);
        s->features = features;
        s->rows += features ? eddy_tensor_count(part(s, i)) / features : 0;
    }
    if (s->count < 1)
        return eddy_status_fail(status, "%s: there are no sequences (the number is %lld) to fit to", s->call,
                                (long long)s->count);
    return s->rows > 0 || eddy_status_fail(status, "%s: data of shape %s have no values to fit to", s->call,
                                           eddy_shape_format(&part(s, 0)->shape).text);
}

/* Least and largest value and sum; then the sums of x - mean (0 but for the mean's rounding) and of its square. False
 * at a NaN or infinity. */
static bool gather(figures *f, const source *s, bool again, eddy_status *status)
{
    bool first = true;
    for (int64_t n = 0; n < s->count; n++) {
        eddy_walk walk = { .tensor = part(s, n) };
        int64_t count = eddy_tensor_count(walk.tensor);
        for (int64_t i = 0; i < count; i++, eddy_walk_next(&walk)) {
            figures *one = &f[i % s->features];
            double x = load(walk.tensor, walk.offset), d = x - one->sum / (double)s->rows;
            if (!isfinite(x)) {
                char where[40] = "the data";
                if (s->count > 1)
                    snprintf(where, sizeof where, "sequence %lld", (long long)n);
                return eddy_status_fail(status,
                                        "%s: element %lld of %s (feature %lld) is %g; every value must be finite",
                                        s->call, (long long)i, where, (long long)(i % s->features), x);
            }
            if (again) {
                one->deviations += d;
                one->squares += d * d;
                continue;
            }
            one->low = (first && i < s->features) || x < one->low ? x : one->low;
            one->high = (first && i < s->features) || x > one->high ? x : one->high;
            one->sum += x;
        }
        first = first && !count;
    }
    return true;
}

static bool fit(eddy_scaler *out, eddy_scaler_kind kind, source s, eddy_status *status)
{
    if (!out)
        return eddy_status_fail(status, "%s: there is no place for the scaler (out is NULL)", s.call);
    *out = (eddy_scaler){ .kind = kind };
    if (kind != EDDY_SCALER_STANDARD && kind != EDDY_SCALER_MIN_MAX && kind != EDDY_SCALER_NONE)
        return eddy_status_fail(status, "%s: %d is no kind of scaler", s.call, (int)kind);
    if (!measure(&s, status))
        return false;
    figures *f = eddy_allocate((size_t)s.features, sizeof *f);
    bool done = f || eddy_status_fail(status, "%s: out of memory", s.call);
    done = done && eddy_tensor_new(&out->shift, EDDY_F64, EDDY_SHAPE(s.features), status) &&
           eddy_tensor_new(&out->scale, EDDY_F64, EDDY_SHAPE(s.features), status) && gather(f, &s, false, status) &&
           gather(f, &s, true, status);
    for (int64_t k = 0; k < s.features && done; k++) {
        double rows = (double)s.rows, mean = f[k].sum / rows, rest = f[k].deviations / rows;
        double shift = f[k].low, scale = f[k].high - f[k].low;
        if (kind == EDDY_SCALER_NONE) {
            shift = 0;
            scale = 1;
        } else if (kind == EDDY_SCALER_STANDARD && scale > 0) { /* a constant one's mean and deviation are inexact */
            shift = mean + rest;
            scale = sqrt(fmax(f[k].squares / rows - rest * rest, 0));
        }
        if (!isfinite(shift) || !isfinite(scale))
            done = eddy_status_fail(status, "%s: feature %lld has values from %g to %g, whose spread overflows", s.call,
                                    (long long)k, f[k].low, f[k].high);
        store(&out->shift, k, shift);
        store(&out->scale, k, scale > 0 ? scale : 1);
    }
    eddy_free(f);
    if (!done)
        eddy_scaler_free(out);
    return done;
}

bool eddy_scaler_fit(eddy_scaler *out, eddy_scaler_kind kind, const eddy_tensor *data, eddy_status *status)
{
    return fit(out, kind, (source){ .call = "scaler_fit", .data = data, .count = 1 }, status);
}

bool eddy_scaler_fit_sequences(eddy_scaler *out, eddy_scaler_kind kind, const eddy_tensor *sequences,
                               const int64_t *index, int64_t count, eddy_status *status)
{
    return fit(out, kind, (source){ "scaler_fit_sequences", sequences, index, count, 0, 0 }, status);
}

/* Data and scaler fit, and no element is reached twice. */
static bool check(const char *call, const eddy_scaler *scaler, const eddy_tensor *data, eddy_status *status)
{
    int64_t features = features_of(call, data, status);
    if (features < 0)
        return false;
    if (!scaler || scaler->shift.shape.rank != 1 || scaler->shift.shape.dim[0] != features)
        return eddy_status_fail(status, "%s: the data have shape %s, so %lld features; the scaler has %s", call,
                                eddy_shape_format(&data->shape).text, (long long)features,
                                scaler ? eddy_shape_format(&scaler->shift.shape).text : "none");
    for (int k = 0; k < data->shape.rank; k++)
        if (data->stride[k] == 0 && data->shape.dim[k] > 1 && eddy_tensor_count(data))
            return eddy_status_fail(
                status,
                "%s: axis %d of the data repeats its elements (stride 0), which cannot be scaled in "
                "place; copy them first",
                call, k);
    return true;
}

bool eddy_scaler_apply(const eddy_scaler *scaler, const eddy_tensor *data, eddy_status *status)
{
    if (!check("scaler_apply", scaler, data, status))
        return false;
    eddy_walk walk = { .tensor = data };
    int64_t count = eddy_tensor_count(data), features = scaler->shift.shape.dim[0];
    for (int64_t i = 0; i < count; i++, eddy_walk_next(&walk))
        store(data, walk.offset,
              (load(data, walk.offset) - load(&scaler->shift, i % features)) / load(&scaler->scale, i % features));
    return true;
}

bool eddy_scaler_undo(const eddy_scaler *scaler, const eddy_tensor *data, eddy_status *status)
{
    if (!check("scaler_undo", scaler, data, status))
        return false;
    eddy_walk walk = { .tensor = data };
    int64_t count = eddy_tensor_count(data), features = scaler->shift.shape.dim[0];
    for (int64_t i = 0; i < count; i++, eddy_walk_next(&walk))
        store(data, walk.offset,
              load(data, walk.offset) * load(&scaler->scale, i % features) + load(&scaler->shift, i % features));
    return true;
}

void eddy_scaler_tensors(const eddy_scaler *scaler, const char *names[2], eddy_named_tensor out[2])
{
    if (!scaler || !names || !out)
        return;
    out[0] = (eddy_named_tensor){ .name = (char *)(uintptr_t)names[0], .tensor = scaler->shift };
    out[1] = (eddy_named_tensor){ .name = (char *)(uintptr_t)names[1], .tensor = scaler->scale };
    out[0].tensor.owned = out[1].tensor.owned = NULL;
}

bool eddy_scaler_load(eddy_scaler *out, const eddy_safetensors *file, const char *shift_name, const char *scale_name,
                      eddy_status *status)
{
    if (!out || !shift_name || !scale_name)
        return eddy_status_fail(status, "scaler_load: %s is NULL", out ? "a name" : "the place for the scaler");
    *out = (eddy_scaler){ 0 };
    const eddy_tensor *shift = eddy_safetensors_find(file, shift_name),
                      *scale = eddy_safetensors_find(file, scale_name);
    if (!shift || !scale)
        return eddy_status_fail(status, "scaler_load: the file has no tensor \"%.300s\"",
                                shift ? scale_name : shift_name);
    if (shift->shape.rank != 1 || !eddy_shape_equal(&shift->shape, &scale->shape) ||
        !eddy_dtype_is_float(shift->dtype) || !eddy_dtype_is_float(scale->dtype))
        return eddy_status_fail(
            status,
            "scaler_load: \"%.200s\" has shape %s and \"%.200s\" %s; both must be (features,) and floating-point",
            shift_name, eddy_shape_format(&shift->shape).text, scale_name, eddy_shape_format(&scale->shape).text);
    for (int64_t k = 0; k < shift->shape.dim[0]; k++) {
        double s = eddy_tensor_flat(shift, k), d = eddy_tensor_flat(scale, k);
        if (!isfinite(s) || !isfinite(d) || !(d > 0))
            return eddy_status_fail(
                status,
                "scaler_load: feature %lld has shift %g and scale %g; they must be finite and the scale above 0",
                (long long)k, s, d);
    }
    bool done = eddy_tensor_new(&out->shift, EDDY_F64, shift->shape, status) &&
                eddy_tensor_new(&out->scale, EDDY_F64, scale->shape, status) &&
                eddy_tensor_copy(&out->shift, shift, status) && eddy_tensor_copy(&out->scale, scale, status);
    if (!done)
        eddy_scaler_free(out);
    return done;
}

void eddy_scaler_free(eddy_scaler *scaler)
{
    if (!scaler)
        return;
    eddy_tensor_free(&scaler->shift);
    eddy_tensor_free(&scaler->scale);
}
