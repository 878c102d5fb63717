# SPDX-License-Identifier: MIT
#
# Who sees which row is decided by the rules of src/db/sql/rbac, and by
# nothing else: a statement that reads a clinical table must use a rule that
# belongs to it.
#
#	awk -f check-sql.awk src/db/sql/*/*.sql
#
# What is wrong is told as file:line.  Written for mawk.

BEGIN {
	study = "study_mine study_as_team study_as_participant roster_listed"
	patient = "patient_readable roster_listed my_patient"
	rules["core_study"] = study
	rules["core_patient"] = patient " my_organizations"
	rules["core_observation"] = "patient_readable roster_listed"
	rules["core_fhir"] = patient
}

function finish(    table, first, n, i, words, found)
{
	for (table in used) {
		n = split(rules[table], words, " ")
		found = 0
		for (i = 1; i <= n; i++)
			if (words[i] in invoked)
				found = 1
		if (!found) {
			printf "%s:%d: reads %s and uses none of: %s\n", \
			    file, used[table], table, rules[table]
			bad = 1
		}
	}
	for (table in used)
		delete used[table]
	for (i in invoked)
		delete invoked[i]
}

FNR == 1 {
	finish()
	file = FILENAME
	nfiles++
}

{
	line = $0
	sub(/--.*$/, "", line)
	# A name in quotes is a text, as in a look into the catalogue.
	gsub(/'[^']*'/, "''", line)
	for (table in rules)
		if (line ~ ("(^|[^a-z_])" table) && !(table in used))
			used[table] = FNR
	while (match(line, /:[a-z_]+/)) {
		if (substr(line, RSTART - 1, 1) != ":")
			invoked[substr(line, RSTART + 1, RLENGTH - 1)] = 1
		line = substr(line, RSTART + RLENGTH)
	}
}

END {
	finish()
	if (nfiles == 0) {
		print "check-sql.awk: no statements"
		bad = 1
	}
	exit bad
}
