"""The three machines that remember from day to day: control, exercise, shockwave course. Written from docs/format/plan.md.

Each takes more than a protocol's rules can give it: control takes every signal on every day, an exercise takes every output of
control, the course takes every answer of the rules whose facts it does not count itself. What holds under all of them holds
under the rules. The numbers of the protocol move the machine; the numbers of requirements.h judge it, by monitors of their own.
"""
import re

from language import depth_class, requirements
from translate import MISSING, Writer, atoms_of


def control_model(protocol):
    number = protocol.numbers
    owed = requirements(protocol)[3]
    w = Writer(protocol, "control", "control under every signal on every day.")
    m = lambda prop, text: w.mark(prop, text)
    check = lambda prop, text, bad_when: w.put(f"  if :: {bad_when} -> ", f"    printf(\"{text}\\n\"); bad = {m(prop, text)}; assert(bad != {len(w.marks)}); bad = 0",
                                               "     :: else fi;")
    w.put("#define NEVER " + str(max(number["SW_SORE"], number["SW_QUIET"], 4) + 1), "byte flare, clock, deload, silence, shock, green, pause_class;",
          "byte since_bad, since_major, goods;   /* monitors: a signal was given, days since the last major one, green sessions since */",
          "bit stopped, returning, says, settled_green, soreness, held, flag_open, word_after_stop, given, asked, again;",
          "byte signal, mild, level, deepest; bit rises, lowers, due, spring, seventy, sw_ok;",
          "active proctype control() {",
          "  shock = NEVER; since_bad = NEVER; since_major = NEVER;", "  do", "  :: atomic { /* the signals of a day */",
          "  if :: signal = 0 :: signal = 1 :: signal = 2 :: signal = 3 /* de-load */ :: signal = 4 /* up to usual + 2, no night pain */ fi;",
          "  if :: says = 1 :: says = 0; signal = 0 fi;",
          "  if :: says -> if :: settled_green = 1 :: settled_green = 0 fi :: else -> settled_green = 0 fi;",
          "  if :: signal == 0 -> skip :: else -> settled_green = 0 fi;",
          "  if :: held = 0 :: held = 1 fi;",
          "  if :: given = 1 :: given = 0 fi;",
          "  if :: flag_open -> if :: flag_open = 0 :: skip fi :: else -> if :: flag_open = 1 :: skip fi fi;",
          "  d_step {",
          "  again = 0;",
          f"  if :: says -> again = (silence >= {number['SILENCE_RESTART']}); silence = 0 :: else -> if :: silence < 29 -> silence++ :: else fi fi;",
          "  if :: given -> shock = 0 :: else -> if :: shock < NEVER -> shock++ :: else fi fi;",
          "  if :: stopped && !flag_open -> returning = 1 :: else fi; stopped = flag_open;",
          # expected soreness instead of a flare
          f"  soreness = (signal == 4 && shock <= {number['SW_SORE']}); mild = signal;",
          "  if :: signal == 4 -> signal = (soreness -> 0 : 1) :: else fi;",
          "  lowers = 0;",
          "  if :: signal == 2 -> flare = 2; clock = 0; lowers = 1",
          "     :: signal == 1 -> if :: flare == 0 -> flare = 1 :: else fi; clock = 0; lowers = 1",
          "     :: else -> if :: clock < %d -> clock++ :: else fi fi;" % max(number["FLARE_DAYS"], number["MAJOR_DAYS"]),
          "  if :: signal == 3 -> deload = 7; lowers = 1 :: else -> if :: deload > 0 -> deload-- :: else fi fi;",
          f"  if :: flare == 1 && clock >= {number['FLARE_DAYS']} && settled_green -> flare = 0",
          f"     :: flare == 2 && clock >= {number['MAJOR_DAYS']} && settled_green -> flare = 0 :: else fi;",
          "  if :: lowers || silence > 0 || soreness -> green = 0 :: settled_green && !lowers && !soreness && silence == 0 -> if :: green < 2 -> green++ :: else fi :: else green = 0 fi;",
          # monitors
          "  if :: mild == 1 || mild == 2 || mild == 3 || (mild == 4 && !soreness) -> since_bad = 0; goods = 0 :: else -> skip;",
          "     if :: settled_green -> if :: goods < 2 -> goods++ :: else fi :: else fi fi;",
          "  if :: mild == 2 -> since_major = 0 :: else -> if :: since_major < NEVER -> since_major++ :: else fi fi;",
          # what the day allows
          "  rises = (says && !held && green >= 2 && flare == 0 && deload == 0 && !soreness && !stopped);",
          f"  seventy = (silence >= {number['SILENCE_LOWER']} || returning);",
          f"  due = (!stopped && silence < {number['SILENCE_STOP']});",
          f"  deepest = 3; spring = 1;",
          f"  if :: silence >= {number['SILENCE_LOWER']} -> deepest = 2; spring = 0 :: else fi;",
          f"  if :: shock < {number['SW_QUIET']} -> deepest = 1; spring = 0; rises = 0 :: else -> if :: shock <= {number['SW_QUIET']} -> spring = 0; rises = 0;",
          "     if :: deepest > 2 -> deepest = 2 :: else fi :: else fi fi;",
          "  if :: flare == 2 -> deepest = 1; spring = 0 :: else fi;",
          f"  sw_ok = (!stopped && silence < {number['SILENCE_LOWER']} && shock > {number['SW_QUIET']})", "  };")
    check("P2", "an open flag and something is prescribed", "flag_open && (due || sw_ok || rises)")
    check("P10", "no check-in and something rises", "!says && rises")
    check("P10", "a week of silence is not lowered", f"silence >= {owed['SILENCE_LOWER_DAYS']} && (!seventy || deepest > 2 || spring || sw_ok)")
    check("P10", "two weeks of silence and something is due", f"silence >= {owed['SILENCE_STOP_DAYS']} && due")
    check("P10", "four weeks of silence without a new start", f"says && !again && silence >= {owed['SILENCE_RESTART_DAYS']}")
    check("P7", "a flare and no step down, or something rises", "(mild == 1 || mild == 2) && (!lowers || rises || flare == 0)")
    check("P7", "a major flare shorter than owed or too deep", f"since_major < {owed['MAJOR_FLARE_DAYS']} && (flare != 2 || deepest > 1 || spring || rises)")
    check("P8", "the day of shockwave or the next: more than stage-1 work", f"shock < {owed['QUIET_DAYS']} && (deepest > 1 || spring || rises || sw_ok)")
    check("P8", "the second day after shockwave: deep, springing or rising", f"shock == {owed['QUIET_DAYS']} && (deepest > 2 || spring || rises || sw_ok)")
    check("P8", "expected soreness taken for a flare, or something rises", "soreness && (lowers || rises)")
    check("P8", "soreness after the third day excused", "mild == 4 && shock > 3 && !lowers")
    check("P1c", "something rises before two green days after a bad signal", "rises && since_bad < NEVER && goods < 2")
    check("P9", "nothing is due and nobody says why", "!due && !(stopped || silence >= 14)")
    w.put("  d_step { signal = 0; mild = 0; held = 0; given = 0; settled_green = 0; rises = 0; lowers = 0; due = 0; spring = 0; seventy = 0; deepest = 0; sw_ok = 0; soreness = 0; says = 0; again = 0 } }",
          "  od", "}")
    return w


def exercise_model(protocol):
    number = protocol.numbers
    owed = requirements(protocol)[3]
    w = Writer(protocol, "exercise", "every ladder under every output of control; any dose at or below the plan may be chosen and done.")
    names = list(protocol.exercises)
    bases, tables, total = [], {"K": [], "N": [], "D": [], "S": []}, 0
    for name in names:
        bases.append(total)
        before = None
        for dose in protocol.exercises[name]["levels"]:
            up = [k for k in ("load", "reps", "sets", "hold", "depth", "speed", "contacts", "distance", "times") if before and dose.get(k, 0) > before.get(k, 0)]
            tables["K"].append(1 if "load" in up else 2 if "depth" in up else 0)
            tables["N"].append(len(up))
            tables["D"].append(depth_class(dose["depth"]))
            tables["S"].append(-(-1000 * (dose["load"] - before["load"]) // before["load"]) if "load" in up else 0)
            before = dose
            total += 1
    check = lambda prop, text, bad_when: w.put(f"  if :: {bad_when} -> ", f"    printf(\"{text}: ladder %d, rung %d\\n\", ladder, rung); bad = {w.mark(prop, text)}; assert(bad != {len(w.marks)}); bad = 0",
                                               "     :: else fi;")
    w.put("/* ladders: " + ", ".join(f"{i} {n}" for i, n in enumerate(names)) + " */",
          f"hidden byte K[{total}], N[{total}], D[{total}]; hidden short S[{total}];  /* kind, how many rise, class, load step in tenths of a percent */",
          "byte ladder, stage, rung, good, wait, gap, authority, last_kind;",
          "byte since_load, since_depth, rises_in_week; byte day_of_rise;  /* monitors */",
          "byte control, planned, done, most, old, choice; bit may, accepted, lowered;",
          "#define NONE 99", "byte base, size, every; bit springs, heavy;",
          "active proctype exercise() {", "  d_step {")
    for table, values in tables.items():
        w.put("  " + " ".join(f"{table}[{i}] = {v};" for i, v in enumerate(values) if v))
    w.put("  wait = 7; gap = 4; since_load = 7; since_depth = 7; day_of_rise = 7 };", "  if")
    for i, name in enumerate(names):
        e = protocol.exercises[name]
        w.put(f"  :: d_step {{ ladder = {i}; base = {bases[i]}; size = {len(e['levels'])}; every = {min(e['every'], 7)}; springs = {int(e['plyometric'])}; heavy = {int(e['heavy'])}; gap = {max(4, min(e['every'], 7))} }}")
    classes = [depth_class(s["flexion"]) for s in protocol.stages]
    pick = lambda name, values: f"({name} == 0 -> {values[0]} : ({name} == 1 -> {values[1]} : ({name} == 2 -> {values[2]} : ({name} == 3 -> {values[3]} : {values[4]}))))"
    owed_class = [owed[f"CLASS_{s['id'].upper()}"] for s in protocol.stages]
    w.put("  fi;", "  do", "  :: atomic {",
          "  if :: stage = 0 :: stage = 1 :: stage = 2 :: stage = 3 :: stage = 4 fi;",
          "  if :: control = 0 /* free */ :: control = 1 /* hold */ :: control = 2 /* flare or de-load begins */ :: control = 3 /* silence */",
          "     :: control = 4 /* quiet */ :: control = 5 /* quiet, second day */ :: control = 6 /* stop */ fi;",
          "  if :: control == 0 -> if :: authority = 0 :: authority = 1; accepted = 0 :: authority = 1; accepted = 1 :: authority = 2 fi :: else -> authority = 0; accepted = 0 fi;",
          "  d_step {", "  old = rung; lowered = 0;",
          f"  may = (control == 0 && good >= 2 && wait >= {number['RISE_DAYS']} && rung + 1 < size && (authority == 2 || accepted));",
          "  if :: may && K[base + rung + 1] == 1 && last_kind == 2 && wait < 7 -> may = 0 :: may && K[base + rung + 1] == 2 && last_kind == 1 && wait < 7 -> may = 0 :: else fi;",
          "  if :: may -> rung++; wait = 0; good = 0; last_kind = K[base + rung]",
          "     :: control == 2 -> lowered = 1; good = 0; if :: rung > 0 -> rung-- :: else fi",
          "     :: else -> if :: wait < 7 -> wait++ :: else fi fi;",
          "  if :: control == 3 || control == 6 -> good = 0 :: else fi;",
          # monitors, by what stands in the ladder, not by what the machine remembers
          "  if :: since_load < 7 -> since_load++ :: else fi; if :: since_depth < 7 -> since_depth++ :: else fi;",
          "  rises_in_week = 0; if :: rung > old -> rises_in_week = (day_of_rise + 1 < 7 -> 2 : 1); day_of_rise = 0 :: else -> if :: day_of_rise < 7 -> day_of_rise++ :: else fi fi;",
          "  if :: rung > old && K[base + rung] == 1 -> since_load = 0 :: rung > old && K[base + rung] == 2 -> since_depth = 0 :: else fi;",
          # the final minimum
          f"  most = {pick('stage', classes)};",
          "  if :: control == 3 && most > 2 -> most = 2 :: control == 4 && most > 1 -> most = 1 :: control == 5 && most > 2 -> most = 2 :: else fi;",
          "  planned = rung; if :: control == 6 || ((springs || heavy) && control == 4) || (springs && control == 3) || (springs && control == 5) -> planned = NONE :: else fi;",
          "  if :: gap < every || (springs && gap < %d) -> planned = NONE :: else fi;" % number["PLYO_GAP"],
          "  do :: planned != NONE && D[base + planned] > most -> planned = (planned == 0 -> NONE : planned - 1) :: else -> break od;",
          "  if :: planned != NONE && D[base + planned] >= 3 && gap < 2 -> planned = NONE :: else fi", "  };",
          "  if :: done = NONE :: planned != NONE -> done = planned fi;")
    check("P4", "more than one thing rises in one step", "rung > old && N[base + rung] != 1")
    check("P4", "load and depth rise within seven days", "since_load < 7 && since_depth < 7")
    check("P5", "two steps within seven days", f"rung > old && rises_in_week > 1")
    check("P17", "the week rises by more than a step over this path", "rises_in_week > 1")
    check("P5", "a load step above a tenth", f"rung > old && S[base + rung] > {owed['LOAD_STEP_PCT'] * 10}")
    check("P5", "deeper than the stage's class", f"planned != NONE && D[base + planned] > {pick('stage', owed_class)}")
    check("P6", "something rose without leave", "rung > old && (authority == 0 || (authority == 1 && !accepted))")
    check("P7", "a flare and no step down", "lowered && rung >= old && old > 0")
    check("P8", "too deep or springing in the quiet days", "planned != NONE && ((control == 4 && D[base + planned] > 1) || (control == 5 && D[base + planned] > 2) || (springs && (control == 4 || control == 5)))")
    check("P10", "deep or springing work in silence", "planned != NONE && control == 3 && (D[base + planned] > 2 || springs)")
    check("P2", "prescribed in a stop", "planned != NONE && control == 6")
    check("P11", "deep or springing work on consecutive days", f"planned != NONE && ((springs && gap < {owed['PLYOMETRIC_APART_DAYS']}) || (D[base + planned] >= 3 && gap < {owed['DEEP_APART_DAYS']}))")
    w.put("  choice = 0; do :: planned != NONE && choice <= planned && D[base + choice] <= most -> choice++ :: else -> break od;")
    check("P16", "a choice below the plan is above what the day allows", "planned != NONE && choice <= planned")
    w.put("  choice = 0;")
    w.put("  if :: done != NONE -> gap = 1; if :: good < 2 -> good++ :: good = 0 fi :: else -> if :: gap < every || gap < 4 -> gap++ :: else fi fi;",
          "  d_step { control = 0; authority = 0; stage = 0; planned = 0; done = 0; most = 0; old = 0; may = 0; accepted = 0; lowered = 0; rises_in_week = 0 } }", "  od", "}")
    return w


def course_model(protocol):
    number = protocol.numbers
    gates, duties, _, owed = requirements(protocol)
    w = Writer(protocol, "course", "shockwave: the rules of its course, in their order of precedence, day after day.")
    rules = sorted((r for r in protocol.rules if r.action == "SHOCKWAVE"), key=lambda r: (r.argument, r.number))
    monitors = [(q, [c for c in (q.first, q.second) if c]) for q in duties if q.action == "SHOCKWAVE"]
    atoms = atoms_of(*[r.when for r in rules], *[m for _, m in monitors])
    own = ("SW_COUNT", "SW_AGE", "SILENCE")
    w.put("byte count, age, silence, status, cause; bit says, quiet;", "#define OPEN 9", "active proctype course() {", "  age = 99;", "  do", "  ::")
    w.put("  if :: silence = 0 :: silence = 6 :: silence = 7 fi;", "  d_step { F_SW_COUNT = count; F_SILENCE = silence; F_SW_AGE = (age == 99 -> MISSING : age); status = OPEN; cause = 0 };")
    w.used |= set(own)
    drawn = set(own)
    for at, rule in enumerate(rules):
        for a in atoms_of(rule.when):
            if a.fact not in drawn:
                drawn.add(a.fact)
                w.draw(a.fact, atoms)
                # what is owed is noted as soon as it is known
                for index, (q, when) in enumerate(monitors):
                    if {b.fact for b in atoms_of(when)} <= drawn and a.fact in {b.fact for b in atoms_of(when)}:
                        w.put(f"  if :: cause == 0 && {w.condition(when)} -> cause = {index + 1} :: else fi;")
        name = "offered" if rule.argument == 5 else "status"
        w.put(f"  if :: status == OPEN && {w.condition(rule.when)} -> status = {rule.argument} :: else fi;")
        if rule.argument < 5:
            w.put("  if :: status != OPEN -> goto said :: else fi;")
        later = {a.fact for r in rules[at + 1:] for a in atoms_of(r.when)} | {b.fact for _, m in monitors for b in atoms_of(m) if not {x.fact for x in atoms_of(m)} <= drawn}
        w.forget({a.fact for a in atoms_of(rule.when)} - later - set(own), atoms)
    for index, (q, when) in enumerate(monitors):
        facts = {b.fact for b in atoms_of(when)}
        if facts <= set(own):
            w.put(f"  if :: cause == 0 && {w.condition(when)} -> cause = {index + 1} :: else fi;")
        elif not facts <= drawn:
            for fact in sorted(facts - drawn):
                drawn.add(fact)
                w.draw(fact, atoms)
            w.put(f"  if :: cause == 0 && {w.condition(when)} -> cause = {index + 1} :: else fi;")
            w.forget(facts - set(own), atoms)
    w.put("said: skip;", "  /* an offer is due where nothing says wait and the last session is far enough away; a course goes on with its own consent */",
          f"  if :: status == 5 || (status == OPEN && count > 0) -> if :: age == 99 || age >= {number['SW_GAP']} -> status = 5 :: else -> status = OPEN fi :: else fi;",
          f"  if :: status == 5 && age != 99 && age <= {number['SW_QUIET']} -> status = OPEN :: else fi;")
    for index, (q, when) in enumerate(monitors):
        said = " and ".join(f"{a.fact.lower()} {a.op} {a.value}" for a in atoms_of(when))
        text = f"shockwave may be given though {said}"
        mark = w.mark(q.property, text)
        w.put(f"  if :: status == 5 && cause == {index + 1} -> printf(\"session %d, {text}\\n\", count); bad = {mark}; assert(bad != {mark}); bad = 0 :: else fi;")
    mark = w.mark("P8", "shockwave within the days owed between two sessions")
    w.put(f"  if :: status == 5 && age < {owed['SHOCKWAVE_APART_DAYS']} -> bad = {mark}; assert(bad != {mark}); bad = 0 :: else fi;")
    w.forget(set(drawn), atoms)
    w.put("  if :: status == 5 -> if :: count < 8 -> count++; age = 1 :: skip fi :: else -> skip fi;",
          "  d_step { if :: age < %d -> age++ :: else fi; silence = 0; status = 0; cause = 0 }" % (number["SW_GAP"] + 2), "  od", "}")
    return w
