#!/usr/bin/env python3
"""Writes the files that the tests of imports read; none of them is anybody's: every place and time is computed.

make_files.py FOLDER            all of them
make_files.py --fits FOLDER COUNT  FIT files, a seed each, as devices vary them: byte order, compressed times, chains, developer fields,
                                unknown messages, damage; the oracle's comparison makes many
make_files.py --fit-on DATE FILE [MINUTES]   the run of run.fit on another day
make_files.py --big-fit FILE    a FIT file of some megabytes, for the bench
make_files.py --health BYTES    an Apple Health export of so many bytes, to standard output
"""
import gzip
import io
import math
import pathlib
import random
import struct
import sys
import zipfile
from datetime import datetime, timedelta, timezone

FIT_EPOCH = 631065600
T0 = int(datetime(2026, 3, 6, 6, 5, tzinfo=timezone.utc).timestamp())


class Fit:
    """A writer of FIT files: exactly what a test asks for, right or wrong."""

    SIZES = {0x00: "B", 0x01: "b", 0x02: "B", 0x83: "h", 0x84: "H", 0x85: "i", 0x86: "I", 0x0A: "B", 0x8B: "H", 0x8C: "I"}

    def __init__(self, big=False, header=14):
        self.big, self.header, self.body = big, header, bytearray()

    def order(self):
        return ">" if self.big else "<"

    def define(self, local, number, fields, developer=()):
        """fields: (number, size, base type); developer: sizes of developer fields."""
        self.body += bytes([0x40 | local | (0x20 if developer else 0), 0, self.big])
        self.body += struct.pack(self.order() + "HB", number, len(fields))
        for field in fields:
            self.body += bytes(field)
        if developer:
            self.body += bytes([len(developer)])
            for index, size in enumerate(developer):
                self.body += bytes([index, size, 0])

    def data(self, local, fields, values, extra=b"", compressed=None):
        self.body.append(0x80 | local << 5 | compressed if compressed is not None else local)
        for (_, size, base), value in zip(fields, values):
            if isinstance(value, bytes):
                self.body += value.ljust(size, b"\0")[:size]
            else:
                self.body += struct.pack(self.order() + self.SIZES[base], value)
        self.body += extra

    def bytes(self):
        head = bytearray(struct.pack("<BBHI4s", self.header, 0x20, 2140, len(self.body), b".FIT"))
        if self.header >= 14:
            head += struct.pack("<H", crc16(head)) + bytes(self.header - 14)
        whole = bytes(head) + bytes(self.body)
        return whole + struct.pack("<H", crc16(whole))


def crc16(data):
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc


FILE_ID = [(0, 1, 0x00), (1, 2, 0x84), (4, 4, 0x86)]
RECORD = [(253, 4, 0x86), (0, 4, 0x85), (1, 4, 0x85), (2, 2, 0x84), (5, 4, 0x86), (3, 1, 0x02), (6, 2, 0x84)]
EVENT = [(253, 4, 0x86), (0, 1, 0x00), (1, 1, 0x00)]
SESSION = [(253, 4, 0x86), (2, 4, 0x86), (7, 4, 0x86), (8, 4, 0x86), (9, 4, 0x86), (5, 1, 0x00), (6, 1, 0x00)]
ACTIVITY = [(253, 4, 0x86), (5, 4, 0x86)]
SET = [(254, 4, 0x86), (0, 4, 0x86), (3, 2, 0x84), (4, 2, 0x84), (5, 1, 0x00), (6, 4, 0x86), (7, 2, 0x84)]


def semicircles(degrees):
    return int(degrees * 2**31 / 180)


def course(seconds, speed, start=0, lat=48.5, lon=8.5):
    """Samples of somebody going round a gentle curve: (second, lat, lon, height, metres)."""
    metres = 0.0
    for second in range(seconds + 1):
        yield second, lat, lon, 100 + 20 * math.sin(second / 200), start + metres
        heading = second / 300
        step = speed
        lat += step * math.cos(heading) / 111195.08
        lon += step * math.sin(heading) / (111195.08 * math.cos(math.radians(lat)))
        metres += step


def fit_run(start=T0, minutes=20, pause=0, speed=3.0, sport=1, offset=3600, big=False):
    """A run with, when asked for, a pause in the middle."""
    fit, at = Fit(big), start - FIT_EPOCH
    fit.define(0, 0, FILE_ID)
    fit.data(0, FILE_ID, (4, 1, at))
    fit.define(1, 20, RECORD)
    fit.define(2, 21, EVENT)
    fit.data(2, EVENT, (at, 0, 0))
    half = minutes * 30
    for second, lat, lon, height, metres in course(minutes * 60, speed):
        later = pause if second > half else 0
        if second == half + 1 and pause:
            fit.data(2, EVENT, (at + half, 0, 4))
            fit.data(2, EVENT, (at + half + pause, 0, 0))
        fit.data(1, RECORD, (at + second + later, semicircles(lat), semicircles(lon), int(5 * (height + 500)),
                             int(metres * 100), 140, int(speed * 1000)))
    end = at + minutes * 60 + pause
    fit.data(2, EVENT, (end, 0, 4))
    fit.define(3, 18, SESSION)
    fit.data(3, SESSION, (end, at, (minutes * 60 + pause) * 1000, minutes * 60000, int(minutes * 60 * speed * 100), sport, 0))
    fit.define(4, 34, ACTIVITY)
    fit.data(4, ACTIVITY, (end, end + offset))
    return fit.bytes()


def fit_strength(start=T0 + 86400):
    fit, at = Fit(), start - FIT_EPOCH
    fit.define(0, 0, FILE_ID)
    fit.data(0, FILE_ID, (4, 1, at))
    fit.define(5, 225, SET)
    for number in range(3):
        fit.data(5, SET, (at, 45000, 12, 16 * 20, 1, at + 120 * number, 8))
        fit.data(5, SET, (at, 60000, 0xFFFF, 0xFFFF, 0, at + 120 * number + 45, 0xFFFF))
    fit.define(3, 18, SESSION)
    fit.data(3, SESSION, (at + 900, at, 900000, 880000, 0xFFFFFFFF, 10, 20))
    fit.define(4, 34, ACTIVITY)
    fit.data(4, ACTIVITY, (at + 900, at + 900 + 3600))
    return fit.bytes()


def fit_gym(start=T0 + 86400):
    """Sets of four exercises: a deadlift and a good morning by number, one with a category alone, one that nothing names."""
    fit, at = Fit(), start - FIT_EPOCH
    fit.define(0, 0, FILE_ID)
    fit.data(0, FILE_ID, (4, 1, at))
    named = SET + [(8, 2, 0x84)]
    fit.define(5, 225, named)
    sets = [(8, 0, 8, 40)] * 3 + [(15, 2, 10, 15)] * 2 + [(28, 0xFFFF, 12, 20)] + [(0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF)]
    for number, (category, name, reps, kg) in enumerate(sets):
        weight = kg * 16 if kg != 0xFFFF else kg
        fit.data(5, named, (at, 45000, reps, weight, 1, at + 120 * number, category, name))
    fit.define(3, 18, SESSION)
    fit.data(3, SESSION, (at + 1500, at, 1500000, 1480000, 0xFFFFFFFF, 10, 20))
    fit.define(4, 34, ACTIVITY)
    fit.data(4, ACTIVITY, (at + 1500, at + 1500 + 3600))
    return fit.bytes()


def iso(second):
    return datetime.fromtimestamp(second, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def gpx(start=T0, minutes=20, speed=3.0, kind="running", pause=0, times=True, doctype=""):
    out = ['<?xml version="1.0" encoding="UTF-8"?>', doctype,
           '<gpx version="1.1" creator="a test" xmlns="http://www.topografix.com/GPX/1/1">', "<trk><name>Morning &amp; evening</name>",
           f"<type>{kind}</type>" if kind else "", "<trkseg>"]
    half = minutes * 30
    for second, lat, lon, height, _ in course(minutes * 60, speed):
        if second == half + 1 and pause:
            out.append("</trkseg><trkseg>")
        when = f"<time>{iso(start + second + (pause if second > half else 0))}</time>" if times else ""
        out.append(f'<trkpt lat="{lat:.7f}" lon="{lon:.7f}"><ele>{height:.1f}</ele>{when}</trkpt>')
    return "\n".join(out + ["</trkseg></trk></gpx>", ""])


def tcx(start=T0, minutes=20, speed=3.0, sport="Running"):
    out = ['<?xml version="1.0"?>', '<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2">',
           f'<Activities><Activity Sport="{sport}"><Id>{iso(start)}</Id>', f'<Lap StartTime="{iso(start)}">',
           f"<TotalTimeSeconds>{minutes * 60}.0</TotalTimeSeconds><DistanceMeters>{minutes * 60 * speed}</DistanceMeters><Track>"]
    for second, lat, lon, height, metres in course(minutes * 60, speed):
        out.append(f"<Trackpoint><Time>{iso(start + second)}</Time><Position><LatitudeDegrees>{lat:.7f}</LatitudeDegrees>"
                   f"<LongitudeDegrees>{lon:.7f}</LongitudeDegrees></Position><AltitudeMeters>{height:.1f}</AltitudeMeters>"
                   f"<DistanceMeters>{metres:.2f}</DistanceMeters></Trackpoint>")
    return "\n".join(out + ["</Track></Lap></Activity></Activities></TrainingCenterDatabase>", ""])


def strava():
    """An archive in German: localised headers, dates in words, a decimal comma, a column twice, a row without a file."""
    rows = ["Aktivitäts-ID,Aktivitätsdatum,Name der Aktivität,Aktivitätsart,Beschreibung,Verstrichene Zeit,Distanz,Dateiname,Distanz",
            '1,"06.03.2026, 06:05:00","Morgen, früh",Lauf,,1200,"3,60",activities/1.fit.gz,3600.0',
            '2,"11.03.2026, 06:05:00",Ohne Art,Lauf,"mit ""Zitat"" und\nZeile",1200,"3,60",activities/2.gpx,3600.0',
            '3,"08.03.2026, 06:05:00",Rad,Radfahrt,,1200,"9,60",activities/3.tcx.gz,9600.0',
            '4,"09.03.2026, 06:05:00",Von Hand,Lauf,,1200,"3,60",,3600.0']
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("activities.csv", "\n".join(rows) + "\n")
        archive.writestr("activities/1.fit.gz", gzip.compress(fit_run(), mtime=0))
        archive.writestr("activities/2.gpx", gpx(start=T0 + 5 * 86400, kind=""))
        archive.writestr("activities/3.tcx.gz", gzip.compress(tcx(start=T0 + 2 * 86400, speed=8.0, sport="Biking").encode(), mtime=0))
        archive.writestr("profile.csv", "nothing of ours\n")
    return out.getvalue()


HEALTH_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE HealthData [
<!-- HealthKit Export Version: 12 -->
<!ELEMENT HealthData (ExportDate,Me,(Record|Workout)*)>
<!ATTLIST HealthData
  locale CDATA #REQUIRED
<!ELEMENT Broken (
<!ATTLIST InstantaneousBeatsPerMinute
  bpm CDATA #REQUIRED
  time CDATA #REQUIRED
]>
<HealthData locale="en_DE">
 <ExportDate value="2026-03-20 08:00:00 +0100"/>
 <Me HKCharacteristicTypeIdentifierDateOfBirth="1986-01-01"/>
"""


def health_workout(kind, start, minutes, km, source="Watch", pause=0, climb=None, offset=1, way=None):
    zone = timezone(timedelta(hours=offset))
    local = lambda second: datetime.fromtimestamp(second, zone).strftime("%Y-%m-%d %H:%M:%S %z")
    out = [f' <Workout workoutActivityType="HKWorkoutActivityType{kind}" duration="{minutes}" durationUnit="min" '
           f'sourceName="{source}" sourceVersion="9" creationDate="{local(start + minutes * 60)}" startDate="{local(start)}" '
           f'endDate="{local(start + minutes * 60 + pause)}">']
    if km is not None:
        out.append(f'  <WorkoutStatistics type="HKQuantityTypeIdentifierDistanceWalkingRunning" startDate="{local(start)}" '
                   f'endDate="{local(start + minutes * 60)}" sum="{km}" unit="km"/>')
    if climb is not None:
        out.append(f'  <MetadataEntry key="HKElevationAscended" value="{climb} cm"/>')
    if way is not None:
        out.append(f'  <WorkoutRoute sourceName="{source}"><FileReference path="{way}"/></WorkoutRoute>')
    return "\n".join(out + [" </Workout>", ""])


def health_records(number):
    at = datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=1))) + timedelta(seconds=7 * number)
    day = at.strftime("%Y-%m-%d %H:%M:%S %z")
    return (f' <Record type="HKQuantityTypeIdentifierStepCount" sourceName="Phone\x0b" unit="count" creationDate="{day}" '
            f'startDate="{day}" endDate="{day}" value="{number % 50}"/>\n')


def health(records=50):
    out = [HEALTH_HEAD]
    for number in range(records):
        out.append(health_records(number))
    out.append(health_workout("Running", T0, 20, 3.6, pause=300, climb=2500))
    out.append(health_workout("Running", T0 + 60, 19, None, source="Another app"))  # the same run, told by another program
    out.append(health_workout("Walking", T0 + 86400, 35, 2.8))
    out.append(health_workout("TraditionalStrengthTraining", T0 + 2 * 86400, 40, None))
    out.append("</HealthData>\n")
    return "".join(out)


def ways():
    """A health export with the files of its ways: one fits, one is of another day, one is not there, one lies outside."""
    xml = HEALTH_HEAD + health_workout("Running", T0, 20, 3.6, pause=300, way="/workout-routes/one.gpx")
    xml += health_workout("Walking", T0 + 86400, 20, None, way="/workout-routes/one.gpx")
    xml += health_workout("Cycling", T0 + 2 * 86400, 20, 7, way="/workout-routes/gone.gpx")
    xml += health_workout("Hiking", T0 + 3 * 86400, 20, 2, way="/../../etc/passwd") + "</HealthData>\n"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("apple_health_export/export.xml", xml)
        archive.writestr("apple_health_export/workout-routes/one.gpx", gpx(kind="", pause=300))
    return out.getvalue()


def lied(size):
    """An archive whose directory claims that its member unpacks to so many bytes."""
    whole = bytearray(zipped("activities/1.gpx", gpx(start=T0 + 6 * 86400)))
    at = whole.rindex(b"PK\x01\x02")
    whole[at + 24:at + 28] = struct.pack("<I", size)
    return bytes(whole)


def zipped(name, data):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return out.getvalue()


LAUGHS = ('<!DOCTYPE gpx [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {chr(98 + i)} "{("&" + chr(97 + i) + ";") * 10}">' for i in range(9)) + "]>")
OUTSIDE = '<!DOCTYPE gpx [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


def varied(seed):
    """A FIT file as no device would write it twice: for the comparison with other readers."""
    rng = random.Random(seed)
    parts = []
    for part in range(rng.choice((1, 1, 1, 2, 3))):
        fit = Fit(big=rng.random() < 0.4, header=rng.choice((12, 14, 14)))
        at = T0 - FIT_EPOCH + part * 100000
        fit.define(0, 0, FILE_ID)
        fit.data(0, FILE_ID, (4, rng.randrange(300), at))
        developer = tuple(rng.choice((1, 2, 4)) for _ in range(rng.randrange(3)))
        fields = list(RECORD) + [(number, 1, 0x02) for number in rng.sample((4, 13, 30, 50), rng.randrange(4))]
        extra = rng.random() < 0.5
        rng.shuffle(fields)
        fit.define(1, 20, fields, developer)
        if extra:
            fit.define(6, 0xFF00 + rng.randrange(20), [(253, 4, 0x86), (1, 3, 0x0D), (2, 5, 0x07)])
        bare = [field for field in fields if field[0] != 253]
        fit.define(2, 20, bare)
        compressed = rng.random() < 0.4
        last = None
        for second, lat, lon, height, metres in course(rng.randrange(20, 400), rng.uniform(1.5, 4)):
            values = {253: at + second, 0: semicircles(lat), 1: semicircles(lon), 2: int(5 * (height + 500)), 5: int(metres * 100),
                      3: 150, 6: 3000}
            gap = last is not None and compressed and rng.random() < 0.7
            some = bare if gap else fields
            row = [values.get(number, rng.randrange(100)) for number, _, _ in some]
            if gap:
                fit.data(2, some, row, compressed=(at + second) & 31)
            else:
                fit.data(1, some, row, extra=bytes(rng.randrange(256) for _ in range(sum(developer))))
                last = second
            if extra and rng.random() < 0.2:
                fit.data(6, [(253, 4, 0x86), (1, 3, 0x0D), (2, 5, 0x07)], (at + second, b"@@@", b"ab"))
        fit.define(3, 18, SESSION)
        fit.data(3, SESSION, (at + second, at, second * 1000, second * 1000, int(metres * 100), 1, 0))
        parts.append(fit.bytes())
    return b"".join(parts)


def main():
    if sys.argv[1] == "--fits":
        for seed in range(1, int(sys.argv[3]) + 1):
            (pathlib.Path(sys.argv[2]) / f"{seed}.fit").write_bytes(varied(seed))
        return
    if sys.argv[1] == "--fit-on":
        start = int(datetime.fromisoformat(sys.argv[2] + "T06:05:00+00:00").timestamp())
        pathlib.Path(sys.argv[3]).write_bytes(fit_run(start=start, pause=300, minutes=int((sys.argv + [20])[4])))
        return
    if sys.argv[1] == "--big-fit":
        pathlib.Path(sys.argv[2]).write_bytes(fit_run(minutes=60 * 72))
        return
    if sys.argv[1] == "--health":
        most, written, number = int(sys.argv[2]), 0, 0
        out = sys.stdout.buffer
        out.write(HEALTH_HEAD.encode())
        block = "".join(health_records(i) for i in range(20000)).encode()
        day = 0
        while written < most - len(block) - 4096:
            out.write(block)
            workout = health_workout("Running", T0 - 86400 * (day % 3000), 20, 3.6).encode()
            out.write(workout)
            written += len(block) + len(workout)
            day += 1
        out.write(b"</HealthData>\n")
        return
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    run = fit_run(pause=300)
    files = {
        "run.fit": run,
        "run.fit.gz": gzip.compress(run, mtime=0),
        "big-endian.fit": fit_run(start=T0 + 3 * 86400, big=True),
        "cut.fit": run[: len(run) // 2],
        "crc.fit": run[:-1] + bytes([run[-1] ^ 1]),
        "strength.fit": fit_strength(),
        "gym.fit": fit_gym(),
        "clockless.fit": fit_run(start=FIT_EPOCH + 5000),
        "future.fit": fit_run(start=T0 + 100 * 365 * 86400 // 10),
        "course.fit": fit_run()[:30] + b"\x06" + fit_run()[31:],
        "run.gpx": gpx().encode(),
        "pause.gpx": gpx(pause=600).encode(),
        "untyped.gpx": gpx(start=T0 + 5 * 86400, kind="").encode(),
        "route.gpx": gpx(times=False).encode(),
        "laughs.gpx": gpx(doctype=LAUGHS).replace("Morning", "&j;").encode(),
        "outside.gpx": gpx(doctype=OUTSIDE).replace("Morning", "&x;").encode(),
        "cut.gpx": gpx().encode()[:5000],
        "deep.gpx": ("<gpx>" + "<a>" * 5000 + "</a>" * 5000 + "</gpx>").encode(),
        "run.tcx": tcx().encode(),
        "strava.zip": strava(),
        "export.xml": health().encode(),
        "export.zip": zipped("apple_health_export/export.xml", health()),
        "ways.zip": ways(),
        "lied.zip": lied(0xFFFFFFFE),
        "outside.zip": zipped("../../../etc/cron.d/evil.gpx", gpx(start=T0 + 7 * 86400)),
        "encrypted.zip": zipped("activities/1.gpx", gpx()).replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01").replace(b"PK\x03\x04\x14\x00\x00", b"PK\x03\x04\x14\x00\x01"),
        "bomb.gpx.gz": gzip.compress(b"<gpx>" + b" " * (64 << 20), mtime=0),
        "bomb.zip": zipped("activities/1.gpx", b"<gpx>" + b" " * (64 << 20)),
        "cut.zip": strava()[:-200],
        "runs.csv": ('Date;Sport;Moving Time;Distance;Pain\n06.03.2026 07:05;Running;20:00;"3,60";2\n'
                     "07.03.2026 07:05;Walking;1:05:00;5,2;\n08.03.2026 07:05;Running;abc;3,0;1\n").encode(),
        "edges.csv": ("start,minutes,type\n2026-03-29 02:30,20,walk\n2026-10-25 02:30,20,walk\n2026-02-27 23:50,30,walk\n"
                      "2025-12-31T23:55:00-10:00,30,walk\n").encode(),
        "nothing.txt": b"\x00\x01\x02 not a recording",
        "empty.fit": b"",
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)


main()
