-- What forget-choose.sql chose goes. By now forgets(text) is also true of a text that holds an item or an excerpt that goes, or
-- the mark under which a prompt shows a record.

-- Prompts and answers that hold it, or one of the items and excerpts that go with it: those of a judge, say.
CREATE TEMP TABLE forget_blob AS SELECT sha256 FROM blob WHERE forgets(content);
CREATE TEMP TABLE forget_call AS
SELECT call_id FROM llm_call
WHERE (batch_id IN (SELECT batch_id FROM forget_batch)
	OR prefix_sha256 IN (SELECT sha256 FROM forget_blob)
	OR forgets(suffix) OR forgets(response) OR forgets(error))
AND (suffix IS NOT NULL OR response IS NOT NULL OR prefix_sha256 IS NOT NULL OR error IS NOT NULL);

-- Batches whose personas are to be compared anew.
CREATE TEMP TABLE forget_population AS
SELECT population_id FROM population WHERE batch_id IN (
	SELECT batch_id FROM persona WHERE persona_id IN (SELECT persona_id FROM forget_persona)
		OR persona_id IN (SELECT persona_id FROM forget_touched))
OR batch_id IN (SELECT batch_id FROM forget_batch);
CREATE TEMP TABLE forget_score AS
SELECT score_id FROM score WHERE population_id IN (SELECT population_id FROM forget_population)
OR revision_id IN (SELECT revision_id FROM forget_revision)
OR revision_id IN (SELECT revision_id FROM forget_touched);

-- Batches whose figures speak of who is gone.
CREATE TEMP TABLE forget_figures AS
SELECT batch_id FROM persona WHERE persona_id IN (SELECT persona_id FROM forget_persona)
	OR persona_id IN (SELECT persona_id FROM forget_touched)
UNION SELECT batch_id FROM batch_source JOIN record USING (source_id)
WHERE record_id IN (SELECT record_id FROM forget_record);

-- ---- From here on it goes --------------------------------------------------

PRAGMA defer_foreign_keys = ON;

DELETE FROM similar WHERE scoring_id IN (SELECT scoring_id FROM scoring
	WHERE population_id IN (SELECT population_id FROM forget_population))
OR revision_a IN (SELECT revision_id FROM forget_revision) OR revision_b IN (SELECT revision_id FROM forget_revision);
DELETE FROM scoring_metric WHERE scoring_id IN (SELECT scoring_id FROM scoring
	WHERE population_id IN (SELECT population_id FROM forget_population));
DELETE FROM scoring WHERE population_id IN (SELECT population_id FROM forget_population);
DELETE FROM metric_score WHERE score_id IN (SELECT score_id FROM forget_score);
DELETE FROM score WHERE score_id IN (SELECT score_id FROM forget_score);
DELETE FROM population WHERE population_id IN (SELECT population_id FROM forget_population);
DELETE FROM criterion WHERE evaluation_id IN (SELECT evaluation_id FROM evaluation
	WHERE revision_id IN (SELECT revision_id FROM forget_revision)
	OR revision_id IN (SELECT revision_id FROM forget_touched));
DELETE FROM evaluation WHERE revision_id IN (SELECT revision_id FROM forget_revision)
	OR revision_id IN (SELECT revision_id FROM forget_touched);
UPDATE criterion SET reasoning = NULL WHERE forgets(reasoning);
DELETE FROM verdict WHERE revision_id IN (SELECT revision_id FROM forget_revision)
	OR revision_id IN (SELECT revision_id FROM forget_touched);
DELETE FROM refinement WHERE revision_id IN (SELECT revision_id FROM forget_revision)
	OR child_id IN (SELECT revision_id FROM forget_revision);
DELETE FROM failure WHERE revision_id IN (SELECT revision_id FROM forget_revision)
	OR batch_id IN (SELECT batch_id FROM forget_batch) OR forgets(message)
	OR EXISTS (SELECT 1 FROM persona p JOIN forget_persona USING (persona_id)
		WHERE p.batch_id = failure.batch_id AND p.slot = failure.slot);

-- Whole personas.
DELETE FROM evidence WHERE revision_id IN (SELECT revision_id FROM forget_revision);
DELETE FROM trait WHERE revision_id IN (SELECT revision_id FROM forget_revision);
DELETE FROM revision WHERE revision_id IN (SELECT revision_id FROM forget_revision);
DELETE FROM persona WHERE persona_id IN (SELECT persona_id FROM forget_persona);

-- Single items: those that stay move up.
CREATE TEMP TABLE forget_kept AS
SELECT t.revision_id, t.kind, t.position,
	row_number() OVER (PARTITION BY t.revision_id, t.kind ORDER BY t.position) - 1 AS place, t.text
FROM trait t JOIN forget_touched USING (revision_id)
WHERE NOT EXISTS (SELECT 1 FROM forget_item i
	WHERE i.revision_id = t.revision_id AND i.kind = t.kind AND i.position = t.position);
CREATE TEMP TABLE forget_kept_evidence AS
SELECT e.revision_id, e.kind, k.place,
	row_number() OVER (PARTITION BY e.revision_id, e.kind, e.position ORDER BY e.ordinal) - 1 AS ordinal,
	e.record_id, e.locator, e.strength, CASE WHEN forgets(e.excerpt) THEN NULL ELSE e.excerpt END AS excerpt,
	e.byte_offset, e.line
FROM evidence e JOIN forget_kept k ON k.revision_id = e.revision_id AND k.kind = e.kind AND k.position = e.position
WHERE e.record_id IS NULL OR e.record_id NOT IN (SELECT record_id FROM forget_record);
DELETE FROM evidence WHERE revision_id IN (SELECT revision_id FROM forget_touched);
DELETE FROM trait WHERE revision_id IN (SELECT revision_id FROM forget_touched);
INSERT INTO trait (revision_id, kind, position, text) SELECT revision_id, kind, place, text FROM forget_kept;
INSERT INTO evidence (revision_id, kind, position, ordinal, record_id, locator, strength, excerpt, byte_offset, line)
SELECT revision_id, kind, place, ordinal, record_id, locator, strength, excerpt, byte_offset, line FROM forget_kept_evidence;
UPDATE revision SET name = CASE WHEN forgets(name) THEN 'forgotten' ELSE name END,
	occupation = CASE WHEN forgets(occupation) THEN NULL ELSE occupation END,
	background = CASE WHEN forgets(background) THEN NULL ELSE background END,
	demographics = CASE WHEN forgets(demographics) THEN NULL ELSE demographics END,
	refinement_notes = CASE WHEN forgets(refinement_notes) THEN NULL ELSE refinement_notes END,
	extra = CASE WHEN forgets(extra) THEN NULL ELSE extra END
WHERE revision_id IN (SELECT revision_id FROM forget_touched);

-- Calls: that they were made, and what they cost, stays.
UPDATE llm_call SET suffix = NULL, response = NULL, prefix_sha256 = NULL, error = 'forgotten',
	state = CASE state WHEN 'done' THEN 'failed' ELSE state END,
	batch_id = CASE WHEN batch_id IN (SELECT batch_id FROM forget_batch) THEN NULL ELSE batch_id END
WHERE call_id IN (SELECT call_id FROM forget_call);
UPDATE llm_call SET batch_id = NULL WHERE batch_id IN (SELECT batch_id FROM forget_batch);
DELETE FROM blob WHERE sha256 IN (SELECT sha256 FROM forget_blob)
	OR sha256 NOT IN (SELECT prefix_sha256 FROM llm_call WHERE prefix_sha256 IS NOT NULL);

-- Batches, sources, records.
UPDATE batch SET figures = NULL WHERE batch_id IN (SELECT batch_id FROM forget_figures);
UPDATE plan SET settings = '{}' WHERE forgets(settings);
DELETE FROM plan WHERE batch_id IN (SELECT batch_id FROM forget_batch);
DELETE FROM batch_source WHERE batch_id IN (SELECT batch_id FROM forget_batch)
	OR source_id IN (SELECT source_id FROM forget_source);
DELETE FROM batch WHERE batch_id IN (SELECT batch_id FROM forget_batch);
-- For each record SQLite looks whether evidence refers to it. Somebody may have an index of his own, by its former name.
CREATE INDEX forget_evidence ON evidence (record_id);
DELETE FROM record WHERE record_id IN (SELECT record_id FROM forget_record);
DROP INDEX forget_evidence;
DELETE FROM source WHERE source_id IN (SELECT source_id FROM forget_source);
