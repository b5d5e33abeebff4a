# Everything starts here; `make` alone lists what there is. Each target sets up what it needs first.
.DEFAULT_GOAL := help
.PHONY: help setup run test test-long check dev generate command-line bench package screenshots

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

run: ## open the window on a seeded private PostgreSQL of this computer
	@scripts/run

test: ## pass every test
	@scripts/test

setup: ## install what building and testing need, after saying what
	@scripts/setup test

check: ## formatting, lints, types, generated files current
	@scripts/check

dev: ## the window on a page that changes while you save it
	@scripts/dev

generate: ## write .sqlx and ui/src/bindings.ts again, after a query or a command changed
	@scripts/setup run
	@scripts/generate

command-line: ## build `lectern` alone, which needs no window: target/debug/lectern
	@scripts/setup command-line
	@scripts/with-tools cargo build --quiet --bin lectern

test-long: ## the tests with more rounds than anybody waits for each time
	@LECTERN_TEST_LONG=1 scripts/test

bench: ## speed, as ratios within one run
	@scripts/bench

package: ## an optimised Debian package in target/release/bundle
	@scripts/package

screenshots: ## pictures of every page in both themes
	@scripts/screenshots
