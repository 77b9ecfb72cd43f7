/* What a model file says of its model: names and values, kept as metadata of the .safetensors file ("eddy.NAME").
 *
 * The first row is the task, "eddy.model". A card of a file is not trusted: numbers are asked for with their ranges. */
#ifndef EDDY_CARD_H
#define EDDY_CARD_H

#include <eddy/eddy.h>

enum { CARD_ROWS = 48 };

typedef struct card {
    eddy_metadata rows[CARD_ROWS]; /* its own memory */
    size_t count;
    int64_t numbers; /* in all tensors of the file that was opened */
    bool failed;     /* memory was short or there were too many rows: card_save says so */
} card;

/* Later rows of one name replace earlier ones. */
void card_text(card *c, const char *name, const char *value);
void card_count(card *c, const char *name, int64_t value);
void card_number(card *c, const char *name, double value);
void card_numbers(card *c, const char *name, const double *values, int64_t count);
void card_scaler(card *c, const eddy_scaler *scaler); /* its shift as "mean", and "scale" */
void card_free(card *c);

/* Reads the card of a model of `task` (NULL: of any). A file that is none is told so. */
bool card_open(card *c, const char *path, const char *task, eddy_status *status);
/* NULL when there is none of that name. */
const char *card_find(const card *c, const char *name);
/* The value in its range, or a sentence that names the file. */
bool card_read_count(const card *c, const char *name, int64_t low, int64_t high, int64_t *out, eddy_status *status);
bool card_read_number(const card *c, const char *name, double *out, eddy_status *status);
/* Exactly `count` numbers. */
bool card_read_numbers(const card *c, const char *name, double *out, int64_t count, eddy_status *status);
bool card_read_flag(const card *c, const char *name, bool *out, eddy_status *status);
/* Of so many features; every scale is above 0. */
bool card_read_scaler(const card *c, int64_t features, eddy_scaler *out, eddy_status *status);
/* Does the file hold so many numbers? A card must not make a tape of a size that it only claims. */
bool card_check_size(const card *c, int64_t numbers, eddy_status *status);
/* Are all rows of `a` the same in `b`? If not, *name is the first that is not. */
bool card_agrees(const card *a, const card *b, const char **name);

/* Parameters with the card; and into a tape whose parameters were made as the card says. */
bool card_save(const card *c, eddy_tape *tape, eddy_list leaves, const char *path, eddy_status *status);
bool card_load(eddy_tape *tape, eddy_list leaves, const char *path, eddy_status *status);

#endif
