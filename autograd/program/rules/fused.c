/* Running elementwise ops tile by tile. */
#include "fused.h"
#include "kernels.h"

#include <stdio.h>
#include <string.h>

enum { TILE_BYTES = 2048 }; /* of one operand or temporary: two dozen of them stay in L1 and L2 */

static int64_t tile_elements(const eddy_fused *f)
{
    return TILE_BYTES / (int64_t)eddy_dtype_size(f->dtype);
}

/* What a run keeps in its scratch memory. */
typedef struct fused_run {
    const eddy_fused *f;
    eddy_tile *tile; /* of each op */
    char **at;       /* of each slot: where the tile begins */
    size_t size;
    const eddy_work *work;
    bool failed; /* in eager mode: a NaN or infinity was found */
} fused_run;

static size_t scratch_fused(const eddy_work *work)
{
    const eddy_fused *f = work->attributes;
    size_t slots = (size_t)(f->operands + f->results + f->temporaries);
    return eddy_ir_lines((size_t)f->ops * sizeof(eddy_tile)) + eddy_ir_lines(slots * sizeof(char *)) +
           (size_t)f->temporaries * TILE_BYTES;
}

static int64_t row_step(const eddy_fused *f, int32_t slot, int64_t columns)
{
    if (slot >= f->operands + f->results)
        return columns;
    return f->rank > 1 ? f->stride[(int64_t)slot * f->rank + f->rank - 2] : 0;
}

static bool is_spread(const eddy_fused *f, int32_t slot)
{
    return slot < f->operands && f->stride[(int64_t)slot * f->rank + f->rank - 1] == 0;
}

/* Steps for tiles of as many columns at most. */
static void prepare(const fused_run *run, int64_t columns)
{
    const eddy_fused *f = run->f;
    for (int32_t i = 0; i < f->ops; i++) {
        const eddy_fused_op *op = &f->op[i];
        for (int32_t k = 0; k < op->count; k++) {
            run->tile[i].in_step[k] = row_step(f, op->in[k], columns);
            run->tile[i].spread[k] = is_spread(f, op->in[k]);
        }
        run->tile[i].out_step = row_step(f, op->out, columns);
    }
}

/* Eager mode: looks for a NaN or infinity in what op i has made of a tile whose first element is number `first`. */
static void look(fused_run *run, const eddy_tile *tile, int32_t i, int64_t first)
{
    eddy_tensor made = { .data = tile->out,
                         .dtype = run->f->dtype,
                         .shape = { .rank = 2, .dim = { tile->rows, tile->columns } },
                         .stride = { tile->out_step, 1 } };
    int64_t at;
    if (!eddy_dtype_is_float(made.dtype) || !eddy_kernels()->find_nonfinite(&made, &at))
        return;
    run->failed = true;
    *run->work->culprit = run->f->op[i].node;
    eddy_nonfinite(run->work->status, eddy_tensor_flat(&made, at), first + at, &run->f->shape);
}

/* Asks for the part of operand or result s, `down` rows and `across` columns from where it stands, that the next tile
 * will touch: it comes from memory while this tile is computed. */
static void fetch(const fused_run *run, int32_t s, int64_t down, int64_t across, const eddy_tile *tile)
{
    const eddy_fused *f = run->f;
    const int64_t *stride = f->stride + (int64_t)s * f->rank, size = (int64_t)run->size;
    const int64_t row = f->rank > 1 ? stride[f->rank - 2] * size : 0, column = stride[f->rank - 1] * size;
    if (!column)
        return;
    const char *at = run->at[s] + down * row + across * column;
    for (int64_t i = 0; i < tile->rows && (i == 0 || row); i++)
        for (int64_t j = 0; j < tile->columns * column; j += EDDY_IR_LINE)
            __builtin_prefetch(at + i * row + j);
}

/* first: the number of the tile's first element. A tile of several rows has all columns. The next tile is `down` rows
 * and `across` columns from here. */
static void run_tile(fused_run *run, int64_t rows, int64_t columns, int64_t first, int64_t down, int64_t across)
{
    const eddy_fused *f = run->f;
    const eddy_row *row = eddy_kernels()->rows[f->dtype];
    const int32_t slots = f->operands + f->results;
    for (int32_t i = 0; i < f->ops && !run->failed; i++) {
        const eddy_fused_op *op = &f->op[i];
        eddy_tile *tile = &run->tile[i];
        tile->rows = rows;
        tile->columns = columns;
        for (int32_t k = 0; k < op->count; k++)
            tile->in[k] = run->at[op->in[k]];
        tile->out = run->at[op->out];
        row[op->rule->elementwise - 1](tile);
        for (int32_t s = i * slots / f->ops; s < (i + 1) * slots / f->ops; s++)
            fetch(run, s, down, across, tile);
        if (run->work->culprit)
            look(run, tile, i, first);
    }
}

/* Every operand and result moves by `steps` along an axis. */
static void move(const fused_run *run, int32_t axis, int64_t steps)
{
    const eddy_fused *f = run->f;
    for (int32_t s = 0; s < f->operands + f->results; s++)
        run->at[s] += steps * f->stride[(int64_t)s * f->rank + axis] * (int64_t)run->size;
}

/* rows x columns, from where the slots stand; they stand there again afterwards. */
static void run_plane(fused_run *run, int64_t rows, int64_t columns, int64_t first)
{
    const eddy_fused *f = run->f;
    int64_t most = tile_elements(f), across = columns < most ? columns : most, down = most / across;
    for (int64_t i = 0; i < rows; i += down) {
        int64_t high = rows - i < down ? rows - i : down;
        for (int64_t j = 0; j < columns; j += across) {
            int64_t wide = columns - j < across ? columns - j : across;
            bool last = j + wide == columns;
            run_tile(run, high, wide, first + i * columns + j, last ? high : 0, last ? -j : wide);
            move(run, f->rank - 1, across);
        }
        move(run, f->rank - 1, -((columns + across - 1) / across) * across);
        if (f->rank > 1)
            move(run, f->rank - 2, high);
    }
    if (f->rank > 1)
        move(run, f->rank - 2, -rows);
}

/* All planes from axis `axis` inwards; first: the number of the first element there. */
static void run_axes(fused_run *run, int32_t axis, int64_t begin, int64_t end, int64_t first)
{
    const eddy_fused *f = run->f;
    int64_t inside = 1;
    for (int32_t i = axis + 1; i < f->rank; i++)
        inside *= f->dim[i];
    move(run, axis, begin);
    first += begin * inside;
    if (axis == f->rank - 1) {
        run_plane(run, 1, end - begin, first);
    } else if (axis == f->rank - 2) {
        run_plane(run, end - begin, f->dim[axis + 1], first);
    } else {
        for (int64_t i = begin; i < end; i++) {
            run_axes(run, axis + 1, 0, f->dim[axis + 1], first + (i - begin) * inside);
            move(run, axis, 1);
        }
        move(run, axis, -(end - begin));
    }
    move(run, axis, -begin);
}

/* All of it is one tile: nothing is prepared, and nothing fetched for a next one. */
static void run_small(fused_run *run)
{
    const eddy_fused *f = run->f;
    const eddy_row *row = eddy_kernels()->rows[f->dtype];
    const int64_t columns = f->dim[f->rank - 1];
    eddy_tile tile = { .rows = f->rank > 1 ? f->dim[0] : 1, .columns = columns };
    for (int32_t i = 0; i < f->ops && !run->failed; i++) {
        const eddy_fused_op *op = &f->op[i];
        for (int32_t k = 0; k < op->count; k++) {
            tile.in[k] = run->at[op->in[k]];
            tile.in_step[k] = row_step(f, op->in[k], columns);
            tile.spread[k] = is_spread(f, op->in[k]);
        }
        tile.out = run->at[op->out];
        tile.out_step = row_step(f, op->out, columns);
        row[op->rule->elementwise - 1](&tile);
        if (run->work->culprit)
            look(run, &tile, i, 0);
    }
}

static bool run_fused(const eddy_work *work)
{
    const eddy_fused *f = work->attributes;
    int32_t slots = f->operands + f->results + f->temporaries;
    char *scratch = work->scratch;
    fused_run run = { .f = f, .tile = (eddy_tile *)scratch, .size = eddy_dtype_size(f->dtype), .work = work };
    scratch += eddy_ir_lines((size_t)f->ops * sizeof *run.tile);
    run.at = (char **)scratch;
    scratch += eddy_ir_lines((size_t)slots * sizeof *run.at);
    for (int32_t s = 0; s < slots; s++)
        run.at[s] = s < f->operands                ? work->in[s]->data
                    : s < f->operands + f->results ? work->out[s - f->operands].data
                                                   : scratch + (size_t)(s - f->operands - f->results) * TILE_BYTES;
    for (int i = 0; i < f->rank; i++)
        if (!f->dim[i])
            return true;
    int64_t most = tile_elements(f), columns = f->dim[f->rank - 1];
    /* Threads take whole rows of the results, wherever the axes that became one begin. */
    int64_t unit = f->dim[0] / f->first_dim, rows = f->first_dim;
    int64_t begin = unit * (rows * work->share.index / work->share.count),
            end = unit * (rows * (work->share.index + 1) / work->share.count);
    if (begin == 0 && end == f->dim[0] && f->rank <= 2 && end * (f->rank > 1 ? columns : 1) <= most)
        run_small(&run);
    else if (begin < end) {
        prepare(&run, columns < most ? columns : most);
        run_axes(&run, 0, begin, end, 0);
    }
    return !run.failed;
}

static double fused_operations(const eddy_work *work)
{
    const eddy_fused *f = work->attributes;
    return (double)f->ops * (double)eddy_tensor_count(work->out);
}

static bool fused_own_rows(const eddy_work *work, int32_t k)
{
    const eddy_tensor *x = work->in[k], *out = work->out;
    return x->shape.rank == out->shape.rank && x->shape.rank && x->shape.dim[0] == out->shape.dim[0] && x->stride[0];
}

/* Not if an op reads the operand behind the one that writes the result. */
static bool may_overlay(const void *attributes, int32_t k, int32_t r)
{
    const eddy_fused *f = attributes;
    return f->when[k] <= f->when[f->operands + r];
}

static void describe_fused(const void *attributes, const eddy_shape *x, char *text, size_t size)
{
    (void)x;
    const eddy_fused *f = attributes;
    size_t used = 0;
    text[0] = 0;
    for (int32_t i = 0; i < f->ops && used < size; i++) {
        int n = snprintf(text + used, size - used, "%s%s", i ? " " : "", f->op[i].rule->name);
        used += n > 0 ? (size_t)n : 0;
    }
    if (used >= size && size > 4)
        memcpy(text + size - 4, "...", 4);
}

const eddy_rule eddy_ir_fused = { .name = "fused",
                                  .run = run_fused,
                                  .scratch = scratch_fused,
                                  .describe = describe_fused,
                                  .may_overlay = may_overlay,
                                  .operations = fused_operations,
                                  .shares = true,
                                  .own_rows = fused_own_rows };
