bin_PROGRAMS += bin/jhe-mcp
bin_jhe_mcp_SOURCES = \
	%D%/browser.c %D%/browser.h \
	%D%/cache.c %D%/cache.h \
	%D%/cache_json.c %D%/cache_json.h \
	%D%/callback.c %D%/callback.h \
	%D%/client_config.c %D%/client_config.h \
	%D%/commands.def %D%/commands.h \
	%D%/exchange.c %D%/exchange.h \
	%D%/login.c %D%/login.h \
	%D%/main.c \
	%D%/program.c %D%/program.h \
	%D%/serve.c %D%/serve.h \
	%D%/settings.c %D%/settings.h \
	%D%/setup.c \
	%D%/stdio.c \
	%D%/waiting.c %D%/waiting.h
bin_jhe_mcp_LDADD = \
	src/vault/libvault.a src/conf/libconf.a src/oauth/liboauth.a \
	src/sandbox/libsandbox.a src/ipc/libipc.a $(LIB_BASE) \
	$(JSONC_LIBS) $(CRYPTO_LIBS) $(SECCOMP_LIBS)
