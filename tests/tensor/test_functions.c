/* The functions of kernels/functions.h by every set of kernels that this machine runs: bounds in units in the last
 * place (ULP), special values, one result whatever an element's place is. f32 goes through a sample of all 2^32
 * arguments, or all of them with EDDY_TEST_EXHAUSTIVE=1 (which takes a quarter of an hour a set). */
#include "kernels.h"
#include "random_tensor.h"

enum { COUNT = 4096 };

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

static long double sigmoidl(long double x)
{
    return 1 / (1 + expl(-x));
}

static const struct {
    const char *name;
    eddy_elementwise op;
    double (*f32)(double);
    long double (*f64)(long double);
    double low, high; /* where samples are dense */
    double most;      /* ULP that functions.h documents, of f64 */
} functions[] = {
    { "exp", EDDY_ELEMENTWISE_exp, exp, expl, -750, 715, 2 },
    { "expm1", EDDY_ELEMENTWISE_expm1, expm1, expm1l, -45, 715, 2 },
    { "tanh", EDDY_ELEMENTWISE_tanh, tanh, tanhl, -20, 20, 2 },
    { "sigmoid", EDDY_ELEMENTWISE_sigmoid, sigmoid, sigmoidl, -750, 50, 2 },
    { "log", EDDY_ELEMENTWISE_log, log, logl, 0, 3, 2 },
    { "log1p", EDDY_ELEMENTWISE_log1p, log1p, log1pl, -1, 3, 2 },
    { "erf", EDDY_ELEMENTWISE_erf, erf, erfl, -6, 6, 2 },
    { "sin", EDDY_ELEMENTWISE_sin, sin, sinl, -20, 20, 2 },
    { "cos", EDDY_ELEMENTWISE_cos, cos, cosl, -20, 20, 2 },
};
enum { FUNCTIONS = sizeof functions / sizeof *functions };

static void run(const eddy_kernel_set *set, eddy_dtype dtype, eddy_elementwise op, const void *in, void *out)
{
    set->rows[dtype][op](&(eddy_tile){ .rows = 1, .columns = COUNT, .in = { in }, .out = out });
}

/* Of a result: units in the last place from what it should be; infinite for a wrong special value or sign. */
static double distance(double got, long double want, int digits, int least)
{
    int exponent = 0;
    if (isnan(want) || isnan(got))
        return isnan(want) && isnan(got) ? 0 : INFINITY;
    if (want == 0 || isinf(want))
        return (long double)got == want && !signbit(got) == !signbit(want) ? 0 : INFINITY;
    if (isinf(got) || (got != 0 && (got < 0) != (want < 0)))
        return INFINITY;
    frexpl(want, &exponent);
    return (double)(fabsl((long double)got - want) / ldexpl(1, (exponent < least ? least : exponent) - digits));
}

static void check_f32(const eddy_kernel_set *set, int which)
{
    static float in[COUNT], out[COUNT];
    const uint64_t step = getenv("EDDY_TEST_EXHAUSTIVE") ? 1 : 4099;
    double worst = 0;
    float at = 0;
    for (uint64_t first = 0; first < (uint64_t)1 << 32; first += step * COUNT) {
        for (uint64_t i = 0; i < COUNT; i++) {
            const uint32_t bits = (uint32_t)(first + i * step);
            memcpy(&in[i], &bits, sizeof bits);
        }
        run(set, EDDY_F32, functions[which].op, in, out);
        for (int i = 0; i < COUNT; i++) {
            double want = functions[which].f32((double)in[i]);
            if (isinf((float)want) || (float)want == 0)
                want = (double)(float)want;
            const double far = distance((double)out[i], (long double)want, 24, -125);
            if (far > worst) {
                worst = far;
                at = in[i];
            }
        }
    }
    ck_assert_msg(worst <= 2, "%s of f32 by %s: %.3f ULP at %a", functions[which].name, set->name, worst, (double)at);
    if (getenv("EDDY_TEST_EXHAUSTIVE"))
        printf("%s f32 %s: %.3f ULP at %a\n", functions[which].name, set->name, worst, (double)at);
}

static double draw_argument(int which, int kind)
{
    const double unit = draw_real(0, 1) + draw_real(0, 0x1p-30);
    switch (kind) {
    case 0:
        return functions[which].low + (functions[which].high - functions[which].low) * unit;
    case 1:
        return 2 * unit - 1;
    case 2:
        return ldexp(unit - 0.5, (int)draw_below(2100) - 1074);
    case 3:
        return (unit - 0.5) * 1e6;
    default:
        return ldexp(unit - 0.5, -(int)draw_below(60));
    }
}

static void check_f64(const eddy_kernel_set *set, int which)
{
    static const double specials[] = { 0.0, -0.0, INFINITY, -INFINITY, NAN, 5e-324, -5e-324, 1, -1, 0x1p-1022 };
    static double in[COUNT], out[COUNT];
    double worst = 0, at = 0;
    for (int round = 0; round < 60; round++) {
        for (int i = 0; i < COUNT; i++)
            in[i] = i < 10 ? specials[i] : draw_argument(which, (i + round) % 5);
        run(set, EDDY_F64, functions[which].op, in, out);
        for (int i = 0; i < COUNT; i++) {
            long double want = functions[which].f64((long double)in[i]);
            if (isinf((double)want) || (double)want == 0)
                want = (long double)(double)want;
            const double far = distance(out[i], want, 53, -1021);
            if (far > worst) {
                worst = far;
                at = in[i];
            }
        }
    }
    ck_assert_msg(worst <= functions[which].most, "%s of f64 by %s: %.3f ULP at %a", functions[which].name, set->name,
                  worst, at);
}

START_TEST(bounds)
{
    const eddy_kernel_set *set;
    for (int i = 0; (set = eddy_kernels_at(i)); i++) {
        check_f32(set, _i);
        check_f64(set, _i);
    }
}
END_TEST

/* In a tile of any width, spread or not, an element has the bits that it has alone; sets with FMA have the same. */
START_TEST(places)
{
    const eddy_kernel_set *set, *reference = NULL;
    for (int number = 0; (set = eddy_kernels_at(number)); number++) {
        reference = reference && reference->fma && set->fma ? reference : set;
        for (int round = 0; round < 400; round++) {
            const eddy_elementwise op = functions[draw_below(FUNCTIONS)].op;
            const int64_t rows = 1 + draw_below(4), columns = 1 + draw_below(40), step = columns + draw_below(3);
            float in[200], out[200], alone, again;
            for (int i = 0; i < 200; i++) {
                in[i] = (float)draw_real(-5, 5);
                out[i] = -77;
            }
            const bool spread = draw_below(4) == 0;
            set->rows[EDDY_F32][op](&(eddy_tile){ .rows = rows,
                                                  .columns = columns,
                                                  .in = { in },
                                                  .in_step = { step },
                                                  .spread = { spread },
                                                  .out = out,
                                                  .out_step = step });
            for (int64_t i = 0; i < rows; i++)
                for (int64_t j = 0; j < step && i * step + j < 200; j++) {
                    const eddy_tile one = {
                        .rows = 1, .columns = 1, .in = { &in[i * step + (spread ? 0 : j)] }, .out = &alone
                    };
                    if (j >= columns) {
                        ck_assert(out[i * step + j] == -77);
                        continue;
                    }
                    reference->rows[EDDY_F32][op](&one);
                    set->rows[EDDY_F32][op](
                        &(eddy_tile){ .rows = 1, .columns = 1, .in = { one.in[0] }, .out = &again });
                    ck_assert(!memcmp(&alone, &out[i * step + j], sizeof alone) || isnan(alone));
                    ck_assert(!memcmp(&alone, &again, sizeof alone) || isnan(alone));
                }
        }
    }
}
END_TEST

static const struct row {
    const char *name;
    int arity;
} every_row[] = {
#define EDDY_UNARY(name, ...) { #name, 1 },
#define EDDY_BINARY(name, ...) { #name, 2 },
#define EDDY_TERNARY(name, ...) { #name, 3 },
#include "elementwise.def"
};

enum { TILE = 4 * 72 }; /* elements of the largest tile below */

/* Numbers of either sign, some equal, in floating point also those that are none. */
static void fill_operand(eddy_dtype dtype, void *data)
{
    static const double specials[] = { 0, -0.0, NAN, INFINITY, -INFINITY, 1, -1, 0.5 };
    for (int i = 0; i < TILE; i++) {
        double x = draw_below(4) ? draw_real(-5, 5) : specials[draw_below(8)];
        x = dtype == EDDY_I32 || dtype == EDDY_I64 ? (isfinite(x) ? round(x) : 3) : x;
        eddy_tensor one = eddy_tensor_wrap((char *)data + i * (int64_t)eddy_dtype_size(dtype), dtype, EDDY_SCALAR),
                    from = eddy_tensor_wrap(&x, EDDY_F64, EDDY_SCALAR);
        ck_assert(eddy_tensor_copy(&one, &from, NULL));
    }
}

static bool is_nan(eddy_dtype dtype, const void *element)
{
    return dtype == EDDY_F32   ? isnan(*(const float *)element)
           : dtype == EDDY_F64 ? isnan(*(const double *)element)
                               : false;
}

/* One row on one tile beside the same row on each element by itself. */
static void check_tile(const eddy_kernel_set *set, eddy_dtype dtype, int op, const eddy_tile *of)
{
    static _Alignas(64) char in[3][8 * TILE], out[8 * TILE], alone[8];
    const int64_t size = (int64_t)eddy_dtype_size(dtype);
    eddy_tile tile = *of;
    for (int k = 0; k < every_row[op].arity; k++) {
        fill_operand(dtype, in[k]);
        tile.in[k] = in[k];
    }
    memset(out, 0x5a, sizeof out);
    tile.out = out;
    set->rows[dtype][op](&tile);
    for (int64_t i = 0; i < TILE; i++) {
        const int64_t row = tile.out_step ? i / tile.out_step : 0, column = i - row * tile.out_step;
        char *const made = out + i * size;
        if (row >= tile.rows || column >= tile.columns) {
            ck_assert_msg(*made == 0x5a, "%s of %s by %s writes beside its tile", every_row[op].name,
                          eddy_dtype_name(dtype), set->name);
            continue;
        }
        eddy_tile one = { .rows = 1, .columns = 1, .out = alone };
        for (int k = 0; k < every_row[op].arity; k++)
            one.in[k] = in[k] + (row * tile.in_step[k] + (tile.spread[k] ? 0 : column)) * size;
        set->rows[dtype][op](&one);
        ck_assert_msg(!memcmp(alone, made, (size_t)size) || (is_nan(dtype, alone) && is_nan(dtype, made)),
                      "%s of %s by %s: element (%lld, %lld) of a tile of %lld x %lld", every_row[op].name,
                      eddy_dtype_name(dtype), set->name, (long long)row, (long long)column, (long long)tile.rows,
                      (long long)tile.columns);
    }
}

/* Every row of every dtype and set: what an element is does not depend on the tile around it, its width, its steps, or
 * which operands are one value. */
START_TEST(every_row_by_tile)
{
    static const int64_t widths[] = { 0, 1, 3, 4, 8, 16, 19, 64, 70 };
    const eddy_kernel_set *set;
    for (int number = 0; (set = eddy_kernels_at(number)); number++)
        for (eddy_dtype dtype = EDDY_F32; dtype <= EDDY_I64; dtype++)
            for (int op = 0; op < EDDY_ELEMENTWISE_COUNT; op++)
                for (int spread = 0; set->rows[dtype][op] && spread < 1 << every_row[op].arity; spread++)
                    for (size_t w = 0; w < sizeof widths / sizeof *widths; w++)
                        for (int64_t rows = 0; rows <= 4; rows += 1 + (rows == 1)) {
                            const int64_t apart = widths[w] + (rows == 4 || w % 3 == 1 ? 2 : 0);
                            eddy_tile tile = { .rows = rows, .columns = widths[w], .out_step = apart };
                            for (int k = 0; k < every_row[op].arity; k++) {
                                tile.spread[k] = spread >> k & 1;
                                tile.in_step[k] = tile.spread[k] ? (rows == 4) : apart;
                            }
                            check_tile(set, dtype, op, &tile);
                        }
}
END_TEST

Suite *suite_functions(void)
{
    Suite *suite = suite_create("functions");
    TCase *tests = tcase_create("functions");
    tcase_set_timeout(tests, getenv("EDDY_TEST_EXHAUSTIVE") ? 7200 : 300);
    tcase_add_loop_test(tests, bounds, 0, FUNCTIONS);
    tcase_add_test(tests, places);
    tcase_add_test(tests, every_row_by_tile);
    suite_add_tcase(suite, tests);
    return suite;
}
