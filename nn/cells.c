/* The built-in cells by name: each row of cells.def becomes a row of one table. */
#include "rnn.h"

#include <string.h>

typedef struct making {
    eddy_site site;
    eddy_tape *tape;
    const char *name;
    int64_t input, hidden;
    eddy_any_options options;
} making;

#define CELL(id, kind, title, family, ...)                                                                             \
    static eddy_any_cell make_##id(const making *m)                                                                    \
    {                                                                                                                  \
        eddy_##family##_options o = { __VA_ARGS__ };                                                                   \
        o.layer = m->options.layer;                                                                                    \
        o.reverse = m->options.reverse;                                                                                \
        return (eddy_any_cell){ .family =                                                                              \
                                    eddy_##family##_new_with_at(m->site, m->tape, m->name, m->input, m->hidden, &o) }; \
    }
#include "cells.def"
#undef CELL

static const struct row {
    const char *kind, *title;
    eddy_any_cell (*make)(const making *m);
} rows[] = {
#define CELL(id, kind, title, ...) { kind, title, make_##id },
#include "cells.def"
#undef CELL
};
enum { ROWS = sizeof rows / sizeof *rows };

static const struct row *find(const char *kind)
{
    for (size_t i = 0; kind && i < ROWS; i++)
        if (!strcmp(rows[i].kind, kind))
            return &rows[i];
    return NULL;
}

const char *eddy_cell_name(size_t i)
{
    return i < ROWS ? rows[i].kind : NULL;
}

const char *eddy_cell_title(const char *kind)
{
    const struct row *row = find(kind);
    return row ? row->title : NULL;
}

eddy_any_cell eddy_any_cell_new_at(eddy_site site, eddy_tape *tape, const char *kind, const char *name, int64_t input,
                                   int64_t hidden, const eddy_any_options *options)
{
    const struct row *row = find(kind);
    if (!row) {
        eddy_fail_at(site, tape, "there is no built-in cell \"%.60s\"; eddy_cell_name lists them",
                     kind ? kind : "(no name)");
        return (eddy_any_cell){ .cell = { 0 } };
    }
    making m = { site, tape, name, input, hidden, options ? *options : (eddy_any_options){ 0 } };
    return row->make(&m);
}
