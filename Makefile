# heaptap: `make` builds build/heaptap, `make test` runs the tests, `make help` says the rest.
# Variants go to a build folder of their own: make BUILD=build/asan SANITIZE=1, make BUILD=build/clang CC=clang.
# What has to be installed: tests/setup.sh.

BUILD ?= build
CLANG ?= clang
PKG_CONFIG ?= pkg-config
export PATH := $(PATH):/usr/sbin

PACKAGES := libbpf libelf libdw ncursesw libprotobuf-c jansson nettle zlib sqlite3
# one short line per step; make V=1 shows the commands
QUIET = $(if $(V),,$(if $(findstring s,$(firstword -$(MAKEFLAGS))),@,@printf "  %-4s %s\n" $(1) $@ >&2;))

ifeq ($(filter clean help format,$(MAKECMDGOALS)),)
PACKAGE_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(PACKAGES))
PACKAGE_LIBS := $(shell $(PKG_CONFIG) --libs $(PACKAGES))
endif

CFLAGS ?= -O2 -g
WARNINGS := -Wall -Wextra -Werror
ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE $(WARNINGS) $(CFLAGS) $(SANITIZERS) -MMD -MP \
	-Iinclude -Iuser -Itests -I$(BUILD) $(PACKAGE_CFLAGS) -DHEAPTAP_VERSION='"$(VERSION)"'
ALL_LIBS = $(SANITIZERS) $(LDFLAGS) $(PACKAGE_LIBS) -lZydis -lm -lpthread
ifdef SANITIZE
SANITIZERS := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
endif
VERSION := 0.1

# ---- the kernel side: every bpf/NAME.bpf.c, linked into one object, embedded as a skeleton ----
ARCH_DEFINE := __TARGET_ARCH_$(shell uname -m | sed 's/x86_64/x86/; s/aarch64/arm64/')
BPF_CFLAGS := -O2 -g -target bpf -mcpu=v3 $(WARNINGS) -D$(ARCH_DEFINE) -Iinclude -Ibpf \
	-idirafter /usr/include/$(shell uname -m)-linux-gnu
BPF_OBJECTS := $(patsubst bpf/%.bpf.c,$(BUILD)/bpf/%.bpf.o,$(wildcard bpf/*.bpf.c))
SKELETON := $(BUILD)/bpf/heaptap.skel.h

# ---- generated from the schema of pprof profiles ----
PROTO_SOURCES := $(patsubst user/export/%.proto,$(BUILD)/proto/%.pb-c.c,$(wildcard user/export/*.proto))
PROTO_OBJECTS := $(PROTO_SOURCES:.c=.o)

SOURCES := $(wildcard user/*/*.c)
OBJECTS := $(SOURCES:%.c=$(BUILD)/%.o) $(PROTO_OBJECTS)
LIBRARY_OBJECTS = $(filter-out $(BUILD)/user/cmd/main.o,$(OBJECTS))

UNIT_SOURCES := $(wildcard tests/unit/*.c)
VIEW_SOURCES := $(wildcard tests/view/*.c)
BPF_TEST_SOURCES := $(wildcard tests/bpf/*.c)
FUZZERS := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
HARNESS := $(wildcard tests/harness/*.c)

.PHONY: all test unit view bpf-test run lint format bench fuzz fuzzers matrix vm demo targets clean help
.DELETE_ON_ERROR:
.SECONDARY:

all: $(BUILD)/heaptap ## build build/heaptap

$(BUILD)/heaptap: $(OBJECTS)
	$(call QUIET,LINK)$(CC) -o $@ $^ $(ALL_LIBS)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(call QUIET,CC)$(CC) $(ALL_CFLAGS) -c -o $@ $<

# generated sources are not ours to warn about
$(BUILD)/proto/%.o: $(BUILD)/proto/%.c
	$(call QUIET,CC)$(CC) $(filter-out $(WARNINGS),$(ALL_CFLAGS)) -c -o $@ $<

$(BUILD)/proto/%.pb-c.c: user/export/%.proto
	@mkdir -p $(@D)
	$(call QUIET,GEN)protoc-c --proto_path=user/export --c_out=$(@D) $<

$(BUILD)/bpf/%.bpf.o: bpf/%.bpf.c $(wildcard bpf/*.h include/*.h)
	@mkdir -p $(@D)
	$(call QUIET,BPF)$(CLANG) $(BPF_CFLAGS) -c -o $@ $<

$(BUILD)/bpf/heaptap.o: $(BPF_OBJECTS)
	$(call QUIET,BPF)bpftool gen object $@ $^

$(SKELETON): $(BUILD)/bpf/heaptap.o
	$(call QUIET,GEN)bpftool gen skeleton $< name heaptap_bpf >$@

$(patsubst %.c,$(BUILD)/%.o,$(wildcard user/probe/*.c)): | $(SKELETON)
$(patsubst %.c,$(BUILD)/%.o,$(wildcard user/export/*.c) $(wildcard tests/unit/*.c)): | $(PROTO_SOURCES)

# embedded by the assembler, which the dependency files do not see
$(BUILD)/user/export/html.o: user/export/flame.html
$(BUILD)/user/store/schema.o: user/store/schema.sql

# ---- tests ----
SANITIZED := $(BUILD)/asan
test: ## everything that a developer's machine can run in minutes (root)
	tests/all.sh

unit: ## pure code and parsers, under ASan and UBSan, no root
	$(MAKE) BUILD=$(SANITIZED) SANITIZE=1 $(SANITIZED)/unit $(SANITIZED)/view
	$(SANITIZED)/unit
	$(SANITIZED)/view

$(BUILD)/unit: $(UNIT_SOURCES:%.c=$(BUILD)/%.o) $(HARNESS:%.c=$(BUILD)/%.o) $(LIBRARY_OBJECTS)
	$(call QUIET,LINK)$(CC) -o $@ $^ $(ALL_LIBS)

$(BUILD)/view: $(VIEW_SOURCES:%.c=$(BUILD)/%.o) $(HARNESS:%.c=$(BUILD)/%.o) $(LIBRARY_OBJECTS)
	$(call QUIET,LINK)$(CC) -o $@ $^ $(ALL_LIBS)

$(BUILD)/bpf-test: $(BPF_TEST_SOURCES:%.c=$(BUILD)/%.o) $(HARNESS:%.c=$(BUILD)/%.o) $(LIBRARY_OBJECTS)
	$(call QUIET,LINK)$(CC) -o $@ $^ $(ALL_LIBS)

$(BUILD)/hit-cost: $(BUILD)/tests/bench/hit_cost.o $(LIBRARY_OBJECTS)
	$(call QUIET,LINK)$(CC) -o $@ $^ $(ALL_LIBS)

$(BUILD)/poll-cost: $(BUILD)/tests/bench/poll_cost.o $(LIBRARY_OBJECTS)
	$(call QUIET,LINK)$(CC) -o $@ $^ $(ALL_LIBS)

$(BUILD)/recording-size: $(BUILD)/tests/bench/recording_size.o $(BUILD)/tests/unit/recording_fixture.o $(LIBRARY_OBJECTS)
	$(call QUIET,LINK)$(CC) -o $@ $^ $(ALL_LIBS)

bpf-test: $(BUILD)/bpf-test ## BPF programs on real processes (root)
	$(BUILD)/bpf-test

run: $(BUILD)/heaptap ## heaptap as its user runs it, on real processes (root)
	tests/run/all.sh

fuzzers: ## libFuzzer targets, one per parser of foreign bytes
	$(MAKE) BUILD=build/fuzz CC=clang SANITIZE=1 SANITIZERS='-fsanitize=address,undefined,fuzzer-no-link' \
		$(FUZZERS:%=build/fuzz/%)

# damages what the unit tests make
$(BUILD)/fuzz_recording: $(BUILD)/tests/unit/recording_fixture.o
$(BUILD)/fuzz_%: $(BUILD)/tests/fuzz/fuzz_%.o $(LIBRARY_OBJECTS)
	$(call QUIET,LINK)$(CC) -fsanitize=fuzzer -o $@ $^ $(ALL_LIBS)

fuzz: fuzzers ## run each fuzz target for FUZZ_SECONDS (60)
	tests/fuzz/run.sh

lint: ## boundaries, style, formatting
	tests/lint.sh

format:
	clang-format -i $$(git ls-files '*.c' '*.h')

matrix: $(BUILD)/heaptap ## every Go version x every way to build (fetches the toolchains)
	tests/run/matrix.sh

vm: $(BUILD)/heaptap ## attach and top on Debian's other kernels, in QEMU
	tests/vm/all.sh

bench: $(BUILD)/heaptap $(BUILD)/hit-cost $(BUILD)/poll-cost $(BUILD)/recording-size ## what observing costs, as ratios
	tests/bench/run.sh

demo: $(BUILD)/heaptap ## start the leaking demo service and watch it
	tests/demo.sh --here

clean:
	rm -rf build

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
