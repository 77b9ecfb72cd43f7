/* Every module against numerical derivatives, first and second order (eddy_gradcheck): each cell with each of its
 * options, under each option of unrolling, stacked and in both directions; attention, its decoder, normalisation,
 * embedding, losses, clipping. Sizes all differ, initial states are random, and the loss has a weight for every output
 * and final state. Slow. */
#include "recording.h"

enum { TIME = 4, BATCH = 3, IN = 2, HID = 5 };

static eddy_list everything(eddy_tape *tape)
{
    eddy_list wrt = eddy_parameters(tape), inputs = eddy_leaves(tape, EDDY_INPUT);
    for (int64_t i = 0; i < inputs.count; i++)
        if (eddy_dtype_of(inputs.items[i]) == EDDY_F64)
            wrt = eddy_list_join(tape, wrt, (eddy_list){ &inputs.items[i], 1 });
    return wrt;
}

/* By every parameter and every floating-point input of the tape. Frees it. most: elements of one leaf, 0: all. */
static void check(const char *what, const char *how, eddy_var loss, int64_t most)
{
    eddy_tape *tape = loss.tape;
    eddy_gradcheck_report report = { .verdict = EDDY_NOT_CHECKED };
    OK(tape);
    if (test_every() > 1) /* the same program runs for each element */
        most = 1;
    bool done = eddy_gradcheck(loss, everything(tape), &(eddy_gradcheck_options){ .max_elements = most }, &report);
    ck_assert_msg(done, "%s%s: %s", what, how, eddy_error(tape));
    ck_assert_msg(report.verdict == EDDY_AGREE, "%s%s: %s", what, how, report.message);
    eddy_gradcheck_free(&report);
    eddy_tape_free(tape);
}

/* Elements of a leaf that are varied where others of its elements are in another check; what is left out, the witnesses
 * still see. */
static int64_t sampled(void)
{
    return test_all() ? 12 : 3;
}

/* Initial values of zero or one (biases, normalisation) hide mistakes: all parameters are drawn anew. */
static void randomise(eddy_tape *tape)
{
    eddy_list params = eddy_parameters(tape);
    for (int64_t i = 0; i < params.count; i++) {
        eddy_tensor value = random_tensor(EDDY_F64, eddy_shape_of(params.items[i]), -0.8, 0.8);
        eddy_set_tensor(params.items[i], &value);
        eddy_tensor_free(&value);
    }
}

static eddy_var bent(eddy_var y)
{
    return weighted(eddy_sin(y));
}

/* ---- Cells ---- */

/* The cell of docs/writing-a-cell.md: a user's own. */
typedef struct mgu {
    eddy_cell cell;
    eddy_linear forget, candidate;
} mgu;

static eddy_var mgu_step(const eddy_cell *cell, eddy_var x, eddy_var state[])
{
    const mgu *m = (const mgu *)cell;
    eddy_var h = state[0], f = eddy_sigmoid(eddy_apply(&m->forget, eddy_concat(-1, h, x)));
    return state[0] = eddy_lerp(h, eddy_tanh(eddy_apply(&m->candidate, eddy_concat(-1, eddy_mul(f, h), x))), f);
}

typedef union any_cell {
    eddy_cell cell;
    eddy_rnn rnn;
    eddy_lstm lstm;
    eddy_gru gru;
    eddy_attention_decoder decoder;
    mgu mgu;
} any_cell;

typedef enum kind { RNN, LSTM, GRU, MGU, DECODER } kind;

typedef struct made {
    const char *name;
    kind kind;
    eddy_rnn_options rnn;
    eddy_lstm_options lstm;
    eddy_gru_options gru;
    eddy_attention_kind attention;
} made;

static const made cells[] = {
    { "rnn tanh", RNN, .rnn = { .no_bias = false } },
    { "rnn relu", RNN, .rnn = { .act = eddy_relu } },
    { "rnn sigmoid without bias", RNN, .rnn = { .act = eddy_sigmoid, .no_bias = true } },
    { "lstm", LSTM, .lstm = { .no_bias = false } },
    { "lstm without bias", LSTM, .lstm = { .no_bias = true } },
    { "lstm with peepholes", LSTM, .lstm = { .peepholes = true } },
    { "lstm coupled", LSTM, .lstm = { .coupled = true } },
    { "lstm coupled with peepholes", LSTM, .lstm = { .coupled = true, .peepholes = true } },
    { "lstm with projection", LSTM, .lstm = { .projection = 4 } },
    { "lstm with layer norm", LSTM, .lstm = { .layer_norm = true } },
    { "lstm with layer norm without bias", LSTM, .lstm = { .layer_norm = true, .no_bias = true } },
    { "lstm with all options", LSTM,
      .lstm = { .layer_norm = true, .coupled = true, .peepholes = true, .projection = 4, .forget_bias = 1 } },
    { "gru reset after", GRU, .gru = { .reset_before = false } },
    { "gru reset after without bias", GRU, .gru = { .no_bias = true } },
    { "gru reset before", GRU, .gru = { .reset_before = true } },
    { "gru reset before without bias", GRU, .gru = { .reset_before = true, .no_bias = true } },
    { "minimal gated unit", MGU, .gru = { .no_bias = false } },
    { "attention decoder, additive", DECODER, .attention = EDDY_ADDITIVE },
    { "attention decoder, general", DECODER, .attention = EDDY_GENERAL },
};
enum { CELLS = sizeof cells / sizeof *cells };

static void make(any_cell *m, eddy_tape *tape, const made *c)
{
    switch (c->kind) {
    case RNN:
        m->rnn = eddy_rnn_new_with(tape, "m", IN, HID, &c->rnn);
        break;
    case LSTM:
        m->lstm = eddy_lstm_new_with(tape, "m", IN, HID, &c->lstm);
        break;
    case GRU:
        m->gru = eddy_gru_new_with(tape, "m", IN, HID, &c->gru);
        break;
    case MGU:
        m->mgu = (mgu){ .cell = { .step = mgu_step, .states = 1, .state_size = { HID } },
                        .forget = eddy_linear_new(tape, "forget", HID + IN, HID),
                        .candidate = eddy_linear_new(tape, "candidate", HID + IN, HID) };
        break;
    case DECODER:
        m->decoder = eddy_attention_decoder_new(tape, "m", c->attention, IN, 6, HID, 7);
        m->decoder.memory = input(tape, EDDY_SHAPE(8, BATCH, 6), -1, 1);
        break;
    }
}

/* ---- Unrolling ---- */

typedef enum initial { GIVEN, LEARNED, ZERO } initial;

typedef struct way {
    const char *name;
    initial initial;
    bool lengths;
    eddy_unroll_options options;
} way;

static const way ways[] = {
    { "", GIVEN, false, { .reverse = false } },
    { ", lengths", GIVEN, true, { .reverse = false } },
    { ", lengths in reverse", GIVEN, true, { .reverse = true } },
    { ", in reverse from zero", ZERO, false, { .reverse = true } },
    { ", learned initial states", LEARNED, true, { .reverse = false } },
    { ", checkpoints", GIVEN, true, { .checkpoint = 2 } },
    { ", checkpoints every sqrt(T) in reverse", GIVEN, false, { .checkpoint = -1, .reverse = true } },
    { ", variational dropout", GIVEN, true, { .training = true, .input_dropout = 0.3, .state_dropout = 0.4 } },
    { ", zoneout in training", GIVEN, true, { .training = true, .zoneout = { 0.3, 0.5 } } },
    { ", zoneout expected", GIVEN, false, { .zoneout = { 0.3, 0.5 } } },
    { ", dropout, zoneout and checkpoints in reverse",
      GIVEN,
      true,
      { .training = true,
        .input_dropout = 0.3,
        .state_dropout = 0.4,
        .zoneout = { 0.3, 0.5 },
        .checkpoint = 2,
        .reverse = true } },
};
enum { WAYS = sizeof ways / sizeof *ways };

static eddy_var lengths(eddy_tape *tape)
{
    return INDICES(tape, 2, 0, TIME);
}

/* A random leaf: an input, or a parameter. */
static eddy_var state_of(eddy_tape *tape, initial how, int64_t size, int number)
{
    if (how == GIVEN)
        return input(tape, EDDY_SHAPE(BATCH, size), -1, 1);
    char name[16];
    snprintf(name, sizeof name, "initial%d", number);
    eddy_tensor value = random_tensor(EDDY_F64, number ? EDDY_SHAPE(size) : EDDY_SHAPE(1, size), -1, 1);
    eddy_var p = eddy_parameter(tape, name, &value);
    eddy_tensor_free(&value);
    return p;
}

static void check_cell(const made *c, const way *w)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 5);
    any_cell m = { .cell = { .states = 0 } };
    make(&m, tape, c);
    OK(tape);
    randomise(tape);
    eddy_var first[EDDY_STATE_SIZES];
    eddy_unroll_options options = w->options;
    for (int i = 0; i < m.cell.states && w->initial != ZERO; i++)
        first[i] = state_of(tape, w->initial, m.cell.state_size[i], i);
    options.initial = w->initial == ZERO ? NULL : first;
    for (int i = m.cell.states; i < EDDY_STATE_SIZES; i++)
        options.zoneout[i] = 0;
    if (w->lengths)
        options.lengths = lengths(tape);
    eddy_unrolled r = eddy_unroll(&m.cell, input(tape, EDDY_SHAPE(TIME, BATCH, IN), -1, 1), &options);
    OK(tape);
    eddy_var loss = eddy_add(bent(r.outputs), bent(r.last));
    for (int i = 0; i < m.cell.states; i++)
        loss = eddy_add(loss, bent(r.state[i]));
    check(c->name, w->name, loss, w == ways ? 0 : sampled());
}

START_TEST(cell)
{
    int every = test_every(); /* every cell and every way, not each pair of them */
    for (int w = _i % every; w < WAYS; w += every)
        check_cell(&cells[_i], &ways[w]);
}
END_TEST

/* Truncation leaves derivatives out on purpose, so that this check can be seen to fail. */
START_TEST(truncation_is_found_out)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 5);
    eddy_lstm lstm = eddy_lstm_new(tape, "m", IN, HID);
    eddy_unrolled r = eddy_unroll(&lstm.cell, input(tape, EDDY_SHAPE(TIME, BATCH, IN), -1, 1),
                                  &(eddy_unroll_options){ .truncate = 2 });
    eddy_gradcheck_report report = { .verdict = EDDY_NOT_CHECKED };
    ck_assert(
        eddy_gradcheck(bent(r.outputs), everything(tape), &(eddy_gradcheck_options){ .max_elements = 3 }, &report));
    ck_assert_msg(report.verdict == EDDY_DISAGREE, "%s", report.message);
    eddy_gradcheck_free(&report);
    eddy_tape_free(tape);
}
END_TEST

/* ---- Layers ---- */

typedef struct layering {
    const char *name;
    kind kind;
    int64_t layers;
    bool both;
    eddy_lstm_options lstm;
    eddy_gru_options gru;
    eddy_layers_options options;
} layering;

static const layering layerings[] = {
    { "lstm, two layers", LSTM, 2, false, .options = { .dropout = 0 } },
    { "lstm, two layers, dropout", LSTM, 2, false, .options = { .dropout = 0.4, .unroll = { .training = true } } },
    { "lstm, both directions", LSTM, 1, true, .options = { .dropout = 0 } },
    { "lstm, both directions, sum", LSTM, 2, true, .options = { .merge = EDDY_MERGE_SUM } },
    { "lstm, both directions, mean", LSTM, 2, true, .options = { .merge = EDDY_MERGE_MEAN } },
    { "lstm with projection, two layers in both directions", LSTM, 2, true, .lstm = { .projection = 4 } },
    { "lstm, everything at once", LSTM, 2, true, .lstm = { .peepholes = true, .layer_norm = true },
      .options = { .dropout = 0.3,
                   .unroll = { .training = true,
                               .input_dropout = 0.2,
                               .state_dropout = 0.2,
                               .zoneout = { 0.2, 0.2 },
                               .checkpoint = 2 } } },
    { "gru, three layers", GRU, 3, false, .options = { .dropout = 0 } },
    { "gru, two layers in both directions", GRU, 2, true, .options = { .dropout = 0 } },
    { "gru reset before, both directions, sum", GRU, 1, true, .gru = { .reset_before = true },
      .options = { .merge = EDDY_MERGE_SUM } },
};
enum { LAYERINGS = sizeof layerings / sizeof *layerings };

START_TEST(layers)
{
    const layering *l = &layerings[_i / 2];
    bool ragged = _i % 2;
    if (test_every() > 1 && ragged == _i / 2 % 2) /* every stack, with lengths or without */
        return;
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 5);
    eddy_layers_options options = l->options;
    options.bidirectional = l->both;
    if (ragged)
        options.unroll.lengths = lengths(tape);
    /* With sum and mean the layer above sees one direction's size; eddy_lstm_layers_new counts on concat. So the cells
     * are made one by one. */
    int64_t directions = l->both ? 2 : 1, out = l->lstm.projection ? l->lstm.projection : HID,
            seen = options.merge ? out : out * directions;
    any_cell stack[EDDY_MAX_LAYERS];
    const eddy_cell *pointers[EDDY_MAX_LAYERS];
    eddy_var first[2 * EDDY_MAX_LAYERS];
    int states = 0;
    for (int64_t k = 0; k < l->layers * directions; k++) {
        int layer = (int)(k / directions);
        eddy_lstm_options lstm = l->lstm;
        eddy_gru_options gru = l->gru;
        lstm.layer = gru.layer = layer;
        lstm.reverse = gru.reverse = l->both && k % 2;
        if (l->kind == LSTM)
            stack[k].lstm = eddy_lstm_new_with(tape, "m", layer ? seen : IN, HID, &lstm);
        else
            stack[k].gru = eddy_gru_new_with(tape, "m", layer ? seen : IN, HID, &gru);
        pointers[k] = &stack[k].cell;
        for (int i = 0; i < stack[k].cell.states; i++)
            first[states++] = state_of(tape, GIVEN, stack[k].cell.state_size[i], 0);
    }
    randomise(tape);
    options.unroll.initial = first;
    eddy_layered r =
        eddy_unroll_layers(pointers, l->layers * directions, input(tape, EDDY_SHAPE(TIME, BATCH, IN), -1, 1), &options);
    OK(tape);
    ck_assert_int_eq(r.states.count, states);
    eddy_var loss = eddy_add(bent(r.outputs), bent(r.last));
    for (int i = 0; i < states; i++)
        loss = eddy_add(loss, bent(r.states.items[i]));
    check(l->name, ragged ? ", lengths" : "", loss, sampled());
}
END_TEST

/* ---- Attention ---- */

START_TEST(attention)
{
    static const char *const names[] = { "additive", "dot", "scaled dot", "general" };
    eddy_attention_kind scored = (eddy_attention_kind)(_i / 3);
    for (int own = 0; own < 2; own++) {
        eddy_tape *tape = eddy_tape_new(EDDY_F64, 5);
        int64_t query = own || scored == EDDY_DOT || scored == EDDY_SCALED_DOT ? 6 : HID;
        eddy_attention a = eddy_attention_new(tape, "a", scored, 6, query, 7);
        randomise(tape);
        eddy_var memory = input(tape, EDDY_SHAPE(TIME, BATCH, 6), -1, 1);
        eddy_var q = own ? eddy_select(memory, 0, -1) : input(tape, EDDY_SHAPE(BATCH, query), -1, 1);
        /* Everything allowed; some steps; for one sequence nothing at all. */
        eddy_var mask[] = { { 0 },
                            VECTOR(tape, 1, 0, 1, 1, 1, 1, 0, 1, 0, 1, 1, 0),
                            eddy_length_mask(lengths(tape), TIME) };
        mask[1] = eddy_reshape(mask[1], EDDY_SHAPE(TIME, BATCH));
        eddy_attended r = eddy_attend(&a, memory, q, mask[_i % 3]);
        check(names[scored], own ? ", own last step as query" : ", query", eddy_add(bent(r.context), bent(r.weights)),
              0);
    }
}
END_TEST

START_TEST(masked_softmax)
{
    for (int axis = 0; axis < 2; axis++) {
        eddy_tape *tape = eddy_tape_new(EDDY_F64, 5);
        eddy_var mask = eddy_reshape(VECTOR(tape, 1, 0, 1, 0, 0, 0, 1, 0, 1, 1, 0, 1),
                                     EDDY_SHAPE(3, 4)); /* row 1 and column 1 are all 0 */
        check("masked softmax", axis ? ", rows" : ", columns",
              bent(eddy_masked_softmax(input(tape, EDDY_SHAPE(3, 4), -2, 2), mask, axis)), 0);
    }
}
END_TEST

/* ---- Embedding, normalisation, linear ---- */

START_TEST(small_modules)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 5);
    eddy_layer_norm norm = eddy_layer_norm_new(tape, "norm", HID);
    randomise(tape);
    check("layer norm", "", bent(eddy_normalise(&norm, input(tape, EDDY_SHAPE(TIME, BATCH, HID), -1, 1))), 0);

    tape = eddy_tape_new(EDDY_F64, 5);
    eddy_embedding_table table = eddy_embedding_new(tape, "table", 6, HID);
    check("embedding", "", bent(eddy_embed(&table, eddy_reshape(INDICES(tape, 5, 0, 2, 2, 2, 1), EDDY_SHAPE(2, 3)))),
          0);

    for (int bias = 0; bias < 2; bias++) {
        tape = eddy_tape_new(EDDY_F64, 5);
        eddy_linear linear =
            bias ? eddy_linear_new(tape, "linear", IN, HID) : eddy_linear_new_without_bias(tape, "linear", IN, HID);
        check("linear", bias ? "" : " without bias",
              bent(eddy_apply(&linear, input(tape, EDDY_SHAPE(TIME, BATCH, IN), -1, 1))), 0);
    }
}
END_TEST

/* ---- Losses ---- */

static eddy_var elementwise_loss(int which, eddy_var p, eddy_var y, const eddy_loss_options *options)
{
    switch (which) {
    case 0:
        return eddy_mse_with(p, y, options);
    case 1:
        return eddy_mae(p, y, options);
    case 2:
        return eddy_huber(p, y, 0.7, options);
    case 3:
        return eddy_quantile(p, y, 0.2, options);
    default:
        return eddy_bce_with_logits(p, y, options);
    }
}

START_TEST(elementwise_losses)
{
    static const char *const names[] = { "mse", "mae", "huber", "quantile", "bce with logits" };
    for (int masked = 0; masked < 2; masked++)
        for (int r = EDDY_REDUCE_MEAN; r <= EDDY_REDUCE_NONE; r++) {
            eddy_tape *tape = eddy_tape_new(EDDY_F64, 5);
            /* No difference is near a kink: 0 of the absolute values, 0.7 of Huber's loss. */
            double from[] = { 0.1, 0.3, 0.9, -0.4, 0.2, -1.3, 0, 1.7 },
                   apart[] = { 0.4, -0.3, 1.1, -1.6, 0.25, 2.3, -0.9, 0.5 }, to[8];
            for (int k = 0; k < 8; k++)
                to[k] = from[k] - apart[k];
            eddy_var p = eddy_input(tape, "p", EDDY_SHAPE(4, 2)), y = eddy_input(tape, "y", EDDY_SHAPE(4, 2));
            eddy_set(p, from, sizeof from);
            eddy_set(y, to, sizeof to);
            eddy_loss_options options = { .reduction = (eddy_reduction)r };
            if (masked)
                options.mask = eddy_reshape(VECTOR(tape, 1, 0, 1, 1), EDDY_SHAPE(4, 1));
            check(names[_i], masked ? ", mask" : "", bent(elementwise_loss(_i, p, y, &options)), 0);
        }
}
END_TEST

START_TEST(class_losses)
{
    for (int bits = 0; bits < 32; bits++)
        for (int r = EDDY_REDUCE_MEAN; r <= EDDY_REDUCE_NONE; r++) {
            bool nll = bits & 16;
            eddy_tape *tape = eddy_tape_new(EDDY_F64, 5);
            eddy_var x = input(tape, EDDY_SHAPE(3, 2, 4), -2, 2),
                     target = eddy_reshape(INDICES(tape, 0, 3, 1, 1, 2, 0), EDDY_SHAPE(3, 2));
            eddy_cross_entropy_options options = { .reduction = (eddy_reduction)r };
            if (bits & 1)
                options.mask = eddy_reshape(VECTOR(tape, 1, 1, 0, 1, 1, 0), EDDY_SHAPE(3, 2));
            if (bits & 2)
                options.weight = VECTOR(tape, 0.5, 1.5, 0.7, 2);
            if (bits & 4)
                options.label_smoothing = 0.15;
            if (bits & 8) {
                options.ignore = true;
                options.ignore_index = 1;
            }
            char how[64];
            snprintf(how, sizeof how, "%s%s%s%s, reduction %d", bits & 1 ? ", mask" : "", bits & 2 ? ", weights" : "",
                     bits & 4 ? ", smoothing" : "", bits & 8 ? ", ignore" : "", r);
            check(nll ? "nll" : "cross-entropy", how,
                  bent(nll ? eddy_nll(x, target, &options) : eddy_cross_entropy(x, target, &options)), 0);
        }
}
END_TEST

START_TEST(ctc)
{
    for (int r = EDDY_REDUCE_MEAN; r <= EDDY_REDUCE_NONE; r++)
        for (int last = 0; last < 2; last++) {
            eddy_tape *tape = eddy_tape_new(EDDY_F64, 5);
            eddy_var logits = input(tape, EDDY_SHAPE(5, 4, 3), -2, 2);
            /* Repeated labels; an empty target; an impossible one (1 1 needs three steps). */
            eddy_var targets = eddy_reshape(INDICES(tape, 1, 2, 2, 2, 1, 2, 1, 1), EDDY_SHAPE(4, 2));
            eddy_ctc_options options = { .reduction = (eddy_reduction)r, .zero_infinity = true, .blank = last ? 2 : 0 };
            if (last)
                targets = eddy_sub(targets, eddy_ones_like(targets));
            eddy_var loss = eddy_ctc(eddy_log_softmax(logits, -1), targets, INDICES(tape, 5, 4, 3, 2),
                                     INDICES(tape, 2, 2, 0, 2), &options);
            check("ctc", last ? ", blank last" : ", blank first", bent(loss), 0);
        }
}
END_TEST

/* ---- Clipping is differentiable too ---- */

START_TEST(clipping)
{
    static const double limits[] = { 0.5, 100 };
    for (int k = 0; k < 4; k++) {
        eddy_tape *tape = eddy_tape_new(EDDY_F64, 5);
        eddy_list list = EDDY_LIST(input(tape, EDDY_SHAPE(3, 2), 0.6, 1), input(tape, EDDY_SHAPE(4), -0.4, 0.4));
        eddy_var norm = { 0 };
        if (k < 2)
            norm = eddy_clip_grad_norm(&list, limits[k]);
        else
            eddy_clip_grad_value(&list, limits[k % 2]);
        eddy_var loss = eddy_add(bent(list.items[0]), bent(list.items[1]));
        check(k < 2 ? "clip_grad_norm" : "clip_grad_value", "", k < 2 ? eddy_add(loss, bent(norm)) : loss, 0);
    }
}
END_TEST

Suite *suite_modules(void)
{
    Suite *suite = suite_create("modules");
    TCase *tests = tcase_create("gradcheck");
    tcase_set_timeout(tests, 300);
    tcase_add_loop_test(tests, cell, 0, CELLS);
    tcase_add_test(tests, truncation_is_found_out);
    tcase_add_loop_test(tests, layers, 0, 2 * LAYERINGS);
    tcase_add_loop_test(tests, attention, 0, 12);
    tcase_add_test(tests, masked_softmax);
    tcase_add_test(tests, small_modules);
    tcase_add_loop_test(tests, elementwise_losses, 0, 5);
    tcase_add_test(tests, class_losses);
    tcase_add_test(tests, ctc);
    tcase_add_test(tests, clipping);
    suite_add_tcase(suite, tests);
    return suite;
}
