/* Files that are there complete or not at all: written under a temporary name beside their destination, then synced and
 * renamed, so that other processes, and a crash, find the old file or the new one and never a part.
 *
 * What is replaced keeps its mode and its owner; a symbolic link stays, and the file that it leads to is replaced. A
 * file without write permission is refused, also when the superuser asks. What is no regular file (a device, a pipe,
 * /dev/stdout) is written as it is, piece by piece. Hard links part: the other names keep the old content.
 *
 * A temporary file is named .eddy-0123456789abcdef.tmp with random digits, is created and never opened, and is locked
 * while its writer lives. One that a killed process left behind is removed by the next writer into its folder, once it
 * is an hour old, unlocked and of the same user. */
#ifndef EDDY_WRITER_H
#define EDDY_WRITER_H

#include "memory.h"

EDDY_C_BEGIN

/* open, then any number of writes, then close or abandon. After a failure, and after abandon, nothing of ours is left
 * on the disk and the writer needs no further call; close then fails and abandon is harmless. SIGPIPE and SIGXFSZ of a
 * write become sentences like any other failure. */
typedef struct eddy_writer {
    int descriptor;   /* for those who write without eddy_writer_write, a child process for example; -1: not open */
    const char *path; /* the caller's, who keeps it until the end */
    char *target;     /* where the path's symbolic links lead */
    char *temporary;  /* NULL when the target is written as it is */
    eddy_status *status;
} eddy_writer;

EDDY_API bool eddy_writer_open(eddy_writer *writer, const char *path, eddy_status *status);
/* Writes to a copy of an open descriptor, standard output for example, which sentences call `name`. */
EDDY_API bool eddy_writer_open_descriptor(eddy_writer *writer, int descriptor, const char *name, eddy_status *status);
EDDY_API bool eddy_writer_write(eddy_writer *writer, const void *bytes, size_t size);
EDDY_API bool eddy_writer_close(eddy_writer *writer);
EDDY_API void eddy_writer_abandon(eddy_writer *writer);

/* Could eddy_writer_open succeed now? Nothing is changed or left behind, and a pipe is not opened. */
EDDY_API bool eddy_writer_check(const char *path, eddy_status *status);

/* Reading, beside it: all bytes of a file, or of a pipe to its end, at most `limit`, in a block for eddy_free (never
 * NULL after success). */
EDDY_API bool eddy_read_whole(unsigned char **bytes, size_t *size, const char *path, size_t limit, eddy_status *status);

EDDY_C_END
#endif
