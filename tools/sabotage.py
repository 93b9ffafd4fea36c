#!/usr/bin/env python3
"""Writes a protocol broken on purpose: sabotage.py NAME > FILE, or sabotage.py --all FOLDER. proofs/sabotage/README.md."""
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LIST = ROOT / "proofs" / "sabotage" / "sabotages.json"
SOURCE = ROOT / "protocols" / "pht" / "pht.protocol"


def broken(entry, text):
    for edit in entry["edits"]:
        if "append" in edit:
            at = text.index("\n", text.rindex("\nrule ") + 1)
            end = text.index("\n\n", at)
            text = text[: end + 2] + edit["append"] + "\n" + text[end + 2:]
            continue
        if edit.get("delete"):
            start = f'rule {edit["rule"]} "{edit["title"]}'
            found = re.escape(start) + r"[^\n]*\n(?:[^\n]+\n)*\n?"
        else:
            found = re.escape(edit["find"])
        if len(re.findall(found, text)) != 1:
            raise SystemExit(f'{entry["name"]}: not exactly once in the protocol: {edit}')
        text = re.sub(found, lambda _: edit.get("replace", ""), text)
    return text


def main(arguments):
    entries = {entry["name"]: entry for entry in json.loads(LIST.read_text())}
    source = SOURCE.read_text()
    if len(arguments) == 2 and arguments[0] == "--all":
        folder = pathlib.Path(arguments[1])
        folder.mkdir(parents=True, exist_ok=True)
        for name, entry in entries.items():
            (folder / f"{name}.protocol").write_text(broken(entry, source))
        return
    if len(arguments) != 1 or arguments[0] not in entries:
        raise SystemExit(f"usage: sabotage.py NAME | --all FOLDER\nnames: {' '.join(entries)}")
    sys.stdout.write(broken(entries[arguments[0]], source))


main(sys.argv[1:])
