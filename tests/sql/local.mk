# The database layer against a real server; not in make check, which needs none.
check_PROGRAMS += tests/sql/db_probe
tests_sql_db_probe_SOURCES = %D%/db_probe.c
tests_sql_db_probe_LDADD = $(LIB_DB) $(LIB_BASE)

database_tests += %D%/check.sh
EXTRA_DIST += %D%/check.sh %D%/conftest.py %D%/test_db.py \
	%D%/observed.py %D%/test_observation_times.py \
	%D%/test_observations.py %D%/test_plans.py %D%/test_readme.py %D%/test_rules.py \
	%D%/test_statements.py

