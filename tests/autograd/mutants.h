/* Deliberately wrong gradients, and right ones: the losses, what is claimed of them, and nothing about who judges. For
 * the suite "mutants" and for the program that compares checkers. Assumes Check only through the caller: nothing here
 * asserts. */
#ifndef EDDY_TEST_MUTANTS_H
#define EDDY_TEST_MUTANTS_H

#include <eddy/eddy.h>

enum { TRIAL_LEAVES = 16 };

/* A loss at one point with a claimed gradient. */
typedef struct trial {
    eddy_tape *tape;
    eddy_var loss;
    eddy_list wrt;
    eddy_claim claim;
    void *context;
    eddy_var source;               /* the claim is this loss's gradient... */
    void (*edit)(struct trial *t); /* ...after this change, if there is one */
    double *claimed[TRIAL_LEAVES];
    int by_hand[6]; /* LSTM by hand: B, T, I, H, the bug, 1 */
} trial;

typedef struct mutant {
    const char *group, *name; /* "lstm", "f(1 - f) twice" */
    const char *hint;         /* part of the diagnosis that is expected; NULL: any */
    void (*record)(trial *t); /* sets loss and source or claim */
    void (*edit)(trial *t);
} mutant;

/* NULL after the last. */
const mutant *mutant_at(int i);
/* How many right claims there are. */
int right_count(void);

/* Builds the trial; false with a sentence on the tape (or no tape). `right`: the loss's own gradient is claimed
 * instead. */
bool trial_mutant(trial *t, const mutant *m, uint64_t seed, bool right);
/* Right trial number i; *name gets its name (valid until the trial is freed). */
bool trial_right(trial *t, int i, const char **name);
void trial_free(trial *t);

/* ---- mutants_lstm.c: the LSTM's gradient by hand ---- */
typedef enum lstm_bug {
    LSTM_RIGHT,
    LSTM_SIGN_F,
    LSTM_F_TWICE,
    LSTM_NO_C_CARRY,
    LSTM_NO_H_CARRY,
    LSTM_NO_CARRY,
    LSTM_H_OFF_BY_ONE,
    LSTM_C_OFF_BY_ONE,
    LSTM_ONE_PERCENT,
    LSTM_BATCH_MEAN,
    LSTM_FIRST_SAMPLE,
    LSTM_NO_FINAL_C,
    LSTM_LAST_STEP_BIAS,
    LSTM_TANH_OF_C,
    LSTM_U_TRANSPOSED,
    LSTM_X_SHIFTED,
    LSTM_O_LATE,
    LSTM_MILLIONTH,
    LSTM_C_ASSIGNED,
    LSTM_BIAS_OF_F,
    LSTM_BUGS
} lstm_bug;
/* Records the loss with B, T, I, H and sets the claim with the bug. */
void lstm_record(trial *t, int B, int T, int I, int H, lstm_bug bug);

#endif
