/* eddy check: which formulas of a document are true. The work is done in check/; here are the command line, the files
 * and the exit status. */
#include "judge.h"
#include "report.h"
#include "reader.h"
#include "commands.h"
#include "options.h"
#include "output.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

static const char about[] =
    "Reads the formulas of a document (LaTeX in Markdown, plain text, .tex, or the Markdown cells of an .ipynb), "
    "records them on the tape at several random sizes, differentiates, and says of each whether it\n"
    "holds, under which condition, or why not, with the smallest counterexample. What the quantities are is said in a "
    "few lines, in a block ```eddy or a comment\n"
    "<!-- eddy ... --> of the document: sizes, shapes, the loss; what is not said is inferred from use or drawn at "
    "random. docs/check.md describes the language.\n\n"
    "Several documents are checked one after the other. \"-\" reads standard input.\n\n"
    "Exit status: 0 every claim holds or is as its annotation expects; 1 some does not, or could not be read; 2 wrong "
    "usage, a file that cannot be used, or too little memory.";

enum { MEMORY = 2000 }; /* MiB for one document */

static char *read_whole(const char *path, size_t *length, eddy_status *status)
{
    bool standard = !strcmp(path, "-");
    FILE *file = standard ? stdin : fopen(path, "rb");
    char *bytes = NULL;
    size_t room = 0, used = 0, most = (size_t)DOCUMENT_LONGEST + 2;
    struct stat info;
    if (!file) {
        eddy_status_fail(status, "%s cannot be read: %s.", path, strerror(errno));
        return NULL;
    }
    if (!standard && !fstat(fileno(file), &info) && S_ISDIR(info.st_mode)) {
        eddy_status_fail(status, "%s is a folder; name the documents in it.", path);
        fclose(file);
        return NULL;
    }
    for (bool more = true; more && used < most;) {
        if (used == room) {
            room = room ? 2 * room : 1 << 16;
            char *larger = eddy_reallocate(bytes, room, 1);
            if (!larger) {
                eddy_status_fail(status, "%s is too long for the memory at hand.", path);
                break;
            }
            bytes = larger;
        }
        size_t n = fread(bytes + used, 1, room - used, file);
        used += n;
        more = n > 0;
    }
    if (ferror(file))
        eddy_status_fail(status, "%s cannot be read: %s.", path, strerror(errno));
    if (!standard)
        fclose(file);
    *length = used;
    if (status->text[0]) {
        eddy_free(bytes);
        return NULL;
    }
    return bytes;
}

static void progress(void *context, int done, int of)
{
    (void)context;
    fprintf(stderr, "\r%d of %d formulas", done, of);
    if (done == of)
        fprintf(stderr, "\r\033[K");
}

static bool ends_in(const char *path, const char *end)
{
    size_t n = strlen(path), m = strlen(end);
    return n >= m && !strcmp(path + n - m, end);
}

typedef struct wishes {
    bool json, quick, suggest, verbose, very;
    int verbosity;
    const char *html, *out, *setup_file;
    char *setup;
    double seconds;
} wishes;

typedef enum report_kind { REPORT_TEXT, REPORT_JSON, REPORT_HTML } report_kind;

static bool write_report(const char *to, const document *d, const findings *all, const wishes *w, report_kind kind,
                         eddy_status *status)
{
    output file;
    if (!output_open(&file, to, status))
        return false;
    bool written = kind == REPORT_JSON   ? report_json(file.stream, all)
                   : kind == REPORT_HTML ? report_html(file.stream, d, all, d->name)
                                         : report_text(file.stream, all, w->verbosity, false, 0);
    if (written)
        return output_keep(&file, status);
    if (ferror(file.stream))
        output_keep(&file, status); /* says why */
    output_discard(&file);
    eddy_status_fail(status, "%s: cannot be written: memory is short.", to);
    return false;
}

/* The exit status for one document. */
static int check_one(const char *path, const wishes *w, bool several)
{
    eddy_status status = { 0 };
    size_t length = 0;
    uint64_t refused = eddy_allocations_refused();
    char *bytes = read_whole(path, &length, &status);
    if (!bytes)
        return command_wrong("check", "%s", status.text);
    arena a;
    arena_start(&a, (size_t)MEMORY << 20);
    document_type type = ends_in(path, ".tex")     ? DOCUMENT_TEX
                         : ends_in(path, ".ipynb") ? DOCUMENT_NOTEBOOK
                                                   : DOCUMENT_MARKDOWN;
    document d = document_read(&a, path, type, bytes, length);
    bool terminal = isatty(STDERR_FILENO) && isatty(STDOUT_FILENO);
    if (w->suggest && !d.sentence) {
        const char *lines = suggest_setup(&a, &d);
        int result = lines && printf("%s", lines) >= 0
                         ? COMMAND_DONE
                         : command_failed("check", "there is not enough memory to read %s.", path);
        arena_free(&a);
        eddy_free(bytes);
        return result;
    }
    check_options how = {
        .setup = w->setup, .quick = w->quick, .seconds = w->seconds, .progress = terminal ? progress : NULL
    };
    findings *all = d.sentence ? NULL : check_document(&a, &d, &how);
    int result = COMMAND_DONE;
    if (eddy_allocations_refused() != refused)
        result = command_wrong("check", "there is not enough memory to check %s.", path);
    else if (d.sentence)
        result = command_wrong("check", "%s: %s", path, d.sentence);
    else if (!all)
        result = command_wrong("check", "%s needs more memory than %d MiB to be checked.", path, MEMORY);
    else {
        struct winsize size = { 0 };
        int width = isatty(STDOUT_FILENO) && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) ? size.ws_col : 0;
        bool written = true;
        if (w->out)
            written = write_report(w->out, &d, all, w, w->json ? REPORT_JSON : REPORT_TEXT, &status);
        else if (w->json)
            written = report_json(stdout, all);
        else if (!w->html || strcmp(w->html, "-")) /* else the page takes the standard output */
            written = !(several && printf("%s\n", output_shown(path)) < 0) &&
                      report_text(stdout, all, w->verbosity, width > 0, width);
        written = (!w->html || write_report(w->html, &d, all, w, REPORT_HTML, &status)) && written; /* both are tried */
        if (!written)
            result = command_failed("check", "%s", status.text[0] ? status.text : "the report could not be written.");
        else
            result = all->unmet ? COMMAND_FAILED : COMMAND_DONE;
    }
    arena_free(&a);
    eddy_free(bytes);
    return result;
}

/* What the command line asks for, and where its first document stands: OPTIONS_GO_ON, or the exit status. */
static int read_wishes(int argc, char **argv, wishes *w, int *first)
{
    const option_row rows[] = {
        { .name = "verbose",
          .letter = 'v',
          .kind = OPTION_FLAG,
          .help = "every formula with conditions, counterexample and dependencies",
          .value = &w->verbose },
        { .name = "very-verbose",
          .letter = 'V',
          .kind = OPTION_FLAG,
          .help = "the sizes drawn and times, too",
          .value = &w->very },
        { .name = "quick",
          .kind = OPTION_FLAG,
          .help = "only whether each holds: no conditions, counterexamples and patterns",
          .value = &w->quick },
        { .name = "suggest",
          .kind = OPTION_FLAG,
          .help = "propose a setup, each line with its reason, for --setup or to stand in the document",
          .value = &w->suggest },
        { .name = "json", .kind = OPTION_FLAG, .help = "the findings as JSON on standard output", .value = &w->json },
        { .name = "html",
          .kind = OPTION_TEXT,
          .argument = "FILE",
          .help = "write a page with formulas, counterexamples and dependency graphs",
          .value = &w->html },
        { .name = "out",
          .letter = 'o',
          .kind = OPTION_TEXT,
          .argument = "FILE",
          .help = "where the report goes: .html a page (as --html), .json as --json, else the text",
          .value = &w->out },
        { .name = "setup",
          .kind = OPTION_TEXT,
          .argument = "FILE",
          .help = "lines of a setup that stand before the document's own",
          .value = &w->setup_file },
        { .name = "seconds",
          .kind = OPTION_POSITIVE,
          .argument = "S",
          .help = "time for one document; what is not judged by then is NOT READ",
          .value = &w->seconds,
          .low = 0,
          .high = 1e6 },
    };
    const options line = {
        .command = "check",
        .usage = "check [OPTIONS] FILE...",
        .about = about,
        .examples =
            "  eddy check docs/book/tutorial.md               a table of verdicts\n"
            "  eddy check -v notes.md                         every formula with conditions and counterexamples\n"
            "  eddy check notes.md -o notes.html              a page to read\n"
            "  eddy check notes.tex --setup sizes.eddy --json for a program\n"
            "  eddy check --suggest notes.md > notes.eddy     a setup to begin with\n"
            "  eddy check - < notes.md                        standard input\n",
        .rows = rows,
        .count = sizeof rows / sizeof *rows,
        .least = 1,
        .most = -1
    };
    int status = options_parse(&line, argc, argv, first);
    if (status != OPTIONS_GO_ON)
        return status;
    w->verbosity = w->very ? 2 : w->verbose;
    if (w->out && !strcmp(w->out, "-"))
        w->out = NULL;
    if (w->out && ends_in(w->out, ".html") && !w->html) {
        w->html = w->out;
        w->out = NULL;
    }
    w->json = w->json || (w->out && ends_in(w->out, ".json"));
    return OPTIONS_GO_ON;
}

/* Do the reports have places of their own, which overwrite nothing that is read? COMMAND_DONE, or the exit status. */
static int check_places(const wishes *w, const char *path, int documents)
{
    if (documents > 1 && (w->html || w->json || w->out))
        return command_wrong("check", "%s one document at a time, not %d.",
                             w->html || w->json ? "--html and --json take" : "--out takes", documents);
    if (w->out && (output_same(w->out, path) || (w->setup_file && output_same(w->out, w->setup_file))))
        return command_wrong("check", "--out would overwrite %s, which is read.", w->out);
    if (w->html && !strcmp(w->html, "-") && w->json && !w->out)
        return command_wrong("check", "--json and --html - both want the standard output.");
    if (w->out && w->html && output_same(w->out, w->html))
        return command_wrong("check", "--out and --html are the same file, %s.", w->out);
    if (w->html && (output_same(w->html, path) || (w->setup_file && output_same(w->html, w->setup_file))))
        return command_wrong("check", "--html would overwrite %s, which is read.", w->html);
    return COMMAND_DONE;
}

/* w->setup, from its file: COMMAND_DONE, or the exit status. */
static int read_setup_file(wishes *w)
{
    eddy_status problem = { 0 };
    size_t length = 0;
    char *bytes = read_whole(w->setup_file, &length, &problem);
    if (!bytes)
        return command_wrong("check", "%s", problem.text);
    w->setup = eddy_reallocate(bytes, length + 1, 1);
    if (!w->setup) {
        eddy_free(bytes);
        return command_wrong("check", "there is not enough memory to read %s.", w->setup_file);
    }
    w->setup[length] = 0;
    arena a;
    arena_start(&a, (size_t)MEMORY << 20);
    spellings *spelled = ARENA_NEW(&a, spellings); /* \\nabla X means ..., as in a document */
    setup lines = { 0 };
    if (spelled) {
        spelled->arena = &a;
        spellings_of_setup(spelled, w->setup);
        lines = setup_read(&a, spell_setup(spelled, w->setup), 1);
    }
    int wrong = a.failed         ? command_wrong("check", "there is not enough memory to read %s.", w->setup_file)
                : lines.sentence ? command_wrong("check", "%s: %s", w->setup_file, lines.sentence)
                                 : COMMAND_DONE;
    arena_free(&a);
    return wrong;
}

int eddy_cmd_check(int argc, char **argv)
{
    wishes w = { .seconds = 120 };
    int first, worst = read_wishes(argc, argv, &w, &first);
    if (worst != OPTIONS_GO_ON)
        return worst;
    const int documents = argc - first;
    worst = check_places(&w, argv[first], documents);
    if (!worst && w.setup_file)
        worst = read_setup_file(&w);
    const bool ready = !worst;
    for (int i = first; ready && i < argc; i++) {
        int one = check_one(argv[i], &w, documents > 1);
        worst = one > worst ? one : worst;
    }
    eddy_free(w.setup);
    return worst;
}
