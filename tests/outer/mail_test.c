/* mail_test.c: what an e-mail looks like on the wire, and which addresses and servers are taken. */
#define _GNU_SOURCE /* strcasestr */
#include "send/mail.h"
#include "test_support.h"
#include "words/words.h"

static void takes_plain_addresses_only(void **state) {
    (void)state;
    static const char *const good[] = {"a@b.example", "anna.maria+reminders@mail.clinic.example", "o'neill@x.ie"};
    static const char *const bad[] = {"",
                                      "a",
                                      "a@",
                                      "@b.example",
                                      "a@b",
                                      "a@b.",
                                      "a@.example",
                                      "a b@c.example",
                                      "a@b.example\r\nBcc: x@y.example",
                                      "a@b.example\n",
                                      "<a@b.example>",
                                      "a@b@c.example",
                                      "a@b.example,c@d.example",
                                      "a\"b@c.example",
                                      ".a@b.example",
                                      "a.@b.example",
                                      "a..b@c.example",
                                      "-oQ@b.example",
                                      "a@[127.0.0.1]",
                                      "\xc3\xa1@b.example"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(lw_mail_address(good[i]));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (lw_mail_address(bad[i])) {
            fail_msg("%s", bad[i]);
        }
    }
    char longest[300];
    memset(longest, 'a', sizeof longest);
    memcpy(longest + 60, "@b", 2);
    memcpy(longest + 250, ".exa", 5);
    assert_true(lw_mail_address(longest));
    memcpy(longest + 250, ".exam", 6);
    assert_false(lw_mail_address(longest));
}

static void checks_its_server(void **state) {
    (void)state;
    char why[300];
    lw_mail_options o = {.from = "a@b.example"};
    assert_int_equal(lw_mail_check(&o, why, sizeof why), LW_OK);
    static const char *const good[] = {"smtp://127.0.0.1:2525", "smtps://mail.example", "smtp://[::1]:25"};
    for (size_t i = 0; i < 3; i++) {
        o.url = good[i];
        assert_int_equal(lw_mail_check(&o, why, sizeof why), LW_OK);
    }
    static const char *const bad[] = {"http://x",   "mail.example", "smtp://", "smtp://a:b@c.example",
                                      "smtp://h/x", "smtp://h:2a",  ""};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        o.url = bad[i];
        assert_int_equal(lw_mail_check(&o, why, sizeof why), LW_ERR_VALUE);
    }
    o = (lw_mail_options){.url = "smtp://h"};
    assert_int_equal(lw_mail_check(&o, why, sizeof why), LW_ERR_VALUE);
}

/* Lines end in CRLF, are short and hold nothing but ASCII; headers end where the text begins. */
static void is_a_proper_message(void **state) {
    (void)state;
    lw_mail_options o = {.from = "reminders@clinic.example"};
    lw_letter letter = {.to = "a@b.example",
                        .subject = lw_sentence_of(lw_language_for("es"), "mail.checkin.subject"),
                        .text =
                            "\xc2\xbfUn minuto? = \n\nlarga l\xc3\xadnea de m\xc3\xa1s de setenta y seis letras, que "
                            "se parte sin romper nada, ni una palabra con tilde\n.\nfin",
                        .stop_url = "https://clinic.example/email/stop/T",
                        .id = "0a1b",
                        .at_s = 1795661749};
    lw_buf out = {0};
    lw_mail_write(&o, &letter, &out);
    assert_false(out.failed);
    const char *line = out.ptr;
    bool head = true, text = false;
    while (*line != '\0') {
        const char *end = strstr(line, "\r\n");
        assert_non_null(end);
        assert_true(end - line <= 76 || head);
        assert_true(end - line <= 998);
        for (const char *p = line; p < end; p++) {
            assert_true(*p >= ' ' && *p < 127);
        }
        head = head && end != line;
        text = text || !head;
        line = end + 2;
    }
    assert_true(text);
    assert_non_null(strstr(out.ptr, "Date: Thu, 26 Nov 2026 02:55:49 +0000\r\n"));
    assert_non_null(strstr(out.ptr, "Subject: =?UTF-8?B?wr9V"));
    assert_non_null(strstr(out.ptr, "List-Unsubscribe: <https://clinic.example/email/stop/T>\r\n"));
    assert_non_null(strstr(out.ptr, "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"));
    assert_non_null(strstr(out.ptr, "=C2=BFUn minuto? =3D=20\r\n\r\nlarga l=C3=ADnea"));
    lw_buf_free(&out);
    letter.stop_url = NULL;
    letter.subject = "Plain";
    lw_mail_write(&o, &letter, &out);
    assert_null(strstr(out.ptr, "List-Unsubscribe"));
    assert_non_null(strstr(out.ptr, "Subject: Plain\r\n"));
    lw_buf_free(&out);
}

/* What leaves the house says nothing about the body. */
static void says_no_diagnosis(void **state) {
    (void)state;
    static const char *const words[] = {"hamstring", "tend",  "shock", "pain", "isquio",
                                        "dolor",     "ondas", "injur", "lesi"};
    unsigned seen = 0;
    for (unsigned i = 0; i < lw_sentences_en_count + lw_sentences_es_count; i++) {
        const lw_sentence *s =
            i < lw_sentences_en_count ? &lw_sentences_en[i] : &lw_sentences_es[i - lw_sentences_en_count];
        size_t len = strlen(s->id);
        bool leaves =
            strncmp(s->id, "calendar.", 9) == 0 || strncmp(s->id, "mail.", 5) == 0 || strncmp(s->id, "push.", 5) == 0;
        bool may = !leaves || strcmp(s->id + len - 6, ".plain") == 0;
        seen += leaves;
        for (size_t k = 0; k < sizeof words / sizeof words[0] && !may; k++) {
            if (strcasestr(s->text, words[k]) != NULL) {
                fail_msg("%s: %s", s->id, s->text);
            }
        }
    }
    assert_true(seen >= 2 * 28);
}

static void finds_sentences(void **state) {
    (void)state;
    assert_string_equal(lw_sentence_of(lw_language_for("en"), "push.later"), "Later");
    assert_string_equal(lw_sentence_of(lw_language_for("es-MX"), "push.later"), "M\xc3\xa1s tarde");
    assert_string_equal(lw_sentence_of(lw_language_for("fr"), "push.later"), "Later");
    assert_string_equal(lw_sentence_of(lw_language_for(NULL), "push.later"), "Later");
    assert_null(lw_sentence_of(lw_language_for("en"), "no.such"));
    lw_buf out = {0};
    lw_say(&out, lw_language_for("en"), "mail.open", LW_ARGS("link", "https://x/"));
    assert_string_equal(out.ptr, "Open it: https://x/");
    lw_buf_free(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_plain_addresses_only),
        cmocka_unit_test(checks_its_server),
        cmocka_unit_test(is_a_proper_message),
        cmocka_unit_test(says_no_diagnosis),
        cmocka_unit_test(finds_sentences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
