/* Which set of kernels this process uses. The choice is the only mutable global beside the allocator and depends on
 * nothing that changes, so that threads that make it at the same time make the same one. */
#include "kernels.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

extern const eddy_kernel_set eddy_baseline_kernels;

static bool always(void)
{
    return true;
}

#if defined EDDY_SETS_OF_X86
extern const eddy_kernel_set eddy_avx2_kernels, eddy_avx512_kernels;

static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static bool has_avx512(void)
{
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
}
#endif

/* Every set that was built, the best last, and whether this processor can run it. */
static const struct {
    const eddy_kernel_set *set;
    bool (*runs)(void);
} sets[] = {
    { &eddy_baseline_kernels, always },
#if defined EDDY_SETS_OF_X86
    { &eddy_avx2_kernels, has_avx2 },
    { &eddy_avx512_kernels, has_avx512 },
#endif
};

enum { SETS = sizeof sets / sizeof *sets };

const eddy_kernel_set *eddy_kernels_at(int number)
{
    for (int i = 0; i < SETS; i++)
        if (sets[i].runs() && number-- == 0)
            return sets[i].set;
    return NULL;
}

static _Atomic(const eddy_kernel_set *) in_use;

static const eddy_kernel_set *choose(void)
{
    const char *wanted = getenv("EDDY_ISA");
    const eddy_kernel_set *best = NULL, *set;
    for (int i = 0; (set = eddy_kernels_at(i)); best = set, i++)
        if (wanted && !strcmp(set->name, wanted))
            return set;
    return best;
}

const eddy_kernel_set *eddy_kernels(void)
{
    const eddy_kernel_set *set = atomic_load_explicit(&in_use, memory_order_relaxed);
    if (!set) {
        set = choose();
        atomic_store_explicit(&in_use, set, memory_order_relaxed);
    }
    return set;
}
