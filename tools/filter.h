/* Other programs that turn one text into another: gnuplot, Graphviz. */
#ifndef EDDY_FILTER_H
#define EDDY_FILTER_H

#include <stdio.h>

typedef enum filtered { FILTERED, FILTER_MISSING, FILTER_FAILED } filtered;

/* Runs the program arguments[0], which PATH finds, with the stream's text (from its start) as standard input, and its
 * standard output to a descriptor. No shell is in between, and no path or name is handed over. The list of arguments
 * ends in NULL. */
filtered filter_run(const char *const *arguments, FILE *text, int out);

#endif
