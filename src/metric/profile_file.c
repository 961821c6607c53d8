/* Profiles that somebody wrote. */
#include "internal.h"

static int refuse(const char *what, const char *wish, struct persona_error *err)
{
	return persona_error_set(err, PERSONA_E_USAGE, "profile: %.60s %s", what, wish);
}

static int read_text(char *out, size_t size, const json_t *value, const char *name, struct persona_error *err)
{
	if (!json_is_string(value) || !json_string_length(value) || json_string_length(value) >= size)
		return refuse(name, "is to be a short text", err);
	snprintf(out, size, "%s", json_string_value(value));
	return 0;
}

static int read_number(double *out, const json_t *value, const char *name, struct persona_error *err)
{
	if (!json_is_number(value))
		return refuse(name, "is to be a number", err);
	*out = json_number_value(value);
	return 0;
}

static int read_weights(struct persona_profile *out, const json_t *value, struct persona_error *err)
{
	const char *metric;
	json_t *weight;

	if (!json_is_object(value))
		return refuse("weights", "are to be an object {METRIC: NUMBER}", err);
	json_object_foreach((json_t *)value, metric, weight) {
		double number = 0;

		if (read_number(&number, weight, metric, err) < 0 ||
		    persona_profile_weigh(out, metric, number, err) < 0)
			return -1;
	}
	return 0;
}

static int read_least(struct persona_profile *out, const json_t *value, struct persona_error *err)
{
	const char *name;
	json_t *least;

	if (!json_is_object(value))
		return refuse("least", "is to be an object {LIST: NUMBER}", err);
	json_object_foreach((json_t *)value, name, least) {
		int field = 0;

		while (field < PERSONA_LIST_FIELDS &&
		       strcmp(persona_list_field((enum persona_list_field)field)->name, name) != 0)
			field++;
		if (field == PERSONA_LIST_FIELDS)
			return refuse(name, "is no list of a persona", err);
		if (!json_is_integer(least) || json_integer_value(least) < 0 || json_integer_value(least) > 1000)
			return refuse(name, "is to be a whole number from 0 to 1000", err);
		out->least[field] = (size_t)json_integer_value(least);
	}
	return 0;
}

static int read_levels(struct persona_profile *out, const json_t *value, struct persona_error *err)
{
	const char *name;
	json_t *from;

	if (!json_is_object(value))
		return refuse("levels", "are to be an object {LEVEL: NUMBER}", err);
	json_object_foreach((json_t *)value, name, from) {
		int level = PERSONA_POOR;

		while (level <= PERSONA_EXCELLENT && strcmp(persona_level_name((enum persona_level)level), name) != 0)
			level++;
		if (level > PERSONA_EXCELLENT)
			return refuse(name, "is no level that begins somewhere: poor, acceptable, good, excellent",
				      err);
		if (read_number(&out->level_from[level], from, name, err) < 0)
			return -1;
	}
	return 0;
}

static int read_member(struct persona_profile *out, const char *name, const json_t *value, struct persona_error *err)
{
	if (strcmp(name, "extends") == 0)
		return 0;
	if (strcmp(name, "name") == 0)
		return read_text(out->name, sizeof out->name, value, name, err);
	if (strcmp(name, "language") == 0)
		return read_text(out->language, sizeof out->language, value, name, err);
	if (strcmp(name, "least_coverage") == 0)
		return read_number(&out->least_coverage, value, name, err);
	if (strcmp(name, "too_similar") == 0)
		return read_number(&out->too_similar, value, name, err);
	if (strcmp(name, "weights") == 0)
		return read_weights(out, value, err);
	if (strcmp(name, "least") == 0)
		return read_least(out, value, err);
	if (strcmp(name, "levels") == 0)
		return read_levels(out, value, err);
	return refuse(name, "is no member of a profile", err);
}

int persona_profile_from_json(struct persona_profile *out, const json_t *json, struct persona_error *err)
{
	const json_t *extends = json_object_get(json, "extends");
	const char *name;
	json_t *value;

	if (!json_is_object(json))
		return persona_error_set(err, PERSONA_E_USAGE, "profile: not a JSON object");
	if (extends && !json_is_string(extends))
		return refuse("extends", "is to be the name of a profile", err);
	if (persona_profile_get(out, extends ? json_string_value(extends) : "default", err) < 0)
		return persona_error_set(err, PERSONA_E_USAGE, "profile: there is none to extend by that name");
	snprintf(out->name, sizeof out->name, "own");
	json_object_foreach((json_t *)json, name, value)
		if (read_member(out, name, value, err) < 0)
			return -1;
	return persona_profile_check(out, err);
}
