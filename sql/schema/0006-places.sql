-- Version 6: where in a file's bytes stands what records and evidence hold, and figures of batches.

-- [offset, byte, line, …]: from that byte of `text` (UTF-8) on, up to the next three or the end of the answer, the bytes are those of the
-- source file from `byte` on (from 0), which is on that line (from 1). byte -1: the file has them otherwise (escaped,
-- cleaned, in another encoding). Empty for records of earlier versions. Written by persona-draft.
ALTER TABLE record ADD COLUMN pieces TEXT NOT NULL DEFAULT '[]'
	CHECK (json_valid(pieces) AND json_type(pieces) = 'array');

-- Where the excerpt begins in the source file. Null: not known, or it does not stand there in these bytes.
ALTER TABLE evidence ADD COLUMN byte_offset INTEGER CHECK (byte_offset >= 0);
ALTER TABLE evidence ADD COLUMN line INTEGER CHECK (line > 0);

-- What persona-draft found out about the batch as a whole, once all its personas of the built-in model were there: how many
-- respondents they stand for, how steady the groups are. See persona(7). Null: not measured.
ALTER TABLE batch ADD COLUMN figures TEXT
	CHECK (figures IS NULL OR (json_valid(figures) AND json_type(figures) = 'object'));
