/* eddy gradcheck: every op and module against numerical derivatives, a line each. */
#include "cases.h"
#include "commands.h"
#include "options.h"

#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

typedef struct outcome {
    bool agrees;
    int64_t elements;
    double worst;
    eddy_verdict verdict;
    char message[EDDY_STATUS_SIZE];
} outcome;

typedef struct settings {
    bool json, list;
    uint64_t seed;
    int64_t order;
} settings;

/* ---- One case ---- */

/* All float leaves that somebody can set: what a loss is differentiated by. */
static eddy_list variables(eddy_tape *tape)
{
    eddy_list all = eddy_list_join(tape, eddy_leaves(tape, EDDY_PARAMETER), eddy_leaves(tape, EDDY_INPUT));
    int64_t kept = 0;
    for (int64_t i = 0; i < all.count; i++)
        if (eddy_dtype_of(all.items[i]) == EDDY_F64)
            all.items[kept++] = all.items[i];
    all.count = kept;
    return all;
}

/* The gradient of what is not differentiable must be zero to the last bit. */
static void check_flat(eddy_var loss, eddy_list wrt, outcome *out)
{
    eddy_list grads = eddy_gradients(loss, wrt);
    int64_t wrong = 0;
    for (int64_t k = 0; k < grads.count; k++) {
        const eddy_tensor *g = eddy_value(grads.items[k]);
        for (int64_t i = 0; g && i < eddy_tensor_count(g); i++, out->elements++) {
            double size = fabs(eddy_tensor_flat(g, i));
            wrong += !(size <= 0);
            out->worst = fmax(out->worst, isnan(size) ? INFINITY : size);
        }
    }
    out->verdict = !out->elements ? EDDY_NOT_CHECKED : wrong ? EDDY_DISAGREE : EDDY_AGREE;
    snprintf(out->message, sizeof out->message, "%s",
             wrong ? "not differentiable, but the gradient is not zero everywhere"
                   : "not differentiable: the gradient is exactly zero");
}

static void check_one(const check_case *which, const settings *s, outcome *out)
{
    *out = (outcome){ .verdict = EDDY_NOT_CHECKED };
    eddy_tape *tape = eddy_tape_new(EDDY_F64, s->seed);
    eddy_var loss = which->record(tape);
    eddy_list wrt = variables(tape);
    if (which->flat && !eddy_error(tape)) {
        check_flat(loss, wrt, out);
    } else {
        eddy_gradcheck_report report = { .verdict = EDDY_NOT_CHECKED };
        if (eddy_gradcheck(loss, wrt, &(eddy_gradcheck_options){ .order = (int)s->order, .seed = s->seed }, &report)) {
            out->verdict = report.verdict;
            out->elements = report.compared;
            out->worst = report.worst_relative;
            snprintf(out->message, sizeof out->message, "%s", report.message);
        }
        eddy_gradcheck_free(&report);
    }
    if (eddy_error(tape)) {
        out->verdict = EDDY_NOT_CHECKED;
        snprintf(out->message, sizeof out->message, "%s", eddy_error(tape));
    }
    out->agrees = out->verdict == EDDY_AGREE;
    eddy_tape_free(tape);
}

/* ---- Choosing ---- */

static const char *case_name(const void *list, size_t i)
{
    (void)list;
    const check_case *c = check_case_at(i);
    return c ? c->name : NULL;
}

typedef enum match { MATCH_NONE, MATCH_PREFIX, MATCH_EXACT } match;

/* How a variant is joined to its name does not matter: "gru.reset_before" finds gru-reset-before. */
static bool same_letter(char a, char b)
{
    return a == b || (a && b && strchr(".-_", a) && strchr(".-_", b));
}

/* "lstm" means lstm and its variants lstm.no_bias, ..., "gru" also gru-reset-before; a pattern may have * and ?; a word
 * that is no name may be the beginning of some. */
static match matches(const char *name, const char *word)
{
    if (strpbrk(word, "*?["))
        return fnmatch(word, name, 0) ? MATCH_NONE : MATCH_EXACT;
    for (; *word; name++, word++)
        if (!same_letter(*name, *word))
            return MATCH_NONE;
    return !*name || *name == '.' || *name == '-' ? MATCH_EXACT : MATCH_PREFIX;
}

static match best_match(const char *word)
{
    match best = MATCH_NONE;
    const check_case *c;
    for (size_t i = 0; (c = check_case_at(i)) != NULL; i++)
        best = matches(c->name, word) > best ? matches(c->name, word) : best;
    return best;
}

static bool is_chosen(const char *name, int count, char **words)
{
    for (int i = 0; i < count; i++)
        if (matches(name, words[i]) == best_match(words[i]))
            return true;
    return !count;
}

/* ---- Printing ---- */

static void print_json_text(const char *text)
{
    putchar('"');
    for (const char *c = text; *c; c++) {
        if (*c == '"' || *c == '\\')
            putchar('\\');
        if ((unsigned char)*c < 32)
            printf("\\u%04x", (unsigned)*c);
        else
            putchar(*c);
    }
    putchar('"');
}

static void print_case(const check_case *which, const outcome *out, const settings *s, bool first)
{
    if (s->json) {
        printf("%s    {\"name\": \"%s\", \"elements\": %lld, \"worst_relative\": ", first ? "" : ",\n", which->name,
               (long long)out->elements);
        if (isfinite(out->worst))
            printf("%.17g", out->worst);
        else
            printf("null");
        printf(", \"differentiable\": %s, \"verdict\": \"%s\", \"message\": ", which->flat ? "false" : "true",
               eddy_verdict_name(out->verdict));
        print_json_text(out->message);
        putchar('}');
        return;
    }
    printf("%-22s %8lld  %10.1e  %s\n", which->name, (long long)out->elements, out->worst,
           which->flat && out->agrees ? "agree (not differentiable: exactly 0)" : eddy_verdict_name(out->verdict));
    if (!out->agrees)
        printf("    %s\n", out->message);
}

static int run(const settings *s, int count, char **words)
{
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    if (s->json)
        printf("{\n  \"seed\": %llu,\n  \"order\": %d,\n  \"cases\": [\n", (unsigned long long)s->seed, (int)s->order);
    else
        printf("%-22s %8s  %10s  %s\n", "what", "elements", "rel. error", "verdict");
    int checked = 0, agreed = 0;
    int64_t elements = 0;
    const check_case *c;
    for (size_t i = 0; (c = check_case_at(i)) != NULL; i++) {
        if (!is_chosen(c->name, count, words))
            continue;
        outcome out;
        check_one(c, s, &out);
        print_case(c, &out, s, checked == 0);
        checked++;
        agreed += out.agrees;
        elements += out.elements;
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    double seconds = (double)(end.tv_sec - begin.tv_sec) + 1e-9 * (double)(end.tv_nsec - begin.tv_nsec);
    if (s->json)
        printf("\n  ],\n  \"checked\": %d,\n  \"agreed\": %d,\n  \"elements\": %lld,\n  \"seconds\": %.3f\n}\n",
               checked, agreed, (long long)elements, seconds);
    else
        printf("%d of %d agree with the numerical derivative%s; %lld elements compared in %.1f s.\n", agreed, checked,
               s->order > 1 ? ", first and second order" : "", (long long)elements, seconds);
    return checked && agreed == checked ? COMMAND_DONE : COMMAND_FAILED;
}

int eddy_cmd_gradcheck(int argc, char **argv)
{
    settings s = { .seed = 1, .order = 2 };
    const option_row rows[] = {
        { "order", 0, OPTION_COUNT, "N", "1: gradients; 2: also the gradients of gradients", &s.order, 1, 2 },
        { "seed", 0, OPTION_SEED, "N", "of the random values, weights and directions", &s.seed, 0, 0 },
        { "list", 0, OPTION_FLAG, NULL, "only name what could be checked", &s.list, 0, 0 },
        { "json", 0, OPTION_FLAG, NULL, "JSON instead of a table", &s.json, 0, 0 },
    };
    const options line = {
        .command = "gradcheck",
        .usage = "gradcheck [NAME...] [OPTIONS]",
        .about = "Compares the gradient of every op and module, or of those named, with a numerical derivative in f64 "
                 "that knows its own error\n"
                 "(Ridders' extrapolation), and asks witnesses: the adjoint identity, the Taylor remainder, a "
                 "repetition, the cotangent 0.\n"
                 "NAME is a name with all its variants (lstm), the beginning of some, or a pattern ('matmul*').\n"
                 "Exit status 0 only if everything agrees.",
        .examples = "  eddy gradcheck                               everything, first and second order\n"
                    "  eddy gradcheck lstm gru                      two cells with their variants\n"
                    "  eddy gradcheck 'matmul*' --order 1 --json    for a program\n",
        .rows = rows,
        .count = sizeof rows / sizeof *rows,
        .least = 0,
        .most = -1
    };
    int first;
    int status = options_parse(&line, argc, argv, &first);
    if (status != OPTIONS_GO_ON)
        return status;
    for (int i = first; i < argc; i++) {
        if (best_match(argv[i]) != MATCH_NONE)
            continue;
        const char *near = options_nearest(argv[i], case_name, NULL);
        if (near)
            return command_wrong(
                "gradcheck",
                "there is nothing named \"%s\". Did you mean \"%s\"? 'eddy gradcheck --list' names everything.",
                argv[i], near);
        return command_wrong("gradcheck", "there is nothing named \"%s\"; 'eddy gradcheck --list' names everything.",
                             argv[i]);
    }
    if (!s.list)
        return run(&s, argc - first, argv + first);
    const check_case *c;
    for (size_t i = 0; (c = check_case_at(i)) != NULL; i++)
        if (is_chosen(c->name, argc - first, argv + first))
            printf("%s%s\n", c->name, c->flat ? " (not differentiable)" : "");
    return COMMAND_DONE;
}
