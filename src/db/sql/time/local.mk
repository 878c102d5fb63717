# Asked ahead of whatever takes a time zone.
db_statements += %D%/zone.sql
