/*
 * secrets_test.c: secrets of authenticators are sealed in the store: opened with the key and for their account only, plain ones
 * are taken over, a lost key is said and never replaced unseen, and giving up lets everybody in again by password.
 */
#include <liboath/oath.h>
#include <sodium.h>
#include <unistd.h>

#include "identity_support.h"

static const uint8_t SECRET[20] = "12345678901234567890";

static void sealed_for_one_account(void **state) {
    (void)state;
    const lw_secrets_key key = {{7}}, other = {{8}};
    uint8_t sealed[LW_SECRET_SEALED], again[LW_SECRET_SEALED], out[20];
    assert_true(sodium_init() >= 0);
    lw_secret_seal(&key, "a", SECRET, sealed);
    lw_secret_seal(&key, "a", SECRET, again);
    assert_memory_not_equal(sealed, again, sizeof sealed);
    assert_true(lw_secret_open(&key, "a", sealed, sizeof sealed, out));
    assert_memory_equal(out, SECRET, 20);
    assert_false(lw_secret_open(&key, "b", sealed, sizeof sealed, out));
    assert_false(lw_secret_open(&other, "a", sealed, sizeof sealed, out));
    assert_false(lw_secret_open(NULL, "a", sealed, sizeof sealed, out));
    assert_false(lw_secret_open(&key, "a", sealed, sizeof sealed - 1, out));
    for (uint32_t i = 0; i < sizeof sealed; i++) {
        sealed[i] ^= 1;
        assert_false(lw_secret_open(&key, "a", sealed, sizeof sealed, out));
        sealed[i] ^= 1;
    }
    assert_true(lw_secret_open(&key, "a", SECRET, 20, out)); /* a plain one, from before */
    assert_true(lw_secret_open(NULL, "a", SECRET, 20, out));
    assert_false(lw_secret_open(&key, "a", SECRET, 0, out));
}

static int32_t put_plain(lw_sql *sql, void *ctx) {
    return lw_account_totp(sql, ctx, SECRET, 20, 0);
}

static uint32_t stored_len(world *w) {
    lw_totp_row rows[LW_TOTP_PAGE];
    uint32_t count = 0;
    lw_sql *sql = lw_store_reader(w->store);
    assert_int_equal(lw_account_totp_page(sql, "", rows, &count), LW_OK);
    lw_store_reader_back(w->store, sql);
    assert_true(count <= 1);
    return count == 1 ? rows[0].len : 0;
}

/* As a start does it; the identity is opened with the key when that went well. */
static int32_t start(world *w, const char *path, bool forget, uint32_t *forgotten, char why[400]) {
    lw_secrets_key key = {{0}};
    why[0] = '\0';
    int32_t err = lw_secrets_open(w->store, path, forget, &key, forgotten, why, 400);
    if (err == LW_OK) {
        lw_identity_close(w->identity);
        const lw_identity_options options = {
            .store = w->store, .origin = ORIGIN, .secrets = path != NULL ? &key : NULL};
        assert_int_equal(lw_identity_open(&options, &w->identity), LW_OK);
    }
    return err;
}

static int32_t sign_in(world *w, bool with_code) {
    char code[7] = "";
    w->now_s += 60; /* a step that was not used */
    assert_int_equal(lw_totp_code(SECRET, 20, w->now_s, code), LW_OK);
    return post(w, "sign_in", NULL, "{\"login\":\"doctor\",\"password\":\"%s\",\"code\":\"%s\"}", GOOD,
                with_code ? code : "")
        ->err;
}

static void taken_over_lost_and_given_up(void **state) {
    (void)state;
    world w;
    char path[600], why[400];
    uint32_t forgotten = 0;
    world_begin(&w, false);
    snprintf(path, sizeof path, "%s/secrets.key", getenv("LW_SCRATCH"));
    (void)unlink(path);
    assert_int_equal(lw_store_write(w.store, put_plain, w.doctor), LW_OK);
    assert_int_equal(start(&w, NULL, false, &forgotten, why), LW_OK); /* no key asked for: as it was */
    assert_int_equal(stored_len(&w), 20);
    assert_int_equal(sign_in(&w, true), LW_OK);

    assert_int_equal(start(&w, path, false, &forgotten, why), LW_OK);
    assert_int_equal(stored_len(&w), LW_SECRET_SEALED);
    assert_int_equal(sign_in(&w, true), LW_OK);
    assert_int_equal(sign_in(&w, false), LW_ERR_SECOND_FACTOR);
    assert_int_equal(start(&w, path, false, &forgotten, why), LW_OK); /* the same key again */
    assert_int_equal(sign_in(&w, true), LW_OK);

    /* The key is not there: said, nothing made, nothing changed. */
    char aside[620];
    snprintf(aside, sizeof aside, "%s.aside", path);
    assert_int_equal(rename(path, aside), 0);
    assert_int_equal(start(&w, path, false, &forgotten, why), LW_ERR_MISSING);
    assert_non_null(strstr(why, "--forget-authenticators"));
    assert_int_not_equal(access(path, F_OK), 0);
    assert_int_equal(start(&w, NULL, false, &forgotten, why), LW_ERR_MISSING);
    assert_int_equal(stored_len(&w), LW_SECRET_SEALED);
    /* A file that is no key, and another key. */
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("loadwave-secrets-key-1 00\n", file);
    fclose(file);
    assert_int_equal(start(&w, path, true, &forgotten, why), LW_ERR_VALUE);
    file = fopen(path, "w");
    fputs("loadwave-secrets-key-1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n", file);
    fclose(file);
    assert_int_equal(start(&w, path, false, &forgotten, why), LW_ERR_MISSING);
    /* It is found again: all is well. */
    assert_int_equal(rename(aside, path), 0);
    assert_int_equal(start(&w, path, false, &forgotten, why), LW_OK);
    assert_int_equal(sign_in(&w, true), LW_OK);

    /* It is lost for good. */
    assert_int_equal(unlink(path), 0);
    assert_int_equal(start(&w, path, true, &forgotten, why), LW_OK);
    assert_int_equal(forgotten, 1);
    assert_int_equal(stored_len(&w), 0);
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(sign_in(&w, false), LW_OK);
    (void)unlink(path);
    world_end(&w);
}

static void a_new_one_is_sealed(void **state) {
    (void)state;
    world w;
    char path[600], why[400], cookie[64], code[7];
    uint32_t forgotten = 0;
    uint8_t secret[20];
    world_begin(&w, false);
    snprintf(path, sizeof path, "%s/new.key", getenv("LW_SCRATCH"));
    (void)unlink(path);
    assert_int_equal(start(&w, path, false, &forgotten, why), LW_OK);
    enter(&w, "doctor", cookie);
    const answer *a = call(&w, "totp_begin", cookie, NULL, NULL, NULL);
    assert_err(a, LW_OK);
    char *bytes = NULL;
    size_t len = 0;
    const char *text = member(a, "secret");
    assert_int_equal(oath_base32_decode(text, strlen(text), &bytes, &len), OATH_OK);
    assert_int_equal(len, sizeof secret);
    memcpy(secret, bytes, sizeof secret);
    free(bytes);
    assert_int_equal(lw_totp_code(secret, 20, w.now_s, code), LW_OK);
    assert_err(post(&w, "totp_confirm", cookie, "{\"code\":\"%s\"}", code), LW_OK);
    assert_int_equal(stored_len(&w), LW_SECRET_SEALED);
    w.now_s += 60;
    assert_int_equal(lw_totp_code(secret, 20, w.now_s, code), LW_OK);
    assert_err(post(&w, "sign_in", NULL, "{\"login\":\"doctor\",\"password\":\"%s\",\"code\":\"%s\"}", GOOD, code),
               LW_OK);
    (void)unlink(path);
    world_end(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sealed_for_one_account),
        cmocka_unit_test(taken_over_lost_and_given_up),
        cmocka_unit_test(a_new_one_is_sealed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
