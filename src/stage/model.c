/* What all models share, and the built-in one behind it. */
#include "internal.h"
#include "persona/offline.h"

static int answer(void *payload, const struct persona_task *task, struct persona_answer *out, struct persona_error *err)
{
	return persona_offline_run(payload, task, out, err);
}

static void offline_free(struct persona_model *model)
{
	persona_offline_free(model->payload);
	free(model);
}

int persona_model_offline(struct persona_model **out, struct persona_error *err)
{
	struct persona_model *model = calloc(1, sizeof *model);
	struct persona_offline *offline;
	int rc = model ? persona_offline_new(&offline, err) : persona_error_set(err, PERSONA_E_NOMEM, "out of memory");

	*out = NULL;
	if (rc < 0) {
		free(model);
		return -1;
	}
	*model = (struct persona_model){ .name = "offline:",
					 .version = PERSONA_OFFLINE_VERSION,
					 .answer = answer,
					 .payload = offline,
					 .is_weighed = true,
					 .free = offline_free };
	*out = model;
	return 0;
}

bool persona_model_stats(const struct persona_model *model, struct persona_http_stats *stats)
{
	*stats = (struct persona_http_stats){ 0 };
	if (!model || !model->remote || !model->remote->stats)
		return false;
	model->remote->stats(model->remote->payload, stats);
	return true;
}

void persona_model_free(struct persona_model *model)
{
	if (model && model->free)
		model->free(model);
}
