-- A metric that compares personas, so that populations are part of the test: is the name used once in the batch?
SELECT s.revision_id,
	CASE WHEN (SELECT count(*) FROM member m JOIN revision o USING (revision_id)
		WHERE o.name = r.name AND m.persona_id <> s.persona_id) = 0 THEN 100 ELSE 40 END AS value
FROM subject s JOIN revision r USING (revision_id)
