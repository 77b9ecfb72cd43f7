/* Sequences with classes, sound and cepstra: files that must be read, files that must be refused with the sentence that
 * helps, the transform against its definition, and that a training of a classifier resumes to the same bits. */
#include "scratch.h"
#include "test.h"

#include "classify.h"
#include "common/labelled.h"
#include "common/wave.h"
#include "connected.h"

#include <math.h>

/* ---- .wav ---- */

static void put(unsigned char *b, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        b[i] = (unsigned char)(value >> (8 * i));
}

enum { HEADER = 44 };

/* A file of two frames in two channels; returns its size. */
static size_t wav(unsigned char *b, int kind, int bits, const uint64_t sample[4])
{
    size_t width = (size_t)bits / 8, data = 4 * width;
    memcpy(b, "RIFF....WAVEfmt ", 16);
    put(b + 4, 36 + data, 4);
    put(b + 16, 16, 4);
    put(b + 20, (uint64_t)kind, 2);
    put(b + 22, 2, 2);
    put(b + 24, 8000, 4);
    put(b + 28, 8000 * 2 * width, 4);
    put(b + 32, 2 * width, 2);
    put(b + 34, (uint64_t)bits, 2);
    memcpy(b + 36, "data", 4);
    put(b + 40, data, 4);
    for (int i = 0; i < 4; i++)
        put(b + HEADER + (size_t)i * width, sample[i], (int)width);
    return HEADER + data;
}

/* Each is -1, 0, then 1/2 and 1/2: the channels' means are -1/2 and 1/2. */
static const struct sound {
    int kind, bits;
    uint64_t sample[4];
} sounds[] = {
    { 1, 8, { 0, 128, 192, 192 } },
    { 1, 16, { 0x8000, 0, 0x4000, 0x4000 } },
    { 1, 24, { 0x800000, 0, 0x400000, 0x400000 } },
    { 1, 32, { 0x80000000, 0, 0x40000000, 0x40000000 } },
    { 3, 32, { 0xbf800000, 0, 0x3f000000, 0x3f000000 } },
    { 3, 64, { UINT64_C(0xbff0000000000000), 0, UINT64_C(0x3fe0000000000000), UINT64_C(0x3fe0000000000000) } },
};

START_TEST(samples_of_every_kind)
{
    unsigned char bytes[128];
    const struct sound *s = &sounds[_i];
    size_t size = wav(bytes, s->kind, s->bits, s->sample);
    eddy_status status = { 0 };
    wave w;
    ck_assert_msg(wave_parse(&w, bytes, size, "x.wav", &status), "%s", status.text);
    ck_assert(w.count == 2 && w.rate == 8000);
    ck_assert(w.sample[0] == -0.5F && w.sample[1] == 0.5F);
    wave_free(&w);
    for (size_t cut = 0; cut < size; cut++) { /* no part of it is a file, and all are told so */
        status = (eddy_status){ 0 };
        ck_assert(!wave_parse(&w, bytes, cut, "x.wav", &status) && strstr(status.text, "x.wav"));
    }
    put(bytes + 40, 1 << 20, 4);
    status = (eddy_status){ 0 };
    ck_assert(!wave_parse(&w, bytes, size, "x.wav", &status) && strstr(status.text, "header is wrong"));
}
END_TEST

START_TEST(transform_is_its_definition)
{
    enum { N = 16 };
    double re[N], im[N], x[N], y[N];
    for (int i = 0; i < N; i++) {
        x[i] = re[i] = eddy_random_normal((eddy_random){ 1, 1 }, (uint64_t)i);
        y[i] = im[i] = eddy_random_normal((eddy_random){ 1, 2 }, (uint64_t)i);
    }
    fft(re, im, N);
    for (int k = 0; k < N; k++) {
        double a = 0, b = 0;
        for (int n = 0; n < N; n++) {
            double angle = -2 * 3.14159265358979323846 * k * n / N;
            a += x[n] * cos(angle) - y[n] * sin(angle);
            b += x[n] * sin(angle) + y[n] * cos(angle);
        }
        ck_assert_double_eq_tol(re[k], a, 1e-12);
        ck_assert_double_eq_tol(im[k], b, 1e-12);
    }
}
END_TEST

/* A louder recording has the same cepstra but the first, which has lost its mean, so all are the same; a tone at
 * another place has others. */
START_TEST(cepstra_do_not_hear_loudness)
{
    enum { N = 4000 };
    float a[N], b[N];
    eddy_tensor x, y;
    for (int i = 0; i < N; i++) {
        a[i] = (float)(0.2 * sin(0.3 * i) + 0.1 * sin(i * i * 1e-4) +
                       0.01 * eddy_random_normal((eddy_random){ 3, 3 }, (uint64_t)i));
        b[i] = 3 * a[i];
    }
    ck_assert(mfcc(&x, &(wave){ a, N, 8000 }, NULL) && mfcc(&y, &(wave){ b, N, 8000 }, NULL));
    ck_assert_int_eq(x.shape.dim[0], 1 + (N - 200) / 80);
    double most = 0, size = 0;
    for (int64_t i = 0; i < eddy_tensor_count(&x); i++) {
        most = fmax(most, fabs(eddy_tensor_flat(&x, i) - eddy_tensor_flat(&y, i)));
        size = fmax(size, fabs(eddy_tensor_flat(&x, i)));
    }
    ck_assert_msg(most < 0.02 * size && size > 0.5, "%g of %g", most, size);
    eddy_tensor_free(&x);
    eddy_tensor_free(&y);
}
END_TEST

/* ---- Sequences ---- */

static const struct file {
    const char *name, *text, *sentence; /* NULL: it is good */
} files[] = {
    { "a.ts", "#c\n@problemName x\n@data\n1,2,3:4,5,6:one\n1,2:3,4:two\n", NULL },
    { "a.csv", "id,a,b,class\n1,1,4,one\n1,2,5,one\n1,3,6,one\n2,1,3,two\n2,2,4,two\n", NULL },
    { "a.ts", "", "is empty" },
    { "a.ts", "1,2:one\n", "no .ts file" },
    { "a.ts", "@data\n1,2\n", "line 2: there is no \":\"" },
    { "a.ts", "@data\n1,?:a\n", "line 2, dimension 1, step 2: \"?\" is not a number" },
    { "a.ts", "@data\n1,2:1:a\n", "dimension 2 has 1 steps, and the first has 2" },
    { "a.ts", "@data\n1,2:1,2:a\n1:b\n", "line 3: there are 1 dimensions, and before there were 2" },
    { "a.ts", "@data\n1,2:\n", "has no class" },
    { "a.ts", "@timeStamps true\n@data\n", "time stamps" },
    { "a.ts", "@data\n", "has no sequence" },
    { "a.csv", "1,2\n", "2 columns" },
    { "a.csv", "id,a,class\n1,x,one\n", "line 2, column 2: \"x\" is not a number" },
    { "a.csv", "id,a,class\n1,,one\n", "line 2, column 2: \"\" is not a number" },
    { "a.csv", "id,a,class\n1,nan,one\n", "is not a number" },
    { "a.csv", "id,a,class\n1,1,one\n1,1,two\n", "line 3: the class changes" },
};

START_TEST(sequences_are_read_or_refused)
{
    const struct file *f = &files[_i];
    scratch s = scratch_new(f->name);
    scratch_write(s.path, f->text, strlen(f->text));
    labelled set;
    eddy_status status = { 0 };
    bool ok = labelled_load(&set, s.path, NULL, &status);
    if (f->sentence) {
        ck_assert_msg(!ok && strstr(status.text, f->sentence), "%s", status.text);
    } else {
        ck_assert_msg(ok, "%s", status.text);
        ck_assert(set.count == 2 && set.features == 2 && set.longest == 3 && set.classes == 2);
        const float *x = set.sequence[0].data;
        for (int i = 0; i < 6; i++)
            ck_assert(x[i] == (float)(i % 2 ? 4 + i / 2 : 1 + i / 2));
        ck_assert(set.label[1] == 1 && !strcmp(set.name[1], "two"));
        labelled_free(&set);
    }
    unlink(s.path);
    scratch_free(&s);
}
END_TEST

START_TEST(splits_keep_all_of_every_class)
{
    labelled all, a, b;
    ck_assert(labelled_demo(&all, 1, NULL));
    ck_assert(labelled_split(&a, &b, &all, 0.25, 3, NULL));
    ck_assert_int_eq(a.count + b.count, all.count);
    for (int64_t k = 0; k < 3; k++) {
        int64_t in_b = 0;
        for (int64_t i = 0; i < b.count; i++)
            in_b += b.label[i] == k;
        ck_assert_int_eq(in_b, 20);
    }
    double itself;
    ck_assert(labelled_nearest(&itself, &all, &b, NULL));
    ck_assert(itself == 1); /* each is in `all` */
    labelled_free(&a);
    labelled_free(&b);
    labelled_free(&all);
}
END_TEST

/* What a saved model says of sequences does not depend on their neighbours or on the padding. */
START_TEST(neighbours_have_no_influence)
{
    scratch s = scratch_new("m.safetensors");
    labelled all, none = { 0 };
    eddy_status status = { 0 };
    ck_assert(labelled_demo(&all, 1, NULL));
    classify_options o = { .stack = { .cell = "lstm", .hidden = 4, .layers = 1, .bidirectional = true },
                           .batch = 32,
                           .recipe.lr = 0.01,
                           .seed = 1,
                           .task = "classify" };
    classifier *m = classifier_new(&all, &none, &o, &status);
    ck_assert_msg(m, "%s", status.text);
    training_job job = classifier_job(m);
    training_state state;
    training_end end;
    ck_assert_msg(training_run(&job, &(training_options){ .epochs = 1, .recipe.lr = 0.01, .low = 1, .model = s.path },
                               &state, &end, &status),
                  "%s", status.text);
    double together, one, sum = 0;
    classifier *saved = classifier_open(s.path, "classify", 30, &status);
    ck_assert_msg(saved, "%s", status.text);
    ck_assert(classifier_predict(saved, &all, NULL, &together, &status));
    for (int64_t i = 0; i < all.count; i++) {
        labelled single;
        ck_assert(labelled_choose(&single, &all, &i, 1, NULL));
        ck_assert(classifier_predict(saved, &single, NULL, &one, &status));
        sum += one / (double)all.count;
        labelled_free(&single);
    }
    ck_assert_double_eq_tol(together, sum, 1e-5);
    classifier_free(m);
    classifier_free(saved);
    labelled_free(&all);
    scratch_free(&s);
}
END_TEST

/* All rows of five steps and three classes are tried: the words whose rows are together the most probable are found,
 * and the best row is one of them that need not say the same. */
START_TEST(searches_find_the_most_probable)
{
    enum { TIME = 5, CLASSES = 3, ROWS = 243 };
    int64_t others = 0;
    for (uint64_t trial = 0; trial < 200; trial++) {
        double rows[TIME * CLASSES], sum[ROWS] = { 0 }, most = 0, single = -INFINITY;
        int64_t best = 0, seen[ROWS][TIME], length[ROWS], kinds = 0, word[CONNECTED_MOST], count, greedy[TIME], n = 0;
        for (int t = 0; t < TIME; t++) {
            double all = 0;
            for (int k = 0; k < CLASSES; k++) {
                rows[t * CLASSES + k] = exp(eddy_random_normal((eddy_random){ 9, trial }, (uint64_t)(t * CLASSES + k)));
                all += rows[t * CLASSES + k];
            }
            for (int k = 0; k < CLASSES; k++)
                rows[t * CLASSES + k] = log(rows[t * CLASSES + k] / all);
        }
        for (int path = 0; path < ROWS; path++) {
            int64_t said[TIME], words = 0, before = 0, kind = 0;
            double p = 0;
            for (int t = 0, rest = path; t < TIME; t++, rest /= CLASSES) {
                int64_t k = rest % CLASSES;
                p += rows[t * CLASSES + k];
                if (k && k != before)
                    said[words++] = k - 1;
                before = k;
            }
            while (kind < kinds && (length[kind] != words || memcmp(seen[kind], said, (size_t)words * sizeof *said)))
                kind++;
            if (kind == kinds) {
                length[kinds] = words;
                memcpy(seen[kinds++], said, (size_t)words * sizeof *said);
            }
            sum[kind] += exp(p);
            if (p > single) {
                single = p;
                n = words;
                memcpy(greedy, said, (size_t)words * sizeof *said);
            }
        }
        for (int64_t k = 0; k < kinds; k++)
            if (sum[k] > most) {
                most = sum[k];
                best = k;
            }
        ck_assert(connected_search(rows, TIME, CLASSES, CONNECTED_BEAM, word, &count, NULL));
        ck_assert_int_eq(count, length[best]);
        ck_assert_int_eq(memcmp(word, seen[best], (size_t)count * sizeof *word), 0);
        connected_best_row(rows, TIME, CLASSES, word, &count);
        ck_assert_int_eq(count, n);
        ck_assert_int_eq(memcmp(word, greedy, (size_t)n * sizeof *word), 0);
        others += n != length[best];
    }
    ck_assert_int_gt(others, 5);
    const int64_t a[] = { 1, 2, 3, 4 }, b[] = { 2, 3, 5 };
    ck_assert_int_eq(spoken_errors(a, 4, b, 3), 2);
    ck_assert_int_eq(spoken_errors(a, 0, b, 3), 3);
    ck_assert_int_eq(spoken_errors(a, 4, a, 4), 0);
}
END_TEST

Suite *suite_sequences(void)
{
    Suite *suite = suite_create("sequences");
    TCase *tests = tcase_create("sequences");
    tcase_add_loop_test(tests, samples_of_every_kind, 0, (int)(sizeof sounds / sizeof *sounds));
    tcase_add_test(tests, transform_is_its_definition);
    tcase_add_test(tests, cepstra_do_not_hear_loudness);
    tcase_add_loop_test(tests, sequences_are_read_or_refused, 0, (int)(sizeof files / sizeof *files));
    tcase_add_test(tests, splits_keep_all_of_every_class);
    tcase_add_test(tests, neighbours_have_no_influence);
    tcase_add_test(tests, searches_find_the_most_probable);
    suite_add_tcase(suite, tests);
    return suite;
}
