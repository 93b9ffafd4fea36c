#!/usr/bin/env python3
"""Builds and runs the models: check.py [--json] [FILE …], --trail ID FILE, --can-fail.

Without a file: the PHT protocol, which must hold in everything, and every protocol of proofs/sabotage, of which each must be
found broken in at least one property it names. Models with the same text are run once; their results are kept in the cache.
"""
import hashlib
import json
import os
import pathlib
import re
import resource
import subprocess
import sys
import tempfile
import time

from language import ROOT, Protocol, properties
from translate import models, way_model

CACHE = pathlib.Path(os.environ.get("LW_SPIN_CACHE", ROOT / "build" / "spin"))
CARRIED = ["P1a", "P1b", "P1c", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P9", "P10", "P11", "P12", "P13", "P14", "P16", "P17"]
MEMORY_MB = 512


def cpu():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def build(folder, text, liveness):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.pml").write_text(text)
    said = subprocess.run(["spin", "-a", "model.pml"], cwd=folder, capture_output=True, text=True)
    if "Error" in said.stdout + said.stderr or not (folder / "pan.c").exists():
        raise SystemExit(f"spin refuses {folder}/model.pml:\n{said.stdout}{said.stderr}")
    flags = [] if liveness else ["-DSAFETY"]
    # The searches are short and the switch pan.c is made of is long: optimising it costs more than it gives, the big machines apart.
    speed = "-O2" if re.match(r"/\* (control|exercise|course)\b", text) else "-O0"
    subprocess.run(["gcc", speed, "-w", *flags, f"-DMEMLIM={MEMORY_MB}", "-o", "pan", "pan.c"], cwd=folder, check=True)


def run(model):
    """What one model says: the marks hit, states, seconds of processor time; from the cache where the text was run before."""
    text = model.text()
    tag = hashlib.sha256((text + str(model.liveness)).encode()).hexdigest()[:24]
    kept = CACHE / f"{tag}.json"
    if kept.exists():
        return dict(json.loads(kept.read_text()), cached=True)
    start = cpu()
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        build(folder, text, model.liveness)
        built = cpu() - start
        for depth in (20000, 5000000):  # how far a search goes down is known only afterwards; the stack is not free
            command = ["./pan", "-E", "-w20", f"-m{depth}", "-a" if model.liveness else "-c0"]
            output = subprocess.run(command, cwd=folder, capture_output=True, text=True).stdout
            if "max search depth too small" not in output:
                break
    hits = sorted({int(n) for n in re.findall(r"assertion violated \(bad!=(\d+)\)", output)})
    if re.search(r"^pan:\d+: acceptance cycle", output, re.M):
        hits = ["acceptance"]
    states = re.search(r"(\d+(?:\.\d+)?(?:e\+\d+)?) states, stored", output)
    if not states or "max search depth too small" in output or "out of memory" in output or "MEMLIM" in output:
        raise SystemExit(f"{model.name}: the search did not end:\n{output[-1500:]}")
    transitions = re.search(r"(\d+(?:\.\d+)?(?:e\+\d+)?) transitions", output)
    result = {"hits": hits, "states": int(float(states[1])), "transitions": int(float(transitions[1])), "build_s": round(built, 2),
              "seconds": round(cpu() - start, 2)}
    CACHE.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(result))
    return dict(result, cached=False)


def judge(path):
    """The verdict on one protocol: what is broken with its sentences, and what each model cost."""
    broken, parts = {}, []
    todo = models(path)
    while todo:
        model = todo.pop(0)
        result = run(model)
        hits = result["hits"]
        if model.name == "way" and hits:  # two questions in one model: which of them is it
            todo += [way_model(Protocol(path), (0,)), way_model(Protocol(path), (1,))]
            found = []
        else:
            found = [model.marks[h] for h in hits if model.marks[h][0] != "P12"]
            found += [[p, f"nothing comes to {t}"] for n, (p, t) in model.marks.items() if p == "P12" and n not in hits]
        for prop, text in found:
            broken.setdefault(prop, []).append(f"{model.name}: {text}")
        parts.append({"model": model.name, **{k: result[k] for k in ("states", "transitions", "build_s", "seconds", "cached")}})
    order = list(properties().values())
    verdicts = [{"id": p, "verdict": "not carried" if p not in CARRIED else "broken" if p in broken else "holds", "found": broken.get(p, [])} for p in order]
    return {"protocol": pathlib.Path(path).stem, "properties": verdicts, "models": parts, "states": sum(p["states"] for p in parts),
            "seconds": round(sum(p["seconds"] for p in parts if not p["cached"]), 1)}


# A line for each day of a trail, put in before the text on the left; printing changes no state, so only trails carry it.
DAYS = {
    "control": ("  rises = (says", 'printf("a day: check-in %d, signal %d, settled and green %d, silence %d, flare %d, days since shockwave %d, open flag %d\\n", '
                'says, mild, settled_green, silence, flare, shock, flag_open);'),
    "exercise": ("  planned = rung;", 'printf("a day: ladder %d, stage %d, control says %d, rung %d was %d, days since it rose %d, done %d days ago\\n", '
                 'ladder, stage, control, rung, old, wait, gap);'),
    "course": ("said: skip;", 'printf("a day: %d sessions so far, answer %d, owed cause %d, days since the last %d\\n", count, status, cause, age);'),
    "way": ("  if :: lower -> green = 0;", 'printf("a day: goal %d, stage %d, flare %d, de-load %d days, held %d, green sessions %d\\n", '
            'F_GOAL, stage, flare, deload, hold, green);')}


def told(model, text):
    found = DAYS.get(model.name.split("-")[0])
    if not found:
        return text
    before, line = found
    if text.count(before) != 1:
        raise SystemExit(f"{model.name}: no place for the line of a day")
    return text.replace(before, f"{before} {line}" if before.startswith("said") else f"  {line}\n{before}")


def trail(path, prop):
    """One story of a broken property, told by the model itself."""
    for model in models(path)[:-1] + [way_model(Protocol(path), (0,)), way_model(Protocol(path), (1,))]:
        for number, (owner, text) in model.marks.items():
            if owner != prop or prop == "P12":
                continue
            if number not in run(model)["hits"]:
                continue
            print(f"{model.name}: {text}")
            with tempfile.TemporaryDirectory() as scratch:
                folder = pathlib.Path(scratch)
                # only this assertion is asked, so that the trail is its own
                asked = re.sub(r"assert\(bad != (\d+)\);", lambda m: m[0] if m[1] == str(number) else "skip;", model.text())
                build(folder, told(model, asked), model.liveness)
                # -i looks for the shortest story; a cycle is told as it is found
                subprocess.run(["./pan", "-E", "-w20", "-m20000"] + (["-a"] if model.liveness else ["-i"]), cwd=folder, capture_output=True)
                said = subprocess.run(["spin", "-t", "-T", "model.pml"], cwd=folder, capture_output=True, text=True).stdout
                print("\n".join(l.strip() for l in said.split("\n") if re.search(r": |CYCLE", l) and not re.match(r"\s*(spin:|#)", l)))
            return 0
    print(f"{prop} is not found broken")
    return 1


def can_fail():
    """Faults that are on no list, among them such as the compiler refuses: the day machines must find them all the same."""
    source, failed = (ROOT / "protocols/pht/pht.protocol").read_text(), 0
    with tempfile.TemporaryDirectory() as scratch:
        for fault in json.loads((pathlib.Path(__file__).parent / "faults.json").read_text()):
            if source.count(fault["find"]) != 1:
                raise SystemExit(f"{fault['name']}: not exactly once in the protocol")
            text = source.replace(fault["find"], fault["replace"])
            if fault["breaks"] == ["P11"]:  # both of the two things that keep springing apart
                text = text.replace("  every 3 days\n  easier", "  every 1 day\n  easier")
            path = pathlib.Path(scratch) / f"{fault['name']}.protocol"
            path.write_text(text)
            found = [e["id"] for e in judge(path)["properties"] if e["verdict"] == "broken"]
            good = bool(set(found) & set(fault["breaks"]))
            failed += not good
            print(f"{'ok  ' if good else 'FAIL'} {fault['name']:34} broken {' '.join(found) or '-':20} owed {' '.join(fault['breaks'])}", flush=True)
    return int(failed > 0)


def main(arguments):
    as_json = "--json" in arguments
    arguments = [a for a in arguments if a != "--json"]
    if arguments == ["--can-fail"]:
        return can_fail()
    if arguments[:1] == ["--trail"]:
        return trail(arguments[2], arguments[1])
    if arguments:
        results = [judge(a) for a in arguments]
        if as_json:
            print(json.dumps(results[0] if len(results) == 1 else results, indent=1, ensure_ascii=False))
        else:
            for result in results:
                print(f"{result['protocol']}: {result['states']:,} states, {result['seconds']} s")
                for entry in result["properties"]:
                    print(f"  {entry['id']:4} {entry['verdict']}")
                    for text in entry["found"][:5]:
                        print(f"       {text}")
        return int(any(e["verdict"] == "broken" for r in results for e in r["properties"]))
    entries = {e["name"]: e["breaks"] for e in json.loads((ROOT / "proofs/sabotage/sabotages.json").read_text())}
    start, failed, results = time.monotonic(), 0, []
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run([sys.executable, ROOT / "tools/sabotage.py", "--all", scratch], check=True)
        for name in ["pht", *entries]:
            path = ROOT / "protocols/pht/pht.protocol" if name == "pht" else pathlib.Path(scratch) / f"{name}.protocol"
            began = time.monotonic()
            result = judge(path)
            found = [e["id"] for e in result["properties"] if e["verdict"] == "broken"]
            good = not found if name == "pht" else bool(set(found) & set(entries[name]))
            failed += not good
            results.append(dict(result, breaks=entries.get(name, []), ok=good))
            if not as_json:
                verdict = "holds" if not found else "broken"
                print(f"{'ok  ' if good else 'FAIL'} {name:34} {verdict:7} {' '.join(found) or '-':24} owed {' '.join(entries.get(name, [])) or '-':8} "
                      f"{result['states']:>10,} states {result['seconds']:6.1f} s cpu {time.monotonic() - began:6.1f} s", flush=True)
                if not good:
                    for entry in result["properties"]:
                        for text in entry["found"][:3]:
                            print(f"       {entry['id']}: {text}")
    if as_json:
        print(json.dumps(results, indent=1, ensure_ascii=False))
    else:
        print(f"{len(results)} protocols, {failed} not as they should be, {sum(r['seconds'] for r in results):.0f} s of processor time, "
              f"{time.monotonic() - start:.0f} s in all")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
