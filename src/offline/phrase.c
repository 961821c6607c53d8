/*
 * phrase.c - a question as the beginning of a statement: "How do you share results?" becomes
 * "Shares results". English word order only; every other question stays as it is.
 */
#include <ctype.h>
#include <strings.h>

#include "internal.h"

#define PHRASE_WORDS 40
#define PHRASE_BYTES 240

/* The question's words, in their own spelling. */
struct question {
	char text[PHRASE_BYTES];
	char *words[PHRASE_WORDS];
	size_t len;
	size_t clause; /* words of an opening clause such as "When you have problems," */
	bool asked;    /* had a question mark */
};

static bool is(const struct question *q, size_t at, const char *word)
{
	return at < q->len && strcasecmp(q->words[at], word) == 0;
}

static bool is_any(const struct question *q, size_t at, const char *words)
{
	size_t len;

	if (at >= q->len)
		return false;
	len = strlen(q->words[at]);
	for (const char *found = words; (found = strcasestr(found, q->words[at])); found++)
		if ((found == words || found[-1] == ' ') && (found[len] == ' ' || !found[len]))
			return true;
	return false;
}

/* The first sentence without brackets and emphasis; an opening clause is noted. */
static bool question_read(struct question *q, const char *header)
{
	size_t len = 0;
	int depth = 0;
	bool spaced = strchr(header, ' ') != NULL;

	*q = (struct question){ 0 };
	for (const char *at = header; *at; at++) {
		char byte = *at == '\n' || *at == '\t' || (*at == '_' && !spaced) ? ' ' : *at;

		depth += byte == '(';
		if (byte == ')' && depth) {
			depth--;
			continue;
		}
		if (depth || byte == '*' || byte == '_')
			continue;
		if (byte == '?' || ((byte == '.' || byte == ';') && (at[1] == ' ' || !at[1])) ||
		    (byte == ':' && !at[1])) {
			q->asked = byte == '?';
			break;
		}
		if (len + 1 >= sizeof q->text)
			return false;
		q->text[len++] = byte;
	}
	for (size_t i = 0; i < len; i++) {
		if (q->text[i] == ' ')
			q->text[i] = '\0';
		else if (i == 0 || !q->text[i - 1]) {
			if (q->len == PHRASE_WORDS)
				return false;
			q->words[q->len++] = q->text + i;
		}
	}
	for (size_t i = 0; i + 1 < q->len && !q->clause; i++) {
		size_t end = strlen(q->words[i]);

		if (q->words[i][end - 1] == ',' && is_any(q, 0, "when if while looking in once after before on for")) {
			q->words[i][end - 1] = '\0';
			q->clause = i + 1;
		}
	}
	return q->len > 0;
}

/* Words that speak to the respondent, turned to speak of them. */
static const char *turned(const char *word)
{
	static const char *const pairs[][2] = {
		{ "you", "they" },	 { "your", "their" },	{ "yours", "theirs" },	      { "you're", "they're" },
		{ "you've", "they've" }, { "you'd", "they'd" }, { "yourself", "themselves" }, { "my", "their" }
	};

	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
		if (strcasecmp(word, pairs[i][0]) == 0)
			return pairs[i][1];
	return word;
}

static int add_words(struct persona_buf *out, const struct question *q, size_t from, size_t to,
		     struct persona_error *err)
{
	for (; from < to; from++) {
		bool object =
			from && is(q, from, "you") && is_any(q, from - 1, "to for with about from of at by around");

		if ((out->len && persona_buf_addc(out, ' ', err) < 0) ||
		    persona_buf_adds(out, object ? "them" : turned(q->words[from]), err) < 0)
			return -1;
	}
	return 0;
}

/* "use" -> "uses" */
static int add_verb(struct persona_buf *out, const char *verb, struct persona_error *err)
{
	size_t len = strlen(verb);
	const char *end = "s";

	if (out->len && persona_buf_addc(out, ' ', err) < 0)
		return -1;
	if (strcasecmp(verb, "have") == 0)
		return persona_buf_adds(out, "has", err);
	if (strcasecmp(verb, "be") == 0)
		return persona_buf_adds(out, "is", err);
	if (len > 1 && verb[len - 1] == 'y' && !strchr("aeiou", verb[len - 2])) {
		len--;
		end = "ies";
	} else if (len && (strchr("sxzo", verb[len - 1]) ||
			   (len > 1 && verb[len - 1] == 'h' && strchr("cs", verb[len - 2])))) {
		end = "es";
	}
	return persona_buf_add(out, verb, len, err) < 0 ? -1 : persona_buf_adds(out, end, err);
}

static bool is_adverb(const char *word)
{
	size_t len = strlen(word);

	return (len > 3 && strcasecmp(word + len - 2, "ly") == 0) || strcasecmp(word, "most") == 0 ||
	       strcasecmp(word, "also") == 0 || strcasecmp(word, "often") == 0 || strcasecmp(word, "ever") == 0 ||
	       strcasecmp(word, "still") == 0;
}

/* The verb phrase from word `at` in the third person; a clause in front moves to the end. */
static int add_statement(struct persona_buf *out, const struct question *q, size_t at, struct persona_error *err)
{
	size_t verb = at;

	while (verb < q->len && is_adverb(q->words[verb]))
		verb++;
	if (add_words(out, q, at, verb, err) < 0 || add_verb(out, q->words[verb], err) < 0 ||
	    add_words(out, q, verb + 1, q->len, err) < 0)
		return -1;
	if (!q->clause || is(q, 0, "looking"))
		return 0;
	q->words[0][0] = (char)tolower((unsigned char)q->words[0][0]);
	return add_words(out, q, 0, q->clause, err);
}

/* Index of the first word of the verb phrase after "do you", or 0. */
static size_t after_do_you(const struct question *q, size_t at)
{
	size_t next = at + 2;

	if (!is(q, at, "do") || !is(q, at + 1, "you"))
		return 0;
	while (next < q->len && is_adverb(q->words[next]))
		next++;
	return next < q->len && !is_any(q, next, "think feel believe consider trust say agree") ? at + 2 : 0;
}

/* Index of the noun phrase that "what is ..." asks for, or 0. */
static size_t noun_phrase(const struct question *q, size_t at)
{
	size_t i = at + 1;

	if (!is_any(q, at, "what which what's"))
		return 0;
	if (is(q, at, "what's"))
		return i;
	if (is_any(q, i, "is are was were"))
		return i + 1;
	if (is_any(q, i, "has have") && is(q, i + 1, "been"))
		return i + 2;
	if (is_any(q, i, "do would") && is(q, i + 1, "you") && is_any(q, i + 2, "think say consider") &&
	    is_any(q, i + 3, "is are was were"))
		return i + 4;
	for (; i < at + 6 && i < q->len; i++)
		if (is_any(q, i, "reflects describes matches fits represents"))
			return i + 1;
	return 0;
}

static void capitalise(struct persona_buf *buf)
{
	if (buf->len)
		buf->data[0] = (char)toupper((unsigned char)buf->data[0]);
}

static int keep(char **slot, struct persona_buf *buf, struct persona_error *err)
{
	capitalise(buf);
	*slot = persona_strndup(buf->data, buf->len, err);
	persona_buf_clear(buf);
	return *slot ? 0 : -1;
}

/* Yes and no as statements: "Holds tokens", "Does not hold tokens". */
static int phrase_polar(struct column *column, const struct question *q, struct persona_buf *buf,
			struct persona_error *err)
{
	size_t at = q->clause, verb = after_do_you(q, at);
	const char *no;

	if (verb) {
		no = "Does not";
		if (add_statement(buf, q, verb, err) < 0 || keep(&column->lead_yes, buf, err) < 0)
			return -1;
		at = verb;
	} else if (is_any(q, at, "have are") && is(q, at + 1, "you")) {
		bool have = is(q, at, "have");

		no = have ? "Has not" : "Is not";
		if (persona_buf_adds(buf, have ? "Has" : "Is", err) < 0 || add_words(buf, q, at + 2, q->len, err) < 0 ||
		    keep(&column->lead_yes, buf, err) < 0)
			return -1;
		at += 2;
	} else {
		return 0;
	}
	if (persona_buf_adds(buf, no, err) < 0 || add_words(buf, q, at, q->len, err) < 0 ||
	    keep(&column->lead_no, buf, err) < 0)
		return -1;
	column->lead = persona_strdup(column->lead_yes, err);
	return column->lead ? 0 : -1;
}

/* "Which tools do you use": the tools that they use. */
static int phrase_noun(const struct question *q, size_t at, struct persona_buf *buf, struct persona_error *err)
{
	for (size_t i = at + 2; i + 1 < q->len; i++) {
		bool have = is(q, i, "have") && is(q, i + 1, "you");

		if (!have && !after_do_you(q, i))
			continue;
		if (add_words(buf, q, at + 1, i, err) < 0 || add_words(buf, q, i + 1, i + 2, err) < 0 ||
		    (have && add_words(buf, q, i, i + 1, err) < 0))
			return -1;
		return add_words(buf, q, i + 2, q->len, err);
	}
	return 0;
}

static int phrase_open(struct column *column, const struct question *q, struct persona_buf *buf,
		       struct persona_error *err)
{
	size_t at = q->clause, noun = noun_phrase(q, at), from = at + 1;

	if (noun && noun < q->len) {
		if (add_words(buf, q, noun, q->len, err) < 0)
			return -1;
		return keep(&column->lead, buf, err);
	}
	if (is_any(q, at, "how where when what") && is_any(q, at + 1, "often long much many"))
		from++;
	if (is_any(q, at, "how where when what") && after_do_you(q, from)) {
		if (add_statement(buf, q, from + 2, err) < 0)
			return -1;
		return keep(&column->lead, buf, err);
	}
	if (is_any(q, at, "what which") && phrase_noun(q, at, buf, err) < 0)
		return -1;
	if (buf->len)
		return keep(&column->lead, buf, err);
	/* "What limits you": limits them. */
	if (is(q, at, "what") && q->len > at + 2 && is(q, at + 2, "you") &&
	    q->words[at + 1][strlen(q->words[at + 1]) - 1] == 's') {
		if (add_words(buf, q, at + 1, at + 2, err) < 0 || persona_buf_adds(buf, " them", err) < 0 ||
		    add_words(buf, q, at + 3, q->len, err) < 0)
			return -1;
		return keep(&column->lead, buf, err);
	}
	return 0;
}

int column_phrase(struct column *column, const char *header, struct persona_error *err)
{
	struct question q;
	struct persona_buf buf, plain;
	int rc = -1;

	persona_buf_init(&buf, 4 * PHRASE_BYTES);
	persona_buf_init(&plain, SIZE_MAX / 2);
	if (plain_text(&plain, header, strlen(header), err) < 0)
		goto out;
	if (!question_read(&q, plain.data)) {
		rc = 0;
		goto out;
	}
	if (q.asked && phrase_polar(column, &q, &buf, err) < 0)
		goto out;
	if (q.asked && !column->lead && phrase_open(column, &q, &buf, err) < 0)
		goto out;
	if (!column->lead) {
		for (size_t i = 0; i < q.len; i++)
			if ((i && persona_buf_addc(&buf, ' ', err) < 0) || persona_buf_adds(&buf, q.words[i], err) < 0)
				goto out;
		if ((q.asked && persona_buf_addc(&buf, '?', err) < 0) || keep(&column->lead, &buf, err) < 0)
			goto out;
	}
	rc = 0;
out:
	persona_buf_release(&buf);
	persona_buf_release(&plain);
	return rc;
}
