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
    snprintf(text, size, "%.20s %.40s%s%.50s", work->rule->name, shape.text,
             attributes[0] && !work->rule->is_product ? ": " : "", attributes);
}

int64_t eddy_program_groups(const eddy_program *p, eddy_program_group *groups, int64_t most)
{
    int64_t count = 0;
    for (int64_t i = 0; p && groups && i < p->instruction_count; i++) {
        const eddy_instruction *at = &p->instructions[i];
        eddy_program_group g = { 0 };
        int64_t k = 0;
        describe(&at->work, g.what, sizeof g.what);
        while (k < count && strcmp(groups[k].what, g.what) != 0) /* there are some dozens, however long the program */
            k++;
        if (k == most)
            continue;
        if (k == count)
            groups[count++] = g;
        groups[k].is_product = at->work.rule->is_product;
        groups[k].calls++;
        groups[k].waits += at->waits;
        groups[k].operations += eddy_operations(&at->work);
        groups[k].bytes += bytes(&at->work);
        groups[k].seconds += at->seconds;
    }
    return count;
}
