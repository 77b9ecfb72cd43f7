/* Recordings of words. */
#include "speech.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_FILES = 1 << 20, NAME = 256 };

static bool no_memory(eddy_status *status)
{
    return eddy_status_fail(status, "There is no memory for recordings.");
}

void speech_free(speech *s)
{
    for (int64_t i = 0; s->sound && i < s->words.count; i++)
        wave_free(&s->sound[i]);
    eddy_free(s->sound);
    labelled_free(&s->words);
    labelled_free(&s->speakers);
    eddy_free(s->speaker);
    *s = (speech){ 0 };
}

/* A recording, which becomes s's, its cepstra, its word and its speaker. `speaker` and `sound` have room. */
static bool add(speech *s, wave *w, const char *word, const char *speaker, eddy_status *status)
{
    eddy_tensor t = { 0 };
    bool ok = mfcc(&t, w, status);
    ok = ok && labelled_add(&s->words, t.data, t.shape.dim[0], word, status);
    ok = ok && labelled_add(&s->speakers, (const float[]){ 0 }, 1, speaker, status);
    if (ok) {
        s->speaker[s->words.count - 1] = s->speakers.label[s->speakers.count - 1];
        s->sound[s->words.count - 1] = *w;
        *w = (wave){ 0 };
    }
    eddy_tensor_free(&t);
    return ok;
}

static bool begin(speech *s, size_t most, eddy_status *status)
{
    *s = (speech){ .words = { .features = MFCC_FEATURES }, .speakers = { .features = 1 } };
    s->speaker = eddy_allocate(most, sizeof *s->speaker);
    s->sound = eddy_allocate(most, sizeof *s->sound);
    return (s->speaker && s->sound) || no_memory(status);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names of the .wav files of a folder, sorted. */
static bool list(char ***names, size_t *count, const char *folder, eddy_status *status)
{
    size_t room = 0;
    bool ok = true;
    DIR *directory = opendir(folder);
    *names = NULL;
    *count = 0;
    if (!directory)
        return eddy_status_fail(status, "%s: no folder that can be read: %s.", folder, strerror(errno));
    for (struct dirent *e; ok && (e = readdir(directory));) {
        size_t length = strlen(e->d_name);
        if (length < 5 || strcmp(e->d_name + length - 4, ".wav"))
            continue;
        if (*count == room) {
            room = room ? 2 * room : 64;
            char **more = room <= MOST_FILES ? eddy_reallocate(*names, room, sizeof *more) : NULL;
            ok = more || no_memory(status);
            *names = more ? more : *names;
        }
        char *copy = ok ? eddy_allocate(length + 1, 1) : NULL;
        ok = copy || no_memory(status);
        if (ok)
            (*names)[(*count)++] = memcpy(copy, e->d_name, length);
    }
    closedir(directory);
    if (ok && !*count)
        ok = eddy_status_fail(status, "%s has no .wav file.", folder);
    if (ok)
        qsort(*names, *count, sizeof **names, by_name);
    return ok;
}

static bool load_one(speech *s, const char *folder, const char *name, eddy_status *status)
{
    char path[4096], word[NAME], speaker[NAME];
    wave w = { 0 };
    const char *first = strchr(name, '_'), *second = first ? strchr(first + 1, '_') : NULL;
    if (!second || first == name || second == first + 1 || strlen(name) >= NAME)
        return eddy_status_fail(status,
                                "%s/%s: the name of a recording is to be WORD_SPEAKER_NUMBER.wav, so that speakers can "
                                "be held out.",
                                folder, name);
    snprintf(word, sizeof word, "%.*s", (int)(first - name), name);
    snprintf(speaker, sizeof speaker, "%.*s", (int)(second - first - 1), first + 1);
    if ((size_t)snprintf(path, sizeof path, "%s/%s", folder, name) >= sizeof path)
        return eddy_status_fail(status, "The path of %s is too long.", name);
    bool ok = wave_load(&w, path, status) && wave_check(&w, path, status) && add(s, &w, word, speaker, status);
    wave_free(&w);
    return ok;
}

bool speech_load(speech *out, const char *folder, eddy_status *status)
{
    char **names;
    size_t count;
    *out = (speech){ 0 };
    bool ok = list(&names, &count, folder, status) && begin(out, count, status);
    for (size_t i = 0; ok && i < count; i++)
        ok = load_one(out, folder, names[i], status);
    for (size_t i = 0; i < count; i++)
        eddy_free(names[i]);
    eddy_free(names);
    if (!ok)
        speech_free(out);
    return ok;
}

bool speech_demo(speech *out, uint64_t seed, eddy_status *status)
{
    enum { RATE = 8000, LONGEST = 2800, TAKES = 20 };
    static const char *const words[] = { "rise", "fall", "stay" }, *const speakers[] = { "low", "middle", "high" };
    bool ok = begin(out, 9 * TAKES, status);
    for (uint64_t i = 0; ok && i < 9 * TAKES; i++) {
        int word = (int)(i % 3), who = (int)(i / 3 % 3);
        uint64_t bits = eddy_random_bits((eddy_random){ seed, 0x57ee }, i);
        double phase[2] = { 0 }, pitch = 90 * pow(1.4, who), bend = (word == 0) - (word == 1);
        wave w = { eddy_allocate(LONGEST, sizeof *w.sample), 1800 + (int64_t)(bits % 1000), RATE };
        ok = w.sample || no_memory(status);
        for (int64_t k = 0; ok && k < w.count; k++) {
            double at = (double)k / (double)w.count, formant = 900 * pow(2, bend * (at - 0.5)) + 40 * who;
            phase[0] += 2 * 3.14159265358979 * pitch / RATE;
            phase[1] += 2 * 3.14159265358979 * formant / RATE;
            w.sample[k] = (float)((0.5 + 0.5 * sin(phase[0])) * sin(phase[1]) * 0.3 * sin(3.14159265358979 * at) +
                                  0.02 * eddy_random_normal((eddy_random){ seed, 0x57ef + i }, (uint64_t)k));
        }
        ok = ok && add(out, &w, words[word], speakers[who], status);
        wave_free(&w);
    }
    if (!ok)
        speech_free(out);
    return ok;
}

bool speech_without(const speech *s, int64_t speaker, labelled *others, labelled *one, eddy_status *status)
{
    int64_t *order = eddy_allocate((size_t)s->words.count, sizeof *order), kept = 0, back = s->words.count;
    *others = *one = (labelled){ 0 };
    for (int64_t i = 0; order && i < s->words.count; i++) {
        if (s->speaker[i] == speaker)
            order[--back] = i;
        else
            order[kept++] = i;
    }
    bool ok = (order || no_memory(status)) && labelled_choose(others, &s->words, order, kept, status) &&
              labelled_choose(one, &s->words, order + kept, s->words.count - kept, status);
    eddy_free(order);
    if (!ok)
        labelled_free(others);
    return ok;
}
