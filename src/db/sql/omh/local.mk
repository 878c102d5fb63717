db_rules += %D%/observation_end.sql
db_rules += %D%/observation_end_offset.sql
db_rules += %D%/observation_frame.sql
db_rules += %D%/observation_offset.sql
db_rules += %D%/observation_time.sql
