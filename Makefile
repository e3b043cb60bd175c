# What people and machines rely on. `make help` lists it.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

cargo := cargo
perennial := target/debug/perennial
with_postgres := scripts/with-postgres.sh
javascript := examples/plugin-js
# A part: of the benchmarks by the beginning of its rows, such as ONLY=requests; of the mutants by the
# beginning of its files' paths, such as ONLY=core/src/accounts.
ONLY ?=
# Parts of the names of the tests that `make mutants` runs, such as TESTS="ledger:: rewards::".
TESTS ?=

# How many histories of each property `make proof` lives, how many races there are, and how often `make faults` does each.
HISTORIES := 500
RACES := 10000
FAULTS := 50

.PHONY: help setup run test javascript proof faults bench mutants release lint plugins schema clean

help: ## Say what there is.
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Check the tools and add the WebAssembly target if it is missing.
	@command -v cargo >/dev/null || { \
		echo "Rust is missing: install it from https://rustup.rs" >&2; exit 1; }
	@if [ ! -d "$$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown" ]; then \
		if command -v rustup >/dev/null; then rustup target add wasm32-unknown-unknown; else \
			echo "the Rust target wasm32-unknown-unknown is missing, and so is rustup" >&2; exit 1; fi; fi

run: setup ## Serve the demo program with real purchases on http://127.0.0.1:8080.
	$(cargo) build --locked
	$(perennial) plugin build
	$(perennial) demo
	exec $(perennial) serve --print-tokens demo

# Much of a test is waiting for a database or a process of its own.
test: export RUST_TEST_THREADS ?= $(shell echo $$((2 * $$(getconf _NPROCESSORS_ONLN))))
test: setup ## Run every test on SQLite and on a PostgreSQL of its own.
	$(with_postgres) $(cargo) test --locked --workspace

javascript: setup ## Build the example in JavaScript with Node.js, and test it and an unruly one in the sandbox.
	@command -v npm >/dev/null || { echo "Node.js is missing: install it from https://nodejs.org" >&2; exit 1; }
	$(cargo) build --locked
	npm ci --prefix $(javascript)
	npm run build --prefix $(javascript)
	$(perennial) plugin test $(javascript) --component $(javascript)/target/component.wasm
	mkdir -p target/javascript
	$(javascript)/node_modules/.bin/componentize-qjs --wit sdk/wit --world plugin --js tests/plugins/unruly-js/unruly.js \
		--sync --opt-size --minify --stub-wasi --output target/javascript/unruly-component.wasm
	$(with_postgres) $(cargo) test --locked --workspace --test it -- --ignored javascript

proof: setup ## Live many random histories and races beside a reference of the ledger; HISTORIES=2000 for more.
	PERENNIAL_HISTORIES=$(HISTORIES) $(with_postgres) $(cargo) test --locked --test it -- model::
	PERENNIAL_RACES=$(RACES) $(with_postgres) $(cargo) test --locked --test it -- bank::

faults: setup ## Kill, freeze, restart and fill up what is under load; FAULTS=5 for fewer times.
	PERENNIAL_FAULTS=$(FAULTS) $(with_postgres) $(cargo) test --locked --test it -- faults:: server_clock::

bench: setup ## Run the benchmarks beside their baselines; ONLY=requests for a part.
	PERENNIAL_POSTGRES_DURABLE=1 $(with_postgres) $(cargo) bench --locked --bench bench -- $(ONLY)

# A PostgreSQL for each mutant, and gone with it: the databases of a whole run would not fit on a disk.
# That the tests pass on what is not mutated is what `make test` says.
mutants: setup ## Change the code that must not be wrong and see which tests notice; ONLY=core/src/accounts for a part.
	@cargo mutants --version >/dev/null 2>&1 || { \
		echo "cargo-mutants is missing: cargo install --locked cargo-mutants@27.1.0" >&2; exit 1; }
	$(cargo) mutants --workspace --output target --re '^$(ONLY)' --baseline skip --timeout 600 \
		--cargo-arg=--config --cargo-arg="target.'cfg(all())'.runner='$(CURDIR)/$(with_postgres)'" \
		-- -- $(TESTS)

release: setup ## Build the binary and the plugins for production.
	$(cargo) build --locked --release
	target/release/perennial plugin build

lint: setup ## Check format, lints and documentation.
	$(cargo) fmt --all --check
	$(cargo) clippy --locked --workspace -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(cargo) doc --locked --workspace --no-deps --document-private-items

plugins: setup ## Build the bundled plugins into target/plugins.
	$(cargo) build --locked
	$(perennial) plugin build

schema: ## Write the GraphQL schemas that the build serves.
	$(cargo) build --locked
	$(perennial) schema --write

clean: ## Remove what was built and the demo's database.
	$(cargo) clean
	rm -rf data
