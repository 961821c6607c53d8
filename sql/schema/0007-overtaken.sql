-- Version 7: calls whose program died are found without a look at those that were answered. The view pending counts
-- verdicts that another score has overtaken.

CREATE INDEX llm_call_lost ON llm_call (state) WHERE state = 'lost';
