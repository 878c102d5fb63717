# A PostgreSQL with an exchange before it, to be thrown away.
EXTRA_DIST += \
	%D%/ask.py \
	%D%/browser.sh \
	%D%/exchange.py \
	%D%/older-2025.sql \
	%D%/older-2026a.sql \
	%D%/older-2026b.sql \
	%D%/pg-start.sh \
	%D%/reader-role.sql \
	%D%/schema-clients.sql \
	%D%/schema.sql \
	%D%/up
