/* Of 'eddy plan MODEL': the programs that a model file makes, whatever its lesson. */
#include "plan_model.h"
#include "classify.h"
#include "connected.h"
#include "forecast.h"
#include "output.h"
#include "text.h"
#include "translate.h"

#include <string.h>

/* How the model of a lesson, of a type whose functions begin with that name, is opened and freed. */
#define LESSON(lesson, type, prefix, opened)                                                                           \
    static bool open_##lesson(const char *path, int64_t longest, plan_model *m, eddy_status *status)                   \
    {                                                                                                                  \
        (void)longest;                                                                                                 \
        type *model = opened;                                                                                          \
        m->model = model;                                                                                              \
        m->tape = model ? prefix##_tape(model) : NULL;                                                                 \
        return model;                                                                                                  \
    }                                                                                                                  \
    static void close_##lesson(void *model)                                                                            \
    {                                                                                                                  \
        prefix##_free(model);                                                                                          \
    }
LESSON(text, text_model, text, text_open(path, status))
LESSON(classify, classifier, classifier, classifier_open(path, "classify", longest, status))
LESSON(speech, classifier, classifier, classifier_open(path, "speech", longest, status))
LESSON(connected, connected, connected, connected_open(path, longest, status))
LESSON(forecast, forecast, forecast, forecast_open(path, status))
LESSON(translate, translator, translator, translator_open(path, status))

bool plan_model_open(plan_model *m, const char *path, int64_t longest, eddy_status *status)
{
    static const struct {
        const char *task;
        bool (*open)(const char *path, int64_t longest, plan_model *m, eddy_status *status);
        void (*close)(void *model);
    } lessons[] = {
#define LISTED(lesson) { #lesson, open_##lesson, close_##lesson }
        LISTED(text), LISTED(classify), LISTED(speech), LISTED(connected), LISTED(forecast), LISTED(translate)
    };
    card c = { 0 };
    bool ok = card_open(&c, path, NULL, status), known = false;
    const char *task = ok ? card_find(&c, "model") : "";
    for (size_t i = 0; ok && !known && i < sizeof lessons / sizeof *lessons; i++)
        if (!strcmp(task, lessons[i].task)) {
            known = true;
            m->task = lessons[i].task;
            m->close = lessons[i].close;
            ok = lessons[i].open(path, longest, m, status);
        }
    if (ok && !known)
        ok = eddy_status_fail(status, "%s is a model of 'eddy train %s', which 'eddy plan' does not know.",
                              output_shown(path), output_shown(task));
    card_free(&c);
    return ok;
}

void plan_model_close(plan_model *m)
{
    if (m->close)
        m->close(m->model);
    *m = (plan_model){ 0 };
}

bool plan_model_fill(eddy_tape *tape)
{
    const eddy_list inputs = eddy_leaves(tape, EDDY_INPUT);
    double one = 1;
    const eddy_tensor number = eddy_tensor_wrap(&one, EDDY_F64, EDDY_SCALAR);
    bool done = true;
    for (int64_t k = 0; k < inputs.count && done; k++) {
        eddy_tensor ones = { 0 };
        eddy_status status = { 0 };
        done = eddy_tensor_broadcast(&ones, &number, eddy_shape_of(inputs.items[k]), &status) &&
               eddy_set_tensor(inputs.items[k], &ones);
    }
    return done;
}
