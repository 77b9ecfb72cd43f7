/* Stacks of cells by name. */
#include "stack.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool is_mgu(const stack_options *options)
{
    return !strcmp(options->cell, "mgu");
}

static eddy_var mgu_step(const eddy_cell *cell, eddy_var x, eddy_var state[])
{
    const mgu *m = (const mgu *)cell;
    eddy_var h = state[0];
    eddy_var f = eddy_sigmoid(eddy_apply(&m->forget, eddy_concat(-1, h, x)));
    eddy_var c = eddy_tanh(eddy_apply(&m->candidate, eddy_concat(-1, eddy_mul(f, h), x)));
    return state[0] = eddy_lerp(h, c, f);
}

static mgu mgu_new(eddy_tape *tape, const char *name, int64_t input, int64_t hidden)
{
    eddy_push(tape, name);
    mgu m = { .cell = { .step = mgu_step, .states = 1, .state_size = { hidden } },
              .forget = eddy_linear_new(tape, "forget", hidden + input, hidden),
              .candidate = eddy_linear_new(tape, "candidate", hidden + input, hidden) };
    eddy_pop(tape);
    return m;
}

bool stack_check(const stack_options *options, eddy_status *status)
{
    size_t i = 0;
    while (eddy_cell_name(i) && strcmp(eddy_cell_name(i), options->cell))
        i++;
    if (!eddy_cell_name(i) && !is_mgu(options)) {
        char shown[64];
        eddy_escape(shown, sizeof shown, options->cell);
        return eddy_status_fail(status,
                                "There is no cell \"%s\"; lstm and gru are the usual ones, mgu is another, and "
                                "'eddy gradcheck' lists the rest.",
                                shown);
    }
    int64_t most = EDDY_MAX_LAYERS / (options->bidirectional ? 2 : 1);
    if (options->layers < 1 || options->layers > most)
        return eddy_status_fail(status, "A stack has 1 to %" PRId64 " layers%s, not %" PRId64 ".", most,
                                options->bidirectional ? " in both directions" : "", options->layers);
    return true;
}

stack stack_new(eddy_tape *tape, const char *name, int64_t input, const stack_options *options)
{
    int directions = options->bidirectional ? 2 : 1;
    stack s = { .options = *options, .count = options->layers * directions };
    for (int64_t i = 0; i < s.count; i++) {
        eddy_any_options place = { .layer = (int)(i / directions), .reverse = i % directions == 1 };
        char own[64];
        snprintf(own, sizeof own, "%.40s_l%d%s", name, place.layer, place.reverse ? "_reverse" : "");
        if (is_mgu(options))
            s.own[i] = mgu_new(tape, own, input, options->hidden);
        else
            s.cell[i] = eddy_any_cell_new(tape, options->cell, name, input, options->hidden, &place);
        const eddy_cell *cell = is_mgu(options) ? &s.own[i].cell : &s.cell[i].cell;
        if (i % directions == directions - 1)
            input = directions * cell->state_size[0];
    }
    s.outputs = input;
    return s;
}

eddy_layered stack_unroll(const stack *s, eddy_var x, const eddy_unroll_options *options)
{
    const eddy_cell *cells[EDDY_MAX_LAYERS];
    eddy_layers_options o = { .bidirectional = s->options.bidirectional, .dropout = s->options.dropout };
    if (options)
        o.unroll = *options;
    for (int64_t i = 0; i < s->count; i++)
        cells[i] = is_mgu(&s->options) ? &s->own[i].cell : &s->cell[i].cell;
    for (int k = 0; s->options.zoneout > 0 && k < cells[0]->states && k < EDDY_STATE_SIZES; k++)
        o.unroll.zoneout[k] = s->options.zoneout;
    return eddy_unroll_layers(cells, s->count, x, &o);
}

eddy_var stack_apply(const stack *s, const eddy_linear *out, eddy_var h, bool training)
{
    double dropout = s->options.dropout;
    return eddy_apply(out, training && dropout > 0 ? eddy_dropout(h, dropout) : h);
}

void stack_describe(const stack_options *options, card *c)
{
    card_text(c, "cell", options->cell);
    card_count(c, "hidden", options->hidden);
    card_count(c, "layers", options->layers);
    card_count(c, "bidirectional", options->bidirectional);
    card_number(c, "dropout", options->dropout);
    if (options->zoneout > 0)
        card_number(c, "zoneout", options->zoneout);
}

bool stack_read(stack_options *options, const card *c, eddy_status *status)
{
    options->cell = card_find(c, "cell");
    if (!options->cell)
        return eddy_status_fail(status, "The model file is damaged: it has no eddy.cell.");
    if (!card_read_count(c, "hidden", 1, 65536, &options->hidden, status) ||
        !card_read_count(c, "layers", 1, EDDY_MAX_LAYERS, &options->layers, status) ||
        !card_read_flag(c, "bidirectional", &options->bidirectional, status) ||
        !card_read_number(c, "dropout", &options->dropout, status) ||
        (card_find(c, "zoneout") && !card_read_number(c, "zoneout", &options->zoneout, status)))
        return false;
    /* every unit reads what the layer put out before: all units, or of a projection at least one number */
    int64_t read = strstr(options->cell, "projection") ? 1 : options->hidden;
    return stack_check(options, status) && card_check_size(c, options->layers * options->hidden * read, status);
}
