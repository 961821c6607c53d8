-- Version 7: calls whose program died are found without a look at those that were answered. The view pending counts
-- verdicts that another score has overtaken.

CREATE INDEX llm_call_lost ON llm_call (state) WHERE state = 'lost';

-- How long the latest answers were, read without the answers.
CREATE INDEX llm_call_lengths ON llm_call (stage, provider, model, call_id, output_tokens, lost_nusd)
	WHERE output_tokens > 0 OR lost_nusd > 0;
