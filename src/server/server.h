/*
 * server.h: one running server: its store, its clock, its threads.
 *
 * Everything is set up by lw_server_open and immutable afterwards, but for the parts that guard themselves (cache.c,
 * limit.c, live.c, telemetry.c). Handlers find what they need through the functions below.
 */
#ifndef LW_SERVER_SERVER_H
#define LW_SERVER_SERVER_H

#include "server/http.h"

typedef struct lw_server_options {
    const char *store;      /* as lw_store_options.where */
    const char *listen;     /* "127.0.0.1:8080", "[::1]:8080"; port 0 takes a free one */
    const char *origin;     /* "https://loadwave.example", without a path; NULL: http://localhost:PORT */
    const char *backups;    /* folder; NULL: "backups" beside the store */
    const char *backup_key; /* file of the key that backups are sealed with; NULL: they are plain */
    const char
        *secrets_key; /* file of the key for secrets of authenticators, made when there is none; NULL: they are plain */
    bool forget_authenticators; /* take away those that the key does not open */
    uint32_t threads;           /* 0: as many as the machine has cores */
    bool proxy;                 /* a proxy on this machine names the client in X-Forwarded-For */
    bool unlimited;             /* no rate limits: for measuring only */
    const char *smtp;           /* "smtp://host:587", "smtps://host"; NULL: no e-mail */
    const char *mail_from;      /* the address that e-mails come from; needed with smtp */
    const char *mail_user;      /* to sign in there; NULL: no sign-in */
    const char *mail_password;  /* file whose first line is the password; needed with mail_user */
    const char *mail_ca;        /* file of the authorities that its certificate may come from; NULL: the machine's */
    const char *push_service;   /* one more origin of a push service, besides those of the known browsers; nullable */
} lw_server_options;

/*
 * Opens the store (making it when there is none) and prepares everything; does not listen yet. The texts are copied.
 * why receives a sentence when it fails.
 */
LW_MUST_CHECK int32_t lw_server_open(const lw_server_options *options, lw_server **out, char *why, size_t cap);
/* Listens and answers from now on, on threads of its own. */
LW_MUST_CHECK int32_t lw_server_start(lw_server *server, char *why, size_t cap);
/* No new connections; waits for what runs, ten seconds at most; closes the store and frees everything. False: not all was done. */
bool lw_server_close(lw_server *server);

lw_store *lw_server_store(const lw_server *server);
const char *lw_server_origin(const lw_server *server); /* "http://localhost:8080" */
bool lw_server_secure(const lw_server *server);        /* the origin is https: cookies are Secure */
const char *lw_server_backups(const lw_server *server);
uint16_t lw_server_port(const lw_server *server);
bool lw_server_pages(void); /* this program was built with the web pages */

/* How the key that signs notifications stands in a store; nothing is changed. secrets: the file of the key for secrets, nullable. */
typedef enum lw_vapid_state {
    LW_VAPID_GOOD,   /* it opens, and is one of its curve */
    LW_VAPID_NONE,   /* not made yet: the next start makes it */
    LW_VAPID_SEALED, /* sealed, and not with that key: the next start makes a new one and ends all subscriptions */
    LW_VAPID_UNSEEN  /* the store could not be read */
} lw_vapid_state;
lw_vapid_state lw_server_vapid_state(const char *where, const char *secrets);

/*
 * Seconds since 1970. For tests only: when the environment names a file in LW_TEST_NOW_FILE at the start, the number in it
 * is the time, read at each call.
 */
int64_t lw_server_now(const lw_server *server);
/* The same without a server, for the command line. */
int64_t lw_clock_now(void);

/*
 * The compiled protocol with that SHA-256 (64 hex digits): the built-in one, or a published one (of any clinic; who may use
 * which is the caller's question). Compiled once, shared by all threads, counted: give it back with lw_server_protocol_back.
 * LW_ERR_NOT_FOUND; LW_ERR_PROTOCOL when it does not compile any more.
 */
LW_MUST_CHECK int32_t lw_server_protocol(lw_server *server, lw_sql *sql, const char *sha256, const lw_protocol **out);
void lw_server_protocol_back(lw_server *server, const lw_protocol *protocol);
/* The SHA-256 of the built-in protocol in hex, and its text; static. */
const char *lw_builtin_sha256(void);
lw_str lw_builtin_text(void);

/* Tells those who listen that a patient changed; seq 0: unknown. The router does it after every write with a patient. */
void lw_live_publish(lw_server *server, const char *clinic, const char *patient, int64_t seq);

#endif
