/* Z in R^{1 x m} among columns: in Z a_t with a given column a, or T a_t with a given matrix T, vectors stand on the
 * right, so that the rows of the setup are no convention for all vectors but single rows. Such a Z is read as the
 * transpose of a column, wherever it stands; what is shown is Z. */
#include "pass.h"

#include <string.h>

enum { GIVEN_MOST = 64 };

typedef struct givens {
    setup_statement *row[GIVEN_MOST], *column[GIVEN_MOST], *matrix[GIVEN_MOST];
    int rows, columns, matrices;
    bool columns_said; /* R^{m x 1} */
} givens;

static bool is_one(const tree *t)
{
    return t->kind == TREE_NUMBER && t->value == 1;
}

static void sort_lines(givens *g, setup *lines)
{
    for (int i = 0; i < lines->count; i++) {
        setup_statement *st = &lines->statement[i];
        if (st->kind != SETUP_GIVEN || !st->symbol || st->symbol->kind != TREE_SYMBOL || !(st->flags & GIVEN_SHAPED))
            continue;
        bool row = st->rank == 2 && is_one(st->dim[0]), column = st->rank == 2 && is_one(st->dim[1]) && !row;
        g->columns_said |= column;
        if (row && !is_one(st->dim[1]) && g->rows < GIVEN_MOST)
            g->row[g->rows++] = st;
        else if (st->rank == 1 && g->columns < GIVEN_MOST)
            g->column[g->columns++] = st;
        else if (st->rank == 2 && !row && !column && g->matrices < GIVEN_MOST)
            g->matrix[g->matrices++] = st;
    }
}

/* Is t what the statement gives, at whatever step? */
static bool is_given(const tree *t, const setup_statement *st)
{
    return t->kind == TREE_SYMBOL && t->count == st->symbol->count && !strcmp(t->name, st->symbol->name) &&
           !strcmp(t->accents, st->symbol->accents) && t->primes == st->symbol->primes;
}

static const setup_statement *among(setup_statement *const *list, int count, const tree *t)
{
    for (int i = 0; i < count; i++)
        if (is_given(t, list[i]))
            return list[i];
    return NULL;
}

/* Does a given matrix, or a row, stand in front of a given vector that it can be multiplied with? */
static bool applies(const givens *g, const tree *t)
{
    for (int i = 0; i + 1 < t->count && t->kind == TREE_MUL; i++) {
        const setup_statement *front = among(g->matrix, g->matrices, t->child[i]),
                              *vector = among(g->column, g->columns, t->child[i + 1]);
        front = front ? front : among(g->row, g->rows, t->child[i]);
        if (front && vector && t->child[i + 1]->join == JOIN_BESIDE && tree_equal(front->dim[1], vector->dim[0]))
            return true;
    }
    for (int i = 0; i < t->count && t->kind != TREE_SYMBOL; i++)
        if (applies(g, t->child[i]))
            return true;
    return false;
}

/* A derivative by a row of anything but a number has a shape that is not known here. */
static bool moves_row(const givens *g, const tree *t)
{
    if (t->kind == TREE_DERIV && t->count == 2) {
        const tree *above = t->child[0], *below = t->child[1];
        bool number = above->kind == TREE_SYMBOL && !above->count && !t->held;
        if (among(g->row, g->rows, below) ? !number : below->kind == TREE_TUPLE)
            return true;
    }
    for (int i = 0; i < t->count && t->kind != TREE_SYMBOL; i++)
        if (moves_row(g, t->child[i]))
            return true;
    return false;
}

static tree *turned(arena *a, tree *t)
{
    tree *inner = ARENA_NEW(a, tree), *turn = inner ? tree_in_place(a, t, TREE_TRANSPOSE, 1, &inner) : NULL;
    if (!turn)
        return t;
    *inner = *t;
    inner->brackets = 0, inner->join = JOIN_BESIDE;
    turn->height = t->height + 1;
    turn->big = true;
    return turn;
}

static void turn_rows(arena *a, const givens *g, tree *t)
{
    if (t->kind == TREE_SYMBOL)
        return;
    for (int i = 0; i < t->count; i++) {
        tree *part = t->child[i];
        bool derivative = part->kind == TREE_DERIV && part->count == 2 && among(g->row, g->rows, part->child[1]);
        if (!derivative)
            turn_rows(a, g, part);
        if (derivative || among(g->row, g->rows, part))
            t->child[i] = turned(a, part);
    }
}

/* Is a given vector so long? Then it is no number of examples. */
static bool has_length(const givens *g, const tree *dim)
{
    for (int i = 0; i < g->columns; i++)
        if (tree_equal(g->column[i]->dim[0], dim))
            return true;
    return false;
}

/* Y in R^{1 x m} beside X in R^{n x m}: the examples are columns, and of Y each has one number. */
static void tell_single_rows(givens *g)
{
    for (int i = 0; i < g->rows; i++) {
        bool beside = false;
        for (int k = 0; k < g->matrices; k++)
            beside |= tree_equal(g->matrix[k]->dim[1], g->row[i]->dim[1]) &&
                      !tree_equal(g->matrix[k]->dim[0], g->row[i]->dim[1]);
        if (beside && g->columns && !has_length(g, g->row[i]->dim[1])) {
            g->row[i]->flags |= GIVEN_MATRIX;
            g->row[i--] = g->row[--g->rows];
        }
    }
}

void tell_rows(pass *p, parsed *item, int count, setup *extra, tree **formula, int formulas)
{
    givens g = { 0 };
    bool among_columns = false, refused = p->scope->convention != NULL;
    sort_lines(&g, extra);
    for (int i = 0; i < count; i++)
        sort_lines(&g, &item[i].setup);
    for (int i = -1; i < count; i++) {
        const setup *lines = i < 0 ? extra : &item[i].setup;
        for (int k = 0; k < lines->count; k++)
            refused |= lines->statement[k].kind == SETUP_CONVENTION;
    }
    if (!refused)
        tell_single_rows(&g);
    among_columns = g.columns_said;
    for (int i = 0; i < formulas; i++) {
        among_columns |= applies(&g, formula[i]);
        refused |= moves_row(&g, formula[i]);
    }
    if (!g.rows || !among_columns || refused)
        return;
    for (int i = 0; i < formulas; i++)
        turn_rows(p->arena, &g, formula[i]);
    for (int i = 0; i < g.rows; i++) {
        g.row[i]->rank = 1;
        g.row[i]->dim[0] = g.row[i]->dim[1];
    }
    p->scope->sided = true;
    p->scope->convention = "columns";
}
