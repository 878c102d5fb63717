database_tests =
if HAVE_CMOCKA
include tests/unit/base/local.mk
include tests/unit/ipc/local.mk
include tests/unit/sandbox/local.mk
include tests/unit/cli/local.mk
include tests/unit/conf/local.mk
include tests/unit/gate/local.mk
include tests/unit/http/local.mk
include tests/unit/oauth/local.mk
include tests/unit/vault/local.mk
include tests/unit/db/local.mk
include tests/unit/omh/local.mk
include tests/unit/mcp/local.mk
include tests/unit/tools/local.mk
endif
include tests/ipc/local.mk
include tests/sandbox/local.mk
include tests/data/local.mk
include tests/exchange/local.mk
include tests/interop/local.mk
include tests/system/local.mk
include tests/sql/local.mk
include tests/tools/local.mk

# Scripts that start a PostgreSQL of their own; make check does without.
.PHONY: check-sql
check-sql:
	$(MAKE) $(AM_MAKEFLAGS) all
	$(MAKE) $(AM_MAKEFLAGS) $(check_PROGRAMS)
	status=0; for test in $(database_tests); do \
		srcdir=$(srcdir) PYTHON3=$(PYTHON3) \
		    $(SHELL) $(srcdir)/$$test || status=$$?; \
	done; exit $$status
