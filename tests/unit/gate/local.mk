GATE_TESTS = \
	tests/unit/gate/test_callback \
	tests/unit/gate/test_gate \
	tests/unit/gate/test_pages
check_PROGRAMS += $(GATE_TESTS)
TESTS += $(GATE_TESTS)

tests_unit_gate_test_callback_SOURCES = %D%/test_callback.c \
	src/gate/callback.c
tests_unit_gate_test_callback_LDADD = src/http/libhttp.a $(LIB_BASE) \
	$(CMOCKA_LIBS)
# Drives the program libexec/jhe-mcp/gate of the build tree.
tests_unit_gate_test_gate_SOURCES = %D%/test_gate.c
tests_unit_gate_test_gate_LDADD = src/ipc/libipc.a $(LIB_BASE) \
	$(CMOCKA_LIBS)
tests_unit_gate_test_pages_SOURCES = %D%/test_pages.c src/gate/pages.c
tests_unit_gate_test_pages_LDADD = src/http/libhttp.a $(LIB_BASE) \
	$(CMOCKA_LIBS) $(CRYPTO_LIBS)
