/* Weights of other libraries: their layouts to and from PyTorch's, which is eddy's. Gate order of PyTorch: LSTM i, f,
 * g, o; GRU r, z, n; weights (gates * hidden, input). Works on tensors, not on tapes: load a file, convert,
 * eddy_set_tensor. */
#ifndef EDDY_WEIGHTS_H
#define EDDY_WEIGHTS_H

#include "tensor.h"

EDDY_C_BEGIN

typedef enum eddy_gates { EDDY_GATES_RNN = 0, EDDY_GATES_LSTM, EDDY_GATES_GRU } eddy_gates;

/* One layer in one direction; bias_ih and bias_hh are {0} if there are none. Tensors own their memory; free with
 * eddy_layer_weights_free. */
typedef struct eddy_layer_weights {
    eddy_tensor weight_ih, weight_hh, bias_ih, bias_hh;
} eddy_layer_weights;
EDDY_API void eddy_layer_weights_free(eddy_layer_weights *weights);

/* Every function leaves {0} in its results after a failure. Elements are f32 or f64, of one dtype in one call; strides
 * do not matter.
 *
 * Keras: kernel (input, gates*hidden), recurrent_kernel (hidden, gates*hidden), bias (gates*hidden), or (2,
 * gates*hidden) for a GRU with reset_after; NULL: none. LSTM i, f, c, o; GRU z, r, h. A GRU without reset_after needs
 * eddy's reset_before with z turned round: z's rows are negated. Where Keras has one bias for a gate it becomes
 * bias_ih, and bias_hh is zero; the other way their sum is taken. *bias becomes {0} if there is none. */
EDDY_API bool eddy_from_keras(eddy_layer_weights *out, eddy_gates gates, bool reset_after, const eddy_tensor *kernel,
                              const eddy_tensor *recurrent, const eddy_tensor *bias, eddy_status *status);
EDDY_API bool eddy_to_keras(eddy_tensor *kernel, eddy_tensor *recurrent, eddy_tensor *bias, eddy_gates gates,
                            bool reset_after, const eddy_layer_weights *in, eddy_status *status);
/* ONNX: W (directions, gates*hidden, input), R (directions, gates*hidden, hidden), B (directions, 2*gates*hidden) or
 * NULL; direction 0 or 1. LSTM i, o, f, c; GRU z, r, h; linear_before_reset is reset after. To ONNX: in[directions], 1
 * or 2 of one shape. */
EDDY_API bool eddy_from_onnx(eddy_layer_weights *out, eddy_gates gates, bool linear_before_reset, int64_t direction,
                             const eddy_tensor *w, const eddy_tensor *r, const eddy_tensor *b, eddy_status *status);
EDDY_API bool eddy_to_onnx(eddy_tensor *w, eddy_tensor *r, eddy_tensor *b, eddy_gates gates, bool linear_before_reset,
                           const eddy_layer_weights *in, int64_t directions, eddy_status *status);

EDDY_C_END
#endif
