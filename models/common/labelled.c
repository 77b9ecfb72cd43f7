/* Sequences with classes. */
#include "labelled.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNED = 16, MOST_CLASSES = 4096 };

static bool no_memory(eddy_status *status)
{
    return eddy_status_fail(status, "There is no memory for a set of sequences.");
}

static int64_t class_of(const labelled *set, const char *name)
{
    int64_t k = 0;
    while (k < set->classes && strcmp(set->name[k], name))
        k++;
    return k;
}

static bool add_class(labelled *set, const char *name, eddy_status *status)
{
    if (set->classes == MOST_CLASSES)
        return eddy_status_fail(status, "There are more than %d classes: is the last column the class?", MOST_CLASSES);
    if (!set->name && !(set->name = eddy_allocate(MOST_CLASSES, sizeof *set->name)))
        return no_memory(status);
    char *copy = eddy_allocate(strlen(name) + 1, 1);
    if (!copy)
        return no_memory(status);
    strcpy(copy, name);
    set->name[set->classes++] = copy;
    return true;
}

/* Room for one more; blocks double. */
static bool grow(labelled *set)
{
    if (set->count & (set->count - 1))
        return true;
    size_t room = set->count ? 2 * (size_t)set->count : 1;
    eddy_tensor *sequence = eddy_reallocate(set->sequence, room, sizeof *sequence);
    set->sequence = sequence ? sequence : set->sequence;
    int64_t *label = sequence ? eddy_reallocate(set->label, room, sizeof *label) : NULL;
    set->label = label ? label : set->label;
    return label;
}

bool labelled_add(labelled *set, const float *values, int64_t steps, const char *name, eddy_status *status)
{
    int64_t label = class_of(set, name);
    if (label == set->classes && !add_class(set, name, status))
        return false;
    eddy_tensor t;
    if (!grow(set))
        return no_memory(status);
    if (!eddy_tensor_new(&t, EDDY_F32, EDDY_SHAPE(steps, set->features), status))
        return false;
    memcpy(t.data, values, (size_t)(steps * set->features) * sizeof *values);
    set->sequence[set->count] = t;
    set->label[set->count++] = label;
    set->longest = steps > set->longest ? steps : set->longest;
    return true;
}

double labelled_accuracy(const labelled *set, const int64_t *predicted)
{
    int64_t right = 0;
    for (int64_t i = 0; i < set->count; i++)
        right += predicted[i] == set->label[i];
    return (double)right / (double)set->count;
}

void labelled_free(labelled *set)
{
    for (int64_t i = 0; i < set->count; i++)
        eddy_tensor_free(&set->sequence[i]);
    for (int64_t i = 0; i < set->classes; i++)
        eddy_free(set->name[i]);
    eddy_free(set->sequence);
    eddy_free(set->label);
    eddy_free(set->name);
    *set = (labelled){ 0 };
}

/* ---- Reading ---- */

typedef struct numbers {
    float *value;
    int64_t count, room;
} numbers;

static bool push(numbers *n, double value)
{
    if (n->count == n->room) {
        int64_t room = n->room ? 2 * n->room : 256;
        float *larger = eddy_reallocate(n->value, (size_t)room, sizeof *larger);
        if (!larger)
            return false;
        n->value = larger;
        n->room = room;
    }
    n->value[n->count++] = (float)value;
    return true;
}

/* A label must be known if labels were given. */
static bool add_checked(labelled *out, const float *values, int64_t steps, const char *name, const char *place,
                        bool closed, eddy_status *status)
{
    char shown[64];
    eddy_escape(shown, sizeof shown, name);
    if (!*name)
        return eddy_status_fail(status, "%s: the sequence has no class.", place);
    if (closed && class_of(out, name) == out->classes)
        return eddy_status_fail(status, "%s: the class \"%s\" is none of the %" PRId64 " that are known.", place, shown,
                                out->classes);
    return labelled_add(out, values, steps, name, status);
}

/* "1.0,2.0:3.0,4.0:label": dimensions with their steps, and the class. The line is overwritten. */
static bool ts_line(labelled *out, char *line, const char *place, bool closed, eddy_status *status)
{
    numbers n = { 0 };
    int64_t dimensions = 0, steps = 0;
    bool ok = true;
    char *label = strrchr(line, ':');
    if (!label)
        return eddy_status_fail(status, "%s: there is no \":\", so no class behind the numbers.", place);
    *label++ = 0;
    for (char *part = line, *next; ok && part; part = next, dimensions++) {
        int64_t before = n.count;
        next = strchr(part, ':');
        if (next)
            *next++ = 0;
        for (char *item = part; ok && item;) {
            char *comma = strchr(item, ',');
            size_t length = comma ? (size_t)(comma - item) : strlen(item);
            double value;
            while (length && *item == ' ') {
                item++;
                length--;
            }
            if (!eddy_parse_number(item, length, &value) || !isfinite(value) || fabs(value) > FLT_MAX) {
                char shown[40];
                item[length < 30 ? length : 30] = 0;
                eddy_escape(shown, sizeof shown, item);
                ok = eddy_status_fail(status, "%s, dimension %" PRId64 ", step %" PRId64 ": \"%s\" is not a number.",
                                      place, dimensions + 1, n.count - before + 1, shown);
            } else {
                ok = push(&n, value) || no_memory(status);
            }
            item = comma ? comma + 1 : NULL;
        }
        if (ok && dimensions && n.count - before != steps)
            ok = eddy_status_fail(status,
                                  "%s: dimension %" PRId64 " has %" PRId64 " steps, and the first has %" PRId64 ".",
                                  place, dimensions + 1, n.count - before, steps);
        steps = n.count - before;
    }
    if (ok && out->features && dimensions != out->features)
        ok = eddy_status_fail(status, "%s: there are %" PRId64 " dimensions, and before there were %" PRId64 ".", place,
                              dimensions, out->features);
    out->features = ok ? dimensions : out->features;
    float *turned = ok ? eddy_allocate((size_t)n.count, sizeof *turned) : NULL;
    if (ok && !turned)
        ok = no_memory(status);
    for (int64_t i = 0; ok && i < n.count; i++)
        turned[i % steps * dimensions + i / steps] = n.value[i];
    ok = ok && add_checked(out, turned, steps, label, place, closed, status);
    eddy_free(turned);
    eddy_free(n.value);
    return ok;
}

/* The rest of "@classLabel true a b c" has this word. */
static bool has_word(const char *words, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = words; (at = strstr(at, word)); at++)
        if ((at == words || at[-1] == ' ') && (at[length] == ' ' || !at[length]))
            return true;
    return false;
}

/* The class of the sequence that was just read is one of those that the head of the file lists. */
static bool check_listed(const labelled *set, const char *listed, const char *place, eddy_status *status)
{
    const char *name = set->name[set->label[set->count - 1]];
    char shown[64];
    if (!listed || has_word(listed, name))
        return true;
    eddy_escape(shown, sizeof shown, name);
    return eddy_status_fail(status, "%s: the class \"%s\" is none of those that @classLabel lists.", place, shown);
}

static bool read_ts(labelled *out, char *text, const char *path, bool closed, eddy_status *status)
{
    bool data = false, ok = true;
    int64_t number = 0;
    const char *listed = NULL;
    text += strncmp(text, "\xef\xbb\xbf", 3) ? 0 : 3; /* a byte order mark */
    for (char *line = text, *next; ok && line; line = next) {
        char place[256];
        next = strchr(line, '\n');
        if (next)
            *next++ = 0;
        number++;
        size_t length = strlen(line);
        while (length && (line[length - 1] == '\r' || line[length - 1] == ' '))
            line[--length] = 0;
        snprintf(place, sizeof place, "%.200s, line %" PRId64, path, number);
        if (!length || *line == '#')
            continue;
        if (*line == '@') {
            data = data || !strcmp(line, "@data");
            if (!strncmp(line, "@timeStamps true", 16) || !strncmp(line, "@timestamps true", 16))
                ok = eddy_status_fail(status, "%s: sequences with time stamps are not read, only equal steps.", place);
            if (!strncmp(line, "@classLabel true ", 17) || !strncmp(line, "@classlabel true ", 17))
                listed = line + 17;
        } else if (!data) {
            ok = eddy_status_fail(status, "%s: this is no .ts file: numbers stand behind a line @data.", place);
        } else {
            ok = ts_line(out, line, place, closed, status) && check_listed(out, listed, place, status);
        }
    }
    return ok;
}

static bool read_table(labelled *out, const eddy_csv *table, const char *path, bool closed, eddy_status *status)
{
    numbers n = { 0 };
    bool ok = true;
    if (table->columns < 3)
        return eddy_status_fail(status,
                                "%s has %" PRId64 " columns; needed are the sequence, at least one feature, and "
                                "the class.",
                                path, table->columns);
    out->features = table->columns - 2;
    for (int64_t r = 0, first = 0; ok && r < table->rows; r++) {
        char place[256];
        snprintf(place, sizeof place, "%.200s, line %" PRId64, path, eddy_csv_line_number(table, r));
        for (int64_t c = 1; ok && c <= out->features; c++) {
            const char *field = eddy_csv_field(table, r, c);
            double value;
            if (!eddy_parse_number(field, strlen(field), &value) || !isfinite(value) || fabs(value) > FLT_MAX) {
                char shown[40];
                eddy_escape(shown, sizeof shown, field);
                ok = eddy_status_fail(status, "%s, column %" PRId64 ": \"%s\" is not a number.", place, c + 1, shown);
            } else {
                ok = push(&n, value) || no_memory(status);
            }
        }
        const char *label = eddy_csv_field(table, r, out->features + 1), *id = eddy_csv_field(table, r, 0);
        bool last = r + 1 == table->rows || strcmp(id, eddy_csv_field(table, r + 1, 0)) != 0;
        if (ok && strcmp(label, eddy_csv_field(table, first, out->features + 1)))
            ok = eddy_status_fail(status, "%s: the class changes within a sequence.", place);
        if (ok && last) {
            ok = add_checked(out, n.value, r + 1 - first, label, place, closed, status);
            first = r + 1;
            n.count = 0;
        }
    }
    eddy_free(n.value);
    return ok;
}

bool labelled_load(labelled *out, const char *path, const labelled *classes, eddy_status *status)
{
    unsigned char *bytes;
    size_t size, name = strlen(path);
    *out = (labelled){ 0 };
    if (!eddy_read_whole(&bytes, &size, path, (size_t)1 << 30, status))
        return false;
    bool ok = true;
    for (int64_t k = 0; ok && classes && k < classes->classes; k++)
        ok = add_class(out, classes->name[k], status);
    if (!ok) {
    } else if (!size) {
        ok = eddy_status_fail(status, "%s is empty.", path);
    } else if (name > 3 && !strcmp(path + name - 3, ".ts")) {
        char *text = eddy_allocate(size + 1, 1);
        ok = text || no_memory(status);
        if (text)
            memcpy(text, bytes, size);
        if (ok && strlen(text) != size)
            ok = eddy_status_fail(status, "%s has a zero byte, so it is no text.", path);
        ok = ok && read_ts(out, text, path, classes, status);
        eddy_free(text);
    } else {
        eddy_csv table;
        ok = eddy_csv_parse(&table, bytes, size, path, status) && read_table(out, &table, path, classes, status);
        eddy_csv_free(&table);
    }
    eddy_free(bytes);
    if (ok && !out->count)
        ok = eddy_status_fail(status, "%s has no sequence.", path);
    if (ok && classes && classes->features && out->features != classes->features)
        ok = eddy_status_fail(status, "%s has %" PRId64 " features a step, and %" PRId64 " are needed.", path,
                              out->features, classes->features);
    if (!ok)
        labelled_free(out);
    return ok;
}

bool labelled_demo(labelled *out, uint64_t seed, eddy_status *status)
{
    enum { SEQUENCES = 240, LONGEST = 30 };
    static const char *const names[] = { "slow", "middle", "fast" };
    const eddy_random noise = { seed, 0x1abe1 };
    bool ok = true;
    *out = (labelled){ .features = 2 };
    for (uint64_t i = 0; ok && i < SEQUENCES; i++) {
        float x[LONGEST][2];
        uint64_t bits = eddy_random_bits((eddy_random){ seed, 0x1abe0 }, i);
        int64_t steps = 10 + (int64_t)(bits % 21);
        double speed = 0.5 + 0.25 * (double)(i % 3), phase = (double)(bits >> 32 & 0xffff) / 10000;
        for (int64_t t = 0; t < steps; t++)
            for (int f = 0; f < 2; f++)
                x[t][f] = (float)(sin(speed * (double)t + phase + f * 1.57) +
                                  0.4 * eddy_random_normal(noise, (i * LONGEST + (uint64_t)t) * 2 + (uint64_t)f));
        ok = labelled_add(out, x[0], steps, names[i % 3], status);
    }
    if (!ok)
        labelled_free(out);
    return ok;
}

/* ---- Parts ---- */

bool labelled_choose(labelled *view, const labelled *of, const int64_t *index, int64_t count, eddy_status *status)
{
    *view = (labelled){ .features = of->features };
    view->sequence = eddy_allocate((size_t)count, sizeof *view->sequence);
    view->label = eddy_allocate((size_t)count, sizeof *view->label);
    bool ok = (view->sequence && view->label) || no_memory(status);
    for (int64_t k = 0; ok && k < of->classes; k++)
        ok = add_class(view, of->name[k], status);
    for (int64_t i = 0; ok && i < count; i++) {
        view->sequence[i] = of->sequence[index[i]];
        view->sequence[i].owned = NULL;
        view->label[i] = of->label[index[i]];
        int64_t steps = view->sequence[i].shape.dim[0];
        view->longest = steps > view->longest ? steps : view->longest;
        view->count++;
    }
    if (!ok)
        labelled_free(view);
    return ok;
}

bool labelled_split(labelled *first, labelled *second, const labelled *of, double share, uint64_t seed,
                    eddy_status *status)
{
    int64_t *order = eddy_allocate((size_t)of->count, sizeof *order), *sorted, *taken;
    sorted = eddy_allocate((size_t)of->count, sizeof *sorted);
    taken = eddy_allocate((size_t)of->classes, sizeof *taken);
    int64_t *size = eddy_allocate((size_t)of->classes, sizeof *size), kept = 0, back = of->count;
    *first = *second = (labelled){ 0 };
    bool ok = (order && sorted && taken && size) || no_memory(status);
    if (ok) {
        eddy_permutation(order, of->count, (eddy_random){ seed, 0x5b117 });
        for (int64_t i = 0; i < of->count; i++)
            size[of->label[i]]++;
        for (int64_t i = 0; i < of->count; i++) {
            int64_t k = of->label[order[i]], wanted = (int64_t)(share * (double)size[k] + 0.5);
            wanted += !wanted && size[k] > 1 && share > 0;
            if (taken[k]++ < wanted)
                sorted[--back] = order[i];
            else
                sorted[kept++] = order[i];
        }
        ok = labelled_choose(first, of, sorted, kept, status) &&
             labelled_choose(second, of, sorted + kept, of->count - kept, status);
    }
    eddy_free(order);
    eddy_free(sorted);
    eddy_free(taken);
    eddy_free(size);
    if (!ok)
        labelled_free(first);
    return ok;
}

/* ---- The nearest neighbour ---- */

/* (count, ALIGNED * features), standardised with the mean and deviation of `of`. */
static float *aligned(const labelled *set, const labelled *of)
{
    int64_t features = set->features;
    float *out = eddy_allocate((size_t)set->count * ALIGNED, (size_t)features * sizeof *out);
    double *mean = eddy_allocate((size_t)features, sizeof *mean),
           *square = eddy_allocate((size_t)features, sizeof *square);
    double steps = 0;
    bool ok = out && mean && square;
    for (int64_t i = 0; ok && i < of->count; i++)
        for (int64_t t = 0; t < of->sequence[i].shape.dim[0]; t++, steps++)
            for (int64_t f = 0; f < features; f++) {
                double x = ((const float *)of->sequence[i].data)[t * features + f];
                mean[f] += x;
                square[f] += x * x;
            }
    for (int64_t i = 0; ok && i < set->count; i++) {
        const float *x = set->sequence[i].data;
        int64_t length = set->sequence[i].shape.dim[0];
        for (int64_t k = 0; k < ALIGNED; k++) {
            double at = (double)k * (double)(length - 1) / (ALIGNED - 1);
            int64_t low = (int64_t)at, high = low + 1 < length ? low + 1 : low;
            for (int64_t f = 0; f < features; f++) {
                double m = mean[f] / steps, deviation = sqrt(fmax(square[f] / steps - m * m, 0)), w = at - (double)low;
                double value = (1 - w) * x[low * features + f] + w * x[high * features + f];
                out[(i * ALIGNED + k) * features + f] = (float)((value - m) / (deviation > 0 ? deviation : 1));
            }
        }
    }
    eddy_free(mean);
    eddy_free(square);
    if (!ok)
        eddy_free(out);
    return ok ? out : NULL;
}

bool labelled_nearest(double *accuracy, const labelled *train, const labelled *test, eddy_status *status)
{
    int64_t size = ALIGNED * train->features, right = 0;
    float *a = aligned(train, train), *b = aligned(test, train);
    bool ok = a && b;
    for (int64_t i = 0; ok && i < test->count; i++) {
        double best = INFINITY;
        int64_t label = -1;
        for (int64_t k = 0; k < train->count; k++) {
            double sum = 0;
            for (int64_t f = 0; f < size && sum < best; f++) {
                double d = (double)a[k * size + f] - b[i * size + f];
                sum += d * d;
            }
            if (sum < best) {
                best = sum;
                label = train->label[k];
            }
        }
        right += label == test->label[i];
    }
    *accuracy = (double)right / (double)test->count;
    eddy_free(a);
    eddy_free(b);
    return ok || no_memory(status);
}

/* ---- In cards: names, a line each ---- */

void labelled_describe(const labelled *set, card *c)
{
    size_t size = 1;
    for (int64_t k = 0; k < set->classes; k++)
        size += strlen(set->name[k]) + 1;
    char *text = eddy_allocate(size, 1);
    size_t used = 0;
    for (int64_t k = 0; text && k < set->classes; k++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", k ? "\n" : "", set->name[k]);
    if (text)
        card_text(c, "classes", text);
    else
        c->failed = true;
    card_count(c, "features", set->features);
    eddy_free(text);
}

bool labelled_read_classes(labelled *out, const card *c, eddy_status *status)
{
    const char *text = card_find(c, "classes");
    bool ok = text || eddy_status_fail(status, "The model file is damaged: it does not say its classes.");
    *out = (labelled){ 0 };
    ok = ok && card_read_count(c, "features", 1, 1 << 20, &out->features, status);
    while (ok && text) {
        size_t length = strcspn(text, "\n");
        char *copy = eddy_allocate(length + 1, 1);
        ok = copy || no_memory(status);
        if (ok) {
            memcpy(copy, text, length);
            ok = add_class(out, copy, status);
        }
        eddy_free(copy);
        text = text[length] ? text + length + 1 : NULL;
    }
    if (!ok)
        labelled_free(out);
    return ok;
}
