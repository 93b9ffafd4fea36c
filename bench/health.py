#!/usr/bin/env python3
"""A generated Apple Health export of two GiB (or so many bytes) through loadwave import: time, and the most memory it held.

    python3 bench/health.py build/loadwave [BYTES]

The export never lies on a disk: it is written into a pipe. Fails when more than 256 MiB were resident.
"""
import os
import subprocess
import sys
import tempfile
import time

program = sys.argv[1]
size = int(sys.argv[2]) if len(sys.argv) > 2 else 2 << 30
with tempfile.TemporaryDirectory() as folder:
    record = os.path.join(folder, "r.jsonl")
    subprocess.run([program, "init", record, "--patient", "p-1", "--birth-year", "1986", "--side", "left", "--goal", "run", "--sport", "running"],
                   check=True, stdout=subprocess.DEVNULL)
    begin = time.monotonic()
    maker = subprocess.Popen([sys.executable, "tests/watch/make_files.py", "--health", str(size)], stdout=subprocess.PIPE)
    reader = subprocess.Popen([program, "import", record, "/dev/stdin", "--preview"], stdin=maker.stdout, stdout=subprocess.PIPE, text=True,
                              env={**os.environ, "LOADWAVE_LANG": "en"})
    maker.stdout.close()
    said = reader.stdout.read().splitlines()
    _, status, usage = os.wait4(reader.pid, 0)
    maker.wait()
seconds, resident = time.monotonic() - begin, usage.ru_maxrss / 1024
print(said[0])
print(f"{size / 2**30:.2f} GiB in {seconds:.0f} s ({size / 2**20 / seconds:.0f} MiB/s, {usage.ru_utime:.0f} s of it reading), "
      f"at most {resident:.1f} MiB resident (aim ≤ 256), exit {os.waitstatus_to_exitcode(status)}")
sys.exit(0 if resident <= 256 and "found" in said[0] and not said[0].startswith("0 ") else 1)
