#include "persona/persona.h"

void persona_answer_init(struct persona_answer *answer)
{
	*answer = (struct persona_answer){ 0 };
}

void persona_answer_release(struct persona_answer *answer)
{
	for (size_t i = 0; i < answer->len; i++)
		persona_release(&answer->personas[i]);
	for (size_t i = 0; i < answer->ratings_len; i++) {
		free(answer->ratings[i].criterion);
		free(answer->ratings[i].reasoning);
	}
	free(answer->ratings);
	free(answer->personas);
	free(answer->note);
	free(answer->figures);
	persona_answer_init(answer);
}

int persona_answer_add(struct persona_answer *answer, struct persona **out, struct persona_error *err)
{
	if (persona_grow((void **)&answer->personas, &answer->capacity, answer->len, sizeof *answer->personas, err) < 0)
		return -1;
	*out = &answer->personas[answer->len++];
	persona_init(*out);
	return 0;
}

int persona_answer_rate(struct persona_answer *answer, const char *criterion, double score, const char *reasoning,
			struct persona_error *err)
{
	struct persona_rating *rating;

	if (persona_grow((void **)&answer->ratings, &answer->ratings_capacity, answer->ratings_len,
			 sizeof *answer->ratings, err) < 0)
		return -1;
	rating = &answer->ratings[answer->ratings_len++];
	*rating = (struct persona_rating){ .criterion = persona_strdup(criterion, err), .score = score };
	if (rating->criterion && reasoning)
		rating->reasoning = persona_strdup(reasoning, err);
	return rating->criterion && (!reasoning || rating->reasoning) ? 0 : -1;
}
