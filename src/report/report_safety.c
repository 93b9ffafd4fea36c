/*
 * report_safety.c: what nobody who treats may overlook: warning signs, contraindications to shockwave, medicines.
 *
 * Each of them is told as present, as asked and not present (when, and by whom), or as not asked; what is not asked is named
 * one by one, so that no silence reads as "no". What is present is folded as the plan folds it (docs/format/record.md): the
 * latest list that was asked, what was added as a condition until a clinician ended it, and what follows from age, medicines
 * and a tear.
 */
#include <string.h>

#include "protocol/protocol_tables.h"
#include "report/pages.h"

static bool counts(const lw_page *p, const lw_event *event) {
    return !event->voided && event->day <= p->request->day;
}

/* "by a clinician", or "the patient's own answers". */
static const char *who_said(const lw_page *p, const lw_event *event) {
    return lw_sentence_of(p->words.language,
                          event->by == LW_BY_CLINICIAN ? "report.by_clinician" : "report.by_patient");
}

/* Adds "one; another" of a mask of words of a family. */
static void mask_words(lw_page *p, lw_buf *text, const char *family, const char *const *names, int count,
                       uint32_t mask) {
    for (int i = 0; i < count; i++) {
        if ((mask >> i & 1U) != 0) {
            lw_buf_fmt(text, "%s%s", text->len > 0 ? "; " : "", lw_word(p->words.language, family, names[i]));
        }
    }
    lw_page_kept(p, text);
}

static uint32_t open_flags(const lw_page *p) {
    const lw_node *list = lw_node_inside(lw_node_inside(p->plan, "referral"), "flags");
    uint32_t open = 0;
    for (const lw_node *flag = list != NULL ? list->first : NULL; flag != NULL; flag = flag->next) {
        for (int code = 0; code < LW_FLAGS; code++) {
            open |= strcmp(flag->text, lw_flag_names[code]) == 0 ? LW_BIT(code) : 0;
        }
    }
    return open;
}

void lw_page_red_flags(lw_page *p) {
    const lw_record *record = p->request->record;
    const lw_event *screened = NULL, *looked = NULL;
    uint32_t open = open_flags(p), ever = 0;
    lw_page_heading(p, "report.flags");
    for (uint32_t i = 0; i < record->count; i++) {
        const lw_event *event = &record->events[i];
        if (!counts(p, event)) {
            continue;
        }
        screened = event->kind == LW_KIND_SCREENED ? event : screened;
        looked = event->kind == LW_KIND_CLEARED ? event : looked;
        ever |= event->kind == LW_KIND_SCREENED  ? ((const struct lw_ev_screened *)event->data)->flags
                : event->kind == LW_KIND_SYMPTOM ? LW_BIT(((const struct lw_ev_symptom *)event->data)->flag)
                                                 : 0;
    }
    for (int code = 0; code < LW_FLAGS; code++) {
        if ((open >> code & 1U) != 0) {
            lw_sheet_text(&p->sheet, LW_FACE_BOLD, LW_INK_ALARM, 0,
                          lw_word(p->words.language, "flag", lw_flag_names[code]));
            lw_sheet_space(&p->sheet, 3);
        }
    }
    if (screened == NULL) {
        lw_page_paragraph(p, "report.never_screened", NULL);
    } else {
        lw_page_paragraph(p, open == 0 ? "report.no_flags" : "report.flags_asked",
                          LW_ARGS("date", lw_page_day(p, screened->day), "who", who_said(p, screened)));
    }
    if ((ever & ~open) != 0) {
        lw_buf before = {0};
        mask_words(p, &before, "flag", lw_flag_names, LW_FLAGS, ever & ~open);
        lw_page_paragraph(p, "report.flags_before", LW_ARGS("list", lw_page_kept(p, &before)));
        lw_buf_free(&before);
        if (looked != NULL) {
            lw_page_paragraph(p, "report.flags_looked", LW_ARGS("date", lw_page_day(p, looked->day)));
        }
    }
}

/* ---- contraindications ---- */

typedef struct contras {
    uint32_t present, decided, ended; /* bits C01… */
    int32_t decided_on[LW_CONTRAS];   /* of the decided: the day */
    const lw_event *asked;            /* the latest whole list; NULL: never */
} contras;

static void listed_and_added(const lw_page *p, contras *c) {
    const lw_record *record = p->request->record;
    uint32_t listed = 0, added = 0;
    for (uint32_t i = 0; i < record->count; i++) {
        const lw_event *event = &record->events[i];
        if (!counts(p, event)) {
            continue;
        }
        if (event->kind == LW_KIND_ASSESSED) {
            const struct lw_ev_assessed *data = event->data;
            if ((data->has & LW_HAS_ASSESSED_CONTRAINDICATIONS) != 0) {
                listed = data->contraindications; /* it does not end what was added as a condition */
                c->decided = c->ended = 0;
                c->asked = event;
            }
        } else if (event->kind == LW_KIND_CONDITION) {
            const struct lw_ev_condition *data = event->data;
            listed &= ~LW_BIT(data->code);
            added = data->present ? added | LW_BIT(data->code) : added & ~LW_BIT(data->code);
            c->decided &= data->present ? ~LW_BIT(data->code) : UINT32_MAX;
            c->ended = data->present ? c->ended & ~LW_BIT(data->code) : c->ended | LW_BIT(data->code);
        } else if (event->kind == LW_KIND_CLEARED) {
            const struct lw_ev_cleared *data = event->data;
            c->decided |= data->codes;
            for (int code = 0; code < LW_CONTRAS; code++) {
                c->decided_on[code] = (data->codes >> code & 1U) != 0 ? event->day : c->decided_on[code];
            }
        } else if (event->kind == LW_KIND_MEDICINE) { /* a new one is decided on anew */
            int class_ = ((const struct lw_ev_medicine *)event->data)->class_;
            c->decided &= class_ == LW_MEDICINE_ANTICOAGULANT ? ~LW_BIT(LW_CONTRA_C06)
                          : class_ == LW_MEDICINE_NSAID       ? ~LW_BIT(LW_CONTRA_C12)
                                                              : UINT32_MAX;
        }
    }
    c->present = listed | added;
}

/* The last day on which a check-in or a session was under a drug against inflammation; INT32_MIN: none. */
static int32_t nsaid_told(const lw_page *p) {
    const lw_record *record = p->request->record;
    int32_t last = INT32_MIN;
    for (uint32_t i = 0; i < record->count; i++) {
        const lw_event *event = &record->events[i];
        int relief = !counts(p, event)                 ? LW_PAIN_RELIEF_NONE
                     : event->kind == LW_KIND_CHECKIN  ? ((const struct lw_ev_checkin *)event->data)->pain_relief
                     : event->kind == LW_KIND_EXERCISE ? ((const struct lw_ev_exercise *)event->data)->pain_relief
                                                       : LW_PAIN_RELIEF_NONE;
        last = relief == LW_PAIN_RELIEF_NSAID && event->day > last ? event->day : last;
    }
    return last;
}

/* What follows from age, a tear and medicines. */
static uint32_t that_follow(const lw_page *p) {
    const int32_t *limits = p->words.protocol->params;
    const lw_record *record = p->request->record;
    int32_t day = p->request->day, nsaid = nsaid_told(p);
    uint32_t follow = (open_flags(p) & LW_BIT(LW_FLAG_RF08)) != 0 ? LW_BIT(LW_CONTRA_C04) : 0;
    bool torn = false;
    for (uint32_t i = 0; i < record->count; i++) {
        const lw_event *event = &record->events[i];
        if (!counts(p, event)) {
            continue;
        }
        if (event->kind == LW_KIND_ASSESSED) {
            const struct lw_ev_assessed *data = event->data;
            torn = (data->has & LW_HAS_ASSESSED_TEAR) != 0 ? data->tear != LW_TEAR_NONE : torn;
        } else if (event->kind == LW_KIND_MEDICINE) {
            const struct lw_ev_medicine *data = event->data;
            int32_t to = (data->has & LW_HAS_MEDICINE_TO) != 0 ? data->to : day;
            bool here = (data->has & LW_HAS_MEDICINE_SITE) == 0 || data->site == LW_SITE_HAMSTRING;
            if (data->class_ == LW_MEDICINE_ANTICOAGULANT && to >= day) {
                follow |= LW_BIT(LW_CONTRA_C06);
            } else if (data->class_ == LW_MEDICINE_STEROID_INJECTION && here && data->from <= day &&
                       day - data->from < limits[LW_PARAM_STEROID_BLOCK]) {
                follow |= LW_BIT(LW_CONTRA_C11);
            } else if (data->class_ == LW_MEDICINE_NSAID) {
                nsaid = to > nsaid ? to : nsaid;
            }
        }
    }
    follow |= nsaid != INT32_MIN && day - nsaid <= limits[LW_PARAM_NSAID_DAYS] ? LW_BIT(LW_CONTRA_C12) : 0;
    return follow | (torn ? LW_BIT(LW_CONTRA_C13) : 0);
}

static contras contras_of(const lw_page *p) {
    contras c = {0};
    listed_and_added(p, &c);
    c.present |= that_follow(p);
    c.ended &= ~c.present;
    return c;
}

static uint32_t that_forbid(uint32_t present) {
    uint32_t forbid = 0;
    for (int code = 0; code < LW_CONTRAS; code++) {
        forbid |= lw_contra_table[code].forbids ? present & LW_BIT(code) : 0;
    }
    return forbid;
}

void lw_page_ruled_out(lw_page *p) {
    const char *status = lw_node_str(lw_node_inside(p->plan, "shockwave"), "status");
    uint32_t forbid = that_forbid(contras_of(p).present);
    bool flagged = lw_node_inside(p->plan, "referral") != NULL;
    if (forbid == 0 && (flagged || status == NULL || strcmp(status, "forbidden") != 0)) {
        return; /* a warning sign has its own card */
    }
    lw_buf list = {0};
    mask_words(p, &list, "contra", lw_contra_names, LW_CONTRAS, forbid);
    lw_page_say(p, forbid != 0 ? "report.ruled_out" : "report.ruled_out_unknown",
                LW_ARGS("list", lw_page_kept(p, &list)));
    lw_sheet_card(&p->sheet, LW_INK_ALARM, lw_page_text(p));
    lw_buf_free(&list);
}

void lw_page_contraindications(lw_page *p) {
    contras c = contras_of(p);
    uint32_t forbid = that_forbid(c.present);
    lw_page_heading(p, "report.contraindications");
    for (int code = 0; code < LW_CONTRAS; code++) { /* first what rules it out */
        if ((forbid >> code & 1U) != 0) {
            lw_page_say(p, "report.contra_forbids",
                        LW_ARGS("what", lw_word(p->words.language, "contra", lw_contra_names[code])));
            lw_sheet_text(&p->sheet, LW_FACE_BOLD, LW_INK_ALARM, 0, lw_page_text(p));
            lw_sheet_space(&p->sheet, 3);
        }
    }
    for (int code = 0; code < LW_CONTRAS; code++) {
        if (((c.present & ~forbid) >> code & 1U) != 0) {
            bool decided = (c.decided >> code & 1U) != 0;
            lw_page_item(p, decided ? "report.contra_decided" : "report.contra_caution",
                         LW_ARGS("what", lw_word(p->words.language, "contra", lw_contra_names[code]), "date",
                                 decided ? lw_page_day(p, c.decided_on[code]) : ""));
        }
    }
    lw_buf rest = {0};
    mask_words(p, &rest, "contra", lw_contra_names, LW_CONTRAS, (LW_BIT(LW_CONTRAS) - 1) & ~c.present & ~c.ended);
    if (rest.len > 0 && c.asked == NULL) {
        lw_page_say(p, "report.never_asked", LW_ARGS("list", rest.ptr));
        lw_sheet_text(&p->sheet, LW_FACE_BOLD, LW_INK_TEXT, 0, lw_page_text(p));
        lw_sheet_space(&p->sheet, 5);
    } else if (rest.len > 0) {
        lw_page_paragraph(p, "report.asked_absent",
                          LW_ARGS("list", rest.ptr, "date", lw_page_day(p, c.asked->day), "who", who_said(p, c.asked)));
    }
    lw_buf_clear(&rest);
    mask_words(p, &rest, "contra", lw_contra_names, LW_CONTRAS, c.ended);
    if (rest.len > 0) {
        lw_page_paragraph(p, "report.contra_ended", LW_ARGS("list", rest.ptr));
    }
    lw_buf_free(&rest);
    lw_buf_clear(&p->text);
    const lw_node *shockwave = lw_node_inside(p->plan, "shockwave");
    lw_shockwave_words(&p->text, &p->words, shockwave);
    lw_page_kept(p, &p->text);
    if (p->text.len > 0) {
        lw_page_pair(p, "plan_says", p->text.ptr);
    }
}

/* ---- medicines ---- */

static void medicine(lw_page *p, lw_buf *text, const struct lw_ev_medicine *data) {
    const lw_language *language = p->words.language;
    bool ended = (data->has & LW_HAS_MEDICINE_TO) != 0;
    lw_say(text, language,
           !ended                   ? "report.medicine_open"
           : data->from == data->to ? "report.medicine_day"
                                    : "report.medicine_span",
           LW_ARGS("medicine", lw_medicine_names[data->class_], "from", lw_page_day(p, data->from), "to",
                   ended ? lw_page_day(p, data->to) : ""));
    if (data->class_ == LW_MEDICINE_STEROID_INJECTION) {
        lw_say_next(text, language,
                    (data->has & LW_HAS_MEDICINE_SITE) == 0 ? "report.site_unknown"
                    : data->site == LW_SITE_HAMSTRING       ? "report.site_here"
                                                            : "report.site_other",
                    NULL);
    }
}

void lw_page_medicines(lw_page *p) {
    enum { TOLD = 3 }; /* of each class, the last ones: many tablets never push a blood thinner off the page */
    const lw_record *record = p->request->record;
    const lw_language *language = p->words.language;
    lw_buf text = {0};
    for (int class_ = 0; class_ < LW_MEDICINE_WORDS; class_++) {
        int count = 0;
        for (uint32_t i = record->count; i > 0; i--) {
            const lw_event *event = &record->events[i - 1];
            const struct lw_ev_medicine *data = event->data;
            if (event->kind != LW_KIND_MEDICINE || !counts(p, event) || data->class_ != class_) {
                continue;
            }
            if (count++ < TOLD) {
                lw_buf_str(&text, text.len > 0 ? "; " : "");
                medicine(p, &text, data);
            }
        }
        if (count > TOLD) {
            char more[16];
            snprintf(more, sizeof more, "%d", count - TOLD);
            lw_say_next(&text, language, "report.medicine_more", LW_ARGS("n", more));
        }
    }
    int32_t nsaid = nsaid_told(p);
    if (nsaid != INT32_MIN) {
        lw_buf_str(&text, text.len > 0 ? "; " : "");
        lw_say(&text, language, "report.medicine_told", LW_ARGS("date", lw_page_day(p, nsaid)));
    }
    if (text.len == 0) {
        lw_say(&text, language, "report.no_medicines", NULL);
    } else {
        lw_buf_str(&text, ". ");
        lw_say(&text, language, "report.medicines_rest", NULL);
    }
    lw_page_pair(p, "medicines", lw_page_kept(p, &text));
    lw_buf_free(&text);
}
