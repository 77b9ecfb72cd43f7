/* Vectors of the instruction set that is being compiled, SET_VECTOR_BYTES wide: the types, and the few operations that
 * C on vector types cannot say, which are all that knows an instruction set. Everything else is written once, in
 * operators on these types. A multiplication and an addition that become one rounding are always written as fma(), so
 * no result depends on what a compiler contracts.
 *
 *   vector_f32  mask_f32    LANES_f32 elements; all bits or none of each lane (what a comparison gives), also integers
 *   fma_f32(a, b, c)        a b + c: one rounding where SET_FMA, else two
 *   select_f32(m, a, b)     a where m, else b
 *   sqrt_f32(a)
 *   splat_f32(s)            s in every lane; of a constant, it costs nothing
 *   load_f32(p), store_f32(p, v)                     of any alignment
 *   load_part_f32(p, n), store_part_f32(p, v, n)     the first n lanes, 0 < n < LANES; no other element is touched, and
 *                                                    lanes that are not loaded are 0
 *
 * and the same for f64. */
#ifndef EDDY_VECTOR_H
#define EDDY_VECTOR_H

#include "loop.h"
#include "set.h"

/* Before a loop of few rounds that the compiler is to write out. */
#define UNROLL _Pragma("GCC unroll 20")

#if SET_VECTOR_BYTES == 64
#define EACH_f32(x) x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x
#define EACH_f64(x) x, x, x, x, x, x, x, x
#elif SET_VECTOR_BYTES == 32
#define EACH_f32(x) x, x, x, x, x, x, x, x
#define EACH_f64(x) x, x, x, x
#else
#define EACH_f32(x) x, x, x, x
#define EACH_f64(x) x, x
#endif

typedef float vector_f32 __attribute__((vector_size(SET_VECTOR_BYTES), may_alias));
typedef double vector_f64 __attribute__((vector_size(SET_VECTOR_BYTES), may_alias));
typedef int32_t mask_f32 __attribute__((vector_size(SET_VECTOR_BYTES), may_alias));
typedef int64_t mask_f64 __attribute__((vector_size(SET_VECTOR_BYTES), may_alias));
/* the same where only an element's alignment is known */
typedef float loose_f32 __attribute__((vector_size(SET_VECTOR_BYTES), aligned(4), may_alias));
typedef double loose_f64 __attribute__((vector_size(SET_VECTOR_BYTES), aligned(8), may_alias));

enum { LANES_f32 = SET_VECTOR_BYTES / 4, LANES_f64 = SET_VECTOR_BYTES / 8 };

#define splat_f32(s) ((vector_f32){ EACH_f32(s) })
#define splat_f64(s) ((vector_f64){ EACH_f64(s) })
#define load_f32(p) ((vector_f32) * (const loose_f32 *)(p))
#define load_f64(p) ((vector_f64) * (const loose_f64 *)(p))
#define store_f32(p, v) ((void)(*(loose_f32 *)(p) = (v)))
#define store_f64(p, v) ((void)(*(loose_f64 *)(p) = (v)))

#if SET_VECTOR_BYTES == 64
#define fma_f32(a, b, c) ((vector_f32)_mm512_fmadd_ps((__m512)(a), (__m512)(b), (__m512)(c)))
#define fma_f64(a, b, c) ((vector_f64)_mm512_fmadd_pd((__m512d)(a), (__m512d)(b), (__m512d)(c)))
#define sqrt_f32(a) ((vector_f32)_mm512_sqrt_ps((__m512)(a)))
#define sqrt_f64(a) ((vector_f64)_mm512_sqrt_pd((__m512d)(a)))
#define select_f32(m, a, b)                                                                                            \
    ((vector_f32)_mm512_mask_mov_ps((__m512)(b), _mm512_movepi32_mask((__m512i)(m)), (__m512)(a)))
#define select_f64(m, a, b)                                                                                            \
    ((vector_f64)_mm512_mask_mov_pd((__m512d)(b), _mm512_movepi64_mask((__m512i)(m)), (__m512d)(a)))
#define FIRST(n) ((1U << (n)) - 1)
#define load_part_f32(p, n) ((vector_f32)_mm512_maskz_loadu_ps((__mmask16)FIRST(n), (p)))
#define load_part_f64(p, n) ((vector_f64)_mm512_maskz_loadu_pd((__mmask8)FIRST(n), (p)))
#define store_part_f32(p, v, n) _mm512_mask_storeu_ps((p), (__mmask16)FIRST(n), (__m512)(v))
#define store_part_f64(p, v, n) _mm512_mask_storeu_pd((p), (__mmask8)FIRST(n), (__m512d)(v))
#elif SET_VECTOR_BYTES == 32
#define fma_f32(a, b, c) ((vector_f32)_mm256_fmadd_ps((__m256)(a), (__m256)(b), (__m256)(c)))
#define fma_f64(a, b, c) ((vector_f64)_mm256_fmadd_pd((__m256d)(a), (__m256d)(b), (__m256d)(c)))
#define sqrt_f32(a) ((vector_f32)_mm256_sqrt_ps((__m256)(a)))
#define sqrt_f64(a) ((vector_f64)_mm256_sqrt_pd((__m256d)(a)))
#define select_f32(m, a, b) ((vector_f32)_mm256_blendv_ps((__m256)(b), (__m256)(a), (__m256)(m)))
#define select_f64(m, a, b) ((vector_f64)_mm256_blendv_pd((__m256d)(b), (__m256d)(a), (__m256d)(m)))
static const int32_t vector_first[16] = { -1, -1, -1, -1, -1, -1, -1, -1 };
#define FIRST(n) _mm256_loadu_si256((const __m256i_u *)(vector_first + 8 - (n)))
#define load_part_f32(p, n) ((vector_f32)_mm256_maskload_ps((p), FIRST(n)))
#define load_part_f64(p, n) ((vector_f64)_mm256_maskload_pd((p), FIRST(2 * (n))))
#define store_part_f32(p, v, n) _mm256_maskstore_ps((p), FIRST(n), (__m256)(v))
#define store_part_f64(p, v, n) _mm256_maskstore_pd((p), FIRST(2 * (n)), (__m256d)(v))
#else
#if defined __aarch64__
#define fma_f32(a, b, c) ((vector_f32)vfmaq_f32((float32x4_t)(c), (float32x4_t)(a), (float32x4_t)(b)))
#define fma_f64(a, b, c) ((vector_f64)vfmaq_f64((float64x2_t)(c), (float64x2_t)(a), (float64x2_t)(b)))
#define sqrt_f32(a) ((vector_f32)vsqrtq_f32((float32x4_t)(a)))
#define sqrt_f64(a) ((vector_f64)vsqrtq_f64((float64x2_t)(a)))
#else
#define fma_f32(a, b, c) ((a) * (b) + (c))
#define fma_f64(a, b, c) ((a) * (b) + (c))
#if defined __SSE2__
#define sqrt_f32(a) ((vector_f32)_mm_sqrt_ps((__m128)(a)))
#define sqrt_f64(a) ((vector_f64)_mm_sqrt_pd((__m128d)(a)))
#else
#define VECTOR_SQRT(dtype, T, root)                                                                                    \
    static inline vector_##dtype sqrt_##dtype(vector_##dtype a)                                                        \
    {                                                                                                                  \
        for (int i = 0; i < LANES_##dtype; i++)                                                                        \
            a[i] = root(a[i]);                                                                                         \
        return a;                                                                                                      \
    }
VECTOR_SQRT(f32, float, sqrtf)
VECTOR_SQRT(f64, double, sqrt)
#undef VECTOR_SQRT
#endif
#endif
#define select_f32(m, a, b) ((vector_f32)(((mask_f32)(a) & (m)) | ((mask_f32)(b) & ~(m))))
#define select_f64(m, a, b) ((vector_f64)(((mask_f64)(a) & (m)) | ((mask_f64)(b) & ~(m))))
#define VECTOR_PARTS(dtype, T)                                                                                         \
    static inline vector_##dtype load_part_##dtype(const T *p, int64_t n)                                              \
    {                                                                                                                  \
        vector_##dtype v = { 0 };                                                                                      \
        for (int i = 0; i < LANES_##dtype - 1; i++)                                                                    \
            if (i < n)                                                                                                 \
                v[i] = p[i];                                                                                           \
        return v;                                                                                                      \
    }                                                                                                                  \
    static inline void store_part_##dtype(T *p, vector_##dtype v, int64_t n)                                           \
    {                                                                                                                  \
        for (int i = 0; i < LANES_##dtype - 1; i++)                                                                    \
            if (i < n)                                                                                                 \
                p[i] = v[i];                                                                                           \
    }
VECTOR_PARTS(f32, float)
VECTOR_PARTS(f64, double)
#undef VECTOR_PARTS
#endif

#endif
