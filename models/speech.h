/* Lesson 5, the data: recordings of words, whose names say word and speaker, as sequences of cepstra (common/wave.h).
 * The model is lesson 4's. */
#ifndef EDDY_SPEECH_H
#define EDDY_SPEECH_H

#include "common/labelled.h"
#include "common/wave.h"

typedef struct speech {
    labelled words;
    wave *sound;       /* the recordings themselves */
    int64_t *speaker;  /* of each, a place in `speakers.name` */
    labelled speakers; /* their names alone */
} speech;

/* Every WORD_SPEAKER_ANYTHING.wav of a folder, in the order of the names. A file of another name ending in .wav is
 * refused. */
bool speech_load(speech *out, const char *folder, eddy_status *status);
/* Three words of gliding tones, said by three speakers of different pitch, 20 times each. */
bool speech_demo(speech *out, uint64_t seed, eddy_status *status);
void speech_free(speech *s);

/* Views of the recordings of all speakers but one, and of that one. */
bool speech_without(const speech *s, int64_t speaker, labelled *others, labelled *one, eddy_status *status);

#endif
