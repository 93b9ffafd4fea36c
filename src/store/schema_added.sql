-- Tables that came after the first release. They are made when they are missing, in a new store and in an old one, and the version
-- stays as it is: an older Loadwave does not look at them and goes on. tools/gen.py makes src/store/schema_added_sql.c of it.
-- The same words as in schema.sql; every statement says IF NOT EXISTS, and a column is never added to a table that is out already.

-- What a patient wants to be reminded of, and how; no row: of nothing.
CREATE TABLE IF NOT EXISTS reminder (
    patient TEXT PRIMARY KEY, zone TEXT NOT NULL, -- IANA name, as the app told it
    from_min INTEGER NOT NULL, until_min INTEGER NOT NULL, exercise_min INTEGER NOT NULL, -- local minutes of a day
    email_on INTEGER NOT NULL, push_on INTEGER NOT NULL,
    email TEXT, email_state TEXT NOT NULL, -- none, waiting (for its confirmation), confirmed, refused (by its server)
    confirm_key {blob}, confirm_until_s INTEGER NOT NULL, -- SHA-256 of the token that was sent there
    stop_token TEXT NOT NULL, -- unsubscribes and can do nothing else, so it is kept as it is
    plain INTEGER NOT NULL, -- titles of the calendar say what it is
    checkin_day INTEGER NOT NULL, session_day INTEGER NOT NULL, -- local days that were reminded of last
    next_s INTEGER NOT NULL) {strict}; -- when to look again
CREATE INDEX IF NOT EXISTS reminder_next ON reminder (next_s);

-- A browser that takes notifications: RFC 8030, 8291.
CREATE TABLE IF NOT EXISTS push (
    id {blob} PRIMARY KEY, -- SHA-256 of the endpoint
    patient TEXT NOT NULL, endpoint TEXT NOT NULL, p256dh {blob} NOT NULL, auth {blob} NOT NULL,
    label TEXT NOT NULL, created_s INTEGER NOT NULL) {strict};
CREATE INDEX IF NOT EXISTS push_patient ON push (patient);

-- Messages on their way. What they say is made when they are sent.
CREATE TABLE IF NOT EXISTS outbox (
    id TEXT PRIMARY KEY, patient TEXT NOT NULL, channel TEXT NOT NULL, -- email, push
    kind TEXT NOT NULL, -- checkin, session, both, confirm, test
    push {blob}, -- which browser
    token TEXT, -- of kind confirm, until it is sent
    day INTEGER NOT NULL, due_s INTEGER NOT NULL, until_s INTEGER NOT NULL, tries INTEGER NOT NULL) {strict};
CREATE INDEX IF NOT EXISTS outbox_due ON outbox (due_s);
CREATE INDEX IF NOT EXISTS outbox_patient ON outbox (patient);

-- The secret address of a calendar feed; one a patient. The address itself is nowhere.
CREATE TABLE IF NOT EXISTS feed (
    id {blob} PRIMARY KEY, -- SHA-256 of the token
    patient TEXT NOT NULL UNIQUE, created_s INTEGER NOT NULL) {strict};
-- What the feed said last.
CREATE TABLE IF NOT EXISTS feed_item (
    patient TEXT NOT NULL, uid TEXT NOT NULL, day INTEGER NOT NULL, minute INTEGER NOT NULL, title TEXT NOT NULL,
    detail TEXT NOT NULL, sequence INTEGER NOT NULL, cancelled INTEGER NOT NULL, changed_s INTEGER NOT NULL,
    PRIMARY KEY (patient, uid)) {clustered};
-- What those entries were made of: the same again needs no new ones.
CREATE TABLE IF NOT EXISTS feed_edition (patient TEXT PRIMARY KEY, made_of {blob} NOT NULL) {strict};

-- How the mail server and the push services take what is sent: one row a channel; the words are codes, never an address.
CREATE TABLE IF NOT EXISTS carrier (
    channel TEXT PRIMARY KEY, sent_s INTEGER NOT NULL, -- the last that was taken; 0: none
    failed_s INTEGER NOT NULL, failures INTEGER NOT NULL, -- the first since then that was not, and how many; 0: none
    given_up INTEGER NOT NULL, why TEXT NOT NULL) {strict};
-- How often in a row a patient's confirmed address was refused by its own server.
CREATE TABLE IF NOT EXISTS refusal (patient TEXT PRIMARY KEY, times INTEGER NOT NULL) {strict};

-- Keys of this installation, sealed where there is a key for secrets (docs/decisions/0014).
CREATE TABLE IF NOT EXISTS vault (name TEXT PRIMARY KEY, value {blob} NOT NULL) {strict};

-- Who gives shockwave, as the clinic's people know it; a letter has somewhere to go.
CREATE TABLE IF NOT EXISTS provider (
    id TEXT PRIMARY KEY, clinic TEXT NOT NULL, name TEXT NOT NULL, place TEXT NOT NULL,
    wave TEXT NOT NULL, -- radial, focused, both, unknown
    contact TEXT NOT NULL, note TEXT NOT NULL, changed_s INTEGER NOT NULL) {strict};
CREATE INDEX IF NOT EXISTS provider_clinic ON provider (clinic, place, name);
