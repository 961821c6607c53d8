-- Views for everybody. Names and columns are a promise, as those of the tables.
-- They hold no data, so a new version of them needs no migration: they are made
-- anew with every schema version.

-- The newest revision of every persona with its standing: the score as
-- persona-filter reads it and the verdicts, all under the keys last used.
CREATE VIEW persona_current AS
SELECT r.persona_id, r.number, r.revision_id, r.name, r.age, r.occupation, r.background, r.demographics,
	r.refinement_notes, s.overall, s.level,
	(SELECT e.overall FROM evaluation e
		WHERE e.revision_id = r.revision_id
		AND e.key_id = (SELECT key_id FROM stage_key WHERE stage = 'judge' ORDER BY last_used DESC LIMIT 1)
		ORDER BY e.sample DESC LIMIT 1) AS evaluation,
	(SELECT min(v.passed) FROM verdict v
		WHERE v.revision_id = r.revision_id
		AND v.basis IN ((SELECT key_id FROM stage_key WHERE stage = 'score' ORDER BY last_used DESC LIMIT 1),
			(SELECT key_id FROM stage_key WHERE stage = 'judge' ORDER BY last_used DESC LIMIT 1))) AS passed
FROM persona p
JOIN revision r ON r.persona_id = p.persona_id
	AND r.number = (SELECT max(number) FROM revision WHERE persona_id = p.persona_id)
LEFT JOIN score s ON s.score_id = (
	SELECT c.score_id FROM score c LEFT JOIN population o USING (population_id)
	WHERE c.revision_id = r.revision_id
	AND c.key_id = (SELECT key_id FROM stage_key WHERE stage = 'score' ORDER BY last_used DESC LIMIT 1)
	ORDER BY o.last_used DESC LIMIT 1);

-- The best revision of every persona. What is best is decided by the judge key
-- last used under which the newest revision has an evaluation; else by the score
-- key last used under which it has a score (own, which does not depend on other
-- personas); else the newest wins. A tie goes to the newer.
-- (Looked up persona by persona, so that asking for one or for a page costs as much.)
CREATE VIEW persona_best AS
SELECT p.persona_id, r.number, r.revision_id, r.name, r.age, r.occupation, r.background, r.demographics,
	r.refinement_notes, s.overall, s.level,
	(SELECT e.overall FROM evaluation e
		WHERE e.revision_id = r.revision_id
		AND e.key_id = (SELECT key_id FROM stage_key WHERE stage = 'judge' ORDER BY last_used DESC LIMIT 1)
		ORDER BY e.sample DESC LIMIT 1) AS evaluation,
	(SELECT min(v.passed) FROM verdict v
		WHERE v.revision_id = r.revision_id
		AND v.basis IN ((SELECT key_id FROM stage_key WHERE stage = 'score' ORDER BY last_used DESC LIMIT 1),
			(SELECT key_id FROM stage_key WHERE stage = 'judge' ORDER BY last_used DESC LIMIT 1))) AS passed
FROM persona p
JOIN revision n ON n.persona_id = p.persona_id
	AND n.number = (SELECT max(number) FROM revision WHERE persona_id = p.persona_id)
JOIN revision r ON r.revision_id = coalesce(
	(SELECT x.revision_id FROM revision x JOIN evaluation e ON e.revision_id = x.revision_id
		WHERE x.persona_id = p.persona_id
		AND e.key_id = (SELECT k.key_id FROM evaluation m JOIN stage_key k USING (key_id)
			WHERE m.revision_id = n.revision_id ORDER BY k.last_used DESC LIMIT 1)
		AND e.sample = (SELECT max(sample) FROM evaluation
			WHERE revision_id = e.revision_id AND key_id = e.key_id)
		ORDER BY e.overall DESC, x.number DESC LIMIT 1),
	(SELECT x.revision_id FROM revision x JOIN score c ON c.revision_id = x.revision_id
		WHERE x.persona_id = p.persona_id AND c.own IS NOT NULL
		AND c.key_id = (SELECT k.key_id FROM score m JOIN stage_key k USING (key_id)
			WHERE m.revision_id = n.revision_id AND m.own IS NOT NULL ORDER BY k.last_used DESC LIMIT 1)
		ORDER BY c.own DESC, x.number DESC LIMIT 1),
	n.revision_id)
LEFT JOIN score s ON s.score_id = (
	SELECT c.score_id FROM score c LEFT JOIN population o USING (population_id)
	WHERE c.revision_id = r.revision_id
	AND c.key_id = (SELECT key_id FROM stage_key WHERE stage = 'score' ORDER BY last_used DESC LIMIT 1)
	ORDER BY o.last_used DESC LIMIT 1);

-- Every revision as one JSON document, unknown values left out.
CREATE VIEW persona_json AS
SELECT r.persona_id, r.number, json_patch('{}', json_object(
	'name', r.name, 'age', r.age, 'occupation', r.occupation, 'background', r.background,
	'goals', (SELECT nullif(json_group_array(text), '[]') FROM (SELECT text FROM trait
		WHERE revision_id = r.revision_id AND kind = 'goal' ORDER BY position)),
	'frustrations', (SELECT nullif(json_group_array(text), '[]') FROM (SELECT text FROM trait
		WHERE revision_id = r.revision_id AND kind = 'frustration' ORDER BY position)),
	'behaviours', (SELECT nullif(json_group_array(text), '[]') FROM (SELECT text FROM trait
		WHERE revision_id = r.revision_id AND kind = 'behaviour' ORDER BY position)),
	'motivations', (SELECT nullif(json_group_array(text), '[]') FROM (SELECT text FROM trait
		WHERE revision_id = r.revision_id AND kind = 'motivation' ORDER BY position)),
	'quotes', (SELECT nullif(json_group_array(text), '[]') FROM (SELECT text FROM trait
		WHERE revision_id = r.revision_id AND kind = 'quote' ORDER BY position)),
	'demographics', json(r.demographics), 'refinement_notes', r.refinement_notes,
	'quality_score', (SELECT c.overall FROM score c LEFT JOIN population o USING (population_id)
		WHERE c.revision_id = r.revision_id
		AND c.key_id = (SELECT key_id FROM stage_key WHERE stage = 'score' ORDER BY last_used DESC LIMIT 1)
		ORDER BY o.last_used DESC LIMIT 1))) AS json
FROM revision r;

-- What is left to do, newest revisions only, each stage under its keys last used.
CREATE VIEW pending AS
WITH keys AS (
	SELECT (SELECT key_id FROM stage_key WHERE stage = 'score' ORDER BY last_used DESC LIMIT 1) AS score_key,
		(SELECT key_id FROM stage_key WHERE stage = 'judge' ORDER BY last_used DESC LIMIT 1) AS judge_key,
		(SELECT key_id FROM stage_key WHERE stage = 'refine' ORDER BY last_used DESC LIMIT 1) AS refine_key,
		(SELECT CASE stage WHEN 'judge' THEN key_id END FROM stage_key
			WHERE stage IN ('judge', 'filter') ORDER BY last_used DESC LIMIT 1) AS filter_judge_key,
		ifnull((SELECT json_extract(settings, '$.max_rounds') FROM stage_key
			WHERE stage = 'refine' ORDER BY last_used DESC LIMIT 1), 2) AS max_rounds
), newest AS MATERIALIZED (
	SELECT r.revision_id FROM persona p
	JOIN revision r ON r.persona_id = p.persona_id
		AND r.number = (SELECT max(number) FROM revision WHERE persona_id = p.persona_id)
), present AS MATERIALIZED (
	SELECT o.population_id FROM population o
	WHERE o.newest_through IS NOT NULL AND NOT EXISTS (SELECT 1 FROM revision x
		WHERE x.revision_id > o.newest_through
		AND (SELECT y.batch_id FROM persona y WHERE y.persona_id = x.persona_id) = o.batch_id)
)
SELECT 'draft' AS stage, count(*) AS count
	FROM batch b JOIN persona p ON p.batch_id = b.batch_id AND p.slot <= b.wanted
	WHERE NOT EXISTS (SELECT 1 FROM revision r WHERE r.persona_id = p.persona_id)
UNION ALL
SELECT 'score', count(*) FROM newest n, keys k
	WHERE NOT EXISTS (SELECT 1 FROM score c
		WHERE c.revision_id = n.revision_id AND c.key_id = k.score_key
		AND (c.population_id IS NULL OR c.population_id IN (SELECT population_id FROM present)))
UNION ALL
SELECT 'filter', count(*) FROM newest n, keys k
	WHERE NOT EXISTS (SELECT 1 FROM verdict v
		WHERE v.revision_id = n.revision_id AND v.basis = ifnull(k.filter_judge_key, k.score_key)
		-- Scored again since, with another result: a verdict on what is no longer so.
		AND (k.filter_judge_key IS NOT NULL OR NOT EXISTS (SELECT 1 FROM score c
			WHERE c.revision_id = v.revision_id AND c.key_id = v.basis AND c.overall <> v.value)
			OR v.value = ifnull((SELECT c.overall FROM score c
			WHERE c.revision_id = v.revision_id AND c.key_id = v.basis ORDER BY
			(SELECT o.last_used FROM population o WHERE o.population_id = c.population_id) DESC LIMIT 1), v.value)))
UNION ALL
SELECT 'refine', count(*) FROM newest n, keys k
	WHERE EXISTS (SELECT 1 FROM verdict v
		WHERE v.revision_id = n.revision_id AND v.basis IN (k.score_key, k.judge_key) AND v.passed = 0)
	AND NOT EXISTS (SELECT 1 FROM refinement f WHERE f.revision_id = n.revision_id AND f.key_id = k.refine_key)
	AND (WITH RECURSIVE ancestor (revision_id, parent_id, stage) AS (
			SELECT revision_id, parent_id, stage FROM revision WHERE revision_id = n.revision_id
			UNION ALL
			SELECT r.revision_id, r.parent_id, r.stage FROM ancestor a JOIN revision r ON r.revision_id = a.parent_id
			LIMIT 1000)
		SELECT count(*) FROM ancestor WHERE stage = 'refine') < k.max_rounds;

-- Money and tokens by stage and model. What is under way is not counted yet.
CREATE VIEW cost AS
SELECT stage, provider || ':' || model AS model, count(*) AS calls,
	sum(ifnull(input_tokens, 0) + ifnull(output_tokens, 0)) AS tokens,
	sum(CASE WHEN state IN ('sent', 'submitted') THEN 0 ELSE cost_nusd END) / 1e9 AS usd,
	sum(lost_nusd) / 1e9 AS lost_usd
FROM llm_call GROUP BY stage, provider, model;

-- How far each stage is: rows made, newest revisions that wait, failures and parked rows.
CREATE VIEW progress AS
SELECT p.stage, CASE p.stage
		WHEN 'draft' THEN (SELECT count(*) FROM revision WHERE stage = 'draft')
		WHEN 'score' THEN (SELECT count(*) FROM score)
		WHEN 'filter' THEN (SELECT count(*) FROM verdict)
		WHEN 'refine' THEN (SELECT count(*) FROM refinement) END AS done,
	p.count AS pending,
	(SELECT count(*) FROM failure f WHERE f.stage = p.stage) AS failed,
	(SELECT count(*) FROM failure f WHERE f.stage = p.stage AND f.parked) AS parked
FROM pending p;

-- Where a revision comes from: the call that made it and every record that bears it out.
CREATE VIEW lineage AS
SELECT DISTINCT r.persona_id AS persona, r.persona_id || '.' || r.number AS revision, r.call_id AS call,
	e.locator AS record
FROM revision r LEFT JOIN evidence e ON e.revision_id = r.revision_id AND e.record_id IS NOT NULL;
