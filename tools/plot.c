/* SVG pictures: a script with its data is gnuplot's standard input, and the file to be its standard output, so that no
 * path or name is ever part of a script: what stands in it are this program's words, and numbers. A missing gnuplot is
 * a failure with a sentence, which callers report without failing themselves. */
#include "plot.h"
#include "filter.h"

#include <errno.h>
#include <math.h>
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

/* A line of (x, y) without what is NAN. */
static void points_block(FILE *script, const char *name, const double *x, const double *y, int64_t count)
{
    fprintf(script, "$%s << END\n", name);
    for (int64_t i = 0; i < count; i += count / POINTS + 1)
        if (!isnan(y[i]))
            fprintf(script, "%.9g %.9g\n", x[i], y[i]);
    fprintf(script, "END\n");
}

bool plot_losses(const char *path, const plot_learning *p, eddy_status *status)
{
    FILE *script = script_new(path, 720, 420, status);
    if (!script)
        return false;
    bool measured = false;
    for (int64_t i = 0; i < p->count; i++)
        measured |= !isnan(p->held_out[i]);
    points_block(script, "loss", p->step, p->loss, p->count);
    points_block(script, "held_out", p->step, p->held_out, p->count);
    fprintf(script, "set xlabel 'step'\nset ylabel '%s'\n", *p->unit ? p->unit : "loss");
    fprintf(script, p->logarithmic ? "set logscale y\nset format y '%%g'\n" : "set yrange [0:]\n");
    if (p->logarithmic && p->floor_name) /* the line itself is seen */
        fprintf(script, "set yrange [%g:]\n", 0.8 * p->floor);
    fprintf(script, "plot $loss with lines lw 2 lc '#1f5fa8' title 'training'");
    if (measured)
        fprintf(script, ", $held_out with linespoints lw 2 pt 7 ps 0.4 lc '#d1591b' title 'held out'");
    if (p->floor_name)
        fprintf(script, ", %.9g with lines lw 1.5 dt 2 lc '#777777' title '%s'", p->floor, p->floor_name);
    return draw(script, path, status);
}

/* Rows from .. to - 1 of a line, or of a band between two; what is NAN is left out. */
static void series_block(FILE *script, const char *name, const plot_lines *p, const double *y, const double *top,
                         int64_t from, int64_t to)
{
    int64_t step = p->count / POINTS + 1;
    fprintf(script, "$%s << END\n", name);
    for (int64_t i = from; i < to; i += step) {
        if (isnan(y[i]))
            continue;
        fprintf(script, "%lld %.9g", (long long)(p->time ? p->time[i] : p->first + i), y[i]);
        if (top)
            fprintf(script, " %.9g", top[i]);
        fputc('\n', script);
    }
    fprintf(script, "END\n");
}

bool plot_series(const char *path, const plot_lines *p, eddy_status *status)
{
    FILE *script = script_new(path, 1200, 460, status);
    if (!script)
        return false;
    series_block(script, "truth", p, p->truth, NULL, 0, p->count);
    series_block(script, "train", p, p->forecast, NULL, 0, p->tested > 0 ? p->tested : 0);
    series_block(script, "test", p, p->forecast, NULL, p->tested > 0 ? p->tested : 0, p->count);
    if (p->low)
        series_block(script, "band", p, p->low, p->high, 0, p->count);
    if (p->time)
        fprintf(script, "set xdata time\nset timefmt '%%s'\nset format x '%s'\n",
                p->time[p->count - 1] - p->time[0] > 150 * 86400 ? "%Y-%m" : "%m-%d");
    else
        fprintf(script, "set xlabel 'index'\n");
    if (!p->time)
        fprintf(script, "set xrange [%lld:%lld]\n", (long long)p->first, (long long)(p->first + p->count - 1));
    else
        fprintf(script, "set xrange ['%lld':'%lld']\n", (long long)p->time[0], (long long)p->time[p->count - 1]);
    fprintf(script, "set key outside top center horizontal\nplot ");
    if (p->low)
        fprintf(script, "$band using 1:2:3 with filledcurves fc '#f3cdb4' title 'band', ");
    fprintf(script, "$truth using 1:2 with lines lw 1%s title 'series'",
            p->tested > 0 ? " lc '#b0b0b0'" : ".5 lc '#888888'");
    if (p->tested > 0)
        fprintf(script, ", $train using 1:2 with lines lw 1.5 lc '#1f5fa8' title 'forecast, training windows'");
    fprintf(script, ", $test using 1:2 with lines lw 1.5 lc '#d1591b' title '%s'",
            p->ahead ? "forecast" : "forecast, test windows");
    return draw(script, path, status);
}
