/* eddy generate: writes text with a model of 'eddy train text', character by character as it is drawn. */
#include "commands.h"
#include "options.h"
#include "output.h"

#include "text.h"

#include <string.h>

typedef struct settings {
    const char *model, *prime, *stop;
    int64_t count;
    text_sampling how;
} settings;

/* Reads the prime, or a line's end as the beginning of a line (of bytes and of texts that have one). */
static bool begin(text_model *m, const settings *s, eddy_status *status)
{
    unit_text prime = { 0 };
    const units *u = text_units(m);
    const char *text = s->prime ? s->prime : "\n";
    bool ok = text_begin(m, status);
    if (ok && !units_encode(u, &prime, text, strlen(text), "--prime", s->prime ? status : NULL)) {
        if (s->prime)
            return false;
        ok = text_read_unit(m, 0, status);
    }
    for (int64_t i = 0; ok && i < prime.count; i++)
        ok = text_read_unit(m, prime.unit[i], status);
    unit_text_free(&prime);
    if (ok && s->prime)
        fputs(s->prime, stdout);
    return ok;
}

/* What was written is kept as far as --stop needs it. */
static bool write_text(text_model *m, const settings *s, eddy_status *status)
{
    size_t wanted = s->stop ? strlen(s->stop) : 0, kept = 0, room = wanted + 4;
    char *tail = eddy_allocate(room, 1);
    bool ok = tail || eddy_status_fail(status, "There is no memory."), stopped = false;
    for (int64_t i = 0; ok && !stopped && i < s->count && !ferror(stdout); i++) {
        int32_t unit = text_draw(m, &s->how, (uint64_t)i);
        char out[4];
        size_t n = units_decode(text_units(m), unit, out);
        fwrite(out, 1, n, stdout);
        fflush(stdout);
        memcpy(tail + kept, out, n);
        kept += n;
        stopped = wanted && kept >= wanted && !memcmp(tail + kept - wanted, s->stop, wanted);
        if (kept > wanted) {
            memmove(tail, tail + kept - wanted, wanted);
            kept = wanted;
        }
        ok = stopped || i + 1 == s->count || text_read_unit(m, unit, status);
    }
    eddy_free(tail);
    return ok;
}

int eddy_cmd_generate(int argc, char **argv)
{
    settings s = { .count = 500, .how = { .temperature = 0.8, .top_p = 1, .seed = 42 } };
    const option_row rows[] = {
        { "count", 'n', OPTION_COUNT, "N", "characters to write, at most; default 500", &s.count, 1, 1e12 },
        { "temperature", 't', OPTION_POSITIVE, "X", "below 1 bolder in what is probable, above 1 wilder; default 0.8",
          &s.how.temperature, 0, 100 },
        { "top-k", 0, OPTION_COUNT, "N", "draw from the N most probable characters; 1: always the first", &s.how.top_k,
          1, 1e7 },
        { "top-p", 0, OPTION_POSITIVE, "P", "draw from the fewest characters that together have this probability",
          &s.how.top_p, 0, 1 },
        { "prime", 'p', OPTION_TEXT, "TEXT", "what the text begins with", &s.prime, 0, 0 },
        { "stop", 0, OPTION_TEXT, "TEXT", "end when this has been written", &s.stop, 0, 0 },
        { "seed", 0, OPTION_SEED, "N", "of the draws; default 42", &s.how.seed, 0, 0 },
    };
    const options line = {
        .command = "generate",
        .usage = "generate MODEL [OPTIONS]",
        .about = "Writes text with a model of 'eddy train text' to the standard output, as it is drawn. One seed gives "
                 "one text.",
        .examples = "  eddy generate text/model.safetensors --prime \"ROMEO:\" -n 1000\n"
                    "  eddy generate names.safetensors --stop . --temperature 1 --seed 7\n",
        .rows = rows,
        .count = sizeof rows / sizeof *rows,
        .least = 1,
        .most = 1,
    };
    int first, status = options_parse(&line, argc, argv, &first);
    if (status != OPTIONS_GO_ON)
        return status;
    eddy_status trouble = { 0 };
    text_model *m = text_open(options_input(argv[first]), &trouble);
    if (!m || !begin(m, &s, &trouble)) {
        text_free(m);
        return command_wrong("generate", "%s", trouble.text);
    }
    bool ok = write_text(m, &s, &trouble);
    text_free(m);
    return ok ? COMMAND_DONE : command_failed("generate", "%s", trouble.text);
}
