#!/usr/bin/env python3
"""
sbom.py: what Loadwave is made of, as CycloneDX 1.5: docs/security/sbom.cdx.json.

Three parts. What web/package-lock.json brings into the pages (no package of development), with its licence and hash. What the
program is linked with: the list of pkg_check_modules in CMakeLists.txt and libc, each with the Debian package that owns the
shared library, its version on this machine and the licences its copyright file names. What it was made with, as tools.

No clock and no random number: on one machine it is the same bytes each time. Versions of Debian packages are those of the
machine it runs on; --check therefore compares names only, and of the npm part everything.

    python3 tools/sbom.py            writes the file
    python3 tools/sbom.py --check    compares it with CMakeLists.txt and web/package-lock.json
"""
import base64, hashlib, json, os, re, subprocess, sys, uuid

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OUT = "docs/security/sbom.cdx.json"
# What pkg-config calls it, and the file the linker finds.
SHARED = {"libmicrohttpd": "libmicrohttpd.so", "sqlite3": "libsqlite3.so", "libpq": "libpq.so", "libsodium": "libsodium.so",
          "libcrypto": "libcrypto.so", "libfido2": "libfido2.so", "liboath": "liboath.so", "zlib": "libz.so",
          "libical": "libical.so", "libcurl": "libcurl.so", "cairo-pdf": "libcairo.so", "cairo-svg": "libcairo.so",
          "pangocairo": "libpangocairo-1.0.so", "fontconfig": "libfontconfig.so", "expat": "libexpat.so", "libzip": "libzip.so"}
# Debian's copyright files are not all machine-readable; these say the same in words (read in each file, Debian 12).
LICENCE = {"libmicrohttpd": "LGPL-2.1-or-later", "sqlite3": "blessing", "libpq": "PostgreSQL", "libsodium": "ISC",
           "libcrypto": "Apache-2.0", "libfido2": "BSD-2-Clause", "liboath": "LGPL-2.1-or-later", "zlib": "Zlib",
           "libical": "LGPL-2.1-only OR MPL-2.0", "libcurl": "curl", "cairo-pdf": "LGPL-2.1-only OR MPL-1.1",
           "cairo-svg": "LGPL-2.1-only OR MPL-1.1", "pangocairo": "LGPL-2.0-or-later", "fontconfig": "HPND-sell-variant", "expat": "MIT", "libzip": "BSD-3-Clause",
           "libc": "LGPL-2.1-or-later"}
TOOLS = ["gcc", "clang-14", "lld-14", "wasi-libc", "cmake", "ninja-build", "nodejs", "python3"]


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def said(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else ""


def linked():
    """The names of CMakeLists.txt; libc comes with all of them."""
    found = re.findall(r"pkg_check_modules\(LW_\w+ REQUIRED IMPORTED_TARGET ([^)]*)\)", read("CMakeLists.txt"))
    if not found:
        sys.exit("sbom: CMakeLists.txt has no pkg_check_modules(LW_…)")
    return list(dict.fromkeys(" ".join(found).split())) + ["libc"]


def bundled():
    """(name, version, licence, sha512 in hex) of every package that is not for development."""
    lock = json.loads(read("web/package-lock.json"))
    for path, one in sorted(lock["packages"].items()):
        if path and not one.get("dev"):
            algorithm, _, value = one["integrity"].partition("-")
            if algorithm != "sha512":
                sys.exit(f"sbom: {path} is pinned by {algorithm}, not sha512")
            yield path.rpartition("node_modules/")[2], one["version"], one["license"], base64.b64decode(value).hex()


def package_of(name):
    """The Debian package that owns the shared library, and its version."""
    if name == "libc":
        package = "libc6"
    else:
        where = said("gcc", "-print-file-name=" + SHARED[name])
        package = said("dpkg", "-S", os.path.realpath(where)).split(":")[0]
        if not package and os.path.realpath(where).startswith("/usr/lib/"):  # the database may know it under /lib
            package = said("dpkg", "-S", os.path.realpath(where)[4:]).split(":")[0]
    version = said("dpkg-query", "-W", "-f", "${Version}", package) if package else ""
    if not version:
        sys.exit(f"sbom: no Debian package owns {name} on this machine")
    return package, version


def licence(expression):
    return [{"expression": expression}] if " " in expression else [{"license": {"id": expression}}]


def make():
    version = re.search(r'LW_VERSION[A-Z_]* +"([0-9.]+)"', read("include/loadwave/base.h") + read("src/cli/cli.h"))
    version = version.group(1) if version else re.search(r"## \[?([0-9]+\.[0-9]+\.[0-9]+)", read("CHANGELOG.md")).group(1)
    parts = []
    for name in linked():
        package, debian = package_of(name)
        ref = f"pkg:deb/debian/{package}@{debian}"
        twin = next((one for one in parts if one["bom-ref"] == ref), None)
        if twin:  # two names of one library
            twin["properties"].append({"name": "loadwave:linked-as", "value": name})
            continue
        parts.append({"type": "library", "bom-ref": ref, "name": package, "version": debian, "licenses": licence(LICENCE[name]),
                      "purl": ref.replace("+", "%2B") + "?distro=debian-12",
                      "properties": [{"name": "loadwave:linked-as", "value": name}]})
    for name, number, terms, sha in bundled():
        ref = f"pkg:npm/{name.replace('@', '%40')}@{number}"
        parts.append({"type": "library", "bom-ref": ref, "name": name, "version": number, "licenses": licence(terms), "purl": ref,
                      "hashes": [{"alg": "SHA-512", "content": sha}]})
    # The runtime of the pages: compiled in by their compiler, which stands in the lock file as development.
    lock = json.loads(read("web/package-lock.json"))["packages"]
    svelte = lock["node_modules/svelte"]
    ref = f"pkg:npm/svelte@{svelte['version']}"
    parts.append({"type": "library", "bom-ref": ref, "name": "svelte", "version": svelte["version"],
                  "licenses": licence(svelte["license"]), "purl": ref,
                  "hashes": [{"alg": "SHA-512", "content": base64.b64decode(svelte["integrity"][7:]).hex()}],
                  "properties": [{"name": "loadwave:linked-as", "value": "runtime compiled into the pages"}]})
    tools = []
    for name in TOOLS:
        number = said("dpkg-query", "-W", "-f", "${Version}", name)
        if number:
            tools.append({"type": "application", "name": name, "version": number})
    for name in ("vite", "typescript"):
        tools.append({"type": "application", "name": name, "version": lock["node_modules/" + name]["version"]})
    root = f"pkg:generic/loadwave@{version}"
    body = {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
            "metadata": {"tools": {"components": tools},
                         "component": {"type": "application", "bom-ref": root, "name": "loadwave", "version": version,
                                       "licenses": licence("Apache-2.0"), "purl": root}},
            "components": parts,
            "dependencies": [{"ref": root, "dependsOn": [one["bom-ref"] for one in parts]}] +
                            [{"ref": one["bom-ref"]} for one in parts]}
    # The serial number is made of the content, so that the same content has the same.
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).digest()
    return {"$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json", "bomFormat": "CycloneDX", "specVersion": "1.5",
            "serialNumber": "urn:uuid:" + str(uuid.UUID(bytes=digest[:16], version=4)), **{k: v for k, v in body.items() if k not in ("bomFormat", "specVersion")}}


def check():
    wrong = []
    bom = json.loads(read(OUT))
    names = [p["value"] for one in bom["components"] for p in one.get("properties", []) if p["name"] == "loadwave:linked-as"]
    names = [one for one in names if " " not in one]
    if sorted(names) != sorted(linked()):
        wrong.append(f"linked libraries: CMakeLists.txt has {sorted(linked())}, {OUT} has {sorted(names)}")
    have = {(one["name"], one["version"], one["hashes"][0]["content"]) for one in bom["components"] if one["purl"].startswith("pkg:npm/")}
    lock = json.loads(read("web/package-lock.json"))["packages"]
    svelte = lock["node_modules/svelte"]
    want = {(name, number, sha) for name, number, _, sha in bundled()}
    want.add(("svelte", svelte["version"], base64.b64decode(svelte["integrity"][7:]).hex()))
    for one in sorted(want - have):
        wrong.append(f"{one[0]} {one[1]} of web/package-lock.json is not in {OUT}, or with another hash")
    for one in sorted(have - want):
        wrong.append(f"{one[0]} {one[1]} in {OUT} is not what web/package-lock.json brings into the pages")
    for one in bom["components"]:
        if not one.get("version") or not one.get("licenses"):
            wrong.append(f"{one['name']} lacks version or licence")
    refs = [one["bom-ref"] for one in bom["components"]]
    if len(refs) != len(set(refs)):
        wrong.append("a component stands there twice")
    for line in wrong:
        print("sbom:", line)
    return 1 if wrong else 0


if "--check" in sys.argv:
    sys.exit(check())
with open(os.path.join(ROOT, OUT), "w", encoding="utf-8") as out:
    json.dump(make(), out, indent=1, ensure_ascii=False)
    out.write("\n")
