/* Sound: .wav files (RIFF; PCM of 8, 16, 24 or 32 bits, floats of 32 or 64), and what a recogniser hears in it. Trusts
 * nothing in a file. */
#ifndef EDDY_WAVE_H
#define EDDY_WAVE_H

#include <eddy/eddy.h>

typedef struct wave {
    float *sample; /* -1..1, the mean of all channels */
    int64_t count;
    double rate; /* samples a second */
} wave;

bool wave_load(wave *out, const char *path, eddy_status *status);
bool wave_parse(wave *out, const unsigned char *bytes, size_t size, const char *name, eddy_status *status);
void wave_free(wave *w);
/* Is there anything to hear: two frames at least (see below), and not one value throughout? */
bool wave_check(const wave *w, const char *path, eddy_status *status);

enum { MFCC_COUNT = 13, MFCC_FEATURES = 2 * MFCC_COUNT };

/* Mel-frequency cepstral coefficients (Davis & Mermelstein 1980), whatever the rate: frames of 25 ms every 10 ms,
 * emphasised (x_n - 0.97 x_{n-1}), under Hamming's window; the power spectrum under 26 triangles, equally wide on the
 * mel scale from 100 to 3800 Hz; the logarithm; the first 13 coefficients of its cosine transform, less their mean over
 * the recording, which removes what microphone and room do; and their slopes over five frames. *out is (frames,
 * MFCC_FEATURES), f32, owned; a recording shorter than a frame has one. */
bool mfcc(eddy_tensor *out, const wave *w, eddy_status *status);

/* In place, of 2^k numbers: X_k = sum_n x_n exp(-2 pi i n k / count) (Cooley & Tukey 1965). */
void fft(double *re, double *im, int64_t count);

#endif
