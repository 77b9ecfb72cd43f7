/* The algebra of value.h: matrices of blocks, in which 0 and I are as large as the blocks beside and above them. */
#include "value_internal.h"

enum { BLOCKS_MOST = 64 }; /* in a row, in a column */

static bool is_zero(value v)
{
    return v.rank == 0 && v.number && !v.unit && !v.batched && eddy_item(v.var) == 0;
}

/* How high and wide a block is; 0: its neighbours say it. */
static void extent(value v, int64_t *height, int64_t *width)
{
    bool open = v.unit || v.ones || v.any_ones || v.full || is_zero(v);
    *height = open ? 0 : v.rank == 2 ? value_size(v, 0) : v.rank == 1 && !v.row ? value_size(v, 0) : 1;
    *width = open ? 0 : v.rank == 2 ? value_size(v, 1) : v.rank == 1 && v.row ? value_size(v, 0) : 1;
}

static value zeros(algebra *a, int64_t height, int64_t width)
{
    eddy_shape shape = { .rank = 2, .dim = { height, width } };
    value zero = value_number(a, 0);
    return value_taped(a, (value){ .var = eddy_broadcast_to(value_lifted(zero, 2, false), shape), .rank = 2 });
}

bool value_fill_blocks(algebra *a, value *part, int rows, int columns)
{
    int64_t high[BLOCKS_MOST] = { 0 }, wide[BLOCKS_MOST] = { 0 }, height, width;
    int count = rows * columns;
    bool blocks = false, matrices = false, more = true;
    for (int i = 0; i < count; i++) {
        extent(part[i], &height, &width);
        blocks |= height * width > 1;
        matrices |= part[i].rank == 2 || part[i].unit;
        if (height)
            high[i / columns] = height, wide[i % columns] = width;
    }
    while (blocks && more) { /* an identity is as high as wide */
        more = false;
        for (int i = 0; i < count; i++) {
            int64_t *h = &high[i / columns], *w = &wide[i % columns];
            if (part[i].unit && !*h != !*w)
                *h = *w = *h + *w, more = true;
        }
    }
    for (int i = 0; i < count && matrices && count > 1; i++)
        if ((part[i].unit || is_zero(part[i])) && !(high[i / columns] && wide[i % columns]))
            return fault_set(a->fault, FAULT_NOT_READ, "%s",
                             "how large a block is is not said: \\mathbf I_H, 0_{H \\times I} are expected");
    for (int i = 0; i < count && blocks; i++) {
        int64_t h = high[i / columns], w = wide[i % columns];
        if (is_zero(part[i]) && h * w > 1)
            part[i] = zeros(a, h, w);
        else if (part[i].unit && h == w)
            part[i] = value_product(a, value_identity(a, h), (value){ .var = part[i].var, .number = true });
    }
    return true;
}
