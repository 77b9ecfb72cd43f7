/* Tensors as text, by NumPy's rules: what is shown decides the style of all of it. Assumes nothing about size; what is
 * not shown is not read. Numbers never follow the locale. */
#include "format.h"
#include "text_buffer.h"

#include <math.h>
#include <string.h>

enum { NUMBER_SIZE = 128, MAX_PRECISION = 60 };

typedef struct formatter {
    const eddy_tensor *tensor;
    int precision, width;
    int64_t edge; /* elements shown at each end of an axis; INT64_MAX to show all */
    bool exponents;
    int digits;      /* of a mantissa, when exponents are shown */
    int left, right; /* the columns before the point, and after it */
    eddy_text text;
    int column;
} formatter;

static double float_at(const eddy_tensor *tensor, int64_t offset)
{
    return tensor->dtype == EDDY_F32 ? (double)((const float *)tensor->data)[offset]
                                     : ((const double *)tensor->data)[offset];
}

static int64_t integer_at(const eddy_tensor *tensor, int64_t offset)
{
    return tensor->dtype == EDDY_I32 ? ((const int32_t *)tensor->data)[offset]
                                     : ((const int64_t *)tensor->data)[offset];
}

/* "12.5": zeros at the end are dropped, the point stays. */
static void write_fixed(char number[NUMBER_SIZE], double value, int precision)
{
    eddy_snprintf(number, NUMBER_SIZE, "%#.*f", precision, value);
    size_t end = strlen(number);
    while (number[end - 1] == '0')
        end--;
    number[end] = 0;
}

static void write_exponent(char number[NUMBER_SIZE], double value, int digits)
{
    eddy_snprintf(number, NUMBER_SIZE, "%#.*e", digits, value);
}

/* Digits of the mantissa up to the last that is not zero. */
static int mantissa_digits(double value, int precision)
{
    char number[NUMBER_SIZE];
    write_exponent(number, value, precision);
    const char *point = strchr(number, '.');
    int digits = (int)strspn(point + 1, "0123456789");
    while (digits && point[digits] == '0')
        digits--;
    return digits;
}

typedef void visitor(formatter *f, int64_t offset, void *context);

/* Visits the elements that are shown. */
static void visit(formatter *f, int axis, int64_t offset, visitor *each, void *context)
{
    if (axis == f->tensor->shape.rank) {
        each(f, offset, context);
        return;
    }
    int64_t n = f->tensor->shape.dim[axis];
    for (int64_t i = 0; i < n; i++) {
        if (i == f->edge && n - i > f->edge)
            i = n - f->edge;
        visit(f, axis + 1, offset + i * f->tensor->stride[axis], each, context);
    }
}

static void measure_range(formatter *f, int64_t offset, void *context)
{
    double *range = context, value = fabs(float_at(f->tensor, offset));
    if (!isfinite(value) || value == 0)
        return;
    range[0] = value < range[0] ? value : range[0];
    range[1] = value > range[1] ? value : range[1];
}

static void measure_digits(formatter *f, int64_t offset, void *context)
{
    (void)context;
    double value = float_at(f->tensor, offset);
    int digits = isfinite(value) ? mantissa_digits(value, f->precision) : 0;
    f->digits = digits > f->digits ? digits : f->digits;
}

static void write_element(const formatter *f, int64_t offset, char number[NUMBER_SIZE])
{
    if (!eddy_dtype_is_float(f->tensor->dtype)) {
        snprintf(number, NUMBER_SIZE, "%lld", (long long)integer_at(f->tensor, offset));
        return;
    }
    double value = float_at(f->tensor, offset);
    if (isnan(value))
        strcpy(number, "nan"); /* its sign means nothing */
    else if (isinf(value))
        strcpy(number, value < 0 ? "-inf" : "inf");
    else if (f->exponents)
        write_exponent(number, value, f->digits);
    else
        write_fixed(number, value, f->precision);
}

static void measure_columns(formatter *f, int64_t offset, void *context)
{
    int *whole = context; /* the width of what has no point */
    char number[NUMBER_SIZE];
    write_element(f, offset, number);
    int length = (int)strlen(number);
    const char *point = strchr(number, '.');
    if (!point) {
        *whole = length > *whole ? length : *whole;
        return;
    }
    int left = (int)(point - number), right = length - left;
    f->left = left > f->left ? left : f->left;
    f->right = right > f->right ? right : f->right;
}

static void add(formatter *f, const char *text, int length)
{
    eddy_text_add(&f->text, text, (size_t)length);
    f->column += length;
}

static void add_spaces(formatter *f, int count)
{
    for (; count > 0; count--)
        add(f, " ", 1);
}

static void new_lines(formatter *f, int count, int indent)
{
    while (f->text.size && f->text.data[f->text.size - 1] == ' ')
        f->text.size--;
    for (; count > 0; count--)
        add(f, "\n", 1);
    f->column = 0;
    add_spaces(f, indent);
}

static void add_element(formatter *f, int64_t offset)
{
    char number[NUMBER_SIZE];
    write_element(f, offset, number);
    int length = (int)strlen(number);
    const char *point = strchr(number, '.');
    int right = point ? (int)(number + length - point) : 0;
    if (point) {
        add_spaces(f, f->left - (int)(point - number));
        add(f, number, length);
        add_spaces(f, f->right - right);
    } else {
        add_spaces(f, f->left + f->right - length);
        add(f, number, length);
    }
}

/* A row: words separated by blanks, wrapped before the width less one closing bracket an axis. */
static void add_row(formatter *f, int axis, int64_t offset)
{
    int64_t n = f->tensor->shape.dim[axis];
    int limit = f->width - axis - 1, indent = axis + 1;
    for (int64_t i = 0; i < n; i++) {
        bool gap = i == f->edge && n - i > f->edge;
        if (i)
            add_spaces(f, 1);
        if (f->column > indent && f->column + (gap ? 3 : f->left + f->right) > limit)
            new_lines(f, 1, indent);
        if (gap) {
            add(f, "...", 3);
            i = n - f->edge - 1;
        } else {
            add_element(f, offset + i * f->tensor->stride[axis]);
        }
    }
}

static void add_axis(formatter *f, int axis, int64_t offset)
{
    int64_t n = f->tensor->shape.dim[axis];
    int below = f->tensor->shape.rank - axis - 1;
    add(f, "[", 1);
    if (!below) {
        add_row(f, axis, offset);
    } else {
        for (int64_t i = 0; i < n; i++) {
            if (i)
                new_lines(f, below, axis + 1);
            if (i == f->edge && n - i > f->edge) {
                add(f, "...", 3);
                i = n - f->edge - 1;
            } else {
                add_axis(f, axis + 1, offset + i * f->tensor->stride[axis]);
            }
        }
    }
    add(f, "]", 1);
}

/* A scalar stands bare: "3.0" and "1e+10" rather than "3." and "1.e+10". */
static void add_scalar(formatter *f)
{
    char number[NUMBER_SIZE];
    write_element(f, 0, number);
    char *point = strchr(number, '.');
    if (point && !point[1])
        strcat(number, "0");
    else if (point && point[1] == 'e')
        memmove(point, point + 1, strlen(point));
    add(f, number, (int)strlen(number));
}

static void add_tensor(formatter *f)
{
    double range[2] = { INFINITY, 0 };
    int whole = 0;
    if (eddy_dtype_is_float(f->tensor->dtype)) {
        visit(f, 0, 0, measure_range, range);
        f->exponents = range[1] >= 1e8 || (range[1] > 0 && (range[0] < 1e-4 || range[1] / range[0] > 1000));
        if (f->exponents)
            visit(f, 0, 0, measure_digits, NULL);
    }
    visit(f, 0, 0, measure_columns, &whole);
    if (whole > f->left + f->right)
        f->left = whole - f->right;
    if (f->tensor->shape.rank)
        add_axis(f, 0, 0);
    else
        add_scalar(f);
}

char *eddy_tensor_format(const eddy_tensor *tensor, const eddy_format_options *options, eddy_status *status)
{
    eddy_format_options wanted = options ? *options : (eddy_format_options){ 0 };
    int64_t count = tensor ? eddy_tensor_count(tensor) : -1;
    if (count < 0 || !eddy_dtype_size(tensor->dtype) || (count && !tensor->data)) {
        eddy_status_fail(
            status,
            "eddy_tensor_format: there is no tensor to print; it is NULL, or was freed, or its shape is impossible");
        return NULL;
    }
    formatter f = { .tensor = tensor, .edge = INT64_MAX };
    f.precision = wanted.precision > 0 ? wanted.precision : 4;
    f.precision = f.precision < MAX_PRECISION ? f.precision : MAX_PRECISION;
    f.width = wanted.width > 0 ? wanted.width : 80;
    if (count > (wanted.threshold > 0 ? wanted.threshold : 1000))
        f.edge = wanted.edge > 0 ? wanted.edge : 3;
    if (count)
        add_tensor(&f);
    else
        add(&f, "[]", 2);
    if (f.text.failed) {
        eddy_free(f.text.data);
        eddy_status_fail(status, "out of memory while printing a tensor of shape %s",
                         eddy_shape_format(&tensor->shape).text);
        return NULL;
    }
    return f.text.data;
}

bool eddy_tensor_print(FILE *stream, const eddy_tensor *tensor, eddy_status *status)
{
    char *text = eddy_tensor_format(tensor, NULL, status);
    if (!text)
        return false;
    bool good = stream && fputs(text, stream) >= 0 && fputc('\n', stream) != EOF;
    eddy_free(text);
    return good || eddy_status_fail(status, "eddy_tensor_print: the stream could not be written");
}
