#include "fault.h"

#include <stdio.h>

bool fault_set(fault *f, fault_kind kind, const char *format, ...)
{
    if (f->kind == FAULT_NONE) {
        va_list list;
        va_start(list, format);
        vsnprintf(f->sentence, sizeof f->sentence, format, list);
        va_end(list);
        f->kind = kind;
    }
    return false;
}
