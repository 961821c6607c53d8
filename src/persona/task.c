#include "persona/persona.h"

void persona_answer_init(struct persona_answer *answer)
{
	*answer = (struct persona_answer){ 0 };
}

void persona_answer_release(struct persona_answer *answer)
{
	for (size_t i = 0; i < answer->len; i++)
		persona_release(&answer->personas[i]);
	free(answer->personas);
	free(answer->note);
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
