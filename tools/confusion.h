/* The table of what was taken for what. */
#ifndef EDDY_CONFUSION_H
#define EDDY_CONFUSION_H

#include "common/labelled.h"

/* Rows are the classes as they are, columns as they were taken; nothing for more than 20 classes. */
void confusion_print(const labelled *set, const int64_t *predicted);

#endif
