-- Version 2: models over the network.

-- A logical request to a model and its answer. Written by every stage that asks one.
-- The same request may be drawn more than once; each draw has as many samples as it
-- took until an answer could be used, and the highest usable one counts.
PRAGMA defer_foreign_keys = ON;
CREATE TEMP TABLE kept AS SELECT * FROM llm_call;
DROP TABLE llm_call;
CREATE TABLE llm_call (
	call_id INTEGER PRIMARY KEY,
	run_id INTEGER REFERENCES run,	-- that sent it last
	batch_id INTEGER REFERENCES batch,
	stage TEXT NOT NULL,
	provider TEXT NOT NULL,
	model TEXT NOT NULL,
	request_sha256 TEXT NOT NULL CHECK (length(request_sha256) = 64),
	draw TEXT NOT NULL,	-- draft: batch and slot; judge: vote; refinement: empty
	sample INTEGER NOT NULL CHECK (sample >= 0),	-- goes up after an answer that could not be used
	state TEXT NOT NULL CHECK (state = 'sent' OR state = 'submitted' OR state = 'done' OR state = 'failed' OR state = 'lost'),
	prefix_sha256 TEXT REFERENCES blob (sha256),	-- the prompt is blob.content, then suffix
	suffix TEXT,
	response TEXT,	-- what the model said; null: nothing came
	http_status INTEGER CHECK (http_status BETWEEN 100 AND 599),
	finish_reason TEXT,
	input_tokens INTEGER CHECK (input_tokens >= 0),	-- the whole prompt, cached part included
	output_tokens INTEGER CHECK (output_tokens >= 0),	-- reasoning included
	cached_tokens INTEGER CHECK (cached_tokens >= 0),
	cache_write_tokens INTEGER CHECK (cache_write_tokens >= 0),
	reasoning_tokens INTEGER CHECK (reasoning_tokens >= 0),
	cost_nusd INTEGER NOT NULL DEFAULT 0 CHECK (cost_nusd >= 0),	-- while sent: reserved for it
	lost_nusd INTEGER NOT NULL DEFAULT 0 CHECK (lost_nusd >= 0),	-- attempts that may have been charged and gave no answer
	attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),	-- how often it went out
	latency_ms INTEGER CHECK (latency_ms >= 0),	-- of the last attempt
	provider_request_id TEXT,
	error TEXT,
	UNIQUE (request_sha256, draw, sample)
) STRICT;
INSERT INTO llm_call (call_id, run_id, batch_id, stage, provider, model, request_sha256, draw, sample, state,
	prefix_sha256, suffix, response, http_status, finish_reason, input_tokens, output_tokens, cached_tokens,
	reasoning_tokens, cost_nusd, attempts, latency_ms, provider_request_id, error)
SELECT call_id, run_id, batch_id, stage, provider, model, request_sha256, '', sample, state, prefix_sha256, suffix,
	response, http_status, finish_reason, input_tokens, output_tokens, cached_tokens, reasoning_tokens, cost_nusd,
	attempts, latency_ms, provider_request_id, error FROM kept;
DROP TABLE kept;
CREATE INDEX llm_call_sent ON llm_call (run_id) WHERE state = 'sent';

-- What processes share about a model at an address: limits in force, what it refuses, how
-- many tokens its texts have. Written by whoever asks it.
CREATE TABLE endpoint (
	provider TEXT NOT NULL,
	model TEXT NOT NULL,
	origin TEXT NOT NULL,	-- scheme://host:port
	key_tag TEXT NOT NULL,	-- salted hash of the key: tells keys apart, not what they are
	quirks TEXT NOT NULL DEFAULT '',	-- parameters that it refused
	updated_ms INTEGER NOT NULL DEFAULT 0,	-- Unix milliseconds, like all times in this table
	requests_due_us INTEGER NOT NULL DEFAULT 0,	-- --rpm: when its bucket is empty again; microseconds
	tokens_due_us INTEGER NOT NULL DEFAULT 0,	-- --tpm, likewise
	blocked_until_ms INTEGER NOT NULL DEFAULT 0,	-- told to wait: nothing is sent before
	limit_milli INTEGER NOT NULL DEFAULT 0 CHECK (limit_milli >= 0),	-- requests in flight per process, thousandths; 0: as -j
	ceiling_milli INTEGER NOT NULL DEFAULT 0 CHECK (ceiling_milli >= 0),	-- where that was found too many
	last_decrease_ms INTEGER NOT NULL DEFAULT 0,
	saturated_since_ms INTEGER NOT NULL DEFAULT 0,	-- only told to wait since; 0: not
	samples INTEGER NOT NULL DEFAULT 0 CHECK (samples >= 0),	-- answers that said how many tokens were read
	most_ppm INTEGER NOT NULL DEFAULT 0 CHECK (most_ppm >= 0),	-- most tokens per million bytes among them
	PRIMARY KEY (provider, model, origin, key_tag)
) STRICT, WITHOUT ROWID;

-- Prices of your own, by the day from which they hold; they win over those that come with the
-- programs. Nano-US-dollars per million tokens: 2.50 USD is 2500000000.
CREATE TEMP TABLE kept AS SELECT * FROM price;
DROP TABLE price;
CREATE TABLE price (
	provider TEXT NOT NULL,
	model TEXT NOT NULL,	-- also stands for its dated snapshots; '*': every model of the provider
	valid_from TEXT NOT NULL CHECK (date(valid_from) IS valid_from),
	input_nusd INTEGER NOT NULL CHECK (input_nusd >= 0),
	output_nusd INTEGER NOT NULL CHECK (output_nusd >= 0),
	cached_nusd INTEGER CHECK (cached_nusd >= 0),	-- read from the provider's cache; null: as input
	cache_write_nusd INTEGER CHECK (cache_write_nusd >= 0),	-- written to it; null: as input
	PRIMARY KEY (provider, model, valid_from)
) STRICT, WITHOUT ROWID;
INSERT INTO price (provider, model, valid_from, input_nusd, output_nusd)
SELECT provider, model, valid_from, input_nusd * 1000000, output_nusd * 1000000 FROM kept;
DROP TABLE kept;

-- setting 'budget_usd' bounds what the database may ever cost; the ledger goes by it.
CREATE TRIGGER setting_budget_added AFTER INSERT ON setting WHEN new.key = 'budget_usd' BEGIN
	SELECT raise(ABORT, 'budget_usd is a number of US dollars, 0 or more')
		WHERE NOT (new.value GLOB '[0-9]*' AND new.value NOT GLOB '*[^0-9.]*' AND new.value NOT GLOB '*.*.*');
	UPDATE ledger SET budget_nusd = CAST(round(CAST(new.value AS REAL) * 1e9) AS INTEGER);
END;
CREATE TRIGGER setting_budget_changed AFTER UPDATE ON setting WHEN new.key = 'budget_usd' BEGIN
	SELECT raise(ABORT, 'budget_usd is a number of US dollars, 0 or more')
		WHERE NOT (new.value GLOB '[0-9]*' AND new.value NOT GLOB '*[^0-9.]*' AND new.value NOT GLOB '*.*.*');
	UPDATE ledger SET budget_nusd = CAST(round(CAST(new.value AS REAL) * 1e9) AS INTEGER);
END;
CREATE TRIGGER setting_budget_removed AFTER DELETE ON setting WHEN old.key = 'budget_usd' BEGIN
	UPDATE ledger SET budget_nusd = NULL;
END;
