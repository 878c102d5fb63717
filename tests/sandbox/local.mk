check_PROGRAMS += tests/sandbox/probe
TESTS += tests/sandbox/probe
tests_sandbox_probe_SOURCES = \
	%D%/acts.c %D%/probe.c %D%/probe.h %D%/rows.c \
	src/broker/sandbox.c src/broker/sandbox.h \
	src/gate/sandbox.c src/gate/sandbox.h \
	src/worker/sandbox.c src/worker/sandbox.h
tests_sandbox_probe_LDADD = src/sandbox/libsandbox.a $(LIB_BASE) \
	$(SECCOMP_LIBS)
