/* A sheet against its own listed answers: right ones are right, wrong ones are refused with the mistake that is
 * listed. */
#include "exercise.h"

#include <string.h>

enum { EACH = 512 << 20 }; /* bytes for one answer */

typedef struct tally_of_hints {
    int right, vague, wrong, other, answers, refused;
} tally_of_hints;

static bool check_right(FILE *out, const exercise *e, const listed_answer *x, bool verbose)
{
    arena a;
    arena_start(&a, EACH);
    const marking *m = mark_answer(&a, e, x->latex, strlen(x->latex), true, LANGUAGE_EN);
    bool ok = m && m->mark == MARK_RIGHT;
    if (!ok || verbose)
        fprintf(out, "%s %s, line %d: right %s\n", ok ? " " : "!", e->id, x->line,
                text_cleaned(&a, x->latex, ESCAPE_LINE));
    if (!ok && m)
        show_marking(out, &a, m, 3, LANGUAGE_EN);
    else if (!m)
        fprintf(out, "    there is not enough memory to mark it\n");
    arena_free(&a);
    return ok;
}

static bool check_wrong(FILE *out, const exercise *e, const listed_answer *x, bool verbose, tally_of_hints *t)
{
    arena a;
    arena_start(&a, EACH);
    const marking *m = mark_answer(&a, e, x->latex, strlen(x->latex), true, LANGUAGE_EN);
    mistake told = MISTAKE_NONE;
    for (int i = 0; m && i < m->count && !told; i++)
        if (m->line[i].mark != MARK_RIGHT)
            told = m->line[i].why.mistake;
    bool refused = m && m->mark != MARK_RIGHT, other = x->mistake == MISTAKE_OTHER;
    bool fits = told == x->mistake || (other && !told);
    const char *hint = !refused         ? "ACCEPTED"
                       : other && !told ? "none asked for"
                       : fits           ? "right"
                       : told           ? "WRONG"
                                        : "VAGUE";
    t->answers++;
    t->refused += refused;
    *(other && !told ? &t->other : fits ? &t->right : told ? (other ? &t->other : &t->wrong) : &t->vague) += 1;
    bool ok = refused && (fits || other);
    if (!ok || verbose) {
        fprintf(out, "%s %s, line %d: wrong %s: %s\n    hint: %s%s%s\n", ok ? " " : "!", e->id, x->line,
                mistake_name(x->mistake), text_cleaned(&a, x->latex, ESCAPE_LINE), hint, told ? ", it names " : "",
                mistake_name(told));
        if (m)
            show_marking(out, &a, m, 3, LANGUAGE_EN);
    }
    arena_free(&a);
    return ok;
}

bool sheet_sound(FILE *out, const sheet *s, const char *only, bool verbose)
{
    bool sound = true;
    int exercises = 0, rights = 0, few = 0;
    tally_of_hints t = { 0 };
    for (int i = 0; i < s->count; i++) {
        const exercise *e = &s->exercise[i];
        if (only && strcmp(only, e->id) != 0)
            continue;
        exercises++;
        few += e->rights < 2 || e->wrongs < 5;
        if (!e->rights) {
            fprintf(out, "! %s, line %d: its solution lists no right answer\n", e->id, e->line);
            sound = false;
        }
        for (int k = 0; k < e->rights; k++, rights++)
            sound = check_right(out, e, &e->right[k], verbose) && sound;
        for (int k = 0; k < e->wrongs; k++)
            sound = check_wrong(out, e, &e->wrong[k], verbose, &t) && sound;
    }
    fprintf(out, "%s: %d exercises, %d right answers, %d wrong ones, of which %d are refused.\n", s->name, exercises,
            rights, t.answers, t.refused);
    fprintf(out, "hints: %d right, %d vague, %d wrong, %d not asked for\n", t.right, t.vague, t.wrong, t.other);
    if (few)
        fprintf(out, "%d of the exercises list fewer than two right answers or five wrong ones.\n", few);
    fprintf(out, "%s\n", sound ? "The sheet is sound." : "The sheet is not sound: see the lines marked ! above.");
    return sound;
}
