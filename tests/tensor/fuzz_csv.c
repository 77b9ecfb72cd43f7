/* Fuzz target (clang -fsanitize=fuzzer): any bytes are a table, or fail with a sentence; never both, never neither.
 * Every field of a table can be read, and every column is numbers or a sentence. */
#include <eddy/eddy.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void read_all(const eddy_csv *csv)
{
    size_t length = 0;
    for (int64_t k = 0; k < csv->columns; k++) {
        eddy_status status = { { 0 } };
        eddy_tensor numbers;
        for (int64_t row = 0; row < csv->rows; row++)
            length += strlen(eddy_csv_field(csv, row, k));
        if (eddy_csv_numbers(&numbers, csv, k, &status) == (status.text[0] != 0))
            abort();
        eddy_tensor_free(&numbers);
        status.text[0] = 0;
        if ((eddy_csv_column(csv, eddy_csv_name(csv, k), &status) >= 0) == (status.text[0] != 0))
            abort();
    }
    if (length > (size_t)1 << 30)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    eddy_csv parsed;
    eddy_status status = { { 0 } };
    if (eddy_csv_parse(&parsed, bytes, size, "fuzz", &status) == (status.text[0] != 0))
        abort();
    read_all(&parsed);
    eddy_csv_free(&parsed);
    return 0;
}
