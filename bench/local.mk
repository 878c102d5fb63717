# What things cost, beside what they could be measured by.  Not part of make
# check: nothing here passes or fails.  It needs what the system tests need,
# and npm's packages of tests/interop.
EXTRA_DIST += \
	%D%/README.md \
	%D%/client.c \
	%D%/floor.c \
	%D%/observations.sql \
	%D%/run \
	%D%/sdk-server.mjs \
	%D%/stage.py \
	%D%/tools

.PHONY: bench
bench:
	$(MAKE) $(AM_MAKEFLAGS) all
	TOP_BUILDDIR=$(abs_top_builddir) CC="$(CC)" \
	    $(PYTHON3) -B $(abs_top_srcdir)/bench/run $(BENCHFLAGS)

.PHONY: bench-tools
bench-tools:
	$(MAKE) $(AM_MAKEFLAGS) all
	TOP_BUILDDIR=$(abs_top_builddir) CC="$(CC)" \
	    $(PYTHON3) -B $(abs_top_srcdir)/bench/tools $(BENCHFLAGS)
