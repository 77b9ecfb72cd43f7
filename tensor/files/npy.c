/* NumPy's .npy files; see npy.h. The header is a literal of a Python dictionary, which is parsed by hand here and never
 * guessed at: three keys, each once, nothing else. Assumes no more than that the bytes exist. */
#include "npy.h"
#include "file.h"

#include <string.h>

static const char magic[6] = { '\x93', 'N', 'U', 'M', 'P', 'Y' };

typedef struct header {
    const char *at, *end; /* the text not yet read */
    const char *name;
    eddy_status *status;
    eddy_encoding encoding;
    bool big_endian, fortran_order;
    eddy_shape shape;
    unsigned seen; /* one bit a key */
} header;

static bool fail_header(header *h, const char *what)
{
    return eddy_status_fail(h->status,
                            "%s: the .npy header is not valid: %s; the file is damaged or was not written by NumPy",
                            h->name, what);
}

static void skip_blanks(header *h)
{
    while (h->at < h->end && (*h->at == ' ' || *h->at == '\t' || *h->at == '\n' || *h->at == '\r'))
        h->at++;
}

static bool accept(header *h, char byte)
{
    skip_blanks(h);
    if (h->at == h->end || *h->at != byte)
        return false;
    h->at++;
    return true;
}

static bool accept_word(header *h, const char *word)
{
    size_t length = strlen(word);
    skip_blanks(h);
    if ((size_t)(h->end - h->at) < length || memcmp(h->at, word, length) != 0)
        return false;
    h->at += length;
    return true;
}

/* A string without escapes; the keys and dtypes that are understood have none. */
static bool read_string(header *h, char *out, size_t room)
{
    skip_blanks(h);
    if (h->at == h->end || (*h->at != '\'' && *h->at != '"'))
        return fail_header(h, "a string is expected");
    char quote = *h->at++;
    const char *close = memchr(h->at, quote, (size_t)(h->end - h->at));
    if (!close)
        return fail_header(h, "a string does not end");
    size_t length = (size_t)(close - h->at);
    if (length >= room || memchr(h->at, '\\', length) || memchr(h->at, 0, length))
        return fail_header(h, "a string is none that a numeric array has");
    memcpy(out, h->at, length);
    out[length] = 0;
    h->at = close + 1;
    return true;
}

static const struct {
    char text[3];
    eddy_encoding encoding;
} numeric[] = { { "b1", EDDY_ENCODING_BOOL }, { "i1", EDDY_ENCODING_I8 },  { "u1", EDDY_ENCODING_U8 },
                { "i2", EDDY_ENCODING_I16 },  { "u2", EDDY_ENCODING_U16 }, { "f2", EDDY_ENCODING_F16 },
                { "i4", EDDY_ENCODING_I32 },  { "u4", EDDY_ENCODING_U32 }, { "f4", EDDY_ENCODING_F32 },
                { "i8", EDDY_ENCODING_I64 },  { "u8", EDDY_ENCODING_U64 }, { "f8", EDDY_ENCODING_F64 } };

static const struct {
    char kind;
    const char *what;
} refused[] = { { 'O', "Python objects (a ragged array is one)" },
                { 'c', "complex numbers" },
                { 'S', "byte strings" },
                { 'a', "byte strings" },
                { 'U', "strings" },
                { 'V', "raw or structured records" },
                { 'M', "dates" },
                { 'm', "time differences" },
                { 'f', "floating-point numbers of that size" },
                { 'i', "integers of that size" },
                { 'u', "integers of that size" } };

static bool host_is_big_endian(void)
{
    const uint16_t one = 1;
    unsigned char first;
    memcpy(&first, &one, 1);
    return !first;
}

static bool read_descr(header *h)
{
    char text[32];
    skip_blanks(h);
    if (h->at < h->end && *h->at == '[')
        return eddy_status_fail(
            h->status, "%s: holds a structured array, which is not supported; save each field as an array of its own",
            h->name);
    if (!read_string(h, text, sizeof text))
        return false;
    const char *type = text;
    char order = '=';
    if (*type && strchr("<>|=", *type))
        order = *type++;
    for (size_t k = 0; k < sizeof numeric / sizeof *numeric; k++) {
        if (strcmp(type, numeric[k].text) != 0)
            continue;
        h->encoding = numeric[k].encoding;
        if (order == '|' && eddy_encoding_size(h->encoding) > 1)
            return eddy_status_fail(h->status, "%s: the dtype '%s' has no byte order ('<' or '>')", h->name, text);
        h->big_endian = order == '>' || (order == '=' && host_is_big_endian());
        return true;
    }
    for (size_t k = 0; k < sizeof refused / sizeof *refused; k++)
        if (*type == refused[k].kind)
            return eddy_status_fail(
                h->status, "%s: holds %s (dtype '%s'), which are not supported; save numbers, as x.astype('float32')",
                h->name, refused[k].what, text);
    return eddy_status_fail(h->status, "%s: the dtype '%s' is not known; save numbers, for example x.astype('float32')",
                            h->name, text);
}

static bool read_fortran_order(header *h)
{
    h->fortran_order = accept_word(h, "True");
    return h->fortran_order || accept_word(h, "False") || fail_header(h, "fortran_order is neither True nor False");
}

static bool read_dimension(header *h, int64_t *out)
{
    int64_t value = 0;
    skip_blanks(h);
    if (h->at < h->end && *h->at == '-')
        return fail_header(h, "a dimension is negative");
    if (h->at == h->end || *h->at < '0' || *h->at > '9')
        return fail_header(h, "a dimension is expected in the shape");
    for (; h->at < h->end && *h->at >= '0' && *h->at <= '9'; h->at++) {
        int digit = *h->at - '0';
        if (value > (INT64_MAX - digit) / 10)
            return fail_header(h, "a dimension does not fit into 64 bits");
        value = value * 10 + digit;
    }
    if (h->at < h->end && *h->at == 'L') /* Python 2 wrote (3L,) */
        h->at++;
    *out = value;
    return true;
}

static bool read_shape(header *h)
{
    h->shape = (eddy_shape){ 0 };
    if (!accept(h, '('))
        return fail_header(h, "the shape does not begin with '('");
    bool comma = true;
    while (!accept(h, ')')) {
        if (!comma)
            return fail_header(h, "',' or ')' is expected in the shape");
        if (h->shape.rank == EDDY_MAX_RANK)
            return eddy_status_fail(h->status, "%s: the array has more than %d axes; reshape it before saving", h->name,
                                    EDDY_MAX_RANK);
        if (!read_dimension(h, &h->shape.dim[h->shape.rank++]))
            return false;
        comma = accept(h, ',');
    }
    if (h->shape.rank == 1 && !comma)
        return fail_header(h, "the shape is a number in brackets and no tuple");
    return true;
}

static bool read_header(header *h)
{
    static const struct {
        const char *key;
        bool (*read)(header *h);
    } keys[] = { { "descr", read_descr }, { "fortran_order", read_fortran_order }, { "shape", read_shape } };
    if (!accept(h, '{'))
        return fail_header(h, "it does not begin with '{'");
    bool comma = true;
    while (!accept(h, '}')) {
        char key[32];
        unsigned k = 0;
        if (!comma)
            return fail_header(h, "',' or '}' is expected after a value");
        if (!read_string(h, key, sizeof key))
            return false;
        while (k < 3 && strcmp(key, keys[k].key) != 0)
            k++;
        if (k == 3 || h->seen & 1u << k)
            return fail_header(h, k == 3 ? "it has a key other than descr, fortran_order and shape"
                                         : "it has a key twice");
        h->seen |= 1u << k;
        if (!accept(h, ':'))
            return fail_header(h, "':' is expected after a key");
        if (!keys[k].read(h))
            return false;
        comma = accept(h, ',');
    }
    for (unsigned k = 0; k < 3; k++)
        if (!(h->seen & 1u << k))
            return eddy_status_fail(h->status, "%s: the .npy header is not valid: the key %s is missing", h->name,
                                    keys[k].key);
    skip_blanks(h);
    return h->at == h->end || fail_header(h, "something follows its '}'");
}

static bool read_elements(eddy_tensor *out, const header *h, const unsigned char *bytes, size_t size)
{
    int64_t count = eddy_shape_count(&h->shape), at;
    if (count < 0)
        return eddy_status_fail(h->status, "%s: an array of shape %s is larger than any memory", h->name,
                                eddy_shape_format(&h->shape).text);
    /* count times 8 fits, so this does */
    uint64_t expected = (uint64_t)count * eddy_encoding_size(h->encoding);
    if (size != expected)
        return eddy_status_fail(
            h->status, "%s: an array of shape %s needs %llu bytes after the header and the file has %zu; it was %s",
            h->name, eddy_shape_format(&h->shape).text, (unsigned long long)expected, size,
            size < expected ? "cut short" : "added to");
    eddy_tensor tensor, view;
    if (!eddy_tensor_new(&tensor, eddy_encoding_dtype(h->encoding), h->shape, h->status))
        return false;
    view = tensor;
    for (int k = 0; h->fortran_order && k < tensor.shape.rank; k++) {
        view.shape.dim[k] = tensor.shape.dim[tensor.shape.rank - 1 - k];
        view.stride[k] = tensor.stride[tensor.shape.rank - 1 - k];
    }
    if (eddy_decode(&view, bytes, h->encoding, h->big_endian, &at)) {
        *out = tensor;
        return true;
    }
    eddy_tensor_free(&tensor);
    return eddy_status_fail(h->status, "%s: element number %lld of the file exceeds the largest i64, %lld", h->name,
                            (long long)at, (long long)INT64_MAX);
}

bool eddy_npy_parse(eddy_tensor *out, const void *bytes, size_t size, const char *name, eddy_status *status)
{
    if (!out || (!bytes && size))
        return eddy_status_fail(status, "npy_parse: the %s NULL", out ? "bytes are" : "tensor to fill is");
    *out = (eddy_tensor){ 0 };
    name = name ? name : "the .npy bytes";
    const unsigned char *start = bytes;
    if (size < sizeof magic + 4 || memcmp(start, magic, sizeof magic) != 0)
        return eddy_status_fail(status, "%s: is no .npy file; it does not begin with \\x93NUMPY", name);
    unsigned version = start[6];
    if (version < 1 || version > 3 || start[7])
        return eddy_status_fail(status, "%s: .npy version %u.%u is not known; versions 1.0, 2.0 and 3.0 are", name,
                                version, start[7]);
    size_t text = version == 1 ? 10 : 12, length = 0;
    if (size >= text)
        for (size_t k = text; k > 8; k--)
            length = length << 8 | start[k - 1];
    if (size < text || length > size - text)
        return eddy_status_fail(status,
                                "%s: the .npy header should have %zu bytes and the file ends before; it was cut short",
                                name, length);
    const char *first = (const char *)start + text;
    header h = { .at = first, .end = first + length, .name = name, .status = status };
    return read_header(&h) && read_elements(out, &h, start + text + length, size - text - length);
}

bool eddy_npy_load(eddy_tensor *out, const char *path, eddy_status *status)
{
    unsigned char *bytes;
    size_t size;
    if (!out)
        return eddy_status_fail(status, "npy_load: the tensor to fill is NULL");
    *out = (eddy_tensor){ 0 };
    if (!eddy_file_read(&bytes, &size, path, PTRDIFF_MAX, status))
        return false;
    bool good = eddy_npy_parse(out, bytes, size, path, status);
    eddy_free(bytes);
    return good;
}

static void write_header(eddy_text *text, const eddy_tensor *tensor)
{
    static const char *const descr[] = {
        [EDDY_F32] = "<f4", [EDDY_F64] = "<f8", [EDDY_I32] = "<i4", [EDDY_I64] = "<i8"
    };
    eddy_text_add(text, magic, sizeof magic);
    eddy_text_add(text, "\1\0\0\0", 4);
    eddy_text_print(text, "{'descr': '%s', 'fortran_order': False, 'shape': (", descr[tensor->dtype]);
    for (int k = 0; k < tensor->shape.rank; k++)
        eddy_text_print(text, "%s%lld", k ? ", " : "", (long long)tensor->shape.dim[k]);
    eddy_text_print(text, "%s), }", tensor->shape.rank == 1 ? "," : "");
    while (!text->failed && text->size % 64 != 63)
        eddy_text_add(text, " ", 1);
    eddy_text_add(text, "\n", 1);
    if (!text->failed) {
        text->data[8] = (char)((text->size - 10) & 255);
        text->data[9] = (char)((text->size - 10) >> 8);
    }
}

bool eddy_npy_save(const eddy_tensor *tensor, const char *path, eddy_status *status)
{
    if (!path)
        return eddy_status_fail(status, "npy_save: the path is NULL");
    if (!tensor || !eddy_dtype_size(tensor->dtype) || eddy_tensor_count(tensor) < 0 ||
        (!tensor->data && eddy_tensor_count(tensor)))
        return eddy_status_fail(
            status, "%s: cannot be written: the tensor is NULL, or was freed, or its shape is impossible", path);
    eddy_text text = { 0 };
    eddy_writer writer;
    write_header(&text, tensor);
    bool good = !text.failed || eddy_status_fail(status, "out of memory while writing %s", path);
    good = good && eddy_writer_open(&writer, path, status) && eddy_writer_write(&writer, text.data, text.size) &&
           eddy_file_write_tensor(&writer, tensor) && eddy_writer_close(&writer);
    eddy_free(text.data);
    return good;
}
