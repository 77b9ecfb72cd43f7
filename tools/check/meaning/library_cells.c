/* Do the equations under a document's names compute what the library's cells compute? Both run on the same numbers. */
#include "reader.h"
#include "world.h"

#include <math.h>
#include <string.h>

typedef struct cell_run {
    world *world;
    evaluation look;
    int64_t input, hidden;
    bool biases;
} cell_run;

static quantity *named(const cell_run *r, const char *latex)
{
    scope *s = r->world->scope;
    latex_result t = latex_read(s->arena, latex, strlen(latex));
    symbol_use use;
    return t.count == 1 && scope_symbol(s, t.formula[0]->child[0], NULL, &use) ? use.quantity : NULL;
}

static eddy_var at(cell_run *r, const char *latex, int64_t step)
{
    quantity *q = named(r, latex);
    value v = q ? world_look(&r->look, q, step) : value_none();
    return v.var;
}

/* A parameter; zeros where the document has no biases. */
static eddy_var parameter(cell_run *r, int which, bool bias)
{
    scope *s = r->world->scope;
    if (bias && !r->biases)
        return eddy_full_of(r->world->tape, EDDY_F64, EDDY_SHAPE(r->hidden), 0);
    return at(r, s->library_from[r->biases ? which : which / 2], 0);
}

static eddy_var sequence(cell_run *r, const char *latex, int64_t first, int64_t last)
{
    eddy_var step[JUDGED_STEPS];
    int64_t count = 0;
    for (int64_t t = first; t <= last && count < JUDGED_STEPS; t++)
        step[count++] = at(r, latex, t);
    return eddy_stack_list(0, (eddy_list){ step, count });
}

static bool equal(eddy_var ours, eddy_var theirs, double *worst)
{
    const eddy_tensor *x = eddy_value(ours), *y = eddy_value(theirs);
    *worst = !x || !y ? NAN : *worst;
    if (!x || !y || eddy_tensor_count(x) != eddy_tensor_count(y))
        return false;
    for (int64_t i = 0; i < eddy_tensor_count(x); i++)
        *worst = fmax(*worst, fabs(eddy_tensor_flat(x, i) - eddy_tensor_flat(y, i)));
    return *worst <= 1e-12;
}

static bool differs(fault *f, const world *w, const char *name, double worst)
{
    if (eddy_error(w->tape)) /* not compared at all: its sentence is told instead */
        return false;
    return fault_set(f, FAULT_TAPE, "$%s$ of the library's %s and of the equations under these names differ by %.2g",
                     name, w->scope->library, worst);
}

/* [hidden, hidden + input] -> the part that meets h, and the part that meets x */
static void halves(const cell_run *r, eddy_var weight, eddy_var *h, eddy_var *x)
{
    *h = eddy_slice(weight, 1, 0, r->hidden, 1);
    *x = eddy_slice(weight, 1, r->hidden, EDDY_END, 1);
}

static bool lstm_agrees(cell_run *r, fault *f)
{
    static const int order[] = { 2, 0, 4, 6 }; /* i, f, g, o among f, i, C~, o */
    static const char *const watched[] = { "f", "i", "g", "o", "c", "h" };
    world *w = r->world;
    scope *s = w->scope;
    eddy_lstm cell = eddy_lstm_new(w->tape, "the library's lstm", r->input, r->hidden);
    eddy_var ih[4], hh[4], bias[4];
    for (int i = 0; i < 4; i++) {
        halves(r, parameter(r, order[i], false), &hh[i], &ih[i]);
        bias[i] = parameter(r, order[i] + 1, true);
    }
    cell.weight_ih = eddy_concat_list(0, (eddy_list){ ih, 4 });
    cell.weight_hh = eddy_concat_list(0, (eddy_list){ hh, 4 });
    cell.bias_ih = eddy_concat_list(0, (eddy_list){ bias, 4 });
    cell.bias_hh = eddy_zeros_like(cell.bias_ih);
    eddy_var initial[] = { at(r, s->library_name[5], 0), at(r, s->library_name[4], 0) };
    eddy_unroll(&cell.cell, sequence(r, s->library_input, 1, w->T), &(eddy_unroll_options){ .initial = initial });
    for (int i = 0; i < 6; i++)
        for (int64_t t = 1; t <= w->T; t++) {
            double worst = 0;
            if (!equal(at(r, s->library_name[i], t), eddy_watched(w->tape, watched[i], t - 1), &worst))
                return differs(f, w, s->library_name[i], worst);
        }
    return true;
}

static bool gru_agrees(cell_run *r, bool reset_before, fault *f)
{
    static const char *const before[] = { "z", "r", "n", "h" }, *const after[] = { "r", "z", "n", "h" };
    world *w = r->world;
    scope *s = w->scope;
    eddy_gru cell = eddy_gru_new_with(w->tape, "the library's gru", r->input, r->hidden,
                                      &(eddy_gru_options){ .reset_before = reset_before });
    eddy_var ih[3], hh[3], bi[3], bh[3];
    for (int i = 0; i < 3; i++) { /* r, z, n */
        if (reset_before) {
            static const int order[] = { 2, 0, 4 };
            halves(r, parameter(r, order[i], false), &hh[i], &ih[i]);
            bi[i] = parameter(r, order[i] + 1, true);
            bh[i] = eddy_zeros_like(bi[i]);
        } else {
            ih[i] = parameter(r, 4 * i, false);
            bi[i] = parameter(r, 4 * i + 1, true);
            hh[i] = parameter(r, 4 * i + 2, false);
            bh[i] = parameter(r, 4 * i + 3, true);
        }
    }
    cell.weight_ih = eddy_concat_list(0, (eddy_list){ ih, 3 });
    cell.weight_hh = eddy_concat_list(0, (eddy_list){ hh, 3 });
    cell.bias_ih = eddy_concat_list(0, (eddy_list){ bi, 3 });
    cell.bias_hh = eddy_concat_list(0, (eddy_list){ bh, 3 });
    eddy_var initial[] = { at(r, s->library_name[3], 0) };
    eddy_unroll(&cell.cell, sequence(r, s->library_input, 1, w->T), &(eddy_unroll_options){ .initial = initial });
    for (int i = 0; i < 4; i++)
        for (int64_t t = 1; t <= w->T; t++) {
            double worst = 0;
            if (!equal(at(r, s->library_name[i], t), eddy_watched(w->tape, (reset_before ? before : after)[i], t - 1),
                       &worst))
                return differs(f, w, s->library_name[i], worst);
        }
    return true;
}

static bool bilstm_agrees(cell_run *r, fault *f)
{
    static const char *const gate[] = { "i", "f", "C", "o" };
    world *w = r->world;
    scope *s = w->scope;
    eddy_lstm_layers both = eddy_lstm_layers_new(w->tape, "the library's bilstm", r->input, r->hidden, 1, true, NULL);
    eddy_var initial[4];
    for (int d = 0; d < 2; d++) {
        const char *arrow = d ? "\\overleftarrow" : "\\overrightarrow";
        eddy_var ih[4], hh[4], bias[4];
        for (int i = 0; i < 4; i++) {
            halves(r, at(r, arena_format(s->arena, "%s{W}_%s", arrow, gate[i]), 0), &hh[i], &ih[i]);
            bias[i] = at(r, arena_format(s->arena, "%s{b}_%s", arrow, gate[i]), 0);
        }
        eddy_lstm *cell = &both.lstm[d];
        cell->weight_ih = eddy_concat_list(0, (eddy_list){ ih, 4 });
        cell->weight_hh = eddy_concat_list(0, (eddy_list){ hh, 4 });
        cell->bias_ih = eddy_concat_list(0, (eddy_list){ bias, 4 });
        cell->bias_hh = eddy_zeros_like(cell->bias_ih);
        initial[2 * d] = at(r, s->library_name[d], d ? w->T + 1 : 0);
        initial[2 * d + 1] = at(r, arena_format(s->arena, "%s{C}", arrow), d ? w->T + 1 : 0);
    }
    eddy_layered run = eddy_unroll_lstm(&both, sequence(r, s->library_input, 1, w->T),
                                        &(eddy_layers_options){ .bidirectional = true, .unroll.initial = initial });
    double worst = 0;
    if (!equal(sequence(r, s->library_name[2], 1, w->T), run.outputs, &worst))
        return differs(f, w, s->library_name[2], worst);
    return true;
}

static bool attention_agrees(cell_run *r, fault *f)
{
    world *w = r->world;
    scope *s = w->scope;
    eddy_var wh = at(r, s->library_from[0], 0), ws = at(r, s->library_from[1], 0), query = at(r, "s", 0),
             memory = sequence(r, "h", 1, w->T);
    eddy_attention a = eddy_attention_new(w->tape, "the library's attention", EDDY_ADDITIVE, eddy_size(wh, 1),
                                          eddy_size(ws, 1), eddy_size(wh, 0));
    a.weight_memory = wh;
    a.weight_query = ws;
    a.v = at(r, s->library_from[2], 0);
    if (eddy_shape_of(query).rank == 1) /* one query for all sequences */
        query = eddy_broadcast_to(query, EDDY_SHAPE(w->B, eddy_size(query, 0)));
    eddy_attended out = eddy_attend(&a, memory, query, (eddy_var){ 0 });
    double worst = 0;
    if (!equal(sequence(r, s->library_name[0], 1, w->T), out.weights, &worst))
        return differs(f, w, s->library_name[0], worst);
    if (!equal(at(r, s->library_name[1], 0), out.context, &worst))
        return differs(f, w, s->library_name[1], worst);
    return true;
}

bool library_agrees(world *w, fault *f)
{
    scope *s = w->scope;
    if (!s->library || w->T > JUDGED_STEPS)
        return true;
    cell_run r = { .world = w, .look = { .context = w->base, .world = w } };
    bool ok;
    if (!strcmp(s->library, "attention"))
        ok = attention_agrees(&r, f);
    else {
        bool bilstm = !strcmp(s->library, "bilstm"), before = !strcmp(s->library, "gru-reset-before");
        r.input = eddy_size(at(&r, s->library_input, 1), -1);
        r.hidden = eddy_size(at(&r, s->library_name[bilstm ? 0 : s->library_names - 1], 1), -1);
        r.biases = !bilstm && s->library_froms > (strcmp(s->library, "lstm") ? before ? 3 : 6 : 4);
        ok = bilstm                        ? bilstm_agrees(&r, f)
             : !strcmp(s->library, "lstm") ? lstm_agrees(&r, f)
                                           : gru_agrees(&r, before, f);
    }
    if (w->fault.kind) {
        fault_set(f, w->fault.kind, "the library's cell could not be run: %s", w->fault.sentence);
        return false;
    }
    if (eddy_error(w->tape)) {
        fault_set(f, FAULT_TAPE, "the library's cell could not be run: %s", fault_plain(eddy_error(w->tape)));
        return false;
    }
    return ok;
}
