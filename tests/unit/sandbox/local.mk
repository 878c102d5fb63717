check_PROGRAMS += tests/unit/sandbox/test_describe \
	tests/unit/sandbox/test_landlock tests/unit/sandbox/test_lists
TESTS += tests/unit/sandbox/test_describe \
	tests/unit/sandbox/test_landlock tests/unit/sandbox/test_lists
tests_unit_sandbox_test_describe_SOURCES = %D%/test_describe.c
tests_unit_sandbox_test_describe_LDADD = src/sandbox/libsandbox.a \
	$(LIB_BASE) $(CMOCKA_LIBS)
tests_unit_sandbox_test_landlock_SOURCES = %D%/test_landlock.c
tests_unit_sandbox_test_landlock_LDADD = src/sandbox/libsandbox.a \
	$(LIB_BASE) $(CMOCKA_LIBS)
tests_unit_sandbox_test_lists_SOURCES = %D%/test_lists.c \
	src/broker/sandbox.c src/broker/sandbox.h \
	src/gate/sandbox.c src/gate/sandbox.h \
	src/worker/sandbox.c src/worker/sandbox.h
tests_unit_sandbox_test_lists_LDADD = src/sandbox/libsandbox.a \
	$(LIB_BASE) $(SECCOMP_LIBS) $(CMOCKA_LIBS)
