/* Tables of text; see csv.h. The bytes are walked once: fields are copied without their quotation marks into one block,
 * and each line's place in it is kept. */
#include "csv.h"
#include "file.h"
#include "format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES_SHOWN = 12 };
static const size_t largest_file = (size_t)1 << 30;

typedef struct eddy_csv_line {
    size_t at;      /* its first field in the text */
    int64_t number; /* in the file, from 1; fields may contain line breaks */
} eddy_csv_line;

typedef struct reader {
    const char *at, *end;
    char *out; /* where the next field goes: no field is longer than it stands in the file */
    char separator;
    int64_t line;
    size_t count, room; /* of lines */
    eddy_csv *csv;
    eddy_status *status;
} reader;

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_line_end(char c)
{
    return c == '\n' || c == '\r';
}

/* Past one end of line: LF, CR LF or CR. */
static const char *skip_line_end(const char *at, const char *end)
{
    return at + (*at == '\r' && end - at > 1 && at[1] == '\n' ? 2 : 1);
}

/* The end without blank lines before it, which are no gaps. */
static const char *without_blank_lines(const char *start, const char *end)
{
    for (;;) {
        const char *p = end;
        while (p > start && is_blank(p[-1]))
            p--;
        if (p == start)
            return start;
        if (!is_line_end(p[-1]))
            return end;
        end = p - 1;
    }
}

/* The first of comma and semicolon that stands in the first line outside quotation marks, in this order; else a tab. */
static char find_separator(const char *at, const char *end)
{
    bool quoted = false, semicolon = false;
    for (; at < end && (quoted || !is_line_end(*at)); at++) {
        quoted ^= *at == '"';
        semicolon |= !quoted && *at == ';';
        if (!quoted && *at == ',')
            return ',';
    }
    return semicolon ? ';' : '\t';
}

static bool fail_line(const reader *r, int64_t line, const char *what)
{
    return eddy_status_fail(r->status, "%s, line %lld: %s.", r->csv->source, (long long)line, what);
}

static bool read_quoted(reader *r)
{
    const int64_t first = r->line;
    for (r->at++;; r->at++) {
        if (r->at == r->end)
            return fail_line(r, first, "a quotation mark is not closed");
        if (*r->at == '"' && (r->at + 1 == r->end || r->at[1] != '"'))
            break;
        if (*r->at == '"')
            r->at++;
        else if (is_line_end(*r->at) && !(*r->at == '\r' && r->at + 1 < r->end && r->at[1] == '\n'))
            r->line++;
        *r->out++ = *r->at;
    }
    for (r->at++; r->at < r->end && *r->at != r->separator && !is_line_end(*r->at); r->at++)
        if (!is_blank(*r->at))
            return fail_line(r, r->line, "text after a closing quotation mark");
    return true;
}

/* The next field and its zero; r->at stands behind it, on its separator or at the end of the line. */
static bool read_field(reader *r)
{
    while (r->at < r->end && is_blank(*r->at) && *r->at != r->separator)
        r->at++;
    if (r->at < r->end && *r->at == '"') {
        if (!read_quoted(r))
            return false;
    } else {
        char *start = r->out;
        while (r->at < r->end && *r->at != r->separator && !is_line_end(*r->at))
            *r->out++ = *r->at++;
        while (r->out > start && is_blank(r->out[-1]))
            r->out--;
    }
    *r->out++ = 0;
    return true;
}

static bool add_line(reader *r)
{
    if (r->count == r->room) {
        size_t more = r->room ? 2 * r->room : 256;
        eddy_csv_line *grown = eddy_reallocate(r->csv->lines, more, sizeof *grown);
        if (!grown)
            return eddy_status_fail(r->status, "out of memory while reading %s", r->csv->source);
        r->csv->lines = grown;
        r->room = more;
    }
    r->csv->lines[r->count++] = (eddy_csv_line){ (size_t)(r->out - r->csv->text), r->line };
    return true;
}

static bool read_line(reader *r)
{
    const int64_t line = r->line;
    int64_t fields = 0;
    if (!add_line(r))
        return false;
    for (bool more = true; more; fields++) {
        if (!read_field(r))
            return false;
        more = r->at < r->end && *r->at == r->separator;
        r->at += more;
    }
    if (r->at < r->end)
        r->at = skip_line_end(r->at, r->end);
    r->line++;
    if (r->count == 1)
        r->csv->columns = fields;
    if (fields == r->csv->columns)
        return true;
    return eddy_status_fail(r->status, "%s, line %lld has %lld field%s, but line 1 has %lld.", r->csv->source,
                            (long long)line, (long long)fields, fields == 1 ? "" : "s", (long long)r->csv->columns);
}

/* Field number `column` of line number `line`, header included. */
static const char *field_of(const eddy_csv *csv, size_t line, int64_t column)
{
    const char *field = csv->text + csv->lines[line].at;
    while (column-- > 0)
        field += strlen(field) + 1;
    return field;
}

static bool is_number(const char *field, double *value)
{
    return eddy_parse_number(field, strlen(field), value);
}

static bool is_header(const eddy_csv *csv)
{
    double ignored;
    const char *field = field_of(csv, 0, 0);
    for (int64_t k = 0; k < csv->columns; k++, field += strlen(field) + 1)
        if (is_number(field, &ignored))
            return false;
    return true;
}

static bool read_table(reader *r)
{
    if (r->end - r->at >= 3 && !memcmp(r->at, "\xef\xbb\xbf", 3)) /* a byte order mark, as spreadsheets write it */
        r->at += 3;
    r->end = without_blank_lines(r->at, r->end);
    if (r->at == r->end)
        return eddy_status_fail(r->status, "%s is empty.", r->csv->source);
    r->separator = find_separator(r->at, r->end);
    while (r->at < r->end)
        if (!read_line(r))
            return false;
    r->csv->has_header = is_header(r->csv);
    r->csv->rows = (int64_t)r->count - r->csv->has_header;
    return true;
}

bool eddy_csv_parse(eddy_csv *out, const void *bytes, size_t size, const char *name, eddy_status *status)
{
    if (!out || (!bytes && size))
        return eddy_status_fail(status, "csv_parse: the %s NULL", out ? "bytes are" : "table to fill is");
    *out = (eddy_csv){ 0 };
    name = name ? name : "the table";
    if (size > largest_file)
        return eddy_status_fail(status, "%s is larger than 1 GiB.", name);
    const char *zero = size ? memchr(bytes, 0, size) : NULL;
    if (zero)
        return eddy_status_fail(status, "%s is not text: byte %lld is zero. A table is read from .csv files.", name,
                                (long long)(zero - (const char *)bytes));
    out->source = eddy_allocate(strlen(name) + 1, 1);
    out->text = eddy_allocate(size + 1, 1);
    bool good = (out->source && out->text) || eddy_status_fail(status, "out of memory while reading %s", name);
    if (good) {
        memcpy(out->source, name, strlen(name));
        const char *at = size ? bytes : "";
        reader r = { .at = at, .end = at + size, .out = out->text, .line = 1, .csv = out, .status = status };
        good = read_table(&r);
    }
    if (!good)
        eddy_csv_free(out);
    return good;
}

bool eddy_csv_load(eddy_csv *out, const char *path, eddy_status *status)
{
    unsigned char *bytes;
    size_t size;
    if (!out)
        return eddy_status_fail(status, "csv_load: the table to fill is NULL");
    *out = (eddy_csv){ 0 };
    if (!eddy_read_whole(&bytes, &size, path, largest_file, status))
        return false;
    bool good = eddy_csv_parse(out, bytes, size, path, status);
    eddy_free(bytes);
    return good;
}

void eddy_csv_free(eddy_csv *csv)
{
    if (!csv)
        return;
    eddy_free(csv->source);
    eddy_free(csv->text);
    eddy_free(csv->lines);
    *csv = (eddy_csv){ 0 };
}

const char *eddy_csv_name(const eddy_csv *csv, int64_t column)
{
    return csv && csv->has_header && column >= 0 && column < csv->columns ? field_of(csv, 0, column) : NULL;
}

const char *eddy_csv_field(const eddy_csv *csv, int64_t row, int64_t column)
{
    if (!csv || row < 0 || row >= csv->rows || column < 0 || column >= csv->columns)
        return NULL;
    return field_of(csv, (size_t)row + csv->has_header, column);
}

int64_t eddy_csv_line_number(const eddy_csv *csv, int64_t row)
{
    return csv && row >= 0 && row < csv->rows ? csv->lines[row + csv->has_header].number : 0;
}

/* ---- Columns ---- */

/* " (a, b, c)", the first names of the header. */
static void list_names(const eddy_csv *csv, char *text, size_t size)
{
    size_t used = (size_t)snprintf(text, size, " (");
    for (int64_t k = 0; k < csv->columns && k <= NAMES_SHOWN && used < size; k++) {
        const char *name = eddy_csv_name(csv, k);
        if (k == NAMES_SHOWN)
            name = "...";
        else if (strlen(name) >= 40)
            continue;
        used += (size_t)snprintf(text + used, size - used, "%s%s", used > 2 ? ", " : "", name);
    }
    if (used < size)
        snprintf(text + used, size - used, ")");
}

static bool from_number(const char *column, int64_t columns, int64_t *index)
{
    char *end;
    long long value = strtoll(column, &end, 10); /* beyond 64 bits it is the largest, and out of range */
    bool good = end != column && !*end && value >= 1 && value <= columns;
    *index = good ? value - 1 : -1;
    return good;
}

int64_t eddy_csv_column(const eddy_csv *csv, const char *column, eddy_status *status)
{
    char names[600] = "";
    int64_t found = -1, index;
    if (!csv || !csv->text) {
        eddy_status_fail(status, "csv_column: the table is %s", csv ? "empty or was freed" : "NULL");
        return -1;
    }
    for (int64_t k = 0; column && csv->has_header && k < csv->columns; k++) {
        if (strcmp(eddy_csv_name(csv, k), column) != 0)
            continue;
        if (found >= 0) {
            eddy_status_fail(status, "%s has two columns \"%s\", numbers %lld and %lld: choose one by its number.",
                             csv->source, column, (long long)found + 1, (long long)k + 1);
            return -1;
        }
        found = k;
    }
    if (found >= 0 || (column && from_number(column, csv->columns, &index)))
        return found >= 0 ? found : index;
    if (!column && csv->columns == 1)
        return 0;
    if (csv->has_header)
        list_names(csv, names, sizeof names);
    if (column)
        eddy_status_fail(status,
                         "%s has no column \"%s\": it has %lld%s; a column is chosen by its name or number, 1 to %lld.",
                         csv->source, column, (long long)csv->columns, csv->has_header ? names : " without names",
                         (long long)csv->columns);
    else
        eddy_status_fail(status, "%s has %lld columns%s: choose one with --column.", csv->source,
                         (long long)csv->columns, names);
    return -1;
}

bool eddy_csv_is_gap(const char *field)
{
    static const char *const words[] = { "", "na", "n/a", "nan", "null", "none", "-", "." };
    for (size_t i = 0; field && i < sizeof words / sizeof *words; i++) {
        const char *a = field, *b = words[i];
        while (*a && (*a | (*a >= 'A' && *a <= 'Z' ? 32 : 0)) == *b) {
            a++;
            b++;
        }
        if (!*a && !*b)
            return true;
    }
    return false;
}

static bool wrong_field(const eddy_csv *csv, size_t line, int64_t column, eddy_status *status)
{
    char shown[41];
    const char *field = field_of(csv, line, column);
    long long number = csv->lines[line].number;
    eddy_escape(shown, sizeof shown, field);
    if (eddy_csv_is_gap(field))
        return eddy_status_fail(
            status,
            "%s, line %lld, column %lld: a gap (\"%s\"). Fill it or cut the series: its values must be equally spaced.",
            csv->source, number, (long long)column + 1, shown);
    return eddy_status_fail(status, "%s, line %lld, column %lld: \"%s\" is not a number%s.", csv->source, number,
                            (long long)column + 1, shown,
                            line == 0 ? " (nor is line 1 a header: another of its fields is a number)" : "");
}

bool eddy_csv_numbers(eddy_tensor *out, const eddy_csv *csv, int64_t column, eddy_status *status)
{
    if (!out)
        return eddy_status_fail(status, "csv_numbers: the tensor to fill is NULL");
    *out = (eddy_tensor){ 0 };
    if (!csv || !csv->text || column < 0 || column >= csv->columns)
        return eddy_status_fail(status, "csv_numbers: the table has no column %lld, counted from 0", (long long)column);
    if (!eddy_tensor_new(out, EDDY_F64, EDDY_SHAPE(csv->rows), status))
        return false;
    double *value = out->data;
    for (int64_t row = 0; row < csv->rows; row++) {
        const size_t line = (size_t)row + csv->has_header;
        if (!is_number(field_of(csv, line, column), &value[row])) {
            eddy_tensor_free(out);
            return wrong_field(csv, line, column, status);
        }
    }
    return true;
}
