/*
 * verb_prove.c: protocol prove. Walks the checker (src/prove) to its end and says what holds and what does not; a broken
 * property with a sentence and the story of a patient that shows it.
 *
 * The checker knows no clock; the seconds are measured here: those that the processor computed, and those that went by. Its memory is asked for once, before it begins, and comes from
 * the system page by page as it is used.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "cli/locale.h"
#include "cli/render_story.h"
#include "prove/prove.h"

enum { MIB = 1024 * 1024 };

typedef struct proof {
    cli_rules rules;
    const char *path; /* of the protocol; NULL for the built-in one */
    lw_prover *prover;
    lw_property only; /* LW_PROPERTY_COUNT: all */
    int32_t err;      /* of the walk; 0 when all is decided */
    int64_t ms;       /* that the processor computed on the walk */
    int64_t waited;   /* ms that went by meanwhile */
} proof;

static int64_t ms_of(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A whole number with a thin gap between thousands, as both languages read it. */
static const char *grouped(uint64_t value, char out[48]) {
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)value);
    char *at = out;
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0) {
            memcpy(at, "\u202f", 3);
            at += 3;
        }
        *at++ = digits[i];
    }
    *at = '\0';
    return out;
}

static uint64_t a_second(uint64_t count, int64_t ms) {
    return ms > 0 ? count * 1000 / (uint64_t)ms : count;
}

/* Seconds with one place. */
static void tenths(int64_t ms, char out[32]) {
    snprintf(out, 32, "%lld.%lld", (long long)(ms / 1000), (long long)(ms % 1000 / 100));
}

/* ---- the walk ---- */

/* Cuts text to so many columns. */
static void cut(char *text, int columns) {
    for (; *text != '\0'; text++) {
        columns -= ((unsigned char)*text & 0xc0) != 0x80;
        if (columns < 0) {
            *text = '\0';
            return;
        }
    }
}

/* One line on stderr, drawn over the last one. */
static void draw(const proof *own, int64_t ms) {
    lw_prove_progress at = lw_prove_progress_of(own->prover);
    char walk[64], index[16], of[16], states[48], rate[48], memory[24];
    snprintf(walk, sizeof walk, "prove.walk.%s", at.walk);
    snprintf(index, sizeof index, "%u", at.walk_index + 1);
    snprintf(of, sizeof of, "%u", at.walks);
    snprintf(memory, sizeof memory, "%zu", at.memory / MIB);
    cli_buf name = {0}, line = {0};
    cli_say(&name, walk, NULL);
    cli_say(&line, "prove.progress",
            CLI_ARGS("walk", cli_buf_get(&name), "n", index, "of", of, "states", grouped(at.states, states), "rate",
                     grouped(a_second(at.transitions, ms), rate), "memory", memory));
    cut(line.ptr, cli_screen_out().width - 1);
    fprintf(stderr, "\r\033[K%s", line.ptr);
    fflush(stderr);
    cli_buf_free(&name);
    cli_buf_free(&line);
}

/* In steps of one size, so that the numbers said do not hang on the machine's speed. */
static void walk(proof *own) {
    enum { STEPS = 1 << 16, DRAW_MS = 100 };
    bool terminal = isatty(STDERR_FILENO) != 0, decided = false;
    int64_t computed = ms_of(CLOCK_PROCESS_CPUTIME_ID), began = ms_of(CLOCK_MONOTONIC), drawn = began;
    int32_t more = 1;
    while (more > 0 && !decided) {
        more = lw_prove_step(own->prover, STEPS);
        decided = own->only < LW_PROPERTY_COUNT && lw_prove_result_of(own->prover, own->only)->verdict != LW_PROVE_OPEN;
        if (terminal && ms_of(CLOCK_MONOTONIC) - drawn >= DRAW_MS) {
            drawn = ms_of(CLOCK_MONOTONIC);
            draw(own, ms_of(CLOCK_PROCESS_CPUTIME_ID) - computed);
        }
    }
    own->err = decided ? 0 : more;
    own->ms = ms_of(CLOCK_PROCESS_CPUTIME_ID) - computed;
    own->waited = ms_of(CLOCK_MONOTONIC) - began;
    if (terminal) {
        fputs("\r\033[K", stderr);
    }
}

/* ---- what was found ---- */

static bool wanted(const proof *own, lw_property property) {
    return own->only == LW_PROPERTY_COUNT || own->only == property;
}

static int count_of(const proof *own, lw_prove_verdict verdict) {
    int count = 0;
    for (lw_property property = 0; property < LW_PROPERTY_COUNT; property++) {
        count += wanted(own, property) && lw_prove_result_of(own->prover, property)->verdict == verdict;
    }
    return count;
}

/* The first broken property that has a story, LW_PROPERTY_COUNT when there is none. */
static lw_property first_story(const proof *own) {
    for (lw_property property = 0; property < LW_PROPERTY_COUNT; property++) {
        const lw_prove_result *result = lw_prove_result_of(own->prover, property);
        if (wanted(own, property) && result->verdict == LW_PROVE_BROKEN && result->story.len > 0) {
            return property;
        }
    }
    return LW_PROPERTY_COUNT;
}

/* What is broken, in a sentence. */
static void sentence(cli_buf *text, const lw_prove_result *result) {
    enum { ARGS = sizeof result->args / sizeof result->args[0] };
    const char *args[2 * ARGS + 1] = {NULL};
    char *values[ARGS] = {NULL};
    for (size_t i = 0; i < ARGS && result->args[i].name != NULL; i++) {
        lw_str value = result->args[i].value;
        values[i] = cli_need((size_t)value.len + 1);
        memcpy(values[i], value.ptr, value.len);
        args[2 * i] = result->args[i].name;
        args[2 * i + 1] = values[i];
    }
    char id[96];
    snprintf(id, sizeof id, "prove.%s", result->what);
    cli_say(text, id, args);
    for (size_t i = 0; i < ARGS; i++) {
        free(values[i]);
    }
}

static const char *const verdicts[] = {"open", "holds", "broken"};

/* ---- JSON ---- */

static void json_str(cli_buf *out, lw_str text) {
    char *copy = cli_need((size_t)text.len + 1);
    memcpy(copy, text.ptr, text.len);
    cli_buf_json(out, copy);
    free(copy);
}

static void json_result(cli_buf *out, lw_property property, const lw_prove_result *result) {
    cli_buf_str(out, "{\"id\":");
    cli_buf_json(out, lw_property_id(property));
    cli_buf_str(out, ",\"name\":");
    cli_buf_json(out, lw_property_name(property));
    cli_buf_fmt(out, ",\"verdict\":\"%s\",\"states\":%llu,\"transitions\":%llu", verdicts[result->verdict],
                (unsigned long long)result->states, (unsigned long long)result->transitions);
    if (result->verdict == LW_PROVE_BROKEN) {
        cli_buf text = {0};
        cli_buf_str(out, ",\"what\":");
        cli_buf_json(out, result->what);
        cli_buf_str(out, ",\"args\":{");
        for (int i = 0; i < 3 && result->args[i].name != NULL; i++) {
            cli_buf_str(out, i > 0 ? "," : "");
            cli_buf_json(out, result->args[i].name);
            cli_buf_str(out, ":");
            json_str(out, result->args[i].value);
        }
        sentence(&text, result);
        cli_buf_str(out, "},\"sentence\":");
        cli_buf_json(out, cli_buf_get(&text));
        cli_buf_free(&text);
        if (result->story.len > 0) {
            char from[12], day[12];
            cli_buf_fmt(out, ",\"from\":\"%s\",\"day\":\"%s\"", cli_day_iso(result->from, from),
                        cli_day_iso(result->day, day));
        }
        cli_buf_str(out, ",\"story\":[");
        for (uint32_t i = 0; i < result->story.len; i++) {
            bool end = result->story.ptr[i] == '\n';
            cli_buf_add(out, end ? "," : &result->story.ptr[i], !end || i + 1 < result->story.len ? 1 : 0);
        }
        cli_buf_str(out, "]");
    }
    cli_buf_str(out, "}");
}

static void print_json(const proof *own) {
    lw_prove_progress at = lw_prove_progress_of(own->prover);
    lw_str id = lw_protocol_id(own->rules.protocol), version = lw_protocol_version(own->rules.protocol);
    cli_buf out = {0};
    cli_buf_fmt(&out, "{\"protocol\":\"%.*s@%.*s\",\"sha256\":\"", (int)id.len, id.ptr, (int)version.len, version.ptr);
    for (int i = 0; i < 32; i++) {
        cli_buf_fmt(&out, "%02x", lw_protocol_hash(own->rules.protocol)[i]);
    }
    bool holds = count_of(own, LW_PROVE_BROKEN) + count_of(own, LW_PROVE_OPEN) == 0;
    cli_buf_fmt(&out, "\",\"engine\":\"%s\",\"holds\":%s,\"states\":%llu,\"transitions\":%llu,\"properties\":[",
                lw_version(), holds ? "true" : "false", (unsigned long long)at.states,
                (unsigned long long)at.transitions);
    const char *lead = "";
    for (lw_property property = 0; property < LW_PROPERTY_COUNT; property++) {
        if (wanted(own, property)) {
            cli_buf_str(&out, lead);
            json_result(&out, property, lw_prove_result_of(own->prover, property));
            lead = ",";
        }
    }
    cli_buf_str(&out, "]}");
    puts(out.ptr);
    cli_buf_free(&out);
}

/* ---- for a person ---- */

static void table(const proof *own, const cli_screen *screen) {
    static const cli_style styles[] = {CLI_YELLOW, CLI_GREEN, CLI_ALARM};
    static const char *const words[] = {"prove.open", "prove.holds", "prove.broken"};
    int wide = 0;
    for (int i = 0; i < 3; i++) {
        int columns = cli_columns(cli_text(words[i]));
        wide = columns > wide ? columns : wide;
    }
    for (lw_property property = 0; property < LW_PROPERTY_COUNT; property++) {
        const lw_prove_result *result = lw_prove_result_of(own->prover, property);
        if (!wanted(own, property)) {
            continue;
        }
        const char *word = cli_text(words[result->verdict]);
        char states[48];
        grouped(result->states > 0 ? result->states : lw_prove_progress_of(own->prover).states, states);
        fprintf(screen->file, "  %-4s %-17s ", lw_property_id(property), lw_property_name(property));
        cli_ink(screen, styles[result->verdict], word);
        fprintf(screen->file, "%*s%s\n", wide - cli_columns(word) + 16 - cli_columns(states), "", states);
    }
}

static void say(const cli_screen *screen, cli_style style, const char *id, const char *const *args) {
    cli_buf text = {0};
    cli_say(&text, id, args);
    cli_print(screen, style, "", "", cli_buf_get(&text));
    cli_buf_free(&text);
}

static int tell(const proof *own, const cli_screen *screen, lw_property property) {
    const lw_prove_result *result = lw_prove_result_of(own->prover, property);
    cli_buf text = {0};
    fputc('\n', screen->file);
    cli_buf_fmt(&text, "%s %s: ", lw_property_id(property), lw_property_name(property));
    sentence(&text, result);
    cli_print(screen, CLI_RED, "", "  ", text.ptr);
    cli_print(screen, CLI_DIM, "  ", "  ", cli_word("property", lw_property_id(property)));
    cli_buf_free(&text);
    if (result->story.len == 0) {
        say(screen, CLI_PLAIN, "prove.no_story", NULL);
        return CLI_OK;
    }
    fputc('\n', screen->file);
    char *bytes = cli_need((size_t)result->story.len + 1);
    memcpy(bytes, result->story.ptr, result->story.len);
    cli_log log = {0};
    int code = cli_log_decode(lw_property_id(property), bytes, result->story.len, false, &log);
    if (code == CLI_OK) {
        code = cli_story_print(screen, &own->rules, &log, result->from, result->day);
    }
    cli_log_free(&log);
    free(bytes);
    return code;
}

static int report(const proof *own) {
    cli_screen screen = cli_screen_out();
    lw_prove_progress at = lw_prove_progress_of(own->prover);
    lw_str id = lw_protocol_id(own->rules.protocol), version = lw_protocol_version(own->rules.protocol);
    char name[160], states[48], transitions[48], rate[48], seconds[32], clock[32], memory[24];
    snprintf(name, sizeof name, "%.*s@%.*s", (int)id.len, id.ptr, (int)version.len, version.ptr);
    say(&screen, CLI_BOLD, "prove.title", CLI_ARGS("protocol", name));
    putchar('\n');
    table(own, &screen);
    putchar('\n');
    tenths(own->ms, seconds);
    tenths(own->waited, clock);
    snprintf(memory, sizeof memory, "%zu", (at.memory + MIB - 1) / MIB);
    say(&screen, CLI_PLAIN, "prove.totals",
        CLI_ARGS("states", grouped(at.states, states), "transitions", grouped(at.transitions, transitions), "rate",
                 grouped(a_second(at.states, own->ms), rate), "seconds", seconds, "clock", clock, "memory", memory));
    char broken[16], open[16];
    snprintf(broken, sizeof broken, "%d", count_of(own, LW_PROVE_BROKEN));
    snprintf(open, sizeof open, "%d", count_of(own, LW_PROVE_OPEN));
    if (count_of(own, LW_PROVE_BROKEN) > 0) {
        say(&screen, CLI_RED, "prove.some_broken", CLI_ARGS("n", broken));
    }
    if (count_of(own, LW_PROVE_OPEN) > 0) {
        say(&screen, CLI_YELLOW, "prove.some_open", CLI_ARGS("n", open));
    }
    if (count_of(own, LW_PROVE_HOLDS) > 0 && count_of(own, LW_PROVE_BROKEN) + count_of(own, LW_PROVE_OPEN) == 0) {
        say(&screen, CLI_GREEN, own->only == LW_PROPERTY_COUNT ? "prove.all_hold" : "prove.it_holds", NULL);
    }
    int code = CLI_OK;
    for (lw_property property = 0; property < LW_PROPERTY_COUNT && code == CLI_OK; property++) {
        if (wanted(own, property) && lw_prove_result_of(own->prover, property)->verdict == LW_PROVE_BROKEN) {
            code = tell(own, &screen, property);
        }
    }
    return code;
}

/* Writes the first story, and says how to look at its day; what is said is no part of the JSON. */
static int keep(const proof *own, const char *path, bool quiet) {
    lw_property property = first_story(own);
    cli_screen screen = cli_screen_out();
    if (property == LW_PROPERTY_COUNT) {
        if (path != NULL) {
            fprintf(stderr, "loadwave: there is no story to write to %s\n", path);
        }
        return CLI_OK;
    }
    const lw_prove_result *result = lw_prove_result_of(own->prover, property);
    if (path != NULL) {
        int code = cli_file_write(path, result->story.ptr, result->story.len, false);
        if (code != CLI_OK) {
            return code;
        }
    }
    if (quiet) {
        return CLI_OK;
    }
    putchar('\n');
    if (path == NULL) {
        say(&screen, CLI_DIM, "prove.keep", NULL);
        return CLI_OK;
    }
    char day[12];
    say(&screen, CLI_PLAIN, "prove.replay", CLI_ARGS("property", lw_property_id(property), "file", path));
    printf("  loadwave today %s --on %s%s%s\n", path, cli_day_iso(result->day, day),
           own->path != NULL ? " --protocol " : "", own->path != NULL ? own->path : "");
    return CLI_OK;
}

/* ---- the verb ---- */

/* By id or by name, as the table shows them. */
static int choose(const cli_args *args, lw_property *only) {
    const char *given = cli_option_value(args, "--property");
    const char *names[LW_PROPERTY_COUNT];
    *only = LW_PROPERTY_COUNT;
    for (lw_property property = 0; given != NULL && property < LW_PROPERTY_COUNT; property++) {
        names[property] = lw_property_name(property);
        if (strcmp(given, names[property]) == 0 || strcmp(given, lw_property_id(property)) == 0) {
            *only = property;
            return CLI_OK;
        }
    }
    if (given == NULL) {
        return CLI_OK;
    }
    const char *near = cli_nearest(given, names, LW_PROPERTY_COUNT);
    return near != NULL ? cli_usage(args, "there is no property \"%s\"; did you mean \"%s\"?", given, near)
                        : cli_usage(args, "there is no property \"%s\"; they are %s to %s", given, lw_property_id(0),
                                    lw_property_id(LW_PROPERTY_COUNT - 1));
}

int cli_verb_protocol_prove(const cli_args *args) {
    proof own = {.path = args->count > 0 ? args->positional[0] : NULL};
    long mib = LW_PROVE_MEMORY / MIB;
    int code = choose(args, &own.only);
    if (code == CLI_OK) {
        code = cli_option_number(args, "--memory", 1, 65536, &mib);
    }
    if (code == CLI_OK) {
        code = cli_rules_load(own.path, &own.rules);
    }
    if (code != CLI_OK) {
        return code;
    }
    size_t size = (size_t)mib * MIB;
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    lw_arena arena = lw_arena_over(memory == MAP_FAILED ? NULL : memory, memory == MAP_FAILED ? 0 : size);
    own.err = lw_prove_begin(own.rules.protocol, &arena, &own.prover);
    if (own.err != 0) {
        fprintf(stderr, "loadwave: %ld MiB of memory are not there, or not enough to begin: nothing was decided\n",
                mib);
        code = CLI_IO;
    } else {
        bool json = cli_option_value(args, "--json") != NULL;
        walk(&own);
        code = CLI_OK;
        if (json) {
            print_json(&own);
        } else {
            code = report(&own);
        }
        if (own.err != 0) {
            fprintf(stderr, "loadwave: %s (%ld MiB were given; --memory gives more)\n", lw_err_sentence(own.err), mib);
        }
        int kept = keep(&own, cli_option_value(args, "--story"), json);
        code = code != CLI_OK                        ? code
               : kept != CLI_OK                      ? kept
               : count_of(&own, LW_PROVE_BROKEN) > 0 ? CLI_FINDING
               : own.err != 0                        ? CLI_IO
                                                     : CLI_OK;
    }
    if (memory != MAP_FAILED) {
        munmap(memory, size);
    }
    cli_rules_free(&own.rules);
    return code;
}
