# SPDX-License-Identifier: MIT
CLI_UNIT_TESTS = \
	tests/unit/cli/test_arguments \
	tests/unit/cli/test_browser \
	tests/unit/cli/test_cache \
	tests/unit/cli/test_cache_space \
	tests/unit/cli/test_client_config \
	tests/unit/cli/test_conninfo \
	tests/unit/cli/test_export \
	tests/unit/cli/test_terminal
check_PROGRAMS += $(CLI_UNIT_TESTS)
TESTS += $(CLI_UNIT_TESTS)
CLI_UNIT_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS) $(JSONC_CFLAGS)
tests_unit_cli_test_browser_SOURCES = %D%/test_browser.c \
	src/cli/browser.c src/cli/browser.h
tests_unit_cli_test_browser_CPPFLAGS = $(CLI_UNIT_CPPFLAGS)
tests_unit_cli_test_browser_LDADD = $(LIB_BASE) $(CMOCKA_LIBS)
tests_unit_cli_test_cache_SOURCES = %D%/test_cache.c \
	src/cli/cache.c src/cli/cache.h \
	src/cli/cache_json.c src/cli/cache_json.h
tests_unit_cli_test_cache_CPPFLAGS = $(CLI_UNIT_CPPFLAGS)
tests_unit_cli_test_cache_LDADD = src/vault/libvault.a \
	src/oauth/liboauth.a $(LIB_BASE) $(CMOCKA_LIBS) $(JSONC_LIBS)
tests_unit_cli_test_cache_space_SOURCES = %D%/test_cache_space.c \
	src/cli/cache.c src/cli/cache.h \
	src/cli/cache_json.c src/cli/cache_json.h
tests_unit_cli_test_cache_space_CPPFLAGS = $(CLI_UNIT_CPPFLAGS)
tests_unit_cli_test_cache_space_LDADD = $(tests_unit_cli_test_cache_LDADD)
tests_unit_cli_test_client_config_SOURCES = %D%/test_client_config.c \
	src/cli/client_config.c src/cli/client_config.h
tests_unit_cli_test_client_config_CPPFLAGS = $(CLI_UNIT_CPPFLAGS)
tests_unit_cli_test_client_config_LDADD = $(LIB_BASE) $(CMOCKA_LIBS) \
	$(JSONC_LIBS)
tests_unit_cli_test_conninfo_SOURCES = %D%/test_conninfo.c \
	src/cli/conninfo.c src/cli/conninfo.h
tests_unit_cli_test_conninfo_CPPFLAGS = $(CLI_UNIT_CPPFLAGS)
tests_unit_cli_test_conninfo_LDADD = $(LIB_BASE) $(CMOCKA_LIBS)
tests_unit_cli_test_arguments_SOURCES = %D%/test_arguments.c \
	src/cli/arguments.c src/cli/arguments.h \
	src/cli/commands.c src/cli/commands.def src/cli/commands.h \
	src/cli/nearest.c src/cli/nearest.h \
	src/cli/terminal.c src/cli/terminal.h
tests_unit_cli_test_arguments_CPPFLAGS = $(CLI_UNIT_CPPFLAGS)
tests_unit_cli_test_arguments_LDADD = $(LIB_BASE) $(CMOCKA_LIBS)
tests_unit_cli_test_export_SOURCES = %D%/test_export.c \
	src/cli/export.c src/cli/export.h \
	src/cli/terminal.c src/cli/terminal.h
tests_unit_cli_test_export_CPPFLAGS = $(CLI_UNIT_CPPFLAGS)
tests_unit_cli_test_export_LDADD = $(LIB_BASE) $(CMOCKA_LIBS) $(JSONC_LIBS)
tests_unit_cli_test_terminal_SOURCES = %D%/test_terminal.c \
	src/cli/terminal.c src/cli/terminal.h
tests_unit_cli_test_terminal_CPPFLAGS = $(CLI_UNIT_CPPFLAGS)
tests_unit_cli_test_terminal_LDADD = $(LIB_BASE) $(CMOCKA_LIBS) $(JSONC_LIBS)
