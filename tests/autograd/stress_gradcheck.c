/* The gradient checker under stress: random losses with right gradients, of which none may be accused, and with wrong
 * ones, of which none may agree. Prints every bad case with its seed; `--right 1 --seed SEED` or `--wrong 1 --seed
 * SEED` replays it. */
#include "stress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
    long right, wrong, order, seed, verbose;
    double unresolved; /* the share of right ones that may stay open */
} options = { .order = 1, .seed = 1, .unresolved = 1 };

typedef struct counts {
    long asked, useless, by_verdict[EDDY_NOT_CHECKED + 1];
} counts;

static void print_case(const stress *s, const char *what, uint64_t seed, const char *how, const char *message)
{
    printf("%s --seed %llu: %s; ", what, (unsigned long long)seed, how);
    for (int i = 0; i < s->terms; i++)
        printf("%s%s", i ? " + " : "", s->family[i]);
    printf("\n    %s\n", message);
    fflush(stdout);
}

static bool is_bad(bool wrong, eddy_verdict verdict)
{
    return wrong ? verdict == EDDY_AGREE || verdict == EDDY_NOT_CHECKED : verdict == EDDY_DISAGREE;
}

/* One right or wrong gradient; false if the draw was useless. */
static bool ask(bool wrong, uint64_t seed, counts *n)
{
    stress s;
    eddy_gradcheck_report report = { .verdict = EDDY_NOT_CHECKED };
    const char *how = "the tape's own";
    const char *what = wrong ? "--wrong 1" : "--right 1";
    eddy_gradcheck_options check = { .order = (int)options.order, .seed = seed + 1, .context = &s };
    bool drawn = stress_draw(&s, seed, wrong), done = false;
    bool by_tape = options.order > 1 || stress_below(3) == 0;
    if (drawn && by_tape) {
        drawn = !wrong || stress_spoil_tape(&s, (int)options.order, &how);
        done = drawn && eddy_gradcheck(s.loss, s.wrt, &check, &report);
    } else if (drawn) {
        drawn = wrong ? stress_claim_wrong(&s, &how) : stress_claim_right(&s, &how);
        done = drawn && eddy_gradcheck_claim(s.loss, s.wrt, stress_claim, &check, &report);
    }
    if (drawn && !done)
        print_case(&s, what, seed, how, eddy_error(s.tape) ? eddy_error(s.tape) : "failed");
    if (done) {
        n->asked++;
        n->by_verdict[report.verdict]++;
        if (is_bad(wrong, report.verdict) || (options.verbose && report.verdict == EDDY_UNRESOLVED) ||
            options.verbose > 1)
            print_case(&s, what, seed, how, report.message);
        for (int64_t i = 0; options.verbose > 2 && i < report.count; i++) {
            const eddy_gradcheck_element *e = &report.elements[i];
            printf("    leaf %d, element %lld, order %d: %s, claimed %.17g, by the tape %.17g, numerically %.17g +- "
                   "%.2g\n",
                   e->leaf, (long long)e->index, e->order, eddy_verdict_name(e->verdict), e->claimed, e->by_tape,
                   e->numerical, e->uncertainty);
        }
    }
    eddy_gradcheck_free(&report);
    stress_free(&s);
    return drawn;
}

static counts ask_all(bool wrong, long count)
{
    counts n = { 0 };
    uint64_t seed = (uint64_t)options.seed;
    for (; n.asked < count && n.useless <= 4 * count + 100; seed++)
        if (!ask(wrong, seed, &n))
            n.useless++;
    return n;
}

static bool read_option(const char *name, const char *value)
{
    const struct {
        const char *name;
        long *at;
    } all[] = { { "--right", &options.right },
                { "--wrong", &options.wrong },
                { "--order", &options.order },
                { "--seed", &options.seed },
                { "--verbose", &options.verbose } };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!strcmp(name, all[i].name)) {
            char *end;
            *all[i].at = strtol(value, &end, 10);
            return !*end && *all[i].at >= 0;
        }
    return false;
}

int main(int argc, char **argv)
{
    bool read = argc > 1 && argc % 2 == 1;
    for (int i = 1; read && i < argc; i += 2)
        read = read_option(argv[i], argv[i + 1]);
    if (!read || options.order < 1 || options.order > 2) {
        fprintf(stderr, "usage: stress-gradcheck --right N --wrong N --order 1|2 --seed S --verbose 0|1|2|3\n");
        return 2;
    }
    counts right = ask_all(false, options.right), wrong = ask_all(true, options.wrong);
    printf("order %ld, %ld right gradients: %ld accused, %ld unresolved, %ld agree\n", options.order, right.asked,
           right.by_verdict[EDDY_DISAGREE], right.by_verdict[EDDY_UNRESOLVED], right.by_verdict[EDDY_AGREE]);
    printf("order %ld, %ld wrong gradients: %ld caught (%.2f%%), %ld unresolved, %ld missed\n", options.order,
           wrong.asked, wrong.by_verdict[EDDY_DISAGREE],
           wrong.asked ? 100.0 * (double)wrong.by_verdict[EDDY_DISAGREE] / (double)wrong.asked : 100.0,
           wrong.by_verdict[EDDY_UNRESOLVED], wrong.by_verdict[EDDY_AGREE] + wrong.by_verdict[EDDY_NOT_CHECKED]);
    bool enough = right.asked == options.right && wrong.asked == options.wrong;
    bool good = !right.by_verdict[EDDY_DISAGREE] && !wrong.by_verdict[EDDY_AGREE] &&
                !wrong.by_verdict[EDDY_NOT_CHECKED] && wrong.by_verdict[EDDY_UNRESOLVED] * 200 <= wrong.asked;
    if (!enough)
        printf("too few useful draws\n");
    return good && enough ? 0 : 1;
}
