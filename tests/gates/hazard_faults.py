"""The check of the hazards, checked: each fault put into a copy of the tree is found, and said in the right words.

Run by check_hazards.sh in the repository, with an empty folder as its argument.
"""
import re
import shutil
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, "tools")
import gen_hazards  # noqa: E402

HAZARDS, ANOMALIES = "docs/risk/hazards.json", "docs/anomalies/anomalies.json"
EN, ES = "locales/web/hazards.en.json", "locales/web/hazards.es.json"
PROTOCOL = "protocols/pht/pht.protocol"

# What is said, where the fault is, what is replaced (a regular expression, once) by what.
FAULTS = [
    ("rule L13 (cap) guards against something", HAZARDS, r'"rule:L13", ', ""),
    ("rule Q01 (hold) guards against something", PROTOCOL, r'^rule L07 "Amber: the same again"', 'rule Q01 "A new one"'),
    ("no rule A43 in the protocol", PROTOCOL, r"^rule A43", "rule A99"),
    ("no story L26-fourteen", "protocols/pht/stories/loading.json", '"L26-fourteen"', '"L26-xiv"'),
    ("has no test what_lifts_a_flag", "tests/unit/engine_guard_test.c", r"cmocka_unit_test\(what_lifts_a_flag\)", "cmocka_unit_test(another)"),
    ("has no test a red flag at night", "tests/web/safety.test.mjs", r"^test\('a red flag at night", "test('a red flag by day"),
    ("no file tests/unit/gone_test.c", HAZARDS, "tests/unit/engine_guard_test.c", "tests/unit/gone_test.c"),
    ("names no test", HAZARDS, "#what_lifts_a_flag", ""),
    ("the checker has no property P77", HAZARDS, '"prove:P17"', '"prove:P77"'),
    ("property P17 is named by no hazard", HAZARDS, '"prove:P17"', '"prove:P12"'),
    ("has no contract of nothing_of_it", HAZARDS, '"prove:P17"', '"proof:src/engine/guard.c#nothing_of_it"'),
    ("no file src/engine/gone.c", HAZARDS, '"prove:P17"', '"proof:src/engine/gone.c#lw__guard"'),
    ("is no link this program knows", HAZARDS, '"prove:P17"', '"hope:P17"'),
    ("control 3 rests on nothing", HAZARDS, r'"evidence": \["rule:A46", "story:A46-missed"\]', '"evidence": []'),
    ("control 3 names something twice", HAZARDS, r'\["rule:A46", "story:A46-missed"\]', '["rule:A46", "rule:A46"]'),
    ("HZ-37 has no control", HAZARDS, r'("id": "HZ-37".*?"controls": )\[.*?\]\}\]\}', r"\1[]}"),
    ("controls stand in the order", HAZARDS, '"kind": "design"', '"kind": "information"'),
    ("what remains is not acceptable", HAZARDS, '"S5", "before": "P2", "after": "P1"', '"S5", "before": "P2", "after": "P2"'),
    ("the controls make it likelier", HAZARDS, '"before": "P3", "after": "P1"', '"before": "P1", "after": "P2"'),
    ("a likelihood is not known", HAZARDS, '"before": "P3"', '"before": "P6"'),
    ("the matrix falls with severity", HAZARDS, r'"P3": \["low", "medium", "medium"', '"P3": ["low", "medium", "low"'),
    ("source S999:V is not in", HAZARDS, '"S65:V"', '"S999:V"'),
    ("HZ-01 is no id, or stands there twice", HAZARDS, '"id": "HZ-02"', '"id": "HZ-01"'),
    ("hazards.es.json lacks hazards.HZ-14.harm", ES, r'"hazards\.HZ-14\.harm": [^\n]*\n', ""),
    ("has hazards.HZ-14.c9, which nothing names", EN, r"hazards\.HZ-14\.c6", "hazards.HZ-14.c9"),
    ("says nothing about version", ANOMALIES, r'"0\.1\.0"', '"0.0.9"'),
    ("anomaly AN-01 has no hazard HZ-99", ANOMALIES, '"AN-01", "hazard": "HZ-11"', '"AN-01", "hazard": "HZ-99"'),
]


def main(tree):
    for path in ("docs/risk", "docs/anomalies", "locales/web", "protocols/pht", "tests/unit", "tests/outer", "tests/web", "tests/server", "tests/store",
                 "tests/cli", "tests/gates", "src/base", "src/protocol", "src/engine", "src/cli", "web/src/generated"):
        shutil.copytree(path, tree / path)
    for path in list(Path("tests").glob("*.*")) + [Path("docs/evidence/clinical.md"), Path("include/loadwave/base.h"), Path("src/prove/properties.h")]:
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, tree / path)

    def found():
        return list(gen_hazards.wrong_links(gen_hazards.Risk(tree)))

    wrong = [f"the copy is not as it should be: {one}" for one in found()]
    for said, path, old, new in FAULTS:
        before = (tree / path).read_text(encoding="utf-8")
        after = re.sub(old, new, before, count=1, flags=re.M | re.S)
        if after == before:
            wrong.append(f"the fault does not fit any more: {old} in {path}")
            continue
        (tree / path).write_text(after, encoding="utf-8")
        if not any(said in line for line in found()):
            wrong.append(f"the check does not see: {said}")
        (tree / path).write_text(before, encoding="utf-8")
    made = gen_hazards.outputs(gen_hazards.Risk(tree))
    for path, text in made.items():
        if not (tree / path).exists() or (tree / path).read_text(encoding="utf-8") != text:
            wrong.append(f"{path} is stale: run tools/gen_hazards.py")
    print(*wrong, sep="\n", end="\n" if wrong else "")
    return 1 if wrong else 0


sys.exit(main(Path(sys.argv[1]) / "tree"))
