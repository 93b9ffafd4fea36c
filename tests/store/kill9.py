#!/usr/bin/env python3
"""Kills a writing server with kill -9 at seeded random points, and looks each time whether anything acknowledged is gone.

usage: kill9.py LOADWAVE WORK [STORE]   with KILLS and SEED in the environment

WORK is an empty folder. STORE is the address of an empty PostgreSQL database; without it the store is a SQLite file in WORK.

Four phones send check-ins over HTTP, each the next one when the last was answered with 200. The server is killed at a random moment
of its first 0.4 s of writing; every fifth time at a random moment of its start, when it may still be recovering from the kill
before. After each kill, before anything else opens the store, `loadwave doctor` reads all of it: pages, every patient's chain, the
audit's chain, every projection against a fresh fold. Then every event that was ever acknowledged must be there, once. What a
phone had sent without an answer it sends again to the next server, as a phone does: it may have been stored, and must then be
taken for a repeat. To keep the folds short there are new patients after every 25 kills, and the old ones are erased.
"""
import datetime
import http.client
import json
import os
import random
import sqlite3
import subprocess
import sys
import threading
import time
import uuid

PHONES, EPOCH, READY_S, WRITING_S = 4, 25, 60, 0.4
loadwave, work = sys.argv[1], sys.argv[2]
postgres = sys.argv[3] if len(sys.argv) > 3 else None
store = postgres or f"{work}/store.db"
kills, seed = int(os.environ.get("KILLS", "25")), int(os.environ.get("SEED", "1"))
chance = random.Random(seed)


def fail(*words):
    print(f"FAILED (SEED={seed}):", *words, file=sys.stderr)
    if server is not None:
        server.kill()
    sys.exit(1)


class Server:
    def __init__(self, *more):
        self.log = open(f"{work}/log", "wb")
        self.process = subprocess.Popen([loadwave, "serve", "--store", store, "--listen", "127.0.0.1:0", *more],
                                        stdout=subprocess.PIPE, stderr=self.log, env=dict(os.environ, LW_TEST_RATES="off"))
        self.said = ""

    def ready(self):
        """Waits until it has said its address; False when it has ended instead."""
        for line in iter(self.process.stdout.readline, b""):
            self.said += line.decode()
            if line.startswith(b"Loadwave listens at"):
                self.port = int(line.split(b"://localhost:")[1].split(b"/")[0])
                return True
        return False

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.log.close()


def started(*more):
    """A server that is ready. PostgreSQL needs a moment to see that the one before is gone and its lock free."""
    for _ in range(50):
        one = Server(*more)
        if one.ready():
            return one
        one.kill()
        said = open(f"{work}/log").read()
        if "holds this PostgreSQL store" not in said:
            fail("the server did not start:", one.said, said)
        time.sleep(0.1)
    fail("the killed server still holds the store")


class Client:
    """One connection that is kept, with the cookie of one sign-in."""

    def __init__(self, port, cookie=""):
        self.link, self.cookie = http.client.HTTPConnection("127.0.0.1", port, timeout=30), cookie

    def call(self, method, path, body=None):
        self.link.request(method, "/api/v1" + path, None if body is None else json.dumps(body),
                          {"X-Loadwave": "1", "Content-Type": "application/json", "Cookie": self.cookie})
        answer = self.link.getresponse()
        text = answer.read()
        self.cookie = (answer.getheader("Set-Cookie") or self.cookie).split(";")[0]
        return answer.status, json.loads(text) if text else None

    def must(self, *what):
        status, answer = self.call(*what)
        if status // 100 != 2:
            fail(what, status, answer)
        return answer


class Phone(threading.Thread):
    """One patient; outlives the servers, so that `waiting` is what was sent without an answer."""
    repeats = acknowledged = 0

    def __init__(self, patient, cookie):
        self.patient, self.cookie = patient, cookie
        self.number, self.waiting, self.kept, self.wrong = 0, None, set(), None

    def run_on(self, port):
        threading.Thread.__init__(self)
        self.port, self.first = port, threading.Event()
        self.start()

    def event(self):
        self.number += 1
        at = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S+00:00")
        return {"v": 1, "id": str(uuid.UUID(int=chance_id.getrandbits(128), version=4)), "patient": self.patient,
                "kind": "checkin", "at": at, "by": "patient",
                "data": {"pain_morning": self.number % 5, "stiffness_min": self.number % 30, "pain_test": self.number % 4}}

    def run(self):
        client = Client(self.port, self.cookie)
        again = self.waiting is not None
        try:
            while True:
                self.waiting = self.waiting or self.event()
                status, answer = client.call("POST", f"/patients/{self.patient}/events", {"events": [self.waiting]})
                if status != 200:
                    if status // 100 != 5: # a busy server may say so
                        self.wrong = (self.waiting, status, answer)
                        return
                    continue
                self.kept.add(self.waiting["id"].replace("-", ""))
                Phone.acknowledged += 1
                Phone.repeats += answer["repeated"] if again else 0
                self.waiting, again = None, False
                self.first.set()
        except (OSError, http.client.HTTPException, ValueError):
            pass # killed


def new_patients(round):
    client = Client(server.port)
    password = next(l.split()[1] for l in first_words.splitlines() if l.split()[:1] == ["password"])
    client.must("POST", "/sign-in", {"login": "kim", "password": password})
    for old in phones:
        client.must("DELETE", f"/patients/{old.patient}?confirm={old.patient}")
    fresh = []
    for i in range(PHONES):
        patient = f"k{round}-{i}"
        client.must("POST", "/patients", {"name": "Somebody", "patient": patient})
        token = client.must("POST", f"/patients/{patient}/invite")["token"]
        guest = Client(server.port)
        guest.must("POST", f"/invites/{token}/accept", {"label": "phone"})
        fresh.append(Phone(patient, guest.cookie))
    return fresh


def stored(patient):
    if postgres:
        text = subprocess.run(["psql", "-AtX", "-c", f"SELECT encode(id, 'hex') FROM event WHERE patient = '{patient}'", postgres],
                              check=True, capture_output=True, text=True).stdout
        return text.split()
    link = sqlite3.connect(f"file:{store}?mode=ro", uri=True)
    rows = [r[0].hex() for r in link.execute("SELECT id FROM event WHERE patient = ?", (patient,))]
    link.close()
    return rows


def look(number):
    doctor = subprocess.run([loadwave, "doctor", store], capture_output=True, text=True)
    if doctor.returncode != 0:
        fail(f"kill {number}: doctor:", doctor.stdout, doctor.stderr)
    for phone in phones:
        if phone.wrong is not None:
            fail(f"kill {number}: not taken:", phone.wrong)
        rows = stored(phone.patient)
        lost = phone.kept - set(rows)
        if lost:
            fail(f"kill {number}: acknowledged and lost: {phone.patient} {sorted(lost)}")
        if len(rows) != len(set(rows)):
            fail(f"kill {number}: stored twice: {phone.patient}")


server, phones = None, []
chance_id = random.Random(seed + 1000000)
began = time.monotonic()
server = started("--demo")
first_words, start_s, starting = server.said, 0.1, 0
for number in range(1, kills + 1):
    if server is None:
        before = time.monotonic()
        if number % 5 == 0 and number % EPOCH != 1:
            server = Server()
            time.sleep(chance.random() * start_s)
            server.kill()
            server, starting = None, starting + 1
            look(number)
            continue
        server = started()
        start_s = time.monotonic() - before
    if number % EPOCH == 1:
        phones = new_patients(number)
    for phone in phones:
        phone.run_on(server.port)
    for phone in phones:
        if not phone.first.wait(10) and phone.wrong is None:
            fail(f"kill {number}: a phone hears nothing")
    time.sleep(chance.random() * WRITING_S)
    server.kill()
    server = None
    for phone in phones:
        phone.join()
    look(number)
    if number % 100 == 99:
        print(f"{number} kills, {Phone.acknowledged} acknowledged, {time.monotonic() - began:.0f} s", flush=True)
if Phone.acknowledged < kills * 4:
    fail("hardly anything was written:", Phone.acknowledged)
print(f"killed {kills} times (SEED={seed}; {starting} of them at the start) over {'PostgreSQL' if postgres else 'SQLite'}: "
      f"{Phone.acknowledged} check-ins acknowledged, none lost, {Phone.repeats} sent again that had been stored, "
      f"every chain and projection as it must be, {time.monotonic() - began:.0f} s")
