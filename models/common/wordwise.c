/* A dictionary of what occurs together. */
#include "wordwise.h"
#include "bleu.h"

#include <stdlib.h>
#include <string.h>

/* A word in a sentence. */
typedef struct place {
    const char *word;
    int64_t sentence;
} place;

typedef struct language {
    char **tokens; /* of each sentence, words end in zeros */
    place *place;  /* one for each different word of each sentence, sorted by word, then sentence */
    int64_t places;
    int64_t *first; /* of each word in `place`; one more than there are words */
    int64_t words;
} language;

typedef struct pair {
    int32_t from, to;
} pair;

struct wordwise {
    int64_t count; /* of sentences */
    language from, to;
    int32_t *best; /* for each word of `from` a word of `to` */
};

static int by_word(const void *a, const void *b)
{
    const place *x = a, *y = b;
    int order = strcmp(x->word, y->word);
    return order ? order : (x->sentence > y->sentence) - (x->sentence < y->sentence);
}

static void language_free(language *l, int64_t count)
{
    for (int64_t i = 0; l->tokens && i < count; i++)
        eddy_free(l->tokens[i]);
    eddy_free(l->tokens);
    eddy_free(l->place);
    eddy_free(l->first);
    *l = (language){ 0 };
}

/* Words of all sentences. */
static bool read_language(language *l, const char *const *text, int64_t count)
{
    int64_t most = 0;
    l->tokens = eddy_allocate((size_t)count + 1, sizeof *l->tokens);
    for (int64_t i = 0; l->tokens && i < count; i++) {
        l->tokens[i] = bleu_tokens(text[i]);
        if (!l->tokens[i])
            return false;
        for (char *s = l->tokens[i]; *s; most++) {
            s += strcspn(s, " ");
            s += *s == ' ';
        }
    }
    l->place = eddy_allocate((size_t)most + 1, sizeof *l->place);
    l->first = eddy_allocate((size_t)most + 1, sizeof *l->first);
    if (!l->tokens || !l->place || !l->first)
        return false;
    for (int64_t i = 0; i < count; i++)
        for (char *s = l->tokens[i]; *s;) {
            size_t length = strcspn(s, " ");
            bool last = !s[length];
            l->place[l->places++] = (place){ s, i };
            s[length] = 0;
            s += length + !last;
        }
    qsort(l->place, (size_t)l->places, sizeof *l->place, by_word);
    int64_t kept = 0;
    for (int64_t i = 0; i < l->places; i++)
        if (!kept || by_word(&l->place[kept - 1], &l->place[i])) {
            if (!kept || strcmp(l->place[kept - 1].word, l->place[i].word))
                l->first[l->words++] = kept;
            l->place[kept++] = l->place[i];
        }
    l->places = kept;
    l->first[l->words] = kept;
    return true;
}

static int64_t find(const language *l, const char *word)
{
    int64_t low = 0, high = l->words;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (strcmp(l->place[l->first[middle]].word, word) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < l->words && !strcmp(l->place[l->first[low]].word, word) ? low : -1;
}

/* Words of each sentence of `l`: word[begin[i]] .. word[begin[i + 1] - 1]. */
static bool by_sentence(const language *l, int64_t count, int64_t **begin, int32_t **word)
{
    *begin = eddy_allocate((size_t)count + 2, sizeof **begin);
    *word = eddy_allocate((size_t)l->places + 1, sizeof **word);
    if (!*begin || !*word)
        return false;
    for (int64_t i = 0; i < l->places; i++)
        (*begin)[l->place[i].sentence + 2]++;
    for (int64_t i = 1; i < count + 2; i++)
        (*begin)[i] += (*begin)[i - 1];
    for (int64_t w = 0; w < l->words; w++)
        for (int64_t i = l->first[w]; i < l->first[w + 1]; i++)
            (*word)[(*begin)[l->place[i].sentence + 1]++] = (int32_t)w;
    return true;
}

/* For each word of `from` the sentences it stands in are gone through, and the words there counted. */
static bool choose(wordwise *w)
{
    int64_t *begin = NULL, *together = eddy_allocate((size_t)w->to.words + 1, sizeof *together);
    int32_t *word = NULL;
    w->best = eddy_allocate((size_t)w->from.words + 1, sizeof *w->best);
    bool ok = together && w->best && by_sentence(&w->to, w->count, &begin, &word);
    for (int64_t s = 0; ok && s < w->from.words; s++) {
        const int64_t *first = w->from.first + s;
        double most = -1;
        for (int64_t i = first[0]; i < first[1]; i++)
            for (int64_t k = begin[w->from.place[i].sentence]; k < begin[w->from.place[i].sentence + 1]; k++)
                together[word[k]]++;
        for (int64_t i = first[0]; i < first[1]; i++)
            for (int64_t k = begin[w->from.place[i].sentence]; k < begin[w->from.place[i].sentence + 1]; k++) {
                int32_t t = word[k];
                double all = (double)(first[1] - first[0] + w->to.first[t + 1] - w->to.first[t]);
                double dice = together[t] ? 2 * (double)together[t] / all : 0;
                if (dice > most) {
                    most = dice;
                    w->best[s] = t;
                }
                together[t] = 0;
            }
    }
    eddy_free(begin);
    eddy_free(word);
    eddy_free(together);
    return ok;
}

wordwise *wordwise_new(const char *const *from, const char *const *to, int64_t count, eddy_status *status)
{
    wordwise *w = eddy_allocate(1, sizeof *w);
    if (w)
        w->count = count;
    if (w && read_language(&w->from, from, count) && read_language(&w->to, to, count) && choose(w))
        return w;
    wordwise_free(w);
    eddy_status_fail(status, "There is no memory for a dictionary.");
    return NULL;
}

void wordwise_free(wordwise *w)
{
    if (!w)
        return;
    language_free(&w->from, w->count);
    language_free(&w->to, w->count);
    eddy_free(w->best);
    eddy_free(w);
}

bool wordwise_run(const wordwise *w, const char *from, char *out, size_t size, eddy_status *status)
{
    char *tokens = bleu_tokens(from);
    size_t used = 0;
    *out = 0;
    if (!tokens)
        return eddy_status_fail(status, "There is no memory for the words of a sentence.");
    for (char *s = tokens; *s;) {
        size_t length = strcspn(s, " ");
        bool last = !s[length];
        s[length] = 0;
        int64_t known = find(&w->from, s);
        const char *word = known < 0 ? s : w->to.place[w->to.first[w->best[known]]].word;
        if (used + strlen(word) + 2 > size)
            break;
        if (used)
            out[used++] = ' ';
        memcpy(out + used, word, strlen(word) + 1);
        used += strlen(word);
        s += length + !last;
    }
    eddy_free(tokens);
    return true;
}
