# SPDX-License-Identifier: MIT
MCP_UNIT_TESTS = \
	tests/unit/mcp/test_lists \
	tests/unit/mcp/test_message \
	tests/unit/mcp/test_method \
	tests/unit/mcp/test_page \
	tests/unit/mcp/test_revision \
	tests/unit/mcp/test_scan \
	tests/unit/mcp/test_server \
	tests/unit/mcp/test_write
check_PROGRAMS += $(MCP_UNIT_TESTS)
TESTS += $(MCP_UNIT_TESTS)
MCP_UNIT_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS) $(JSONC_CFLAGS)
MCP_UNIT_LIBS = src/mcp/libmcp.a $(LIB_BASE) $(CMOCKA_LIBS) $(JSONC_LIBS)
MCP_UNIT_FAKE = %D%/fake.c %D%/fake.h
tests_unit_mcp_test_lists_SOURCES = %D%/test_lists.c
tests_unit_mcp_test_lists_CPPFLAGS = $(MCP_UNIT_CPPFLAGS)
tests_unit_mcp_test_lists_LDADD = $(MCP_UNIT_LIBS)
tests_unit_mcp_test_message_SOURCES = %D%/test_message.c
tests_unit_mcp_test_message_CPPFLAGS = $(MCP_UNIT_CPPFLAGS)
tests_unit_mcp_test_message_LDADD = $(MCP_UNIT_LIBS)
tests_unit_mcp_test_method_SOURCES = %D%/test_method.c $(MCP_UNIT_FAKE)
tests_unit_mcp_test_method_CPPFLAGS = $(MCP_UNIT_CPPFLAGS)
tests_unit_mcp_test_method_LDADD = $(MCP_UNIT_LIBS)
tests_unit_mcp_test_page_SOURCES = %D%/test_page.c
tests_unit_mcp_test_page_CPPFLAGS = $(MCP_UNIT_CPPFLAGS)
tests_unit_mcp_test_page_LDADD = $(MCP_UNIT_LIBS)
tests_unit_mcp_test_revision_SOURCES = %D%/test_revision.c
tests_unit_mcp_test_revision_CPPFLAGS = $(MCP_UNIT_CPPFLAGS)
tests_unit_mcp_test_revision_LDADD = $(MCP_UNIT_LIBS)
tests_unit_mcp_test_scan_SOURCES = %D%/test_scan.c
tests_unit_mcp_test_scan_CPPFLAGS = $(MCP_UNIT_CPPFLAGS)
tests_unit_mcp_test_scan_LDADD = $(MCP_UNIT_LIBS)
tests_unit_mcp_test_server_SOURCES = %D%/test_server.c $(MCP_UNIT_FAKE)
tests_unit_mcp_test_server_CPPFLAGS = $(MCP_UNIT_CPPFLAGS)
tests_unit_mcp_test_server_LDADD = $(MCP_UNIT_LIBS)
tests_unit_mcp_test_write_SOURCES = %D%/test_write.c
tests_unit_mcp_test_write_CPPFLAGS = $(MCP_UNIT_CPPFLAGS)
tests_unit_mcp_test_write_LDADD = $(MCP_UNIT_LIBS)
