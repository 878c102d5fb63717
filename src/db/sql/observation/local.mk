db_statements += %D%/page.sql
# Asked ahead of whatever takes a time zone.
db_statements += src/db/sql/time/zone.sql
