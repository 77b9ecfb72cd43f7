/* Output files: opened beside their final name, renamed when complete. Only regular files are replaced: a device or
 * pipe is written as it is. */
#include "output.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool output_folder(const char *path, char *out, size_t size)
{
    const char *slash = strrchr(path, '/');
    size_t length = slash ? (size_t)(slash - path) + 1 : 0;
    if (length >= size)
        return false;
    memcpy(out, path, length);
    out[length] = 0;
    return true;
}

static bool cannot(const char *path, int error, eddy_status *status)
{
    char folder[4096];
    struct stat about;
    if (error == ENOENT && output_folder(path, folder, sizeof folder) && *folder && stat(folder, &about))
        return eddy_status_fail(
            status, "%s cannot be written: there is no folder %s. Make it with mkdir -p, or choose another.", path,
            folder);
    return eddy_status_fail(status, "%s cannot be written: %s.", path, strerror(error));
}

bool output_open(output *file, const char *path, eddy_status *status)
{
    struct stat about;
    *file = (output){ .path = path };
    if (!strcmp(path, "-")) {
        file->path = "standard output";
        file->stream = stdout;
        return true;
    }
    bool exists = !lstat(path, &about);
    if (exists && S_ISDIR(about.st_mode))
        return cannot(path, EISDIR, status);
    if (exists && access(path, W_OK))
        return cannot(path, errno, status);
    if (!exists || S_ISREG(about.st_mode)) {
        if (snprintf(file->part, sizeof file->part, "%s.partial", path) >= (int)sizeof file->part) {
            file->part[0] = 0;
            return cannot(path, ENAMETOOLONG, status);
        }
    }
    file->stream = fopen(file->part[0] ? file->part : path, "w");
    return file->stream || cannot(path, errno, status);
}

void output_flush(output *file)
{
    if (fflush(file->stream) && !file->error)
        file->error = errno;
}

bool output_keep(output *file, eddy_status *status)
{
    if (!file->stream)
        return true;
    output_flush(file);
    bool ok = !ferror(file->stream);
    int error = file->error ? file->error : EIO;
    if (file->stream != stdout && fclose(file->stream) && ok) {
        ok = false;
        error = errno;
    }
    file->stream = NULL;
    if (ok && file->part[0] && rename(file->part, file->path)) {
        ok = false;
        error = errno;
    }
    if (!ok && file->part[0])
        remove(file->part);
    return ok || cannot(file->path, error, status);
}

void output_discard(output *file)
{
    if (!file->stream)
        return;
    if (file->stream != stdout)
        fclose(file->stream);
    file->stream = NULL;
    if (file->part[0])
        remove(file->part);
}

bool output_check(const char *path, eddy_status *status)
{
    struct stat about;
    output file;
    if (!lstat(path, &about) && S_ISLNK(about.st_mode))
        return eddy_status_fail(
            status, "%s cannot be written: it is a symbolic link, which renaming would replace. Name its target.",
            path);
    if (!stat(path, &about) && !S_ISREG(about.st_mode) && !S_ISDIR(about.st_mode))
        return eddy_status_fail(
            status, "%s cannot be written: it is no ordinary file, and this one is put in place by renaming.", path);
    bool ok = output_open(&file, path, status);
    if (ok)
        output_discard(&file);
    return ok;
}

bool output_same(const char *a, const char *b)
{
    struct stat x, y;
    if (!strcmp(a, "-") || !strcmp(b, "-")) /* what is read there is not what is written */
        return false;
    return !strcmp(a, b) ||
           (!stat(a, &x) && !stat(b, &y) && x.st_dev == y.st_dev && x.st_ino == y.st_ino && S_ISREG(x.st_mode));
}
