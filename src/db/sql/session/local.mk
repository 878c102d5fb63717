db_statements += %D%/gate.sql
