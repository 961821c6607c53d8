/* References among the operands. */
#include "cli.h"

int cli_refs(const struct cli_values *values, struct persona_ref **refs, size_t *len, struct persona_error *err)
{
	*len = 0;
	*refs = calloc(values->operands.len ? values->operands.len : 1, sizeof **refs);
	if (!*refs)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	for (size_t i = 0; i < values->operands.len; i++) {
		struct persona_error why = { 0 };

		if (strcmp(values->operands.items[i], "-") == 0)
			continue;
		if (persona_ref_parse(&(*refs)[(*len)++], values->operands.items[i], &why) < 0)
			return persona_error_set(err, PERSONA_E_USAGE, "%s", why.text);
	}
	return 0;
}
