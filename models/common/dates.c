/* Dates of tables. The calendar is the Gregorian one, without end in both directions; days from civil dates by H.
 * Hinnant's "chrono-compatible low-level date algorithms". */
#include "dates.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { DAY = 86400 };

static int64_t days_from(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400, of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static void date_from(int64_t days, int64_t *year, int64_t *month, int64_t *day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097, of_era = days - era * 146097;
    int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * y + y / 4 - y / 100), m = (5 * of_year + 2) / 153;
    *day = of_year - (153 * m + 2) / 5 + 1;
    *month = m + (m < 10 ? 3 : -9);
    *year = y + era * 400 + (*month <= 2);
}

static int64_t day_of(int64_t time)
{
    return time >= 0 ? time / DAY : (time - DAY + 1) / DAY;
}

static int64_t month_length(int64_t year, int64_t month)
{
    static const int64_t length[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (year % 4 == 0 && year % 100) || year % 400 == 0;
    return length[month - 1] + (month == 2 && leap);
}

/* ---- Forms ---- */

/* In order: least and most digits of year, month, day, hour, minute, second, and what stands before each; Y M D h m
 * s. */
static const struct form {
    const char *fields, *before;
    int year, other; /* least digits of a year and of the other fields */
    bool number;
} forms[DATE_FORMS] = {
    [DATE_ISO] = { "YMD", " --", 4, 1, false },
    [DATE_ISO_SECONDS] = { "YMDhms", " --T::", 4, 1, false },
    [DATE_ISO_MINUTES] = { "YMDhm", " --T:", 4, 1, false },
    [DATE_SLASHES] = { "YMD", " //", 4, 1, false },
    [DATE_DOTS] = { "DMY", " ..", 4, 1, false },
    [DATE_AMERICAN] = { "MDY", " //", 4, 1, false },
    [DATE_BRITISH] = { "DMY", " //", 4, 1, false },
    [DATE_MONTH] = { "YM", " -", 4, 2, false },
    [DATE_COMPACT] = { "YMD", "   ", 4, 2, true },
    [DATE_YEAR] = { "Y", " ", 4, 2, true },
};

/* least..most digits; returns behind them, NULL if they are not there. */
static const char *digits(const char *text, int least, int most, int64_t *value)
{
    int n = 0;
    *value = 0;
    while (n < most && isdigit((unsigned char)text[n]))
        *value = 10 * *value + (text[n++] - '0');
    return n >= least ? text + n : NULL;
}

bool date_parse(const char *text, date_form form, int64_t *time)
{
    const struct form *f = &forms[form];
    int64_t part['s' + 1] = { ['M'] = 1, ['D'] = 1 };
    if (!f->fields)
        return false;
    for (size_t i = 0; f->fields[i]; i++) {
        char before = f->before[i], field = f->fields[i];
        if (before != ' ' && *text != before && !(before == 'T' && *text == ' '))
            return false;
        text += before != ' ';
        text = field == 'Y' ? digits(text, f->year, 4, &part['Y'])
                            : digits(text, f->other, 2, &part[(unsigned char)field]);
        if (!text)
            return false;
    }
    text += form == DATE_ISO_SECONDS && *text == 'Z';
    if (*text || part['Y'] < 1 || part['M'] < 1 || part['M'] > 12 || part['D'] < 1 ||
        part['D'] > month_length(part['Y'], part['M']) || part['h'] > 23 || part['m'] > 59 || part['s'] > 59)
        return false;
    *time = days_from(part['Y'], part['M'], part['D']) * DAY + part['h'] * 3600 + part['m'] * 60 + part['s'];
    return true;
}

void date_write(int64_t time, date_form form, char out[DATE_TEXT])
{
    int64_t part['s' + 1] = { 0 }, of_day = time - day_of(time) * DAY;
    date_from(day_of(time), &part['Y'], &part['M'], &part['D']);
    part['h'] = of_day / 3600;
    part['m'] = of_day / 60 % 60;
    part['s'] = of_day % 60;
    size_t used = 0;
    *out = 0;
    for (size_t i = 0; forms[form].fields && forms[form].fields[i]; i++) {
        char before = forms[form].before[i], field = forms[form].fields[i];
        if (before != ' ')
            out[used++] = before == 'T' ? ' ' : before;
        used += (size_t)snprintf(out + used, DATE_TEXT - used, field == 'Y' ? "%04" PRId64 : "%02" PRId64,
                                 part[(unsigned char)field]);
    }
}

bool date_name(const char *name)
{
    static const char *const names[] = { "date", "time", "day", "month", "year", "timestamp", "datetime", "ds" };
    for (size_t i = 0; name && i < sizeof names / sizeof *names; i++) {
        size_t k = 0;
        while (names[i][k] && tolower((unsigned char)name[k]) == names[i][k])
            k++;
        if (!names[i][k] && !name[k])
            return true;
    }
    return false;
}

/* Do all rows have it? *ascends: each date behind the one before. */
static bool fits(const eddy_csv *table, int64_t column, date_form form, bool *ascends)
{
    int64_t before = INT64_MIN, time = 0;
    *ascends = true;
    for (int64_t row = 0; row < table->rows; row++) {
        if (!date_parse(eddy_csv_field(table, row, column), form, &time))
            return false;
        *ascends &= time > before;
        before = time;
    }
    return table->rows > 0;
}

date_form date_find(const eddy_csv *table, int64_t column, bool numbers, date_form usual)
{
    date_form found = DATE_NONE;
    bool ignored;
    if (usual && (numbers || !forms[usual].number) && fits(table, column, usual, &ignored))
        return usual;
    for (int form = DATE_ISO; form < DATE_FORMS; form++) {
        bool ascends;
        if ((forms[form].number && !numbers) || !fits(table, column, (date_form)form, &ascends))
            continue;
        if (ascends)
            return (date_form)form;
        found = found ? found : (date_form)form;
    }
    return found;
}

/* ---- Steps ---- */

static int64_t months_of(int64_t time, int64_t *day)
{
    int64_t year, month;
    date_from(day_of(time), &year, &month, day);
    return 12 * year + month;
}

static bool is_last_of_month(int64_t time)
{
    int64_t year, month, day;
    date_from(day_of(time), &year, &month, &day);
    return day == month_length(year, month);
}

/* 0 is Monday. */
static int64_t weekday(int64_t time)
{
    return ((day_of(time) + 3) % 7 + 7) % 7;
}

int64_t date_next(int64_t time, const date_step *step)
{
    if (step->unit == DATE_SECONDS)
        return time + step->count;
    if (step->unit == DATE_WEEKDAYS) {
        do
            time += DAY;
        while (weekday(time) > 4);
        return time;
    }
    int64_t day, of_day = time - day_of(time) * DAY, months = months_of(time, &day) - 1 + step->count;
    int64_t year = months / 12, month = months % 12 + 1, length = month_length(year, month);
    return days_from(year, month, is_last_of_month(time) || day > length ? length : day) * DAY + of_day;
}

static int64_t others(const int64_t *time, int64_t count, const date_step *step)
{
    int64_t n = 0;
    for (int64_t i = 1; i < count; i++)
        n += date_next(time[i - 1], step) != time[i];
    return n;
}

/* The most common of neighbouring differences; by voting, so it must be the majority to be found. */
static int64_t majority(const int64_t *time, int64_t count)
{
    int64_t vote = time[1] - time[0], lead = 0;
    for (int64_t i = 1; i < count; i++) {
        int64_t difference = time[i] - time[i - 1];
        if (!lead)
            vote = difference;
        lead += difference == vote ? 1 : -1;
    }
    return vote;
}

date_step date_find_step(const int64_t *time, int64_t count)
{
    int64_t ignored;
    date_step tried[3] = { { DATE_SECONDS, majority(time, count), 0 },
                           { DATE_MONTHS, months_of(time[1], &ignored) - months_of(time[0], &ignored), 0 },
                           { DATE_WEEKDAYS, 1, 0 } };
    int best = 0;
    for (int i = 0; i < 3; i++) {
        tried[i].others = tried[i].unit == DATE_MONTHS && !tried[i].count ? count : others(time, count, &tried[i]);
        if (tried[i].others < tried[best].others ||
            (tried[i].others == tried[best].others && tried[i].unit == DATE_MONTHS)) /* a quarter is no 91 days */
            best = i;
    }
    return tried[best];
}

void date_step_write(const date_step *step, char out[DATE_TEXT])
{
    static const struct {
        int64_t seconds;
        const char *name;
    } units[] = { { 7 * DAY, "week" }, { DAY, "day" }, { 3600, "hour" }, { 60, "minute" }, { 1, "second" } };
    int64_t count = step->count;
    const char *name = step->unit == DATE_WEEKDAYS ? "weekday" : "month";
    if (step->unit == DATE_MONTHS && count % 12 == 0) {
        count /= 12;
        name = "year";
    }
    for (int i = 4; step->unit == DATE_SECONDS && i >= 0; i--)
        if (step->count % units[i].seconds == 0) {
            count = step->count / units[i].seconds;
            name = units[i].name;
        }
    if (count == 1)
        snprintf(out, DATE_TEXT, "%s %s", *name == 'h' ? "an" : "a", name);
    else
        snprintf(out, DATE_TEXT, "%" PRId64 " %ss", count, name);
}

double date_of_year(int64_t time)
{
    int64_t year, month, day, days = day_of(time);
    date_from(days, &year, &month, &day);
    int64_t first = days_from(year, 1, 1), length = days_from(year + 1, 1, 1) - first;
    return ((double)(days - first) + date_of_day(time)) / (double)length;
}

double date_of_day(int64_t time)
{
    return (double)(time - day_of(time) * DAY) / DAY;
}
