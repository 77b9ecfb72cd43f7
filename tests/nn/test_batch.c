/* Batches and scalers: random ragged lists, every index exactly once, windows that are views, scaling there and back,
 * and every sentence. */
#include "batch.h"
#include "failing_memory.h"
#include "random_tensor.h"
#include "scratch.h"

#define REFUSED(call, ...)                                                                                             \
    do {                                                                                                               \
        eddy_status status = { 0 };                                                                                    \
        ck_assert(!(call));                                                                                            \
        for (const char *const *part = (const char *const[]){ __VA_ARGS__, NULL }; *part; part++)                      \
            ck_assert_msg(strstr(status.text, *part) != NULL, "no \"%s\" in: %s", *part, status.text);                 \
    } while (0)

/* ---- Padding ---- */

START_TEST(padding)
{
    const eddy_dtype dtypes[] = { EDDY_F32, EDDY_F64, EDDY_I32, EDDY_I64 };
    for (int round = 0; round < 300; round++) {
        enum { MOST = 9 };
        int64_t n = 1 + draw_below(MOST), features = draw_below(4), index[12], lengths[12], longest = 0,
                count = 1 + draw_below(12);
        eddy_dtype dtype = dtypes[round % 4];
        eddy_tensor list[MOST], out;
        for (int64_t i = 0; i < n; i++)
            list[i] = draw_tensor(dtype, EDDY_SHAPE(draw_below(6), features), REPEATED, -9, 9);
        bool chosen = round % 3 != 0;
        for (int64_t i = 0; i < count; i++)
            index[i] = draw_below(n);
        count = chosen ? count : n;
        for (int64_t i = 0; i < count; i++) {
            int64_t length = list[chosen ? index[i] : i].shape.dim[0];
            longest = length > longest ? length : longest;
        }
        int64_t time = round % 2 ? 0 : longest + draw_below(3);
        eddy_status status = { 0 };
        ck_assert_msg(
            eddy_pad_sequences(&out, round % 5 ? lengths : NULL, list, chosen ? index : NULL, count, time, &status),
            "%s", status.text);
        eddy_shape wanted = EDDY_SHAPE(time ? time : longest, count, features);
        ck_assert(eddy_shape_equal(&out.shape, &wanted) && out.dtype == dtype);
        for (int64_t t = 0; t < wanted.dim[0]; t++)
            for (int64_t i = 0; i < count; i++)
                for (int64_t f = 0; f < features; f++) {
                    const eddy_tensor *from = &list[chosen ? index[i] : i];
                    double want = t < from->shape.dim[0] ? get(from, t * features + f) : 0;
                    ck_assert(eddy_tensor_at(&out, (int64_t[]){ t, i, f }) == want);
                }
        for (int64_t i = 0; i < count && round % 5; i++)
            ck_assert_int_eq(lengths[i], list[chosen ? index[i] : i].shape.dim[0]);
        eddy_tensor_free(&out);
        for (int64_t i = 0; i < n; i++) {
            check_gaps(&list[i]);
            release(&list[i]);
        }
    }
}
END_TEST

START_TEST(padding_mistakes)
{
    eddy_tensor list[4] = { draw_tensor(EDDY_F64, EDDY_SHAPE(3, 2), STRAIGHT, 0, 1),
                            draw_tensor(EDDY_F64, EDDY_SHAPE(5, 2), STRAIGHT, 0, 1),
                            draw_tensor(EDDY_F32, EDDY_SHAPE(5, 2), STRAIGHT, 0, 1),
                            draw_tensor(EDDY_F64, EDDY_SHAPE(5, 3), STRAIGHT, 0, 1) };
    eddy_tensor flat = draw_tensor(EDDY_F64, EDDY_SHAPE(4), STRAIGHT, 0, 1), out;
    int64_t lengths[4] = { 7, 7, 7, 7 };
    REFUSED(eddy_pad_sequences(&out, lengths, list, NULL, 0, 0, &status),
            "pad_sequences: there are no sequences (the number is 0)");
    REFUSED(eddy_pad_sequences(&out, lengths, NULL, NULL, 2, 0, &status), "there are no sequences");
    REFUSED(eddy_pad_sequences(&out, lengths, list, NULL, 2, -1, &status), "time is -1");
    REFUSED(eddy_pad_sequences(&out, lengths, list, NULL, 2, 4, &status),
            "sequence 1 has 5 steps, more than the 4 asked for");
    REFUSED(eddy_pad_sequences(&out, lengths, list, NULL, 3, 0, &status), "sequence 2 has shape (5, 2) and dtype f32",
            "features and dtype must be the same");
    REFUSED(eddy_pad_sequences(&out, lengths, list, (int64_t[]){ 0, 3 }, 2, 0, &status), "sequence 3 has shape (5, 3)");
    REFUSED(eddy_pad_sequences(&out, lengths, list, (int64_t[]){ 0, -3 }, 2, 0, &status),
            "index 1 of the batch is -3; it must not be negative");
    REFUSED(eddy_pad_sequences(&out, lengths, &flat, NULL, 1, 0, &status),
            "sequence 0 has shape (4,); it must be (length, features)");
    REFUSED(eddy_pad_sequences(&out, lengths, list, NULL, 2, INT64_MAX / 4, &status), "shape");
    ck_assert(!out.data && lengths[0] == 7 && lengths[3] == 7);
    for (int i = 0; i < 4; i++)
        release(&list[i]);
    release(&flat);
}
END_TEST

/* ---- Bucketing ---- */

static int64_t padding_of(const int64_t *order, const int64_t *lengths, int64_t count, int64_t size)
{
    int64_t zeros = 0;
    for (int64_t start = 0; start < count; start += size) {
        int64_t longest = 0, end = start + size < count ? start + size : count;
        for (int64_t i = start; i < end; i++)
            longest = lengths[order[i]] > longest ? lengths[order[i]] : longest;
        for (int64_t i = start; i < end; i++)
            zeros += longest - lengths[order[i]];
    }
    return zeros;
}

START_TEST(bucketing)
{
    enum { MOST = 400 };
    int64_t lengths[MOST], order[MOST], again[MOST], other[MOST], total[3] = { 0 };
    int different = 0, rounds = 0;
    for (int round = 0; round < 200; round++) {
        int64_t count = round == 0 ? 0 : 1 + draw_below(MOST), size = 1 + draw_below(20), group = draw_below(6);
        eddy_random random = { .seed = 5, .stream = (uint64_t)round };
        for (int64_t i = 0; i < count; i++)
            lengths[i] = draw_below(50);
        eddy_status status = { 0 };
        ck_assert_msg(eddy_bucket(order, lengths, count, size, group, random, &status), "%s", status.text);
        ck_assert(eddy_bucket(again, lengths, count, size, group, random, NULL) &&
                  !memcmp(order, again, (size_t)count * sizeof *order));
        bool seen[MOST] = { false };
        for (int64_t i = 0; i < count; i++) {
            ck_assert(order[i] >= 0 && order[i] < count && !seen[order[i]]);
            seen[order[i]] = true;
        }
        if (count > 100 && size < 10) {
            eddy_random next = { random.seed, random.stream + 1 };
            ck_assert(eddy_bucket(other, lengths, count, size, group, next, NULL));
            different += memcmp(order, other, (size_t)count * sizeof *order) != 0;
            rounds++;
            for (int k = 0; k < 3; k++) {
                ck_assert(eddy_bucket(other, lengths, count, size, (int64_t[]){ 1, 8, 0 }[k], random, NULL));
                total[k] += padding_of(other, lengths, count, size);
            }
        }
        if (group == 0) /* all in one group: no batch reaches into another's range of lengths */
            for (int64_t a = 0; a < count; a += size)
                for (int64_t b = 0; b < count; b += size) {
                    int64_t low[2] = { INT64_MAX, INT64_MAX }, high[2] = { 0, 0 }, at[2] = { a, b };
                    for (int k = 0; k < 2; k++)
                        for (int64_t i = at[k]; i < at[k] + size && i < count; i++) {
                            low[k] = lengths[order[i]] < low[k] ? lengths[order[i]] : low[k];
                            high[k] = lengths[order[i]] > high[k] ? lengths[order[i]] : high[k];
                        }
                    ck_assert(a == b || high[0] <= low[1] || high[1] <= low[0]);
                }
    }
    ck_assert_int_gt(rounds, 10);
    ck_assert_int_eq(different, rounds);
    ck_assert_msg(total[2] < total[1] && total[1] < total[0] / 3, "zeros by group: %lld in all, %lld in 8, %lld plain",
                  (long long)total[2], (long long)total[1], (long long)total[0]);
    /* the order of batches is random too, not only what is in them */
    for (int64_t i = 0; i < MOST; i++)
        lengths[i] = i;
    ck_assert(eddy_bucket(order, lengths, MOST, 4, 0, (eddy_random){ 1, 2 }, NULL));
    int descents = 0;
    for (int64_t i = 4; i < MOST; i += 4)
        descents += order[i] < order[i - 4];
    ck_assert(descents > 20 && descents < 80);

    lengths[3] = -1;
    REFUSED(eddy_bucket(order, lengths, MOST, 4, 0, (eddy_random){ 0 }, &status), "bucket: sequence 3 has length -1");
    REFUSED(eddy_bucket(order, lengths, 3, 0, 0, (eddy_random){ 0 }, &status), "bucket: 3 sequences in batches of 0");
    REFUSED(eddy_bucket(order, lengths, 3, 1, -1, (eddy_random){ 0 }, &status), "-1 in a group");
    ck_assert(eddy_bucket(order, lengths, 3, INT64_MAX, INT64_MAX, (eddy_random){ 0 }, NULL));
}
END_TEST

/* ---- Windows ---- */

START_TEST(windows)
{
    for (int round = 0; round < 300; round++) {
        int64_t time = 1 + draw_below(20), features = draw_below(4), length = 1 + draw_below(time),
                stride = 1 + draw_below(7);
        eddy_tensor series = draw_tensor(round % 2 ? EDDY_F32 : EDDY_I64, EDDY_SHAPE(time, features), REPEATED, -9, 9),
                    view;
        ck_assert(eddy_windows(&view, &series, length, stride, NULL));
        int64_t n = 0;
        while (n * stride + length <= time)
            n++;
        eddy_shape wanted = EDDY_SHAPE(length, n, features);
        ck_assert(eddy_shape_equal(&view.shape, &wanted) && !view.owned);
        for (int64_t t = 0; t < length; t++)
            for (int64_t w = 0; w < n; w++)
                for (int64_t f = 0; f < features; f++)
                    ck_assert(eddy_tensor_at(&view, (int64_t[]){ t, w, f }) ==
                              eddy_tensor_at(&series, (int64_t[]){ w * stride + t, f }));
        release(&series);
    }
    eddy_tensor series = draw_tensor(EDDY_F64, EDDY_SHAPE(5, 2), STRAIGHT, 0, 1),
                flat = draw_tensor(EDDY_F64, EDDY_SHAPE(5), STRAIGHT, 0, 1), view;
    ck_assert(eddy_windows(&view, &series, 5, INT64_MAX, NULL) && view.shape.dim[1] == 1);
    REFUSED(eddy_windows(&view, &series, 6, 1, &status), "windows: the series has 5 steps, fewer than one window of 6");
    REFUSED(eddy_windows(&view, &series, 0, 1, &status), "windows: length 0 and stride 1 must be at least 1");
    REFUSED(eddy_windows(&view, &series, 2, 0, &status), "windows: length 2 and stride 0 must be at least 1");
    REFUSED(eddy_windows(&view, &flat, 2, 1, &status),
            "windows: the series has shape (5,); it must be (time, features)");
    REFUSED(eddy_windows(&view, NULL, 2, 1, &status), "(NULL)");
    ck_assert(!view.data);
    release(&series);
    release(&flat);
}
END_TEST

/* ---- Scalers ---- */

START_TEST(scaling)
{
    for (int round = 0; round < 200; round++) {
        eddy_dtype dtype = round % 2 ? EDDY_F32 : EDDY_F64;
        eddy_shape shape = draw_shape(1, 3);
        for (int i = 0; i < shape.rank; i++)
            shape.dim[i] += shape.dim[i] == 0;
        double centre = draw_real(-100, 100), epsilon = dtype == EDDY_F32 ? 1.2e-7 : 2.3e-16;
        eddy_tensor data = draw_tensor(dtype, shape, STRIDED, centre - 1, centre + 3);
        int64_t features = shape.dim[shape.rank - 1], count = count_of(&data), rows = count / features;
        for (int64_t i = round % features; i < count; i += features) /* one feature is constant */
            put(&data, i, centre / 3);
        double *before = calloc((size_t)count + 1, sizeof *before);
        for (int64_t i = 0; i < count; i++)
            before[i] = get(&data, i);
        for (int kind = EDDY_SCALER_STANDARD; kind <= EDDY_SCALER_NONE; kind++) {
            eddy_scaler scaler;
            eddy_status status = { 0 };
            ck_assert_msg(eddy_scaler_fit(&scaler, (eddy_scaler_kind)kind, &data, &status), "%s", status.text);
            for (int64_t f = 0; f < features; f++) {
                long double sum = 0, squares = 0;
                double low = before[f], high = before[f], shift = eddy_tensor_flat(&scaler.shift, f),
                       scale = eddy_tensor_flat(&scaler.scale, f);
                for (int64_t i = f; i < count; i += features) {
                    sum += before[i];
                    low = fmin(low, before[i]);
                    high = fmax(high, before[i]);
                }
                for (int64_t i = f; i < count; i += features)
                    squares += (before[i] - sum / rows) * (before[i] - sum / rows);
                if (kind == EDDY_SCALER_NONE) {
                    ck_assert(shift == 0 && scale == 1);
                    continue;
                }
                double spread = kind == EDDY_SCALER_STANDARD ? (double)sqrtl(squares / rows) : high - low;
                double origin = kind == EDDY_SCALER_STANDARD ? (double)(sum / rows) : low;
                ck_assert(fabs(shift - origin) <= 4e-16 * fabs(centre) + 1e-15);
                ck_assert_msg(low == high ? scale == 1 && shift == low : fabs(scale - spread) <= 1e-12 * spread,
                              "%.17g, not %.17g", scale, spread);
            }
            ck_assert(eddy_scaler_apply(&scaler, &data, NULL));
            check_gaps(&data);
            for (int64_t i = 0; i < count; i++) {
                double x = get(&data, i), want = (before[i] - eddy_tensor_flat(&scaler.shift, i % features)) /
                                                 eddy_tensor_flat(&scaler.scale, i % features);
                ck_assert(x == (dtype == EDDY_F32 ? (double)(float)want : want));
                ck_assert(kind != EDDY_SCALER_MIN_MAX || (x >= 0 && x <= 1));
            }
            ck_assert(eddy_scaler_undo(&scaler, &data, NULL));
            for (int64_t i = 0; i < count; i++) {
                ck_assert(fabs(get(&data, i) - before[i]) <= 8 * epsilon * (fabs(before[i]) + 4));
                put(&data, i, before[i]);
            }
            eddy_scaler_free(&scaler);
        }
        free(before);
        release(&data);
    }
}
END_TEST

/* A million is large, a deviation of 1e-3 small: no cancellation. A long sum: the mean is right to the last digits. */
START_TEST(far_from_zero)
{
    double values[1000];
    for (int i = 0; i < 1000; i++)
        values[i] = 1e6 + (i % 2 ? 1e-3 : -1e-3);
    eddy_tensor data = eddy_tensor_wrap(values, EDDY_F64, EDDY_SHAPE(1000, 1));
    eddy_scaler scaler;
    ck_assert(eddy_scaler_fit(&scaler, EDDY_SCALER_STANDARD, &data, NULL));
    ck_assert(fabs(eddy_tensor_flat(&scaler.scale, 0) - 1e-3) < 1e-9 &&
              fabs(eddy_tensor_flat(&scaler.shift, 0) - 1e6) < 1e-9);
    eddy_scaler_free(&scaler);

    enum { LONG = 200000 };
    double *many = calloc(LONG, sizeof *many);
    long double sum = 0;
    for (int i = 0; i < LONG; i++)
        sum += many[i] = 0.1 + 1.0 / (i % 7 + 3);
    data = eddy_tensor_wrap(many, EDDY_F64, EDDY_SHAPE(LONG, 1));
    ck_assert(eddy_scaler_fit(&scaler, EDDY_SCALER_STANDARD, &data, NULL));
    ck_assert(fabs(eddy_tensor_flat(&scaler.shift, 0) - (double)(sum / LONG)) <=
              1e-15); /* a plain sum is wrong by 2e-13 */
    eddy_scaler_free(&scaler);
    free(many);
}
END_TEST

/* Of sequences one behind the other, in any order, it is the bits of the one of their rows in that order. */
START_TEST(scalers_of_sequences)
{
    double row[2 * 9], ordered[2 * 9];
    const int64_t length[] = { 3, 0, 2, 4 }, order[] = { 3, 1, 0 };
    eddy_tensor sequence[4], all = eddy_tensor_wrap(row, EDDY_F64, EDDY_SHAPE(9, 2)),
                             chosen = eddy_tensor_wrap(ordered, EDDY_F64, EDDY_SHAPE(7, 2));
    for (int i = 0; i < 18; i++)
        row[i] = draw_real(-3, 5);
    for (int64_t i = 0, from = 0; i < 4; from += length[i++])
        sequence[i] = eddy_tensor_wrap(row + 2 * from, EDDY_F64, EDDY_SHAPE(length[i], 2));
    memcpy(ordered, row + 2 * 5, 8 * sizeof *row);
    memcpy(ordered + 8, row, 6 * sizeof *row);
    for (int kind = EDDY_SCALER_STANDARD; kind <= EDDY_SCALER_NONE; kind++) {
        eddy_scaler a, b, c, d;
        ck_assert(eddy_scaler_fit(&a, (eddy_scaler_kind)kind, &all, NULL) &&
                  eddy_scaler_fit_sequences(&b, (eddy_scaler_kind)kind, sequence, NULL, 4, NULL) &&
                  eddy_scaler_fit(&c, (eddy_scaler_kind)kind, &chosen, NULL) &&
                  eddy_scaler_fit_sequences(&d, (eddy_scaler_kind)kind, sequence, order, 3, NULL));
        for (int f = 0; f < 2; f++) {
            ck_assert(get(&a.shift, f) == get(&b.shift, f) && get(&a.scale, f) == get(&b.scale, f));
            ck_assert(get(&c.shift, f) == get(&d.shift, f) && get(&c.scale, f) == get(&d.scale, f));
        }
        eddy_scaler_free(&a);
        eddy_scaler_free(&b);
        eddy_scaler_free(&c);
        eddy_scaler_free(&d);
    }
}
END_TEST

START_TEST(scalers_in_files)
{
    scratch file = scratch_new("scaler.safetensors");
    eddy_tensor data = draw_tensor(EDDY_F32, EDDY_SHAPE(20, 3), STRIDED, -3, 8),
                copy = draw_tensor(EDDY_F32, EDDY_SHAPE(20, 3), STRAIGHT, 0, 1);
    ck_assert(eddy_tensor_copy(&copy, &data, NULL));
    eddy_scaler scaler, back;
    ck_assert(eddy_scaler_fit(&scaler, EDDY_SCALER_STANDARD, &data, NULL));
    const char *names[2] = { "x.shift", "x.scale" };
    eddy_named_tensor tensors[2];
    eddy_scaler_tensors(&scaler, names, tensors);
    ck_assert(!tensors[0].tensor.owned && !tensors[1].tensor.owned);
    eddy_status first = { 0 };
    ck_assert_msg(eddy_safetensors_save(&(eddy_safetensors){ .tensors = tensors, .count = 2 }, file.path, &first), "%s",
                  first.text);
    eddy_safetensors loaded;
    ck_assert(eddy_safetensors_load(&loaded, file.path, &first));
    ck_assert_msg(eddy_scaler_load(&back, &loaded, "x.shift", "x.scale", &first), "%s", first.text);
    ck_assert(eddy_scaler_apply(&scaler, &data, NULL) && eddy_scaler_apply(&back, &copy, NULL));
    for (int64_t i = 0; i < 60; i++)
        ck_assert(get(&data, i) == get(&copy, i));
    eddy_scaler_free(&back);
#define LOAD(a, b) eddy_scaler_load(&back, &loaded, a, b, &status)
    REFUSED(LOAD("y.shift", "x.scale"), "the file has no tensor \"y.shift\"");
    REFUSED(LOAD("x.shift", "x.scal"), "the file has no tensor \"x.scal\"");
    eddy_tensor *scale = (eddy_tensor *)(uintptr_t)eddy_safetensors_find(&loaded, "x.scale");
    ((double *)scale->data)[1] = 0;
    REFUSED(LOAD("x.shift", "x.scale"), "feature 1 has shift", "the scale above 0");
    scale->shape.dim[0] = 2;
    REFUSED(LOAD("x.shift", "x.scale"), "\"x.shift\" has shape (3,) and \"x.scale\" (2,)");
    ck_assert(!back.shift.data);
    eddy_safetensors_free(&loaded);
    eddy_scaler_free(&scaler);
    release(&data);
    release(&copy);
    scratch_free(&file);
}
END_TEST

START_TEST(scaler_mistakes)
{
    double values[6] = { 1, 2, 3, (double)NAN, 5, 6 };
    eddy_tensor data = eddy_tensor_wrap(values, EDDY_F64, EDDY_SHAPE(3, 2)), wide,
                other = eddy_tensor_wrap(values, EDDY_F64, EDDY_SHAPE(2, 3));
    eddy_tensor none = eddy_tensor_wrap(values, EDDY_F64, EDDY_SHAPE(0, 2)),
                whole = eddy_tensor_wrap(values, EDDY_I64, EDDY_SHAPE(2, 2));
    eddy_tensor scalar = eddy_tensor_wrap(values, EDDY_F64, EDDY_SCALAR),
                row = eddy_tensor_wrap(values, EDDY_F64, EDDY_SHAPE(1, 2));
    eddy_scaler scaler;
#define FIT(kind, data) eddy_scaler_fit(&scaler, kind, data, &status)
    REFUSED(FIT(EDDY_SCALER_STANDARD, &data), "scaler_fit: element 3 of the data (feature 1) is nan");
    REFUSED(FIT(EDDY_SCALER_STANDARD, &none), "scaler_fit: data of shape (0, 2) have no values to fit to");
    REFUSED(FIT(EDDY_SCALER_MIN_MAX, &whole), "they must have a last axis of features and be f32 or f64");
    REFUSED(FIT(EDDY_SCALER_MIN_MAX, &scalar), "scaler_fit: the data have shape ()");
    REFUSED(FIT(EDDY_SCALER_MIN_MAX, NULL), "(NULL)");
    REFUSED(FIT((eddy_scaler_kind)5, &row), "scaler_fit: 5 is no kind of scaler");
    ck_assert(!scaler.shift.data);
    values[3] = -1e308;
    values[1] = 1.7e308;
    REFUSED(FIT(EDDY_SCALER_MIN_MAX, &data), "feature 1 has values from -1e+308 to 1.7e+308, whose spread overflows");
    values[3] = values[1] = 4;
    ck_assert(eddy_scaler_fit(&scaler, EDDY_SCALER_STANDARD, &data, NULL));
    REFUSED(eddy_scaler_apply(&scaler, &other, &status),
            "scaler_apply: the data have shape (2, 3), so 3 features; the scaler has (2,)");
    REFUSED(eddy_scaler_undo(NULL, &other, &status), "scaler_undo", "the scaler has none");
    ck_assert(eddy_tensor_broadcast(&wide, &row, EDDY_SHAPE(4, 2), NULL));
    REFUSED(eddy_scaler_apply(&scaler, &wide, &status), "axis 0 of the data repeats its elements (stride 0)");
    ck_assert(eddy_scaler_apply(&scaler, &none, NULL) && eddy_scaler_undo(&scaler, &none, NULL) && values[0] == 1);
    eddy_scaler_free(&scaler);
    eddy_scaler_free(NULL);
}
END_TEST

START_TEST(faults)
{
    eddy_tensor list[2] = { draw_tensor(EDDY_F64, EDDY_SHAPE(3, 2), STRAIGHT, 0, 1),
                            draw_tensor(EDDY_F64, EDDY_SHAPE(5, 2), STRAIGHT, 0, 1) };
    int64_t lengths[2], order[2];
    for (long n = 1, finished = 0; !finished; n++) {
        fault f;
        fault_install(&f, n);
        eddy_status status = { 0 };
        eddy_tensor out;
        eddy_scaler scaler = { .kind = EDDY_SCALER_STANDARD };
        bool done = eddy_pad_sequences(&out, lengths, list, NULL, 2, 0, &status) &&
                    eddy_scaler_fit(&scaler, EDDY_SCALER_STANDARD, &out, &status) &&
                    eddy_bucket(order, lengths, 2, 1, 0, (eddy_random){ 0 }, &status);
        finished = f.asked < n;
        ck_assert(done == (finished != 0) && (done || strstr(status.text, "memory")));
        eddy_tensor_free(&out);
        eddy_scaler_free(&scaler);
        eddy_set_allocator(NULL);
        ck_assert_int_eq(f.living, 0);
    }
    release(&list[0]);
    release(&list[1]);
}
END_TEST

Suite *suite_batch(void)
{
    Suite *suite = suite_create("batch");
    TCase *tests = tcase_create("batch");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, padding);
    tcase_add_test(tests, padding_mistakes);
    tcase_add_test(tests, bucketing);
    tcase_add_test(tests, windows);
    tcase_add_test(tests, scaling);
    tcase_add_test(tests, far_from_zero);
    tcase_add_test(tests, scalers_of_sequences);
    tcase_add_test(tests, scalers_in_files);
    tcase_add_test(tests, scaler_mistakes);
    tcase_add_test(tests, faults);
    suite_add_tcase(suite, tests);
    return suite;
}
