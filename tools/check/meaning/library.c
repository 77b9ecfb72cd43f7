/* The library's own cells as definitions: the equations that nn/ documents, under the document's names, and a
 * comparison with what the library computes. */
#include "reader.h"
#include "world.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* N0, N1, ...: the names; P0, ...: the parameters; X the input. "N0@t-1" is N0 at step t - 1. */
static const struct cell {
    const char *name;
    int names, parameters, without_bias;
    const char *names_by_default, *parameters_by_default;
    const char *const *equation;
} cells[] = {
    { "lstm", 6, 8, 4, "f i \\tilde{C} o C h", "W_f b_f W_i b_i W_C b_C W_o b_o",
      (const char *const[]){ "N0@t = \\sigma(P0 [N5@{t-1}, X@t] + P1)", "N1@t = \\sigma(P2 [N5@{t-1}, X@t] + P3)",
                             "N2@t = \\tanh(P4 [N5@{t-1}, X@t] + P5)", "N4@t = N0@t \\odot N4@{t-1} + N1@t \\odot N2@t",
                             "N3@t = \\sigma(P6 [N5@{t-1}, X@t] + P7)", "N5@t = N3@t \\odot \\tanh(N4@t)", NULL } },
    { "gru-reset-before", 4, 6, 3, "z r \\tilde{h} h", "W_z b_z W_r b_r W b",
      (const char *const[]){ "N0@t = \\sigma(P0 [N3@{t-1}, X@t] + P1)", "N1@t = \\sigma(P2 [N3@{t-1}, X@t] + P3)",
                             "N2@t = \\tanh(P4 [N1@t \\odot N3@{t-1}, X@t] + P5)",
                             "N3@t = (1 - N0@t) \\odot N3@{t-1} + N0@t \\odot N2@t", NULL } },
    { "gru", 4, 12, 6, "r z n h", "W_{ir} b_{ir} W_{hr} b_{hr} W_{iz} b_{iz} W_{hz} b_{hz} W_{in} b_{in} W_{hn} b_{hn}",
      (const char *const[]){ "N0@t = \\sigma(P0 X@t + P1 + P2 N3@{t-1} + P3)",
                             "N1@t = \\sigma(P4 X@t + P5 + P6 N3@{t-1} + P7)",
                             "N2@t = \\tanh(P8 X@t + P9 + N0@t \\odot (P10 N3@{t-1} + P11))",
                             "N3@t = (1 - N1@t) \\odot N2@t + N1@t \\odot N3@{t-1}", NULL } },
    { "attention", 2, 3, 3, "\\alpha c", "W_h W_s v",
      (const char *const[]){ "N0@t = \\mathrm{softmax}_t(P2^\\top \\tanh(P0 h@t + P1 s))",
                             "N1 = \\sum_{t=1}^{T} N0@t h@t", NULL } },
    { "bilstm", 3, 0, 0, "\\overrightarrow{h} \\overleftarrow{h} h", "",
      (const char *const[]){
          "\\overrightarrow{f}_t = \\sigma(\\overrightarrow{W}_f [N0@{t-1}, X@t] + \\overrightarrow{b}_f)",
          "\\overrightarrow{i}_t = \\sigma(\\overrightarrow{W}_i [N0@{t-1}, X@t] + \\overrightarrow{b}_i)",
          "\\overrightarrow{o}_t = \\sigma(\\overrightarrow{W}_o [N0@{t-1}, X@t] + \\overrightarrow{b}_o)",
          "\\overrightarrow{C}_t = \\overrightarrow{f}_t \\odot \\overrightarrow{C}_{t-1} + \\overrightarrow{i}_t "
          "\\odot "
          "\\tanh(\\overrightarrow{W}_C [N0@{t-1}, X@t] + "
          "\\overrightarrow{b}_C)",
          "N0@t = \\overrightarrow{o}_t \\odot \\tanh(\\overrightarrow{C}_t)",
          "\\overleftarrow{f}_t = \\sigma(\\overleftarrow{W}_f [N1@{t+1}, X@t] + \\overleftarrow{b}_f)",
          "\\overleftarrow{i}_t = \\sigma(\\overleftarrow{W}_i [N1@{t+1}, X@t] + \\overleftarrow{b}_i)",
          "\\overleftarrow{o}_t = \\sigma(\\overleftarrow{W}_o [N1@{t+1}, X@t] + \\overleftarrow{b}_o)",
          "\\overleftarrow{C}_t = \\overleftarrow{f}_t \\odot \\overleftarrow{C}_{t+1} + \\overleftarrow{i}_t \\odot "
          "\\tanh(\\overleftarrow{W}_C [N1@{t+1}, X@t] + "
          "\\overleftarrow{b}_C)",
          "N1@t = \\overleftarrow{o}_t \\odot \\tanh(\\overleftarrow{C}_t)", "N2@t = [N0@t, N1@t]", NULL } },
};

/* A name with one more index, in LaTeX: f, t-1 -> f_{t-1}; W_f, t -> W_{f,t}. */
static const char *indexed(arena *a, const char *name, const char *index, size_t length)
{
    latex_result r = latex_read(a, name, strlen(name));
    const tree *t = r.count == 1 ? r.formula[0]->child[0] : NULL;
    if (!t || t->kind != TREE_SYMBOL || !t->count)
        return arena_format(a, "%s_{%.*s}", name, (int)length, index);
    tree bare = *t;
    bare.count = 0;
    text parts = { .arena = a };
    for (int i = 0; i < t->count; i++) {
        latex_write(&parts, t->child[i], LATEX_SOURCE);
        text_add(&parts, ",");
    }
    return arena_format(a, "%s_{%s%.*s}", latex_text(a, &bare, LATEX_SOURCE), text_done(&parts), (int)length, index);
}

static const char *filled(scope *s, const char *pattern, bool biases)
{
    text out = { .arena = s->arena };
    const char *name = NULL;
    for (const char *p = pattern; *p; p++) {
        bool slot = (*p == 'N' || *p == 'P') && p[1] >= '0' && p[1] <= '9';
        if (slot || (*p == 'X' && p[1] == '@') || (*p == 'h' && p[1] == '@')) {
            char kind = *p;
            int number = 0;
            while (slot && p[1] >= '0' && p[1] <= '9')
                number = 10 * number + *++p - '0';
            if (kind == 'P' &&
                !biases) { /* of 2 k parameters, the even ones are weights: "... + P1)" falls away with its plus */
                if (number % 2) {
                    while (out.length && out.start[out.length - 1] != '+')
                        out.length--;
                    out.length -= out.length > 0;
                    continue;
                }
                number /= 2;
            }
            name = kind == 'N'   ? s->library_name[number]
                   : kind == 'P' ? s->library_from[number]
                   : kind == 'X' ? s->library_input
                                 : "h";
            if (p[1] != '@') {
                text_add(&out, name);
                continue;
            }
            p += 2;
            size_t length = 1;
            if (*p == '{') {
                p++;
                length = strcspn(p, "}");
            }
            text_add(&out, indexed(s->arena, name, p, length));
            p += length > 1 ? length : 0;
            continue;
        }
        text_add_n(&out, p, 1);
    }
    return text_done(&out);
}

static int words(arena *a, const char *list, const char **out)
{
    int count = 0;
    while (*list && count < 16) {
        size_t n = strcspn(list, " ");
        out[count++] = arena_text(a, list, n);
        list += n + (list[n] == ' ');
    }
    return count;
}

/* Both directions of a bidirectional LSTM have H units, though no formula says so. */
static bool same_width(scope *s, fault *f)
{
    if (!scope_size(s, "H") && s->sizes < (int)(sizeof s->size / sizeof *s->size))
        s->size[s->sizes++] = (size_name){ .letter = "H" };
    latex_result width = latex_read(s->arena, "H", 1);
    for (int i = 0; i < 2; i++) {
        latex_result name = latex_read(s->arena, s->library_name[i], strlen(s->library_name[i]));
        quantity *q = name.count == 1 ? scope_quantity(s, name.formula[0]->child[0], NULL) : NULL;
        if (!q || width.count != 1)
            return fault_set(f, FAULT_TOO_BIG, "memory is short");
        q->shaped = true;
        q->rank = 1;
        q->dim[0] = width.formula[0]->child[0];
    }
    return true;
}

static const struct cell *cell_named(const char *name)
{
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        if (!strcmp(cells[i].name, name))
            return &cells[i];
    return NULL;
}

/* The cell that a line means. Version 0.1 called the GRU with the reset before the product "gru", and the other one
 * "gru-reset-after": documents that show by names or parameters that they were written then keep their meaning. */
static const struct cell *cell_meant(scope *s, const setup_statement *st)
{
    if (!strcmp(st->words, "gru-reset-after"))
        return cell_named("gru");
    bool z_first = st->count && !strcmp(latex_text(s->arena, st->list[0], LATEX_SOURCE), "z");
    if (!strcmp(st->words, "gru") && (z_first || st->froms == 3))
        return cell_named("gru-reset-before");
    return cell_named(st->words);
}

static bool define_cell(scope *s, const setup_statement *st, fault *f)
{
    const struct cell *cell = cell_meant(s, st);
    if (!cell)
        return fault_set(f, FAULT_NOT_READ,
                         "the library has no \"%s\"; there are lstm, gru, gru-reset-before, bilstm and attention",
                         st->words);
    s->library = cell->name;
    s->library_input = st->symbol ? latex_text(s->arena, st->symbol, LATEX_SOURCE) : "x";
    s->library_names = words(s->arena, cell->names_by_default, s->library_name);
    s->library_froms = words(s->arena, cell->parameters_by_default, s->library_from);
    if (st->count && st->count != cell->names)
        return fault_set(f, FAULT_NOT_READ, "library %s has %d names (%s), not %d", cell->name, cell->names,
                         cell->names_by_default, st->count);
    for (int i = 0; i < st->count; i++)
        s->library_name[i] = latex_text(s->arena, st->list[i], LATEX_SOURCE);
    bool biases = true;
    if (st->froms) {
        if (st->froms != cell->parameters && st->froms != cell->without_bias)
            return fault_set(f, FAULT_NOT_READ, "library %s has %d parameters (%s)%s, not %d", cell->name,
                             cell->parameters, cell->parameters_by_default,
                             cell->without_bias != cell->parameters ? ", or its weights alone" : "", st->froms);
        biases = st->froms == cell->parameters;
        s->library_froms = st->froms;
        for (int i = 0; i < st->froms; i++)
            s->library_from[i] = latex_text(s->arena, st->from[i], LATEX_SOURCE);
    }
    if (!strcmp(cell->name, "attention"))
        biases = true;
    for (int pass = 0; pass < 2; pass++) /* names with time must be known before they are defined */
        for (int i = 0; cell->equation[i]; i++) {
            const char *source = filled(s, cell->equation[i], biases);
            latex_result r = latex_read(s->arena, source, strlen(source));
            if (r.sentence || r.count != 1)
                return fault_set(f, FAULT_NOT_READ, "the library's equation %s could not be read: %s", source,
                                 r.sentence ? r.sentence : "");
            const tree *relation = r.formula[0]->child[0];
            if (!pass) {
                scope_survey(s, r.formula[0]);
                continue;
            }
            if (!scope_define(s, r.formula[0], relation->child[0], relation->child[1], f))
                return fault_set(f, FAULT_NOT_READ, "$%s$ of library %s is defined already",
                                 latex_text(s->arena, relation->child[0], LATEX_SOURCE), cell->name);
            symbol_use use;
            if (scope_symbol(s, relation->child[0], NULL, &use) && use.quantity) {
                use.quantity->library = true;
                use.quantity->backward = strstr(cell->equation[i], "overleftarrow") ||
                                         (strstr(cell->equation[i], "N1@t =") && !strcmp(cell->name, "bilstm"));
            }
        }
    for (int i = 0; i < s->library_froms; i++) { /* known from here on: what is said of their shapes is a claim */
        latex_result name = latex_read(s->arena, s->library_from[i], strlen(s->library_from[i]));
        quantity *q = name.count == 1 ? scope_quantity(s, name.formula[0]->child[0], NULL) : NULL;
        if (q)
            q->drawn = true;
    }
    return strcmp(cell->name, "bilstm") || same_width(s, f);
}

bool scope_library(scope *s, const setup_statement *st, fault *f)
{
    if (s->library)
        return fault_set(f, FAULT_NOT_READ, "a scene has one library line, and this is the second");
    bool defined = define_cell(s, st, f);
    if (!defined)
        s->library = NULL; /* nothing to run */
    return defined;
}
