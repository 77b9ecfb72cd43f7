/* .npy files: every dtype and order, hostile bytes, faults of memory and disk, and other programs' files. */
#include "failing_memory.h"
#include "scratch.h"
#include "test.h"

#include "npy.h"

#include <math.h>
#include <signal.h>
#include <sys/resource.h>

/* A version 1.0 file of this header text and these elements. */
static size_t compose(unsigned char *out, const char *header, const void *data, size_t size)
{
    size_t length = strlen(header);
    memcpy(out, "\x93NUMPY\1", 8);
    out[8] = (unsigned char)length;
    out[9] = (unsigned char)(length >> 8);
    memcpy(out + 10, header, length);
    memcpy(out + 10 + length, data, size);
    return 10 + length + size;
}

static void accepted(const char *header, const void *data, size_t size, eddy_dtype dtype, eddy_shape shape,
                     const double *expected)
{
    unsigned char file[1024];
    eddy_tensor x;
    eddy_status s = { { 0 } };
    bool good = eddy_npy_parse(&x, file, compose(file, header, data, size), "bytes", &s);
    ck_assert_msg(good, "%s: %s", header, s.text);
    ck_assert_int_eq(x.dtype, dtype);
    ck_assert(eddy_shape_equal(&x.shape, &shape));
    for (int64_t i = 0; i < eddy_tensor_count(&x); i++) {
        double value = eddy_tensor_flat(&x, i);
        ck_assert_msg(value == expected[i] || (isnan(value) && isnan(expected[i])), "%s: element %d is %g, not %g",
                      header, (int)i, value, expected[i]);
    }
    eddy_tensor_free(&x);
}

static void refused(const char *header, const void *data, size_t size, const char *part)
{
    unsigned char file[1024];
    eddy_tensor x;
    eddy_status s = { { 0 } };
    ck_assert_msg(!eddy_npy_parse(&x, file, compose(file, header, data, size), "bytes", &s), "accepted: %s", header);
    ck_assert_msg(strstr(s.text, part) && !strncmp(s.text, "bytes: ", 7), "%s: %s", header, s.text);
    ck_assert_ptr_null(x.data);
}

#define DOUBLES(...) ((const double[]){ __VA_ARGS__ })

START_TEST(dtypes_and_orders)
{
    accepted("{'descr': '|b1', 'fortran_order': False, 'shape': (3,), }", "\0\1\2", 3, EDDY_I32, EDDY_SHAPE(3),
             DOUBLES(0, 1, 1));
    accepted("{'descr': '|i1', 'fortran_order': False, 'shape': (3,), }", "\x80\xff\x7f", 3, EDDY_I32, EDDY_SHAPE(3),
             DOUBLES(-128, -1, 127));
    accepted("{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }", "\x80\xff", 2, EDDY_I32, EDDY_SHAPE(2),
             DOUBLES(128, 255));
    accepted("{'descr': '<i2', 'fortran_order': False, 'shape': (2,), }", "\x00\x80\x01\x00", 4, EDDY_I32,
             EDDY_SHAPE(2), DOUBLES(-32768, 1));
    accepted("{'descr': '>i2', 'fortran_order': False, 'shape': (2,), }", "\x80\x00\x00\x01", 4, EDDY_I32,
             EDDY_SHAPE(2), DOUBLES(-32768, 1));
    accepted("{'descr': '>u2', 'fortran_order': False, 'shape': (1,), }", "\x80\x01", 2, EDDY_I32, EDDY_SHAPE(1),
             DOUBLES(32769));
    accepted("{'descr': '>i4', 'fortran_order': False, 'shape': (1,), }", "\xff\xff\xff\xfe", 4, EDDY_I32,
             EDDY_SHAPE(1), DOUBLES(-2));
    accepted("{'descr': '<u4', 'fortran_order': False, 'shape': (1,), }", "\xff\xff\xff\xff", 4, EDDY_I64,
             EDDY_SHAPE(1), DOUBLES(4294967295.0));
    accepted("{'descr': '>i8', 'fortran_order': False, 'shape': (1,), }", "\xff\xff\xff\xff\xff\xff\xff\xfd", 8,
             EDDY_I64, EDDY_SHAPE(1), DOUBLES(-3));
    accepted("{'descr': '<u8', 'fortran_order': False, 'shape': (1,), }", "\7\0\0\0\0\0\0\0", 8, EDDY_I64,
             EDDY_SHAPE(1), DOUBLES(7));
    accepted("{'descr': '<f4', 'fortran_order': False, 'shape': (), }", "\x00\x00\xc0\x3f", 4, EDDY_F32, EDDY_SCALAR,
             DOUBLES(1.5));
    accepted("{'descr': '>f8', 'fortran_order': False, 'shape': (1,), }", "\x3f\xf8\0\0\0\0\0\0", 8, EDDY_F64,
             EDDY_SHAPE(1), DOUBLES(1.5));
    /* halves: 1, -2, the smallest, the largest subnormal, 65504, inf, nan, -0 */
    accepted("{'descr': '<f2', 'fortran_order': False, 'shape': (8,), }",
             "\x00\x3c\x00\xc0\x01\x00\xff\x03\xff\x7b\x00\x7c\x00\x7e\x00\x80", 16, EDDY_F32, EDDY_SHAPE(8),
             DOUBLES(1, -2, 0x1p-24, 1023 * 0x1p-24, 65504, (double)INFINITY, (double)NAN, 0));
    accepted("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }", "\0\1\2\3\4\5", 6, EDDY_I32,
             EDDY_SHAPE(2, 3), DOUBLES(0, 2, 4, 1, 3, 5));
    accepted("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 1, 2), }", "\0\1\2\3", 4, EDDY_I32,
             EDDY_SHAPE(2, 1, 2), DOUBLES(0, 2, 1, 3));
    accepted("{'descr': '<f4', 'fortran_order': True, 'shape': (3, 0), }", "", 0, EDDY_F32, EDDY_SHAPE(3, 0), NULL);
    /* other writers: order of keys, quotes, no last comma, blanks, Python 2's long integers, no blanks */
    accepted("{\"shape\" : (2L , ) ,\"descr\":\"|u1\", \"fortran_order\": False}  \n", "\5\6", 2, EDDY_I32,
             EDDY_SHAPE(2), DOUBLES(5, 6));
    accepted("{'shape':(1,2),'descr':'|u1','fortran_order':False}", "\5\6", 2, EDDY_I32, EDDY_SHAPE(1, 2),
             DOUBLES(5, 6));
}
END_TEST

START_TEST(hostile_headers)
{
    static const char *const cases[][2] = {
        { "{'descr': '|O', 'fortran_order': False, 'shape': (3,), }", "Python objects" },
        { "{'descr': '<c8', 'fortran_order': False, 'shape': (3,), }", "complex numbers" },
        { "{'descr': '|S3', 'fortran_order': False, 'shape': (3,), }", "byte strings" },
        { "{'descr': '<U3', 'fortran_order': False, 'shape': (3,), }", "strings" },
        { "{'descr': '<M8[ns]', 'fortran_order': False, 'shape': (3,), }", "dates" },
        { "{'descr': '<f16', 'fortran_order': False, 'shape': (3,), }", "'<f16'" },
        { "{'descr': '<q9', 'fortran_order': False, 'shape': (3,), }", "not known" },
        { "{'descr': '', 'fortran_order': False, 'shape': (3,), }", "not known" },
        { "{'descr': '|f4', 'fortran_order': False, 'shape': (3,), }", "no byte order" },
        { "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (3,), }", "structured array" },
        { "{'descr': 3, 'fortran_order': False, 'shape': (3,), }", "a string is expected" },
        { "{'descr': '<f4, 'fortran_order': False, 'shape': (3,), }", "'<f4, '" },
        { "{'descr': '<f4", "does not end" },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (3,)", "'}' is expected" },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (3,", "a dimension is expected" },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (3 4)}", "in the shape" },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (3)}", "no tuple" },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': 3}", "'('" },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (-3,)}", "negative" },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (,)}", "a dimension is expected" },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}", "64 bits" },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296)}", "larger than any memory" },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 0)}", "larger than any memory" },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (1152921504606846975,)}", "cut short" },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1)}", "more than 8 axes" },
        { "{'descr': '<f4', 'fortran_order': 0, 'shape': (3,)}", "True nor False" },
        { "{'descr': '<f4', 'shape': (3,)}", "fortran_order is missing" },
        { "{'fortran_order': False, 'shape': (3,)}", "descr is missing" },
        { "{'descr': '<f4', 'fortran_order': False}", "shape is missing" },
        { "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (3,)}", "twice" },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), 'x': 1}", "other than" },
        { "{'descr' '<f4', 'fortran_order': False, 'shape': (3,)}", "':'" },
        { "{'descr': '<f4' 'fortran_order': False, 'shape': (3,)}", "',' or '}'" },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (3,)} x", "follows" },
        { "['descr']", "'{'" },
        { "", "'{'" },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (4,)}", "cut short" },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", "added to" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        refused(cases[i][0], "abcdefghijkl", 12, cases[i][1]);
    refused("{'descr': '<u8', 'fortran_order': False, 'shape': (2,)}", "\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x80", 16,
            "element number 1");
}
END_TEST

START_TEST(versions)
{
    static const char header[] = "{'descr': '|u1', 'fortran_order': False, 'shape': (1,)}";
    for (unsigned version = 0; version < 5; version++) {
        unsigned char file[128] = "\x93NUMPY";
        size_t start = version == 1 ? 10 : 12;
        eddy_tensor x;
        file[6] = (unsigned char)version;
        file[8] = sizeof header - 1;
        memcpy(file + start, header, sizeof header - 1);
        file[start + sizeof header - 1] = 9;
        bool good = eddy_npy_parse(&x, file, start + sizeof header, "bytes", NULL);
        ck_assert_int_eq(good, version >= 1 && version <= 3);
        ck_assert(!good || eddy_tensor_flat(&x, 0) == 9);
        eddy_tensor_free(&x);
        file[7] = 1;
        ck_assert(!eddy_npy_parse(&x, file, start + sizeof header, "bytes", NULL));
        if (version > 1) { /* a header of 4 GB */
            file[7] = 0;
            memset(file + 8, 255, 4);
            eddy_status s = { { 0 } };
            ck_assert(!eddy_npy_parse(&x, file, start + sizeof header, "bytes", &s));
            ck_assert_ptr_nonnull(strstr(s.text, version > 3 ? "not known" : "4294967295"));
        }
    }
}
END_TEST

START_TEST(saved_files_load_again)
{
    scratch place = scratch_new("x.npy");
    const eddy_shape shapes[] = {
        EDDY_SCALAR,       EDDY_SHAPE(7), EDDY_SHAPE(2, 3), EDDY_SHAPE(4, 0, 2), EDDY_SHAPE(1, 2, 1, 3, 1, 2, 1, 2),
        EDDY_SHAPE(60, 70)
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (int dtype = EDDY_F32; dtype <= EDDY_I64; dtype++)
            for (int reversed = 0; reversed < 2; reversed++) {
                eddy_tensor x, view, y;
                eddy_status s = { { 0 } };
                ck_assert(eddy_tensor_new(&x, (eddy_dtype)dtype, shapes[i], &s));
                for (size_t k = 0; k < (size_t)eddy_tensor_count(&x) * eddy_dtype_size(x.dtype); k++)
                    ((unsigned char *)x.data)[k] = (unsigned char)(k % 63); /* no NaN */
                view = x;
                int axes[EDDY_MAX_RANK];
                for (int k = 0; k < view.shape.rank; k++)
                    axes[k] = reversed ? view.shape.rank - 1 - k : k;
                ck_assert(eddy_tensor_permute(&view, &x, axes, &s));
                ck_assert_msg(eddy_npy_save(&view, place.path, &s), "%s", s.text);
                ck_assert_msg(eddy_npy_load(&y, place.path, &s), "%s", s.text);
                ck_assert_int_eq(y.dtype, dtype);
                ck_assert(eddy_shape_equal(&y.shape, &view.shape));
                for (int64_t k = 0; k < eddy_tensor_count(&y); k++)
                    ck_assert(eddy_tensor_flat(&y, k) == eddy_tensor_flat(&view, k));
                eddy_tensor_free(&x);
                eddy_tensor_free(&y);
                ck_assert_int_eq(scratch_files(&place), 1);
            }
    scratch_free(&place);
}
END_TEST

/* The bytes of a small valid file, and the scratch file that holds them. */
static unsigned char *small_file(const scratch *place, size_t *size)
{
    double data[3] = { 1, 2, 3 };
    eddy_tensor x = eddy_tensor_wrap(data, EDDY_F64, EDDY_SHAPE(3));
    ck_assert(eddy_npy_save(&x, place->path, NULL));
    return scratch_read(place->path, size);
}

START_TEST(damaged_files)
{
    scratch place = scratch_new("x.npy");
    size_t size;
    unsigned char *bytes = small_file(&place, &size);
    eddy_tensor x;
    ck_assert_uint_eq((size - 24) % 64, 0);
    for (size_t length = 0; length < size; length++) {
        eddy_status s = { { 0 } };
        unsigned char *exact = malloc(length ? length : 1);
        memcpy(exact, bytes, length);
        ck_assert(!eddy_npy_parse(&x, exact, length, "bytes", &s));
        ck_assert_int_ne(s.text[0], 0);
        free(exact);
    }
    for (size_t at = 0; at < size; at++)
        for (unsigned flip = 1; flip < 256; flip++) {
            eddy_status s = { { 0 } };
            bytes[at] ^= (unsigned char)flip;
            bool good = eddy_npy_parse(&x, bytes, size, "bytes", &s);
            ck_assert_int_eq(good, s.text[0] == 0);
            ck_assert(at < size - 24 || good);
            eddy_tensor_free(&x);
            bytes[at] ^= (unsigned char)flip;
        }
    free(bytes);
    scratch_free(&place);
}
END_TEST

START_TEST(failed_allocations)
{
    scratch place = scratch_new("x.npy");
    size_t size, after;
    unsigned char *bytes = small_file(&place, &size);
    double data[6] = { 6, 5, 4, 3, 2, 1 };
    eddy_tensor x = eddy_tensor_wrap(data, EDDY_F64, EDDY_SHAPE(2, 3)), y;
    int saved = 0, loaded = 0;
    for (long n = 1; !loaded; n++) {
        fault f;
        eddy_status s = { { 0 } };
        fault_install(&f, n);
        loaded = eddy_npy_load(&y, place.path, &s);
        ck_assert_int_eq(loaded, s.text[0] == 0);
        eddy_tensor_free(&y);
        ck_assert_int_eq(f.living, 0);
        ck_assert(!loaded || n > 2);
    }
    for (long n = 1; !saved; n++) {
        fault f;
        eddy_status s = { { 0 } };
        fault_install(&f, n);
        saved = eddy_npy_save(&x, place.path, &s);
        eddy_set_allocator(NULL);
        ck_assert_int_eq(saved, s.text[0] == 0);
        ck_assert_int_eq(f.living, 0);
        ck_assert_int_eq(scratch_files(&place), 1);
        unsigned char *now = scratch_read(place.path, &after);
        ck_assert_int_eq(after == size && !memcmp(now, bytes, size), !saved);
        free(now);
        ck_assert(!saved || n > 2);
    }
    free(bytes);
    scratch_free(&place);
}
END_TEST

START_TEST(failing_disks)
{
    scratch place = scratch_new("x.npy");
    size_t size, after;
    unsigned char *bytes = small_file(&place, &size);
    eddy_tensor x, y;
    eddy_status s = { { 0 } };
    char path[400];
    ck_assert(eddy_tensor_new(&x, EDDY_F64, EDDY_SHAPE(1000), NULL));
    snprintf(path, sizeof path, "%s/missing/x.npy", place.folder);
    ck_assert(!eddy_npy_save(&x, path, &s) && strstr(s.text, "there is no folder") && strstr(s.text, path));
    s.text[0] = 0;
    ck_assert(!eddy_npy_load(&y, path, &s) && strstr(s.text, "No such file") && strstr(s.text, path));
    s.text[0] = 0;
    ck_assert(!eddy_npy_load(&y, place.folder, &s) && strstr(s.text, "not a regular file"));
    snprintf(path, sizeof path, "%s/.", place.folder);
    ck_assert(!eddy_npy_save(&x, path, NULL));
    ck_assert_int_eq(scratch_files(&place), 1);
    /* the file may not grow beyond 4000 bytes: a disk that fills up */
    struct rlimit limit, before;
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = before;
    limit.rlim_cur = 4000;
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    s.text[0] = 0;
    bool good = eddy_npy_save(&x, place.path, &s);
    setrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, handler);
    ck_assert(!good && strstr(s.text, "cannot be written"));
    ck_assert_int_eq(scratch_files(&place), 1);
    unsigned char *now = scratch_read(place.path, &after);
    ck_assert(after == size && !memcmp(now, bytes, size));
    free(now);
    ck_assert(!eddy_npy_save(NULL, place.path, NULL));
    eddy_tensor_free(&x);
    ck_assert(!eddy_npy_save(&x, place.path, NULL));
    free(bytes);
    scratch_free(&place);
}
END_TEST

static void check_vector(const char *path, const char *name)
{
    eddy_tensor x;
    eddy_status s = { { 0 } };
    bool good = eddy_npy_load(&x, path, &s);
    if (!strncmp(name, "ragged", 6)) {
        ck_assert_msg(!good && strstr(s.text, "Python objects"), "%s", s.text);
        return;
    }
    ck_assert_msg(good, "%s", s.text);
    char type[16], shape[16], order[16];
    if (!strcmp(name, "nans_inf.npy")) {
        ck_assert(eddy_tensor_count(&x) == 4 && isnan(eddy_tensor_flat(&x, 0)) &&
                  eddy_tensor_flat(&x, 1) == -(double)INFINITY);
        ck_assert(eddy_tensor_flat(&x, 2) == 0 && eddy_tensor_flat(&x, 3) == (double)INFINITY);
    } else if (sscanf(name, "data_%15[a-z0-9]_%15[a-z0-9]_%15[a-z]", type, shape, order) == 3) {
        eddy_shape expected = { 0 };
        for (const char *at = shape; strcmp(shape, "scalar") != 0 && at; at = strchr(at, 'x'), at = at ? at + 1 : NULL)
            expected.dim[expected.rank++] = strtol(at, NULL, 10);
        eddy_dtype dtype = !strcmp(type, "float32")                 ? EDDY_F32
                           : !strcmp(type, "float64")               ? EDDY_F64
                           : !strcmp(type + strlen(type) - 2, "64") ? EDDY_I64
                           : !strcmp(type, "uint32")                ? EDDY_I64
                                                                    : EDDY_I32;
        ck_assert_int_eq(x.dtype, dtype);
        ck_assert(eddy_shape_equal(&x.shape, &expected));
        int64_t count = eddy_tensor_count(&x), columns = expected.rank == 2 ? expected.dim[1] : 1;
        for (int64_t i = 0; i < count; i++) {
            int64_t stored = order[0] == 'f' && expected.rank == 2 ? i / columns + i % columns * expected.dim[0] : i;
            ck_assert_msg(eddy_tensor_flat(&x, i) == (count == 1 ? 42 : (double)stored), "%s: element %d", name,
                          (int)i);
        }
    } else { /* 0, 1, ..., 9 */
        ck_assert_int_eq(x.dtype, EDDY_I64);
        for (int64_t i = 0; i < 10; i++)
            ck_assert(eddy_tensor_flat(&x, i) == (double)i);
    }
    eddy_tensor_free(&x);
}

START_TEST(files_of_other_programs)
{
    static const char *const folders[] = { "npyio", "candle" };
    static const int least[] = { 60, 1 };
    const char *shared = test_shared("other programs' .npy files");
    for (int k = 0; shared && k < 2; k++) {
        char path[1024];
        int checked = 0;
        snprintf(path, sizeof path, "%s/vectors/npy/%s", shared, folders[k]);
        DIR *folder = opendir(path);
        if (!folder) {
            printf("SKIPPED: other programs' .npy files (there is no folder %s)\n", path);
            continue;
        }
        for (struct dirent *e; (e = readdir(folder));) {
            size_t length = strlen(e->d_name);
            if (length < 5 || strcmp(e->d_name + length - 4, ".npy") != 0)
                continue;
            snprintf(path, sizeof path, "%s/vectors/npy/%s/%s", shared, folders[k], e->d_name);
            check_vector(path, e->d_name);
            checked++;
        }
        closedir(folder);
        ck_assert_int_ge(checked, least[k]);
    }
}
END_TEST

Suite *suite_npy(void)
{
    Suite *suite = suite_create("npy");
    TCase *tests = tcase_create("npy");
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, dtypes_and_orders);
    tcase_add_test(tests, hostile_headers);
    tcase_add_test(tests, versions);
    tcase_add_test(tests, saved_files_load_again);
    tcase_add_test(tests, damaged_files);
    tcase_add_test(tests, failed_allocations);
    tcase_add_test(tests, failing_disks);
    tcase_add_test(tests, files_of_other_programs);
    suite_add_tcase(suite, tests);
    return suite;
}
