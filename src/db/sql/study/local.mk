db_statements += %D%/count.sql
db_statements += %D%/list.sql
db_statements += %D%/list_total.sql
db_statements += %D%/head.sql
db_statements += %D%/requests.sql
db_statements += %D%/sources.sql
db_statements += %D%/observations.sql
