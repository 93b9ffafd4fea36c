#!/usr/bin/env python3
"""Shows that the checker can fail: protocols and engines broken on purpose, each of which it has to find.

run.py LIBRARY PROVER [--quick]

LIBRARY: libloadwave.a; PROVER: libloadwave_prove.a. Everything is built in a scratch folder. Without a fault PHT must hold.
--quick: every eleventh protocol and two engines.
"""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
HERE = ROOT / "proofs" / "sabotage"
PHT = ROOT / "protocols" / "pht" / "pht.protocol"
CC = ["cc", "-std=c17", "-O2", f"-I{ROOT}/src", f"-I{ROOT}/include"]


def run(*command):
    subprocess.run([str(part) for part in command], check=True)


def ask(program, protocol):
    done = subprocess.run([program, protocol], capture_output=True, text=True)
    if done.returncode not in (0, 1):
        sys.exit(f"{protocol}: {done.stderr}")
    return [line.split()[0] for line in done.stdout.splitlines()], done.stderr.strip()


def broken_engine(entry, work, library, prover):
    source = (ROOT / "src" / "engine" / entry["file"]).read_text()
    if source.count(entry["find"]) != 1:
        sys.exit(f'{entry["name"]}: not exactly once in src/engine/{entry["file"]}')
    copy = work / entry["file"]
    copy.write_text(source.replace(entry["find"], entry["replace"]))
    run(*CC, "-c", copy, "-o", work / "fault.o")
    own = work / "engine.a"
    shutil.copy(library, own)
    run("ar", "d", own, entry["file"] + ".o")
    program = work / "prove_broken"
    run(*CC, HERE / "prove_main.c", work / "fault.o", prover, own, "-o", program)
    return program


def main(arguments):
    quick = "--quick" in arguments
    paths = [pathlib.Path(argument).resolve() for argument in arguments if not argument.startswith("-")]
    if len(paths) != 2:
        sys.exit(__doc__)
    library, prover = paths
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        program = work / "prove_main"
        run(*CC, HERE / "prove_main.c", prover, library, "-o", program)
        start = time.monotonic()
        found, walked = ask(program, PHT)
        print(f"PHT as it is: {'all properties hold' if not found else 'BROKEN ' + ' '.join(found)}; {walked}, "
              f"{time.monotonic() - start:.1f} s", flush=True)
        missed += bool(found)
        run(sys.executable, ROOT / "tools" / "sabotage.py", "--all", work / "protocols")
        protocols = json.loads((HERE / "sabotages.json").read_text())[:: 11 if quick else 1]
        engines = json.loads((HERE / "engine.json").read_text())[:: 8 if quick else 1]
        for number, entry in enumerate(protocols + engines, 1):
            if "file" in entry:
                found, _ = ask(broken_engine(entry, work, library, prover), PHT)
            else:
                found, _ = ask(program, work / "protocols" / f'{entry["name"]}.protocol')
            hit = bool(set(found) & set(entry["breaks"]))
            missed += not hit
            print(f'{number:3}/{len(protocols) + len(engines)} {"found " if hit else "MISSED"} {entry["name"]:32} '
                  f'{" ".join(found) or "nothing"}  {entry["says"]}', flush=True)
    print(f"{len(protocols)} protocols and {len(engines)} engines broken on purpose, {missed} missed")
    return 1 if missed else 0


sys.exit(main(sys.argv[1:]))
