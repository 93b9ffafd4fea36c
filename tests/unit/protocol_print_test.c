/*
 * protocol_print_test.c: the canonical text is a fixed point, and its tables are those of the text it came from.
 */
#include "protocol_sample.h"

static char printed[2][LW_MAX_PROTOCOL];

/* The tables of a protocol without what belongs to the text: source, hash, lines, and slices reduced to their bytes. */
static void assert_same_words(lw_str a, lw_str b) {
    assert_int_equal(a.len, b.len);
    assert_int_equal(memcmp(a.ptr, b.ptr, a.len), 0);
}

static void take_text(lw_str *a, lw_str *b) {
    if (a->ptr == NULL || b->ptr == NULL) {
        assert_int_equal(a->len, 0);
        assert_int_equal(b->len, 0);
    } else {
        assert_same_words(*a, *b);
    }
    memset(a, 0, sizeof *a);
    memset(b, 0, sizeof *b);
}

static void assert_same_tables(const lw_protocol *one, const lw_protocol *two) {
    lw_protocol *a = malloc(sizeof *a);
    lw_protocol *b = malloc(sizeof *b);
    assert_non_null(a);
    assert_non_null(b);
    memcpy(a, one, sizeof *a);
    memcpy(b, two, sizeof *b);
    memset(&a->source, 0, sizeof a->source);
    memset(&b->source, 0, sizeof b->source);
    memset(a->hash, 0, sizeof a->hash);
    memset(b->hash, 0, sizeof b->hash);
    take_text(&a->id, &b->id);
    take_text(&a->title, &b->title);
    take_text(&a->version, &b->version);
    for (uint32_t i = 0; i < LW_MAX_EXERCISES; i++) {
        take_text(&a->exercises[i].id, &b->exercises[i].id);
        take_text(&a->exercises[i].title, &b->exercises[i].title);
        a->exercises[i].line = b->exercises[i].line = 0;
    }
    for (uint32_t i = 0; i < LW_MAX_STAGES; i++) {
        take_text(&a->stages[i].id, &b->stages[i].id);
        take_text(&a->stages[i].title, &b->stages[i].title);
        a->stages[i].line = b->stages[i].line = 0;
    }
    for (uint32_t i = 0; i < LW_MAX_RULES; i++) {
        take_text(&a->rules[i].id, &b->rules[i].id);
        take_text(&a->rules[i].title, &b->rules[i].title);
        take_text(&a->rules[i].until, &b->rules[i].until);
        a->rules[i].line = b->rules[i].line = 0;
    }
    for (uint32_t i = 0; i < LW_MAX_SOURCES; i++) {
        take_text(&a->sources[i].key, &b->sources[i].key);
        take_text(&a->sources[i].text, &b->sources[i].text);
    }
    for (uint32_t i = 0; i < LW_MAX_TEXTS; i++) {
        take_text(&a->texts[i].id, &b->texts[i].id);
        take_text(&a->texts[i].text, &b->texts[i].text);
    }
    for (uint32_t i = 0; i < LW_MAX_WORDS; i++) {
        take_text(&a->words[i], &b->words[i]);
    }
    assert_memory_equal(a, b, sizeof *a);
    free(a);
    free(b);
}

static lw_str print(const lw_protocol *p, uint32_t slot) {
    int64_t length = lw_protocol_print(p, printed[slot], sizeof printed[slot]);
    assert_true(length > 0);
    return (lw_str){printed[slot], (uint32_t)length};
}

/* Prints, compiles, compares the tables, prints again, compares the bytes. */
static void assert_identity(lw_str text) {
    sample_result a = sample_compile_slot(text, 0);
    assert_int_equal(a.err, 0);
    lw_str first = print(a.protocol, 0);
    sample_result b = sample_compile_slot(first, 1);
    for (uint32_t i = 0; i < b.diags.count; i++) {
        print_error("%u:%u: %s\n", b.diags.items[i].line, b.diags.items[i].column, b.diags.items[i].message);
    }
    assert_int_equal(b.err, 0);
    assert_same_tables(a.protocol, b.protocol);
    lw_str second = print(b.protocol, 1);
    assert_int_equal(first.len, second.len);
    assert_memory_equal(first.ptr, second.ptr, first.len);
}

static void the_sample(void **state) {
    (void)state;
    assert_identity(lw__str(sample_text()));
}

static void canonical_lines(void **state) {
    (void)state;
    sample_result r = sample_compile(lw__str(sample_text()));
    lw_str text = print(r.protocol, 0);
    printed[0][text.len] = '\0';
    static const char *const lines[] = {
        "protocol demo \"A small protocol\"\nversion 1.2.3\nnot for suspected-tear, under-18\n\nset pain green at most "
        "0 NPRS   [D]\n",
        "\nset load step at most 10 %   [D]\n",
        "\n  role hip   each side   needs mat and chair\n  hip flexion 0..10 deg   knee 95 deg   [M] S01\n"
        "  tissue load tension 1.18 BW, compression 0 BW   [calc] S01\n"
        "  level 1   3 sets, hold 20 s, rest 120 s, 2 times a day\n  level 2   hold 30 s\n  level 3   4 sets   [V2] "
        "S02\n"
        "  every 2 days\n  easier end   harder curl\n\nexercise curl",
        "\n  role knee   both sides   heavy   eccentric   nordic   needs band or machine   load machine\n",
        "\n  tissue load tension 1.295 BW, compression 0.005 BW\n"
        "  level 1   3 sets, 15 reps, load 100 %, depth 20 deg, tempo 3-0-3, effort at most 6 RPE\n"
        "  level 2   12 reps, load 107 %\n  level 3   depth 45 deg, tension 1.4 BW, compression 0.1 BW\n",
        "\n  open when entry bridge_single at most 3 NPRS and not night pain on 3 of 7 days\n",
        "\n  level 1   1 set, 10 contacts, distance 20 m, speed 60 %\n",
        "\nstage isometric \"One\"\n  hip flexion at most 30 deg   [V2] S01\n  every 1 day\n  pick 1 of bridge, curl\n",
        "\nrun level 1   walk 4 min, run 1 min, 5 times   [V2] S01\nrun level 2   run 20 min\n",
        "\noutcome visa_h at weeks 4, 12   [V] S01\noutcome tests at weeks 2\n",
        "\nrule L04 \"Two of three\"\n  when at least 2 of (test rdl at most 3 NPRS; bridge reps above 20 reps; "
        "settled)"
        " and stage is not isometric\n  and test long_stride negative\n  advance strength\n  until later stage "
        "strength\n"
        "  B [V] S01\n",
        "\nrule A40 \"One step a week\"\n  cap step\n  until calmer\n  D [D]\n",
        "\n  advise one, two, three\n",
        "\n  when sore sides is 2\n  leave out hop\n",
        "\ntext H-1 \"Honest words\"\n  [V] S01\n\nsource S01 \"First et al.\"\nsource S02 \"Second et al.\"\n",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        if (strstr(printed[0], lines[i]) == NULL) {
            fail_msg("not printed: %s", lines[i]);
        }
    }
}

/* Every kind of condition, argument and standing, and whatever is long. */
static void whatever_can_be_written(void **state) {
    (void)state;
    static const char *const added[] = {
        "rule X \"X\"\n  when night pain is not yes and run level is not 3 and test bent_knee is not positive\n  "
        "stop\n  D [D]\n",
        "rule X \"X\"\n  when session pain known and groc unknown and age is 30 years on 1 of 1 day\n  hold stage\n  S "
        "[M] S01\n",
        "rule X \"X\"\n  when at least 1 of (settled; pregnant) and at least 2 of (settled; pregnant)\n  raise\n  D "
        "[D]\n",
        "rule X \"X\"\n  when sitting tolerance at least 1 min\n  hold\n  D [D]\n",
        "rule X \"X\"\n  when morning test over usual at least -0.05 NPRS\n  review routine\n  D [D]\n",
        "rule X \"X\"\n  flare major\n  D [D]\nrule Y \"Y\"\n  label likely\n  D [D]\nrule Z \"Z\"\n  de-load 1 day\n  "
        "D [D]\n",
        "rule X \"X\"\n  expected soreness\n  D [D]\nrule Y \"Y\"\n  open hills and speed\n  D [D]\nrule Z \"Z\"\n  "
        "next speed\n  D [D]\n",
        "rule X \"X\"\n  open running\n  D [D]\nrule Y \"Y\"\n  next run level\n  D [D]\nrule Z \"Z\"\n  clear for "
        "sport\n  D [D]\n",
        "rule X \"X\"\n  avoid hills, speed\n  D [D]\nrule Y \"Y\"\n  fine walk\n  D [D]\nrule Z \"Z\"\n  shockwave "
        "offer\n  D [D]\n",
        "exercise e \"E\"\n  role chain both sides needs mat or mat needs chair needs bench or box\n  hip flexion "
        "0..10 deg [M] knee 5 deg\n"
        "  tissue load tension 0 BW, compression 1.205 BW\n"
        "  level 1   1 set, 1 rep, 1 contact, depth 0 deg, rest 0 s, tempo 0-0-0, tension 1.005 BW [M]\n"
        "  level 2   2 reps, rest 90 s, once a day\n  level 3   3 reps, rest 0 s, compression 0 BW\n"
        "  level 4   tempo 2-0-2, twice a day\n  speed ladder\n  every day\n"
        "  easier end harder end\n",
    };
    for (size_t i = 0; i < sizeof added / sizeof *added; i++) {
        uint32_t line;
        char *text = sample_with(sample_text(), NULL, added[i], &line);
        assert_identity(lw__str(text));
        free(text);
    }
    /* lists and texts so long that a line must be broken */
    char *text = malloc(256 * 1024);
    assert_non_null(text);
    size_t at = (size_t)sprintf(text, "%srule long-id-of-a-rule\n \"", sample_text());
    memset(text + at, 'x', 4090);
    at += 4090;
    at += (size_t)sprintf(text + at, "\"\n  when any of (");
    for (int i = 0; i < 23; i++) {
        at += (size_t)sprintf(text + at, "days since massage or needling at most %d days;\n ", i);
    }
    at += (size_t)sprintf(text + at,
                          "settled)\n  and settled and settled and not settled and settled and settled and settled\n");
    at += (size_t)sprintf(text + at, "  advise a");
    for (int i = 0; i < 200; i++) {
        at += (size_t)sprintf(text + at, ",\n  an-id-with-a-rather-long-name-so-that-lines-fill-up-%d", i);
    }
    at += (size_t)sprintf(text + at, "\n  until a");
    for (int i = 0; i < 60; i++) {
        at += (size_t)sprintf(text + at, "%s name-of-an-argument %d", i > 0 ? ",\n" : "", i);
    }
    char words[4001];
    memset(words, 'y', sizeof words);
    sprintf(text + at, "\n  C [V] S01,\n S02\ntext H-2\n \"%.4000s\" [D]\n", words);
    assert_identity(lw__str(text));
    free(text);
}

static void the_programme_itself(void **state) {
    (void)state;
    FILE *file = fopen(LW_SOURCE_DIR "/protocols/pht/pht.protocol", "rb");
    assert_non_null(file);
    static char text[LW_MAX_PROTOCOL];
    size_t length = fread(text, 1, sizeof text, file);
    fclose(file);
    assert_identity((lw_str){text, (uint32_t)length});
}

/* What a protocol may do without. */
static void the_least(void **state) {
    (void)state;
    static const char *const without[] = {"not for suspected-tear, under-18\n",
                                          "run level 2   run 20 min\n",
                                          "run level 1   walk 4 min, run 1 min, 5 times   [V2] S01\n",
                                          "outcome visa_h at weeks 4, 12   [V] S01\n",
                                          "outcome tests at weeks 2\n",
                                          "text H-1 \"Honest words\"   [V] S01\n",
                                          "source S01 \"First et al.\"\n",
                                          "source S02 \"Second et al.\"\n"};
    char *text = sample_text();
    for (size_t i = 0; i < sizeof without / sizeof *without; i++) {
        uint32_t line;
        char *less = sample_with(text, without[i], "", &line);
        strcpy(text, less);
        assert_identity(lw__str(text));
        free(less);
    }
}

static void too_little_room(void **state) {
    (void)state;
    sample_result r = sample_compile(lw__str(sample_text()));
    int64_t length = lw_protocol_print(r.protocol, printed[0], sizeof printed[0]);
    for (int64_t cap = 0; cap < length; cap += cap < 300 ? 1 : 97) {
        memset(printed[1], 'z', (size_t)length);
        assert_int_equal(lw_protocol_print(r.protocol, printed[1], (size_t)cap), LW_ERR_NO_MEMORY);
        assert_int_equal(printed[1][cap], 'z');
    }
    assert_int_equal(lw_protocol_print(r.protocol, printed[1], (size_t)length), length);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sample),
        cmocka_unit_test(canonical_lines),
        cmocka_unit_test(whatever_can_be_written),
        cmocka_unit_test(the_programme_itself),
        cmocka_unit_test(the_least),
        cmocka_unit_test(too_little_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
