/* The setup's reader: lines to statements. What cannot be read is one sentence with its line. Time is linear in the
 * text. */
#include "latex.h"
#include "setup_internal.h"

#include <stdlib.h>

enum { SETUP_MOST = 10000, FAULTS_MOST = 5 };

static const char *const statements[] = { "scene", "sizes", "labels",     "index", "given",     "library",
                                          "loss",  "hold",  "convention", "time",  "suggested", NULL };
setup_statement *setup_add(setup_reader *r, setup_kind kind)
{
    if (r->out.count >= SETUP_MOST) {
        setup_fail(r, "a setup has at most %d statements", SETUP_MOST);
        return NULL;
    }
    if (r->out.count == r->room) {
        int room = r->room ? 2 * r->room : 16;
        setup_statement *larger = ARENA_ARRAY(r->arena, setup_statement, room);
        if (!larger)
            return NULL;
        if (r->out.count)
            memcpy(larger, r->out.statement, (size_t)r->out.count * sizeof *larger);
        r->out.statement = larger;
        r->room = room;
    }
    setup_statement *s = &r->out.statement[r->out.count++];
    *s = (setup_statement){ .kind = kind, .line = r->line, .words = "" };
    return s;
}

static bool read_formula(setup_reader *r)
{
    int count = 0;
    tree **formula = NULL;
    if (!setup_formula_of(r, r->p, strlen(r->p), &count, &formula))
        return false;
    for (int k = 0; k < count; k++) {
        setup_statement *s = setup_add(r, SETUP_FORMULA);
        if (!s)
            return false;
        s->value = formula[k];
    }
    return true;
}

/* Whether a = stands outside of all brackets. */
static bool defines(const char *p)
{
    int depth = 0;
    for (; *p; p++) {
        if (*p == '\\' && p[1])
            p++;
        else if (strchr("([{", *p))
            depth++;
        else if (strchr(")]}", *p))
            depth--;
        else if (*p == '=' && depth <= 0)
            return true;
    }
    return false;
}

static bool read_statement(setup_reader *r)
{
    static bool (*const read[])(setup_reader *) = { NULL,
                                                    setup_read_sizes,
                                                    setup_read_labels,
                                                    setup_read_index,
                                                    setup_read_given,
                                                    setup_read_library,
                                                    setup_read_loss,
                                                    setup_read_hold,
                                                    setup_read_convention,
                                                    setup_read_time,
                                                    setup_read_suggested };
    setup_skip(r);
    size_t word = setup_word_length(r->p);
    const char *near = word >= 4 ? setup_nearest(r->p, word, statements) : NULL;
    for (size_t k = 0; statements[k]; k++) {
        if (!setup_here(r, statements[k]))
            continue;
        r->p += word;
        setup_skip(r);
        const char *behind = r->p + setup_name_length(r->p);
        if (read[k] == setup_read_loss && behind[strspn(behind, " \t")] == '=') /* loss L = ...: what it is */
            return read_formula(r);
        if (read[k])
            return read[k](r);
        setup_statement *s = setup_add(r, SETUP_SCENE);
        if (s)
            s->words = arena_text(r->arena, r->p, strlen(r->p));
        return s;
    }
    if (setup_is_sign(r))
        return true;
    static const char argument[] = " is the argument of ", means[] = " means ";
    const char *at;
    if (near)
        return setup_fail(r, "\"%.*s\" is no statement; did you mean \"%s\"?", (int)word, r->p, near);
    if ((at = strstr(r->p, argument)) != NULL)
        return setup_read_argument(r, (size_t)(at - r->p), (size_t)(at - r->p) + sizeof argument - 1);
    if ((at = strstr(r->p, means)) != NULL)
        return setup_read_short(r, (size_t)(at - r->p), (size_t)(at - r->p) + sizeof means - 1);
    if (defines(r->p))
        return read_formula(r);
    return setup_unknown(r, r->p, word ? word : setup_name_length(r->p), "statement and no formula with =", statements);
}

/* Where a line's statement ends: at a # that is no \#, without the blanks in front. */
static size_t statement_end(const char *line, size_t length)
{
    size_t end = 0;
    while (end < length && line[end] != '#')
        end += line[end] == '\\' && end + 1 < length ? 2 : 1;
    while (end > 0 && (setup_is_blank(line[end - 1]) || line[end - 1] == '\r'))
        end--;
    return end;
}

setup setup_read(arena *a, const char *source, int first_line)
{
    setup_reader r = { .arena = a };
    const char *wrong = NULL;
    int line = first_line, faults = 0;
    while (*source && faults < FAULTS_MOST && !a->failed) {
        text statement = { .arena = a };
        r.line = line;
        do { /* this line and those that continue it; $ around math says nothing here */
            size_t length = strcspn(source, "\n"), end = statement_end(source, length);
            size_t from = statement.length;
            text_add_n(&statement, source, end);
            for (; from < statement.length; from++)
                if (strchr("$\r\v\f", statement.start[from]))
                    statement.start[from] = ' ';
            if (!statement.length)
                r.line = line + 1;
            else
                text_add(&statement, " ");
            source += length + (source[length] == '\n');
            line++;
        } while (setup_is_blank(*source) || *source == '\r');
        while (statement.length && setup_is_blank(statement.start[statement.length - 1]))
            statement.start[--statement.length] = 0;
        r.p = text_done(&statement);
        setup_skip(&r);
        int before = r.out.count;
        if (!*r.p || (read_statement(&r) && !r.out.sentence))
            continue;
        r.out.count = before; /* the other lines stand */
        if (r.out.sentence)
            wrong = wrong ? arena_format(a, "%s; %s", wrong, r.out.sentence) : r.out.sentence;
        r.out.sentence = NULL;
        faults++;
    }
    r.out.sentence = wrong;
    if (a->failed)
        r.out.sentence = "the setup needs more memory than a check may take";
    return r.out;
}
