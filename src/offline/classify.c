/* classify.c - what a question asks for, what a sentence speaks of, whether it says anything. */
#include <math.h>
#include <strings.h>

#include "embedded_offline.h"
#include "internal.h"

#define PRIOR	       1.6 /* weight of the question against one cue */
#define NEGATION_REACH 3
#define EARLY	       2  /* sentences of an answer that surely speak to the question */
#define LATE_PRIOR     .6 /* share of the prior for the others */
#define IDLE_WORDS     14

static bool word_is(const struct folded *folded, size_t at, const char *word)
{
	return folded->words[at].len == strlen(word) &&
	       memcmp(folded->text.data + folded->words[at].offset, word, folded->words[at].len) == 0;
}

static bool word_ends(const struct folded *folded, size_t at, const char *end)
{
	size_t len = strlen(end);

	return folded->words[at].len > len &&
	       memcmp(folded->text.data + folded->words[at].offset + folded->words[at].len - len, end, len) == 0;
}

/* "When you have problems, where do you go": what counts stands after the comma. */
static size_t main_clause(const struct folded *question)
{
	static const char *const openers[] = { "when", "if", "while", "once", "given" };
	const char *comma = question->len ? strchr(question->text.data, ',') : NULL;

	for (size_t i = 0; comma && i < sizeof openers / sizeof *openers; i++)
		if (word_is(question, 0, openers[i]))
			for (size_t at = 1; at < question->len; at++)
				if (question->words[at].offset > (size_t)(comma - question->text.data))
					return at;
	return 0;
}

void question_classify(const struct model *model, struct column *column, const struct folded *question)
{
	bool praise = false, complaint = false, other = false;

	column->prior = CLASS_NONE;
	for (size_t at = main_clause(question); at < question->len; at++) {
		const struct cue *cue = cues_at(&model->lists.questions, question, at);

		if (!cue)
			continue;
		praise |= cue->class_ == CLASS_MOTIVATION;
		complaint |= cue->class_ == CLASS_FRUSTRATION;
		other |= cue->class_ == CLASS_NONE;
		if (column->prior == CLASS_NONE) {
			column->prior = (enum item_class)cue->class_;
			column->prior_weight = PRIOR * fmin(cue->weight, 1);
		}
		at += cue->len - 1;
	}
	/* Praise and complaint in one question: the question does not say which is which. */
	if ((praise && complaint) || other)
		column->prior = CLASS_NONE;
}

static bool is_negation(const struct folded *folded, size_t at)
{
	return word_is(folded, at, "not") || word_is(folded, at, "no") || word_is(folded, at, "never") ||
	       word_is(folded, at, "without") || word_is(folded, at, "nothing") || word_is(folded, at, "hardly") ||
	       word_ends(folded, at, "n't");
}

static bool is_negated(const struct folded *folded, size_t at)
{
	for (size_t i = at > NEGATION_REACH ? at - NEGATION_REACH : 0; i < at; i++)
		if (is_negation(folded, i))
			return true;
	return false;
}

/* "solves a problem", "avoid the hassle": the trouble is gone. */
static bool is_relieved(const struct folded *folded, size_t at)
{
	static const char *const words[] = { "solve",	  "solves",   "solved",	  "solving", "avoid",
					     "avoids",	  "avoiding", "fix",	  "fixes",   "fixed",
					     "remove",	  "removes",  "reduce",	  "reduces", "less",
					     "addresses", "prevent",  "prevents", "handle",  "handles" };

	for (size_t i = at > NEGATION_REACH ? at - NEGATION_REACH : 0; i < at; i++)
		for (size_t w = 0; w < sizeof words / sizeof *words; w++)
			if (word_is(folded, i, words[w]))
				return true;
	return false;
}

static bool is_first_person(const struct folded *folded)
{
	static const char *const words[] = { "i",  "i'm", "i've", "i'd",   "i'll",  "me",     "my",  "mine",
					     "we", "our", "us",	  "we're", "we've", "myself", "we'd" };

	for (size_t at = 0; at < folded->len; at++)
		for (size_t i = 0; i < sizeof words / sizeof *words; i++)
			if (word_is(folded, at, words[i]))
				return true;
	return false;
}

/* Openings that lean on the sentence before. */
static bool is_dependent(const struct folded *folded)
{
	static const char *const words[] = { "and",   "but",	   "also",	"so",	   "or",      "that's", "this",
					     "that",  "these",	   "those",	"they",	   "it",      "it's",	"then",
					     "again", "which",	   "otherwise", "though",  "however", "plus",	"he",
					     "she",   "therefore", "yes",	"nothing", "none",    "idk" };

	if (!folded->len)
		return true;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (word_is(folded, 0, words[i]))
			return true;
	return false;
}

/* "what I want", "when I use": spoken of, but not wanted or done here. */
static bool is_subordinate(const struct folded *folded, size_t at)
{
	static const char *const words[] = { "what",  "when",	   "whenever", "that",	     "whatever",
					     "as",    "if",	   "anything", "everything", "where",
					     "which", "everytime", "than",     "because",    "something",
					     "how",   "whether",   "things",   "packages",   "one" };

	for (size_t i = 0; at && i < sizeof words / sizeof *words; i++)
		if (word_is(folded, at - 1, words[i]))
			return true;
	return false;
}

/* Does the cue count there, in an answer to a question that asks for something else? */
static bool counts(const struct column *column, const struct cue *cue, const struct folded *folded, size_t at)
{
	bool elsewhere = column->prior != CLASS_NONE && (int)column->prior != cue->class_;

	if (is_negated(folded, at))
		return false;
	if (cue->class_ == CLASS_FRUSTRATION)
		return !is_relieved(folded, at);
	if (cue->class_ == CLASS_MOTIVATION)
		return true;
	if (is_subordinate(folded, at))
		return false;
	return !elsewhere || (cue->weight > 1 && (cue->class_ == CLASS_GOAL || at <= 2));
}

/* Other scripts in English data: kept, but not what the reader of the persona expects. */
static bool is_foreign(const struct model *model, const struct folded *folded)
{
	size_t high = 0;

	for (size_t i = 0; i < folded->text.len; i++)
		high += (unsigned char)folded->text.data[i] >= 0x80;
	return model->english && high * 3 > folded->text.len;
}

/* Do cues speak of another class, and none of what a goal or behaviour was asked for? */
static bool is_contradicted(const struct sentence *sentence, enum item_class prior, double weight)
{
	if ((prior != CLASS_GOAL && prior != CLASS_BEHAVIOUR) || sentence->score[prior] > (float)weight)
		return false;
	for (int c = 0; c < CLASSES; c++)
		if (c != (int)prior && sentence->score[c] > 0)
			return true;
	return false;
}

/* "I think they are great": who they are was said elsewhere. */
static bool is_pronoun_only(const struct folded *folded)
{
	static const char *const words[] = { "they", "it", "it's", "this", "that", "that's", "these", "those", "them" };

	for (size_t at = 0; at < folded->len && folded->len <= 6; at++)
		for (size_t i = 0; i < sizeof words / sizeof *words; i++)
			if (word_is(folded, at, words[i]))
				return true;
	return false;
}

/* What was is not what is wanted, even where a wish was asked for. */
static bool is_past(const struct folded *folded)
{
	static const char *const words[] = { "was", "were", "had", "did", "didn't", "used" };

	for (size_t at = 0; at < folded->len; at++)
		for (size_t i = 0; i < sizeof words / sizeof *words; i++)
			if (word_is(folded, at, words[i]))
				return true;
	return false;
}

void sentence_classify(const struct model *model, struct sentence *sentence, size_t ordinal,
		       const struct folded *folded)
{
	const struct column *column = &model->columns[sentence->column];
	double prior = column->prior_weight * (ordinal < EARLY ? 1 : LATE_PRIOR);
	bool wish = false;

	for (int c = 0; c < CLASSES; c++)
		sentence->score[c] = c == (int)column->prior ? (float)prior : 0;
	for (size_t at = 0; at < folded->len && model->english; at++) {
		const struct cue *cue = cues_at(&model->lists.cues, folded, at);

		if (!cue)
			continue;
		if (cue->class_ == CLASS_NONE) {
			at += cue->len - 1;
			continue;
		}
		if (!counts(column, cue, folded, at))
			continue;
		sentence->score[cue->class_] += (float)cue->weight;
		wish |= cue->class_ == CLASS_GOAL && cue->weight > 1;
		at += cue->len - 1;
	}
	/* Asked for a dream or a routine, people also complain: their own words decide. */
	if (is_contradicted(sentence, column->prior, prior))
		sentence->score[column->prior] *= (float)LATE_PRIOR;
	if (column->prior == CLASS_GOAL && sentence->score[CLASS_GOAL] <= (float)prior && is_past(folded))
		sentence->score[CLASS_GOAL] *= (float)LATE_PRIOR;
	/* "I wish it were faster" is a goal, whatever it complains of. */
	if (wish)
		sentence->score[CLASS_GOAL] += (float)PRIOR;
	sentence->first_person = is_first_person(folded);
	sentence->dependent |= is_dependent(folded) || is_pronoun_only(folded) || is_foreign(model, folded);
	sentence->words = (uint16_t)(folded->len < UINT16_MAX ? folded->len : UINT16_MAX);
	sentence->idle = says_nothing(model, folded);
}

bool says_nothing(const struct model *model, const struct folded *folded)
{
	if (!folded->len)
		return true;
	for (size_t at = 0; at < folded->len; at++) {
		const struct cue *cue = cues_at(&model->lists.idle, folded, at);

		if (cue && ((cue->class_ == IDLE_WHOLE && at == 0 && cue->len == folded->len) ||
			    ((cue->class_ == IDLE_PART || cue->class_ == IDLE_OPENS) && folded->len < IDLE_WORDS) ||
			    cue->class_ == IDLE_ALWAYS || (cue->class_ == IDLE_OPENS && at == 0)))
			return true;
	}
	return false;
}

static bool is_capital(char byte)
{
	return byte >= 'A' && byte <= 'Z';
}

static bool starts(const char *text, size_t len, size_t at, const char *with)
{
	size_t n = strlen(with);

	/* Nearly all differ in the first letter. */
	return at < len && n <= len - at && (text[at] | 0x20) == (*with | 0x20) && strncasecmp(text + at, with, n) == 0;
}

/* "I'm Ken Liu", "I work at Google": words after which a name follows. */
static bool names_somebody(const char *text, size_t len, size_t at)
{
	static const char *const leads[] = { "my name is ",    "work at ",	"work for ",	   "working at ",
					     "working for ",   "employed by ",	"founder of ",	   "co-founder of ",
					     "founded ",       "ceo of ",	"living in ",	   "i live in ",
					     "based in ",      "based out of ", "married to ",	   "i'm called ",
					     "i was at ",      "worked at ",	"worked for ",	   "interned at ",
					     "i'm at ",	       "here at ",	"people call me ", "job at ",
					     "company called " };
	static const char *const persons[] = { "i'm ", "i am ", "i’m " };

	for (size_t i = 0; i < sizeof leads / sizeof *leads; i++) {
		size_t next = at + strlen(leads[i]);

		if (starts(text, len, next, "the "))
			next += 4;
		if (starts(text, len, at, leads[i]) && next < len && (is_capital(text[next]) || text[next] == '['))
			return true;
	}
	for (size_t i = 0; i < sizeof persons / sizeof *persons; i++) {
		size_t next = at + strlen(persons[i]);

		if (starts(text, len, at, persons[i]) && next < len && is_capital(text[next]))
			return true;
	}
	return false;
}

#define GIVEN_NAME_MOST 16

static size_t small_letters(const char *text, size_t len, size_t at)
{
	size_t from = at;

	while (at < len && text[at] >= 'a' && text[at] <= 'z')
		at++;
	return at - from;
}

/* "Kyle Webster": a common given name, and a capitalised word. */
static bool is_full_name(const char *text, size_t len, size_t at)
{
	char line[GIVEN_NAME_MOST + 3] = "\n";
	size_t small, next;

	if (at >= len || !is_capital(text[at]))
		return false;
	small = small_letters(text, len, at + 1);
	next = at + 1 + small;
	if (!small || small >= GIVEN_NAME_MOST || next + 2 >= len || text[next] != ' ' || !is_capital(text[next + 1]) ||
	    small_letters(text, len, next + 2) < 2)
		return false;
	line[1] = (char)(text[at] | 0x20);
	memcpy(line + 2, text + at + 1, small);
	line[small + 2] = '\n';
	return memmem(embedded_given_names_txt, embedded_given_names_txt_len, line, small + 3) != NULL;
}

bool sounds_private(const char *text, size_t len)
{
	size_t digits = 0;

	for (size_t i = 0; i < len; i++) {
		bool start = i == 0 || !((text[i - 1] | 32) >= 'a' && (text[i - 1] | 32) <= 'z');

		if (text[i] == '@' || starts(text, len, i, "http://") || starts(text, len, i, "https://") ||
		    (start && starts(text, len, i, "www.")))
			return true;
		if (text[i] >= '0' && text[i] <= '9')
			digits++;
		else if (text[i] != ' ' && text[i] != '-' && text[i] != '(' && text[i] != ')' && text[i] != '+')
			digits = 0;
		if (digits >= 8)
			return true;
		if (start && (names_somebody(text, len, i) || is_full_name(text, len, i)))
			return true;
	}
	return false;
}
