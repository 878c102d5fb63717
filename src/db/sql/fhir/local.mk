db_rules += %D%/record_head.sql
db_rules += %D%/record_questionnaire.sql
