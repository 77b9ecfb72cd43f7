/* Applies the lines of a setup: first those that say how everything is to be read, then the others in their order; and
 * looks through them for names. */
#include "pass.h"

#include <string.h>

static bool apply_line(pass *p, const setup_statement *st, fault *f)
{
    const tree *r = st->kind == SETUP_FORMULA ? st->value->child[0] : NULL;
    bool equation =
        r && r->kind == TREE_RELATION && r->count == 2 && (r->relations[0] == REL_EQ || r->relations[0] == REL_DEFINED);
    if (r && depends_only(st->value))
        return true; /* another line says what it is */
    if (st->kind == SETUP_GIVEN && scope_is_square(st->symbol))
        return scope_apply(p->scope, st, f) && (define_root(p, NULL, st->symbol, f) || !f->kind);
    return (equation && define(p, st->value, f)) || (!f->kind && scope_apply(p->scope, st, f));
}

void setup_apply(pass *p, const document_item *item, const setup *lines, bool letters_only)
{
    for (int i = 0; i < lines->count; i++) {
        const setup_statement *st = &lines->statement[i];
        bool letters = st->kind == SETUP_SIZES || st->kind == SETUP_LABELS || st->kind == SETUP_INDEX;
        bool early = letters ||
                     st->kind == SETUP_SHORT; /* these say how everything is to be read, also what stands before them */
        fault f = { 0 };
        if (early != letters_only)
            continue;
        if (!apply_line(p, st, &f) && f.kind) {
            p->court.setup_wrong = true;
            finding *x = new_finding(p, item, 0);
            if (x) {
                x->expected = NULL;
                x->id = arena_format(p->arena, "setup, line %d", st->line);
                not_read(x, arena_format(p->arena, "%s", f.sentence));
            }
        }
    }
}

void setup_survey(pass *p, const setup *lines)
{
    for (int i = 0; i < lines->count; i++) {
        const setup_statement *st = &lines->statement[i];
        for (int k = 0; st->kind == SETUP_LIBRARY && k < st->froms; k++)
            scope_notice(p->scope, st->from[k]);
        if (st->kind == SETUP_SIZES || st->kind == SETUP_LABELS || st->kind == SETUP_INDEX ||
            st->kind == SETUP_LIBRARY || st->kind == SETUP_OPERATOR)
            continue;
        if (st->symbol)
            scope_survey(p->scope, st->symbol);
        if (st->value)
            scope_survey(p->scope, st->value);
        for (int k = 0; k < st->count; k++) {
            scope_survey(p->scope, st->list[k]);
            if (st->direct && st->direct[k])
                scope_survey(p->scope, st->direct[k]);
        }
    }
}

bool setup_has_sizes(const setup *lines)
{
    for (int i = 0; i < lines->count; i++)
        if (lines->statement[i].kind == SETUP_SIZES)
            return true;
    return false;
}

/* Does a setup speak of a batch? */
bool setup_has_batch(const setup *lines)
{
    for (int i = 0; i < lines->count; i++) {
        const setup_statement *st = &lines->statement[i];
        if ((st->kind == SETUP_SIZES && !strcmp(st->words, "B")) || st->flags & GIVEN_PER_SAMPLE)
            return true;
    }
    return false;
}
