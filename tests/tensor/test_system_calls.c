/* Files when the system fails: every call that reading and writing make fails in turn, in every way that matters. What
 * stood at the path stays whole, or what is new stands there whole; the sentence names the path; nothing is left
 * behind. The linker leads the system calls of the test program here (--wrap in meson.build);
 * with large files, as meson builds, some have a 64 in their names. */
#include "test.h"
#include "failing_memory.h"
#include "scratch.h"

#include "file.h"
#include "npy.h"
#include "random.h"
#include "safetensors.h"
#include "writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>

/* The n-th call from now on fails with this error, 0: with nothing done and no error; no call if n is 0. */
static long calls, fail_at, synced;
static int with;
static bool serious; /* what failed was a step of writing: that must be told */

static bool fails(bool step)
{
    if (!fail_at || ++calls != fail_at)
        return false;
    serious = step;
    errno = with;
    return true;
}

#define DECLARE(type, name, parameters)                                                                                \
    type __real_##name parameters;                                                                                     \
    type __wrap_##name parameters;
#define WRAP(type, name, parameters, arguments, step)                                                                  \
    DECLARE(type, name, parameters)                                                                                    \
    type __wrap_##name parameters                                                                                      \
    {                                                                                                                  \
        return with && fails(step) ? (type)-1 : __real_##name arguments;                                               \
    }
WRAP(int, fstat64, (int d, struct stat *to), (d, to), false)
WRAP(int, stat64, (const char *path, struct stat *to), (path, to), false)
WRAP(int, rename, (const char *from, const char *to), (from, to), true)
WRAP(int, fchmod, (int d, mode_t mode), (d, mode), true)
WRAP(int, fchown, (int d, uid_t user, gid_t group), (d, user, group), true)
WRAP(int, faccessat, (int d, const char *path, int mode, int flags), (d, path, mode, flags), true)

DECLARE(ssize_t, read, (int d, void *to, size_t size))
ssize_t __wrap_read(int d, void *to, size_t size)
{
    return fails(false) ? with ? -1 : 0 : __real_read(d, to, size);
}

DECLARE(ssize_t, write, (int d, const void *from, size_t size))
ssize_t __wrap_write(int d, const void *from, size_t size)
{
    return fails(true) ? with ? -1 : 0 : __real_write(d, from, size);
}

DECLARE(int, fsync, (int d))
int __wrap_fsync(int d)
{
    if (with && fails(true))
        return -1;
    synced++;
    return fail_at ? 0 : __real_fsync(d); /* a sweep need not wait for the disk */
}

DECLARE(int, close, (int d))
int __wrap_close(int d)
{
    int flags = fcntl(d, F_GETFL);
    bool failed = with && fails((flags & O_ACCMODE) == O_WRONLY);
    int result = __real_close(d); /* the descriptor is gone all the same, as on Linux */
    errno = failed ? with : errno;
    return failed ? -1 : result;
}

DECLARE(int, open64, (const char *path, int flags, ...))
int __wrap_open64(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    unsigned mode = flags & O_CREAT ? va_arg(rest, unsigned) : 0;
    va_end(rest);
    return with && fails((flags & O_CREAT) != 0) ? -1 : __real_open64(path, flags, mode);
}

static const int errors[] = { EIO, EINTR, EACCES, EINVAL, ENOENT, EEXIST, 0 };
enum { ERRORS = sizeof errors / sizeof *errors };

static void arm(long n, int error)
{
    calls = synced = 0;
    serious = false;
    with = error;
    fail_at = n;
}

/* Whether the call that was to fail has failed: else the sweep is at its end. */
static bool disarm(void)
{
    bool reached = calls >= fail_at;
    fail_at = 0;
    return reached;
}

static bool holds(const char *path, const char *text)
{
    size_t size;
    unsigned char *bytes = scratch_read(path, &size);
    bool same = size == strlen(text) && !memcmp(bytes, text, size);
    free(bytes);
    return same;
}

static bool put(const char *path, const char *text, eddy_status *status)
{
    eddy_writer w;
    return eddy_writer_open(&w, path, status) && eddy_writer_write(&w, text, strlen(text)) && eddy_writer_close(&w);
}

static void sweep_writing(const char *name, bool exists, int error)
{
    long n = 1;
    for (bool reached = true; reached; n++) {
        scratch s = scratch_new(name);
        eddy_status status = { 0 };
        if (exists) {
            scratch_write(s.path, "old", 3);
            ck_assert(!chmod(s.path, 0640));
            if (!geteuid())
                ck_assert(!chown(s.path, 1, 1));
        }
        arm(n, error);
        bool good = put(s.path, "newer", &status);
        reached = disarm();
        bool there = !access(s.path, F_OK), replaced = there && holds(s.path, "newer");
        const char *told = status.text;
        ck_assert_msg(good == !*told, "call %ld, error %d: %d and \"%s\"", n, error, good, told);
        ck_assert_msg(good || strstr(told, s.path), "call %ld, error %d: the path is not in \"%s\"", n, error, told);
        ck_assert_msg(!good || !serious || error != EIO, "call %ld: a failure is not told", n);
        ck_assert_msg(replaced || !good, "call %ld, error %d: nothing was written", n, error);
        ck_assert_msg(!replaced || good || strstr(told, "made durable"), "call %ld, error %d: written, but \"%s\"", n,
                      error, told);
        ck_assert_msg(replaced || (exists ? there && holds(s.path, "old") : !there), "call %ld, error %d: damaged", n,
                      error);
        if (exists && error != ENOENT) { /* which is believed: the file is new then */
            struct stat about;
            ck_assert(!stat(s.path, &about) && (about.st_mode & 07777) == 0640);
            ck_assert(geteuid() || (about.st_uid == 1 && about.st_gid == 1));
        }
        ck_assert_msg(good || reached, "nothing failed, but \"%s\"", told);
        ck_assert(reached || synced == 2); /* the file and its folder */
        ck_assert_msg(scratch_files(&s) == there, "call %ld, error %d: a file is left", n, error);
        scratch_free(&s);
    }
    ck_assert_int_gt(n, error ? 10 : 2);
}

START_TEST(writing)
{
    sweep_writing("file", false, errors[_i]);
    sweep_writing("file", true, errors[_i]);
}
END_TEST

/* Whether it could be written at all: the file that stands there is as before, whatever the answer. */
START_TEST(checking)
{
    bool reached = true;
    for (long n = 1; reached; n++) {
        scratch s = scratch_new("file");
        eddy_status status = { 0 };
        scratch_write(s.path, "old", 3);
        arm(n, errors[_i]);
        bool good = eddy_writer_check(s.path, &status);
        reached = disarm();
        ck_assert_msg(good == !*status.text && (good || strstr(status.text, s.path)), "call %ld: \"%s\"", n,
                      status.text);
        ck_assert(holds(s.path, "old") && scratch_files(&s) == 1);
        scratch_free(&s);
    }
}
END_TEST

static void sweep_reading(const char *path, const char *text, int error)
{
    bool reached = true;
    long refused = 0;
    for (long n = 1; reached; n++) {
        eddy_status status = { 0 };
        unsigned char *bytes = NULL;
        size_t size = 99;
        arm(n, error);
        bool good = eddy_read_whole(&bytes, &size, path, 100, &status);
        reached = disarm();
        ck_assert_msg(good == !*status.text && (good || strstr(status.text, path)), "call %ld: \"%s\"", n, status.text);
        ck_assert_msg(good || reached, "nothing failed, but \"%s\"", status.text);
        if (good && (error || !reached))
            ck_assert(size == strlen(text) && !memcmp(bytes, text, size));
        if (!good)
            ck_assert_ptr_null(bytes);
        refused += !good;
        eddy_free(bytes);
    }
    ck_assert(refused || !error || error == EINTR);
}

START_TEST(reading)
{
    scratch s = scratch_new("file");
    scratch_write(s.path, "some text", 9);
    sweep_reading(s.path, "some text", errors[_i]);
    sweep_reading("/dev/null", "", errors[_i]);
    scratch_free(&s);
}
END_TEST

/* A tensor whose elements are written one by one, as one array and among others. */
static bool save(const char *path, bool npy, const eddy_tensor *values, eddy_status *status)
{
    if (npy)
        return eddy_npy_save(values, path, status);
    eddy_safetensors file = { .count = 1, .tensors = &(eddy_named_tensor){ .name = "w", .tensor = *values } };
    return eddy_safetensors_save(&file, path, status);
}

START_TEST(tensors)
{
    eddy_status status = { 0 };
    eddy_tensor values = { 0 }, turned = { 0 };
    ck_assert(eddy_tensor_new(&values, EDDY_F64, EDDY_SHAPE(60, 70), &status));
    ck_assert(eddy_fill_uniform(&values, (eddy_random){ 1, 1 }, 0, 1, &status));
    ck_assert(eddy_tensor_permute(&turned, &values, (int[]){ 1, 0 }, &status));
    for (int k = 0; k < 4; k++) {
        bool reached = true;
        for (long n = 1; reached; n++) {
            scratch s = scratch_new("values");
            status = (eddy_status){ 0 };
            arm(n, errors[_i]);
            bool good = save(s.path, k & 1, k & 2 ? &turned : &values, &status);
            reached = disarm();
            ck_assert_msg(good == !*status.text && (good || strstr(status.text, s.path)), "call %ld: \"%s\"", n,
                          status.text);
            ck_assert_msg(good || reached, "nothing failed, but \"%s\"", status.text);
            bool durable = strstr(status.text, "made durable") != NULL;
            ck_assert_int_eq(scratch_files(&s), good || durable);
            scratch_free(&s);
        }
    }
    eddy_tensor_free(&values);
}
END_TEST

Suite *suite_system_calls(void)
{
    Suite *suite = suite_create("system_calls");
    TCase *tests = tcase_create("system_calls");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, writing, 0, ERRORS);
    tcase_add_loop_test(tests, checking, 0, ERRORS);
    tcase_add_loop_test(tests, reading, 0, ERRORS);
    tcase_add_loop_test(tests, tensors, 0, ERRORS);
    suite_add_tcase(suite, tests);
    return suite;
}
