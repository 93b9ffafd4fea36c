/*
 * http.h: the seam between what answers and what carries HTTP. libmicrohttpd stands behind it in http_mhd.c and nowhere
 * else; handlers see lw_request, and never a socket.
 *
 * A route (schema/routes.json → routes_table.c) has one of three shapes:
 *   read   answers from a reading connection, on a server thread.
 *   write  prepare (optional; reading connection, server thread: parse, fold) then commit (writer's thread, inside the group
 *          transaction: only statements). The answer goes out after the commit is durable. When commit returns LW_ERR_HEAD,
 *          prepare and commit run again, at most five times; prepare must leave no trace but in rq.
 *   stream server-sent events.
 * Before a handler runs, the router has done: limits, origin check, sign-in, lookup of the target, lw_authorize, and the
 * reading of the body against the route's table. After it: audit, metrics, log line. Handlers do none of these.
 *
 * A handler returns LW_OK after filling the reply, or a negative lw_err, which becomes an RFC 9457 problem. lw_problem adds
 * where and what to do. What prepare and commit wrote into the reply is thrown away before they run again.
 *
 * Names are a convention that tools/gen_routes.py relies on: lw__h_ID is the handler of a read, or prepare of a write whose
 * row in schema/routes.json says "prepare": true; lw__c_ID is the commit of a write.
 */
#ifndef LW_SERVER_HTTP_H
#define LW_SERVER_HTTP_H

#include "store/store.h"

typedef struct lw_server lw_server; /* one running server; server.h */

enum { LW_ROLE_PATIENT = 1, LW_ROLE_CLINICIAN = 2, LW_ROLE_ADMIN = 4, LW_ROLE_RESEARCHER = 8 };

/* What a role may reach with a route. */
typedef enum lw_scope {
    LW_SCOPE_NONE,
    LW_SCOPE_SELF,  /* the own record, the own account */
    LW_SCOPE_CLINIC /* whatever belongs to the own clinic */
} lw_scope;

/* Who is asking. Empty texts when nobody is signed in. */
typedef struct lw_principal {
    char account[37];
    char clinic[37];
    char patient[65]; /* for role patient */
    char name[101];
    char language[9];
    uint32_t roles; /* bits */
    bool strong;    /* signed in with a second factor, a passkey or a bound device */
    bool limited;   /* the clinic demands a second factor that is missing: the own account only */
    uint8_t session[32];
} lw_principal;

/* What is asked for, as far as the path names it. */
typedef struct lw_target {
    char patient[65]; /* of the path; "" when the route has none */
    char clinic[37];  /* the patient's clinic, "" when there is no such patient */
    char responsible[37];
    bool erased;
} lw_target;

typedef enum lw_shape { LW_READ, LW_WRITE, LW_STREAM } lw_shape;

/* One member of a body or one query parameter. */
typedef enum lw_field_type { LW_FIELD_TEXT, LW_FIELD_INT, LW_FIELD_BOOL, LW_FIELD_DATE, LW_FIELD_JSON } lw_field_type;

typedef struct lw_field {
    const char *name;
    lw_field_type type;
    bool required;
    int64_t min, max;         /* of a number; of a text: its length in characters */
    const char *const *words; /* NULL-ended; NULL: any text */
} lw_field;

/* The value of a field: absent, or text unescaped (JSON: as it stands), or number. Dates are days since 1970. */
typedef struct lw_value {
    bool given;
    lw_str text;
    int64_t number;
} lw_value;

enum { LW_MAX_FIELDS = 24, LW_MAX_PATH = 3 };

struct lw_request;
typedef int32_t (*lw_handler)(struct lw_request *rq, lw_sql *sql);

typedef struct lw_route {
    const char *id;     /* "events_add"; also the name in logs, metrics and audit */
    const char *method; /* "POST" */
    const char *path;   /* "/api/v1/patients/{patient}/events" */
    lw_shape shape;
    lw_handler handler;  /* read: answers; write: prepare, nullable; stream: NULL */
    lw_handler commit;   /* write only */
    bool open;           /* without a sign-in */
    bool foreign;        /* a write that any site or program may send: its token says all; the body is passed over */
    lw_scope scope[4];   /* by role: patient, clinician, admin, researcher */
    bool audited;        /* whether a row is written; every route that touches a person */
    bool fhir;           /* query and body are FHIR's: query_text, and raw as JSON, with no tables */
    uint32_t body_max;   /* bytes; 0: no body */
    uint32_t per_minute; /* calls of one account (or address) a minute */
    const lw_field *body;
    const lw_field *query;
} lw_route;

extern const lw_route lw_routes[];
extern const uint32_t lw_route_count;

/* An answer. Filled by handlers; the body is sent with the given type. */
typedef struct lw_reply {
    int status;       /* 200 when left 0 */
    const char *type; /* static; "application/json" when left NULL */
    lw_buf body;
    char headers[6][2][512]; /* further headers; name and value */
    uint32_t header_count;
    char cookie[256]; /* Set-Cookie, when not empty */
} lw_reply;

typedef struct lw_request {
    lw_server *server;
    struct lw_identity *identity; /* identity.h */
    const lw_route *route;
    const lw_principal *who; /* never NULL; roles 0 when nobody */
    lw_target target;
    char path[LW_MAX_PATH][72];    /* values of {…} in order, decoded */
    lw_value query[LW_MAX_FIELDS]; /* by the route's query table */
    lw_value body[LW_MAX_FIELDS];  /* by the route's body table */
    lw_str raw;                    /* the whole body */
    int64_t now_s;                 /* the server's clock, once per request */
    char address[46];              /* of the peer, for rate limits only; never logged */
    char agent[120];               /* User-Agent, cut */
    lw_pool pool;                  /* memory until the answer is sent */
    lw_reply reply;
    void *state;                              /* the handler's own, from pool, between prepare and commit */
    char audit[120];                          /* the handler may add machine words for the audit row */
    char acted_clinic[37], acted_account[37]; /* for the audit row where nobody is signed in yet: who it was about */
    int32_t err;                              /* of lw_problem */
    char detail[240];                         /* problem detail, one sentence, in English */
    char member[64];                          /* problem member */
    char hint[160];                           /* problem hint: what to do */
    uint32_t line;                            /* problem line, from 1 */
    uint32_t retry_s;                         /* problem retry: after how many seconds; also the header Retry-After */
    void (*after)(
        struct lw_request *rq); /* writes: runs on a server thread once the commit is durable; set by prepare */
    void (*drop)(
        struct lw_request *rq); /* frees what state holds beyond pool; runs once for each prepare that set it */
    /* Under /fhir (src/server/fhir): problems are told as an OperationOutcome. Headers are "" when absent. */
    bool fhir;
    const char *accept, *prefer, *if_none_match, *if_none_exist;
    lw_str query_text;             /* as it came, still encoded */
    struct lw_fhir_issues *issues; /* from pool; NULL or empty: made of err */
    int status;                    /* of a problem, instead of err's own; 0: err's own */
    int64_t changed_seq;           /* writes with a patient: the log's end told to who listens to changes; 0: unknown */
} lw_request;

/* The field named, of body or query; never NULL. The name must be in the route's table. */
const lw_value *lw_body(const lw_request *rq, const char *name);
const lw_value *lw_query(const lw_request *rq, const char *name);

/* Notes what is wrong and returns err. member may be NULL. */
int32_t lw_problem(lw_request *rq, int32_t err, const char *member, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void lw_reply_header(lw_request *rq, const char *name, const char *value);

/* The one authorisation function. LW_OK, LW_ERR_SIGN_IN, LW_ERR_FORBIDDEN, LW_ERR_NOT_FOUND (another clinic's patient is
 * not told apart from none), LW_ERR_GONE or LW_ERR_SECOND_FACTOR. Pure; tests/outer/authorize_test.c is its table. */
LW_MUST_CHECK int32_t lw_authorize(const lw_route *route, const lw_principal *who, const lw_target *target);

#endif
