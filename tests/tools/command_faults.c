/* Memory that is short, in every subcommand of the program: the command runs in a child whose n-th allocation fails
 * (and, every second time, all after it), for a sample of n or for every n:
 *
 *     command-faults [--every STRIDE] [--sample COUNT] [--at N] [WORD...]
 *
 * WORD chooses the command lines that contain it. Whatever fails, the child must end with status 2 and a sentence on
 * stderr, with all its blocks freed, nothing half-written and no verdict that a run with memory does not give. */
#include "failing_memory.h"
#include "scratch.h"

#include <eddy/eddy.h>

#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef EDDY_HAVE_JANSSON
#include <jansson.h>
#endif

int eddy_main(int argc, char **argv); /* main of tools/eddy.c */

/* ---- What is run ---- */

typedef enum says {
    SAYS_TEXT,   /* on stdout, line by line: lines of a failed run stand in the good one, too */
    SAYS_WHOLE,  /* on stdout, all or nothing */
    SAYS_JSON,   /* on stdout, nothing or complete JSON */
    SAYS_NOTHING /* on stdout that matters */
} says;

typedef struct trial_case {
    const char *line; /* the command line, blanks between the words */
    says says;
    const char *made; /* a file that it writes: there whole, or not at all; NULL for none */
    const char *end;  /* how it ends when it is whole */
} trial_case;

static const char plain_document[] =
    "# Short\n\n"
    "<!-- eddy\ngiven x_t in R^I\nlibrary lstm: f i \\tilde C o C h\nloss L reads h_t\n-->\n"
    "$$\\frac{\\partial L}{\\partial f_t} = \\frac{\\partial L}{\\partial C_t} \\odot C_{t-1} \\tag{right}$$\n";
/* a condition with its counterexample, something false, a shape, a sum, something that cannot be read, an expectation
 */
static const char full_document[] =
    "# Long\n\n"
    "<!-- eddy\nsizes T = 2, B = 1, I = 1, H = 2\ngiven x_t in R^I\nlibrary lstm: f i \\tilde C o C h\nloss L reads "
    "h_t\n-->\n"
    "$$\\frac{\\partial L}{\\partial f_t} = \\frac{\\partial L}{\\partial h_t} \\cdot \\frac{\\partial h_t}{\\partial "
    "C_t} \\cdot "
    "\\frac{\\partial C_t}{\\partial f_t} \\tag{path}$$\n"
    "<!-- expect fails -->\n$$\\frac{\\partial L}{\\partial o_t} = 2 \\frac{\\partial L}{\\partial h_t} \\odot "
    "\\tanh(C_t) \\tag{twice}$$\n"
    "$$f_t \\in \\mathbb R^{H}$$ and $$\\sum_{j=1}^{H} f_{t,j} = \\mathbf 1^\\top f_t$$\n"
    "$$h_t = \\heartsuit(C_t)$$\n";
static const char sheet_document[] =
    "# A sheet\n\n"
    "<!-- eddy\ngiven x_t in R^I\nlibrary lstm: f i \\tilde C o C h\nloss L reads h_t\n-->\n\n"
    "## One\n\nWhat is it?\n\n```exercise one\nfind \\frac{\\partial L}{\\partial f_t}\n```\n\n"
    "```solution one\nright \\frac{\\partial L}{\\partial C_t} \\odot C_{t-1}\n"
    "wrong step: \\frac{\\partial L}{\\partial C_t} \\odot C_t\n```\n";
static const char setup_lines[] = "sizes T = 2, B = 1, I = 1, H = 2\n";

static const trial_case cases[] = {
    { "check plain.md", SAYS_WHOLE, NULL, NULL },
    { "check -V full.md", SAYS_WHOLE, NULL, NULL },
    { "check full.md --json", SAYS_JSON, NULL, NULL },
    { "check full.md --html page.html", SAYS_WHOLE, "page.html", "</html>\n" },
    { "check plain.md --setup lines.eddy plain.md", SAYS_TEXT, NULL, NULL },
    { "exercise", SAYS_WHOLE, NULL, NULL },
    { "exercise scalar-1 --json", SAYS_JSON, NULL, NULL },
    { "exercise --sheet sheet.md one plain.md --hint 3", SAYS_WHOLE, NULL, NULL },
    { "exercise --sheet sheet.md one -a -C_{t-1} --json", SAYS_JSON, NULL, NULL },
    { "exercise --check sheet.md", SAYS_WHOLE, NULL, NULL },
    { "exercise --mark . sheet.md --html marks.html", SAYS_NOTHING, "marks.html", "</html>\n" },
    { "explain lstm", SAYS_NOTHING, NULL, NULL },
    { "explain gru --json", SAYS_JSON, NULL, NULL },
    { "explain gru-reset-after --html page.html --steps 2", SAYS_NOTHING, "page.html", "</html>\n" },
    { "explain bilstm --csv numbers.csv -v --steps 2", SAYS_NOTHING, "numbers.csv", "\n" },
    { "explain attention", SAYS_NOTHING, NULL, NULL },
    { "explain --model model.safetensors --steps 3", SAYS_NOTHING, NULL, NULL },
    { "explain --model model.safetensors --at 3 --json", SAYS_JSON, NULL, NULL },
    { "graph lstm", SAYS_WHOLE, NULL, NULL },
    { "graph gru --gradient -o gru.dot", SAYS_NOTHING, "gru.dot", "}\n" },
    { "gradcheck lstm.no_bias matmul --order 1", SAYS_TEXT, NULL, NULL },
    { "gradcheck mse --json", SAYS_JSON, NULL, NULL },
    { "train forecast --epochs 2 --hidden 3 --window 4 --no-plot --out new.safetensors", SAYS_NOTHING,
      "new.safetensors", "" },
    { "train forecast --data series.csv --column price --epochs 1 --hidden 2 --window 3 --no-plot --quiet --out "
      "new.safetensors",
      SAYS_NOTHING, "new.safetensors", "" },
    { "train forecast --data series.csv --column price --inputs t --epochs 2 --hidden 2 --window 2 --horizon "
      "2 "
      "--quantiles 0.1,0.9 --backtest 2 --test 4 --no-plot --json --out new.safetensors",
      SAYS_JSON, "new.safetensors", "" },
    { "forecast model.safetensors --data series.csv --column 2 --steps 3", SAYS_WHOLE, NULL, NULL },
    { "forecast model.safetensors --json --steps 2 --out more.csv", SAYS_JSON, "more.csv", "\n" },
    { "eval model.safetensors --data series.csv --column 2 --json", SAYS_JSON, NULL, NULL },
    { "train text --data text.txt --epochs 1 --hidden 2 --embedding 2 --batch 2 --time 4 --quiet --json --out "
      "new.safetensors",
      SAYS_JSON, "new.safetensors", "" },
    { "generate kept.text.safetensors --prime one -n 9", SAYS_NOTHING, NULL, NULL },
    { "eval kept.text.safetensors --data text.txt --json", SAYS_JSON, NULL, NULL },
    { "info kept.text.safetensors --json", SAYS_JSON, NULL, NULL },
    { "train translate --data pairs.txt --epochs 1 --hidden 2 --embedding 2 --width 2 --quiet --json --out "
      "new.safetensors",
      SAYS_JSON, "attention.svg", "</svg>\n" },
    { "translate kept.translate.safetensors 12 --attention a.svg", SAYS_NOTHING, "a.svg", "</svg>\n" },
    { "eval kept.translate.safetensors --data pairs.txt --beam 2 --json", SAYS_JSON, NULL, NULL },
    { "train classify --data classes.csv --epochs 1 --hidden 2 --quiet --json --out new.safetensors", SAYS_JSON,
      "new.safetensors", "" },
    { "eval kept.classify.safetensors --data classes.csv --json", SAYS_JSON, NULL, NULL },
    { "train speech --demo --hold-out low --epochs 1 --hidden 2 --quiet --json --confusion c.svg --out new.safetensors",
      SAYS_JSON, "c.svg", "</svg>\n" },
    { "train connected --demo --hold-out low --each 10 --most 2 --epochs 1 --hidden 2 --quiet --json --out "
      "new.safetensors",
      SAYS_JSON, "new.safetensors", "" },
    { "recognise kept.speech.low.safetensors word.wav word.wav --json", SAYS_JSON, NULL, NULL },
    { "recognise kept.words.low.safetensors word.wav --plot heard.svg", SAYS_NOTHING, "heard.svg", "</svg>\n" },
    { "plan lstm --steps 2 --hidden 2 --batch 2 --json", SAYS_JSON, NULL, NULL },
    { "plan gru --steps 2 --hidden 2 --batch 2 --dump fuse", SAYS_WHOLE, NULL, NULL },
    { "bench lstm small --steps 2 --seconds 0.001 --threads 1 --json", SAYS_NOTHING, NULL, NULL },
    { "bench-tasks reber --seeds 1 --max-sequences 8 --json", SAYS_JSON, NULL, NULL },
    { "bench-tasks lag --seeds 1 --max-sequences 8", SAYS_TEXT, NULL, NULL },
};
enum { CASES = sizeof cases / sizeof *cases };

/* What the lines read: files, and models that are trained first. */
static const char *const inputs[] = { "plain.md", "full.md",   "sheet.md",    "lines.eddy", "series.csv",
                                      "text.txt", "pairs.txt", "classes.csv", "word.wav" };
static const char *const models[] = {
    "train forecast --epochs 1 --hidden 2 --window 4 --no-plot --quiet --out model.safetensors",
    "train text --data text.txt --epochs 1 --hidden 2 --embedding 2 --batch 2 --time 4 --quiet --out "
    "kept.text.safetensors",
    "train translate --data pairs.txt --epochs 1 --hidden 2 --embedding 2 --width 2 --quiet --out "
    "kept.translate.safetensors",
    "train classify --data classes.csv --epochs 1 --hidden 2 --quiet --out kept.classify.safetensors",
    "train speech --demo --hold-out low --epochs 1 --hidden 2 --quiet --out kept.speech.safetensors",
    "train connected --demo --hold-out low --each 10 --most 2 --epochs 1 --hidden 2 --quiet --out "
    "kept.words.safetensors",
};

static bool is_input(const char *name)
{
    bool found = !strcmp(name, "model.safetensors") || !strncmp(name, "kept.", 5);
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
        found |= !strcmp(name, inputs[i]);
    return found;
}

/* ---- One child ---- */

enum { OUT_SIZE = 1 << 20, ARGUMENTS = 32 };

typedef struct trial {
    int status; /* of waitpid */
    long asked, living;
    char *out, *err;
    size_t out_size, err_size;
} trial;

static struct { /* shared with the child */
    fault faults;
    bool ended;
} * shared;
static bool forever;

static void *failing(void *context, void *block, size_t size)
{
    fault *f = context;
    if (forever && size && f->fail_at && f->asked >= f->fail_at)
        f->asked = f->fail_at - 1; /* it is the n-th again */
    return fault_reallocate(context, block, size);
}

static char *take(FILE *from, size_t *size)
{
    char *bytes = malloc(OUT_SIZE + 1);
    rewind(from);
    *size = bytes ? fread(bytes, 1, OUT_SIZE, from) : 0;
    if (!bytes)
        abort();
    bytes[*size] = 0;
    fclose(from);
    return bytes;
}

static trial run(const char *line, long fail_at, bool all_after)
{
    trial t = { 0 };
    FILE *out = tmpfile(), *err = tmpfile();
    if (!out || !err)
        abort();
    shared->ended = false;
    fflush(NULL);
    pid_t child = fork();
    if (child < 0)
        abort();
    if (!child) {
        static char words[512], name[] = "eddy", *argument[ARGUMENTS] = { name };
        int count = 1;
        snprintf(words, sizeof words, "%s", line);
        for (char *word = strtok(words, " "); word && count + 1 < ARGUMENTS; word = strtok(NULL, " "))
            argument[count++] = word;
        dup2(fileno(out), STDOUT_FILENO);
        dup2(fileno(err), STDERR_FILENO);
        alarm(300); /* a command that does not end */
        forever = all_after;
        shared->faults = (fault){ .fail_at = fail_at };
        eddy_set_allocator(&(eddy_allocator){ failing, &shared->faults });
        int status = eddy_main(count, argument);
        shared->ended = true;
        exit(status);
    }
    waitpid(child, &t.status, 0);
    t.asked = shared->faults.asked;
    t.living = shared->faults.living;
    t.out = take(out, &t.out_size);
    t.err = take(err, &t.err_size);
    return t;
}

static void trial_free(trial *t)
{
    free(t->out);
    free(t->err);
}

/* ---- What it must be ---- */

static bool is_json(const char *text)
{
#ifdef EDDY_HAVE_JANSSON
    json_t *root = json_loads(text, JSON_DECODE_ANY, NULL);
    json_decref(root);
    return root != NULL;
#else
    return text[strlen(text) - 1] == '\n';
#endif
}

/* Does every line of `text` stand in `whole`, or tell of the failure? */
static bool lines_of(const char *text, const char *whole)
{
    char line[4096];
    for (const char *s = text; *s;) {
        size_t n = strcspn(s, "\n");
        snprintf(line, sizeof line, "%.*s\n", (int)n, s);
        bool told = strstr(line, "not checked") || strstr(line, "emory") || strstr(line, "agree with");
        if (!told && !strstr(whole, line))
            return false;
        s += n + (s[n] == '\n');
    }
    return true;
}

/* Is the file there, and does it end so? */
static const char *file_trouble(const trial_case *c)
{
    char end[64] = "";
    FILE *file = c->made ? fopen(c->made, "rb") : NULL;
    if (!file)
        return NULL;
    long n = (long)strlen(c->end);
    bool fine = !fseek(file, -n, SEEK_END) && fread(end, 1, (size_t)n, file) == (size_t)n && !strcmp(end, c->end);
    fclose(file);
    return fine ? NULL : "its file is half-written";
}

/* Temporary files that a failed run left, removed; the results go, too. */
static const char *leftovers(const char *made)
{
    const char *trouble = NULL;
    DIR *folder = opendir(".");
    for (struct dirent *e; folder && (e = readdir(folder)) != NULL;) {
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..") || is_input(e->d_name))
            continue;
        bool result = (made && !strcmp(e->d_name, made)) || !strcmp(e->d_name, "log.csv") ||
                      !strcmp(e->d_name, "predictions.csv") ||
                      (!strncmp(e->d_name, "new.", 4) && strstr(e->d_name, ".safetensors"));
        trouble = result ? trouble : "a temporary file is left";
        remove(e->d_name);
    }
    if (folder)
        closedir(folder);
    return trouble;
}

static const char *trouble_of(const trial_case *c, const trial *t, const trial *good)
{
    const char *left, *half = file_trouble(c);
    left = leftovers(c->made);
    if (strstr(t->err, "Sanitizer") || strstr(t->err, "runtime error:"))
        return "a sanitizer complains";
    if (WIFSIGNALED(t->status))
        return WTERMSIG(t->status) == SIGALRM ? "it does not end" : "it crashes";
    if (!WIFEXITED(t->status) || WEXITSTATUS(t->status) != 2)
        return "its status is not 2";
    if (t->living)
        return "it leaks";
    if (strncmp(t->err, "eddy", 4) && !strstr(t->err, "\neddy"))
        return "it says nothing";
    if (c->says == SAYS_WHOLE && t->out_size)
        return "its output is not whole";
    if (c->says == SAYS_JSON && t->out_size && !is_json(t->out))
        return "its JSON is not whole";
    if (c->says == SAYS_TEXT && !lines_of(t->out, good->out))
        return "it prints what is not true";
    return half ? half : left;
}

/* ---- All of them ---- */

typedef struct plan {
    long every, sample, at;
} plan;

static int sweep(const trial_case *c, const plan *p)
{
    trial good = run(c->line, 0, false);
    int failures = 0;
    const char *left;
    bool ok = WIFEXITED(good.status) && WEXITSTATUS(good.status) < 2 && !good.living;
    left = leftovers(c->made);
    if (!ok || left) {
        printf("%s: fails with all memory: status %d, %ld blocks left, %s\n%s", c->line, WEXITSTATUS(good.status),
               good.living, left ? left : "", good.err);
        trial_free(&good);
        return 1;
    }
    long count = good.asked, tried = 0, bad[2] = { 0 };
    long mean = count / p->sample + 1;
    for (long n = p->at ? p->at : 1; n <= count;
         n += p->at      ? count
              : p->every ? p->every
                         : 1 + (long)((uint64_t)n * 2654435761u >> 7) % (2 * mean - 1)) {
        for (int mode = 0; mode < 2; mode++) {
            trial t = run(c->line, n, mode);
            /* what is searched by the clock may ask for less than before */
            const char *trouble = t.asked < n && WIFEXITED(t.status) ? leftovers(c->made),
                       NULL                                          : trouble_of(c, &t, &good);
            tried++;
            if (trouble) {
                bad[mode]++;
                if (failures++ < 3 || p->at)
                    printf("%s: allocation %ld%s of %ld fails: %s (status %d, signal %d, %ld blocks left)\n%.2000s",
                           c->line, n, mode ? " and all after it" : "", count, trouble,
                           WIFEXITED(t.status) ? WEXITSTATUS(t.status) : -1,
                           WIFSIGNALED(t.status) ? WTERMSIG(t.status) : 0, t.living, t.err);
            }
            trial_free(&t);
        }
    }
    printf("%-60s %6ld allocations, %5ld failed, %ld badly\n", c->line, count, tried, bad[0] + bad[1]);
    fflush(stdout);
    trial_free(&good);
    return failures;
}

/* Does a case run each command that the program names? A line of the help's list is two blanks, a name, a blank. */
static int commands_without_case(void)
{
    int missing = 0;
    trial help = run("--help", 0, false);
    const char *list = strstr(help.out, "Commands:\n");
    for (const char *s = list ? strchr(list, '\n') + 1 : ""; !strncmp(s, "  ", 2); s += strcspn(s, "\n") + 1) {
        char name[32];
        snprintf(name, sizeof name, "%.*s ", (int)strcspn(s + 2, " "), s + 2);
        bool found = !strcmp(name, "help ");
        for (int i = 0; i < CASES; i++)
            found |= !strncmp(cases[i].line, name, strlen(name) - (strchr(cases[i].line, ' ') == NULL));
        if (!found)
            missing = printf("no case runs 'eddy %s'\n", name);
    }
    if (!list)
        missing = printf("--help names no commands\n");
    trial_free(&help);
    return missing != 0;
}

/* 0.4 s of a tone that comes and goes, 8000 Hz, 16 bits. */
static void put_recording(const char *name)
{
    enum { SAMPLES = 3200, BYTES = 2 * SAMPLES };
    uint32_t words[] = { 0, BYTES + 36, 0, 0, 16, 1 | 1 << 16, 8000, 16000, 2 | 16 << 16, 0, BYTES };
    memcpy(&words[0], "RIFF", 4);
    memcpy(&words[2], "WAVEfmt ", 8);
    memcpy(&words[9], "data", 4);
    int16_t samples[SAMPLES];
    for (int i = 0; i < SAMPLES; i++)
        samples[i] = (int16_t)(i % 500 < 250 ? (i * 37 % 21 - 10) * 900 : 0);
    FILE *file = fopen(name, "wb");
    if (!file || fwrite(words, sizeof words, 1, file) != 1 || fwrite(samples, sizeof samples, 1, file) != 1 ||
        fclose(file))
        abort();
}

static void put_file(const char *name, const char *text)
{
    FILE *file = fopen(name, "w");
    if (!file || fputs(text, file) < 0 || fclose(file))
        abort();
}

int main(int argc, char **argv)
{
    plan p = { .sample = 12 };
    int words = 1, failures = 0;
    for (; words + 1 < argc && argv[words][0] == '-'; words += 2) {
        long *value = !strcmp(argv[words], "--every") ? &p.every : !strcmp(argv[words], "--at") ? &p.at : &p.sample;
        *value = strtol(argv[words + 1], NULL, 10);
    }
    char folder[] = "/tmp/eddy-faults-XXXXXX";
    FILE *pages = tmpfile();
    if (!pages || ftruncate(fileno(pages), sizeof *shared))
        return 2;
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, fileno(pages), 0);
    if (shared == MAP_FAILED || !mkdtemp(folder) || chdir(folder))
        return 2;
    put_file("sheet.md", sheet_document);
    setenv("XDG_DATA_HOME", "/dev/null/none", 1); /* no progress is kept */
    put_file("plain.md", plain_document);
    put_file("full.md", full_document);
    put_file("lines.eddy", setup_lines);
    put_file("series.csv",
             "t,price\n1,1.5\n2,1.25\n3,1\n4,1.75\n5,2\n6,1.5\n7,1.25\n8,1\n9,0.5\n10,1\n11,1.5\n12,1.25\n13,2\n");
    char text[4096] = "", pairs[4096] = "", classes[4096] = "id,x,y,class\n";
    for (size_t i = 100; i < 240; i++) {
        snprintf(pairs + strlen(pairs), sizeof pairs - strlen(pairs), "%zu\t%zu\n", i, i % 10 * 10 + i / 10 % 10);
        snprintf(text + strlen(text), sizeof text - strlen(text), "one %s\n", i % 3 ? "two" : "three four");
        snprintf(classes + strlen(classes), sizeof classes - strlen(classes), "%zu,%zu,%zu,%c\n", i / 4, i % 7, i % 4,
                 "ab"[i / 4 % 2]);
    }
    put_file("text.txt", text);
    put_file("pairs.txt", pairs);
    put_file("classes.csv", classes);
    put_recording("word.wav");
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        trial made = run(models[i], 0, false);
        if (!WIFEXITED(made.status) || WEXITSTATUS(made.status))
            failures = printf("no model: %s: %s", models[i], made.err);
        trial_free(&made);
    }
    leftovers(NULL);
    failures += commands_without_case();
    for (int i = 0; i < CASES; i++) {
        bool wanted = words >= argc;
        for (int k = words; k < argc; k++)
            wanted |= strstr(cases[i].line, argv[k]) != NULL;
        failures += wanted ? sweep(&cases[i], &p) : 0;
    }
    DIR *made = opendir(".");
    for (struct dirent *e; made && (e = readdir(made)) != NULL;)
        if (is_input(e->d_name))
            remove(e->d_name);
    if (made)
        closedir(made);
    if (!chdir("/"))
        rmdir(folder);
    printf(failures ? "FAILED\n" : "All failures end well.\n");
    return failures ? 1 : 0;
}
