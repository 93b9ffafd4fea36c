-- Read views for people who query (docs/store.md), PostgreSQL. The same names and columns as views_sqlite.sql.
-- Types in small letters: the driver writes the schema's own words for types anew.

-- Events that count: without those voided, and without voids. day is the patient's own date.
CREATE VIEW v_event AS
SELECT e.patient, p.clinic, substr(e.line::jsonb ->> 'at', 1, 10) AS day, e.at_s, e.seq, e.kind, e.by_whom,
    e.line::jsonb -> 'data' AS data
FROM event e JOIN patient p ON p.id = e.patient
WHERE e.kind <> 'void' AND NOT EXISTS (
    SELECT 1 FROM event v WHERE v.patient = e.patient AND v.kind = 'void'
    AND replace(v.line::jsonb -> 'data' ->> 'event', '-', '') = encode(e.id, 'hex')
    AND (v.by_whom <> 'patient' OR (e.by_whom = 'patient' AND e.kind NOT IN ('symptom', 'condition', 'medicine')
        AND NOT (e.kind = 'screened' AND jsonb_array_length(e.line::jsonb -> 'data' -> 'flags') > 0))));

-- One exercise done or skipped.
CREATE VIEW v_session AS
SELECT patient, clinic, day, at_s, by_whom, data ->> 'exercise' AS exercise, data ->> 'side' AS side,
    jsonb_array_length(data -> 'sets') AS sets, (data ->> 'pain_during')::float8 AS pain_during,
    (data ->> 'effort')::float8 AS effort, data ->> 'skip' AS skip
FROM v_event WHERE kind = 'exercise';

CREATE VIEW v_checkin AS
SELECT patient, clinic, day, at_s, by_whom, (data ->> 'pain_morning')::float8 AS pain_morning,
    (data ->> 'stiffness_min')::int8 AS stiffness_min, (data ->> 'pain_worst_24h')::float8 AS pain_worst_24h,
    (data ->> 'pain_test')::float8 AS pain_test, (data ->> 'night_pain')::boolean::int AS night_pain,
    (data ->> 'sitting_min')::int8 AS sitting_min, (data ->> 'sleep_h')::float8 AS sleep_h,
    data ->> 'pain_relief' AS pain_relief
FROM v_event WHERE kind = 'checkin';

-- One treatment; exactly one of pressure_bar and efd_mj_mm2 is known, and they are never converted.
CREATE VIEW v_shockwave AS
SELECT patient, clinic, day, at_s, by_whom, data ->> 'side' AS side, data ->> 'wave' AS wave,
    data ->> 'device' AS device, (data ->> 'pressure_bar')::float8 AS pressure_bar,
    (data ->> 'efd_mj_mm2')::float8 AS efd_mj_mm2, (data ->> 'impulses')::int8 AS impulses,
    (data ->> 'pain_during')::float8 AS pain_during
FROM v_event WHERE kind = 'shockwave';

CREATE VIEW v_outcome AS
SELECT patient, clinic, day, at_s, by_whom, data ->> 'instrument' AS instrument, (data ->> 'score')::float8 AS score
FROM v_event WHERE kind = 'outcome';
