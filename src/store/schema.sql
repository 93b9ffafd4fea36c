-- The tables of one Loadwave file, version 1. tools/gen.py makes src/store/schema_sql.c of it.
-- {blob}, {strict} and {clustered} stand for BLOB, STRICT and "WITHOUT ROWID, STRICT" in SQLite, BYTEA and nothing in PostgreSQL.

CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) {strict};

CREATE TABLE clinic (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, language TEXT NOT NULL, country TEXT NOT NULL,
    settings TEXT NOT NULL, -- JSON: {"second_factor":"required"|"optional", "night_text":…, "visa_h_wording":…}
    created_s INTEGER NOT NULL) {strict};

-- Everyone who signs in, patients too. roles: 1 patient, 2 clinician, 4 clinic admin, 8 researcher (bits).
CREATE TABLE account (
    id TEXT PRIMARY KEY, clinic TEXT NOT NULL REFERENCES clinic(id), roles INTEGER NOT NULL,
    patient TEXT, -- for role patient
    login TEXT UNIQUE, -- lower-cased; NULL for patients
    name TEXT NOT NULL, language TEXT NOT NULL,
    password TEXT, -- Argon2id string; NULL: none set
    totp {blob}, totp_step INTEGER NOT NULL, totp_on INTEGER NOT NULL,
    disabled INTEGER NOT NULL, failed INTEGER NOT NULL, locked_until_s INTEGER NOT NULL,
    cover TEXT, cover_until_s INTEGER, -- who stands in while this one is away
    created_s INTEGER NOT NULL, last_seen_s INTEGER) {strict};
CREATE INDEX account_clinic ON account (clinic, name);
CREATE INDEX account_patient ON account (patient);

CREATE TABLE passkey (
    id {blob} PRIMARY KEY, account TEXT NOT NULL REFERENCES account(id), name TEXT NOT NULL,
    cose_alg INTEGER NOT NULL, public_key {blob} NOT NULL, sign_count INTEGER NOT NULL,
    created_s INTEGER NOT NULL, used_s INTEGER) {strict};
CREATE INDEX passkey_account ON passkey (account);

-- The key is SHA-256 of the cookie; the cookie itself is nowhere.
CREATE TABLE session (
    id {blob} PRIMARY KEY, account TEXT NOT NULL REFERENCES account(id), kind TEXT NOT NULL, -- browser, device
    label TEXT NOT NULL, created_s INTEGER NOT NULL, seen_s INTEGER NOT NULL,
    idle_s INTEGER NOT NULL, expires_s INTEGER NOT NULL, strong INTEGER NOT NULL) {strict};
CREATE INDEX session_account ON session (account);

CREATE TABLE invite (
    id {blob} PRIMARY KEY, -- SHA-256 of the token
    account TEXT NOT NULL REFERENCES account(id), by_account TEXT, created_s INTEGER NOT NULL,
    expires_s INTEGER NOT NULL, used_s INTEGER) {strict};
CREATE INDEX invite_account ON invite (account);

CREATE TABLE patient (
    id TEXT PRIMARY KEY, clinic TEXT NOT NULL REFERENCES clinic(id),
    name TEXT NOT NULL, name_fold TEXT NOT NULL, -- folded for search: lower case, no accents
    language TEXT NOT NULL, country TEXT NOT NULL,
    responsible TEXT REFERENCES account(id), protocol_sha256 TEXT NOT NULL,
    offered_to TEXT, offered_reason TEXT, -- a hand-over that waits for the other clinic
    created_s INTEGER NOT NULL) {strict};
CREATE INDEX patient_clinic ON patient (clinic, name_fold, id);

CREATE TABLE tombstone (patient TEXT PRIMARY KEY, clinic TEXT NOT NULL, erased_s INTEGER NOT NULL, by_account TEXT NOT NULL,
    events INTEGER NOT NULL) {strict};

-- One event as it came, byte for byte. hash = SHA-256(hash of seq-1 (32 zero bytes before the first), canonical bytes).
-- received_s is outside the chain, as it is outside the canonical form.
CREATE TABLE event (
    patient TEXT NOT NULL, seq INTEGER NOT NULL, id {blob} NOT NULL, at_s INTEGER NOT NULL, received_s INTEGER NOT NULL,
    kind TEXT NOT NULL, by_whom TEXT NOT NULL, line TEXT NOT NULL, hash {blob} NOT NULL,
    PRIMARY KEY (patient, seq)) {clustered};
CREATE UNIQUE INDEX event_id ON event (patient, id);
CREATE INDEX event_void ON event (patient) WHERE kind = 'void'; -- for the views

-- One row a patient; dropped and rebuilt at will, never a source.
CREATE TABLE projection (
    patient TEXT PRIMARY KEY, clinic TEXT NOT NULL, seq INTEGER NOT NULL, hash {blob} NOT NULL,
    protocol_sha256 TEXT NOT NULL, engine TEXT NOT NULL, on_day INTEGER NOT NULL, recheck_day INTEGER NOT NULL,
    plan_sha256 {blob} NOT NULL,
    priority INTEGER NOT NULL, -- of the worst card; 0: no card
    since_s INTEGER NOT NULL,
    summary TEXT NOT NULL) {strict}; -- JSON, docs/store.md
CREATE INDEX projection_queue ON projection (clinic, priority DESC, since_s, patient);
CREATE INDEX projection_recheck ON projection (recheck_day);

-- Exceptions as they came and went: what the queue shows, what was done about it, and the alert burden.
CREATE TABLE card (
    patient TEXT NOT NULL, kind TEXT NOT NULL, since_s INTEGER NOT NULL, clinic TEXT NOT NULL, priority INTEGER NOT NULL,
    ended_s INTEGER, acked_s INTEGER, acked_by TEXT, snoozed_until_s INTEGER, reason TEXT,
    mark TEXT NOT NULL, -- words for what it is about (flags, reasons): a new word opens a new card, whatever was acknowledged
    PRIMARY KEY (patient, kind, since_s)) {strict};
CREATE INDEX card_clinic ON card (clinic, since_s);
CREATE INDEX card_snoozed ON card (snoozed_until_s);

CREATE TABLE device (
    id TEXT PRIMARY KEY, clinic TEXT NOT NULL REFERENCES clinic(id), name TEXT NOT NULL, wave TEXT NOT NULL,
    settings TEXT NOT NULL, -- JSON: applicators, allowed ranges in the device's own unit
    active INTEGER NOT NULL, created_s INTEGER NOT NULL) {strict};
CREATE INDEX device_clinic ON device (clinic, name);

CREATE TABLE protocol (
    clinic TEXT NOT NULL, sha256 TEXT NOT NULL, name TEXT NOT NULL, text TEXT NOT NULL, note TEXT NOT NULL,
    by_account TEXT, published_s INTEGER NOT NULL, current INTEGER NOT NULL,
    PRIMARY KEY (clinic, sha256)) {strict};

-- hash = SHA-256(hash of seq-1, the row's text). No name, no pain, no free text in here.
CREATE TABLE audit (
    seq INTEGER PRIMARY KEY, at_s INTEGER NOT NULL, clinic TEXT NOT NULL, account TEXT NOT NULL, route TEXT NOT NULL,
    patient TEXT NOT NULL, status INTEGER NOT NULL, detail TEXT NOT NULL, hash {blob} NOT NULL) {strict};
CREATE INDEX audit_clinic ON audit (clinic, seq);
CREATE INDEX audit_patient ON audit (patient, seq);
