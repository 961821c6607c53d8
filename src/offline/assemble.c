/* assemble.c - one segment becomes one persona. */
#include "internal.h"

#define GOALS_LEAST 2
#define ITEMS_MOST  4
#define QUOTES_MOST 3

static int fill(struct profile *profile, struct persona *persona, struct persona_error *err)
{
	/* A few respondents have few sentences: one quote is kept before all of them are items. */
	if (profile->segment->len < OFFLINE_SMALL &&
	    (items_text(profile, persona, CLASS_GOAL, RELAX_NOTHING, 1, err) < 0 ||
	     items_text(profile, persona, CLASS_FRUSTRATION, RELAX_NOTHING, 1, err) < 0 ||
	     quotes_fill(profile, persona, 1, 1, err) < 0))
		return -1;
	if (items_fill(profile, persona, CLASS_GOAL, GOALS_LEAST, ITEMS_MOST, err) < 0 ||
	    items_fill(profile, persona, CLASS_FRUSTRATION, 1, ITEMS_MOST, err) < 0 ||
	    items_fill(profile, persona, CLASS_BEHAVIOUR, 1, ITEMS_MOST, err) < 0 ||
	    items_fill(profile, persona, CLASS_MOTIVATION, 0, ITEMS_MOST - 1, err) < 0)
		return -1;
	return quotes_fill(profile, persona, 1, QUOTES_MOST, err);
}

int assemble(struct persona *persona, struct model *model, const struct segment *segment, struct usage *usage,
	     struct persona_error *err)
{
	struct profile profile;
	int rc = -1;

	if (profile_init(&profile, model, segment, usage, err) < 0)
		return -1;
	persona->name = names_take(model->names, model->hashes[segment->members[0]], err);
	if (!persona->name || describe_identity(&profile, persona, err) < 0 ||
	    describe_background(&profile, persona, err) < 0 || fill(&profile, persona, err) < 0)
		goto out;
	rc = 0;
out:
	profile_release(&profile);
	return rc;
}
