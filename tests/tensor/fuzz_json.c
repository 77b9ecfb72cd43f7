/* Fuzz target (clang -fsanitize=fuzzer): any bytes are skipped as one JSON value, or fail with a sentence; never both,
 * never neither. A string that is read can be quoted, and read again to the same bytes. */
#include "json.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void read_again(const char *string)
{
    eddy_text text = { 0 };
    eddy_status status = { { 0 } };
    if (!eddy_json_quote(&text, string) || text.failed)
        abort();
    eddy_json json = eddy_json_make(text.data, text.size, "again", &status);
    char *same = eddy_json_string(&json);
    if (!same || strcmp(same, string) != 0 || !eddy_json_end(&json))
        abort();
    eddy_free(same);
    eddy_free(text.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    eddy_status status = { { 0 } };
    eddy_json json = eddy_json_make(bytes, size, "fuzz", &status);
    bool good = eddy_json_skip(&json) && eddy_json_end(&json);
    if (good == (status.text[0] != 0))
        abort();
    status.text[0] = 0;
    json = eddy_json_make(bytes, size, "fuzz", &status);
    char *string = eddy_json_string(&json);
    if ((string != NULL) == (status.text[0] != 0))
        abort();
    if (string)
        read_again(string);
    eddy_free(string);
    return 0;
}
