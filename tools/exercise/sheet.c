/* Sheets: blocks of exercises and solutions in Markdown. */
#include "exercise.h"

#include <ctype.h>
#include <string.h>

enum { SHEET_LONGEST = 1 << 22, EXERCISES_MOST = 500, LISTED_MOST = 64, WANTS_MOST = 8 };

static const char *const mistakes[MISTAKES] = { "",           "sign",      "factor",   "transpose", "path", "step",
                                                "derivative", "sum",       "mean",     "term",      "name", "power",
                                                "shape",      "condition", "restated", "other" };
static const char *const kinds[KINDS] = { "blank", "derive", "error", "condition", "shape", "matrix", "cell" };

const char *mistake_name(mistake m)
{
    return m >= 0 && m < MISTAKES ? mistakes[m] : "";
}

const char *kind_name(exercise_kind kind)
{
    return kind >= 0 && kind < KINDS ? kinds[kind] : "";
}

const exercise *sheet_find(const sheet *s, const char *id)
{
    for (int i = 0; i < s->count; i++)
        if (!strcmp(s->exercise[i].id, id))
            return &s->exercise[i];
    return NULL;
}

/* ---- Lines ---- */

typedef struct reading_sheet {
    arena *arena;
    sheet *sheet;
    const char *at, *end;
    int line; /* of `at` */
    const char *title;
    text question, setup;
    int room;
} reading_sheet;

static bool wrong(reading_sheet *r, int line, const char *what)
{
    if (!r->sheet->sentence)
        r->sheet->sentence = arena_format(r->arena, "line %d: %s", line, what);
    return false;
}

/* The next line without its end; NULL after the last. */
static const char *next_line(reading_sheet *r)
{
    if (r->at >= r->end)
        return NULL;
    const char *from = r->at, *newline = memchr(from, '\n', (size_t)(r->end - from)), *to = newline ? newline : r->end;
    r->at = newline ? newline + 1 : r->end;
    r->line++;
    size_t length = (size_t)(to - from);
    while (length && (from[length - 1] == '\r' || from[length - 1] == ' '))
        length--;
    return arena_text(r->arena, from, length);
}

static const char *skip(const char *s)
{
    while (*s == ' ' || *s == '\t')
        s++;
    return s;
}

/* What stands behind the word, or NULL where the line begins with another. */
static const char *behind(const char *line, const char *word)
{
    size_t n = strlen(word);
    return strncmp(line, word, n) != 0 || (line[n] && line[n] != ' ' && line[n] != '\t') ? NULL : skip(line + n);
}

/* A block's lines as statements, up to its closing fence: continued ones joined, comments gone. */
typedef bool (*statement_visit)(void *context, int line, const char *statement);
static bool each_statement(reading_sheet *r, statement_visit visit, void *context)
{
    const char *line, *pending = NULL;
    int opened = r->line, began = 0;
    for (;;) {
        line = next_line(r);
        if (!line)
            return wrong(r, opened, "the block that begins here does not end: ``` is missing");
        bool more = (*line == ' ' || *line == '\t') && *skip(line) && pending;
        if (more) {
            pending = arena_format(r->arena, "%s %s", pending, skip(line));
            continue;
        }
        if (pending && *pending != '#' && !visit(context, began, pending))
            return false;
        if (!strncmp(line, "```", 3))
            return true;
        pending = *skip(line) ? skip(line) : NULL;
        began = r->line;
    }
}

/* ---- exercise ---- */

typedef struct filling {
    reading_sheet *r;
    exercise *e;
    text own;
} filling;

static bool add_want(filling *f, int line, const char *rest)
{
    exercise *e = f->e;
    want *w;
    const char *shape = behind(rest, "shape"), *of = shape ? behind(shape, "of") : NULL;
    if (e->wants == WANTS_MOST)
        return wrong(f->r, line, "an exercise finds at most 8 things");
    w = &e->want[e->wants++];
    *w = (want){ .left = rest, .condition = "" };
    if (!strcmp(rest, "condition")) {
        w->kind = WANT_CONDITION;
        w->left = "";
    } else if (of) {
        w->kind = WANT_SHAPE;
        w->left = of;
    } else {
        const char *quad = strstr(rest, "\\quad"), *comma = quad;
        while (comma && comma > rest && (comma[-1] == ' ' || comma[-1] == ','))
            comma--;
        if (quad) {
            w->left = arena_text(f->r->arena, rest, (size_t)(comma - rest));
            w->condition = skip(quad + 5);
        }
    }
    return (*w->left || w->kind == WANT_CONDITION) || wrong(f->r, line, "\"find\" is followed by what is to be found");
}

static bool exercise_statement(void *context, int line, const char *statement)
{
    filling *f = context;
    exercise *e = f->e;
    const char *rest;
    if ((rest = behind(statement, "level"))) {
        if (*rest < '1' || *rest > '3' || rest[1])
            return wrong(f->r, line, "\"level\" is followed by 1, 2 or 3");
        e->level = *rest - '0';
    } else if ((rest = behind(statement, "kind"))) {
        for (int k = 0; k < KINDS; k++)
            if (!strcmp(rest, kinds[k]))
                return e->kind = (exercise_kind)k, true;
        return wrong(f->r, line, "\"kind\" is followed by blank, derive, error, condition, shape, matrix or cell");
    } else if ((rest = behind(statement, "find")))
        return add_want(f, line, rest);
    else if ((rest = behind(statement, "claim")))
        e->claim = rest;
    else if ((rest = behind(statement, "blank"))) {
        if (!strstr(rest, "\\square"))
            return wrong(f->r, line, "in a \"blank\" stands \\square where the answer goes");
        e->blank = rest;
    } else if ((rest = behind(statement, "in terms of")))
        e->terms = strcmp(rest, "nothing") ? rest : "";
    else
        text_format(&f->own, "%s\n", statement);
    return true;
}

static bool read_exercise(reading_sheet *r, const char *id)
{
    sheet *s = r->sheet;
    int line = r->line;
    for (const char *c = id; *c; c++)
        if (!islower((unsigned char)*c) && !isdigit((unsigned char)*c) && *c != '-')
            return wrong(r, line, "an id consists of small letters, digits and hyphens");
    if (!*id)
        return wrong(r, line, "after \"exercise\" stands its id: ```exercise forget");
    if (sheet_find(s, id))
        return wrong(r, line, arena_format(r->arena, "there is an exercise %s above", id));
    if (s->count == EXERCISES_MOST)
        return wrong(r, line, "a sheet has at most 500 exercises");
    if (s->count == r->room) {
        int room = r->room ? 2 * r->room : 16;
        exercise *more = ARENA_ARRAY(r->arena, exercise, room);
        if (!more)
            return false;
        if (s->count)
            memcpy(more, s->exercise, (size_t)s->count * sizeof *more);
        s->exercise = more, r->room = room;
    }
    exercise *e = &s->exercise[s->count];
    *e = (exercise){ .id = id,
                     .title = r->title,
                     .question = text_done(&r->question),
                     .level = 1,
                     .line = line,
                     .want = ARENA_ARRAY(r->arena, want, WANTS_MOST),
                     .right = ARENA_ARRAY(r->arena, listed_answer, LISTED_MOST),
                     .wrong = ARENA_ARRAY(r->arena, listed_answer, LISTED_MOST) };
    filling f = { .r = r, .e = e, .own = { .arena = r->arena } };
    if (!e->want || !e->right || !e->wrong || !each_statement(r, exercise_statement, &f))
        return false;
    e->setup = arena_format(r->arena, "%s\n%s", text_done(&r->setup), text_done(&f.own));
    if (!e->wants)
        return wrong(r, line, "the exercise has no \"find\"");
    if (e->want[0].kind == WANT_CONDITION && !e->claim)
        return wrong(r, line, "\"find condition\" needs a \"claim\"");
    s->count++;
    r->question = (text){ .arena = r->arena };
    return true;
}

/* ---- solution ---- */

static bool solution_statement(void *context, int line, const char *statement)
{
    filling *f = context;
    exercise *e = f->e;
    const char *rest = behind(statement, "right"), *colon;
    if (e->rights == LISTED_MOST || e->wrongs == LISTED_MOST)
        return wrong(f->r, line, "a solution lists at most 64 answers of each kind");
    if (rest && *rest) {
        e->right[e->rights++] = (listed_answer){ .latex = rest, .line = line };
        return true;
    }
    rest = behind(statement, "wrong");
    colon = rest ? strchr(rest, ':') : NULL;
    if (!colon || !*skip(colon + 1))
        return wrong(f->r, line, "a line of a solution is \"right FORMULA\" or \"wrong MISTAKE: FORMULA\"");
    const char *name = arena_text(f->r->arena, rest, (size_t)(colon - rest));
    for (int m = 1; m < MISTAKES; m++)
        if (!strcmp(name, mistakes[m])) {
            e->wrong[e->wrongs++] = (listed_answer){ .latex = skip(colon + 1), .mistake = (mistake)m, .line = line };
            return true;
        }
    return wrong(f->r, line, arena_format(f->r->arena, "\"%s\" is no mistake of docs/teaching.md", name));
}

static bool read_solution(reading_sheet *r, const char *id)
{
    exercise *e = (exercise *)(uintptr_t)sheet_find(r->sheet, id);
    if (!e)
        return wrong(r, r->line, "this solution's id belongs to no exercise above");
    filling f = { .r = r, .e = e };
    return each_statement(r, solution_statement, &f);
}

/* ---- The document ---- */

/* A block of setup, up to a line that is `close` or ends in it. */
static bool read_setup(reading_sheet *r, const char *close)
{
    text lines = { .arena = r->arena };
    const char *line;
    int opened = r->line;
    size_t n = strlen(close);
    bool first = true;
    while ((line = next_line(r)) && strncmp(line, close, n) != 0) {
        if (first && behind(skip(line), "scene"))
            r->setup = (text){ .arena = r->arena };
        first = first && !*skip(line);
        text_format(&lines, "%s\n", line);
    }
    if (!line)
        return wrong(r, opened, "the setup that begins here does not end");
    text_add(&r->setup, text_done(&lines));
    return true;
}

static bool pass_over(reading_sheet *r)
{
    const char *line;
    text_format(&r->question, "```\n");
    while ((line = next_line(r)) && strncmp(line, "```", 3) != 0)
        text_format(&r->question, "%s\n", line);
    text_format(&r->question, "```\n");
    return true;
}

sheet sheet_read(arena *a, const char *name, const char *bytes, size_t length)
{
    sheet s = { .name = name, .title = "" };
    reading_sheet r = { .arena = a,
                        .sheet = &s,
                        .at = bytes,
                        .end = bytes + length,
                        .title = "",
                        .question = { .arena = a },
                        .setup = { .arena = a } };
    const char *line;
    bool ok = length <= SHEET_LONGEST || wrong(&r, 1, "a sheet has at most 4 MiB");
    if (ok && memchr(bytes, 0, length))
        ok = wrong(&r, 1, "there are NUL bytes in it: this is no text");
    while (ok && (line = next_line(&r))) {
        const char *fence = strncmp(line, "```", 3) ? NULL : line + 3, *rest;
        if (fence && (rest = behind(fence, "exercise")))
            ok = read_exercise(&r, rest);
        else if (fence && (rest = behind(fence, "solution")))
            ok = read_solution(&r, rest);
        else if (fence && !strcmp(fence, "eddy"))
            ok = read_setup(&r, "```");
        else if (!strcmp(line, "<!-- eddy"))
            ok = read_setup(&r, "-->");
        else if (fence)
            ok = pass_over(&r);
        else if (*line == '#') {
            const char *heading = line + strspn(line, "#");
            r.title = skip(heading);
            if (heading - line == 1 && !*s.title)
                s.title = r.title;
            r.question = (text){ .arena = a };
        } else if (*line || r.question.length)
            text_format(&r.question, "%s\n", line);
    }
    if (!s.sentence && a->failed)
        s.sentence = "there is not enough memory to read it";
    if (!s.sentence && !s.count)
        s.sentence = "there is no block ```exercise in it";
    return s;
}
