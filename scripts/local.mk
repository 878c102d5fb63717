dist_noinst_SCRIPTS += %D%/check %D%/packages %D%/quickstart
EXTRA_DIST += .ci/run
