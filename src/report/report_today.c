/*
 * report_today.c: today's plan on one page, to hang on the fridge: what today is, each exercise with its drawing, the rest of
 * the day, and the reason that decided.
 */
#include <string.h>

#include "protocol/protocol_tables.h"
#include "report/figure.h"
#include "report/pages.h"

bool lw_page_referral(lw_page *p) {
    const lw_node *referral = lw_node_inside(p->plan, "referral");
    const lw_node *list = lw_node_inside(referral, "flags");
    if (referral == NULL) {
        return false;
    }
    const char *urgency = lw_node_str(referral, "urgency");
    lw_buf text = {0};
    lw_say(&text, p->words.language, "ui.flag_card", NULL);
    lw_buf_fmt(&text, ": %s", lw_word(p->words.language, "urgency", urgency != NULL ? urgency : "routine"));
    for (const lw_node *flag = list != NULL ? list->first : NULL; flag != NULL; flag = flag->next) {
        lw_buf_fmt(&text, "\n%s", lw_word(p->words.language, "flag", flag->text));
    }
    lw_sheet_card(&p->sheet, LW_INK_ALARM, lw_page_kept(p, &text));
    lw_buf_free(&text);
    return true;
}

void lw_page_review(lw_page *p) {
    const lw_node *review = lw_node_inside(p->plan, "review");
    if (review == NULL || lw_node_inside(p->plan, "referral") != NULL) {
        return; /* who has a warning sign is told whom to see already */
    }
    const char *urgency = lw_node_str(review, "urgency");
    lw_buf text = {0};
    lw_say(&text, p->words.language, "ui.review_card", NULL);
    lw_buf_fmt(&text, ": %s", lw_word(p->words.language, "urgency_short", urgency != NULL ? urgency : "routine"));
    lw_sheet_card(&p->sheet, LW_INK_WARN, lw_page_kept(p, &text));
    lw_buf_free(&text);
}

/* A flare, and a lighter spell with its last day. */
static void easing(lw_page *p) {
    const char *flare = lw_node_str(p->plan, "flare");
    if (flare != NULL && strcmp(flare, "none") != 0) {
        lw_page_paragraph(p, "flare_line", LW_ARGS("flare", flare));
    }
    const lw_node *deload = lw_node_inside(p->plan, "deload");
    const char *until = lw_node_str(deload, "until"), *cause = lw_node_str(deload, "cause");
    int32_t day = 0;
    if (until != NULL && lw_day_parse((lw_str){until, (uint32_t)strlen(until)}, &day)) {
        lw_page_paragraph(p, "deload_line",
                          LW_ARGS("until", lw_page_day(p, day), "cause", cause != NULL ? cause : "flare"));
    }
}

static void headline(lw_page *p) {
    char key[64];
    lw_headline_id(p->plan, key);
    lw_page_say(p, key, NULL);
    lw_sheet_card(&p->sheet,
                  strcmp(key, "headline.stop") == 0           ? LW_INK_ALARM
                  : strncmp(key, "headline.regress", 16) == 0 ? LW_INK_WARN
                  : strcmp(key, "headline.progress") == 0     ? LW_INK_GOOD
                                                              : LW_INK_ACCENT,
                  lw_page_text(p));
    const lw_node *test = lw_node_inside(p->plan, "morning_test");
    const char *status = lw_node_str(p->plan, "status");
    bool active = status == NULL || strcmp(status, "active") == 0;
    if (lw_node_str(test, "test") != NULL &&
        active) { /* nobody loads a leg that a doctor, or anybody, has to see first */
        const char *reps = lw_node_str(test, "reps"), *side = lw_node_str(test, "side");
        lw_page_paragraph(p, "morning_test",
                          LW_ARGS("test", lw_node_str(test, "test"), "reps", reps != NULL ? reps : "3", "side",
                                  side != NULL ? side : "both"));
    }
}

/* One exercise: its drawing on the left, what to do on the right. */
static void exercise(lw_page *p, const lw_node *item) {
    lw_sheet *s = &p->sheet;
    const double wide = 196 * (s->scale < 1.2 ? s->scale : 1.2), deep = 66 * (s->scale < 1.2 ? s->scale : 1.2);
    const char *id = lw_node_str(item, "exercise"), *side = lw_node_str(item, "side");
    id = id != NULL ? id : "";
    lw_buf name = {0}, dose = {0}, notes = {0};
    lw_exercise_words(&name, &p->words, id);
    if (side != NULL) {
        lw_buf_fmt(&name, ", %s", lw_word(p->words.language, "side", side));
    }
    lw_dose_words(&dose, &p->words, item);
    lw_dose_notes(&notes, &p->words, item);
    lw_page_kept(p, &name);
    lw_page_kept(p, &dose);
    lw_page_kept(p, &notes);
    if (!s->failed) {
        double x = s->left + wide + 12, width = s->width - wide - 12;
        double high = lw_sheet_measure(s, LW_FACE_BOLD, width, name.ptr) +
                      lw_sheet_measure(s, LW_FACE_BODY, width, lw_buf_view(&dose).len > 0 ? dose.ptr : "") +
                      (notes.len > 0 ? lw_sheet_measure(s, LW_FACE_SMALL, width, notes.ptr) + 2 : 0) + 2;
        double need = high > deep ? high : deep;
        lw_sheet_need(s, need + 8);
        const lw_figure *figure = lw_figure_of(id, (int)lw_node_int(item, "hip_flexion_max_deg", 180));
        if (figure != NULL) {
            bool mirrored = side != NULL && strcmp(side, "left") == 0;
            for (int moment = 0; moment < 2; moment++) {
                lw_figure_draw(s->cr, figure, moment, mirrored, s->left + moment * (wide / 2), s->y, wide / 2 - 4,
                               deep);
            }
        }
        lw_sheet_tag(s, "P");
        double y = s->y + (need - high) / 2;
        y += lw_sheet_at(s, LW_FACE_BOLD, LW_INK_TEXT, x, y, width, PANGO_ALIGN_LEFT, name.ptr) + 1;
        y += lw_sheet_at(s, LW_FACE_BODY, LW_INK_TEXT, x, y, width, PANGO_ALIGN_LEFT, dose.len > 0 ? dose.ptr : "") + 2;
        if (notes.len > 0) {
            lw_sheet_at(s, LW_FACE_SMALL, LW_INK_ACCENT, x, y, width, PANGO_ALIGN_LEFT, notes.ptr);
        }
        lw_sheet_untag(s, "P");
        s->y += need + 8;
    }
    lw_buf_free(&name);
    lw_buf_free(&dose);
    lw_buf_free(&notes);
}

static void exercises(lw_page *p) {
    const lw_node *items = lw_node_inside(lw_node_inside(p->plan, "session"), "items");
    lw_page_heading(p, "ui.session");
    if (items == NULL || items->first == NULL) {
        lw_page_paragraph(p, "ui.no_items", NULL);
        return;
    }
    for (const lw_node *item = items->first; item != NULL; item = item->next) {
        exercise(p, item);
    }
    char ceiling[16];
    snprintf(ceiling, sizeof ceiling, "%d", (int)p->words.protocol->params[LW_PARAM_PAIN_AMBER_MAX] / 100);
    lw_page_say(p, "ui.stop_if", LW_ARGS("n", ceiling));
    lw_sheet_text(&p->sheet, LW_FACE_BOLD, LW_INK_WARN, 0, lw_page_text(p));
}

static void course(lw_page *p, const char *label, const char *member,
                   void (*words)(lw_buf *, const lw_words *, const lw_node *)) {
    const lw_node *node = lw_node_inside(p->plan, member);
    lw_buf_clear(&p->text);
    if (node != NULL) {
        words(&p->text, &p->words, node);
        lw_page_kept(p, &p->text);
    }
    if (p->text.len > 0) {
        lw_sheet_pair(&p->sheet, lw_word(p->words.language, "ui", label), p->text.ptr);
    }
}

/* A list of words of one family in one line. */
static void listed(lw_page *p, const char *label, const char *family, const char *member) {
    const lw_node *list = lw_node_inside(p->plan, member);
    lw_buf_clear(&p->text);
    for (const lw_node *one = list != NULL ? list->first : NULL; one != NULL; one = one->next) {
        const char *id = one->type == LW_NODE_OBJECT ? lw_node_str(one, "what") : one->text;
        lw_buf_fmt(&p->text, "%s%s", p->text.len > 0 ? "; " : "",
                   lw_word(p->words.language, family, id != NULL ? id : ""));
        lw_page_kept(p, &p->text);
    }
    if (p->text.len > 0) {
        lw_sheet_pair(&p->sheet, lw_word(p->words.language, "ui", label), p->text.ptr);
    }
}

static void reason(lw_page *p) {
    const lw_node *list = lw_node_inside(p->plan, "why");
    for (const lw_node *why = list != NULL ? list->first : NULL; why != NULL; why = why->next) {
        if (!lw_node_true(why, "binding")) {
            continue;
        }
        const char *id = lw_node_str(why, "rule"), *grade = lw_node_str(why, "grade"), *tag = lw_node_str(why, "tag");
        lw_page_heading(p, "ui.why");
        lw_buf_clear(&p->text);
        lw_rule_words(&p->text, &p->words, why);
        lw_buf_fmt(&p->text, " (%s)", id != NULL ? id : "?");
        lw_sheet_text(&p->sheet, LW_FACE_BODY, LW_INK_TEXT, 0, lw_page_kept(p, &p->text));
        lw_buf rests = {0};
        if (grade != NULL) {
            lw_buf_fmt(&rests, "%s (%s)", lw_word(p->words.language, "grade", grade), grade);
        }
        if (tag != NULL) {
            lw_buf_fmt(&rests, "%s%s", rests.len > 0 ? "; " : "", lw_word(p->words.language, "tag", tag));
        }
        lw_page_kept(p, &rests);
        if (rests.len > 0) {
            lw_sheet_space(&p->sheet, 3);
            lw_page_say(p, "ui.source", LW_ARGS("text", rests.ptr));
            lw_sheet_text(&p->sheet, LW_FACE_SMALL, LW_INK_QUIET, 0, lw_page_text(p));
        }
        lw_buf_free(&rests);
        return;
    }
}

void lw_page_today(lw_page *p) {
    const lw_report_request *r = p->request;
    lw_buf date = {0}, under = {0};
    lw_day_words(&date, r->language, r->day, true);
    lw_buf_str(&under, p->name);
    const lw_node *stage = lw_node_inside(p->plan, "stage");
    const char *status = lw_node_str(p->plan, "status");
    bool active = status == NULL || strcmp(status, "active") == 0;
    if (lw_node_str(stage, "id") != NULL && active) {
        lw_buf_fmt(&under, " · %s", lw_word(r->language, "stage", lw_node_str(stage, "id")));
        if (lw_node_str(stage, "day") != NULL) {
            lw_buf_str(&under, ", ");
            lw_say(&under, r->language, "stage_day", LW_ARGS("day", lw_node_str(stage, "day")));
        }
    }
    lw_page_say(p, "ui.today", LW_ARGS("date", lw_page_kept(p, &date)));
    lw_page_head(p, lw_page_text(p), lw_page_kept(p, &under));
    lw_buf_free(&date);
    lw_buf_free(&under);

    (void)lw_page_referral(p);
    lw_page_review(p);
    headline(p);
    if (active) {
        easing(p);
        exercises(p);
        lw_sheet_space(&p->sheet, 8);
        course(p, "run", "run", lw_run_words);
        course(p, "sitting", "sitting", lw_sitting_words);
        course(p, "shockwave", "shockwave", lw_shockwave_words);
        listed(p, "avoid", "avoid", "avoid");
        listed(p, "ok", "ok", "ok");
    }
    if (active || strcmp(status, "not_started") == 0) {
        listed(p, "missing", "missing", "missing");
    }
    if (active || strcmp(status, "stopped") == 0) { /* else nothing is decided that would need a reason */
        reason(p);
    }
}
