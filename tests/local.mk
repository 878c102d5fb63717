if HAVE_CMOCKA
include tests/unit/base/local.mk
include tests/unit/ipc/local.mk
include tests/unit/sandbox/local.mk
include tests/unit/conf/local.mk
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
include tests/system/local.mk
include tests/sql/local.mk
