#!/usr/bin/env python3
"""Compares the two checkers, on PHT and on every sabotage: compare.py PATH-OF-loadwave.

It fails where one of them finds a protocol broken and the other does not, or where PHT does not hold in both. Properties on
which they differ inside a protocol that both find broken are listed; docs/second-opinion.md says which model carries what.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

import check


def own(program, path):
    said = subprocess.run([program, "protocol", "prove", str(path), "--json"], capture_output=True, text=True)
    try:
        found = json.loads(said.stdout)
    except ValueError:
        raise SystemExit(f"{program} gives no verdict on {path}: {said.stderr.strip() or said.stdout.strip()}")
    return {entry["id"]: entry["verdict"] for entry in found["properties"]}


def main(arguments):
    if len(arguments) != 1:
        raise SystemExit("usage: compare.py PATH-OF-loadwave")
    entries = {e["name"]: e["breaks"] for e in json.loads((check.ROOT / "proofs/sabotage/sabotages.json").read_text())}
    failed = 0
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run([sys.executable, check.ROOT / "tools/sabotage.py", "--all", scratch], check=True)
        for name in ["pht", *entries]:
            path = check.ROOT / "protocols/pht/pht.protocol" if name == "pht" else pathlib.Path(scratch) / f"{name}.protocol"
            first = own(arguments[0], path)
            second = {entry["id"]: entry["verdict"] for entry in check.judge(path)["properties"]}
            mine, theirs = ({p for p, v in verdicts.items() if v == "broken"} for verdicts in (second, first))
            owed = set(entries.get(name, []))
            good = bool(owed & mine) and bool(owed & theirs) if owed else not mine and not theirs
            failed += not good
            only = sorted((mine ^ theirs) - {p for p, v in second.items() if v == "not carried"})
            print(f"{'ok  ' if good else 'FAIL'} {name:34} own {' '.join(sorted(theirs)) or 'holds':20} spin {' '.join(sorted(mine)) or 'holds':20} "
                  f"{'differ in ' + ' '.join(only) if only else ''}", flush=True)
    print(f"{len(entries) + 1} protocols, {failed} on which the two disagree")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
