/*
 * mail.c: see mail.h.
 *
 * What a refusal means depends on what was refused: a recipient refused for good may be an address that is not there, unless
 * the enhanced code says that it is about us (5.7.1: no relaying, no trust); anything else refused for good is about us or the
 * message. libcurl says only that sending failed, so the last command is remembered as it goes by.
 */
#include "send/mail.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { ADDRESS_MOST = 254, LINE_MOST = 75, WORD_BYTES = 42 };

bool lw_mail_address(const char *text) {
    const char *at = strchr(text, '@');
    size_t len = strlen(text);
    if (at == NULL || at == text || strchr(at + 1, '@') != NULL || len > ADDRESS_MOST || at - text > 64) {
        return false;
    }
    for (const char *p = text; *p != '\0'; p++) {
        if (*p <= ' ' || *p >= 127 || strchr("<>()[]\\,;:\"", *p) != NULL) {
            return false;
        }
    }
    const char *domain = at + 1, *dot = strrchr(domain, '.');
    return *domain != '.' && strstr(text, "..") == NULL && at[-1] != '.' && text[0] != '.' && text[0] != '-' &&
           strspn(domain, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") == strlen(domain) &&
           dot != NULL && dot[1] != '\0';
}

/* The host of a URL begins at its return value, *len letters. */
static const char *host_of(const char *url, size_t *len) {
    const char *at = strstr(url, "://");
    at = at != NULL ? at + 3 : url;
    *len = *at == '[' ? strcspn(at, "]") + 1 : strcspn(at, ":/");
    return at;
}

static bool on_this_machine(const char *url) {
    size_t len;
    const char *host = host_of(url, &len);
    return (strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == len) ||
           (len == 9 && strncasecmp(host, "localhost", 9) == 0) || (len == 5 && strncmp(host, "[::1]", 5) == 0);
}

static bool is_smtps(const char *url) {
    return strncmp(url, "smtps://", 8) == 0;
}

int32_t lw_mail_check(const lw_mail_options *options, char *why, size_t cap) {
    if (options->url == NULL) {
        return LW_OK;
    }
    size_t len = 0;
    bool scheme = strncmp(options->url, "smtp://", 7) == 0 || is_smtps(options->url);
    const char *host = scheme ? host_of(options->url, &len) : NULL;
    if (!scheme || len == 0 || strlen(options->url) > 250 || strpbrk(options->url, "@ \r\n") != NULL ||
        (host[len] != '\0' && (host[len] != ':' || strspn(host + len + 1, "0123456789") != strlen(host + len + 1)))) {
        snprintf(why, cap,
                 "\"%s\" is no mail server, as smtp://mail.example.org:587 (no path, no name or password in it)",
                 options->url);
        return LW_ERR_VALUE;
    }
    if (options->from == NULL || !lw_mail_address(options->from)) {
        snprintf(why, cap, "e-mail needs an address that it comes from: --mail-from reminders@clinic.example");
        return LW_ERR_VALUE;
    }
    return LW_OK;
}

/* ---- the message ---- */

static const char BASE64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void put_base64(lw_buf *out, const uint8_t *bytes, size_t len) {
    for (size_t i = 0; i < len; i += 3) {
        uint32_t word = (uint32_t)bytes[i] << 16 | (i + 1 < len ? (uint32_t)bytes[i + 1] << 8 : 0) |
                        (i + 2 < len ? (uint32_t)bytes[i + 2] : 0);
        char four[4] = {BASE64[word >> 18], BASE64[word >> 12 & 63], i + 1 < len ? BASE64[word >> 6 & 63] : '=',
                        i + 2 < len ? BASE64[word & 63] : '='};
        lw_buf_add(out, four, 4);
    }
}

/* A header's text: as it is, or in encoded words (RFC 2047) that are cut between characters. */
static void put_words(lw_buf *out, const char *text) {
    bool plain = true;
    for (const char *p = text; *p != '\0'; p++) {
        plain = plain && *p >= ' ' && *p < 127;
    }
    if (plain) {
        lw_buf_str(out, text);
        return;
    }
    for (const char *p = text; *p != '\0';) {
        size_t len = strlen(p), take = len < WORD_BYTES ? len : WORD_BYTES;
        while (take < len && take > 1 && ((uint8_t)p[take] & 0xc0) == 0x80) {
            take--;
        }
        lw_buf_str(out, p != text ? "\r\n =?UTF-8?B?" : "=?UTF-8?B?");
        put_base64(out, (const uint8_t *)p, take);
        lw_buf_str(out, "?=");
        p += take;
    }
}

/* Quoted-printable (RFC 2045): every line at most 76 letters, and nothing but ASCII. */
static void put_text(lw_buf *out, const char *text) {
    size_t column = 0;
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '\n') {
            lw_buf_str(out, "\r\n");
            column = 0;
            continue;
        }
        bool end = p[1] == '\n' || p[1] == '\0';
        bool plain = *p > ' ' && *p < 127 && *p != '=';
        plain = plain || (*p == ' ' && !end);
        size_t need = plain ? 1 : 3;
        if (column + need > LINE_MOST) {
            lw_buf_str(out, "=\r\n");
            column = 0;
        }
        if (plain) {
            lw_buf_add(out, p, 1);
        } else {
            lw_buf_fmt(out, "=%02X", (unsigned)(uint8_t)*p);
        }
        column += need;
    }
}

static void put_date(lw_buf *out, int64_t at_s) {
    static const char *const days[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"}; /* 1970-01-01 was a Thursday */
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int32_t day = (int32_t)(at_s / 86400), year, month, dom, second = (int32_t)(at_s % 86400);
    lw_day_to_civil(day, &year, &month, &dom);
    lw_buf_fmt(out, "%s, %02d %s %04d %02d:%02d:%02d +0000", days[day % 7], (int)dom, months[month - 1], (int)year,
               (int)(second / 3600), (int)(second / 60 % 60), (int)(second % 60));
}

void lw_mail_write(const lw_mail_options *options, const lw_letter *letter, lw_buf *out) {
    lw_buf_str(out, "Date: ");
    put_date(out, letter->at_s);
    lw_buf_fmt(out, "\r\nFrom: Loadwave <%s>\r\nTo: <%s>\r\nSubject: ", options->from, letter->to);
    put_words(out, letter->subject);
    lw_buf_fmt(out, "\r\nMessage-ID: <%s@%s>\r\n", letter->id, strchr(options->from, '@') + 1);
    if (letter->stop_url != NULL) {
        lw_buf_fmt(out, "List-Unsubscribe: <%s>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
                   letter->stop_url);
    }
    lw_buf_str(out, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                    "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
    put_text(out, letter->text);
    lw_buf_str(out, "\r\n");
}

/* ---- sending ---- */

typedef struct talk {
    lw_buf message;
    size_t given;
    char command[5]; /* the last that was sent: "RCPT" */
    long refused;    /* the first answer of 400 and more; 0: none. A QUIT follows it, and its answer is fine */
    char what[5];    /* the command that it was to */
    char said[20];   /* its codes, never its words, which may name the address: "550 5.1.1" */
} talk;

static size_t give(char *to, size_t size, size_t count, void *ctx) {
    talk *t = ctx;
    size_t room = size * count, left = t->message.len - t->given, take = left < room ? left : room;
    memcpy(to, t->message.ptr + t->given, take);
    t->given += take;
    return take;
}

static int overhear(CURL *curl, curl_infotype type, char *data, size_t len, void *ctx) {
    (void)curl;
    talk *t = ctx;
    char line[20] = "";
    memcpy(line, data, len < sizeof line - 1 ? len : sizeof line - 1);
    static const char known[] = "EHLO HELO STAR AUTH MAIL RCPT DATA NOOP QUIT";
    if (type == CURLINFO_HEADER_OUT && len >= 4 && strnlen(line, 4) == 4) {
        /* What follows AUTH on lines of its own is name and password: it is no command, and nothing of it is kept. */
        char word[5];
        snprintf(word, sizeof word, "%.4s", line);
        if (strchr(word, ' ') == NULL && strstr(known, word) != NULL) {
            memcpy(t->command, word, sizeof word);
        }
    } else if (type == CURLINFO_HEADER_IN && t->refused == 0 && strtol(line, NULL, 10) >= 400) {
        t->refused = strtol(line, NULL, 10);
        memcpy(t->what, t->command, sizeof t->what);
        snprintf(t->said, sizeof t->said, "%.*s", (int)strspn(line, "0123456789 .-"), line);
    }
    return 0;
}

static int look_up(void *stop, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d) {
    (void)a, (void)b, (void)c, (void)d;
    return stop != NULL && atomic_load((const atomic_bool *)stop) ? 1 : 0;
}

void lw__stoppable(void *curl, const atomic_bool *stop) {
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look_up);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, (void *)(uintptr_t)stop);
}

/* A handle for that server; NULL: no memory. */
static CURL *reach(const lw_mail_options *options, talk *t) {
    CURL *curl = curl_easy_init();
    if (curl == NULL) {
        return NULL;
    }
    bool here = on_this_machine(options->url) && !is_smtps(options->url);
    curl_easy_setopt(curl, CURLOPT_URL, options->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_USE_SSL, here ? (long)CURLUSESSL_NONE : (long)CURLUSESSL_ALL);
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
    if (options->ca != NULL) {
        curl_easy_setopt(curl, CURLOPT_CAINFO, options->ca);
        curl_easy_setopt(curl, CURLOPT_CAPATH, NULL); /* these alone */
    }
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 10L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 30L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    if (options->user != NULL) {
        curl_easy_setopt(curl, CURLOPT_USERNAME, options->user);
        curl_easy_setopt(curl, CURLOPT_PASSWORD, options->password != NULL ? options->password : "");
    }
    curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L);
    curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, overhear);
    curl_easy_setopt(curl, CURLOPT_DEBUGDATA, t);
    lw__stoppable(curl, options->stop);
    return curl;
}

static void explain(const talk *t, CURLcode code, char *why, size_t cap) {
    if (t->refused != 0) {
        snprintf(why, cap, "the mail server refused it (%s: %s)", t->what, t->said);
    } else {
        snprintf(why, cap, "no answer: %s", curl_easy_strerror(code));
    }
}

/* Whether a refusal of RCPT, "550 5.1.1", says that nobody is there: not where it names trust, a full box or ourselves. */
static bool nobody_there(const talk *t) {
    const char *more = t->said[3] != '\0' ? t->said + 4 : "";
    bool told = more[0] == '5' && more[1] == '.';
    bool code = t->refused == 550 || t->refused == 551 || t->refused == 553 || t->refused == 556;
    return code && (!told || strncmp(more, "5.1.", 4) == 0 || strncmp(more, "5.2.1", 5) == 0);
}

lw_sent lw_mail_send(const lw_mail_options *options, const lw_letter *letter, char *why, size_t cap) {
    talk t = {.given = 0};
    char from[300], to[300];
    lw_mail_write(options, letter, &t.message);
    CURL *curl = t.message.failed ? NULL : reach(options, &t);
    snprintf(from, sizeof from, "<%s>", options->from);
    snprintf(to, sizeof to, "<%s>", letter->to);
    struct curl_slist *rcpt = curl_slist_append(NULL, to);
    if (curl == NULL || rcpt == NULL) {
        snprintf(why, cap, "not enough memory");
        lw_buf_free(&t.message);
        curl_slist_free_all(rcpt);
        if (curl != NULL) {
            curl_easy_cleanup(curl);
        }
        return LW_LATER;
    }
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, from);
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, rcpt);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, give);
    curl_easy_setopt(curl, CURLOPT_READDATA, &t);
    CURLcode code = curl_easy_perform(curl);
    curl_slist_free_all(rcpt);
    curl_easy_cleanup(curl);
    lw_buf_free(&t.message);
    if (code == CURLE_OK) {
        return LW_SENT;
    }
    explain(&t, code, why, cap);
    if (t.refused < 500) { /* 0: no answer */
        return LW_LATER;
    }
    /* A refused sign-in, sender or relaying is for whoever runs this to mend; the message waits for it. */
    return strcmp(t.what, "DATA") == 0                          ? LW_REFUSED_US
           : strcmp(t.what, "RCPT") != 0                        ? LW_LATER
           : nobody_there(&t)                                   ? LW_GONE
           : t.refused == 552 || strstr(t.said, "5.2.") != NULL ? LW_REFUSED_US
                                                                : LW_LATER;
}

bool lw_mail_probe(const lw_mail_options *options, char *why, size_t cap) {
    talk t = {.given = 0};
    CURL *curl = reach(options, &t);
    if (curl == NULL) {
        snprintf(why, cap, "not enough memory");
        return false;
    }
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, "NOOP");
    CURLcode code = curl_easy_perform(curl);
    curl_easy_cleanup(curl);
    if (code != CURLE_OK) {
        explain(&t, code, why, cap);
    }
    return code == CURLE_OK;
}
