#include "model_internal.h"

#define WINDOW_US (60 * INT64_C(1000000))

/* ---- The last minute ------------------------------------------------- */

void window_forget(struct window *window, int64_t now_us)
{
	while (window->len && window->at_us[window->first] <= now_us - WINDOW_US) {
		window->first = (window->first + 1) % window->capacity;
		window->len--;
	}
}

bool window_add(struct window *window, int64_t now_us)
{
	window_forget(window, now_us);
	if (window->len == window->capacity) {
		size_t wanted = window->capacity ? window->capacity * 2 : 1024;
		int64_t *grown = malloc(wanted * sizeof *grown);

		if (!grown)
			return false;
		for (size_t i = 0; i < window->len; i++)
			grown[i] = window->at_us[(window->first + i) % window->capacity];
		free(window->at_us);
		window->at_us = grown;
		window->first = 0;
		window->capacity = wanted;
	}
	window->at_us[(window->first + window->len++) % window->capacity] = now_us;
	return true;
}

/* ---- Requests answered before ---------------------------------------- */

static uint32_t *seen_slot(struct seen *seen, uint64_t hash)
{
	size_t at = hash & (seen->capacity - 1);

	while (seen->hashes[at] && seen->hashes[at] != hash)
		at = (at + 1) & (seen->capacity - 1);
	seen->hashes[at] = hash;
	return &seen->counts[at];
}

static bool seen_grow(struct seen *seen)
{
	struct seen grown = { .capacity = seen->capacity ? seen->capacity * 2 : 1024, .len = seen->len };

	grown.hashes = calloc(grown.capacity, sizeof *grown.hashes);
	grown.counts = calloc(grown.capacity, sizeof *grown.counts);
	if (!grown.hashes || !grown.counts) {
		free(grown.hashes);
		free(grown.counts);
		return false;
	}
	for (size_t i = 0; i < seen->capacity; i++)
		if (seen->hashes[i])
			*seen_slot(&grown, seen->hashes[i]) = seen->counts[i];
	free(seen->hashes);
	free(seen->counts);
	*seen = grown;
	return true;
}

void stats_answered(struct stats *stats, uint64_t hash)
{
	uint32_t *count;

	stats->answered++;
	hash += !hash;
	if (2 * stats->seen.len >= stats->seen.capacity && !seen_grow(&stats->seen))
		return;
	count = seen_slot(&stats->seen, hash);
	if (!*count)
		stats->seen.len++;
	stats->answered_twice += ++*count == 2;
}

/* ---- Models and keys ------------------------------------------------- */

void stats_tokens(struct stats *stats, const char *model, const struct reply *reply)
{
	size_t i = 0;

	while (i < stats->models_len && strcmp(stats->models[i].model, model) != 0)
		i++;
	if (i == sizeof stats->models / sizeof *stats->models)
		return;
	if (i == stats->models_len)
		snprintf(stats->models[stats->models_len++].model, sizeof stats->models->model, "%s", model);
	stats->models[i].requests++;
	stats->models[i].in += reply->tokens_in;
	stats->models[i].cached += reply->tokens_cached;
	stats->models[i].out += reply->tokens_out;
}

void stats_key(struct stats *stats, const char *key)
{
	char text[17];

	if (!key)
		return;
	snprintf(text, sizeof text, "%016llx", (unsigned long long)persona_mix64(0, key, strlen(key)));
	for (size_t i = 0; i < stats->keys_len; i++)
		if (strcmp(stats->keys[i], text) == 0)
			return;
	if (stats->keys_len < sizeof stats->keys / sizeof *stats->keys)
		memcpy(stats->keys[stats->keys_len++], text, sizeof text);
}

/* ---- As JSON --------------------------------------------------------- */

json_t *stats_json(const struct stats *stats)
{
	json_t *models = json_object(), *keys = json_array(), *kinds = json_object();

	for (size_t i = 0; i < stats->models_len; i++) {
		const struct model_tokens *model = &stats->models[i];

		json_object_set_new(models, model->model,
				    json_pack("{s:I, s:I, s:I, s:I}", "requests", (json_int_t)model->requests,
					      "tokens_in", (json_int_t)model->in, "tokens_cached",
					      (json_int_t)model->cached, "tokens_out", (json_int_t)model->out));
	}
	for (size_t i = 0; i < stats->keys_len; i++)
		json_array_append_new(keys, json_string(stats->keys[i]));
	for (int i = 0; i < FAULTS; i++) {
		char buffer[16];
		struct decision decision = { .fault = (enum fault)i };

		if (stats->by_fault[i])
			json_object_set_new(kinds, i == FAULT_STATUS ? "status" : decision_name(decision, buffer),
					    json_integer(stats->by_fault[i]));
	}
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o}", "requests",
			 (json_int_t)stats->requests, "connections", (json_int_t)stats->connections, "open",
			 (json_int_t)stats->open, "answered", (json_int_t)stats->answered, "answered_twice",
			 (json_int_t)stats->answered_twice, "early", (json_int_t)stats->early, "in_progress",
			 (json_int_t)stats->in_progress, "max_concurrent", (json_int_t)stats->max_concurrent,
			 "per_minute_max", (json_int_t)stats->per_minute_max, "kinds", kinds, "models", models, "keys",
			 keys);
}

void stats_release(struct stats *stats)
{
	free(stats->received.at_us);
	free(stats->accepted.at_us);
	free(stats->seen.hashes);
	free(stats->seen.counts);
	*stats = (struct stats){ 0 };
}
