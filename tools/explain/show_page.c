/* The explanation as one page: each formula in MathML beside its numbers. Texts are this program's own but for the
 * names of files, which are not shown. */
#include "formula.h"
#include "show.h"
#include "worked.h"

#include <inttypes.h>
#include <math.h>

static const char style[] =
    "<style>\n"
    ":root{color-scheme:light}\n"
    "body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:1200px;padding:0 14px "
    "40px;color:#1a1a1a;background:#fff}\n"
    "h1{font-size:1.6rem;margin:1.2rem 0 .2rem}h2{font-size:1.25rem;margin:2.2rem 0 .4rem;border-bottom:2px solid "
    "#ccc}h3{font-size:1.05rem;margin:1.3rem 0 .2rem}\n"
    "p{max-width:46rem;margin:.4rem 0}.note{color:#555}\n"
    ".verdict{border-left:6px solid #0072b2;background:#eef5fa;padding:.5rem "
    ".8rem}.wrong{border-color:#d55e00;background:#fdf1e8}\n"
    ".scroll{overflow:auto hidden;margin:.3rem 0;padding:.25rem 0}.row{display:flex;flex-wrap:wrap;gap:4px "
    "28px;align-items:flex-start}\n"
    "figure{margin:.7rem 0;max-width:100%}figcaption{margin-bottom:.2rem;overflow:auto hidden;padding:.25rem 0}\n"
    "table{border-collapse:collapse;font-size:.87rem}th,td{padding:.12rem "
    ".6rem;text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}\n"
    "th{font-weight:600}thead th{border-bottom:2px solid #999}tbody "
    "tr:nth-child(even){background:#f5f5f5}td.text,th.text{text-align:left}\n"
    ".worked{margin:.55rem 0;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}\n"
    "td.bad{color:#a33c00;font-weight:700}\n"
    "math{font-family:\"STIX Two Math\",\"Cambria Math\",\"Latin Modern Math\",\"DejaVu Math TeX "
    "Gyre\",math;font-size:1.06em}.formulas{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,27rem),"
    "1fr));gap:.25rem "
    "1.2rem;margin:.5rem 0}\n"
    ".formulas>div{overflow:auto hidden;padding:.25rem "
    "0}.id{color:#666;font-size:.75rem;margin-left:.6rem;white-space:nowrap}\n"
    "svg{font:10px system-ui,sans-serif;display:block}svg.curve{width:100%;max-width:560px;height:auto}\n"
    "rect,.verdict,tr{-webkit-print-color-adjust:exact;print-color-adjust:exact}\n"
    "@media(max-width:520px){table{font-size:.72rem}th,td{padding:.1rem .28rem}}\n"
    "@media "
    "print{body{max-width:none;font-size:11pt}h2{break-after:avoid}figure,tr{break-inside:avoid}.scroll{overflow:"
    "visible}}\n"
    "</style>\n";

static void arrow(FILE *stream, int direction)
{
    if (direction)
        fprintf(stream, " %s", explain_arrow(direction));
}

static void name(FILE *stream, const quantity *q)
{
    math_markup(stream, q->label);
    arrow(stream, q->direction);
}

static void formulas(FILE *stream, const explanation *e, explain_part part)
{
    fputs("<div class=\"formulas\">\n", stream);
    for (int i = 0; i < e->count; i++) {
        const quantity *q = &e->item[i];
        if (q->part != part || !q->formula || q->direction < 0)
            continue;
        fputs("<div>", stream);
        math_markup(stream, q->formula);
        if (q->id)
            fprintf(stream, "<span class=\"id\">%s</span>", q->id);
        fputs("</div>\n", stream);
    }
    fputs("</div>\n", stream);
}

static void maps(FILE *stream, const explanation *e, explain_part part)
{
    fputs("<div class=\"row\">\n", stream);
    for (int i = 0; i < e->count; i++) {
        const quantity *q = &e->item[i];
        if (q->part != part || q->last == 0)
            continue;
        fputs("<figure><figcaption>", stream);
        name(stream, q);
        fputs(", sample 1</figcaption><div class=\"scroll\">", stream);
        picture_map(stream, e, q, 0);
        fputs("</div></figure>\n", stream);
    }
    fputs("</div>\n", stream);
}

/* ---- Tables ---- */

static void steps_of(FILE *stream, const explanation *e, const quantity *q)
{
    int64_t k[SHOWN_STEPS], units = q->columns < SHOWN_UNITS ? q->columns : SHOWN_UNITS;
    int count = show_steps(q->first, q->last, k);
    fputs("<figure><figcaption>", stream);
    math_markup(stream, q->formula);
    arrow(stream, q->direction);
    fputs("</figcaption><div class=\"scroll\"><table><thead><tr><th>t</th><th>unit</th><th>by "
          "hand</th><th>tape</th><th>ulp</th></tr></thead><tbody>\n",
          stream);
    for (int i = count - 1; i >= 0; i--)
        for (int64_t j = 0; j < units; j++) {
            int64_t at = k[i] * q->rows * q->columns + j;
            fputs("<tr><td>", stream);
            if (q->last && j == 0)
                fprintf(stream, "%" PRId64, explain_time(e, q->reverse, k[i]));
            fprintf(stream, "</td><td>%" PRId64 "</td><td>%s</td><td>%s</td><td>%s</td></tr>\n", j + 1,
                    number_long(q->hand[at]).text, number_long(q->tape[at]).text,
                    number_ulp(ulp_distance(q->hand[at], q->tape[at])).text);
        }
    fputs("</tbody></table></div></figure>\n", stream);
}

static void backward(FILE *stream, const explanation *e)
{
    fputs("<div class=\"row\">\n", stream);
    for (int i = 0; i < e->count; i++)
        if (e->item[i].part == PART_BACKWARD)
            steps_of(stream, e, &e->item[i]);
    fputs("</div>\n", stream);
}

static void worst(FILE *stream, const explanation *e, explain_part part)
{
    fputs("<h3>All steps, units and samples</h3>\n<div class=\"scroll\"><table><thead><tr><th "
          "class=\"text\">quantity</th><th>largest difference, "
          "ulp</th>"
          "<th>relative</th><th class=\"text\">by hand and tape</th></tr></thead><tbody>\n",
          stream);
    for (int i = 0; i < e->count; i++) {
        const quantity *q = &e->item[i];
        if (q->part != part || !show_compared(q))
            continue;
        fputs("<tr><td class=\"text\">", stream);
        name(stream, q);
        fprintf(stream, "</td><td>%s</td><td>%.1e</td><td class=\"text%s\">%s</td></tr>\n", number_ulp(q->ulp).text,
                q->relative, q->agrees ? "" : " bad", show_agreement(q));
    }
    fputs("</tbody></table></div>\n", stream);
}

static void weights(FILE *stream, const explanation *e)
{
    fputs("<div class=\"scroll\"><table><thead><tr><th class=\"text\">gradient</th><th>size</th><th>[1,1] by "
          "hand</th><th>tape</th><th>numerical</th><th>ulp</th>"
          "<th>relative</th><th>numerical, relative</th><th>/ its error</th><th "
          "class=\"text\">verdict</th></tr></thead><tbody>\n",
          stream);
    for (int i = 0; i < e->count; i++) {
        const quantity *q = &e->item[i];
        if (q->part != PART_WEIGHT)
            continue;
        fputs("<tr><td class=\"text\">", stream);
        name(stream, q);
        fprintf(stream,
                "</td><td>%" PRId64 "×%" PRId64 "</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%.1e</td>",
                q->rows, q->columns, number_long(q->hand[0]).text, number_long(q->tape[0]).text,
                number_long(q->numerical[0]).text, number_ulp(q->ulp).text, q->relative);
        if (isnan(q->numerical_ratio))
            fputs("<td>-</td><td>-</td>", stream);
        else
            fprintf(stream, "<td>%.1e</td><td>%.2g</td>", q->numerical_relative, q->numerical_ratio);
        fprintf(stream, "<td class=\"text%s\">%s</td></tr>\n", q->agrees ? "" : " bad", show_agreement(q));
    }
    fprintf(stream,
            "</tbody></table></div>\n<p class=\"note\">ulp and relative: by hand against tape, the largest of all "
            "elements. / its error: the tape's "
            "distance from the "
            "numerical derivative, in units of the error that this estimates of itself; at most 1 agrees.%s%s%s</p>\n",
            *e->missing ? " Shortened: " : "", e->missing, *e->missing ? "." : "");
}

/* ---- What is given, and one step with numbers ---- */

static void given_table(FILE *stream, const explanation *e, const quantity *q, int64_t k)
{
    int64_t rows = q->rows < SHOWN_UNITS ? q->rows : SHOWN_UNITS, most = 2 * SHOWN_UNITS;
    int64_t columns = q->columns < most ? q->columns : most;
    fputs("<figure><figcaption>", stream);
    name(stream, q);
    if (q->last)
        fprintf(stream, ", t = %" PRId64, explain_time(e, q->reverse, k));
    fputs("</figcaption><div class=\"scroll\"><table><tbody>\n", stream);
    for (int64_t i = 0; i < rows; i++) {
        fputs("<tr>", stream);
        for (int64_t j = 0; j < columns; j++)
            fprintf(stream, "<td>%s</td>", number_long(q->tape[(k * q->rows + i) * q->columns + j]).text);
        fputs("</tr>\n", stream);
    }
    fputs("</tbody></table></div></figure>\n", stream);
}

static void given_section(FILE *stream, const explanation *e)
{
    int64_t k[SHOWN_STEPS];
    fprintf(stream,
            "<h2>0. Given</h2>\n<p>W = [W<sup>h</sup>, W<sup>x</sup>]: the columns of the state before those of the "
            "input; b has a column for each of the library's two biases, which enter as a sum; rows of the others are "
            "samples. %sOf a large network only the first rows, columns and steps are shown; the option --csv writes "
            "all.</p>\n<div class=\"row\">\n",
            show_has_kappa(e) ? "κ stands where dC<sub>T+1</sub> ⊙ f<sub>T+1</sub> would. " : "");
    for (int i = 0; i < e->count; i++) {
        const quantity *q = &e->item[i];
        bool first = q->part == PART_FORWARD && q->first == 0 && q->last > 0;
        if (q->part != PART_GIVEN && !first && q->formula)
            continue;
        int count = first ? 1 : show_steps(q->first, q->last, k);
        for (int n = 0; n < count; n++)
            given_table(stream, e, q, first ? 0 : k[n]);
    }
    fputs("</div>\n", stream);
}

static bool worked_section(FILE *stream, const explanation *e, eddy_status *status)
{
    worked_line line;
    fprintf(stream,
            "<h2>4. One step with numbers</h2>\n<p>Step t = %" PRId64
            ", sample 1, unit 1; of a weight its first element. "
            "Numbers have 6 digits.</p>\n",
            worked_step(e));
    for (int next = 0; worked_next(e, &next, false, &line, status);) {
        fputs("<div class=\"worked\">", stream);
        math_markup(stream, line.formula);
        fprintf(stream, "<br>= %s = <b>%.6g</b></div>\n", line.substituted, line.value);
        worked_free(&line);
    }
    return !*status->text;
}

/* ---- Flow ---- */

static void flow_rows(FILE *stream, const explanation *e, const flow *f)
{
    bool cell = !isnan(f->step[0].cell);
    fputs("<div class=\"scroll\"><table><thead><tr><th>t</th><th>", stream);
    math_markup(stream, "\\lVert \\partial L / \\partial h_t \\rVert");
    fputs("</th><th>full Jacobian</th>", stream);
    if (cell) {
        fputs("<th>", stream);
        math_markup(stream, "\\lVert \\partial C_T / \\partial C_t \\rVert");
        fputs("</th>", stream);
    }
    fprintf(stream, "<th>max ∏ %s</th></tr></thead><tbody>\n", f->keep);
    for (int64_t k = 0; k <= e->setup.steps; k++) {
        const flow_step *s = &f->step[k];
        if (k % (e->setup.steps / 25 + 1) && k != e->setup.steps)
            continue;
        fprintf(stream, "<tr><td>%" PRId64 "</td><td>%.3e</td><td>%.3e</td>", explain_time(e, f->reverse, k),
                s->gradient, s->state);
        if (cell)
            fprintf(stream, "<td>%.3e</td>", s->cell);
        fprintf(stream, "<td>%.3e</td></tr>\n", s->direct);
    }
    fputs("</tbody></table></div>\n", stream);
}

static void flow_section(FILE *stream, const explanation *e)
{
    fputs("<h2>5. Gradient flow</h2>\n<p>How much of a change of the state after step t arrives in the last state. The "
          "<em>full Jacobian</em> takes "
          "every path, "
          "computed by the tape (spectral norm); the <em>direct product</em> takes the gates for constants and keeps "
          "only the path along the state: "
          "the largest element of ",
          stream);
    fprintf(stream, "∏ %s over the later steps. Sample 1; the scale is logarithmic.</p>\n", e->flow[0].keep);
    for (int i = 0; i < e->flows; i++) {
        const flow *f = &e->flow[i];
        fprintf(stream, "<p class=\"verdict\">%s</p>\n<div class=\"row\"><figure style=\"flex:1 1 320px\">",
                f->sentence);
        picture_flow(stream, e, f);
        fputs("</figure><figure>", stream);
        flow_rows(stream, e, f);
        fputs("</figure></div>\n", stream);
    }
    fputs(
        "<h3>Saturated gates</h3>\n<p>A gate near 0 or 1 has a derivative near 0: nothing flows through it.</p>\n<div "
        "class=\"scroll\"><table><thead><tr>"
        "<th class=\"text\">gate</th><th>below 0.1</th><th>above 0.9</th></tr></thead><tbody>\n",
        stream);
    for (int i = 0; i < e->gates; i++) {
        fputs("<tr><td class=\"text\">", stream);
        name(stream, e->gate[i].gate);
        fprintf(stream, "</td><td>%.1f %%</td><td>%.1f %%</td></tr>\n", 100 * e->gate[i].low, 100 * e->gate[i].high);
    }
    fputs("</tbody></table></div>\n", stream);
}

bool show_page(FILE *stream, const explanation *e, eddy_status *status)
{
    char verdict[200];
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
          "content=\"width=device-width,initial-scale=1\">\n<title>",
          stream);
    show_title(stream, e);
    fprintf(stream, "</title>\n%s</head>\n<body>\n<h1>%s, step by step</h1>\n<p class=\"note\">", style,
            e->setup.network->title);
    show_title(stream, e);
    fputs("</p>\n", stream);
    show_verdict(e, verdict, sizeof verdict);
    fprintf(stream, "<p class=\"verdict%s\">%s</p>\n", e->agrees ? "" : " wrong", verdict);
    for (int i = 0; i < EXPLAIN_LINES && e->loss_formula[i]; i++) {
        fputs("<div class=\"scroll\">", stream);
        math_markup(stream, e->loss_formula[i]);
        fprintf(stream, i ? "</div>\n" : " = %.9g</div>\n", e->loss);
    }
    if (e->setup.window)
        fprintf(stream, "<p>Window %" PRId64 ": forecast %.6g, true value %.6g.</p>\n", e->setup.window->at,
                e->forecast, e->truth);
    fputs("<p>", stream);
    math_markup(stream, "\\mathrm dq");
    fputs(" means the derivative of L with respect to q through everything later, δ that with respect to what goes "
          "into σ or tanh. A row is a sample; ",
          stream);
    math_markup(stream, SHOWN_Z);
    fputs("; ⊙ multiplies element by element.</p>\n", stream);
    given_section(stream, e);
    fputs("<h2>1. Forward</h2>\n", stream);
    formulas(stream, e, PART_FORWARD);
    maps(stream, e, PART_FORWARD);
    fputs("<h2>2. Backward, from the last step to the first</h2>\n<p>The matrix form, computed by plain loops, beside "
          "the tape's gradient. They may "
          "differ by "
          "rounding: a unit in the last place (ulp) is the distance from one double to the next.</p>\n",
          stream);
    if (e->setup.steps > SHOWN_STEPS || e->setup.hidden > SHOWN_UNITS)
        fprintf(
            stream,
            "<p class=\"note\">Shortened: at most %d steps and %d units are shown as numbers; the maps show all.</p>\n",
            SHOWN_STEPS, SHOWN_UNITS);
    backward(stream, e);
    maps(stream, e, PART_BACKWARD);
    worst(stream, e, PART_BACKWARD);
    fputs("<h2>3. Weights, three ways</h2>\n", stream);
    formulas(stream, e, PART_WEIGHT);
    weights(stream, e);
    bool ok = worked_section(stream, e, status);
    flow_section(stream, e);
    fputs("</body>\n</html>\n", stream);
    return ok;
}
