/* Reading a series: a column of a .csv or .npy file, and the generated one. Every failure names file and line. */
#include "series.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const size_t largest_file = (size_t)1 << 30;

void series_free(series *data)
{
    eddy_free(data->value);
    *data = (series){ 0 };
}

bool series_generate(series *out, int64_t count, uint64_t seed, eddy_status *status)
{
    const eddy_random noise = { .seed = seed,
                                .stream = 0x5e21e5 }; /* a stream of its own: parameters are drawn from the same seed */
    *out = (series){ eddy_allocate((size_t)count, sizeof(double)), count };
    if (!out->value) {
        *out = (series){ 0 };
        return eddy_status_fail(status, "There is no memory for a series of %lld values.", (long long)count);
    }
    for (int64_t k = 0; k < count; k++)
        out->value[k] = sin(0.1 * (double)k) + 0.1 * eddy_random_normal(noise, (uint64_t)k);
    return true;
}

/* ---- .npy ---- */

static bool column_number(const char *column, int64_t *number)
{
    char *end;
    errno = 0;
    long long value = strtoll(column, &end, 10);
    *number = value;
    return end != column && !*end && !errno;
}

static bool from_npy(series *out, const eddy_tensor *array, const char *path, const char *column, eddy_status *status)
{
    const eddy_shape *shape = &array->shape;
    eddy_tensor line = *array;
    line.owned = NULL;
    int64_t number = 0;
    if (shape->rank != 1 && shape->rank != 2)
        return eddy_status_fail(status, "%s has shape %s; a series has one axis, or two: rows and columns.", path,
                                eddy_shape_format(shape).text);
    int64_t columns = shape->rank == 2 ? shape->dim[1] : 1;
    if (column && (!column_number(column, &number) || number < 1 || number > columns))
        return eddy_status_fail(status, "%s has no column \"%s\": its columns have no names but the numbers 1 to %lld.",
                                path, column, (long long)columns);
    if (!column && columns != 1)
        return eddy_status_fail(status, "%s has shape %s, so %lld columns: choose one with --column.", path,
                                eddy_shape_format(shape).text, (long long)columns);
    if (shape->rank == 2 && !eddy_tensor_select(&line, array, 1, column ? number - 1 : 0, status))
        return false;
    int64_t count = eddy_tensor_count(&line);
    double *value = eddy_allocate(count ? (size_t)count : 1, sizeof(double));
    if (!value)
        return eddy_status_fail(status, "There is no memory for the %lld values of %s.", (long long)count, path);
    for (int64_t i = 0; i < count; i++) {
        value[i] = eddy_tensor_flat(&line, i);
        if (!isfinite(value[i])) {
            eddy_status_fail(status, "%s, element %lld: %g is no number to forecast from.", path, (long long)i,
                             value[i]);
            eddy_free(value);
            return false;
        }
    }
    *out = (series){ value, count };
    return true;
}

/* ---- text ---- */

static bool from_text(series *out, const eddy_csv *table, const char *column, eddy_status *status)
{
    eddy_tensor numbers;
    int64_t chosen = eddy_csv_column(table, column, status);
    if (chosen < 0 || !eddy_csv_numbers(&numbers, table, chosen, status))
        return false;
    double *value = eddy_allocate((size_t)table->rows, sizeof *value);
    if (value) {
        memcpy(value, numbers.data, (size_t)table->rows * sizeof *value);
        *out = (series){ value, table->rows };
    }
    eddy_tensor_free(&numbers);
    return value ||
           eddy_status_fail(status, "There is no memory for the %lld values of a series.", (long long)table->rows);
}

bool series_read(series *out, const char *path, const char *column, eddy_status *status)
{
    *out = (series){ 0 };
    unsigned char *bytes;
    size_t size, name = path ? strlen(path) : 0;
    if (!eddy_read_whole(&bytes, &size, path, largest_file, status))
        return false;
    bool ok;
    if ((size >= 6 && !memcmp(bytes, "\x93NUMPY", 6)) || (name > 4 && !strcmp(path + name - 4, ".npy"))) {
        eddy_tensor array = { 0 };
        ok = eddy_npy_parse(&array, bytes, size, path, status) && from_npy(out, &array, path, column, status);
        eddy_tensor_free(&array);
    } else {
        eddy_csv table;
        ok = eddy_csv_parse(&table, bytes, size, path, status) && from_text(out, &table, column, status);
        eddy_csv_free(&table);
    }
    eddy_free(bytes);
    return ok;
}
