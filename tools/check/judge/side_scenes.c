/* A setup in a file of its own may hold several scenes of a document that it stands beside: "scene NAME at PLACE",
 * where the place is a heading's words or a formula's tag. What stands in front of the first of them is for all. */
#include "check.h"
#include "pass.h"

#include <string.h>

enum { SIDE_MOST = 200 };

typedef struct side {
    const char *name, *place, *lines;
    int line; /* of the first of its lines */
    int item; /* in front of which it stands; -1: none */
} side;

/* The words from `from` up to `to` or a remark behind three blanks, without blanks around them. */
static const char *words_between(arena *a, const char *from, const char *to)
{
    for (const char *c = from; c + 3 < to; c++)
        if (!memcmp(c, "   #", 4))
            to = c;
    while (from < to && (*from == ' ' || *from == '\t'))
        from++;
    while (to > from && strchr(" \t\r", to[-1]))
        to--;
    return arena_text(a, from, (size_t)(to - from));
}

/* Is this line "scene NAME at PLACE"? */
static bool begins_side(arena *a, const char *line, const char *end, side *out)
{
    const char *at = NULL;
    if (end - line < 10 || memcmp(line, "scene ", 6) != 0)
        return false;
    for (const char *c = line + 6; c + 4 < end && !at; c++)
        if (!memcmp(c, " at ", 4))
            at = c;
    if (!at)
        return false;
    *out = (side){ .name = words_between(a, line + 6, at), .place = words_between(a, at + 4, end), .item = -1 };
    return true;
}

static int place_of(const document *d, const char *place, int from)
{
    for (int i = from; i < d->count; i++)
        if ((d->item[i].heading && !strcmp(d->item[i].heading, place)) || !strcmp(d->item[i].id, place))
            return i;
    return -1;
}

const char *side_scenes(arena *a, document *d, const char *given)
{
    side *all = ARENA_ARRAY(a, side, SIDE_MOST);
    text common = { .arena = a }, lines = { .arena = a };
    int count = 0, number = 0, from = 0;
    if (!all)
        return given;
    for (const char *line = given, *end; *line && count < SIDE_MOST; line = *end ? end + 1 : end) {
        side next;
        end = line + strcspn(line, "\n");
        number++;
        if (begins_side(a, line, end, &next)) {
            if (count)
                all[count - 1].lines = text_done(&lines);
            lines = (text){ .arena = a };
            next.line = number;
            next.item = place_of(d, next.place, from);
            from = next.item >= 0 ? next.item : from;
            all[count++] = next;
            continue;
        }
        text_add_n(count ? &lines : &common, line, (size_t)(end - line));
        text_add(count ? &lines : &common, "\n");
    }
    if (!count)
        return given;
    all[count - 1].lines = text_done(&lines);
    document_item *item = ARENA_ARRAY(a, document_item, d->count + count);
    int items = 0;
    for (int i = 0; item && i <= d->count; i++) {
        for (int k = 0; k < count; k++) {
            const side *s = &all[k];
            bool lost = s->item < 0 && i == d->count;
            if (s->item != i && !lost)
                continue;
            item[items] = (document_item){ .kind = DOCUMENT_SETUP, .line = s->line, .column = 1, .display = true };
            item[items].source =
                lost ? arena_format(a, "scene %s\nno heading and no tag is called \"%s\"\n", s->name, s->place)
                     : arena_format(a, "scene %s\n%s", s->name, s->lines);
            item[items].id = arena_format(a, "setup, line %d", s->line);
            item[items].heading = i < d->count ? d->item[i].heading : "";
            item[items].begin = item[items].end = i < d->count ? d->item[i].begin : d->length;
            items++;
        }
        if (i < d->count)
            item[items++] = d->item[i];
    }
    if (item)
        d->item = item, d->count = items;
    return text_done(&common);
}
