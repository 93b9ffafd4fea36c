/*
 * verb_hazards.c: what can go wrong with this program, what is done about it, how that is known, and what remains. All that
 * it says stands in hazards_table.c, in both languages.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/hazards.h"

static int compare(const void *key, const void *entry) {
    return strcmp((const char *)key, ((const lw_sentence *)entry)->id);
}

/* The sentence hazards.FAMILY.PART in the reader's language; the part itself when there is none. */
static const char *sentence(const char *family, const char *part) {
    bool spanish = strcmp(cli_language(), "es") == 0;
    char key[64];
    snprintf(key, sizeof key, "hazards.%s%s%s", family, family[0] != '\0' ? "." : "", part);
    const lw_sentence *table = spanish ? cli_hazard_sentences_es : cli_hazard_sentences_en;
    unsigned count = spanish ? cli_hazard_sentences_es_count : cli_hazard_sentences_en_count;
    const lw_sentence *found = bsearch(key, table, count, sizeof table[0], compare);
    return found != NULL ? found->text : part;
}

static const char *control_sentence(const struct cli_hazard *hazard, int number) {
    char part[8];
    snprintf(part, sizeof part, "c%d", number % 100 + 1);
    return sentence(hazard->id, part);
}

/* ---- for people ---- */

static void list(const cli_screen *screen) {
    cli_print(screen, CLI_BOLD, "", "", sentence("", "title"));
    cli_print(screen, CLI_YELLOW, "", "", sentence("", "unsigned"));
    const char *group = "";
    for (int i = 0; i < cli_hazard_count; i++) {
        const struct cli_hazard *one = &cli_hazards[i];
        if (strcmp(group, one->group) != 0) {
            group = one->group;
            fputc('\n', screen->file);
            cli_print(screen, CLI_BLUE, "", "", sentence("group", group));
        }
        cli_buf head = {0}, line = {0};
        cli_buf_fmt(&head, "  %s  ", one->id);
        cli_buf_fmt(&line, "%s (%s, %s)", sentence(one->id, "name"), sentence("severity", one->severity),
                    sentence("level", one->risk_after));
        cli_print(screen, strcmp(one->risk_after, "low") == 0 ? CLI_PLAIN : CLI_BOLD, head.ptr, "         ", line.ptr);
        cli_buf_free(&head);
        cli_buf_free(&line);
    }
}

static void named(const cli_screen *screen, const char *label, const char *text) {
    cli_buf line = {0};
    cli_buf_fmt(&line, "%s: %s", sentence("", label), text);
    cli_print(screen, CLI_PLAIN, "  ", "    ", line.ptr);
    cli_buf_free(&line);
}

/* What a control rests on, a line for each kind; a property says in a sentence what it is. */
static void evidence(const cli_screen *screen, const char *const *links) {
    static const char *const kinds[] = {"rule", "prove", "proof", "story", "test"};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        size_t len = strlen(kinds[i]);
        cli_buf line = {0};
        for (const char *const *link = links; *link != NULL; link++) {
            if (strncmp(*link, kinds[i], len) != 0 || (*link)[len] != ':') {
                continue;
            }
            const char *name = *link + len + 1;
            cli_buf_fmt(&line, "%s%s", line.len > 0 ? ", " : "", name);
            if (i == 1) {
                const char *what = sentence("prove", name);
                cli_buf_fmt(&line, " (%.*s)", (int)(strlen(what) - 1), what); /* without its full stop */
            }
        }
        if (line.len > 0) {
            cli_buf text = {0};
            cli_buf_fmt(&text, "%s: %s", sentence("", kinds[i]), line.ptr);
            cli_print(screen, CLI_DIM, "      - ", "        ", text.ptr);
            cli_buf_free(&text);
        }
        cli_buf_free(&line);
    }
}

static void show(const cli_screen *screen, const struct cli_hazard *hazard) {
    cli_buf line = {0};
    cli_buf_fmt(&line, "%s  %s", hazard->id, sentence(hazard->id, "name"));
    cli_print(screen, CLI_BOLD, "", "       ", line.ptr);
    cli_print(screen, CLI_YELLOW, "", "", sentence("", "unsigned"));
    fputc('\n', screen->file);
    named(screen, "cause", sentence(hazard->id, "cause"));
    named(screen, "situation", sentence(hazard->id, "situation"));
    named(screen, "harm", sentence(hazard->id, "harm"));
    cli_buf_clear(&line);
    cli_buf_fmt(&line, "%s %s", hazard->severity, sentence("severity", hazard->severity));
    named(screen, "severity", line.ptr);
    cli_buf_clear(&line);
    cli_buf_fmt(&line, "%s %s → %s %s", hazard->before, sentence("probability", hazard->before), hazard->after,
                sentence("probability", hazard->after));
    named(screen, "likelihood", line.ptr);
    cli_buf_clear(&line);
    cli_buf_fmt(&line, "%s → %s", sentence("level", hazard->risk_before), sentence("level", hazard->risk_after));
    named(screen, "filter", line.ptr);
    fputc('\n', screen->file);
    cli_print(screen, CLI_BLUE, "  ", "  ", sentence("", "controls"));
    for (int i = 0; i < hazard->controls; i++) {
        cli_buf_clear(&line);
        cli_buf_fmt(&line, "%s. %s", sentence("kind", hazard->control[i].kind), control_sentence(hazard, i));
        cli_print(screen, CLI_PLAIN, "    ", "    ", line.ptr);
        evidence(screen, hazard->control[i].evidence);
    }
    fputc('\n', screen->file);
    named(screen, "remains", sentence(hazard->id, "remains"));
    cli_buf_clear(&line);
    for (const char *const *source = hazard->sources; *source != NULL; source++) {
        const char *tag = strchr(*source, ':');
        cli_buf_fmt(&line, "%s%.*s [%s]", line.len > 0 ? ", " : "", (int)(tag - *source), *source, tag + 1);
    }
    if (line.len > 0) {
        named(screen, "sources", line.ptr);
    }
    cli_buf_free(&line);
}

/* ---- for programs ---- */

static void member(cli_buf *out, const char *name, const char *value) {
    cli_buf_fmt(out, ",\"%s\":", name);
    cli_buf_json(out, value);
}

static void add_list(cli_buf *out, const char *name, const char *const *items) {
    cli_buf_fmt(out, ",\"%s\":[", name);
    for (int i = 0; items[i] != NULL; i++) {
        cli_buf_str(out, i > 0 ? "," : "");
        cli_buf_json(out, items[i]);
    }
    cli_buf_str(out, "]");
}

static void add_json(cli_buf *out, const struct cli_hazard *hazard) {
    static const char *const parts[] = {"name", "cause", "situation", "harm", "remains"};
    cli_buf_str(out, "{\"id\":");
    cli_buf_json(out, hazard->id);
    member(out, "group", hazard->group);
    member(out, "severity", hazard->severity);
    member(out, "before", hazard->before);
    member(out, "after", hazard->after);
    member(out, "risk_before", hazard->risk_before);
    member(out, "risk_after", hazard->risk_after);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        member(out, parts[i], sentence(hazard->id, parts[i]));
    }
    add_list(out, "sources", hazard->sources);
    cli_buf_str(out, ",\"controls\":[");
    for (int i = 0; i < hazard->controls; i++) {
        cli_buf_fmt(out, "%s{\"kind\":", i > 0 ? "," : "");
        cli_buf_json(out, hazard->control[i].kind);
        member(out, "text", control_sentence(hazard, i));
        add_list(out, "evidence", hazard->control[i].evidence);
        cli_buf_str(out, "}");
    }
    cli_buf_str(out, "]}");
}

int cli_verb_hazards(const cli_args *args) {
    const struct cli_hazard *chosen = NULL;
    for (int i = 0; args->count == 1 && i < cli_hazard_count; i++) {
        chosen = strcmp(cli_hazards[i].id, args->positional[0]) == 0 ? &cli_hazards[i] : chosen;
    }
    if (args->count == 1 && chosen == NULL) {
        return cli_usage(args, "%s: %s (HZ-01 … HZ-%02d)", args->positional[0], sentence("", "not_found"),
                         cli_hazard_count);
    }
    if (cli_option_value(args, "--json") != NULL) {
        cli_buf out = {0};
        cli_buf_fmt(&out, "{\"format\":\"loadwave.hazards/1\",\"program\":\"%s\",\"hazards\":[", lw_version());
        for (int i = 0; i < cli_hazard_count; i++) {
            if (chosen == NULL || chosen == &cli_hazards[i]) {
                cli_buf_str(&out, i > 0 && chosen == NULL ? "," : "");
                add_json(&out, &cli_hazards[i]);
            }
        }
        cli_buf_str(&out, "]}");
        puts(cli_buf_get(&out));
        cli_buf_free(&out);
        return CLI_OK;
    }
    cli_screen screen = cli_screen_out();
    if (chosen != NULL) {
        show(&screen, chosen);
    } else {
        list(&screen);
    }
    return CLI_OK;
}
