/* Which set of kernels this process uses. The choice is the only mutable global beside the allocator and depends on
 * nothing that changes, so that threads that make it at the same time make the same one. */
#include "kernels.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

extern const eddy_kernel_set eddy_plain_kernels;

/* Every set that was built, the best last. */
static const eddy_kernel_set *const sets[] = { &eddy_plain_kernels };

static _Atomic(const eddy_kernel_set *) in_use;

static const eddy_kernel_set *choose(void)
{
    const char *wanted = getenv("EDDY_ISA");
    const int count = (int)(sizeof sets / sizeof *sets);
    for (int i = 0; wanted && i < count; i++)
        if (!strcmp(sets[i]->name, wanted))
            return sets[i];
    return sets[count - 1];
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
