db_rules += %D%/effective_date_time.sql
db_rules += %D%/effective_period_end.sql
db_rules += %D%/effective_period_start.sql
db_rules += %D%/fhir_records.sql
db_rules += %D%/observation_payload.sql
db_rules += %D%/patient_identified.sql
db_rules += %D%/patient_identifiers.sql
