/* Recordings of several words, made of those of one. */
#include "connected.h"

#include <inttypes.h>
#include <string.h>

static bool no_memory(eddy_status *status)
{
    return eddy_status_fail(status, "There is no memory for recordings of several words.");
}

void spoken_free(spoken *s)
{
    for (int64_t i = 0; s->sequence && i < s->count; i++)
        eddy_tensor_free(&s->sequence[i]);
    void *blocks[] = { s->sequence, s->begin, s->word, s->speaker, s->held_out };
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        eddy_free(blocks[i]);
    *s = (spoken){ 0 };
}

/* Every tenth take of a speaker is kept for recordings that choose the best model. */
static int64_t takes_of(const speech *of, int64_t speaker, bool held_out, int64_t *take)
{
    int64_t seen = 0, count = 0;
    for (int64_t i = 0; i < of->words.count; i++)
        if (of->speaker[i] == speaker && (seen++ % 10 == 9) == held_out)
            take[count++] = i;
    return count;
}

/* The takes one behind the other, with a breath of up to a tenth of a second between: nearly nothing is heard there. */
static bool join(wave *out, const speech *of, const int64_t *take, int64_t count, eddy_random random,
                 eddy_status *status)
{
    int64_t room = 0, at = 0, most = (int64_t)(of->sound[take[0]].rate / 10);
    for (int64_t k = 0; k < count; k++)
        room += of->sound[take[k]].count + most;
    *out = (wave){ eddy_allocate((size_t)room, sizeof *out->sample), 0, of->sound[take[0]].rate };
    if (!out->sample)
        return no_memory(status);
    for (int64_t k = 0; k < count; k++) {
        const wave *w = &of->sound[take[k]];
        if (w->rate != out->rate)
            return eddy_status_fail(status, "The recordings have different rates, %g and %g Hz: they cannot be joined.",
                                    out->rate, w->rate);
        memcpy(out->sample + at, w->sample, (size_t)w->count * sizeof *w->sample);
        at += w->count;
        int64_t gap = k + 1 < count ? (int64_t)(eddy_random_uniform(random, (uint64_t)k) * (double)most) : 0;
        for (int64_t i = 0; i < gap; i++, at++)
            out->sample[at] = (float)(5e-4 * eddy_random_normal(random, 1000 + (uint64_t)at));
    }
    out->count = at;
    return true;
}

/* Recording number s->count. */
static bool add(spoken *s, const speech *of, const int64_t *take, int64_t takes, int64_t most, eddy_random random,
                eddy_status *status)
{
    int64_t chosen[CONNECTED_MOST] = { 0 }, i = s->count;
    int64_t words = 2 + (int64_t)(eddy_random_bits(random, 500) % (uint64_t)(most - 1)), *word = s->word + s->begin[i];
    wave w = { 0 };
    for (int64_t k = 0; k < words; k++) {
        chosen[k] = take[eddy_random_bits(random, 600 + (uint64_t)k) % (uint64_t)takes];
        word[k] = of->words.label[chosen[k]];
    }
    bool ok = join(&w, of, chosen, words, random, status) && mfcc(&s->sequence[i], &w, status);
    wave_free(&w);
    if (!ok)
        return false;
    s->count++;
    s->begin[s->count] = s->begin[i] + words;
    s->longest = s->sequence[i].shape.dim[0] > s->longest ? s->sequence[i].shape.dim[0] : s->longest;
    s->most = words > s->most ? words : s->most;
    return true;
}

bool spoken_make(spoken *out, const speech *of, int64_t each, int64_t most, uint64_t seed, eddy_status *status)
{
    int64_t speakers = of->speakers.classes;
    size_t all = (size_t)(each * speakers);
    *out = (spoken){ .sequence = eddy_allocate(all, sizeof *out->sequence),
                     .begin = eddy_allocate(all + 1, sizeof *out->begin),
                     .word = eddy_allocate(all, (size_t)most * sizeof *out->word),
                     .speaker = eddy_allocate(all, sizeof *out->speaker),
                     .held_out = eddy_allocate(all, sizeof *out->held_out) };
    int64_t *take = eddy_allocate((size_t)of->words.count, sizeof *take);
    bool ok = (out->sequence && out->begin && out->word && out->speaker && out->held_out && take) || no_memory(status);
    for (int64_t i = 0; ok && i < each * speakers; i++) {
        int64_t speaker = i / each;
        bool held_out = i % each % 10 == 9;
        int64_t takes = takes_of(of, speaker, held_out, take);
        if (takes < 1)
            ok = eddy_status_fail(status, "There are only a few recordings of %s; ten of each speaker are needed.",
                                  of->speakers.name[speaker]);
        out->speaker[i] = speaker;
        out->held_out[i] = held_out;
        ok = ok && add(out, of, take, takes, most, (eddy_random){ seed, 0xc0c00000U + (uint64_t)i }, status);
    }
    eddy_free(take);
    if (!ok)
        spoken_free(out);
    return ok;
}

int64_t spoken_errors(const int64_t *a, int64_t n, const int64_t *b, int64_t m)
{
    int64_t row[CONNECTED_MOST + 1];
    for (int64_t k = 0; k <= m; k++)
        row[k] = k;
    for (int64_t i = 1; i <= n; i++) {
        int64_t corner = row[0];
        row[0] = i;
        for (int64_t k = 1; k <= m; k++) {
            int64_t best = corner + (a[i - 1] != b[k - 1]);
            best = row[k] + 1 < best ? row[k] + 1 : best;
            best = row[k - 1] + 1 < best ? row[k - 1] + 1 : best;
            corner = row[k];
            row[k] = best;
        }
    }
    return row[m];
}
