/* Windows over a table of series. */
#include "windows.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

windows windows_of(const frame *data, int64_t length, int64_t horizon, int64_t targets)
{
    return (windows){ data, length, horizon, targets, data->rows - length - horizon + 1 };
}

double windows_truth(const windows *w, int64_t n, int64_t i)
{
    return w->data->value[(n + w->length + i / w->targets) * w->data->columns + i % w->targets];
}

bool windows_divide(windows_split *out, const windows *w, int64_t test, int64_t held_out, eddy_status *status)
{
    int64_t behind = w->horizon - 1;
    *out = (windows_split){ .test_first = w->data->rows - test - w->length, .test = test - behind };
    int64_t learned = out->test_first - behind; /* windows whose rows all lie before the first tested one */
    out->train = held_out ? learned - held_out - behind : learned;
    out->held_first = learned - held_out;
    out->held_out = held_out;
    if (out->test >= 1 && out->train >= 1 && held_out >= 0)
        return true;
    return eddy_status_fail(status,
                            "Of %" PRId64 " rows, with a window of %" PRId64 " and %" PRId64 " ahead, %" PRId64
                            " tested and %" PRId64 " held out leave %s.",
                            w->data->rows, w->length, w->horizon, test, held_out,
                            out->test < 1 ? "no window to test" : "no window to train on");
}

void windows_calendar(int64_t time, double out[WINDOWS_CALENDAR])
{
    static const double turn = 2 * 3.14159265358979323846;
    out[0] = sin(turn * date_of_year(time));
    out[1] = cos(turn * date_of_year(time));
    out[2] = sin(turn * date_of_day(time));
    out[3] = cos(turn * date_of_day(time));
}

bool windows_rows(const frame *data, const eddy_scaler *scaler, bool calendar, int64_t first, int64_t rows, double *out,
                  eddy_status *status)
{
    int64_t columns = data->columns, features = columns + (calendar ? WINDOWS_CALENDAR : 0);
    for (int64_t i = 0; i < rows; i++) {
        memcpy(out + i * features, data->value + (first + i) * columns, (size_t)columns * sizeof *out);
        if (calendar)
            windows_calendar(data->time[first + i], out + i * features + columns);
    }
    eddy_tensor all = eddy_tensor_wrap(out, EDDY_F64, EDDY_SHAPE(rows, features)), scaled;
    return eddy_tensor_slice(&scaled, &all, 1, (eddy_range){ 0, columns, 1 }, status) &&
           eddy_scaler_apply(scaler, &scaled, status);
}

void windows_place(const double *rows, int64_t features, int64_t n, int64_t length, double *batch, int64_t b,
                   int64_t size)
{
    for (int64_t t = 0; t < length; t++)
        memcpy(batch + (t * size + b) * features, rows + (n + t) * features, (size_t)features * sizeof *batch);
}
