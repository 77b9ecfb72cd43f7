/* Output files of the program, by the library's writer; "-" is standard output. */
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

static bool cannot(const output *file, int error, eddy_status *status)
{
    return eddy_status_fail(status, "%s: cannot be written: %s", file->path, strerror(error));
}

bool output_open(output *file, const char *path, eddy_status *status)
{
    *file = (output){ .path = path };
    if (!strcmp(path, "-")) {
        file->path = "standard output";
        file->stream = stdout;
        return true;
    }
    if (!eddy_writer_open(&file->writer, path, status))
        return false;
    int copy = dup(file->writer.descriptor);
    file->stream = copy < 0 ? NULL : fdopen(copy, "w");
    if (file->stream)
        return true;
    cannot(file, errno, status);
    if (copy >= 0)
        close(copy);
    eddy_writer_abandon(&file->writer);
    return false;
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
    bool ok = !ferror(file->stream), standard = file->stream == stdout;
    int error = file->error ? file->error : EIO;
    /* The reason of a failure before the flush is no longer known; one more byte, to be removed with the rest, finds
     * it. */
    if (!ok && !file->error && !standard && write(fileno(file->stream), "\n", 1) < 0)
        error = errno;
    if (!standard && fclose(file->stream) && ok) {
        ok = false;
        error = errno;
    }
    file->stream = NULL;
    if (!ok)
        cannot(file, error, status);
    if (standard)
        return ok;
    if (ok)
        return eddy_writer_close(&file->writer) || eddy_status_fail(status, "%s", file->writer.status->text);
    eddy_writer_abandon(&file->writer);
    return false;
}

void output_discard(output *file)
{
    if (!file->stream)
        return;
    if (file->stream != stdout) {
        fclose(file->stream);
        eddy_writer_abandon(&file->writer);
    }
    file->stream = NULL;
}

bool output_same(const char *a, const char *b)
{
    struct stat x, y;
    if (!strcmp(a, "-") || !strcmp(b, "-")) /* what is read there is not what is written */
        return false;
    return !strcmp(a, b) ||
           (!stat(a, &x) && !stat(b, &y) && x.st_dev == y.st_dev && x.st_ino == y.st_ino && S_ISREG(x.st_mode));
}

const char *output_shown(const char *text)
{
    static char shown[8][1024];
    static int turn;
    turn = (turn + 1) % 8;
    eddy_escape(shown[turn], sizeof *shown, text);
    return shown[turn];
}

/* Bytes that are no UTF-8 cannot stand in JSON; each becomes U+FFFD. */
void output_json_text(FILE *stream, const char *text)
{
    char shown[16];
    fputc('"', stream);
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        size_t length = *p >= 0xF0 ? 4 : *p >= 0xE0 ? 3 : *p >= 0xC2 ? 2 : 1;
        char piece[5] = { 0 };
        for (size_t k = 0; k < length && p[k]; k++)
            piece[k] = (char)p[k];
        if (*p == '"' || *p == '\\')
            fprintf(stream, "\\%c", *p);
        else if (*p < 0x20 || *p == 0x7F)
            fprintf(stream, "\\u%04x", *p);
        else if (eddy_escape(shown, sizeof shown, piece) == strlen(piece) && shown[0] == piece[0]) {
            fputs(piece, stream); /* a character that may be shown */
            p += length - 1;
        } else if (length == 2 && p[0] == 0xC2 && p[1] >= 0x80 && p[1] < 0xA0) {
            fprintf(stream, "\\u%04x", p[1]);
            p++;
        } else {
            fputs("\\ufffd", stream);
        }
    }
    fputc('"', stream);
}
