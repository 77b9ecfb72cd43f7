/* SVG pictures: a script with its data goes to gnuplot's standard input. The picture is complete or not there: gnuplot
 * writes beside it, and the result is renamed. A missing gnuplot is a failure with a sentence, which callers report
 * without failing themselves. */
#include "plot.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { POINTS = 20000 }; /* more points of a line than this make files that no viewer likes */

typedef struct gnuplot {
    pid_t process;
    FILE *script;
    char part[4096]; /* what gnuplot writes */
    const char *path;
    void (*broken)(int);
} gnuplot;

static bool start(gnuplot *plot, const char *path, int width, int height, eddy_status *status)
{
    int ends[2];
    char *arguments[] = { "gnuplot", NULL };
    plot->path = path;
    if (snprintf(plot->part, sizeof plot->part, "%s.partial", path) >= (int)sizeof plot->part)
        return eddy_status_fail(status, "The path of a picture is too long: %s.", path);
    if (pipe(ends))
        return eddy_status_fail(status, "%s was not drawn: %s.", path, strerror(errno));
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[0], 0);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    posix_spawn_file_actions_addclose(&actions, ends[1]);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    int failed = posix_spawnp(&plot->process, "gnuplot", &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[0]);
    plot->script = failed ? NULL : fdopen(ends[1], "w");
    if (!plot->script) {
        close(ends[1]);
        if (failed == ENOENT)
            return eddy_status_fail(status, "%s was not drawn: gnuplot is not installed (package gnuplot-nox).", path);
        if (!failed)
            waitpid(plot->process, NULL, 0);
        return eddy_status_fail(status, "%s was not drawn: gnuplot does not start: %s.", path,
                                strerror(failed ? failed : errno));
    }
    plot->broken = signal(SIGPIPE, SIG_IGN);
    fprintf(plot->script,
            "set terminal svg size %d,%d font 'sans-serif,13' background '#ffffff'\n"
            "set border 3 lc '#888888'\nset tics nomirror out textcolor '#333333'\nset grid lc '#e4e4e4' lw 1\nset key "
            "top right reverse Left\n"
            "set output '",
            width, height);
    for (const char *p = plot->part; *p; p++)
        fputs(*p == '\'' ? "''" : (char[2]){ *p, 0 }, plot->script);
    fputs("'\n", plot->script);
    return true;
}

static bool finish(gnuplot *plot, eddy_status *status)
{
    int result = -1;
    fputs("\nset output\n", plot->script);
    bool written = !fclose(plot->script);
    while (waitpid(plot->process, &result, 0) < 0 && errno == EINTR)
        ;
    signal(SIGPIPE, plot->broken);
    if (written && result == 0 && !rename(plot->part, plot->path))
        return true;
    remove(plot->part);
    return eddy_status_fail(status, "%s was not drawn: gnuplot failed.", plot->path);
}

/* A line of (x, y); thinned to at most POINTS. */
static void data_block(FILE *script, const char *name, int64_t first, const double *y, int64_t count)
{
    int64_t step = count / POINTS + 1;
    fprintf(script, "$%s << END\n", name);
    for (int64_t i = 0; i < count; i += step)
        fprintf(script, "%lld %.9g\n", (long long)(first + i), y[i]);
    fprintf(script, "END\n");
}

bool plot_loss(const char *path, const double *loss, int64_t epochs, double floor, eddy_status *status)
{
    gnuplot plot;
    if (!start(&plot, path, 720, 420, status))
        return false;
    data_block(plot.script, "loss", 1, loss, epochs);
    fprintf(plot.script,
            "set title 'Training loss'\nset xlabel 'epoch'\nset ylabel 'mean squared error'\nset logscale y\nset "
            "format y '%%g'\n"
            "set xrange [1:%lld]\n",
            (long long)(epochs > 1 ? epochs : 2));
    if (floor > 0)
        fprintf(plot.script, "set yrange [%g:]\n", floor * 0.8);
    fprintf(plot.script, "plot $loss with lines lw 2 lc '#1f5fa8' title 'training loss'");
    if (floor > 0)
        fprintf(plot.script, ", %.9g with lines lw 1.5 dt 2 lc '#777777' title 'variance of the noise'", floor);
    return finish(&plot, status);
}

bool plot_series(const char *path, const double *value, int64_t count, int64_t window, int64_t train,
                 const double *prediction, eddy_status *status)
{
    gnuplot plot;
    if (!start(&plot, path, 1200, 460, status))
        return false;
    data_block(plot.script, "truth", 0, value, count);
    data_block(plot.script, "train", window, prediction, train);
    data_block(plot.script, "test", window + train, prediction + train, count - window - train);
    fprintf(plot.script,
            "set xlabel 'index'\nset xrange [0:%lld]\nset key outside top center horizontal\n"
            "plot $truth with lines lw 1 lc '#b0b0b0' title 'series', $train with lines lw 1.5 lc '#1f5fa8' title "
            "'forecast, training windows', "
            "$test with lines lw 1.5 lc '#d1591b' title 'forecast, test windows'",
            (long long)(count - 1));
    return finish(&plot, status);
}
