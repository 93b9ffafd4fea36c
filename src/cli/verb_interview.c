/*
 * verb_interview.c: assess, checkin and retest: short questions whose answers become entries.
 *
 * The warning signs come first. A yes is written before anything else is asked, so that it stands even when the person
 * closes the window; the plan made from it then says whom to see, and the questions end.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/interview.h"
#include "cli/locale.h"
#include "words/tree.h"

/* ---- the entry being made ---- */

void cli_interview_member(cli_interview *talk, const char *name) {
    cli_buf_str(&talk->data, talk->data.len == 0 ? "{" : ",");
    cli_buf_json(&talk->data, name);
    cli_buf_str(&talk->data, ":");
}

bool cli_interview_number(cli_interview *talk, const char *name, const char *question, long most) {
    long value = 0;
    bool given = cli_ask_number(&talk->ask, question, 0, most, &value);
    if (given) {
        cli_interview_member(talk, name);
        cli_buf_fmt(&talk->data, "%ld", value);
    }
    return given;
}

static void yes_no(cli_interview *talk, const char *name, const char *question) {
    bool value = false;
    if (cli_ask_yes(&talk->ask, question, &value)) {
        cli_interview_member(talk, name);
        cli_buf_str(&talk->data, value ? "true" : "false");
    }
}

static int word(cli_interview *talk, const char *name, const char *question, const char *const *words, int count) {
    int chosen = -1;
    if (cli_ask_word(&talk->ask, question, words, count, &chosen)) {
        cli_interview_member(talk, name);
        cli_buf_json(&talk->data, words[chosen]);
        return chosen;
    }
    return -1;
}

static void list(cli_buf *data, uint32_t chosen, const char *const *names, int count) {
    cli_buf_str(data, "[");
    const char *comma = "";
    for (int i = 0; i < count; i++) {
        if ((chosen & LW_BIT(i)) != 0) {
            cli_buf_str(data, comma);
            cli_buf_json(data, names[i]);
            comma = ",";
        }
    }
    cli_buf_str(data, "]");
}

int cli_interview_write(cli_interview *talk, const char *kind, const char *data) {
    cli_buf line = {0};
    cli_event_line(&line, talk->patient, kind, talk->at, talk->by, NULL, data);
    cli_buf_str(&line, "\n");
    int code = cli_append(talk->path, line.ptr, line.len);
    cli_buf_free(&line);
    if (code == CLI_OK) {
        bool again = talk->written.len > 0 && strcmp(talk->last, kind) == 0;
        if (!again) {
            cli_buf_fmt(&talk->written, "%s%s", talk->written.len > 0 ? ", " : "", cli_word("word", kind));
            snprintf(talk->last, sizeof talk->last, "%s", kind);
        }
    }
    return code;
}

/* ---- beginning and end ---- */

int cli_interview_begin(const cli_args *args, cli_interview *talk, const char *by) {
    *talk = (cli_interview){.args = args,
                            .ask = {.screen = cli_screen_out()},
                            .path = args->positional[0],
                            .by = by,
                            .at = cli_option_value(args, "--at"),
                            .test = LW_TEST_BRIDGE_SINGLE};
    cli_log log = {0};
    int code = cli_log_load(talk->path, &log);
    if (code == CLI_OK && log.newer) {
        code = cli_newer_help(&log);
    } else if (code == CLI_OK && log.record.patient.len == 0) {
        code = cli_usage(args, "%s is empty; loadwave init begins a record", talk->path);
    }
    if (code == CLI_OK) {
        memcpy(talk->patient, log.record.patient.ptr, log.record.patient.len < 64 ? log.record.patient.len : 64);
        for (uint32_t i = 0; i < log.record.count; i++) {
            const lw_event *event = &log.record.events[i];
            talk->started = talk->started || (event->kind == LW_KIND_STARTED && !event->voided);
            const struct lw_ev_checkin *checkin = event->data;
            if (event->kind == LW_KIND_CHECKIN && !event->voided && (checkin->has & LW_HAS_CHECKIN_TEST) != 0) {
                talk->test = checkin->test;
            }
        }
    }
    cli_log_free(&log);
    return code;
}

int32_t cli_interview_day(const cli_interview *talk) {
    int32_t day = cli_local_day();
    if (talk->at != NULL) {
        char date[11] = "";
        memcpy(date, talk->at, strlen(talk->at) < 10 ? strlen(talk->at) : 10);
        cli_day_read(date, &day);
    }
    return day;
}

int cli_interview_show_plan(cli_interview *talk) {
    cli_log log = {0};
    cli_rules rules = {0};
    cli_plan plan = {0};
    int32_t day = cli_interview_day(talk);
    int code = cli_log_load(talk->path, &log);
    if (code == CLI_OK) {
        code = cli_rules_load(cli_option_value(talk->args, "--protocol"), &rules);
    }
    if (code == CLI_OK) {
        code = cli_plan_make(&rules, &log, day, 0, false, &plan);
    }
    if (code == CLI_OK) {
        putchar('\n');
        cli_render_plan(&talk->ask.screen, &plan, rules.protocol, false);
    }
    cli_plan_free(&plan);
    cli_rules_free(&rules);
    cli_log_free(&log);
    return code;
}

void cli_interview_finish(cli_interview *talk) {
    cli_buf text = {0};
    putchar('\n');
    if (talk->written.len > 0) {
        cli_say(&text, "ask.written", CLI_ARGS("list", talk->written.ptr));
    } else {
        cli_say(&text, "ask.nothing", NULL);
    }
    cli_print(&talk->ask.screen, CLI_PLAIN, "", "", text.ptr);
    cli_buf_free(&text);
}

void cli_interview_end(cli_interview *talk) {
    cli_buf_free(&talk->data);
    cli_buf_free(&talk->written);
}

/* Asks the warning signs and writes what was said. *stop: the questions end here. */
static int warning_signs(cli_interview *talk, bool *stop) {
    uint32_t flags = 0;
    int answer = cli_ask_flags(&talk->ask, &flags);
    *stop = answer == 1;
    if (answer == 2) {
        cli_print(&talk->ask.screen, CLI_YELLOW, "", "", cli_text("ask.flags_skipped"));
        return CLI_OK;
    }
    cli_buf data = {0};
    cli_buf_str(&data, "{\"flags\":");
    list(&data, flags, lw_flag_names, LW_FLAGS);
    cli_buf_str(&data, "}");
    int code = cli_interview_write(talk, "screened", data.ptr);
    cli_buf_free(&data);
    if (code != CLI_OK || answer == 0) {
        return code;
    }
    bool stops = false;
    for (int i = 0; i < LW_FLAGS; i++) {
        stops = stops || ((flags & LW_BIT(i)) != 0 && lw_flag_table[i].stops);
    }
    putchar('\n');
    cli_flag_card(&talk->ask.screen, flags);
    cli_print(&talk->ask.screen, CLI_BOLD, "  ", "  ", cli_text(stops ? "ask.flags_stop" : "ask.flags_refer"));
    return code;
}

/* ---- checkin ---- */

int cli_verb_checkin(const cli_args *args) {
    cli_interview talk;
    int code = cli_interview_begin(args, &talk, "patient");
    bool stop = false;
    if (code == CLI_OK) {
        code = warning_signs(&talk, &stop);
    }
    if (code != CLI_OK || stop) {
        cli_interview_end(&talk);
        return code;
    }
    if (cli_interview_number(&talk, "pain_morning", cli_text("ask.pain_morning"), 10)) {
        cli_buf question = {0};
        cli_say(&question, "ask.pain_test", CLI_ARGS("test", lw_test_names[talk.test]));
        if (cli_interview_number(&talk, "pain_test", question.ptr, 10)) {
            cli_interview_member(&talk, "test");
            cli_buf_json(&talk.data, lw_test_names[talk.test]);
        }
        cli_buf_free(&question);
        cli_interview_number(&talk, "pain_worst_24h", cli_text("ask.pain_worst_24h"), 10);
        yes_no(&talk, "night_pain", cli_text("ask.night_pain"));
        yes_no(&talk, "rest_pain", cli_text("ask.rest_pain"));
        cli_interview_number(&talk, "stiffness_min", cli_text("ask.stiffness_min"), 600);
        cli_interview_number(&talk, "sitting_min", cli_text("ask.sitting_min"), 600);
        cli_interview_number(&talk, "muscle_soreness", cli_text("ask.muscle_soreness"), 10);
        word(&talk, "pain_relief", cli_text("ask.pain_relief"), lw_pain_relief_names, LW_PAIN_RELIEF_WORDS);
        cli_interview_number(&talk, "sleep_h", cli_text("ask.sleep_h"), 24);
        cli_interview_number(&talk, "stress", cli_text("ask.stress"), 10);
        cli_buf_str(&talk.data, "}");
        code = cli_interview_write(&talk, "checkin", talk.data.ptr);
    }
    cli_interview_finish(&talk);
    if (code == CLI_OK && talk.written.len > 0) {
        code = cli_interview_show_plan(&talk);
    }
    cli_interview_end(&talk);
    return code;
}

/* ---- assess ---- */

static void tests(cli_interview *talk, bool clinician) {
    cli_buf answers = {0}, question = {0};
    static const uint8_t ladder[] = {
        LW_TEST_BRIDGE_DOUBLE, LW_TEST_BRIDGE_SINGLE, LW_TEST_BRIDGE_LONG_LEVER, LW_TEST_RDL,
        LW_TEST_ARABESQUE,     LW_TEST_LUNGE,         LW_TEST_DROP_LUNGE,        LW_TEST_HOP};
    for (size_t i = 0; i < sizeof ladder; i++) {
        long pain = 0;
        cli_buf_clear(&question);
        cli_say(&question, "ask.test", CLI_ARGS("test", lw_test_names[ladder[i]]));
        if (!cli_ask_number(&talk->ask, question.ptr, 0, 10, &pain)) {
            continue;
        }
        cli_buf_fmt(&answers, "%s\"%s\":%ld", answers.len > 0 ? "," : "", lw_test_names[ladder[i]], pain);
        if (pain >= 4) { /* the ladder stops at the first rung that hurts (docs/format/record.md) */
            break;
        }
    }
    for (int test = LW_PAIN_TESTS; clinician && test < LW_TESTS; test++) {
        int chosen = 0;
        cli_buf_clear(&question);
        cli_say(&question, "ask.finding", CLI_ARGS("test", lw_test_names[test]));
        if (cli_ask_word(&talk->ask, question.ptr, lw_finding_names, LW_FINDING_WORDS, &chosen)) {
            cli_buf_fmt(&answers, "%s\"%s\":\"%s\"", answers.len > 0 ? "," : "", lw_test_names[test],
                        lw_finding_names[chosen]);
        }
    }
    if (answers.len > 0) {
        cli_interview_member(talk, "tests");
        cli_buf_fmt(&talk->data, "{%s}", answers.ptr);
    }
    cli_buf_free(&answers);
    cli_buf_free(&question);
}

static void bridge_reps(cli_interview *talk) {
    long left = 0, right = 0;
    bool has_left = cli_ask_number(&talk->ask, cli_text("ask.bridge_left"), 0, 200, &left);
    bool has_right = cli_ask_number(&talk->ask, cli_text("ask.bridge_right"), 0, 200, &right);
    if (!has_left && !has_right) {
        return;
    }
    cli_interview_member(talk, "bridge_reps");
    cli_buf_str(&talk->data, "{");
    if (has_left) {
        cli_buf_fmt(&talk->data, "\"left\":%ld", left);
    }
    if (has_right) {
        cli_buf_fmt(&talk->data, "%s\"right\":%ld", has_left ? "," : "", right);
    }
    cli_buf_str(&talk->data, "}");
}

static int start(cli_interview *talk, bool clinician) {
    bool yes = false;
    if (!cli_ask_yes(&talk->ask, cli_text("ask.start"), &yes) || !yes) {
        return CLI_OK;
    }
    cli_rules rules = {0};
    int code = cli_rules_load(cli_option_value(talk->args, "--protocol"), &rules);
    if (code != CLI_OK) {
        return code;
    }
    lw_str id = lw_protocol_id(rules.protocol), version = lw_protocol_version(rules.protocol);
    cli_buf data = {0};
    cli_buf_fmt(&data, "{\"protocol\":\"%.*s@%.*s\",\"authority\":\"%s\"", (int)id.len, id.ptr, (int)version.len,
                version.ptr, clinician ? "progress" : "suggest");
    uint32_t days = 0, equipment = 0;
    long items = 0;
    if (cli_ask_many(&talk->ask, cli_text("ask.days"), lw_weekday_names, LW_WEEKDAY_WORDS, &days) && days != 0) {
        cli_buf_str(&data, ",\"days\":");
        list(&data, days, lw_weekday_names, LW_WEEKDAY_WORDS);
    }
    if (cli_ask_many(&talk->ask, cli_text("ask.equipment"), lw_equipment_names, LW_EQUIPMENTS, &equipment)) {
        cli_buf_str(&data, ",\"equipment\":");
        list(&data, equipment, lw_equipment_names, LW_EQUIPMENTS);
    }
    if (cli_ask_number(&talk->ask, cli_text("ask.max_items"), 1, 6, &items)) {
        cli_buf_fmt(&data, ",\"max_items\":%ld", items);
    }
    cli_buf_str(&data, "}");
    code = cli_interview_write(talk, "started", data.ptr);
    cli_buf_free(&data);
    cli_rules_free(&rules);
    return code;
}

static void history(cli_interview *talk) {
    int onset = word(talk, "onset", cli_text("ask.onset"), lw_onset_names, LW_ONSET_WORDS);
    uint32_t events = 0;
    const char *const event_lines[] = {cli_text("ask.event.pop"), cli_text("ask.event.bruise"),
                                       cli_text("ask.event.weakness")};
    if (onset == LW_ONSET_SUDDEN &&
        cli_ask_many(&talk->ask, cli_text("ask.event"), event_lines, LW_ONSET_EVENT_WORDS, &events)) {
        cli_interview_member(talk, "event");
        list(&talk->data, events, lw_onset_event_names, LW_ONSET_EVENT_WORDS);
    }
    cli_interview_number(talk, "weeks", cli_text("ask.weeks"), 2000);
    yes_no(talk, "localised", cli_text("ask.localised"));
    yes_no(talk, "load_increase", cli_text("ask.load_increase"));
    yes_no(talk, "below_knee", cli_text("ask.below_knee"));
    yes_no(talk, "rest_pain", cli_text("ask.rest_pain"));
    yes_no(talk, "night_pain", cli_text("ask.night_pain"));
    cli_interview_number(talk, "adl_pain", cli_text("ask.adl_pain"), 10);
    cli_interview_number(talk, "sitting_min", cli_text("ask.sitting_min"), 600);
}

static void shockwave_history(cli_interview *talk) {
    const char *lines[LW_CONTRAS];
    uint32_t contra = 0;
    for (int i = 0; i < LW_CONTRAS; i++) {
        lines[i] = cli_word("contra", lw_contra_names[i]);
    }
    if (cli_ask_many(&talk->ask, cli_text("ask.contraindications"), lines, LW_CONTRAS, &contra)) {
        cli_interview_member(talk, "contraindications");
        list(&talk->data, contra, lw_contra_names, LW_CONTRAS);
    }
    cli_interview_number(talk, "loading_weeks", cli_text("ask.loading_weeks"), 520);
    word(talk, "loading_response", cli_text("ask.loading_response"), lw_response_names, LW_RESPONSE_WORDS);
    cli_interview_number(talk, "longest_run_km", cli_text("ask.longest_run_km"), 200);
    word(talk, "imaging", cli_text("ask.imaging"), lw_imaging_names, LW_IMAGING_WORDS);
    word(talk, "tear", cli_text("ask.tear"), lw_tear_names, LW_TEAR_WORDS);
}

int cli_verb_assess(const cli_args *args) {
    const char *by = cli_option_value(args, "--by");
    by = by != NULL ? by : "patient";
    bool clinician = strncmp(by, "clinician:", 10) == 0;
    cli_interview talk;
    int code = cli_interview_begin(args, &talk, by);
    bool stop = false;
    if (code == CLI_OK) {
        code = warning_signs(&talk, &stop);
    }
    if (code != CLI_OK || stop) {
        cli_interview_end(&talk);
        return code;
    }
    history(&talk);
    tests(&talk, clinician);
    bridge_reps(&talk);
    shockwave_history(&talk);
    if (talk.data.len > 0) {
        cli_buf_str(&talk.data, "}");
        code = cli_interview_write(&talk, "assessed", talk.data.ptr);
    }
    if (code == CLI_OK && !talk.started) {
        code = start(&talk, clinician);
    }
    cli_interview_finish(&talk);
    if (code == CLI_OK && talk.written.len > 0) {
        code = cli_interview_show_plan(&talk);
    }
    cli_interview_end(&talk);
    return code;
}

/* ---- retest ---- */

/* Asks the scores of the questionnaires; each becomes an entry of its own. */
static int scores(cli_interview *talk) {
    cli_buf question = {0}, data = {0};
    int code = CLI_OK;
    for (int i = 0; i < LW_INSTRUMENT_WORDS && code == CLI_OK; i++) {
        long score = 0;
        cli_buf_clear(&question);
        cli_say(&question, "ask.score", CLI_ARGS("what", lw_instrument_names[i]));
        if (cli_ask_number(&talk->ask, question.ptr, lw_instrument_range[i].min, lw_instrument_range[i].max, &score)) {
            cli_buf_clear(&data);
            cli_buf_fmt(&data, "{\"instrument\":\"%s\",\"score\":%ld}", lw_instrument_names[i], score);
            code = cli_interview_write(talk, "outcome", data.ptr);
        }
    }
    cli_buf_free(&question);
    cli_buf_free(&data);
    return code;
}

int cli_verb_retest(const cli_args *args) {
    const char *by = cli_option_value(args, "--by");
    by = by != NULL ? by : "patient";
    cli_interview talk;
    int code = cli_interview_begin(args, &talk, by);
    if (code == CLI_OK) {
        tests(&talk, strncmp(by, "clinician:", 10) == 0);
        bridge_reps(&talk);
        cli_interview_number(&talk, "sitting_min", cli_text("ask.sitting_min"), 600);
        if (talk.data.len > 0) {
            cli_buf_str(&talk.data, "}");
            code = cli_interview_write(&talk, "tested", talk.data.ptr);
        }
    }
    code = code == CLI_OK ? scores(&talk) : code;
    if (code == CLI_OK) {
        cli_interview_finish(&talk);
        code = talk.written.len > 0 ? cli_interview_show_plan(&talk) : CLI_OK;
    }
    cli_interview_end(&talk);
    return code;
}
