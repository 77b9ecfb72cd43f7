/* What small networks have learned: a gate that opens when something is to be remembered, and attention that finds what
 * was asked for. Training takes a second or two, and comes to the same numbers each time. */
#include "figure.h"

#include <math.h>

/* ---- A GRU that remembers what was marked last ---- */

enum { LATCH_STEPS = 24, LATCH_BATCH = 32, LATCH_HIDDEN = 6, LATCH_RUNS = 600 };

typedef struct latch_data {
    float x[LATCH_STEPS][LATCH_BATCH][2], y[LATCH_STEPS][LATCH_BATCH]; /* x: a number, and whether it is marked */
} latch_data;

/* Any numbers, some of them marked; wanted at every step: the number marked last. */
static void draw_latch(latch_data *d, int run)
{
    eddy_random chance = { .seed = 11, .stream = 1 }, numbers = { .seed = 11, .stream = 2 };
    for (int b = 0; b < LATCH_BATCH; b++)
        for (int t = 0; t < LATCH_STEPS; t++) {
            uint64_t i = (uint64_t)((run * LATCH_BATCH + b) * LATCH_STEPS + t);
            bool marked = !t || eddy_random_uniform(chance, i) < 0.2;
            d->x[t][b][0] = (float)(2 * eddy_random_uniform(numbers, i) - 1);
            d->x[t][b][1] = marked;
            d->y[t][b] = marked ? d->x[t][b][0] : d->y[t - 1][b];
        }
}

typedef struct latch {
    double x[LATCH_STEPS], output[LATCH_STEPS], z[LATCH_STEPS], r[LATCH_STEPS];
    bool marked[LATCH_STEPS];
} latch;

/* Means over units of the gates, of the first sequence of a batch that was not learned from. */
static bool train_latch(figure *f, bool reset_before, latch *out)
{
    static latch_data d;
    eddy_tape *tape = eddy_tape_new(EDDY_F32, 3);
    eddy_gru gru = eddy_gru_new_with(tape, "gru", 2, LATCH_HIDDEN, &(eddy_gru_options){ .reset_before = reset_before });
    eddy_linear head = eddy_linear_new(tape, "head", LATCH_HIDDEN, 1);
    eddy_var x = eddy_input(tape, "x", EDDY_SHAPE(LATCH_STEPS, LATCH_BATCH, 2)),
             y = eddy_input(tape, "y", EDDY_SHAPE(LATCH_STEPS, LATCH_BATCH, 1));
    eddy_var p = eddy_apply(&head, eddy_unroll(&gru.cell, x, NULL).outputs), loss = eddy_mse(p, y);
    eddy_list params = eddy_parameters(tape), grads = eddy_gradients(loss, params);
    eddy_clip_grad_norm(&grads, 1);
    eddy_program *step =
        eddy_compile(tape, EDDY_LIST(loss), eddy_adam(params, grads, &(eddy_adam_options){ .lr = 2e-2 }));
    for (int run = 0; run <= LATCH_RUNS && !eddy_error(tape); run++) {
        draw_latch(&d, run);
        eddy_set(x, d.x, sizeof d.x);
        eddy_set(y, d.y, sizeof d.y);
        if (run < LATCH_RUNS)
            eddy_run(step);
    }
    for (int64_t t = 0; t < LATCH_STEPS && !eddy_error(tape); t++) {
        out->x[t] = d.x[t][0][0];
        out->marked[t] = d.x[t][0][1] != 0;
        out->output[t] = eddy_item(eddy_slice(eddy_select(p, 0, t), 0, 0, 1, 1));
        out->z[t] = eddy_item(eddy_mean(eddy_slice(eddy_watched(tape, "z", t), 0, 0, 1, 1)));
        out->r[t] = eddy_item(eddy_mean(eddy_slice(eddy_watched(tape, "r", t), 0, 0, 1, 1)));
    }
    bool ok = figure_tape_ok(f, tape);
    eddy_tape_free(tape);
    return ok;
}

static bool gates(figure *f, bool reset_before)
{
    static latch all[2];
    static bool known[2];
    latch *seen = &all[reset_before];
    double t[LATCH_STEPS];
    known[reset_before] = known[reset_before] || train_latch(f, reset_before, seen);
    if (!known[reset_before])
        return false;
    for (int k = 0; k < LATCH_STEPS; k++)
        t[k] = k + 1;
    figure_begin(f, 366);
    figure_axes above = { 36,
                          26,
                          288,
                          110,
                          0,
                          LATCH_STEPS,
                          -1.5,
                          1.5,
                          false,
                          "t",
                          figure_word(f, "'input (bars; full: marked) and output",
                                      "'输入（竖条；实色为标记）"
                                      "与输出") };
    figure_axes_draw(f, &above, 6, 4);
    for (int k = 0; k < LATCH_STEPS; k++)
        figure_box(f, figure_x(&above, t[k]) - 2.5, figure_y(&above, fmax(seen->x[k], 0)), 5,
                   fabs(figure_y(&above, 0) - figure_y(&above, seen->x[k])), seen->marked[k] ? ORANGE : SOFT,
                   seen->marked[k] ? 0.9 : 0.2);
    figure_curve(f, &above, t, seen->output, LATCH_STEPS, GREEN, "");
    figure_axes below = { 36,
                          200,
                          288,
                          96,
                          0,
                          LATCH_STEPS,
                          0,
                          1,
                          false,
                          "t",
                          figure_word(f, "'gates, mean over the units", "'门（各单元的平均）") };
    figure_axes_draw(f, &below, 6, 4);
    figure_curve(f, &below, t, seen->z, LATCH_STEPS, BLUE, "");
    figure_curve(f, &below, t, seen->r, LATCH_STEPS, ORANGE, "7 4");
    figure_key(f, 36, 356, BLUE, "",
               reset_before ? figure_word(f, "'z_t, share of the new", "'z_t，新状态所占份额")
                            : figure_word(f, "'z_t, share of the old", "'z_t，旧状态所占份额"));
    figure_key(f, 236, 356, ORANGE, "7 4", "r_t");
    figure_end(f);
    return true;
}

/* ---- Attention that finds a letter ---- */

enum { LETTERS = 6, ASK_BATCH = 48, WIDTH = 24, ASK_RUNS = 600, HALFWAY = 40 };

typedef struct ask_data {
    float memory[LETTERS][ASK_BATCH][LETTERS + 1], query[ASK_BATCH][LETTERS], value[ASK_BATCH];
    int letter[LETTERS][ASK_BATCH], asked[ASK_BATCH];
} ask_data;

/* A memory of all letters in some order, each with a value; the value of one of them is asked for. */
static void draw_question(ask_data *d, int run)
{
    *d = (ask_data){ 0 };
    eddy_random values = { .seed = 21, .stream = 1 };
    for (int b = 0; b < ASK_BATCH; b++) {
        uint64_t i = (uint64_t)(run * ASK_BATCH + b);
        int64_t order[LETTERS];
        eddy_permutation(order, LETTERS, (eddy_random){ .seed = 22, .stream = i });
        d->asked[b] = b % LETTERS;
        for (int t = 0; t < LETTERS; t++) {
            d->letter[t][b] = (int)order[t];
            d->memory[t][b][order[t]] = 1;
            d->memory[t][b][LETTERS] = (float)eddy_random_normal(values, i * LETTERS + (uint64_t)t);
            if (order[t] == d->asked[b])
                d->value[b] = d->memory[t][b][LETTERS];
        }
        d->query[b][d->asked[b]] = 1;
    }
}

typedef struct attended {
    double weight[LETTERS][LETTERS], pull[LETTERS][LETTERS]; /* of question and memory step */
} attended;

/* The weights, and minus the loss's gradient by the scores, of the first six questions. */
static bool ask(eddy_tape *tape, eddy_var weights, eddy_var pull, attended *out)
{
    for (int64_t b = 0; b < LETTERS; b++)
        for (int64_t t = 0; t < LETTERS && !eddy_error(tape); t++) {
            out->weight[b][t] = eddy_item(eddy_slice(eddy_select(weights, 0, t), 0, b, b + 1, 1));
            out->pull[b][t] = -eddy_item(eddy_slice(eddy_select(pull, 0, t), 0, b, b + 1, 1));
        }
    return !eddy_error(tape);
}

static bool train_questions(figure *f, ask_data *d, attended *early, attended *late)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F32, 2);
    eddy_linear key = eddy_linear_new(tape, "key", LETTERS, WIDTH),
                asked = eddy_linear_new(tape, "query", LETTERS, WIDTH),
                score = eddy_linear_new(tape, "score", WIDTH, 1);
    eddy_var memory = eddy_input(tape, "memory", EDDY_SHAPE(LETTERS, ASK_BATCH, LETTERS + 1)),
             query = eddy_input(tape, "query", EDDY_SHAPE(ASK_BATCH, LETTERS)),
             wanted = eddy_input(tape, "value", EDDY_SHAPE(ASK_BATCH));
    eddy_var u =
        eddy_tanh(eddy_add(eddy_apply(&key, eddy_slice(memory, -1, 0, LETTERS, 1)), eddy_apply(&asked, query)));
    eddy_var scores = eddy_select(eddy_apply(&score, u), -1, 0), weights = eddy_softmax(scores, 0);
    eddy_var answer = eddy_sum_over(eddy_mul(weights, eddy_select(memory, -1, LETTERS)), EDDY_SHAPE(0), false);
    eddy_var loss = eddy_mse(answer, wanted);
    eddy_var pull = eddy_gradients(loss, EDDY_LIST(scores)).items[0];
    eddy_list params = eddy_parameters(tape), grads = eddy_gradients(loss, params);
    eddy_program *step =
        eddy_compile(tape, EDDY_LIST(loss), eddy_adam(params, grads, &(eddy_adam_options){ .lr = 2e-2 }));
    for (int run = 0; run <= ASK_RUNS && !eddy_error(tape); run++) {
        draw_question(d, run == HALFWAY ? ASK_RUNS : run);
        eddy_set(memory, d->memory, sizeof d->memory);
        eddy_set(query, d->query, sizeof d->query);
        eddy_set(wanted, d->value, sizeof d->value);
        if (run == HALFWAY)
            ask(tape, weights, pull, early);
        else if (run < ASK_RUNS)
            eddy_run(step);
    }
    ask(tape, weights, pull, late);
    bool ok = figure_tape_ok(f, tape);
    eddy_tape_free(tape);
    return ok;
}

static void heading(figure *f, double left, double top, double unit, const char *english, const char *chinese)
{
    figure_small(f, left + unit * LETTERS / 2, top - 8, 'm', INK, figure_word(f, english, chinese));
}

static bool attention(figure *f)
{
    static ask_data d;
    static attended early, late;
    static bool known;
    known = known || train_questions(f, &d, &early, &late);
    if (!known)
        return false;
    double unit = 22, left[] = { 30, 196 }, top[] = { 40, 222 }, largest = 0;
    for (int i = 0; i < LETTERS * LETTERS; i++)
        largest = fmax(largest, fabs(early.pull[i / LETTERS][i % LETTERS]));
    figure_begin(f, 394);
    for (int panel = 0; panel < 3; panel++) {
        double x = left[panel % 2], y = top[panel / 2];
        for (int b = 0; b < LETTERS; b++) {
            char text[8];
            snprintf(text, sizeof text, "'%c", 'a' + d.asked[b]);
            figure_small(f, x - 6, y + unit * b + 15, 'e', INK, text);
            for (int t = 0; t < LETTERS; t++) {
                double pull = early.pull[b][t] / largest, shade = panel == 1 ? late.weight[b][t] : early.weight[b][t];
                figure_cell(f, x + unit * t, y + unit * b, unit, panel == 2 ? (pull < 0 ? ORANGE : GREEN) : BLUE,
                            panel == 2 ? fabs(pull) : shade);
                snprintf(text, sizeof text, "'%c", 'a' + d.letter[t][b]);
                figure_small(f, x + unit * t + unit / 2, y + unit * b + 15, 'm',
                             d.letter[t][b] == d.asked[b] ? INK : SOFT, text);
                if (d.letter[t][b] == d.asked[b])
                    figure_box(f, x + unit * t + 1.5, y + unit * b + 1.5, unit - 3, unit - 3, INK, 0);
            }
        }
    }
    heading(f, left[0], top[0], unit, "'α after 40 steps", "'训练 40 步后的 α");
    heading(f, left[1], top[0], unit, "'α after 600 steps", "'训练 600 步后的 α");
    heading(f, left[0], top[1], unit, "'−∂L/∂e after 40", "'40 步后的 −∂L/∂e");
    double x = left[1] - 16, y = top[1] + 14;
    figure_small(f, x, y, 's', INK, figure_word(f, "'a row: one question", "'每行：一个问题"));
    figure_small(f, x, y + 18, 's', INK, figure_word(f, "'a column: one step", "'每列：一步"));
    figure_small(f, x, y + 36, 's', INK, figure_word(f, "'framed: what was asked", "'方框：被问到的字母"));
    figure_small(f, x, y + 64, 's', BLUE, figure_word(f, "'■ weight", "'■ 权重"));
    figure_small(f, x, y + 82, 's', GREEN, figure_word(f, "'■ score to be raised", "'■ 分数应提高"));
    figure_small(f, x, y + 100, 's', ORANGE, figure_word(f, "'■ score to be lowered", "'■ 分数应降低"));
    figure_end(f);
    return true;
}

bool figure_trained(figure *f, int which)
{
    return which == 2 ? attention(f) : gates(f, which == 0);
}
