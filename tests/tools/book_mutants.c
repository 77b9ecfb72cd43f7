/* Would the checker notice a slip of the pen? Every formula of the given documents is changed in one token at a time,
 * and the changed document is checked.
 *
 *   book-mutants [--all | --sample N] [--verbose] FILES...
 *
 * A mutant is caught when the set of findings that are not as they should be is another one than the document's own.
 * One that is not caught and that, put beside the formula it was made from, holds as a claim, says nothing false: it is
 * counted apart, and so is a changed definition of a name that nothing else in the scene reads. What remains has
 * survived. Exit status: 0 when at least 95 of 100 that matter are caught, 1 when not, 2 when a file cannot be used. */
#include "book_mutations.h"
#include "judge.h"
#include "reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SAMPLE = 300, ENOUGH = 95, MEMORY = 2000 /* MiB for one check */ };

typedef enum fate { CAUGHT, STILL_TRUE, UNUSED, SURVIVED, FATES } fate;

typedef struct scene {
    const document *document;
    int from, to;
    const char **unmet; /* ids, of the scene as it stands */
    int unmets;
    struct scene *next;
} scene;

typedef struct mutant {
    const scene *scene;
    int item, file;
    mutation change;
    struct mutant *next;
} mutant;

typedef struct collection {
    arena keep;
    const char **file;
    int files;
    bool verbose;
    mutant *first, **end;
    int64_t count, *same, *unreadable; /* by file */
} collection;

/* ---- Checking a scene with one formula in place of another, or beside it ---- */

static findings *check_scene(arena *a, const scene *s, int item, const char *source, bool beside,
                             const document_item **added)
{
    int count = s->to - s->from;
    document_item *items = ARENA_ARRAY(a, document_item, count + 1);
    document *d = ARENA_NEW(a, document);
    int n = 0;
    if (!items || !d)
        return NULL;
    for (int i = 0; i < count; i++) {
        items[n++] = s->document->item[s->from + i];
        if (s->from + i != item || !source)
            continue;
        if (beside) {
            items[n] = items[n - 1];
            items[n].id = "the mutant";
            n++;
        }
        items[n - 1].source = source;
        if (added)
            *added = &items[n - 1];
    }
    *d = (document){ .name = s->document->name, .item = items, .count = n };
    return check_document(a, d, &(check_options){ .quick = true });
}

static bool contains(const char **ids, int count, const char *id)
{
    for (int i = 0; i < count; i++)
        if (!strcmp(ids[i], id))
            return true;
    return false;
}

static int unmet_ids(arena *a, const findings *f, const char ***ids)
{
    int n = 0;
    *ids = ARENA_ARRAY(a, const char *, f->count + 1);
    for (int i = 0; i < f->count && *ids; i++)
        if (!f->finding[i].met)
            (*ids)[n++] = arena_text(a, f->finding[i].id, strlen(f->finding[i].id));
    return n;
}

/* ---- Collecting ---- */

static bool mentions(const tree *t, const tree *symbol)
{
    if (t->kind == TREE_SYMBOL && !strcmp(t->name, symbol->name) &&
        !strcmp(t->accents ? t->accents : "", symbol->accents ? symbol->accents : ""))
        return true;
    for (int i = 0; i < t->count; i++)
        if (mentions(t->child[i], symbol))
            return true;
    return false;
}

/* Does another formula of the scene, or its setup, speak of what this one defines? A name is looked for without its
 * labels: rather too often than too seldom. */
static bool used_elsewhere(arena *a, const mutant *m)
{
    const document_item *item = m->scene->document->item;
    latex_result mine = latex_read(a, item[m->item].source, strlen(item[m->item].source));
    for (int k = 0; k < mine.count; k++) {
        const tree *left = mine.formula[k]->child[0];
        left = left->kind == TREE_RELATION ? left->child[0] : left;
        if (left->kind != TREE_SYMBOL)
            return true;
        for (int j = 0; j < mine.count; j++)
            if (j != k && mentions(mine.formula[j], left))
                return true;
        for (int i = m->scene->from; i < m->scene->to; i++) {
            if (i == m->item)
                continue;
            if (item[i].kind == DOCUMENT_SETUP) {
                setup s = setup_read(a, item[i].source, item[i].line);
                for (int n = 0; n < s.count; n++) {
                    for (int q = 0; q < s.statement[n].count; q++)
                        if (s.statement[n].list && s.statement[n].list[q] && mentions(s.statement[n].list[q], left))
                            return true;
                    if (s.statement[n].value && mentions(s.statement[n].value, left))
                        return true;
                }
                continue;
            }
            latex_result other = latex_read(a, item[i].source, strlen(item[i].source));
            for (int n = 0; n < other.count; n++)
                if (mentions(other.formula[n], left))
                    return true;
        }
    }
    return false;
}

static bool same_formulas(const latex_result *a, const latex_result *b)
{
    bool same = a->count == b->count;
    for (int i = 0; same && i < a->count; i++)
        same = tree_equal(a->formula[i], b->formula[i]);
    return same;
}

static void read_names(vocabulary *v, arena *a, const scene *s)
{
    for (int pass = 0; pass < 2; pass++)
        for (int i = s->from; i < s->to; i++) {
            const document_item *item = &s->document->item[i];
            if (item->kind == DOCUMENT_SETUP) {
                setup lines = setup_read(a, item->source, item->line);
                for (int n = 0; n < lines.count && !pass; n++)
                    if (lines.statement[n].kind == SETUP_INDEX)
                        vocabulary_index(v, lines.statement[n].words);
                continue;
            }
            latex_result r = latex_read(a, item->source, strlen(item->source));
            for (int n = 0; n < r.count; n++)
                if (pass)
                    vocabulary_names(v, item->source, r.formula[n]);
                else
                    vocabulary_letters(v, r.formula[n]);
        }
}

static bool collect_scene(collection *c, const scene *s, int file)
{
    arena work, reading;
    vocabulary v;
    arena_start(&work, (size_t)1 << 30);
    arena_start(&reading, (size_t)1 << 30);
    vocabulary_start(&v, &work);
    read_names(&v, &work, s);
    for (int i = s->from; i < s->to; i++) {
        const document_item *item = &s->document->item[i];
        if (item->kind != DOCUMENT_FORMULA || !item->display || (item->expect && strcmp(item->expect, "holds")))
            continue;
        latex_result read = latex_read(&work, item->source, strlen(item->source));
        mutations made = read.sentence ? (mutations){ 0 } : mutations_of(&v, item->source, &read);
        for (int k = 0; k < made.count; k++) {
            arena_position before = arena_now(&reading);
            latex_result changed = latex_read(&reading, made.at[k].source, strlen(made.at[k].source));
            bool same = !changed.sentence && same_formulas(&read, &changed);
            c->unreadable[file] += changed.sentence != NULL;
            c->same[file] += same;
            if (c->verbose && changed.sentence)
                printf("unreadable: %s: %s\n    %s\n", made.at[k].what, changed.sentence, made.at[k].source);
            if (!changed.sentence && !same) {
                mutant *m = ARENA_NEW(&c->keep, mutant);
                if (m) {
                    *m = (mutant){ .scene = s,
                                   .item = i,
                                   .file = file,
                                   .change = { arena_text(&c->keep, made.at[k].source, strlen(made.at[k].source)),
                                               arena_text(&c->keep, made.at[k].what, strlen(made.at[k].what)) } };
                    *c->end = m;
                    c->end = &m->next;
                    c->count++;
                }
            }
            arena_reset(&reading, before);
        }
    }
    bool fine = !work.failed && !reading.failed && !c->keep.failed;
    arena_free(&reading);
    arena_free(&work);
    return fine;
}

static bool collect_file(collection *c, int file)
{
    FILE *in = fopen(c->file[file], "rb");
    size_t most = 1 << 22, length = 0;
    char *bytes = in ? arena_new(&c->keep, most, 1) : NULL;
    if (bytes)
        length = fread(bytes, 1, most, in);
    if (in)
        fclose(in);
    document *d = ARENA_NEW(&c->keep, document);
    if (!bytes || !d || length == most) {
        fprintf(stderr, "book-mutants: %s cannot be read.\n", c->file[file]);
        return false;
    }
    *d = document_read(&c->keep, c->file[file], DOCUMENT_MARKDOWN, bytes, length);
    if (d->sentence) {
        fprintf(stderr, "book-mutants: %s: %s\n", c->file[file], d->sentence);
        return false;
    }
    for (int from = 0, to; from < d->count; from = to) {
        for (to = from + 1; to < d->count; to++) {
            if (d->item[to].kind != DOCUMENT_SETUP)
                continue;
            setup lines = setup_read(&c->keep, d->item[to].source, d->item[to].line);
            if (lines.count && lines.statement[0].kind == SETUP_SCENE)
                break;
        }
        scene *s = ARENA_NEW(&c->keep, scene);
        arena work;
        arena_start(&work, (size_t)MEMORY << 20);
        if (s)
            *s = (scene){ .document = d, .from = from, .to = to };
        findings *f = s ? check_scene(&work, s, -1, NULL, false, NULL) : NULL;
        if (f)
            s->unmets = unmet_ids(&c->keep, f, &s->unmet);
        bool fine = f && collect_scene(c, s, file);
        arena_free(&work);
        if (!fine) {
            fprintf(stderr, "book-mutants: %s: not enough memory.\n", c->file[file]);
            return false;
        }
    }
    return true;
}

/* ---- Judging ---- */

static fate judge(const mutant *m)
{
    arena a;
    fate result = CAUGHT;
    arena_start(&a, (size_t)MEMORY << 20);
    const document_item *added = NULL;
    findings *f = check_scene(&a, m->scene, m->item, m->change.source, false, &added);
    const char **unmet = NULL;
    int unmets = f ? unmet_ids(&a, f, &unmet) : 0;
    bool other = !f || unmets != m->scene->unmets;
    for (int i = 0; i < unmets && !other; i++)
        other = !contains(m->scene->unmet, m->scene->unmets, unmet[i]);
    if (!other) {
        findings *beside = check_scene(&a, m->scene, m->item, m->change.source, true, &added);
        bool holds = beside != NULL;
        int claims = 0;
        for (int i = 0; holds && i < beside->count; i++)
            if (beside->finding[i].item == added) {
                holds = beside->finding[i].verdict == CHECK_HOLDS || beside->finding[i].verdict == CHECK_DECLARES;
                claims++;
            }
        result = holds && claims ? STILL_TRUE : used_elsewhere(&a, m) ? SURVIVED : UNUSED;
    }
    arena_free(&a);
    return result;
}

static double seconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void print_row(const char *name, const int64_t tally[FATES], int64_t same, int64_t unreadable)
{
    int64_t matter = tally[CAUGHT] + tally[SURVIVED];
    printf("%-34s %7lld %7lld %7lld %7lld %7lld %7lld %7lld  %5.1f%%\n", name,
           (long long)(matter + tally[STILL_TRUE] + tally[UNUSED]), (long long)same, (long long)unreadable,
           (long long)tally[STILL_TRUE], (long long)tally[UNUSED], (long long)tally[CAUGHT], (long long)tally[SURVIVED],
           matter ? 100.0 * (double)tally[CAUGHT] / (double)matter : 100.0);
}

static int run(const collection *c, int64_t sample)
{
    static const char *const words[] = { "caught", "still true", "unused", "SURVIVED" };
    int64_t(*tally)[FATES] = calloc((size_t)c->files + 1, sizeof *tally);
    int64_t n = 0, same = 0, unreadable = 0;
    double began = seconds_now();
    if (!tally)
        return 2;
    for (const mutant *m = c->first; m; m = m->next, n++) {
        if (sample < c->count && (n + 1) * sample / c->count == n * sample / c->count) /* evenly spread */
            continue;
        fate result = judge(m);
        tally[m->file][result]++;
        tally[c->files][result]++;
        if (result == SURVIVED || c->verbose) {
            printf("%s: %s: %s: %s\n", words[result], c->file[m->file], m->scene->document->item[m->item].id,
                   m->change.what);
            if (c->verbose)
                printf("    %s\n", m->change.source);
            fflush(stdout);
        }
    }
    printf("%-34s %7s %7s %7s %7s %7s %7s %7s\n", "document", "mutants", "(same)", "(unread)", "true", "unused",
           "caught", "survive");
    for (int i = 0; i < c->files; i++) {
        const char *slash = strrchr(c->file[i], '/');
        print_row(slash ? slash + 1 : c->file[i], tally[i], c->same[i], c->unreadable[i]);
        same += c->same[i];
        unreadable += c->unreadable[i];
    }
    print_row("all", tally[c->files], same, unreadable);
    int64_t caught = tally[c->files][CAUGHT], survived = tally[c->files][SURVIVED];
    printf("%lld mutants, %.0f s\n", (long long)c->count, seconds_now() - began);
    free(tally);
    return 100 * caught >= ENOUGH * (caught + survived) ? 0 : 1;
}

int main(int argc, char **argv)
{
    int64_t sample = SAMPLE;
    collection c = { .end = &c.first };
    int first = 1;
    for (; first < argc && argv[first][0] == '-'; first++) {
        if (!strcmp(argv[first], "--all"))
            sample = INT64_MAX;
        else if (!strcmp(argv[first], "--verbose"))
            c.verbose = true;
        else if (!strcmp(argv[first], "--sample") && first + 1 < argc)
            sample = strtoll(argv[++first], NULL, 10);
        else
            first = argc;
    }
    if (first >= argc || sample < 1) {
        fprintf(stderr, "usage: book-mutants [--all | --sample N] [--verbose] FILES...\n");
        return 2;
    }
    arena_start(&c.keep, (size_t)1 << 30);
    c.file = (const char **)argv + first;
    c.files = argc - first;
    c.same = ARENA_ARRAY(&c.keep, int64_t, c.files);
    c.unreadable = ARENA_ARRAY(&c.keep, int64_t, c.files);
    int result = c.same && c.unreadable ? 0 : 2;
    for (int i = 0; i < c.files && !result; i++)
        result = collect_file(&c, i) ? 0 : 2;
    if (!result)
        result = run(&c, sample);
    arena_free(&c.keep);
    return result;
}
