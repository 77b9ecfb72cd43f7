/* eddy plan: what eddy_compile makes of a network's training step: the passes, and the program after any of them. */
#include "commands.h"
#include "networks.h"
#include "options.h"

#include <stdio.h>
#include <string.h>

typedef struct settings {
    const char *pass;
    int64_t steps, batch, input, hidden;
    int dtype;
    bool inference, json;
} settings;

typedef struct step {
    eddy_list outputs, updates;
} step;

/* The forward part, or a whole training step: loss, gradients, clipping, Adam. */
static step record(eddy_tape *tape, const network *model, const settings *s)
{
    eddy_var x = eddy_input(tape, "x", EDDY_SHAPE(s->steps, s->batch, s->input));
    eddy_var last = network_record(tape, model, x, s->hidden);
    if (s->inference)
        return (step){ .outputs = eddy_list_new(tape, &last, 1) };
    eddy_var loss = eddy_mse(last, eddy_input(tape, "y", eddy_shape_of(last)));
    eddy_list params = eddy_parameters(tape), grads = eddy_gradients(loss, params);
    eddy_var norm = eddy_clip_grad_norm(&grads, 1);
    return (step){ .outputs = eddy_list_join(tape, EDDY_LIST(loss), EDDY_LIST(norm)),
                   .updates = eddy_adam(params, grads, NULL) };
}

static void print_plan(const network *model, const settings *s, int64_t nodes, eddy_program_stats stats)
{
    printf("%s, %s: %lld step%s, batch %lld, input %lld, hidden %lld, %s\n\n", model->name,
           s->inference ? "forward only" : "a training step", (long long)s->steps, s->steps == 1 ? "" : "s",
           (long long)s->batch, (long long)s->input, (long long)s->hidden, s->dtype ? "f64" : "f32");
    printf("passes, in order (EDDY_PASSES=-NAME switches one off, --dump NAME shows the program after it)\n");
    for (int64_t k = 0; eddy_pass_at(k).name; k++)
        printf("  %-12s  %s\n", eddy_pass_at(k).name, eddy_pass_at(k).purpose);
    printf("\n%lld nodes recorded, %lld calls in a run\n", (long long)nodes, (long long)stats.nodes);
    printf("%lld bytes hold all values of a run; %lld if none took another's place\n", (long long)stats.bytes,
           (long long)stats.bytes_unshared);
}

static void print_json(const network *model, const settings *s, int64_t nodes, eddy_program_stats stats)
{
    printf("{\"schema\": \"eddy-plan-1\", \"network\": \"%s\", \"training\": %s, \"steps\": %lld, \"batch\": %lld, "
           "\"input\": %lld, \"hidden\": %lld, \"dtype\": \"%s\", \"passes\": [",
           model->name, s->inference ? "false" : "true", (long long)s->steps, (long long)s->batch, (long long)s->input,
           (long long)s->hidden, s->dtype ? "f64" : "f32");
    for (int64_t k = 0; eddy_pass_at(k).name; k++)
        printf("%s{\"name\": \"%s\", \"purpose\": \"%s\"}", k ? ", " : "", eddy_pass_at(k).name,
               eddy_pass_at(k).purpose);
    printf("], \"nodes\": %lld, \"calls\": %lld, \"bytes\": %lld, \"bytes_unshared\": %lld}\n", (long long)nodes,
           (long long)stats.nodes, (long long)stats.bytes, (long long)stats.bytes_unshared);
}

static int show(const network *model, const settings *s)
{
    eddy_tape *tape = eddy_tape_new(s->dtype ? EDDY_F64 : EDDY_F32, 1);
    step made = record(tape, model, s);
    int64_t nodes = eddy_node_count(tape);
    char *text = s->pass ? eddy_program_dump(tape, made.outputs, made.updates, s->pass) : NULL;
    eddy_program *program = s->pass ? NULL : eddy_compile(tape, made.outputs, made.updates);
    int status = COMMAND_DONE;
    if (eddy_error(tape))
        status = command_failed("plan", "%s", eddy_error(tape));
    else if (text)
        fputs(text, stdout);
    else if (s->json)
        print_json(model, s, nodes, eddy_program_describe(program));
    else
        print_plan(model, s, nodes, eddy_program_describe(program));
    eddy_free(text);
    eddy_tape_free(tape);
    return status;
}

int eddy_cmd_plan(int argc, char **argv)
{
    settings s = { .steps = 20, .batch = 32, .input = 1, .hidden = 64 };
    const option_row rows[] = {
        { "steps", 0, OPTION_COUNT, "N", "time steps", &s.steps, 1, 100000 },
        { "batch", 0, OPTION_COUNT, "N", "sequences", &s.batch, 1, 100000 },
        { "input", 0, OPTION_COUNT, "N", "features", &s.input, 1, 100000 },
        { "hidden", 0, OPTION_COUNT, "N", "units", &s.hidden, 1, 100000 },
        { "dtype", 0, OPTION_CHOICE, "f32|f64", "of the numbers", &s.dtype, 0, 0 },
        { "inference", 0, OPTION_FLAG, NULL, "the forward part only, without gradients and optimiser", &s.inference, 0,
          0 },
        { "dump", 0, OPTION_TEXT, "PASS", "the program as it stands after a pass; 'recorded': before the first",
          &s.pass, 0, 0 },
        { "json", 0, OPTION_FLAG, NULL, "for programs: one JSON object", &s.json, 0, 0 },
    };
    const options line = { .command = "plan",
                           .usage = "plan NETWORK [OPTIONS]",
                           .about = "Compiles a training step of a network and says what the program is made of: the "
                                    "passes that rewrote it, its calls and memory.\n"
                                    "The networks are those of 'eddy graph'.",
                           .examples = "  eddy plan lstm --steps 20 --batch 800\n"
                                       "  eddy plan gru --steps 2 --dump early_sums\n"
                                       "  EDDY_PASSES=-places eddy plan lstm\n",
                           .rows = rows,
                           .count = sizeof rows / sizeof *rows,
                           .least = 1,
                           .most = 1 };
    int first;
    int status = options_parse(&line, argc, argv, &first);
    if (status != OPTIONS_GO_ON)
        return status;
    const network *model = network_find(argv[first]);
    if (!model) {
        const char *near = options_nearest(argv[first], network_name, &(network_offer){ NULL });
        return command_wrong("plan", "there is no network \"%s\"%s%s%s.", argv[first], near ? "; did you mean \"" : "",
                             near ? near : "", near ? "\"?" : "");
    }
    bool known = !s.pass || !strcmp(s.pass, "recorded");
    for (int64_t k = 0; eddy_pass_at(k).name && !known; k++)
        known = !strcmp(s.pass, eddy_pass_at(k).name);
    if (!known)
        return command_wrong("plan", "there is no pass \"%s\"; 'eddy plan %s' lists them.", s.pass, model->name);
    return show(model, &s);
}
