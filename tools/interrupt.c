/* Noted signals. */
#include "interrupt.h"

#include <signal.h>
#include <stdio.h>

static volatile sig_atomic_t noted;

static void on_signal(int number)
{
    noted = number;
}

/* What is ignored stays so: nohup ignores SIGHUP, a shell's background job SIGINT. */
void interrupt_catch(void)
{
    static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
    struct sigaction action = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND }, before;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (!sigaction(numbers[i], NULL, &before) && before.sa_handler != SIG_IGN)
            sigaction(numbers[i], &action, NULL);
}

bool interrupt_noted(void)
{
    return noted;
}

int interrupt_end(int status)
{
    if (noted) {
        fflush(stdout);
        signal(noted, SIG_DFL);
        raise(noted);
    }
    return status;
}
