
# A master for one broker; tests/system/test_broker.py drives it.
check_PROGRAMS += tests/ipc/broker_driver
tests_ipc_broker_driver_SOURCES = tests/ipc/broker_driver.c
tests_ipc_broker_driver_LDADD = src/sandbox/libsandbox.a \
	src/ipc/libipc.a $(LIB_BASE) $(SECCOMP_LIBS)

if HAVE_CMOCKA
check_PROGRAMS += tests/ipc/test_hostile
TESTS += tests/ipc/test_hostile
tests_ipc_test_hostile_SOURCES = tests/ipc/test_hostile.c
tests_ipc_test_hostile_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_ipc_test_hostile_LDADD = src/ipc/libipc.a $(LIB_BASE) $(CMOCKA_LIBS)
endif
