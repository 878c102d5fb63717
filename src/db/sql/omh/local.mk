db_rules += %D%/measured.sql
db_rules += %D%/observation_end.sql
db_rules += %D%/observation_end_offset.sql
db_rules += %D%/observation_frame.sql
db_rules += %D%/observation_offset.sql
db_rules += %D%/observation_time.sql
db_rules += %D%/patient_age.sql
db_rules += %D%/statistics.sql
