#!/usr/bin/env python3
"""The hazards: checks that every link holds, and makes the pages and tables that show them.

    gen_hazards.py [ROOT]            writes all that changed
    gen_hazards.py --check [ROOT]    writes nothing; fails when a committed file is not what would be written
    gen_hazards.py --links [ROOT]    fails when a link is missing or leads nowhere, one line for each

Written by hand are docs/risk/hazards.json (which hazards, how severe, how likely, which controls, and what each control rests
on), docs/anomalies/anomalies.json (what is known to be wrong in a version) and the sentences of both in
locales/web/hazards.LANGUAGE.json. A control rests on

    rule:L26                          a rule of the protocol
    story:L26-seven                   a story of protocols/*/stories
    test:tests/unit/x_test.c#name     a test: in C one that is registered, elsewhere the name it runs under, prints or is headed by
    proof:src/engine/guard.c#NAME     a function of that file with an ACSL contract, which Frama-C proves (make prove)
    prove:P8                          a property of the exhaustive checker, as src/prove/properties.h lists them

and the other way round every rule of the protocol whose action is not advice alone (the "advice" list of hazards.json) is
named by a control, and so is every property. Needs Python 3.9 and its standard library only.
"""
import json
import re
import sys
from pathlib import Path

from gen import quoted
from gen_locales import rules_of

LANGUAGES = ("en", "es")
LEVELS = ["low", "medium", "high"]
TAGS = {"V", "V2", "calc", "M", "D"}


def read_json(path):
    def pairs(items):
        seen = {}
        for name, value in items:
            if name in seen:
                sys.exit(f"{path}: {name} stands there twice")
            seen[name] = value
        return seen
    return json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=pairs)


class Risk:
    """All that is written by hand, and what it may name."""

    def __init__(self, root):
        self.root, self.read = root, {}
        self.data = read_json(root / "docs/risk/hazards.json")
        self.hazards = self.data["hazards"]
        self.anomalies = read_json(root / "docs/anomalies/anomalies.json")
        self.texts = {one: read_json(root / f"locales/web/hazards.{one}.json") for one in LANGUAGES}
        self.version = re.search(r'#define LW_VERSION "([^"]+)"', self.text("include/loadwave/base.h"))[1]
        source = root / "protocols/pht/pht.protocol"
        self.protocol = "pht@" + re.search(r"^version (\S+)", source.read_text(encoding="utf-8"), re.M)[1]
        self.rules = {}
        for name, action, _ in rules_of(source):
            self.rules.setdefault(name, set()).add(action.split()[0])
        self.stories = {}
        for path in sorted((root / "protocols/pht/stories").glob("*.json")):
            told = json.loads(path.read_text(encoding="utf-8"))
            for story in told if isinstance(told, list) else []:
                self.stories[story["story"]] = (path.name, story["title"])
        self.properties = re.findall(r'\bX\(\w+, "(P\d+[a-z]?)"', self.text("src/prove/properties.h"))

    def text(self, path):
        if path not in self.read:
            self.read[path] = (self.root / path).read_text(encoding="utf-8")
        return self.read[path]

    def level(self, hazard, when):
        return self.data["matrix"][hazard[when]][self.data["severities"].index(hazard["severity"])]

    def say(self, language, key, **args):
        def fill(found):
            name, _, forms = found[1].partition("|")
            if not forms:
                return str(args[name])
            one, many = forms.split("|")
            return f"{args[name]} {one if args[name] == 1 else many}"
        return re.sub(r"\{([^}]*)\}", fill, self.texts[language]["hazards." + key])


# ------------------------------------------------------------------------------------------------------------ links

def wrong_evidence(risk, link):
    """What is wrong with one link, or None."""
    kind, _, rest = link.partition(":")
    if kind == "rule":
        return None if rest in risk.rules else f"no rule {rest} in the protocol"
    if kind == "story":
        return None if rest in risk.stories else f"no story {rest}"
    if kind == "prove":
        return None if rest in risk.properties else f"the checker has no property {rest}"
    if kind not in ("test", "proof"):
        return f"{link} is no link this program knows"
    path, _, name = rest.partition("#")
    if not path.startswith("tests/" if kind == "test" else "src/") or not (risk.root / path).is_file():
        return f"no file {path}"
    if not name:
        return f"{link} names no test"
    text = risk.text(path)
    if kind == "proof":
        contract = re.search(r"/\*@(?:(?!\*/).)*\bensures\b(?:(?!\*/).)*\*/\s*[^;{}()/]*\b" + re.escape(name) + r"\(", text, re.S)
        return None if contract else f"{path} has no contract of {name}"
    if path.endswith(".c"):
        known = re.search(r"cmocka_unit_test\w*\(\s*" + re.escape(name) + r"\b", text)
    else:  # a comment of a journey proves nothing; in a shell script it is the heading of what follows
        known = name in (re.sub(r"/\*.*?\*/|^\s*//.*?$", "", text, flags=re.S | re.M) if path.endswith(".mjs") else text)
    return None if known else f"{path} has no test {name}"


def source_keys(page):
    """The keys of section 9; a row may hold several: S43–46, S66/67, S04a/b."""
    keys = set()
    for cell in re.findall(r"^\| (S\d\S*(?:[–/]\S+)?) \|", page[page.find("## 9. Sources"):], re.M):
        numbers = [int(one) for one in re.findall(r"\d+", cell)]
        last = numbers[-1] if "–" in cell or "/" in cell else numbers[0]
        keys.update(f"S{number:02}" for number in range(numbers[0], last + 1))
    return keys


def wrong_links(risk):
    data, seen, named = risk.data, set(), set()
    sources = source_keys(risk.text("docs/evidence/clinical.md"))
    for probability in data["probabilities"]:
        row = [LEVELS.index(one) for one in data["matrix"][probability]]
        if row != sorted(row) or len(row) != len(data["severities"]):
            yield f"the matrix falls with severity at {probability}"
    for hazard in risk.hazards:
        where = hazard["id"]
        if where in seen or not re.fullmatch(r"HZ-\d\d", where):
            yield f"{where} is no id, or stands there twice"
        seen.add(where)
        if hazard["group"] not in data["groups"] or hazard["severity"] not in data["severities"]:
            yield f"{where}: group {hazard['group']} or severity {hazard['severity']} is not known"
        if not {hazard["before"], hazard["after"]} <= set(data["probabilities"]):
            yield f"{where}: a likelihood is not known"
            continue
        if hazard["after"] > hazard["before"]:
            yield f"{where}: the controls make it likelier"
        if risk.level(hazard, "after") == "high":
            yield f"{where}: what remains is not acceptable"
        if not hazard["controls"]:
            yield f"{where} has no control"
        kinds = [data["kinds"].index(control["kind"]) for control in hazard["controls"]]
        if kinds != sorted(kinds):
            yield f"{where}: controls stand in the order {', '.join(data['kinds'])}"
        for number, control in enumerate(hazard["controls"], 1):
            if not control["evidence"]:
                yield f"{where}: control {number} rests on nothing"
            if len(set(control["evidence"])) != len(control["evidence"]):
                yield f"{where}: control {number} names something twice"
            named.update(control["evidence"])
            for link in control["evidence"]:
                wrong = wrong_evidence(risk, link)
                if wrong:
                    yield f"{where}: control {number}: {wrong}"
        for source in hazard["sources"]:
            key, _, tag = source.partition(":")
            if tag not in TAGS or key not in sources:
                yield f"{where}: source {source} is not in docs/evidence/clinical.md, or has no tag"
    for rule, actions in risk.rules.items():
        if not actions <= set(data["advice"]) and f"rule:{rule}" not in named:
            yield f"rule {rule} ({', '.join(sorted(actions))}) guards against something, and no hazard names it"
    for one in risk.properties:
        if f"prove:{one}" not in named:
            yield f"property {one} is named by no hazard"
    yield from wrong_anomalies(risk, seen)
    yield from wrong_sentences(risk)


def wrong_anomalies(risk, hazards):
    if risk.version not in risk.anomalies:
        yield f"docs/anomalies/anomalies.json says nothing about version {risk.version}"
    for version, found in risk.anomalies.items():
        for one in found:
            if not re.fullmatch(r"AN-\d\d", one["id"]) or one["hazard"] not in hazards:
                yield f"{version}: anomaly {one['id']} has no hazard {one['hazard']}"


def wanted_sentences(risk):
    for hazard in risk.hazards:
        for part in ["name", "cause", "situation", "harm", "remains"] + [f"c{n}" for n in range(1, len(hazard["controls"]) + 1)]:
            yield f"hazards.{hazard['id']}.{part}"
    for found in risk.anomalies.values():
        for one in found:
            yield f"hazards.{one['id']}.what"
            yield f"hazards.{one['id']}.do"
    for family, words in (("group", risk.data["groups"]), ("kind", risk.data["kinds"]), ("severity", risk.data["severities"]),
                          ("severity_text", risk.data["severities"]), ("probability", risk.data["probabilities"]),
                          ("probability_text", risk.data["probabilities"]), ("level", LEVELS), ("level_text", LEVELS),
                          ("prove", risk.properties)):
        for word in words:
            yield f"hazards.{family}.{word}"


def wrong_sentences(risk):
    wanted = set(wanted_sentences(risk))
    for language, texts in risk.texts.items():
        for key in sorted(wanted - texts.keys()):
            yield f"locales/web/hazards.{language}.json lacks {key}"
        for key in sorted(texts.keys() - wanted):
            if re.match(r"hazards\.(HZ|AN)-|hazards\.(group|kind|severity|severity_text|probability|probability_text|level|level_text|prove)\.", key):
                yield f"locales/web/hazards.{language}.json has {key}, which nothing names"


# ------------------------------------------------------------------------------------------------------------ pages

HEAD = "<!-- Generated by tools/gen_hazards.py from docs/risk/hazards.json and locales/web/hazards.{language}.json. Do not edit. -->\n"


def link_words(risk, language, link, up="../../"):
    kind, _, rest = link.partition(":")
    if kind == "rule":
        return f"[rule {rest}]({up}protocols/pht/pht.protocol)"
    if kind == "story":
        return f"[story {rest}]({up}protocols/pht/stories/{risk.stories[rest][0]})"
    if kind == "prove":
        return f"prove {rest} ({risk.say(language, 'prove.' + rest).rstrip('.')})"
    path, _, name = rest.partition("#")
    if kind == "proof":
        return f"Frama-C [{path}]({up}{path}) `{name}`"
    return f"[{path.split('/', 1)[1]}]({up}{path}) `{name}`"


def matrix_lines(risk, language, when):
    data, say = risk.data, lambda key, **args: risk.say(language, key, **args)
    yield f"| {say('likelihood')} \\ {say('severity')} | " + " | ".join(f"{one} {say('severity.' + one)}" for one in data["severities"]) + " |\n"
    yield "|---" * (len(data["severities"]) + 1) + "|\n"
    for probability in reversed(data["probabilities"]):
        cells = []
        for severity, level in zip(data["severities"], data["matrix"][probability]):
            ids = [one["id"] for one in risk.hazards if one["severity"] == severity and one[when] == probability]
            cells.append(say("level." + level) + (": " + ", ".join(f"[{one}](#{one.lower()})" for one in ids) if ids else ""))
        yield f"| {probability} {say('probability.' + probability)} | " + " | ".join(cells) + " |\n"


def page(risk, language):
    data, say = risk.data, lambda key, **args: risk.say(language, key, **args)
    out = [HEAD.format(language=language), f"# {say('title')}\n\n", f"{say('intro')} **{say('unsigned')}**\n\n",
           f"{say('version', version=risk.version, protocol=risk.protocol)}. [README.md](README.md)\n\n", f"## {say('words')}\n\n"]
    for family, words in (("severity", data["severities"]), ("probability", data["probabilities"])):
        out += [f"- **{one} {say(f'{family}.{one}')}**: {say(f'{family}_text.{one}')}\n" for one in words]
        out.append("\n")
    out.append(f"{say('course')}\n\n")
    out += [f"- **{say('level.' + one)}**: {say('level_text.' + one)}\n" for one in LEVELS]
    for when in ("before", "after"):
        out += [f"\n## {say('matrix')}: {say(when)}\n\n", *matrix_lines(risk, language, when)]
    for group in data["groups"]:
        title = say("group." + group)
        out.append(f"\n## {title[0].upper()}{title[1:]}\n")
        for hazard in (one for one in risk.hazards if one["group"] == group):
            out += hazard_lines(risk, language, hazard)
    out += reverse_lines(risk, language)
    return "".join(out)


def hazard_lines(risk, language, hazard):
    say = lambda key, **args: risk.say(language, key, **args)
    own = lambda part: say(f"{hazard['id']}.{part}")
    before, after = (say("level." + risk.level(hazard, when)) for when in ("before", "after"))
    yield f"\n<a id=\"{hazard['id'].lower()}\"></a>\n### {hazard['id']} {own('name')}\n\n"
    yield (f"{hazard['severity']} {say('severity.' + hazard['severity'])}; {hazard['before']} → {hazard['after']}; "
           f"{say('change', before=before, after='**' + after + '**')}\n\n")
    for part in ("cause", "situation", "harm"):
        yield f"- {say(part)}: {own(part)}\n"
    yield "\n"
    for number, control in enumerate(hazard["controls"], 1):
        known = "; ".join(link_words(risk, language, one) for one in control["evidence"])
        yield f"{number}. *{say('kind.' + control['kind'])}.* {own(f'c{number}')}<br>{known}\n"
    yield f"\n{say('remains')}: {own('remains')}\n"
    if hazard["sources"]:
        yield f"\n{say('sources')}: " + ", ".join(f"{key} [{tag}]" for key, _, tag in (one.partition(":") for one in hazard["sources"])) + "\n"


def reverse_lines(risk, language):
    """Which hazard each rule, and each property, guards against."""
    say = lambda key: risk.say(language, key)
    for kind, ids in (("rule", sorted(risk.rules)), ("prove", risk.properties)):
        yield f"\n## {say(kind)[0].upper()}{say(kind)[1:]}\n\n| | HZ |\n|---|---|\n"
        for one in ids:
            found = [hazard["id"] for hazard in risk.hazards if any(f"{kind}:{one}" in control["evidence"] for control in hazard["controls"])]
            yield f"| {one} | " + (", ".join(f"[{name}](#{name.lower()})" for name in found) or "–") + " |\n"


def anomaly_page(risk, version):
    say = lambda key, **args: risk.say("en", key, **args)
    out = ["<!-- Generated by tools/gen_hazards.py from docs/anomalies/anomalies.json and locales/web/hazards.en.json. Do not edit. -->\n",
           f"# {say('anomalies', version=version)}\n\n{say('anomalies_intro')} What an anomaly can lead to stands in [../risk/hazards.md](../risk/hazards.md).\n\n"]
    for one in risk.anomalies[version]:
        out.append(f"- **{one['id']}** ([{one['hazard']}](../risk/hazards.md#{one['hazard'].lower()})). {say(one['id'] + '.what')} "
                   f"*{say('anomaly_do')}*: {say(one['id'] + '.do')}\n")
    if not risk.anomalies[version]:
        out.append(say("none") + "\n")
    return "".join(out)


# ----------------------------------------------------------------------------------------------------------- tables

def c_table(risk):
    out = ["/* Generated by tools/gen_hazards.py from docs/risk/hazards.json and locales/web/hazards.*.json. Do not edit. */\n",
           "/* clang-format off */\n", '#include "cli/hazards.h"\n\n']
    for number, hazard in enumerate(risk.hazards):
        out.append(f"static const struct cli_control controls_{number}[] = {{\n")
        for control in hazard["controls"]:
            out.append(f"    {{{quoted(control['kind'])}, (const char *const[]){{{', '.join(quoted(one) for one in control['evidence'])}, NULL}}}},\n")
        out.append("};\n")
    out.append(f"\nconst int cli_hazard_count = {len(risk.hazards)};\nconst struct cli_hazard cli_hazards[] = {{\n")
    for number, hazard in enumerate(risk.hazards):
        words = [hazard["id"], hazard["group"], hazard["severity"], hazard["before"], hazard["after"], risk.level(hazard, "before"),
                 risk.level(hazard, "after")]
        sources = ", ".join([quoted(one) for one in hazard["sources"]] + ["NULL"])
        out.append(f"    {{{', '.join(quoted(one) for one in words)}, {len(hazard['controls'])}, controls_{number}, (const char *const[]){{{sources}}}}},\n")
    out.append("};\n")
    shown = {"title", "unsigned", "cause", "situation", "harm", "controls", "remains", "sources", "not_found", "severity",
             "likelihood", "filter", "rule", "story", "test", "prove", "proof"}
    for language, texts in risk.texts.items():
        keys = sorted((key for key in texts if re.match(r"hazards\.(HZ-|group\.|kind\.|severity\.|probability\.|level\.|prove\.)", key) or
                       key.split(".", 1)[1] in shown), key=lambda key: key.encode())
        out.append(f"\nconst lw_sentence cli_hazard_sentences_{language}[] = {{\n")
        out += [f"    {{{quoted(key)}, {quoted(texts[key])}}},\n" for key in keys]
        out.append(f"}};\nconst unsigned cli_hazard_sentences_{language}_count = {len(keys)};\n")
    return "".join(out)


def web_table(risk):
    used = {link[6:] for hazard in risk.hazards for control in hazard["controls"] for link in control["evidence"] if link.startswith("story:")}
    hazards = [{**hazard, "risk_before": risk.level(hazard, "before"), "risk_after": risk.level(hazard, "after")} for hazard in risk.hazards]
    table = {"generated": "tools/gen_hazards.py", "version": risk.version, "protocol": risk.protocol,
             **{name: risk.data[name] for name in ("kinds", "groups", "severities", "probabilities", "matrix")}, "hazards": hazards,
             "stories": {one: risk.stories[one][1] for one in sorted(used)}, "anomalies": risk.anomalies.get(risk.version, [])}
    return json.dumps(table, ensure_ascii=False, separators=(",", ":")) + "\n"


def outputs(risk):
    return {"docs/risk/hazards.md": page(risk, "en"), "docs/risk/hazards.es.md": page(risk, "es"),
            **{f"docs/anomalies/{version}.md": anomaly_page(risk, version) for version in risk.anomalies},
            "src/cli/hazards_table.c": c_table(risk), "web/src/generated/hazards.json": web_table(risk)}


def main(arguments):
    options = [one for one in arguments if one.startswith("--")]
    places = [one for one in arguments if not one.startswith("--")]
    if options not in ([], ["--check"], ["--links"]) or len(places) > 1:
        print(__doc__)
        return 2
    root = Path(places[0]) if places else Path(__file__).resolve().parent.parent
    risk = Risk(root)
    found = list(wrong_links(risk))
    if found or options == ["--links"]:
        print(*found, sep="\n", end="\n" if found else "")
        if not found:
            controls = [control for hazard in risk.hazards for control in hazard["controls"]]
            print(f"{len(risk.hazards)} hazards, {len(controls)} controls, {sum(len(one['evidence']) for one in controls)} links, all of them lead somewhere")
        return 1 if found else 0
    stale = [path for path, text in outputs(risk).items() if not (root / path).exists() or risk.text(path) != text]
    if options == ["--check"]:
        for path in stale:
            print(f"{path} is stale: run tools/gen_hazards.py")
        return 1 if stale else 0
    made = outputs(risk)
    for path in stale:
        (root / path).write_text(made[path], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
