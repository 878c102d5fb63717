dist_man_MANS += %D%/jhe-mcp.conf.5
dist_man_MANS += \
	%D%/jhe-mcp-ipc.7 \
	%D%/jhe-mcp-tools.7 \
	%D%/jhe-mcp.1
