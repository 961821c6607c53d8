-- Revisions with their traits and evidence as a script of INSERT statements, 64 personas in a transaction.
.mode list
SELECT line FROM (
	SELECT revision_id AS r, 0 AS part, '' AS k, 0 AS p, 0 AS o, 'BEGIN IMMEDIATE;' AS line
		FROM revision WHERE revision_id % 64 = 1
	UNION ALL
	SELECT revision_id, 1, '', 0, 0, 'INSERT INTO revision (revision_id, persona_id, number, stage, parent_id, key_id,'
		|| ' call_id, content_sha256, created_at, name, age, occupation, background, demographics, refinement_notes,'
		|| ' extra) VALUES (' || revision_id || ',' || persona_id || ',' || number || ',' || quote(stage) || ','
		|| quote(parent_id) || ',' || quote(key_id) || ',' || quote(call_id) || ',' || quote(content_sha256) || ','
		|| created_at || ',' || quote(name) || ',' || quote(age) || ',' || quote(occupation) || ','
		|| quote(background) || ',' || quote(demographics) || ',' || quote(refinement_notes) || ','
		|| quote(extra) || ');'
		FROM revision
	UNION ALL
	SELECT revision_id, 2, kind, position, 0, 'INSERT INTO trait (revision_id, kind, position, text) VALUES ('
		|| revision_id || ',' || quote(kind) || ',' || position || ',' || quote(text) || ');'
		FROM trait
	UNION ALL
	SELECT revision_id, 3, kind, position, ordinal, 'INSERT INTO evidence (revision_id, kind, position, ordinal,'
		|| ' record_id, locator, strength, excerpt) VALUES (' || revision_id || ',' || quote(kind) || ',' || position
		|| ',' || ordinal || ',' || quote(record_id) || ',' || quote(locator) || ',' || quote(strength) || ','
		|| quote(excerpt) || ');'
		FROM evidence
	UNION ALL
	SELECT revision_id, 4, '', 0, 0, 'COMMIT;' FROM revision
		WHERE revision_id % 64 = 0 OR revision_id = (SELECT max(revision_id) FROM revision)
) ORDER BY r, part, k, p, o;
