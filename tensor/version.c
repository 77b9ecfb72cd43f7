/* The version that the library was built as. */
#include "version.h"

const char *eddy_version(void)
{
    return EDDY_VERSION;
}
