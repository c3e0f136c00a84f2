# The two commands to know: `make lab` shows it working, `make test` proves it. Both set themselves up.

PYTHON ?= python3
BACKEND ?= embedded
CONTROL_POINT ?= xcat
SECONDS ?= 60
LAB_OPTIONS = $(if $(filter-out 0,$(ONCE)),--once) --backend $(BACKEND) --control-point $(CONTROL_POINT)

venv = .venv/.complete
feilong = .venv/feilong/.complete
openstack = .venv/openstack/.complete
bin = .venv/bin
servers = rabbitmq-server mariadb-server
dhcp = dnsmasq-base dnsmasq-utils iproute2 iptables $(if $(shell command -v busybox 2>/dev/null),,busybox-static)
browser = chromium chromium-driver
packages_full = $(servers) genisoimage bsdextrautils
no_feilong = echo 'left out: the story through Feilong, whose packages pip could not get (its words are above).'; \
    echo 'CONTROL_POINT=smapi and CONTROL_POINT=xcat need none of them.'; exit 1

.DEFAULT_GOAL := help
.PHONY: help lab lab-full test test-needs test-full lint bench fuzz docs config clean distclean

help: ## show this list
	@echo 'usage: make TARGET [VARIABLE=value ...]'
	@sed -n 's/^\([a-z-]*\):[^#]*## /  \1\t/p' $(MAKEFILE_LIST) | expand -t 12
	@echo
	@echo 'make lab    ONCE=1 tells the story and leaves; BACKEND=embedded|full; CONTROL_POINT=xcat|feilong|smapi;'
	@echo '            args="..." goes to zvmlab as it stands (so it does to bench, and to pytest in make test)'

lab: $(venv) ## a cloud with two simulated z/VM systems: real Neutron, real agents, a story, a map
	@$(if $(filter full,$(BACKEND)),tools/system-packages $(servers))
	@$(if $(filter feilong,$(CONTROL_POINT)),$(MAKE) --no-print-directory $(feilong) || { $(no_feilong); })
	@$(if $(filter feilong,$(CONTROL_POINT)),,[ "$$(id -u)" != 0 ] || tools/system-packages $(dhcp) || true)
	@$(bin)/zvmlab $(LAB_OPTIONS) $(args)

lab-full: $(venv) ## a whole OpenStack, which boots servers on two simulated z/VM systems; ONCE=1 as above
	@tools/system-packages $(packages_full)
	@$(MAKE) --no-print-directory $(feilong) $(openstack)
	@$(bin)/zvmlab-full $(if $(filter-out 0,$(ONCE)),--once) $(args)

test: $(venv) ## everything CI runs: lint, import rules, unit, property, functional and lab tests
	@$(MAKE) --no-print-directory --jobs=2 lint test-needs
	@$(bin)/pytest -n logical --maxprocesses 8 --dist loadfile --no-loadscope-reorder $(args)

test-needs: $(venv)
	@$(MAKE) --no-print-directory $(feilong) || echo 'tests that need Feilong are skipped'
	@$(if $(CI),tools/system-packages $(servers) || echo 'tests that need them are skipped')
	@$(if $(CI),tools/system-packages $(browser) || echo 'tests of the live page are skipped')
	@$(if $(CI),tools/system-packages $(dhcp) || echo 'tests of DHCP are skipped')
	@$(if $(CI),tools/system-packages openvswitch-switch || echo 'tests beside Open vSwitch are skipped')

test-full: $(venv) ## tests that take long: a whole OpenStack, every cloud and story once more
	@tools/system-packages $(packages_full) $(dhcp)
	@$(MAKE) --no-print-directory $(feilong) $(openstack)
	@$(bin)/pytest -m long $(args)

lint: $(venv) ## ruff, and mypy in strict mode
	@$(bin)/ruff check --quiet .
	@$(bin)/mypy

bench: $(venv) ## measure: calls and seconds per port, resync, idle, memory, through every control point
	@$(MAKE) --no-print-directory $(feilong) || true
	@$(bin)/python -m bench $(args)

fuzz: $(venv) ## damage what every parser reads, for SECONDS=60, and see that nothing is misread
	@$(bin)/python -m tests.fuzz --seconds $(SECONDS) $(args)

docs: $(venv) ## the documentation, to docs/_build/html; a warning is an error
	@$(bin)/sphinx-build --quiet --fail-on-warning --keep-going -b html docs docs/_build/html
	@echo 'docs/_build/html/index.html'

config: $(venv) ## sample configuration files with every option, for agent and Nova, to build/etc
	@mkdir -p build/etc
	@$(bin)/oslo-config-generator --config-file etc/oslo-config-generator/neutron-zvm-agent.conf
	@$(bin)/oslo-config-generator --config-file etc/oslo-config-generator/nova-zvm.conf
	@$(bin)/oslo-config-generator --config-file etc/oslo-config-generator/dhcp-node.conf
	@ls build/etc/*.sample

clean: ## remove what builds, tests and the lab left behind
	@rm -rf build dist docs/_build .state *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
	@find . -name __pycache__ -not -path './.venv*' -prune -exec rm -rf {} +

distclean: clean ## and the virtual environment too
	@rm -rf .venv

$(venv): pyproject.toml constraints.txt tools/make-venv
	@PYTHON=$(PYTHON) tools/make-venv
	@touch $@

$(feilong): constraints-feilong.txt tools/make-feilong-venv | $(venv)
	@tools/make-feilong-venv

$(openstack): constraints-openstack.txt tools/make-openstack-venv | $(venv)
	@tools/make-openstack-venv
