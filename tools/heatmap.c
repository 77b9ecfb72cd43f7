/* Heat maps as SVG. */
#include "heatmap.h"
#include "output.h"

#include "common/units.h"
#include "explain/show.h"

#include <inttypes.h>
#include <string.h>

enum { CELL = 22, MARGIN = 34 };

/* The next character as XML shows it; returns behind it. */
static const char *character(const char *text, char out[16])
{
    uint32_t point;
    size_t n = utf8_next(text, strlen(text), &point);
    if (!n || point < 0x20 || point == 0x7f || (point >= 0x80 && point < 0xa0) || point == 0xfffe || point == 0xffff)
        snprintf(out, 16, "?");
    else if (point == ' ')
        snprintf(out, 16, "&#9251;"); /* an open box */
    else if (*text == '&' || *text == '<' || *text == '>')
        snprintf(out, 16, "&#%d;", *text);
    else
        snprintf(out, 16, "%.*s", (int)n, text);
    return text + (n ? n : 1);
}

bool heatmap_draw(const char *path, const eddy_tensor *weights, const char *down, const char *across,
                  eddy_status *status)
{
    output file = { 0 };
    int64_t rows = weights->shape.dim[0], columns = weights->shape.dim[1];
    char shown[16];
    if (!output_open(&file, path, status))
        return false;
    FILE *out = file.stream;
    fprintf(out,
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%" PRId64
            "\" height=\"%" PRId64 "\" font-family=\"monospace\" font-size=\"14\" text-anchor=\"middle\">\n"
            "<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n",
            MARGIN + columns * CELL + 8, MARGIN + rows * CELL + 8);
    for (int64_t k = 0; k < columns; k++) {
        across = character(across, shown);
        fprintf(out, "<text x=\"%" PRId64 "\" y=\"%d\">%s</text>\n", MARGIN + k * CELL + CELL / 2, MARGIN - 8, shown);
    }
    for (int64_t i = 0; i < rows; i++) {
        if (i + 1 < rows)
            down = character(down, shown);
        fprintf(out, "<text x=\"%d\" y=\"%" PRId64 "\">%s</text>\n", MARGIN / 2, MARGIN + i * CELL + 16,
                i + 1 < rows ? shown : "&#9632;");
        for (int64_t k = 0; k < columns; k++) {
            double share = eddy_tensor_flat(weights, i * columns + k);
            fprintf(out,
                    "<rect x=\"%" PRId64 "\" y=\"%" PRId64 "\" width=\"%d\" height=\"%d\" fill=\"%s\"><title>%.3f"
                    "</title></rect>\n",
                    MARGIN + k * CELL, MARGIN + i * CELL, CELL - 1, CELL - 1, colour_share(share).text, share);
        }
    }
    fprintf(out, "</svg>\n");
    return output_keep(&file, status);
}
