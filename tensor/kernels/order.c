/* Order along one axis: the places of the elements that come first. An element becomes a 64-bit key whose unsigned
 * order is the one asked for, so that one sort serves every dtype and both directions. NaN counts as larger than every
 * number, -0 equals 0, and equal elements keep their order. Assumes what kernels.h says about shapes and dtypes. */
#include "loop.h"
#include "set.h"

typedef struct entry {
    uint64_t key;
    int64_t at;
} entry;

_Static_assert(sizeof(entry) == EDDY_ORDER_ENTRY, "kernels.h asks for scratch of this size");

/* The elements of `in` along the axis, from one of them on. */
typedef struct line {
    const eddy_tensor *in;
    int64_t from, step, n;
    const eddy_order *order;
} line;

static entry entry_at(const line *l, int64_t at)
{
    const int64_t offset = l->from + at * l->step;
    const void *data = l->in->data;
    const uint64_t top = (uint64_t)1 << 63;
    uint64_t key;
    if (l->in->dtype == EDDY_I32 || l->in->dtype == EDDY_I64) {
        int64_t x = l->in->dtype == EDDY_I32 ? ((const int32_t *)data)[offset] : ((const int64_t *)data)[offset];
        key = (uint64_t)x ^ top;
    } else {
        double x = l->in->dtype == EDDY_F32 ? (double)((const float *)data)[offset] : ((const double *)data)[offset];
        x += 0.0; /* -0 becomes 0 */
        if (x != x)
            return (entry){ l->order->nan_first || l->order->descending ? 0 : UINT64_MAX, at };
        memcpy(&key, &x, sizeof key);
        key = key & top ? ~key : key | top;
    }
    return (entry){ l->order->descending ? ~key : key, at };
}

/* The first k in order, each put in its place as it is met, behind its equals. */
static void select_few(const line *l, int64_t k, entry *first)
{
    for (int64_t i = 0, count = 0; i < l->n; i++) {
        const entry e = entry_at(l, i);
        if (count == k && e.key >= first[k - 1].key)
            continue;
        int64_t to = count < k ? count++ : k - 1;
        for (; to > 0 && first[to - 1].key > e.key; to--)
            first[to] = first[to - 1];
        first[to] = e;
    }
}

/* Runs of 1, 2, 4, ... are merged from one half of the scratch into the other; returns the half that holds the result.
 */
static const entry *sort_all(const line *l, entry *from)
{
    entry *to = from + l->n;
    for (int64_t i = 0; i < l->n; i++)
        from[i] = entry_at(l, i);
    for (int64_t run = 1; run < l->n; run *= 2) {
        for (int64_t low = 0; low < l->n; low += 2 * run) {
            const int64_t middle = low + run < l->n ? low + run : l->n,
                          high = middle + run < l->n ? middle + run : l->n;
            for (int64_t k = low, i = low, j = middle; k < high; k++)
                to[k] = j == high || (i < middle && from[i].key <= from[j].key) ? from[i++] : from[j++];
        }
        entry *swap = from;
        from = to;
        to = swap;
    }
    return from;
}

void KERNEL(order)(const eddy_tensor *in, const eddy_order *order, void *scratch, const eddy_tensor *out)
{
    const int64_t n = in->shape.dim[order->axis], k = out->shape.dim[order->axis], step = out->stride[order->axis];
    loop l;
    loop_begin(&l, 2);
    for (int i = 0; i < in->shape.rank; i++)
        if (i != order->axis)
            loop_axis(&l, in->shape.dim[i], (const int64_t[]){ in->stride[i], out->stride[i] });
    loop_end(&l);
    if (!l.count || !k)
        return;
    do
        for (int64_t i = 0; i < l.n; i++) {
            const line from = { in, l.offset[0] + i * l.step[0], in->stride[order->axis], n, order };
            const entry *first = scratch;
            if (k <= EDDY_ORDER_FEW)
                select_few(&from, k, scratch);
            else
                first = sort_all(&from, scratch);
            int64_t *to = (int64_t *)out->data + l.offset[1] + i * l.step[1];
            for (int64_t j = 0; j < k; j++)
                to[j * step] = first[j].at;
        }
    while (loop_next(&l));
}
