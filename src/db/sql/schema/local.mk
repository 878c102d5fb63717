db_statements += %D%/generation.sql
db_statements += %D%/columns.sql
