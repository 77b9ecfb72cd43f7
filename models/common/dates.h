/* Dates of a table: the common forms, read and written back, and how one row's date follows from the one before. Times
 * are seconds from 1970 of a calendar without zones. */
#ifndef EDDY_DATES_H
#define EDDY_DATES_H

#include <eddy/eddy.h>

typedef enum date_form {
    DATE_NONE = 0,
    DATE_ISO,         /* 2012-01-31 */
    DATE_ISO_SECONDS, /* 2012-01-31 12:00:00, also with T and Z */
    DATE_ISO_MINUTES, /* 2012-01-31 12:00 */
    DATE_SLASHES,     /* 2012/01/31 */
    DATE_DOTS,        /* 31.1.2012 */
    DATE_AMERICAN,    /* 1/31/2012 */
    DATE_BRITISH,     /* 31/1/2012 */
    DATE_MONTH,       /* 2012-01 */
    DATE_COMPACT,     /* 20120131: only where the column is known to hold dates */
    DATE_YEAR,        /* 2012: the same */
    DATE_FORMS
} date_form;

enum { DATE_TEXT = 48 };

/* Exactly one date of that form, from year 1 to 9999. */
bool date_parse(const char *text, date_form form, int64_t *time);
void date_write(int64_t time, date_form form, char out[DATE_TEXT]);
/* Does a column's name say that numbers in it are dates ("date", "Year", ...)? */
bool date_name(const char *name);

/* The form that all rows of a column have, DATE_NONE if there is none; plain numbers only if `numbers`. Where days and
 * months could be exchanged the order that makes the dates ascend is taken, and the American one if both do; but a form
 * that the caller calls usual comes first. */
date_form date_find(const eddy_csv *table, int64_t column, bool numbers, date_form usual);

typedef enum date_unit { DATE_SECONDS = 0, DATE_MONTHS, DATE_WEEKDAYS } date_unit;
typedef struct date_step {
    date_unit unit;
    int64_t count;  /* of them, from row to row */
    int64_t others; /* rows that follow at another distance */
} date_step;

/* The step of most rows, of ascending dates; at least two. */
date_step date_find_step(const int64_t *time, int64_t count);
int64_t date_next(int64_t time, const date_step *step);
/* "a day", "2 months", "a weekday" */
void date_step_write(const date_step *step, char out[DATE_TEXT]);

/* Places in the year and in the day, 0..1. */
double date_of_year(int64_t time);
double date_of_day(int64_t time);

#endif
