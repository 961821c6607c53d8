-- Who and what goes when records, sources, batches or personas are forgotten. The temporary tables forget_record, forget_source,
-- forget_batch and forget_persona say what was asked for; forgets(text) is true of a text that holds one of the sentences.
-- Nothing is changed yet: forget.sql does that.

-- Revisions of others that rest on it or repeat it.
CREATE TEMP TABLE forget_touched AS
SELECT r.revision_id, r.persona_id FROM revision r
WHERE r.persona_id NOT IN (SELECT persona_id FROM forget_persona)
AND (EXISTS (SELECT 1 FROM evidence e WHERE e.revision_id = r.revision_id
		AND (e.record_id IN (SELECT record_id FROM forget_record) OR forgets(e.excerpt)))
	OR EXISTS (SELECT 1 FROM trait t WHERE t.revision_id = r.revision_id AND forgets(t.text))
	OR forgets(r.name) OR forgets(r.occupation) OR forgets(r.background) OR forgets(r.demographics)
	OR forgets(r.refinement_notes) OR forgets(r.extra));

-- Their items that repeat it, or that no other record bears out.
CREATE TEMP TABLE forget_item AS
SELECT t.revision_id, t.kind, t.position FROM trait t JOIN forget_touched USING (revision_id)
WHERE forgets(t.text)
OR (EXISTS (SELECT 1 FROM evidence e
		WHERE e.revision_id = t.revision_id AND e.kind = t.kind AND e.position = t.position
		AND e.record_id IN (SELECT record_id FROM forget_record))
	AND NOT EXISTS (SELECT 1 FROM evidence e
		WHERE e.revision_id = t.revision_id AND e.kind = t.kind AND e.position = t.position
		AND e.record_id IS NOT NULL AND e.record_id NOT IN (SELECT record_id FROM forget_record)));
CREATE UNIQUE INDEX temp.forget_item_key ON forget_item (revision_id, kind, position);

-- Personas that rest on it alone, or of which too little is left to be one.
INSERT OR IGNORE INTO forget_persona
SELECT persona_id FROM forget_touched f
WHERE (EXISTS (SELECT 1 FROM evidence e WHERE e.revision_id = f.revision_id
			AND e.record_id IN (SELECT record_id FROM forget_record))
		AND NOT EXISTS (SELECT 1 FROM evidence e WHERE e.revision_id = f.revision_id
			AND e.record_id IS NOT NULL AND e.record_id NOT IN (SELECT record_id FROM forget_record)))
OR (NOT EXISTS (SELECT 1 FROM trait t WHERE t.revision_id = f.revision_id AND t.kind IN ('goal', 'frustration')
			AND NOT EXISTS (SELECT 1 FROM forget_item i WHERE i.revision_id = t.revision_id AND i.kind = t.kind
				AND i.position = t.position))
		AND (SELECT background IS NULL OR forgets(background) FROM revision WHERE revision_id = f.revision_id));
DELETE FROM forget_touched WHERE persona_id IN (SELECT persona_id FROM forget_persona);
DELETE FROM forget_item WHERE revision_id NOT IN (SELECT revision_id FROM forget_touched);

-- Batches of which neither a source nor a persona is left: whoever drafts from the file again begins anew.
INSERT OR IGNORE INTO forget_batch
SELECT batch_id FROM batch_source b
WHERE NOT EXISTS (SELECT 1 FROM persona p WHERE p.batch_id = b.batch_id
	AND p.persona_id NOT IN (SELECT persona_id FROM forget_persona))
GROUP BY batch_id HAVING min(source_id IN (SELECT source_id FROM forget_source));

CREATE TEMP TABLE forget_revision AS
SELECT revision_id FROM revision WHERE persona_id IN (SELECT persona_id FROM forget_persona);
CREATE UNIQUE INDEX temp.forget_revision_id ON forget_revision (revision_id);
