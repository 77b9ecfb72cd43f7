/* The verifier of the tape: silent on every tape that was recorded, and finding each kind of damage. */
#include "random_tape.h"

#include "node.h"

START_TEST(recorded_tapes_pass)
{
    ck_assert(!eddy_tape_verify(NULL, 0));
    for (uint64_t seed = 1; seed <= 50; seed++) {
        draws = seed << 20;
        eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
        pool p = { .count = 0 };
        pool_leaves(&p, tape);
        pool_grow(&p, 20);
        eddy_gradients(eddy_sum(p.item[p.count - 1]), (eddy_list){ p.leaf, POOL_LEAVES });
        ck_assert(eddy_tape_verify(tape, 0));
        OK(tape);
        eddy_tape_free(tape);
    }
}
END_TEST

static void damage(int kind, eddy_node *node, eddy_tape *tape)
{
    static const eddy_rule empty = { .name = "empty" };
    switch (kind) {
    case 0:
        node->rule = NULL;
        break;
    case 1:
        node->rule = &empty;
        break;
    case 2:
        node->shape.rank = 9;
        break;
    case 3:
        node->shape.dim[0] = -1;
        break;
    case 4:
        node->dtype = (eddy_dtype)0;
        break;
    case 5:
        node->generation = tape->generation + 1;
        break;
    case 6:
        node->scope = tape->scope_count;
        break;
    case 7:
        node->few[0] = tape->count;
        break; /* after it */
    case 8:
        node->few[0] = 1;
        break; /* itself */
    default:
        node->few[0] = ~tape->leaf_count;
        break; /* no leaf */
    }
}

START_TEST(damage_is_found)
{
    static const char *const sentences[] = { "has no op",
                                             "has no op",
                                             "illegal shape",
                                             "illegal shape",
                                             "no dtype",
                                             "of the future",
                                             "scope that is gone",
                                             "does not stand before it",
                                             "does not stand before it",
                                             "does not stand before it" };
    for (int kind = 0; kind < 10; kind++) {
        eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
        eddy_var x = input(tape, EDDY_SHAPE(3), 0, 1);
        eddy_neg(eddy_exp(eddy_sin(x)));
        ck_assert(eddy_tape_verify(tape, 0));
        eddy_node *node = eddy_node_at(tape, 1), whole = *node;
        damage(kind, node, tape);
        ck_assert(!eddy_tape_verify(tape, 0));
        check_sentence(tape, "",
                       (const char *[]){ "verify: node 1 (", sentences[kind], "a mistake in the library", NULL });
        *node = whole;
        ck_assert(eddy_tape_verify(tape, 0));
        eddy_tape_free(tape);
    }
}
END_TEST

Suite *suite_verify(void)
{
    Suite *suite = suite_create("verify");
    TCase *tests = tcase_create("verify");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, recorded_tapes_pass);
    tcase_add_test(tests, damage_is_found);
    suite_add_tcase(suite, tests);
    return suite;
}
