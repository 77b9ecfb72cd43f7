/* The room of reports: what was found, for a terminal, for programs (JSON), and as one page (HTML) for readers. The
 * only header of tools/check/report/ for others.
 *
 * All three take findings as they are and never trust their texts: bytes that are no UTF-8, control characters and
 * markup from a hostile document come out harmless. A report is made whole before its first byte is written: false when
 * memory was short, and then nothing is written, or when the stream takes no more. */
#ifndef EDDY_CHECK_REPORT_H
#define EDDY_CHECK_REPORT_H

#include "judge.h"
#include "reader.h"

#include <stdio.h>

/* verbosity 0: details of what is not as it should be; 1: of everything; 2: scenes and times too. width: the terminal's
 * columns, 0 for no terminal. */
bool report_text(FILE *stream, const findings *all, int verbosity, bool colour, int width);
/* The schema "eddy-check-1" is described in json.c. */
bool report_json(FILE *stream, const findings *all);
/* The page shows the document with what was found in its places; without it (NULL), the findings one by one. */
bool report_html(FILE *stream, const document *d, const findings *all, const char *title);

#endif
