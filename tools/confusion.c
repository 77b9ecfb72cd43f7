/* Confusion matrices. */
#include "confusion.h"
#include "heatmap.h"
#include "output.h"

#include <inttypes.h>

void confusion_print(const labelled *set, const int64_t *predicted)
{
    enum { MOST = 20 };
    int64_t counts[MOST][MOST] = { 0 };
    if (set->classes > MOST)
        return;
    for (int64_t i = 0; i < set->count; i++)
        counts[set->label[i]][predicted[i]]++;
    printf("  %-14s taken for\n  %-14s", "class", "");
    for (int64_t k = 0; k < set->classes; k++)
        printf(" %6.6s", output_shown(set->name[k]));
    printf("\n");
    for (int64_t i = 0; i < set->classes; i++) {
        printf("  %-14.14s", output_shown(set->name[i]));
        for (int64_t k = 0; k < set->classes; k++)
            printf(counts[i][k] ? " %6" PRId64 : " %6.0" PRId64, counts[i][k]);
        printf("\n");
    }
}

bool confusion_draw(const char *path, const labelled *classes, const int64_t *count, eddy_status *status)
{
    int64_t n = classes->classes;
    eddy_tensor shares = { 0 };
    if (!eddy_tensor_new(&shares, EDDY_F64, EDDY_SHAPE(n, n), status))
        return false;
    for (int64_t i = 0; i < n; i++) {
        int64_t all = 0;
        for (int64_t k = 0; k < n; k++)
            all += count[i * n + k];
        for (int64_t k = 0; k < n; k++)
            ((double *)shares.data)[i * n + k] = all ? (double)count[i * n + k] / (double)all : 0;
    }
    const char *const *names = (const char *const *)classes->name;
    bool ok = heatmap_draw(path, &(heatmap){ .shares = &shares, .down = names, .across = names }, status);
    eddy_tensor_free(&shares);
    return ok;
}
