/* SIGINT, SIGTERM and SIGHUP of a long work: they are noted, so that what was done can be saved; a second one ends at
 * once. */
#ifndef EDDY_INTERRUPT_H
#define EDDY_INTERRUPT_H

#include <stdbool.h>

void interrupt_catch(void);
/* Was there one? */
bool interrupt_noted(void);
/* With everything in place, ends as the signal asks, so that the calling script ends too; the status if there was none.
 */
int interrupt_end(int status);

#endif
