-- A database without anything that differs between two ways of making it: ids, times, runs. Every row is a line
-- with its table's name in front; sort them, and diff(1) compares two databases. Names that stand
-- for rows: a batch is its label or the SHA-256 of its settings, a persona its batch and slot, a revision that and
-- its number, a record its file's SHA-256 and place, keys and populations their SHA-256, a call its request's and
-- the draw. How often a call went out, and what was lost with it, is not told.
-- The table wanted_population (batch, sha256) says which populations' scores are told; see lib.sh.
.mode insert natural
CREATE TEMP VIEW batch_name AS SELECT batch_id, ifnull('label ' || label, substr(sha256, 1, 16)) AS name FROM main.batch;
CREATE TEMP VIEW revision_name AS
	SELECT r.revision_id, b.name || ' ' || p.slot || '.' || r.number AS name
	FROM main.revision r JOIN main.persona p USING (persona_id) JOIN batch_name b USING (batch_id);
CREATE TEMP VIEW key_name AS SELECT key_id, stage || ' ' || substr(sha256, 1, 16) AS name FROM main.stage_key;
CREATE TEMP VIEW record_name AS
	SELECT r.record_id, substr(s.sha256, 1, 16) || ' ' || r.ordinal AS name
	FROM main.record r JOIN main.source s USING (source_id);
CREATE TEMP VIEW call_name AS
	SELECT call_id, stage || ' ' || substr(request_sha256, 1, 16) || ' ' || draw || '/' || sample AS name FROM main.llm_call;
CREATE TEMP VIEW told_score AS
	SELECT c.*, n.name AS revision, k.name AS key, ifnull(o.sha256, '-') AS population
	FROM main.score c JOIN revision_name n USING (revision_id) JOIN key_name k USING (key_id)
	LEFT JOIN main.population o USING (population_id) LEFT JOIN batch_name b USING (batch_id)
	WHERE c.population_id IS NULL OR (b.name, o.sha256) IN (SELECT batch, sha256 FROM wanted_population);

SELECT 'batch', b.name, c.wanted, c.settings FROM main.batch c JOIN batch_name b USING (batch_id);
SELECT 'plan', b.name, p.first_slot, p.slots, p.deal FROM main.plan p JOIN batch_name b USING (batch_id);
SELECT 'record', n.name, r.locator, r.speaker, r.text, r.fields
	FROM main.record r JOIN record_name n USING (record_id);
SELECT 'persona', b.name, p.slot, p.origin FROM main.persona p JOIN batch_name b USING (batch_id);
SELECT 'revision', n.name, r.stage, parent.name, k.name, r.content_sha256, r.name, r.age, r.occupation,
		r.background, r.demographics, quote(r.refinement_notes), r.extra
	FROM main.revision r JOIN revision_name n USING (revision_id)
	LEFT JOIN revision_name parent ON parent.revision_id = r.parent_id LEFT JOIN key_name k USING (key_id);
SELECT 'trait', n.name, t.kind, t.position, t.text FROM main.trait t JOIN revision_name n USING (revision_id);
SELECT 'evidence', n.name, e.kind, e.position, e.ordinal, r.name, e.locator, e.strength, e.excerpt
	FROM main.evidence e JOIN revision_name n USING (revision_id) LEFT JOIN record_name r USING (record_id);
SELECT 'score', revision, key, population, printf('%.12g', overall), printf('%.12g', own), level FROM told_score;
SELECT 'metric_score', s.revision, s.key, s.population, m.metric, printf('%.12g', m.value), printf('%.12g', m.weight),
		m.issues
	FROM main.metric_score m JOIN told_score s USING (score_id);
SELECT 'call', n.name, b.name, c.provider, c.model, c.state, c.prefix_sha256, c.suffix, c.response, c.finish_reason,
		c.input_tokens, c.output_tokens, c.cost_nusd
	FROM main.llm_call c JOIN call_name n USING (call_id) LEFT JOIN batch_name b USING (batch_id);
SELECT 'made', n.name, c.name FROM main.revision r JOIN revision_name n USING (revision_id) JOIN call_name c USING (call_id);
SELECT 'evaluation', n.name, k.name, e.sample, printf('%.12g', e.overall)
	FROM main.evaluation e JOIN revision_name n USING (revision_id) JOIN key_name k USING (key_id);
SELECT 'criterion', n.name, k.name, e.sample, c.criterion, printf('%.12g', c.score), c.reasoning
	FROM main.criterion c JOIN main.evaluation e USING (evaluation_id) JOIN revision_name n USING (revision_id)
	JOIN key_name k USING (key_id);
SELECT 'verdict', n.name, k.name, v.passed, v.threshold, printf('%.12g', v.value)
	FROM main.verdict v JOIN revision_name n USING (revision_id) JOIN key_name k ON k.key_id = v.basis;
SELECT 'refinement', n.name, k.name, f.sample, child.name
	FROM main.refinement f JOIN revision_name n USING (revision_id) JOIN key_name k USING (key_id)
	LEFT JOIN revision_name child ON child.revision_id = f.child_id;
