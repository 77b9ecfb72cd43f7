/* Tables of text: every way to write one, every way to be wrong, memory that fails. What series asks of them stands in
 * test_series.c. */
#include "failing_memory.h"
#include "scratch.h"
#include "test.h"

#include "csv.h"

static bool parse(eddy_csv *csv, const char *text, eddy_status *status)
{
    status->text[0] = 0;
    return eddy_csv_parse(csv, text, strlen(text), "t.csv", status);
}

static const struct table {
    const char *text;
    int64_t rows, columns;
    bool header;
    const char *fields; /* of all rows, names first, joined by | */
} tables[] = {
    { "a,b\n1,2\n3,4\n", 2, 2, true, "a|b|1|2|3|4" },
    { "1\r2\r3\r", 3, 1, false, "1|2|3" }, /* CR alone, as old Macs write it */
    { "a,b\r1,2\r\r", 1, 2, true, "a|b|1|2" },
    { "a\r\n1\r\n", 1, 1, true, "a|1" },
    { "a\r\r\n1", 2, 1, true, "a||1" },
    { "1\n\"\"\n3", 3, 1, false, "1||3" }, /* a quoted nothing */
    { "\"a\"\"b\",\"\"\"\"\n1,\"\"\n", 1, 2, true, "a\"b|\"|1|" },
    { "a,b\n1,\"x\ny,\r\nz\"\n2,\"\"\n", 2, 2, true, "a|b|1|x\ny,\r\nz|2|" },
    { "\"a,b\";c\n1;2\n", 1, 2, true, "a,b|c|1|2" }, /* a comma inside quotation marks separates nothing */
    { "a\tb\n1\t\n", 1, 2, true, "a|b|1|" },
    { "a,b\n1,\n \t\n", 1, 2, true, "a|b|1|" },
    { "\xef\xbb\xbf x , y \n 1 ,2 ", 1, 2, true, "x|y|1|2" },
    { ",\n,", 1, 2, true, "|||" },
    { "1,2", 1, 2, false, "1|2" },
    { "name", 0, 1, true, "name" },
    { "a\n\"x\ry\"\n", 1, 1, true, "a|x\ry" },
    { "a,b\n\"x\"\t,1\n", 1, 2, true, "a|b|x|1" }, /* blanks behind a closing quotation mark */
    { "a\tb\n\t1\n", 1, 2, true, "a|b||1" },       /* a tab that separates is no blank */
    { "a;\"b,c\"\n1;2\n", 1, 2, true, "a|b,c|1|2" },
};

START_TEST(tables_of_all_kinds)
{
    const struct table *t = &tables[_i];
    eddy_csv csv;
    eddy_status status = { 0 };
    char all[200] = "";
    ck_assert_msg(parse(&csv, t->text, &status), "case %d: %s", _i, status.text);
    ck_assert_msg(csv.has_header == t->header, "case %d: header", _i);
    ck_assert_int_eq(csv.columns, t->columns);
    ck_assert_int_eq(csv.rows, t->rows);
    for (int64_t row = -1; row < csv.rows; row++)
        for (int64_t k = 0; k < csv.columns; k++) {
            const char *field = row < 0 ? eddy_csv_name(&csv, k) : eddy_csv_field(&csv, row, k);
            ck_assert((row >= 0 || csv.has_header) == (field != NULL));
            if (field)
                snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", *all ? "|" : "", field);
        }
    if (_i != 12) /* joined nothings */
        ck_assert_str_eq(all, t->fields);
    ck_assert(!eddy_csv_field(&csv, csv.rows, 0) && !eddy_csv_field(&csv, 0, csv.columns) &&
              !eddy_csv_field(&csv, -1, 0) && !eddy_csv_name(&csv, -1) && !eddy_csv_name(&csv, csv.columns));
    eddy_csv_free(&csv);
    ck_assert(!csv.text && !csv.lines && !csv.source);
    eddy_csv_free(&csv);
}
END_TEST

static const struct wrong {
    const char *text, *column, *sentence; /* column "-": parsing fails */
} wrongs[] = {
    { "", "-", "is empty" },
    { " \r\n\t\n", "-", "is empty" },
    { "1\n\"2\n3\n4", "-", "line 2: a quotation mark is not closed" },
    { "1\n\"2\n3\"x\n4", "-", "line 3: text after a closing quotation mark" },
    { "a,b\n\"x\ny\",1\n2\n", "-", "line 4 has 1 field, but line 1 has 2" },
    { "a,b,a\n1,2,3\n", "a", "has two columns \"a\", numbers 1 and 3: choose one by its number" },
    { "a,b\n1,2\n", NULL, "has 2 columns (a, b): choose one" },
    { "a,b\n1,2\n", "c", "no column \"c\": it has 2 (a, b)" },
    { "a,b\n1,2\n", "99999999999999999999", "no column" },
    { "a,b\n1,2\n", "-9223372036854775808", "no column" },
    { "a,\033[31mb\n1,2\n", "c\033", "no column \"c\\x1b\": it has 2 (a, \\x1b[31mb)" },
    { "a\n1\n\"\"\n", "a", "line 3, column 1: a gap (\"\")" },
    { "a\n1\n\"x\033\"\n", "a", "line 3, column 1: \"x\\x1b\" is not a number" },
    { "a,b\n\"1\n\",2\n1,N/A\n", "b", "line 4, column 2: a gap (\"N/A\")" },
    { "a\n1\nn\n", "a", "line 3, column 1: \"n\" is not a number" },
    { "a,b\n1,2\n", "0", "no column \"0\"" },
    { "a,b\n1,2\n", "1x", "no column \"1x\"" },
    { "a,b\n1,2\n", "", "no column \"\"" },
    { "1,2\n3,4\n", "3", "no column \"3\": it has 2 without names" },
    { "a,a name that is longer than the forty characters,b\n1,2,3\n", "c", "it has 3 (a, b)" },
    { "a,b,c,d,e,f,g,h,i,j,k,l,m,n\n", "x", "it has 14 (a, b, c, d, e, f, g, h, i, j, k, l, ...)" },
    { "a\n1,5\n", NULL, "line 2, column 1: \"1,5\" is not a number" },
};

START_TEST(refused)
{
    const struct wrong *w = &wrongs[_i];
    eddy_csv csv;
    eddy_tensor numbers;
    eddy_status status = { 0 };
    bool parses = !w->column || strcmp(w->column, "-") != 0, good = parse(&csv, w->text, &status);
    ck_assert_msg(good == parses, "case %d: %s", _i, status.text);
    if (good) {
        int64_t column = eddy_csv_column(&csv, w->column, &status);
        if (column >= 0) {
            ck_assert(!eddy_csv_numbers(&numbers, &csv, column, &status));
            ck_assert(!numbers.owned);
        }
    }
    ck_assert_msg(strstr(status.text, w->sentence) && strstr(status.text, "t.csv"), "case %d: %s", _i, status.text);
    eddy_csv_free(&csv);
    ck_assert_ptr_null(csv.text);
}
END_TEST

START_TEST(arguments)
{
    eddy_csv csv = { 0 };
    eddy_tensor x;
    eddy_status s = { 0 };
    ck_assert(!eddy_csv_parse(NULL, "1", 1, "t", &s) && strstr(s.text, "NULL"));
    s.text[0] = 0;
    ck_assert(!eddy_csv_parse(&csv, NULL, 1, "t", &s) && strstr(s.text, "NULL"));
    s.text[0] = 0;
    ck_assert(!eddy_csv_parse(&csv, NULL, 0, NULL, &s) && strstr(s.text, "the table is empty"));
    s.text[0] = 0;
    ck_assert(!eddy_csv_load(NULL, "t", &s) && strstr(s.text, "NULL"));
    s.text[0] = 0;
    ck_assert(!eddy_csv_load(&csv, NULL, &s) && strstr(s.text, "path to read is NULL"));
    s.text[0] = 0;
    ck_assert(!eddy_csv_load(&csv, "/nowhere/t.csv", &s) && strstr(s.text, "No such file"));
    s.text[0] = 0;
    ck_assert(!eddy_csv_parse(&csv, "1\n\0", 3, "t", &s) && strstr(s.text, "byte 2 is zero"));
    s.text[0] = 0;
    ck_assert(eddy_csv_column(NULL, "a", &s) == -1 && strstr(s.text, "NULL"));
    s.text[0] = 0;
    ck_assert(eddy_csv_column(&csv, "a", &s) == -1 && strstr(s.text, "empty"));
    ck_assert(!eddy_csv_numbers(NULL, &csv, 0, &s) && !eddy_csv_numbers(&x, NULL, 0, &s));
    ck_assert(eddy_csv_parse(&csv, "1,2", 3, "t", NULL) && !eddy_csv_numbers(&x, &csv, 2, &s));
    ck_assert(!eddy_csv_numbers(&x, &csv, -1, &s) && !x.data);
    ck_assert(eddy_csv_numbers(&x, &csv, 1, &s) && eddy_tensor_flat(&x, 0) == 2);
    eddy_tensor_free(&x);
    eddy_csv_free(&csv);
    eddy_csv_free(NULL);
    ck_assert(!eddy_csv_name(NULL, 0) && !eddy_csv_field(NULL, 0, 0));
}
END_TEST

START_TEST(short_memory)
{
    scratch file = scratch_new("t.csv");
    scratch_write(file.path, "a,b\n1,2\n3,4\n", 12);
    eddy_status status = { 0 };
    fault faults;
    long n = 1;
    for (bool done = false; !done; n++) {
        eddy_csv csv;
        eddy_tensor x = { 0 };
        status.text[0] = 0;
        fault_install(&faults, n);
        done = eddy_csv_load(&csv, file.path, &status) && eddy_csv_numbers(&x, &csv, 1, &status);
        ck_assert_msg(done || strstr(status.text, "memory"), "%ld: %s", n, status.text);
        ck_assert(!done || (x.shape.dim[0] == 2 && eddy_tensor_flat(&x, 1) == 4));
        eddy_tensor_free(&x);
        eddy_csv_free(&csv);
        ck_assert_int_eq(faults.living, 0);
    }
    eddy_set_allocator(NULL);
    ck_assert_int_gt(n, 5);
    scratch_free(&file);
}
END_TEST

START_TEST(many_lines)
{
    enum { LINES = 1000 };
    char text[LINES * 5] = "", *at = text;
    for (int i = 0; i < LINES; i++)
        at += snprintf(at, 6, "%d\n", i);
    eddy_csv csv;
    eddy_status s = { 0 };
    eddy_tensor x;
    ck_assert(parse(&csv, text, &s) && csv.rows == LINES && eddy_csv_numbers(&x, &csv, 0, &s));
    for (int i = 0; i < LINES; i++)
        ck_assert_double_eq(eddy_tensor_flat(&x, i), i);
    eddy_tensor_free(&x);
    eddy_csv_free(&csv);
}
END_TEST

Suite *suite_csv(void)
{
    Suite *suite = suite_create("csv");
    TCase *cases = tcase_create("csv");
    tcase_add_loop_test(cases, tables_of_all_kinds, 0, (int)(sizeof tables / sizeof *tables));
    tcase_add_loop_test(cases, refused, 0, (int)(sizeof wrongs / sizeof *wrongs));
    tcase_add_test(cases, arguments);
    tcase_add_test(cases, short_memory);
    tcase_add_test(cases, many_lines);
    suite_add_tcase(suite, cases);
    return suite;
}
