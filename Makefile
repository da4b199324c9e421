# What a developer needs. CONTRIBUTING.md explains the commands.

FUZZTIME ?= 30s
TOOL := go tool -modfile=tools.mod

.PHONY: check test bench fuzz generate golden format conformance judge news release e2e e2e-upgrade pipeline

check:
	@.ci/check

test:
	go test ./...

bench:
	go test -run '^$$' -bench . -benchmem .

fuzz:
	@.ci/fuzz $(FUZZTIME)

generate:
	$(TOOL) deepcopy-gen --go-header-file /dev/null --output-file deepcopy_generated.go ./tracing ./collector/operator/v1beta1

golden:
	-go test -run Golden . ./collector/operator -update
	go test -run Golden . ./collector/operator

format:
	$(TOOL) goimports -w -local kubetrace .

conformance:
	cd conformance && go run ./cmd/conformance $(if $(MINOR),-minor $(MINOR))

# A mod file for the judge of a release: make judge VERSION=1.38.0, with GOTOOLCHAIN
# where that needs a newer Go.
judge:
	cd conformance && go run ./cmd/pin $(VERSION)

# What is served now of everything that is pinned, and how the next release differs
# from the newest in the tables: docs/news.md.
news:
	cd conformance && go run ./cmd/news

# What a release needs whose rows are written: make release VERSION=1.39.0
release: judge golden
	$(MAKE) conformance MINOR=$(shell echo $(VERSION:v%=%) | cut -d . -f 1,2)
	go test ./...
	cd conformance && go test -v ./news

# Real clusters, as root: all of them, two at a time, or make e2e RELEASE=1.29.1.
# What the programs of one that fails have printed stays in out/_artifacts.
e2e:
	mkdir -p out
	cd e2e && go test -v -count=1 -timeout=90m -parallel=2 -run TestCluster -artifacts -outputdir=$(CURDIR)/out ./scenario -docs=../../docs -states=../../check/testdata/states $(if $(RELEASE),-clusters=$(RELEASE))

# Real clusters that go from 1.36 to 1.37 and from 1.37 to 1.38, as root: as they are,
# which fails, and with the library's steps. make e2e-upgrade RELEASE=1.37.2-upgrade
# is one of them.
e2e-upgrade:
	mkdir -p out
	cd e2e && go test -v -count=1 -timeout=90m -run TestUpgrade -artifacts -outputdir=$(CURDIR)/out ./scenario $(if $(RELEASE),-upgrades=$(RELEASE))

# What a span costs and what is lost, as root on a machine that is idle: the
# figures of docs/pipeline.md, and those of the components' latency in it.
pipeline:
	cd e2e && go test -v -count=1 -timeout=25m -run TestLatency ./latency -docs=../../docs
	cd e2e && go run ./pipeline/cmd/measure -docs ../docs
