#!/usr/bin/env python3
"""Many clients of one server, good and bad. Debian's python3, nothing else.

    clients.py siege IDLE SECONDS   attackers of every kind at once; a well-behaved client must not notice
    clients.py mixed SECONDS        clinicians, patients, listeners, sign-ins and mistakes at once; every answer is checked
    clients.py soak SECONDS         the same over a bounded set of records, and its heap must not climb once that set has been seen

The program is $LOADWAVE, $SEED (1) chooses what the clients say; it runs on a free port of 127.0.0.1 over a store of its own and is
stopped at the end. The bad ones come from other addresses of 127.0.0.0/8, because the server counts connections by address. Exit 1:
something was not as it should be.
"""
import collections, http.client, json, os, random, re, resource, shutil, signal, socket, subprocess, sys, tempfile, threading, time, uuid

BASE_MIB, LINK_KIB = 192, 24        # docs/server.md, "Memory": at rest and at work, and for each connection
SLOPE_KIB = 128                     # so much a minute a soak's heap may climb: what is in flight when one looks differs
POOL, GUESTS = 40, 4                # events that a soak delivers again and again; patients that it replaces
PATIENCE_S = 10                     # a well-behaved request is answered within
faults, seen, lock = [], collections.Counter(), threading.Lock()


def fault(text):
    with lock:
        faults.append(text)
        if len(faults) <= 20:
            print("not as it should be:", text, flush=True)


def count(what):
    with lock:
        seen[what] += 1


class Server:
    def __init__(self):
        self.work = tempfile.mkdtemp()
        self.log = open(self.work + "/log", "wb")
        self.process = subprocess.Popen([os.environ["LOADWAVE"], "serve", "--demo", "--store", self.work + "/store.db", "--listen",
                                         "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=self.log,
                                        env=dict(os.environ, LW_TEST_RATES="off"))
        said = ""
        for line in iter(self.process.stdout.readline, b""):
            said += line.decode()
            if line.startswith(b"Loadwave listens at"):
                break
        else:
            sys.exit("the server did not start: " + open(self.work + "/log").read()[-2000:])
        self.port = int(re.search(r"localhost:(\d+)", said)[1])
        self.password = re.search(r"^ *password +(\S.*?) *$", said, re.M)[1]
        self.invite = re.search(r"Patient .*#/i/(\S+)", said)[1]

    def memory(self, what="VmRSS"):
        """KiB."""
        return int(re.search(what + r":\s+(\d+)", open(f"/proc/{self.process.pid}/status").read())[1])

    def heap(self):
        """KiB that were asked for and not given back; logs in the cache, which has its own limit, left out."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        line.request("GET", "/metrics")
        said = line.getresponse().read().decode()
        line.close()
        of = {name: int(value) for name, value in re.findall(r"^loadwave_(heap|log_cache)_bytes (\d+)$", said, re.M)}
        return (of["heap"] - of["log_cache"]) / 1024

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        self.log.close()
        log = open(self.work + "/log", errors="replace").read()
        if code != 0 or "Sanitizer" in log:
            reports = [line for line in log.splitlines() if not line.startswith("{")]
            fault(f"the server ended with {code}\n" + "\n".join(reports)[:6000])
        shutil.rmtree(self.work)


def kind_of(path):
    """/api/v1/patients/demo-01/events?after=0 → events"""
    parts = path.split("?")[0].removeprefix("/api/v1").split("/")[1:]
    return " ".join(part for part in parts if not re.search(r"[\dA-Z]", part))


class Client:
    """One person's browser: a connection that is kept, a cookie."""
    def __init__(self, server):
        self.server, self.cookie, self.line = server, "", None

    def call(self, method, path, body=None, want=(200,), fresh=False):
        if fresh or self.line is None:
            self.line = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=PATIENCE_S)
        headers = {"X-Loadwave": "1", "Content-Type": "application/json", "Cookie": self.cookie}
        began = time.monotonic()
        try:
            self.line.request(method, path, body=None if body is None else json.dumps(body), headers=headers)
            reply = self.line.getresponse()
            text = reply.read()
        except Exception as error:
            self.line.close()
            self.line = None
            fault(f"{method} {path}: {error!r} after {time.monotonic() - began:.1f} s")
            return None
        took = time.monotonic() - began
        count(f"{method} {kind_of(path)} {reply.status}")
        with lock:
            seen["slowest ms"] = max(seen["slowest ms"], int(took * 1000))
        if reply.status not in want:
            fault(f"{method} {path}: {reply.status} {text[:300]!r}")
            return None
        set_cookie = reply.getheader("Set-Cookie")
        if set_cookie:
            self.cookie = set_cookie.split(";")[0]
        return json.loads(text) if text[:1] in (b"{", b"[") else text


def sign_in(server, want=(200,)):
    staff = Client(server)
    me = staff.call("POST", "/api/v1/sign-in", {"login": "kim", "password": server.password}, want)
    staff.account = me["account"] if me else ""
    return staff


def event(kind, data, by="patient", patient="demo-01"):
    return {"v": 1, "id": str(uuid.uuid4()), "patient": patient, "kind": kind, "by": by, "data": data,
            "at": time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())}


def checkin(by="patient", patient="demo-01"):
    return event("checkin", {"pain_morning": random.randint(0, 4), "pain_test": random.randint(0, 4)}, by, patient)


def until(end, pause, work):
    def loop():
        while time.monotonic() < end:
            work()
            time.sleep(pause * random.uniform(0.5, 1.5))
    thread = threading.Thread(target=loop, daemon=True)
    thread.start()
    return thread


# ---- the good ones, mixed ----

def listen(server, cookie, seconds, read=True):
    line = socket.create_connection(("127.0.0.1", server.port), timeout=5)
    line.sendall(f"GET /api/v1/live HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nCookie: {cookie}\r\n\r\n".encode())
    if not read:
        return line
    end = time.monotonic() + seconds
    line.settimeout(0.3)
    got = b""
    while time.monotonic() < (end if got else end + PATIENCE_S):
        try:
            more = line.recv(4096)
            if not more:
                break
            got += more
        except socket.timeout:
            pass
    line.close()
    if not got.startswith((b"HTTP/1.1 200", b"HTTP/1.1 503", b"HTTP/1.1 429")):
        fault(f"a listener heard {got[:80]!r}")
    count("a stream came and went")
    return None


def mixed(server, seconds, pace=1.0, pool=None):
    """pool: events to take from; without one every event is new and the record grows."""
    end = time.monotonic() + seconds
    patient = Client(server)
    patient.call("POST", f"/api/v1/invites/{server.invite}/accept", {"label": "phone"})
    # the same person on a second device: the same cookie, a connection of its own
    second = Client(server)
    second.cookie = patient.cookie
    staff = [sign_in(server) for _ in range(2)]
    here = "/api/v1/patients/demo-01"
    repeat = checkin()
    day = time.strftime("%Y-%m-%d", time.gmtime())

    notes = pool and [event("note", {"text": "n"}, "clinician:" + staff[0].account) for _ in pool]

    def deliver(who):
        return lambda: who.call("POST", here + "/events", {"events": [random.choice(pool) if pool else checkin(), repeat]}, (200, 409))

    def note():
        one = random.choice(notes) if notes else event("note", {"text": "n"}, "clinician:" + staff[0].account)
        staff[0].call("POST", here + "/events", {"events": [one]}, (200, 409))

    def wrong():
        stranger = Client(server)
        stranger.call("GET", here + "/events", want=(401,))
        stranger.call("GET", "/api/v1/nothing", want=(404,))
        stranger.call("POST", "/api/v1/sign-in", {"login": "kim", "pass": 1}, (400, 422))
        patient2.call("POST", here + "/events", {"events": [{"v": 1}]}, (400, 422))
        stranger.line and stranger.line.close()

    patient2 = Client(server)
    patient2.cookie = patient.cookie

    def entering():
        one = sign_in(server, (200, 429, 503))
        one.line and one.line.close()

    workers = [until(end, 0.5 * pace, deliver(patient)), until(end, 0.5 * pace, deliver(second)), until(end, 0.7 * pace, note),
               until(end, 0.2 * pace, lambda: staff[1].call("GET", "/api/v1/queue")),
               until(end, 0.5 * pace, wrong), until(end, 3 * pace, entering)]
    reader = Client(server)
    reader.cookie = patient.cookie
    workers.append(until(end, 0.2 * pace, lambda: reader.call("GET", here + "/events?after=0&limit=100")))
    workers.append(until(end, 0.3 * pace, lambda: Client.call(reader2, "GET", f"{here}/plan?on={day}")))
    workers += [until(end, 0.2 * pace, lambda: listen(server, patient.cookie, random.uniform(0.2, 2))) for _ in range(3)]
    workers.append(until(end, 0.5 * pace, lambda: Client(server).call("GET", "/metrics")))
    return workers, end


# ---- the bad ones ----

class Bad:
    def __init__(self, server):
        self.server, self.number = server, 0

    def line(self):
        """A connection from the next address, 400 from each."""
        self.number += 1
        one = socket.socket()
        one.settimeout(5)
        one.setsockopt(socket.IPPROTO_IP, 24, 1)  # IP_BIND_ADDRESS_NO_PORT
        one.bind((f"127.0.1.{1 + self.number // 400}", 0))
        one.connect(("127.0.0.1", self.server.port))
        return one

    def head(self, method="POST", path="/api/v1/sign-in", more=""):
        return f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.server.port}\r\nX-Loadwave: 1\r\nContent-Type: application/json\r\n{more}".encode()


def gone(line):
    """Whether the server has ended the connection."""
    line.setblocking(False)
    try:
        while True:
            if not line.recv(65536):
                return True
    except BlockingIOError:
        return False
    except OSError:
        return True


def drip(lines, text, end):
    def loop():
        at = 0
        while time.monotonic() < end:
            for line in lines:
                try:
                    line.send(text[at % len(text):at % len(text) + 1])
                except OSError:
                    pass
            at += 1
            time.sleep(1)
    thread = threading.Thread(target=loop, daemon=True)
    thread.start()
    return thread


def push(bad, head, piece, most):
    """Sends until the server has had enough; what was sent, and what it said."""
    line, sent, heard = bad.line(), 0, b""
    try:
        line.sendall(head)
        while sent < most:
            line.sendall(piece)
            sent += len(piece)
    except OSError:
        pass
    try:
        heard = line.recv(4096)
    except OSError:
        pass
    line.close()
    return sent, heard


def siege(server, idle_count, seconds):
    end = time.monotonic() + seconds
    bad = Bad(server)
    patient = Client(server)
    patient.call("POST", f"/api/v1/invites/{server.invite}/accept", {"label": "phone"})
    before = server.memory()
    deaf = [listen(server, patient.cookie, 0, read=False) for _ in range(8)]
    good = [until(end, 0.2, lambda: Client(server).call("GET", "/healthz", fresh=True)),
            until(end, 0.5, lambda: patient.call("POST", "/api/v1/patients/demo-01/events", {"events": [checkin()]}, fresh=True))]
    idle = []
    for _ in range(idle_count):
        try:
            idle.append(bad.line())
        except OSError as error:
            fault(f"idle connection {len(idle)}: {error!r}")
            break
    slow_heads, slow_bodies, half = ([bad.line() for _ in range(n)] for n in (200, 50, 200))
    for line in slow_bodies:
        line.sendall(bad.head(more="Content-Length: 1000\r\n\r\n"))
    for line in half:
        line.sendall(bad.head()[:40])
    drips = [drip(slow_heads, bad.head(more="X-A: " + "a" * 500), end), drip(slow_bodies, b"{ " * 500, end)]
    most = server.memory()

    def hostile():
        nonlocal most
        sent, heard = push(bad, bad.head("GET", "/healthz", "X-Big: "), b"a" * 8192, 64 << 20)  # the kernel's buffers take some
        if b" 200 " in heard[:20] or sent >= 64 << 20:
            fault(f"endless headers: {sent} bytes were taken, {heard[:60]!r}")
        sent, heard = push(bad, bad.head(more=f"Content-Length: {1 << 40}\r\n\r\n"), b"a" * 65536, 64 << 20)
        if sent >= 64 << 20 or not (heard == b"" or b" 4" in heard[:15]):
            fault(f"a body of 1 TiB: {sent} bytes were taken, {heard[:60]!r}")
        sent, heard = push(bad, bad.head(more="Transfer-Encoding: chunked\r\n\r\n"), b"10000\r\n" + b"a" * 65536 + b"\r\n", 64 << 20)
        if sent >= 64 << 20 or b" 200 " in heard[:20]:
            fault(f"an endless body: {sent} bytes were taken, {heard[:60]!r}")
        push(bad, bad.head("GET", "/healthz", "\r\n") * 200 + os.urandom(4096), os.urandom(4096), 1 << 16)
        for text in (b"\0" * 4096, b"GET\r\n\r\n", b"\x16\x03\x01" + os.urandom(200), b"GET / HTTP/9.9\r\n\r\n" * 50):
            push(bad, text, b"", 0)
        count("a round of hostile requests")
        most = max(most, server.memory())

    storm = until(end, 1, hostile)
    for _ in idle:
        if time.monotonic() > end:
            break
        time.sleep(0.1)
        most = max(most, server.memory())
    while time.monotonic() < end:
        time.sleep(0.2)
        most = max(most, server.memory())
    for thread in good + drips + [storm]:
        thread.join(60)
    kinds = {"idle": idle, "slow headers": slow_heads, "half a request": half}
    patience = time.monotonic() + 30  # the last were opened later than the first; nothing is sent any more
    left = {name: sum(not gone(line) for line in lines) for name, lines in kinds.items()}
    while any(left.values()) and time.monotonic() < patience:
        time.sleep(1)
        left = {name: sum(not gone(line) for line in lines) for name, lines in kinds.items()}
    print(f"{len(idle)} idle; still open after {seconds} s: {left}; resident {before // 1024} MiB before, {most // 1024} MiB at most")
    for name, number in left.items():
        if number > 0:
            fault(f"{number} connections of the kind '{name}' outlived their time")
    allowed = BASE_MIB * 1024 + LINK_KIB * (idle_count + 458)
    if most > allowed:
        fault(f"resident {most} KiB, {allowed} KiB are stated")
    after = patient.call("GET", "/api/v1/patients/demo-01/events?after=0&limit=1", fresh=True)
    if not after:
        fault("after it all the record is not read")
    for line in deaf + idle + slow_heads + slow_bodies + half:
        line.close()


def replace(staff, guests):
    """A patient comes, has a record written and read, and the one who came GUESTS before is erased with all of it."""
    name = f"guest-{uuid.uuid4()}"
    if not staff.call("POST", "/api/v1/patients", {"name": "Guest", "patient": name}):
        return
    there, by = f"/api/v1/patients/{name}", "clinician:" + staff.account
    guests.append(name)
    for _ in range(3):
        staff.call("POST", there + "/events", {"events": [checkin(by, name) for _ in range(10)]}, (200, 409))
    staff.call("GET", there + "/plan?on=" + time.strftime("%Y-%m-%d", time.gmtime()), want=(200, 404, 409, 422))
    staff.call("GET", there + "/events?after=0&limit=100")
    if len(guests) > GUESTS:
        gone = guests.pop(0)
        staff.call("DELETE", f"/api/v1/patients/{gone}?confirm={gone}")
        count("a patient was replaced")


def fill(staff):
    """
    Writes more than the database keeps of its pages in memory (8 MiB, sql_sqlite.c), and gives it back: from then on that memory is at
    its most, and what is written goes where something was before.
    """
    text = "n" * 1900
    for name in [f"filler-{i}" for i in range(12)]:
        staff.call("POST", "/api/v1/patients", {"name": "Filler", "patient": name})
        for _ in range(50):
            staff.call("POST", f"/api/v1/patients/{name}/events",
                       {"events": [event("note", {"text": text}, "clinician:" + staff.account, name) for _ in range(10)]}, (200, 409))
    for i in range(12):
        staff.call("DELETE", f"/api/v1/patients/filler-{i}?confirm=filler-{i}")


def soak(server, seconds):
    fill(reader2)
    workers, end = mixed(server, seconds, 0.5, [checkin() for _ in range(POOL)])
    staff, guests = sign_in(server), []
    workers.append(until(end, 0.5, lambda: replace(staff, guests)))
    samples, began = [], time.monotonic()
    while time.monotonic() < end:
        time.sleep(1)
        samples.append(((time.monotonic() - began) / 60, server.heap(), server.memory()))
    for thread in workers:
        thread.join(60)
    # The first third warms up. Of the others the least: a password's hash takes 64 MiB for a moment, which is no leak.
    third = len(samples) // 3
    least = [min(kib for _, kib, _ in samples[i * third:(i + 1) * third]) for i in range(3)]
    slope = (least[2] - least[1]) / (samples[third][0] - samples[0][0])
    print(f"{seconds} s: heap at least {' / '.join(f'{kib / 1024:.2f}' for kib in least)} MiB in each third, resident at most "
          f"{max(kib for _, _, kib in samples) / 1024:.1f} MiB; from the second third to the last {slope:.0f} KiB a minute, {SLOPE_KIB} allowed")
    if slope > SLOPE_KIB:
        fault(f"the heap climbs by {slope:.0f} KiB a minute")


def main():
    global reader2
    random.seed(int(os.environ.get("SEED", "1")))
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    server = Server()
    reader2 = sign_in(server)
    try:
        if sys.argv[1] == "siege":
            siege(server, int(sys.argv[2]), int(sys.argv[3]))
        elif sys.argv[1] == "soak":
            soak(server, int(sys.argv[2]))
        else:
            workers, _ = mixed(server, int(sys.argv[2]))
            for thread in workers:
                thread.join(int(sys.argv[2]) + 60)
    finally:
        server.stop()
    print(", ".join(f"{name}: {number}" for name, number in sorted(seen.items())))
    print(f"{len(faults)} faults")
    sys.exit(1 if faults or not seen else 0)


main()
