# SPDX-License-Identifier: MIT
noinst_LIBRARIES += src/mcp/libmcp.a
src_mcp_libmcp_a_CPPFLAGS = $(AM_CPPFLAGS) $(JSONC_CFLAGS)
src_mcp_libmcp_a_SOURCES = \
	%D%/batch.c %D%/batch.h \
	%D%/lists.c %D%/lists.h \
	%D%/message.c %D%/message.h \
	%D%/meta.c %D%/meta.h \
	%D%/method.c %D%/method.h \
	%D%/page.c %D%/page.h \
	%D%/prompts.c \
	%D%/revision.c %D%/revision.h \
	%D%/scan.c %D%/scan.h \
	%D%/server.c %D%/server.h \
	%D%/session.c %D%/session.h \
	%D%/write.c %D%/write.h \
	%D%/writer.c %D%/writer.h
