/* Output files that are there complete or not at all (eddy/writer.h), as streams. A run must learn before its work, not
 * after, that a file cannot be written: eddy_writer_check says so of files that others will write. */
#ifndef EDDY_OUTPUT_H
#define EDDY_OUTPUT_H

#include <eddy/eddy.h>

#include <stdio.h>

typedef struct output {
    const char *path; /* the caller's */
    eddy_writer writer;
    FILE *stream;
    int error; /* the errno of the first flush that failed */
} output;

/* The path "-" is standard output. */
bool output_open(output *file, const char *path, eddy_status *status);
/* Hands what was written so far to the system; a failure is told by output_keep. */
void output_flush(output *file);
/* Gives it its name, or removes it. False when something could not be written; fine on what was never opened. */
bool output_keep(output *file, eddy_status *status);
void output_discard(output *file);

/* Do two paths name one existing file, or are they equal? Never for "-". */
bool output_same(const char *a, const char *b);
/* The folder of a path with its last slash, "" for one without; into `out`. False if it does not fit. */
bool output_folder(const char *path, char *out, size_t size);

/* A path or a name of unknown origin as a terminal may see it (eddy_escape); valid until the eighth call after. */
const char *output_shown(const char *text);
/* The same as a JSON string with its quotation marks. */
void output_json_text(FILE *stream, const char *text);

#endif
