/* web_push_test.c: encryption and signature of notifications: the RFC's own example, what is refused, whom it is sent to. */
#include <openssl/evp.h>

#include "send/web_push.h"
#include "test_support.h"

static void bytes_of(const char *text, uint8_t *out, size_t len) {
    assert_int_equal(lw_base64url_read((lw_str){text, (uint32_t)strlen(text)}, out, len), (int64_t)len);
}

/* RFC 8291, appendix A. */
static void encrypts_as_the_rfc_does(void **state) {
    (void)state;
    static const char wanted[] =
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3"
        "jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
    static const char text[] = "When I grow up, I want to be a watermelon";
    uint8_t browser[65], auth[16], salt[16], secret[32], point[65];
    bytes_of("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4", browser, 65);
    bytes_of("BTBZMqHH6r4Tts7J_aSIgg", auth, 16);
    bytes_of("DGv6ra1nlYgDCS1FRnbzlw", salt, 16);
    bytes_of("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw", secret, 32);
    bytes_of("BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8", point, 65);
    lw_vapid once;
    assert_int_equal(lw_vapid_of(secret, &once), LW_OK);
    assert_memory_equal(once.point, point, 65);
    lw_buf sealed = {0}, shown = {0};
    assert_int_equal(lw_push_encrypt(browser, auth, (lw_str){text, sizeof text - 1}, &once, salt, &sealed), LW_OK);
    lw_base64url(&shown, (const uint8_t *)sealed.ptr, sealed.len);
    assert_string_equal(shown.ptr, wanted);
    lw_buf_free(&sealed);
    lw_buf_free(&shown);
}

static void refuses_what_is_no_key(void **state) {
    (void)state;
    lw_vapid own;
    uint8_t zero[32] = {0}, all[32], auth[16] = {0};
    memset(all, 0xff, sizeof all); /* above the order of the curve */
    assert_int_equal(lw_vapid_of(zero, &own), LW_ERR_VALUE);
    assert_int_equal(lw_vapid_of(all, &own), LW_ERR_VALUE);
    assert_int_equal(lw_vapid_make(&own), LW_OK);
    lw_buf out = {0};
    uint8_t off[65];
    memcpy(off, own.point, 65);
    off[40] ^= 1; /* a point beside the curve would tell bits of the secret */
    assert_int_equal(lw_push_encrypt(off, auth, LW_STR("x"), NULL, NULL, &out), LW_ERR_VALUE);
    assert_int_equal(out.len, 0);
    char *much = calloc(1, LW_PUSH_PLAIN_MOST + 1);
    assert_int_equal(lw_push_encrypt(own.point, auth, (lw_str){much, LW_PUSH_PLAIN_MOST + 1}, NULL, NULL, &out),
                     LW_ERR_LIMIT);
    assert_int_equal(lw_push_encrypt(own.point, auth, (lw_str){much, LW_PUSH_PLAIN_MOST}, NULL, NULL, &out), LW_OK);
    assert_int_equal(out.len, LW_PUSH_BODY_MOST);
    free(much);
    lw_buf_free(&out);
}

/* No two messages alike, though they say the same. */
static void every_message_has_its_own_key(void **state) {
    (void)state;
    lw_vapid browser;
    uint8_t auth[16] = {7};
    lw_buf one = {0}, two = {0};
    assert_int_equal(lw_vapid_make(&browser), LW_OK);
    assert_int_equal(lw_push_encrypt(browser.point, auth, LW_STR("same"), NULL, NULL, &one), LW_OK);
    assert_int_equal(lw_push_encrypt(browser.point, auth, LW_STR("same"), NULL, NULL, &two), LW_OK);
    assert_int_equal(one.len, two.len);
    assert_true(memcmp(one.ptr, two.ptr, 16) != 0);
    assert_true(memcmp(one.ptr + 21, two.ptr + 21, 65) != 0);
    lw_buf_free(&one);
    lw_buf_free(&two);
}

static void token_names_the_push_service(void **state) {
    (void)state;
    lw_vapid own;
    lw_buf token = {0};
    assert_int_equal(lw_vapid_make(&own), LW_OK);
    assert_int_equal(lw_vapid_token(&own, "https://push.example:8443/a/b?c", "mailto:a@b.example", 1795661749, &token),
                     LW_OK);
    char *dot = strchr(token.ptr, '.'), *end = strrchr(token.ptr, '.');
    uint8_t claims[300], signature[64];
    int64_t len = lw_base64url_read((lw_str){dot + 1, (uint32_t)(end - dot - 1)}, claims, sizeof claims - 1);
    assert_true(len > 0);
    claims[len] = 0;
    assert_string_equal((char *)claims,
                        "{\"aud\":\"https://push.example:8443\",\"exp\":1795661749,\"sub\":\"mailto:a@b.example\"}");
    assert_int_equal(lw_base64url_read((lw_str){end + 1, (uint32_t)strlen(end + 1)}, signature, 64), 64);
    lw_buf_free(&token);
}

static void sends_to_push_services_only(void **state) {
    (void)state;
    static const char *const good[] = {"https://fcm.googleapis.com/fcm/send/abc:def-_", "https://web.push.apple.com/x",
                                       "https://updates.push.services.mozilla.com/wpush/v2/gAAA",
                                       "https://wns2-par02p.notify.windows.com/w/?token=BQ"};
    static const char *const bad[] = {"http://fcm.googleapis.com/fcm/send/x",
                                      "https://fcm.googleapis.com.evil.example/x",
                                      "https://evilfcm.googleapis.com/x",
                                      "https://fcm.googleapis.com:8080/x",
                                      "https://fcm.googleapis.com@10.0.0.1/x",
                                      "https://10.0.0.1/x",
                                      "https://localhost/x",
                                      "https://notify.windows.com/x",
                                      "https://xnotify.windows.com/x",
                                      "https://fcm.googleapis.com",
                                      "https://fcm.googleapis.com/a b",
                                      "https://fcm.googleapis.com/a\r\nX: y",
                                      "file:///etc/passwd",
                                      "http://127.0.0.1:9000/x",
                                      ""};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(lw_push_known(good[i], NULL));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (lw_push_known(bad[i], NULL)) {
            fail_msg("%s", bad[i]);
        }
    }
    assert_true(lw_push_known("http://127.0.0.1:9000/x", "http://127.0.0.1:9000"));
    assert_false(lw_push_known("http://127.0.0.1:90001/x", "http://127.0.0.1:9000"));
    assert_false(lw_push_known("http://127.0.0.1:9000.evil.example/x", "http://127.0.0.1:9000"));
}

static void base64url_is_strict(void **state) {
    (void)state;
    uint8_t out[4];
    assert_int_equal(lw_base64url_read(LW_STR(""), out, 4), 0);
    assert_int_equal(lw_base64url_read(LW_STR("AA"), out, 4), 1);
    assert_int_equal(lw_base64url_read(LW_STR("_-8"), out, 4), 2);
    assert_int_equal(lw_base64url_read(LW_STR("A"), out, 4), -1);    /* no whole byte */
    assert_int_equal(lw_base64url_read(LW_STR("AB"), out, 4), -1);   /* bits left over */
    assert_int_equal(lw_base64url_read(LW_STR("AA=="), out, 4), -1); /* padding */
    assert_int_equal(lw_base64url_read(LW_STR("A+"), out, 4), -1);
    assert_int_equal(lw_base64url_read(LW_STR("AAAAAAA"), out, 4), -1); /* too long */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encrypts_as_the_rfc_does),      cmocka_unit_test(refuses_what_is_no_key),
        cmocka_unit_test(every_message_has_its_own_key), cmocka_unit_test(token_names_the_push_service),
        cmocka_unit_test(sends_to_push_services_only),   cmocka_unit_test(base64url_is_strict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
