/* Atomic writing; see writer.h. Assumes POSIX. A failure closes, removes and frees at once, so that callers only
 * return. */
#include "writer.h"
#include "file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    LINKS = 40,     /* symbolic links that are followed, as many as Linux does */
    STALE = 3600,   /* seconds after which an unlocked temporary file is nobody's */
    ENTRIES = 1000, /* of a folder looked at for stale files: a save into a large folder must not read all of it */
    PATH_ROOM = 4096
};

static const char prefix[] = ".eddy-", suffix[] = ".tmp";
enum { DIGITS = 16, NAME_SIZE = sizeof prefix - 1 + DIGITS + sizeof suffix };

static bool fail(eddy_writer *writer, const char *what, int error)
{
    eddy_file_fail(writer->status, writer->path, what, error);
    eddy_writer_abandon(writer);
    return false;
}

static int folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (int)(slash + 1 - path) : 0;
}

/* ---- Where the path leads ---- */

/* The number in "/dev/fd/N" and "/proc/self/fd/N", whose links name what cannot be opened again; -1 for other paths. */
static int descriptor_of(const char *path)
{
    static const char *const folders[] = { "/proc/self/fd/", "/dev/fd/" };
    for (int i = 0; i < 2; i++) {
        size_t length = strlen(folders[i]), digits = strspn(path + strnlen(path, length), "0123456789");
        if (!strncmp(path, folders[i], length) && digits && digits < 9 && !path[length + digits]) {
            int number = 0;
            for (const char *p = path + length; *p; p++)
                number = 10 * number + (*p - '0');
            return number;
        }
    }
    return -1;
}

static bool set_target(eddy_writer *writer, const char *folder, int length, const char *rest)
{
    size_t room = (size_t)length + strlen(rest) + 1;
    char *target = eddy_allocate(room, 1);
    if (!target) {
        eddy_status_fail(writer->status, "out of memory while writing %s", writer->path);
        eddy_writer_abandon(writer);
        return false;
    }
    snprintf(target, room, "%.*s%s", length, folder, rest);
    eddy_free(writer->target);
    writer->target = target;
    return true;
}

/* Follows the symbolic links of the last part, whether or not something stands at their end. */
static bool follow(eddy_writer *writer)
{
    char link[PATH_ROOM];
    if (!set_target(writer, "", 0, writer->path))
        return false;
    for (int i = 0; i < LINKS; i++) {
        ssize_t length = descriptor_of(writer->target) >= 0 ? -1 : readlink(writer->target, link, sizeof link);
        if (length < 0)
            return true;
        if (length == sizeof link)
            return fail(writer, "be written", ENAMETOOLONG);
        link[length] = 0;
        if (!set_target(writer, writer->target, *link == '/' ? 0 : folder_length(writer->target), link))
            return false;
    }
    return fail(writer, "be written", ELOOP);
}

/* ---- The temporary file ---- */

/* 64 bits that nobody can guess; where there is no /dev/urandom, that few can: O_EXCL does not rely on it. */
static uint64_t unpredictable(void)
{
    uint64_t bits = 0;
    int source = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    bool drawn = source >= 0 && read(source, &bits, sizeof bits) == (ssize_t)sizeof bits;
    if (source >= 0)
        close(source);
    if (drawn)
        return bits;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    bits = (uint64_t)now.tv_sec * 1000000007u + (uint64_t)now.tv_nsec;
    return (bits ^ (uint64_t)getpid() << 40 ^ (uint64_t)(uintptr_t)&bits) * 0x9E3779B97F4A7C15u;
}

static bool is_temporary(const char *name)
{
    return strlen(name) == NAME_SIZE - 1 && !strncmp(name, prefix, sizeof prefix - 1) &&
           strspn(name + sizeof prefix - 1, "0123456789abcdef") == DIGITS &&
           !strcmp(name + sizeof prefix - 1 + DIGITS, suffix);
}

/* Nobody's: of this user, old, and locked by no living writer. */
static bool is_stale(int descriptor)
{
    struct stat about;
    return !fstat(descriptor, &about) && S_ISREG(about.st_mode) && about.st_uid == geteuid() && about.st_nlink == 1 &&
           time(NULL) - about.st_mtime >= STALE && !flock(descriptor, LOCK_EX | LOCK_NB);
}

/* What cannot be removed stays: that is no reason not to write. */
static void remove_stale(const char *path)
{
    char name[PATH_ROOM];
    int length = folder_length(path);
    if (snprintf(name, sizeof name, "%.*s", length ? length : 1, length ? path : ".") >= (int)sizeof name)
        return;
    DIR *folder = opendir(name);
    if (!folder)
        return;
    int seen = 0;
    for (struct dirent *e; seen < ENTRIES && (e = readdir(folder)); seen++) {
        if (!is_temporary(e->d_name))
            continue;
        int descriptor = openat(dirfd(folder), e->d_name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (descriptor >= 0 && is_stale(descriptor))
            unlinkat(dirfd(folder), e->d_name, 0);
        if (descriptor >= 0)
            close(descriptor);
    }
    closedir(folder);
}

static bool no_folder(eddy_writer *writer)
{
    char folder[PATH_ROOM];
    struct stat about;
    int length = folder_length(writer->target);
    if (!length || length >= (int)sizeof folder)
        return false;
    memcpy(folder, writer->target, (size_t)length);
    folder[length] = 0;
    if (!stat(folder, &about))
        return false;
    eddy_status_fail(writer->status,
                     "%s: cannot be written: there is no folder %s; make it with mkdir -p, or choose another",
                     writer->path, folder);
    eddy_writer_abandon(writer);
    return true;
}

static bool make_temporary(eddy_writer *writer, mode_t mode)
{
    int folder = folder_length(writer->target);
    size_t room = (size_t)folder + NAME_SIZE;
    writer->temporary = eddy_allocate(room, 1);
    if (!writer->temporary) {
        eddy_status_fail(writer->status, "out of memory while writing %s", writer->path);
        eddy_writer_abandon(writer);
        return false;
    }
    int error = EEXIST;
    for (int attempt = 0; attempt < 100 && error == EEXIST; attempt++) {
        snprintf(writer->temporary, room, "%.*s%s%016llx%s", folder, writer->target, prefix,
                 (unsigned long long)unpredictable(), suffix);
        writer->descriptor = open(writer->temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
        if (writer->descriptor >= 0) {
            flock(writer->descriptor, LOCK_EX | LOCK_NB); /* some file systems have no locks; then only age protects */
            return true;
        }
        error = errno;
    }
    eddy_free(writer->temporary); /* nothing of ours has that name */
    writer->temporary = NULL;
    return error == ENOENT && no_folder(writer)
               ? false
               : fail(writer, "be written: its temporary file cannot be created in the same folder", error);
}

/* A file of 0600 until its owner is right, so that nobody reads it who could not read the old one. */
static bool keep_owner_and_mode(eddy_writer *writer, const struct stat *old)
{
    struct stat new;
    if (fstat(writer->descriptor, &new))
        return fail(writer, "be written", errno);
    if ((new.st_uid != old->st_uid || new.st_gid != old->st_gid) &&
        fchown(writer->descriptor, old->st_uid, old->st_gid))
        return fail(writer, "be replaced: its owner and group cannot be kept; remove it first, or choose another name",
                    errno);
    return !fchmod(writer->descriptor, old->st_mode & 07777) || fail(writer, "be replaced with its mode", errno);
}

/* ---- Opening ---- */

/* The target's stat; *exists is false when nothing is there. */
static bool examine(eddy_writer *writer, struct stat *old, bool *exists)
{
    *exists = !stat(writer->target, old);
    if (!*exists && errno != ENOENT)
        return fail(writer, "be written", errno);
    if (*exists ? S_ISDIR(old->st_mode) : writer->target[strlen(writer->target) - 1] == '/')
        return no_folder(writer) ? false : fail(writer, "be written", EISDIR);
    if (!*exists)
        return true;
    if (S_ISREG(old->st_mode) && !(old->st_mode & 0222)) {
        eddy_status_fail(writer->status, "%s: cannot be written: it is read-only; 'chmod u+w' makes it writable",
                         writer->path);
        eddy_writer_abandon(writer);
        return false;
    }
    return !faccessat(AT_FDCWD, writer->target, W_OK, AT_EACCESS) || fail(writer, "be written", errno);
}

static bool begin(eddy_writer *writer, const char *path, eddy_status *status)
{
    *writer = (eddy_writer){ .descriptor = -1, .path = path, .status = status };
    if (!path || !*path)
        return eddy_status_fail(status, "the path to write to is %s; a file's name is needed", path ? "empty" : "NULL");
    return follow(writer);
}

bool eddy_writer_open_descriptor(eddy_writer *writer, int descriptor, const char *name, eddy_status *status)
{
    *writer = (eddy_writer){ .descriptor = -1, .path = name, .status = status };
    writer->descriptor = fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
    return writer->descriptor >= 0 || fail(writer, "be written", errno);
}

bool eddy_writer_open(eddy_writer *writer, const char *path, eddy_status *status)
{
    struct stat old;
    bool exists;
    if (!begin(writer, path, status))
        return false;
    int number = descriptor_of(writer->target);
    if (number >= 0) {
        eddy_free(writer->target);
        return eddy_writer_open_descriptor(writer, number, path, status);
    }
    if (!examine(writer, &old, &exists))
        return false;
    if (exists && !S_ISREG(old.st_mode)) {
        writer->descriptor = open(writer->target, O_WRONLY | O_NOCTTY | O_CLOEXEC);
        return writer->descriptor >= 0 || fail(writer, "be written", errno);
    }
    remove_stale(writer->target);
    return make_temporary(writer, exists ? 0600 : 0666) && (!exists || keep_owner_and_mode(writer, &old));
}

bool eddy_writer_check(const char *path, eddy_status *status)
{
    eddy_writer writer;
    struct stat old;
    bool exists;
    if (!begin(&writer, path, status))
        return false;
    bool good = descriptor_of(writer.target) >= 0 || examine(&writer, &old, &exists);
    if (good && descriptor_of(writer.target) < 0 && (!exists || S_ISREG(old.st_mode)))
        good = make_temporary(&writer, 0600) && (!exists || keep_owner_and_mode(&writer, &old));
    eddy_writer_abandon(&writer);
    return good;
}

/* ---- Writing ---- */

/* write, whose signals would end the program before the failure can be told. They go to the thread that writes. */
static ssize_t write_without_signals(int descriptor, const void *bytes, size_t size)
{
    sigset_t deadly, before, pending;
    sigemptyset(&deadly);
    sigaddset(&deadly, SIGPIPE);
    sigaddset(&deadly, SIGXFSZ);
    pthread_sigmask(SIG_BLOCK, &deadly, &before);
    sigpending(&pending);
    ssize_t n = write(descriptor, bytes, size);
    int error = errno, number = error == EPIPE ? SIGPIPE : SIGXFSZ;
    if (n < 0 && (error == EPIPE || error == EFBIG) && !sigismember(&pending, number)) {
        sigset_t one;
        sigemptyset(&one);
        sigaddset(&one, number);
        sigpending(&pending);
        if (sigismember(&pending, number)) /* not when it is ignored */
            sigwait(&one, &number);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return n;
}

bool eddy_writer_write(eddy_writer *writer, const void *bytes, size_t size)
{
    if (writer->descriptor < 0)
        return false;
    const unsigned char *at = bytes;
    while (size) {
        ssize_t n = write_without_signals(writer->descriptor, at, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return fail(writer, "be written", n < 0 ? errno : EIO);
        at += n;
        size -= (size_t)n;
    }
    return true;
}

/* A rename is durable once its folder is; file systems that cannot sync a folder say EINVAL, and need nothing. */
static int sync_folder(char *path)
{
    int length = folder_length(path);
    path[length] = 0;
    int descriptor = open(length ? path : ".", O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return errno == EACCES ? 0 : errno;
    int error = fsync(descriptor) && errno != EINVAL ? errno : 0;
    close(descriptor);
    return error;
}

static void forget(eddy_writer *writer)
{
    eddy_free(writer->temporary);
    eddy_free(writer->target);
    writer->temporary = writer->target = NULL;
    writer->descriptor = -1;
}

bool eddy_writer_close(eddy_writer *writer)
{
    if (writer->descriptor < 0)
        return false;
    if (writer->temporary && fsync(writer->descriptor))
        return fail(writer, "be written to the disk", errno);
    int descriptor = writer->descriptor;
    writer->descriptor = -1;
    if (close(descriptor))
        return fail(writer, "be written", errno);
    if (writer->temporary && rename(writer->temporary, writer->target))
        return fail(writer, "be put in place of the old file", errno);
    int error = writer->temporary ? sync_folder(writer->temporary) : 0;
    forget(writer);
    return !error || eddy_file_fail(writer->status, writer->path,
                                    "be made durable, though it was written: its folder cannot be synchronised", error);
}

void eddy_writer_abandon(eddy_writer *writer)
{
    if (writer->descriptor >= 0)
        close(writer->descriptor);
    if (writer->temporary)
        unlink(writer->temporary);
    forget(writer);
}
