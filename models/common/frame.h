/* A table of series side by side: chosen columns of a .csv or .npy file, with the dates of their rows. Trusts nothing
 * in a file. */
#ifndef EDDY_FRAME_H
#define EDDY_FRAME_H

#include "card.h"
#include "dates.h"

typedef enum frame_gaps { FRAME_GAPS_ERROR = 0, FRAME_GAPS_DROP, FRAME_GAPS_CARRY } frame_gaps;

enum { FRAME_COLUMNS = 64 };

typedef struct frame {
    int64_t rows, columns;
    double *value; /* (rows, columns), all finite */
    char **name;   /* of the columns; a number's text where the file has none */
    int64_t *time; /* of the rows, ascending; NULL: the file has no dates */
    date_form form;
    date_step step;
    int64_t dropped, carried; /* rows left out, cells filled, because of gaps */
} frame;

typedef struct frame_choice {
    const char *targets; /* names or numbers from 1 with commas between; NULL: the only column that is no date */
    const char *inputs;  /* further columns, behind the targets; NULL: none */
    const char *date;    /* name or number of the column of dates; NULL: the first that holds dates, if any */
    frame_gaps gaps;
    const struct frame *like; /* names and dates of an earlier frame, for what is not chosen here; NULL: none */
    int64_t like_targets;     /* how many of its columns are targets */
} frame_choice;

/* The chosen columns, targets first; *targets is how many they are. Text is refused with its line, and so are gaps,
 * unless `gaps` says what to do: leave the row out, or repeat the value before. Dates must ascend. */
bool frame_read(frame *out, const char *path, const frame_choice *choice, int64_t *targets, eddy_status *status);
/* One column of `count` values, which are copied. */
bool frame_of(frame *out, const double *value, int64_t count, const char *name, eddy_status *status);
void frame_free(frame *f);

/* Names and dates in a card; a frame without rows out of it. */
void frame_describe(const frame *f, card *c);
bool frame_read_names(frame *out, const card *c, eddy_status *status);

#endif
