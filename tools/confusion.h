/* The table of what was taken for what. */
#ifndef EDDY_CONFUSION_H
#define EDDY_CONFUSION_H

#include "common/labelled.h"

/* Rows are the classes as they are, columns as they were taken; nothing for more than 20 classes. */
void confusion_print(const labelled *set, const int64_t *predicted);
/* The same as a picture: count[truth * classes + taken]; each row in shares of its class. */
bool confusion_draw(const char *path, const labelled *classes, const int64_t *count, eddy_status *status);

#endif
