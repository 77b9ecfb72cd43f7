/* Text as numbers: bytes, or the code points of UTF-8 that a text holds. Trusts nothing in a file. */
#ifndef EDDY_UNITS_H
#define EDDY_UNITS_H

#include "card.h"

typedef struct units {
    bool bytes;      /* a unit is a byte: all 256 are known */
    int64_t count;   /* of different units */
    uint32_t *point; /* the code points, ascending; NULL for bytes */
} units;

typedef struct unit_text {
    int32_t *unit;
    int64_t count;
} unit_text;

/* A file, or a pipe for "/dev/stdin". A byte order mark is left out, CR LF becomes LF (unless bytes). Empty files, zero
 * bytes and what is no UTF-8 are refused with line and column (unless bytes). For eddy_free. */
bool text_read(char **text, size_t *size, const char *path, bool bytes, eddy_status *status);

/* The units that occur in UTF-8 text. */
bool units_find(units *u, const char *text, size_t size, bool bytes, eddy_status *status);
/* A unit that is not known is told with its line and column; `name` is what the sentence calls the text. */
bool units_encode(const units *u, unit_text *out, const char *text, size_t size, const char *name, eddy_status *status);
/* Writes the bytes of a unit, at most 4; returns how many. */
size_t units_decode(const units *u, int32_t unit, char out[4]);
void units_free(units *u);
void unit_text_free(unit_text *t);

void units_describe(const units *u, card *c);
bool units_read(units *u, const card *c, eddy_status *status);

/* The next code point of valid or invalid UTF-8: its length 1..4, or 0 if what stands there is none. */
size_t utf8_next(const char *text, size_t size, uint32_t *point);
size_t utf8_put(uint32_t point, char out[4]);

#endif
