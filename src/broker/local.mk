# SPDX-License-Identifier: MIT
pkglibexec_PROGRAMS += libexec/jhe-mcp/broker
libexec_jhe_mcp_broker_SOURCES = \
	%D%/ca.c %D%/ca.h \
	%D%/connect.c %D%/connect.h \
	%D%/http.c %D%/http.h \
	%D%/job.c %D%/job.h \
	%D%/job_check.c %D%/job_private.h \
	%D%/main.c \
	%D%/sandbox.c %D%/sandbox.h
libexec_jhe_mcp_broker_CPPFLAGS = $(AM_CPPFLAGS) $(CURL_CFLAGS) \
	$(JSONC_CFLAGS)
libexec_jhe_mcp_broker_LDADD = \
	src/oauth/liboauth.a \
	src/sandbox/libsandbox.a \
	src/ipc/libipc.a \
	$(LIB_BASE) \
	$(CURL_LIBS) $(JSONC_LIBS) $(SSL_LIBS) $(CRYPTO_LIBS) \
	$(SECCOMP_LIBS)
