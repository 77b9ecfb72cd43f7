/* The verifier of programs that are being compiled finds what a wrong pass would leave. */
#include "compiled.h"
#include "recording.h"

/* An IR of two calls, y = exp(x) and z = y + y, damaged in one place. */
static bool verifies(void (*damage)(eddy_ir *ir), const char *told)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var y = eddy_exp(input(tape, EDDY_SHAPE(2), -1, 1)), z = eddy_add(y, y);
    eddy_program *program = eddy_allocate(1, sizeof *program);
    program->tape = tape;
    program->next = tape->programs;
    tape->programs = program;
    tape->free_program = eddy_program_free;
    eddy_ir ir = { .tape = tape };
    ck_assert(eddy_lower(program, &ir, EDDY_LIST(z), EDDY_NONE));
    damage(&ir);
    bool good = eddy_ir_verify(&ir, "damage");
    if (!good)
        check_sentence(tape, "", (const char *[]){ "compile: after damage", "mistake in the library", told, NULL });
    eddy_ir_free(&ir);
    eddy_tape_free(tape);
    return good;
}

static void none(eddy_ir *ir)
{
    (void)ir;
}

static void swap_calls(eddy_ir *ir)
{
    eddy_ir_call first = ir->calls[0];
    ir->calls[0] = ir->calls[1];
    ir->calls[1] = first;
}

static void drop_call(eddy_ir *ir)
{
    ir->call_count = 1;
}

static void write_twice(eddy_ir *ir)
{
    ir->calls[1].out = ir->calls[0].out;
}

static void write_leaf(eddy_ir *ir)
{
    ir->calls[0].out = 0;
}

static void read_beyond(eddy_ir *ir)
{
    ir->operands[0] = ir->value_count;
}

static void operands_beyond(eddy_ir *ir)
{
    ir->calls[1].first = ir->operand_count;
}

static void no_rule(eddy_ir *ir)
{
    ir->calls[1].rule = NULL;
}

/* The layout of value 1, which is y's, before it is damaged: z keeps the other. */
static eddy_ir_layout *own_layout(eddy_ir *ir)
{
    static eddy_ir_layout own;
    own = *ir->values[1].layout;
    ir->values[1].layout = &own;
    return &own;
}

static void odd_stride(eddy_ir *ir)
{
    own_layout(ir)->stride[0] = 3;
}

static void view_of_view(eddy_ir *ir)
{
    ir->values[1].kind = EDDY_VALUE_VIEW;
    ir->values[1].source = 1;
}

static void no_kind(eddy_ir *ir)
{
    ir->values[1].kind = (eddy_value_kind)9;
}

static void no_shape(eddy_ir *ir)
{
    own_layout(ir)->shape.dim[0] = -1;
}

static void no_dtype(eddy_ir *ir)
{
    ir->values[1].dtype = (eddy_dtype)99;
}

static void negative_leaf(eddy_ir *ir)
{
    ir->values[0].source = -1;
}

static void leaf_beyond(eddy_ir *ir)
{
    ir->values[0].source = ir->tape->leaf_count;
}

static void view(eddy_ir *ir, int32_t source)
{
    ir->values[1].kind = EDDY_VALUE_VIEW;
    ir->values[1].source = source;
}

static void view_below(eddy_ir *ir)
{
    view(ir, -1);
}

static void view_beyond(eddy_ir *ir)
{
    view(ir, ir->value_count);
}

static void view_of_other_dtype(eddy_ir *ir)
{
    view(ir, 0);
    ir->values[1].dtype = EDDY_F32;
}

static void view_before(eddy_ir *ir)
{
    view(ir, 0);
    ir->values[1].offset = -1;
}

static void read_below(eddy_ir *ir)
{
    ir->operands[0] = -1;
}

static void operands_below(eddy_ir *ir)
{
    ir->calls[1].first = -1;
}

static void negative_count(eddy_ir *ir)
{
    ir->calls[1].count = -1;
}

static void write_below(eddy_ir *ir)
{
    ir->calls[1].out = -1;
}

static void write_nothing(eddy_ir *ir)
{
    ir->calls[1].outputs = 0;
}

static void write_beyond(eddy_ir *ir)
{
    ir->calls[1].outputs = ir->value_count;
}

static void rule_without_run(eddy_ir *ir)
{
    static const eddy_rule rule = { .name = "nothing" };
    ir->calls[1].rule = &rule;
}

static void add_to_nothing(eddy_ir *ir)
{
    static eddy_rule rule;
    rule = *ir->calls[0].rule;
    rule.adds = true;
    ir->calls[0].rule = &rule;
}

/* Each is told as what it is. */
START_TEST(damage_is_found)
{
    const struct {
        void (*damage)(eddy_ir *);
        const char *told;
    } damages[] = { { swap_calls, "reads a value before it is written" },
                    { drop_call, "is a result and never written" },
                    { write_twice, "writes a value a second time" },
                    { write_leaf, "writes to what is no call's value" },
                    { read_beyond, "reads a value that is not there" },
                    { read_below, "reads a value that is not there" },
                    { operands_beyond, "has operands that are not there" },
                    { operands_below, "has operands that are not there" },
                    { negative_count, "has operands that are not there" },
                    { no_rule, "has no rule that runs" },
                    { rule_without_run, "has no rule that runs" },
                    { odd_stride, "is written by calls and not contiguous" },
                    { view_of_view, "is a view of a view" },
                    { view_below, "is a view of a value that is not there" },
                    { view_beyond, "is a view of a value that is not there" },
                    { view_of_other_dtype, "is a view of another dtype" },
                    { view_before, "begins before its base" },
                    { no_kind, "is of no kind" },
                    { no_shape, "has no legal shape or dtype" },
                    { no_dtype, "has no legal shape or dtype" },
                    { negative_leaf, "is of a leaf that is not there" },
                    { leaf_beyond, "is of a leaf that is not there" },
                    { write_below, "writes values that are not there" },
                    { write_nothing, "writes values that are not there" },
                    { write_beyond, "writes values that are not there" },
                    { add_to_nothing, "adds to a value that is not written yet" } };
    ck_assert(verifies(none, NULL));
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++)
        ck_assert_msg(!verifies(damages[i].damage, damages[i].told), "not found: %s", damages[i].told);
}
END_TEST

Suite *suite_ir_verify(void)
{
    Suite *suite = suite_create("ir_verify");
    TCase *tests = tcase_create("ir_verify");
    tcase_add_test(tests, damage_is_found);
    suite_add_tcase(suite, tests);
    return suite;
}
