/* Lists and matrices, which are written out part by part. */
#include "evaluate.h"

value meaning_list(evaluation *e, const tree *t)
{
    algebra *a = &e->world->algebra;
    value part[256];
    int count = 0;
    bool dots = false;
    for (int i = 0; i < t->count; i++) {
        const tree *c = t->child[i];
        if (c->kind == TREE_DOTS) {
            dots = true;
            bool same;
            if (i == 0 || i + 1 >= t->count ||
                !meaning_fill_dots(e, t->child[i - 1], t->child[i + 1], part, &count, 255, &same))
                return meaning_failed(e, FAULT_NOT_READ, "%s", "dots stand at the end of a list");
            if (same)
                i++;
            continue;
        }
        if (count == 256)
            return meaning_failed(e, FAULT_TOO_BIG, "%s", "a list has more than 256 parts");
        part[count] = meaning_of(e, c);
        if (!value_ok(part[count++]))
            return value_none();
    }
    if (dots)
        return value_stack(a, part, count);
    if (t->brackets == '[') /* \theta = (W, b) is a list of names */
        value_as_blocks(part, count, t->separator == ';');
    return value_concat(a, part, count, t->separator == ';');
}

static bool has_dots(const tree *t)
{
    for (int i = 0; i < t->count; i++)
        if (t->child[i]->kind == TREE_DOTS)
            return true;
    return false;
}

value meaning_matrix(evaluation *e, const tree *t)
{
    algebra *a = &e->world->algebra;
    if ((t->rows == 1 || t->columns == 1) &&
        has_dots(t)) /* as [x_1, \dots, x_T]; rows on top of each other stay rows */
        return meaning_list(e, t);
    value row[64], *all = ARENA_ARRAY(e->world->arena, value, t->count);
    if (t->rows > 64 || t->columns > 64 || !all)
        return meaning_failed(e, FAULT_TOO_BIG, "%s", "a matrix has more than 64 rows or columns");
    bool scalars = true;
    for (int i = 0; i < t->count; i++) {
        all[i] = meaning_of(e, t->child[i]);
        if (!value_ok(all[i]))
            return value_none();
        scalars &= all[i].rank == 0;
    }
    if (!value_fill_blocks(a, all, t->rows, t->columns))
        return value_none();
    for (int i = 0; i < t->rows; i++) {
        value *part = all + i * t->columns;
        bool vectors = true; /* side by side they are columns */
        for (int j = 0; j < t->columns; j++)
            vectors &= part[j].rank == 1 && !part[j].row && !(e->reading.rows && part[j].same_sides);
        if (!vectors)
            value_as_blocks(part, t->columns, false);
        row[i] = t->columns == 1 ? part[0]
                 : vectors       ? value_stack(a, part, t->columns)
                                 : value_concat(a, part, t->columns, false);
        if (!value_ok(row[i]))
            return value_none();
        if (t->columns > 1 && t->rows == 1 &&
            (vectors || (row[0].rank == 1 && !scalars))) /* rows side by side are a row */
            return row[0];
    }
    if (!scalars)
        value_as_blocks(row, t->rows, true);
    if (t->columns == 1)
        return value_concat(a, row, t->rows, true);
    for (int i = 0; scalars && i < t->rows; i++)
        row[i].row = true;
    value out = scalars ? value_stack(a, row, t->rows) : value_concat(a, row, t->rows, true);
    out.stack = false;
    out.row = false;
    out.jacobian = out.rank == 2;
    return out;
}
