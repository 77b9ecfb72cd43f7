/* Command lines: a thin layer over getopt_long. One table of rows gives the parsing, the checks with their sentences,
 * and --help.
 *
 * Parsing uses getopt's global state, so one command line is parsed in a process. Texts point into argv. */
#ifndef EDDY_OPTIONS_H
#define EDDY_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum option_kind {
    OPTION_FLAG,     /* bool: takes no argument, becomes true */
    OPTION_COUNT,    /* int64_t: a whole number low..high */
    OPTION_NUMBER,   /* double: low..high */
    OPTION_POSITIVE, /* double: above 0, at most high */
    OPTION_SEED,     /* uint64_t: any */
    OPTION_TEXT,     /* const char *: not empty */
    OPTION_CHOICE    /* int: the position in `choices`, words separated by | */
} option_kind;

typedef struct option_row {
    const char *name; /* without the two dashes */
    char letter;      /* 0: none */
    option_kind kind;
    const char *argument; /* what --help calls the argument; for OPTION_CHOICE the choices, "f32|f64" */
    const char *help;     /* NULL: an earlier spelling, not shown */
    void *value;          /* holds the default on entry */
    double low, high;
} option_row;

enum { OPTIONS_MAX = 48, OPTIONS_GO_ON = -1 };

typedef struct options {
    const char *command;  /* "train": begins each sentence */
    const char *usage;    /* "train forecast [OPTIONS]" */
    const char *about;    /* a paragraph for --help */
    const char *examples; /* lines for it: a command, blanks, what it does */
    const option_row *rows;
    size_t count;    /* at most OPTIONS_MAX */
    int least, most; /* operands that are not options; most < 0: any number */
} options;

/* Reads the options into their values and moves the operands to the end of argv: they are argv[*first] .. argv[argc -
 * 1]. Returns OPTIONS_GO_ON, or the exit status with which the command is over: 0 after --help, 2 after a sentence on
 * stderr. */
int options_parse(const options *line, int argc, char **argv, int *first);

/* Reads a number with the rules above; on failure writes what was expected, "a whole number from 1 to 100", into
 * `expected`. */
bool options_count(const char *text, double low, double high, int64_t *out, char *expected, size_t size);
bool options_number(const char *text, double low, double high, double *out, char *expected, size_t size);
bool options_positive(const char *text, double high, double *out, char *expected, size_t size);

/* The file that a path to be read means: "-" is standard input. */
const char *options_input(const char *path);

/* The word of a list that is nearest to `word` (fewest letters to insert, delete, replace or swap), NULL if none is
 * near. name(list, i) is NULL after the last. */
const char *options_nearest(const char *word, const char *(*name)(const void *list, size_t i), const void *list);
/* "; did you mean \"lstm\"?" of the nearest, or "." if none is near. It is written into `room`, which is returned. */
typedef struct options_offer {
    char text[80];
} options_offer;
const char *options_did_you_mean(options_offer *room, const char *word, const char *(*name)(const void *list, size_t i),
                                 const void *list);

#endif
