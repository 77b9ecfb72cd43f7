/* An explanation for people and for programs. */
#ifndef EDDY_EXPLAIN_SHOW_H
#define EDDY_EXPLAIN_SHOW_H

#include "explanation.h"

#include <stdio.h>

enum { SHOWN_STEPS = 6, SHOWN_UNITS = 4 };
#define SHOWN_Z "Z_t = [h_{t-1}, x_t]"

/* For the terminal. A large network is shortened to what is readable, and it is said what was left out; verbose: all
 * that is given, all samples, and all elements of weights. False with a sentence if memory is short. */
bool show_text(FILE *stream, const explanation *e, bool verbose, eddy_status *status);
/* For the terminal, of a setup for a pencil: every formula of every step with its numbers, or with matrices of them if
 * there is more than one unit. */
bool show_worked(FILE *stream, const explanation *e, eddy_status *status);
/* quantity,step,sample,row,column,hand,tape,numerical: everything, 17 digits, empty where there is nothing. */
void show_csv(FILE *stream, const explanation *e);
bool show_json(FILE *stream, const explanation *e, eddy_status *status);
/* One page without scripts that needs nothing else. */
bool show_page(FILE *stream, const explanation *e, eddy_status *status);

/* ---- Shared ---- */

/* Up to SHOWN_STEPS of first .. last into k, ends included; returns how many. */
int show_steps(int64_t first, int64_t last, int64_t k[SHOWN_STEPS]);
/* A line of formulas, wrapped before " + " and " = " where it would become too long. */
void show_wrapped(FILE *stream, const char *text);
/* "LSTM with random parameters: ..." */
void show_title(FILE *stream, const explanation *e);
/* What one word says about the whole: "all 25 quantities agree". */
void show_verdict(const explanation *e, char *text, size_t size);
/* Has the loss a part of its own in the last cell state? */
bool show_has_kappa(const explanation *e);
/* Is there something to compare, and in words. */
const char *show_agreement(const quantity *q);
bool show_compared(const quantity *q);

/* ---- The page's pictures: inline SVG ---- */

/* One quantity of a sample over time, a row a unit. */
void picture_map(FILE *stream, const explanation *e, const quantity *q, int64_t sample);
/* Gradient, full Jacobian and direct product over time, logarithmic. */
void picture_flow(FILE *stream, const explanation *e, const flow *f);
/* The colour of 0 .. 1 (dark blue to yellow) or -1 .. 1 (blue, white, orange): both can be told apart by the
 * colour-blind and in grey. */
typedef struct colour {
    char text[8];
    bool dark;
} colour;
colour colour_share(double x);
colour colour_signed(double x);

#endif
