/* Whatever the program's locale is, the library writes and reads numbers with a decimal point. */
#include "comma_locale.h"
#include "recording.h"
#include "test.h"

#include "format.h"

static void numbers(void)
{
    char text[64];
    double value;
    ck_assert_int_eq(eddy_snprintf(text, sizeof text, "%g %d %.2f", 0.5, 1, 2.25), 10);
    ck_assert_str_eq(text, "0.5 1 2.25");
    static const struct {
        const char *text;
        bool good;
        double value;
    } cases[] = { { "0.5", true, 0.5 },  { "-1.25e-3", true, -1.25e-3 },
                  { "+7", true, 7 },     { ".5", true, 0.5 },
                  { "5.", true, 5 },     { "0,5", false, 0 },
                  { "", false, 0 },      { " 1", false, 0 },
                  { "1 ", false, 0 },    { "0x10", false, 0 },
                  { "inf", false, 0 },   { "nan", false, 0 },
                  { "1e999", false, 0 }, { "1e-999", true, 0 },
                  { "1.2.3", false, 0 }, { "--1", false, 0 },
                  { "1e", false, 0 },    { "e5", false, 0 },
                  { "1e5e5", false, 0 }, { "+", false, 0 } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert_msg(eddy_parse_number(cases[i].text, strlen(cases[i].text), &value) == cases[i].good, "\"%s\"",
                      cases[i].text);
        ck_assert(!cases[i].good || value == cases[i].value);
    }
    ck_assert(eddy_parse_number("12345", 2, &value) && value == 12); /* not beyond the length */
    ck_assert(!eddy_parse_number("1\0"
                                 "2",
                                 3, &value) &&
              !eddy_parse_number(NULL, 1, &value));
}

START_TEST(with_a_point)
{
    numbers();
}
END_TEST

/* A graph with numbers in it. */
static char *graph(eddy_tape **tape)
{
    *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var a = eddy_input(*tape, "a", EDDY_SHAPE(2)), y = eddy_mul_scalar(eddy_add_scalar(a, 0.5), 2.25);
    y = eddy_dropout(eddy_clamp(y, -0.75, 0.75), 0.125);
    return eddy_graph(EDDY_LIST(y, eddy_full(*tape, EDDY_SHAPE(2), 0.375)), NULL);
}

START_TEST(with_a_comma)
{
    eddy_tape *tape;
    char *plain = graph(&tape);
    ck_assert_msg(plain && strstr(plain, "0.5") && strstr(plain, "0.375"), "%s", plain);
    eddy_tape_free(tape);
    if (!comma_locale("numbers"))
        return;
    numbers();

    double elements[] = { 0.5, -2.25, 1e-9 };
    eddy_tensor x = eddy_tensor_wrap(elements, EDDY_F64, EDDY_SHAPE(2));
    char *shown = eddy_tensor_format(&x, NULL, NULL);
    ck_assert_str_eq(shown, "[ 0.5  -2.25]");
    eddy_free(shown);
    x.data = elements + 1;
    shown = eddy_tensor_format(&x, NULL, NULL);
    ck_assert_msg(strchr(shown, '.') && !strchr(shown, ','), "%s", shown);
    eddy_free(shown);

    char *dot = graph(&tape);
    ck_assert_ptr_nonnull(dot);
    ck_assert_str_eq(dot, plain);
    eddy_free(dot);
    eddy_free(plain);
    FAILS(tape, eddy_dropout(eddy_find(tape, "a"), 1.5), "1.5");
    eddy_fail(tape, "%g of them", 0.25);
    ck_assert_ptr_nonnull(strstr(eddy_error(tape), "0.25 of them"));
    ck_assert_int_eq(snprintf((char[8]){ 0 }, 8, "%.1f", 0.5), 3); /* the caller's locale is as it was */
    ck_assert_str_eq(localeconv()->decimal_point, ",");
    eddy_tape_free(tape);
}
END_TEST

START_TEST(escaped)
{
    static const struct {
        const char *text, *shown;
    } cases[] = { { "plain Grün 重", "plain Grün 重" },
                  { "\033[2J", "\\x1b[2J" },
                  { "a\nb\tc\r", "a\\x0ab\\x09c\\x0d" },
                  { "\x7f", "\\x7f" },
                  { "\xc2\x9b"
                    "1m",
                    "\\xc2\\x9b1m" }, /* a control of eight bits, in UTF-8 */
                  { "\x9b"
                    "1m\xff",
                    "\\x9b1m\\xff" }, /* the same raw, and no UTF-8 at all */
                  { "\xe2\x80\xae"
                    "gnp",
                    "\\xe2\\x80\\xaegnp" },             /* right to left */
                  { "\xe2\x80\x94", "\xe2\x80\x94" } }; /* a dash */
    char out[64];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert_uint_eq(eddy_escape(out, sizeof out, cases[i].text), strlen(cases[i].shown));
        ck_assert_str_eq(out, cases[i].shown);
    }
    ck_assert_uint_eq(eddy_escape(out, 4, "abcde"), 3);
    ck_assert_uint_eq(eddy_escape(out, 4, "ab\xc3\xbc"), 2); /* whole characters only */
    ck_assert_uint_eq(eddy_escape(out, 4, "\033"), 0);
    ck_assert_uint_eq(eddy_escape(out, 1, NULL) + eddy_escape(NULL, 0, "x"), 0);
    eddy_status status = { 0 };
    eddy_status_fail(&status, "%s: no\n", "\033]0;title\a");
    ck_assert_str_eq(status.text, "\\x1b]0;title\\x07: no\\x0a");
}
END_TEST

Suite *suite_locale(void)
{
    Suite *suite = suite_create("locale");
    TCase *cases = tcase_create("locale");
    tcase_set_timeout(cases, 120); /* localedef may take a while */
    tcase_add_test(cases, with_a_point);
    tcase_add_test(cases, with_a_comma);
    tcase_add_test(cases, escaped);
    suite_add_tcase(suite, cases);
    return suite;
}
