/* Reading a series: .csv and .npy files, and the generated one. Text is read whole, then walked once; every failure
 * names file and line. */
#include "series.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES_SHOWN = 12 };
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

/* The bytes of a file and a zero; pipes have no size to ask for. */
static char *read_file(const char *path, size_t *size, eddy_status *status)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        eddy_status_fail(status, "%s cannot be read: %s.", path, strerror(errno));
        return NULL;
    }
    char *text = NULL;
    size_t length = 0, room = 0;
    errno = 0;
    for (size_t got = 1; got;) {
        if (room - length < 2) {
            room = room ? 2 * room : 1 << 16;
            char *grown = room > largest_file ? NULL : eddy_reallocate(text, room, 1);
            if (!grown) {
                eddy_status_fail(
                    status, room > largest_file ? "%s is larger than 1 GiB." : "There is no memory to read %s.", path);
                goto fail;
            }
            text = grown;
        }
        length += got = fread(text + length, 1, room - length - 1, file);
    }
    if (ferror(file)) {
        eddy_status_fail(status, "%s cannot be read: %s.", path, strerror(errno));
        goto fail;
    }
    fclose(file);
    text[length] = 0;
    *size = length;
    return text;
fail:
    eddy_free(text);
    fclose(file);
    return NULL;
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

typedef struct reader {
    const char *path;
    eddy_status *status;
    char separator;
    long long line;
    int64_t fields; /* of the first line: every other must have as many */
} reader;

typedef struct field {
    const char *text;
    size_t length;
    bool quoted;
} field;

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

/* The next field of a line; *at moves behind its separator, or becomes NULL after the last. Blanks around it are left
 * out. */
static bool next_field(reader *r, const char **at, const char *end, field *out)
{
    const char *p = *at;
    while (p < end && is_space(*p) && *p != r->separator)
        p++;
    out->quoted = p < end && *p == '"';
    if (out->quoted) {
        const char *start = ++p;
        while (p < end && !(*p == '"' && (p + 1 == end || p[1] != '"')))
            p += *p == '"' ? 2 : 1;
        if (p >= end)
            return eddy_status_fail(r->status, "%s, line %lld: a quotation mark is not closed.", r->path, r->line);
        *out = (field){ start, (size_t)(p - start), true };
        for (p++; p < end && *p != r->separator; p++)
            if (!is_space(*p))
                return eddy_status_fail(r->status, "%s, line %lld: text after a closing quotation mark.", r->path,
                                        r->line);
    } else {
        const char *start = p;
        while (p < end && *p != r->separator)
            p++;
        size_t length = (size_t)(p - start);
        while (length && is_space(start[length - 1]))
            length--;
        *out = (field){ start, length, false };
    }
    *at = p < end ? p + 1 : NULL;
    return true;
}

/* strtod also takes hexadecimals and infinities; a field must be a decimal number and nothing else. */
static bool number_of(const field *f, double *value)
{
    char text[64];
    if (!f->length || f->length >= sizeof text || memchr(f->text, 0, f->length))
        return false;
    memcpy(text, f->text, f->length);
    text[f->length] = 0;
    if (strspn(text, "+-.0123456789eE") != f->length)
        return false;
    char *end;
    *value = strtod(text, &end);
    return !*end && isfinite(*value);
}

static bool is_gap(const field *f)
{
    static const char *const words[] = { "", "na", "n/a", "nan", "null", "none", "-", "." };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        bool same = strlen(words[i]) == f->length;
        for (size_t k = 0; same && k < f->length; k++)
            same = (f->text[k] | (f->text[k] >= 'A' && f->text[k] <= 'Z' ? 32 : 0)) == words[i][k];
        if (same)
            return true;
    }
    return false;
}

static bool wrong_field(const reader *r, const field *f, int64_t number)
{
    char shown[41];
    int n = f->length < 40 ? (int)f->length : 40;
    for (int i = 0; i < n; i++)
        shown[i] = (unsigned char)f->text[i] < 32 ? '?' : f->text[i];
    shown[n] = 0;
    if (is_gap(f))
        return eddy_status_fail(
            r->status,
            "%s, line %lld, column %lld: a gap (\"%s\"). Fill it or cut the series: its values must be equally spaced.",
            r->path, r->line, (long long)number, shown);
    return eddy_status_fail(r->status, "%s, line %lld, column %lld: \"%s\" is not a number%s.", r->path, r->line,
                            (long long)number, shown,
                            r->line == 1 ? " (nor is line 1 a header: another of its fields is a number)" : "");
}

/* What the first line says: its number of fields, whether it is a header, and which column is meant (from 1). */
static bool first_line(reader *r, const char *start, const char *end, const char *column, bool *header, int64_t *chosen)
{
    char names[256] = "";
    int64_t named = 0;
    double ignored;
    *header = true;
    r->separator = memchr(start, ',', (size_t)(end - start))   ? ','
                   : memchr(start, ';', (size_t)(end - start)) ? ';'
                                                               : '\t';
    for (const char *at = start; at;) {
        field f;
        if (!next_field(r, &at, end, &f))
            return false;
        r->fields++;
        *header = *header && !number_of(&f, &ignored);
        if (column && !named && strlen(column) == f.length && !memcmp(column, f.text, f.length))
            named = r->fields;
        if (r->fields <= NAMES_SHOWN && f.length < 40) {
            size_t used = strlen(names);
            snprintf(names + used, sizeof names - used, "%s%.*s", r->fields > 1 ? ", " : "", (int)f.length, f.text);
        }
        if (r->fields == NAMES_SHOWN && at)
            snprintf(names + strlen(names), sizeof names - strlen(names), ", ...");
    }
    int64_t number = 0;
    *chosen = 1;
    if (column && *header && named)
        *chosen = named;
    else if (column && column_number(column, &number) && number >= 1 && number <= r->fields)
        *chosen = number;
    else if (column)
        return eddy_status_fail(
            r->status,
            "%s has no column \"%s\": it has %lld%s%s%s; a column is chosen by its name or number, 1 to %lld.", r->path,
            column, (long long)r->fields, *header ? " (" : " without names", *header ? names : "", *header ? ")" : "",
            (long long)r->fields);
    else if (r->fields != 1)
        return eddy_status_fail(r->status, "%s has %lld columns%s%s%s: choose one with --column.", r->path,
                                (long long)r->fields, *header ? " (" : "", *header ? names : "", *header ? ")" : "");
    return true;
}

static bool append(series *out, int64_t *room, double value, const reader *r)
{
    if (out->count == *room) {
        int64_t more = *room ? 2 * *room : 1024;
        double *grown = eddy_reallocate(out->value, (size_t)more, sizeof *grown);
        if (!grown)
            return eddy_status_fail(r->status, "There is no memory for the values of %s.", r->path);
        out->value = grown;
        *room = more;
    }
    out->value[out->count++] = value;
    return true;
}

static bool data_line(reader *r, const char *start, const char *end, int64_t chosen, double *value)
{
    int64_t fields = 0;
    for (const char *at = start; at;) {
        field f;
        if (!next_field(r, &at, end, &f))
            return false;
        fields++;
        if (fields == chosen && !number_of(&f, value) && (fields == r->fields || at))
            return wrong_field(r, &f, fields);
    }
    if (fields != r->fields)
        return eddy_status_fail(r->status, "%s, line %lld has %lld field%s, but line 1 has %lld.", r->path, r->line,
                                (long long)fields, fields == 1 ? "" : "s", (long long)r->fields);
    return true;
}

static bool from_text(series *out, const char *text, size_t size, const char *path, const char *column,
                      eddy_status *status)
{
    reader r = { .path = path, .status = status };
    series result = { 0 };
    int64_t room = 0, chosen = 1;
    bool header = false;
    const char *at = text, *stop = text + size;
    if (size >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) /* a byte order mark, as spreadsheets write it */
        at += 3;
    while (stop > at &&
           (stop[-1] == '\n' || stop[-1] == '\r' || is_space(stop[-1]))) /* blank lines at the end are no gaps */
        stop--;
    if (at == stop)
        return eddy_status_fail(status, "%s is empty.", path);
    const char *zero = memchr(at, 0, (size_t)(stop - at));
    if (zero)
        return eddy_status_fail(status, "%s is not text: byte %lld is zero. A series is read from .csv or .npy.", path,
                                (long long)(zero - text));
    while (at < stop) {
        const char *newline = memchr(at, '\n', (size_t)(stop - at)), *next = newline ? newline + 1 : stop,
                   *end = newline ? newline : stop;
        if (end > at && end[-1] == '\r')
            end--;
        r.line++;
        double value = 0;
        bool ok = r.line > 1 || first_line(&r, at, end, column, &header, &chosen);
        if (ok && (r.line > 1 || !header))
            ok = data_line(&r, at, end, chosen, &value) && append(&result, &room, value, &r);
        if (!ok) {
            series_free(&result);
            return false;
        }
        at = next;
    }
    *out = result;
    return true;
}

bool series_read(series *out, const char *path, const char *column, eddy_status *status)
{
    *out = (series){ 0 };
    size_t size = 0, name = strlen(path);
    char *text = read_file(path, &size, status);
    if (!text)
        return false;
    bool ok;
    if ((size >= 6 && !memcmp(text, "\x93NUMPY", 6)) || (name > 4 && !strcmp(path + name - 4, ".npy"))) {
        eddy_tensor array = { 0 };
        ok = eddy_npy_parse(&array, text, size, path, status) && from_npy(out, &array, path, column, status);
        eddy_tensor_free(&array);
    } else {
        ok = from_text(out, text, size, path, column, status);
    }
    eddy_free(text);
    return ok;
}
