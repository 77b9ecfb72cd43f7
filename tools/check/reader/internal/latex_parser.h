/* Inside of the LaTeX reader: what its files share. latex.c reads rows, relations, sums and products; latex_factor.c
 * what stands between the operators of a product; latex_function.c functions and big operators; latex_derivative.c
 * fractions and derivatives; latex_cases.c notations for something simpler.
 *
 * An error leaves by longjmp, so that a rule can count on what the rules it uses return: all memory is the arena's,
 * there is nothing to undo. */
#ifndef EDDY_CHECK_LATEX_PARSER_H
#define EDDY_CHECK_LATEX_PARSER_H

#include "latex.h"
#include "latex_lexer.h"

#include <setjmp.h>

typedef struct parser {
    arena *arena;
    const char *source;
    token *token;          /* all of them */
    int next;              /* the one to read */
    int depth;             /* of factors in factors */
    int brackets;          /* open ones: \quad and \\ end nothing inside */
    char inner;            /* '|' or 'n' when the innermost bracket is |..| or \|..\| */
    bool ranges;           /* a:b may stand in the list that is read */
    bool colon;            /* ... in which a colon is a range's */
    bool subscript;        /* words are names here, never functions */
    const token *divider;  /* \| or || between the arguments of the innermost ( ) */
    const char *primed[8]; /* indices such as t' that are bound in this formula */
    int primes;
    jmp_buf stop;
    const char *sentence;
    int at;
} parser;

typedef struct tree_list {
    tree **item;
    int count, room;
} tree_list;

_Noreturn void parser_fail(parser *p, const token *at, const char *format, ...) __attribute__((format(printf, 3, 4)));
token *parser_next(parser *p);
token *parser_ahead(parser *p, int k);           /* the one after the next k, TOKEN_END beyond the end */
bool token_is(const token *t, const char *name); /* a TOKEN_COMMAND of that name */
bool parser_take(parser *p, const char *name);
void parser_expect(parser *p, const char *name, const token *opened);
tree *parser_node(parser *p, tree_kind kind, const token *first);
tree *parser_seal(parser *p, tree *t, const token *first); /* place and height, once its fields are set */
tree *parser_parent(parser *p, tree_kind kind, const token *first, int count, tree *const *child);
void list_add(parser *p, tree_list *list, tree *item);

bool token_relation(const token *t, tree_relation *relation);
bool token_letter(const token *t);
bool starts_factor(parser *p);
tree *parse_relation(parser *p);
tree *parse_sum(parser *p);
tree *parse_term(parser *p);
tree *parse_factor(parser *p);  /* with its subscripts and superscripts */
tree *parse_primary(parser *p); /* without */
tree *parse_braces(parser *p);  /* {...} or one letter, digit or command: the argument of a command */
tree *parse_scripts(parser *p, tree *base, const token *first);
/* The items of a list up to its closing bracket, which is taken. `separator` is what stands between them. */
tree_list parse_items(parser *p, const char *close, const token *opened, char *separator);
void no_relations(parser *p, tree_list items, const token *at); /* refuses them */

/* ---- latex_enclosed.c ---- */
bool token_opens(const token *t); /* "(", "[" or "\{" */
/* A bracket of this kind is the innermost one now; the one before, which is restored with parser_leave. */
char parser_enter(parser *p, char kind);
void parser_leave(parser *p, char before);
tree *parse_bracket(parser *p);
tree *parse_bars(parser *p);  /* |..|, \|..\| */
tree *parse_inner(parser *p); /* \langle a, b \rangle */
tree *parse_matrix(parser *p);

tree *parse_slice(parser *p, tree *base, const token *first); /* z[:H], if it is one, with what stands behind it */
tree_list parse_subscript(parser *p); /* what follows a "_", its parts between commas; they may be relations */
typedef struct superscript {
    tree *power;
    bool transposed, letter; /* letter: by a T */
    bool entrywise;          /* ^{\odot 2} */
    int primes;
} superscript;
superscript parse_superscript(parser *p); /* what follows a "^" */
tree *apply_superscript(parser *p, tree *base, superscript s, const token *first);

bool token_punctuation(const token *t);
tree *parse_condition(parser *p);
void parse_conditions(parser *p, tree_list *parts);             /* all that restrict the formula before */
void parse_ranges(tree *formula);                               /* gives conditions to the sums that they are about */
void parse_reach(parser *p, tree *formula, const token *first); /* \sum_t a_t - b_t = \sum_t (a_t - b_t) */
bool range_ahead(parser *p);                                    /* "t = 1, \dots, T" comes */
tree *as_one(parser *p, tree_list parts, const token *at);      /* a tuple, if they are several */
tree *parse_cases(parser *p);
int step_ahead(const token *open); /* the number of tokens of "(t - 1)", "(T)", "(0)"; 0 if it is none */
bool parse_step(parser *p, tree *t, const token *first); /* (t - 1) behind the name t: becomes its first index */

/* Functions, big operators, derivatives; NULL if the next token begins none. */
tree *parse_function(parser *p);
tree *parse_derivative(parser *p);
tree *parse_fraction(parser *p);
tree *parse_held(parser *p, tree *derivative, const token *first); /* \big|_{...} behind one, if it is there */
void parse_bar(parser *p, tree *derivative);                       /* _{...} behind the bar */

/* ---- latex_evaluated.c ---- */
bool quotient_ahead(const parser *p); /* dL/dz comes */
tree *parse_quotient(parser *p);
/* What stands behind "letter =" at the bar: the derivative becomes the function's own, f'(z). */
void parse_evaluated(parser *p, tree *derivative, const tree *letter, const token *at);
/* f^{out} in front of a bracket, or with primes behind it, as one name; anything else as it is. */
tree *labelled_function(parser *p, tree *t, int primes, const token *first);

#endif
