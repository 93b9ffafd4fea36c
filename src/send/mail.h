/*
 * mail.h: one plain-text e-mail through one SMTP server, by libcurl. smtp:// demands STARTTLS with a good certificate, but for
 * a server on this machine (127.0.0.1, ::1, localhost), where there is nothing in between to read it. A server that offers no
 * STARTTLS, or whose certificate is not good, gets neither name, password nor letter.
 */
#ifndef LW_SEND_MAIL_H
#define LW_SEND_MAIL_H

#include <stdatomic.h>

#include "store/buffer.h"

typedef struct lw_mail_options {
    const char *url;         /* "smtp://host:25", "smtps://host:465"; NULL: no e-mail */
    const char *from;        /* "reminders@clinic.example" */
    const char *user;        /* NULL: no sign-in */
    const char *password;    /* with user */
    const char *ca;          /* file (PEM) of the authorities that its certificate may come from; NULL: the machine's */
    const atomic_bool *stop; /* true: gives up what is being sent within a second; NULL: never */
} lw_mail_options;

typedef struct lw_letter {
    const char *to, *subject; /* the address is checked (lw_mail_address); the subject is UTF-8, one line */
    const char *text;         /* UTF-8, lines ended by '\n' */
    const char *stop_url;     /* List-Unsubscribe with one click (RFC 8058); NULL: none */
    const char *id;           /* of the message, letters and digits */
    int64_t at_s;             /* its date */
} lw_letter;

typedef enum lw_sent {
    LW_SENT,      /* taken by the other side */
    LW_LATER,     /* not now: no connection, 4xx of SMTP, 429 or 5xx of HTTP; or for who runs this to mend */
    LW_GONE,      /* never: the address is not there (RCPT: 550, 5.1.1), the subscription is over (404, 410) */
    LW_REFUSED_US /* never, but the address may be good: the server refuses this sender or this message */
} lw_sent;

/* One plain address: local@domain of printable ASCII, at most 254 bytes, nothing that could end a header. */
bool lw_mail_address(const char *text);
/* LW_OK, or LW_ERR_VALUE and a sentence. */
LW_MUST_CHECK int32_t lw_mail_check(const lw_mail_options *options, char *why, size_t cap);
/* The message as it goes over the wire: headers, then quoted-printable text, CRLF lines. */
void lw_mail_write(const lw_mail_options *options, const lw_letter *letter, lw_buf *out);
/* Sends it; waits 30 s at most. why receives what the server said, without the address. */
lw_sent lw_mail_send(const lw_mail_options *options, const lw_letter *letter, char *why, size_t cap);

/* Greets, secures and signs in as for a letter, and sends none. True: it would be taken. Otherwise why says what is wrong. */
bool lw_mail_probe(const lw_mail_options *options, char *why, size_t cap);

/* Of one handle of libcurl: it ends within a second once *stop. */
void lw__stoppable(void *curl, const atomic_bool *stop);

#endif
