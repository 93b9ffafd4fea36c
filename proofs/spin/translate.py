#!/usr/bin/env python3
"""Writes the Promela models of one protocol: translate.py FILE FOLDER. README.md says what each model is for.

The rule models draw facts by class. A class is a run of values that no condition of the block tells apart; missing is a
class of its own. Facts are drawn in the order in which conditions ask for them, and a draw that has made a conjunct
false ends there: what follows could not change the answer. A fact nobody asks for any more goes back to missing, so that
equal futures are one state.
"""
import json
import pathlib
import re
import sys

from language import Protocol, depth_class, requirements

MISSING = -30000
UP = set("""ADL_PAIN SETTLE_HOURS PAIN_MORNING MORNING_TEST MORNING_SINGLE OVER_USUAL UNSETTLED NIGHT_PAIN REST_PAIN STIFFNESS
STIFFNESS_RISING STRESS PAIN_RELIEF RELIEF_DAYS SESSION_PAIN SESSION_EFFORT RED_SESSIONS NIGHTS BASE_REST_PAIN BASE_NIGHT_PAIN MAJORS
SW_SORE_DAYS SW_RISE FLAG FLAG_STOPS PREGNANT CONTRA_FORBIDS CONTRA_CAUTION RUN_RATIO IRRITABILITY SUDDEN_EVENT BELOW_KNEE SILENCE
RETURNING TSK SIDES""".split())
DOWN = set("""SETTLED GREEN_SESSIONS EASY_SESSIONS CALM_DAYS BRIDGE_REPS BRIDGE_SYMMETRY CURL_SYMMETRY SITTING ENTRY_SITTING SLEEP VISA
READINESS SPEED_GREEN SPEED_REACHED RUN_GREEN CONTINUOUS_DAYS WALK_OK WEEKS_TRAINED CHECKIN ADHERENCE""".split())
RISING = ("RAISE", "ADVANCE", "ENTER", "RUN_OPEN", "RUN_NEXT", "FAST_OPEN", "SPEED_NEXT", "CLEAR_SPORT")
LOWERING = ("STOP", "FLARE", "DELOAD", "HOLD", "HOLD_STAGE")


def worse_up(fact):
    return fact in UP or fact.startswith(("TEST_", "ENTRY_")) and fact != "ENTRY_SITTING"


def directed(fact):
    return worse_up(fact) or fact in DOWN


def holds(atom, value):
    if value == MISSING:
        return atom.op == "unknown"
    return {"<=": value <= atom.value, ">=": value >= atom.value, "<": value < atom.value, ">": value > atom.value,
            "==": value == atom.value, "!=": value != atom.value, "known": True, "unknown": False}[atom.op]


def key(atom):
    return re.sub(r"\W", "", f"C_{atom.fact}_{ {'<=': 'le', '>=': 'ge', '<': 'lt', '>': 'gt', '==': 'eq', '!=': 'ne'}[atom.op]}_{atom.value}_{atom.m}".replace("-", "n"))


def atoms_of(*conditions):
    return [a for condition in conditions for _, group in (condition or []) for a in group]


class Writer:
    """One model in the making: text, the facts it uses, and what each number that `bad` can take means."""

    def __init__(self, protocol, name, says, liveness=False):
        self.protocol, self.name, self.says, self.liveness = protocol, name, says, liveness
        self.marks, self.used, self.counters, self.lines, self.labels = {}, set(), set(), [], 0

    def put(self, *lines):
        self.lines += lines

    def mark(self, prop, text):
        number = len(self.marks) + 1
        self.marks[number] = [prop, text]
        return number

    def label(self):
        self.labels += 1
        return f"L{self.labels}"

    def domain(self, fact):
        unit = self.protocol.language.unit(fact)
        if self.protocol.language.words(fact):
            return 0, len(self.protocol.language.words(fact)) - 1
        if unit == "BOOL":
            return 0, 1
        if fact.startswith(("TEST_", "ENTRY_")) and fact != "ENTRY_SITTING" or unit in ("NPRS", "RPE"):
            return (-1000 if "GAIN" in fact else 0), 1000
        return (-100 if "GAIN" in fact or fact in ("GROC", "TSK_DROP") else 0), 9999

    def classes(self, fact, atoms):
        """A value of each class, from low to high, missing first."""
        mine = [a for a in atoms if a.fact == fact]
        least, most = self.domain(fact)
        values = sorted({v for a in mine for v in (a.value - 1, a.value, a.value + 1) if least <= v <= most} | {least, most})
        found, last = [MISSING], None
        for value in values:
            signature = tuple(holds(a, value) for a in mine)
            if signature != last:
                found.append(value)
            last = signature
        return found

    def atom(self, a, prefix="F"):
        if a.m:
            self.counters.add(prefix[0] + key(a))
            return f"({prefix[0]}{key(a)} >= {a.n})"
        self.used.add(a.fact)
        name = f"{prefix}_{a.fact}"
        if a.op in ("known", "unknown"):
            return f"({name} {'!=' if a.op == 'known' else '=='} MISSING)"
        return f"({name} != MISSING && {name} {a.op} {a.value})"

    def group(self, conjunct, prefix="F"):
        least, atoms = conjunct
        if least == len(atoms):
            return "(" + " && ".join(self.atom(a, prefix) for a in atoms) + ")"
        if least == 1:
            return "(" + " || ".join(self.atom(a, prefix) for a in atoms) + ")"
        return "(" + " + ".join(f"({self.atom(a, prefix)} -> 1 : 0)" for a in atoms) + f" >= {least})"

    def condition(self, when, prefix="F"):
        return "(" + " && ".join(self.group(c, prefix) for c in when) + ")" if when else "true"

    def choose(self, name, values):
        self.put("  if")
        self.put(*[f"  :: {name} = {'MISSING' if v == MISSING else v}" for v in values])
        self.put("  fi;")

    def draw(self, fact, atoms, differs=None):
        """Draws a fact of which nothing is known yet; with `differs` its window is drawn twice, one day better in the second."""
        mine = [a for a in atoms if a.fact == fact]
        windows = sorted({key(a): a for a in mine if a.m}.values(), key=key)
        classes = self.classes(fact, atoms)
        self.used.add(fact)
        if not windows:
            self.choose(f"F_{fact}", classes)
            return
        days = max(a.m for a in windows)
        for a in windows:
            self.counters.add("F" + key(a))
            if differs:
                self.counters.add("G" + key(a))
        self.put("  day = 0; other = 0;", "  do", f"  :: day < {days} ->")
        self.choose("t", classes)
        if differs:
            self.put("  u = t;", "  if", "  :: other == 0 -> other = 1;", "     if")
            order = classes[1:] if not differs == "up" else classes[:0:-1]
            for at, value in enumerate(order):
                for better in order[at + 1:]:
                    self.put(f"     :: t == {value} -> u = {better}")
            self.put("     :: else -> other = 0", "     fi", "  :: skip", "  fi;")
        self.put("  d_step {")
        if any(not a.m for a in mine):
            self.put(f"  if :: day == 0 -> F_{fact} = t :: else fi;")
        for a in windows:
            plain_atom = a._replace(m=0, n=0)
            for name, prefix in (("t", "F"), ("u", "G")) if differs else (("t", "F"),):
                text = self.atom(plain_atom, "F").replace(f"F_{fact}", name)
                self.put(f"  if :: day < {a.m} && {text} -> {prefix}{key(a)}++ :: else fi;")
        self.put("  day++; t = 0; u = 0 }", "  :: else -> break", "  od;", "  day = 0;")

    def draw_until(self, when, drawn, atoms, give_up):
        """Draws the facts of a condition one by one; jumps where it has become false."""
        for conjunct in when:
            for a in conjunct[1]:
                if a.fact not in drawn:
                    drawn.add(a.fact)
                    self.draw(a.fact, atoms)
            self.put(f"  if :: !{self.group(conjunct)} -> goto {give_up} :: else fi;")

    def forget(self, facts, atoms):
        names = [f"F_{f} = MISSING" for f in sorted(facts)] + sorted({f"F{key(a)} = 0" for a in atoms if a.m and a.fact in facts})
        if names:
            self.put("  d_step { " + "; ".join(names) + " };")

    def story(self, facts, text):
        """What a trail prints just before the assertion."""
        facts = sorted(f for f in facts if not any(c.startswith("FC_" + f + "_") for c in self.counters))
        shown = ", ".join(f"{f.lower()} %d" for f in facts)
        values = "".join(f", F_{f}" for f in facts)
        self.put('  printf("' + f"{text}: {shown}".replace("%:", "%%:").replace('"', "'") + '\\n"' + values + ");")

    def broken(self, number):
        self.put(f"  bad = {number}; assert(bad != {number}); bad = 0;")

    def text(self):
        head = [f"/* {self.name}: {self.says} Written by translate.py; values of pain and effort in hundredths. */", f"#define MISSING ({MISSING})",
                "short bad, t, u;", "byte day, other;"]
        head += [f"short F_{f} = MISSING;" for f in sorted(self.used)] + [f"byte {c};" for c in sorted(self.counters)]
        return "\n".join(head + self.lines) + "\n"


def blocks(writer, items):
    """One process that picks any one block; `items` are functions that write a block and end by falling through."""
    writer.put("active proctype day_of_rules() {", "  short pick;", "  if")
    labels = [f"B{i}" for i in range(len(items))]
    writer.put(*[f"  :: goto {name}" for name in labels], "  fi;")
    for name, item in zip(labels, items):
        writer.put(f"{name}: skip;")
        item()
        writer.put("  goto done;")
    writer.put("done: skip", "}")


def name_of(rule):
    return f"{rule.id} '{rule.title.split(':')[0][:48]}'"


# Rules of one slice are asked in one model, so that a change in one leaves the others as they were.
SLICES = {"stages": ("ADVANCE", "ENTER"), "rises": ("RAISE", "SPEED_NEXT", "RUN_OPEN", "RUN_NEXT", "FAST_OPEN", "CLEAR_SPORT"),
          "shockwave": ("SHOCKWAVE",), "holds": ("STOP", "HOLD", "HOLD_STAGE"), "flares": ("FLARE", "DELOAD", "EXPECTED"),
          "words": ("REVIEW", "CAP", "LABEL", "IRRITABLE"), "advice": ("ADVISE", "AVOID", "OK", "SWAP")}


def fires_for(requirement, rule):
    """Whether a rule answers a duty: the action itself or one that does at least as much."""
    action, least = requirement.action, requirement.argument
    if rule.action == action:
        if least is None:
            return True
        if action in ("FLARE", "REVIEW"):
            return rule.argument >= least
        if action == "SHOCKWAVE":
            return rule.argument <= least
        return rule.argument == least
    return rule.action in {"HOLD": ("FLARE", "DELOAD"), "HOLD_STAGE": ("HOLD", "FLARE", "DELOAD")}.get(action, ())


def add_owed(protocol, slice_name, writer, items):
    """Every gate and every duty, over every class of the facts they and the rules read."""
    actions = SLICES[slice_name]
    gates, duties, caps, _ = requirements(protocol)

    def gate(requirement, rule):
        owed = [requirement.first] + ([requirement.second] if requirement.second else [])
        atoms = atoms_of(rule.when, owed)
        drawn, over = set(), writer.label()
        writer.draw_until(rule.when, drawn, atoms, over)
        for a in atoms_of(owed):
            if a.fact not in drawn:
                drawn.add(a.fact)
                writer.draw(a.fact, atoms)
        either = " || ".join(writer.group(c) for c in owed)
        number = writer.mark(requirement.property, f"{name_of(rule)} fires without {requirement.source}")
        writer.put("  if", f"  :: !({either}) ->")
        writer.story(drawn, writer.marks[number][1])
        writer.broken(number)
        writer.put("  :: else", "  fi;", f"{over}: skip;")

    def duty(property_id, source, when, able, text):
        atoms = atoms_of(when, *[r.when for r in able])
        drawn, over = set(), writer.label()
        writer.draw_until(when, drawn, atoms, over)
        cause = set(drawn)
        rest = list(able)
        while rest:
            rule = min(rest, key=lambda r: (len({a.fact for a in atoms_of(r.when)} - drawn), r.number))
            rest.remove(rule)
            no = writer.label()
            need = {a.fact for a in atoms_of(rule.when)}
            for fact in [a.fact for a in atoms_of(rule.when) if a.fact not in drawn]:
                if fact not in drawn:
                    drawn.add(fact)
                    writer.draw(fact, atoms)
            writer.put(f"  if :: {writer.condition(rule.when)} -> goto {over} :: else fi;", f"{no}: skip;")
            later = {a.fact for r in rest for a in atoms_of(r.when)} | cause
            writer.forget(need - later, atoms)
        number = writer.mark(property_id, text)
        writer.story(cause, text)
        writer.broken(number)
        writer.put(f"{over}: skip;")

    for requirement in [g for g in gates if g.action in actions]:
        for rule in protocol.rules:
            if rule.action == requirement.action and requirement.argument in (None, rule.argument):
                items.append(lambda q=requirement, r=rule: gate(q, r))
    for requirement in [d for d in duties if d.action in actions]:
        when = [c for c in (requirement.first, requirement.second) if c]
        able = [r for r in protocol.rules if fires_for(requirement, r)]
        said = " and ".join(f"{a.fact.lower()} {a.op} {a.value}" for a in atoms_of(when))
        items.append(lambda q=requirement, w=when, a=able, s=said: duty(
            q.property, q.source, w, a, f"no rule {q.action.lower()} though {s} ({q.source})"))
    for cap in caps if "CAP" in actions else ():
        able = [r for r in protocol.rules if r.action == "CAP" and r.argument == cap]
        items.append(lambda c=cap, a=able: duty("P9", "plan 9", [], a, f"the ceiling {c} has no name"))


def add_pairs(protocol, slice_name, writer, items):
    """Each rule that lets rise or lowers, twice: one fact is better in the second copy."""

    def pair(rule, fact, rising):
        """One fact apart: a rule that lets rise may not need the worse one, one that lowers may not need the better one."""
        atoms = atoms_of(rule.when)
        mine = [a for a in atoms if a.fact == fact]
        windowed = any(a.m for a in mine)
        up = worse_up(fact)
        over = writer.label()
        drawn = {fact}
        classes = writer.classes(fact, atoms)
        name = f"F_{fact}"
        writer.used.add(fact)
        if windowed:
            writer.draw(fact, atoms, "up" if up else "down")
            writer.put(f"  if :: other == 0 -> goto {over} :: else fi;")
        else:
            # first the copy in which the rule fires: the worse one where it lets rise, the better one where it lowers
            writer.choose(name, classes if rising else classes[1:])
            order = classes[1:] if up else classes[:0:-1]  # better first
            writer.put("  if")
            for at, value in enumerate(order):
                for other in (order[:at] if rising else order[at + 1:]):
                    writer.put(f"  :: {name} == {value} -> t = {other}")
            if rising:
                writer.put(*[f"  :: {name} == MISSING -> t = {v}" for v in order])
            writer.put(f"  :: else -> goto {over}", "  fi;")
        for conjunct in rule.when:
            for a in conjunct[1]:
                if a.fact not in drawn:
                    drawn.add(a.fact)
                    writer.draw(a.fact, atoms) if not any(b.m for b in atoms if b.fact == a.fact) else writer.draw(a.fact, atoms)
            first = writer.group(conjunct)
            if windowed and not rising:
                first = first.replace("FC_" + fact + "_", "GC_" + fact + "_")
            writer.put(f"  if :: !{first} -> goto {over} :: else fi;")
        both = writer.condition(rule.when)
        if windowed:
            both = both.replace("FC_" + fact + "_", "GC_" + fact + "_") if rising else both
        else:
            both = re.sub(r"\bF_" + fact + r"\b", "t", both)
        word = "rises" if rising else "lowers"
        if not windowed and rising:
            number = writer.mark("P1b", f"{name_of(rule)} {word} on a missing {fact.lower()}")
            writer.put("  if", f"  :: {name} == MISSING && !{both} ->")
            writer.story(drawn, writer.marks[number][1])
            writer.broken(number)
            writer.put("  :: else", "  fi;")
        number = writer.mark("P1a", f"{name_of(rule)} {word} on the {'worse' if rising else 'better'} side of {fact.lower()}")
        writer.put("  if", f"  :: {'true' if windowed else name + ' != MISSING'} && !{both} ->")
        writer.story(drawn, writer.marks[number][1])
        writer.broken(number)
        writer.put("  :: else", "  fi;", f"{over}: skip;")

    for rule in protocol.rules:
        if rule.action in SLICES[slice_name] and rule.action in RISING + LOWERING:
            for fact in sorted({a.fact for a in atoms_of(rule.when)}):
                if directed(fact) and not (rule.action in LOWERING and fact == "FLARE"):
                    items.append(lambda r=rule, f=fact: pair(r, f, r.action in RISING))


def add_reach(protocol, slice_name, writer, items):
    """Every rule, stage and exercise: here an assertion that fails is a story that comes to it."""
    opens = [r for r in protocol.rules if r.action == "RUN_OPEN"]
    stage_of = lambda when: [a for a in atoms_of(when) if a.fact == "STAGE"]
    lowest = min([s for s in range(5) for r in opens if all(any(holds(a, s) for a in g) for _, g in r.when if all(a.fact == "STAGE" for a in g))] or [9])

    def rule_block(rule):
        atoms = atoms_of(rule.when)
        over = writer.label()
        writer.draw_until(rule.when, set(), atoms, over)
        if {a.fact for a in atoms} >= {"RUN_LEVEL", "STAGE"}:
            writer.put(f"  if :: F_RUN_LEVEL > 0 && F_STAGE < {lowest} -> goto {over} :: else fi;")
        if {a.fact for a in atoms} >= {"CALM_DAYS", "WEEKS_TRAINED"}:  # a flare is a bad signal: calm days are weeks without a flare
            writer.put(f"  if :: F_WEEKS_TRAINED < F_CALM_DAYS / 7 -> goto {over} :: else fi;")
        number = writer.mark("P12", f"rule {name_of(rule)}")
        writer.broken(number)
        writer.put(f"{over}: skip;")

    for rule in protocol.rules:
        if rule.action in SLICES.get(slice_name, ()):
            items.append(lambda r=rule: rule_block(r))
    if slice_name != "ladders":
        return

    def stages():
        """Any rule of entry, then any advance whose other conditions can hold."""
        writer.put("  pick = 9;", "  do")
        after = writer.label()
        for rule in protocol.rules:
            if rule.action in ("ENTER", "ADVANCE"):
                atoms = [a for a in atoms_of(rule.when) if a.fact != "STAGE"]
                over = writer.label()
                guard = "pick == 9" if rule.action == "ENTER" else "pick < 9"
                writer.put(f"  :: {guard} ->")
                used = set()
                for conjunct in rule.when:
                    if all(a.fact == "STAGE" for a in conjunct[1]):
                        writer.put("  if :: !" + writer.group(conjunct).replace("F_STAGE", "pick") + f" -> goto {over} :: else fi;")
                writer.draw_until([c for c in rule.when if not all(a.fact == "STAGE" for a in c[1])], used, atoms, over)
                writer.put(f"  pick = {rule.argument};", f"{over}: skip;")
                writer.forget({a.fact for a in atoms}, atoms)
        writer.put("  :: pick < 9 -> break", "  od;", f"{after}: skip;")
        for at, stage in enumerate(protocol.stages):
            number = writer.mark("P12", f"stage {stage['id']}")
            writer.put(f"  if :: pick == {at} ->")
            writer.broken(number)
            writer.put("  :: else fi;")

    items.append(stages)

    def allowed(name, level):
        """Whether some stage picks it and lets the hip bend as far as this level does."""
        depth = protocol.exercises[name]["levels"][level]["depth"]
        return any(depth <= s["flexion"] for s in protocol.stages if any(name in p for p in s["picks"]))

    def ladder(name):
        """Opened by itself, then topped, and so to the harder neighbour."""
        exercise = protocol.exercises[name]
        over = writer.label()
        if exercise["open"]:
            writer.draw_until(exercise["open"], set(), atoms_of(exercise["open"]), over)
        walk, seen = name, []
        while walk in protocol.exercises and walk not in seen and allowed(walk, 0):
            seen.append(walk)
            number = reached[walk]
            writer.broken(number)
            if not all(allowed(walk, at) for at in range(len(protocol.exercises[walk]["levels"]))):
                break
            walk = protocol.exercises[walk]["harder"]
        writer.put(f"{over}: skip;")

    reached = {}
    for name in protocol.exercises:
        reached[name] = writer.mark("P12", f"exercise {name}")
    for name, exercise in protocol.exercises.items():
        if exercise["open"] or exercise["easier"] == "end":
            items.append(lambda n=name: ladder(n))


def slice_model(protocol, name):
    writer = Writer(protocol, name, "gates, duties, pairs and reach of one family of rules, over every class of the facts they read.")
    items = []
    if name in SLICES:
        add_owed(protocol, name, writer, items)
        add_pairs(protocol, name, writer, items)
    add_reach(protocol, name, writer, items)
    blocks(writer, items)
    return writer


def best(protocol, writer, fact, atoms):
    """The value of a fact on a good day in a patient who does well."""
    classes = writer.classes(fact, atoms)[1:]
    special = {"AGE": 40, "STEROID_AGE": MISSING, "NSAID_AGE": MISSING, "SW_AGE": MISSING, "SW_BOOKED": MISSING, "SW_COUNT": 0,
               "RUNS_7": 3, "RUN_RATIO": 100, "FLAG": 0, "LOWEST_RUNG": 0, "HOLD_DAYS": 0, "GOAL": None}
    if fact in special:
        return special[fact]
    if worse_up(fact):
        return classes[0]
    if fact in DOWN:
        return classes[-1]
    return MISSING


DYNAMIC = ["STAGE", "FLARE", "PROGRAMME_DAYS", "CALM_DAYS", "WEEKS_TRAINED", "GREEN_SESSIONS", "EASY_SESSIONS", "RUN_LEVEL", "RUN_GREEN",
           "CONTINUOUS_DAYS", "SPEED_GREEN", "SPEED_REACHED", "GOAL"]


def way_model(protocol, modes=(0, 1)):
    """The protocol's own rules day after day under unchanging input. Mode 0: good days from any state of control come to
    maintenance; mode 1: any one input away from good, no flare and no de-load begins again and again."""
    writer = Writer(protocol, "way" + "".join(f"-{m}" for m in modes if len(modes) == 1), "good days lead to maintenance; no flare begins again and again.", liveness=True)
    number = protocol.numbers
    rules = [r for r in protocol.rules if r.action in RISING + LOWERING]
    atoms = atoms_of(*[r.when for r in rules])
    static = sorted({a.fact for a in atoms} - set(DYNAMIC))
    goals = range(len(protocol.language.words("GOAL")))
    day_cap = 85
    writer.put("byte stage, flare, clock, deload, green, calm, days, level, rungreen, cont, speed, spgreen, weekday;",
               "bit fast, lower, hold, rise, mode;")
    writer.used |= {"GOAL"} | set(static)
    writer.put("active proctype course() {", "  bit begins;")
    writer.choose("F_GOAL", goals)
    writer.choose("stage", range(4))
    writer.choose("mode", modes)
    writer.put("  if :: mode == 0 -> if :: flare = 0 :: flare = 1 :: flare = 2 fi; if :: deload = 0 :: deload = 7 fi; if :: days = 0 :: days = 30 fi",
               "     :: else -> days = 30 fi;", "  d_step {")
    for fact in static:
        value = best(protocol, writer, fact, atoms)
        if any(a.fact == fact and a.m for a in atoms):
            continue
        writer.put(f"  F_{fact} = {'MISSING' if value == MISSING else value};")
    writer.put("  skip };")
    windows = sorted({key(a): a for a in atoms if a.m}.values(), key=key)
    for a in windows:
        value = best(protocol, writer, a.fact, atoms)
        writer.counters.add("F" + key(a))
        if value != MISSING and holds(a._replace(m=0), value):
            writer.put(f"  F{key(a)} = {a.m};")
    if 1 in modes:
        writer.put("  if", "  :: skip")
        for fact in static:
            for value in writer.classes(fact, atoms):
                mine = [a for a in windows if a.fact == fact]
                text = "; ".join([f"F_{fact} = {'MISSING' if value == MISSING else value}"] +
                                 [f"F{key(a)} = {a.m if value != MISSING and holds(a._replace(m=0), value) else 0}" for a in mine])
                writer.put(f"  :: mode == 1 -> d_step {{ {text} }}")
        writer.put("  fi;")

    def live(when):
        """A rule's condition with what the course itself counts."""
        text = writer.condition(when)
        for fact, name in (("STAGE", "stage"), ("FLARE", "flare"), ("PROGRAMME_DAYS", "days"), ("CALM_DAYS", "calm"), ("GREEN_SESSIONS", "green"),
                           ("WEEKS_TRAINED", "(calm / 7)"), ("EASY_SESSIONS", "easy"), ("RUN_LEVEL", "level"), ("RUN_GREEN", "rungreen"),
                           ("CONTINUOUS_DAYS", "cont"), ("SPEED_GREEN", "spgreen"), ("SPEED_REACHED", "speed")):
            text = re.sub(r"\bF_" + fact + r"\b", name, text)
        return text.replace("easy", "0")

    by = lambda *actions: [r for r in rules if r.action in actions]
    any_of = lambda found: " || ".join(live(r.when) for r in found) or "false"
    writer.put("  do", "  :: stage == 4 && mode == 0 -> break", "  :: else ->", "  if :: mode == 0 ->", "accept_no_maintenance: skip", "     :: else fi;")
    writer.put("  d_step {", "  weekday = 1 - weekday; begins = 0; hold = 0; lower = 0; rise = 0;",
               f"  if :: !({any_of(by('STOP'))}) -> skip :: else -> hold = 1 fi;",
               f"  if :: {any_of(by('HOLD'))} -> hold = 1 :: else fi;")
    majors, minors = [r for r in by("FLARE") if r.argument == 2], [r for r in by("FLARE") if r.argument == 1]
    green_day = "(F_SESSION_PAIN != MISSING && F_SESSION_PAIN <= %d && F_SETTLED == 1)" % number["PAIN_GREEN_MAX"]
    writer.used |= {"SESSION_PAIN", "SETTLED", "MORNING_TEST"}
    writer.put("  if", f"  :: {any_of(majors)} -> if :: flare == 0 -> begins = 1 :: else fi; flare = 2; clock = 0; lower = 1",
               f"  :: else -> if :: {any_of(minors)} -> if :: flare == 0 -> begins = 1; flare = 1 :: else fi; clock = 0; lower = 1",
               "    :: else -> if :: clock < 15 -> clock++ :: else fi fi", "  fi;",
               f"  if :: flare == 1 && !lower && clock >= {number['FLARE_DAYS']} && {green_day} -> flare = 0",
               f"     :: flare == 2 && !lower && clock >= {number['MAJOR_DAYS']} && {green_day} -> flare = 0 :: else fi;",
               f"  if :: {any_of(by('DELOAD'))} -> if :: deload == 0 -> begins = 1 :: else fi; deload = 7; lower = 1",
               "     :: else -> if :: deload > 0 -> deload-- :: else fi fi;",
               "  if :: lower -> green = 0; calm = 0; rungreen = 0; spgreen = 0 :: else fi;",
               f"  if :: hold || flare || deload -> skip :: else ->")
    # the first advance that fires, then running and speed
    writer.put("    if")
    for r in by("ADVANCE"):
        writer.put(f"    :: {live(r.when)} && {r.argument} > stage && !({any_of(by('HOLD_STAGE'))}) -> stage = {r.argument}; green = 0")
    writer.put("    :: else", "    fi;")
    writer.put(f"    if :: level == 0 && ({any_of(by('RUN_OPEN'))}) -> level = 1; rungreen = 0",
               f"       :: level > 0 && level < {len(protocol.run_levels)} && ({any_of(by('RUN_NEXT'))}) -> level++; rungreen = 0 :: else fi;",
               f"    if :: {any_of(by('FAST_OPEN'))} -> fast = 1 :: else fi;",
               f"    if :: fast && ({any_of(by('SPEED_NEXT'))}) -> if :: speed < 100 -> speed = (speed == 0 -> 60 : speed + 10) :: else fi :: else fi",
               "  fi;",
               "  /* a session every second day, as good as the input says */",
               f"  if :: weekday && {green_day} -> if :: green < 9 -> green++ :: else fi;",
               "       if :: level > 0 && rungreen < 3 -> rungreen++ :: else fi; if :: fast && spgreen < 2 -> spgreen++ :: else fi :: else fi;",
               f"  if :: level == {len(protocol.run_levels)} && cont < 20 -> cont++ :: else fi;",
               f"  if :: days < {day_cap} -> days++ :: else fi; if :: calm < 30 && !flare -> calm++ :: else fi", "  };")
    writer.put("  if :: begins && mode == 1 -> begins = 0;", "accept_begins_again: skip", "     :: else -> begins = 0 fi;", "  od", "}")
    writer.marks = {"acceptance": ["P14", "a flare or de-load begins again and again under one unchanging input"] if 1 in modes else
                    ["P13", "good days for ever do not lead to maintenance"]}
    return writer


def models(path):
    from machines import control_model, course_model, exercise_model
    protocol = Protocol(path)
    return ([slice_model(protocol, name) for name in [*SLICES, "ladders"]]
            + [control_model(protocol), exercise_model(protocol), course_model(protocol), way_model(protocol)])


def main(arguments):
    if len(arguments) != 2:
        raise SystemExit("usage: translate.py FILE FOLDER")
    folder = pathlib.Path(arguments[1])
    folder.mkdir(parents=True, exist_ok=True)
    for model in models(arguments[0]):
        (folder / f"{model.name}.pml").write_text(model.text())
        (folder / f"{model.name}.json").write_text(json.dumps({"name": model.name, "liveness": model.liveness, "marks": model.marks}, indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
