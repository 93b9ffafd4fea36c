-- The tables as the last version before reminders, calendars and providers made them (sqlite3 STORE .schema): versions_test.sh.
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE clinic (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, language TEXT NOT NULL, country TEXT NOT NULL,
    settings TEXT NOT NULL, -- JSON: {"second_factor":"required"|"optional", "night_text":…, "visa_h_wording":…}
    created_s INTEGER NOT NULL) STRICT;
CREATE TABLE account (
    id TEXT PRIMARY KEY, clinic TEXT NOT NULL REFERENCES clinic(id), roles INTEGER NOT NULL,
    patient TEXT, -- for role patient
    login TEXT UNIQUE, -- lower-cased; NULL for patients
    name TEXT NOT NULL, language TEXT NOT NULL,
    password TEXT, -- Argon2id string; NULL: none set
    totp BLOB, totp_step INTEGER NOT NULL, totp_on INTEGER NOT NULL,
    disabled INTEGER NOT NULL, failed INTEGER NOT NULL, locked_until_s INTEGER NOT NULL,
    cover TEXT, cover_until_s INTEGER, -- who stands in while this one is away
    created_s INTEGER NOT NULL, last_seen_s INTEGER) STRICT;
CREATE INDEX account_clinic ON account (clinic, name);
CREATE INDEX account_patient ON account (patient);
CREATE TABLE passkey (
    id BLOB PRIMARY KEY, account TEXT NOT NULL REFERENCES account(id), name TEXT NOT NULL,
    cose_alg INTEGER NOT NULL, public_key BLOB NOT NULL, sign_count INTEGER NOT NULL,
    created_s INTEGER NOT NULL, used_s INTEGER) STRICT;
CREATE INDEX passkey_account ON passkey (account);
CREATE TABLE session (
    id BLOB PRIMARY KEY, account TEXT NOT NULL REFERENCES account(id), kind TEXT NOT NULL, -- browser, device
    label TEXT NOT NULL, created_s INTEGER NOT NULL, seen_s INTEGER NOT NULL,
    idle_s INTEGER NOT NULL, expires_s INTEGER NOT NULL, strong INTEGER NOT NULL) STRICT;
CREATE INDEX session_account ON session (account);
CREATE TABLE invite (
    id BLOB PRIMARY KEY, -- SHA-256 of the token
    account TEXT NOT NULL REFERENCES account(id), by_account TEXT, created_s INTEGER NOT NULL,
    expires_s INTEGER NOT NULL, used_s INTEGER) STRICT;
CREATE INDEX invite_account ON invite (account);
CREATE TABLE patient (
    id TEXT PRIMARY KEY, clinic TEXT NOT NULL REFERENCES clinic(id),
    name TEXT NOT NULL, name_fold TEXT NOT NULL, -- folded for search: lower case, no accents
    language TEXT NOT NULL, country TEXT NOT NULL,
    responsible TEXT REFERENCES account(id), protocol_sha256 TEXT NOT NULL,
    offered_to TEXT, offered_reason TEXT, -- a hand-over that waits for the other clinic
    created_s INTEGER NOT NULL) STRICT;
CREATE INDEX patient_clinic ON patient (clinic, name_fold, id);
CREATE TABLE tombstone (patient TEXT PRIMARY KEY, clinic TEXT NOT NULL, erased_s INTEGER NOT NULL, by_account TEXT NOT NULL,
    events INTEGER NOT NULL) STRICT;
CREATE TABLE event (
    patient TEXT NOT NULL, seq INTEGER NOT NULL, id BLOB NOT NULL, at_s INTEGER NOT NULL, received_s INTEGER NOT NULL,
    kind TEXT NOT NULL, by_whom TEXT NOT NULL, line TEXT NOT NULL, hash BLOB NOT NULL,
    PRIMARY KEY (patient, seq)) WITHOUT ROWID, STRICT;
CREATE UNIQUE INDEX event_id ON event (patient, id);
CREATE INDEX event_void ON event (patient) WHERE kind = 'void';
CREATE TABLE projection (
    patient TEXT PRIMARY KEY, clinic TEXT NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL,
    protocol_sha256 TEXT NOT NULL, engine TEXT NOT NULL, on_day INTEGER NOT NULL, recheck_day INTEGER NOT NULL,
    plan_sha256 BLOB NOT NULL,
    priority INTEGER NOT NULL, -- of the worst card; 0: no card
    since_s INTEGER NOT NULL,
    summary TEXT NOT NULL) STRICT;
CREATE INDEX projection_queue ON projection (clinic, priority DESC, since_s, patient);
CREATE INDEX projection_recheck ON projection (recheck_day);
CREATE TABLE card (
    patient TEXT NOT NULL, kind TEXT NOT NULL, since_s INTEGER NOT NULL, clinic TEXT NOT NULL, priority INTEGER NOT NULL,
    ended_s INTEGER, acked_s INTEGER, acked_by TEXT, snoozed_until_s INTEGER, reason TEXT,
    mark TEXT NOT NULL, -- words for what it is about (flags, reasons): a new word opens a new card, whatever was acknowledged
    PRIMARY KEY (patient, kind, since_s)) STRICT;
CREATE INDEX card_clinic ON card (clinic, since_s);
CREATE INDEX card_snoozed ON card (snoozed_until_s);
CREATE TABLE device (
    id TEXT PRIMARY KEY, clinic TEXT NOT NULL REFERENCES clinic(id), name TEXT NOT NULL, wave TEXT NOT NULL,
    settings TEXT NOT NULL, -- JSON: applicators, allowed ranges in the device's own unit
    active INTEGER NOT NULL, created_s INTEGER NOT NULL) STRICT;
CREATE INDEX device_clinic ON device (clinic, name);
CREATE TABLE protocol (
    clinic TEXT NOT NULL, sha256 TEXT NOT NULL, name TEXT NOT NULL, text TEXT NOT NULL, note TEXT NOT NULL,
    by_account TEXT, published_s INTEGER NOT NULL, current INTEGER NOT NULL,
    PRIMARY KEY (clinic, sha256)) STRICT;
CREATE TABLE audit (
    seq INTEGER PRIMARY KEY, at_s INTEGER NOT NULL, clinic TEXT NOT NULL, account TEXT NOT NULL, route TEXT NOT NULL,
    patient TEXT NOT NULL, status INTEGER NOT NULL, detail TEXT NOT NULL, hash BLOB NOT NULL) STRICT;
CREATE INDEX audit_clinic ON audit (clinic, seq);
CREATE INDEX audit_patient ON audit (patient, seq);
CREATE VIEW v_event AS
SELECT e.patient, p.clinic, substr(json_extract(e.line, '$.at'), 1, 10) AS day, e.at_s, e.seq, e.kind, e.by_whom,
    json_extract(e.line, '$.data') AS data
FROM event e JOIN patient p ON p.id = e.patient
WHERE e.kind <> 'void' AND NOT EXISTS (
    SELECT 1 FROM event v WHERE v.patient = e.patient AND v.kind = 'void'
    AND replace(json_extract(v.line, '$.data.event'), '-', '') = lower(hex(e.id))
    AND (v.by_whom <> 'patient' OR (e.by_whom = 'patient' AND e.kind NOT IN ('symptom', 'condition', 'medicine')
        AND NOT (e.kind = 'screened' AND json_array_length(e.line, '$.data.flags') > 0))))
/* v_event(patient,clinic,day,at_s,seq,kind,by_whom,data) */;
CREATE VIEW v_session AS
SELECT patient, clinic, day, at_s, by_whom, json_extract(data, '$.exercise') AS exercise,
    json_extract(data, '$.side') AS side, json_array_length(data, '$.sets') AS sets,
    CAST(json_extract(data, '$.pain_during') AS REAL) AS pain_during,
    CAST(json_extract(data, '$.effort') AS REAL) AS effort, json_extract(data, '$.skip') AS skip
FROM v_event WHERE kind = 'exercise'
/* v_session(patient,clinic,day,at_s,by_whom,exercise,side,sets,pain_during,effort,skip) */;
CREATE VIEW v_checkin AS
SELECT patient, clinic, day, at_s, by_whom, CAST(json_extract(data, '$.pain_morning') AS REAL) AS pain_morning,
    json_extract(data, '$.stiffness_min') AS stiffness_min,
    CAST(json_extract(data, '$.pain_worst_24h') AS REAL) AS pain_worst_24h,
    CAST(json_extract(data, '$.pain_test') AS REAL) AS pain_test,
    json_extract(data, '$.night_pain') AS night_pain, json_extract(data, '$.sitting_min') AS sitting_min,
    CAST(json_extract(data, '$.sleep_h') AS REAL) AS sleep_h, json_extract(data, '$.pain_relief') AS pain_relief
FROM v_event WHERE kind = 'checkin'
/* v_checkin(patient,clinic,day,at_s,by_whom,pain_morning,stiffness_min,pain_worst_24h,pain_test,night_pain,sitting_min,sleep_h,pain_relief) */;
CREATE VIEW v_shockwave AS
SELECT patient, clinic, day, at_s, by_whom, json_extract(data, '$.side') AS side, json_extract(data, '$.wave') AS wave,
    json_extract(data, '$.device') AS device, CAST(json_extract(data, '$.pressure_bar') AS REAL) AS pressure_bar,
    CAST(json_extract(data, '$.efd_mj_mm2') AS REAL) AS efd_mj_mm2, json_extract(data, '$.impulses') AS impulses,
    CAST(json_extract(data, '$.pain_during') AS REAL) AS pain_during
FROM v_event WHERE kind = 'shockwave'
/* v_shockwave(patient,clinic,day,at_s,by_whom,side,wave,device,pressure_bar,efd_mj_mm2,impulses,pain_during) */;
CREATE VIEW v_outcome AS
SELECT patient, clinic, day, at_s, by_whom, json_extract(data, '$.instrument') AS instrument,
    CAST(json_extract(data, '$.score') AS REAL) AS score
FROM v_event WHERE kind = 'outcome'
/* v_outcome(patient,clinic,day,at_s,by_whom,instrument,score) */;
