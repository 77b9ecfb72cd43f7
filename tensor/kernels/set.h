/* The kernels of one instruction set to each other. Their sources are compiled once for each set, with EDDY_SET its
 * name, so every name that the linker sees is made with KERNEL. What a set
 * is follows from what the compiler may use. */
#ifndef EDDY_SET_H
#define EDDY_SET_H

#include "kernels.h"

#if defined __AVX512F__ && defined __AVX512VL__ && defined __AVX512DQ__ && defined __AVX512BW__ && defined __FMA__
#define SET_VECTOR_BYTES 64
#elif defined __AVX2__ && defined __FMA__
#define SET_VECTOR_BYTES 32
#else
#define SET_VECTOR_BYTES 16
#endif
#if SET_VECTOR_BYTES > 16 || defined __aarch64__
#define SET_FMA 1
#else
#define SET_FMA 0
#endif

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
DECLARE(fold_rows);
DECLARE(product_scratch);
DECLARE(product);
DECLARE(pack_bytes);
DECLARE(pack);
DECLARE(matmul_scratch);
DECLARE(matmul);
DECLARE(peak);
DECLARE(gather);
DECLARE(scatter_add);
DECLARE(check_range);
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
