/* topics.c - what a column's heading says of the respondent. */
#include "internal.h"

#define SHORT_WORDS 4 /* words in a heading that is a name rather than a question */
#define OTHER	    TOPICS
#define SHORT	    (TOPICS + 1)

/* The classes of topics.en.txt in order: the topics, "other", then the short forms. */
const char *const topic_classes[] = { "none",
				      "age",
				      "birth",
				      "gender",
				      "ethnicity",
				      "religion",
				      "country",
				      "city",
				      "language",
				      "occupation",
				      "industry",
				      "education",
				      "experience",
				      "household",
				      "name",
				      "other",
				      "short-none",
				      "short-age",
				      "short-birth",
				      "short-gender",
				      "short-ethnicity",
				      "short-religion",
				      "short-country",
				      "short-city",
				      "short-language",
				      "short-occupation",
				      "short-industry",
				      "short-education",
				      "short-experience",
				      "short-household",
				      "short-name",
				      NULL };

_Static_assert(sizeof topic_classes / sizeof *topic_classes == 2 * TOPICS + 2, "a class for each topic, twice");

/* A short heading holds one thing: "job title", not "name your biggest obstacle". */
enum topic topic_of(const struct model *model, const struct folded *folded)
{
	enum topic found = TOPIC_NONE;
	size_t len = 0;

	for (size_t i = 0; i < folded->len; i++) {
		const struct cue *cue = cues_at(&model->lists.topics, folded, i);

		if (!cue)
			continue;
		if (cue->class_ == OTHER)
			return TOPIC_NONE;
		if (cue->class_ > OTHER && folded->len > SHORT_WORDS)
			continue;
		if (cue->len > len) {
			len = cue->len;
			found = (enum topic)(cue->class_ >= SHORT ? cue->class_ - SHORT : cue->class_);
		}
	}
	return found;
}

bool column_is_protected(const struct column *column)
{
	switch (column->topic) {
	case TOPIC_AGE:
	case TOPIC_BIRTH:
	case TOPIC_GENDER:
	case TOPIC_ETHNICITY:
	case TOPIC_RELIGION:
	case TOPIC_COUNTRY:
	case TOPIC_CITY:
	case TOPIC_LANGUAGE:
	case TOPIC_NAME:
		return true;
	default:
		return false;
	}
}

bool column_is_demographic(const struct column *column)
{
	return column->topic != TOPIC_NONE;
}
