/* The room of meaning: trees in, values and derivatives on a tape out. The only header of tools/check/meaning/ for
 * others; it knows the reader and nothing of verdicts.
 *
 * Whatever is evaluated either has a value or leaves a fault, which says what is not understood and where; a formula
 * that cannot be multiplied out is a fault of its own kind, and no verdict.
 *
 *   scope      names: which quantities there are, which letters are indices, labels and sizes
 *   world      sizes drawn and a tape on which a quantity is recorded at the steps asked for; ways of wiring it
 *   value      scalars, vectors and matrices of a document on the tape, rows or columns, one or one for each sample
 *   notation   quantities and steps as the document writes them
 *   symbolic   explicit derivatives of defining equations, written out */
#ifndef EDDY_CHECK_MEANING_H
#define EDDY_CHECK_MEANING_H

#include "public/fault.h"
#include "public/notation.h"
#include "public/scope.h"
#include "public/symbolic.h"
#include "public/value.h"
#include "public/world.h"

#endif
