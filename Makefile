# Two commands matter to a newcomer: `make demo` and `make test`. `make help` lists all.

PYTHON ?= python3
# The inventories that deploy, verify, rotate and teardown run over. For clusters of your own:
#   make deploy INVENTORY="-i inventories/boutique"
INVENTORY ?= -i inventories/boutique -i inventories/lab
# More arguments for ansible-playbook or pytest, such as ARGS="--check --diff" or ARGS="-k label".
ARGS ?=

# Ansible refuses to start without UTF-8, which a bare machine does not set.
export LC_ALL := C.UTF-8
export PATH := $(CURDIR)/.venv/bin:$(PATH)

lab := python -m tests.lab
# The tests' own lab, so that a test run leaves the lab of the demo alone.
test_lab_dir := $(CURDIR)/.lab-test
# Extensions of the lab (tests/lab/README.md) that the demo deploys to; the tests use ACM's policies besides.
extensions := skupper,argocd,bare_metal
test_extensions := policy,skupper,argocd,bare_metal
# One worker, or two where the machine allows two labs, for what needs a lab, the other for the rest (tests/conftest.py).
parallel := -n 3

.DEFAULT_GOAL := help
.PHONY: help env demo lab lab-build lab-status lab-logs lab-stop lab-wipe deploy verify rotate teardown \
	test unit lint integration bench docs changelog

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

env: ## make or update the development environments (.venv, .venv-new, .venv-floor)
	@$(PYTHON) tests/setup/bootstrap.py

demo: lab ## start the lab, deploy to it and verify the result
	ansible-playbook deploy.yml -i inventories/boutique -i inventories/lab $$($(lab) limit)
	@echo
	@echo "The lab is running. Look around:   KUBECONFIG=$${LAB_DIR:-.lab}/kubeconfig (contexts ca-central, ca-toronto, us-philly)"
	@echo "A second run changes nothing:      make deploy"
	@echo "Take everything out of it again:   make teardown"
	@echo "Stop it, or remove all its state:  make lab-stop, make lab-wipe"

lab: lab-build ## build and start the lab: three clusters, hub and spokes (LAB_DIR, default .lab)
	@$(lab) up --with $(extensions)

lab-build: env
	@echo "lab: building its programs where they are not cached; the first time takes 15 to 30 minutes on two cores"
	@$(lab) build --with $(extensions)

lab-status: env ## show the parts of the lab
	@$(lab) status

lab-logs: env ## show the ends of the logs of the lab
	@$(lab) logs

lab-stop: env ## stop the lab, keep its state
	@$(lab) down

lab-wipe: env ## stop the lab and remove its state
	@$(lab) wipe

deploy verify rotate teardown: env
	ansible-playbook $@.yml $(INVENTORY) $(ARGS)

deploy: ## run deploy.yml over INVENTORY (default: the lab)
verify: ## run verify.yml over INVENTORY
rotate: ## run rotate.yml over INVENTORY
teardown: ## run teardown.yml over INVENTORY

test integration: extensions := $(test_extensions)

test: lab-build ## all tests, on labs of their own that are wiped at the end (KEEP_LAB=1 keeps them)
	@export LAB_DIR="$(test_lab_dir)"; \
	log="$(test_lab_dir).log"; \
	wipe() { for LAB_DIR in "$(test_lab_dir)"-gw*/; do [ ! -d "$$LAB_DIR" ] || \
		{ $(lab) wipe >"$$log" 2>&1 && rm -f "$$log" || cat "$$log"; }; done; }; \
	[ -n "$$KEEP_LAB" ] || trap wipe EXIT; \
	python -m pytest $(parallel) --junit-xml=junit.xml $(ARGS)

unit: env ## the unit tests
	@python -m pytest tests/unit $(ARGS)

lint: env ## the quality gates: lint, types, sanity, documentation, artifact
	@python -m pytest tests/quality -n 2 $(ARGS)

integration: lab-build ## the tests that need the lab, which goes on running for the next time
	@LAB_DIR="$(test_lab_dir)" python -m pytest tests/integration $(ARGS)

bench: lab-build ## the benchmarks (tests/bench/README.md), on a lab of their own
	@PYTHONPATH=collections python -m tests.bench $(ARGS)

docs: env ## render the documentation as HTML
	@mkdir -p build && mkdir -p -m 700 build/docs build/docs/rst
	@ANSIBLE_COLLECTIONS_PATH=collections antsibull-docs collection --use-current --squash-hierarchy --fail-on-error \
		--cleanup everything --dest-dir build/docs/rst multicluster.interconnect
	@# The references that stay open lead into Ansible's own documentation, which is not asked for here.
	@sphinx-build -q -C -b html -D extensions=sphinx_antsibull_ext -D suppress_warnings=ref -D html_theme=alabaster \
		-D project=multicluster.interconnect -D pygments_style=ansible -D highlight_language=YAML+Jinja \
		build/docs/rst build/docs/html
	@echo "build/docs/html/index.html"

changelog: env ## release the changelog fragments under the version in galaxy.yml
	@python -m tests.setup.release_changelog
