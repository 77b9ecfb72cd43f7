/* A folder for the files of one test, and byte buffers in files. Assumes POSIX and a writable $TMPDIR or /tmp. */
#ifndef EDDY_TEST_SCRATCH_H
#define EDDY_TEST_SCRATCH_H

#include "test.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct scratch {
    char folder[256], path[300];
} scratch;

/* path names a file in a new folder; the file does not exist. */
static inline scratch scratch_new(const char *name)
{
    scratch s;
    const char *temporary = getenv("TMPDIR");
    snprintf(s.folder, sizeof s.folder, "%s/eddy-test-XXXXXX", temporary && *temporary ? temporary : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(s.folder));
    snprintf(s.path, sizeof s.path, "%s/%s", s.folder, name);
    return s;
}

static inline int scratch_files(const scratch *s)
{
    int count = 0;
    DIR *folder = opendir(s->folder);
    ck_assert_ptr_nonnull(folder);
    for (struct dirent *e; (e = readdir(folder));)
        count += strcmp(e->d_name, ".") && strcmp(e->d_name, "..");
    closedir(folder);
    return count;
}

/* Fails when something was left behind in the folder. */
static inline void scratch_free(const scratch *s)
{
    unlink(s->path);
    ck_assert_int_eq(rmdir(s->folder), 0);
}

static inline unsigned char *scratch_read(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "%s cannot be opened", path);
    unsigned char *bytes = malloc(1 << 20);
    *size = fread(bytes, 1, 1 << 20, file);
    fclose(file);
    return bytes;
}

static inline void scratch_write(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    ck_assert_msg(file != NULL, "%s cannot be opened", path);
    ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

#endif
