/*
 * figures.c - the personas of a batch as a whole: whom they stand for, what they leave out, and how
 * steady the groups are that they were made of.
 *
 * What cannot be measured is left out: never 0 or 1 for "not known".
 */
#include <math.h>

#include "figures.h"

#define LEFT_OUT_SHOWN 100
#define PRODUCTS_MOST  5000000 /* of respondents and personas; more are compared by their own middle only */
#define VALUE_SHARE    .02     /* of respondents from which an answer is one that personas should cover */

static int set(json_t *object, const char *key, json_t *value, struct persona_error *err)
{
	return json_object_set_new(object, key, value) == 0 ? 0
							    : persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
}

static double rounded(double value)
{
	return round(value * 1000) / 1000;
}

/* ---- Respondents ----------------------------------------------------- */

struct nearness {
	double own;  /* to the nearest persona's middle */
	bool middle; /* is one */
};

struct nearing {
	struct nearness *near; /* by unit */
	const struct model *model;
	const uint32_t *medoids;
	size_t len;
};

static int near_piece(void *payload, size_t piece, size_t thread, struct persona_error *err)
{
	const struct nearing *nearing = payload;
	const struct model *model = nearing->model;
	struct nearness *near = nearing->near;

	(void)thread;
	(void)err;
	for (size_t u = piece_from(piece); u < piece_to(model, piece); u++)
		for (size_t i = 0; i < nearing->len; i++) {
			uint32_t medoid = nearing->medoids[i];
			double similarity = medoid == u ? 1 : units_cosine(model, (uint32_t)u, medoid);

			near[u].middle |= medoid == u;
			near[u].own = similarity > near[u].own ? similarity : near[u].own;
		}
	return 0;
}

static int near_all(struct nearness *near, const struct model *model, const uint32_t *medoids, size_t len,
		    struct persona_error *err)
{
	struct nearing nearing = { near, model, medoids, len };
	size_t pieces = model_pieces(model);

	return persona_pieces(persona_threads(model->threads, pieces), pieces, near_piece, &nearing, err);
}

/* Half of the respondents are at least so near to the persona nearest to them. */
static double threshold(const struct nearness *near, size_t len, struct persona_error *err)
{
	double *values = calloc(len + 1, sizeof *values), middle;
	size_t count = 0;

	if (!values) {
		persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		return -1;
	}
	for (size_t u = 0; u < len; u++)
		if (!near[u].middle)
			values[count++] = near[u].own;
	qsort(values, count, sizeof *values, compare_doubles);
	/* Half as near as usual is not like anybody. */
	middle = count ? values[count / 2] / 2 : 0;
	free(values);
	return middle;
}

static int coverage(json_t *figures, const struct model *model, const uint32_t *medoids, size_t len,
		    struct persona_error *err)
{
	struct nearness *near = calloc(model->len + 1, sizeof *near);
	json_t *left_out = json_array();
	size_t covered = 0;
	double least;
	int rc = -1;

	if (!near || !left_out) {
		persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		goto out;
	}
	if (near_all(near, model, medoids, len, err) < 0)
		goto out;
	least = threshold(near, model->len, err);
	if (least < 0)
		goto out;
	for (size_t i = 0; i < model->len; i++) {
		/* In the order of their locators, whatever the order of the records. */
		uint32_t u = model->by_locator[i];

		if (near[u].middle || (near[u].own >= least && near[u].own > 0))
			covered++;
		else if (json_array_size(left_out) < LEFT_OUT_SHOWN &&
			 json_array_append_new(left_out, json_string(model_record(model, u)->locator)) < 0)
			goto out;
	}
	rc = set(figures, "covered", json_integer((json_int_t)covered), err);
	if (!rc && json_array_size(left_out))
		rc = set(figures, "left_out", json_incref(left_out), err);
out:
	json_decref(left_out);
	free(near);
	return rc;
}

/* ---- Answers --------------------------------------------------------- */

static bool has_tick(const struct model *model, uint32_t unit, size_t option)
{
	for (size_t i = model->ticks_from[unit]; i < model->ticks_from[unit + 1]; i++)
		if (model->ticks[i].option == option)
			return true;
	return false;
}

/* Answers that at least a few gave: how many of them somebody in the middle of a persona gave. */
static int cells(json_t *figures, const struct model *model, const uint32_t *medoids, size_t len,
		 struct persona_error *err)
{
	double least = fmax(2, VALUE_SHARE * (double)model->len);
	size_t all = 0, met = 0;

	for (size_t i = 0; i < model->options_len; i++) {
		const struct option *option = &model->options[i];
		bool found = false;

		if (option->idle || option->count < least || model->columns[option->column].kind == COLUMN_NUMERIC)
			continue;
		for (size_t p = 0; p < len && !found; p++)
			found = has_tick(model, medoids[p], i);
		all++;
		met += found;
	}
	if (!all)
		return 0;
	return set(figures, "answers", json_integer((json_int_t)all), err) < 0
		       ? -1
		       : set(figures, "answers_covered", json_integer((json_int_t)met), err);
}

static double entropy(double p)
{
	return p > 0 ? -p * log2(p) : 0;
}

/* 1 less the Jensen-Shannon divergence of what the personas say of a topic, by their sizes, and what the respondents say. */
static double likeness(const struct model *model, const struct column *column, const double *weights)
{
	double data = 0, personas = 0, mixed = 0, own = 0;

	for (size_t i = column->options_from; i < column->options_to; i++) {
		data += model->options[i].idle ? 0 : model->options[i].count;
		personas += weights[i];
	}
	if (data <= 0 || personas <= 0)
		return -1;
	for (size_t i = column->options_from; i < column->options_to; i++) {
		double p = model->options[i].idle ? 0 : model->options[i].count / data, q = weights[i] / personas;

		mixed += entropy((p + q) / 2);
		own += (entropy(p) + entropy(q)) / 2;
	}
	return 1 - (mixed - own);
}

static void weigh(double *weights, const struct model *model, const struct column *column, const char *key,
		  const struct persona_answer *drafted, const size_t *sizes)
{
	for (size_t p = 0; p < drafted->len; p++) {
		const struct persona *persona = &drafted->personas[p];
		const char *value = strcmp(key, "occupation") == 0
					    ? persona->occupation
					    : json_string_value(json_object_get(persona->demographics, key));

		for (size_t i = column->options_from; value && i < column->options_to; i++)
			if (strcmp(model->options[i].label, value) == 0)
				weights[i] += (double)sizes[p];
	}
}

static int representativeness(json_t *figures, const struct model *model, const struct persona_answer *drafted,
			      const size_t *sizes, struct persona_error *err)
{
	double *weights = calloc(model->options_len + 1, sizeof *weights);
	json_t *fields = json_object();
	int rc = 0;

	if (!weights || !fields) {
		json_decref(fields);
		free(weights);
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	}
	for (size_t c = 0; c < model->columns_len && !rc; c++) {
		const struct column *column = &model->columns[c];
		const char *key = topic_classes[column->topic];
		double like;

		if (column->topic == TOPIC_NONE || (column->kind != COLUMN_CLOSED && column->kind != COLUMN_MULTI) ||
		    json_object_get(fields, key))
			continue;
		weigh(weights, model, column, key, drafted, sizes);
		like = likeness(model, column, weights);
		if (like >= 0)
			rc = set(fields, key, json_real(rounded(like)), err);
	}
	if (!rc && json_object_size(fields))
		rc = set(figures, "representativeness", json_incref(fields), err);
	json_decref(fields);
	free(weights);
	return rc;
}

/* ---- All ------------------------------------------------------------- */

static const char *level(double stability)
{
	return stability < .4 ? "weak" : stability < .7 ? "fair" : "firm";
}

static int measure(json_t *figures, const struct model *model, const struct drafted *drafted, struct persona_error *err)
{
	double stability;
	bool known;

	if (set(figures, "personas", json_integer((json_int_t)drafted->answer->len), err) < 0 ||
	    set(figures, "respondents", json_integer((json_int_t)model->len), err) < 0)
		return -1;
	if ((double)model->len * (double)drafted->answer->len <= PRODUCTS_MOST &&
	    coverage(figures, model, drafted->medoids, drafted->answer->len, err) < 0)
		return -1;
	if (cells(figures, model, drafted->medoids, drafted->answer->len, err) < 0 ||
	    representativeness(figures, model, drafted->answer, drafted->sizes, err) < 0 ||
	    groups_stability(model, drafted->answer->len, &known, &stability, err) < 0)
		return -1;
	if (!known)
		return 0;
	return set(figures, "stability", json_real(rounded(stability)), err) < 0
		       ? -1
		       : set(figures, "stability_level", json_string(level(stability)), err);
}

int figures_make(json_t **out, const struct model *model, const struct drafted *drafted, struct persona_error *err)
{
	*out = json_object();
	if (!*out)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	if (measure(*out, model, drafted, err) == 0)
		return 0;
	json_decref(*out);
	*out = NULL;
	return -1;
}
