/* book-figures FOLDER: all pictures of the book as FOLDER/NAME.en.svg and FOLDER/NAME.zh.svg; --list: their names and
 * chapters. */
#include "figure.h"

#include <string.h>

static bool draw(const char *folder, const figure_row *row, bool chinese, eddy_status *status)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.%s.svg", folder, row->name, chinese ? "zh" : "en");
    figure f = { .out = fopen(path, "w"), .chinese = chinese, .status = status };
    if (!f.out)
        return eddy_status_fail(status, "%s cannot be written.", path);
    bool ok = row->draw(&f, row->which);
    ok = !ferror(f.out) && ok;
    ok = !fclose(f.out) && ok;
    return ok || eddy_status_fail(status, "%s could not be written.", path);
}

int main(int argc, char **argv)
{
    eddy_status status = { 0 };
    if (argc != 2) {
        fputs("Usage: book-figures FOLDER | --list\n", stderr);
        return 2;
    }
    for (size_t i = 0; figure_at(i); i++)
        if (!strcmp(argv[1], "--list"))
            printf("%s %s\n", figure_at(i)->name, figure_at(i)->chapter);
        else if (!draw(argv[1], figure_at(i), false, &status) || !draw(argv[1], figure_at(i), true, &status)) {
            fprintf(stderr, "book-figures: %s: %s\n", figure_at(i)->name, status.text);
            return 1;
        }
    return 0;
}
