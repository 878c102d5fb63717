db_statements += %D%/generation.sql
# Next to it: asked for before the others are prepared, if at all.
db_statements += %D%/facts.sql
db_statements += %D%/columns.sql
