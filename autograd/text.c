/* A tape as text for people: what nodes do besides their operands, where a call stands, values, and warnings: what is
 * no failure and hardly meant. Those are looked for when somebody asks, so that nothing is said of what is only not
 * done yet. */
#include "text_buffer.h"
#include "format.h"
#include "layout.h"
#include "node.h"
#include "nodes.h"

#include <stdio.h>
#include <string.h>

/* ---- Attributes ---- */

void eddy_describe_axis(const void *attributes, const eddy_shape *x, char *text, size_t size)
{
    (void)x;
    snprintf(text, size, "axis %d", *(const int *)attributes);
}

void eddy_describe_axes(const void *attributes, const eddy_shape *x, char *text, size_t size)
{
    eddy_shape axes = { 0 };
    for (int i = 0; i < x->rank; i++)
        if (*(const unsigned *)attributes >> i & 1)
            axes.dim[axes.rank++] = i;
    snprintf(text, size, "axes %s", eddy_shape_format(&axes).text);
}

void eddy_describe_number(const void *attributes, const eddy_shape *x, char *text, size_t size)
{
    (void)x;
    eddy_snprintf(text, size, "%g", *(const double *)attributes);
}

void eddy_describe_permutation(const void *attributes, const eddy_shape *x, char *text, size_t size)
{
    eddy_shape axes = { .rank = x->rank };
    for (int i = 0; i < axes.rank; i++)
        axes.dim[i] = ((const int *)attributes)[i];
    snprintf(text, size, "axes %s", eddy_shape_format(&axes).text);
}

/* As Python writes it; an axis that is selected and dropped has its index alone. */
void eddy_describe_region(const void *attributes, const eddy_shape *x, char *text, size_t size)
{
    const eddy_region *r = attributes;
    text[0] = 0;
    for (int i = 0; i < x->rank; i++) {
        eddy_append(text, size, i ? ", " : "[");
        if (r->dropped >> i & 1)
            eddy_append(text, size, "%lld", (long long)r->start[i]);
        else if (r->size[i] == x->dim[i] && r->step[i] == 1)
            eddy_append(text, size, ":");
        else
            eddy_append(text, size, "%lld:+%lld:%lld", (long long)r->start[i], (long long)r->size[i],
                        (long long)r->step[i]);
    }
    eddy_append(text, size, x->rank ? "]" : "");
}

const char *eddy_attributes_of(eddy_var var, char *text, size_t size)
{
    const eddy_node *node = eddy_ok(var) && var.index >= 0 ? eddy_node_at(var.tape, var.index) : NULL;
    if (!text)
        return "";
    if (size)
        text[0] = 0;
    if (node && node->rule->describe && size)
        node->rule->describe(node->attributes,
                             node->count ? eddy_var_shape(eddy_var_of(var.tape, node->operand[0])) : NULL, text, size);
    return text;
}

/* ---- Scopes and values ---- */

void eddy_scope_describe(const eddy_scope *scopes, int32_t scope, char *text, size_t size)
{
    const char *join = " (in ";
    text[0] = 0;
    for (int depth = 0; scope >= 0 && depth < 3; scope = scopes[scope].parent, depth++) {
        const eddy_scope *s = &scopes[scope];
        bool of_parent = s->step >= 0 && s->parent >= 0 && depth < 2; /* a step inside the scope that has the name */
        if (s->step >= 0)
            eddy_append(text, size, "%sstep %lld", join, (long long)s->step);
        if (!of_parent)
            eddy_append(text, size, "%s%s%s%s", s->step >= 0 ? " of " : join, s->name, s->site ? " at " : "",
                        s->site ? s->site : "");
        join = of_parent ? " of " : " in ";
    }
    eddy_append(text, size, text[0] ? ")" : "");
}

bool eddy_print_at(eddy_site site, eddy_var var)
{
    const eddy_tensor *value = eddy_value_at(site, var);
    if (!value)
        return false;
    eddy_status status = { 0 };
    fprintf(stdout, "%s %s %s\n", eddy_name_of(var), eddy_shape_format(&value->shape).text,
            eddy_dtype_name(value->dtype));
    return eddy_tensor_print(stdout, value, &status) || eddy_tape_fail(var.tape, site, "print", "%s", status.text);
}

/* ---- Warnings ---- */

/* An assign that no program writes, though one has run since it was recorded. */
static bool is_forgotten(const eddy_tape *tape, int32_t i)
{
    return i < tape->ran && eddy_node_at(tape, i)->pending;
}

/* A sentence about the forgotten assigns that begin at node *i and were recorded by the same call; moves *i behind
 * them. */
static void describe_assigns(const eddy_tape *tape, int32_t *i, char *text, size_t size)
{
    const eddy_node *first = eddy_node_at(tape, *i);
    int64_t count = 0;
    for (; *i < tape->ran; ++*i) {
        const eddy_node *node = eddy_node_at(tape, *i);
        if (node->site != first->site || node->scope != first->scope)
            break;
        count += node->pending;
    }
    const char *name = eddy_leaf_at(tape, first->operand[1])->name;
    char many[40] = "the assign";
    if (count > 1)
        snprintf(many, sizeof many, "%lld assigns, the first", (long long)count);
    snprintf(text, size,
             "%s: %s: %s to \"%.100s\"%s will never be written: no program lists %s among its updates; give them to "
             "eddy_compile",
             first->site ? first->site : "?", first->scope >= 0 ? tape->scopes[first->scope].name : "assign", many,
             name ? name : "", count > 1 ? "," : "", count > 1 ? "them" : "it");
}

void eddy_warn_of_reset(eddy_tape *tape, int32_t first)
{
    for (int32_t i = first; i < tape->ran && !tape->dropped[0]; i++)
        if (is_forgotten(tape, i))
            describe_assigns(tape, &i, tape->dropped, sizeof tape->dropped);
}

bool eddy_warn_v(eddy_site site, eddy_tape *tape, const char *format, va_list arguments)
{
    if (!tape || !format || tape->said[0])
        return false;
    site = site ? site : tape->here;
    snprintf(tape->said, sizeof tape->said, "%s: ", site ? site : "?");
    size_t used = strlen(tape->said);
    eddy_vsnprintf(tape->said + used, sizeof tape->said - used, format, arguments);
    return true;
}

/* One more line, if there is room for it. */
static void add_line(eddy_tape *tape, const char *line)
{
    size_t used = strlen(tape->warning);
    if (used + strlen(line) + 2 <= sizeof tape->warning)
        snprintf(tape->warning + used, sizeof tape->warning - used, "%s%s", used ? "\n" : "", line);
}

const char *eddy_warning(eddy_tape *tape)
{
    if (!tape)
        return NULL;
    char line[600];
    tape->warning[0] = 0;
    if (tape->pushes) {
        int32_t last = tape->pushes - 1;
        int length = (int)strlen(tape->prefix) - tape->pushed[last] - 1;
        snprintf(line, sizeof line,
                 "%s: push: \"%.*s\" was never popped, so names still begin with \"%s\"; every eddy_push needs an "
                 "eddy_pop behind it",
                 tape->pushed_at[last] ? tape->pushed_at[last] : "?", length, tape->prefix + tape->pushed[last],
                 tape->prefix);
        add_line(tape, line);
    }
    if (tape->said[0])
        add_line(tape, tape->said);
    if (tape->dropped[0])
        add_line(tape, tape->dropped);
    for (int32_t i = 0; i < tape->ran;)
        if (is_forgotten(tape, i)) {
            describe_assigns(tape, &i, line, sizeof line);
            add_line(tape, line);
        } else {
            i++;
        }
    return tape->warning[0] ? tape->warning : NULL;
}
