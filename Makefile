# Set-up, chat, tests. Every step that is done is skipped the next time; an interrupted one goes on.

PYTHON ?= python3
PORT ?= 7860
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export Q

.DEFAULT_GOAL := help
.PHONY: help chat ask eval index models check test bench-check format docs screenshots

help: ## Show what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

chat ask eval: HUSH = >/dev/null

chat: index ## Chat with the articles of seeds/ in a browser (PORT=7860)
	@$(BIN)/python app.py --port $(PORT)

ask: index ## Answer one question in the terminal: make ask Q="What did Asif say about weapons?"
	@$(BIN)/rag ask "$$Q"

eval: index ## Score the answers on the seed questions, with a report in runs/
	@$(BIN)/rag eval tests/data/seed-questions.jsonl

index: models ## Bring index/ in step with seeds/
	@$(BIN)/rag index seeds $(HUSH)

models: $(VENV)/.installed ## Fetch and verify the default models
	@$(BIN)/rag models fetch $(HUSH)

check: test ## All that CI checks: format, lint, types, layers, tests

format: $(VENV)/.installed-dev ## Format the code
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

test: $(VENV)/.installed-dev models ## Set up what is needed, then check and test all
	@tests/install-browser.sh
	@tests/install-axe.sh
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/pytest || { echo 'Once more, alone, what failed:'; $(BIN)/pytest --last-failed --last-failed-no-failures none; }

bench-check: $(VENV)/.installed-dev ## Tell whether build, search or prompts became slower (half a minute)
	@$(BIN)/python -m benchmarks.guard

docs: $(VENV)/.installed-dev ## Write docs/cli.md from the command line itself
	@$(BIN)/python -m tests.cli_reference

screenshots: $(VENV)/.installed-dev index ## Take pictures of the page: docs/images/, build/screenshots/
	@tests/install-browser.sh
	@$(BIN)/python -m tests.screenshots

$(VENV)/.installed: pyproject.toml constraints.txt
	@PYTHON="$(PYTHON)" ./setup.sh $(VENV) .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@PYTHON="$(PYTHON)" ./setup.sh $(VENV) .[dev]
	@touch $@
