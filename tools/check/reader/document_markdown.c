/* Markdown: where formulas, setups and annotations stand in its paragraphs, tables, quotations and fenced blocks; code
 * is passed over. Assumes UTF-8 without zero bytes. */
#include "document_internal.h"

/* What stands at the start of a line: blockquote marks and the markers of list items. Returns the place of the line's
 * own text. */
static size_t prefix(const document_reader *r, size_t at, int *quotes, bool *item)
{
    *quotes = 0;
    *item = false;
    for (;;) {
        while (at < r->n && document_blank(r->s[at]))
            at++;
        if (at >= r->n)
            return at;
        size_t mark = at;
        if (r->s[at] == '>') {
            ++*quotes;
            at++;
            continue;
        }
        if (strchr("-*+", r->s[at])) {
            mark = at + 1;
        } else {
            while (mark < r->n && mark - at < 9 && r->s[mark] >= '0' && r->s[mark] <= '9')
                mark++;
            mark = mark > at && mark < r->n && (r->s[mark] == '.' || r->s[mark] == ')') ? mark + 1 : at;
        }
        if (mark == at || (mark < r->n && !document_blank(r->s[mark]) && r->s[mark] != '\n'))
            return at;
        *item = true;
        at = mark;
    }
}

static size_t run_of(const document_reader *r, size_t at)
{
    size_t end = at;
    while (end < r->n && r->s[end] == r->s[at])
        end++;
    return end - at;
}

/* The length of a code fence's ``` or ~~~ at the text of a line, 0 if it is none. */
static size_t fence_of(const document_reader *r, size_t at)
{
    if (at >= r->n || (r->s[at] != '`' && r->s[at] != '~'))
        return 0;
    size_t length = run_of(r, at);
    bool code = r->s[at] == '`' && memchr(r->s + at + length, '`', document_line_end(r, at) - at - length);
    return length >= 3 && !code ? length : 0;
}

static size_t heading_of(const document_reader *r, size_t at)
{
    size_t length = at < r->n && r->s[at] == '#' ? run_of(r, at) : 0;
    return length >= 1 && length <= 6 &&
                   (at + length >= r->n || document_blank(r->s[at + length]) || r->s[at + length] == '\n')
               ? length
               : 0;
}

/* Whether the line's text is made of such characters only, with at least one of `needed`. */
static bool only(const document_reader *r, size_t at, const char *characters, char needed)
{
    bool found = false;
    for (; at < r->n && r->s[at] != '\n'; at++) {
        if (!strchr(characters, r->s[at]))
            return false;
        found = found || r->s[at] == needed;
    }
    return found;
}

/* Where the paragraph ends that holds `at`; notes where a table begins in it, and the heading that it is when it is
 * underlined. */
static size_t paragraph_end(document_reader *r, size_t at)
{
    size_t line = at, line_start = at, next = document_line_end(r, at) + 1;
    r->table = DOCUMENT_NONE;
    while (next < r->n) {
        int quotes;
        bool item;
        size_t start = prefix(r, next, &quotes, &item);
        if (item || document_blank_line(r, start) || fence_of(r, start) || heading_of(r, start))
            return next;
        size_t after = document_line_end(r, start) + 1;
        if (only(r, start, "= \t\r", '=') ||
            (only(r, start, "- \t\r", '-') && start + 1 < r->n && r->s[start + 1] == '-')) {
            if (line != at)
                return line_start; /* a heading of its own */
            document_heading(r, line, next - 1);
            return after < r->n ? after : r->n;
        }
        if (r->table == DOCUMENT_NONE && only(r, start, "|:- \t\r", '-') && only(r, start, "|:- \t\r", '|'))
            r->table = line;
        line = start;
        line_start = next;
        next = after;
    }
    return r->n;
}

/* A fenced block whose fence stands at `at`; returns the start of the line after it. */
static size_t fenced(document_reader *r, size_t at, size_t length, int quotes)
{
    size_t eol = document_line_end(r, at), word = at + length, from = eol < r->n ? eol + 1 : r->n, to = DOCUMENT_NONE,
           end = DOCUMENT_NONE;
    while (word < eol && document_blank(r->s[word]))
        word++;
    size_t letters = word;
    while (letters < eol && !document_blank(r->s[letters]))
        letters++;
    for (size_t line = from; line < r->n && to == DOCUMENT_NONE;) {
        int seen;
        size_t start = document_margin(r, line, r->n, quotes, &seen), after = document_line_end(r, line);
        if (seen < quotes) { /* the blockquote ends, and the block in it */
            to = end = line;
        } else if (start < r->n && r->s[start] == r->s[at] && run_of(r, start) >= length &&
                   document_blank_line(r, start + run_of(r, start))) {
            to = line;
            end = after;
        }
        line = after + 1;
    }
    if (to == DOCUMENT_NONE) {
        document_fail(r, at, "the code block that begins here is not closed");
        return r->n;
    }
    bool four = letters - word == 4;
    if (four && memcmp(r->s + word, "eddy", 4) == 0)
        document_setup(r, from, to, quotes);
    else if (four && memcmp(r->s + word, "math", 4) == 0)
        document_formula(r, (document_span){ at, from, to, end, quotes, false, true });
    return end < r->n && r->s[end] == '\n' ? end + 1 : end;
}

/* Code between equal runs of backticks: the place after it, or after the run if nothing closes it before `limit`. */
static size_t code_span(document_reader *r, size_t at, size_t limit)
{
    enum { RUNS = sizeof r->last_run / sizeof *r->last_run };
    size_t length = run_of(r, at), start = at + length;
    if (length >= RUNS)
        return start;
    if (r->runs_until != limit) {
        memset(r->last_run, 0, sizeof r->last_run);
        for (size_t p = at; p < limit;) {
            const char *tick = memchr(r->s + p, '`', limit - p);
            if (!tick)
                break;
            p = (size_t)(tick - r->s);
            size_t run = run_of(r, p);
            if (run < RUNS)
                r->last_run[run] = p;
            p += run;
        }
        r->runs_until = limit;
    }
    if (r->last_run[length] < start)
        return start;
    for (size_t p = start; p < limit; p++) {
        if (r->s[p] != '`')
            continue;
        size_t run = run_of(r, p);
        if (run == length)
            return p + run;
        p += run - 1;
    }
    return start;
}

/* The closing $ of what opens at `at`, by GitHub's rule; DOCUMENT_NONE if this $ is none that opens. */
static size_t closing_dollar(const document_reader *r, size_t at, size_t limit)
{
    if (at + 1 >= limit || document_blank(r->s[at + 1]) || r->s[at + 1] == '\n')
        return DOCUMENT_NONE;
    size_t close = document_close(r, at + 1, limit, "$", true);
    if (close == DOCUMENT_NONE || memchr(r->s + at, '`', close - at) || /* code comes before math */
        document_blank(r->s[close - 1]) || r->s[close - 1] == '\n')
        return DOCUMENT_NONE;
    return close + 1 < r->n && r->s[close + 1] >= '0' && r->s[close + 1] <= '9' ? DOCUMENT_NONE : close;
}

static size_t dollar(document_reader *r, size_t at, size_t limit, bool table)
{
    if (document_at(r, at, "$`") && at >= r->unclosed[2]) {
        size_t close = document_close(r, at + 2, limit, "`$", true);
        if (close != DOCUMENT_NONE) {
            document_between(r, at, 2, close, 2, false, table);
            return close + 2;
        }
        r->unclosed[2] = limit;
    }
    if (!document_at(r, at, "$$")) {
        size_t close = closing_dollar(r, at, limit);
        if (close == DOCUMENT_NONE)
            return at + 1;
        document_between(r, at, 1, close, 1, false, table);
        return close + 1;
    }
    size_t close = document_close(r, at + 2, table ? limit : r->n, "$$", false);
    if (close == DOCUMENT_NONE && table)
        return at + 2;
    for (size_t line = at + 2;
         close != DOCUMENT_NONE && line < close;) { /* what no formula holds: the $$ was meant otherwise */
        const char *next = memchr(r->s + line, '\n', close - line);
        line = next ? (size_t)(next - r->s) + 1 : close;
        if (line < close && (heading_of(r, line) || fence_of(r, line)))
            close = DOCUMENT_NONE;
    }
    if (close == DOCUMENT_NONE) {
        document_fail(r, at, "the formula that begins with $$ is not closed");
        return r->n;
    }
    document_between(r, at, 2, close, 2, true, table);
    return close + 2;
}

static size_t backslash(document_reader *r, size_t at, size_t limit, bool table)
{
    size_t skip = at + 2;
    if (at + 1 >= r->n)
        return skip;
    char next = r->s[at + 1];
    if (next == '[' || next == '(') {
        size_t *unclosed = &r->unclosed[next == '('];
        if (at < *unclosed)
            return skip;
        size_t end = table ? limit : r->n, close = document_close(r, at + 2, end, next == '[' ? "\\]" : "\\)", true);
        if (close == DOCUMENT_NONE) {
            while (!table && skip < r->n && !(r->s[skip] == '\n' && document_blank_line(r, skip + 1)))
                skip++;
            *unclosed = table ? limit : skip;
            return at + 2;
        }
        document_between(r, at, 2, close, 2, next == '[', table);
        return close + 2;
    }
    size_t end = document_environment(r, at);
    return end == at ? skip : end;
}

/* The text of a paragraph from `at` to `end`; a formula or comment may reach beyond. Returns where it stopped. */
static size_t running_text(document_reader *r, size_t at, size_t end)
{
    while (at < end && !r->sentence && !r->arena->failed) {
        bool table = at >= r->table;
        size_t limit = end;
        char c = r->s[at];
        if (table && (c == '$' || c == '`' || c == '\\')) { /* a cell ends at a bar */
            if (at >= r->cell_end) {
                size_t eol = document_line_end(r, at), bar = document_close(r, at, eol, "|", false);
                r->cell_end = bar == DOCUMENT_NONE ? eol : bar;
            }
            limit = r->cell_end;
        }
        if (c == '\n') {
            bool item;
            at = at + 1 < end ? prefix(r, at + 1, &r->quotes, &item) : at + 1;
        } else if (c == '`') {
            at = code_span(r, at, limit);
        } else if (c == '$') {
            at = dollar(r, at, limit, table);
        } else if (c == '\\') {
            at = backslash(r, at, limit, table);
        } else if (c == '<' && document_at(r, at, "<!--")) {
            size_t close = at + 4;
            while (close < r->n && !(r->s[close] == '-' && document_at(r, close, "-->")))
                close++;
            if (close >= r->n)
                document_fail(r, at, "the comment <!-- is not closed");
            else
                document_comment(r, at, at + 4, close, close + 3);
            at = close + 3;
        } else {
            at++;
        }
        if (at > end && at < r->n && !r->sentence)
            end = paragraph_end(r, at);
    }
    return at > end ? at : end;
}

void document_scan_markdown(document_reader *r)
{
    for (size_t at = 0; at < r->n && !r->sentence && !r->arena->failed;) {
        bool item;
        size_t start = prefix(r, at, &r->quotes, &item), fence, marks;
        if (document_blank_line(r, start)) {
            at = document_line_end(r, start) + 1;
        } else if ((fence = fence_of(r, start)) != 0) {
            at = fenced(r, start, fence, r->quotes);
        } else if ((marks = heading_of(r, start)) != 0) {
            size_t end = document_line_end(r, start);
            document_heading(r, start + marks, end);
            r->table = DOCUMENT_NONE;
            at = running_text(r, start + marks, end);
        } else {
            at = running_text(r, start, paragraph_end(r, start));
        }
    }
}
