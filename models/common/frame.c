/* Tables of series. */
#include "frame.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const size_t largest_file = (size_t)1 << 30;

void frame_free(frame *f)
{
    for (int64_t k = 0; f->name && k < f->columns; k++)
        eddy_free(f->name[k]);
    eddy_free(f->name);
    eddy_free(f->value);
    eddy_free(f->time);
    *f = (frame){ 0 };
}

static bool no_memory(eddy_status *status)
{
    return eddy_status_fail(status, "There is no memory for a table of series.");
}

static char *copied(const char *text, size_t length)
{
    char *copy = eddy_allocate(length + 1, 1);
    if (copy)
        memcpy(copy, text, length);
    return copy;
}

static bool make(frame *f, int64_t rows, int64_t columns, eddy_status *status)
{
    f->rows = rows;
    f->columns = columns;
    f->name = eddy_allocate((size_t)columns, sizeof *f->name);
    f->value = eddy_allocate((size_t)rows + 1, (size_t)columns * sizeof *f->value);
    return (f->name && f->value) || no_memory(status);
}

bool frame_of(frame *out, const double *value, int64_t count, const char *name, eddy_status *status)
{
    *out = (frame){ 0 };
    bool ok = make(out, count, 1, status);
    if (ok) {
        memcpy(out->value, value, (size_t)count * sizeof *value);
        out->name[0] = copied(name, strlen(name));
        ok = out->name[0] || no_memory(status);
    }
    if (!ok)
        frame_free(out);
    return ok;
}

/* ---- Choosing columns ---- */

typedef struct chosen {
    int64_t column[FRAME_COLUMNS], count;
} chosen;

static bool add(chosen *c, int64_t column, const char *source, eddy_status *status)
{
    for (int64_t k = 0; k < c->count; k++)
        if (c->column[k] == column)
            return eddy_status_fail(status, "Column %" PRId64 " of %s is chosen twice.", column + 1, source);
    if (c->count == FRAME_COLUMNS)
        return eddy_status_fail(status, "At most %d columns can be chosen.", FRAME_COLUMNS);
    c->column[c->count++] = column;
    return true;
}

/* A list may also be one name with a comma in it. */
static bool add_list(chosen *c, const eddy_csv *table, const char *list, eddy_status *status)
{
    for (int64_t k = 0; k < table->columns; k++)
        if (eddy_csv_name(table, k) && !strcmp(eddy_csv_name(table, k), list) && strchr(list, ','))
            return add(c, k, table->source, status);
    bool ok = true;
    while (ok && *list) {
        size_t length = strcspn(list, ",");
        char *name = copied(list, length);
        int64_t column = -1;
        ok = name || no_memory(status);
        if (ok)
            column = eddy_csv_column(table, name, status);
        ok = ok && column >= 0 && add(c, column, table->source, status);
        eddy_free(name);
        list += length + (list[length] == ',');
    }
    return ok;
}

/* How many rows, from the first on, have dates of one form; numbers are none. */
static int64_t dated_rows(const eddy_csv *table, int64_t column)
{
    int64_t most = 0, time;
    for (int form = DATE_ISO; form < DATE_FORMS; form++) {
        int64_t rows = 0;
        while (form != DATE_COMPACT && form != DATE_YEAR && rows < table->rows &&
               date_parse(eddy_csv_field(table, rows, column), (date_form)form, &time))
            rows++;
        most = rows > most ? rows : most;
    }
    return most;
}

/* Tells of the first row behind those; there is one. */
static bool no_date(const eddy_csv *table, int64_t column, eddy_status *status)
{
    int64_t row = dated_rows(table, column);
    char shown[41];
    eddy_escape(shown, sizeof shown, row < table->rows ? eddy_csv_field(table, row, column) : "");
    return eddy_status_fail(status, "%s, line %" PRId64 ", column %" PRId64 ": \"%s\" is no date%s.", table->source,
                            eddy_csv_line_number(table, row), column + 1, shown,
                            row ? " of the form of those before" : "");
}

/* The column of dates, -1 for none. Where the first two rows have dates all must: one wrong date does not take the
 * others away in silence. */
static bool find_dates(const eddy_csv *table, const frame_choice *choice, int64_t *column, date_form *form,
                       eddy_status *status)
{
    const date_form usual = choice->like ? choice->like->form : DATE_NONE;
    *column = -1;
    *form = DATE_NONE;
    if (choice->date) {
        *column = eddy_csv_column(table, choice->date, status);
        *form = *column >= 0 ? date_find(table, *column, true, usual) : DATE_NONE;
        if (*column < 0 || *form)
            return *column >= 0;
        return no_date(table, *column, status);
    }
    for (int64_t k = 0; k < table->columns && *column < 0; k++) {
        *form = date_find(table, k, date_name(eddy_csv_name(table, k)), usual);
        *column = *form ? k : -1;
    }
    for (int64_t k = 0; k < table->columns && *column < 0; k++)
        if (dated_rows(table, k) > 1)
            return no_date(table, k, status);
    return true;
}

/* The columns that have the names of another frame's, if all are there. */
static bool add_like(chosen *c, const eddy_csv *table, const frame *like, eddy_status *status)
{
    chosen found = { .count = 0 };
    for (int64_t k = 0; k < like->columns; k++) {
        eddy_status ignored = { 0 };
        int64_t column = table->has_header ? eddy_csv_column(table, like->name[k], &ignored) : -1;
        if (column < 0 || strcmp(eddy_csv_name(table, column), like->name[k]) ||
            !add(&found, column, table->source, status))
            return false;
    }
    *c = found;
    return true;
}

static bool choose(chosen *c, const eddy_csv *table, const frame_choice *choice, int64_t dates, int64_t *targets,
                   eddy_status *status)
{
    int64_t others = table->columns - (dates >= 0);
    if (!choice->targets && !choice->inputs && choice->like && add_like(c, table, choice->like, status)) {
        *targets = choice->like_targets;
        return true;
    }
    bool ok = choice->targets ? add_list(c, table, choice->targets, status)
              : others == 1   ? add(c, dates == 0 ? 1 : 0, table->source, status)
                              : eddy_csv_column(table, NULL, status) >= 0 && add(c, 0, table->source, status);
    *targets = c->count;
    return ok && (!choice->inputs || add_list(c, table, choice->inputs, status));
}

/* ---- Reading ---- */

/* "0,5" or "1.234,5" */
static bool has_decimal_comma(const char *field)
{
    const char *comma = strrchr(field, ',');
    return comma && comma > field && comma[1] && strspn(field, "+-0123456789.,") == strlen(field);
}

static bool wrong_cell(const eddy_csv *table, int64_t row, int64_t column, eddy_status *status)
{
    char shown[41];
    const char *field = eddy_csv_field(table, row, column);
    eddy_escape(shown, sizeof shown, field);
    if (eddy_csv_is_gap(field))
        return eddy_status_fail(status,
                                "%s, line %" PRId64 ", column %" PRId64
                                ": a gap (\"%s\"). Fill it or cut the series, whose values must be equally spaced; or "
                                "--gaps carry repeats the value before, --gaps drop leaves the row out.",
                                table->source, eddy_csv_line_number(table, row), column + 1, shown);
    const char *hint = has_decimal_comma(field)         ? "; its decimals must follow a point"
                       : row == 0 && !table->has_header ? " (nor is line 1 a header: another of its fields is a number)"
                                                        : "";
    return eddy_status_fail(status, "%s, line %" PRId64 ", column %" PRId64 ": \"%s\" is not a number%s.",
                            table->source, eddy_csv_line_number(table, row), column + 1, shown, hint);
}

static bool read_row(frame *f, const eddy_csv *table, const chosen *c, int64_t row, frame_gaps gaps, bool *kept,
                     eddy_status *status)
{
    double *to = f->value + f->rows * f->columns;
    *kept = true;
    for (int64_t k = 0; k < f->columns; k++) {
        const char *field = eddy_csv_field(table, row, c->column[k]);
        if (eddy_parse_number(field, strlen(field), &to[k]))
            continue;
        if (!eddy_csv_is_gap(field) || gaps == FRAME_GAPS_ERROR)
            return wrong_cell(table, row, c->column[k], status);
        if (gaps == FRAME_GAPS_DROP) {
            *kept = false;
        } else if (!f->rows) {
            return eddy_status_fail(status,
                                    "%s, line %" PRId64 ", column %" PRId64
                                    ": a gap in the first row has no value before it to carry on.",
                                    table->source, eddy_csv_line_number(table, row), c->column[k] + 1);
        } else {
            to[k] = to[k - f->columns];
            f->carried++;
        }
    }
    f->dropped += !*kept;
    return true;
}

static bool read_date(frame *f, const eddy_csv *table, int64_t row, int64_t dates, int64_t *line, eddy_status *status)
{
    int64_t time = 0, before = *line;
    const char *field = eddy_csv_field(table, row, dates);
    date_parse(field, f->form, &time); /* date_find has seen that it is one */
    *line = eddy_csv_line_number(table, row);
    if (!f->rows || time > f->time[f->rows - 1]) {
        f->time[f->rows] = time;
        return true;
    }
    return eddy_status_fail(
        status, "%s, line %" PRId64 ": the date %s %s line %" PRId64 "'s. Sort the file, with one row a date.",
        table->source, *line, field, time == f->time[f->rows - 1] ? "is also" : "is before", before);
}

static bool from_table(frame *f, const eddy_csv *table, const frame_choice *choice, int64_t *targets,
                       eddy_status *status)
{
    chosen c = { .count = 0 };
    int64_t dates, line = 0;
    date_form form;
    if (!find_dates(table, choice, &dates, &form, status) || !choose(&c, table, choice, dates, targets, status) ||
        !make(f, table->rows, c.count, status))
        return false;
    for (int64_t k = 0; k < c.count; k++) { /* a column asked for as a number is none of dates */
        const char *name = eddy_csv_name(table, c.column[k]);
        char number[24];
        snprintf(number, sizeof number, "%" PRId64, c.column[k] + 1);
        name = name ? name : number;
        f->name[k] = copied(name, strlen(name));
        if (!f->name[k])
            return no_memory(status);
        form = c.column[k] == dates && !choice->date ? DATE_NONE : form;
    }
    f->form = form;
    f->time = form ? eddy_allocate((size_t)table->rows + 1, sizeof *f->time) : NULL;
    if (form && !f->time)
        return no_memory(status);
    f->rows = 0;
    for (int64_t row = 0; row < table->rows; row++) {
        bool kept;
        if (!read_row(f, table, &c, row, choice->gaps, &kept, status) ||
            (kept && form && !read_date(f, table, row, dates, &line, status)))
            return false;
        f->rows += kept;
    }
    if (form && f->rows > 1)
        f->step = date_find_step(f->time, f->rows);
    else if (form && choice->like)
        f->step = choice->like->step;
    return true;
}

/* Columns have numbers only. */
static bool from_array(frame *f, const eddy_tensor *array, const char *path, const frame_choice *choice,
                       int64_t *targets, eddy_status *status)
{
    const eddy_shape *shape = &array->shape;
    const char *lists[2] = { choice->targets, choice->inputs };
    int64_t columns = shape->rank == 2 ? shape->dim[1] : 1;
    chosen c = { .count = 0 };
    if (shape->rank != 1 && shape->rank != 2)
        return eddy_status_fail(status, "%s has shape %s; a series has one axis, or two: rows and columns.", path,
                                eddy_shape_format(shape).text);
    if (!lists[0] && columns != 1)
        return eddy_status_fail(status, "%s has shape %s, so %" PRId64 " columns: choose one with --column.", path,
                                eddy_shape_format(shape).text, columns);
    for (int i = 0; i < 2; i++) {
        for (const char *at = lists[i]; at && *at;) {
            double number = 0;
            size_t length = strcspn(at, ",");
            if (!eddy_parse_number(at, length, &number) || number < 1 || number > (double)columns ||
                number != floor(number))
                return eddy_status_fail(
                    status, "%s has no column \"%.*s\": its columns have no names but the numbers 1 to %" PRId64 ".",
                    path, (int)length, at, columns);
            if (!add(&c, (int64_t)number - 1, path, status))
                return false;
            at += length + (at[length] == ',');
        }
        if (!i && !lists[0])
            add(&c, 0, path, status);
        *targets = i ? *targets : c.count;
    }
    if (!make(f, shape->dim[0], c.count, status))
        return false;
    for (int64_t k = 0; k < c.count; k++) {
        char number[24];
        snprintf(number, sizeof number, "%" PRId64, c.column[k] + 1);
        f->name[k] = copied(number, strlen(number));
        if (!f->name[k])
            return no_memory(status);
        for (int64_t row = 0; row < f->rows; row++) {
            double value = eddy_tensor_flat(array, row * columns + c.column[k]);
            if (!isfinite(value))
                return eddy_status_fail(status, "%s, element %" PRId64 ": %g is no number to forecast from.", path,
                                        row * columns + c.column[k], value);
            f->value[row * c.count + k] = value;
        }
    }
    return true;
}

bool frame_read(frame *out, const char *path, const frame_choice *choice, int64_t *targets, eddy_status *status)
{
    *out = (frame){ 0 };
    unsigned char *bytes;
    size_t size, length = path ? strlen(path) : 0;
    if (!eddy_read_whole(&bytes, &size, path, largest_file, status))
        return false;
    bool ok;
    if ((size >= 6 && !memcmp(bytes, "\x93NUMPY", 6)) || (length > 4 && !strcmp(path + length - 4, ".npy"))) {
        eddy_tensor array = { 0 };
        ok =
            eddy_npy_parse(&array, bytes, size, path, status) && from_array(out, &array, path, choice, targets, status);
        eddy_tensor_free(&array);
    } else {
        eddy_csv table;
        ok = eddy_csv_parse(&table, bytes, size, path, status) && from_table(out, &table, choice, targets, status);
        eddy_csv_free(&table);
    }
    eddy_free(bytes);
    if (!ok)
        frame_free(out);
    return ok;
}

/* ---- In a card ---- */

/* Names stand one a line; a line break in a name becomes a blank. */
void frame_describe(const frame *f, card *c)
{
    size_t size = 1;
    for (int64_t k = 0; k < f->columns; k++)
        size += strlen(f->name[k]) + 1;
    char *names = eddy_allocate(size, 1), *end = names;
    for (int64_t k = 0; names && k < f->columns; k++) {
        for (const char *p = f->name[k]; *p; p++)
            *end++ = *p == '\n' ? ' ' : *p;
        if (k < f->columns - 1)
            *end++ = '\n';
    }
    if (names)
        card_text(c, "columns", names);
    else
        c->failed = true;
    eddy_free(names);
    card_count(c, "date_form", f->form);
    card_count(c, "date_unit", f->step.unit);
    card_count(c, "date_step", f->step.count);
}

bool frame_read_names(frame *out, const card *c, eddy_status *status)
{
    *out = (frame){ 0 };
    const char *names = card_find(c, "columns");
    int64_t form, unit, columns = 1;
    if (!names)
        return eddy_status_fail(status, "The model file is damaged: it has no eddy.columns.");
    for (const char *p = names; *p; p++)
        columns += *p == '\n';
    if (columns > FRAME_COLUMNS)
        return eddy_status_fail(status, "The model file is damaged: it has more than %d columns.", FRAME_COLUMNS);
    if (!make(out, 0, columns, status) || !card_read_count(c, "date_form", 0, DATE_FORMS - 1, &form, status) ||
        !card_read_count(c, "date_unit", 0, DATE_WEEKDAYS, &unit, status) ||
        !card_read_count(c, "date_step", 0, INT64_C(1) << 40, &out->step.count, status)) {
        frame_free(out);
        return false;
    }
    out->form = (date_form)form;
    out->step.unit = (date_unit)unit;
    for (int64_t k = 0; k < columns; k++) {
        size_t length = strcspn(names, "\n");
        out->name[k] = copied(names, length);
        names += length + (names[length] == '\n');
        if (!out->name[k]) {
            frame_free(out);
            return no_memory(status);
        }
    }
    return true;
}
