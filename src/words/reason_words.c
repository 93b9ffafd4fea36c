/* reason_words.c: the reasons of a plan in words: what a rule says and what it looked at. */
#include <stdio.h>
#include <string.h>

#include "protocol/protocol_tables.h"
#include "words/words.h"

void lw_input_words(lw_buf *text, const lw_words *w, const lw_node *why) {
    const lw_node *inputs = lw_node_inside(why, "inputs");
    for (const lw_node *one = inputs != NULL ? inputs->first : NULL; one != NULL; one = one->next) {
        const char *name = lw_node_str(one, "name"), *value = lw_node_str(one, "value");
        if (name == NULL) {
            continue;
        }
        lw_buf_str(text, text->len > 0 ? "; " : "");
        const lw_node *raw = lw_node_at(one, "value");
        value = raw != NULL && raw->type == LW_NODE_TRUE    ? "yes"
                : raw != NULL && raw->type == LW_NODE_FALSE ? "no"
                                                            : value;
        char key[96];
        snprintf(key, sizeof key, "input.%s", name);
        const char *sentence = lw_sentence_of(w->language, key);
        if (strncmp(name, "tests.", 6) == 0) {
            lw_say(
                text, w->language, "input.tests",
                LW_ARGS("name", name + 6, "value", value != NULL ? value : lw_sentence_of(w->language, "ui.unknown")));
        } else if (sentence == NULL) {
            lw_buf_fmt(text, "%s: %s", name, value != NULL ? value : lw_sentence_of(w->language, "ui.unknown"));
        } else if (value != NULL) {
            lw_say(text, w->language, key, LW_ARGS("value", value));
        } else { /* what stands before the value, without its unit */
            const char *at = strstr(sentence, "{value");
            lw_buf_add(text, sentence, at != NULL ? (size_t)(at - sentence) : strlen(sentence));
            lw_buf_fmt(text, "%s%s", at == sentence ? name : "", at == sentence ? ": " : "");
            lw_buf_str(text, lw_sentence_of(w->language, "ui.unknown"));
        }
        const char *age = lw_node_str(one, "age_d");
        if (age != NULL && strcmp(age, "0") != 0) { /* what is of today needs no age */
            lw_buf_str(text, " (");
            lw_say(text, w->language, strcmp(age, "1") == 0 ? "ui.age_yesterday" : "ui.age_days", LW_ARGS("n", age));
            lw_buf_str(text, ")");
        }
    }
}

/* The variant-th rule with this id, from 1; NULL when the protocol has none. */
static const lw_rule *rule_of(const lw_protocol *protocol, const char *id, long variant) {
    size_t len = strlen(id);
    for (int i = 0; protocol != NULL && i < protocol->rule_count; i++) {
        const lw_rule *rule = &protocol->rules[i];
        if (rule->id.len == len && memcmp(rule->id.ptr, id, len) == 0 && --variant <= 0) {
            return rule;
        }
    }
    return NULL;
}

/* The first of rule.ID.VARIANT, rule.ID.ACTION and rule.ID that is a sentence, each with ending; false when none is. */
static bool rule_key(char key[96], const lw_words *w, const char *id, long variant, const char *action,
                     const char *ending) {
    snprintf(key, 96, "rule.%s.%ld%s", id, variant, ending);
    if (lw_sentence_of(w->language, key) != NULL) {
        return true;
    }
    snprintf(key, 96, "rule.%s.%s%s", id, action, ending);
    if (lw_sentence_of(w->language, key) != NULL) {
        return true;
    }
    snprintf(key, 96, "rule.%s%s", id, ending);
    return lw_sentence_of(w->language, key) != NULL;
}

/* Whether the sentence was written for this rule: always in the built-in protocol; in another, where the title is the same. */
static bool written_for(const lw_words *w, const lw_rule *own, const char *id, long variant) {
    if (w->builtin == NULL || own == NULL) {
        return true;
    }
    const lw_rule *known = rule_of(w->builtin, id, variant);
    return known != NULL && known->title.len == own->title.len &&
           memcmp(known->title.ptr, own->title.ptr, own->title.len) == 0;
}

void lw_rule_words(lw_buf *text, const lw_words *w, const lw_node *why) {
    const char *id = lw_node_str(why, "rule"), *action = lw_node_str(why, "action");
    id = id != NULL ? id : "?";
    action = action != NULL ? action : "";
    long variant = lw_node_int(why, "variant", 1);
    const lw_node *fired = lw_node_at(why, "fired");
    bool waits = fired != NULL && fired->type == LW_NODE_FALSE;
    const lw_rule *own = rule_of(w->protocol, id, variant);
    lw_str title = own != NULL ? own->title : (lw_str){NULL, 0};
    char key[96];
    if (rule_key(key, w, id, variant, action, waits ? ".wait" : "") && written_for(w, own, id, variant)) {
        lw_say(text, w->language, key, NULL);
        return;
    }
    lw_buf plain = {0};
    if (title.len > 0) {
        lw_buf_add(&plain, title.ptr, title.len);
    } else {
        lw_buf_str(&plain, id);
    }
    lw_say(text, w->language, waits ? "ui.not_today" : "ui.rule_title",
           LW_ARGS("text", plain.ptr != NULL ? plain.ptr : ""));
    text->failed = text->failed || plain.failed;
    lw_buf_free(&plain);
}
