/* Command lines: parsing, checks, --help, and the nearest word to a mistyped one. Assumes one command line a process
 * (getopt's state is global). */
#include "options.h"
#include "commands.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool said;

bool command_said(void)
{
    return said;
}

static int say(int status, const char *command, const char *format, va_list arguments)
{
    said = true;
    fflush(stdout);
    char sentence[4096], shown[2 * sizeof sentence]; /* what the user typed, and names from files, are in it */
    vsnprintf(sentence, sizeof sentence, format, arguments);
    eddy_escape(shown, sizeof shown, sentence);
    fprintf(stderr, "eddy %s: %s\n", command, shown);
    return status;
}

int command_wrong(const char *command, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int status = say(COMMAND_WRONG, command, format, arguments);
    va_end(arguments);
    return status;
}

int command_failed(const char *command, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int status = say(COMMAND_FAILED, command, format, arguments);
    va_end(arguments);
    return status;
}

/* strtod also reads "nan", "inf" and hexadecimals, which nobody means. */
static bool plain_number(const char *text)
{
    return *text && strspn(text, "+-.0123456789eE") == strlen(text) && strpbrk(text, "0123456789");
}

bool options_count(const char *text, double low, double high, int64_t *out, char *expected, size_t size)
{
    snprintf(expected, size, "a whole number from %.0f to %.0f", low, high);
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (!plain_number(text) || *end || errno || (double)value < low || (double)value > high)
        return false;
    *out = value;
    return true;
}

bool options_number(const char *text, double low, double high, double *out, char *expected, size_t size)
{
    snprintf(expected, size, "a number from %g to %g", low, high);
    double value;
    if (!eddy_parse_number(text, strlen(text), &value) || !(value >= low && value <= high))
        return false;
    *out = value;
    return true;
}

bool options_positive(const char *text, double high, double *out, char *expected, size_t size)
{
    double value;
    bool ok = options_number(text, 0, high, &value, expected, size) && value > 0;
    snprintf(expected, size, "a number above 0 and at most %g", high);
    if (ok)
        *out = value;
    return ok;
}

static bool read_seed(const char *text, uint64_t *out)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (!isdigit((unsigned char)*text) || *end || errno)
        return false;
    *out = value;
    return true;
}

static bool read_choice(const char *text, const char *choices, int *out)
{
    size_t length = strlen(text);
    int position = 0;
    for (const char *word = choices; *word; position++) {
        size_t n = strcspn(word, "|");
        if (n == length && !strncmp(word, text, n)) {
            *out = position;
            return true;
        }
        word += n + (word[n] == '|');
    }
    return false;
}

static bool read_value(const options *line, const option_row *row, const char *text)
{
    char expected[128] = "a text that is not empty";
    bool ok = false;
    switch (row->kind) {
    case OPTION_FLAG:
        *(bool *)row->value = true;
        return true;
    case OPTION_COUNT:
        ok = options_count(text, row->low, row->high, row->value, expected, sizeof expected);
        break;
    case OPTION_NUMBER:
        ok = options_number(text, row->low, row->high, row->value, expected, sizeof expected);
        break;
    case OPTION_POSITIVE:
        ok = options_positive(text, row->high, row->value, expected, sizeof expected);
        break;
    case OPTION_SEED:
        ok = read_seed(text, row->value);
        snprintf(expected, sizeof expected, "a whole number from 0 to 18446744073709551615");
        break;
    case OPTION_TEXT:
        ok = *text != 0;
        if (ok)
            *(const char **)row->value = text;
        break;
    case OPTION_CHOICE:
        ok = read_choice(text, row->argument, row->value);
        snprintf(expected, sizeof expected, "one of %s", row->argument);
        break;
    }
    if (!ok)
        command_wrong(line->command, "--%s takes %s, not \"%s\".", row->name, expected, text);
    return ok;
}

/* Optimal string alignment: Damerau 1964 with each letter edited at most once. */
static size_t distance(const char *a, const char *b)
{
    enum { LONGEST = 31 };
    size_t m = strlen(a), n = strlen(b), d[LONGEST + 1][LONGEST + 1];
    if (m > LONGEST || n > LONGEST)
        return SIZE_MAX;
    for (size_t i = 0; i <= m; i++)
        for (size_t j = 0; j <= n; j++) {
            if (!i || !j) {
                d[i][j] = i + j;
                continue;
            }
            size_t best = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            best = d[i - 1][j] + 1 < best ? d[i - 1][j] + 1 : best;
            best = d[i][j - 1] + 1 < best ? d[i][j - 1] + 1 : best;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && d[i - 2][j - 2] + 1 < best)
                best = d[i - 2][j - 2] + 1;
            d[i][j] = best;
        }
    return d[m][n];
}

const char *options_nearest(const char *word, const char *(*name)(const void *list, size_t i), const void *list)
{
    const char *best = NULL;
    size_t least = strlen(word) / 2 + 1; /* further away than half its letters is another word */
    for (size_t i = 0; name(list, i); i++) {
        const char *candidate = name(list, i);
        bool begins = strlen(word) >= 2 && !strncmp(word, candidate, strlen(word));
        size_t far = begins ? 0 : distance(word, candidate);
        if (far < least) {
            least = far;
            best = candidate;
        }
    }
    return best;
}

const char *options_did_you_mean(options_offer *room, const char *word, const char *(*name)(const void *list, size_t i),
                                 const void *list)
{
    const char *near = options_nearest(word, name, list);
    snprintf(room->text, sizeof room->text, near ? "; did you mean \"%s\"?" : ".", near);
    return room->text;
}

static const char *long_name(const void *list, size_t i)
{
    return ((const struct option *)list)[i].name;
}

static int wrong_option(const options *line, const struct option *longs, const char *given, int letter, char kind)
{
    const char *hint = "";
    if (kind == ':' && !strncmp(given, "--", 2)) {
        command_wrong(line->command, "%s needs an argument; see 'eddy help %s'.", given, line->command);
    } else if (kind == ':') {
        command_wrong(line->command, "-%c needs an argument; see 'eddy help %s'.", letter, line->command);
    } else if (letter && strncmp(given, "--", 2)) {
        command_wrong(line->command, "there is no option -%c; see 'eddy help %s'.", letter, line->command);
    } else {
        char word[64];
        snprintf(word, sizeof word, "%.*s", (int)strcspn(given + 2, "="), given + 2);
        hint = options_nearest(word, long_name, longs);
        int same = 0;
        for (size_t i = 0; longs[i].name; i++) {
            if (!strcmp(longs[i].name, word))
                return command_wrong(line->command, "--%s takes no argument.", word);
            same += !strncmp(longs[i].name, word, strlen(word));
        }
        if (same > 1)
            command_wrong(line->command, "--%s may mean several options; write it out. See 'eddy help %s'.", word,
                          line->command);
        else if (hint)
            command_wrong(line->command, "there is no option --%s. Did you mean --%s? See 'eddy help %s'.", word, hint,
                          line->command);
        else
            command_wrong(line->command, "there is no option --%s; see 'eddy help %s'.", word, line->command);
    }
    return COMMAND_WRONG;
}

static void print_help(const options *line)
{
    printf("Usage: eddy %s\n\n%s\n", line->usage, line->about);
    if (line->count)
        printf("\nOptions:\n");
    for (size_t i = 0; i < line->count; i++) {
        const option_row *row = &line->rows[i];
        char left[64];
        if (!row->help)
            continue;
        snprintf(left, sizeof left, "--%s%s%s", row->name, row->argument ? " " : "",
                 row->argument ? row->argument : "");
        if (row->letter)
            printf("  -%c, %-26s %s\n", row->letter, left, row->help);
        else
            printf("      %-26s %s\n", left, row->help);
    }
    printf("  -h, %-26s %s\n", "--help", "this text");
    if (line->examples)
        printf("\nExamples:\n%s", line->examples);
}

const char *options_input(const char *path)
{
    return path && !strcmp(path, "-") ? "/dev/stdin" : path;
}

int options_parse(const options *line, int argc, char **argv, int *first)
{
    enum { ROW = 1000 }; /* getopt_long's value of the row number 0; below stand the letters */
    struct option longs[OPTIONS_MAX + 2];
    char shorts[2 * OPTIONS_MAX + 4] = ":h";
    memset(longs, 0, sizeof longs);
    for (size_t i = 0; i < line->count; i++) {
        const option_row *row = &line->rows[i];
        bool argument = row->kind != OPTION_FLAG;
        longs[i] = (struct option){ row->name, argument ? required_argument : no_argument, NULL, ROW + (int)i };
        if (row->letter) {
            size_t n = strlen(shorts);
            shorts[n] = row->letter;
            shorts[n + 1] = argument ? ':' : 0;
        }
    }
    longs[line->count] = (struct option){ "help", no_argument, NULL, 'h' };

    opterr = 0;
    for (int found; (found = getopt_long(argc, argv, shorts, longs, NULL)) != -1;) {
        if (found == 'h') {
            print_help(line);
            return COMMAND_DONE;
        }
        if (found == '?' || found == ':')
            return wrong_option(line, longs, argv[optind - 1], optopt < ROW ? optopt : 0, (char)found);
        for (size_t i = 0; i < line->count; i++)
            if ((found == ROW + (int)i || (line->rows[i].letter && found == line->rows[i].letter)) &&
                !read_value(line, &line->rows[i], optarg))
                return COMMAND_WRONG;
    }
    int operands = argc - optind;
    if (operands < line->least)
        return command_wrong(line->command, "something is missing. Usage: eddy %s", line->usage);
    if (line->most >= 0 && operands > line->most)
        return command_wrong(line->command, "\"%s\" is one too many. Usage: eddy %s", argv[optind + line->most],
                             line->usage);
    *first = optind;
    return OPTIONS_GO_ON;
}
