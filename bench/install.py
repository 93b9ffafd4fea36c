#!/usr/bin/env python3
"""The installed program with 10,000 patients: resident memory and cold start.

    python3 bench/install.py build/loadwave build/release/bench_clinic [PATIENTS]

bench_clinic makes the store (a short log each, 64 with a whole course). Then `loadwave serve` on it, five times: seconds from
exec to the first 200 of /healthz, and of these on a processor; VmRSS and VmHWM then, and once more after 15 s, when the queue
was folded anew. The page cache is dropped before the first start where this may be done (root).
"""
import http.client, os, re, signal, subprocess, sys, tempfile, time

program, maker = sys.argv[1], sys.argv[2]
patients = int(sys.argv[3]) if len(sys.argv) > 3 else 10000
work = tempfile.mkdtemp()
store = os.path.join(work, 'clinic.db')
seed = subprocess.Popen([maker, store, str(patients), 'examples/runner-combined.jsonl'], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                        stderr=subprocess.DEVNULL, text=True)
for line in seed.stdout:
    if line.strip() == 'ready':
        break
seed.stdin.close()
seed.wait()


def memory(pid):
    text = open(f'/proc/{pid}/status').read()
    return tuple(int(re.search(name + r':\s+(\d+)', text).group(1)) / 1024 for name in ('VmRSS', 'VmHWM'))


def processor(pid):
    fields = open(f'/proc/{pid}/stat').read().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def get(port, path):
    c = http.client.HTTPConnection('127.0.0.1', port, timeout=10)
    c.request('GET', path)
    return c.getresponse().status


starts = []
for turn in range(5):
    os.sync()
    dropped = False
    if turn == 0:
        try:
            open('/proc/sys/vm/drop_caches', 'w').write('3')
            dropped = True
        except OSError:
            pass
    begun = time.monotonic()
    server = subprocess.Popen([program, 'serve', '--store', store, '--listen', '127.0.0.1:0'], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True)
    port = None
    for line in server.stdout:
        found = re.match(r'Loadwave listens at http://localhost:(\d+)', line)
        if found:
            port = int(found.group(1))
            break
    while get(port, '/healthz') != 200:
        pass
    starts.append((time.monotonic() - begun, dropped))
    rss, peak = memory(server.pid)
    busy = processor(server.pid)
    print(f'start {turn + 1}: {starts[-1][0]:.2f} s{" (page cache dropped)" if dropped else ""}, {busy:.2f} s of it computing, resident {rss:.1f} MiB, at most {peak:.1f} MiB', flush=True)
    if turn == 4:
        time.sleep(15)  # the sweep of the queue at the start, and the first counts
        print('after 15 s: resident %.1f MiB, at most %.1f MiB' % memory(server.pid))
    server.send_signal(signal.SIGTERM)
    server.wait()
size = os.path.getsize(store) / 1e6
print(f'{patients} patients, store {size:.0f} MB; cold start {max(s for s, _ in starts):.2f} s at most')
subprocess.run(['rm', '-rf', work], check=True)
