pkglibexec_PROGRAMS += libexec/jhe-mcp/worker
libexec_jhe_mcp_worker_SOURCES = \
	%D%/asks.c \
	%D%/call.h \
	%D%/calls.c \
	%D%/client.c \
	%D%/context.c \
	%D%/ended.c \
	%D%/handover.c \
	%D%/listens.c \
	%D%/main.c \
	%D%/master.c \
	%D%/reasons.c %D%/reasons.h \
	%D%/sandbox.c %D%/sandbox.h \
	%D%/wants.c \
	%D%/worker.h
libexec_jhe_mcp_worker_LDADD = \
	src/tools/libtools.a src/omh/libomh.a src/mcp/libmcp.a \
	src/db/libdb.a src/oauth/liboauth.a src/sandbox/libsandbox.a \
	src/ipc/libipc.a $(LIB_BASE) \
	$(JSONC_LIBS) $(CRYPTO_LIBS) $(SECCOMP_LIBS) -lm
