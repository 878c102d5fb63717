# SPDX-License-Identifier: MIT
check_PROGRAMS += tests/unit/vault/test_tokens
TESTS += tests/unit/vault/test_tokens
tests_unit_vault_test_tokens_SOURCES = %D%/test_tokens.c
tests_unit_vault_test_tokens_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_vault_test_tokens_LDADD = src/vault/libvault.a $(LIB_BASE) \
	$(CMOCKA_LIBS)
