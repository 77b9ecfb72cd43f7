/* Functions by name, their derivatives with a prime, softmax over an index, sigma'(.). */
#include "scope_internal.h"
#include "world.h"

#include <string.h>

static eddy_var map_cosh(eddy_var x)
{
    return eddy_mul_scalar(eddy_add(eddy_exp(x), eddy_exp(eddy_neg(x))), 0.5);
}

static eddy_var map_sinh(eddy_var x)
{
    return eddy_mul_scalar(eddy_sub(eddy_exp(x), eddy_exp(eddy_neg(x))), 0.5);
}

static eddy_var map_sech(eddy_var x)
{
    return eddy_pow_scalar(map_cosh(x), -1);
}

static eddy_var map_coth(eddy_var x)
{
    return eddy_div(map_cosh(x), map_sinh(x));
}

static eddy_var map_tan(eddy_var x)
{
    return eddy_div(eddy_sin(x), eddy_cos(x));
}

static const struct function {
    const char *name;
    eddy_var (*map)(eddy_var);
} functions[] = {
    { "\\sigma", eddy_sigmoid }, { "sigmoid", eddy_sigmoid }, { "\\tanh", eddy_tanh },       { "tanh", eddy_tanh },
    { "\\exp", eddy_exp },       { "exp", eddy_exp },         { "\\log", eddy_log },         { "log", eddy_log },
    { "\\ln", eddy_log },        { "ln", eddy_log },          { "\\sqrt", eddy_sqrt },       { "sqrt", eddy_sqrt },
    { "\\sin", eddy_sin },       { "\\cos", eddy_cos },       { "sign", eddy_sign },         { "sgn", eddy_sign },
    { "ReLU", eddy_relu },       { "relu", eddy_relu },       { "softplus", eddy_softplus }, { "\\sinh", map_sinh },
    { "\\cosh", map_cosh },      { "\\sech", map_sech },      { "\\tan", map_tan },          { "\\coth", map_coth },
    { "abs", eddy_abs },
};

/* Other languages and programs call them so. */
static const char *const same[][2] = { { "th", "tanh" },        { "tgh", "tanh" },     { "tansig", "tanh" },
                                       { "sh", "\\sinh" },      { "ch", "\\cosh" },    { "tg", "\\tan" },
                                       { "sigm", "sigmoid" },   { "sgm", "sigmoid" },  { "logistic", "sigmoid" },
                                       { "logsig", "sigmoid" }, { "expit", "sigmoid" } };

static const struct function *find(const char *name)
{
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        if (!strcmp(same[i][0], name))
            name = same[i][1];
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (!strcmp(functions[i].name, name))
            return &functions[i];
    return NULL;
}

static value primed(const struct function *f, value x, int primes)
{
    eddy_var at = eddy_add_scalar(x.var, 0), y = f->map(at);
    for (int i = 0; i < primes; i++) {
        eddy_list g = eddy_gradients(eddy_sum(y), EDDY_LIST(at));
        y = g.count == 1 ? g.items[0] : (eddy_var){ 0 };
    }
    x.var = y;
    x.covector = x.pending = false;
    return x;
}

static value extreme(evaluation *e, const tree *call, const value *argument, int count, bool max)
{
    algebra *a = &e->world->algebra;
    value v = argument[0];
    if (count == 1) { /* of a vector: its largest element, sample by sample */
        if (v.rank != 1) {
            fault_set(meaning_fault(e), FAULT_NOT_READ, "%s of one argument needs a vector", call->name);
            return value_none();
        }
        v.var = max ? eddy_amax(v.var, EDDY_SHAPE(-1), false) : eddy_amin(v.var, EDDY_SHAPE(-1), false);
        return (value){ .var = v.var, .batched = v.batched };
    }
    for (int i = 1; i < count; i++) {
        value zero = value_add(a, v, value_negate(a, v)); /* both in the shape of their sum */
        value x = value_add(a, zero, argument[i]);
        v = value_add(a, v, value_add(a, x, value_negate(a, x)));
        if (!value_ok(v) || !value_ok(x))
            return value_none();
        v.var = max ? eddy_maximum(v.var, x.var) : eddy_minimum(v.var, x.var);
    }
    return v;
}

static value softmax_of(value x)
{
    if (x.rank == 0) { /* of a scalar: 1, whatever it is */
        x.var = eddy_squeeze(eddy_softmax(eddy_unsqueeze(x.var, -1), -1), -1);
        x.number = false;
        return x;
    }
    x.var = eddy_softmax(x.var, -1); /* of a matrix: of each row */
    x.covector = false;
    return x;
}

/* \mathrm{softmax}_t(e_t): over all t; then the element at the t that is bound here, or all of them. */
static value softmax_over(evaluation *e, const tree *call)
{
    world *w = e->world;
    const binding *outside = e->env, *bound = NULL;
    const char *letter = call->sub->name;
    value part[256];
    int64_t high = 0;
    bool batch = false;
    if (call->sub->kind != TREE_SYMBOL || call->sub->count) {
        fault_set(&w->fault, FAULT_NOT_READ, "the index of softmax must be one letter");
        return value_none();
    }
    scope_letter(w->scope, letter, e->env, &bound);
    if (!meaning_range(e, call->child[0], letter, &high, &batch))
        return value_none();
    if (high > 256 || batch) {
        fault_set(&w->fault, FAULT_TOO_BIG, "softmax over %lld terms is more than a check takes", (long long)high);
        return value_none();
    }
    for (int64_t i = 1; i <= high; i++) {
        binding index = { .letter = letter, .kind = LETTER_INDEX, .value = i, .outer = outside };
        e->env = &index;
        part[i - 1] = meaning_of(e, call->child[0]);
        e->env = outside;
        if (!value_ok(part[i - 1]))
            return value_none();
        if (part[i - 1].rank == 1 && i == 1) /* the argument is the whole vector: softmax_t(e) */
            return bound ? value_element(&w->algebra, softmax_of(part[0]), 0, bound->value - 1) : softmax_of(part[0]);
    }
    value all = softmax_of(value_concat(&w->algebra, part, (int)high, false));
    return bound && value_ok(all) ? value_element(&w->algebra, all, 0, bound->value - 1) : all;
}

value meaning_apply(evaluation *e, const tree *call, const value *argument, int count)
{
    algebra *a = &e->world->algebra;
    const struct function *f = find(call->name);
    value x = argument[0];
    if (f && count == 1) {
        if (!call->primes)
            return value_map(a, x, f->map);
        return primed(f, x, call->primes);
    }
    if (call->primes) {
        fault_set(meaning_fault(e), FAULT_NOT_READ,
                  "the derivative of %s is not known by a prime; write it as a derivative", call->name);
        return value_none();
    }
    if (!strcmp(call->name, "\\max") || !strcmp(call->name, "max"))
        return extreme(e, call, argument, count, true);
    if (!strcmp(call->name, "\\min") || !strcmp(call->name, "min"))
        return extreme(e, call, argument, count, false);
    if ((!strcmp(call->name, "argmax") || !strcmp(call->name, "argmin")) && count == 1 && x.rank == 1) {
        eddy_var at = eddy_argmax(call->name[4] == 'a' ? x.var : eddy_neg(x.var), -1, false);
        return value_taped(a, (value){ .var = eddy_add_scalar(eddy_cast(at, EDDY_F64), 1), .batched = x.batched });
    }
    if (!strcmp(call->name, "softmax") && count == 1)
        return softmax_of(x);
    if (!strcmp(call->name, "vec") && count == 1)
        return value_vec(a, x);
    if (!strcmp(call->name, "diag") && count == 1)
        return value_diag(a, x);
    if ((!strcmp(call->name, "tr") || !strcmp(call->name, "trace")) && count == 1)
        return value_sum_all(a, value_diag(a, x));
    if (!strcmp(call->name, "mean") && count == 1 && x.rank) {
        double n = (double)value_size(x, 0) * (x.rank == 2 ? (double)value_size(x, 1) : 1);
        return value_divide(a, value_sum_all(a, x), value_number(a, n));
    }
    if (!strcmp(call->name, "LSTM") || !strcmp(call->name, "GRU") || !strcmp(call->name, "RNN"))
        fault_set(meaning_fault(e), FAULT_NOT_READ,
                  "%s(...) hides its equations, its parameters and the state that it carries along: write them out",
                  call->name);
    else
        fault_set(meaning_fault(e), FAULT_NOT_READ,
                  count == 1 ? "the function \"%s\" of %d argument is not known: say what it is in the setup, as in "
                               "$\\mathrm{%s}(u) = \\tanh(u)$"
                             : "the function \"%s\" of %d arguments is not known",
                  call->name, count, call->name);
    return value_none();
}

bool meaning_is_operation(const char *name)
{
    static const char *const names[] = { "max", "min",   "argmax", "argmin",    "softmax", "vec",  "diag",
                                         "tr",  "trace", "mean",   "logsumexp", "prod",    "LSTM", "GRU",
                                         "RNN", "Diag",  "concat", "clip",      "one_hot" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(names[i], name))
            return true;
    return *name == '\\' || find(name);
}

bool meaning_is_function(const char *name)
{
    return find(name) != NULL;
}

value meaning_call(evaluation *e, const tree *call)
{
    value argument[16];
    if (call->count > 16 || call->count < 1) {
        fault_set(meaning_fault(e), FAULT_NOT_READ, "%s has %d arguments", call->name, call->count);
        return value_none();
    }
    if (call->sub && !strcmp(call->name, "softmax"))
        return softmax_over(e, call);
    if (call->sub && call->count == 1 && !strcmp(call->name, "\\sigma") && scope_plain(call->sub) &&
        (!strcmp(call->sub->name, "\\min") || !strcmp(call->sub->name, "\\max"))) {
        value x = meaning_of(e, call->child[0]);
        return call->sub->name[2] == 'a' ? value_spectral_norm(&e->world->algebra, x)
                                         : value_spectrum(&e->world->algebra, x, SPECTRUM_LEAST_SINGULAR);
    }
    if (call->sub) {
        fault_set(meaning_fault(e), FAULT_NOT_READ,
                  "$%s$ has a subscript, and nothing says which function it is: \"%s_{%s}(x) = ...\" would", call->name,
                  call->name, latex_text(e->world->arena, call->sub, LATEX_SOURCE));
        return value_none();
    }
    const quantity *named = scope_find(e->world->scope, call->name);
    if (named && (named->definitions || named->shaped) && call->count == 1 && !call->primes) {
        value factor = meaning_of(e, &(tree){ .kind = TREE_SYMBOL,
                                              .name = call->name,
                                              .accents = "",
                                              .style = "" }); /* sigma (x - mu): a quantity here */
        return value_ok(factor) ? value_product(&e->world->algebra, factor, meaning_of(e, call->child[0])) : factor;
    }
    if (call->count == 2 && !call->primes &&
        !strcmp(call->name, "prod")) { /* the chain rule's, in the order that fits */
        tree both = { .kind = TREE_MUL, .count = 2, .child = call->child, .accents = "", .style = "" };
        value v = meaning_of(e, &both);
        if (meaning_fault(e)->kind == FAULT_SHAPES) {
            tree *swapped[] = { call->child[1], call->child[0] };
            both.child = swapped;
            meaning_fault(e)->kind = FAULT_NONE;
            eddy_clear_error(e->world->tape);
            v = meaning_of(e, &both);
        }
        return v;
    }
    for (int i = 0; i < call->count; i++) {
        argument[i] = meaning_of(e, call->child[i]);
        if (!value_ok(argument[i]))
            return value_none();
    }
    return meaning_apply(e, call, argument, call->count);
}
