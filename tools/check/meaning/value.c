/* The algebra of value.h. Every function passes failures on: an operand that is not ok gives a result that is not ok.
 */
#include "value_internal.h"

#include <math.h>
#include <string.h>

value value_none(void)
{
    return (value){ 0 };
}

bool value_ok(value v)
{
    return v.var.tape && eddy_ok(v.var);
}

int64_t value_size(value x, int axis)
{
    return eddy_size(x.var, x.batched + axis);
}

value value_wrong(algebra *a, const char *what, value x, value y)
{
    static const char *const ranks[] = { "a scalar", "a vector", "a matrix" };
    char words[2][80];
    value both[] = { x, y };
    for (int i = 0; i < 2; i++) {
        value v = both[i];
        if (v.rank == 0)
            snprintf(words[i], sizeof words[i], "%s", ranks[0]);
        else if (v.rank == 1)
            snprintf(words[i], sizeof words[i], "a %s vector of %lld", v.row ? "row" : "column",
                     (long long)value_size(v, 0));
        else
            snprintf(words[i], sizeof words[i], "a matrix of %lld x %lld", (long long)value_size(v, 0),
                     (long long)value_size(v, 1));
    }
    fault_set(a->fault, FAULT_SHAPES, "%s %s and %s do not fit", what, words[0], words[1]);
    return value_none();
}

/* The tape's own failure becomes the formula's. */
value value_taped(algebra *a, value v)
{
    if (!eddy_ok(v.var)) {
        fault_set(a->fault, FAULT_SHAPES, "%s", fault_plain(eddy_error(a->tape)));
        return value_none();
    }
    return v;
}

value value_number(algebra *a, double number)
{
    return value_taped(a, (value){ .var = eddy_full_of(a->tape, EDDY_F64, EDDY_SCALAR, number), .number = true });
}

eddy_var value_lifted(value x, int rank, bool batched)
{
    eddy_var v = x.var;
    if (batched && !x.batched)
        v = eddy_unsqueeze(v, 0);
    for (int axis = x.rank; axis < rank; axis++)
        v = eddy_unsqueeze(v, -1);
    return v;
}

static value settled(algebra *a, value x)
{
    return x.pending ? value_sum_batch(a, x) : x;
}

value value_sum_batch(algebra *a, value x)
{
    if (!value_ok(x) || !x.batched)
        return x;
    x.var = eddy_sum_over(x.var, EDDY_SHAPE(0), false);
    x.batched = x.pending = x.stack = false;
    return value_taped(a, x);
}

value value_sum_all(algebra *a, value x)
{
    if (!value_ok(x) || x.rank == 0)
        return x;
    for (; x.rank; x.rank--)
        x.var = eddy_sum_over(x.var, EDDY_SHAPE(-1), false);
    return value_taped(a, (value){ .var = x.var, .batched = x.batched });
}

static bool sides_fit(const algebra *a, value x, value y)
{
    return x.row == y.row || a->loose || a->sides || x.same_sides || y.same_sides;
}

static bool sizes_fit(value x, value y)
{
    for (int i = 0; i < x.rank; i++)
        if (value_size(x, i) != value_size(y, i))
            return false;
    return true;
}

static eddy_var identity(algebra *a, int64_t n)
{
    double number[VALUE_LONGEST * VALUE_LONGEST] = { 0 };
    if (!a->eye[n].tape) {
        for (int64_t i = 0; i < n; i++)
            number[i * n + i] = 1;
        eddy_tensor tensor = eddy_tensor_wrap(number, EDDY_F64, EDDY_SHAPE(n, n));
        a->eye[n] = eddy_constant(a->tape, &tensor);
    }
    return a->eye[n];
}

bool value_short(algebra *a, value x)
{
    for (int i = 0; i < x.rank; i++)
        if (value_size(x, i) > VALUE_LONGEST)
            return fault_set(a->fault, FAULT_TOO_BIG, "a vector of %lld is too long to make a matrix of; at most %d",
                             (long long)value_size(x, i), VALUE_LONGEST);
    return true;
}

/* diag(x) of a vector; c times the identity of a scalar and n. */
static value diagonal(algebra *a, value x, int64_t n)
{
    eddy_var v = x.rank ? eddy_unsqueeze(x.var, -1) : value_lifted(x, 2, x.batched);
    return value_taped(
        a, (value){ .var = eddy_mul(v, identity(a, n)), .rank = 2, .batched = x.batched, .jacobian = true });
}

value value_identity(algebra *a, int64_t n)
{
    value one = value_number(a, 1);
    one.unit = !n;
    return n ? diagonal(a, one, n) : one;
}

/* Of the identity that is only known with its size. */
static bool sized(algebra *a, value x)
{
    return !x.unit ||
           fault_set(a->fault, FAULT_NOT_READ, "how large the identity is is not said: \\mathbf I_H is expected");
}

value value_diag(algebra *a, value x)
{
    if (!value_ok(x) || !value_short(a, x) || !sized(a, x))
        return value_none();
    if (x.rank == 0)
        return x;
    if (x.rank == 1)
        return diagonal(a, x, value_size(x, 0));
    int64_t n = value_size(x, 0);
    if (n != value_size(x, 1))
        return value_wrong(a, "the diagonal of a matrix that is not square:", x, x);
    eddy_var inside = eddy_sum_over(eddy_mul(x.var, identity(a, n)), EDDY_SHAPE(-1), false);
    return value_taped(a, (value){ .var = inside, .rank = 1, .batched = x.batched });
}

/* What two operands of an elementwise operation have in common. */
static value common(value x, value y)
{
    value big = x.rank >= y.rank ? x : y;
    return (value){ .rank = big.rank,
                    .batched = x.batched || y.batched,
                    .row = x.rank == y.rank && x.same_sides ? y.row : big.row,
                    .number = x.number && y.number,
                    .jacobian = x.jacobian || y.jacobian,
                    .covector = x.covector || y.covector,
                    .stack = x.stack || y.stack,
                    .full = (x.full || y.full) && !big.rank,
                    .wide = big.rank == 1 && (x.wide || !x.rank) && (y.wide || !y.rank),
                    .unit = (x.unit || y.unit) && !x.full && !y.full && !big.rank,
                    .same_sides = (x.same_sides || x.rank < y.rank) && (y.same_sides || y.rank < x.rank) };
}

/* x 1^T beside a matrix is as wide as that, 1 x^T as high. */
static value spread(value x, value beside)
{
    if (!x.wide || beside.rank != 2 || value_size(x, 0) != value_size(beside, x.row))
        return x;
    eddy_shape shape = EDDY_SHAPE(value_size(beside, 0), value_size(beside, 1));
    x.var = eddy_broadcast_to(eddy_unsqueeze(x.var, x.row ? 0 : -1), shape);
    x.rank = 2, x.row = x.wide = x.same_sides = false;
    return x;
}

value value_elementwise(algebra *a, value x, value y, eddy_var (*f)(eddy_var, eddy_var), const char *what)
{
    if (!value_ok(x) || !value_ok(y))
        return value_none();
    x = spread(x, y), y = spread(y, x);
    if (x.rank == y.rank && x.rank && (!sizes_fit(x, y) || (x.rank == 1 && !sides_fit(a, x, y))))
        return value_wrong(a, what, x, y);
    value out = common(x, y);
    out.var = f(value_lifted(x, out.rank, out.batched), value_lifted(y, out.rank, out.batched));
    return value_taped(a, out);
}

value value_add(algebra *a, value x, value y)
{
    if (!value_ok(x) || !value_ok(y))
        return value_none();
    for (int side = 0; side < 2; side++) { /* I - 1 p^T */
        value *unit = side ? &y : &x, other = side ? x : y;
        if (unit->unit && other.wide && other.rank == 1)
            *unit = diagonal(a, *unit, value_size(other, 0));
    }
    x = spread(x, y), y = spread(y, x);
    bool pending = a->apart ? x.pending || y.pending : x.pending && y.pending;
    if (x.pending && !y.batched && !a->apart)
        x = settled(a, x);
    if (y.pending && !x.batched && !a->apart)
        y = settled(a, y);
    if (x.ones || y.ones) { /* a vector of ones in a sum is the number 1 for every element */
        x.number |= x.ones;
        y.number |= y.ones;
    }
    if (x.rank != y.rank && (x.rank == 2 || y.rank == 2)) { /* a vector or a number in a sum with a matrix */
        value *small = x.rank < y.rank ? &x : &y, big = x.rank < y.rank ? y : x;
        int64_t n = value_size(big, 0);
        bool parameter = small->rank == 1 && !small->batched && !small->covector && !big.jacobian,
             row = parameter && (small->same_sides || small->row) && value_size(big, 1) == value_size(*small, 0),
             column = parameter && (small->same_sides || !small->row) && n == value_size(*small, 0);
        if (row || column) { /* X W + b, X with a row for each sample: b is added to every row; W X + b: every column */
            small->var = eddy_broadcast_to(eddy_unsqueeze(small->var, row ? 0 : -1), EDDY_SHAPE(n, value_size(big, 1)));
            small->rank = 2;
        }
        if (small->rank == 1 && (!big.jacobian || n != value_size(big, 1) || n != value_size(*small, 0)))
            return value_wrong(a, "in a sum,", x, y);
        if (small->unit && n != value_size(big, 1))
            return value_wrong(a, "in a sum with the identity,", x, y);
        if ((big.jacobian || small->unit) && n == value_size(big, 1) && !small->full) {
            a->diagonals += small->rank == 1;
            *small = diagonal(a, *small, n);
        }
    }
    if (((x.unit && y.full) || (x.full && y.unit)) && a->rows > 0) { /* I - 1 1^T, as large as the other side */
        value *unit = x.unit ? &x : &y;
        *unit = diagonal(a, *unit, a->rows);
    } else if ((x.unit && y.full) || (x.full && y.unit)) {
        fault_set(a->fault, FAULT_NOT_READ,
                  "how large the identity and the ones are is not said: \\mathbf I_H is expected");
        return value_none();
    }
    value out = value_elementwise(a, x, y, eddy_add, "in a sum,");
    out.pending = pending && out.batched;
    return out;
}

value value_negate(algebra *a, value x)
{
    if (!value_ok(x))
        return value_none();
    x.var = eddy_neg(x.var);
    return value_taped(a, x);
}

value value_hadamard(algebra *a, value x, value y)
{
    if (!value_ok(x) || !value_ok(y))
        return value_none();
    if (x.ones || y.ones)
        return value_scaled(a, x.ones ? y : x, x.ones ? x : y);
    for (int side = 0; side < 2; side++) { /* I \odot A */
        value *unit = side ? &y : &x, other = side ? x : y;
        if (unit->unit && other.rank == 2 && value_size(other, 0) == value_size(other, 1))
            *unit = diagonal(a, *unit, value_size(other, 0));
    }
    x = spread(x, y), y = spread(y, x);
    if (x.rank == 1 && y.rank == 2)
        return value_product(a, value_diag(a, x), y);
    if (x.rank == 2 && y.rank == 1)
        return value_wrong(a, "element by element (write the vector on the left, or as a diagonal matrix),", x, y);
    return value_elementwise(a, x, y, eddy_mul, "element by element,");
}

value value_as_matrix(value x, bool row)
{
    if (x.rank == 1)
        x.var = eddy_unsqueeze(x.var, row ? (x.batched ? 1 : 0) : -1);
    x.rank = 2;
    return x;
}

/* The product of matrices, of which a vector may be one: rows on the left, columns on the right. */
static value matrix_product(algebra *a, value x, value y)
{
    bool left_row = x.rank == 1, right_column = y.rank == 1;
    value p = value_as_matrix(x, true), q = value_as_matrix(y, false);
    if (value_size(p, 1) != value_size(q, 0))
        return value_wrong(a, "in a product,", x, y);
    value out = { .var = eddy_matmul(p.var, q.var),
                  .rank = 2,
                  .batched = p.batched || q.batched,
                  .jacobian = x.jacobian || y.jacobian };
    if (left_row) {
        out.var = eddy_squeeze(out.var, out.batched ? 1 : 0);
        out.rank--, out.row = true, out.covector = x.covector;
    }
    if (right_column) {
        out.var = eddy_squeeze(out.var, -1);
        out.rank--, out.covector = y.covector;
    }
    /* Delta Z^T of two stacks: the inner axis runs over samples too */
    out.pending = (x.stack && y.stack && x.batched && y.batched) || x.pending || y.pending;
    out.stack = out.rank == 2 && x.stack != y.stack && (x.stack ? x.row : !y.row); /* W X: of all steps, too */
    out.row |= out.stack && x.stack;
    out.same_sides = out.rank == 1 && !out.batched;
    return value_taped(a, out);
}

value value_inner(algebra *a, value x, value y)
{
    return value_sum_all(a, value_elementwise(a, x, y, eddy_mul, "in an inner product,"));
}

value value_product(algebra *a, value x, value y)
{
    if (!value_ok(x) || !value_ok(y))
        return value_none();
    if (x.pending && !y.batched && y.rank && !y.ones)
        x = settled(a, x);
    if (x.ones && y.ones && !x.row && y.row && x.any_ones && y.any_ones) {
        value both = value_elementwise(a, (value){ .var = x.var, .batched = x.batched, .number = x.number },
                                       (value){ .var = y.var, .batched = y.batched, .number = y.number }, eddy_mul, "");
        both.full = true;
        return both;
    }
    if (x.ones && y.ones) {
        fault_set(a->fault, FAULT_NOT_READ, "a product of two vectors of ones: write the number that it is");
        return value_none();
    }
    if ((x.ones && !y.rank) || (y.ones && !x.rank))
        return value_scaled(a, x.ones ? x : y, x.ones ? y : x);
    if (x.ones || y.ones)
        return value_scaled(a, value_with_ones(a, x, y), x.ones ? x : y);
    if ((x.full && y.rank) || (y.full && x.rank))
        return value_with_full(a, x, y);
    if (x.wide && !x.row && y.rank) { /* x (1^T y) */
        x.wide = false;
        value sums = { .var = eddy_sum_over(y.var, EDDY_SHAPE(y.rank == 2 ? -2 : -1), false),
                       .rank = y.rank - 1,
                       .batched = y.batched,
                       .row = y.rank == 2 };
        return value_product(a, x, sums);
    }
    if (y.wide && !y.row && x.rank) { /* (A x) 1^T */
        y.wide = false;
        value out = value_product(a, x, y);
        out.wide = value_ok(out) && out.rank == 1 && !out.row;
        return out;
    }
    if (x.rank == 0 || y.rank == 0) {
        bool pending = x.pending || y.pending;
        value out = value_elementwise(a, x, y, eddy_mul, "in a product,");
        out.pending = pending && out.batched;
        return out;
    }
    if (x.rank == 1 && y.rank == 1) {
        if (!x.row && y.row) { /* outer product */
            eddy_var outer = eddy_mul(value_lifted(x, 2, x.batched || y.batched),
                                      eddy_unsqueeze(value_lifted(y, 1, x.batched || y.batched), -2));
            return value_taped(
                a, (value){
                       .var = outer, .rank = 2, .batched = x.batched || y.batched, .pending = x.batched && y.batched });
        }
        if ((x.row && !y.row) || (!x.row && !y.row && (x.slice || y.slice))) { /* also w_j x, w_j being a row of W */
            x.row = false;
            return value_inner(a, x, y);
        }
        a->besides++; /* no matrix product exists */
        return value_elementwise(a, x, y, eddy_mul, "in a product,");
    }
    if (x.rank == 1 && !x.row &&
        ((x.covector && y.jacobian) || a->loose)) { /* dL/dh . dh/dC: the covector's J^T v, as a column again */
        x.row = true;
        value out = matrix_product(a, x, y);
        out.row = false;
        return out;
    }
    if ((x.rank == 1 && !x.row) || (y.rank == 1 && y.row && !a->loose))
        return value_wrong(a, "in a product,", x, y);
    return matrix_product(a, x, y);
}

/* Can the two be multiplied element by element, as they stand? */
static bool same_shape(const algebra *a, value x, value y)
{
    return x.rank == y.rank && !x.ones && !y.ones && sizes_fit(x, y) && (x.rank != 1 || sides_fit(a, x, y));
}

value value_signed(algebra *a, value x, value y, written_sign written, setup_sign sign)
{
    bool star = written == WRITTEN_STAR;
    if (!value_ok(x) || !value_ok(y))
        return value_none();
    a->dots += written == WRITTEN_DOT && x.rank == 1 && y.rank == 1;
    if (sign == SIGN_KRONECKER)
        return value_kronecker(a, x, y);
    if (sign == SIGN_OUTER || (sign == SIGN_USUAL && written == WRITTEN_OTIMES)) {
        if (x.rank == 1 && y.rank == 1)
            x.row = false, y.row = true;
        else if (x.rank && y.rank) {
            fault_set(a->fault, FAULT_SHAPES, "the outer product is understood of two vectors");
            return value_none();
        }
        return value_product(a, x, y);
    }
    if (sign == SIGN_INNER && x.rank == 1 && y.rank == 1) {
        x.row = y.row = false;
        return value_inner(a, x, y);
    }
    if (sign == SIGN_ENTRYWISE)
        return value_hadamard(a, x, y);
    bool same = sign == SIGN_USUAL && same_shape(a, x, y);
    if (star && same)
        return value_hadamard(a, x, y);
    if (star && sign == SIGN_USUAL && x.rank == 1 && !x.row && y.rank == 2)
        return value_hadamard(a, x, y); /* a diagonal matrix */
    if (same && x.rank == 2 && value_size(x, 1) != value_size(y, 0))
        return value_hadamard(a, x, y);
    return value_product(a, x, y);
}

value value_divide(algebra *a, value x, value y)
{
    if (value_ok(x) && value_ok(y) && x.pending && !y.batched && y.rank == 0) {
        value out = value_elementwise(a, x, y, eddy_div, "in a quotient,");
        out.pending = true;
        return out;
    }
    return value_elementwise(a, x, y, eddy_div, "in a quotient,");
}

value value_power(algebra *a, value x, value y)
{
    if (!value_ok(x) || !value_ok(y))
        return value_none();
    double exponent = y.number ? eddy_item(y.var) : 0;
    if (y.number && x.number) /* 0.5^T stays exact and a number */
        return (value){ .var = value_number(a, pow(eddy_item(x.var), exponent)).var, .number = true, .unit = x.unit };
    if (x.rank == 2 && value_size(x, 0) == value_size(x, 1)) {
        if (!y.number || exponent != floor(exponent) || exponent < 0 || exponent > 64) {
            fault_set(a->fault, FAULT_NOT_READ,
                      "powers of a matrix are known for whole numbers from 0 to 64: give an inverse or a root a name");
            return value_none();
        }
        value power =
            diagonal(a, value_number(a, 1), value_size(x, 0)); /* of a square matrix: its product with itself */
        for (int i = 0; i < (int)exponent; i++)
            power = i ? value_product(a, power, x) : x;
        return power;
    }
    if (!y.number)
        return value_elementwise(a, x, y, eddy_pow, "in a power,");
    x.pending = false;
    x.var = exponent == 2 ? eddy_mul(x.var, x.var) : exponent == 1 ? x.var : eddy_pow_scalar(x.var, exponent);
    return value_taped(a, x);
}

bool value_meet(algebra *a, value *left, value *right)
{
    value l = *left, r = *right;
    if (!value_ok(l) || !value_ok(r))
        return false;
    l = spread(l, r), r = spread(r, l);
    if (l.pending && !r.batched)
        l = settled(a, l);
    if (r.pending && !l.batched)
        r = settled(a, r);
    if (l.ones || r.ones)
        l.number |= l.ones, r.number |= r.ones;
    for (int side = 0; side < 2; side++) { /* a Jacobian equal to 1 is the identity */
        value *number = side ? &r : &l, other = side ? l : r;
        if ((number->unit || (number->number && other.jacobian && !number->full)) && other.rank == 2 &&
            value_size(other, 0) == value_size(other, 1))
            *number = diagonal(a, *number, value_size(other, 0));
    }
    if (l.rank != r.rank && !l.number && !r.number) {
        value *small = l.rank < r.rank ? &l : &r, big = l.rank < r.rank ? r : l;
        if (small->rank != 1 || !big.jacobian || value_size(big, 0) != value_size(big, 1) ||
            value_size(big, 0) != value_size(*small, 0))
            return value_ok(value_wrong(a, "the two sides,", *left, *right));
        *small = diagonal(a, *small, value_size(big, 0));
    }
    if (l.rank == r.rank && l.rank && (!sizes_fit(l, r) || (l.rank == 1 && !sides_fit(a, l, r))))
        return value_ok(value_wrong(a, "the two sides,", *left, *right));
    bool batched = l.batched || r.batched;
    int rank = l.rank > r.rank ? l.rank : r.rank;
    eddy_var x = value_lifted(l, rank, batched), y = value_lifted(r, rank, batched);
    eddy_shape shape, sx = eddy_shape_of(x), sy = eddy_shape_of(y);
    if (!eddy_shape_broadcast(&sx, &sy, &shape))
        return value_ok(value_wrong(a, "the two sides,", *left, *right));
    left->var = eddy_broadcast_to(x, shape), right->var = eddy_broadcast_to(y, shape);
    left->rank = right->rank = rank;
    left->batched = right->batched = batched;
    return eddy_ok(left->var) && eddy_ok(right->var);
}
