/* Lesson 2: the tasks with which the LSTM was published (Hochreiter & Schmidhuber 1997, "Long Short-Term Memory",
 * Neural Computation 9(8)), and two on which an LSTM stayed at chance (Bai, Kolter & Koltun 2018, "An empirical
 * evaluation of generic convolutional and recurrent networks for sequence modeling", arXiv:1803.01271).
 *
 * Each is a source of random sequences without end and a rule by which a network's outputs are right or wrong. Sequence
 * number n of a stream is a pure function of (task, seed, stream, n). What a network reads at step t is one symbol,
 * one-hot, or a pair (value, mark); what it is to put out at the steps that are asked is the next symbol, a class or a
 * number. Nothing here knows of networks. */
#ifndef EDDY_TASKS_H
#define EDDY_TASKS_H

#include <eddy/eddy.h>

enum { TASK_LONGEST = 1024, REBER_LONGEST = 160, TASK_TEST = 2560, REBER_STRINGS = 256 };

typedef enum task_kind {
    TASK_REBER = 0,
    TASK_LAG_FIXED,
    TASK_LAG_RANDOM,
    TASK_ADDING,
    TASK_ORDER,
    TASK_ADDING_LONG, /* takes long, as the next: bench-tasks runs it when it is named */
    TASK_COPY,
    TASK_COUNT
} task_kind;

typedef struct task {
    task_kind kind;
    const char *name, *number, *about, *criterion;
    int64_t inputs, outputs; /* sizes at one step */
    int64_t shortest;        /* steps */
    int64_t longest;    /* steps; Reber strings have no longest, but one beyond REBER_LONGEST is not seen before the
                           sun goes out */
    bool numeric;       /* the target is a number, not a symbol or class */
    int64_t in_a_row;   /* how many successive sequences must be right; 0: every one of fixed sets of strings (Reber) */
    bool row_counts;    /* do these belong to the sequences until success? */
    double right_below; /* a sequence is right when no output is farther from its target than this, at any step that is
                           asked */
    double mean_below;  /* and the mean error of those in a row must be below this; 0: no such rule */
    double loss_below;  /* instead: the mean loss of the last in_a_row must be below this; 0: no such rule */
    double paper_loss;  /* of such a task: of the paper's LSTM, */
    double chance;      /* and of one that has learned nothing */
    int64_t paper;      /* sequences until success there, the mean of its trials; with a loss: given at most, here */
    const char *paper_note;
} task;

/* Symbols of the strings: the legal next ones are a set of bits. */
enum { REBER_B, REBER_T, REBER_P, REBER_S, REBER_X, REBER_V, REBER_E, REBER_SYMBOLS };
/* Temporal order: E and B stand at the ends, X and Y carry the class, the others distract. */
enum { ORDER_E, ORDER_B, ORDER_A, ORDER_X = ORDER_A + 4, ORDER_Y, ORDER_SYMBOLS };

typedef struct task_sequence {
    int64_t steps;
    int symbol[TASK_LONGEST];   /* read at each step; adding: the mark, -1, 0 or 1 (0 or 1 in the long one) */
    double value[TASK_LONGEST]; /* adding: the number */
    int target[TASK_LONGEST]; /* the symbol or class to put out, -1: nothing is asked here; adding: 0 where it is asked
                               */
    unsigned legal[TASK_LONGEST]; /* Reber: bit s is set if s may come next */
    double sum;                   /* adding: what is to be put out */
} task_sequence;

const task *task_of(task_kind kind);
/* The task of a name ("reber") or number ("2a"); NULL if there is none. */
const task *task_find(const char *name);

/* Streams of one seed are independent: one to learn from, one to test with. */
enum { TASK_STREAM_TRAIN = 1, TASK_STREAM_TEST = 2 };
void task_draw(const task *t, uint64_t seed, uint64_t stream, uint64_t number, task_sequence *out);

/* Writes a sequence into column `column` of x (time, batch, inputs), y (time, batch, outputs) and mask (time, batch,
 * 1), all f32, row-major; steps after its end are zeros. time >= out->steps. */
void task_write(const task *t, const task_sequence *s, int64_t time, int64_t batch, int64_t column, float *x, float *y,
                float *mask);

typedef struct task_score {
    bool right;
    double error; /* the largest |output - target|; Reber: the largest illegal less the smallest legal output, at the
                     worst step: right below 0. Of a task with a loss, that: the mean over the steps that are asked */
} task_score;
/* Of outputs p (time, batch, outputs): probabilities, or the number. Something not finite is wrong. */
task_score task_judge(const task *t, const task_sequence *s, int64_t batch, int64_t column, const float *p);

#endif
