/*
 * Transcripts: text in which the same few labels stand again and again before what is said.
 *
 *     MODERATOR: How was your day?
 *     [00:01:12] P2: Long.
 *
 * What a moderator says is the question that the others answer, never an answer. Where all turns
 * bear one label, nobody can be told from anybody, and the document stays one record.
 */
#define HASH_NONFATAL_OOM	   1
#define uthash_nonfatal_oom(entry) ((entry)->lost = true)
#include <ctype.h>
#include <strings.h>
#include <uthash.h>

#include "persona/text.h"
#include "unit.h"

#define LABEL_MAX      40 /* bytes */
#define LABEL_WORDS    4
#define LABELS_MAX     500 /* more are no speakers */
#define TURNS_LEAST    4
#define QUESTION_MAX   300 /* bytes of a question that becomes a column's name */
#define QUESTIONS_MAX  1000
#define ASKING	       .5 /* share of a speaker's turns that ask from which he moderates */
#define LINES_PER_TURN 12

struct speaker {
	const char *label;
	size_t len;
	size_t number;		 /* by first turn */
	size_t turns, questions; /* questions: turns that end in a question mark */
	bool moderator;
	bool lost; /* could not be added */
	UT_hash_handle hh;
};

struct turn {
	struct speaker *speaker; /* NULL: before the first label */
	const char *text;
	size_t len;
	int64_t line;
};

struct transcript {
	struct persona_source *source;
	const char *base;
	size_t len;
	const struct source_map *map;
	struct speaker *speakers;
	struct turn *turns;
	size_t turns_len, turns_capacity;
	size_t lines; /* that are not blank */
};

/* ---- Labels ---------------------------------------------------------- */

bool source_is_moderator(const char *label, size_t len)
{
	static const char *const words[] = { "moderator", "interviewer", "facilitator", "researcher", "host",
					     "int",	  "mod",	 "q",		"question",   "i" };

	while (len && (isdigit((unsigned char)label[len - 1]) || strchr(" .#", label[len - 1])))
		len--;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strlen(words[i]) == len && strncasecmp(label, words[i], len) == 0)
			return true;
	return false;
}

/* "[00:01:12]", "(01:12)" or "00:01:12" with what stands around it. */
static size_t time_mark(const char *text, size_t len)
{
	size_t at = 0, digits = 0, colons = 0;
	char close = 0;

	if (at < len && (text[at] == '[' || text[at] == '('))
		close = text[at++] == '[' ? ']' : ')';
	for (; at < len && (isdigit((unsigned char)text[at]) || strchr(":.", text[at])); at++) {
		digits += isdigit((unsigned char)text[at]) != 0;
		colons += text[at] == ':';
	}
	if (!colons || digits < 3 || (close && (at == len || text[at++] != close)))
		return 0;
	while (at < len && strchr(" \t-", text[at]))
		at++;
	return at;
}

/* Is what stands there a label with its colon? *label: the name; returns where what is said begins, 0: none. */
static size_t label_at(const char *text, size_t len, const char **label, size_t *label_len)
{
	size_t at = time_mark(text, len), from, words = 1;
	bool bold;

	while (at < len && text[at] == '*')
		at++;
	bold = at && text[at - 1] == '*';
	from = at;
	if (at == len || !(isupper((unsigned char)text[at]) || (unsigned char)text[at] >= 0xC3))
		return 0;
	while (at < len && at - from < LABEL_MAX && !strchr(":*\n([", text[at])) {
		if (strchr(".,;!?/\"", text[at]) && !(text[at] == '.' && at - from < 4))
			return 0;
		words += text[at] == ' ';
		at++;
	}
	*label = text + from;
	*label_len = at - from;
	while (*label_len && text[from + *label_len - 1] == ' ')
		--*label_len;
	/* "P3 (00:12):" */
	if (at < len && (text[at] == '(' || text[at] == '[')) {
		size_t mark = time_mark(text + at, len - at);

		if (!mark)
			return 0;
		at += mark;
	}
	while (bold && at < len && text[at] == '*')
		at++;
	if (at == len || text[at] != ':' || !*label_len || words > LABEL_WORDS)
		return 0;
	at++;
	while (bold && at < len && text[at] == '*')
		at++;
	/* "http://", "12:30": no labels. */
	if (at < len && text[at] != ' ' && text[at] != '\t' && text[at] != '\n' &&
	    (text[at] == '/' || !isupper((unsigned char)text[at])))
		return 0;
	while (at < len && (text[at] == ' ' || text[at] == '\t'))
		at++;
	return at;
}

static struct speaker *speaker_find(struct transcript *transcript, const char *label, size_t len)
{
	struct speaker *speaker = NULL;

	HASH_FIND(hh, transcript->speakers, label, len, speaker);
	return speaker;
}

static int speaker_add(struct transcript *transcript, const char *label, size_t len, struct speaker **out,
		       struct persona_error *err)
{
	struct speaker *speaker = speaker_find(transcript, label, len);

	*out = speaker;
	if (speaker)
		return 0;
	speaker = calloc(1, sizeof *speaker);
	if (!speaker)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	speaker->label = label;
	speaker->len = len;
	speaker->number = HASH_COUNT(transcript->speakers);
	HASH_ADD_KEYPTR(hh, transcript->speakers, speaker->label, len, speaker);
	if (speaker->lost) {
		free(speaker);
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	}
	*out = speaker;
	return 0;
}

/* ---- Turns ----------------------------------------------------------- */

static int turn_add(struct transcript *transcript, struct speaker *speaker, const char *text, int64_t line,
		    struct persona_error *err)
{
	if (persona_grow((void **)&transcript->turns, &transcript->turns_capacity, transcript->turns_len,
			 sizeof *transcript->turns, err) < 0)
		return -1;
	transcript->turns[transcript->turns_len++] = (struct turn){ .speaker = speaker, .text = text, .line = line };
	return 0;
}

/* Labels at the beginning of lines: who speaks, so far. */
static int gather_speakers(struct transcript *transcript, struct persona_error *err)
{
	const char *text = transcript->base;
	bool fresh = true;

	for (size_t at = 0; at < transcript->len; at++) {
		const char *label;
		size_t len;

		if (fresh && text[at] != '\n') {
			struct speaker *speaker;

			transcript->lines++;
			while (at < transcript->len && text[at] == ' ')
				at++;
			if (HASH_COUNT(transcript->speakers) < LABELS_MAX &&
			    label_at(text + at, transcript->len - at, &label, &len)) {
				if (speaker_add(transcript, label, len, &speaker, err) < 0)
					return -1;
				speaker->turns++;
			}
		}
		fresh = at < transcript->len && text[at] == '\n';
	}
	return 0;
}

/* Labels without any blank before them, where lines were run together. */
static int gather_glued(struct transcript *transcript, struct persona_error *err)
{
	const char *text = transcript->base;

	for (size_t at = 1; at < transcript->len; at++) {
		const char *label;
		struct speaker *speaker;
		size_t len;

		if (!isupper((unsigned char)text[at]) ||
		    !(islower((unsigned char)text[at - 1]) || strchr(".?!\")]", text[at - 1])) ||
		    HASH_COUNT(transcript->speakers) >= LABELS_MAX ||
		    !label_at(text + at, transcript->len - at, &label, &len) || label != text + at)
			continue;
		if (speaker_add(transcript, label, len, &speaker, err) < 0)
			return -1;
		speaker->turns++;
	}
	return 0;
}

/* A label within a line: of somebody who speaks elsewhere, or a usual one; right behind a word or a sentence. */
static struct speaker *label_within(struct transcript *transcript, size_t at, size_t *said, struct persona_error *err)
{
	static const char *const usual[] = { "Moderator",  "Interviewer", "Facilitator", "Participant",
					     "Respondent", "Speaker",	  "Interviewee" };
	const char *text = transcript->base;
	unsigned char before = (unsigned char)text[at - 1];
	bool glued = islower(before) || strchr(".?!\")]", before);
	struct speaker *speaker;
	const char *label;
	size_t len;

	if (!glued && !(before == ' ' && at >= 2 && strchr(".?!\")]", text[at - 2])))
		return NULL;
	*said = label_at(text + at, transcript->len - at, &label, &len);
	if (!*said || label != text + at + strspn(text + at, "*"))
		return NULL;
	speaker = speaker_find(transcript, label, len);
	if (speaker && (speaker->turns > 1 || source_is_moderator(label, len)))
		return speaker;
	for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
		if (len >= strlen(usual[i]) && strncasecmp(label, usual[i], strlen(usual[i])) == 0 &&
		    HASH_COUNT(transcript->speakers) < LABELS_MAX)
			return speaker_add(transcript, label, len, &speaker, err) < 0 ? NULL : speaker;
	return NULL;
}

static void end_turn(struct transcript *transcript, const char *end)
{
	struct turn *turn;

	if (!transcript->turns_len)
		return;
	turn = &transcript->turns[transcript->turns_len - 1];
	turn->len = (size_t)(end - turn->text);
}

/* Does the label at the beginning of a line belong to somebody? One that stands there once is a word with a colon. */
static struct speaker *label_of_line(struct transcript *transcript, size_t at, size_t *said)
{
	const char *label;
	struct speaker *speaker;
	size_t len;

	*said = label_at(transcript->base + at, transcript->len - at, &label, &len);
	speaker = *said ? speaker_find(transcript, label, len) : NULL;
	return speaker && (speaker->turns > 1 || source_is_moderator(label, len)) ? speaker : NULL;
}

static int cut_turns(struct transcript *transcript, struct persona_error *err)
{
	struct persona_error why = { 0 };
	const char *text = transcript->base;
	int64_t line = 1;
	bool fresh = true;

	for (size_t at = 0; at < transcript->len;) {
		struct speaker *speaker = NULL;
		size_t said = 0;

		if (text[at] == '\n') {
			line++;
			fresh = true;
			at++;
			continue;
		}
		if (fresh && text[at] == ' ') {
			at++;
			continue;
		}
		if (fresh)
			speaker = label_of_line(transcript, at, &said);
		else if (isupper((unsigned char)text[at]) || text[at] == '*')
			speaker = label_within(transcript, at, &said, &why);
		if (why.code)
			return persona_error_set(err, why.code, "%s", why.text);
		fresh = false;
		if (!speaker) {
			at++;
			continue;
		}
		end_turn(transcript, text + at);
		if (turn_add(transcript, speaker, text + at + said, line, err) < 0)
			return -1;
		at += said;
	}
	end_turn(transcript, text + transcript->len);
	return 0;
}

static bool asks(const struct turn *turn)
{
	const char *text = turn->text;
	size_t len = persona_text_trim(&text, turn->len);

	while (len && strchr("\"')*", text[len - 1]))
		len--;
	return len && text[len - 1] == '?';
}

static void count_turns(struct transcript *transcript)
{
	struct speaker *speaker, *next;

	HASH_ITER(hh, transcript->speakers, speaker, next)
	speaker->turns = speaker->questions = 0;
	for (size_t i = 0; i < transcript->turns_len; i++) {
		transcript->turns[i].speaker->turns++;
		transcript->turns[i].speaker->questions += asks(&transcript->turns[i]);
	}
}

/* Speakers with a turn at least; *moderators of them. */
static size_t count_speakers(const struct transcript *transcript, size_t *moderators)
{
	struct speaker *speaker, *next;
	size_t len = 0;

	*moderators = 0;
	HASH_ITER(hh, transcript->speakers, speaker, next)
	{
		len += speaker->turns > 0;
		*moderators += speaker->turns && speaker->moderator;
	}
	return len;
}

/* By the label; where none says so, who asks most, if that is what he mostly does. */
static void find_moderators(struct transcript *transcript)
{
	struct speaker *speaker, *next, *most = NULL;
	double share = 0, second = 0;
	bool named = false;

	HASH_ITER(hh, transcript->speakers, speaker, next)
	{
		double own = speaker->turns ? (double)speaker->questions / (double)speaker->turns : 0;

		speaker->moderator = source_is_moderator(speaker->label, speaker->len);
		named |= speaker->moderator && speaker->turns;
		if (speaker->turns < 2)
			continue;
		if (own > share) {
			second = share;
			share = own;
			most = speaker;
		} else if (own > second) {
			second = own;
		}
	}
	if (!named && most && share >= ASKING && 2 * second <= share)
		most->moderator = true;
}

/* ---- Records --------------------------------------------------------- */

/* The last sentence of a moderator's turn that asks; NULL: none. */
static const char *question_of(const struct turn *turn, size_t *len)
{
	const char *end = turn->text + turn->len, *from;

	while (end > turn->text && end[-1] != '?')
		end--;
	if (end == turn->text)
		return NULL;
	for (from = end - 1; from > turn->text; from--)
		if (strchr(".?!\n", from[-1]) && (*from == ' ' || *from == '\n' || from[-1] == '\n'))
			break;
	*len = (size_t)(end - from);
	*len = persona_text_trim(&from, *len);
	return *len && *len <= QUESTION_MAX ? from : NULL;
}

static int add_lines(struct unit *unit, struct question *question, const struct turn *turn, struct persona_error *err)
{
	const char *text = turn->text, *end = text + turn->len;
	int64_t line = turn->line;

	while (text < end) {
		const char *next = memchr(text, '\n', (size_t)(end - text));
		const char *part = text;
		size_t len = persona_text_trim(&part, (size_t)((next ? next : end) - text));

		/* Headings and rules of a document are not speech. */
		if (len && *part != '#' && !(len >= 3 && strspn(part, "-*_") >= len)) {
			if (unit_add(unit, question, part, len, line, err) < 0)
				return -1;
		} else if (!len) {
			unit_gap(unit, question);
		}
		text = next ? next + 1 : end;
		line++;
	}
	return 0;
}

struct asked {
	struct question *items; /* answers of the speaker at hand, by question */
	size_t *of;		/* question of each turn */
	size_t len;
};

static void asked_release(struct asked *asked)
{
	free(asked->items);
	free(asked->of);
}

/* Which question each turn answers; the first is none in particular. */
static int ask(struct asked *asked, const struct transcript *transcript, struct persona_error *err)
{
	asked->items = calloc(transcript->turns_len + 2, sizeof *asked->items);
	asked->of = calloc(transcript->turns_len + 1, sizeof *asked->of);
	if (!asked->items || !asked->of)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	asked->items[asked->len++] = (struct question){ .name = "text", .len = 4 };
	for (size_t i = 0; i < transcript->turns_len; i++) {
		const struct turn *turn = &transcript->turns[i];
		size_t len = 0, same = 0;
		const char *text = turn->speaker->moderator ? question_of(turn, &len) : NULL;

		for (; text && same < asked->len; same++)
			if (asked->items[same].len == len && memcmp(asked->items[same].name, text, len) == 0)
				break;
		if (text && same == asked->len && asked->len < QUESTIONS_MAX)
			asked->items[asked->len++] = (struct question){ .name = text, .len = len };
		asked->of[i] = text && same < asked->len ? same : i ? asked->of[i - 1] : 0;
	}
	return 0;
}

/* All that one speaker says. */
static int add_speaker(struct unit *unit, const struct transcript *transcript, const struct speaker *speaker,
		       struct asked *asked, struct persona_error *err)
{
	for (size_t q = 0; q < asked->len; q++)
		asked->items[q].answer = 0;
	unit->speaker = speaker->label;
	unit->speaker_len = speaker->len;
	for (size_t i = 0; i < transcript->turns_len; i++)
		if (transcript->turns[i].speaker == speaker &&
		    add_lines(unit, &asked->items[asked->of[i]], &transcript->turns[i], err) < 0)
			return -1;
	if (unit_flush(unit, 1, err) < 0)
		return -1;
	unit->number++;
	return 0;
}

static int add_turns(struct unit *unit, const struct transcript *transcript, const struct asked *asked,
		     struct persona_error *err)
{
	for (size_t i = 0; i < transcript->turns_len; i++) {
		const struct turn *turn = &transcript->turns[i];
		struct question question = asked->items[asked->of[i]];

		if (turn->speaker->moderator)
			continue;
		question.answer = 0;
		unit->speaker = turn->speaker->label;
		unit->speaker_len = turn->speaker->len;
		if (add_lines(unit, &question, turn, err) < 0 || unit_flush(unit, turn->line, err) < 0)
			return -1;
		unit->number++;
	}
	return 0;
}

/* Speakers that cannot be told apart: the whole session, without the labels. */
static int add_session(struct unit *unit, const struct transcript *transcript, struct asked *asked,
		       struct persona_error *err)
{
	for (size_t i = 0; i < transcript->turns_len; i++)
		if (add_lines(unit, &asked->items[0], &transcript->turns[i], err) < 0)
			return -1;
	unit->speaker = PERSONA_SPEAKER_ALL;
	unit->speaker_len = strlen(PERSONA_SPEAKER_ALL);
	return unit_flush(unit, 1, err);
}

static int tell(const struct transcript *transcript, size_t speakers, size_t moderators, struct persona_error *err)
{
	struct persona_source *source = transcript->source;
	const struct speaker *first = transcript->turns[0].speaker;
	struct speaker *speaker, *next;
	size_t turns = 0;

	if (speakers == 1)
		return source_note(source, err,
				   "all %zu turns have the label \"%.*s\": who speaks cannot be told apart, so the "
				   "session is one record (--unit turn: each turn is one)",
				   transcript->turns_len, (int)first->len, first->label);
	HASH_ITER(hh, transcript->speakers, speaker, next)
	if (speaker->turns && speaker->moderator)
		turns += speaker->turns;
	if (!moderators)
		return source_note(source, err, "no moderator was recognised among %zu speakers: all are respondents",
				   speakers);
	return source_note(source, err, "%zu turns of %zu moderator%s are questions, not answers", turns, moderators,
			   moderators == 1 ? "" : "s");
}

static int add_records(struct transcript *transcript, struct persona_error *err)
{
	enum persona_unit wish = source_unit(transcript->source);
	size_t moderators, speakers = count_speakers(transcript, &moderators);
	struct speaker *speaker, *next;
	struct asked asked = { 0 };
	struct unit *unit = NULL;
	int rc = -1;

	if (unit_new(&unit, transcript->source, err) < 0 || ask(&asked, transcript, err) < 0)
		goto out;
	unit->base = transcript->base;
	unit->map = transcript->map;
	if (wish != PERSONA_UNIT_TURN && tell(transcript, speakers, moderators, err) < 0)
		goto out;
	if (wish == PERSONA_UNIT_TURN) {
		rc = add_turns(unit, transcript, &asked, err);
	} else if (speakers == 1) {
		rc = add_session(unit, transcript, &asked, err);
	} else {
		rc = 0;
		HASH_ITER(hh, transcript->speakers, speaker, next)
		if (!rc && speaker->turns && !speaker->moderator)
			rc = add_speaker(unit, transcript, speaker, &asked, err);
	}
out:
	asked_release(&asked);
	unit_free(unit);
	return rc;
}

/* Three labels or more that come round in one order: a form that was filled in again and again, not a talk. */
static bool is_form(const struct transcript *transcript, size_t speakers)
{
	if (speakers < 3 || transcript->turns_len < 2 * speakers)
		return false;
	for (size_t i = speakers; i < transcript->turns_len; i++)
		if (transcript->turns[i].speaker != transcript->turns[i - speakers].speaker)
			return false;
	return true;
}

/* Several turns, two of one speaker at least, and not a text with a word and a colon now and then. */
static bool is_transcript(const struct transcript *transcript)
{
	enum persona_unit wish = source_unit(transcript->source);
	size_t moderators, speakers = count_speakers(transcript, &moderators);
	struct speaker *speaker, *next;
	bool repeated = false;

	HASH_ITER(hh, transcript->speakers, speaker, next)
	repeated |= speaker->turns > 1;
	if (speakers == moderators)
		return false;
	if (wish == PERSONA_UNIT_TURN || wish == PERSONA_UNIT_SPEAKER)
		return true;
	if (moderators && transcript->turns_len >= 2)
		return true;
	return repeated && !is_form(transcript, speakers) && transcript->turns_len >= TURNS_LEAST &&
	       transcript->turns_len * LINES_PER_TURN >= transcript->lines;
}

int transcript_parse(struct persona_source *source, const char *text, size_t len, const struct source_map *map,
		     struct persona_error *err)
{
	struct transcript transcript = { .source = source, .base = text, .len = len, .map = map };
	struct speaker *speaker, *next;
	int rc = -1;

	if (gather_speakers(&transcript, err) < 0 || gather_glued(&transcript, err) < 0 ||
	    cut_turns(&transcript, err) < 0)
		goto out;
	count_turns(&transcript);
	find_moderators(&transcript);
	rc = is_transcript(&transcript) ? add_records(&transcript, err) : 0;
out:
	HASH_ITER(hh, transcript.speakers, speaker, next)
	{
		HASH_DEL(transcript.speakers, speaker);
		free(speaker);
	}
	free(transcript.turns);
	return rc;
}
