/* SVG pictures: a script with its data is gnuplot's standard input, and the file to be its standard output, so that no
 * path or name is ever part of a script: what stands in it are this program's words, and numbers. A missing gnuplot is
 * a failure with a sentence, which callers report without failing themselves. */
#include "plot.h"
#include "filter.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { POINTS = 20000 }; /* more points of a line than this make files that no viewer likes */

static FILE *script_new(const char *path, int width, int height, eddy_status *status)
{
    FILE *script = tmpfile();
    if (!script) {
        eddy_status_fail(status, "%s was not drawn: there is no place for a temporary file: %s.", path,
                         strerror(errno));
        return NULL;
    }
    fprintf(script,
            "set terminal svg size %d,%d font 'sans-serif,13' background '#ffffff'\n"
            "set border 3 lc '#888888'\nset tics nomirror out textcolor '#333333'\nset grid lc '#e4e4e4' lw 1\nset key "
            "top right reverse Left\n",
            width, height);
    return script;
}

/* Without the user's start-up files, which may send the output elsewhere. Frees the script. */
static bool draw(FILE *script, const char *path, eddy_status *status)
{
    static const char *const gnuplot[] = { "gnuplot", "-d", NULL };
    eddy_writer picture;
    fputc('\n', script);
    bool drawn = eddy_writer_open(&picture, path, status);
    if (drawn) {
        filtered result = filter_run(gnuplot, script, picture.descriptor);
        drawn = result == FILTERED && eddy_writer_close(&picture);
        if (result == FILTER_MISSING)
            eddy_status_fail(status, "%s was not drawn: gnuplot is not installed (package gnuplot-nox).", path);
        else if (result == FILTER_FAILED)
            eddy_status_fail(status, "%s was not drawn: gnuplot failed.", path);
        eddy_writer_abandon(&picture);
    }
    fclose(script);
    return drawn;
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
    FILE *script = script_new(path, 720, 420, status);
    if (!script)
        return false;
    data_block(script, "loss", 1, loss, epochs);
    fprintf(script,
            "set title 'Training loss'\nset xlabel 'epoch'\nset ylabel 'mean squared error'\nset logscale y\nset "
            "format y '%%g'\n"
            "set xrange [1:%lld]\n",
            (long long)(epochs > 1 ? epochs : 2));
    if (floor > 0)
        fprintf(script, "set yrange [%g:]\n", floor * 0.8);
    fprintf(script, "plot $loss with lines lw 2 lc '#1f5fa8' title 'training loss'");
    if (floor > 0)
        fprintf(script, ", %.9g with lines lw 1.5 dt 2 lc '#777777' title 'variance of the noise'", floor);
    return draw(script, path, status);
}

bool plot_series(const char *path, const double *value, int64_t count, int64_t window, int64_t train,
                 const double *prediction, eddy_status *status)
{
    FILE *script = script_new(path, 1200, 460, status);
    if (!script)
        return false;
    data_block(script, "truth", 0, value, count);
    data_block(script, "train", window, prediction, train);
    data_block(script, "test", window + train, prediction + train, count - window - train);
    fprintf(script,
            "set xlabel 'index'\nset xrange [0:%lld]\nset key outside top center horizontal\n"
            "plot $truth with lines lw 1 lc '#b0b0b0' title 'series', $train with lines lw 1.5 lc '#1f5fa8' title "
            "'forecast, training windows', "
            "$test with lines lw 1.5 lc '#d1591b' title 'forecast, test windows'",
            (long long)(count - 1));
    return draw(script, path, status);
}
