/* .safetensors files: dtypes, the JSON of the header, hostile bytes, faults of memory and disk, and other programs'
 * files. */
#include "failing_memory.h"
#include "scratch.h"
#include "test.h"

#include "safetensors.h"

#include <math.h>

static size_t compose(unsigned char *out, const char *header, const void *data, size_t size)
{
    size_t length = strlen(header);
    for (size_t k = 0; k < 8; k++)
        out[k] = (unsigned char)((uint64_t)length >> 8 * k);
    memcpy(out + 8, header, length);
    memcpy(out + 8 + length, data, size);
    return 8 + length + size;
}

static eddy_safetensors accepted(const char *header, const void *data, size_t size)
{
    unsigned char file[4096];
    eddy_safetensors parsed;
    eddy_status s = { { 0 } };
    ck_assert_msg(eddy_safetensors_parse(&parsed, file, compose(file, header, data, size), "bytes", &s), "%s: %s",
                  header, s.text);
    ck_assert_str_eq(s.text, "");
    return parsed;
}

static void refused(const char *header, const void *data, size_t size, const char *part)
{
    unsigned char file[4096];
    eddy_safetensors parsed;
    eddy_status s = { { 0 } };
    ck_assert_msg(!eddy_safetensors_parse(&parsed, file, compose(file, header, data, size), "bytes", &s),
                  "accepted: %s", header);
    ck_assert_msg(strstr(s.text, part) && !strncmp(s.text, "bytes: ", 7), "%s: %s", header, s.text);
    ck_assert(!parsed.tensors && !parsed.metadata && !parsed.count && !parsed.metadata_count);
}

static void one(const char *dtype, int count, const void *data, size_t size, eddy_dtype expected_dtype,
                const double *expected)
{
    char header[256];
    snprintf(header, sizeof header, "{\"x\":{\"dtype\":\"%s\",\"shape\":[%d],\"data_offsets\":[0,%zu]}}", dtype, count,
             size);
    eddy_safetensors file = accepted(header, data, size);
    const eddy_tensor *x = eddy_safetensors_find(&file, "x");
    ck_assert_ptr_nonnull(x);
    ck_assert_int_eq(x->dtype, expected_dtype);
    ck_assert_int_eq(eddy_tensor_count(x), count);
    for (int i = 0; i < count; i++)
        ck_assert_msg(eddy_tensor_flat(x, i) == expected[i], "%s: element %d is %g, not %g", dtype, i,
                      eddy_tensor_flat(x, i), expected[i]);
    eddy_safetensors_free(&file);
    ck_assert_ptr_null(file.tensors);
}

#define DOUBLES(...) ((const double[]){ __VA_ARGS__ })

START_TEST(dtypes)
{
    one("F32", 2, "\x00\x00\xc0\x3f\x00\x00\x00\xc0", 8, EDDY_F32, DOUBLES(1.5, -2));
    one("F64", 1, "\0\0\0\0\0\0\xf8\x3f", 8, EDDY_F64, DOUBLES(1.5));
    one("F16", 3, "\x00\x3e\x01\x00\x00\xfc", 6, EDDY_F32, DOUBLES(1.5, 0x1p-24, -(double)INFINITY));
    one("BF16", 2, "\xc0\x3f\x00\xc0", 4, EDDY_F32, DOUBLES(1.5, -2));
    one("I8", 2, "\x80\x7f", 2, EDDY_I32, DOUBLES(-128, 127));
    one("U8", 2, "\x80\x7f", 2, EDDY_I32, DOUBLES(128, 127));
    one("BOOL", 2, "\x00\x01", 2, EDDY_I32, DOUBLES(0, 1));
    one("I16", 1, "\xfe\xff", 2, EDDY_I32, DOUBLES(-2));
    one("U16", 1, "\xfe\xff", 2, EDDY_I32, DOUBLES(65534));
    one("I32", 1, "\xfe\xff\xff\xff", 4, EDDY_I32, DOUBLES(-2));
    one("U32", 1, "\xfe\xff\xff\xff", 4, EDDY_I64, DOUBLES(4294967294.0));
    one("I64", 1, "\xfe\xff\xff\xff\xff\xff\xff\xff", 8, EDDY_I64, DOUBLES(-2));
    one("U64", 1, "\xfe\0\0\0\0\0\0\0", 8, EDDY_I64, DOUBLES(254));
    one("F32", 0, "", 0, EDDY_F32, NULL);
}
END_TEST

START_TEST(headers)
{
    /* order of the elements, not of the header; escapes, blanks, unknown keys, a scalar, tensors without elements */
    eddy_safetensors file =
        accepted("{\"e0\":{\"dtype\":\"F64\",\"shape\":[0],\"data_offsets\":[4,4]}, \"b\" "
                 ":\t{\"data_offsets\":[4,5],\"shape\":[ "
                 "],\"dtype\":\"U8\", \"more\":[1.5e-3,{\"x\":[true,null,-0]},\"\\n\"]} ,\r\n"
                 "\"__metadata__\":{\"\\u00e9\\ud83d\\ude00\":\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\",\"k\":\"\"},"
                 "\"e2\":{\"dtype\":\"F64\",\"shape\":[0,9],\"data_offsets\":[4,4]},"
                 "\"\xc3\xa9\":{\"dtype\":\"U8\",\"shape\":[2,2],\"data_offsets\":[0,4]},"
                 "\"e1\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}} \n",
                 "\1\2\3\4\5", 5);
    static const char *const order[] = { "e1", "\xc3\xa9", "e0", "e2", "b" };
    ck_assert_uint_eq(file.count, 5);
    for (int i = 0; i < 5; i++)
        ck_assert_str_eq(file.tensors[i].name, order[i]);
    ck_assert(eddy_tensor_flat(eddy_safetensors_find(&file, "b"), 0) == 5);
    ck_assert(eddy_tensor_flat(eddy_safetensors_find(&file, "\xc3\xa9"), 3) == 4);
    ck_assert_ptr_null(eddy_safetensors_find(&file, "c"));
    ck_assert_uint_eq(file.metadata_count, 2);
    ck_assert_str_eq(eddy_safetensors_value(&file, "\xc3\xa9\xf0\x9f\x98\x80"), "a\"\\/\b\f\n\r\t");
    ck_assert_str_eq(eddy_safetensors_value(&file, "k"), "");
    ck_assert_ptr_null(eddy_safetensors_value(&file, "b"));
    eddy_safetensors_free(&file);
    file = accepted("{}", "", 0);
    ck_assert_uint_eq(file.count, 0);
    eddy_safetensors_free(&file);
    eddy_safetensors_free(NULL);
}
END_TEST

#define ENTRY(name, shape, offsets) "\"" name "\":{\"dtype\":\"U8\",\"shape\":" shape ",\"data_offsets\":" offsets "}"

START_TEST(hostile_headers)
{
    static const char *const cases[][2] = {
        { "{" ENTRY("x", "[4]", "[0,4]") "," ENTRY("x", "[0]", "[4,4]") "}", "two tensors of the name 'x'" },
        { "{" ENTRY("\\u0078", "[4]", "[0,4]") "," ENTRY("x", "[0]", "[4,4]") "}", "two tensors of the name 'x'" },
        { "{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}," ENTRY("x", "[4]", "[0,4]") "}",
          "two metadata values of the name 'a'" },
        { "{\"__metadata__\":{},\"__metadata__\":{}," ENTRY("x", "[4]", "[0,4]") "}", "__metadata__ twice" },
        { "{\"__metadata__\":{\"a\":1}," ENTRY("x", "[4]", "[0,4]") "}", "a string is expected" },
        { "{\"__metadata__\":[]," ENTRY("x", "[4]", "[0,4]") "}", "an object { } is expected" },
        { "{" ENTRY("x", "[2]", "[0,2]") "," ENTRY("y", "[3]", "[1,4]") "}", "inside tensor 'x'" },
        { "{" ENTRY("x", "[2]", "[0,2]") "," ENTRY("y", "[2]", "[0,2]") "}", "inside tensor" },
        { "{" ENTRY("x", "[1]", "[0,1]") "," ENTRY("y", "[2]", "[2,4]") "}",
          "a hole before tensor 'y', from byte 1 to 2" },
        { "{" ENTRY("y", "[2]", "[2,4]") "}", "a hole before tensor 'y', from byte 0 to 2" },
        { "{" ENTRY("x", "[3]", "[0,3]") "}", "1 bytes follow" },
        { "{}", "4 bytes follow" },
        { "{" ENTRY("x", "[5]", "[0,5]") "}", "outside the 4 bytes of data" },
        { "{" ENTRY("x", "[2]", "[3,1]") "}", "tensor 'x' lies at bytes 3 to 1" },
        { "{" ENTRY("x", "[2]", "[-2,0]") "}", "tensor 'x' lies at bytes -2 to 0" },
        { "{" ENTRY("x", "[3]", "[0,4]") "}", "tensor 'x' of shape (3,) needs 3 bytes and its data_offsets hold 4" },
        { "{" ENTRY("x", "[2,3]", "[0,4]") "}", "tensor 'x' of shape (2, 3) needs 6 bytes" },
        { "{" ENTRY("x", "[-4]", "[0,4]") "}", "tensor 'x' has the negative dimension -4" },
        { "{" ENTRY("x", "[4294967296,4294967296]", "[0,4]") "}", "larger than any memory" },
        { "{" ENTRY("x", "[9223372036854775807,2]", "[0,4]") "}", "larger than any memory" },
        { "{" ENTRY("x", "[9223372036854775808]", "[0,4]") "}", "64 bits" },
        { "{" ENTRY("x", "[4]", "[0,18446744073709551620]") "}", "64 bits" },
        { "{" ENTRY("x", "[1,1,1,1,1,1,1,1,4]", "[0,4]") "}", "more than 8 axes" },
        { "{" ENTRY("x", "[4.0]", "[0,4]") "}", "without fraction" },
        { "{" ENTRY("x", "[4e0]", "[0,4]") "}", "without fraction" },
        { "{" ENTRY("x", "[04]", "[0,4]") "}", "begins with 0" },
        { "{" ENTRY("x", "[4,]", "[0,4]") "}", "an integer is expected" },
        { "{" ENTRY("x", "[,4]", "[0,4]") "}", "an integer is expected" },
        { "{" ENTRY("x", "[+4]", "[0,4]") "}", "an integer is expected" },
        { "{" ENTRY("x", "[2 2]", "[0,4]") "}", "',' or ']'" },
        { "{" ENTRY("x", "4", "[0,4]") "}", "an array [ ] is expected" },
        { "{" ENTRY("x", "[4]", "[0]") "}", "two data_offsets" },
        { "{" ENTRY("x", "[4]", "[0,4,4]") "}", "two data_offsets" },
        { "{" ENTRY("x", "[4]", "[]") "}", "two data_offsets" },
        { "{\"x\":{\"dtype\":\"F8_E4M3\",\"shape\":[4],\"data_offsets\":[0,4]}}",
          "tensor 'x' has the dtype 'F8_E4M3', which is not known" },
        { "{\"x\":{\"dtype\":4,\"shape\":[4],\"data_offsets\":[0,4]}}", "a string is expected" },
        { "{\"x\":{\"shape\":[4],\"data_offsets\":[0,4]}}", "tensor 'x' has no dtype" },
        { "{\"x\":{\"dtype\":\"U8\",\"data_offsets\":[0,4]}}", "tensor 'x' has no shape" },
        { "{\"x\":{\"dtype\":\"U8\",\"shape\":[4]}}", "tensor 'x' has no data_offsets" },
        { "{\"x\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}", "the key dtype twice" },
        { "{\"x\":4}", "an object { } is expected" },
        { "{" ENTRY("x", "[4]", "[0,4]") "} x", "something follows" },
        { "{" ENTRY("x", "[4]", "[0,4]") "}}", "something follows" },
        { "{" ENTRY("x", "[4]", "[0,4]"), "',' or '}'" },
        { "{" ENTRY("x", "[4]", "[0,4]") ",}", "a string is expected" },
        { "{" ENTRY("x", "[4]", "[0,4]") " " ENTRY("y", "[0]", "[4,4]") "}", "',' or '}'" },
        { "{\"x\"{}}", "':' is expected" },
        { "{x:{}}", "a string is expected" },
        { "{\"x", "does not end" },
        { "{\"x\\", "unknown escape" },
        { "{\"\\x\":{}}", "unknown escape" },
        { "{\"\\u12g4\":{}}", "hexadecimal" },
        { "{\"\\u0000\":{}}", "\\u0000" },
        { "{\"\\ud800\":{}}", "high surrogate" },
        { "{\"\\ud800\\u0041\":{}}", "high surrogate" },
        { "{\"\\udc00\":{}}", "low surrogate" },
        { "{\"\n\":{}}", "control character" },
        { "{\"\xff\":{}}", "not UTF-8" },
        { "{\"\xc0\x80\":{}}", "not UTF-8" },
        { "{\"\xe0\x80\x80\":{}}", "not UTF-8" },
        { "{\"\xed\xa0\x80\":{}}", "not UTF-8" },
        { "{\"\xf4\x90\x80\x80\":{}}", "not UTF-8" },
        { "{\"\xe2\x82", "not UTF-8" },
        { "{\"x\":{\"q\":nul}}", "a value is expected" },
        { "{\"x\":{\"q\":1.}}", "a digit is expected" },
        { "{\"x\":{\"q\":-}}", "a digit is expected" },
        { "{\"x\":{\"q\":1e+}}", "a digit is expected" },
        { "{\"x\":{\"q\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "nested too deeply" },
        { " {}", "does not begin with '{'" },
        { "[]", "does not begin with '{'" },
        { "\xef\xbb\xbf{}", "does not begin with '{'" },
        { "", "no bytes" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        refused(cases[i][0], "\1\2\3\4", 4, cases[i][1]);
    refused("{\"x\":{\"dtype\":\"U64\",\"shape\":[1],\"data_offsets\":[0,8]}}", "\0\0\0\0\0\0\0\x80", 8,
            "exceeds the largest i64");
}
END_TEST

START_TEST(lengths)
{
    static const struct {
        unsigned char bytes[10];
        size_t size;
        const char *part;
    } cases[] = { { { 0 }, 0, "fewer than the 8" },
                  { { 2 }, 7, "fewer than the 8" },
                  { { 0 }, 8, "no bytes" },
                  { { 0 }, 10, "no bytes" },
                  { { 3, 0, 0, 0, 0, 0, 0, 0, '{', '}' }, 10, "cut short" },
                  { { 1, 225, 245, 5, 0, 0, 0, 0, '{', '}' }, 10, "at most 100000000" },
                  { { 0, 225, 245, 5, 0, 0, 0, 0, '{', '}' }, 10, "cut short" },
                  { { 255, 255, 255, 255, 255, 255, 255, 255, '{', '}' }, 10, "18446744073709551615" } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        eddy_safetensors file;
        eddy_status s = { { 0 } };
        ck_assert(!eddy_safetensors_parse(&file, cases[i].bytes, cases[i].size, "bytes", &s));
        ck_assert_msg(strstr(s.text, cases[i].part) != NULL, "%s", s.text);
    }
}
END_TEST

/* Many tensors in a hostile order must not take quadratic time, nor lose their places. */
START_TEST(many_tensors_in_reverse)
{
    enum { COUNT = 20000 };
    size_t room = (size_t)COUNT * 80 + 8 + COUNT, used = 8;
    unsigned char *bytes = malloc(room);
    for (int i = COUNT - 1; i >= 0; i--)
        used += (size_t)snprintf((char *)bytes + used, room - used,
                                 "%s\"t%d\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[%d,%d]}",
                                 i == COUNT - 1 ? "{" : ",", i, i, i + 1);
    bytes[used++] = '}';
    for (size_t k = 0; k < 8; k++)
        bytes[k] = (unsigned char)((used - 8) >> 8 * k);
    for (int i = 0; i < COUNT; i++)
        bytes[used++] = (unsigned char)(i % 251);
    eddy_safetensors file;
    eddy_status s = { { 0 } };
    ck_assert_msg(eddy_safetensors_parse(&file, bytes, used, "bytes", &s), "%s", s.text);
    ck_assert_uint_eq(file.count, COUNT);
    for (int i = 0; i < COUNT; i++) {
        ck_assert_int_eq(strtol(file.tensors[i].name + 1, NULL, 10), i);
        ck_assert(eddy_tensor_flat(&file.tensors[i].tensor, 0) == i % 251);
    }
    eddy_safetensors_free(&file);
    free(bytes);
}
END_TEST

/* A file with every dtype, a strided tensor, a scalar, an empty one, and names and values that need escapes. */
typedef struct sample {
    float real[6];
    double wide[2];
    int32_t whole[1];
    int64_t large[2];
    eddy_named_tensor tensors[5];
    eddy_metadata metadata[2];
    eddy_safetensors file;
    char text[5][16], pair[4][32];
} sample;

static void fill_sample(sample *s)
{
    *s = (sample){ .real = { 1, 2, 3, 4, 5, 6 },
                   .wide = { 0.1, -1e300 },
                   .whole = { -7 },
                   .large = { INT64_MIN, INT64_MAX },
                   .text = { "lstm.weight", "wide", "\xc3\xa9 \"\\", "large", "none" },
                   .pair = { "format", "eddy", "line\n", "\x01\x1f\t\xf0\x9f\x98\x80" } };
    eddy_tensor columns = eddy_tensor_wrap(s->real, EDDY_F32, EDDY_SHAPE(2, 3));
    eddy_tensor_permute(&columns, &columns, (int[]){ 1, 0 }, NULL);
    s->tensors[0] = (eddy_named_tensor){ s->text[0], columns };
    s->tensors[1] = (eddy_named_tensor){ s->text[1], eddy_tensor_wrap(s->wide, EDDY_F64, EDDY_SHAPE(2, 1)) };
    s->tensors[2] = (eddy_named_tensor){ s->text[2], eddy_tensor_wrap(s->whole, EDDY_I32, EDDY_SCALAR) };
    s->tensors[3] = (eddy_named_tensor){ s->text[3], eddy_tensor_wrap(s->large, EDDY_I64, EDDY_SHAPE(2)) };
    s->tensors[4] = (eddy_named_tensor){ s->text[4], eddy_tensor_wrap(NULL, EDDY_F32, EDDY_SHAPE(3, 0)) };
    s->metadata[0] = (eddy_metadata){ s->pair[0], s->pair[1] };
    s->metadata[1] = (eddy_metadata){ s->pair[2], s->pair[3] };
    s->file = (eddy_safetensors){ s->tensors, 5, s->metadata, 2 };
}

static void check_equal(const eddy_safetensors *a, const eddy_safetensors *b)
{
    ck_assert_uint_eq(a->count, b->count);
    ck_assert_uint_eq(a->metadata_count, b->metadata_count);
    for (size_t i = 0; i < a->count; i++) {
        const eddy_tensor *x = &a->tensors[i].tensor, *y = &b->tensors[i].tensor;
        ck_assert_str_eq(a->tensors[i].name, b->tensors[i].name);
        ck_assert_int_eq(x->dtype, y->dtype);
        ck_assert(eddy_shape_equal(&x->shape, &y->shape));
        for (int64_t k = 0; k < eddy_tensor_count(x); k++)
            ck_assert(eddy_tensor_flat(x, k) == eddy_tensor_flat(y, k));
    }
    for (size_t i = 0; i < a->metadata_count; i++) {
        ck_assert_str_eq(a->metadata[i].key, b->metadata[i].key);
        ck_assert_str_eq(a->metadata[i].value, b->metadata[i].value);
    }
}

START_TEST(saved_files_load_again)
{
    scratch place = scratch_new("x.safetensors");
    sample s;
    eddy_safetensors loaded;
    eddy_status status = { { 0 } };
    size_t size;
    fill_sample(&s);
    ck_assert_msg(eddy_safetensors_save(&s.file, place.path, &status), "%s", status.text);
    ck_assert_msg(eddy_safetensors_load(&loaded, place.path, &status), "%s", status.text);
    check_equal(&s.file, &loaded);
    ck_assert(((int64_t *)eddy_safetensors_find(&loaded, "large")->data)[1] == INT64_MAX);
    eddy_safetensors_free(&loaded);
    unsigned char *bytes = scratch_read(place.path, &size);
    ck_assert_uint_eq(bytes[0] % 8, 0);
    free(bytes);
    ck_assert(eddy_safetensors_save(&(eddy_safetensors){ 0 }, place.path, &status) &&
              eddy_safetensors_load(&loaded, place.path, &status));
    ck_assert_uint_eq(loaded.count + loaded.metadata_count, 0);
    eddy_safetensors_free(&loaded);
    ck_assert_int_eq(scratch_files(&place), 1);
    scratch_free(&place);
}
END_TEST

START_TEST(what_cannot_be_saved)
{
    scratch place = scratch_new("x.safetensors");
    sample s;
    const eddy_tensor freed = { 0 };
#define REFUSED(change, part)                                                                                          \
    do {                                                                                                               \
        eddy_status status = { { 0 } };                                                                                \
        fill_sample(&s);                                                                                               \
        change;                                                                                                        \
        ck_assert(!eddy_safetensors_save(&s.file, place.path, &status));                                               \
        ck_assert_msg(strstr(status.text, part) && strstr(status.text, place.path), "%s", status.text);                \
        ck_assert_int_eq(scratch_files(&place), 0);                                                                    \
    } while (0)
    REFUSED(s.tensors[3].name = s.text[0], "two tensors of the name 'lstm.weight'");
    REFUSED(s.metadata[1].key = s.pair[0], "two metadata values of the name 'format'");
    REFUSED(strcpy(s.text[1], "__metadata__"), "__metadata__");
    REFUSED(s.tensors[1].name = NULL, "NULL");
    REFUSED(s.metadata[1].value = NULL, "NULL");
    REFUSED(strcpy(s.text[1], "\xff"), "not UTF-8");
    REFUSED(strcpy(s.pair[0], "\xe2\x82"), "not UTF-8");
    REFUSED(strcpy(s.pair[1], "\xed\xa0\x80"), "not UTF-8");
    REFUSED(s.tensors[1].tensor = freed, "tensor 'wide' was freed");
    REFUSED(s.tensors[1].tensor.shape.rank = -1, "impossible");
    REFUSED(s.tensors[0].tensor = s.tensors[1].tensor = eddy_tensor_wrap(s.wide, EDDY_F64, EDDY_SHAPE(INT64_MAX / 8)),
            "2^63");
#undef REFUSED
    scratch_free(&place);
}
END_TEST

START_TEST(damaged_files)
{
    scratch place = scratch_new("x.safetensors");
    sample s;
    size_t size;
    eddy_safetensors file;
    fill_sample(&s);
    ck_assert(eddy_safetensors_save(&s.file, place.path, NULL));
    unsigned char *bytes = scratch_read(place.path, &size);
    size_t header = 8 + bytes[0] + 256u * bytes[1];
    for (size_t length = 0; length < size; length++) {
        eddy_status status = { { 0 } };
        unsigned char *exact = malloc(length ? length : 1);
        memcpy(exact, bytes, length);
        ck_assert(!eddy_safetensors_parse(&file, exact, length, "bytes", &status));
        ck_assert_int_ne(status.text[0], 0);
        free(exact);
    }
    for (size_t at = 0; at < size; at++)
        for (unsigned flip = 1; flip < 256; flip++) {
            eddy_status status = { { 0 } };
            bytes[at] ^= (unsigned char)flip;
            bool good = eddy_safetensors_parse(&file, bytes, size, "bytes", &status);
            ck_assert_int_eq(good, status.text[0] == 0);
            ck_assert(at < header || good);
            eddy_safetensors_free(&file);
            bytes[at] ^= (unsigned char)flip;
        }
    free(bytes);
    scratch_free(&place);
}
END_TEST

START_TEST(failed_allocations)
{
    scratch place = scratch_new("x.safetensors");
    sample s;
    eddy_safetensors loaded;
    size_t size, after;
    fill_sample(&s);
    ck_assert(eddy_safetensors_save(&s.file, place.path, NULL));
    unsigned char *bytes = scratch_read(place.path, &size);
    int good = 0;
    for (long n = 1; !good; n++) {
        fault f;
        eddy_status status = { { 0 } };
        fault_install(&f, n);
        good = eddy_safetensors_load(&loaded, place.path, &status);
        ck_assert_int_eq(good, status.text[0] == 0);
        if (good)
            check_equal(&s.file, &loaded);
        else
            ck_assert_ptr_nonnull(strstr(status.text, "out of memory"));
        eddy_safetensors_free(&loaded);
        ck_assert_int_eq(f.living, 0);
        ck_assert(!good || n > 15);
    }
    s.real[0] = 100;
    good = 0;
    for (long n = 1; !good; n++) {
        fault f;
        eddy_status status = { { 0 } };
        fault_install(&f, n);
        good = eddy_safetensors_save(&s.file, place.path, &status);
        eddy_set_allocator(NULL);
        ck_assert_int_eq(good, status.text[0] == 0);
        ck_assert_int_eq(f.living, 0);
        ck_assert_int_eq(scratch_files(&place), 1);
        unsigned char *now = scratch_read(place.path, &after);
        ck_assert_int_eq(after == size && !memcmp(now, bytes, size), !good);
        free(now);
        ck_assert(!good || n > 3);
    }
    free(bytes);
    scratch_free(&place);
}
END_TEST

START_TEST(files_of_other_programs)
{
    static const struct {
        const char *names[2];
        double last; /* of the first tensor */
        const char *framework;
    } cases[] = { { { "test" }, 0, NULL },
                  { { "test" }, 1, NULL },
                  { { "test1" }, 0, "pt" },
                  { { "test1", "test2" }, 0, NULL },
                  { { "test1" }, 0, "pt" } };
    const char *shared = test_shared("other programs' .safetensors files");
    for (int i = 0; shared && i < 5; i++) {
        char path[1024];
        eddy_safetensors file;
        eddy_status s = { { 0 } };
        snprintf(path, sizeof path, "%s/vectors/safetensors/py_good_%d.safetensors", shared, i);
        if (access(path, R_OK) != 0) {
            printf("SKIPPED: other programs' .safetensors files (there is no %s)\n", path);
            continue;
        }
        ck_assert_msg(eddy_safetensors_load(&file, path, &s), "%s", s.text);
        ck_assert_uint_eq(file.count, cases[i].names[1] ? 2 : 1);
        for (size_t k = 0; k < file.count; k++) {
            const eddy_tensor *x = &file.tensors[k].tensor;
            ck_assert_str_eq(file.tensors[k].name, cases[i].names[k]);
            ck_assert_int_eq(x->dtype, k ? EDDY_F32 : EDDY_I32);
            ck_assert(x->shape.rank == 2 && x->shape.dim[0] == 2 && x->shape.dim[1] == 2);
            for (int64_t e = 0; e < 4; e++)
                ck_assert(eddy_tensor_flat(x, e) == (e == 3 && !k ? cases[i].last : 0));
        }
        const char *framework = eddy_safetensors_value(&file, "framework");
        ck_assert(cases[i].framework ? framework && !strcmp(framework, cases[i].framework) : !framework);
        eddy_safetensors_free(&file);
    }
}
END_TEST

Suite *suite_safetensors(void)
{
    Suite *suite = suite_create("safetensors");
    TCase *tests = tcase_create("safetensors");
    tcase_set_timeout(tests, 600);
    tcase_add_test(tests, dtypes);
    tcase_add_test(tests, headers);
    tcase_add_test(tests, hostile_headers);
    tcase_add_test(tests, lengths);
    tcase_add_test(tests, many_tensors_in_reverse);
    tcase_add_test(tests, saved_files_load_again);
    tcase_add_test(tests, what_cannot_be_saved);
    tcase_add_test(tests, damaged_files);
    tcase_add_test(tests, failed_allocations);
    tcase_add_test(tests, files_of_other_programs);
    suite_add_tcase(suite, tests);
    return suite;
}
