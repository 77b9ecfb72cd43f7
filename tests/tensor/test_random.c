/* Random numbers: the generator's published answers, exact bits that must not change on any machine, and the
 * distributions' moments. */
#include "test.h"

#include "random.h"

#include <math.h>
#include <string.h>

START_TEST(philox_known_answers)
{
    /* The known-answer tests published with Random123. */
    static const uint32_t cases[3][10] = {
        { 0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 },
        { 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x408f276d, 0x41c83b0e, 0xa20bc7c6,
          0x6d5451fd },
        { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, 0xd16cfe09, 0x94fdcceb, 0x5001e420,
          0x24126ea1 },
    };
    for (int i = 0; i < 3; i++) {
        uint32_t out[4];
        eddy_philox(cases[i], cases[i] + 4, out);
        for (int k = 0; k < 4; k++)
            ck_assert_uint_eq(out[k], cases[i][6 + k]);
    }
}
END_TEST

/* The figures are what Python's statistics.NormalDist().inv_cdf gives; the bits are this library's. */
START_TEST(bits_are_the_same_everywhere)
{
    static const struct {
        uint64_t i, bits;
        double uniform, normal, python;
    } cases[] = {
        { 0, 16524851402832244524u, 0x1.caa82198cfdcdp-1, 0x1.420fdd4ad2613p+0, 1.2580545718832397 },
        { 1, 6921858453021256000u, 0x1.803d865b9777ap-2, -0x1.45a7298f28dbfp-2, -0.3180204862239541 },
        { 2, 17294010367167233134u, 0x1.e001559a49d9fp-1, 0x1.88c18ca413acfp+0, 1.5342033291414514 },
        { 3, 9098068911103658714u, 0x1.f90b55e2516f2p-2, -0x1.16fae0192b02bp-6, -0.01702758679009279 },
        { 4, 3089798312377660449u, 0x1.5709598ea6f98p-3, -0x1.ed9e4d91e1daap-1, -0.9640983810976895 },
        { 5, 16910032976174767797u, 0x1.d55902cc1a13bp-1, 0x1.6217e5fcdcd32p+0, 1.3831771604862522 },
        { 6, 8239102078213118669u, 0x1.c95caec0004d6p-2, -0x1.12bc63dcd5da9p-3, -0.1341483880776029 },
        { 7, 9995576438216203894u, 0x1.156ed79f9a483p-1, 0x1.ae967ba436fd4p-4, 0.10512398049780752 },
    };
    eddy_random random = { 42, 7 };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        ck_assert_uint_eq(eddy_random_bits(random, cases[k].i), cases[k].bits);
        ck_assert(eddy_random_uniform(random, cases[k].i) == cases[k].uniform);
        ck_assert(eddy_random_normal(random, cases[k].i) == cases[k].normal);
        ck_assert_double_eq_tol(cases[k].normal, cases[k].python, 4e-15 * fabs(cases[k].python));
    }
    ck_assert(eddy_random_normal(random, 47811) == -0x1.11a0ea8f8da2fp+2); /* the far tail */
}
END_TEST

START_TEST(streams_and_seeds_differ)
{
    eddy_random a = { 1, 0 }, b = { 2, 0 }, c = { 1, 1 }, d = { (uint64_t)1 << 32 | 1, 0 },
                e = { 1, (uint64_t)1 << 32 };
    int same = 0;
    for (uint64_t i = 0; i < 1000; i++) {
        uint64_t bits = eddy_random_bits(a, i);
        same += bits == eddy_random_bits(b, i) || bits == eddy_random_bits(c, i) || bits == eddy_random_bits(d, i) ||
                bits == eddy_random_bits(e, i) || bits == eddy_random_bits(a, i | (uint64_t)1 << 32);
    }
    ck_assert_int_eq(same, 0);
}
END_TEST

START_TEST(moments)
{
    enum { N = 200000 };
    eddy_random random = { 3, 4 };
    double sum[5] = { 0 }, u = 0, uu = 0, lag = 0, before = 0;
    for (uint64_t i = 0; i < N; i++) {
        double z = eddy_random_normal(random, i), v = eddy_random_uniform(random, i);
        ck_assert(v >= 0 && v < 1);
        u += v;
        uu += v * v;
        lag += z * before;
        before = z;
        for (int k = 1; k < 5; k++)
            sum[k] += pow(z, k);
    }
    /* five standard errors each */
    ck_assert_double_eq_tol(u / N, 0.5, 5 * sqrt(1.0 / 12 / N));
    ck_assert_double_eq_tol(uu / N, 1.0 / 3, 5 * sqrt(4.0 / 45 / N));
    ck_assert_double_eq_tol(sum[1] / N, 0, 5 / sqrt(N));
    ck_assert_double_eq_tol(sum[2] / N, 1, 5 * sqrt(2.0 / N));
    ck_assert_double_eq_tol(sum[3] / N, 0, 5 * sqrt(15.0 / N));
    ck_assert_double_eq_tol(sum[4] / N, 3, 5 * sqrt(96.0 / N));
    ck_assert_double_eq_tol(lag / N, 0, 5 / sqrt(N));
}
END_TEST

START_TEST(fills_follow_row_major_order)
{
    eddy_random random = { 9, 1 };
    eddy_tensor x, columns, flipped;
    for (int dtype = EDDY_F32; dtype <= EDDY_F64; dtype++) {
        ck_assert(eddy_tensor_new(&x, (eddy_dtype)dtype, EDDY_SHAPE(3, 4), NULL));
        ck_assert(eddy_tensor_permute(&columns, &x, (int[]){ 1, 0 }, NULL));
        ck_assert(eddy_tensor_slice(&flipped, &columns, 0, (eddy_range){ -1, EDDY_END, -1 }, NULL));
        ck_assert(eddy_fill_normal(&flipped, random, 2, 3, NULL));
        for (int64_t i = 0; i < 12; i++) {
            double expected = 2 + 3 * eddy_random_normal(random, (uint64_t)i);
            ck_assert(eddy_tensor_flat(&flipped, i) == (dtype == EDDY_F32 ? (double)(float)expected : expected));
        }
        ck_assert(eddy_fill_uniform(&flipped, random, -1, 3, NULL));
        for (int64_t i = 0; i < 12; i++) {
            double expected = -1 + 4 * eddy_random_uniform(random, (uint64_t)i);
            ck_assert(eddy_tensor_flat(&flipped, i) == (dtype == EDDY_F32 ? (double)(float)expected : expected));
        }
        ck_assert(eddy_fill_bernoulli(&flipped, random, 0.4, NULL));
        for (int64_t i = 0; i < 12; i++)
            ck_assert(eddy_tensor_flat(&flipped, i) == (eddy_random_uniform(random, (uint64_t)i) < 0.4));
        ck_assert(eddy_fill_bernoulli(&x, random, 1, NULL));
        for (int64_t i = 0; i < 12; i++)
            ck_assert(eddy_tensor_flat(&x, i) == 1);
        eddy_tensor_free(&x);
    }
    eddy_tensor empty = eddy_tensor_wrap(NULL, EDDY_F32, EDDY_SHAPE(4, 0));
    ck_assert(eddy_fill_normal(&empty, random, 0, 1, NULL));
}
END_TEST

START_TEST(mistakes_are_sentences)
{
    int64_t data[4] = { 5, 5, 5, 5 };
    float real[4];
    eddy_tensor x = eddy_tensor_wrap(data, EDDY_I64, EDDY_SHAPE(4)),
                y = eddy_tensor_wrap(real, EDDY_F32, EDDY_SHAPE(4));
    eddy_random random = { 0, 0 };
    eddy_status s = { { 0 } };
    ck_assert(!eddy_fill_normal(&x, random, 0, 1, &s));
    ck_assert_ptr_nonnull(strstr(s.text, "i64"));
    ck_assert_int_eq(data[0], 5);
    ck_assert(!eddy_fill_uniform(NULL, random, 0, 1, NULL));
    ck_assert(!eddy_fill_uniform(&y, random, 1, 0, NULL));
    ck_assert(!eddy_fill_uniform(&y, random, (double)NAN, 0, NULL));
    ck_assert(!eddy_fill_uniform(&y, random, -1e308, 1e308, NULL));
    ck_assert(!eddy_fill_normal(&y, random, 0, -1, NULL));
    ck_assert(!eddy_fill_normal(&y, random, (double)INFINITY, 1, NULL));
    ck_assert(!eddy_fill_bernoulli(&y, random, 1.5, NULL));
    ck_assert(!eddy_fill_bernoulli(&y, random, (double)NAN, NULL));
}
END_TEST

START_TEST(permutations_are_equally_likely)
{
    int count[24] = { 0 };
    for (uint64_t seed = 0; seed < 24000; seed++) {
        int64_t p[4];
        eddy_permutation(p, 4, (eddy_random){ seed, 0 });
        int code = 0, seen = 0;
        for (int i = 0; i < 4; i++) {
            int smaller = 0;
            for (int j = i + 1; j < 4; j++)
                smaller += p[j] < p[i];
            code = code * (4 - i) + smaller;
            seen |= 1 << p[i];
        }
        ck_assert_int_eq(seen, 15);
        count[code]++;
    }
    double chi = 0;
    for (int k = 0; k < 24; k++)
        chi += (count[k] - 1000.0) * (count[k] - 1000.0) / 1000;
    ck_assert_double_lt(chi, 58); /* 23 degrees of freedom: once in 10000 */
    int64_t one[1] = { 7 };
    eddy_permutation(one, 0, (eddy_random){ 0, 0 });
    ck_assert_int_eq(one[0], 7);
    eddy_permutation(one, 1, (eddy_random){ 0, 0 });
    ck_assert_int_eq(one[0], 0);
}
END_TEST

Suite *suite_random(void)
{
    Suite *suite = suite_create("random");
    TCase *tests = tcase_create("random");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, philox_known_answers);
    tcase_add_test(tests, bits_are_the_same_everywhere);
    tcase_add_test(tests, streams_and_seeds_differ);
    tcase_add_test(tests, moments);
    tcase_add_test(tests, fills_follow_row_major_order);
    tcase_add_test(tests, mistakes_are_sentences);
    tcase_add_test(tests, permutations_are_equally_likely);
    suite_add_tcase(suite, tests);
    return suite;
}
