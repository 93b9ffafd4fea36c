-- Read views for people who query (docs/store.md), SQLite. The same names and columns as views_postgres.sql.

-- Events that count: without those voided, and without voids. day is the patient's own date.
CREATE VIEW v_event AS
SELECT e.patient, p.clinic, substr(json_extract(e.line, '$.at'), 1, 10) AS day, e.at_s, e.seq, e.kind, e.by_whom,
    json_extract(e.line, '$.data') AS data
FROM event e JOIN patient p ON p.id = e.patient
WHERE e.kind <> 'void' AND NOT EXISTS (
    SELECT 1 FROM event v WHERE v.patient = e.patient AND v.kind = 'void'
    AND replace(json_extract(v.line, '$.data.event'), '-', '') = lower(hex(e.id))
    AND (v.by_whom <> 'patient' OR (e.by_whom = 'patient' AND e.kind NOT IN ('symptom', 'condition', 'medicine')
        AND NOT (e.kind = 'screened' AND json_array_length(e.line, '$.data.flags') > 0))));

-- One exercise done or skipped.
CREATE VIEW v_session AS
SELECT patient, clinic, day, at_s, by_whom, json_extract(data, '$.exercise') AS exercise,
    json_extract(data, '$.side') AS side, json_array_length(data, '$.sets') AS sets,
    CAST(json_extract(data, '$.pain_during') AS REAL) AS pain_during,
    CAST(json_extract(data, '$.effort') AS REAL) AS effort, json_extract(data, '$.skip') AS skip
FROM v_event WHERE kind = 'exercise';

CREATE VIEW v_checkin AS
SELECT patient, clinic, day, at_s, by_whom, CAST(json_extract(data, '$.pain_morning') AS REAL) AS pain_morning,
    json_extract(data, '$.stiffness_min') AS stiffness_min,
    CAST(json_extract(data, '$.pain_worst_24h') AS REAL) AS pain_worst_24h,
    CAST(json_extract(data, '$.pain_test') AS REAL) AS pain_test,
    json_extract(data, '$.night_pain') AS night_pain, json_extract(data, '$.sitting_min') AS sitting_min,
    CAST(json_extract(data, '$.sleep_h') AS REAL) AS sleep_h, json_extract(data, '$.pain_relief') AS pain_relief
FROM v_event WHERE kind = 'checkin';

-- One treatment; exactly one of pressure_bar and efd_mj_mm2 is known, and they are never converted.
CREATE VIEW v_shockwave AS
SELECT patient, clinic, day, at_s, by_whom, json_extract(data, '$.side') AS side, json_extract(data, '$.wave') AS wave,
    json_extract(data, '$.device') AS device, CAST(json_extract(data, '$.pressure_bar') AS REAL) AS pressure_bar,
    CAST(json_extract(data, '$.efd_mj_mm2') AS REAL) AS efd_mj_mm2, json_extract(data, '$.impulses') AS impulses,
    CAST(json_extract(data, '$.pain_during') AS REAL) AS pain_during
FROM v_event WHERE kind = 'shockwave';

CREATE VIEW v_outcome AS
SELECT patient, clinic, day, at_s, by_whom, json_extract(data, '$.instrument') AS instrument,
    CAST(json_extract(data, '$.score') AS REAL) AS score
FROM v_event WHERE kind = 'outcome';
