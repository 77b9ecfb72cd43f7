/* The table of one instruction set. */
#include "set.h"

#define SET_TEXT_(set) #set
#define SET_TEXT(set) SET_TEXT_(set)

extern const eddy_kernel_set KERNEL(kernels);

const eddy_kernel_set KERNEL(kernels) = {
    .name = SET_TEXT(EDDY_SET),
    .rows = KERNEL(rows),
    .elementwise = KERNEL(elementwise),
    .copy = KERNEL(copy),
    .accumulate = KERNEL(accumulate),
    .fill = KERNEL(fill),
    .sum_n = KERNEL(sum_n),
    .sum = KERNEL(sum),
    .amax = KERNEL(amax),
    .cumsum = KERNEL(cumsum),
    .matmul = KERNEL(matmul),
    .gather = KERNEL(gather),
    .scatter_add = KERNEL(scatter_add),
    .order = KERNEL(order),
    .categorical = KERNEL(categorical),
    .find_nonfinite = KERNEL(find_nonfinite),
};
