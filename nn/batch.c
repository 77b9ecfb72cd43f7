/* Batches of sequences: padding, an order of sequences of similar length, windows. */
#include "batch.h"

/* ---- Padding ---- */

static const eddy_tensor *sequence(const eddy_tensor *sequences, const int64_t *index, int64_t i)
{
    return &sequences[index ? index[i] : i];
}

/* The longest length; -1 with a sentence if a sequence does not fit the first one. */
static int64_t check_sequences(const eddy_tensor *sequences, const int64_t *index, int64_t count, int64_t time,
                               eddy_status *status)
{
    int64_t longest = 0;
    for (int64_t i = 0; i < count; i++) {
        if (index && index[i] < 0) {
            eddy_status_fail(status, "pad_sequences: index %lld of the batch is %lld; it must not be negative",
                             (long long)i, (long long)index[i]);
            return -1;
        }
        const eddy_tensor *one = sequence(sequences, index, i), *first = sequence(sequences, index, 0);
        long long number = (long long)(index ? index[i] : i);
        if (one->shape.rank != 2 || !eddy_dtype_size(one->dtype)) {
            eddy_status_fail(status, "pad_sequences: sequence %lld has shape %s; it must be (length, features)", number,
                             eddy_shape_format(&one->shape).text);
            return -1;
        }
        if (one->dtype != first->dtype || one->shape.dim[1] != first->shape.dim[1]) {
            eddy_status_fail(
                status,
                "pad_sequences: sequence %lld has shape %s and dtype %s, the first one %s and %s; features and "
                "dtype must be the same",
                number, eddy_shape_format(&one->shape).text, eddy_dtype_name(one->dtype),
                eddy_shape_format(&first->shape).text, eddy_dtype_name(first->dtype));
            return -1;
        }
        if (time > 0 && one->shape.dim[0] > time) {
            eddy_status_fail(status, "pad_sequences: sequence %lld has %lld steps, more than the %lld asked for",
                             number, (long long)one->shape.dim[0], (long long)time);
            return -1;
        }
        longest = one->shape.dim[0] > longest ? one->shape.dim[0] : longest;
    }
    return longest;
}

bool eddy_pad_sequences(eddy_tensor *out, int64_t *lengths, const eddy_tensor *sequences, const int64_t *index,
                        int64_t count, int64_t time, eddy_status *status)
{
    if (!out)
        return eddy_status_fail(status, "pad_sequences: there is no place for the batch (out is NULL)");
    *out = (eddy_tensor){ 0 };
    if (count < 1 || !sequences)
        return eddy_status_fail(
            status, "pad_sequences: there are no sequences (the number is %lld); a batch needs at least one",
            (long long)count);
    if (time < 0)
        return eddy_status_fail(
            status, "pad_sequences: time is %lld; it must be a number of steps, or 0 for that of the longest",
            (long long)time);
    int64_t longest = check_sequences(sequences, index, count, time, status);
    if (longest < 0)
        return false;
    const eddy_tensor *first = sequence(sequences, index, 0);
    if (!eddy_tensor_new(out, first->dtype, EDDY_SHAPE(time > 0 ? time : longest, count, first->shape.dim[1]), status))
        return false;
    bool done = true;
    for (int64_t i = 0; i < count && done; i++) {
        const eddy_tensor *one = sequence(sequences, index, i);
        eddy_tensor column, part;
        done = eddy_tensor_select(&column, out, 1, i, status) &&
               eddy_tensor_slice(&part, &column, 0, (eddy_range){ 0, one->shape.dim[0], 1 }, status) &&
               eddy_tensor_copy(&part, one, status);
    }
    if (!done) {
        eddy_tensor_free(out);
        return false;
    }
    for (int64_t i = 0; i < count && lengths; i++)
        lengths[i] = sequence(sequences, index, i)->shape.dim[0];
    return true;
}

/* ---- Bucketing ---- */

/* Sorts order[0..count-1] by length, equal ones as they stood; `spare` has room for as many. Merges runs of 1, 2, 4,
 * ... */
static void sort_by_length(int64_t *order, int64_t *spare, const int64_t *lengths, int64_t count)
{
    for (int64_t run = 1; run<count; run = run> count / 2 ? count : 2 * run) {
        for (int64_t start = 0; start < count;) {
            int64_t middle = count - start > run ? start + run : count,
                    end = count - middle > run ? middle + run : count;
            for (int64_t a = start, b = middle, to = start; to < end; to++)
                spare[to] =
                    b == end || (a < middle && lengths[order[a]] <= lengths[order[b]]) ? order[a++] : order[b++];
            start = end;
        }
        for (int64_t i = 0; i < count; i++)
            order[i] = spare[i];
    }
}

bool eddy_bucket(int64_t *order, const int64_t *lengths, int64_t count, int64_t size, int64_t group, eddy_random random,
                 eddy_status *status)
{
    if (count < 0 || size < 1 || group < 0)
        return eddy_status_fail(
            status,
            "bucket: %lld sequences in batches of %lld, %lld in a group: the batches must hold at least 1 "
            "and nothing be negative",
            (long long)count, (long long)size, (long long)group);
    if (count && (!order || !lengths))
        return eddy_status_fail(status, "bucket: %s is NULL", order ? "lengths" : "order");
    for (int64_t i = 0; i < count; i++)
        if (lengths[i] < 0)
            return eddy_status_fail(status, "bucket: sequence %lld has length %lld; a length must not be negative",
                                    (long long)i, (long long)lengths[i]);
    int64_t full = count / size;
    int64_t *spare = eddy_allocate((size_t)count, sizeof *spare),
            *batches = eddy_allocate((size_t)full, sizeof *batches);
    if (!spare || !batches) {
        eddy_free(spare);
        eddy_free(batches);
        return eddy_status_fail(status, "bucket: out of memory");
    }
    eddy_permutation(order, count, random);
    int64_t together = group == 0 || group > count / size ? count : group * size;
    for (int64_t start = 0; start < count && group != 1; start += together)
        sort_by_length(order + start, spare, lengths, count - start < together ? count - start : together);
    /* The batches have random numbers of their own: the next stream may be the next epoch's. */
    eddy_permutation(batches, full, (eddy_random){ random.seed, random.stream ^ (uint64_t)1 << 63 });
    for (int64_t i = 0; i < count; i++)
        spare[i] = order[i];
    for (int64_t k = 0; k < full; k++)
        for (int64_t i = 0; i < size; i++)
            order[k * size + i] = spare[batches[k] * size + i];
    eddy_free(spare);
    eddy_free(batches);
    return true;
}

/* ---- Windows ---- */

bool eddy_windows(eddy_tensor *view, const eddy_tensor *series, int64_t length, int64_t stride, eddy_status *status)
{
    if (!view)
        return eddy_status_fail(status, "windows: there is no place for the view (NULL)");
    *view = (eddy_tensor){ 0 };
    if (!series || series->shape.rank != 2)
        return eddy_status_fail(status, "windows: the series has shape %s; it must be (time, features)",
                                series ? eddy_shape_format(&series->shape).text : "(NULL)");
    if (length < 1 || stride < 1)
        return eddy_status_fail(status, "windows: length %lld and stride %lld must be at least 1", (long long)length,
                                (long long)stride);
    int64_t time = series->shape.dim[0];
    if (time < length)
        return eddy_status_fail(status, "windows: the series has %lld steps, fewer than one window of %lld",
                                (long long)time, (long long)length);
    int64_t windows = (time - length) / stride + 1;
    eddy_shape shape = EDDY_SHAPE(length, windows, series->shape.dim[1]);
    if (eddy_shape_count(&shape) < 0)
        return eddy_status_fail(status, "windows: %lld windows of %lld steps are more elements than can be counted",
                                (long long)windows, (long long)length);
    *view = *series;
    view->owned = NULL;
    view->shape = shape;
    view->stride[0] = series->stride[0];
    view->stride[1] = windows > 1 ? stride * series->stride[0] : 0;
    view->stride[2] = series->stride[1];
    return true;
}
