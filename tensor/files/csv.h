/* Tables of text: comma-separated values (RFC 4180), or separated by semicolons or tabs if the first line has no comma
 * outside quotation marks.
 *
 * Lines end in LF, CR LF or CR; blank lines at the end are left out, and so are blanks around a field and a byte order
 * mark. Fields may be quoted, with "" for a quotation mark, separators and line breaks inside. Every line must have as
 * many fields as the first. The first line is a header, the columns' names, if no field of it is a number. Nothing is
 * trusted: at most 1 GiB is read, and text with zero bytes is refused. */
#ifndef EDDY_CSV_H
#define EDDY_CSV_H

#include "tensor.h"

EDDY_C_BEGIN

/* Everything in it is the table's own. */
typedef struct eddy_csv {
    int64_t rows, columns; /* of data: a header is no row */
    bool has_header;
    char *source; /* what sentences call it */
    char *text;   /* all fields, unquoted, each with a zero behind it */
    struct eddy_csv_line *lines;
} eddy_csv;

/* *out is {0} after a failure; free it with eddy_csv_free. */
EDDY_API bool eddy_csv_load(eddy_csv *out, const char *path, eddy_status *status);
/* The same from bytes in memory; `name` is what sentences call them. */
EDDY_API bool eddy_csv_parse(eddy_csv *out, const void *bytes, size_t size, const char *name, eddy_status *status);
EDDY_API void eddy_csv_free(eddy_csv *csv);

/* Rows and columns count from 0. NULL where there is none; the pointer lives as long as the table. */
EDDY_API const char *eddy_csv_name(const eddy_csv *csv, int64_t column);
EDDY_API const char *eddy_csv_field(const eddy_csv *csv, int64_t row, int64_t column);

/* The line of the file on which a row begins, counted from 1; 0 for a row that there is not. */
EDDY_API int64_t eddy_csv_line_number(const eddy_csv *csv, int64_t row);
/* Is a field what people write where a number is missing ("", "NA", "nan", "null", "-", ...)? */
EDDY_API bool eddy_csv_is_gap(const char *field);

/* The column that a user means: NULL for the only one, a name in the header, or a number from 1. -1 with a sentence
 * that lists what there is, also when two columns have that name. */
EDDY_API int64_t eddy_csv_column(const eddy_csv *csv, const char *column, eddy_status *status);
/* The finite numbers of a column, (rows), f64. A gap or anything else in it is a failure that names the line. *out is
 * {0} after a failure. */
EDDY_API bool eddy_csv_numbers(eddy_tensor *out, const eddy_csv *csv, int64_t column, eddy_status *status);

EDDY_C_END
#endif
