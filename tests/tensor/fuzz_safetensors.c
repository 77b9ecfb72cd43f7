/* Fuzz target (clang -fsanitize=fuzzer): any bytes parse, or fail with a sentence; never both, never neither. */
#include <eddy/eddy.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    eddy_safetensors parsed;
    eddy_status status = { { 0 } };
    if (eddy_safetensors_parse(&parsed, bytes, size, "fuzz", &status) == (status.text[0] != 0))
        abort();
    eddy_safetensors_free(&parsed);
    return 0;
}
