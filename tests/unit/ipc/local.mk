check_PROGRAMS += tests/unit/ipc/test_table
TESTS += tests/unit/ipc/test_table
tests_unit_ipc_test_table_SOURCES = %D%/test_table.c
tests_unit_ipc_test_table_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_ipc_test_table_LDADD = src/ipc/libipc.a $(LIB_BASE) $(CMOCKA_LIBS)
