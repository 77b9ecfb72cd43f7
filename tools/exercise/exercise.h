/* The room of exercises: sheets in, marked answers and hints out. Its only header; tools/cmd_exercise.c includes it and
 * nobody else. It knows the rooms of the checker by their headers: what is true says the judge, never a comparison of
 * texts; what an answer says anew is looked for in the trees that the reader made.
 *
 *   sheet      a Markdown document with its exercises and listed answers; those that come with the program
 *   answer     what stands in an answer, as formulas; asked: which of the questions one answers
 *   mark       an answer, line by line; condition: an answer that is a condition
 *   evidence   which mistake explains a wrong line; only what the judge confirmed
 *   words      kinds, marks and hints in English and Chinese
 *   reasons    the judge's own sentences in Chinese
 *   show       an exercise, a list, a marking for a terminal and as JSON
 *   progress   what was solved, in a file of the user's
 *   sound      a sheet against its own listed answers
 *   group      a folder of answers
 *
 * docs/teaching.md describes sheets. Everything lives in the caller's arena; texts of answers and sheets are foreign
 * bytes and are made fit for a terminal, a page or JSON before they are shown. */
#ifndef EDDY_EXERCISE_H
#define EDDY_EXERCISE_H

#include "judge.h"
#include "reader.h"

#include <eddy/eddy.h>

#include <stdio.h>

typedef enum language { LANGUAGE_EN, LANGUAGE_ZH, LANGUAGES } language;

/* ---- Sheets ---- */

typedef enum mistake {
    MISTAKE_NONE, /* nothing was found that explains it */
    MISTAKE_SIGN,
    MISTAKE_FACTOR,
    MISTAKE_TRANSPOSE,
    MISTAKE_PATH,
    MISTAKE_STEP,
    MISTAKE_DERIVATIVE, /* of a function, taken of the wrong thing */
    MISTAKE_SUM,
    MISTAKE_MEAN,
    MISTAKE_TERM,
    MISTAKE_NAME,
    MISTAKE_POWER,
    MISTAKE_SHAPE,
    MISTAKE_CONDITION,
    MISTAKE_RESTATED,
    MISTAKE_OTHER, /* in a sheet: no hint is asked for */
    MISTAKES
} mistake;
const char *mistake_name(mistake m); /* as a sheet writes it; "" for none */

typedef enum exercise_kind {
    KIND_BLANK,
    KIND_DERIVE,
    KIND_ERROR,
    KIND_CONDITION,
    KIND_SHAPE,
    KIND_MATRIX,
    KIND_CELL,
    KINDS
} exercise_kind;
const char *kind_name(exercise_kind kind);

typedef struct listed_answer {
    const char *latex;
    mistake mistake; /* MISTAKE_NONE for a right one */
    int line;
} listed_answer;

typedef enum want_kind { WANT_FORMULA, WANT_SHAPE, WANT_CONDITION } want_kind;
typedef struct want { /* what an answer must say */
    want_kind kind;
    const char *left;      /* LaTeX; "" for a condition */
    const char *condition; /* LaTeX behind the formula, or "" */
} want;

typedef struct exercise {
    const char *id, *title, *question; /* the question as Markdown */
    int level, line;
    exercise_kind kind;
    const char *setup; /* of the sheet, then its own; lines of docs/check.md */
    want *want;
    int wants;
    const char *claim, *blank; /* LaTeX or NULL */
    const char *terms;         /* LaTeX between commas; "" for none; NULL: any */
    listed_answer *right, *wrong;
    int rights, wrongs;
} exercise;

typedef struct sheet {
    const char *name, *title;
    exercise *exercise;
    int count;
    const char *sentence; /* NULL, or why it cannot be used: names the line */
} sheet;

sheet sheet_read(arena *a, const char *name, const char *bytes, size_t length);
/* The sheets that come with the program, in the order of the book; NULL after the last. */
const char *sheet_built_in(language l, int which, const char **name);
const exercise *sheet_find(const sheet *s, const char *id);

/* ---- Marks ---- */

typedef enum mark {
    MARK_RIGHT,
    MARK_RIGHT_IF, /* at some steps only, or for one sequence */
    MARK_WRONG,
    MARK_NOT_READ,
    MARK_NOTHING, /* says nothing new */
    MARK_TERMS,   /* true, but in terms of what the exercise wants derived */
    MARK_NAMES,   /* introduces a name of the answer's own */
    MARK_BESIDE,  /* true, and not what was asked for */
    MARKS
} mark;
const char *mark_key(mark m); /* "right", "right-if": for programs */

typedef struct evidence {
    mistake mistake;
    const char *place;  /* a sentence's part with $...$: which path, factor, place; NULL: not known */
    const char *mend;   /* a sentence in English, with $...$: what makes it true; NULL: not known */
    const char *mended; /* the same in LaTeX, what must stand there; NULL: not known */
} evidence;

typedef struct marked_line {
    int line;          /* of the answer, from 1; 0: not a line of a document */
    const char *latex; /* as it was judged */
    mark mark;
    const finding *found; /* or NULL */
    evidence why;
    int want;        /* which one it answers, -1: none */
    const char *say; /* a sentence more, in the language asked for; "" */
} marked_line;

typedef struct marking {
    const exercise *exercise;
    marked_line *line;
    int count;
    mark mark;            /* of the whole: MARK_RIGHT, RIGHT_IF, WRONG, NOT_READ, NOTHING or TERMS */
    const char *sentence; /* NULL, or why nothing could be marked; or what is lacking */
    double seconds;
} marking;

enum { ANSWER_LONGEST = 1 << 18 /* bytes */, ANSWER_MOST = 40 /* formulas */ };

/* An answer as a document, or `formula`: as one line of LaTeX. NULL: memory is short. */
marking *mark_answer(arena *a, const exercise *e, const char *bytes, size_t length, bool formula, language l);

/* ---- What people read ---- */

typedef struct progress progress;

void show_exercise(FILE *out, arena *a, const exercise *e, language l);
void show_marking(FILE *out, arena *a, const marking *m, int hints, language l);
void show_marking_json(FILE *out, arena *a, const marking *m, int hints);
void show_list(FILE *out, arena *a, const sheet *s, int sheets, const progress *p, language l);
void show_list_json(FILE *out, arena *a, const sheet *s, int sheets, const progress *p);
void show_exercise_json(FILE *out, arena *a, const exercise *e);
const char *mark_words(mark m, language l);
/* A sentence of the judge's in that language, as far as it is known in it. */
const char *reason_words(arena *a, const char *sentence, language l);
/* "for $B = 1$, ...: the left side is ..., the right side ..." */
const char *example_words(arena *a, const counterexample *c, language l);
/* Hint 1 .. 3 about a line, or NULL where there is no evidence for it. */
const char *hint_words(arena *a, const marked_line *line, int level, language l);

/* ---- Progress ---- */

typedef struct progress_row {
    const char *id;
    int tries;
    bool solved;
} progress_row;
struct progress {
    progress_row *row;
    int count;
};
/* The file's place by XDG; NULL with a sentence where there is neither XDG_DATA_HOME nor HOME. */
const char *progress_path(arena *a, eddy_status *status);
/* What is no line of progress is passed over. False if there is a file and it cannot be read. */
bool progress_read(arena *a, const char *path, progress *p, eddy_status *status);
/* Adds a try and writes the whole file anew, in one piece; two at a time do not lose each other's. */
bool progress_add(arena *a, const char *path, const char *id, bool solved, eddy_status *status);
const progress_row *progress_find(const progress *p, const char *id);

/* ---- Sheets and classes ---- */

/* Marks what the sheet lists and prints a line for each that is not as listed, then a table of hints. Whether it is
 * sound. only: an id, or NULL. */
bool sheet_sound(FILE *out, const sheet *s, const char *only, bool verbose);
/* The names are those of the files; both streams may be NULL. False with a sentence. */
bool group_mark(const char *folder, const sheet *s, FILE *csv, FILE *page, language l, eddy_status *status);

#endif
