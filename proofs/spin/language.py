"""Reads a protocol text into plain lists: numbers, exercises, stages, rules. A second reader, written from
docs/protocol-language.md alone; it shares nothing with the compiler but the tables of words (src/protocol/vocabulary.h)
and the table of what a protocol owes (src/prove/requirements.h), which are specification.

A condition is a list of conjuncts; a conjunct is (k, [atoms]): at least k of them hold. Pains and efforts stand in hundredths.
"""
import pathlib
import re
from collections import namedtuple

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
Atom = namedtuple("Atom", "fact op value n m")  # n of m days; n is 0 for today
Rule = namedtuple("Rule", "number id title when action argument line")
Requirement = namedtuple("Requirement", "property source action argument first second")
HUNDREDTHS = ("NPRS", "RPE", "KG", "BAR", "EFD")
UNITS = ("nprs rpe % day days week weeks hour hours min minute minutes year years rep reps point points session sessions "
         "contact contacts kg bar mj/mm² hz impulse impulses").split()
OPERATORS = [("at most", "<="), ("at least", ">="), ("below", "<"), ("above", ">"), ("is not", "!="), ("is", "==")]
WORDS = {"open running": "RUN_OPEN", "next run level": "RUN_NEXT", "open hills and speed": "FAST_OPEN", "next speed": "SPEED_NEXT",
         "clear for sport": "CLEAR_SPORT", "expected soreness": "EXPECTED", "hold stage": "HOLD_STAGE", "leave out": "SWAP",
         "de load": "DELOAD", "irritability": "IRRITABLE", "stop": "STOP", "review": "REVIEW", "label": "LABEL", "enter": "ENTER",
         "advance": "ADVANCE", "flare": "FLARE", "hold": "HOLD", "raise": "RAISE", "cap": "CAP", "avoid": "AVOID", "fine": "OK",
         "advise": "ADVISE", "shockwave": "SHOCKWAVE"}
ARGUMENTS = {"ENTER": "stage", "ADVANCE": "stage", "FLARE": "none minor major", "REVIEW": "none routine urgent",
             "SHOCKWAVE": "forbid clinician close postpone wait offer"}


def plain(text):
    return re.sub(r"\s+", " ", re.sub(r"[-_]", " ", text.lower())).strip()


class Language:
    """The words: facts by name with unit and word list, parameters by name."""

    def __init__(self):
        text = (ROOT / "src/protocol/vocabulary.h").read_text()
        start = text.index("define LW_PARAMS")
        facts_at = text.index("define LW_FACTS")
        end = text.index("LW_FACT_TEST")
        row = re.compile(r'X\((\w+), "([^"]+)", (\w+), "([^"]*)"\)')
        self.facts = {}
        self.by_name = {}
        for symbol, name, unit, words in row.findall(text[facts_at:end]):
            self.facts[symbol] = (plain(name), unit, [plain(w) for w in words.split()])
            self.by_name[plain(name)] = symbol
        self.params = {plain(name): symbol for symbol, name in re.findall(r'X\((\w+), "([^"]+)", \w+, [\d]', text[start:facts_at])}
        caps = text[text.index("define LW_CAPS"):text.index("typedef enum lw_cap")]
        self.caps = {symbol: plain(word) for symbol, word in re.findall(r'X\((\w+), "([^"]+)"\)', caps)}
        self.names = sorted(self.by_name, key=len, reverse=True)

    def unit(self, fact):
        return self.facts[fact][1] if fact in self.facts else "NPRS"

    def words(self, fact):
        return self.facts[fact][2] if fact in self.facts else []


class Conditions:
    """Reads conditions off the front of a text."""

    def __init__(self, language, text):
        self.language = language
        self.rest = plain(text)

    def take(self, word):
        if self.rest == word or re.match(re.escape(word) + r"(?![\w%])", self.rest):
            self.rest = self.rest[len(word):].lstrip()
            return True
        return False

    def number(self):
        found = re.match(r"(\d+(?:\.\d+)?) ?", self.rest)
        self.rest = self.rest[found.end():]
        return float(found[1])

    def atom(self):
        negative = self.take("not")
        fact = None
        for prefix, key in (("entry", "ENTRY_"), ("test", "TEST_")):
            name = re.match(prefix + r" ((?:bridge|modified|bent|drop|long|seated|puranen)(?: (?:double|single|long lever|bent knee|knee|lunge|stride|piriformis|orava))?"
                            r"|arabesque|rdl|lunge|hop)\b", self.rest)
            if name and not (prefix == "entry" and self.rest.startswith("entry sitting")):
                fact = key + name[1].replace(" ", "_").upper()
                self.rest = self.rest[name.end():].lstrip()
        if not fact:
            name = next((n for n in self.language.names if re.match(re.escape(n) + r"(?!\w)", self.rest)), None)
            if not name:
                raise SystemExit(f"no fact at: {self.rest[:60]}")
            fact = self.language.by_name[name]
            self.rest = self.rest[len(name):].lstrip()
        unit = self.language.unit(fact)
        op, value = "==", 0 if negative else 1
        if self.take("known"):
            op, value = "known", 0
        elif self.take("unknown"):
            op, value = "unknown", 0
        elif self.take("positive"):
            value = 1000
        elif self.take("negative"):
            value = 0
        else:
            for words, symbol in OPERATORS:
                if self.take(words):
                    op = symbol
                    if re.match(r"\d", self.rest):
                        value = self.number()
                        value = round(value * 100) if unit in HUNDREDTHS else round(value)
                        next(filter(self.take, UNITS), None) if not self.rest.startswith("%") else self.percent()
                    else:
                        options = sorted(self.language.words(fact), key=len, reverse=True)
                        word = next(w for w in options if self.take(w))
                        value = self.language.words(fact).index(word)
                    break
        window = re.match(r"on (\d+) of (\d+) days", self.rest)
        n = m = 0
        if window:
            n, m = int(window[1]), int(window[2])
            self.rest = self.rest[window.end():].lstrip()
        return Atom(fact, op, value, n, m)

    def percent(self):
        self.rest = self.rest[1:].lstrip()

    def all(self):
        found = []
        while True:
            group = re.match(r"(any of|all of|at least (\d+) of) ?\(", self.rest)
            if group:
                self.rest = self.rest[group.end():].lstrip()
                atoms = [self.atom()]
                while self.rest.startswith(";"):
                    self.rest = self.rest[1:].lstrip()
                    atoms.append(self.atom())
                if not self.rest.startswith(")"):
                    raise SystemExit(f"no end of the group at: {self.rest[:60]}")
                self.rest = self.rest[1:].lstrip()
                found.append((len(atoms) if group[1] == "all of" else int(group[2] or 1), atoms))
            else:
                found.append((1, [self.atom()]))
            if not self.take("and"):
                return found


class Protocol:
    def __init__(self, path, language=None):
        self.language = language or Language()
        self.numbers, self.exercises, self.stages, self.rules, self.run_levels = {}, {}, [], [], []
        block, at = [], 0
        for line_number, line in enumerate(pathlib.Path(path).read_text().split("\n"), 1):
            line = re.sub(r'#[^"]*$', "", line).rstrip()
            if line and not line[0].isspace():
                self.block(block, at)
                block, at = [], line_number
            if line:
                block.append(line.strip())
        self.block(block, at)

    def block(self, lines, at):
        if not lines:
            return
        kind = lines[0].split()[0]
        if kind in ("set", "rule", "exercise", "stage", "run"):
            getattr(self, kind)(lines, at)

    def set(self, lines, _):
        found = re.match(r"set (.+?) (\d+(?:\.\d+)?) ?(\S*)", lines[0])
        symbol = self.language.params[plain(found[1])]
        value = float(found[2])
        self.numbers[symbol] = round(value * 100) if found[3] in ("NPRS", "RPE", "kg", "bar", "mJ/mm²") else round(value)

    def run(self, lines, _):
        minutes = re.search(r"run (\d+) min", lines[0])
        self.run_levels.append((int(minutes[1]), "walk" not in lines[0]))

    def rule(self, lines, at):
        head = re.match(r'rule (\S+) "([^"]*)"', lines[0])
        reader = Conditions(self.language, " ".join([lines[0][head.end():]] + lines[1:]))
        when = reader.all() if reader.take("when") else []
        words = next((w for w in sorted(WORDS, key=len, reverse=True) if reader.take(w)), None)
        if not words:
            raise SystemExit(f"line {at}: no action at: {reader.rest[:60]}")
        action = WORDS[words]
        argument = re.split(r"\buntil ", reader.rest)[0].strip()
        options = ARGUMENTS.get(action)
        if options:
            argument = (self.language.words("STAGE") if options == "stage" else options.split()).index(argument.split()[0])
        self.rules.append(Rule(len(self.rules), head[1], head[2], when, action, argument, at))

    def stage(self, lines, _):
        text = " ".join(lines)
        self.stages.append({"id": lines[0].split()[1], "flexion": int(re.search(r"hip flexion at most (\d+) deg", text)[1]),
                            "every": int(re.search(r"every (\d+) day", text)[1]),
                            "picks": [re.split(r", *", p) for p in re.findall(r"pick 1 of ((?:[\w-]+,\s*)*[\w-]+)", text)]})

    def exercise(self, lines, _):
        name = lines[0].split()[1]
        text = " ".join(lines[1:])
        flexion = [int(v) for v in re.search(r"hip flexion (\d+)\.\.(\d+) deg", text).groups()]
        levels, dose = [], {"depth": flexion[1], "load": 100}
        for line in lines:
            if not re.match(r"level \d", line):
                continue
            dose = dict(dose)
            for key, pattern in (("sets", r"(\d+) sets?"), ("reps", r"(\d+) reps?"), ("hold", r"hold (\d+) s"), ("depth", r"depth (\d+) deg"),
                                 ("load", r"load (\d+) %"), ("speed", r"speed (\d+) %"), ("contacts", r"(\d+) contacts?"),
                                 ("distance", r"distance (\d+) m"), ("times", r"(\d+) times a day"), ("effort", r"effort at most (\d+)")):
                found = re.search(pattern, line)
                if found:
                    dose[key] = int(found[1])
            levels.append(dose)
        opening = re.search(r"open when (.*)$", text)
        every = re.search(r"every (\d+|other)? ?days?", re.sub(r"open when.*", "", text))
        self.exercises[name] = {
            "levels": levels, "flexion": flexion, "easier": re.search(r"easier (\S+)", text)[1], "harder": re.search(r"harder (\S+)", text)[1],
            "open": Conditions(self.language, opening[1]).all() if opening else None,
            "plyometric": bool(re.search(r"(?<!role )\bplyometric\b", re.sub(r'"[^"]*"', "", " ".join(lines[:2])).replace("role plyometric", ""))),
            "heavy": bool(re.search(r"\bheavy\b", text)),
            "every": (2 if every[1] == "other" else int(every[1] or 1)) if every else 1}


def depth_class(degrees):
    return 0 if degrees <= 10 else 1 if degrees <= 30 else 2 if degrees <= 70 else 3


def requirements(protocol):
    """The gates, the duties, the ceilings that need a name and the least and most, as plain lists."""
    text = (ROOT / "src/prove/requirements.h").read_text()
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S).replace("\\\n", "\n")
    ops = {"AT_LEAST": ">=", "AT_MOST": "<=", "BELOW": "<", "ABOVE": ">", "IS": "==", "IS_NOT": "!=", "UNKNOWN": "unknown", "KNOWN": "known"}

    def split(inner):
        parts, depth, quoted, current = [], 0, False, ""
        for c in inner:
            depth += (c == "(") - (c == ")")
            quoted ^= c == '"'
            if c == "," and depth == 0 and not quoted:
                parts.append(current.strip())
                current = ""
            else:
                current += c
        return parts + [current.strip()]

    def condition(written):
        """A conjunct, or None for never and for always."""
        if written in ("NEVER", "ALWAYS_SO"):
            return None
        if written.startswith("OR2("):
            return (1, [condition(p)[1][0] for p in split(written[4:-1])])
        fact, op, value, when = split(written[2:-1])
        number = re.match(r"PARAM\((\w+)\)", value)
        value = protocol.numbers[number[1]] if number else int(value)
        window = re.match(r"ON\((\d+), (\d+)\)", when)
        n, m = (int(window[1]), int(window[2])) if window else (0, 0)
        return (1, [Atom(fact, ops[op], value, n, m)])

    def rows(name):
        body = re.search(r"#define " + name + r"\(X\)(.*?)(?=#define|#endif)", text, re.S)[1]
        found, at = [], 0
        while True:
            at = body.find("X(", at)
            if at < 0:
                return found
            depth, end = 0, at + 1
            while True:
                depth += (body[end] == "(") - (body[end] == ")")
                if depth == 0:
                    break
                end += 1
            found.append(split(body[at + 2:end]))
            at = end

    named = {"STAGE_" + w.upper(): i for i, w in enumerate(protocol.language.words("STAGE"))}
    named.update({"FLARE_MINOR": 1, "FLARE_MAJOR": 2, "REVIEW_ROUTINE": 1, "REVIEW_URGENT": 2, "ANY": None})
    named.update({"SW_" + w.upper(): i for i, w in enumerate(ARGUMENTS["SHOCKWAVE"].split())})

    def argument(word):
        return protocol.language.caps[word[4:]] if word.startswith("CAP_") else named[word]

    def table(name):
        ids = properties()
        return [Requirement(ids[r[0]], r[1].strip('"'), r[2], argument(r[3]), condition(r[4]), condition(r[5])) for r in rows(name)]

    return (table("LW_GATES"), table("LW_DUTIES"), [protocol.language.caps[r[0]] for r in rows("LW_NAMED_CAPS")],
            {r[0]: int(r[1]) for r in rows("LW_LEAST_AND_MOST")})


def properties():
    text = (ROOT / "src/prove/properties.h").read_text()
    return dict(re.findall(r'X\((\w+), "(P\w+)",', text))
