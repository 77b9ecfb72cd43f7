/* Good and bad values for every type of a parameter of a public function, for the calls that bad_calls.py writes; and
 * what must be true of a result. The first value of each table is good, so that a call with one bad argument gets as
 * far as that argument. */
#ifndef EDDY_TEST_BAD_CALLS_H
#define EDDY_TEST_BAD_CALLS_H

#include <eddy/eddy.h>

#include "scratch.h"

#include <limits.h>
#include <math.h>

enum { MOST_PARAMETERS = 9, FAR = 99 };

/* What one call may read and write. Made anew for each. */
typedef struct bad {
    const char *call;                 /* the function and its values, for messages */
    int counts[MOST_PARAMETERS];      /* of values of each parameter */
    eddy_tape *tape, *other, *broken; /* broken: has failed before the call */
    eddy_var x, y, index, scalar, failed, foreign, reset;
    eddy_var list[3], holes[3], mixed[3];
    bool excused; /* it is given the tape that is broken already */
    bool told;    /* the call knows a tape or a status that can hold a sentence */
    eddy_status status;
    eddy_tensor tensor, empty, shapeless, out[4];
    double numbers[64];
    int64_t counts_of[8];
    eddy_gradcheck_report report;
    eddy_named_tensor named[2];
    eddy_safetensors file;
    eddy_layer_weights weights, converted;
    eddy_scaler scaler, unfitted;
    eddy_list lists[2];
    eddy_var var;
    eddy_plateau plateau;
    eddy_program *program;
    eddy_cell cell, stateless, stepless, sizeless;
    const eddy_cell *cells[2], *holed_cells[2];
    eddy_linear linear, no_linear;
    eddy_lstm_layers lstm;
    eddy_gru_layers gru;
    eddy_rnn_layers rnn;
    eddy_attention attention;
    eddy_embedding_table table, no_table;
    eddy_layer_norm norm, no_norm;
    const char *path, *long_name;
    FILE *stream;
} bad;

typedef struct entry {
    const char *name;
    void (*call)(bad *b, const int *v);
    int parameters;
} entry;

#define VALUES(table, type, ...)                                                                                       \
    static inline type table##_value(bad *b, const int *v, int i)                                                      \
    {                                                                                                                  \
        type all[] = { __VA_ARGS__ };                                                                                  \
        const int count = (int)(sizeof all / sizeof *all);                                                             \
        b->counts[i] = count;                                                                                          \
        return all[v[i] % count];                                                                                      \
    }
/* The same of what may lead to a tape or a status. */
static inline bool tape_tells(bad *b, const eddy_tape *tape)
{
    b->excused = b->excused || tape == b->broken;
    return tape == b->tape;
}

#define TELLING_VALUES(table, type, tells, ...)                                                                        \
    static inline type table##_value(bad *b, const int *v, int i)                                                      \
    {                                                                                                                  \
        type all[] = { __VA_ARGS__ };                                                                                  \
        const int count = (int)(sizeof all / sizeof *all);                                                             \
        b->counts[i] = count;                                                                                          \
        type chosen = all[v[i] % count];                                                                               \
        b->told = (tells) || b->told;                                                                                  \
        return chosen;                                                                                                 \
    }

static inline bool list_tells(eddy_list list)
{
    bool tells = false;
    for (int64_t i = 0; list.items && i < list.count; i++)
        tells = tells || list.items[i].tape;
    return tells;
}

static inline void claims_zero(void *context, int64_t count, const eddy_tensor *const values[],
                               const eddy_tensor gradients[])
{
    (void)context, (void)count, (void)values, (void)gradients;
}

/* Numbers */
VALUES(flag, bool, false, true)
VALUES(int, int, 0, -1, 1, FAR, INT_MIN, INT_MAX)
VALUES(int64_t, int64_t, 2, 0, -1, INT64_MIN, INT64_MAX, (int64_t)1 << 61, 3)
VALUES(count, int64_t, 2, 0, -1, INT64_MIN) /* of an array that is handed over: no more than it has */
VALUES(uint64_t, uint64_t, 1, UINT64_MAX)
VALUES(size_t, size_t, 2, 0, 48)
VALUES(double, double, 0.5, 0, -1, (double)NAN, (double)INFINITY)
VALUES(eddy_shape, eddy_shape, { .rank = 2, .dim = { 2, 3 } }, { .rank = 0 }, { .rank = -1 }, { .rank = FAR },
       { .rank = 2, .dim = { -1, 3 } }, { .rank = 2, .dim = { INT64_MAX, INT64_MAX } }, { .rank = 1, .dim = { -1 } },
       { .rank = 2, .dim = { 0, INT64_MIN } }, { .rank = 1, .dim = { INT64_MAX } })
VALUES(eddy_random, eddy_random, { .seed = 1 }, { .seed = UINT64_MAX, .stream = UINT64_MAX })
VALUES(eddy_mark, eddy_mark, eddy_mark_now(b->tape), { 0 }, { .nodes = 9999 }, { .nodes = -5 },
       { .nodes = 1, .generation = 77 })
VALUES(eddy_init, eddy_init, { .kind = EDDY_INIT_UNIFORM, .a = 1 }, { .kind = (eddy_init_kind)FAR },
       { .kind = EDDY_INIT_ORTHOGONAL }, { .kind = EDDY_INIT_NORMAL, .a = (double)NAN },
       { .kind = EDDY_INIT_KAIMING_NORMAL })

/* Kinds */
#define KINDS(type, good) VALUES(type, type, good, (type)0, (type)FAR, (type)INT_MAX)
KINDS(eddy_dtype, EDDY_F64)
KINDS(eddy_role, EDDY_PARAMETER)
KINDS(eddy_reduction, EDDY_REDUCE_SUM)
KINDS(eddy_attention_kind, EDDY_GENERAL)
KINDS(eddy_scaler_kind, EDDY_SCALER_MIN_MAX)
KINDS(eddy_gates, EDDY_GATES_GRU)
KINDS(eddy_verdict, EDDY_UNRESOLVED)
KINDS(eddy_witness, EDDY_WITNESS_REPEAT)

/* Text and memory */
VALUES(const_char_p, const char *, "adam", NULL, "", b->long_name)
VALUES(path, const char *, b->path, NULL, "", "/there/is/no/such/folder", b->long_name)
VALUES(eddy_site, eddy_site, "here:1", NULL)
VALUES(FILE_p, FILE *, b->stream, NULL)
VALUES(void_p, void *, b->numbers, NULL)
VALUES(const_void_p, const void *, b->numbers, NULL)
VALUES(int64_t_p, int64_t *, b->counts_of, NULL)
VALUES(const_int64_t_p, const int64_t *, b->counts_of, NULL)
static const int axes[3][8] = { { 1, 0 }, { 0, 0 }, { FAR, -FAR } };
static const char *text[2][2] = { { "a", "b" }, { NULL, NULL } };
VALUES(const_int_p, const int *, axes[0], NULL, axes[1], axes[2])
VALUES(const_char_p_p, const char **, text[0], NULL, text[1])

/* Tapes */
TELLING_VALUES(eddy_tape_p, eddy_tape *, tape_tells(b, chosen), b->tape, NULL, b->broken)
TELLING_VALUES(const_eddy_tape_p, const eddy_tape *, tape_tells(b, chosen), b->tape, NULL, b->broken)
TELLING_VALUES(eddy_var, eddy_var, chosen.tape, b->x, { 0 }, b->failed, b->foreign, b->reset, b->scalar, b->index, b->y,
               { .tape = b->tape, .index = -9999 }, { .tape = b->tape, .index = 9999, .generation = 3 })
VALUES(eddy_var_p, eddy_var *, &b->var, NULL)
VALUES(const_eddy_var_p, const eddy_var *, b->list, NULL)
TELLING_VALUES(eddy_list, eddy_list, list_tells(chosen), { b->list, 2 }, { 0 }, { NULL, 3 }, { b->list, -2 },
               { NULL, -1 }, { b->holes, 3 }, { b->mixed, 3 }, { &b->failed, 1 }, { &b->scalar, 1 },
               { b->list, INT64_MIN }, { b->list, 0 })
VALUES(eddy_list_p, eddy_list *, &b->lists[0], NULL, &b->lists[1])
TELLING_VALUES(eddy_program_p, eddy_program *, chosen != NULL, b->program, NULL)
TELLING_VALUES(const_eddy_program_p, const eddy_program *, chosen != NULL, b->program, NULL)
VALUES(eddy_claim, eddy_claim, claims_zero, NULL)
VALUES(eddy_gradcheck_report_p, eddy_gradcheck_report *, &b->report, NULL)

/* Values and files */
TELLING_VALUES(eddy_status_p, eddy_status *, chosen != NULL, &b->status, NULL)
VALUES(const_eddy_shape_p, const eddy_shape *, &b->tensor.shape, NULL, &b->shapeless.shape)
VALUES(eddy_shape_p, eddy_shape *, &b->out[0].shape, NULL)
VALUES(const_eddy_tensor_p, const eddy_tensor *, &b->tensor, NULL, &b->empty, &b->shapeless)
VALUES(eddy_tensor_p, eddy_tensor *, &b->out[i % 4], NULL)
VALUES(eddy_named_tensor_p, eddy_named_tensor *, b->named, NULL)
static eddy_safetensors loaded;
static eddy_named_tensor nameless;
static eddy_metadata keyless, metadata[48] = { { (char[]){ "key" }, (char[]){ "value" } } };
static const eddy_safetensors files[] = { { .count = 0 },
                                          { .count = 3 },
                                          { .metadata_count = 3 },
                                          { .tensors = &nameless, .count = 1 },
                                          { .metadata = &keyless, .metadata_count = 1 } };
VALUES(eddy_safetensors_p, eddy_safetensors *, &loaded, NULL)
VALUES(const_eddy_safetensors_p, const eddy_safetensors *, &b->file, NULL, &files[0], &files[1], &files[2], &files[3],
       &files[4])
VALUES(const_eddy_metadata_p, const eddy_metadata *, metadata, NULL)
VALUES(eddy_layer_weights_p, eddy_layer_weights *, &b->converted, NULL)
VALUES(const_eddy_layer_weights_p, const eddy_layer_weights *, &b->weights, NULL, &b->converted)
VALUES(eddy_scaler_p, eddy_scaler *, &b->unfitted, NULL)
VALUES(const_eddy_scaler_p, const eddy_scaler *, &b->scaler, NULL, &b->unfitted)

/* Layers */
VALUES(const_eddy_cell_p, const eddy_cell *, &b->cell, NULL, &b->stateless, &b->stepless, &b->sizeless)
VALUES(const_eddy_cell_p_const_p, const eddy_cell *const *, b->cells, NULL, b->holed_cells)
VALUES(const_eddy_linear_p, const eddy_linear *, &b->linear, NULL, &b->no_linear)
VALUES(const_eddy_embedding_table_p, const eddy_embedding_table *, &b->table, NULL, &b->no_table)
VALUES(const_eddy_layer_norm_p, const eddy_layer_norm *, &b->norm, NULL, &b->no_norm)
VALUES(const_eddy_attention_p, const eddy_attention *, &b->attention, NULL, &(eddy_attention){ 0 })
#define STACKS(kind)                                                                                                   \
    static const eddy_##kind##_layers kind##_stacks[] = { { .count = 0 }, { .count = FAR }, { .count = -1 } };         \
    VALUES(const_eddy_##kind##_layers_p, const eddy_##kind##_layers *, &b->kind, NULL, &kind##_stacks[0],              \
           &kind##_stacks[1], &kind##_stacks[2])
STACKS(lstm)
STACKS(gru)
STACKS(rnn)

/* Options: none, all defaults, and what cannot be meant */
#define OPTIONS(kind, ...)                                                                                             \
    static kind##_options kind##_defaults, kind##_odd;                                                                 \
    VALUES(const_##kind##_options_p, const kind##_options *, NULL, &kind##_defaults,                                   \
           (kind##_odd = (kind##_options)__VA_ARGS__, &kind##_odd))
OPTIONS(eddy_sgd, { .lr = (double)NAN })
OPTIONS(eddy_rmsprop, { .alpha = 2 })
OPTIONS(eddy_adagrad, { .lr = -2 })
OPTIONS(eddy_adam, { .beta1 = -1 })
OPTIONS(eddy_schedule, { .kind = EDDY_SCHEDULE_COSINE, .lr = 1, .total = INT64_MIN })
OPTIONS(eddy_loss, { .mask = b->foreign })
OPTIONS(eddy_cross_entropy, { .label_smoothing = 7 })
OPTIONS(eddy_ctc, { .blank = INT64_MIN })
OPTIONS(eddy_lstm, { .projection = INT64_MIN })
OPTIONS(eddy_gru, { .layer = -1 })
OPTIONS(eddy_rnn, { .layer = -1 })
OPTIONS(eddy_unroll, { .truncate = INT64_MIN, .checkpoint = INT64_MAX })
OPTIONS(eddy_layers, { .dropout = 1, .unroll = { .checkpoint = INT64_MIN } })
OPTIONS(eddy_graph, { .no_sites = true })
OPTIONS(eddy_format, { .precision = INT_MAX, .threshold = -1, .edge = INT64_MIN, .width = INT_MIN })
OPTIONS(eddy_gradcheck, { .order = INT_MAX, .max_elements = -1, .low = (double)INFINITY })
static eddy_plateau senseless = { .factor = -1 };
VALUES(eddy_plateau_p, eddy_plateau *, &b->plateau, NULL, &senseless)

/* ---- What must be true of a result ---- */

/* A call that fails and knows a tape or a status leaves a sentence there. */
static inline void check_told(const bad *b, bool failed)
{
    bool sentence =
        eddy_error(b->tape) || eddy_error(b->other) || b->excused || b->status.text[0] || b->report.message[0];
    ck_assert_msg(!failed || !b->told || sentence, "failed without a sentence: %s", b->call);
}

#define RESULT(kind, type, failed) RESULT_THEN(kind, type, failed, (void)r)
#define RESULT_THEN(kind, type, failed, then)                                                                          \
    static inline void kind##_result(bad *b, type r)                                                                   \
    {                                                                                                                  \
        check_told(b, failed);                                                                                         \
        then;                                                                                                          \
    }

/* Whoever asked for a list may look into it. */
static inline void check_list(const bad *b, eddy_list list)
{
    if (!eddy_error(b->tape))
        return;
    for (int64_t i = 0; i < 5 || i < list.count; i++)
        ck_assert_msg(list.items != NULL && (i < list.count || !eddy_ok(list.items[i])),
                      "item %d of its list is none: %s", (int)i, b->call);
}

RESULT(flag, bool, !r)
RESULT(eddy_var, eddy_var, !eddy_ok(r))
RESULT_THEN(eddy_list, eddy_list, !r.items && r.count, check_list(b, r))
RESULT_THEN(eddy_unrolled, eddy_unrolled, !eddy_ok(r.outputs) || !eddy_ok(r.last), check_list(b, r.states))
RESULT_THEN(eddy_layered, eddy_layered, !eddy_ok(r.outputs) || !eddy_ok(r.last), check_list(b, r.states))
RESULT(eddy_attended, eddy_attended, !eddy_ok(r.context) || !eddy_ok(r.weights))
RESULT(eddy_linear, eddy_linear, !eddy_ok(r.weight))
RESULT(eddy_lstm, eddy_lstm, !eddy_ok(r.weight_ih))
RESULT(eddy_gru, eddy_gru, !eddy_ok(r.weight_ih))
RESULT(eddy_rnn, eddy_rnn, !eddy_ok(r.weight_ih))
RESULT(eddy_lstm_layers, eddy_lstm_layers, !r.count)
RESULT(eddy_gru_layers, eddy_gru_layers, !r.count)
RESULT(eddy_rnn_layers, eddy_rnn_layers, !r.count)
RESULT(eddy_embedding_table, eddy_embedding_table, !eddy_ok(r.weight))
RESULT(eddy_layer_norm, eddy_layer_norm, !eddy_ok(r.weight))
RESULT(eddy_program_p, eddy_program *, !r)
RESULT(const_eddy_tensor_p, const eddy_tensor *, !r)
RESULT_THEN(char_p, char *, !r, eddy_free(r))
RESULT(double, double, isnan(r))
RESULT_THEN(eddy_tape_p, eddy_tape *, false, eddy_tape_free(r))
RESULT_THEN(void_p, void *, false, eddy_free(r))

#endif
