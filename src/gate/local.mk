pkglibexec_PROGRAMS += libexec/jhe-mcp/gate
libexec_jhe_mcp_gate_SOURCES = \
	%D%/callback.c \
	%D%/conn.c \
	%D%/gate.h \
	%D%/main.c \
	%D%/pages.c \
	%D%/sandbox.c %D%/sandbox.h
libexec_jhe_mcp_gate_LDADD = \
	src/http/libhttp.a src/sandbox/libsandbox.a src/ipc/libipc.a \
	$(LIB_BASE) $(SECCOMP_LIBS)
