# The database layer against a real server; skipped aloud without PostgreSQL.
check_PROGRAMS += tests/sql/db_probe
tests_sql_db_probe_SOURCES = %D%/db_probe.c
tests_sql_db_probe_LDADD = $(LIB_DB) $(LIB_BASE) $(LIBPQ_LIBS)

TESTS += %D%/check.sh
EXTRA_DIST += %D%/check.sh %D%/conftest.py %D%/test_db.py \
	%D%/test_observations.py %D%/test_rules.py %D%/test_statements.py
