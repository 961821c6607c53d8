-- The temporary tables of forgetting, so that the same handle can forget again.
DROP TABLE IF EXISTS temp.forget_record;
DROP TABLE IF EXISTS temp.forget_source;
DROP TABLE IF EXISTS temp.forget_batch;
DROP TABLE IF EXISTS temp.forget_persona;
DROP TABLE IF EXISTS temp.forget_touched;
DROP TABLE IF EXISTS temp.forget_item;
DROP TABLE IF EXISTS temp.forget_revision;
DROP TABLE IF EXISTS temp.forget_blob;
DROP TABLE IF EXISTS temp.forget_call;
DROP TABLE IF EXISTS temp.forget_population;
DROP TABLE IF EXISTS temp.forget_score;
DROP TABLE IF EXISTS temp.forget_figures;
DROP TABLE IF EXISTS temp.forget_kept;
DROP TABLE IF EXISTS temp.forget_kept_evidence;
