/* Running a filter; see filter.h. Assumes POSIX, and that descriptors 0 to 2 are taken (main sees to that). */
#include "filter.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* What this program ignores, the other must not. */
static int start(pid_t *child, const char *const *arguments, int in, int out)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t usual;
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    sigaddset(&usual, SIGXFSZ);
    int error = posix_spawn_file_actions_init(&actions);
    if (error)
        return error;
    error = posix_spawnattr_init(&attributes);
    if (!error) {
        error = posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
        error = error ? error : posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
        error = error ? error : posix_spawnattr_setsigdefault(&attributes, &usual);
        error = error ? error : posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
        error = error ? error
                      : posix_spawnp(child, arguments[0], &actions, &attributes, (char *const *)(uintptr_t)arguments,
                                     environ);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

filtered filter_run(const char *const *arguments, FILE *text, int out)
{
    pid_t child;
    int status;
    if (ferror(text) || fflush(text) || fseek(text, 0, SEEK_SET))
        return FILTER_FAILED;
    int error = start(&child, arguments, fileno(text), out);
    if (error)
        return error == ENOENT || error == EACCES ? FILTER_MISSING : FILTER_FAILED;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return FILTER_FAILED;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        return FILTER_MISSING;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? FILTERED : FILTER_FAILED;
}
