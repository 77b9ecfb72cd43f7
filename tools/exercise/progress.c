/* What was solved: a line "ID TRIES solved" or "ID TRIES tried" for each exercise, in a file of the user's. */
#include "exercise.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PROGRESS_LONGEST = 1 << 20, LINES_MOST = 10000 };

const char *progress_path(arena *a, eddy_status *status)
{
    const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    if (data && *data == '/')
        return arena_format(a, "%s/eddy/exercises.txt", data);
    if (home && *home)
        return arena_format(a, "%s/.local/share/eddy/exercises.txt", home);
    eddy_status_fail(status, "there is no HOME and no XDG_DATA_HOME, so progress is kept nowhere.");
    return NULL;
}

const progress_row *progress_find(const progress *p, const char *id)
{
    for (int i = 0; p && i < p->count; i++)
        if (!strcmp(p->row[i].id, id))
            return &p->row[i];
    return NULL;
}

bool progress_read(arena *a, const char *path, progress *p, eddy_status *status)
{
    unsigned char *bytes = NULL;
    size_t size = 0;
    int lines = 0;
    *p = (progress){ 0 };
    if (access(path, F_OK) && errno == ENOENT)
        return true;
    if (!eddy_read_whole(&bytes, &size, path, PROGRESS_LONGEST, status))
        return false;
    for (size_t i = 0; i < size; i++) {
        lines += bytes[i] == '\n';
        bytes[i] = bytes[i] ? bytes[i] : ' ';
    }
    p->row = ARENA_ARRAY(a, progress_row, lines + 1);
    const char *at = arena_text(a, (const char *)bytes, size);
    eddy_free(bytes);
    for (; p->row && *at && p->count < LINES_MOST; at += strcspn(at, "\n"), at += *at == '\n') {
        char id[256], state[16];
        int tries;
        if (sscanf(at, "%255s %d %15s", id, &tries, state) == 3 && !progress_find(p, id) && tries >= 0 &&
            p->count <= lines)
            p->row[p->count++] = (progress_row){ arena_text(a, id, strlen(id)), tries, !strcmp(state, "solved") };
    }
    return true;
}

static bool make_folders(arena *a, const char *path, eddy_status *status)
{
    for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        const char *folder = arena_text(a, path, (size_t)(slash - path));
        if (mkdir(folder, 0700) && errno != EEXIST && errno != EISDIR && errno != EROFS)
            return eddy_status_fail(status, "%s cannot be made: %s.", folder, strerror(errno));
    }
    return true;
}

/* Another process that adds its try waits for this one. */
static int locked(const char *path)
{
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    while (file >= 0 && fcntl(file, F_SETLKW, &whole) && errno == EINTR)
        ;
    return file;
}

bool progress_add(arena *a, const char *path, const char *id, bool solved, eddy_status *status)
{
    progress p;
    text out = { .arena = a };
    bool known = false;
    if (!make_folders(a, path, status))
        return false;
    int lock = locked(arena_format(a, "%s.lock", path));
    bool ok = progress_read(a, path, &p, status);
    for (int i = 0; ok && i < p.count; i++) {
        progress_row *r = &p.row[i];
        if (!strcmp(r->id, id)) {
            known = true;
            r->tries++;
            r->solved |= solved;
        }
        text_format(&out, "%s %d %s\n", r->id, r->tries, r->solved ? "solved" : "tried");
    }
    if (!known)
        text_format(&out, "%s 1 %s\n", id, solved ? "solved" : "tried");
    eddy_writer w;
    ok = ok && (!a->failed || eddy_status_fail(status, "there is not enough memory to keep the progress."));
    ok = ok && eddy_writer_open(&w, path, status);
    if (ok) {
        bool written = eddy_writer_write(&w, text_done(&out), strlen(text_done(&out)));
        ok = eddy_writer_close(&w) && written;
    }
    if (lock >= 0)
        close(lock);
    return ok;
}
