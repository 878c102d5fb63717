examplesdir = $(docdir)/examples
dist_examples_DATA = %D%/jhe-mcp.conf
include etc/completion/local.mk
