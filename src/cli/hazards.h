/*
 * hazards.h: what can go wrong, as the program carries it. docs/risk/hazards.json and locales/web/hazards.*.json are the
 * source; hazards_table.c is generated from them. Nothing here decides anything: the table is there to be read by people.
 */
#ifndef LW_HAZARDS_H
#define LW_HAZARDS_H

#include "cli/locale.h"

/* One control: "design", "protective" or "information", and what it rests on ("rule:L26", "test:FILE#NAME" …), ended by NULL. */
struct cli_control {
    const char *kind;
    const char *const *evidence;
};

struct cli_hazard {
    const char *id;    /* "HZ-01" */
    const char *group; /* "load", "signs" … */
    const char *severity;
    const char *before, *after;           /* likelihood without and with the controls, "P1" to "P5" */
    const char *risk_before, *risk_after; /* "low", "medium", "high" */
    int controls;
    const struct cli_control *control;
    const char *const *sources; /* "S65:V", ended by NULL */
};

extern const struct cli_hazard cli_hazards[];
extern const int cli_hazard_count;

/* Their sentences, sorted by id, bytewise; the same ids in both languages. */
extern const lw_sentence cli_hazard_sentences_en[], cli_hazard_sentences_es[];
extern const unsigned cli_hazard_sentences_en_count, cli_hazard_sentences_es_count;

#endif
