/* Does a refinement lower the score? The built-in model does not see it, and what mends one thing may spoil another. */
#include <math.h>

#include "persona/metric.h"
#include "worth.h"

#define SLACK 1e-9

struct worth {
	struct persona_registry *registry;
	struct persona_profile profile;
	struct persona_kin *kin;
	char records_id[PERSONA_HASH_HEX]; /* of those that kin was learned from; empty: none */
};

int worth_new(struct worth **out, struct persona_error *err)
{
	struct worth *worth = calloc(1, sizeof *worth);

	*out = worth;
	if (!worth)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	if (persona_registry_new_default(&worth->registry, err) == 0 &&
	    persona_profile_get(&worth->profile, "default", err) == 0)
		return 0;
	worth_free(worth);
	*out = NULL;
	return -1;
}

void worth_free(struct worth *worth)
{
	if (!worth)
		return;
	persona_kin_free(worth->kin);
	persona_registry_free(worth->registry);
	free(worth);
}

static int learn(struct worth *worth, const struct persona_task *task, struct persona_error *err)
{
	if (!task->records->len || strcmp(worth->records_id, task->records_id) == 0)
		return 0;
	persona_kin_free(worth->kin);
	worth->kin = NULL;
	worth->records_id[0] = '\0';
	if (persona_kin_new(&worth->kin, task->records, err) < 0)
		return -1;
	snprintf(worth->records_id, sizeof worth->records_id, "%s", task->records_id);
	return 0;
}

/* NaN: nothing could be measured. */
static int own_score(const struct worth *worth, const struct persona_task *task, const struct persona *persona,
		     double *own, struct persona_error *err)
{
	const struct persona_subject subject = {
		.persona = persona,
		.batch_records = (int64_t)task->records->len,
		.kin = task->records->len ? worth->kin : NULL,
	};
	struct persona_score score;

	if (persona_score_revision(&score, worth->registry, &worth->profile, &subject, err) < 0)
		return -1;
	*own = score.own;
	persona_score_release(&score);
	return 0;
}

int worth_falls(struct worth *worth, const struct persona_task *task, const struct persona *refined,
		struct persona_error *err)
{
	double before, after;

	if (learn(worth, task, err) < 0 || own_score(worth, task, task->persona, &before, err) < 0 ||
	    own_score(worth, task, refined, &after, err) < 0)
		return -1;
	return !isnan(before) && (isnan(after) || after < before - SLACK);
}
