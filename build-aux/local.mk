# What make check says about the sources, the documents and the programs.
dist_check_SCRIPTS = \
	%D%/check-docs.sh \
	%D%/check-includes.sh \
	%D%/check-man.sh \
	%D%/check-needed.sh \
	%D%/check-selftest.sh \
	%D%/check-sql.sh \
	%D%/check-style.sh
EXTRA_DIST += \
	%D%/check-docs.awk \
	%D%/check-includes.awk \
	%D%/check-sql.awk \
	%D%/check-style.awk
TESTS += \
	%D%/check-docs.sh \
	%D%/check-includes.sh \
	%D%/check-man.sh \
	%D%/check-needed.sh \
	%D%/check-selftest.sh \
	%D%/check-sql.sh \
	%D%/check-style.sh
