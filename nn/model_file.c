/* Saving and loading leaves. */
#include "model_file.h"

#include <stdio.h>
#include <string.h>

/* A failure if the call cannot be meant; without a tape, one of the leaves' tape. */
static bool call_is_good(eddy_site site, eddy_tape *tape, const char *call, const char *path, eddy_list leaves)
{
    if (!tape && eddy_list_tape(leaves))
        eddy_fail_at(site, eddy_list_tape(leaves), "%s: the tape is NULL; give the one that the leaves belong to",
                     call);
    if (!tape || eddy_error(tape))
        return false;
    if (!path || !*path)
        eddy_fail_at(site, tape, "%s: the path is %s; a file's name is needed", call, path ? "empty" : "NULL");
    else if (leaves.count < 0 || (leaves.count && !leaves.items))
        eddy_fail_at(site, tape, "%s: the list has %lld items at NULL", call, (long long)leaves.count);
    return !eddy_error(tape);
}

bool eddy_save_at(eddy_site site, eddy_tape *tape, const char *path, eddy_list leaves, const eddy_metadata *metadata,
                  size_t metadata_count)
{
    if (!call_is_good(site, tape, "save", path, leaves))
        return false;
    if (metadata_count && !metadata) {
        eddy_fail_at(site, tape, "save: %zu metadata values are announced and their list is NULL", metadata_count);
        return false;
    }
    eddy_status status = { 0 };
    eddy_named_tensor *tensors = eddy_allocate((size_t)leaves.count, sizeof *tensors);
    bool done = tensors || eddy_status_fail(&status, "save: out of memory");
    for (int64_t i = 0; i < leaves.count && done; i++) {
        const eddy_tensor *value = eddy_value_at(site, leaves.items[i]);
        done = value && eddy_role_of(leaves.items[i]) != EDDY_NODE;
        if (!done)
            eddy_status_fail(&status, "save: item %lld of the list is no leaf with a value", (long long)i + 1);
        else
            tensors[i] =
                (eddy_named_tensor){ .name = (char *)(uintptr_t)eddy_name_of(leaves.items[i]), .tensor = *value };
    }
    eddy_safetensors file = { .tensors = tensors,
                              .count = (size_t)leaves.count,
                              .metadata = (eddy_metadata *)(uintptr_t)metadata,
                              .metadata_count = metadata_count };
    done = done && eddy_safetensors_save(&file, path, &status);
    eddy_free(tensors);
    if (!done)
        eddy_fail_at(site, tape, "%s", status.text);
    return done;
}

/* Appends to a sentence of limited length. */
static void add(char *text, size_t size, const char *what, const char *name, const char *more)
{
    size_t used = strlen(text);
    snprintf(text + used, size - used, "%s%s%s%s", used ? "; " : "", what, name, more);
}

bool eddy_load_at(eddy_site site, eddy_tape *tape, const char *path, eddy_list leaves)
{
    if (!call_is_good(site, tape, "load", path, leaves))
        return false;
    eddy_status status = { 0 };
    eddy_safetensors file;
    if (!eddy_safetensors_load(&file, path, &status)) {
        eddy_fail_at(site, tape, "%s", status.text);
        return false;
    }
    char faults[700] = "";
    for (int64_t i = 0; i < leaves.count; i++) {
        const char *name = eddy_name_of(leaves.items[i]);
        const eddy_tensor *found = eddy_safetensors_find(&file, name);
        eddy_shape shape = eddy_shape_of(leaves.items[i]);
        char shapes[300];
        if (!found) {
            add(faults, sizeof faults, "missing ", name, "");
        } else if (!eddy_shape_equal(&found->shape, &shape)) {
            snprintf(shapes, sizeof shapes, " has shape %s in the file and %s in the model",
                     eddy_shape_format(&found->shape).text, eddy_shape_format(&shape).text);
            add(faults, sizeof faults, "", name, shapes);
        }
    }
    for (size_t k = 0; k < file.count; k++) {
        bool wanted = false;
        for (int64_t i = 0; i < leaves.count && !wanted; i++)
            wanted = !strcmp(file.tensors[k].name, eddy_name_of(leaves.items[i]));
        if (!wanted)
            add(faults, sizeof faults, "unexpected ", file.tensors[k].name, "");
    }
    if (*faults) {
        eddy_status_fail(&status, "%s does not fit the model, nothing was loaded: %s", path, faults);
        eddy_fail_at(site, tape, "%s", status.text);
    }
    bool done = !*faults;
    for (int64_t i = 0; i < leaves.count && done; i++)
        done = eddy_set_tensor_at(site, leaves.items[i], eddy_safetensors_find(&file, eddy_name_of(leaves.items[i])));
    eddy_safetensors_free(&file);
    return done;
}
