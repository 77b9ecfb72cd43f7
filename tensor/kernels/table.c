/* The table of one instruction set. */
#include "kernels.h"
#include "set.h"

#define SET_TEXT_(set) #set
#define SET_TEXT(set) SET_TEXT_(set)

extern const eddy_kernel_set KERNEL(kernels);

const eddy_kernel_set KERNEL(kernels) = {
#if defined __aarch64__
    .name = "neon",
#else
    .name = SET_TEXT(EDDY_SET),
#endif
    .fma = SET_FMA,
    .rows = KERNEL(rows),
    .elementwise = KERNEL(elementwise),
    .copy = KERNEL(copy),
    .accumulate = KERNEL(accumulate),
    .fill = KERNEL(fill),
    .sum_n = KERNEL(sum_n),
    .sum = KERNEL(sum),
    .amax = KERNEL(amax),
    .cumsum = KERNEL(cumsum),
    .fold_rows = KERNEL(fold_rows),
    .product_scratch = KERNEL(product_scratch),
    .product = KERNEL(product),
    .pack_bytes = KERNEL(pack_bytes),
    .pack = KERNEL(pack),
    .matmul_scratch = KERNEL(matmul_scratch),
    .matmul = KERNEL(matmul),
    .peak = KERNEL(peak),
    .gather = KERNEL(gather),
    .scatter_add = KERNEL(scatter_add),
    .check_range = KERNEL(check_range),
    .order = KERNEL(order),
    .categorical = KERNEL(categorical),
    .find_nonfinite = KERNEL(find_nonfinite),
};
