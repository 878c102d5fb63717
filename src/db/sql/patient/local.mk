db_statements += %D%/ages.sql
db_statements += %D%/count.sql
db_statements += %D%/complete.sql
db_statements += %D%/list.sql
db_statements += %D%/one.sql
db_statements += %D%/search.sql
