/* Confusion matrices. */
#include "confusion.h"
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
