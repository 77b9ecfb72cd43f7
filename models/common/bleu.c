/* BLEU. */
#include "bleu.h"

#include <math.h>
#include <string.h>

/* ---- Tokens ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_stop(char c)
{
    return c == '.' || c == ',';
}

/* Punctuation but for ' , - . */
static bool stands_alone(char c)
{
    return (c >= '{' && c <= '~') || (c >= '[' && c <= '`') || (c >= ' ' && c <= '&') || (c >= '(' && c <= '+') ||
           (c >= ':' && c <= '@') || c == '/';
}

/* The bytes of a white space, 0: it is none. */
static size_t blank(const char *s)
{
    static const char *const wide[] = {
        "\xc2\x85", "\u00a0", "\u1680", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000"
    };
    if (*s == ' ' || (*s >= '\t' && *s <= '\r') || (*s >= 0x1c && *s <= 0x1f))
        return 1;
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        if (!strncmp(s, wide[i], strlen(wide[i])))
            return strlen(wide[i]);
    return !strncmp(s, "\xe2\x80", 2) && (unsigned char)s[2] >= 0x80 && (unsigned char)s[2] <= 0x8a ? 3 : 0;
}

/* The rules of mteval-v13a, one after the other as its substitutions are: each goes through the text once, and what a
 * match has taken begins no other. */
static size_t alone(const char *s, char *out)
{
    size_t n = 0;
    for (; *s; s++) {
        bool apart = stands_alone(*s);
        if (apart)
            out[n++] = ' ';
        out[n++] = *s;
        if (apart)
            out[n++] = ' ';
    }
    return n;
}

/* A pair whose two characters are as asked, a blank before, between and behind the second. */
static size_t pairs(const char *s, char *out, bool (*fits)(char, char), bool before, bool behind)
{
    size_t n = 0;
    for (; *s; s++) {
        if (!s[1] || !fits(s[0], s[1])) {
            out[n++] = *s;
            continue;
        }
        if (before)
            out[n++] = ' ';
        out[n++] = *s++;
        out[n++] = ' ';
        out[n++] = *s;
        if (behind)
            out[n++] = ' ';
    }
    return n;
}

static bool stop_behind_other(char a, char b)
{
    return !is_digit(a) && is_stop(b);
}

static bool other_behind_stop(char a, char b)
{
    return is_stop(a) && !is_digit(b);
}

static bool dash_behind_digit(char a, char b)
{
    return is_digit(a) && b == '-';
}

/* &quot; &amp; &lt; &gt; in this order, as there; "-\n" and "<skipped>" vanish, another line's end is a blank. */
static void unescape(char *s)
{
    static const char *const from[] = { "<skipped>", "-\n", "\n", "&quot;", "&amp;", "&lt;", "&gt;" };
    static const char to[] = { 0, 0, ' ', '"', '&', '<', '>' };
    for (size_t i = 0; i < sizeof to; i++)
        for (char *at = s; (at = strstr(at, from[i])); at += to[i] != 0) {
            size_t length = strlen(from[i]);
            if (to[i])
                *at = to[i];
            memmove(at + (to[i] != 0), at + length, strlen(at + length) + 1);
        }
}

char *bleu_tokens(const char *text)
{
    size_t size = 3 * 3 * 3 * 3 * (strlen(text) + 3); /* each rule makes at most three of one */
    char *a = eddy_allocate(size, 1), *b = eddy_allocate(size, 1);
    if (a && b) {
        size_t n = strlen(text);
        a[0] = ' ';
        memcpy(a + 1, text, n + 1);
        unescape(a + 1);
        n = strlen(a);
        memcpy(a + n, " ", 2);
        b[alone(a, b)] = 0;
        a[pairs(b, a, stop_behind_other, false, true)] = 0;
        b[pairs(a, b, other_behind_stop, true, false)] = 0;
        a[pairs(b, a, dash_behind_digit, false, true)] = 0;
        n = 0;
        for (const char *s = a; *s;) {
            size_t skipped = blank(s);
            if (!skipped)
                b[n++] = *s++;
            else if (n && b[n - 1] != ' ')
                b[n++] = ' ';
            s += skipped;
        }
        b[n && b[n - 1] == ' ' ? n - 1 : n] = 0;
    }
    eddy_free(a);
    if (!a) {
        eddy_free(b);
        b = NULL;
    }
    return b;
}

/* ---- Counting ---- */

typedef struct tokens {
    char *text;
    const char **begin; /* one more than there are, its end */
    int64_t count;
} tokens;

static bool split(tokens *t, const char *text)
{
    *t = (tokens){ .text = bleu_tokens(text) };
    if (!t->text)
        return false;
    t->begin = eddy_allocate(strlen(t->text) + 2, sizeof *t->begin);
    if (!t->begin)
        return false;
    for (char *s = t->text; *s;) {
        t->begin[t->count++] = s;
        s += strcspn(s, " ");
        s += *s == ' ';
    }
    t->begin[t->count] = t->text + strlen(t->text) + 1; /* as if a blank stood there */
    return true;
}

static bool same(const tokens *a, int64_t i, const tokens *b, int64_t k, int64_t order)
{
    size_t n = (size_t)(a->begin[i + order] - a->begin[i]), m = (size_t)(b->begin[k + order] - b->begin[k]);
    return n == m && !memcmp(a->begin[i], b->begin[k], n - 1);
}

static int64_t occurrences(const tokens *of, int64_t i, const tokens *in, int64_t until, int64_t order)
{
    int64_t n = 0;
    for (int64_t k = 0; k < until; k++)
        n += same(of, i, in, k, order);
    return n;
}

bool bleu_add(bleu *b, const char *translation, const char *reference, eddy_status *status)
{
    tokens x = { 0 }, y = { 0 };
    bool ok = split(&x, translation) && split(&y, reference);
    for (int64_t order = 1; ok && order <= BLEU_ORDERS; order++)
        for (int64_t i = 0; i + order <= x.count; i++) {
            /* an n-gram counts at most as often as the reference has it */
            b->match[order - 1] +=
                occurrences(&x, i, &x, i, order) < occurrences(&x, i, &y, y.count - order + 1, order);
            b->total[order - 1]++;
        }
    if (ok) {
        b->ours += x.count;
        b->reference += y.count;
    }
    eddy_free(x.text);
    eddy_free(x.begin);
    eddy_free(y.text);
    eddy_free(y.begin);
    return ok || eddy_status_fail(status, "There is no memory for the words of a translation.");
}

double bleu_score(const bleu *b)
{
    double sum = 0, smooth = 1;
    bool any = false;
    for (int order = 0; order < BLEU_ORDERS; order++)
        any |= b->match[order] > 0;
    for (int order = 0; any && order < BLEU_ORDERS; order++) {
        if (!b->total[order])
            return 0; /* no translation is so long */
        if (!b->match[order])
            smooth *= 2;
        sum += log(b->match[order] ? (double)b->match[order] / (double)b->total[order]
                                   : 1 / (smooth * (double)b->total[order]));
    }
    double brief = b->ours < b->reference ? exp(1 - (double)b->reference / (double)b->ours) : 1;
    return any ? 100 * brief * exp(sum / BLEU_ORDERS) : 0;
}
