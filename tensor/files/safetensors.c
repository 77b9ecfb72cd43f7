/* .safetensors files; see safetensors.h. Reading goes over the header once and notes what it says, then puts the
 * tensors into the order of their elements and checks that they tile the data, and only then asks for memory for
 * elements. Assumes no more than that the bytes exist. */
#include "safetensors.h"
#include "json.h"

#include <string.h>

enum { MAX_HEADER = 100000000 };

static const char metadata_key[] = "__metadata__";

typedef struct entry {
    char *name;
    eddy_encoding encoding;
    eddy_shape shape;
    int64_t begin, end;
} entry;

typedef struct reader {
    eddy_json json;
    const char *name;
    eddy_status *status;
    size_t data_size;
    entry *entries;
    size_t count, capacity;
    eddy_metadata *metadata;
    size_t metadata_count, metadata_capacity;
} reader;

static const struct {
    const char *text;
    eddy_encoding encoding;
} dtypes[] = { { "F32", EDDY_ENCODING_F32 }, { "F64", EDDY_ENCODING_F64 }, { "I32", EDDY_ENCODING_I32 },
               { "I64", EDDY_ENCODING_I64 }, { "F16", EDDY_ENCODING_F16 }, { "BF16", EDDY_ENCODING_BF16 },
               { "I8", EDDY_ENCODING_I8 },   { "U8", EDDY_ENCODING_U8 },   { "BOOL", EDDY_ENCODING_BOOL },
               { "I16", EDDY_ENCODING_I16 }, { "U16", EDDY_ENCODING_U16 }, { "U32", EDDY_ENCODING_U32 },
               { "U64", EDDY_ENCODING_U64 } };

/* Heap sort: in place, and never slow, whatever order a hostile file has. (The C library's qsort may allocate.) */
typedef bool before(const void *a, const void *b);

static void sift(const void **items, size_t root, size_t count, before *less)
{
    for (size_t child; (child = 2 * root + 1) < count; root = child) {
        if (child + 1 < count && less(items[child], items[child + 1]))
            child++;
        if (!less(items[root], items[child]))
            return;
        const void *swap = items[root];
        items[root] = items[child];
        items[child] = swap;
    }
}

static void sort(const void **items, size_t count, before *less)
{
    for (size_t root = count / 2; root-- > 0;)
        sift(items, root, count, less);
    for (size_t last = count; last-- > 1;) {
        const void *swap = items[0];
        items[0] = items[last];
        items[last] = swap;
        sift(items, 0, last, less);
    }
}

static bool name_before(const void *a, const void *b)
{
    return strcmp(a, b) < 0;
}

/* Elements without bytes share their begin with the next; entries of equal place keep the header's order. */
static bool place_before(const void *a, const void *b)
{
    const entry *p = a, *q = b;
    if (p->begin != q->begin)
        return p->begin < q->begin;
    return p->end != q->end ? p->end < q->end : p < q;
}

/* One more element for an array; NULL when memory is short. */
static void *grow(reader *r, void *array, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return array;
    size_t more = *capacity ? *capacity * 2 : 16;
    void *grown = eddy_reallocate(array, more, size);
    if (grown)
        *capacity = more;
    else
        eddy_status_fail(r->status, "out of memory while reading %s", r->name);
    return grown;
}

static bool read_metadata(reader *r)
{
    if (!eddy_json_enter(&r->json, '{'))
        return false;
    while (eddy_json_more(&r->json, '}')) {
        eddy_metadata *grown = grow(r, r->metadata, r->metadata_count, &r->metadata_capacity, sizeof *grown);
        if (!grown)
            return false;
        r->metadata = grown;
        eddy_metadata *pair = &grown[r->metadata_count];
        pair->key = eddy_json_key(&r->json);
        pair->value = eddy_json_string(&r->json);
        r->metadata_count++;
    }
    return !r->json.failed;
}

static bool read_dtype(reader *r, entry *e)
{
    char *text = eddy_json_string(&r->json);
    if (!text)
        return false;
    bool found = false;
    for (size_t k = 0; k < sizeof dtypes / sizeof *dtypes && !found; k++) {
        found = !strcmp(text, dtypes[k].text);
        if (found)
            e->encoding = dtypes[k].encoding;
    }
    if (!found)
        eddy_status_fail(r->status,
                         "%s: tensor '%s' has the dtype '%s', which is not known; convert it to F32 before saving",
                         r->name, e->name, text);
    eddy_free(text);
    return found;
}

static bool read_shape(reader *r, entry *e)
{
    if (!eddy_json_enter(&r->json, '['))
        return false;
    int rank = 0;
    while (eddy_json_more(&r->json, ']')) {
        int64_t dim;
        if (rank == EDDY_MAX_RANK)
            return eddy_status_fail(r->status, "%s: tensor '%s' has more than %d axes; reshape it before saving",
                                    r->name, e->name, EDDY_MAX_RANK);
        if (!eddy_json_integer(&r->json, &dim))
            return false;
        if (dim < 0)
            return eddy_status_fail(r->status, "%s: tensor '%s' has the negative dimension %lld", r->name, e->name,
                                    (long long)dim);
        e->shape.dim[rank++] = dim;
    }
    e->shape.rank = rank;
    return !r->json.failed;
}

static bool read_offsets(reader *r, entry *e)
{
    int64_t offset[2];
    int count = 0;
    if (!eddy_json_enter(&r->json, '['))
        return false;
    while (eddy_json_more(&r->json, ']') && ++count <= 2)
        if (!eddy_json_integer(&r->json, &offset[count - 1]))
            return false;
    if (r->json.failed)
        return false;
    if (count != 2)
        return eddy_status_fail(r->status, "%s: tensor '%s' needs two data_offsets, its begin and its end", r->name,
                                e->name);
    if (offset[0] < 0 || offset[1] < offset[0] || (uint64_t)offset[1] > r->data_size)
        return eddy_status_fail(
            r->status,
            "%s: tensor '%s' lies at bytes %lld to %lld, outside the %zu bytes of data; the file was cut "
            "short or damaged",
            r->name, e->name, (long long)offset[0], (long long)offset[1], r->data_size);
    e->begin = offset[0];
    e->end = offset[1];
    return true;
}

/* Other keys are checked as JSON and ignored, as the reference implementation does. */
static bool read_entry(reader *r, entry *e)
{
    static const struct {
        const char *key;
        bool (*read)(reader *r, entry *e);
    } keys[] = { { "dtype", read_dtype }, { "shape", read_shape }, { "data_offsets", read_offsets } };
    unsigned seen = 0;
    if (!eddy_json_enter(&r->json, '{'))
        return false;
    while (eddy_json_more(&r->json, '}')) {
        char *key = eddy_json_key(&r->json);
        if (!key)
            return false;
        unsigned k = 0;
        while (k < 3 && strcmp(key, keys[k].key) != 0)
            k++;
        eddy_free(key);
        if (k < 3 && seen & 1u << k)
            return eddy_status_fail(r->status, "%s: tensor '%s' has the key %s twice", r->name, e->name, keys[k].key);
        seen |= 1u << k;
        if (!(k < 3 ? keys[k].read(r, e) : eddy_json_skip(&r->json)))
            return false;
    }
    if (r->json.failed)
        return false;
    for (unsigned k = 0; k < 3; k++)
        if (!(seen & 1u << k))
            return eddy_status_fail(r->status, "%s: tensor '%s' has no %s", r->name, e->name, keys[k].key);
    int64_t count = eddy_shape_count(&e->shape);
    if (count < 0)
        return eddy_status_fail(r->status, "%s: tensor '%s' of shape %s is larger than any memory", r->name, e->name,
                                eddy_shape_format(&e->shape).text);
    int64_t bytes = count * (int64_t)eddy_encoding_size(e->encoding);
    if (e->end - e->begin != bytes)
        return eddy_status_fail(
            r->status, "%s: tensor '%s' of shape %s needs %lld bytes and its data_offsets hold %lld", r->name, e->name,
            eddy_shape_format(&e->shape).text, (long long)bytes, (long long)(e->end - e->begin));
    return true;
}

static bool read_header(reader *r)
{
    bool metadata_seen = false;
    if (!eddy_json_enter(&r->json, '{'))
        return false;
    while (eddy_json_more(&r->json, '}')) {
        char *name = eddy_json_key(&r->json);
        if (!name)
            return false;
        if (!strcmp(name, metadata_key)) {
            eddy_free(name);
            if (metadata_seen)
                return eddy_status_fail(r->status, "%s: the header has %s twice", r->name, metadata_key);
            metadata_seen = true;
            if (!read_metadata(r))
                return false;
            continue;
        }
        entry *grown = grow(r, r->entries, r->count, &r->capacity, sizeof *grown);
        if (!grown) {
            eddy_free(name);
            return false;
        }
        r->entries = grown;
        r->entries[r->count] = (entry){ .name = name };
        if (!read_entry(r, &r->entries[r->count++]))
            return false;
    }
    return !r->json.failed && eddy_json_end(&r->json);
}

/* items has room for count pointers to strings, which it already holds. */
static bool check_unique(const void **items, size_t count, const char *file, const char *what, eddy_status *status)
{
    sort(items, count, name_before);
    for (size_t i = 1; i < count; i++)
        if (!strcmp(items[i - 1], items[i]))
            return eddy_status_fail(status, "%s: there are two %s of the name '%s'; names must be unique", file, what,
                                    (const char *)items[i]);
    return true;
}

static bool check_tiling(const reader *r, const void **order)
{
    int64_t end = 0;
    for (size_t i = 0; i < r->count; i++) {
        const entry *e = order[i];
        if (e->begin < end)
            return eddy_status_fail(
                r->status, "%s: tensor '%s' begins at byte %lld of the data, inside tensor '%s'; the file is damaged",
                r->name, e->name, (long long)e->begin, ((const entry *)order[i - 1])->name);
        if (e->begin > end)
            return eddy_status_fail(
                r->status, "%s: the data has a hole before tensor '%s', from byte %lld to %lld; the file is damaged",
                r->name, e->name, (long long)end, (long long)e->begin);
        end = e->end;
    }
    if ((uint64_t)end != r->data_size)
        return eddy_status_fail(r->status, "%s: %lld bytes follow the last tensor's; the file was added to", r->name,
                                (long long)r->data_size - (long long)end);
    return true;
}

/* Hands the names and tensors over to *out, in the order of their elements. */
static bool take_tensors(eddy_safetensors *out, reader *r, const void **order, const unsigned char *data)
{
    for (size_t i = 0; i < r->count; i++) {
        entry *e = &r->entries[(const entry *)order[i] - r->entries];
        eddy_named_tensor *named = &out->tensors[i];
        int64_t at;
        if (!eddy_tensor_new(&named->tensor, eddy_encoding_dtype(e->encoding), e->shape, r->status))
            return false;
        named->name = e->name;
        e->name = NULL;
        out->count++;
        if (!eddy_decode(&named->tensor, data + e->begin, e->encoding, false, &at))
            return eddy_status_fail(r->status, "%s: element number %lld of tensor '%s' exceeds the largest i64, %lld",
                                    r->name, (long long)at, named->name, (long long)INT64_MAX);
    }
    return true;
}

static bool read_all(eddy_safetensors *out, reader *r, const unsigned char *data)
{
    if (!read_header(r))
        return false;
    size_t room = r->count > r->metadata_count ? r->count : r->metadata_count;
    const void **order = eddy_allocate(room, sizeof *order);
    out->tensors = eddy_allocate(r->count, sizeof *out->tensors);
    bool good = (order && out->tensors) || eddy_status_fail(r->status, "out of memory while reading %s", r->name);
    if (good) {
        for (size_t i = 0; i < r->metadata_count; i++)
            order[i] = r->metadata[i].key;
        good = check_unique(order, r->metadata_count, r->name, "metadata values", r->status);
    }
    if (good) {
        for (size_t i = 0; i < r->count; i++)
            order[i] = r->entries[i].name;
        good = check_unique(order, r->count, r->name, "tensors", r->status);
    }
    if (good) {
        for (size_t i = 0; i < r->count; i++)
            order[i] = &r->entries[i];
        sort(order, r->count, place_before);
        good = check_tiling(r, order) && take_tensors(out, r, order, data);
    }
    eddy_free(order);
    return good;
}

bool eddy_safetensors_parse(eddy_safetensors *out, const void *bytes, size_t size, const char *name,
                            eddy_status *status)
{
    if (!out || (!bytes && size))
        return eddy_status_fail(status, "safetensors_parse: the %s NULL", out ? "bytes are" : "file to fill is");
    *out = (eddy_safetensors){ 0 };
    name = name ? name : "the .safetensors bytes";
    const unsigned char *start = bytes;
    if (size < 8)
        return eddy_status_fail(
            status, "%s: is no .safetensors file; it has %zu bytes, fewer than the 8 of the header's length", name,
            size);
    uint64_t length = 0;
    for (int k = 7; k >= 0; k--)
        length = length << 8 | start[k];
    if (!length)
        return eddy_status_fail(status, "%s: is no .safetensors file; its header has no bytes", name);
    if (length > MAX_HEADER)
        return eddy_status_fail(
            status,
            "%s: the header should have %llu bytes and at most %d are accepted; this is no .safetensors "
            "file, or it is damaged",
            name, (unsigned long long)length, MAX_HEADER);
    if (length > size - 8)
        return eddy_status_fail(status,
                                "%s: the header should have %llu bytes and the file ends after %zu; it was cut short",
                                name, (unsigned long long)length, size - 8);
    if (start[8] != '{')
        return eddy_status_fail(status, "%s: is no .safetensors file; its header does not begin with '{'", name);
    reader r = { .name = name, .status = status, .data_size = size - 8 - (size_t)length };
    r.json = eddy_json_make(start + 8, (size_t)length, name, status);
    bool good = read_all(out, &r, start + 8 + length);
    out->metadata = r.metadata;
    out->metadata_count = r.metadata_count;
    for (size_t i = 0; i < r.count; i++)
        eddy_free(r.entries[i].name);
    eddy_free(r.entries);
    if (!good)
        eddy_safetensors_free(out);
    return good;
}

bool eddy_safetensors_load(eddy_safetensors *out, const char *path, eddy_status *status)
{
    unsigned char *bytes;
    size_t size;
    if (!out)
        return eddy_status_fail(status, "safetensors_load: the file to fill is NULL");
    *out = (eddy_safetensors){ 0 };
    if (!eddy_file_read(&bytes, &size, path, PTRDIFF_MAX, status))
        return false;
    bool good = eddy_safetensors_parse(out, bytes, size, path, status);
    eddy_free(bytes);
    return good;
}

void eddy_safetensors_free(eddy_safetensors *file)
{
    if (!file)
        return;
    for (size_t i = 0; i < file->count; i++) {
        eddy_free(file->tensors[i].name);
        eddy_tensor_free(&file->tensors[i].tensor);
    }
    for (size_t i = 0; i < file->metadata_count; i++) {
        eddy_free(file->metadata[i].key);
        eddy_free(file->metadata[i].value);
    }
    eddy_free(file->tensors);
    eddy_free(file->metadata);
    *file = (eddy_safetensors){ 0 };
}

const eddy_tensor *eddy_safetensors_find(const eddy_safetensors *file, const char *name)
{
    for (size_t i = 0; file && file->tensors && name && i < file->count; i++)
        if (file->tensors[i].name && !strcmp(file->tensors[i].name, name))
            return &file->tensors[i].tensor;
    return NULL;
}

const char *eddy_safetensors_value(const eddy_safetensors *file, const char *key)
{
    for (size_t i = 0; file && file->metadata && key && i < file->metadata_count; i++)
        if (file->metadata[i].key && !strcmp(file->metadata[i].key, key))
            return file->metadata[i].value;
    return NULL;
}

static bool check_names(const eddy_safetensors *file, const char *path, eddy_status *status)
{
    if (!file || !path)
        return eddy_status_fail(status, "safetensors_save: the %s is NULL", path ? "file to write" : "path");
    if ((file->count && !file->tensors) || (file->metadata_count && !file->metadata))
        return eddy_status_fail(status, "%s: cannot be written: %zu %s are announced and their list is NULL", path,
                                file->count && !file->tensors ? file->count : file->metadata_count,
                                file->count && !file->tensors ? "tensors" : "metadata values");
    size_t room = file->count > file->metadata_count ? file->count : file->metadata_count;
    for (size_t i = 0; i < file->count; i++) {
        const eddy_named_tensor *named = &file->tensors[i];
        if (!named->name || !strcmp(named->name, metadata_key))
            return eddy_status_fail(status,
                                    "%s: cannot be written: tensor number %zu is named %s, which a tensor may not be",
                                    path, i, named->name ? named->name : "NULL");
        if (!eddy_dtype_size(named->tensor.dtype) || eddy_tensor_count(&named->tensor) < 0 ||
            (!named->tensor.data && eddy_tensor_count(&named->tensor)))
            return eddy_status_fail(status, "%s: cannot be written: tensor '%s' was freed, or its shape is impossible",
                                    path, named->name);
    }
    for (size_t i = 0; i < file->metadata_count; i++)
        if (!file->metadata[i].key || !file->metadata[i].value)
            return eddy_status_fail(
                status, "%s: cannot be written: the key or the value of metadata number %zu is NULL", path, i);
    const void **names = eddy_allocate(room, sizeof *names);
    if (!names)
        return eddy_status_fail(status, "out of memory while writing %s", path);
    for (size_t i = 0; i < file->count; i++)
        names[i] = file->tensors[i].name;
    bool good = check_unique(names, file->count, path, "tensors", status);
    for (size_t i = 0; i < file->metadata_count; i++)
        names[i] = file->metadata[i].key;
    good = good && check_unique(names, file->metadata_count, path, "metadata values", status);
    eddy_free(names);
    return good;
}

static bool quote(eddy_text *text, const char *string, const char *path, eddy_status *status)
{
    return eddy_json_quote(text, string) ||
           eddy_status_fail(status, "%s: cannot be written: a name, key or value is not UTF-8: '%s'", path, string);
}

static bool write_metadata(eddy_text *text, const eddy_safetensors *file, const char *path, eddy_status *status)
{
    eddy_text_print(text, "\"%s\":{", metadata_key);
    for (size_t i = 0; i < file->metadata_count; i++) {
        eddy_text_print(text, i ? "," : "");
        if (!quote(text, file->metadata[i].key, path, status))
            return false;
        eddy_text_print(text, ":");
        if (!quote(text, file->metadata[i].value, path, status))
            return false;
    }
    eddy_text_print(text, "}");
    return true;
}

static bool write_entry(eddy_text *text, const eddy_named_tensor *named, uint64_t *offset, const char *path,
                        eddy_status *status)
{
    static const char *const codes[] = {
        [EDDY_F32] = "F32", [EDDY_F64] = "F64", [EDDY_I32] = "I32", [EDDY_I64] = "I64"
    };
    const eddy_tensor *tensor = &named->tensor;
    /* A count times 8 is below 2^63, and so is the offset: the sum cannot wrap. */
    uint64_t end = *offset + (uint64_t)eddy_tensor_count(tensor) * eddy_dtype_size(tensor->dtype);
    if (end > INT64_MAX)
        return eddy_status_fail(status, "%s: cannot be written: with tensor '%s' it would have more than 2^63 bytes",
                                path, named->name);
    if (!quote(text, named->name, path, status))
        return false;
    eddy_text_print(text, ":{\"dtype\":\"%s\",\"shape\":[", codes[tensor->dtype]);
    for (int k = 0; k < tensor->shape.rank; k++)
        eddy_text_print(text, "%s%lld", k ? "," : "", (long long)tensor->shape.dim[k]);
    eddy_text_print(text, "],\"data_offsets\":[%llu,%llu]}", (unsigned long long)*offset, (unsigned long long)end);
    *offset = end;
    return true;
}

/* The 8 bytes of the length and the header, padded with blanks so that the elements are aligned. */
static bool write_header(eddy_text *text, const eddy_safetensors *file, const char *path, eddy_status *status)
{
    uint64_t offset = 0;
    eddy_text_add(text, "\0\0\0\0\0\0\0\0{", 9);
    if (file->metadata_count && !write_metadata(text, file, path, status))
        return false;
    for (size_t i = 0; i < file->count; i++) {
        eddy_text_print(text, i || file->metadata_count ? "," : "");
        if (!write_entry(text, &file->tensors[i], &offset, path, status))
            return false;
    }
    eddy_text_print(text, "}");
    while (!text->failed && text->size % 8)
        eddy_text_add(text, " ", 1);
    if (text->failed)
        return eddy_status_fail(status, "out of memory while writing %s", path);
    if (text->size - 8 > MAX_HEADER)
        return eddy_status_fail(status,
                                "%s: cannot be written: names and metadata take %zu bytes and at most %d are allowed",
                                path, text->size - 8, MAX_HEADER);
    for (size_t k = 0; k < 8; k++)
        text->data[k] = (char)((uint64_t)(text->size - 8) >> 8 * k & 255);
    return true;
}

bool eddy_safetensors_save(const eddy_safetensors *file, const char *path, eddy_status *status)
{
    eddy_text text = { 0 };
    eddy_writer writer;
    bool good = check_names(file, path, status) && write_header(&text, file, path, status) &&
                eddy_writer_open(&writer, path, status) && eddy_writer_write(&writer, text.data, text.size);
    for (size_t i = 0; good && i < file->count; i++)
        good = eddy_file_write_tensor(&writer, &file->tensors[i].tensor);
    good = good && eddy_writer_close(&writer);
    eddy_free(text.data);
    return good;
}
