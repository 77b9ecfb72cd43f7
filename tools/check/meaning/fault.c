#include "fault.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

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

const char *fault_plain(const char *sentence)
{
    const char *place = sentence ? strstr(sentence, ".c:") : NULL;
    if (!place)
        return sentence ? sentence : "the library refused an operation";
    for (place += 3; isdigit((unsigned char)*place); place++)
        ;
    return place[0] == ':' && place[1] == ' ' ? place + 2 : sentence;
}
