# The program as its users have it, by pytest: a real PostgreSQL, a real OAuth
# server, the sandbox on.  Not in make check, which needs neither.
EXTRA_DIST += \
	%D%/conftest.py \
	%D%/harness/__init__.py \
	%D%/harness/asker.py \
	%D%/harness/built.py \
	%D%/harness/doctor.py \
	%D%/harness/exchange.py \
	%D%/harness/fake_exchange.py \
	%D%/harness/hostile.c \
	%D%/harness/inside.py \
	%D%/harness/person.py \
	%D%/harness/postgres.py \
	%D%/harness/proc.py \
	%D%/harness/relay.py \
	%D%/harness/schema.py \
	%D%/harness/server.py \
	%D%/harness/shell.py \
	%D%/harness/visible.py \
	%D%/harness/wire.py \
	%D%/test_asks.py \
	%D%/test_bodies.py \
	%D%/test_broker.py \
	%D%/test_broker_jobs.py \
	%D%/test_cli.py \
	%D%/test_commands.py \
	%D%/test_completion.py \
	%D%/test_conversations.py \
	%D%/test_database.py \
	%D%/test_doctor.py \
	%D%/test_exchange.py \
	%D%/test_export.py \
	%D%/test_faults.py \
	%D%/test_generations.py \
	%D%/test_hostile.py \
	%D%/test_in_flight.py \
	%D%/test_login.py \
	%D%/test_newcomer.py \
	%D%/test_login_cache.py \
	%D%/test_login_callback.py \
	%D%/test_login_exchange.py \
	%D%/test_login_killed.py \
	%D%/test_login_space.py \
	%D%/test_processes.py \
	%D%/test_revisions.py \
	%D%/test_schema.py \
	%D%/test_stdio.py \
	%D%/test_stdio_life.py \
	%D%/test_tool_choice.py \
	%D%/test_visibility.py

PYTESTFLAGS = -q -rs
SYSTEMTESTS = $(abs_top_srcdir)/tests/system
check_system_pytest = \
	TOP_BUILDDIR=$(abs_top_builddir) JHE_MCP=$(abs_top_builddir)/bin/jhe-mcp \
	PYTHONDONTWRITEBYTECODE=1 $(PYTHON3) -B -m pytest \
	-o cache_dir=$(abs_top_builddir)/tests/system/tried \
	--ignore-glob='$(abs_top_srcdir)/tests/system/test_interop*' \
	$(PYTESTFLAGS) $(SYSTEMTESTS)

# Many of these judge times, on a machine that may be busy: what failed is
# tried once more, alone, and said.
.PHONY: check-system
check-system:
	$(MAKE) $(AM_MAKEFLAGS) all
	$(MAKE) $(AM_MAKEFLAGS) $(check_PROGRAMS)
	$(check_system_pytest) || { \
	    echo "once more: what failed, alone" && \
	    $(check_system_pytest) --last-failed; }
