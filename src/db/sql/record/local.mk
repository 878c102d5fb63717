db_statements += %D%/page.sql
db_statements += %D%/summary.sql
db_statements += %D%/statistics.sql
db_statements += %D%/surveys.sql
