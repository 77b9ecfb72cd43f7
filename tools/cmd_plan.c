/* eddy plan: what eddy_compile makes of a network's training step, or of a model file: the passes, and the program
 * after any of them. */
#include "commands.h"
#include "networks.h"
#include "options.h"
#include "output.h"
#include "plan_model.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct settings {
    const char *pass;
    network_size size;
    int dtype, of; /* of: a network_part */
    bool time, json;
} settings;

enum { MOST_GROUPS = 1000, MOST_PASSES = 100, TIMED_RUNS = 3 };

/* The groups of calls; with `timed`, what the last run of each took. */
static void print_groups(const eddy_program *program, const settings *s)
{
    static eddy_program_group groups[MOST_GROUPS];
    int64_t count = eddy_program_groups(program, groups, MOST_GROUPS);
    double products = 0, seconds = 0;
    for (int64_t k = 0; k < count; k++) {
        products += groups[k].is_product ? groups[k].operations : 0;
        seconds += groups[k].seconds;
    }
    const double peak = s->time ? eddy_peak() * eddy_threads() / (s->dtype ? 2 : 1) : 0;
    printf("\ncalls   %9s %9s", "Mop", "MB");
    if (s->time)
        printf(" %9s %6s %8s", "ms", "share", "Gop/s");
    printf("  what\n");
    for (int64_t k = 0; k < count; k++) {
        const eddy_program_group *g = &groups[k];
        printf("%-7lld %9.3f %9.3f", (long long)g->calls, 1e-6 * g->operations, 1e-6 * g->bytes);
        if (s->time)
            printf(" %9.3f %5.1f%% %8.2f", 1e3 * g->seconds, 100 * g->seconds / seconds,
                   g->seconds > 0 ? 1e-9 * g->operations / g->seconds : 0);
        printf("  %s\n", g->what);
    }
    printf("\nthe products are %.3f GFLOP a run", 1e-9 * products);
    if (s->time)
        printf("; in %.3f ms that is %.1f GFLOP/s, %.0f%% of the %.1f that the processor can do (%d thread%s)",
               1e3 * seconds, 1e-9 * products / seconds, 1e-7 * products / seconds / peak, peak, eddy_threads(),
               eddy_threads() == 1 ? "" : "s");
    printf("\n");
}

/* A line a pass: what it left, and what it is for. */
static void print_passes(const eddy_pass_effect *effects)
{
    printf("passes, in order (EDDY_PASSES=-NAME switches one off, --dump NAME shows the program after it)\n"
           "                 calls        MB\n");
    printf("  %-12s %8lld %9.3f\n", "recorded", (long long)effects[0].calls, 1e-6 * (double)effects[0].bytes);
    for (int64_t k = 0; k < MOST_PASSES && eddy_pass_at(k).name; k++)
        if (effects[k + 1].on)
            printf("  %-12s %8lld %9.3f  %s\n", eddy_pass_at(k).name, (long long)effects[k + 1].calls,
                   1e-6 * (double)effects[k + 1].bytes, eddy_pass_at(k).purpose);
        else
            printf("  %-12s %18s  %s\n", eddy_pass_at(k).name, "off", eddy_pass_at(k).purpose);
}

/* What a program is made of. */
static void print_program(const settings *s, const eddy_program *program, const eddy_pass_effect *effects)
{
    const eddy_program_stats stats = eddy_program_describe(program);
    print_passes(effects);
    print_groups(program, s);
    printf("%lld calls in a run\n%lld bytes hold all values of a run; %lld if none took another's place\n",
           (long long)stats.nodes, (long long)stats.bytes, (long long)stats.bytes_unshared);
}

/* The same, behind what an object of JSON has before. */
static void end_json(const eddy_program *program, const eddy_pass_effect *effects)
{
    const eddy_program_stats stats = eddy_program_describe(program);
    printf("\"passes\": [");
    for (int64_t k = 0; k < MOST_PASSES && eddy_pass_at(k).name; k++)
        printf("%s{\"name\": \"%s\", \"purpose\": \"%s\", \"on\": %s, \"calls\": %lld, \"bytes\": %lld}", k ? ", " : "",
               eddy_pass_at(k).name, eddy_pass_at(k).purpose, effects[k + 1].on ? "true" : "false",
               (long long)effects[k + 1].calls, (long long)effects[k + 1].bytes);
    printf("], \"calls\": %lld, \"bytes\": %lld, \"bytes_unshared\": %lld}\n", (long long)stats.nodes,
           (long long)stats.bytes, (long long)stats.bytes_unshared);
}

static void print_network(const network *model, const settings *s, int64_t nodes, const eddy_program *program,
                          const eddy_pass_effect *effects)
{
    if (s->json) {
        printf("{\"schema\": \"eddy-plan-1\", \"network\": \"%s\", \"training\": %s, \"steps\": %lld, \"batch\": %lld, "
               "\"input\": %lld, \"hidden\": %lld, \"dtype\": \"%s\", \"nodes\": %lld, ",
               model->name, s->of == NETWORK_TRAINING ? "true" : "false", (long long)s->size.steps,
               (long long)s->size.batch, (long long)s->size.input, (long long)s->size.hidden, s->dtype ? "f64" : "f32",
               (long long)nodes);
        end_json(program, effects);
        return;
    }
    printf("%s, %s: %lld step%s, batch %lld, input %lld, hidden %lld, %s; %lld nodes recorded\n\n", model->name,
           network_part_names[s->of], (long long)s->size.steps, s->size.steps == 1 ? "" : "s", (long long)s->size.batch,
           (long long)s->size.input, (long long)s->size.hidden, s->dtype ? "f64" : "f32", (long long)nodes);
    print_program(s, program, effects);
}

/* Runs the program, if its time is asked for; its inputs are set. */
static bool take_time(eddy_program *program, const settings *s)
{
    bool ran = true;
    eddy_program_measure(program, s->time);
    for (int run = 0; run < TIMED_RUNS && s->time && ran; run++)
        ran = eddy_run(program);
    return ran;
}

static int show(const network *model, const settings *s)
{
    static eddy_pass_effect effects[MOST_PASSES + 1];
    eddy_tape *tape = eddy_tape_new(s->dtype ? EDDY_F64 : EDDY_F32, 1);
    network_step made = network_record_step(tape, model, &s->size, (network_part)s->of);
    int64_t nodes = eddy_node_count(tape);
    char *text = s->pass ? eddy_program_dump(tape, made.outputs, made.updates, s->pass) : NULL;
    eddy_program *program = s->pass ? NULL : eddy_compile(tape, made.outputs, made.updates);
    int status = COMMAND_DONE;
    if (program && eddy_program_effects(program, effects, MOST_PASSES + 1) && (!s->time || network_fill(tape)))
        take_time(program, s);
    if (eddy_error(tape))
        status = command_failed("plan", "%s", eddy_error(tape));
    else if (text)
        fputs(text, stdout);
    else
        print_network(model, s, nodes, program, effects);
    eddy_free(text);
    eddy_tape_free(tape);
    return status;
}

/* Every program of a model file. */
static int show_model(const char *path, const settings *s)
{
    static eddy_pass_effect effects[MOST_PASSES + 1];
    plan_model m = { 0 };
    eddy_status status = { 0 };
    bool ok = plan_model_open(&m, path, s->size.steps, &status) && (!s->time || plan_model_fill(m.tape));
    if (ok && !s->json)
        printf("%s: a model of 'eddy train %s'\n", output_shown(path), m.task);
    eddy_program *program = NULL;
    for (int64_t k = 0; ok && (program = eddy_program_at(m.tape, k)); k++) {
        ok = eddy_program_effects(program, effects, MOST_PASSES + 1) && take_time(program, s);
        if (ok && s->json) {
            printf("{\"schema\": \"eddy-plan-model-1\", \"task\": \"%s\", \"program\": %lld, ", m.task,
                   (long long)k + 1);
            end_json(program, effects);
        } else if (ok) {
            printf("\nprogram %lld\n\n", (long long)k + 1);
            print_program(s, program, effects);
        }
    }
    const bool failed = m.tape && eddy_error(m.tape);
    const int result = ok       ? COMMAND_DONE
                       : failed ? command_failed("plan", "%s", eddy_error(m.tape))
                                : command_wrong("plan", "%s", status.text);
    plan_model_close(&m);
    return result;
}

int eddy_cmd_plan(int argc, char **argv)
{
    settings s = { .size = { .steps = 20, .batch = 32, .input = 1, .hidden = 64 } };
    const option_row rows[] = {
        { "steps", 0, OPTION_COUNT, "N", "time steps", &s.size.steps, 1, 100000 },
        { "batch", 0, OPTION_COUNT, "N", "sequences", &s.size.batch, 1, 100000 },
        { "input", 0, OPTION_COUNT, "N", "features", &s.size.input, 1, 100000 },
        { "hidden", 0, OPTION_COUNT, "N", "units", &s.size.hidden, 1, 100000 },
        { "dtype", 0, OPTION_CHOICE, "f32|f64", "of the numbers", &s.dtype, 0, 0 },
        { "of", 0, OPTION_CHOICE, "training|inference|gradients|hessian",
          "a training step; the forward part; the gradients alone; the Hessian times a vector", &s.of, 0, 0 },
        { "time", 0, OPTION_FLAG, NULL, "run it, and say how long each group of calls takes", &s.time, 0, 0 },
        { "dump", 0, OPTION_TEXT, "PASS", "the program as it stands after a pass; 'recorded': before the first",
          &s.pass, 0, 0 },
        { "json", 0, OPTION_FLAG, NULL, "for programs: one JSON object", &s.json, 0, 0 },
    };
    const options line = {
        .command = "plan",
        .usage = "plan NETWORK|MODEL [OPTIONS]",
        .about = "Compiles a training step of a network and says what the program is made of: the "
                 "passes that rewrote it, its calls by groups, what they compute and move, memory.\n"
                 "The networks are those of 'eddy graph'. Of a model file, every program that it makes; --steps "
                 "is then the length of a sequence, where that is free.",
        .examples = "  eddy plan lstm --steps 20 --batch 800 --time\n"
                    "  eddy plan gru --steps 2 --dump early_sums\n"
                    "  eddy plan text/model.safetensors\n"
                    "  EDDY_PASSES=-places eddy plan lstm\n",
        .rows = rows,
        .count = sizeof rows / sizeof *rows,
        .least = 1,
        .most = 1
    };
    int first;
    int status = options_parse(&line, argc, argv, &first);
    if (status != OPTIONS_GO_ON)
        return status;
    const network *model = network_find(argv[first]);
    if (!model && (strchr(argv[first], '/') || strstr(argv[first], ".safetensors") || !access(argv[first], F_OK)))
        return s.pass ? command_wrong("plan", "--dump is for networks, not for a model file.")
                      : show_model(argv[first], &s);
    if (!model) {
        options_offer near;
        return command_wrong("plan", "there is no network \"%s\"%s", argv[first],
                             options_did_you_mean(&near, argv[first], network_name, &(network_offer){ NULL }));
    }
    bool known = !s.pass || !strcmp(s.pass, "recorded");
    for (int64_t k = 0; eddy_pass_at(k).name && !known; k++)
        known = !strcmp(s.pass, eddy_pass_at(k).name);
    if (!known)
        return command_wrong("plan", "there is no pass \"%s\"; 'eddy plan %s' lists them.", s.pass, model->name);
    return show(model, &s);
}
