# The front door. `make` alone lists what it can do.
#
# run and test begin by installing what is missing (Debian, apt); build does not install anything.

COVERAGE_BRANCHES ?= 100
FUZZ_SECONDS ?= 60
JOBS ?= $(shell nproc 2>/dev/null || echo 2)
PORT ?= 8080
EXAMPLES := runner-combined desk-flare red-flag messy

generator := $(if $(shell command -v ninja),Ninja,Unix Makefiles)
clang := $(shell command -v clang-14 || command -v clang)
wasm_ready := $(and $(clang),$(wildcard /usr/include/wasm32-wasi/string.h),$(shell command -v wasm-ld-14 || command -v wasm-ld))
rule := ────────────────────────────────────────────────────────────

# configure PRESET; a folder that another generator made is made again.
define configure
@grep -qs "CMAKE_GENERATOR:INTERNAL=$(generator)" build/$(1)/CMakeCache.txt || rm -rf build/$(1)
@cmake --preset $(1) -G "$(generator)" >/dev/null
endef

.DEFAULT_GOAL := help
.PHONY: help run test setup setup-run setup-prove build wasm web plans bench bench-watch bench-fhir fhir fhir-validate fhir-clients fuzz kill9 tsan siege soak mutate prove install uninstall deb setup-install install-test boot-test proxy-test fresh-test sbom format generate clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

# After setting up, make starts anew, so that it sees what was just installed.
run: setup-run ## install what is missing, build, and start the demo clinic (PORT=8080)
	@$(MAKE) --no-print-directory build
	@build/loadwave serve --demo --store build/demo/loadwave.db --listen 127.0.0.1:$(PORT)

test: setup ## install what is missing, then every test: gcc, clang, sanitizers, WebAssembly, coverage
	@$(MAKE) --no-print-directory build
	@sh tools/run_tests.sh $(JOBS) $(COVERAGE_BRANCHES)

setup: ## install what building and testing need
	@sh tools/setup.sh all

setup-run:
	@sh tools/setup.sh run

build: ## build/loadwave with its web pages, build/libloadwave.a, build/loadwave.wasm; what cannot be made is left out, and said
ifneq ($(wasm_ready),)
	@$(MAKE) --no-print-directory wasm
	@$(MAKE) --no-print-directory web
else
	@echo "build/loadwave.wasm and the web pages: left out, they need clang, lld and wasi-libc (make setup brings them)"
endif
	$(call configure,release)
	@cmake --build build/release -j $(JOBS)

wasm:
	$(call configure,wasm)
	@cmake --build build/wasm -j $(JOBS)

# The pages: packages as package-lock.json has them, then Vite, then into build/web/assets.c, which the program is built with.
web_sources = $(shell find web/src web/public web/clinic web/index.html web/package.json web/vite.config.ts web/svelte.config.js \
    web/tsconfig.json locales protocols/pht wasm/loadwave.mjs wasm/prove.mjs wasm/watch.mjs schema/watch_sets.json tools/embed_web.mjs -type f 2>/dev/null) build/loadwave.wasm build/loadwave-prove.wasm build/loadwave-watch.wasm

node_ready := $(and $(shell command -v node),$(shell command -v npm))
web: $(if $(node_ready),$(if $(filter no,$(WEB)),web-left-out,build/web/assets.c),web-left-out)

.PHONY: web-left-out
web-left-out:
	@echo "web pages: left out; they need Node.js and npm (make setup brings them), and no WEB=no"

build/web/packages: web/package-lock.json
	@mkdir -p build/web
	@echo "web packages, as web/package-lock.json has them"
	@cd web && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

build/web/assets.c: build/web/packages $(web_sources)
	@cd web && npm run --silent build -- --logLevel warn
	@node tools/embed_web.mjs
	@touch $@

plans: ## today's plan of every example on the last day of its record, and the course of one
	@for name in $(EXAMPLES); do \
	    day=$$(build/loadwave log show "examples/$$name.jsonl" --last-day) || exit 1; \
	    printf '\n%s\n$$ loadwave today examples/%s.jsonl --on %s\n\n' "$(rule)" "$$name" "$$day"; \
	    build/loadwave today "examples/$$name.jsonl" --on "$$day" || exit 1; \
	done
	@printf '\n%s\n$$ loadwave replay examples/runner-combined.jsonl\n\n' "$(rule)"
	@build/loadwave replay examples/runner-combined.jsonl

bench: build ## speed, as ratios measured in one run
	@sh bench/run.sh

bench-watch: build ## FIT files against fit-file-parser, and two GiB of Apple Health through loadwave import
	@cmake --build build/release --target bench_fit
	@node bench/watch.mjs build/release/bench_fit build/loadwave-watch.wasm
	@python3 bench/health.py build/loadwave

bench-fhir: build ## FHIR create and search at 8 and 64 connections, memory with 10,000 patients, cold start
	@cmake --build build/release --target bench_clinic loadwave_program >/dev/null && node bench/fhir.mjs build/release/bench_clinic

fhir: build ## every FHIR resource of every story against two validators of npm (a part of it is in make test)
	@npm ci --prefix tests/fhir --ignore-scripts --no-audit --no-fund --silent
	@LOADWAVE=build/loadwave LW_BUILD=build/dev node tests/fhir/check.mjs

fhir-validate: fhir-clients ## the same, and what the server said to them, through HL7's own validator with Java, offline once installed; its output is docs/fhir-validation.md
	@sh tools/setup.sh fhir
	@npm ci --prefix tests/fhir/hl7 --ignore-scripts --no-audit --no-fund --silent
	@LOADWAVE=build/loadwave LW_BUILD=build/dev node tests/fhir/hl7_validate.mjs

fhir-clients: build ## two FHIR clients of other people read the running server; what only a server emits is validated
	@npm ci --prefix tests/fhir/clients --legacy-peer-deps --omit=optional --ignore-scripts --no-audit --no-fund --silent
	@LOADWAVE=build/loadwave LW_BUILD=build/dev node tests/fhir/clients/clients.mjs

fuzz: ## run every fuzz target for FUZZ_SECONDS each
	@cmake --preset fuzz >/dev/null && cmake --build build/fuzz -j $(JOBS) --target $(patsubst fuzz/%.c,%,$(wildcard fuzz/fuzz_*.c))
	@for target in build/fuzz/fuzz_*; do \
	    [ -x "$$target" ] && [ ! -d "$$target" ] || continue; \
	    name=$$(basename "$$target"); mkdir -p "fuzz/corpus/$${name#fuzz_}"; \
	    ASAN_OPTIONS=quarantine_size_mb=64 "$$target" -max_total_time=$(FUZZ_SECONDS) -close_fd_mask=2 -print_final_stats=1 \
	        "fuzz/corpus/$${name#fuzz_}" "fuzz/seeds/$${name#fuzz_}" || exit 1; \
	done

kill9: build ## kill -9 a writing server KILLS=1000 times over each database (SEED=1)
	@LW_STRICT=1 LW_BUILD=build/release LOADWAVE=build/loadwave KILLS=$(or $(KILLS),1000) SEED=$(or $(SEED),1) \
	    sh -c 'sh tests/store/kill9_test.sh && sh tests/store/kill9_postgres_test.sh'

mutate: wasm ## break the engine in SAMPLE=500 places (SEED=1; SAMPLE=all), one after the other: do the tests notice?
	@nice -n 10 python3 tools/mutate/mutate.py --sample $(or $(SAMPLE),500) --seed $(or $(SEED),1) --jobs $(JOBS)

tsan: ## the server under many clients for TSAN_SECONDS=30, built with the thread sanitizer; any report fails
	@cmake --preset tsan >/dev/null && cmake --build build/tsan -j $(JOBS) --target loadwave_program
	@LOADWAVE=build/tsan/loadwave python3 tests/server/clients.py mixed $(or $(TSAN_SECONDS),30)

siege: build ## 10,000 idle connections and attackers of every kind; the server keeps answering, its memory is printed
	@LOADWAVE=build/loadwave python3 tests/server/clients.py siege $(or $(IDLE),10000) 70

soak: build ## a mixed load over a bounded set of records for SOAK_SECONDS=300; the heap must stay flat
	@LOADWAVE=build/loadwave python3 tests/server/clients.py soak $(or $(SOAK_SECONDS),300)

prove: setup-prove ## prove PHT by the checker and by SPIN, the contracts on the C by Frama-C, and that faults are found
	@$(MAKE) --no-print-directory build
	@sh tools/prove.sh build/loadwave build/release

setup-prove:
	@sh tools/setup.sh prove

PREFIX ?= /usr/local
install: build ## the program, its pages of manual, completion, unit and examples (PREFIX=/usr/local, DESTDIR=); docs/install.md
	@DESTDIR="$(DESTDIR)" cmake --install build/release --prefix "$(PREFIX)"

uninstall: ## takes away what make install put there, with the same PREFIX and DESTDIR; settings and records stay
	@grep -v '^/etc/default/' build/release/install_manifest.txt | sed 's|^|$(DESTDIR)|' | xargs -d '\n' rm -f
	@cd "$(DESTDIR)$(PREFIX)/lib/systemd/system" 2>/dev/null && rm -f loadwave.service loadwave-backup.service loadwave-backup.timer || true
	@find "$(DESTDIR)$(PREFIX)/share/doc/loadwave" -depth -type d -empty -delete 2>/dev/null || true
	@echo "uninstall: settings in $(DESTDIR)/etc/default/loadwave, records in /var/lib/loadwave and the user stay"

deb: build ## build/loadwave_VERSION_ARCH.deb, for apt install
	@sh packaging/deb.sh build/release build

setup-install:
	@sh tools/setup.sh install

install-test: setup-install deb ## that package on a clean Debian made by debootstrap: installed, run, upgraded, downgraded, purged (root, 5 minutes)
	@sh tests/install/clean_root.sh build/release

boot-test: setup-install deb ## that package under a real systemd: an emulated machine booted three times (root, 30 minutes)
	@sh tests/install/boot.sh build/release

proxy-test: setup-install build ## both example proxies with the real nginx and Caddy before a running server
	@LOADWAVE=build/loadwave sh tests/install/proxy_test.sh

fresh-test: setup-install ## make run, make setup, a few tests and make install from a copy of the sources on a clean Debian (root, 20 minutes)
	@sh tests/install/fresh.sh

sbom: ## what Loadwave is made of, as CycloneDX: docs/security/sbom.cdx.json
	@python3 tools/sbom.py

format: ## lay out the C sources with clang-format
	@sh tests/gates/check_format.sh --fix

generate: ## write again every file that is made from another
	@python3 tools/gen.py
	@python3 tools/gen_locales.py
	@python3 tools/gen_hazards.py
	@$(MAKE) --no-print-directory build
	@sh tests/cli/generated_docs_test.sh --write build/loadwave

clean: ## remove build/
	@rm -rf build
