/*
 * place_web.c: what browsers see at an https origin, asked once from this machine. See place.h.
 *
 * One request for /healthz, which says nothing of anybody; no redirects, no proxy of the environment, seconds at most. A clinic's
 * machine need not reach its own name from inside, so only what surely is wrong counts as wrong.
 */
#include <string.h>

#include <curl/curl.h>

#include "cli/place.h"

enum { ANSWER_CAP = 4096, CONNECT_MS = 3000, ALL_MS = 6000, DAYS_LEAST = 14, DAY_S = 86400 };

typedef struct answer {
    char text[ANSWER_CAP];
    size_t len;
} answer;

static size_t keep(char *bytes, size_t one, size_t count, void *ctx) {
    answer *a = ctx;
    size_t room = sizeof a->text - 1 - a->len, size = one * count;
    size_t take = size < room ? size : room;
    memcpy(a->text + a->len, bytes, take);
    a->len += take;
    return size;
}

/* Whole days until the first certificate of the chain ends; -1: not known. */
static long days_left(CURL *curl, int64_t now_s) {
    struct curl_certinfo *chain = NULL;
    if (curl_easy_getinfo(curl, CURLINFO_CERTINFO, &chain) != CURLE_OK || chain == NULL || chain->num_of_certs < 1) {
        return -1;
    }
    static const char name[] = "Expire date:";
    for (struct curl_slist *line = chain->certinfo[0]; line != NULL; line = line->next) {
        if (strncmp(line->data, name, sizeof name - 1) == 0) {
            int64_t ends = (int64_t)curl_getdate(line->data + sizeof name - 1, NULL);
            return ends > now_s ? (long)((ends - now_s) / DAY_S) : 0;
        }
    }
    return -1;
}

static void say_answer(const char *origin, long status, const answer *a, long days, lw_check *check) {
    char reason[200];
    if (cli_place_reason(a->text, reason)) {
        cli_place_say(check, true, "The server behind %s is not well: %s (journalctl -u loadwave)", origin, reason);
    } else if (strstr(a->text, "{\"status\":\"ok\"}") == NULL) {
        cli_place_say(
            check, true,
            "At %s something answers, but no Loadwave that is well (HTTP %ld): does the proxy send to the address "
            "of LOADWAVE_LISTEN, and does the server run (systemctl status loadwave)?",
            origin, status);
    } else if (days >= 0 && days < DAYS_LEAST) {
        cli_place_say(check, true,
                      "The certificate of %s ends soon (days left: %ld); then browsers refuse the page. What should "
                      "have renewed it: "
                      "systemctl status certbot.timer, or journalctl -u caddy.",
                      origin, days);
    } else if (days >= 0) {
        cli_place_say(check, false, "Loadwave is well at %s; the certificate is good for %ld days.", origin, days);
    } else {
        cli_place_say(check, false, "Loadwave is well at %s.", origin);
    }
}

void cli_place_web(const char *origin, int64_t now_s, lw_check *check) {
    char url[600], why[CURL_ERROR_SIZE] = "";
    answer a = {.len = 0};
    CURL *curl = curl_easy_init();
    if (curl == NULL || snprintf(url, sizeof url, "%s/healthz", origin) >= (int)sizeof url) {
        curl_easy_cleanup(curl);
        return;
    }
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)ALL_MS);
    curl_easy_setopt(curl, CURLOPT_CERTINFO, 1L);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &a);
    CURLcode code = curl_easy_perform(curl);
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (code == CURLE_OK) {
        say_answer(origin, status, &a, days_left(curl, now_s), check);
    } else if (code == CURLE_PEER_FAILED_VERIFICATION) {
        cli_place_say(check, true,
                      "The certificate of %s is not good: %s. Browsers refuse the page. Renew it (certbot renew, or "
                      "journalctl -u caddy); the file must hold the whole chain (fullchain.pem) for this very name.",
                      origin, why);
    } else if (code == CURLE_SSL_CACERT_BADFILE) {
        cli_place_say(
            check, true,
            "This machine has no list of certificate authorities, so neither the origin nor a mail server can be "
            "checked: apt install ca-certificates");
    } else if (code == CURLE_COULDNT_CONNECT) {
        cli_place_say(check, true, "Nothing answers at %s: does the proxy run (systemctl status nginx, or caddy)?",
                      origin);
    } else {
        cli_place_say(check, false,
                      "%s could not be looked at from this machine (%s). If browsers reach it, all is well.", origin,
                      why[0] != '\0' ? why : curl_easy_strerror(code));
    }
    curl_easy_cleanup(curl);
}
