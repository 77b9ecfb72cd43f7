/* Text that grows, numbers in text, UTF-8, and what must not reach a terminal. */
#include "failing_memory.h"
#include "test.h"

#include "format.h"
#include "text_buffer.h"

START_TEST(grows)
{
    eddy_text text = { 0 };
    for (int i = 0; i < 1000; i++)
        eddy_text_print(&text, "%03d,", i);
    ck_assert(!text.failed && text.size == 4000 && !strncmp(text.data + 3996, "999,", 5));
    eddy_text_add(&text, NULL, 0);
    ck_assert_uint_eq(text.size, 4000);
    /* more than is printed at a time: it says so, and stays as it was */
    eddy_text_print(&text, "%300d", 1);
    ck_assert(text.failed && text.size == 4000);
    eddy_text_add(&text, "x", 1);
    ck_assert(text.failed && text.size == 4000 && !text.data[4000]);
    eddy_free(text.data);
    text = (eddy_text){ 0 };
    eddy_text_add(&text, "x", PTRDIFF_MAX);
    ck_assert(text.failed && !text.data);
}
END_TEST

START_TEST(appends_what_fits)
{
    char text[8] = "";
    eddy_append(text, sizeof text, "%d,", 12);
    ck_assert_str_eq(text, "12,");
    eddy_append(text, sizeof text, "%s%g", "x", 0.5);
    ck_assert_str_eq(text, "12,x0.5");
    eddy_append(text, sizeof text, "more");
    ck_assert_str_eq(text, "12,x0.5");
    text[1] = 0;
    eddy_append(text, 4, "%s", "longer");
    ck_assert_str_eq(text, "1lo");
}
END_TEST

START_TEST(short_memory)
{
    fault f;
    fault_install(&f, 2);
    eddy_text text = { 0 };
    for (int i = 0; i < 1000; i++)
        eddy_text_print(&text, "%03d,", i);
    ck_assert(text.failed && text.size == 252 && !strcmp(text.data + 248, "062,"));
    eddy_free(text.data);
    eddy_set_allocator(NULL);
    ck_assert_int_eq(f.living, 0);
}
END_TEST

START_TEST(numbers)
{
    static const char *const wrong[] = { "",    ".",  "+",  "e5",  "1e",    "0x10", "inf",
                                         "nan", "1 ", " 1", "1,5", "1e999", "--1" };
    double value = 7;
    char digits[500];
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_msg(!eddy_parse_number(wrong[i], strlen(wrong[i]), &value) && value == 7, "\"%s\"", wrong[i]);
    ck_assert(!eddy_parse_number(NULL, 3, &value) &&
              !eddy_parse_number("1\0"
                                 "2",
                                 3, &value) &&
              value == 7);
    memset(digits, '1', sizeof digits);
    ck_assert(!eddy_parse_number(digits, 400, &value) && value == 7);
    digits[1] = '.';
    ck_assert(eddy_parse_number(digits, 399, &value) && value > 1.11 && value < 1.112);
    ck_assert(eddy_parse_number("-1.5e2", 6, &value) && value == -150);
    ck_assert(eddy_parse_number("12345", 2, &value) && value == 12);
}
END_TEST

static const struct escaped {
    const char *text, *shown;
} escapes[] = {
    { "a\tb\x7f", "a\\x09b\\x7f" },
    { "\xc2\x80|\xc2\x9f|\xc2\xa0|\xc3\x80", "\\xc2\\x80|\\xc2\\x9f|\xc2\xa0|\xc3\x80" },
    { "\xe2\x80\xa7|\xe2\x80\xa8|\xe2\x80\xae|\xe2\x80\xaf", /* U+2027 to U+202F: those between obey */
      "\xe2\x80\xa7|\\xe2\\x80\\xa8|\\xe2\\x80\\xae|\xe2\x80\xaf" },
    { "\xe2\x81\xa5|\xe2\x81\xa6|\xe2\x81\xa9|\xe2\x81\xaa", /* U+2065 to U+206A */
      "\xe2\x81\xa5|\\xe2\\x81\\xa6|\\xe2\\x81\\xa9|\xe2\x81\xaa" },
    { "\xe3\x80\xa8\xf0\x9f\x98\x80", "\xe3\x80\xa8\xf0\x9f\x98\x80" },
    { "\xff\xc0\x80\xed\xa0\x80", "\\xff\\xc0\\x80\\xed\\xa0\\x80" }, /* none of these is a character */
    { "\xe2\x82", "\\xe2\\x82" },
    { NULL, "" },
};

START_TEST(escaping)
{
    char shown[100];
    const struct escaped *e = &escapes[_i];
    ck_assert_uint_eq(eddy_escape(shown, sizeof shown, e->text), strlen(e->shown));
    ck_assert_str_eq(shown, e->shown);
    /* where there is no room for all of it, whole characters */
    for (size_t size = strlen(e->shown); size > 0; size--) {
        size_t used = eddy_escape(shown, size, e->text);
        ck_assert(used < size && strlen(shown) == used && !strncmp(shown, e->shown, used));
    }
    shown[0] = 'x';
    ck_assert(eddy_escape(shown, 0, e->text) == 0 && shown[0] == 'x');
    ck_assert_uint_eq(eddy_utf8_length((const unsigned char *)"", 0), 0);
}
END_TEST

Suite *suite_text(void)
{
    Suite *suite = suite_create("text");
    TCase *cases = tcase_create("text");
    tcase_add_test(cases, grows);
    tcase_add_test(cases, appends_what_fits);
    tcase_add_test(cases, short_memory);
    tcase_add_test(cases, numbers);
    tcase_add_loop_test(cases, escaping, 0, (int)(sizeof escapes / sizeof *escapes));
    suite_add_tcase(suite, cases);
    return suite;
}
