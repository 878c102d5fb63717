bin_PROGRAMS += bin/jhe-mcp
bin_jhe_mcp_SOURCES = \
	%D%/arguments.c %D%/arguments.h \
	%D%/browser.c %D%/browser.h \
	%D%/cache.c %D%/cache.h \
	%D%/cache_json.c %D%/cache_json.h \
	%D%/call.c \
	%D%/export.c %D%/export.h \
	%D%/callback.c %D%/callback.h \
	%D%/client.c %D%/client.h \
	%D%/client_config.c %D%/client_config.h \
	%D%/commands.c %D%/commands.def %D%/commands.h \
	%D%/conninfo.c %D%/conninfo.h \
	%D%/describe.c \
	%D%/doctor.c %D%/doctor.h \
	%D%/doctor_database.c \
	%D%/doctor_exchange.c \
	%D%/doctor_machine.c \
	%D%/exchange.c %D%/exchange.h \
	%D%/login.c %D%/login.h %D%/login_private.h \
	%D%/login_cache.c \
	%D%/main.c \
	%D%/nearest.c %D%/nearest.h \
	%D%/port_owner.c %D%/port_owner.h \
	%D%/program.c %D%/program.h \
	%D%/progress.c %D%/progress.h \
	%D%/reasons.c %D%/reasons.h \
	%D%/run.c %D%/run.h \
	%D%/serve.c %D%/serve.h \
	%D%/serve_login.c %D%/serve_private.h \
	%D%/settings.c %D%/settings.h \
	%D%/setup.c \
	%D%/sign_in.c \
	%D%/sign_out.c \
	%D%/signed_in.c %D%/signed_in.h \
	%D%/stdio.c \
	%D%/terminal.c %D%/terminal.h \
	%D%/tool_list.c %D%/tool_list.h \
	%D%/tool_result.c %D%/tool_result.h \
	%D%/waiting.c %D%/waiting.h \
	%D%/worker_boot.c %D%/worker_boot.h \
	%D%/whoami.c
bin_jhe_mcp_LDADD = \
	src/vault/libvault.a src/conf/libconf.a src/oauth/liboauth.a \
	src/sandbox/libsandbox.a src/ipc/libipc.a $(LIB_BASE) \
	$(JSONC_LIBS) $(CRYPTO_LIBS) $(SECCOMP_LIBS)
