/* eddy exercise: lists exercises, shows one, marks answers. The work is done in exercise/; here are the command line,
 * the files and the exit status. */
#include "commands.h"
#include "exercise.h"
#include "options.h"
#include "output.h"

#include <stdlib.h>
#include <string.h>

static const char about[] =
    "Exercises for the book of derivations, marked by the checker: an answer is a formula in LaTeX, in a document or "
    "behind --answer, and any "
    "correct form is right. A\n"
    "wrong one is told with the smallest numbers that show it; --hint 1 says which kind of mistake it is, 2 where, 3 "
    "what is missing. What was "
    "solved is kept in\n"
    "$XDG_DATA_HOME/eddy/exercises.txt (~/.local/share/eddy). docs/teaching.md describes sheets of your own.\n\n"
    "Exit status: 0 right, or listed or shown, or the sheet is sound; 1 the answer is not right, or the sheet not "
    "sound; 2 wrong usage, a file or "
    "an answer that\n"
    "cannot be used, or too little memory.";

enum { MEMORY = 1000, SHEETS_MOST = 64, SHEET_BYTES = 1 << 22 };

typedef struct wishes {
    const char *answer, *sheet, *folder, *csv, *html;
    int language;
    int64_t hint;
    bool json, check, verbose;
    FILE *out; /* printed when all is done, and whole or not at all */
} wishes;

typedef struct shelf { /* of sheets */
    sheet sheet[SHEETS_MOST];
    int count;
    bool own; /* a teacher's */
} shelf;

/* ---- Sheets ---- */

static bool read_sheet(arena *a, shelf *s, const char *path, eddy_status *status)
{
    unsigned char *bytes = NULL;
    size_t size = 0;
    if (s->count == SHEETS_MOST)
        return eddy_status_fail(status, "at most %d sheets are taken at a time.", (int)SHEETS_MOST);
    if (!eddy_read_whole(&bytes, &size, options_input(path), SHEET_BYTES, status))
        return false;
    sheet one = sheet_read(a, path, (const char *)bytes, size);
    eddy_free(bytes);
    s->sheet[s->count++] = one;
    s->own = true;
    return !one.sentence || eddy_status_fail(status, "%s, %s.", path, one.sentence);
}

static bool read_built_in(arena *a, shelf *s, language l, eddy_status *status)
{
    const char *name, *bytes;
    for (int i = 0; (bytes = sheet_built_in(l, i, &name)) && s->count < SHEETS_MOST; i++) {
        sheet one = sheet_read(a, name, bytes, strlen(bytes));
        if (one.sentence)
            return eddy_status_fail(status, "the sheet %s, %s.", name, one.sentence);
        s->sheet[s->count++] = one;
    }
    return true;
}

static const char *exercise_name(const void *list, size_t i)
{
    const shelf *s = list;
    for (int k = 0; k < s->count; k++) {
        if (i < (size_t)s->sheet[k].count)
            return s->sheet[k].exercise[i].id;
        i -= (size_t)s->sheet[k].count;
    }
    return NULL;
}

static const exercise *find(const shelf *s, const char *id)
{
    for (int i = 0; i < s->count; i++) {
        const exercise *e = sheet_find(&s->sheet[i], id);
        if (e)
            return e;
    }
    const char *near = options_nearest(id, exercise_name, s);
    if (near)
        command_wrong("exercise", "there is no exercise \"%s\". Did you mean \"%s\"? 'eddy exercise' lists them.",
                      output_shown(id), near);
    else
        command_wrong("exercise", "there is no exercise \"%s\"; 'eddy exercise' lists them.", output_shown(id));
    return NULL;
}

/* ---- What is done ---- */

static int list_them(arena *a, const shelf *s, const wishes *w)
{
    progress p = { 0 };
    eddy_status status = { 0 };
    const char *path = progress_path(a, &status);
    if (path && !progress_read(a, path, &p, &status))
        fprintf(stderr, "eddy exercise: %s\n", status.text);
    if (w->json)
        show_list_json(w->out, a, s->sheet, s->count, &p);
    else
        show_list(w->out, a, s->sheet, s->count, &p, (language)w->language);
    return COMMAND_DONE;
}

/* A try counts for the progress; that it cannot be kept spoils no mark. */
static void keep(arena *a, const exercise *e, bool solved)
{
    eddy_status status = { 0 };
    const char *path = progress_path(a, &status);
    if (!path || !progress_add(a, path, e->id, solved, &status))
        fprintf(stderr, "eddy exercise: the progress is not kept: %s\n", status.text);
}

static int mark_it(arena *a, const exercise *e, const char *file, const wishes *w)
{
    eddy_status status = { 0 };
    unsigned char *bytes = NULL;
    size_t size = w->answer ? strlen(w->answer) : 0;
    if (file && !eddy_read_whole(&bytes, &size, options_input(file), ANSWER_LONGEST, &status))
        return command_wrong("exercise", "%s", status.text);
    uint64_t refused = eddy_allocations_refused();
    const marking *m = mark_answer(a, e, file ? (const char *)bytes : w->answer, size, !file, (language)w->language);
    int result = COMMAND_WRONG;
    if (!m || eddy_allocations_refused() != refused)
        command_wrong("exercise", "there is not enough memory to mark the answer.");
    else if (!m->count && !w->json)
        command_wrong("exercise", "%s", m->sentence ? m->sentence : "there is nothing to mark.");
    else {
        if (m->count)
            keep(a, e, m->mark == MARK_RIGHT);
        if (w->json)
            show_marking_json(w->out, a, m, (int)w->hint);
        else
            show_marking(w->out, a, m, (int)w->hint, (language)w->language);
        result = !m->count ? COMMAND_WRONG : m->mark == MARK_RIGHT ? COMMAND_DONE : COMMAND_FAILED;
    }
    eddy_free(bytes);
    return result;
}

static int check_them(const shelf *s, const wishes *w, const char *only)
{
    int result = COMMAND_DONE;
    uint64_t refused = eddy_allocations_refused();
    for (int i = 0; i < s->count; i++)
        if (!sheet_sound(w->out, &s->sheet[i], only, w->verbose))
            result = COMMAND_FAILED;
    return eddy_allocations_refused() == refused
               ? result
               : command_wrong("exercise", "there is not enough memory to check the sheet.");
}

static int mark_folder(const sheet *s, const wishes *w)
{
    eddy_status status = { 0 };
    output csv = { 0 }, page = { 0 };
    const char *table = w->csv || w->html ? w->csv : "-";
    bool ok = (!table || output_open(&csv, table, &status)) && (!w->html || output_open(&page, w->html, &status));
    uint64_t refused = eddy_allocations_refused();
    ok = ok && group_mark(w->folder, s, csv.stream, page.stream, (language)w->language, &status);
    if (eddy_allocations_refused() != refused)
        ok = eddy_status_fail(&status, "there is not enough memory to mark all answers.");
    ok = ok && output_keep(&csv, &status) && output_keep(&page, &status);
    output_discard(&csv);
    output_discard(&page);
    return ok ? COMMAND_DONE : command_wrong("exercise", "%s", status.text);
}

static int run(arena *a, shelf *s, const wishes *w, int count, char **operand)
{
    eddy_status status = { 0 };
    bool own = w->check || w->folder;
    const char *only = NULL;
    bool ok = true;
    if (w->sheet)
        ok = read_sheet(a, s, w->sheet, &status);
    for (int i = 0; own && ok && i < count; i++) {
        size_t n = strlen(operand[i]);
        if (w->check && n && !strchr(operand[i], '.') && !strchr(operand[i], '/') && strcmp(operand[i], "-") != 0)
            only = operand[i];
        else
            ok = read_sheet(a, s, operand[i], &status);
    }
    if (ok && !s->own)
        ok = read_built_in(a, s, (language)w->language, &status);
    if (!ok)
        return command_wrong("exercise", "%s", status.text);
    if (only && !find(s, only))
        return COMMAND_WRONG;
    if (w->check)
        return check_them(s, w, only);
    if (w->folder)
        return s->own && s->count == 1
                   ? mark_folder(&s->sheet[0], w)
                   : command_wrong("exercise", "--mark takes a folder and one sheet: --mark answers/ sheet.md.");
    if (!count)
        return list_them(a, s, w);
    const exercise *e = find(s, operand[0]);
    if (!e)
        return COMMAND_WRONG;
    if (count == 2 || w->answer)
        return mark_it(a, e, count == 2 ? operand[1] : NULL, w);
    if (w->json)
        show_exercise_json(w->out, a, e);
    else
        show_exercise(w->out, a, e, (language)w->language);
    return COMMAND_DONE;
}

/* What cannot be asked for together; OPTIONS_GO_ON: nothing is wrong. */
static int refuse_wishes(const wishes *w, int count)
{
    if (!w->check && !w->folder && count > 2)
        return command_wrong("exercise", "takes an exercise's id and one answer, not %d words.", count);
    if (w->answer && (count != 1 || w->check || w->folder))
        return command_wrong("exercise", "--answer is the answer to one exercise: eddy exercise ID --answer '...'.");
    if ((w->csv || w->html) && !w->folder)
        return command_wrong("exercise", "--csv and --html go with --mark FOLDER.");
    if (w->check && w->folder)
        return command_wrong("exercise", "--check and --mark are two commands.");
    if (w->csv && w->html && output_same(w->csv, w->html))
        return command_wrong("exercise", "--csv and --html are the same file, %s.", w->csv);
    return OPTIONS_GO_ON;
}

/* What is printed is printed whole, or not at all. */
static int run_printed(wishes *w, int count, char **words)
{
    arena a;
    arena_start(&a, (size_t)MEMORY << 20);
    shelf *s = ARENA_NEW(&a, shelf);
    uint64_t refused = eddy_allocations_refused();
    char *printed = NULL;
    size_t size = 0;
    w->out = open_memstream(&printed, &size);
    int result =
        s && w->out ? run(&a, s, w, count, words) : command_wrong("exercise", "there is not enough memory to begin.");
    bool whole = w->out && !fclose(w->out);
    if ((a.failed || eddy_allocations_refused() != refused || !whole) && result != COMMAND_WRONG)
        result = command_wrong("exercise", "there is not enough memory.");
    else if (whole && eddy_allocations_refused() == refused)
        fwrite(printed, 1, size, stdout);
    free(printed);
    arena_free(&a);
    return result;
}

int eddy_cmd_exercise(int argc, char **argv)
{
    wishes w = { 0 };
    int first;
    const option_row rows[] = {
        { .name = "answer",
          .letter = 'a',
          .kind = OPTION_TEXT,
          .argument = "LATEX",
          .help = "the answer, one formula",
          .value = &w.answer },
        { .name = "hint",
          .kind = OPTION_COUNT,
          .argument = "N",
          .help = "hints up to this level: 1 which kind of mistake, 2 where, 3 what is missing",
          .value = &w.hint,
          .low = 0,
          .high = 3 },
        { .name = "lang",
          .kind = OPTION_CHOICE,
          .argument = "en|zh",
          .help = "the language of exercises and marks",
          .value = &w.language },
        { .name = "sheet",
          .kind = OPTION_TEXT,
          .argument = "FILE",
          .help = "exercises of another sheet",
          .value = &w.sheet },
        { .name = "check",
          .kind = OPTION_FLAG,
          .help = "is a sheet sound? Marks the answers that it lists; without a sheet, the program's own",
          .value = &w.check },
        { .name = "mark",
          .kind = OPTION_TEXT,
          .argument = "FOLDER",
          .help = "mark a folder of answers to one sheet",
          .value = &w.folder },
        { .name = "csv",
          .kind = OPTION_TEXT,
          .argument = "FILE",
          .help = "with --mark: a table (default: standard output)",
          .value = &w.csv },
        { .name = "html", .kind = OPTION_TEXT, .argument = "FILE", .help = "with --mark: a page", .value = &w.html },
        { .name = "json", .kind = OPTION_FLAG, .help = "as JSON", .value = &w.json },
        { .name = "verbose",
          .letter = 'v',
          .kind = OPTION_FLAG,
          .help = "with --check: every answer",
          .value = &w.verbose },
    };
    const options line = {
        .command = "exercise",
        .usage = "exercise [OPTIONS] [ID [ANSWER.md]]",
        .about = about,
        .examples =
            "  eddy exercise                                   lists them\n"
            "  eddy exercise scalar-1                          shows one\n"
            "  eddy exercise scalar-1 answer.md                marks an answer\n"
            "  eddy exercise scalar-1 --hint 2 -a '\\mathrm d C_{t,b,j} C_{t,b,j}'   marks this one, with hints\n"
            "  eddy exercise --check sheet.md                  is the sheet sound?\n"
            "  eddy exercise --mark answers/ sheet.md --csv marks.csv --html marks.html\n",
        .rows = rows,
        .count = sizeof rows / sizeof *rows,
        .least = 0,
        .most = -1
    };
    int status = options_parse(&line, argc, argv, &first);
    if (status != OPTIONS_GO_ON)
        return status;
    int count = argc - first;
    status = refuse_wishes(&w, count);
    return status == OPTIONS_GO_ON ? run_printed(&w, count, argv + first) : status;
}
