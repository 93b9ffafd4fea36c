/*
 * protocol_sample.h: a small complete protocol for the tests of src/protocol, and ways to change and compile it.
 *
 * The numbers are made from the vocabulary's own table, so that a new parameter does not break the sample. The sample
 * is clean: it compiles, and the linter finds nothing.
 */
#ifndef LW_TEST_PROTOCOL_SAMPLE_H
#define LW_TEST_PROTOCOL_SAMPLE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base_internal.h"
#include "protocol/protocol_tables.h"
#include "protocol/vocabulary_names.h"

static const char sample_head[] = "protocol demo \"A small protocol\"\n"
                                  "version 1.2.3\n"
                                  "not for suspected-tear, under-18\n";

static const char sample_body[] =
    "exercise bridge \"Bridge hold\"\n"
    "  role hip   each side   needs mat, chair\n"
    "  hip flexion 0..10 deg   [M] S01   knee 95 deg\n"
    "  tissue load tension 1.18 BW, compression 0 BW   [calc] S01\n"
    "  level 1   3 sets, hold 20 s, rest 2 min, twice a day\n"
    "  level 2   hold 30 s\n"
    "  level 3   4 sets   [V2] S02\n"
    "  every other day\n"
    "  easier end   harder curl\n"
    "exercise curl \"Leg curl\"\n"
    "  role knee   both sides   heavy   eccentric   nordic\n"
    "  needs machine or band   load machine\n"
    "  hip flexion 0..45 deg   knee 90 deg\n"
    "  tissue load tension 1.295 BW, compression 0.005 BW\n"
    "  level 1   3 sets, 15 reps, load 100 %, depth 20 deg, tempo 3-0-3, effort at most 6 RPE\n"
    "  level 2   12 reps, load 107 %   # the reps fall\n"
    "  level 3   depth 45 deg   tension 1.4 BW   compression 0.1 BW\n"
    "  easier bridge   harder hop\n"
    "  open when entry bridge_single at most 3 NPRS and not night pain on 3 of 7 days\n"
    "exercise hop \"Hop and stride\"\n"
    "  role plyometric   both sides   plyometric   speed ladder\n"
    "  hip flexion 0..80 deg\n"
    "  tissue load tension 3 BW, compression 1.3 BW\n"
    "  level 1   1 set, 10 contacts, distance 20 m, speed 60 %, once a day\n"
    "  level 2   2 sets\n"
    "  level 3   12 contacts\n"
    "  level 4   distance 30 m\n"
    "  level 5   speed 70 %\n"
    "  level 6   3 times a day\n"
    "  every 3 days\n"
    "  easier curl   harder end\n"
    "stage isometric \"One\"\n"
    "  hip flexion at most 30 deg   [V2] S01\n"
    "  every day\n"
    "  pick 1 of bridge, curl\n"
    "stage eccentric \"Two\"\n"
    "  hip flexion at most 30 deg\n"
    "  every 2 days\n"
    "  pick 1 of bridge\n"
    "  pick 1 of curl\n"
    "stage strength \"Three\"\n"
    "  hip flexion at most 90 deg   every 2 days   pick 1 of curl\n"
    "stage plyometric \"Four\"\n"
    "  hip flexion at most 120 deg   every 2 days   pick 1 of hop\n"
    "stage maintenance \"Five\"\n"
    "  hip flexion at most 120 deg   every 3 days   pick 2 of bridge, curl\n"
    "run level 1   walk 4 min, run 1 min, 5 times   [V2] S01\n"
    "run level 2   run 20 min\n"
    "outcome visa_h at weeks 4, 12   [V] S01\n"
    "outcome tests at weeks 2\n"
    "rule I01 \"High\"\n"
    "  when any of (usual rest pain; entry sitting below 10 min)\n"
    "  irritability high\n"
    "  until calmer\n"
    "  C [D] S01\n"
    "rule L01 \"Begin\"\n"
    "  enter isometric\n"
    "  until calmer\n"
    "  C [M]\n"
    "rule L03 \"Calm on three days\"\n"
    "  when stage is isometric and programme days at least 7 days\n"
    "  and morning single bridge at most 2.5 NPRS on 3 of 7 days\n"
    "  advance eccentric\n"
    "  until calm-test days 3, pain 2.5\n"
    "  C [V2] S01, S02\n"
    "rule L04 \"Two of three\"\n"
    "  when at least 2 of (test rdl at most 3 NPRS; bridge reps above 20 reps; settled)\n"
    "  and all of (stage is not isometric; test long_stride negative)\n"
    "  advance strength\n"
    "  until later stage strength\n"
    "  B [V] S01\n"
    "rule L05 \"Spring\"\n"
    "  when settled\n"
    "  advance plyometric\n"
    "  until calmer\n"
    "  C [D]\n"
    "rule L28 \"Keep\"\n"
    "  when sitting tolerance known and not night pain\n"
    "  advance maintenance\n"
    "  until calmer\n"
    "  C [D]\n"
    "rule L08 \"Too much\"\n"
    "  when loading blocked unknown and entry modified_bent_knee positive\n"
    "  flare minor\n"
    "  until calmer\n"
    "  D [D]\n"
    "rule A40 \"One step a week\"\n"
    "  cap step\n"
    "  until calmer\n"
    "  D [D]\n"
    "rule A41 \"Others\"\n"
    "  when morning test over usual at least -1 NPRS\n"
    "  review urgent\n"
    "  until calmer\n"
    "  S [D]\n"
    "rule A42 \"Others\"\n"
    "  when session pain above 5 NPRS\n"
    "  label possible\n"
    "  until calmer\n"
    "  A [V] S02\n"
    "rule A43 \"Others\"\n"
    "  when groc below 5 points\n"
    "  de-load 7 days\n"
    "  until calmer\n"
    "  D [D]\n"
    "rule A44 \"Others\"\n"
    "  when flare is not major\n"
    "  advise one, two,\n"
    "    three\n"
    "  until calmer\n"
    "  D [D]\n"
    "rule A45 \"Others\"\n"
    "  when pregnant\n"
    "  shockwave forbid\n"
    "  until calmer\n"
    "  D [D]\n"
    "rule A46 \"Others\"\n"
    "  when sore sides is 2\n"
    "  leave out hop\n"
    "  until calmer\n"
    "  D [D]\n"
    "text H-1 \"Honest words\"   [V] S01\n"
    "source S01 \"First et al.\"\n"
    "source S02 \"Second et al.\"\n";

/* The whole sample, NUL-terminated, in static memory; each call makes it anew. */
static inline char *sample_text(void) {
    static char text[64 * 1024];
    size_t at = (size_t)snprintf(text, sizeof text, "%s", sample_head);
    for (uint8_t i = 0; i < LW_PARAM_COUNT; i++) {
        bool most = i == LW_PARAM_RISE_LOAD || i == LW_PARAM_EFFORT_MAX || i == LW_PARAM_PLYO_CONTACTS;
        lw_str name = lw__param_name(i);
        lw_str unit = lw__unit_name(lw__param_unit(i));
        at += (size_t)snprintf(text + at, sizeof text - at, "set %.*s %d %.*s   [D]\n", (int)name.len, name.ptr,
                               most ? lw__param_most(i) : lw__param_least(i), (int)unit.len, unit.ptr);
    }
    snprintf(text + at, sizeof text - at, "%s", sample_body);
    return text;
}

/*
 * text with the first `find` replaced; find NULL appends. *line is the line the replacement begins on. In malloc
 * memory.
 */
static inline char *sample_with(const char *text, const char *find, const char *with, uint32_t *line) {
    const char *at = find != NULL ? strstr(text, find) : text + strlen(text);
    assert_non_null(at);
    size_t tail = find != NULL ? strlen(find) : 0;
    char *out = malloc(strlen(text) + strlen(with) + 1);
    assert_non_null(out);
    sprintf(out, "%.*s%s%s", (int)(at - text), text, with, at + tail);
    *line = 1;
    for (const char *p = text; p < at; p++) {
        *line += *p == '\n' ? 1 : 0;
    }
    return out;
}

/* What compiling gave; memory is static and used anew by each call. */
typedef struct sample_result {
    int32_t err;
    const lw_protocol *protocol;
    lw_diags diags;
} sample_result;

enum { SAMPLE_DIAGS = 400 };

static inline sample_result sample_compile_slot(lw_str source, uint32_t slot) {
    static lw_diag items[2][SAMPLE_DIAGS];
    static uint8_t result_bytes[2][LW_PROTOCOL_RESULT];
    static uint8_t scratch_bytes[LW_PROTOCOL_SCRATCH];
    lw_arena result = lw_arena_over(result_bytes[slot], sizeof result_bytes[slot]);
    lw_arena scratch = lw_arena_over(scratch_bytes, sizeof scratch_bytes);
    sample_result r = {.diags = {items[slot], SAMPLE_DIAGS, 0}};
    memset(items[slot], 0, sizeof items[slot]);
    r.err = lw_protocol_compile(source, &result, &scratch, &r.protocol, &r.diags);
    assert_int_equal(scratch.used, 0);
    assert_true((r.err == 0) == (r.protocol != NULL));
    assert_true((r.err == 0) == (r.diags.count == 0));
    return r;
}

static inline sample_result sample_compile(lw_str source) {
    return sample_compile_slot(source, 0);
}

#endif
