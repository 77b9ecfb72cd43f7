/* Translation word by word, the floor of real translation: each word becomes the word of the other language whose
 * sentences are most nearly the same, by Dice's coefficient 2 n(s, t) / (n(s) + n(t)); a word that was never seen stays
 * as it is. Words are the tokens of BLEU. */
#ifndef EDDY_WORDWISE_H
#define EDDY_WORDWISE_H

#include <eddy/eddy.h>

typedef struct wordwise wordwise;

/* From `count` pairs of sentences, which stay the caller's. */
wordwise *wordwise_new(const char *const *from, const char *const *to, int64_t count, eddy_status *status);
void wordwise_free(wordwise *w);
/* The translation, its words with blanks between; cut at `size` - 1 bytes. */
bool wordwise_run(const wordwise *w, const char *from, char *out, size_t size, eddy_status *status);

#endif
