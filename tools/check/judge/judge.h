/* The room of the judge: a document in, a finding for each of its formulas out. The only header of tools/check/judge/
 * for others; it knows meaning and the reader.
 *
 * Above all no true formula is called false: what cannot be read or multiplied out is NOT READ, and what rounding hides
 * is UNRESOLVED. Every verdict says under which reading it was reached.
 *
 *   check      the document as a whole: scenes, claims, expectations
 *   finding    what is found about one formula */
#ifndef EDDY_CHECK_JUDGE_H
#define EDDY_CHECK_JUDGE_H

#include "public/check.h"
#include "public/finding.h"

#endif
