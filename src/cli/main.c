/*
 * main.c: one table of verbs. From it come the dispatch, --help, the man pages and the shell completion, so that none of
 * them can say something else than the others.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

#define PROTOCOL \
    { "--protocol", "FILE", "use this protocol instead of the built-in one" }
#define AT \
    { "--at", "TIME", "when it happened, RFC 3339 with an offset (default: now)" }
#define BY \
    { "--by", "WHO", "patient (default) or clinician:ID" }
#define GOOD      "0\tdone"
#define BAD_INPUT "2\tbad input: usage, record, protocol or date; nothing was written"
#define NEWER     "3\tthe record holds entries of a newer format; nothing is prescribed"
#define IO        "4\ta file could not be read or written"

const cli_verb cli_verbs[] = {
    {
        .name = "today",
        .synopsis = "RECORD [--on DATE] [--json] [--full] [--protocol FILE]",
        .summary = "the plan of one day, with the reasons",
        .text =
            "Reads the record, makes the plan of the day and shows it: what to do, what to leave out, and why. A red "
            "flag comes first. The plan depends on nothing but the protocol, the record and the date.\n\n"
            "Without --on the day is the machine's local date. When the last entry is older than two weeks, the "
            "program says so and names the day it belongs to.",
        .options = {{"--on", "DATE", "the day, as 2026-03-06 (default: today)"},
                    {"--json", NULL, "print the plan itself (docs/format/plan.md), one line, with the record's hash"},
                    {"--full", NULL, "with inputs, sources and gates, as explain does"},
                    PROTOCOL},
        .examples = {"loadwave today anna.jsonl\ttoday's plan",
                     "loadwave today examples/runner-combined.jsonl --on 2026-03-06\tthe plan of that day",
                     "loadwave today anna.jsonl --json\tthe same, for programs"},
        .exits = {"0\tthe plan was made (also when it says stop)", BAD_INPUT, NEWER, IO},
        .least = 1,
        .most = 1,
        .run = cli_verb_today,
    },
    {
        .name = "explain",
        .synopsis = "RECORD [--on DATE] [--protocol FILE]",
        .summary = "every reason behind one day's plan",
        .text =
            "Shows the whole plan with all that shaped it: each rule with what it looked at and how old that was, the "
            "limit that held, what it rests on and how sure that is, what would change it, the gates on the way and "
            "what was refused.",
        .options = {{"--on", "DATE", "the day, as 2026-03-06 (default: today)"}, PROTOCOL},
        .examples = {"loadwave explain examples/runner-combined.jsonl --on 2026-03-06\twhy that day looked as it did"},
        .exits = {"0\tthe plan was made", BAD_INPUT, NEWER, IO},
        .least = 1,
        .most = 1,
        .run = cli_verb_explain,
    },
    {
        .name = "replay",
        .synopsis = "RECORD [--from DATE] [--to DATE] [--csv] [--protocol FILE]",
        .summary = "the whole course, day by day, on one timeline",
        .text = "Makes the plan of every day of the record as it stood that morning, and shows verdict, stage, pain "
                "during, the "
                "next morning's test, dose and shockwave on one timeline. The rules of the given protocol are applied "
                "to the "
                "log as it stands now, with what was synced or voided later.",
        .options = {{"--from", "DATE", "first day (default: the record's first)"},
                    {"--to", "DATE", "last day (default: the record's last)"},
                    {"--csv", NULL, "comma-separated values instead of a picture"},
                    PROTOCOL},
        .examples = {"loadwave replay examples/runner-combined.jsonl\tsixteen weeks on one page",
                     "loadwave replay anna.jsonl --csv > anna.csv\tfor a spreadsheet"},
        .exits = {"0\tdone", BAD_INPUT, NEWER, IO},
        .least = 1,
        .most = 1,
        .run = cli_verb_replay,
    },
    {
        .name = "diff",
        .synopsis = "RECORD DAY DAY [--protocol FILE]",
        .summary = "what changed between two plans, and why",
        .text =
            "Compares the plans of two days: verdict, stage, every exercise, running, shockwave, and the reasons that "
            "came or went; then lists what was logged in between.",
        .options = {PROTOCOL},
        .examples = {"loadwave diff anna.jsonl 2026-03-05 2026-03-06\twhy is today different from yesterday?"},
        .exits = {"0\tthe plans say the same", "1\tthey differ", BAD_INPUT, NEWER, IO},
        .least = 3,
        .most = 3,
        .run = cli_verb_diff,
    },
    {
        .name = "init",
        .synopsis = "FILE [--patient NAME] [--birth-year YEAR] [--side SIDE] [--goal GOAL] [--sport SPORT] [--at TIME] "
                    "[--by WHO]",
        .summary = "begin a record",
        .text = "Writes a new record with one entry, enrolled. What is not given as an option is asked. An existing "
                "file is "
                "never replaced.",
        .options = {{"--patient", "NAME", "a short name or number; no real name is needed"},
                    {"--birth-year", "YEAR", "year of birth"},
                    {"--side", "SIDE", "left, right or both"},
                    {"--goal", "GOAL", "daily, sit, cycle, run, sprint or sport"},
                    {"--sport", "SPORT", "running, sprint, football, cycling, triathlon, other or none"},
                    AT,
                    BY},
        .examples = {"loadwave init anna.jsonl\tasks four questions",
                     "loadwave init anna.jsonl --patient p-7 --birth-year 1986 --side left --goal run --sport "
                     "running\tasks nothing more"},
        .exits = {"0\tthe record was written", BAD_INPUT, IO},
        .least = 1,
        .most = 1,
        .run = cli_verb_init,
    },
    {
        .name = "assess",
        .synopsis = "RECORD [--at TIME] [--by WHO] [--protocol FILE]",
        .summary = "the first assessment, or a new one, by questions",
        .text =
            "Asks the warning signs first; a yes is written at once and shown with whom to see. Then the history, the "
            "tests that are safe to do alone, and what matters for shockwave. The stretch tests are asked only of a "
            "clinician (--by clinician:ID). If the programme has not started, it offers to start it.",
        .options = {AT, BY, PROTOCOL},
        .examples = {"loadwave assess anna.jsonl\tby the patient",
                     "loadwave assess anna.jsonl --by clinician:kim\tin the clinic"},
        .exits = {"0\tdone", BAD_INPUT, NEWER, IO},
        .least = 1,
        .most = 1,
        .run = cli_verb_assess,
    },
    {
        .name = "checkin",
        .synopsis = "RECORD [--at TIME] [--protocol FILE]",
        .summary = "the morning's questions, then today's plan",
        .text = "Asks the warning signs first; a yes is written at once and shown with whom to see. Then a dozen short "
                "questions, all but the first may be skipped; one entry is added and today's plan is shown.",
        .options = {AT, PROTOCOL},
        .examples = {"loadwave checkin anna.jsonl\tevery morning"},
        .exits = {"0\tdone", BAD_INPUT, NEWER, IO},
        .least = 1,
        .most = 1,
        .run = cli_verb_checkin,
    },
    {
        .name = "session",
        .synopsis = "RECORD [--at TIME] [--protocol FILE]",
        .summary = "after training: what was done, and how it felt",
        .text = "Asks first about steps that wait to be accepted. Then goes through the plan of the day: each exercise "
                "done "
                "as planned, otherwise, or not done; the pain and the effort; the run, if one was due. Each answer is "
                "written at once.",
        .options = {AT, PROTOCOL},
        .examples = {"loadwave session anna.jsonl\tafter training"},
        .exits = {"0\tdone", BAD_INPUT, NEWER, IO},
        .least = 1,
        .most = 1,
        .run = cli_verb_session,
    },
    {
        .name = "retest",
        .synopsis = "RECORD [--at TIME] [--by WHO] [--protocol FILE]",
        .summary = "the tests again, and the questionnaires' scores",
        .text = "Asks the tests that are safe to do alone, easiest first, and stops where one hurts 4 or more; then "
                "the bridges, "
                "sitting, and the scores of the questionnaires. Everything may be skipped. today says under To fill in "
                "what "
                "is due.",
        .options = {AT, BY, PROTOCOL},
        .examples = {"loadwave retest anna.jsonl\tevery two to four weeks"},
        .exits = {"0\tdone", BAD_INPUT, NEWER, IO},
        .least = 1,
        .most = 1,
        .run = cli_verb_retest,
    },
    {
        .name = "log check",
        .synopsis = "RECORD",
        .summary = "is this record valid?",
        .text =
            "Reads the whole record strictly and says what it holds. An error names line, column and member, shows the "
            "place and what would be right. Repeated entries, and voids that name no entry, are findings, not errors.",
        .examples = {"loadwave log check anna.jsonl\tcounts, span, hash"},
        .exits = {"0\tvalid", "1\tvalid, with something worth a look", BAD_INPUT, NEWER, IO},
        .least = 1,
        .most = 1,
        .run = cli_verb_log_check,
    },
    {
        .name = "log show",
        .synopsis = "RECORD [--on DATE] [--kind KIND] [--last-day]",
        .summary = "the entries in order, one a line",
        .text = "Shows the entries in the order that counts (instant, then id), each with its id, so that log void can "
                "name "
                "it. Voided entries are marked with a cross.",
        .options = {{"--on", "DATE", "only that day"},
                    {"--kind", "KIND", "only that kind, e.g. checkin"},
                    {"--last-day", NULL, "print only the record's last day, for scripts"}},
        .examples = {"loadwave log show anna.jsonl --on 2026-03-06\tthat day's entries"},
        .exits = {GOOD, BAD_INPUT, NEWER, IO},
        .least = 1,
        .most = 1,
        .run = cli_verb_log_show,
    },
    {
        .name = "log add",
        .synopsis = "RECORD [--kind KIND --data JSON] [--at TIME] [--by WHO]",
        .summary = "add one entry",
        .text =
            "Adds one entry: a whole one from standard input, or one made from --kind and --data. The record is read "
            "with it in memory first; if anything is wrong, nothing is written and the place is shown.",
        .options = {{"--kind", "KIND", "what kind of entry, e.g. exercise"},
                    {"--data", "JSON", "its data, a JSON object (docs/format/record.md)"},
                    AT,
                    BY},
        .examples =
            {"loadwave log add anna.jsonl --kind checkin --data '{\"pain_morning\":2,\"pain_test\":3}'\ta check-in",
             "loadwave log add anna.jsonl < entry.json\ta whole entry"},
        .exits = {"0\tadded", BAD_INPUT, NEWER, IO},
        .least = 1,
        .most = 1,
        .run = cli_verb_log_add,
    },
    {
        .name = "log void",
        .synopsis = "RECORD ID --reason TEXT [--at TIME] [--by WHO]",
        .summary = "say that an entry never happened",
        .text = "Adds a void for the entry with that id. Nothing is deleted: the entry stays in the file and no longer "
                "counts. "
                "A patient voids only the patient's own entries, and never a warning sign, a condition or a medicine.",
        .options = {{"--reason", "TEXT", "why (required)"}, AT, BY},
        .examples =
            {"loadwave log void anna.jsonl 0195a0c2-7b1e-7007-8000-000000000007 --reason \"wrong day\"\tone entry"},
        .exits = {"0\tadded", BAD_INPUT, NEWER, IO},
        .least = 2,
        .most = 2,
        .run = cli_verb_log_void,
    },
    {
        .name = "undo",
        .synopsis = "RECORD [--reason TEXT] [--at TIME] [--by WHO]",
        .summary = "void the last own entry",
        .text =
            "Voids the last entry that the same author wrote and that may be voided, and shows which one it was. Of an "
            "import, all its entries: it is one step.",
        .options = {{"--reason", "TEXT", "why (default: undo)"}, AT, BY},
        .examples = {"loadwave undo anna.jsonl\ttake the last entry back"},
        .exits = {"0\tadded", BAD_INPUT, NEWER, IO},
        .least = 1,
        .most = 1,
        .run = cli_verb_undo,
    },
    {
        .name = "import",
        .synopsis =
            "RECORD FILE... [--yes] [--preview] [--type TYPE] [--pain N] [--since DATE] [--map MAP] [--partial] "
            "[--all] [--full] [--protocol FILE]",
        .summary = "runs, walks and rides out of files of a watch or a phone",
        .text =
            "Reads FIT, GPX and TCX files (also gzipped), a Strava archive, an Apple Health export, or a table (CSV) "
            "with "
            "--map, and lists what is in them: what, when, how long without pauses, how far, how much climb, and what "
            "is "
            "in the record already. A run is held against what that day's plan had allowed, and the pain is asked. "
            "Nothing "
            "is stored before you say so; one import is taken back as one step by undo. Places are never stored.\n\n"
            "An entry made by hand of the same day and kind counts as the same activity, unless --all says otherwise. "
            "A "
            "table's columns are named as in --map \"start=Date,minutes=Moving Time:s,km=Distance:m,type=Sport\"; see "
            "docs/watch-files.md.",
        .options = {{"--yes", NULL, "store without asking, when all of it can be imported"},
                    {"--preview", NULL, "only show what is in the files"},
                    {"--type", "TYPE", "what it was, where a file does not say: run, walk, cycle, swim, sport"},
                    {"--pain", "N", "worst pain during, 0 to 10, of all that is imported"},
                    {"--since", "DATE", "leave out what is older"},
                    {"--map", "MAP", "which column of a table is what"},
                    {"--partial", NULL, "with --yes: also when something could not be read"},
                    {"--all", NULL, "also what may be an entry that was made by hand"},
                    {"--full", NULL, "list everything, not only the newest 40"},
                    PROTOCOL},
        .examples = {"loadwave import anna.jsonl run.fit\tasks, then stores",
                     "loadwave import anna.jsonl export.zip --since 2026-01-01 --preview\twhat is in an archive",
                     "loadwave import anna.jsonl runs.csv --map \"start=Date,minutes=Time,km=Km\" --type run\ta table"},
        .exits = {"0\tdone, or nothing new", "1\tdone, but something could not be read", BAD_INPUT, NEWER, IO},
        .least = 2,
        .most = 33,
        .run = cli_verb_import,
    },
    {
        .name = "simulate",
        .synopsis = "--seed N [--weeks W] [--trait TRAITS] [--from DATE] [--output FILE] [--protocol FILE]",
        .summary = "a virtual patient who does what the plan says",
        .text =
            "Writes the record of an invented person who checks in, does the day's plan and answers by chosen traits. "
            "The "
            "same seed and traits give the same record. Illustrative, not predictive: the answers are made up and say "
            "nothing about how anyone will do.\n\n"
            "Traits, separated by commas: good, average or poor (how the tendon answers); flare-prone; over-doer (does "
            "more than planned); adherence=PERCENT (of sessions done); goal=GOAL (default run); self-guided (no "
            "clinician: accepts proposals, no shockwave).",
        .options = {{"--seed", "N", "a whole number (required)"},
                    {"--weeks", "W", "how long, 1 to 104 (default 16)"},
                    {"--trait", "TRAITS", "e.g. poor,flare-prone,adherence=60"},
                    {"--from", "DATE", "first day (default 2026-01-05)"},
                    {"--output", "FILE", "write there (a new file) instead of to the screen"},
                    PROTOCOL},
        .examples = {"loadwave simulate --seed 7 --output seven.jsonl\tsixteen weeks",
                     "loadwave simulate --seed 7 --weeks 30 --trait poor,over-doer,adherence=60 --output "
                     "eight.jsonl\ta hard one"},
        .exits = {"0\tdone", BAD_INPUT, IO},
        .least = 0,
        .most = 0,
        .run = cli_verb_simulate,
    },
    {
        .name = "calendar",
        .synopsis = "RECORD [--output FILE] [--time TIME] [--plain] [--on DATE] [--protocol FILE]",
        .summary = "the plan as a calendar file (iCalendar)",
        .text =
            "Writes the sessions that are expected in the next two weeks, the appointments and the questions to answer "
            "as an iCalendar file. Titles say nothing about the body unless --plain is given. Days ahead are expected "
            "as if all went as planned; write the file again after each session.\n\n"
            "A FILE that is there already is what the calendar program knows: entries keep their identity, what "
            "changed gets the next sequence number, what fell away is cancelled.",
        .options = {{"--output", "FILE", "write there instead of to the screen; also -o FILE"},
                    {"--time", "TIME", "when exercises begin, local time (default 07:30)"},
                    {"--plain", NULL, "titles and descriptions that say what it is"},
                    {"--on", "DATE", "the day it is made for (default: today)"},
                    PROTOCOL},
        .examples = {"loadwave calendar anna.jsonl -o anna.ics\tand again tomorrow",
                     "loadwave calendar anna.jsonl --time 18:00 --plain\tto the screen"},
        .exits = {GOOD, BAD_INPUT, NEWER, IO},
        .least = 1,
        .most = 1,
        .run = cli_verb_calendar,
    },
    {
        .name = "report",
        .synopsis = "today|progress|discharge|shockwave|research RECORD … [--output FILE] [--lang LANGUAGE] [--name "
                    "NAME] [--to "
                    "WHOM] [--from WHOM] [--on DATE] [--protocol FILE]",
        .summary = "a page to print: plan, progress or a letter (PDF or SVG); tables for research",
        .text =
            "today: the plan on one page, with drawn exercises. progress: the course so far, and the questionnaires "
            "against the change that matters. shockwave: a letter to someone who gives shockwave, with history, tests, "
            "red flags, contraindications, loading done and its response, and what to ask. discharge: a letter at the "
            "end of the programme.\n\n"
            "research: five records or more without the people in them, as events and tables (docs/reports.md). "
            "Without "
            "--output every byte is shown and nothing is written; with it the files go into that folder.\n\n"
            "Nothing leaves this machine: the file is written, and that is all.",
        .options = {{"--output", "FILE",
                     "write there, .pdf or .svg (default: today.pdf and so on); of research: a folder; also -o FILE"},
                    {"--lang", "LANGUAGE", "en or es (default: the terminal's)"},
                    {"--name", "NAME", "the name to print (default: the record's id)"},
                    {"--to", "WHOM", "whom a letter is for"},
                    {"--from", "WHOM", "who sends it"},
                    {"--on", "DATE", "the day it is made for (default: today)"},
                    PROTOCOL},
        .examples =
            {"loadwave report today anna.jsonl\ttoday.pdf, to hang on the fridge",
             "loadwave report shockwave anna.jsonl --name 'Anna B.' --to 'Dr. C., Bilbao' -o letter.pdf\ta letter",
             "loadwave report research records/*.jsonl -o study\ttables for a study, into the folder study"},
        .exits = {GOOD, BAD_INPUT, NEWER, IO},
        .least = 2,
        .most = CLI_MAX_POSITIONAL,
        .run = cli_verb_report,
    },
    {
        .name = "fhir",
        .synopsis = "RECORD [--on DATE] [--r5] [--name NAME] [--output FILE] [--protocol FILE]",
        .summary = "a record as FHIR resources, in one Bundle",
        .text =
            "Makes every FHIR resource that the record holds, and those of the day's plan and the protocol, and writes "
            "them as one collection Bundle: FHIR R4 (4.0.1), or R5. Nothing leaves this machine. docs/fhir.md says "
            "what becomes what. A pressure in bar stays one: it is never converted into an energy.",
        .options = {{"--on", "DATE", "the day whose plan is written (default: today)"},
                    {"--r5", NULL, "FHIR R5 (5.0.0) instead of R4"},
                    {"--name", "NAME", "the patient's name to write; without it there is none"},
                    {"--output", "FILE", "write there instead of to the screen; also -o FILE"},
                    PROTOCOL},
        .examples = {"loadwave fhir anna.jsonl -o anna.fhir.json\tthe record for another program",
                     "loadwave fhir examples/runner-combined.jsonl --on 2026-03-06 --r5\tas of that day, in R5"},
        .exits = {GOOD, BAD_INPUT, NEWER, IO},
        .least = 1,
        .most = 1,
        .run = cli_verb_fhir,
    },
    {
        .name = "protocol check",
        .synopsis = "[FILE]",
        .summary = "compile a protocol and look for what cannot be right",
        .text = "Compiles the protocol (the built-in one without FILE) and reports every error with line, place and "
                "what was "
                "expected; then reports what can be seen without running it: dead rules, unreachable stages, missing "
                "neighbours, sources that are not there.",
        .examples = {"loadwave protocol check protocols/pht/pht.protocol\tafter an edit"},
        .exits = {"0\tnothing found", "1\tit compiles, with findings", BAD_INPUT, IO},
        .least = 0,
        .most = 1,
        .run = cli_verb_protocol_check,
    },
    {
        .name = "protocol print",
        .synopsis = "[FILE]",
        .summary = "the canonical form of a protocol",
        .text =
            "Compiles the protocol and prints it in its canonical form. Printing what was printed gives the same text.",
        .examples = {"loadwave protocol print > mine.protocol\ta copy of the built-in one to work on"},
        .exits = {GOOD, BAD_INPUT, IO},
        .least = 0,
        .most = 1,
        .run = cli_verb_protocol_print,
    },
    {
        .name = "protocol diff",
        .synopsis = "FILE [FILE]",
        .summary = "what differs between two protocols",
        .text = "Compares the canonical forms, so that layout and comments do not matter: the built-in one against "
                "FILE, or "
                "two files. Each change stands under the block it belongs to.",
        .examples = {"loadwave protocol diff mine.protocol\tmine against the built-in one"},
        .exits = {"0\tthey say the same", "1\tthey differ", BAD_INPUT, IO},
        .least = 1,
        .most = 2,
        .run = cli_verb_protocol_diff,
    },
    {
        .name = "protocol prove",
        .synopsis = "[FILE] [--property ID] [--story FILE] [--json] [--memory MIB]",
        .summary = "prove that a protocol is safe, or show a patient for whom it is not",
        .text =
            "Runs the engine itself over every class of input (the thresholds cut inputs into classes; missing and too "
            "old are classes) and decides each safety property: it holds over all of them, or the shortest story of a "
            "patient breaks it. The story is told day by day and can be kept as a record. The built-in protocol "
            "without FILE. How it is done, and on which side it errs: docs/proving.md.",
        .options = {{"--property", "ID", "only this one, by id or name, e.g. P7 or flare"},
                    {"--story", "FILE", "write the first broken property's story there (a new file), a record"},
                    {"--json", NULL, "what was found, one line"},
                    {"--memory", "MIB", "memory for the walk, in MiB (default: 448)"}},
        .examples = {"loadwave protocol prove\tthe built-in protocol",
                     "loadwave protocol prove mine.protocol --story broken.jsonl\tafter an edit",
                     "loadwave protocol prove mine.protocol --property P7\tonly what follows a flare"},
        .exits = {"0\tevery property holds", "1\ta property is broken",
                  "2\tbad input: usage, or a protocol that does not compile",
                  "4\tmemory did not suffice to decide everything, or a file could not be read or written"},
        .least = 0,
        .most = 1,
        .run = cli_verb_protocol_prove,
    },
    {
        .name = "serve",
        .synopsis =
            "[--store WHERE] [--listen ADDRESS] [--origin URL] [--first LOGIN] [--demo] [--backups FOLDER] "
            "[--backup-key KEYFILE] "
            "[--secrets-key KEYFILE] [--forget-authenticators] [--threads N] [--proxy] [--smtp URL --mail-from ADDRESS "
            "[--mail-user NAME --mail-password-file FILE] [--mail-ca FILE]] [--push-service ORIGIN]",
        .summary = "the clinic's server: API, patient's app and console",
        .text =
            "Answers on the given address until it is stopped with Ctrl-C or SIGTERM; what runs is finished first, ten "
            "seconds at most. The store is a SQLite file, made when there is none, or a PostgreSQL database. On a "
            "first "
            "start a terminal is asked for the first clinic and clinician; a service is told with --first, or has no "
            "account at all until loadwave clinic add makes one. A link that works once is printed; there is no "
            "default "
            "password.\n\n"
            "Behind a proxy that does TLS, --origin says under which address people reach it, and --proxy that the "
            "client's address stands in X-Forwarded-For. Log lines go to standard error as JSON and name no person.",
        .options =
            {{"--store", "WHERE", "a SQLite file or postgres://… (default: loadwave.db)"},
             {"--listen", "ADDRESS", "address and port (default: 127.0.0.1:8080)"},
             {"--origin", "URL", "https://NAME under which browsers see it (default: http://localhost:PORT)"},
             {"--first", "LOGIN", "on a first start: the sign-in name of the first clinician; a link is printed"},
             {"--demo", NULL, "fill an empty store with invented people and print how to sign in"},
             {"--backups", "FOLDER", "where backups go (default: backups/ beside the store)"},
             {"--backup-key", "KEYFILE", "the key that backups are encrypted with (loadwave backup --new-key)"},
             {"--secrets-key", "KEYFILE",
              "the key that authenticators are sealed with in the store; made when there is none"},
             {"--forget-authenticators", NULL, "that key is lost: take away what it sealed, to be set up anew"},
             {"--threads", "N", "threads that answer (default: one for each core)"},
             {"--proxy", NULL, "believe X-Forwarded-For of a proxy on this machine"},
             {"--smtp", "URL", "smtp://HOST:PORT or smtps://HOST: the mail server for reminders (docs/reminders.md)"},
             {"--mail-from", "ADDRESS", "the address that e-mails come from"},
             {"--mail-user", "NAME", "to sign in at the mail server"},
             {"--mail-password-file", "FILE", "the file whose first line is the password for that"},
             {"--mail-ca", "FILE", "authorities (PEM) that its certificate may come from, for a server of your own"},
             {"--push-service", "ORIGIN", "send notifications to a push service of this origin, too"}},
        .examples =
            {"loadwave serve --demo --store demo/loadwave.db\ta clinic to look at",
             "loadwave serve --store /var/lib/loadwave/loadwave.db --origin https://loadwave.example --proxy\tbehind a "
             "proxy"},
        .exits = {"0\tstopped when it was told to", BAD_INPUT, IO},
        .least = 0,
        .most = 0,
        .run = cli_verb_serve,
    },
    {
        .name = "clinic add",
        .synopsis =
            "STORE --name NAME --login LOGIN [--person NAME] [--language LANGUAGE] [--country COUNTRY] [--origin URL]",
        .summary = "a clinic, the first or one more in the same file",
        .text = "Makes a clinic and its first member of staff, an admin and clinician, and prints a one-time link with "
                "which they set their own password. A server on a SQLite file may be running meanwhile; one on "
                "PostgreSQL is stopped first, because it holds "
                "the only writing connection. Clinics of one file see nothing of each "
                "other but their names, for handing a patient over.",
        .options = {{"--name", "NAME", "the clinic's name"},
                    {"--login", "LOGIN", "sign-in name of its first admin, often an e-mail address"},
                    {"--person", "NAME", "the admin's name (default: the sign-in name)"},
                    {"--language", "LANGUAGE", "en (default) or es"},
                    {"--country", "COUNTRY", "two letters, default GB; decides the emergency words"},
                    {"--origin", "URL", "the address people use (default: http://localhost:8080)"}},
        .examples = {"loadwave clinic add clinic.db --name \"North\" --login ana@example.org\tprints the link for Ana"},
        .exits = {"0\tthe clinic was made", BAD_INPUT, IO},
        .least = 1,
        .most = 1,
        .run = cli_verb_clinic_add,
    },
    {
        .name = "backup",
        .synopsis = "STORE FILE [--key KEYFILE] | STORE --folder FOLDER [--keep N] [--key KEYFILE] | --settings FILE | "
                    "--new-key KEYFILE",
        .summary = "a copy of a whole store, while it is in use",
        .text =
            "Copies one moment of the store (a SQLite file or postgres://…) to a new file that only its owner can "
            "open. The server may go on. A file that is there already is not replaced, and when the copy cannot be "
            "finished nothing is left of it.\n\n"
            "With --key the backup is encrypted; without, it is a plain SQLite file with names and everything else. "
            "--new-key makes a key file, once. Whoever has the key can read the backups, and without it nobody can: "
            "keep a copy of it away from the backups and away from this machine.\n\n"
            "With --folder one more backup is made there, named after the time. It is restored to no place to see that "
            "it "
            "can be, and only then the oldest made this way are removed; those made by hand stay. --settings does this "
            "as "
            "the installed service says: loadwave-backup.timer runs it every day.",
        .options = {{"--key", "KEYFILE", "encrypt with the key in this file"},
                    {"--folder", "FOLDER", "one more in this folder, read again before old ones go"},
                    {"--keep", "N", "how many stay there, 1 to 1000 (default 14)"},
                    {"--settings", "FILE",
                     "store, folder, number and key as these settings say (LOADWAVE_BACKUP_FOLDER, _KEEP, _KEY)"},
                    {"--new-key", "KEYFILE", "make a key in a new file, and nothing else"}},
        .examples = {"loadwave backup --new-key backup.key\tonce; then copy backup.key to a safe place",
                     "loadwave backup loadwave.db monday.lwb --key backup.key\tof a SQLite store",
                     "loadwave backup loadwave.db --folder backups --keep 14 --key backup.key\tevery night",
                     "loadwave backup postgres://loadwave@/clinic monday.lwb --key backup.key\tof PostgreSQL"},
        .exits = {"0\tthe backup, or the key, is on the disk", BAD_INPUT, NEWER, IO},
        .least = 0,
        .most = 2,
        .run = cli_verb_backup,
    },
    {
        .name = "restore",
        .synopsis = "FILE STORE [--key KEYFILE] | FILE --check [--key KEYFILE]",
        .summary = "a backup to an empty place, compared and read again",
        .text = "Restores a backup to a place where nothing is: a new SQLite file, or a PostgreSQL database without "
                "tables. "
                "Every table is compared with the backup, every chain is checked and every record is folded again; if "
                "anything differs, nothing is left behind. --check does the same without a place, to see that a backup "
                "can be restored.\n\n"
                "An encrypted backup needs its key; one that is damaged, changed or cut off is refused. A plain one is "
                "restored without --key.",
        .options = {{"--key", "KEYFILE", "the key that the backup was encrypted with"},
                    {"--check", NULL, "restore to no place, only see that it could be done"}},
        .examples = {"loadwave restore monday.lwb --check --key backup.key\tevery now and then",
                     "loadwave restore monday.lwb again.db --key backup.key\tto a SQLite file",
                     "loadwave restore monday.db postgres://loadwave@/clinic\tor to PostgreSQL: how to move a clinic"},
        .exits = {"0\trestored and verified", BAD_INPUT, NEWER, IO},
        .least = 1,
        .most = 2,
        .run = cli_verb_restore,
    },
    {
        .name = "doctor",
        .synopsis = "[STORE] [--settings FILE] [--backups FOLDER]",
        .summary = "is everything in the store and around it sound?",
        .text =
            "Reads a whole store, changes nothing, and says in sentences what it finds: the pages of the file, the "
            "chain of every patient and of the audit trail, every record and its row for lists against a fresh fold, "
            "versions, the clock, the room on the disk, who can open the file, how old the backups are, whether "
            "they are encrypted and the newest can be restored. Then the machine around it: who owns the files, "
            "whether others can read keys and "
            "passwords, the time zone, the fonts of reports. Without STORE it looks at the installed service, and with "
            "--settings at words in them that serve does not know, the port, half-set e-mail, and what browsers see at "
            "an https origin, its certificate too. Each finding says what to do. The server may go on.",
        .options = {{"--settings", "FILE", "the settings of server and backups, as /etc/default/loadwave"},
                    {"--backups", "FOLDER", "where the backups are (default: backups/ beside a SQLite store)"}},
        .examples = {"loadwave doctor\tas root: the service that the package installed",
                     "loadwave doctor loadwave.db\tonce a week, and after every accident"},
        .exits = {"0\tall is well", "1\tsomething needs action", BAD_INPUT, NEWER, IO},
        .least = 0,
        .most = 1,
        .run = cli_verb_doctor,
    },
    {
        .name = "hazards",
        .synopsis = "[ID] [--json]",
        .summary = "what can go wrong, what is done about it, and what remains",
        .text = "Lists the hazards of this program with how severe they are and how much risk remains. With an id it "
                "shows one: how it comes about, each control and the rules, tests and proven properties it rests on, "
                "and what remains. The estimates are those of the developers; docs/risk/README.md says how they were "
                "made.",
        .options = {{"--json", NULL, "the same for programs, one line"}},
        .examples = {"loadwave hazards\tall of them", "loadwave hazards HZ-14\ta warning sign is missed"},
        .exits = {GOOD, BAD_INPUT},
        .least = 0,
        .most = 1,
        .run = cli_verb_hazards,
    },
    {
        .name = "help",
        .synopsis = "[VERB ...] [--man] [--completion]",
        .summary = "this help",
        .text = "Shows the help of the program or of one verb.",
        .options = {{"--man", NULL, "as a manual page (troff)"},
                    {"--completion", NULL, "the completion script for bash"}},
        .examples = {"loadwave help log add\tone verb", "loadwave help today --man | man -l -\tits manual page"},
        .exits = {GOOD, BAD_INPUT},
        .least = 0,
        .most = 2,
        .run = cli_verb_help,
    },
};
const int cli_verb_count = (int)(sizeof cli_verbs / sizeof cli_verbs[0]);

static int distance(const char *a, const char *b) {
    enum { MOST = 32 };
    size_t n = strlen(a), m = strlen(b);
    if (n > MOST || m > MOST) {
        return MOST;
    }
    int row[MOST + 1];
    for (size_t j = 0; j <= m; j++) {
        row[j] = (int)j;
    }
    for (size_t i = 1; i <= n; i++) {
        int corner = row[0];
        row[0] = (int)i;
        for (size_t j = 1; j <= m; j++) {
            int best = corner + (a[i - 1] != b[j - 1]);
            best = row[j] + 1 < best ? row[j] + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            corner = row[j];
            row[j] = best;
        }
    }
    return row[m];
}

const char *cli_nearest(const char *text, const char *const *words, int count) {
    const char *best = NULL;
    int least = 3;
    for (int i = 0; i < count; i++) {
        int far = distance(text, words[i]);
        if (far < least) {
            least = far;
            best = words[i];
        }
    }
    return best;
}

int cli_usage(const cli_args *args, const char *format, ...) {
    va_list list;
    va_start(list, format);
    fprintf(stderr, "loadwave %s: ", args->verb->name);
    vfprintf(stderr, format, list);
    fprintf(stderr, "\nusage: loadwave %s %s\n", args->verb->name, args->verb->synopsis);
    va_end(list);
    return CLI_BAD;
}

const char *cli_option_value(const cli_args *args, const char *name) {
    for (int i = 0; i < CLI_MAX_OPTIONS && args->verb->options[i].name != NULL; i++) {
        if (strcmp(args->verb->options[i].name, name) == 0) {
            return args->values[i];
        }
    }
    return NULL;
}

int cli_option_number(const cli_args *args, const char *name, long least, long most, long *out) {
    const char *text = cli_option_value(args, name);
    if (text == NULL) {
        return CLI_OK;
    }
    char *end = NULL;
    long value = strtol(text, &end, 10);
    if (text[0] == '\0' || *end != '\0' || value < least || value > most) {
        return cli_usage(args, "%s: a whole number from %ld to %ld, not \"%s\"", name, least, most, text);
    }
    *out = value;
    return CLI_OK;
}

int cli_option_day(const cli_args *args, const char *name, int32_t *day) {
    const char *text = cli_option_value(args, name);
    if (text != NULL && !cli_day_read(text, day)) {
        return cli_usage(args, "%s: a date as 2026-03-06, not \"%s\"", name, text);
    }
    return CLI_OK;
}

static const cli_verb *find_verb(const char *first, const char *second, int *words) {
    for (int i = 0; i < cli_verb_count; i++) {
        const char *name = cli_verbs[i].name;
        const char *blank = strchr(name, ' ');
        if (blank == NULL && strcmp(name, first) == 0) {
            *words = 1;
            return &cli_verbs[i];
        }
        if (blank != NULL && second != NULL && strncmp(name, first, (size_t)(blank - name)) == 0 &&
            first[blank - name] == '\0' && strcmp(blank + 1, second) == 0) {
            *words = 2;
            return &cli_verbs[i];
        }
    }
    return NULL;
}

static int unknown_verb(const char *first) {
    const char *names[64];
    int count = 0;
    size_t len = strlen(first);
    bool family = false;
    for (int i = 0; i < cli_verb_count && count < 64; i++) {
        names[count++] = cli_verbs[i].name;
        family = family || (strncmp(cli_verbs[i].name, first, len) == 0 && cli_verbs[i].name[len] == ' ');
    }
    if (family) {
        fprintf(stderr, "loadwave %s: what to do with it is missing or unknown; there is", first);
        for (int i = 0; i < cli_verb_count; i++) {
            if (strncmp(cli_verbs[i].name, first, len) == 0 && cli_verbs[i].name[len] == ' ') {
                fprintf(stderr, " \"%s\"", cli_verbs[i].name);
            }
        }
        fputc('\n', stderr);
        return CLI_BAD;
    }
    const char *near = cli_nearest(first, names, count);
    fprintf(stderr, "loadwave: there is no \"%s\"", first);
    if (near != NULL) {
        fprintf(stderr, "; did you mean \"%s\"?", near);
    }
    fputs("\nloadwave --help lists what it can do\n", stderr);
    return CLI_BAD;
}

static int option_index(const cli_verb *verb, const char *name, size_t len) {
    for (int i = 0; i < CLI_MAX_OPTIONS && verb->options[i].name != NULL; i++) {
        if (strlen(verb->options[i].name) == len && strncmp(verb->options[i].name, name, len) == 0) {
            return i;
        }
    }
    return -1;
}

static int unknown_option(const cli_args *args, const char *given) {
    const char *names[CLI_MAX_OPTIONS];
    int count = 0;
    for (int i = 0; i < CLI_MAX_OPTIONS && args->verb->options[i].name != NULL; i++) {
        names[count++] = args->verb->options[i].name;
    }
    const char *near = cli_nearest(given, names, count);
    return near != NULL ? cli_usage(args, "there is no option %s; did you mean %s?", given, near)
                        : cli_usage(args, "there is no option %s", given);
}

/* Reads what follows the verb; -1 to go on, or an exit code. */
static int read_args(int argc, char **argv, cli_args *args) {
    bool options = true;
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i];
        if (options && strcmp(word, "--") == 0) {
            options = false;
        } else if (options && (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)) {
            cli_help_print(stdout, args->verb);
            return CLI_OK;
        } else if (options && word[0] == '-' && word[1] != '\0') {
            const char *equals = strchr(word, '=');
            size_t len = equals != NULL ? (size_t)(equals - word) : strlen(word);
            int index =
                strcmp(word, "-o") == 0 ? option_index(args->verb, "--output", 8) : option_index(args->verb, word, len);
            if (index < 0) {
                return unknown_option(args, word);
            }
            const cli_option *option = &args->verb->options[index];
            if (option->arg == NULL) {
                args->values[index] = "";
            } else if (equals != NULL) {
                args->values[index] = equals + 1;
            } else if (i + 1 < argc) {
                args->values[index] = argv[++i];
            } else {
                return cli_usage(args, "%s needs %s", option->name, option->arg);
            }
        } else if (args->count < CLI_MAX_POSITIONAL) {
            args->positional[args->count++] = word;
        } else {
            return cli_usage(args, "too many arguments, from \"%s\" on", word);
        }
    }
    if (args->count < args->verb->least) {
        return cli_usage(args, "something is missing");
    }
    if (args->count > args->verb->most) {
        return cli_usage(args, "too many arguments, from \"%s\" on", args->positional[args->verb->most]);
    }
    return -1;
}

int main(int argc, char **argv) {
    if (argc < 2) {
        cli_help_print(stderr, NULL);
        return CLI_BAD;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        cli_help_print(stdout, NULL);
        return CLI_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("loadwave %s\n", lw_version());
        return CLI_OK;
    }
    int words = 0;
    const cli_verb *verb = find_verb(argv[1], argc > 2 ? argv[2] : NULL, &words);
    if (verb == NULL) {
        return unknown_verb(argv[1]);
    }
    cli_args args = {.verb = verb};
    int code = read_args(argc - 1 - words, argv + 1 + words, &args);
    if (code < 0) {
        code = verb->run(&args);
    }
    if (fflush(stdout) != 0 || ferror(stdout)) {
        perror("loadwave: standard output");
        return CLI_IO;
    }
    return code;
}
