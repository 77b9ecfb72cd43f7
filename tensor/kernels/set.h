/* The kernels of one instruction set to each other. Their sources are compiled once for each set, with EDDY_SET its
 * name, so every name that the linker sees is made with KERNEL. */
#ifndef EDDY_SET_H
#define EDDY_SET_H

#include "kernels.h"

#define SET_JOIN_(set, name) eddy_##set##_##name
#define SET_JOIN(set, name) SET_JOIN_(set, name)
#define KERNEL(name) SET_JOIN(EDDY_SET, name)

/* Each is a member of eddy_kernel_set, which documents it. */
#define DECLARE(name) extern __typeof__(*((eddy_kernel_set *)0)->name) KERNEL(name)
DECLARE(elementwise);
DECLARE(copy);
DECLARE(accumulate);
DECLARE(fill);
DECLARE(sum_n);
DECLARE(sum);
DECLARE(amax);
DECLARE(cumsum);
DECLARE(matmul);
DECLARE(gather);
DECLARE(scatter_add);
DECLARE(order);
DECLARE(categorical);
DECLARE(find_nonfinite);
#undef DECLARE

/* to[i * to_step] += from[i * from_step] for i = 0, 1, ..., one function per dtype (copy.c). With to_step 0 all go to
 * one element, in order. */
typedef void (*kernel_add)(int64_t n, const void *from, int64_t from_step, void *to, int64_t to_step);
extern const kernel_add KERNEL(additions)[EDDY_I64 + 1];
/* One function per row of elementwise.def and dtype (elementwise.c). */
extern const eddy_row *const KERNEL(rows)[EDDY_I64 + 1];

#endif
