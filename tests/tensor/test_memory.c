/* The allocator hook, overflow, and the sentence that stays. */
#include "failing_memory.h"
#include "test.h"

#include "memory.h"

START_TEST(allocate_zeroes_and_never_returns_null_for_nothing)
{
    unsigned char *block = eddy_allocate(100, 3);
    ck_assert_ptr_nonnull(block);
    for (int i = 0; i < 300; i++)
        ck_assert_int_eq(block[i], 0);
    block[299] = 7;
    block = eddy_reallocate(block, 1000, 4);
    ck_assert_ptr_nonnull(block);
    ck_assert_int_eq(block[299], 7);
    eddy_free(block);
    void *nothing = eddy_allocate(0, 8), *none = eddy_allocate(8, 0), *empty = eddy_reallocate(NULL, 0, 0);
    ck_assert(nothing && none && empty);
    eddy_free(nothing);
    eddy_free(none);
    eddy_free(empty);
    eddy_free(NULL);
}
END_TEST

START_TEST(refusals_are_counted)
{
    fault f;
    uint64_t before = eddy_allocations_refused();
    void *block = eddy_allocate(1, 1);
    ck_assert_uint_eq(eddy_allocations_refused(), before);
    eddy_free(block);
    fault_install(&f, 1);
    ck_assert_ptr_null(eddy_allocate(1, 1));
    ck_assert_uint_eq(eddy_allocations_refused(), before + 1);
    eddy_set_allocator(NULL);
    ck_assert_ptr_null(eddy_reallocate(NULL, SIZE_MAX, 2));
    ck_assert_uint_eq(eddy_allocations_refused(), before + 2);
}
END_TEST

START_TEST(overflow_is_refused)
{
    ck_assert_ptr_null(eddy_allocate(SIZE_MAX, 2));
    ck_assert_ptr_null(eddy_allocate(SIZE_MAX / 2 + 1, 2));
    ck_assert_ptr_null(eddy_allocate(SIZE_MAX, 1));
    char *block = eddy_allocate(3, 1);
    block[2] = 'x';
    ck_assert_ptr_null(eddy_reallocate(block, SIZE_MAX / 8 + 1, 8));
    ck_assert_int_eq(block[2], 'x');
    eddy_free(block);
}
END_TEST

START_TEST(allocator_can_be_replaced)
{
    fault f = { 0 }, g;
    eddy_allocator mine = { fault_reallocate, &f };
    eddy_allocator before = eddy_set_allocator(&mine);
    ck_assert_ptr_ne(before.context, &f);
    char *a = eddy_allocate(3, 5), *b = eddy_allocate(0, 0);
    ck_assert_int_eq(f.living, 2);
    a = eddy_reallocate(a, 1000, 1);
    ck_assert_int_eq(f.living, 2);
    eddy_free(a);
    eddy_free(b);
    ck_assert_int_eq(f.living, 0);
    fault_install(&g, 1);
    ck_assert_ptr_null(eddy_allocate(1, 1));
    eddy_allocator last = eddy_set_allocator(NULL);
    ck_assert_ptr_eq(last.context, &g);
    a = eddy_allocate(1, 1);
    ck_assert_ptr_nonnull(a);
    eddy_free(a);
    ck_assert_int_eq(f.asked, 3);
    ck_assert_int_eq(g.asked, 1);
}
END_TEST

START_TEST(first_sentence_stays)
{
    eddy_status status = { { 0 } };
    ck_assert(!eddy_status_fail(&status, "%s has %d axes", "x", 3));
    ck_assert(!eddy_status_fail(&status, "later"));
    ck_assert_str_eq(status.text, "x has 3 axes");
    ck_assert(!eddy_status_fail(NULL, "nobody listens"));
    eddy_status empty = { { 0 } };
    eddy_status_fail(&empty, "%s", "");
    ck_assert_int_ne(empty.text[0], 0);
    eddy_status full = { { 0 } };
    eddy_status_fail(&full, "%2000d", 1);
    ck_assert_uint_eq(strlen(full.text), EDDY_STATUS_SIZE - 1);
}
END_TEST

Suite *suite_memory(void)
{
    Suite *suite = suite_create("memory");
    TCase *tests = tcase_create("memory");
    tcase_add_test(tests, refusals_are_counted);
    tcase_add_test(tests, allocate_zeroes_and_never_returns_null_for_nothing);
    tcase_add_test(tests, overflow_is_refused);
    tcase_add_test(tests, allocator_can_be_replaced);
    tcase_add_test(tests, first_sentence_stays);
    suite_add_tcase(suite, tests);
    return suite;
}
