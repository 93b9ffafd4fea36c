/*
 * store.h: where records live. One interface over either database; no rule and no HTTP in here.
 *
 * Reading: N connections, each borrowed by one thread at a time. Writing: one thread owns the only writing connection and
 * commits in groups: all jobs that wait become one transaction, each in its own savepoint, and each hears only after the
 * commit is on the disk. A job that fails undoes its own part and nobody else's.
 *
 * Appending is optimistic: a request reads the log at head H, folds it with the new events outside the writer, and submits
 * with H; when the log has moved on the append answers LW_ERR_HEAD and the request folds again. So the writer does no
 * clinical work, and the projection written is that of exactly the log it stands for.
 */
#ifndef LW_STORE_STORE_H
#define LW_STORE_STORE_H

#include "loadwave/loadwave.h"
#include "store/buffer.h"
#include "store/seal.h"
#include "store/sql.h"

typedef struct lw_store lw_store;

typedef struct lw_store_options {
    const char *where;  /* path of a SQLite file, or postgres://… ; borrowed during the call */
    uint32_t readers;   /* reading connections, at least 1 */
    uint32_t group_max; /* jobs of one transaction; 0: 128 */
    bool create;        /* make the file and its tables when there are none */
    bool sole; /* LW_ERR_BUSY when another program has it open so; for servers, which remember what they have read */
    bool read_only; /* no writer: lw_store_submit answers LW_ERR_IO; another program may be writing */
} lw_store_options;

/* Opens, checks the schema's version and migrates it when it is older. why receives a sentence when it fails. */
LW_MUST_CHECK int32_t lw_store_open(const lw_store_options *options, lw_store **out, char *why, size_t cap);
/* Ends the writer after what is queued, closes everything. */
void lw_store_close(lw_store *store);

/* Borrows a reading connection, waiting for one at most two seconds (NULL then). Give it back. */
lw_sql *lw_store_reader(lw_store *store);
void lw_store_reader_back(lw_store *store, lw_sql *sql);

/* Runs on the writer's thread inside the group's transaction; must not block. */
typedef int32_t (*lw_job)(lw_sql *sql, void *ctx);
/* Called once, on the writer's thread, after the commit (LW_OK: durable) or with why not. */
typedef void (*lw_job_done)(void *ctx, int32_t err);

/* Queues a job. LW_ERR_BUSY when 10,000 wait already; done is then not called. */
LW_MUST_CHECK int32_t lw_store_submit(lw_store *store, lw_job job, lw_job_done done, void *ctx);
/* The same, waiting for it: for the command line and tests. */
LW_MUST_CHECK int32_t lw_store_write(lw_store *store, lw_job job, void *ctx);

typedef struct lw_store_stats {
    uint64_t jobs, groups, failed; /* since the start */
    uint32_t waiting;
    uint64_t commit_us; /* sum */
    int32_t
        trouble; /* why the last group could not be written; LW_OK: it was. LW_ERR_FULL stays until a MiB is free, too */
} lw_store_stats;
void lw_store_stats_get(const lw_store *store, lw_store_stats *out);

/* ---- the log ---- */

/* Where a patient's log ends. seq 0 and a zero hash: empty. */
typedef struct lw_head {
    int64_t seq;
    uint8_t hash[32];
} lw_head;

/* LW_ERR_NOT_FOUND: no such patient. LW_ERR_GONE: erased. */
LW_MUST_CHECK int32_t lw_store_head(lw_sql *sql, lw_str patient, lw_head *out);

/* Appends the patient's whole log to out, a line an event, '\n'-ended, in the order it was stored; head (nullable). */
LW_MUST_CHECK int32_t lw_store_log(lw_sql *sql, lw_str patient, lw_buf *out, lw_head *head);
/* The same of what came after from, which is not empty. LW_ERR_HEAD: the log does not go on from there; out is then anything. */
LW_MUST_CHECK int32_t lw_store_log_after(lw_sql *sql, lw_str patient, const lw_head *from, lw_buf *out, lw_head *head);

/* Appends [{"seq":7,"received":"…","event":{…}},…] for seq > after, at most limit; *last the last seq, *more if there are others. */
LW_MUST_CHECK int32_t lw_store_events(lw_sql *sql, lw_str patient, int64_t after, uint32_t limit, lw_buf *out,
                                      int64_t *last, bool *more);

/* One event to append: decoded and checked by the caller. line, by and kind borrow. */
typedef struct lw_append_event {
    lw_str line;
    lw_str by;
    const char *kind;
    uint8_t id[16];
    int64_t at_s;
} lw_append_event;

/* What the queue and lists need of one patient; made by lw_projection_make. */
typedef struct lw_card {
    const char *kind; /* static: "red_flag" … */
    int32_t priority; /* 1..100 */
    int64_t since_s;
    char mark[160]; /* comma-separated words for what it is about: "RF02,n3"; a new word opens a new card */
} lw_card;

enum { LW_MAX_CARDS = 12 };

/* Priority of a patient in the queue of whom every open card is acknowledged: shown, below all others. */
enum { LW_PRIORITY_ACKED = 1 };

typedef struct lw_projection {
    int32_t on_day, recheck_day;
    uint8_t plan_sha256[32];
    char protocol_sha256[65];
    lw_card cards[LW_MAX_CARDS];
    uint32_t card_count;
    lw_buf summary; /* JSON; owned */
} lw_projection;

/*
 * Folds the log (lines as lw_store_log gives them) for day and fills *out; plan_json (nullable) receives the plan.
 * An log of a newer format gives a projection whose summary says so, and LW_OK.
 */
LW_MUST_CHECK int32_t lw_projection_make(const lw_protocol *protocol, lw_str log, int32_t day, int64_t now_s,
                                         lw_projection *out, lw_buf *plan_json);
void lw_projection_free(lw_projection *projection);

typedef struct lw_append {
    lw_str patient;
    lw_head expect; /* the head that was folded */
    const lw_append_event *events;
    uint32_t count;
    int64_t received_s;
    const lw_projection *projection; /* nullable: then the row is marked stale (recheck_day 0) */
    lw_head head;                    /* out */
} lw_append;

/*
 * In a job: appends events, moves the head, writes projection and cards. Events that are stored already with the same
 * canonical content must not be in the list (lw_store_sift). LW_ERR_HEAD: the log has moved on, nothing was written.
 */
LW_MUST_CHECK int32_t lw_store_append(lw_sql *sql, lw_append *append);

/*
 * In a job, after a change to the patient's cards (acknowledge, snooze): sets the projection's priority and since_s to those
 * of the worst open card. An acknowledged card counts as LW_PRIORITY_ACKED, a snoozed one not at all until its time.
 */
LW_MUST_CHECK int32_t lw_cards_settle(lw_sql *sql, lw_str patient, int64_t now_s);

/* The compiled protocol of a clinic by its hash (64 hex digits), good until the caller drops it; NULL when there is none. */
typedef const lw_protocol *(*lw_protocol_find)(void *ctx, lw_str clinic, lw_str sha256);

/*
 * Outside of a job, on any thread but the writer's: folds at most `most` (200 at most) patients whose recheck_day <= day, or who were folded for a day that
 * is still to come, anew and writes their projections and cards, and brings back cards whose snooze is over. *done: how many; call again until it is less than
 * most. A new engine makes all due when the store is opened. A patient without any projection is not seen: append with count 0
 * and a projection of the empty log when one is made. A patient whose protocol is not found or cannot be folded gets the card "unfoldable" and is tried again the next day.
 */
LW_MUST_CHECK int32_t lw_projection_sweep(lw_store *store, lw_protocol_find find, void *ctx, int32_t day, int64_t now_s,
                                          uint32_t most, uint32_t *done);
/* All patients; progress (nullable) hears after each batch. Drops nothing that is not replaced. */
LW_MUST_CHECK int32_t lw_projection_rebuild(lw_store *store, lw_protocol_find find, void *ctx, int32_t day,
                                            int64_t now_s, void (*progress)(void *ctx, uint64_t done));

/*
 * Of count decoded events, those not stored yet: fresh[i] is set for each. Same id with the same canonical content is a
 * repeat, with other content LW_ERR_CONFLICT with *which its index.
 */
LW_MUST_CHECK int32_t lw_store_sift(lw_sql *sql, lw_str patient, const lw_append_event *events, uint32_t count,
                                    bool *fresh, uint32_t *which);

/* In a job: removes log, projection, cards, names, sign-ins; leaves a tombstone. */
LW_MUST_CHECK int32_t lw_store_erase(lw_sql *sql, lw_str patient, lw_str by_account, int64_t now_s);

/* Recomputes the hash chain. LW_ERR_CORRUPT with *bad_seq. */
LW_MUST_CHECK int32_t lw_store_verify(lw_sql *sql, lw_str patient, int64_t *bad_seq);

/* ---- audit ---- */
typedef struct lw_audit {
    int64_t at_s;
    lw_str clinic, account, route, patient, detail; /* detail: machine words only */
    int32_t status;
} lw_audit;

/* In a job: adds to the chain. */
LW_MUST_CHECK int32_t lw_audit_add(lw_sql *sql, const lw_audit *row);
LW_MUST_CHECK int32_t lw_audit_verify(lw_sql *sql, int64_t *bad_seq);
/* The same from a row that was found good (0 and a zero hash: from the start); on LW_OK both are those of the last row. */
LW_MUST_CHECK int32_t lw_audit_verify_after(lw_sql *sql, int64_t *seq, uint8_t hash[32], int64_t *bad_seq);

/* ---- whole file ---- */
/* Copies the open store to a new file while others go on, as lw_backup_make does. */
LW_MUST_CHECK int32_t lw_store_backup(lw_store *store, const char *path, const lw_backup_key *key, char *why,
                                      size_t cap);

/* How long work tells what it finds and how far it is. All nullable; say gets one plain sentence, wrong: something is broken. */
typedef struct lw_check {
    void (*say)(void *ctx, bool wrong, const char *sentence);
    void (*progress)(void *ctx, const char *what, uint64_t done, uint64_t all);
    void *ctx;
    uint64_t patients, events, wrong; /* out */
} lw_check;

/*
 * Reads everything again: the chain of every patient, every record decoded, every projection and its cards against a fresh
 * fold, the audit's chain. LW_OK also when something is wrong (check->wrong counts); an error when it could not be read.
 */
LW_MUST_CHECK int32_t lw_store_check(lw_sql *sql, lw_check *check);

/*
 * The health of a store, open or not, without changing it: pages or settings, lw_store_check, versions, clock, room on the
 * disk, who can open the file, whether the backups in the folder backups (nullable: backups/ beside a file) are encrypted and
 * how old they are. LW_OK also when something is wrong; an error, with why, when it could not be read.
 */
LW_MUST_CHECK int32_t lw_store_doctor(const char *where, const char *backups, int64_t now_s, lw_check *check, char *why,
                                      size_t cap);

/*
 * One moment of a store (path or address) in a new file of mode 0600, on the disk: a SQLite file, sealed when there is a
 * key (nullable; seal.h). Whole or not at all, and nothing plain has a name before. LW_ERR_EXISTS: there is something already.
 */
LW_MUST_CHECK int32_t lw_backup_make(const char *where, const char *path, const lw_backup_key *key, lw_check *watch,
                                     char *why, size_t cap);

/*
 * Restores a backup to an empty place: a path where nothing is, or a PostgreSQL database without tables; NULL: to no place, only
 * to see that it could be. A sealed one needs its key, a plain one must be given none. What was written is read again by
 * lw_store_check and each table compared with the backup's; when anything differs nothing is left behind and LW_ERR_CORRUPT is
 * returned. LW_ERR_EXISTS: the place is not empty. LW_ERR_FORBIDDEN: another key.
 */
LW_MUST_CHECK int32_t lw_backup_restore(const char *path, const lw_backup_key *key, const char *where, lw_check *watch,
                                        char *why, size_t cap);

/*
 * One more backup in a folder (made with mode 0700 when there is none), named after now_s (UTC): loadwave-2026-03-02T060500Z-auto.lwb,
 * or .sqlite without a key. It is restored to no place to see that it can be; only then the oldest of that name are removed until
 * keep (1 to LW_ROTATION_MOST) are left. Anything else in the folder stays. When it cannot be read again it is set aside as
 * loadwave-unverified and every older one stays. LW_ERR_BUSY: another program is at it. Reading it again needs room for the store twice in
 * TMPDIR, or /var/tmp.
 */
enum { LW_ROTATION_MOST = 1000 };
typedef struct lw_rotation {
    char path[4200]; /* of the new one */
    uint32_t kept, removed;
} lw_rotation;
LW_MUST_CHECK int32_t lw_backup_rotate(const char *where, const char *folder, uint32_t keep, const lw_backup_key *key,
                                       int64_t now_s, lw_check *watch, lw_rotation *out, char *why, size_t cap);

/*
 * The compiled protocols of a store, by clinic and hash, compiled when first asked for; the built-in one is always there. For one
 * thread. find fits lw_protocol_find with the shelf as ctx after lw_shelf_open.
 */
typedef struct lw_shelf lw_shelf;
LW_MUST_CHECK int32_t lw_shelf_open(lw_sql *sql, lw_shelf **out); /* borrows sql */
const lw_protocol *lw_shelf_find(void *shelf, lw_str clinic, lw_str sha256);
void lw_shelf_close(lw_shelf *shelf);

#endif
