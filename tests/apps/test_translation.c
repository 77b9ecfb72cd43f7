/* What translations are measured with: BLEU beside sacrebleu's values, the dictionary, and the attention. */
#include "test.h"

#include "common/bleu.h"
#include "common/wordwise.h"
#include "translate.h"

#include <math.h>
#include <string.h>

/* By sacrebleu 2.6.0: Tokenizer13a()(text). */
static const struct split {
    const char *text, *tokens;
} splits[] = {
    { "Hello, world!", "Hello , world !" },
    { "It's 3.14, not 3,14.", "It's 3.14 , not 3,14 ." },
    { "a-b 5-6 5- -7", "a-b 5 - 6 5 - -7" },
    { "(x) [y] {z} ~a^b_c`d", "( x ) [ y ] { z } ~ a ^ b _ c ` d" },
    { "\"Quoted\" &amp; &lt;b&gt; &quot;q&quot;", "\" Quoted \" & < b > \" q \"" },
    { "...", ". . ." },
    { "Wait...what?", "Wait . . . what ?" },
    { "1,000.50 kr.", "1,000.50 kr ." },
    { "\u00c4r du d\u00e4r?  Ja,\tjag \u00e4r h\u00e4r.", "\u00c4r du d\u00e4r ? Ja , jag \u00e4r h\u00e4r ." },
    { "email@x.org/path", "email @ x . org / path" },
    { "50% of $3", "50 % of $ 3" },
    { "a.b.c", "a . b . c" },
    { "..1..2", ". .1 . . 2" },
    { "&amp;lt;", "<" },
    { "Hej\u00a0d\u00e4r", "Hej d\u00e4r" },
    { "'t is", "'t is" },
    { "x <skipped> y", "x y" },
    { "5,", "5 ," },
    { "a,.b", "a , . b" },
    { "", "" },
    { "  ", "" },
};

START_TEST(tokens)
{
    char *out = bleu_tokens(splits[_i].text);
    ck_assert_str_eq(out, splits[_i].tokens);
    eddy_free(out);
}
END_TEST

/* By sacrebleu.corpus_bleu(translations, [references]).score. */
static const struct scored {
    const char *ours[3], *reference[3];
    double score;
} scored[] = {
    { { "the cat sat on the mat", "a dog ran there ." },
      { "the cat is on the mat", "a dog ran away ." },
      33.75804740497264 },
    { { "the the the the the the the" }, { "the cat is on the mat" }, 7.809849842300637 },
    { { "hello" }, { "hello world again my friend" }, 0 },
    { { "It's 3.14, not 3,14.", "Wait...what?", "a b c d e f" },
      { "It's 3.14, not 3.14!", "Wait, what?", "a b d c e f g h" },
      27.044830859650297 },
    { { "x y z w" }, { "a b c d" }, 0 },
    { { "we are the same" }, { "we are the same" }, 100 },
};

START_TEST(scores)
{
    bleu b = { 0 };
    for (int i = 0; i < 3 && scored[_i].ours[i]; i++)
        ck_assert(bleu_add(&b, scored[_i].ours[i], scored[_i].reference[i], NULL));
    ck_assert_double_eq_tol(bleu_score(&b), scored[_i].score, 1e-9);
}
END_TEST

START_TEST(word_by_word)
{
    const char *const from[] = { "the cat sleeps.", "the dog sleeps.", "the cat eats.", "a dog eats a fish." };
    const char *const to[] = { "katten sover.", "hunden sover.", "katten \u00e4ter.", "hunden \u00e4ter en fisk." };
    char out[64], small[8];
    wordwise *w = wordwise_new(from, to, 4, NULL);
    ck_assert(w);
    ck_assert(wordwise_run(w, "dog eats cat.", out, sizeof out, NULL));
    ck_assert_str_eq(out, "hunden \u00e4ter katten .");
    ck_assert(wordwise_run(w, "zebra sleeps", out, sizeof out, NULL));
    ck_assert_str_eq(out, "zebra sover");
    ck_assert(wordwise_run(w, "dog dog", small, sizeof small, NULL));
    ck_assert_str_eq(small, "hunden");
    ck_assert(wordwise_run(w, "", out, sizeof out, NULL));
    ck_assert_str_eq(out, "");
    wordwise_free(w);
}
END_TEST

START_TEST(attention)
{
    eddy_status status = { 0 };
    pairs data;
    ck_assert(pairs_demo(&data, 60, 1, &status));
    const translate_options o = {
        .hidden = 6, .embedding = 4, .width = 5, .batch = 8, .seed = 2, .recipe = { .lr = 0.01 }
    };
    translator *m = translator_new(&data, 50, 10, &o, &status);
    ck_assert_msg(m, "%s", status.text);
    eddy_tensor w;
    ck_assert_msg(translator_align(m, data.from[0], "2000-01", &w, &status), "%s", status.text);
    int64_t n = (int64_t)strlen(data.from[0]);
    ck_assert(w.shape.rank == 2 && w.shape.dim[0] == 8 && w.shape.dim[1] == n);
    for (int64_t i = 0; i < 8; i++) {
        double sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += eddy_tensor_flat(&w, i * n + k);
        ck_assert_double_eq_tol(sum, 1, 1e-5);
    }
    /* later rows look from another state */
    ck_assert_double_gt(fabs(eddy_tensor_flat(&w, 0) - eddy_tensor_flat(&w, 5 * n)), 1e-7);
    eddy_tensor_free(&w);
    ck_assert(!translator_align(m, data.from[0], "2000-01-01-01-01", &w, &status));
    ck_assert_msg(strstr(status.text, "writes at most") != NULL, "%s", status.text);
    translator_free(m);
    pairs_free(&data);
}
END_TEST

Suite *suite_translation(void)
{
    Suite *suite = suite_create("translation");
    TCase *tests = tcase_create("translation");
    tcase_add_loop_test(tests, tokens, 0, (int)(sizeof splits / sizeof *splits));
    tcase_add_loop_test(tests, scores, 0, (int)(sizeof scored / sizeof *scored));
    tcase_add_test(tests, word_by_word);
    tcase_add_test(tests, attention);
    suite_add_tcase(suite, tests);
    return suite;
}
