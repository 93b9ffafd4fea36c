/*
 * The program's own parts that have logic and need no terminal: plans as small trees, sentences with arguments, wrapping.
 * They are no part of the library, so they are compiled in here.
 */
#define _DEFAULT_SOURCE
#include "test_support.h"

#include "cli/locale.c"
#include "cli/screen.c"
#include "cli/text_buffer.c"
#define room buffer_room
#include "store/buffer.c"
#undef room
#include "words/tree.c"
#define compare   compare_sentences
#define languages known_languages
#include "words/words.c"

const lw_sentence lw_sentences_en[] = {
    {"a.count", "{n|day|days} and {n#|one|many}"},
    {"a.family", "stage {to:stage}, not {from:stage}"},
    {"a.open", "{name and no end"},
    {"a.plain", "no arguments"},
    {"stage.one", "the first"},
};
const unsigned lw_sentences_en_count = 5;
const lw_sentence lw_sentences_es[] = {
    {"a.count", "{n|día|días} y {n#|uno|varios}"},
    {"a.plain", "sin argumentos"},
};
const unsigned lw_sentences_es_count = 2;

static const lw_node *read_text(const char *text, lw_pool *pool) {
    return lw_node_read((lw_str){text, (uint32_t)strlen(text)}, pool);
}

static void a_plan_becomes_a_tree(void **state) {
    (void)state;
    lw_pool pool = {0};
    const lw_node *root =
        read_text("{\"a\":[1,-2.5,\"x\"],\"b\":{\"c\":true,\"d\":null,\"e\":false},\"f\":7.9 }", &pool);
    assert_non_null(root);
    assert_int_equal(lw_node_length(lw_node_inside(root, "a")), 3);
    assert_string_equal(lw_node_inside(root, "a")->first->next->text, "-2.5");
    assert_true(lw_node_true(lw_node_inside(root, "b"), "c"));
    assert_false(lw_node_true(lw_node_inside(root, "b"), "e"));
    assert_null(lw_node_str(lw_node_inside(root, "b"), "d"));
    assert_int_equal(lw_node_int(root, "f", -1), 7);
    assert_int_equal(lw_node_int(root, "g", -1), -1);
    assert_null(lw_node_inside(root, "f"));
    assert_null(lw_node_at(NULL, "f"));
    lw_pool_free(&pool);
}

static void escapes_become_text(void **state) {
    (void)state;
    lw_pool pool = {0};
    const lw_node *root = read_text("[\"\\\"\\\\\\/\\n\\u00e4\\ud83d\\ude00\",\"\"]", &pool);
    assert_non_null(root);
    assert_string_equal(root->first->text, "\"\\/\n\xc3\xa4\xf0\x9f\x98\x80");
    assert_string_equal(root->first->next->text, "");
    lw_pool_free(&pool);
}

static void what_is_no_json_is_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {"",         "{",     "[1",        "[1 2]",     "{\"a\"}",
                                        "{\"a\":}", "{a:1}", "[\"open]",  "[\"\\x\"]", "[\"\\u12\"]",
                                        "nul",      "[1]]",  "{\"a\":1,}"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        lw_pool pool = {0};
        assert_null(read_text(wrong[i], &pool));
        lw_pool_free(&pool);
    }
    char deep[80] = "";
    memset(deep, '[', 33);
    memset(deep + 33, ']', 33);
    lw_pool pool = {0};
    assert_null(read_text(deep, &pool));
    assert_non_null(lw_node_read((lw_str){deep + 1, 64}, &pool));
    lw_pool_free(&pool);
}

static void check_say(const char *id, const char *const *args, const char *wanted) {
    cli_buf text = {0};
    cli_say(&text, id, args);
    assert_string_equal(cli_buf_get(&text), wanted);
    cli_buf_free(&text);
}

static void sentences_take_their_arguments(void **state) {
    (void)state;
    check_say("a.plain", NULL, "no arguments");
    check_say("a.count", CLI_ARGS("n", "1"), "1 day and one");
    check_say("a.count", CLI_ARGS("other", "x", "n", "0"), "0 days and many");
    check_say("a.count", NULL, "n and n#");
    check_say("a.family", CLI_ARGS("to", "one", "from", "two"), "stage the first, not two");
    check_say("a.open", NULL, "{name and no end");
    check_say("a.unknown", NULL, "unknown");
    assert_string_equal(cli_word("stage", "one"), "the first");
    assert_string_equal(cli_word("stage", "two"), "two");
    assert_null(cli_text("a.unknown"));
}

static void check_language(const char *own, const char *all, const char *messages, const char *lang,
                           const char *wanted) {
    const char *const settings[] = {"LOADWAVE_LANG", own, "LC_ALL", all, "LC_MESSAGES", messages, "LANG", lang};
    for (int i = 0; i < 8; i += 2) {
        if (settings[i + 1] != NULL) {
            setenv(settings[i], settings[i + 1], 1);
        } else {
            unsetenv(settings[i]);
        }
    }
    chosen = NULL;
    check_say("a.plain", NULL, wanted);
}

static void the_environment_chooses_the_language(void **state) {
    (void)state;
    check_language(NULL, NULL, NULL, "es_ES.UTF-8", "sin argumentos");
    check_language("", "", "es", "de_DE.UTF-8", "sin argumentos");
    check_language(NULL, "C", "es_ES.UTF-8", "es_ES.UTF-8", "no arguments");
    check_language("es-MX", "de_DE.UTF-8", NULL, "C", "sin argumentos");
    check_language("en", "es_ES.UTF-8", NULL, NULL, "no arguments");
    check_language(NULL, NULL, NULL, "est_EE", "no arguments"); /* a longer code that begins with es */
    check_language(NULL, NULL, NULL, NULL, "no arguments");
    chosen = NULL;
}

static void decimals_are_written_as_the_language_does(void **state) {
    (void)state;
    setenv("LOADWAVE_LANG", "es", 1);
    chosen = NULL;
    check_say("a.count", CLI_ARGS("n", "7.5"), "7,5 días y varios");
    check_say("a.count", CLI_ARGS("n", "-0.25 kg"), "-0,25 kg días y varios");
    check_say("a.count", CLI_ARGS("n", "1.2.3"), "1.2.3 días y varios"); /* a version */
    check_say("a.count", CLI_ARGS("n", "7."), "7. días y varios");
    check_say("a.count", CLI_ARGS("n", ".5"), ".5 días y varios");
    setenv("LOADWAVE_LANG", "en", 1);
    chosen = NULL;
    check_say("a.count", CLI_ARGS("n", "7.5"), "7.5 days and many");
}

static void check_wrap(int width, const char *text, const char *wanted) {
    FILE *file = tmpfile();
    assert_non_null(file);
    cli_screen screen = {file, width, false};
    cli_print(&screen, CLI_BOLD, "- ", "  ", text);
    char got[512] = "";
    rewind(file);
    size_t len = fread(got, 1, sizeof got - 1, file);
    got[len] = '\0';
    fclose(file);
    assert_string_equal(got, wanted);
}

static void text_is_wrapped_at_blanks(void **state) {
    (void)state;
    check_wrap(14, "one two three four", "- one two\n  three four\n");
    check_wrap(14, "two lines\nas given", "- two lines\n  as given\n");
    check_wrap(14, "averyverylongwordalone", "- averyverylongwordalone\n");
    check_wrap(14, "äöü äöü äöü äöü", "- äöü äöü äöü\n  äöü\n"); /* columns, not bytes */
    check_wrap(3, "never less than ten", "- never less\n  than ten\n");
    check_wrap(14, "", "- \n");
    assert_int_equal(cli_columns("\033[1mäb\033[0m"), 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plan_becomes_a_tree),
        cmocka_unit_test(escapes_become_text),
        cmocka_unit_test(what_is_no_json_is_refused),
        cmocka_unit_test(sentences_take_their_arguments),
        cmocka_unit_test(text_is_wrapped_at_blanks),
        cmocka_unit_test(the_environment_chooses_the_language),
        cmocka_unit_test(decimals_are_written_as_the_language_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
