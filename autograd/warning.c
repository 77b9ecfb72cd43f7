/* Warnings: what is no failure and hardly meant. Looked for when somebody asks, so that nothing is said of what is only
 * not done yet. */
#include "format.h"
#include "node.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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
    int used = snprintf(tape->said, sizeof tape->said, "%s: ", site ? site : "?");
    if (used > 0 && (size_t)used < sizeof tape->said)
        eddy_vsnprintf(tape->said + used, sizeof tape->said - (size_t)used, format, arguments);
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
        int length = (int)tape->prefix_length - tape->pushed[last] - 1;
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
