/* The document reader's frame: the text is checked to be one, the places of items are counted in lines and characters,
 * ids are made unique and annotations find their formulas. Assumes nothing about the bytes. */
#include "document_internal.h"

#include <stdio.h>

void document_fail(document_reader *r, size_t at, const char *format, ...)
{
    if (r->sentence)
        return;
    document_place start = { 0, 1, 1 };
    text t = { .arena = r->arena };
    text_format(&t, "line %d: ", document_locate(r, &start, at).line);
    char words[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    text_add(&t, words);
    r->sentence = text_done(&t);
}

document_place document_locate(const document_reader *r, document_place *place, size_t at)
{
    for (; place->at < at && place->at < r->n; place->at++) {
        unsigned char c = (unsigned char)r->s[place->at];
        if (c == '\n') {
            place->line++;
            place->column = 1;
        } else if ((c & 0xC0) != 0x80) {
            place->column++;
        }
    }
    return *place;
}

/* Arrays grow in the arena: the old one stays behind, half as large. */
static void *grown(arena *a, void *old, int count, int *room, size_t size)
{
    if (count < *room)
        return old;
    int larger = *room ? 2 * *room : 16;
    void *array = arena_new(a, (size_t)larger, size);
    if (!array)
        return NULL;
    if (count)
        memcpy(array, old, (size_t)count * size);
    *room = larger;
    return array;
}

document_entry *document_add(document_reader *r)
{
    if (r->entries >= DOCUMENT_MOST) {
        document_fail(r, r->starts.at, "more than %d formulas stand in one document; divide it", DOCUMENT_MOST);
        return NULL;
    }
    document_entry *array = grown(r->arena, r->entry, r->entries, &r->entry_room, sizeof *array);
    if (!array)
        return NULL;
    r->entry = array;
    document_entry *e = &array[r->entries++];
    e->item.heading = r->heading;
    return e;
}

bool document_add_setup(document_reader *r, const char *source, size_t begin, size_t end)
{
    document_entry *e = document_add(r);
    if (!e)
        return false;
    document_place place = document_locate(r, &r->starts, begin);
    e->item = (document_item){ .kind = DOCUMENT_SETUP,
                               .source = source,
                               .line = place.line,
                               .column = place.column,
                               .heading = r->heading,
                               .display = true,
                               .begin = begin,
                               .end = end };
    e->at = begin;
    e->end = end;
    e->begin_line = e->end_line = place.line;
    return true;
}

size_t document_margin(const document_reader *r, size_t at, size_t to, int quotes, int *found)
{
    int seen = 0;
    for (; at < to; at++) {
        if (r->s[at] == '>' && seen < quotes)
            seen++;
        else if (!document_blank(r->s[at]))
            break;
    }
    if (found)
        *found = seen;
    return at;
}

void document_heading(document_reader *r, size_t from, size_t to)
{
    while (from < to && document_blank(r->s[from]))
        from++;
    while (to > from && (document_blank(r->s[to - 1]) || r->s[to - 1] == '#'))
        to--;
    r->heading = arena_text(r->arena, r->s + from, to - from);
}

/* ---- delimiters ---- */

bool document_blank_line(const document_reader *r, size_t at)
{
    while (at < r->n && document_blank(r->s[at]))
        at++;
    return at >= r->n || r->s[at] == '\n';
}

size_t document_close(const document_reader *r, size_t at, size_t limit, const char *close, bool within)
{
    while (at < limit) {
        char c = r->s[at];
        if (c == *close && document_at(r, at, close))
            return at + strlen(close) <= limit ? at : DOCUMENT_NONE;
        if (c == '\\')
            at++;
        else if (c == '%' && r->tex)
            at = document_line_end(r, at) - 1;
        else if (c == '\n' && within && document_blank_line(r, at + 1))
            return DOCUMENT_NONE;
        at++;
    }
    return DOCUMENT_NONE;
}

/* Where the environment that begins at `at` ends: *to the place of its \end, returns the place after it. DOCUMENT_NONE
 * if it does not. */
static size_t find_end(const document_reader *r, size_t at, const char *name, size_t length, size_t *to)
{
    int depth = 0;
    while (at < r->n) {
        if (r->s[at] == '%' && r->tex) {
            at = document_line_end(r, at);
        } else if (r->s[at] != '\\') {
            at++;
        } else {
            bool begins = document_at(r, at, "\\begin{"), ends = document_at(r, at, "\\end{");
            size_t word = at + (begins ? 7 : 5);
            if ((begins || ends) && r->n - word > length && memcmp(r->s + word, name, length) == 0 &&
                r->s[word + length] == '}') {
                depth += begins ? 1 : -1;
                if (!depth) {
                    *to = at;
                    return word + length + 1;
                }
            }
            at += 2;
        }
    }
    return DOCUMENT_NONE;
}

size_t document_environment_name(const document_reader *r, size_t at)
{
    size_t word = at + 7, length = 0;
    if (!document_at(r, at, "\\begin{"))
        return 0;
    while (word + length < r->n && length < 40 && r->s[word + length] != '}' && r->s[word + length] != '\n')
        length++;
    return word + length < r->n && r->s[word + length] == '}' ? length : 0;
}

void document_between(document_reader *r, size_t begin, size_t open, size_t to, size_t close, bool display, bool table)
{
    document_formula(r, (document_span){ begin, begin + open, to, to + close, r->quotes, table, display });
}

size_t document_environment(document_reader *r, size_t at)
{
    size_t length = document_environment_name(r, at), to = 0;
    if (!length || !document_has_rows(r->s + at + 7, length))
        return at;
    size_t end = find_end(r, at, r->s + at + 7, length, &to);
    if (end == DOCUMENT_NONE)
        document_fail(r, at, "\\begin{%.*s} has no \\end{%.*s}", (int)length, r->s + at + 7, (int)length,
                      r->s + at + 7);
    else
        document_formula(r, (document_span){ at, at, end, end, r->quotes, false, true });
    return end;
}

/* ---- setups and annotations ---- */

/* The lines of a setup without what they have in common in front: blockquote marks and indentation, because white space
 * in front of a statement would make it the continuation of the one before. */
void document_setup(document_reader *r, size_t from, size_t to, int quotes)
{
    bool inline_ = false; /* the first statement stands beside "<!-- eddy" */
    if (from > 0 && r->s[from - 1] != '\n') {
        while (from < to && document_blank(r->s[from]))
            from++;
        if (from < to && r->s[from] == '\n')
            from++;
        else
            inline_ = true;
    }
    size_t common = SIZE_MAX;
    for (int pass = 0; pass < 2; pass++) {
        text t = { .arena = r->arena };
        size_t first = from;
        for (size_t at = from; at < to;) {
            size_t end = document_line_end(r, at);
            if (end > to)
                end = to;
            size_t start = at, stop = end;
            for (int q = 0; q < quotes && !(inline_ && at == from); q++) { /* one mark and one space each */
                size_t mark = start;
                while (mark < stop && document_blank(r->s[mark]))
                    mark++;
                if (mark >= stop || r->s[mark] != '>')
                    break;
                start = mark + 1 + (mark + 1 < stop && r->s[mark + 1] == ' ');
            }
            while (stop > start && document_blank(r->s[stop - 1]))
                stop--;
            size_t word = start;
            while (word < stop && document_blank(r->s[word]))
                word++;
            if (!(inline_ && at == from) && word < stop) {
                if (pass == 0 && word - start < common)
                    common = word - start;
                else if (pass == 1)
                    start += common;
            }
            if (pass == 1) {
                if (at == from)
                    first = start < end ? start : end;
                text_add_n(&t, r->s + start, stop - start);
                text_add(&t, "\n");
            }
            at = end + 1;
        }
        if (pass == 0)
            continue;
        document_add_setup(r, text_done(&t), first, to);
    }
}

/* The words of a range, one space between them. */
static const char *words_of(document_reader *r, size_t from, size_t to)
{
    text t = { .arena = r->arena };
    while (from < to) {
        size_t start = from;
        while (from < to && !document_blank(r->s[from]) && r->s[from] != '\n')
            from++;
        if (from > start) {
            if (t.length)
                text_add(&t, " ");
            text_add_n(&t, r->s + start, from - start);
        } else {
            from++;
        }
    }
    return text_done(&t);
}

static bool word_at(const document_reader *r, size_t from, size_t to, const char *word)
{
    size_t length = strlen(word);
    if (to - from < length || memcmp(r->s + from, word, length) != 0)
        return false;
    return to - from == length || document_blank(r->s[from + length]) || r->s[from + length] == '\n';
}

void document_comment(document_reader *r, size_t begin, size_t from, size_t to, size_t end)
{
    while (from < to && (document_blank(r->s[from]) || r->s[from] == '\n'))
        from++;
    if (!r->tex && word_at(r, from, to, "eddy")) {
        document_setup(r, from + 4, to, r->quotes);
    } else if (word_at(r, from, to, "expect")) {
        document_note *array = grown(r->arena, r->note, r->notes, &r->note_room, sizeof *array);
        if (!array)
            return;
        r->note = array;
        document_note *note = &array[r->notes++];
        note->at = begin;
        note->begin_line = document_locate(r, &r->notes_at, begin).line;
        note->end_line = document_locate(r, &r->notes_at, end).line;
        note->words = words_of(r, from + 6, to);
        while (end < r->n && document_blank(r->s[end]))
            end++;
        note->ends_line = end >= r->n || r->s[end] == '\n';
        if (!*note->words)
            document_fail(
                r, begin,
                "this \"expect\" does not say what; write expect holds, holds if ..., fails, degenerate or not read");
    } else if (!r->tex && word_at(r, from, to, "id")) {
        if (r->id)
            document_fail(r, begin, "the id \"%.80s\" of line %d has no formula before the next id", r->id, r->id_line);
        r->id = words_of(r, from + 2, to);
        r->id_line = document_locate(r, &r->notes_at, end).line;
        if (!*r->id)
            document_fail(r, begin, "this \"id\" does not say which; write <!-- id NAME -->");
    }
}

/* ---- ids ---- */

typedef struct known_id {
    const char *id;
    int next; /* the number that its next namesake tries */
    int entry;
} known_id;

typedef struct known_ids {
    known_id *slot;
    size_t slots; /* a power of two, at least twice the ids */
} known_ids;

static known_id *id_slot(const known_ids *ids, const char *id)
{
    uint64_t hash = 14695981039346656037u;
    for (const char *c = id; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 1099511628211u;
    size_t k = (size_t)(hash ^ hash >> 32) & (ids->slots - 1);
    while (ids->slot[k].id && strcmp(ids->slot[k].id, id) != 0)
        k = (k + 1) & (ids->slots - 1);
    return &ids->slot[k];
}

static void name_entries(document_reader *r, known_ids *ids)
{
    for (ids->slots = 16; ids->slots < 2 * (size_t)r->entries; ids->slots *= 2)
        ;
    ids->slot = ARENA_ARRAY(r->arena, known_id, ids->slots);
    int line = 0, on_line = 0;
    for (int k = 0; ids->slot && k < r->entries; k++) {
        document_entry *e = &r->entry[k];
        if (e->item.kind == DOCUMENT_FORMULA) {
            on_line = e->item.line == line ? on_line + 1 : 1;
            line = e->item.line;
        }
        const char *id = e->tag;
        if (!id && (e->item.kind == DOCUMENT_SETUP || on_line == 1))
            id = arena_format(r->arena, e->item.kind == DOCUMENT_SETUP ? "setup, line %d" : "line %d", e->item.line);
        else if (!id)
            id = arena_format(r->arena, "line %d.%d", e->item.line, on_line);
        known_id *known = id_slot(ids, id), *slot = known;
        while (slot->id && !r->arena->failed) {
            known->next = known->next ? known->next + 1 : 2;
            id = arena_format(r->arena, "%s (%d)", known->id, known->next);
            slot = id_slot(ids, id);
        }
        *slot = (known_id){ .id = id, .entry = k };
        e->item.id = id;
        e->item.tagged = e->tag != NULL;
    }
}

/* ---- expectations ---- */

/* "BPTT.df: holds if ..." names a formula; "holds if $a: b$" does not. Leaves words at what is expected. */
static const char *named(arena *a, const char **words)
{
    static const char *const verdict[] = { "holds",      "fails",   "degenerate", "not read",
                                           "unresolved", "defines", "declares" };
    for (size_t k = 0; k < sizeof verdict / sizeof *verdict; k++) {
        size_t length = strlen(verdict[k]);
        if (strncmp(*words, verdict[k], length) == 0 &&
            strchr(" :", (*words)[length])) /* or its end: strchr finds the zero, too */
            return NULL;
    }
    const char *colon = strstr(*words, ": ");
    if (!colon)
        return NULL;
    const char *name = arena_text(a, *words, (size_t)(colon - *words));
    *words = colon + 2;
    return name;
}

static document_entry *neighbour(document_reader *r, const document_note *note, int next)
{
    document_entry *before = NULL, *after = NULL;
    for (int k = next - 1; k >= 0 && !before && note->begin_line - r->entry[k].end_line <= 1; k--)
        if (r->entry[k].claims)
            before = &r->entry[k];
    for (int k = next; k < r->entries && !after && r->entry[k].begin_line - note->end_line <= 2; k++)
        if (r->entry[k].claims)
            after = &r->entry[k];
    if (before && before->item.display && before->end_line == note->begin_line && note->ends_line)
        return before;
    return after ? after : before;
}

static void attach_notes(document_reader *r, const known_ids *ids)
{
    int next = 0;
    for (int k = 0; k < r->notes && !r->sentence && !r->arena->failed; k++) {
        const document_note *note = &r->note[k];
        while (next < r->entries && r->entry[next].at < note->at)
            next++;
        const char *words = note->words, *name = named(r->arena, &words);
        document_entry *e = NULL;
        if (name) {
            const known_id *known = id_slot(ids, name);
            e = known->id && r->entry[known->entry].item.kind == DOCUMENT_FORMULA ? &r->entry[known->entry] : NULL;
            if (!e)
                document_fail(r, note->at,
                              "no formula of this document has the tag \"%.80s\" that is expected to be judged so",
                              name);
        } else {
            e = neighbour(r, note, next);
            if (!e)
                document_fail(r, note->at,
                              "there is no formula that \"expect %.80s\" could mean: it must begin within two lines "
                              "after it, or end on its line or "
                              "the one before",
                              words);
        }
        if (e && e->item.expect)
            document_fail(r, note->at,
                          "the formula of line %d has two expectations, \"%.80s\" and \"%.80s\"; put each on the line "
                          "above its formula",
                          e->item.line, e->item.expect, words);
        if (e)
            e->item.expect = words;
    }
}

/* ---- the text ---- */

/* Length of the character at p, 0 if there is none (overlong forms and surrogates are none; nor is a zero byte, which
 * no text has). */
static size_t character(const unsigned char *p, size_t left)
{
    if (p[0] < 0x80)
        return p[0] != 0;
    size_t length = p[0] >= 0xC2 && p[0] < 0xE0   ? 2
                    : p[0] >= 0xE0 && p[0] < 0xF0 ? 3
                    : p[0] >= 0xF0 && p[0] < 0xF5 ? 4
                                                  : 0;
    if (!length || left < length)
        return 0;
    unsigned char low = p[0] == 0xE0   ? 0xA0
                        : p[0] == 0xF0 ? 0x90
                                       : 0x80,
                  high = p[0] == 0xED   ? 0x9F
                         : p[0] == 0xF4 ? 0x8F
                                        : 0xBF;
    if (p[1] < low || p[1] > high)
        return 0;
    for (size_t k = 2; k < length; k++)
        if ((p[k] & 0xC0) != 0x80)
            return 0;
    return length;
}

document document_read(arena *a, const char *name, document_type type, const char *bytes, size_t length)
{
    document d = { .name = name, .type = type };
    if (type == DOCUMENT_NOTEBOOK && length <= DOCUMENT_LONGEST) {
        bytes = document_notebook(a, bytes, length, &length, &d.sentence);
        if (!bytes || a->failed) {
            d.sentence = d.sentence ? d.sentence : "the document needs more memory than a check may take; divide it";
            return d;
        }
    }
    if (length >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) {
        bytes += 3;
        length -= 3;
    }
    d.text = bytes;
    d.length = length;
    document_reader r = {
        .arena = a, .s = bytes, .n = length, .tex = type == DOCUMENT_TEX, .heading = "", .table = DOCUMENT_NONE
    };
    r.starts = r.ends = r.notes_at = (document_place){ 0, 1, 1 };
    if (length > DOCUMENT_LONGEST) {
        d.sentence =
            arena_format(a, "the document has %zu bytes; at most %d are read: divide it", length, DOCUMENT_LONGEST);
        return d;
    }
    for (size_t at = 0, step; at < length && !r.sentence; at += step) {
        step = character((const unsigned char *)bytes + at, length - at);
        if (!step) {
            document_fail(&r, at, "the byte 0x%02X begins no UTF-8 character; save the document as UTF-8",
                          (unsigned)(unsigned char)bytes[at]);
            step = 1;
        }
    }
    if (!r.sentence)
        (r.tex ? document_scan_tex : document_scan_markdown)(&r);
    if (!r.sentence)
        document_macros(&r);
    if (!r.sentence && r.id)
        r.sentence =
            arena_format(a, "line %d: no formula begins within two lines after the id \"%.80s\"", r.id_line, r.id);
    known_ids ids;
    if (!r.sentence) {
        name_entries(&r, &ids);
        if (!a->failed)
            attach_notes(&r, &ids);
    }
    d.own = r.own;
    d.sentence = r.sentence;
    if (!d.sentence && r.entries) {
        d.item = ARENA_ARRAY(a, document_item, r.entries);
        for (; d.item && d.count < r.entries; d.count++)
            d.item[d.count] = r.entry[d.count].item;
    }
    if (a->failed) {
        d.count = 0;
        d.sentence = "the document needs more memory than a check may take; divide it";
    }
    return d;
}
