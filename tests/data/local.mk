# What is in the test exchange.
EXTRA_DIST += \
	%D%/10-people.sql \
	%D%/20-codes.sql \
	%D%/30-observations.sql \
	%D%/40-odd.sql \
	%D%/50-records.sql \
	%D%/55-clinical.sql \
	%D%/60-settings.sql \
	%D%/90-clients.sql \
	%D%/demonstration.sql
