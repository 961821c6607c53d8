-- Version 3: a judge may be asked several times, and the median counts.

ALTER TABLE evaluation ADD COLUMN votes INTEGER NOT NULL DEFAULT 1 CHECK (votes > 0);	-- answers behind it
ALTER TABLE criterion ADD COLUMN spread REAL NOT NULL DEFAULT 0 CHECK (spread BETWEEN 0 AND 100);	-- the highest vote less the lowest
