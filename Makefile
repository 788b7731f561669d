# Undersigned: every command a person needs. `make help` lists them.
PORT ?= 8000
export PORT

PY := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help setup demo manage test lint format css lock clean

help: ## This list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 10

demo-setup:
	@sh local/bootstrap.sh local

setup: ## Make .venv with everything in it
	@sh local/bootstrap.sh dev

demo: demo-setup ## A live site with demo data on http://127.0.0.1:8000 (or PORT=…); Ctrl-C stops it
	@exec $(PY) -m local.demo

manage: demo-setup ## One command on the demo's data: make manage c="shell"
	@exec $(PY) -m local.demo manage $(c)

test: setup ## Linters, unit tests and browser journeys
	@exec $(PY) -m local.checks

lint: setup ## Linters only
	@exec $(PY) -m local.checks lint

format: setup ## Put the code in order
	@$(PY) -m ruff check --fix --quiet . ; $(PY) -m ruff format .

css: ## Build static/css from assets/ (needs npm)
	@$(MAKE) --no-print-directory -C assets css

lock: setup ## Resolve requirements/*.in anew
	@cd requirements && for name in uv base local dev; do \
		../.venv/bin/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
			--no-annotate --no-header --no-emit-index-url --no-emit-find-links $$name.in -o $$name.txt || exit 1; \
	done

clean: ## Remove .venv and the demo's data
	rm -rf .venv var
