/* Heat maps as SVG. */
#include "heatmap.h"
#include "output.h"

#include "common/units.h"
#include "show.h"

#include <inttypes.h>
#include <string.h>

enum { CELL = 22, MARGIN = 34, LETTER = 9 };

/* The next character as XML shows it; returns behind it. */
static const char *print_character(FILE *out, const char *text)
{
    uint32_t point;
    size_t n = utf8_next(text, strlen(text), &point);
    if (!n || point < 0x20 || point == 0x7f || (point >= 0x80 && point < 0xa0) || point == 0xfffe || point == 0xffff)
        fputs("?", out);
    else if (point == ' ')
        fputs("&#9251;", out); /* an open box */
    else if (*text == '&' || *text == '<' || *text == '>')
        fprintf(out, "&#%d;", *text);
    else
        fprintf(out, "%.*s", (int)n, text);
    return text + (n ? n : 1);
}

static void print_label(FILE *out, int64_t x, int64_t y, const char *anchor, const char *text)
{
    fprintf(out, "<text x=\"%" PRId64 "\" y=\"%" PRId64 "\" text-anchor=\"%s\">", x, y, anchor);
    while (*text)
        text = print_character(out, text);
    fprintf(out, "</text>\n");
}

/* The widest name, with room on both sides; at least `least`. */
static int64_t room_for(const char *const *names, int64_t count, int64_t least)
{
    for (int64_t i = 0; i < count; i++) {
        int64_t letters = 1;
        for (const char *p = names[i]; *p; p++)
            letters += (*p & 0xc0) != 0x80;
        least = letters * LETTER > least ? letters * LETTER : least;
    }
    return least;
}

bool heatmap_draw(const char *path, const heatmap *h, eddy_status *status)
{
    output file = { 0 };
    int64_t rows = h->shares->shape.dim[0], columns = h->shares->shape.dim[1];
    int64_t width = h->width ? h->width : room_for(h->across, columns, CELL);
    int64_t margin = room_for(h->down, rows, MARGIN - LETTER) + LETTER;
    if (!output_open(&file, path, status))
        return false;
    FILE *out = file.stream;
    fprintf(out,
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%" PRId64
            "\" height=\"%" PRId64 "\" font-family=\"monospace\" font-size=\"14\">\n"
            "<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n",
            margin + columns * width + 8, MARGIN + rows * CELL + 8);
    for (int64_t k = 0; h->across && k < columns; k++)
        print_label(out, margin + k * width + width / 2, MARGIN - 8, "middle", h->across[k]);
    for (int64_t i = 0; i < rows; i++) {
        print_label(out, margin - LETTER, MARGIN + i * CELL + 16, "end", h->down[i]);
        for (int64_t k = 0; k < columns; k++) {
            double share = eddy_tensor_flat(h->shares, i * columns + k);
            fprintf(out,
                    "<rect x=\"%" PRId64 "\" y=\"%" PRId64 "\" width=\"%" PRId64
                    "\" height=\"%d\" fill=\"%s\"><title>%.3f</title></rect>\n",
                    margin + k * width, MARGIN + i * CELL, width > 8 ? width - 1 : width, CELL - 1,
                    colour_share(share).text, share);
        }
    }
    fprintf(out, "</svg>\n");
    return output_keep(&file, status);
}

/* Each of the first `count` characters of a text as a string of its own, in room[8 count]; behind its end: a square. */
static void split(const char *text, int64_t count, char *room, const char **out)
{
    for (int64_t i = 0; i < count; i++, room += 8) {
        uint32_t point;
        size_t n = *text ? utf8_next(text, strlen(text), &point) : 0, size = n ? n : *text != 0;
        memcpy(room, text, size);
        room[size] = 0;
        out[i] = *text ? room : "\xe2\x96\xa0";
        text += size;
    }
}

bool heatmap_draw_characters(const char *path, const eddy_tensor *shares, const char *down, const char *across,
                             eddy_status *status)
{
    int64_t rows = shares->shape.dim[0], columns = shares->shape.dim[1];
    char *room = eddy_allocate((size_t)(rows + columns), 8);
    const char **name = eddy_allocate((size_t)(rows + columns), sizeof *name);
    bool ok = (room && name) || eddy_status_fail(status, "%s was not drawn: there is no memory.", path);
    if (ok) {
        split(down, rows, room, name);
        split(across, columns, room + 8 * rows, name + rows);
        ok = heatmap_draw(path, &(heatmap){ .shares = shares, .down = name, .across = name + rows }, status);
    }
    eddy_free(room);
    eddy_free(name);
    return ok;
}
