/* Names with their steps; see notation.h. */
#include "notation.h"

#include <stdlib.h>
#include <string.h>

const char *notation_at(arena *a, const quantity *q, const char *step)
{
    if (!q->timed)
        return q->shown;
    const char *under = strstr(q->shown, "_{");
    if (under)
        return arena_format(a, "%.*s,%s}", (int)strlen(q->shown) - 1, q->shown, step);
    return step[0] && !step[1] ? arena_format(a, "%s_%s", q->shown, step) : arena_format(a, "%s_{%s}", q->shown, step);
}

const char *notation_near(arena *a, const quantity *q, int64_t shift)
{
    return notation_at(a, q, shift ? arena_format(a, "t%c%lld", shift < 0 ? '-' : '+', (long long)llabs(shift)) : "t");
}

const char *notation_env(arena *a, const binding *env)
{
    text out = { .arena = a };
    for (const binding *b = env; b; b = b->outer) {
        const char *before = out.length ? ", " : "";
        if (b->kind == LETTER_LABEL)
            text_format(&out, "%s$%s=%s$", before, b->letter, b->label);
        else
            text_format(&out, "%s$%s=%lld$", before, b->letter, (long long)b->value);
    }
    return text_done(&out);
}
