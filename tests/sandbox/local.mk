check_PROGRAMS += tests/sandbox/probe
TESTS += tests/sandbox/probe
tests_sandbox_probe_SOURCES = \
	%D%/acts.c %D%/probe.c %D%/probe.h %D%/rows.c \
	src/broker/sandbox.c src/gate/sandbox.c src/worker/sandbox.c
tests_sandbox_probe_LDADD = src/sandbox/libsandbox.a $(LIB_BASE) \
	$(SECCOMP_LIBS)
