/* .wav files and cepstra. */
#include "wave.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

/* ---- Files ---- */

static uint32_t little(const unsigned char *b, int bytes)
{
    uint32_t value = 0;
    for (int i = bytes; i-- > 0;)
        value = value << 8 | b[i];
    return value;
}

typedef struct format {
    int kind, channels, bits; /* kind 1: whole numbers, 3: floats */
} format;

static float sample_of(const unsigned char *b, const format *f)
{
    if (f->kind == 3 && f->bits == 32) {
        uint32_t bits = little(b, 4);
        float x;
        memcpy(&x, &bits, sizeof x);
        return x;
    }
    if (f->kind == 3) {
        uint64_t bits = (uint64_t)little(b + 4, 4) << 32 | little(b, 4);
        double x;
        memcpy(&x, &bits, sizeof x);
        return (float)x;
    }
    if (f->bits == 8)
        return ((float)b[0] - 128) / 128;
    int bytes = f->bits / 8;
    int32_t value = (int32_t)(little(b, bytes) << (32 - f->bits)); /* the sign comes to the top */
    return (float)((double)value / 2147483648.0);
}

static bool read_format(format *f, wave *out, const unsigned char *b, uint32_t size, const char *name,
                        eddy_status *status)
{
    if (size < 16)
        return eddy_status_fail(status, "%s: its fmt chunk is cut off.", name);
    f->kind = (int)little(b, 2);
    f->channels = (int)little(b + 2, 2);
    out->rate = little(b + 4, 4);
    f->bits = (int)little(b + 14, 2);
    if (f->kind == 0xfffe && size >= 26)
        f->kind = (int)little(b + 24, 2);
    bool whole = f->kind == 1 && (f->bits == 8 || f->bits == 16 || f->bits == 24 || f->bits == 32);
    bool real = f->kind == 3 && (f->bits == 32 || f->bits == 64);
    if (!whole && !real)
        return eddy_status_fail(status,
                                "%s: samples of format %d with %d bits; whole numbers of 8, 16, 24 or 32 bits and "
                                "floats of 32 or 64 can be read.",
                                name, f->kind, f->bits);
    if (f->channels < 1 || f->channels > 64 || out->rate < 1000 || out->rate > 1e6)
        return eddy_status_fail(status, "%s: %d channels of %.0f samples a second cannot be right.", name, f->channels,
                                out->rate);
    return true;
}

static bool read_samples(wave *out, const format *f, const unsigned char *b, uint32_t size, const char *name,
                         eddy_status *status)
{
    int64_t width = f->bits / 8, frame = width * f->channels;
    out->count = size / frame;
    if (!out->count)
        return eddy_status_fail(status, "%s has no samples.", name);
    out->sample = eddy_allocate((size_t)out->count, sizeof *out->sample);
    if (!out->sample)
        return eddy_status_fail(status, "There is no memory for the %" PRId64 " samples of %s.", out->count, name);
    for (int64_t i = 0; i < out->count; i++) {
        float sum = 0;
        for (int c = 0; c < f->channels; c++)
            sum += sample_of(b + i * frame + c * width, f);
        out->sample[i] = sum / (float)f->channels;
        if (!isfinite(out->sample[i]))
            return eddy_status_fail(status, "%s: sample %" PRId64 " is %g, no sound.", name, i, out->sample[i]);
    }
    return true;
}

/* What stands behind the samples is chunks, too, whose names are of letters; else the samples' length is a lie. */
static bool check_rest(const unsigned char *bytes, size_t at, size_t size, const char *name, eddy_status *status)
{
    for (size_t i = at; i < at + 4 && at + 8 <= size; i++)
        if (bytes[i] < ' ' || bytes[i] > '~')
            return eddy_status_fail(status,
                                    "%s: %zu bytes follow the samples that the header announces, and they are no "
                                    "chunk: the header is wrong.",
                                    name, size - at);
    return true;
}

bool wave_parse(wave *out, const unsigned char *bytes, size_t size, const char *name, eddy_status *status)
{
    format f = { 0 };
    *out = (wave){ 0 };
    if (size < 12 || memcmp(bytes, "RIFF", 4) || memcmp(bytes + 8, "WAVE", 4))
        return eddy_status_fail(
            status, size ? "%s is no .wav file: it does not begin with RIFF and WAVE." : "%s is empty.", name);
    bool ok = true, done = false;
    for (size_t at = 12; ok && !done && at + 8 <= size;) {
        uint32_t length = little(bytes + at + 4, 4);
        const unsigned char *body = bytes + at + 8;
        if (length > size - at - 8)
            ok = eddy_status_fail(status,
                                  "%s: a chunk of %" PRIu32
                                  " bytes is announced, and %zu follow: the file is cut off or "
                                  "its header is wrong.",
                                  name, length, size - at - 8);
        else if (!memcmp(bytes + at, "fmt ", 4))
            ok = read_format(&f, out, body, length, name, status);
        else if (!memcmp(bytes + at, "data", 4)) {
            ok = (f.kind || eddy_status_fail(status, "%s: its samples stand before their format.", name)) &&
                 read_samples(out, &f, body, length, name, status);
            done = true;
        }
        at += 8 + (size_t)length + (length & 1);
        ok = ok && (!done || check_rest(bytes, at, size, name, status));
    }
    if (ok && !done)
        ok = eddy_status_fail(status, "%s has no samples.", name);
    if (!ok)
        wave_free(out);
    return ok;
}

bool wave_load(wave *out, const char *path, eddy_status *status)
{
    unsigned char *bytes;
    size_t size;
    *out = (wave){ 0 };
    if (!eddy_read_whole(&bytes, &size, path, (size_t)1 << 30, status))
        return false;
    bool ok = wave_parse(out, bytes, size, path, status);
    eddy_free(bytes);
    return ok;
}

void wave_free(wave *w)
{
    eddy_free(w->sample);
    *w = (wave){ 0 };
}

/* ---- Cepstra ---- */

void fft(double *re, double *im, int64_t count)
{
    for (int64_t i = 1, j = 0; i < count; i++) {
        int64_t bit = count >> 1;
        for (; j & bit; bit >>= 1)
            j ^= bit;
        j ^= bit;
        if (i < j) {
            double r = re[i], m = im[i];
            re[i] = re[j];
            im[i] = im[j];
            re[j] = r;
            im[j] = m;
        }
    }
    for (int64_t half = 1; half < count; half *= 2)
        for (int64_t k = 0; k < half; k++) {
            double c = cos(pi * (double)k / (double)half), s = -sin(pi * (double)k / (double)half);
            for (int64_t a = k, b = k + half; a < count; a += 2 * half, b += 2 * half) {
                double r = re[b] * c - im[b] * s, m = re[b] * s + im[b] * c;
                re[b] = re[a] - r;
                im[b] = im[a] - m;
                re[a] += r;
                im[a] += m;
            }
        }
}

enum { MELS = 26 };

static double mel(double hertz)
{
    return 1127 * log(1 + hertz / 700);
}

/* Log energies of one frame under the triangles. */
static void log_mel(double out[MELS], const wave *w, int64_t from, int64_t frame, double *re, double *im, int64_t size)
{
    const double low = mel(100), width = (mel(3800) - low) / (MELS + 1);
    for (int64_t i = 0; i < size; i++) {
        int64_t at = from + i;
        double x = i < frame && at < w->count ? w->sample[at] : 0,
               before = at > 0 && at - 1 < w->count ? w->sample[at - 1] : 0;
        double window = 0.54 - 0.46 * cos(2 * pi * (double)i / (double)(frame - 1));
        re[i] = i < frame ? (x - 0.97 * before) * window : 0;
        im[i] = 0;
    }
    fft(re, im, size);
    for (int k = 0; k < MELS; k++)
        out[k] = 1e-8;
    for (int64_t i = 1; i < size / 2; i++) {
        double place = (mel((double)i * w->rate / (double)size) - low) / width; /* triangle k peaks at k + 1 */
        int64_t left = (int64_t)floor(place);
        double power = (re[i] * re[i] + im[i] * im[i]) / (double)frame, share = place - (double)left;
        if (left >= 1 && left <= MELS)
            out[left - 1] += (1 - share) * power;
        if (left >= 0 && left < MELS)
            out[left] += share * power;
    }
    for (int k = 0; k < MELS; k++)
        out[k] = log(out[k]);
}

static void add_slopes(float *x, int64_t frames)
{
    for (int64_t t = 0; t < frames; t++)
        for (int64_t k = 0; k < MFCC_COUNT; k++) {
            double sum = 0;
            for (int64_t d = 1; d <= 2; d++) {
                int64_t after = t + d < frames ? t + d : frames - 1, before = t >= d ? t - d : 0;
                sum += (double)d * (x[after * MFCC_FEATURES + k] - x[before * MFCC_FEATURES + k]) / 10;
            }
            x[t * MFCC_FEATURES + MFCC_COUNT + k] = (float)sum;
        }
}

bool wave_check(const wave *w, const char *path, eddy_status *status)
{
    const int64_t least = (int64_t)(0.035 * w->rate);
    if (w->count < least)
        return eddy_status_fail(
            status, "%s is too short to be heard: %" PRId64 " samples, and two frames, 35 ms, are %" PRId64 ".", path,
            w->count, least);
    for (int64_t i = 1; i < w->count; i++)
        if (w->sample[i] != w->sample[0])
            return true;
    return eddy_status_fail(status, "%s is silent: all its samples are %g.", path, (double)w->sample[0]);
}

bool mfcc(eddy_tensor *out, const wave *w, eddy_status *status)
{
    int64_t frame = (int64_t)(0.025 * w->rate), size = 1;
    double hop = 0.01 * w->rate;
    int64_t frames = w->count > frame ? 1 + (int64_t)((double)(w->count - frame) / hop) : 1;
    while (size < frame)
        size *= 2;
    double *re = eddy_allocate((size_t)size, sizeof *re), *im = eddy_allocate((size_t)size, sizeof *im);
    bool ok = (re && im) || eddy_status_fail(status, "There is no memory for a spectrum.");
    ok = ok && eddy_tensor_new(out, EDDY_F32, EDDY_SHAPE(frames, MFCC_FEATURES), status);
    float *x = ok ? out->data : NULL;
    double mean[MFCC_COUNT] = { 0 };
    for (int64_t t = 0; ok && t < frames; t++) {
        double energy[MELS];
        log_mel(energy, w, (int64_t)((double)t * hop), frame, re, im, size);
        for (int64_t k = 0; k < MFCC_COUNT; k++) {
            double sum = 0;
            for (int64_t n = 0; n < MELS; n++)
                sum += energy[n] * cos(pi * (double)k * ((double)n + 0.5) / MELS);
            x[t * MFCC_FEATURES + k] = (float)(sum * sqrt(2.0 / MELS));
            mean[k] += sum * sqrt(2.0 / MELS) / (double)frames;
        }
    }
    for (int64_t i = 0; ok && i < frames * MFCC_COUNT; i++)
        x[i / MFCC_COUNT * MFCC_FEATURES + i % MFCC_COUNT] -= (float)mean[i % MFCC_COUNT];
    if (ok)
        add_slopes(x, frames);
    eddy_free(re);
    eddy_free(im);
    return ok;
}
