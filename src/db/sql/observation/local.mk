db_statements += %D%/page.sql
