db_statements += %D%/ages.sql
db_statements += %D%/list.sql
db_statements += %D%/one.sql
