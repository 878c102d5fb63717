db_statements += %D%/profile.sql
