/* A fuzz target without a fuzzer: replay COUNT FOLDER... gives LLVMFuzzerTestOneInput every file, and COUNT changes
 * of each: cut off, a byte left out, another put in its place, the end of another file instead of its own. The
 * changes are the same in every run. What the target does not stand for ends the program; then the input that did it
 * is told. */
#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

typedef struct seed {
    char path[600];
    uint8_t *bytes;
    size_t size;
} seed;

static char running[700];

static void tell(int number)
{
    ssize_t written = write(STDOUT_FILENO, running, strlen(running));
    signal(number, SIG_DFL);
    raise(written < 0 ? SIGABRT : number);
}

static uint32_t drawn(uint32_t below)
{
    static uint64_t state = 1;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((state >> 33) % below);
}

static void run(const char *path, long change, const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1); /* of its own, so that sanitizers see what is read behind its end */
    if (!copy)
        exit(2);
    memcpy(copy, bytes, size);
    snprintf(running, sizeof running, "FAILED: %.600s, change %ld\n", path, change);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

/* The n-th change of s into out, which has room for both files; its size. */
static size_t changed(uint8_t *out, const seed *s, const seed *other)
{
    static const char signs[] = "{}[]()\\_^$&%|=+-*/<>.,;:'\"!#~`0123456789abtTx \t\n\r\xff\xe2";
    size_t at = drawn((uint32_t)s->size + 1), rest = s->size - at, from;
    memcpy(out, s->bytes, s->size);
    switch (drawn(5)) {
    case 0:
        return at;
    case 1:
        if (rest)
            memmove(out + at, out + at + 1, rest - 1);
        return s->size - (rest > 0);
    case 2:
        if (rest)
            out[at] = (uint8_t)signs[drawn(sizeof signs)];
        return s->size;
    case 3:
        memmove(out + at + 1, out + at, rest);
        out[at] = (uint8_t)signs[drawn(sizeof signs)];
        return s->size + 1;
    default:
        from = drawn((uint32_t)other->size + 1);
        memcpy(out + at, other->bytes + from, other->size - from);
        return at + other->size - from;
    }
}

enum { LARGEST = 1 << 20, FILES = 4096 };

static seed seeds[FILES];
static int files;

/* In the order of their names, so that the changes are the same everywhere. */
static bool add_folder(const char *path)
{
    struct dirent **entries;
    int count = scandir(path, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        seed *s = &seeds[files];
        char name[600];
        snprintf(name, sizeof name, "%s/%s", path, entries[i]->d_name);
        FILE *file = *entries[i]->d_name != '.' && files < FILES ? fopen(name, "rb") : NULL;
        free(entries[i]);
        if (!file)
            continue;
        *s = (seed){ .bytes = malloc(LARGEST) };
        snprintf(s->path, sizeof s->path, "%s", name);
        s->size = s->bytes ? fread(s->bytes, 1, LARGEST, file) : 0;
        fclose(file);
        files++;
    }
    if (count >= 0)
        free(entries);
    return count >= 0;
}

int main(int argc, char **argv)
{
    long count = argc > 1 ? atol(argv[1]) : 0, runs = 0;
    for (int i = 2; i < argc; i++)
        if (!add_folder(argv[i])) {
            printf("FAILED: there is no folder %s\n", argv[i]);
            return 2;
        }
    uint8_t *out = malloc(2 * LARGEST + 1);
    if (!files || !out) {
        puts("FAILED: there are no seeds");
        return 2;
    }
    signal(SIGABRT, tell);
    signal(SIGSEGV, tell);
    for (int i = 0; i < files; i++, runs++) {
        run(seeds[i].path, 0, seeds[i].bytes, seeds[i].size);
        for (long k = 1; k <= count; k++, runs++)
            run(seeds[i].path, k, out, changed(out, &seeds[i], &seeds[drawn((uint32_t)files)]));
    }
    for (int i = 0; i < files; i++)
        free(seeds[i].bytes);
    free(out);
    printf("100%%: Checks: %ld, Failures: 0, Errors: 0\n", runs);
    return 0;
}
