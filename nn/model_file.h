/* Models on disk: .safetensors with the leaves' full names, which are PyTorch's, so that weights move both ways. */
#ifndef EDDY_MODEL_FILE_H
#define EDDY_MODEL_FILE_H

#include "safetensors.h"
#include "tape.h"

EDDY_C_BEGIN

/* Writes the leaves of a list (eddy_parameters(tape), or joined with eddy_leaves(tape, EDDY_STATE) to resume training),
 * atomically, with metadata. */
EDDY_SITED bool eddy_save(eddy_tape *tape, const char *path, eddy_list leaves, const eddy_metadata *metadata,
                          size_t metadata_count);
/* Reads a file into the leaves of a list by name, converting the dtype. Every leaf must be in the file with its shape
 * and the file must hold nothing else, or the failure lists what is missing, unexpected and of another shape, and no
 * leaf has changed. */
EDDY_SITED bool eddy_load(eddy_tape *tape, const char *path, eddy_list leaves);

EDDY_C_END
#include "model_file_calls.h"
#endif
