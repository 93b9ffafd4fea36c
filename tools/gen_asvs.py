#!/usr/bin/env python3
"""
gen_asvs.py: docs/security/asvs.txt, the table of OWASP ASVS 5.0.0, checked and made into docs/security/asvs.md.

A line is id|level|status|requirement in our words|where|tests|note. What is checked: ids are of the standard's form, in order
and there once, and no section has a gap but for level 3 outside the chapters that go to level 3; how many there are of levels
1 and 2; every file exists and holds the function or test that is named; what is met names where, and a test unless it is met
by a document; what is not met, met in part or not applicable says why.

    python3 tools/gen_asvs.py [--check] [ROOT]
"""
import os, re, sys

STATUS = {"met": "met", "partly": "partly met", "no": "**not met**", "n/a": "not applicable"}
CHAPTERS = {1: "Encoding and sanitization", 2: "Validation and business logic", 3: "Web frontend", 4: "API and web service",
            5: "File handling", 6: "Authentication", 7: "Session management", 8: "Authorization", 9: "Self-contained tokens",
            10: "OAuth and OIDC", 11: "Cryptography", 12: "Secure communication", 13: "Configuration", 14: "Data protection",
            15: "Secure coding and architecture", 16: "Security logging and error handling", 17: "WebRTC"}
# Access (8), sessions and authentication (7, 6), cryptography (11), logging (16) are read at level 3.
DEEP = {6, 7, 8, 11, 16}
# Of the standard: requirements of level 1 and of level 2.
COUNT = {1: 70, 2: 183}


def numbers(ident):
    return [int(part) for part in ident[1:].split(".")]


def places(text):
    return [one for one in text.split(";") if one]


def holds(root, place, mark):
    path, _, name = place.partition(mark)
    full = os.path.join(root, path)
    if not os.path.isfile(full):
        return f"there is no file {path}"
    if name:
        with open(full, encoding="utf-8") as file:
            if name not in file.read():
                return f"{path} has no {name}"
    return None


def load(root):
    rows, wrong = [], []
    with open(os.path.join(root, "docs/security/asvs.txt"), encoding="utf-8") as file:
        for line in file:
            if line.startswith("#"):
                continue
            fields = line.rstrip("\n").split("|")
            if len(fields) != 7 or not re.fullmatch(r"V\d+\.\d+\.\d+", fields[0]):
                wrong.append(f"this is no row: {line.strip()[:60]}")
                continue
            rows.append(fields)
    last = [0, 0, 0]
    for ident, level, status, text, where, tests, note in rows:
        at = numbers(ident)
        if at <= last:
            wrong.append(f"{ident} is out of order, or stands there twice")
        if at[0] in DEEP and at[2] != (last[2] + 1 if at[:2] == last[:2] else 1):
            wrong.append(f"before {ident} one is missing")
        last = at
        if level not in "123" or status not in STATUS or not text:
            wrong.append(f"{ident} has no level, status or text")
        if level == "3" and at[0] not in DEEP:
            wrong.append(f"{ident} is of level 3, which this chapter is not read at")
        for place in places(where):
            bad = holds(root, place, ":")
            if bad:
                wrong.append(f"{ident}: {bad}")
        for place in places(tests):
            bad = holds(root, place, "#")
            if bad:
                wrong.append(f"{ident}: {bad}")
        document = bool(where) and all(one.endswith(".md") for one in places(where))
        if status == "met" and (not where or not (tests or document)):
            wrong.append(f"{ident} is said to be met, without place or test")
        if status != "met" and not note:
            wrong.append(f"{ident} is {status} and does not say why")
        if status in ("no", "n/a") and (where or tests):
            wrong.append(f"{ident} is {status} and names a place")
    for level, count in COUNT.items():
        have = sum(1 for one in rows if one[1] == str(level))
        if have != count:
            wrong.append(f"of level {level} the standard has {count}, the table {have}")
    return rows, wrong


def page(rows):
    of = lambda status: [one for one in rows if one[2] == status]
    out = ["# OWASP ASVS 5.0.0: what Loadwave meets, and what it does not", "",
           "Made by `tools/gen_asvs.py` from `docs/security/asvs.txt`; `tests/gates/check_asvs.sh` fails when a place or a test that is named",
           "does not exist. Levels 1 and 2 of every chapter; level 3 too for authentication, sessions, access, cryptography and logging.",
           "Requirements are in our own words; the standard's are at https://github.com/OWASP/ASVS (5.0). Nobody from outside has assessed this.",
           "", f"Of {len(rows)}: {len(of('met'))} met, {len(of('partly'))} partly, {len(of('no'))} not met, {len(of('n/a'))} not applicable.", "",
           "## Not met", ""]
    for one in of("no"):
        out.append(f"- **{one[0]}** (level {one[1]}) {one[3]}. {one[6]}")
    out += ["", "## Partly met", ""]
    for one in of("partly"):
        out.append(f"- **{one[0]}** (level {one[1]}) {one[3]}. {one[6]}")
    chapter = 0
    code = lambda text: "<br>".join(f"`{one}`" for one in places(text))
    for one in rows:
        if numbers(one[0])[0] != chapter:
            chapter = numbers(one[0])[0]
            out += ["", f"## V{chapter} {CHAPTERS[chapter]}", "", "| id | level | requirement | status | where | tests | note |", "|---|---|---|---|---|---|---|"]
        out.append(f"| {one[0]} | {one[1]} | {one[3]} | {STATUS[one[2]]} | {code(one[4])} | {code(one[5])} | {one[6]} |")
    return "\n".join(out) + "\n"


roots = [one for one in sys.argv[1:] if one != "--check"]
root = roots[0] if roots else os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
rows, wrong = load(root)
for line in wrong:
    print("asvs:", line)
if wrong:
    sys.exit(1)
target = os.path.join(root, "docs/security/asvs.md")
if "--check" in sys.argv:
    with open(target, encoding="utf-8") as file:
        if file.read() != page(rows):
            print("asvs: docs/security/asvs.md is stale; python3 tools/gen_asvs.py makes it anew")
            sys.exit(1)
else:
    with open(target, "w", encoding="utf-8") as file:
        file.write(page(rows))
