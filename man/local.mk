dist_man_MANS += %D%/jhe-mcp.conf.5
