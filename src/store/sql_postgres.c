/*
 * sql_postgres.c: the PostgreSQL driver of sql.h, over libpq in pipeline mode.
 *
 * The connection is always in pipeline mode: lw_sql_queue only sends; lw_sql_run and lw_sql_flush send, put a sync behind and
 * read every answer up to it. Statements are prepared per connection and per types of their parameters (a PostgreSQL
 * parameter has a type; SQLite's has none), their text translated once: ?1 to $1, INTEGER to BIGINT, BLOB to BYTEA.
 * Parameters and answers travel in binary.
 *
 * Careful points: COMMIT of a failed transaction is answered as success with the word ROLLBACK; the sum of BIGINT is
 * NUMERIC; what stands unread in the pipeline after an error is aborted, and each of it says so.
 */
#include <ctype.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/buffer.h"
#include "store/sql_internal.h"

/* Types by their fixed numbers in pg_type. */
enum {
    OID_BOOL = 16,
    OID_BYTEA = 17,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT4 = 23,
    OID_TEXT = 25,
    OID_FLOAT4 = 700,
    OID_FLOAT8 = 701,
    OID_NUMERIC = 1700
};

enum { QUEUE_MOST = 64 /* unread answers; keeps both sides from waiting for each other with full sockets */ };

typedef struct variant {
    struct variant *next;
    uint64_t types; /* two bits a parameter */
    uint32_t name;  /* prepared as "s<name>" */
} variant;

typedef struct postgres_conn {
    lw_sql base;
    PGconn *pg;
    uint32_t names, queued;
    int32_t pending; /* first error of what was queued */
    bool lost;
    const char *texts[LW__SQL_SLOTS];
    variant *variants[LW__SQL_SLOTS];
} postgres_conn;

static int32_t of_state(const char *state) {
    if (state == NULL) {
        return LW_ERR_IO;
    }
    if (memcmp(state, "23", 2) == 0) {
        return LW_ERR_EXISTS;
    }
    if (strcmp(state, "53100") == 0) {
        return LW_ERR_FULL;
    }
    static const char *const again[] = {"40001", "40P01", "55P03", "57014", "53000", "53200", "53300"};
    for (size_t i = 0; i < sizeof again / sizeof again[0]; i++) {
        if (strcmp(state, again[i]) == 0) {
            return LW_ERR_BUSY;
        }
    }
    return memcmp(state, "XX00", 4) == 0 && state[4] > '0' ? LW_ERR_CORRUPT : LW_ERR_IO;
}

static int32_t broken(postgres_conn *c) {
    lw__sql_say(c->base.why, sizeof c->base.why, "%s", PQerrorMessage(c->pg));
    c->lost = c->lost || PQstatus(c->pg) == CONNECTION_BAD;
    return LW_ERR_IO;
}

static int32_t refused(postgres_conn *c, const PGresult *result) {
    const char *words = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    lw__sql_say(c->base.why, sizeof c->base.why, "%s", words != NULL ? words : PQresultErrorMessage(result));
    int32_t err = of_state(PQresultErrorField(result, PG_DIAG_SQLSTATE));
    c->lost = c->lost || PQstatus(c->pg) == CONNECTION_BAD;
    return err;
}

/* ?1 to $1 and the names of types, outside of quotes. collate: TEXT columns compare by bytes, as in SQLite. */
static bool translate(const char *text, bool collate, lw_buf *out) {
    bool quoted = false, comment = false;
    for (const char *p = text; *p != '\0'; p++) {
        bool word = !quoted && !comment && isalpha((unsigned char)*p) &&
                    (p == text || !(isalnum((unsigned char)p[-1]) || p[-1] == '_'));
        size_t len = 0;
        while (word && (isalnum((unsigned char)p[len]) || p[len] == '_')) {
            len++;
        }
        comment = comment ? *p != '\n' : !quoted && p[0] == '-' && p[1] == '-';
        quoted = *p == '\'' && !comment ? !quoted : quoted;
        if (word && len == 7 && memcmp(p, "INTEGER", 7) == 0) {
            lw_buf_str(out, "BIGINT");
            p += 6;
        } else if (word && len == 4 && memcmp(p, "BLOB", 4) == 0) {
            lw_buf_str(out, "BYTEA");
            p += 3;
        } else if (word && collate && len == 4 && memcmp(p, "TEXT", 4) == 0) {
            lw_buf_str(out, "TEXT COLLATE \"C\"");
            p += 3;
        } else if (!quoted && !comment && p[0] == '?' && isdigit((unsigned char)p[1])) {
            lw_buf_str(out, "$");
        } else if (!comment) {
            lw_buf_add(out, p, 1);
        }
    }
    return !out->failed;
}

/* ---- reading ---- */

static int64_t big_endian(const char *p, int len) {
    uint64_t value = 0;
    for (int i = 0; i < len; i++) {
        value = value << 8 | (uint8_t)p[i];
    }
    return len == 2 ? (int16_t)value : len == 4 ? (int32_t)value : (int64_t)value;
}

/* Whole part of a NUMERIC: count, weight, sign, scale, then digits to the base of 10,000. */
static int64_t whole(const char *p, int len) {
    if (len < 8) {
        return 0;
    }
    int64_t digits = big_endian(p, 2), weight = big_endian(p + 2, 2), value = 0;
    for (int64_t i = 0; i <= weight && i < 5; i++) {
        int64_t digit = i < digits && 10 + 2 * i <= len ? big_endian(p + 8 + 2 * i, 2) : 0;
        if (__builtin_mul_overflow(value, 10000, &value) || __builtin_add_overflow(value, digit, &value)) {
            value = INT64_MAX;
            break;
        }
    }
    return (uint16_t)big_endian(p + 4, 2) == 0x4000 ? -value : value;
}

/* A floating-point column is text, as in the other driver. */
static lw_str float_text(const char *p, int len, char out[40]) {
    double value = 0;
    if (len == 8) {
        int64_t bits = big_endian(p, 8);
        memcpy(&value, &bits, sizeof value);
    } else {
        int32_t bits = (int32_t)big_endian(p, 4);
        float small = 0;
        memcpy(&small, &bits, sizeof small);
        value = (double)small;
    }
    int written = snprintf(out, 36, "%.15g", value);
    if (strspn(out, "-0123456789") == (size_t)written) {
        written += snprintf(out + written, 4, ".0"); /* 2.0, as the other driver has it */
    }
    return (lw_str){out, (uint32_t)written};
}

static int32_t read_rows(const PGresult *result, lw_sql_row row, void *ctx) {
    int rows = PQntuples(result), width = PQnfields(result);
    width = width > LW__SQL_MAX_COLUMNS ? LW__SQL_MAX_COLUMNS : width;
    lw_sql_value columns[LW__SQL_MAX_COLUMNS];
    char floats[LW__SQL_MAX_COLUMNS][40];
    for (int r = 0; r < rows; r++) {
        for (int i = 0; i < width; i++) {
            const char *p = PQgetvalue(result, r, i);
            int len = PQgetlength(result, r, i);
            Oid type = PQftype(result, i);
            if (PQgetisnull(result, r, i)) {
                columns[i] = lw_sql_null();
            } else if (type == OID_INT8 || type == OID_INT4 || type == OID_INT2 || type == OID_BOOL) {
                columns[i] = lw_sql_int(big_endian(p, len));
            } else if (type == OID_NUMERIC) {
                columns[i] = lw_sql_int(whole(p, len));
            } else if (type == OID_BYTEA) {
                columns[i] = lw_sql_blob(p, (size_t)len);
            } else if (type == OID_FLOAT4 || type == OID_FLOAT8) {
                columns[i] = lw_sql_text(float_text(p, len, floats[i]));
            } else {
                columns[i] = lw_sql_text((lw_str){p, (uint32_t)len});
            }
        }
        int32_t err = row(ctx, columns, (uint32_t)width);
        if (err != LW_OK) {
            return err;
        }
    }
    return LW_OK;
}

/* ---- the pipeline ---- */

/*
 * Sends a sync and reads every answer up to it. *last (nullable) receives the last one, owned by the caller, when all
 * went well. The first error is returned; what follows it is aborted and only read away.
 */
static int32_t drain(postgres_conn *c, PGresult **last) {
    int32_t err = c->pending;
    c->pending = LW_OK;
    c->queued = 0;
    if (c->lost || PQpipelineSync(c->pg) != 1) {
        return broken(c);
    }
    PGresult *kept = NULL;
    for (int empty = 0;;) {
        PGresult *result = PQgetResult(c->pg);
        if (result == NULL) {
            /* The end of one statement's answers. Twice in a row, or without a connection: the sync's will never come. */
            if (++empty > 1 || PQstatus(c->pg) == CONNECTION_BAD) {
                err = err == LW_OK ? broken(c) : err;
                c->lost = true;
                break;
            }
            continue;
        }
        empty = 0;
        ExecStatusType status = PQresultStatus(result);
        if (status == PGRES_PIPELINE_SYNC) {
            PQclear(result);
            break;
        }
        if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
            PQclear(kept);
            kept = result;
            continue;
        }
        if (err == LW_OK && status != PGRES_PIPELINE_ABORTED) {
            err = refused(c, result);
        }
        PQclear(result);
        if (PQstatus(c->pg) == CONNECTION_BAD) {
            c->lost = true;
            err = err == LW_OK ? LW_ERR_IO : err;
            break;
        }
    }
    if (err != LW_OK || last == NULL) {
        PQclear(kept);
        kept = NULL;
    }
    if (last != NULL) {
        *last = kept;
    }
    return err;
}

static uint64_t types_of(const lw_sql_value *params, uint32_t count) {
    uint64_t types = count;
    for (uint32_t i = 0; i < count; i++) {
        types = types << 2 | (uint64_t)params[i].type;
    }
    return types;
}

static int32_t prepare(postgres_conn *c, const char *text, const lw_sql_value *params, uint32_t count, uint32_t name) {
    static const Oid oids[] = {0, OID_INT8, OID_TEXT, OID_BYTEA};
    Oid types[LW__SQL_MAX_PARAMS];
    for (uint32_t i = 0; i < count; i++) {
        types[i] = oids[params[i].type];
    }
    lw_buf buf = {0};
    char id[16];
    snprintf(id, sizeof id, "s%u", name);
    int32_t err = translate(text, false, &buf) ? LW_OK : LW_ERR_NO_MEMORY;
    if (err == LW_OK && PQsendPrepare(c->pg, id, buf.ptr, (int)count, types) != 1) {
        err = broken(c);
    }
    if (err == LW_OK) {
        err = drain(c, NULL);
    }
    lw_buf_free(&buf);
    return err;
}

/* The number of the prepared statement for this text and these types. */
static int32_t statement(postgres_conn *c, const char *text, const lw_sql_value *params, uint32_t count,
                         uint32_t *name) {
    uint32_t at = lw__sql_slot(c->texts, text);
    if (at == LW__SQL_SLOTS) {
        lw__sql_say(c->base.why, sizeof c->base.why, "more than %d statements", LW__SQL_SLOTS);
        return LW_ERR_LIMIT;
    }
    uint64_t types = types_of(params, count);
    for (const variant *v = c->texts[at] == text ? c->variants[at] : NULL; v != NULL; v = v->next) {
        if (v->types == types) {
            *name = v->name;
            return LW_OK;
        }
    }
    /* What is queued is answered first, so that its error is not taken for one of this statement. */
    int32_t err = c->queued > 0 || c->pending != LW_OK ? drain(c, NULL) : LW_OK;
    uint32_t fresh_name = ++c->names;
    if (err == LW_OK) {
        err = prepare(c, text, params, count, fresh_name);
    }
    variant *fresh = err == LW_OK ? calloc(1, sizeof *fresh) : NULL;
    if (fresh == NULL) {
        return err != LW_OK ? err : LW_ERR_NO_MEMORY;
    }
    *fresh = (variant){c->variants[at], types, fresh_name};
    c->variants[at] = fresh;
    c->texts[at] = text;
    *name = fresh_name;
    return LW_OK;
}

static int32_t send_one(postgres_conn *c, const char *text, const lw_sql_value *params, uint32_t count) {
    uint32_t name = 0;
    int32_t err = c->lost ? LW_ERR_IO : statement(c, text, params, count, &name);
    if (err != LW_OK) {
        return err;
    }
    const char *values[LW__SQL_MAX_PARAMS];
    int lengths[LW__SQL_MAX_PARAMS], formats[LW__SQL_MAX_PARAMS];
    uint8_t numbers[LW__SQL_MAX_PARAMS][8];
    for (uint32_t i = 0; i < count; i++) {
        const lw_sql_value *p = &params[i];
        formats[i] = 1;
        if (p->type == LW_SQL_INT) {
            for (int b = 0; b < 8; b++) {
                numbers[i][b] = (uint8_t)((uint64_t)p->number >> (56 - 8 * b));
            }
            values[i] = (const char *)numbers[i];
            lengths[i] = 8;
        } else {
            values[i] = p->type == LW_SQL_NULL ? NULL : p->bytes.ptr != NULL ? p->bytes.ptr : "";
            lengths[i] = (int)p->bytes.len;
        }
    }
    char id[16];
    snprintf(id, sizeof id, "s%u", name);
    return PQsendQueryPrepared(c->pg, id, (int)count, values, lengths, formats, 1) == 1 ? LW_OK : broken(c);
}

static int32_t postgres_run(lw_sql *sql, const char *text, const lw_sql_value *params, uint32_t count, lw_sql_row row,
                            void *ctx) {
    postgres_conn *c = (postgres_conn *)sql;
    int32_t err = send_one(c, text, params, count);
    if (err != LW_OK) {
        return err;
    }
    PGresult *result = NULL;
    err = drain(c, &result);
    if (err == LW_OK && result == NULL) {
        err = LW_ERR_IO;
    }
    if (err == LW_OK) {
        const char *tuples = PQcmdTuples(result);
        sql->changed = tuples[0] != '\0' ? strtoll(tuples, NULL, 10) : 0;
        err = row != NULL ? read_rows(result, row, ctx) : LW_OK;
    }
    PQclear(result);
    return err;
}

static int32_t postgres_flush(lw_sql *sql) {
    postgres_conn *c = (postgres_conn *)sql;
    return c->queued > 0 || c->pending != LW_OK ? drain(c, NULL) : LW_OK;
}

static int32_t postgres_queue(lw_sql *sql, const char *text, const lw_sql_value *params, uint32_t count) {
    postgres_conn *c = (postgres_conn *)sql;
    int32_t err = send_one(c, text, params, count);
    if (err == LW_OK && ++c->queued >= QUEUE_MOST) {
        /* The error belongs to the flush that closes this part; until then it waits. */
        c->pending = drain(c, NULL);
    }
    return err;
}

static int32_t postgres_script(lw_sql *sql, const char *text) {
    postgres_conn *c = (postgres_conn *)sql;
    int32_t err = postgres_flush(sql);
    lw_buf buf = {0};
    if (err == LW_OK && !translate(text, true, &buf)) {
        err = LW_ERR_NO_MEMORY;
    }
    if (err == LW_OK && PQexitPipelineMode(c->pg) != 1) {
        err = broken(c);
    }
    if (err == LW_OK) {
        PGresult *result = PQexec(c->pg, buf.ptr);
        ExecStatusType status = PQresultStatus(result);
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
            err = result != NULL ? refused(c, result) : broken(c);
        }
        PQclear(result);
        if (PQenterPipelineMode(c->pg) != 1) {
            err = err != LW_OK ? err : broken(c);
        }
    }
    lw_buf_free(&buf);
    return err;
}

static int32_t simple(lw_sql *sql, const char *text) {
    return postgres_run(sql, text, NULL, 0, NULL, NULL);
}

static int32_t postgres_begin(lw_sql *sql, bool write) {
    return simple(sql, write ? "BEGIN" : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
}

static int32_t postgres_commit(lw_sql *sql) {
    postgres_conn *c = (postgres_conn *)sql;
    int32_t err = send_one(c, "COMMIT", NULL, 0);
    PGresult *result = NULL;
    if (err == LW_OK) {
        err = drain(c, &result);
    }
    if (err == LW_OK && strcmp(PQcmdStatus(result), "COMMIT") != 0) {
        lw__sql_say(sql->why, sizeof sql->why, "the transaction had failed before its commit");
        err = LW_ERR_IO;
    }
    PQclear(result);
    return err;
}

static void postgres_rollback(lw_sql *sql) {
    postgres_conn *c = (postgres_conn *)sql;
    char why[sizeof sql->why];
    memcpy(why, sql->why, sizeof why);
    (void)postgres_flush(sql);
    if (!c->lost && PQtransactionStatus(c->pg) != PQTRANS_IDLE) {
        (void)simple(sql, "ROLLBACK");
    }
    memcpy(sql->why, why, sizeof why); /* the cause is what is asked for, not what followed */
}

static int32_t postgres_savepoint(lw_sql *sql) {
    return postgres_queue(sql, "SAVEPOINT job", NULL, 0);
}

static int32_t postgres_release(lw_sql *sql) {
    return simple(sql, "RELEASE SAVEPOINT job");
}

static int32_t postgres_rollback_to(lw_sql *sql) {
    char why[sizeof sql->why];
    memcpy(why, sql->why, sizeof why);
    (void)postgres_flush(sql);
    int32_t err = simple(sql, "ROLLBACK TO SAVEPOINT job");
    err = err != LW_OK ? err : simple(sql, "RELEASE SAVEPOINT job");
    if (err == LW_OK) {
        memcpy(sql->why, why, sizeof why);
    }
    return err;
}

static bool postgres_usable(const lw_sql *sql) {
    return !((const postgres_conn *)sql)->lost;
}

static void postgres_close(lw_sql *sql) {
    postgres_conn *c = (postgres_conn *)sql;
    PQfinish(c->pg);
    for (uint32_t i = 0; i < LW__SQL_SLOTS; i++) {
        while (c->variants[i] != NULL) {
            variant *next = c->variants[i]->next;
            free(c->variants[i]);
            c->variants[i] = next;
        }
    }
    free(c);
}

static const lw__sql_driver driver = {
    .postgres = true,
    .close = postgres_close,
    .run = postgres_run,
    .queue = postgres_queue,
    .flush = postgres_flush,
    .script = postgres_script,
    .begin = postgres_begin,
    .commit = postgres_commit,
    .rollback = postgres_rollback,
    .savepoint = postgres_savepoint,
    .release = postgres_release,
    .rollback_to = postgres_rollback_to,
    .usable = postgres_usable,
};

/* libpq's sentences may run over several lines. */
static void one_line(char *why, size_t cap) {
    size_t len = why != NULL && cap > 0 ? strlen(why) : 0;
    for (size_t i = 0; i < len; i++) {
        why[i] = why[i] == '\n' || why[i] == '\t' ? ' ' : why[i];
    }
    for (; len > 0 && why[len - 1] == ' '; len--) {
        why[len - 1] = '\0';
    }
}

static void quiet(void *arg, const PGresult *result) {
    (void)arg;
    (void)result;
}

int32_t lw__postgres_open(const char *where, uint32_t flags, lw_sql **out, char *why, size_t cap) {
    postgres_conn *c = calloc(1, sizeof *c);
    if (c == NULL) {
        return LW_ERR_NO_MEMORY;
    }
    c->base.driver = &driver;
    const char *const names[] = {"dbname",          "client_encoding",  "application_name",
                                 "connect_timeout", "tcp_user_timeout", NULL};
    const char *const values[] = {where, "UTF8", "loadwave", "10", "20000", NULL};
    c->pg = PQconnectdbParams(names, values, 1);
    int32_t err = LW_OK;
    if (c->pg == NULL || PQstatus(c->pg) != CONNECTION_OK) {
        err = LW_ERR_IO;
    } else {
        PQsetNoticeReceiver(c->pg, quiet, NULL);
        /* Whatever the server's defaults are: an acknowledged commit is on its disk. */
        PGresult *result = PQexec(c->pg, "SET synchronous_commit = on; SET lock_timeout = '10s'; SET statement_timeout "
                                         "= '120s'; SET search_path = public");
        err = PQresultStatus(result) == PGRES_COMMAND_OK ? LW_OK : LW_ERR_IO;
        PQclear(result);
        if (err == LW_OK && (flags & LW_SQL_READ_ONLY) != 0) {
            result = PQexec(c->pg, "SET default_transaction_read_only = on");
            err = PQresultStatus(result) == PGRES_COMMAND_OK ? LW_OK : LW_ERR_IO;
            PQclear(result);
        }
        if (err == LW_OK && PQenterPipelineMode(c->pg) != 1) {
            err = LW_ERR_IO;
        }
    }
    if (err != LW_OK) {
        /* libpq's words may carry the address, never the password. */
        lw__sql_say(why, cap, "PostgreSQL: %s", c->pg != NULL ? PQerrorMessage(c->pg) : "no memory");
        one_line(why, cap);
        postgres_close(&c->base);
        return err;
    }
    *out = &c->base;
    return LW_OK;
}
