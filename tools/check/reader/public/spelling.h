/* How the authors of one scene spell: names of several letters, abbreviations that the setup explains, notations for
 * what the LaTeX reader knows under another one. They are written out in a formula's text before it is read; what is
 * shown to people is the author's own text.
 *
 * Names of several letters come from the setup (given mask_t in R^H), from a formula's left side (loss = ...) and from
 * an escaped low line (W\_ih). Time is linear in the text for each name. */
#ifndef EDDY_CHECK_SPELLING_H
#define EDDY_CHECK_SPELLING_H

#include "arena.h"

enum { SPELLINGS_MOST = 96, STEPS_MOST = 12, RAISED_MOST = 32 };

typedef struct spelling {
    const char *from; /* as the author writes it, without blanks */
    const char *to;   /* LaTeX that the reader knows */
    bool meant;       /* by a line "NAME means LATEX" */
    const char *at;   /* that line */
} spelling;

/* W^{sx}; z_t^1; W^+; \delta^{s_t}; \delta_{s_t}: scripts that belong to a name. */
typedef enum raised_kind { RAISED_LETTERS, RAISED_NUMBER, RAISED_STEP, LOWERED_STEP } raised_kind;
typedef struct raised_row {
    const char *base, *label;
    raised_kind kind;
    bool sub, active;
} raised_row;

typedef struct spellings {
    arena *arena;
    spelling row[SPELLINGS_MOST];
    int count;
    bool *used;                /* which rows a formula or a line was written with; NULL: nobody asks */
    spelling step[STEPS_MOST]; /* the author's letters for t, T and steps beside them */
    int steps;
    bool time_said;   /* the setup says which letter counts the steps */
    bool from_zero;   /* the first step has the number 0 */
    bool before_last; /* and the setup says that they run to N - 1 */
    raised_row raised[RAISED_MOST];
    int raiseds;
    bool signs;                        /* a left side is W^+ or \hat x_t^-: the sign is part of names */
    bool nested_steps;                 /* h_{t_k} is h_{t,k} */
    const char *fixed[SPELLINGS_MOST]; /* given quantities without a step: W^{(t)} is the copy of step t */
    int fixeds;
    char letter[SPELLINGS_MOST]; /* of indices, labels and sizes: \sum_{ijk} has no word below */
    int letters;
    char labels[SPELLINGS_MOST];  /* of labels only */
    bool layers;                  /* labels that are numbers */
    char indices[SPELLINGS_MOST]; /* of element indices only */
    const char *twice,
        *twice_at;      /* a name that a later line, at this place of its setup, says to mean something else */
    const char *family; /* labels \star = z, i, f, o: "\star", and its values; a formula with it is one for each */
    const char *members;
    bool nabla;          /* \nabla X in place of \mathrm d X */
    const char *by;      /* w of "\nabla X means \partial X / \partial w": what every \nabla is by; NULL: nobody says */
    const char *mark;    /* with the sign "d_": the letters in front of \\_, "d" or "F" */
    const char *lowered; /* \delta of "\delta_X means \partial L / \partial X" */
    const char *counting; /* the letters that are indices below it */
    const char *sign;     /* the letters of a differential sign in front of names: "d", "d_"; NULL: none */
} spellings;

/* Which sign has what it is the derivative by in its subscript, by a scene's setups, a list that NULL ends: the first
 * thing to know; and a setup's or a formula's text with the subscript behind it. */
void spellings_of_shorthands(spellings *s, const char *const *setup);
const char *spell_shorthands(const spellings *s, const char *source);
/* Which letter counts the steps, by a scene's setups, a list that NULL ends, or by its formulas: before what follows.
 */
void spellings_of_steps(spellings *s, const char *const *setup, const char *const *formula, int count);
/* A setup's or a formula's text with t and T for the author's letters. */
const char *spell_steps(const spellings *s, const char *source, bool setup);
/* What a setup's lines say about names. */
void spellings_of_setup(spellings *s, const char *setup);
/* That a name has two meanings in a scene, said where the second one stands in this setup; NULL: it does not. */
const char *spellings_repeated(const spellings *s, const char *setup, int first_line);
/* Names with a meaning that stand in the meanings of others are written out there, too: after all setups. */
void spellings_nested(spellings *s);
/* That a name means some LaTeX, as a line of a setup would say it. */
void spellings_mean(spellings *s, const char *name, const char *latex);
/* Whether h_{t_k} is the element k of h_t, after the letters of the setup. */
void spellings_nested_steps(spellings *s, const char *const *formula, int count);
/* Which scripts are part of a name, by the same setups and formulas. */
void spellings_of_raised(spellings *s, const char *const *setup, const char *const *formula, int count);
const char *spell_raised(const spellings *s, const char *source);
const char *spell_nested(const spellings *s, const char *source);
/* That a line of this setup gives a meaning to a name that stands nowhere, once everything is written; NULL: none. */
const char *spellings_unused(const spellings *s, const char *setup, int first_line);
/* What a formula's left side does. */
void spellings_of_formula(spellings *s, const char *formula);
/* What they do with several letters in one font, in view of a scene's setups, a list that NULL ends, and formulas. */
void spellings_in_fonts(spellings *s, const char *const *setup, const char *const *formula, int count);
/* t_1 and t_2, where they stand in subscripts: letters for steps. */
void spellings_numbered_steps(spellings *s, const char *const *formula, int count);
/* \tau is the last step where nothing else is called so. */
void spellings_last_step(spellings *s, const char *const *formula, int count);
/* Whether a formula stands for several, one for each value of a letter. */
bool spell_repeats(const spellings *s, const char *formula);
const char *spell_setup(const spellings *s, const char *setup);
const char *spell_formula(const spellings *s, const char *formula);

#endif
