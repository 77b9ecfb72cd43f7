/* Internal: a small strict JSON reader (RFC 8259) that builds nothing, sufficient for the headers of model files, and
 * quoting for writing them. Trusts nothing: UTF-8 is checked, nesting is limited, integers are checked for overflow.
 *
 *     if (eddy_json_enter(&json, '{'))
 *         while (eddy_json_more(&json, '}')) { char *key = eddy_json_key(&json); ... read the value ... }
 *
 * The first mistake is written to the status and makes every later call return false or NULL. */
#ifndef EDDY_JSON_H
#define EDDY_JSON_H

#include "file.h"

typedef struct eddy_json {
    const unsigned char *start, *at, *end;
    const char *name; /* what sentences call the source */
    eddy_status *status;
    int depth;
    bool first; /* no comma is due */
    bool failed;
} eddy_json;

eddy_json eddy_json_make(const void *bytes, size_t size, const char *name, eddy_status *status);
/* Consumes an opening bracket. */
bool eddy_json_enter(eddy_json *json, char open);
/* True when a further member or element follows; consumes the closing bracket when none does. */
bool eddy_json_more(eddy_json *json, char close);
/* Zero-terminated UTF-8 for eddy_free; NULL after a failure. A string with \u0000 is refused: a C string would end
 * there. */
char *eddy_json_string(eddy_json *json);
/* A string and the colon after it. */
char *eddy_json_key(eddy_json *json);
/* Without fraction or exponent, and within 64 bits. */
bool eddy_json_integer(eddy_json *json, int64_t *out);
/* Any value, checked and ignored. */
bool eddy_json_skip(eddy_json *json);
/* True when nothing but blanks follows. */
bool eddy_json_end(eddy_json *json);

/* Adds "..." with what JSON wants escaped. False when the string is not UTF-8. */
bool eddy_json_quote(eddy_text *text, const char *string);

#endif
