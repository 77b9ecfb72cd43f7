/* The first thing that went wrong while a formula was given a meaning. */
#ifndef EDDY_CHECK_FAULT_H
#define EDDY_CHECK_FAULT_H

#include "reader.h"

typedef enum fault_kind {
    FAULT_NONE = 0,
    FAULT_NOT_READ, /* a name, function or notation without a meaning here */
    FAULT_SHAPES,   /* everything is understood, but the shapes do not fit: such a formula is false */
    FAULT_STEP,     /* a quantity at a step where it does not exist: this instance of the claim says nothing */
    FAULT_TOO_BIG,  /* more numbers than a check may take */
    FAULT_TAPE      /* the library refused: its sentence */
} fault_kind;

typedef struct fault {
    fault_kind kind;
    bool placed; /* the sentence says where */
    char sentence[512];
} fault;

/* Keeps the first; returns false. */
bool fault_set(fault *f, fault_kind kind, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The library's sentence without the place in this program's source in front. */
const char *fault_plain(const char *sentence);

#endif
