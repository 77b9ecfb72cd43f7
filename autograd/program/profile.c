/* What a program consists of, counted and measured by groups of calls. */
#include "compiled.h"
#include "kernels.h"

#include <stdio.h>
#include <string.h>

double eddy_peak(void)
{
    return eddy_kernels()->peak();
}

void eddy_program_measure(eddy_program *program, bool on)
{
    if (program)
        program->measures = on;
}

static double elements(const eddy_tensor *x)
{
    return (double)eddy_tensor_count(x);
}

double eddy_operations(const eddy_work *work)
{
    const eddy_rule *rule = work->rule;
    if (rule->operations)
        return rule->operations(work);
    if (rule->is_product)
        return 2 * elements(work->out) * (double)work->in[0]->shape.dim[work->in[0]->shape.rank - 1];
    double results = 0, terms = 0;
    for (int32_t k = 0; k < work->outputs; k++)
        results += elements(&work->out[k]);
    for (int32_t k = 0; k < work->count && (rule->sum_axes || rule->is_sum); k++)
        terms += elements(work->in[k]);
    return terms > results ? terms : results;
}

static double bytes(const eddy_work *work)
{
    double sum = 0;
    for (int32_t k = 0; k < work->count; k++)
        sum += elements(work->in[k]) * (double)eddy_dtype_size(work->in[k]->dtype);
    for (int32_t k = 0; k < work->outputs; k++)
        sum += elements(&work->out[k]) * (double)eddy_dtype_size(work->out[k].dtype);
    return sum;
}

static void describe(const eddy_work *work, char *text, size_t size)
{
    eddy_shape_text shape = eddy_shape_format(&work->out->shape);
    char attributes[64] = "";
    if (work->rule->is_product)
        snprintf(attributes, sizeof attributes, ", inner %.0f%s",
                 eddy_operations(work) / 2 / (elements(work->out) + 1e-300), work->rule->adds ? ", adds" : "");
    else if (work->rule->describe)
        work->rule->describe(work->attributes, work->count ? &work->in[0]->shape : NULL, attributes, sizeof attributes);
    snprintf(text, size, "%.20s %.40s%s%s", work->rule->name, shape.text,
             attributes[0] && !work->rule->is_product ? ": " : "", attributes);
}

static uint64_t hash(const char *text)
{
    uint64_t h = 1469598103934665603U;
    for (; *text; text++)
        h = (h ^ (unsigned char)*text) * 1099511628211U;
    return h;
}

int64_t eddy_program_groups(const eddy_program *p, eddy_program_group *groups, int64_t most)
{
    if (!p || (most && !groups))
        return 0;
    size_t room = 64;
    while (room < 2 * (size_t)p->instruction_count)
        room *= 2;
    /* where a group's hash stands, and which group it is, from 1 */
    uint64_t *keys = eddy_allocate(room, sizeof *keys);
    int64_t *group_of = eddy_allocate(room, sizeof *group_of), count = 0;
    for (int64_t i = 0; keys && group_of && i < p->instruction_count; i++) {
        const eddy_instruction *at = &p->instructions[i];
        eddy_program_group g = { .calls = 1,
                                 .waits = at->waits,
                                 .is_product = at->work.rule->is_product,
                                 .operations = eddy_operations(&at->work),
                                 .bytes = bytes(&at->work),
                                 .seconds = at->seconds };
        describe(&at->work, g.what, sizeof g.what);
        uint64_t key = hash(g.what);
        size_t slot = (size_t)key & (room - 1);
        while (group_of[slot] && keys[slot] != key)
            slot = (slot + 1) & (room - 1);
        bool is_new = !group_of[slot];
        if (is_new) {
            keys[slot] = key;
            group_of[slot] = ++count;
        }
        int64_t number = group_of[slot] - 1;
        if (number >= most)
            continue;
        if (is_new) {
            groups[number] = g;
        } else {
            groups[number].calls++;
            groups[number].waits += g.waits;
            groups[number].operations += g.operations;
            groups[number].bytes += g.bytes;
            groups[number].seconds += g.seconds;
        }
    }
    eddy_free(keys);
    eddy_free(group_of);
    return count;
}
