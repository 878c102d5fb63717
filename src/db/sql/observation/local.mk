db_statements += %D%/page.sql
db_statements += %D%/statistics.sql
db_statements += %D%/coverage.sql
db_statements += %D%/inventory.sql
