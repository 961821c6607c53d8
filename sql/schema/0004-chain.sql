-- Version 4: money that programs of one persona-run share.

-- A bound for all stages of one persona-run together, as --max-cost is for one program: money reserved and spent by runs of a
-- chain counts here besides the ledger, in the same transactions. One row per persona-run with a bound; made by whichever
-- of its programs comes first.
CREATE TABLE chain (
	chain_id INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE,	-- by which its programs find each other; drawn at random
	budget_nusd INTEGER NOT NULL CHECK (budget_nusd >= 0),	-- nano-US-dollars, like all money
	spent_nusd INTEGER NOT NULL DEFAULT 0 CHECK (spent_nusd >= 0),
	reserved_nusd INTEGER NOT NULL DEFAULT 0 CHECK (reserved_nusd >= 0)
) STRICT;

ALTER TABLE run ADD COLUMN chain_id INTEGER REFERENCES chain;	-- null: part of none, or of one without a bound
