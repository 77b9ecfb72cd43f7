/* Models on disk: the same bits back, and a sentence that lists everything that does not fit while nothing has changed.
 */
#include "recording.h"
#include "scratch.h"

#include "npy.h"

static void make(eddy_tape *tape, double low, double high)
{
    eddy_tensor w = random_tensor(EDDY_F64, EDDY_SHAPE(3, 4), low, high),
                b = random_tensor(EDDY_F64, EDDY_SCALAR, low, high),
                none = random_tensor(EDDY_F64, EDDY_SHAPE(0, 2), low, high),
                count = random_tensor(EDDY_I64, EDDY_SHAPE(2), 1e15, 2e15);
    eddy_push(tape, "net");
    eddy_parameter(tape, "weight", &w);
    eddy_parameter(tape, "bias", &b);
    eddy_parameter(tape, "none", &none);
    eddy_pop(tape);
    eddy_state(tape, "count", &count);
    OK(tape);
    eddy_tensor_free(&w);
    eddy_tensor_free(&b);
    eddy_tensor_free(&none);
    eddy_tensor_free(&count);
}

static eddy_list everything(eddy_tape *tape)
{
    return eddy_list_join(tape, eddy_parameters(tape), eddy_leaves(tape, EDDY_STATE));
}

START_TEST(round_trip)
{
    for (int dtype = EDDY_F32; dtype <= EDDY_F64; dtype++) {
        scratch s = scratch_new("model.safetensors");
        eddy_tape *from = eddy_tape_new((eddy_dtype)dtype, 1), *to = eddy_tape_new((eddy_dtype)dtype, 1),
                  *other = eddy_tape_new((eddy_dtype)(3 - dtype), 1);
        make(from, -1, 1);
        make(to, 5, 6);
        make(other, 5, 6);
        double odd[] = { -0.0, INFINITY, 1e-310, NAN };
        for (int i = 0; i < 4; i++) { /* values that are easily lost */
            eddy_tensor w = *eddy_value(eddy_find(from, "net.weight"));
            if (dtype == EDDY_F32)
                ((float *)w.data)[i] = (float)odd[i];
            else
                ((double *)w.data)[i] = odd[i];
        }
        const eddy_metadata metadata[] = { { (char *)(uintptr_t) "cell", (char *)(uintptr_t) "lstm" } };
        ck_assert(eddy_save(from, s.path, everything(from), metadata, 1));
        eddy_var twice = eddy_mul_scalar(eddy_find(to, "net.bias"), 2);
        ck_assert(at(twice, 0) >= 10);
        ck_assert(eddy_load(to, s.path, everything(to)) && eddy_load(other, s.path, everything(other)));
        ck_assert(at(twice, 0) < 10); /* recomputed */
        eddy_list a = everything(from), b = everything(to), c = everything(other);
        ck_assert_int_eq(a.count, 4);
        for (int64_t k = 0; k < a.count; k++) {
            const eddy_tensor *p = eddy_value(a.items[k]), *q = eddy_value(b.items[k]);
            size_t bytes = (size_t)eddy_tensor_count(p) * eddy_dtype_size(p->dtype);
            ck_assert(p->dtype == q->dtype && !memcmp(p->data, q->data, bytes));
            for (int64_t i = 0; i < count_of(c.items[k]); i++) /* converted */
                ck_assert(k == 3 || same_bits((float)at(c.items[k], i), (float)at(a.items[k], i)));
        }
        eddy_safetensors file;
        ck_assert(eddy_safetensors_load(&file, s.path, NULL));
        ck_assert(file.count == 4 && eddy_safetensors_find(&file, "net.weight") &&
                  eddy_safetensors_find(&file, "count"));
        ck_assert_str_eq(eddy_safetensors_value(&file, "cell"), "lstm");
        eddy_safetensors_free(&file);
        ck_assert_int_eq(scratch_files(&s), 1); /* no temporary file */
        eddy_tape_free(from);
        eddy_tape_free(to);
        eddy_tape_free(other);
        scratch_free(&s);
    }
}
END_TEST

START_TEST(what_does_not_fit_is_listed)
{
    scratch s = scratch_new("model.safetensors");
    eddy_tape *from = eddy_tape_new(EDDY_F64, 1), *to = eddy_tape_new(EDDY_F64, 1);
    make(from, -1, 1);
    ck_assert(eddy_save(from, s.path, eddy_parameters(from), NULL, 0));
    eddy_tensor w = random_tensor(EDDY_F64, EDDY_SHAPE(4, 3), 1, 2), b = random_tensor(EDDY_F64, EDDY_SCALAR, 1, 2);
    eddy_var x = eddy_parameter(to, "net.weight", &w), y = eddy_parameter(to, "net.bias", &b),
             z = eddy_parameter(to, "extra", &b);
    double before = eddy_item(y);
    FAILS(to, eddy_load(to, s.path, eddy_parameters(to)), s.path, "nothing was loaded",
          "net.weight has shape (3, 4) in the file and (4, 3) in the model", "missing extra", "unexpected net.none");
    ck_assert(eddy_item(y) == before && eddy_item(z) == at(z, 0));
    for (int i = 0; i < 12; i++)
        ck_assert(at(x, i) == ((double *)w.data)[i]);
    /* part of a file is no file */
    FAILS(to, eddy_load(to, s.path, EDDY_LIST(y)), "unexpected net.weight", "unexpected net.none");
    ck_assert(eddy_item(y) == before);
    eddy_tensor_free(&w);
    eddy_tensor_free(&b);
    eddy_tape_free(from);
    eddy_tape_free(to);
    scratch_free(&s);
}
END_TEST

START_TEST(null_arguments)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    scratch s = scratch_new("model.safetensors");
    make(tape, -1, 1);
    eddy_list all = everything(tape), none = { NULL, 3 };
    FAILS(tape, eddy_save(tape, NULL, all, NULL, 0), "the path is NULL");
    FAILS(tape, eddy_save(tape, "", all, NULL, 0), "the path is empty");
    FAILS(tape, eddy_save(tape, s.path, all, NULL, 2), "2 metadata values are announced and their list is NULL");
    FAILS(tape, eddy_save(tape, s.path, none, NULL, 0), "3 items at NULL");
    FAILS(tape, eddy_save(tape, s.path, (eddy_list){ NULL, -1 }, NULL, 0), "-1 items");
    FAILS(tape, eddy_save(tape, s.path, all, &(eddy_metadata){ NULL, NULL }, 1), "metadata number 0 is NULL");
    FAILS(tape, eddy_load(tape, NULL, all), "the path is NULL");
    ck_assert(eddy_save(tape, s.path, all, NULL, 0));
    FAILS(tape, eddy_load(tape, s.path, none), "3 items at NULL");
    ck_assert(!eddy_save(NULL, s.path, all, NULL, 0) && !eddy_load(NULL, s.path, all));

    eddy_status status = { 0 };
#define REFUSED(call, words)                                                                                           \
    do {                                                                                                               \
        status.text[0] = 0;                                                                                            \
        ck_assert_msg(!(call) && strstr(status.text, words), "%s: \"%s\"", #call, status.text);                        \
    } while (0)
    float element = 1;
    eddy_tensor x = eddy_tensor_wrap(&element, EDDY_F32, EDDY_SHAPE(1)),
                no_data = { .dtype = EDDY_F32, .shape = EDDY_SHAPE(3), .stride = { 1 } };
    eddy_named_tensor named = { (char *)(uintptr_t) "x", no_data };
    eddy_safetensors file;
    REFUSED(eddy_npy_save(&x, NULL, &status), "path is NULL");
    REFUSED(eddy_npy_save(NULL, s.path, &status), "NULL");
    REFUSED(eddy_npy_save(&no_data, s.path, &status), "cannot be written");
    REFUSED(eddy_npy_load(&x, NULL, &status), "path to read is NULL");
    REFUSED(eddy_npy_load(NULL, s.path, &status), "is NULL");
    REFUSED(eddy_npy_parse(&x, NULL, 9, "name", &status), "are NULL");
    REFUSED(eddy_npy_parse(&x, "", 0, NULL, &status), ".npy");
    REFUSED(eddy_safetensors_save(NULL, s.path, &status), "is NULL");
    REFUSED(eddy_safetensors_save(&(eddy_safetensors){ 0 }, NULL, &status), "path is NULL");
    REFUSED(eddy_safetensors_save(&(eddy_safetensors){ .count = 2 }, s.path, &status), "2 tensors are announced");
    REFUSED(eddy_safetensors_save(&(eddy_safetensors){ .metadata_count = 4 }, s.path, &status), "4 metadata values");
    REFUSED(eddy_safetensors_save(&(eddy_safetensors){ .tensors = &named, .count = 1 }, s.path, &status), "'x'");
    REFUSED(eddy_safetensors_load(&file, NULL, &status), "path to read is NULL");
    REFUSED(eddy_safetensors_load(NULL, s.path, &status), "is NULL");
    REFUSED(eddy_safetensors_parse(&file, NULL, 9, "name", &status), "are NULL");
    REFUSED(eddy_safetensors_parse(NULL, "", 0, "name", &status), "is NULL");
    ck_assert(!eddy_safetensors_find(NULL, "x") && !eddy_safetensors_value(NULL, "x"));
    scratch_free(&s);
    eddy_tape_free(tape);
}
END_TEST

START_TEST(mistakes)
{
    scratch s = scratch_new("model.safetensors");
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = eddy_input(tape, "x", EDDY_SHAPE(2)), y = input(tape, EDDY_SHAPE(2), 0, 1), z = eddy_exp(y);
    FAILS(tape, eddy_load(tape, s.path, EDDY_LIST(y)), s.path);
    FAILS(tape, eddy_save(tape, s.path, EDDY_LIST(y, x), NULL, 0), "\"x\" has no value yet");
    FAILS(tape, eddy_save(tape, s.path, EDDY_LIST(y, z), NULL, 0), "save: item 2 of the list is no leaf");
    FAILS(tape, eddy_save(tape, s.path, EDDY_LIST(y, y), NULL, 0), eddy_name_of(y));
    FAILS(tape, eddy_save(tape, "/nowhere/at/all", EDDY_LIST(y), NULL, 0), "/nowhere/at/all");
    ck_assert_int_eq(scratch_files(&s), 0);
    scratch_write(s.path, "nonsense", 8);
    FAILS(tape, eddy_load(tape, s.path, EDDY_LIST(y)), s.path);
    ck_assert(eddy_save(tape, s.path, EDDY_NONE, NULL, 0) && eddy_load(tape, s.path, EDDY_NONE));
    FAILS(tape, eddy_save(NULL, s.path, EDDY_LIST(y), NULL, 0), "save: the tape is NULL");
    FAILS(tape, eddy_load(NULL, s.path, EDDY_LIST(y)), "load: the tape is NULL");
    ck_assert(!eddy_save(NULL, s.path, EDDY_NONE, NULL, 0) && !eddy_load(NULL, s.path, EDDY_NONE));
    OK(tape);
    eddy_tape_free(tape);
    scratch_free(&s);
}
END_TEST

Suite *suite_model_file(void)
{
    Suite *suite = suite_create("model_file");
    TCase *tests = tcase_create("model_file");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, round_trip);
    tcase_add_test(tests, what_does_not_fit_is_listed);
    tcase_add_test(tests, null_arguments);
    tcase_add_test(tests, mistakes);
    suite_add_tcase(suite, tests);
    return suite;
}
