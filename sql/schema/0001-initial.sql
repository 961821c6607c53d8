-- Version 1. Names and columns here are a promise to everybody who queries the
-- database. Times are Unix seconds (UTC), scores 0..100, money nano-US-dollars.
-- Every table is STRICT: what cannot be converted without loss is refused.
-- Words that a column may hold are spelled with OR where every answer writes such
-- a row: for each IN (…) of more than two SQLite makes a table, and for each row anew.

-- A research file. Written by persona-draft, once per content.
CREATE TABLE source (
	source_id INTEGER PRIMARY KEY,
	uri TEXT NOT NULL,			-- as it was named on the command line
	sha256 TEXT NOT NULL CHECK (length(sha256) = 64),	-- of the file's bytes
	media_type TEXT NOT NULL,		-- how it was read
	size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0),
	imported_at INTEGER NOT NULL CHECK (imported_at >= 0),
	UNIQUE (sha256, media_type)
) STRICT;

-- A unit of a research file: a respondent, a section. Written by persona-draft.
CREATE TABLE record (
	record_id INTEGER PRIMARY KEY,
	source_id INTEGER NOT NULL REFERENCES source,
	ordinal INTEGER NOT NULL CHECK (ordinal > 0),	-- record number in its file
	locator TEXT NOT NULL,			-- file and line, such as interviews.csv:17
	speaker TEXT,
	text TEXT NOT NULL,			-- the answers, one per line, nothing of the questions
	fields TEXT NOT NULL CHECK (json_valid(fields) AND json_type(fields) = 'object'),	-- {"question": "answer"}
	UNIQUE (source_id, ordinal)
) STRICT;

-- A drafting request; all imports together are one batch, whose label is null
-- and whose settings say so. Written by persona-draft and persona-import.
CREATE TABLE batch (
	batch_id INTEGER PRIMARY KEY,
	label TEXT UNIQUE,
	sha256 TEXT NOT NULL UNIQUE CHECK (length(sha256) = 64),	-- of label or sources, model and options
	wanted INTEGER NOT NULL CHECK (wanted >= 0),	-- personas asked for so far
	settings TEXT NOT NULL CHECK (json_valid(settings) AND json_type(settings) = 'object'),
	created_at INTEGER NOT NULL CHECK (created_at >= 0)
) STRICT;

-- Which files a batch draws from.
CREATE TABLE batch_source (
	batch_id INTEGER NOT NULL REFERENCES batch,
	source_id INTEGER NOT NULL REFERENCES source,
	PRIMARY KEY (batch_id, source_id)
) STRICT, WITHOUT ROWID;

-- One call's share of a batch, fixed when first planned. A deal is one request
-- for more: `persona-draft -n 20` after `-n 10` is the second.
CREATE TABLE plan (
	batch_id INTEGER NOT NULL REFERENCES batch,
	first_slot INTEGER NOT NULL CHECK (first_slot > 0),
	slots INTEGER NOT NULL CHECK (slots > 0),
	deal INTEGER NOT NULL CHECK (deal > 0),
	settings TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(settings) AND json_type(settings) = 'object'),
	PRIMARY KEY (batch_id, first_slot)
) STRICT, WITHOUT ROWID;

-- A persona; what is known of it stands in its revisions.
CREATE TABLE persona (
	persona_id INTEGER PRIMARY KEY,
	batch_id INTEGER NOT NULL REFERENCES batch,
	slot INTEGER NOT NULL CHECK (slot > 0),	-- place in the batch, from 1
	origin TEXT,				-- imports: id, or SHA-256 of the content
	created_at INTEGER NOT NULL CHECK (created_at >= 0),
	UNIQUE (batch_id, slot),
	UNIQUE (batch_id, origin)
) STRICT;

-- Settings under which a stage worked. Bounds such as max_rounds stand in
-- settings but not in the hash.
CREATE TABLE stage_key (
	key_id INTEGER PRIMARY KEY,
	stage TEXT NOT NULL CHECK (stage IN ('draft', 'import', 'score', 'filter', 'judge', 'refine')),
	sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
	settings TEXT NOT NULL CHECK (json_valid(settings) AND json_type(settings) = 'object'),
	last_used INTEGER NOT NULL CHECK (last_used > 0),	-- a counter, not a clock
	UNIQUE (stage, sha256)
) STRICT;
CREATE INDEX stage_key_last_used ON stage_key (stage, last_used);

-- A logical request to a model and its answer. Written by every stage that asks one.
CREATE TABLE llm_call (
	call_id INTEGER PRIMARY KEY,
	run_id INTEGER REFERENCES run,
	batch_id INTEGER REFERENCES batch,
	stage TEXT NOT NULL,
	provider TEXT NOT NULL,
	model TEXT NOT NULL,
	request_sha256 TEXT NOT NULL CHECK (length(request_sha256) = 64),
	sample INTEGER NOT NULL CHECK (sample >= 0),
	state TEXT NOT NULL CHECK (state IN ('sent', 'submitted', 'done', 'failed', 'lost')),
	prefix_sha256 TEXT REFERENCES blob (sha256),
	suffix TEXT,
	response TEXT,
	http_status INTEGER CHECK (http_status BETWEEN 100 AND 599),
	finish_reason TEXT,
	input_tokens INTEGER CHECK (input_tokens >= 0),
	output_tokens INTEGER CHECK (output_tokens >= 0),
	cached_tokens INTEGER CHECK (cached_tokens >= 0),
	reasoning_tokens INTEGER CHECK (reasoning_tokens >= 0),
	cost_nusd INTEGER NOT NULL DEFAULT 0 CHECK (cost_nusd >= 0),
	attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
	latency_ms INTEGER CHECK (latency_ms >= 0),
	provider_request_id TEXT,
	error TEXT,
	UNIQUE (request_sha256, sample)
) STRICT;

-- Long texts that many calls share.
CREATE TABLE blob (
	sha256 TEXT PRIMARY KEY CHECK (length(sha256) = 64),
	content TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What a persona is at one point: never changed after it was written.
CREATE TABLE revision (
	revision_id INTEGER PRIMARY KEY,
	persona_id INTEGER NOT NULL REFERENCES persona,
	number INTEGER NOT NULL CHECK (number > 0),	-- 42.1 is persona 42, number 1
	stage TEXT NOT NULL CHECK (stage = 'draft' OR stage = 'refine' OR stage = 'import'),
	parent_id INTEGER REFERENCES revision,
	key_id INTEGER REFERENCES stage_key,
	call_id INTEGER REFERENCES llm_call,
	content_sha256 TEXT CHECK (length(content_sha256) = 64),	-- imports: what was imported
	name TEXT NOT NULL CHECK (length(name) > 0),
	age INTEGER CHECK (age BETWEEN 0 AND 130),
	occupation TEXT,
	background TEXT,
	demographics TEXT CHECK (demographics IS NULL OR (json_valid(demographics) AND json_type(demographics) = 'object')),
	refinement_notes TEXT,
	extra TEXT CHECK (extra IS NULL OR (json_valid(extra) AND json_type(extra) = 'object')),	-- what a model said besides
	created_at INTEGER NOT NULL CHECK (created_at >= 0),
	UNIQUE (persona_id, number),
	CHECK (parent_id < revision_id)
) STRICT;

-- One item of a list field.
CREATE TABLE trait (
	revision_id INTEGER NOT NULL REFERENCES revision,
	kind TEXT NOT NULL CHECK (kind = 'goal' OR kind = 'frustration' OR kind = 'behaviour' OR kind = 'motivation' OR kind = 'quote'),
	position INTEGER NOT NULL CHECK (position >= 0),	-- from 0
	text TEXT NOT NULL CHECK (length(text) > 0),
	PRIMARY KEY (revision_id, kind, position)
) STRICT, WITHOUT ROWID;

-- Which record bears out an item, and how well.
CREATE TABLE evidence (
	revision_id INTEGER NOT NULL,
	kind TEXT NOT NULL,
	position INTEGER NOT NULL,
	ordinal INTEGER NOT NULL CHECK (ordinal >= 0),	-- order in which it was given
	record_id INTEGER REFERENCES record,	-- null: the record named does not exist
	locator TEXT NOT NULL,			-- the record as it was named
	strength TEXT NOT NULL CHECK (strength = 'verbatim' OR strength = 'close' OR strength = 'cited' OR strength = 'none'),
	excerpt TEXT,
	PRIMARY KEY (revision_id, kind, position, ordinal),
	FOREIGN KEY (revision_id, kind, position) REFERENCES trait
) STRICT, WITHOUT ROWID;
CREATE INDEX evidence_record ON evidence (record_id);

-- The set that set metrics compared. Written by persona-score.
CREATE TABLE population (
	population_id INTEGER PRIMARY KEY,
	batch_id INTEGER NOT NULL REFERENCES batch,
	sha256 TEXT NOT NULL CHECK (length(sha256) = 64),	-- of the members' slots and numbers
	members INTEGER NOT NULL CHECK (members > 0),	-- how many
	newest_through INTEGER,	-- the batch's largest revision_id when all members were newest, else null
	last_used INTEGER NOT NULL CHECK (last_used > 0),
	UNIQUE (batch_id, sha256)
) STRICT;

-- A judge's answer on a revision. Written by persona-filter --judge.
CREATE TABLE evaluation (
	evaluation_id INTEGER PRIMARY KEY,
	revision_id INTEGER NOT NULL REFERENCES revision,
	key_id INTEGER NOT NULL REFERENCES stage_key,
	sample INTEGER NOT NULL DEFAULT 0 CHECK (sample >= 0),
	overall REAL NOT NULL CHECK (overall BETWEEN 0 AND 100),
	UNIQUE (revision_id, key_id, sample)
) STRICT;

CREATE TABLE criterion (
	evaluation_id INTEGER NOT NULL REFERENCES evaluation,
	criterion TEXT NOT NULL,
	score REAL NOT NULL CHECK (score BETWEEN 0 AND 100),
	reasoning TEXT,
	PRIMARY KEY (evaluation_id, criterion)
) STRICT, WITHOUT ROWID;

-- Quality of a revision. Written by persona-score; null: nothing could be measured.
CREATE TABLE score (
	score_id INTEGER PRIMARY KEY,
	revision_id INTEGER NOT NULL REFERENCES revision,
	key_id INTEGER NOT NULL REFERENCES stage_key,
	population_id INTEGER REFERENCES population,	-- null: no metric compared personas
	overall REAL CHECK (overall BETWEEN 0 AND 100),
	own REAL CHECK (own BETWEEN 0 AND 100),	-- without the metrics that compare personas
	level TEXT CHECK (level IN ('excellent', 'good', 'acceptable', 'poor', 'failing')),
	CHECK ((overall IS NULL) = (level IS NULL))
) STRICT;
CREATE UNIQUE INDEX score_once ON score (revision_id, key_id, ifnull(population_id, 0));

CREATE TABLE metric_score (
	score_id INTEGER NOT NULL REFERENCES score,
	metric TEXT NOT NULL,
	value REAL CHECK (value BETWEEN 0 AND 100),	-- null: not measured, issues say why
	weight REAL NOT NULL CHECK (weight BETWEEN 0 AND 1),	-- share in overall
	issues TEXT NOT NULL CHECK (json_valid(issues) AND json_type(issues) = 'array'),	-- [{"code","field","item","message"}]
	PRIMARY KEY (score_id, metric)
) STRICT, WITHOUT ROWID;

-- Does a revision pass? One per revision and basis (a judge key or a score key).
-- Written by persona-filter; another threshold updates it in place.
CREATE TABLE verdict (
	revision_id INTEGER NOT NULL REFERENCES revision,
	basis INTEGER NOT NULL REFERENCES stage_key,
	passed INTEGER NOT NULL CHECK (passed IN (0, 1)),
	threshold REAL NOT NULL CHECK (threshold BETWEEN 0 AND 100),
	value REAL NOT NULL CHECK (value BETWEEN 0 AND 100),
	decided_at INTEGER NOT NULL CHECK (decided_at >= 0),
	PRIMARY KEY (revision_id, basis)
) STRICT, WITHOUT ROWID;

-- What refining a revision gave. Written by persona-refine.
CREATE TABLE refinement (
	revision_id INTEGER NOT NULL REFERENCES revision,
	key_id INTEGER NOT NULL REFERENCES stage_key,
	sample INTEGER NOT NULL CHECK (sample >= 0),
	child_id INTEGER REFERENCES revision,	-- null: nothing to improve
	PRIMARY KEY (revision_id, key_id, sample)
) STRICT, WITHOUT ROWID;

-- A piece of work that failed: a revision's, or a slot's that has no revision yet.
CREATE TABLE failure (
	failure_id INTEGER PRIMARY KEY,
	stage TEXT NOT NULL,
	revision_id INTEGER REFERENCES revision,
	batch_id INTEGER REFERENCES batch,
	slot INTEGER,
	key_id INTEGER REFERENCES stage_key,
	class TEXT NOT NULL CHECK (class IN ('auth', 'quota', 'rate', 'server', 'timeout', 'network', 'refused',
		'truncated', 'unparsable', 'invalid', 'budget')),
	message TEXT NOT NULL,
	call_id INTEGER REFERENCES llm_call,
	attempt INTEGER NOT NULL CHECK (attempt > 0),	-- of its class under its key
	parked INTEGER NOT NULL CHECK (parked IN (0, 1)),	-- not asked again until --retry
	at INTEGER NOT NULL CHECK (at >= 0)
) STRICT;
CREATE INDEX failure_revision ON failure (revision_id, stage, key_id) WHERE revision_id IS NOT NULL;
CREATE INDEX failure_slot ON failure (batch_id, slot, stage, key_id) WHERE slot IS NOT NULL;

-- One start of a program. While it lives it holds a lock on byte run_id of the
-- file DATABASE-live, so nobody needs a clock to know.
CREATE TABLE run (
	run_id INTEGER PRIMARY KEY AUTOINCREMENT,
	tool TEXT NOT NULL,
	arguments TEXT NOT NULL CHECK (json_valid(arguments) AND json_type(arguments) = 'array'),
	pid INTEGER NOT NULL,
	host TEXT NOT NULL,
	version TEXT NOT NULL,
	started_at INTEGER NOT NULL,
	finished_at INTEGER,	-- null: running, or killed
	exit_code INTEGER,
	counts TEXT CHECK (counts IS NULL OR (json_valid(counts) AND json_type(counts) = 'object'))
) STRICT;

-- Who works on what just now. A claim is free when its run is dead.
CREATE TABLE claim (
	stage TEXT NOT NULL,
	item TEXT NOT NULL,
	run_id INTEGER NOT NULL REFERENCES run,
	reserved_nusd INTEGER NOT NULL DEFAULT 0 CHECK (reserved_nusd >= 0),
	PRIMARY KEY (stage, item)
) STRICT, WITHOUT ROWID;
CREATE INDEX claim_run ON claim (run_id);

-- Money, one row, kept in the transactions that claim and settle.
CREATE TABLE ledger (
	ledger_id INTEGER PRIMARY KEY CHECK (ledger_id = 1),
	budget_nusd INTEGER CHECK (budget_nusd >= 0),	-- null: no bound
	spent_nusd INTEGER NOT NULL DEFAULT 0 CHECK (spent_nusd >= 0),
	reserved_nusd INTEGER NOT NULL DEFAULT 0 CHECK (reserved_nusd >= 0)
) STRICT;
INSERT INTO ledger (ledger_id) VALUES (1);

-- Prices per token in nano-US-dollars, by the day from which they hold.
CREATE TABLE price (
	provider TEXT NOT NULL,
	model TEXT NOT NULL,
	valid_from TEXT NOT NULL CHECK (date(valid_from) IS valid_from),
	input_nusd INTEGER NOT NULL CHECK (input_nusd >= 0),
	output_nusd INTEGER NOT NULL CHECK (output_nusd >= 0),
	PRIMARY KEY (provider, model, valid_from)
) STRICT, WITHOUT ROWID;

CREATE TABLE setting (
	key TEXT PRIMARY KEY,
	value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
