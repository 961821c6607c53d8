/* profile.c - a segment against everyone, and what the personas of a draft have used up. */
#include <math.h>

#include "internal.h"

int usage_init(struct usage *usage, const struct model *model, struct persona_error *err)
{
	*usage = (struct usage){ 0 };
	usage->options = calloc(model->options_len + 1, sizeof *usage->options);
	usage->identities_size = 64;
	while (usage->identities_size < 2 * model->sentences_len)
		usage->identities_size *= 2;
	usage->identities = calloc(usage->identities_size, sizeof *usage->identities);
	if (usage->options && usage->identities)
		return 0;
	usage_release(usage);
	return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
}

void usage_release(struct usage *usage)
{
	free(usage->options);
	free(usage->identities);
	*usage = (struct usage){ 0 };
}

static size_t usage_slot(const struct usage *usage, uint64_t identity)
{
	size_t at = identity & (usage->identities_size - 1);

	while (usage->identities[at] && usage->identities[at] != identity)
		at = (at + 1) & (usage->identities_size - 1);
	return at;
}

bool usage_has(const struct usage *usage, uint64_t identity)
{
	return usage->identities[usage_slot(usage, identity ? identity : 1)] != 0;
}

/* There is room for every sentence twice. */
void usage_add(struct usage *usage, uint64_t identity)
{
	identity = identity ? identity : 1;
	usage->identities[usage_slot(usage, identity)] = identity;
}

static int stems_compare(struct profile *profile, struct persona_error *err)
{
	const struct model *model = profile->model;
	uint32_t *count = calloc(model->stems_len + 1, sizeof *count);
	uint32_t *last = malloc((model->stems_len + 1) * sizeof *last);
	double in = (double)profile->segment->len, out = (double)model->len - in;

	if (!count || !last) {
		free(count);
		free(last);
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	}
	memset(last, 0xff, (model->stems_len + 1) * sizeof *last);
	for (size_t m = 0; m < profile->segment->len; m++) {
		uint32_t u = profile->segment->members[m];

		for (size_t i = model->sentences_from[u]; i < model->sentences_from[u + 1]; i++)
			for (uint32_t s = 0; s < model->sentences[i].stems_len; s++) {
				uint32_t id = model->sentence_stems[model->sentences[i].stems + s];

				count[id] += last[id] != u;
				last[id] = u;
			}
	}
	for (size_t s = 0; s < model->stems_len; s++) {
		double a = count[s], b = model->stems[s].df - a;
		double odds = log((a + .5) / (in - a + .5)) - log((b + .5) / (out - b + .5));

		if (count[s] && odds > 0)
			profile->stem_z[s] = odds / sqrt(1 / (a + .5) + 1 / (b + .5));
	}
	free(count);
	free(last);
	return 0;
}

static void options_compare(struct profile *profile)
{
	const struct model *model = profile->model;

	for (size_t m = 0; m < profile->segment->len; m++) {
		uint32_t u = profile->segment->members[m], column = OFFLINE_NONE;

		for (size_t i = model->ticks_from[u]; i < model->ticks_from[u + 1]; i++) {
			uint32_t option = model->ticks[i].option;

			profile->option_count[option]++;
			profile->answered[model->options[option].column] += model->options[option].column != column;
			column = model->options[option].column;
		}
	}
	for (size_t i = 0; i < model->options_len; i++) {
		const struct option *option = &model->options[i];
		double n = profile->answered[option->column], all = (double)model->columns[option->column].len;
		double expected = option->count / all, share = n > 0 ? profile->option_count[i] / n : 0;

		if (profile->option_count[i] && expected < 1)
			profile->option_z[i] = (share - expected) / sqrt(expected * (1 - expected) / n);
	}
}

int profile_init(struct profile *profile, const struct model *model, const struct segment *segment, struct usage *usage,
		 struct persona_error *err)
{
	*profile = (struct profile){ .model = model, .segment = segment, .usage = usage };
	profile->option_count = calloc(model->options_len + 1, sizeof *profile->option_count);
	profile->answered = calloc(model->columns_len + 1, sizeof *profile->answered);
	profile->stem_z = calloc(model->stems_len + 1, sizeof *profile->stem_z);
	profile->option_z = calloc(model->options_len + 1, sizeof *profile->option_z);
	profile->unit_used = calloc(model->len + 1, sizeof *profile->unit_used);
	profile->unit_named = calloc(model->len + 1, sizeof *profile->unit_named);
	if (!profile->option_count || !profile->answered || !profile->stem_z || !profile->option_z ||
	    !profile->unit_used || !profile->unit_named) {
		profile_release(profile);
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	}
	options_compare(profile);
	if (stems_compare(profile, err) < 0) {
		profile_release(profile);
		return -1;
	}
	return 0;
}

void profile_release(struct profile *profile)
{
	free(profile->option_count);
	free(profile->answered);
	free(profile->stem_z);
	free(profile->option_z);
	free(profile->unit_used);
	free(profile->unit_named);
	free(profile->chosen);
	*profile = (struct profile){ 0 };
}
