"""mutate.py: do the tests notice when the engine is wrong? docs/mutation.md says how to read what it prints.

    python3 tools/mutate/mutate.py [--sample 500|all] [--seed 1] [--jobs 2] [--only TEXT] [--list]

Writes every mutant of the sources into one program (mutants.py), builds it once with the project's tests (driver.c), asks
each test which places it reaches, and then runs each mutant against the tests that reach it, the cheapest first, until one
notices. Results are kept in BUILD/results.tsv and hold as long as no source, test or story changes; which test noticed a
mutant is remembered longer and tried first. Exit 1 when something survives that equal.txt does not explain, or when equal.txt
is wrong.
"""
import argparse
import hashlib
import json
import os
import queue
import random
import re
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)
import mutants as schemata  # noqa: E402

SOURCES = [f'src/engine/{name}.c' for name in ('guard', 'decide', 'fold', 'plan', 'rise', 'dose', 'course')]
PURE = ('base', 'record', 'protocol', 'engine')
FLAGS = ['-std=c17', '-w', '-D_POSIX_C_SOURCE=200809L', f'-DLW_SOURCE_DIR="{ROOT}"']
MUTATED = ['-O1', '-fsanitize=undefined', '-fsanitize-trap=undefined',  # make test runs everything under it, too
           '-ftrivial-auto-var-init=pattern']  # what is read before it was written is never 0 by luck
PLAIN = ['-O2']
DIFFER_MOST = 25  # stories whose plan differs that are asked for an expectation before it counts as `golden`
KILLED = ('unit', 'story', 'property')
PROPERTY_SEEDS = '2'  # of the 120 lives that make test tries


def arguments():
    a = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    a.add_argument('--sample', default='500', help='how many mutants, or all')
    a.add_argument('--seed', type=int, default=1)
    a.add_argument('--jobs', type=int, default=1)
    a.add_argument('--only', default='', help='mutants whose file, function or text has this')
    a.add_argument('--list', action='store_true', help='the mutants, without running them')
    a.add_argument('--build', default=os.path.join(ROOT, 'build', 'mutate'))
    a.add_argument('--sources', nargs='+', default=SOURCES)
    a.add_argument('--tests', nargs='+', help='unit tests; the engine\'s when left out')
    a.add_argument('--equal', default=os.path.join(HERE, 'equal.txt'), help='mutants that behave as the original')
    a.add_argument('--library', help='the pure library, built already; compiled anew when left out')
    a.add_argument('--without-stories', action='store_true')
    return a.parse_args()


def files_under(folder, *endings):
    found = []
    for base, folders, names in os.walk(os.path.join(ROOT, folder)):
        folders.sort()
        found += [os.path.relpath(os.path.join(base, n), ROOT) for n in sorted(names) if n.endswith(endings)]
    return found


def digest(paths):
    """Of what the files say; comments and spaces of C left out."""
    sum_ = hashlib.sha256()
    for path in paths:
        with open(os.path.join(ROOT, path), 'rb') as file:
            text = file.read()
        if path.endswith(('.c', '.h')):
            text = re.sub(rb'\s+', b' ', re.sub(rb'//[^\n]*|/\*.*?\*/', b' ', text, flags=re.S))
        sum_.update(path.encode() + b'\0' + text + b'\0')
    return sum_.hexdigest()


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)


# ---- equal.txt -------------------------------------------------------------------------------------------------------

def read_equal(path):
    """Blocks of "@ FILE FUNCTION [#N]", then "- text" and "+ text" pairs, then "= why". → list of entries."""
    entries = []
    if not os.path.exists(path):
        return entries
    head, was, pairs = None, None, []
    with open(path, encoding='utf-8') as file:
        for number, line in enumerate(file, 1):
            line = line.rstrip('\n')
            mark, rest = line[:2], line[2:].strip()
            if mark == '@ ':
                words = rest.split()
                head = (words[0], words[1], int(words[2][1:]) if len(words) > 2 else 0)
                pairs = []
            elif mark == '- ':
                was = rest
            elif mark == '+ ':
                pairs.append((was, rest, number))
            elif mark == '= ':
                entries += [{'file': head[0], 'function': head[1], 'which': head[2], 'from': a, 'to': b, 'why': rest,
                             'line': at, 'used': 0} for a, b, at in pairs]
                pairs = []
            elif line and not line.startswith(('#', '  ')):
                sys.exit(f'{path}:{number}: cannot be read')
    return entries


def mark_equal(mutants, entries):
    for m in mutants:
        for e in entries:
            if (e['from'], e['to'], e['function']) == (m['from'], m['to'], m['function']) and \
                    os.path.basename(m['file']) == e['file'] and e['which'] in (0, m['which']):
                m['equal'] = e
                e['used'] += 1


# ---- building --------------------------------------------------------------------------------------------------------

def generate(options):
    """All mutants, and the sources that hold them."""
    build = options.build
    write(os.path.join(build, 'mutate', 'switch.h'), schemata.switch_header())
    mutants, places, left_out = [], 0, {}
    for path in options.sources:
        s = schemata.Source(ROOT, path, [f'-I{ROOT}/src', f'-I{ROOT}/include'], len(mutants) + 1, places)
        places = s.place
        mutants += s.mutants
        for why, count in s.left_out.items():
            left_out[why] = left_out.get(why, 0) + count
        write(os.path.join(build, os.path.basename(path)), s.mutated)
    for m in mutants:
        words = '\0'.join((m['file'], m['function'], m['from'], m['to'], str(m['which'])))
        m['key'] = hashlib.sha256(words.encode()).hexdigest()[:16]
    return mutants, places, left_out


def compile_all(options, tests, places):
    """The driver with the mutants, the rest of the pure library and the unit tests in it."""
    build = options.build
    stems = [os.path.splitext(os.path.basename(t))[0] for t in tests]
    write(os.path.join(build, 'mutate', 'table.h'),
          f'enum {{ LW__PLACES = {places} }};\n' + ''.join(f'int lw_main_{s}(void);\n' for s in stems) +
          'static const struct {\n    const char *name;\n    int (*main)(void);\n} lw__suites[] = {' +
          ''.join(f'{{"{s}", lw_main_{s}}}, ' for s in stems) + '{0}};\n')
    include = [f'-I{build}', f'-I{ROOT}/src', f'-I{ROOT}/include', f'-I{ROOT}/tests', f'-I{ROOT}/tests/unit']
    headers = digest(files_under('src', '.h') + files_under('include', '.h') + files_under('tests', '.h'))
    jobs = []
    plain = [p for layer in PURE for p in files_under(f'src/{layer}', '.c')
             if p not in options.sources and not options.library]
    for path in options.sources:
        jobs.append((os.path.join(build, os.path.basename(path)), MUTATED))
    jobs += [(os.path.join(ROOT, p), PLAIN) for p in plain]
    jobs += [(os.path.join(ROOT, t), [*PLAIN, f'-Dmain=lw_main_{s}']) for t, s in zip(tests, stems)]
    jobs.append((os.path.join(HERE, 'driver.c'), [*PLAIN, '-D_DEFAULT_SOURCE']))
    include += sorted({f'-I{ROOT}/{os.path.dirname(p)}' for p in [*options.sources, *tests]})
    objects = []
    work = queue.Queue()
    failed = []
    for source, extra in jobs:
        out = os.path.join(build, 'objects', os.path.basename(source)[:-2] + '.o')
        objects.append(out)
        with open(source, 'rb') as file:
            wanted = hashlib.sha256(file.read() + headers.encode() + repr(FLAGS + extra).encode()).hexdigest()
        if source.endswith('driver.c'):
            wanted += str(places) + ' '.join(stems)
        sum_file = out + '.sum'
        if os.path.exists(out) and os.path.exists(sum_file) and open(sum_file).read() == wanted:
            continue
        work.put((source, extra, out, sum_file, wanted))
    os.makedirs(os.path.join(build, 'objects'), exist_ok=True)

    def compile_some():
        while True:
            try:
                source, extra, out, sum_file, wanted = work.get_nowait()
            except queue.Empty:
                return
            done = subprocess.run(['clang-14', *FLAGS, *extra, *include, '-c', source, '-o', out],
                                  stderr=subprocess.PIPE, text=True)
            if done.returncode:
                failed.append(done.stderr)
            else:
                write(sum_file, wanted)
    run_threads(options.jobs, compile_some)
    if failed:
        sys.exit(failed[0])
    driver = os.path.join(build, 'driver')
    subprocess.run(['clang-14', *objects, *([options.library] if options.library else []), '-Wl,--wrap=_cmocka_run_group_tests', '-lcmocka', '-o', driver],
                   check=True)
    return driver


def run_threads(count, work):
    threads = [threading.Thread(target=work, daemon=True) for _ in range(max(1, count))]
    for t in threads:
        t.start()
    for t in threads:
        while t.is_alive():
            t.join(1)


# ---- running ---------------------------------------------------------------------------------------------------------

class Driver:
    """The driver as a process: requests in, answers out."""

    def __init__(self, program, options):
        protocol = os.path.join(ROOT, 'protocols', 'pht', 'pht.protocol')
        index = '-' if options.without_stories else os.path.join(options.build, 'stories', 'index.txt')
        self.process = subprocess.Popen([program, protocol, index], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        cwd=ROOT, env={**os.environ, 'LW_SEEDS': PROPERTY_SEEDS})
        self.tests = []
        while True:
            line = self.read()
            if line == 'ready':
                break
            self.tests.append(line)
        self.judge = None

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError('the driver ended')
        return line.decode('utf-8', 'replace').rstrip('\n')

    def ask(self, request):
        self.process.stdin.write(f'{request}\n'.encode())
        self.process.stdin.flush()
        return self.read()

    def expected(self, story, plan):
        """What the story expects and this plan does not say; None when it says all of it."""
        if self.judge is None:
            self.judge = subprocess.Popen(['node', os.path.join(HERE, 'judge.mjs'), 'judge'], stdin=subprocess.PIPE,
                                          stdout=subprocess.PIPE, cwd=ROOT)
        self.judge.stdin.write(f'{story}\t{plan}\n'.encode())
        self.judge.stdin.flush()
        said = self.judge.stdout.readline().decode().rstrip('\n')
        return None if said == 'ok' else said

    def close(self):
        for p in (self.process, self.judge):
            if p is not None:
                p.stdin.close()
                p.wait()


def look(driver):
    """What each test reaches on the program as it is, and how long it takes."""
    costs, reach = [], []
    for t, name in enumerate(driver.tests):
        words = driver.ask(f'cover {t}').split()
        if words[2] != '0':
            sys.exit(f'{name} does not pass on the program as it is')
        costs.append(int(words[1]))
        reach.append(set(map(int, words[3:])))
    return costs, reach


def try_mutant(driver, m, costs, by_place, kills, hint, known):
    """→ (outcome, the test that noticed). Outcomes: unit, story, property, golden, survived, unreached."""
    candidates = by_place.get(m['place'], [])
    if not candidates:
        return 'unreached', ''
    golden = known[1]
    if known[2]:
        candidates = [t for t in candidates if driver.tests[t].split('/')[0] in known[2]]
    order = sorted(candidates, key=lambda t: (t != hint, costs[t] / (1 + kills[t])))
    differ = 0
    while order:
        asked = ' '.join(f'{t}:{max(500, costs[t] * 10 // 1000)}' for t in order)
        word, _, rest = driver.ask(f'run {m["number"]} {asked}').partition(' ')
        if word == 'ok':
            break
        number, _, plan = rest.partition(' ')
        t = int(number)
        suite, name = driver.tests[t].split('/', 1)
        if word == 'plan' and driver.expected(name, plan) is None:
            golden = golden or driver.tests[t]
            differ += 1
            if differ == DIFFER_MOST:
                break
            order = [o for o in order[order.index(t) + 1:] if not driver.tests[o].startswith('engine_property_test/')]
            continue
        kills[t] += 1
        kind = {'story': 'story', 'engine_property_test': 'property'}.get(suite, 'unit')
        return kind, driver.tests[t]
    return ('golden', golden) if golden else ('survived', '')


def read_results(path, now):
    """
    What earlier runs found and still holds, and hints. now: digests by name, "program" and one for each suite of tests.
    On another program nothing holds. A kill holds while the suite that made it stands as it was. What survived must only
    be tried against suites that are new or changed: results[key] = (outcome, test, suites to try or None for none).
    """
    results, hints = {}, {}
    if os.path.exists(path):
        with open(path, encoding='utf-8') as file:
            then = json.loads(file.readline())
            changed = {suite for suite, sum_ in now.items() if then.get(suite) != sum_}
            for line in file:
                key, outcome, test = line.rstrip('\n').split('\t')
                if test:
                    hints[key] = test
                if 'program' in changed or (outcome in KILLED and test.split('/')[0] in changed):
                    results.pop(key, None)
                else:
                    results[key] = (outcome, test, None if outcome in KILLED or not changed else changed)
    return results, hints


def main():
    options = arguments()
    options.build = os.path.abspath(options.build)
    tests = options.tests or [t for t in files_under('tests/unit', '_test.c') if os.path.basename(t).startswith('engine_')]
    mutants, places, left_out = generate(options)
    entries = read_equal(options.equal)
    mark_equal(mutants, entries)
    wanted = [m for m in mutants if options.only in f'{m["file"]} {m["function"]} {m["from"]} {m["to"]}']
    if options.list:
        for m in wanted:
            print(f'{m["number"]:5} {m["file"]}:{m["line"]} {m["function"]}  {m["from"]}  →  {m["to"]}')
        return 0
    if options.sample != 'all' and int(options.sample) < len(wanted):
        wanted = sorted(random.Random(options.seed).sample(wanted, int(options.sample)), key=lambda m: m['number'])
    print(f'{len(mutants)} mutants in {len(options.sources)} sources; {len(wanted)} of them are tried'
          + ('' if options.sample == 'all' else f' (seed {options.seed})'), flush=True)

    now = digests(options, tests)
    driver_path = compile_all(options, tests, places)
    if not options.without_stories:
        subprocess.run(['node', os.path.join(HERE, 'judge.mjs'), 'lay', options.build], check=True, cwd=ROOT)
    results_path = os.path.join(options.build, 'results.tsv')
    results, hints = read_results(results_path, now)
    keys = {m['key'] for m in mutants}
    # what is to be tried against changed suites is not written down again until that is done
    write(results_path, json.dumps(now) + '\n' + ''.join(f'{k}\t{o}\t{t}\n' for k, (o, t, again) in results.items() if again is None))
    hint_path = os.path.join(options.build, 'hints.tsv')
    if os.path.exists(hint_path):
        with open(hint_path, encoding='utf-8') as file:
            hints = {**dict(line.rstrip('\n').split('\t') for line in file), **hints}
    write(hint_path, ''.join(f'{k}\t{t}\n' for k, t in hints.items() if k in keys))

    todo = [m for m in wanted if m['key'] not in results or results[m['key']][2]]
    if len(todo) < len(wanted):
        print(f'{len(wanted) - len(todo)} are known from an earlier run of the same sources and tests', flush=True)
    if todo:
        run_all(options, driver_path, todo, results, hints, results_path)
    return report(options, mutants, wanted, results, entries, left_out)


def digests(options, tests):
    pure = [p for layer in PURE for p in files_under(f'src/{layer}', '.c', '.h')]
    program = digest(sorted({*options.sources, *pure, *files_under('include', '.h'), 'tools/mutate/mutants.py',
                             'tools/mutate/driver.c'}))
    headers = files_under('tests', '.h')
    now = {'program': program + ' '.join(options.sources)}
    for t in tests:
        now[os.path.splitext(os.path.basename(t))[0]] = digest([t, *headers]) + (PROPERTY_SEEDS if 'property' in t else '')
    if not options.without_stories:
        now['story'] = digest([*files_under('protocols/pht', ''), 'tools/stories.mjs'])
    return now


def run_all(options, driver_path, todo, results, hints, results_path):
    first = Driver(driver_path, options)
    costs, reach = look(first)
    names = {name: t for t, name in enumerate(first.tests)}
    by_place = {}
    for t, places in enumerate(reach):
        for p in places:
            by_place.setdefault(p, []).append(t)
    suites = {}
    for name, cost in zip(first.tests, costs):
        suite = name.split('/')[0]
        suites[suite] = suites.get(suite, 0) + cost / 1e6
    print(f'{len(names)} tests pass on the program as it is, in {sum(costs) / 1e6:.1f} s: ' +
          ', '.join(f'{suite} {seconds:.1f}' for suite, seconds in suites.items()), flush=True)
    kills = [0] * len(names)
    work = queue.Queue()
    # in a mixed order, so that a run that is broken off says something about every file; what is known to survive last
    mixed = sorted(todo, key=lambda m: (m['key'] in results, m['key']))
    for m in mixed:
        work.put(m)
    lock = threading.Lock()
    count = {'done': 0, 'alive': 0}
    drivers = queue.Queue()
    drivers.put(first)
    out = open(results_path, 'a', encoding='utf-8')

    def run_some():
        try:
            driver = drivers.get_nowait()
        except queue.Empty:
            driver = Driver(driver_path, options)
        while True:
            try:
                m = work.get_nowait()
            except queue.Empty:
                driver.close()
                return
            known = results.get(m['key'], ('', '', None))
            outcome, test = try_mutant(driver, m, costs, by_place, kills, names.get(hints.get(m['key'])), known)
            with lock:
                results[m['key']] = (outcome, test, None)
                out.write(f'{m["key"]}\t{outcome}\t{test}\n')
                out.flush()
                count['done'] += 1
                count['alive'] += outcome in ('survived', 'unreached') and 'equal' not in m
                if sys.stdout.isatty():
                    print(f'\r{count["done"]} of {len(todo)}, {count["alive"]} survived ', end='', flush=True)
                elif count['done'] % 100 == 0:
                    print(f'{count["done"]} of {len(todo)}, {count["alive"]} survived', flush=True)
    run_threads(options.jobs, run_some)
    out.close()
    if sys.stdout.isatty():
        print()


# ---- the report ------------------------------------------------------------------------------------------------------

def report(options, mutants, wanted, results, entries, left_out):
    lines = []
    wrong = []
    alive = []
    rows = []
    for path in options.sources:
        mine = [m for m in wanted if m['file'] == path]
        got = {k: sum(results[m['key']][0] == k for m in mine if 'equal' not in m)
               for k in ('unit', 'story', 'property', 'golden', 'survived', 'unreached')}
        equal = sum('equal' in m for m in mine)
        rows.append((path, len(mine), equal, *got.values()))
    for m in wanted:
        outcome, test, _ = results[m['key']]
        if 'equal' in m and outcome not in ('survived', 'unreached'):
            wrong.append(f'equal.txt:{m["equal"]["line"]}: {test} notices it, so it is not equal: {m["from"]} → {m["to"]}')
        elif 'equal' not in m and outcome in ('survived', 'unreached'):
            alive.append(m)
    wrong += [f'equal.txt:{e["line"]}: no such mutant: {e["file"]} {e["function"]}: {e["from"]} → {e["to"]}'
              for e in entries if not e['used']]
    for m in alive:
        lines += [f'{m["file"]}:{m["line"]} {m["function"]}' +
                  (f' (the {m["which"]}. of this text)' if m['which'] > 1 else '') +
                  (', reached by no test' if results[m['key']][0] == 'unreached' else ''),
                  f'    - {m["from"]}', f'    + {m["to"]}']
    head = ('', 'tried', 'equal', 'unit', 'story', 'property', 'golden', 'survived', 'unreached', 'killed')
    total = ('all', *(sum(r[i] for r in rows) for i in range(1, 9)))
    lines.append('')
    lines.append(f'{head[0]:24}' + ''.join(f'{h:>10}' for h in head[1:]))
    share = 100.0
    for row in [*rows, total]:
        counted = row[1] - row[2]
        dead = sum(row[3:7])
        share = 100 * dead / counted if counted else 100.0
        lines.append(f'{row[0]:24}' + ''.join(f'{v:10}' for v in row[1:]) + f'{share:8.1f} %')
    strict = 100 * sum(total[3:6]) / (total[1] - total[2]) if total[1] > total[2] else 100.0
    lines.append(f'without kills that only a golden plan shows: {strict:.1f} %')
    lines.append('not made: ' + ', '.join(f'{count} {why}' for why, count in left_out.items()))
    lines += wrong
    text = '\n'.join(lines)
    print(text)
    write(os.path.join(options.build, 'report.txt'), text + '\n')
    print(f'{len(wanted) - total[2] - len(alive)} killed, {len(alive)} survived, {total[2]} equal: {share:.1f} %')
    return 1 if alive or wrong else 0


if __name__ == '__main__':
    sys.exit(main())
