# SPDX-License-Identifier: MIT
noinst_LIBRARIES += src/mcp/libmcp.a
src_mcp_libmcp_a_CPPFLAGS = $(AM_CPPFLAGS) $(JSONC_CFLAGS)
src_mcp_libmcp_a_SOURCES = \
	%D%/message.c %D%/message.h \
	%D%/method.c %D%/method.h \
	%D%/revision.c %D%/revision.h \
	%D%/scan.c %D%/scan.h \
	%D%/write.c %D%/write.h
