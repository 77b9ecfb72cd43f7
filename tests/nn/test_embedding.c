/* Embedding, layer normalisation, counting and freezing. */
#include "recording.h"

static void agrees(const char *here, eddy_var loss, eddy_list wrt)
{
    eddy_gradcheck_report report = { .verdict = EDDY_NOT_CHECKED };
    ck_assert_msg(eddy_gradcheck(loss, wrt, NULL, &report), "%s: %s", here, eddy_error(loss.tape));
    ck_assert_msg(report.verdict == EDDY_AGREE, "%s: %s", here, report.message);
    eddy_gradcheck_free(&report);
}
#define CHECKED(loss, ...) agrees(EDDY_HERE, loss, EDDY_LIST(__VA_ARGS__))

START_TEST(embedding)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 5);
    eddy_embedding_table table = eddy_embedding_new(tape, "words", 400, 3);
    ck_assert_str_eq(eddy_name_of(table.weight), "words.weight");
    double mean = 0, square = 0; /* N(0, 1): 1200 numbers */
    for (int i = 0; i < 1200; i++) {
        mean += at(table.weight, i) / 1200;
        square += at(table.weight, i) * at(table.weight, i) / 1200;
    }
    ck_assert(fabs(mean) < 0.12 && fabs(square - 1) < 0.17); /* four standard errors */
    eddy_var index = constant(tape, EDDY_I64, EDDY_SHAPE(2, 2), (double[]){ 7, 399, 7, 0 }),
             y = eddy_embed(&table, index);
    ck_assert(has_shape(y, EDDY_SHAPE(2, 2, 3)));
    for (int i = 0; i < 12; i++)
        ck_assert(at(y, i) == at(table.weight, (int64_t[]){ 7, 399, 7, 0 }[i / 3] * 3 + i % 3));
    eddy_var loss = eddy_sum(eddy_square(y)), g = eddy_gradients(loss, EDDY_LIST(table.weight)).items[0];
    for (int i = 0; i < 1200; i++) /* 7 is used twice */
        ck_assert(at(g, i) == (i / 3 == 7 ? 4 : i / 3 == 399 || i / 3 == 0 ? 2 : 0) * at(table.weight, i));
    CHECKED(eddy_sum(eddy_mul(eddy_square(y), y)), table.weight);
    FAILS(tape, eddy_embed(NULL, index), "embed: the table is NULL");
    FAILS(tape, eddy_embed(&table, eddy_cast(index, EDDY_F64)), "i32 or i64");
    ck_assert(isnan(eddy_item(eddy_sum(eddy_embed(&table, INDICES(tape, 400))))));
    check_sentence(tape, "", (const char *const[]){ "is 400", "takes 0 to 399", NULL });
    eddy_tape_free(tape);
}
END_TEST

START_TEST(layer_norm)
{
    enum { ROWS = 6, SIZE = 5 };
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_layer_norm norm = eddy_layer_norm_new(tape, "norm", SIZE);
    for (int i = 0; i < SIZE; i++)
        ck_assert(at(norm.weight, i) == 1 && at(norm.bias, i) == 0);
    double w[SIZE], b[SIZE];
    for (int i = 0; i < SIZE; i++) {
        w[i] = between(-2, 2);
        b[i] = between(-2, 2);
    }
    eddy_set(norm.weight, w, sizeof w);
    eddy_set(norm.bias, b, sizeof b);
    eddy_var x = input(tape, EDDY_SHAPE(2, 3, SIZE), -3, 3), y = eddy_normalise(&norm, x);
    OK(tape);
    for (int r = 0; r < ROWS; r++) {
        double mean = 0, variance = 0;
        for (int i = 0; i < SIZE; i++)
            mean += at(x, r * SIZE + i) / SIZE;
        for (int i = 0; i < SIZE; i++)
            variance += pow(at(x, r * SIZE + i) - mean, 2) / SIZE;
        for (int i = 0; i < SIZE; i++)
            check_near(at(y, r * SIZE + i), (at(x, r * SIZE + i) - mean) / sqrt(variance + 1e-5) * w[i] + b[i], 8, 8);
    }
    CHECKED(weighted(y), x, norm.weight, norm.bias);
    /* a constant row has no deviation and finite derivatives of both orders */
    eddy_set_item(x, 2.5);
    eddy_var g = eddy_gradients(eddy_sum(eddy_square(y)), EDDY_LIST(x)).items[0],
             h = eddy_gradients(eddy_sum(eddy_square(g)), EDDY_LIST(x)).items[0];
    for (int i = 0; i < ROWS * SIZE; i++)
        ck_assert(at(y, i) == b[i % SIZE] && isfinite(at(g, i)) && isfinite(at(h, i)));
    ck_assert(has_shape(eddy_normalise(&norm, eddy_full(tape, EDDY_SHAPE(0, SIZE), 1)), EDDY_SHAPE(0, SIZE)));
    FAILS(tape, eddy_normalise(&norm, eddy_full(tape, EDDY_SHAPE(SIZE, 1), 1)),
          "the input has shape (5, 1) and the weight (5,)");
    FAILS(tape, eddy_normalise(NULL, x), "the layer norm is NULL");
    FAILS(tape, eddy_normalise(&norm, (eddy_var){ 0 }), "is no var", "in normalise at ");
    eddy_tape_free(tape);
}
END_TEST

START_TEST(lists)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F32, 1);
    eddy_linear a = eddy_linear_new(tape, "encoder", 3, 4), b = eddy_linear_new(tape, "encoder2", 4, 2);
    eddy_list all = eddy_parameters(tape), rest = eddy_without(all, "encoder.");
    ck_assert_int_eq(eddy_count_elements(all), 12 + 4 + 8 + 2);
    ck_assert_int_eq(
        eddy_count_elements(EDDY_LIST(eddy_full(tape, EDDY_SCALAR, 1), eddy_full(tape, EDDY_SHAPE(0, 3), 1))), 1);
    ck_assert_int_eq(eddy_count_elements(EDDY_NONE), 0);
    ck_assert_int_eq(rest.count, 2);
    ck_assert(eddy_same(rest.items[0], b.weight) && eddy_same(rest.items[1], b.bias) &&
              eddy_same(all.items[0], a.weight));
    ck_assert_int_eq(all.count, 4);
    ck_assert_int_eq(eddy_without(all, "encoder").count, 0);
    ck_assert_int_eq(eddy_without(all, "decoder.").count, 4);
    ck_assert_int_eq(eddy_without(EDDY_NONE, "x").count, 0);
    FAILS(tape, eddy_without(all, ""), "without: the prefix is empty");
    FAILS(tape, eddy_without(all, NULL), "without: the prefix is empty");
    eddy_tape_free(tape);
}
END_TEST

Suite *suite_embedding(void)
{
    Suite *suite = suite_create("embedding");
    TCase *tests = tcase_create("embedding");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, embedding);
    tcase_add_test(tests, layer_norm);
    tcase_add_test(tests, lists);
    suite_add_tcase(suite, tests);
    return suite;
}
