# Statements and visibility rules are text files which psql runs as they
# stand; awk makes C of them.
db_rules =
db_statements =
include src/db/sql/rbac/local.mk
include src/db/sql/layout/local.mk
include src/db/sql/omh/local.mk
include src/db/sql/fhir/local.mk
include src/db/sql/schema/local.mk
include src/db/sql/person/local.mk
include src/db/sql/study/local.mk
include src/db/sql/patient/local.mk
include src/db/sql/observation/local.mk
include src/db/sql/record/local.mk
include src/db/sql/session/local.mk
include src/db/sql/time/local.mk

noinst_LIBRARIES += src/db/libdb.a
src_db_libdb_a_CPPFLAGS = $(AM_CPPFLAGS) $(LIBPQ_CFLAGS)
src_db_libdb_a_SOURCES = \
	%D%/array.c %D%/array.h \
	%D%/connect.c \
	%D%/db.c %D%/db.h \
	%D%/facts.c \
	%D%/failure.c \
	%D%/layout.c \
	%D%/libpq.c %D%/libpq.def %D%/libpq.h \
	%D%/param.c %D%/param.h \
	%D%/prepare.c \
	%D%/private.h \
	%D%/statement.h
nodist_src_db_libdb_a_SOURCES = %D%/statements.c %D%/statements.h

LIB_DB = src/db/libdb.a

db_embed = build-aux/embed-sql.awk
BUILT_SOURCES += %D%/statements.h
CLEANFILES += %D%/statements.h %D%/statements.c \
	%D%/statements.h.tmp %D%/statements.c.tmp
EXTRA_DIST += $(db_embed) $(db_rules) $(db_statements) \
	%D%/sql/rbac/rules.psql

# The names are given relative to srcdir: they show in messages.
db_inputs = $(db_embed) %D%/sql/rbac/rules.psql $(db_rules) $(db_statements)
%D%/statements.h: $(db_inputs)
	$(AM_V_GEN)$(MKDIR_P) %D% && out=`cd %D% && pwd` && \
	(cd $(srcdir) && $(AWK) -v form=header -f $(db_embed) \
	    %D%/sql/rbac/rules.psql $(db_rules) $(db_statements)) \
	    >"$$out/statements.h.tmp" && \
	mv "$$out/statements.h.tmp" "$$out/statements.h"

%D%/statements.c: $(db_inputs)
	$(AM_V_GEN)$(MKDIR_P) %D% && out=`cd %D% && pwd` && \
	(cd $(srcdir) && $(AWK) -v form=source -f $(db_embed) \
	    %D%/sql/rbac/rules.psql $(db_rules) $(db_statements)) \
	    >"$$out/statements.c.tmp" && \
	mv "$$out/statements.c.tmp" "$$out/statements.c"
