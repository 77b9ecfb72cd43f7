/* The answers of a class: a document for each student, a heading with the exercise's id above each answer. */
#include "exercise.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { STUDENTS_MOST = 2000, EACH = 512 << 20, DOCUMENT_MOST_BYTES = 1 << 22 };

typedef struct group {
    const sheet *sheet;
    FILE *csv, *page;
    language language;
    arena names;
    char **file;
    int files;
    text details;
} group;

static const char *in(const group *g, const char *english, const char *chinese)
{
    return g->language == LANGUAGE_ZH ? chinese : english;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_document(const char *name)
{
    size_t n = strlen(name);
    return *name != '.' && n > 3 && (!strcmp(name + n - 3, ".md") || (n > 4 && !strcmp(name + n - 4, ".txt")));
}

static bool list_folder(group *g, const char *folder, eddy_status *status)
{
    DIR *d = opendir(folder);
    struct dirent *one;
    if (!d)
        return eddy_status_fail(status, "%s cannot be read: %s.", folder, strerror(errno));
    g->file = ARENA_ARRAY(&g->names, char *, STUDENTS_MOST);
    bool many = false;
    while (g->file && (one = readdir(d)) && !many)
        if (is_document(one->d_name) && !(many = g->files == STUDENTS_MOST))
            g->file[g->files++] = (char *)(uintptr_t)arena_text(&g->names, one->d_name, strlen(one->d_name));
    closedir(d);
    if (g->names.failed)
        return eddy_status_fail(status, "there is not enough memory for the names in %s.", folder);
    if (many)
        return eddy_status_fail(status, "%s holds more than %d documents; mark a class at a time.", folder,
                                STUDENTS_MOST);
    if (!g->files)
        return eddy_status_fail(status, "there is no document (.md or .txt) in %s.", folder);
    qsort(g->file, (size_t)g->files, sizeof *g->file, by_name);
    return true;
}

/* A field of CSV; what a spreadsheet would take for a formula gets a ' in front. */
static void csv_field(FILE *out, arena *a, const char *words)
{
    const char *clean = text_cleaned(a, words, ESCAPE_LINE);
    fputc('"', out);
    if (*clean && strchr("=+-@\t", *clean))
        fputc('\'', out);
    for (; *clean; clean++) {
        if (*clean == '"')
            fputc('"', out);
        fputc(*clean, out);
    }
    fputc('"', out);
}

/* Is this line a heading that is, or ends with, the id? */
static bool heads(const char *line, size_t n, const char *id)
{
    size_t m = strlen(id);
    while (n && (line[n - 1] == ' ' || line[n - 1] == '\r' || line[n - 1] == ':'))
        n--;
    return n > m && *line == '#' && !memcmp(line + n - m, id, m) && strchr("# ", line[n - m - 1]);
}

/* The part of the document below the exercise's heading, up to the next heading; of a sheet with one exercise the whole
 * document where no heading says otherwise. NULL: there is none. */
static const char *answer_to(const group *g, const exercise *e, const char *bytes, size_t size, size_t *length)
{
    const char *from = NULL, *end = bytes + size;
    for (const char *at = bytes; at < end;) {
        const char *newline = memchr(at, '\n', (size_t)(end - at)), *to = newline ? newline : end;
        if (from && *at == '#' && to > at) {
            *length = (size_t)(at - from);
            return from;
        }
        if (!from && heads(at, (size_t)(to - at), e->id))
            from = newline ? newline + 1 : end;
        at = newline ? newline + 1 : end;
    }
    if (!from && g->sheet->count == 1)
        from = bytes;
    *length = from ? (size_t)(end - from) : 0;
    return from;
}

static void detail(group *g, arena *a, const char *student, const marking *m, const char *note)
{
    text *out = &g->details;
    text_format(out, "<h3>%s, %s: %s</h3>\n", text_cleaned(a, student, ESCAPE_HTML), m->exercise->id,
                mark_words(m->mark, g->language));
    for (int i = 0; i < m->count; i++) {
        const marked_line *l = &m->line[i];
        text_format(out, "<p class=\"%s\">%s<br>%s", mark_key(l->mark), math_formula(a, l->latex, LATEX_MATHML, false),
                    mark_words(l->mark, g->language));
        if (l->found && l->found->example && l->mark != MARK_RIGHT && l->mark != MARK_NAMES && l->mark != MARK_BESIDE &&
            l->mark != MARK_NOTHING && l->mark != MARK_TERMS)
            text_format(out, "<br>%s",
                        math_sentence(a, example_words(a, l->found->example, g->language), LATEX_MATHML));
        for (int level = 1; level <= 3; level++) {
            const char *hint = l->mark == MARK_RIGHT ? NULL : hint_words(a, l, level, g->language);
            if (hint)
                text_format(out, "<br>%s", math_sentence(a, hint, LATEX_MATHML));
        }
        if (*l->say)
            text_format(out, "<br>%s", math_sentence(a, l->say, LATEX_MATHML));
        text_add(out, "</p>\n");
    }
    if (*note)
        text_format(out, "<p>%s</p>\n", text_cleaned(a, note, ESCAPE_HTML));
}

static void row_of(group *g, arena *a, const char *student, const exercise *e, const char *bytes, size_t size)
{
    size_t length;
    const char *answer = answer_to(g, e, bytes, size, &length);
    const marking *m = answer ? mark_answer(a, e, answer, length, false, g->language) : NULL;
    const char *key = !answer ? "missing" : m ? mark_key(m->mark) : "not-read", *told = "";
    text note = { .arena = a };
    if (answer && !m)
        text_add(&note, "there is not enough memory to mark it");
    for (int i = 0; m && i < m->count; i++) {
        const marked_line *l = &m->line[i];
        if (!*told && l->mark != MARK_RIGHT)
            told = mistake_name(l->why.mistake);
        if (l->mark == MARK_NOT_READ && l->found)
            text_format(&note, "%s%s", note.length ? "; " : "",
                        math_sentence(a, reason_words(a, l->found->summary, g->language), LATEX_UNICODE));
    }
    if (m && m->sentence)
        text_format(&note, "%s%s", note.length ? "; " : "", math_sentence(a, m->sentence, LATEX_UNICODE));
    if (g->csv) {
        csv_field(g->csv, a, student);
        fprintf(g->csv, ",%s,%s,%s,", e->id, key, told);
        csv_field(g->csv, a, text_done(&note));
        fprintf(g->csv, "\n");
    }
    if (g->page) {
        fprintf(g->page, "<td class=\"%s\">%s</td>", key,
                !answer ? "" : mark_words(m ? m->mark : MARK_NOT_READ, g->language));
        if (m && m->mark != MARK_RIGHT)
            detail(g, a, student, m, text_done(&note));
    }
}

static const char page_head[] =
    "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
    "content=\"width=device-width\">\n"
    "<title>%s</title>\n<style>\n"
    "body { font: 16px/1.5 sans-serif; max-width: 60em; margin: 1em auto; padding: 0 1em; color-scheme: light dark }\n"
    "div { overflow-x: auto }\ntable { border-collapse: collapse }\nth, td { border: 1px solid #8888; padding: .2em "
    ".6em; text-align: left }\n"
    ".right { background: #2a52 } .right-if { background: #ca22 } .wrong { background: #c332 } .not-read, .nothing, "
    ".terms { background: "
    "#8883 }\np { padding: .3em .6em }\nh3 { margin-bottom: 0 "
    "}\n</style>\n</head>\n<body>\n<h1>%s</h1>\n<div><table>\n<tr><th>%s</th>";

static void one_student(group *g, const char *folder, const char *file)
{
    arena a;
    arena_start(&a, EACH);
    eddy_status status = { 0 };
    unsigned char *bytes = NULL;
    size_t size = 0;
    const char *path = arena_format(&a, "%s/%s", folder, file), *dot = strrchr(file, '.');
    const char *student = arena_text(&a, file, dot ? (size_t)(dot - file) : strlen(file));
    bool read = eddy_read_whole(&bytes, &size, path, DOCUMENT_MOST_BYTES, &status);
    if (g->page)
        fprintf(g->page, "<tr><th>%s</th>", text_cleaned(&a, student, ESCAPE_HTML));
    for (int i = 0; i < g->sheet->count; i++) {
        const exercise *e = &g->sheet->exercise[i];
        arena_position position = arena_now(&a);
        if (read)
            row_of(g, &a, student, e, (const char *)bytes, size);
        else {
            if (g->csv) {
                csv_field(g->csv, &a, student);
                fprintf(g->csv, ",%s,not-read,,", e->id);
                csv_field(g->csv, &a, status.text);
                fprintf(g->csv, "\n");
            }
            if (g->page)
                fprintf(g->page, "<td class=\"not-read\">%s</td>", text_cleaned(&a, status.text, ESCAPE_HTML));
        }
        arena_reset(&a, position);
    }
    if (g->page)
        fprintf(g->page, "</tr>\n");
    eddy_free(bytes);
    arena_free(&a);
}

bool group_mark(const char *folder, const sheet *s, FILE *csv, FILE *page, language l, eddy_status *status)
{
    group g = { .sheet = s, .csv = csv, .page = page, .language = l };
    arena_start(&g.names, (size_t)1 << 30);
    g.details.arena = &g.names;
    bool ok = list_folder(&g, folder, status);
    if (ok && csv)
        fprintf(csv, "student,exercise,mark,mistake,note\n");
    if (ok && page) {
        const char *title = text_cleaned(&g.names, *s->title ? s->title : s->name, ESCAPE_HTML);
        fprintf(page, page_head, l == LANGUAGE_ZH ? "zh" : "en", title, title, in(&g, "student", "学生"));
        for (int i = 0; i < s->count; i++)
            fprintf(page, "<th>%s</th>", s->exercise[i].id);
        fprintf(page, "</tr>\n");
    }
    for (int i = 0; ok && i < g.files; i++)
        one_student(&g, folder, g.file[i]);
    if (ok && page)
        fprintf(page, "</table></div>\n%s</body>\n</html>\n", text_done(&g.details));
    if (ok && g.names.failed)
        ok = eddy_status_fail(status, "there is not enough memory for the page.");
    arena_free(&g.names);
    return ok;
}
