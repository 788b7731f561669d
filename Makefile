# Undersigned: every command a person needs. `make` alone lists them.
PORT ?= 8000
export PORT
# Every command starts Python many times over: without kept bytecode each start takes two seconds longer.
unexport PYTHONDONTWRITEBYTECODE

BIN := .venv/bin
# How many test processes; the suite is written for any number.
TEST_PROCESSES ?= 2

.DEFAULT_GOAL := help
.PHONY: help setup demo-setup demo manage unit test test-deploy mutants bench drill lint docs screenshots format css lock sbom audit clean

help: # This list
	@sed -n 's/^\([a-z-]*\):.*# /  make \1\t/p' Makefile | expand -t 20

demo-setup:
	@sh local/bootstrap.sh local

setup: # Make .venv with everything in it
	@sh local/bootstrap.sh dev

demo: demo-setup # A live site with demo data on http://127.0.0.1:8000 (or PORT=…); Ctrl-C stops it
	@exec $(BIN)/python -m local.demo

manage: demo-setup # A command on the demo's data: make manage c="shell"
	@exec $(BIN)/python -m local.demo manage $(c)

unit: setup # The quick tests only: no linters, no journeys, nothing marked `whole`
	@exec $(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist worksteal -m "not whole and not journey and not deploy" $(t)

test: lint # Linters, then all unit tests and browser journeys
	@sh local/chromium.sh
	@sh local/php.sh
	@exec $(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist worksteal $(t)

test-deploy: setup # Run the files of deploy/ with Debian's nginx, Caddy and others, in a minute and a half
	@sh local/edge.sh
	@exec $(BIN)/python -m pytest -m deploy tests/deploy $(t)

mutants: setup # Break the code in each way of a kept list; a test must notice (PART=1/3 for a third)
	@exec $(BIN)/python -m local.mutants $(if $(PART),--part $(PART)) $(m)

bench: setup # The benchmark, a quarter of an hour; QUICK=1 for two minutes; needs wrk
	@exec $(BIN)/python -m bench

drill: demo-setup # Kill things while people sign, then tell which promises were kept; 3 minutes, or MINUTES=…
	@exec $(BIN)/python -m local.drill

lint: setup # Linters only
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/lint-imports --no-cache >/dev/null || $(BIN)/lint-imports --no-cache
	@$(BIN)/mypy --no-error-summary .
	@$(BIN)/python -m local.dead_code
	@$(BIN)/djlint --lint --quiet templates
	@$(BIN)/djlint --lint --quiet --profile jinja --extension jinja templates
	@$(MAKE) --no-print-directory docs

docs: setup # The pages of docs/ as a site in var/site, offline; begin with var/site/index.html
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

screenshots: setup # Take the pictures of README.md and docs/ anew, of a demo with a database of its own
	@sh local/chromium.sh
	@exec $(BIN)/python -m local.screenshots

format: setup # Put the code in order
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

css: # Build static/css from assets/ (needs npm)
	@$(MAKE) --no-print-directory -C assets css

lock: setup # Resolve requirements/*.in anew, within what they allow
	@cd requirements && for name in uv base extras local dev; do \
		../$(BIN)/uv pip compile --quiet --upgrade --no-config --universal --python-version 3.11 --generate-hashes \
			--no-annotate --no-header --no-emit-index-url --no-emit-find-links $$name.in -o $$name.txt || exit 1; \
	done

sbom: setup # What a production site is made of, as CycloneDX in var/sbom.json
	@$(BIN)/python -m local.sbom

audit: setup # Known holes in what the locks list; asks the network, so no part of `make test`
	@status=0; for name in base extras dev; do echo "requirements/$$name.txt"; \
		$(BIN)/pip-audit --strict --progress-spinner off --require-hashes --disable-pip -r requirements/$$name.txt || status=1; \
	done; exit $$status

clean: # Remove .venv and the demo's data
	rm -rf .venv var
