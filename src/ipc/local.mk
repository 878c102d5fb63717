noinst_LIBRARIES += src/ipc/libipc.a
src_ipc_libipc_a_SOURCES = \
	%D%/boot.c %D%/boot.h \
	%D%/child.c %D%/child.h \
	%D%/channel.c %D%/ipc.h \
	%D%/messages.def %D%/payloads.def \
	%D%/spawn.c %D%/spawn.h \
	%D%/table.c
