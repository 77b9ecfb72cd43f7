/* N-gram floors. Counts stand in one table by a hash of 64 bits: that two of some millions of contexts share one has a
 * probability below 1e-6. */
#include "ngram.h"

#include <math.h>

typedef struct entry {
    uint64_t key;
    int64_t count, types; /* of a context; of an n-gram its count alone */
} entry;

typedef struct table {
    entry *rows;
    uint64_t room, used;
} table;

static uint64_t mixed(uint64_t x)
{
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return (x ^ x >> 31) | 1; /* 0 is an empty row */
}

static entry *find(const table *t, uint64_t key)
{
    uint64_t i = key & (t->room - 1);
    while (t->rows[i].key && t->rows[i].key != key)
        i = (i + 1) & (t->room - 1);
    return &t->rows[i];
}

static bool grow(table *t)
{
    table larger = { .room = t->room ? 2 * t->room : 1 << 12, .used = t->used };
    larger.rows = eddy_allocate(larger.room, sizeof *larger.rows);
    if (!larger.rows)
        return false;
    for (uint64_t i = 0; i < t->room; i++)
        if (t->rows[i].key)
            *find(&larger, t->rows[i].key) = t->rows[i];
    eddy_free(t->rows);
    *t = larger;
    return true;
}

static entry *obtain(table *t, uint64_t key)
{
    if (2 * t->used >= t->room && !grow(t))
        return NULL;
    entry *e = find(t, key);
    t->used += !e->key;
    e->key = key;
    return e;
}

/* The key of the n - 1 units before `at`, and of them with the unit there. */
static uint64_t context_key(const int32_t *text, int64_t at, int n)
{
    uint64_t key = mixed((uint64_t)n << 40);
    for (int64_t i = at - n + 1; i < at; i++)
        key = mixed(key * 31 + (uint64_t)text[i] + 1);
    return key;
}

static uint64_t gram_key(uint64_t context, int32_t unit)
{
    return mixed(context ^ ((uint64_t)unit + 1) << 42);
}

static bool count(table *t, const int32_t *text, int64_t length)
{
    for (int64_t at = 0; at < length; at++)
        for (int n = 1; n <= NGRAM_ORDERS && n <= at + 1; n++) {
            uint64_t key = context_key(text, at, n);
            entry *gram = obtain(t, gram_key(key, text[at]));
            if (!gram)
                return false;
            bool fresh = !gram->count++;
            entry *context = obtain(t, key);
            if (!context)
                return false;
            context->count++;
            context->types += fresh;
        }
    return true;
}

bool ngram_floors(double nats[NGRAM_ORDERS], const int32_t *train, int64_t train_count, const int32_t *test,
                  int64_t test_count, int64_t different, eddy_status *status)
{
    table t = { 0 };
    bool ok = grow(&t) && count(&t, train, train_count);
    for (int n = 0; n < NGRAM_ORDERS; n++)
        nats[n] = 0;
    for (int64_t at = 0; ok && at < test_count; at++) {
        double p = 1 / (double)different;
        for (int n = 1; n <= NGRAM_ORDERS; n++) {
            uint64_t key = n <= at + 1 ? context_key(test, at, n) : 0;
            const entry *context = key ? find(&t, key) : NULL;
            if (context && context->count) {
                double types = (double)context->types, seen = (double)context->count;
                p = ((double)find(&t, gram_key(key, test[at]))->count + types * p) / (seen + types);
            }
            nats[n - 1] -= log(p) / (double)test_count;
        }
    }
    eddy_free(t.rows);
    return ok || eddy_status_fail(status, "There is no memory to count the n-grams of a text.");
}
