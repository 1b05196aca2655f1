# The project's commands; `make` alone lists them. What a command needs and lacks, it fetches.
# SMALL=1 makes a long one a short check that its path works, without a result: `make study SMALL=1`.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

TEACHER := $(CURDIR)/.assets/SmolLM2-135M-Instruct.Q4_1.gguf
SMALL_OPTION := $(if $(SMALL),--small)
FORMATTED := Sources Tests Package.swift Benchmarks/Sources Benchmarks/Package.swift examples/loop

.PHONY: help build test demo adapted herd study when-it-pays lint format bench bench-scaling bench-fidelity bench-build clean \
  reliability dependencies teacher texts texts-mixed llama4-toy

help: ## List these commands
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | \
	  while IFS=$$'\t' read -r name text; do printf '  make %-14s %s\n' "$$name" "$$text"; done

build: dependencies ## Build the release program, .build/release/codistill
	@swift build -c release --product codistill

test: dependencies teacher ## Build, and run every test, those with the real teacher included
	@swift build --build-tests
	@CODISTILL_TEACHER=$(TEACHER) CODISTILL_REQUIRE_TEACHER=1 swift test --skip-build

demo: ## Cache a real teacher, distil a student, compare it with hard labels
	@scripts/demo.sh $(SMALL_OPTION)

adapted: ## The same, and a student of the teacher after it was adapted to the corpus
	@scripts/demo.sh --adapted $(SMALL_OPTION)

herd: ## Train a toy Behemoth on nine languages, distil a Maverick and a Scout from it
	@examples/herd/run.sh $(SMALL_OPTION)

study: ## Which schedule? Twelve on the toy herd, five on SmolLM2; about an hour
	@examples/which-schedule/run.sh $(SMALL_OPTION)

when-it-pays: ## When does distilling pay? Corpora, epochs, depths, targets; about four hours
	@examples/when-it-pays/run.sh $(SMALL_OPTION)

lint: ## Check the format of the sources
	@swift format lint --strict --recursive $(FORMATTED)

format: ## Format the sources in place
	@swift format --in-place --recursive $(FORMATTED)

bench: build bench-build teacher texts ## Measure against PyTorch and llama.cpp, step by step in turn
	@python3 Benchmarks/bench.py $(SMALL_OPTION)

bench-scaling: bench-build ## Measure how speed and memory grow with threads, sizes, experts
	@python3 Benchmarks/bench.py scaling $(SMALL_OPTION)

bench-fidelity: bench-build teacher texts-mixed llama4-toy ## Measure what caches of ours and of others take and lose
	@python3 Benchmarks/bench.py fidelity $(SMALL_OPTION)

bench-build: ## Build the package Benchmarks, which both of them run
	@scripts/install-dependencies.sh libopenblas-dev
	@touch Benchmarks/Package.swift # or files that are new in Sources go unseen
	@swift build -c release --package-path Benchmarks --scratch-path .build/benchmarks

dependencies: ## Install the Debian packages that are missing
	@scripts/install-dependencies.sh

teacher: ## Fetch SmolLM2-135M-Instruct into .assets
	@scripts/fetch-teacher.sh >/dev/null

texts: ## Fetch the texts of the examples into .assets
	@scripts/fetch-texts.sh

reliability: build ## Kill captures at every call, flip every bit of a cache; half an hour
	@scripts/reliability/kill.py $(if $(SMALL),--stride 9 --random 10)
ifndef SMALL
	@swift build --build-tests
	@CODISTILL_EVERY_BIT=1 swift test --skip-build --filter EveryBitTests
endif

texts-mixed: ## Fetch the mixed texts of bench-fidelity into .assets
	@scripts/fetch-texts.sh mixed

llama4-toy: build bench-build ## Train the toy teacher of bench-fidelity with Llama 4's tokenizer
	@Benchmarks/llama4-toy.sh $(SMALL_OPTION)

clean: ## Remove builds and runs; what was fetched stays
	@rm -rf .build runs
