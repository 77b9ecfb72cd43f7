/* What the two files of the translator share: translate.c records and trains it, translate_search.c writes with it. */
#ifndef EDDY_TRANSLATE_MODEL_H
#define EDDY_TRANSLATE_MODEL_H

#include "translate.h"

enum { BEAM = 16, MOST_UNITS = 1024 };

typedef struct reader {
    eddy_program *program;
    eddy_var x, lengths, y, target, loss;
} reader;

struct translator {
    translate_options options;
    card card;
    units from, to;
    sentences sources, targets;
    int64_t train, held_out, longest[2]; /* characters of a source, of a target with its end */
    int64_t *order, epoch;
    eddy_tape *tape;
    eddy_embedding_table table[2];
    eddy_lstm_layers encoder;
    eddy_attention_decoder decoder;
    eddy_linear bridge, out;
    reader training, measuring;
    eddy_program *encoding, *stepping;
    eddy_var source, length, memory, first;                                         /* of encoding */
    eddy_var memory_in, mask_in, h_in, c_in, y_in, scores, h_out, c_out, attention; /* of stepping */
    int64_t *x, *lengths, *y, *target;
};

/* False, with the sentence. */
bool translator_no_memory(eddy_status *status);

#endif
