db_statements += %D%/name.sql
db_statements += %D%/organizations.sql
db_statements += %D%/profile.sql
