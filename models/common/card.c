/* Cards of model files. */
#include "card.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char prefix[] = "eddy.";

static char *joined(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b);
    char *text = eddy_allocate(n + m + 1, 1);
    if (text) {
        memcpy(text, a, n);
        memcpy(text + n, b, m);
    }
    return text;
}

static eddy_metadata *row_of(const card *c, const char *name)
{
    for (size_t i = 0; i < c->count; i++)
        if (!strcmp(c->rows[i].key + strlen(prefix), name))
            return (eddy_metadata *)(uintptr_t)&c->rows[i];
    return NULL;
}

void card_text(card *c, const char *name, const char *value)
{
    eddy_metadata *row = row_of(c, name);
    char *key = row ? row->key : joined(prefix, name), *copy = joined(value, "");
    if (!key || !copy || (!row && c->count == CARD_ROWS)) {
        c->failed = true;
        eddy_free(copy);
        if (!row)
            eddy_free(key);
        return;
    }
    if (row)
        eddy_free(row->value);
    else
        row = &c->rows[c->count++];
    *row = (eddy_metadata){ key, copy };
}

void card_count(card *c, const char *name, int64_t value)
{
    char text[32];
    snprintf(text, sizeof text, "%" PRId64, value);
    card_text(c, name, text);
}

void card_number(card *c, const char *name, double value)
{
    card_numbers(c, name, &value, 1);
}

void card_numbers(card *c, const char *name, const double *values, int64_t count)
{
    enum { DIGITS = 32 };
    char *text = eddy_allocate((size_t)count + 1, DIGITS), *end = text;
    for (int64_t i = 0; text && i < count; i++)
        end += eddy_snprintf(end, DIGITS, i ? " %.17g" : "%.17g", values[i]);
    if (text)
        card_text(c, name, text);
    else
        c->failed = true;
    eddy_free(text);
}

void card_scaler(card *c, const eddy_scaler *scaler)
{
    card_numbers(c, "mean", scaler->shift.data, eddy_tensor_count(&scaler->shift));
    card_numbers(c, "scale", scaler->scale.data, eddy_tensor_count(&scaler->scale));
}

void card_free(card *c)
{
    for (size_t i = 0; i < c->count; i++) {
        eddy_free(c->rows[i].key);
        eddy_free(c->rows[i].value);
    }
    *c = (card){ 0 };
}

const char *card_find(const card *c, const char *name)
{
    const eddy_metadata *row = row_of(c, name);
    return row ? row->value : NULL;
}

bool card_open(card *c, const char *path, const char *task, eddy_status *status)
{
    *c = (card){ 0 };
    eddy_safetensors file = { 0 };
    if (!eddy_safetensors_load(&file, path, status))
        return false;
    for (size_t i = 0; i < file.metadata_count; i++)
        if (!strncmp(file.metadata[i].key, prefix, strlen(prefix)))
            card_text(c, file.metadata[i].key + strlen(prefix), file.metadata[i].value);
    for (size_t i = 0; i < file.count; i++)
        c->numbers += eddy_tensor_count(&file.tensors[i].tensor);
    eddy_safetensors_free(&file);
    const char *found = card_find(c, "model");
    bool ok = !c->failed || eddy_status_fail(status, "%s says too much of its model to be one of eddy's.", path);
    if (ok && !found)
        ok = eddy_status_fail(status,
                              "%s is no model of 'eddy train': its metadata has no eddy.model. (Weights alone, "
                              "from PyTorch for example, are what 'eddy train forecast --init' takes.)",
                              path);
    else if (ok && task && strcmp(found, task)) {
        char shown[64];
        eddy_escape(shown, sizeof shown, found);
        ok = eddy_status_fail(status, "%s is a model of 'eddy train %s', and one of 'eddy train %s' is needed here.",
                              path, shown, task);
    } else if (ok && task && card_find(c, "checkpoint.step")) {
        ok = eddy_status_fail(status,
                              "%s is the state of a training, to resume with; its best model stands beside it, without "
                              "\".last\" in its name.",
                              path);
    }
    if (!ok)
        card_free(c);
    return ok;
}

static bool unusable(const char *name, const char *expected, const char *found, eddy_status *status)
{
    char shown[64] = "nothing";
    if (found)
        eddy_escape(shown, sizeof shown, found);
    return eddy_status_fail(status, "The model file is damaged: its eddy.%s should be %s, and is %s.", name, expected,
                            shown);
}

bool card_read_count(const card *c, const char *name, int64_t low, int64_t high, int64_t *out, eddy_status *status)
{
    char expected[96];
    const char *text = card_find(c, name);
    double value = 0;
    snprintf(expected, sizeof expected, "a whole number from %" PRId64 " to %" PRId64, low, high);
    if (!text || !eddy_parse_number(text, strlen(text), &value) || value != floor(value) || value < (double)low ||
        value > (double)high)
        return unusable(name, expected, text, status);
    *out = (int64_t)value;
    return true;
}

bool card_read_numbers(const card *c, const char *name, double *out, int64_t count, eddy_status *status)
{
    char expected[64];
    const char *text = card_find(c, name), *at = text;
    snprintf(expected, sizeof expected, "%" PRId64 " number%s", count, count == 1 ? "" : "s");
    for (int64_t i = 0; at && i < count; i++) {
        size_t length = strcspn(at, " ");
        if (!eddy_parse_number(at, length, &out[i]) || !isfinite(out[i]))
            return unusable(name, expected, text, status);
        at += length + (at[length] == ' ');
    }
    return (at && !*at) || unusable(name, expected, text, status);
}

bool card_read_number(const card *c, const char *name, double *out, eddy_status *status)
{
    return card_read_numbers(c, name, out, 1, status);
}

bool card_read_flag(const card *c, const char *name, bool *out, eddy_status *status)
{
    int64_t value;
    if (!card_read_count(c, name, 0, 1, &value, status))
        return false;
    *out = value;
    return true;
}

bool card_read_scaler(const card *c, int64_t features, eddy_scaler *out, eddy_status *status)
{
    *out = (eddy_scaler){ 0 };
    bool ok = eddy_tensor_new(&out->shift, EDDY_F64, EDDY_SHAPE(features), status) &&
              eddy_tensor_new(&out->scale, EDDY_F64, EDDY_SHAPE(features), status) &&
              card_read_numbers(c, "mean", out->shift.data, features, status) &&
              card_read_numbers(c, "scale", out->scale.data, features, status);
    for (int64_t k = 0; ok && k < features; k++)
        if (!(eddy_tensor_flat(&out->scale, k) > 0))
            ok = eddy_status_fail(status, "The model file is damaged: a scale is not above 0.");
    if (!ok)
        eddy_scaler_free(out);
    return ok;
}

bool card_check_size(const card *c, int64_t numbers, eddy_status *status)
{
    return numbers <= c->numbers ||
           eddy_status_fail(status,
                            "The model file is damaged: what it says of its model takes more than %" PRId64
                            " numbers, and it holds %" PRId64 ".",
                            numbers - 1, c->numbers);
}

bool card_agrees(const card *a, const card *b, const char **name)
{
    for (size_t i = 0; i < a->count; i++) {
        *name = a->rows[i].key + strlen(prefix);
        const char *other = card_find(b, *name);
        if (!other || strcmp(other, a->rows[i].value))
            return false;
    }
    return true;
}

static bool done(bool ok, eddy_tape *tape, eddy_status *status)
{
    if (!ok)
        eddy_status_fail(status, "%s", eddy_error(tape));
    return ok;
}

/* The functions, not the macros: a mistake in a file stands at no line of this program. */
bool card_save(const card *c, eddy_tape *tape, eddy_list leaves, const char *path, eddy_status *status)
{
    if (c->failed)
        return eddy_status_fail(status, "There is no memory for what the model file %s is to say.", path);
    return done((eddy_save)(tape, path, leaves, c->rows, c->count), tape, status);
}

bool card_load(eddy_tape *tape, eddy_list leaves, const char *path, eddy_status *status)
{
    return done((eddy_load)(tape, path, leaves), tape, status);
}
