/* Figures of a batch's personas together, in words. */
#include <stdio.h>

#include "cli.h"

static long long integer(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static void print_left_out(const json_t *left_out, long long others)
{
	size_t index;
	json_t *locator;

	if (!json_array_size(left_out))
		return;
	printf("  left out:");
	json_array_foreach(left_out, index, locator) {
		if (index == 8)
			break;
		printf(" %s", json_string_value(locator));
	}
	printf(others > 8 ? ", … (%lld respondents)\n" : "\n", others);
}

void cli_figures(const json_t *batch)
{
	const json_t *figures = json_object_get(batch, "figures"), *value;
	const char *key;

	if (!json_is_object(figures))
		return;
	printf("\nbatch %lld: %lld personas for %lld respondents\n", integer(batch, "batch_id"),
	       integer(figures, "personas"), integer(figures, "respondents"));
	if (json_object_get(figures, "covered"))
		printf("  respondents like one of them: %lld of %lld\n", integer(figures, "covered"),
		       integer(figures, "respondents"));
	print_left_out(json_object_get(figures, "left_out"),
		       integer(figures, "respondents") - integer(figures, "covered"));
	if (json_object_get(figures, "answers"))
		printf("  answers that 2 %% or more gave, with one of them: %lld of %lld\n",
		       integer(figures, "answers_covered"), integer(figures, "answers"));
	value = json_object_get(figures, "stability");
	if (value)
		printf("  groups made again from parts of the data agree: %.2f (%s)\n", json_number_value(value),
		       json_string_value(json_object_get(figures, "stability_level")));
	else
		printf("  groups made again from parts of the data agree: not measured\n");
	if (json_object_get(figures, "representativeness"))
		printf("  as the respondents are, 0 to 1:");
	json_object_foreach(json_object_get(figures, "representativeness"), key, value)
		printf(" %s %.2f", key, json_number_value(value));
	if (json_object_get(figures, "representativeness"))
		printf("\n");
}
