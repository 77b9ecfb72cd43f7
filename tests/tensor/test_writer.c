/* Writing files: what stands at the path decides how. Regular files are replaced as a whole and keep mode, owner and
 * links; devices and pipes are written as they are; what cannot be written is refused with a sentence and stays;
 * nothing is left behind; and what others left behind goes. */
#define _XOPEN_SOURCE 700 /* mknod */
#include "test.h"
#include "failing_memory.h"
#include "scratch.h"

#include "npy.h"
#include "writer.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>

static bool put(const char *path, const char *text, eddy_status *status)
{
    eddy_writer w;
    status->text[0] = 0;
    return eddy_writer_open(&w, path, status) && eddy_writer_write(&w, text, strlen(text)) && eddy_writer_close(&w);
}

/* A path in the folder, valid until the fourth call after this one. */
static const char *in(const scratch *s, const char *name)
{
    static char path[4][600];
    static int turn;
    turn = (turn + 1) % 4;
    snprintf(path[turn], sizeof *path, "%s/%s", s->folder, name);
    return path[turn];
}

static void expect_content(const char *path, const char *text)
{
    size_t size;
    unsigned char *bytes = scratch_read(path, &size);
    ck_assert_msg(size == strlen(text) && !memcmp(bytes, text, size), "%s holds other bytes", path);
    free(bytes);
}

static void expect_refusal(const char *path, const char *words)
{
    eddy_status s = { 0 };
    ck_assert_msg(!put(path, "x", &s) && strstr(s.text, words), "\"%s\" lacks \"%s\"", s.text, words);
    s.text[0] = 0;
    ck_assert_msg(!eddy_writer_check(path, &s) && strstr(s.text, words), "check: \"%s\" lacks \"%s\"", s.text, words);
}

START_TEST(new_and_replaced)
{
    scratch s = scratch_new("file");
    eddy_status status = { 0 };
    struct stat about;
    mode_t mask = umask(027);
    ck_assert(eddy_writer_check(s.path, &status) && scratch_files(&s) == 0);
    ck_assert_msg(put(s.path, "first", &status), "%s", status.text);
    ck_assert_int_eq(stat(s.path, &about), 0);
    ck_assert_int_eq(about.st_mode & 07777, 0640);
    umask(0);
    for (int k = 0; k < 3; k++) {
        static const mode_t modes[] = { 0600, 0664, 02755 };
        ck_assert_int_eq(chmod(s.path, modes[k]), 0);
        if (!geteuid())
            ck_assert_int_eq(chown(s.path, 1234, 4321) || chmod(s.path, modes[k]), 0);
        ck_assert(eddy_writer_check(s.path, &status));
        ck_assert_msg(put(s.path, "second", &status), "%s", status.text);
        ck_assert_int_eq(stat(s.path, &about), 0);
        ck_assert_int_eq(about.st_mode & 07777, modes[k]);
        if (!geteuid())
            ck_assert(about.st_uid == 1234 && about.st_gid == 4321);
    }
    umask(mask);
    expect_content(s.path, "second");
    ck_assert_int_eq(scratch_files(&s), 1);

    /* While it is written the old content stands, nobody else can read the new, and both writers' files are whole. */
    ck_assert_int_eq(chmod(s.path, 0600), 0);
    eddy_writer a, b;
    ck_assert(eddy_writer_open(&a, s.path, &status) && eddy_writer_open(&b, s.path, &status));
    ck_assert_str_ne(a.temporary, b.temporary);
    ck_assert(!stat(a.temporary, &about) && (about.st_mode & 0777) == 0600);
    ck_assert(eddy_writer_write(&a, "aa", 2) && eddy_writer_write(&b, "bbb", 3) && eddy_writer_write(&a, "aa", 2));
    expect_content(s.path, "second");
    ck_assert(eddy_writer_close(&b));
    expect_content(s.path, "bbb");
    ck_assert(eddy_writer_close(&a));
    expect_content(s.path, "aaaa");
    ck_assert(!eddy_writer_close(&a) && !eddy_writer_write(&a, "x", 1));
    eddy_writer_abandon(&a);
    ck_assert(eddy_writer_open(&a, s.path, &status) && eddy_writer_write(&a, "x", 1));
    eddy_writer_abandon(&a);
    expect_content(s.path, "aaaa");
    ck_assert_int_eq(scratch_files(&s), 1);
    scratch_free(&s);
}
END_TEST

START_TEST(refused)
{
    scratch s = scratch_new("file");
    eddy_status status = { 0 };
    char deep[700];
    expect_refusal("", "empty");
    expect_refusal(NULL, "NULL");
    expect_refusal(s.folder, "Is a directory");
    expect_refusal(in(&s, "no/where"), "there is no folder");
    expect_refusal(in(&s, "no/"), "cannot be written");
    ck_assert(put(s.path, "kept", &status));
    snprintf(deep, sizeof deep, "%s/below", s.path);
    expect_refusal(deep, "Not a directory");
    ck_assert_int_eq(chmod(s.path, 0444), 0); /* the superuser could, and does not */
    expect_refusal(s.path, "it is read-only");
    expect_content(s.path, "kept");
    ck_assert_int_eq(symlink("loop", in(&s, "loop")), 0);
    expect_refusal(in(&s, "loop"), "symbolic links");
    unlink(in(&s, "loop"));
    /* A name that no terminal may see raw. */
    ck_assert(!put(in(&s, "no\033[31m\n\x9b/x"), "x", &status));
    ck_assert_msg(strstr(status.text, "no\\x1b[31m\\x0a\\x9b/x") && !strpbrk(status.text, "\033\n\x9b"), "%s",
                  status.text);
    ck_assert_int_eq(scratch_files(&s), 1);
    scratch_free(&s);
}
END_TEST

START_TEST(links)
{
    scratch s = scratch_new("link");
    eddy_status status = { 0 };
    struct stat about;
    ck_assert_int_eq(mkdir(in(&s, "far"), 0777), 0);
    ck_assert_int_eq(symlink("far/second", s.path), 0);
    ck_assert_int_eq(symlink("target", in(&s, "far/second")), 0); /* relative to its own folder; nothing is there yet */
    for (int k = 0; k < 2; k++) {
        ck_assert_msg(put(s.path, k ? "again" : "once", &status), "%s", status.text);
        ck_assert(!lstat(s.path, &about) && S_ISLNK(about.st_mode));
        ck_assert(!lstat(in(&s, "far/second"), &about) && S_ISLNK(about.st_mode));
        ck_assert(!lstat(in(&s, "far/target"), &about) && S_ISREG(about.st_mode));
        expect_content(in(&s, "far/target"), k ? "again" : "once");
    }
    ck_assert_int_eq(scratch_files(&s), 2); /* temporaries stood beside the target */
    unlink(in(&s, "far/second"));
    ck_assert_int_eq(symlink(in(&s, "absolute"), in(&s, "far/second")), 0);
    ck_assert(put(s.path, "third", &status));
    expect_content(in(&s, "absolute"), "third");
    ck_assert_int_eq(chmod(in(&s, "absolute"), 0400), 0);
    expect_refusal(s.path, "read-only");
    unlink(in(&s, "absolute"));
    unlink(in(&s, "far/second"));
    unlink(in(&s, "far/target"));
    rmdir(in(&s, "far"));
    scratch_free(&s);
}
END_TEST

static void *read_pipe(void *path)
{
    static char text[64];
    FILE *pipe = fopen(path, "r");
    text[fread(text, 1, sizeof text - 1, pipe)] = 0;
    fclose(pipe);
    return text;
}

START_TEST(pipes)
{
    scratch s = scratch_new("pipe");
    eddy_status status = { 0 };
    struct stat about;
    pthread_t reader;
    void *text;
    ck_assert_int_eq(mkfifo(s.path, 0600), 0);
    ck_assert(eddy_writer_check(s.path, &status)); /* does not wait for a reader, nor disturb one */
    pthread_create(&reader, NULL, read_pipe, s.path);
    ck_assert_msg(put(s.path, "through", &status), "%s", status.text);
    pthread_join(reader, &text);
    ck_assert_str_eq(text, "through");
    ck_assert(!lstat(s.path, &about) && S_ISFIFO(about.st_mode));
    /* No reader any more: EPIPE is a sentence and no signal. */
    eddy_writer w;
    int end = open(s.path, O_RDONLY | O_NONBLOCK);
    ck_assert(eddy_writer_open(&w, s.path, &status));
    close(end);
    signal(SIGPIPE, SIG_DFL);
    ck_assert(!eddy_writer_write(&w, "x", 1) && strstr(status.text, "Broken pipe"));
    ck_assert_int_eq(scratch_files(&s), 1);
    scratch_free(&s);
}
END_TEST

/* Device nodes of this test's own: never the machine's. */
START_TEST(devices)
{
    scratch s = scratch_new("null");
    eddy_status status = { 0 };
    struct stat about;
    float element = 1;
    eddy_tensor x = eddy_tensor_wrap(&element, EDDY_F32, EDDY_SHAPE(1));
    int node = mknod(s.path, S_IFCHR | 0666, makedev(1, 3)), fd = node ? -1 : open(s.path, O_WRONLY);
    if (fd < 0) {
        puts("SKIPPED: device nodes cannot be made and opened here");
    } else {
        ck_assert_msg(put(s.path, "x", &status), "%s", status.text);
        ck_assert_msg(eddy_npy_save(&x, s.path, &status), "%s", status.text);
        ck_assert(!lstat(s.path, &about) && S_ISCHR(about.st_mode) && about.st_rdev == makedev(1, 3));
        ck_assert_int_eq(mknod(in(&s, "full"), S_IFCHR | 0666, makedev(1, 7)), 0);
        ck_assert(!put(in(&s, "full"), "x", &status) && strstr(status.text, "No space left"));
        ck_assert(!lstat(in(&s, "full"), &about) && S_ISCHR(about.st_mode));
        unlink(in(&s, "full"));
        close(fd);
    }
    scratch_free(&s);
}
END_TEST

START_TEST(descriptors)
{
    scratch s = scratch_new("out");
    eddy_status status = { 0 };
    char path[40];
    eddy_writer w;
    int fd = open(s.path, O_RDWR | O_CREAT, 0600);
    ck_assert_int_eq(write(fd, "head ", 5), 5);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    ck_assert_msg(put(path, "middle ", &status), "%s", status.text); /* continues where the descriptor stands */
    ck_assert(eddy_writer_open_descriptor(&w, fd, "the output", &status) && eddy_writer_write(&w, "end", 3) &&
              eddy_writer_close(&w));
    expect_content(s.path, "head middle end");
    close(fd);
    ck_assert(!eddy_writer_open_descriptor(&w, fd, "the output", &status) && strstr(status.text, "the output: cannot"));
    ck_assert(!put(path, "x", &status) && strstr(status.text, path));
    ck_assert_int_eq(scratch_files(&s), 1);
    scratch_free(&s);
}
END_TEST

START_TEST(too_large)
{
    scratch s = scratch_new("file");
    pid_t child = fork(); /* the limit is for good */
    if (!child) {
        eddy_status status = { 0 };
        char text[5000] = { 0 };
        eddy_writer w;
        signal(SIGXFSZ, SIG_DFL);
        setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 4096, 4096 });
        bool written = eddy_writer_open(&w, s.path, &status) && eddy_writer_write(&w, text, sizeof text);
        _exit(!written && strstr(status.text, "File too large") && scratch_files(&s) == 0 ? 7 : 1);
    }
    int result;
    ck_assert_int_eq(waitpid(child, &result, 0), child);
    ck_assert_msg(WIFEXITED(result) && WEXITSTATUS(result) == 7, "status %x", (unsigned)result);
    scratch_free(&s);
}
END_TEST

static void leave(const char *path, time_t age)
{
    scratch_write(path, "x", 1);
    struct timespec times[2] = { { .tv_sec = time(NULL) - age }, { .tv_sec = time(NULL) - age } };
    ck_assert_int_eq(utimensat(AT_FDCWD, path, times, 0), 0);
}

START_TEST(stale)
{
    scratch s = scratch_new("file");
    eddy_status status = { 0 };
    static const char old[] = ".eddy-0123456789abcdef.tmp", fresh[] = ".eddy-1123456789abcdef.tmp",
                      locked[] = ".eddy-2123456789abcdef.tmp", link[] = ".eddy-3123456789abcdef.tmp",
                      other[] = ".eddy-012345678.tmp", foreign[] = ".eddy-4123456789abcdef.tmp";
    leave(in(&s, old), 7200);
    leave(in(&s, fresh), 60);
    leave(in(&s, other), 7200);
    leave(in(&s, locked), 7200);
    leave(in(&s, foreign), 7200);
    int fd = open(in(&s, locked), O_WRONLY);
    ck_assert_int_eq(flock(fd, LOCK_EX), 0);
    ck_assert_int_eq(symlink(other, in(&s, link)), 0);
    bool theirs = !geteuid() && !chown(in(&s, foreign), 1234, 4321);
    ck_assert(put(s.path, "x", &status));
    ck_assert_int_ne(access(in(&s, old), F_OK), 0);
    ck_assert_int_eq(access(in(&s, fresh), F_OK) | access(in(&s, locked), F_OK) | access(in(&s, other), F_OK), 0);
    ck_assert_int_eq(access(in(&s, link), F_OK), 0);
    ck_assert_int_eq(!access(in(&s, foreign), F_OK), theirs);
    close(fd);
    ck_assert(put(s.path, "x", &status));
    ck_assert_int_ne(access(in(&s, locked), F_OK), 0);
    unlink(in(&s, fresh));
    unlink(in(&s, other));
    unlink(in(&s, link));
    unlink(in(&s, foreign));
    ck_assert_int_eq(scratch_files(&s), 1);
    scratch_free(&s);
}
END_TEST

START_TEST(short_memory)
{
    scratch s = scratch_new("link");
    eddy_status status = { 0 };
    fault faults;
    ck_assert_int_eq(symlink("target", s.path), 0);
    long n = 1;
    for (bool done = false; !done; n++) {
        fault_install(&faults, n);
        done = put(s.path, "x", &status);
        ck_assert(done || strstr(status.text, "memory"));
        ck_assert_int_eq(faults.living, 0);
        ck_assert_int_eq(scratch_files(&s), done ? 2 : 1);
    }
    eddy_set_allocator(NULL);
    ck_assert_int_gt(n, 3);
    unlink(in(&s, "target"));
    scratch_free(&s);
}
END_TEST

Suite *suite_writer(void)
{
    Suite *suite = suite_create("writer");
    TCase *cases = tcase_create("writer");
    tcase_add_test(cases, new_and_replaced);
    tcase_add_test(cases, refused);
    tcase_add_test(cases, links);
    tcase_add_test(cases, pipes);
    tcase_add_test(cases, devices);
    tcase_add_test(cases, descriptors);
    tcase_add_test(cases, too_large);
    tcase_add_test(cases, stale);
    tcase_add_test(cases, short_memory);
    suite_add_tcase(suite, cases);
    return suite;
}
