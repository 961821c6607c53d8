-- Version 5: what a scoring run found of its set as a whole, and who is too similar to whom.

-- A set scored under a key. Written by persona-score with the first rows of the set; how many personas of what level is of
-- the members of the population alone.
CREATE TABLE scoring (
	scoring_id INTEGER PRIMARY KEY,
	key_id INTEGER NOT NULL REFERENCES stage_key,
	population_id INTEGER NOT NULL REFERENCES population,
	members INTEGER NOT NULL CHECK (members >= 0),
	overall REAL CHECK (overall BETWEEN 0 AND 100),	-- mean of those that could be measured
	excellent INTEGER NOT NULL CHECK (excellent >= 0),
	good INTEGER NOT NULL CHECK (good >= 0),
	acceptable INTEGER NOT NULL CHECK (acceptable >= 0),
	poor INTEGER NOT NULL CHECK (poor >= 0),
	failing INTEGER NOT NULL CHECK (failing >= 0),	-- the rest of members: nothing could be measured
	similar_pairs INTEGER NOT NULL CHECK (similar_pairs >= 0),	-- as similar as the profile's limit or more
	records INTEGER NOT NULL CHECK (records >= 0),	-- that the batch draws from
	records_used INTEGER NOT NULL CHECK (records_used >= 0),	-- of them behind at least one persona: respondent coverage
	mtld REAL CHECK (mtld > 0),	-- lexical diversity of all items; null: fewer than 50 words
	UNIQUE (population_id, key_id)
) STRICT;
CREATE INDEX scoring_key ON scoring (key_id);

-- A metric's mean in a scoring.
CREATE TABLE scoring_metric (
	scoring_id INTEGER NOT NULL REFERENCES scoring,
	metric TEXT NOT NULL,
	measured INTEGER NOT NULL CHECK (measured >= 0),	-- of how many members
	mean REAL CHECK (mean BETWEEN 0 AND 100),	-- null: of none
	PRIMARY KEY (scoring_id, metric)
) STRICT, WITHOUT ROWID;

-- Near-duplicates: pairs as similar as the profile's limit or more, of each persona the 16 nearest at most.
CREATE TABLE similar (
	scoring_id INTEGER NOT NULL REFERENCES scoring,
	revision_a INTEGER NOT NULL REFERENCES revision,
	revision_b INTEGER NOT NULL REFERENCES revision,
	similarity REAL NOT NULL CHECK (similarity BETWEEN 0 AND 1),
	PRIMARY KEY (scoring_id, revision_a, revision_b),
	CHECK (revision_a < revision_b)
) STRICT, WITHOUT ROWID;
CREATE INDEX similar_a ON similar (revision_a);
CREATE INDEX similar_b ON similar (revision_b);
