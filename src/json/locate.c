/* Where values may stand in an answer: fences, tags, reasoning; and the hunt for them all. */
#include <strings.h>

#include "internal.h"

/* ---- Tags ------------------------------------------------------------ */

struct tag_row {
	const char *text;
	enum tag tag;
};

/* Angle brackets aside; in any case. */
static const struct tag_row named_tags[] = {
	{ "think", TAG_THINK },	    { "thinking", TAG_THINK },	 { "thought", TAG_ASIDE },
	{ "reasoning", TAG_ASIDE }, { "reflection", TAG_ASIDE }, { "scratchpad", TAG_ASIDE },
	{ "analysis", TAG_ASIDE },  { "planning", TAG_ASIDE },	 { "output", TAG_ANSWER },
	{ "answer", TAG_ANSWER },   { "json", TAG_ANSWER },	 { "result", TAG_ANSWER },
	{ "response", TAG_ANSWER }, { "final", TAG_ANSWER },	 { "final_answer", TAG_ANSWER },
	{ "personas", TAG_ANSWER }, { "persona", TAG_ANSWER },	 { "results", TAG_ANSWER },
};

/* As they are. */
static const struct tag_row tokens[] = {
	{ "<|im_end|>", TAG_STOP },
	{ "<|eot_id|>", TAG_STOP },
	{ "<|return|>", TAG_STOP },
	{ "<|eom_id|>", TAG_STOP },
	{ "<|endoftext|>", TAG_STOP },
	{ "<|end_of_text|>", TAG_STOP },
	{ "<end_of_turn>", TAG_STOP },
	{ "</s>", TAG_STOP },
	{ "<\xEF\xBD\x9C"
	  "end\xE2\x96\x81of\xE2\x96\x81sentence\xEF\xBD\x9C>",
	  TAG_STOP },
	{ "<|channel|>", TAG_CHANNEL },
	{ "<|start|>", TAG_TURN },
	{ "<|end|>", TAG_TURN },
	{ "<|im_start|>", TAG_TURN },
	{ "<|begin_of_thought|>", TAG_THINK },
	{ "<|end_of_thought|>", TAG_UNTHINK },
	{ "[THINK]", TAG_THINK },
	{ "[/THINK]", TAG_UNTHINK },
	{ "[think]", TAG_THINK },
	{ "[/think]", TAG_UNTHINK },
	{ "\xE2\x97\x81think\xE2\x96\xB7", TAG_THINK },
	{ "\xE2\x97\x81/think\xE2\x96\xB7", TAG_UNTHINK },
};

static enum tag named_tag(const char *text, size_t len, size_t *tag_len)
{
	size_t slash = len > 1 && text[1] == '/', start = 1 + slash, end = start;

	while (end < len && (text[end] == '_' || ((text[end] | 0x20) >= 'a' && (text[end] | 0x20) <= 'z')))
		end++;
	if (end == start || end == len || text[end] != '>')
		return TAG_NONE;
	for (size_t i = 0; i < sizeof named_tags / sizeof *named_tags; i++) {
		const struct tag_row *row = &named_tags[i];

		if (strlen(row->text) != end - start || strncasecmp(row->text, text + start, end - start) != 0)
			continue;
		*tag_len = end + 1;
		return slash ? row->tag + 1 : row->tag;
	}
	return TAG_NONE;
}

enum tag tag_at(const char *text, size_t len, size_t *tag_len)
{
	unsigned char c = (unsigned char)text[0];

	if (c != '<' && c != '[' && c != 0xE2)
		return TAG_NONE;
	if (c == '[' && !(len > 1 && strchr("/Tt", text[1])))
		return TAG_NONE;
	for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++) {
		*tag_len = strlen(tokens[i].text);
		if (len >= *tag_len && memcmp(text, tokens[i].text, *tag_len) == 0)
			return tokens[i].tag;
	}
	return c == '<' ? named_tag(text, len, tag_len) : TAG_NONE;
}

/* Behind the next tag of that kind, NOWHERE if there is none. */
static size_t behind_tag(struct hunt *hunt, struct memo *memo, size_t at, enum tag wanted)
{
	const char *text = hunt->source->text;
	size_t len = hunt->source->len, tag_len = 0, to;

	if (memo->from <= at && at < memo->to)
		return memo->to == NOWHERE ? NOWHERE : memo->to;
	for (to = at; to < len; to++)
		if (tag_at(text + to, len - to, &tag_len) == wanted)
			break;
	hunt->source->visited += to - at;
	*memo = (struct memo){ at, to < len ? to + tag_len : NOWHERE };
	return memo->to;
}

/* ---- Fences ---------------------------------------------------------- */

static bool is_word(const char *text, size_t len, const char *const *words)
{
	for (; *words; words++)
		if (strlen(*words) == len && strncasecmp(*words, text, len) == 0)
			return true;
	return false;
}

/* What a fence's language says of the value in it. */
static enum setting setting_of(const char *info, size_t len)
{
	static const char *const json[] = { "json", "jsonc", "json5", "jsonl", "ndjson", "jsonlines", "geojson", NULL };
	static const char *const none[] = { "", "text", "txt", "plaintext", "plain", "output", "none", NULL };

	if (is_word(info, len, json))
		return SET_JSON_FENCE;
	return is_word(info, len, none) ? SET_TAGGED : SET_OTHER_LANGUAGE;
}

/* Length of the language behind a fence. */
static size_t info_length(const char *text, size_t len)
{
	size_t i = 0;

	while (i < len &&
	       (((text[i] | 0x20) >= 'a' && (text[i] | 0x20) <= 'z') || (text[i] >= '0' && text[i] <= '9') ||
		strchr("+#_-.", text[i])) &&
	       text[i])
		i++;
	return i;
}

static size_t run_length(const char *text, size_t len, char c)
{
	size_t i = 0;

	while (i < len && text[i] == c)
		i++;
	return i;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

size_t persona_json_strip_fences(const char **text, size_t len)
{
	size_t run, at;
	char c;

	while (len && is_blank(**text)) {
		++*text;
		len--;
	}
	while (len && is_blank((*text)[len - 1]))
		len--;
	c = len ? **text : '\0';
	run = c == '`' || c == '~' ? run_length(*text, len, c) : 0;
	if (run < 3)
		return len;
	at = run;
	while (at < len && (*text)[at] == ' ')
		at++;
	at += info_length(*text + at, len - at);
	while (at < len && is_blank((*text)[at]))
		at++;
	*text += at;
	len -= at;
	at = 0;
	while (at < len && (*text)[len - 1 - at] == c)
		at++;
	if (at >= run)
		len -= at;
	while (len && is_blank((*text)[len - 1]))
		len--;
	return len;
}

/* ---- The hunt -------------------------------------------------------- */

/* Where in the text's own structure the hunt is. */
struct place {
	size_t at;
	struct memo unthink, unaside;
	bool fenced;
	char fence_byte;
	enum setting fence; /* its language */
	bool tagged;	    /* in an answer tag */
	bool thinking;	    /* in reasoning that never ends */
	size_t aside_to;    /* in notes up to there */
};

static void forget(struct candidates *found)
{
	for (size_t i = 0; i < found->len; i++)
		json_decref(found->items[i].value);
	found->len = 0;
}

/* Reasoning ends here: what came before it was no answer. */
static void start_anew(struct hunt *hunt, struct place *place)
{
	forget(&hunt->found);
	hunt->count = 0;
	place->fenced = place->tagged = place->thinking = false;
}

static size_t after_fence(const struct hunt *hunt, struct place *place, size_t at, size_t run)
{
	const char *text = hunt->source->text;
	size_t len = hunt->source->len, start = at + run, info;

	while (start < len && (text[start] == ' ' || text[start] == '\t'))
		start++;
	info = info_length(text + start, len - start);
	if (place->fenced && !info && place->fence_byte == text[at]) {
		place->fenced = false;
		return at + run;
	}
	place->fenced = true;
	place->fence_byte = text[at];
	place->fence = setting_of(text + start, info);
	return start + info;
}

/* The channels of the harmony format: only what is said in `final` counts. */
static size_t after_channel(struct hunt *hunt, struct place *place, size_t at)
{
	const struct source *source = hunt->source;
	const char *next;

	if (source->len - at >= 5 && memcmp(source->text + at, "final", 5) == 0) {
		start_anew(hunt, place);
		return at + 5;
	}
	next = memmem(source->text + at, source->len - at, "<|channel|>", 11);
	return next ? (size_t)(next - source->text) : source->len;
}

/* Behind a tag, NOWHERE where the answer ends. */
static size_t after_tag(struct hunt *hunt, struct place *place, enum tag tag, size_t behind)
{
	size_t end;

	switch (tag) {
	case TAG_THINK:
		end = behind_tag(hunt, &place->unthink, behind, TAG_UNTHINK);
		if (end == NOWHERE) {
			place->thinking = true;
			return behind;
		}
		start_anew(hunt, place);
		return end;
	case TAG_UNTHINK:
		start_anew(hunt, place);
		return behind;
	case TAG_ASIDE:
		end = behind_tag(hunt, &place->unaside, behind, TAG_UNASIDE);
		place->aside_to = end == NOWHERE ? 0 : end;
		return behind;
	case TAG_ANSWER:
	case TAG_UNANSWER:
		place->tagged = tag == TAG_ANSWER;
		return behind;
	case TAG_CHANNEL:
		return after_channel(hunt, place, behind);
	case TAG_STOP:
		return NOWHERE;
	default:
		return behind;
	}
}

/* ---- Candidates ------------------------------------------------------ */

/* Only white space, fences, quotes and tags from here on? */
static bool ends_text(const struct source *source, size_t at)
{
	size_t tag_len;

	while (at < source->len) {
		if (strchr(" \n\r\t`~\">;.", source->text[at])) {
			at++;
			continue;
		}
		switch (tag_at(source->text + at, source->len - at, &tag_len)) {
		case TAG_STOP:
			return true;
		case TAG_NONE:
			return false;
		default:
			at += tag_len;
		}
	}
	return true;
}

static bool is_scalars(const json_t *value)
{
	return !json_is_object(value) && !json_is_object(json_array_get(value, 0));
}

/* Numbers in brackets, or nothing: in prose that is a citation, a check box, a piece of code. */
static bool is_weak(const json_t *value)
{
	size_t i;
	json_t *item;

	if (json_is_object(value))
		return json_object_size(value) == 0;
	json_array_foreach(value, i, item)
		if (!json_is_number(item))
			return false;
	return true;
}

#define LINE_START_MAX 256 /* bytes: so far back a line is looked at */

static size_t line_start(const struct source *source, size_t at)
{
	size_t start = at > LINE_START_MAX ? at - LINE_START_MAX : 0;
	const char *newline = memrchr(source->text + start, '\n', at - start);

	return newline ? (size_t)(newline - source->text) + 1 : start;
}

/* A document in a string, and nothing else: "[]" */
static bool is_in_string(const struct source *source, size_t start, size_t end)
{
	return start == 1 && end + 1 == source->len && source->text[0] == '"' && source->text[end] == '"';
}

/* Does the value from start to end stand by itself, not amid a sentence? */
static bool stands_alone(const struct source *source, size_t start, size_t end)
{
	size_t before = start, after = end;
	bool begins, ends;

	/* At the very beginning, or f({}) */
	if (start == 0 || (source->text[start - 1] == '(' && (end == source->len || source->text[end] == ')')))
		return true;
	/* The text itself does not begin with a blank. */
	while (source->text[before - 1] == ' ' || source->text[before - 1] == '\t')
		before--;
	while (after < source->len && (source->text[after] == ' ' || source->text[after] == '\t'))
		after++;
	if (is_in_string(source, start, end))
		return true;
	begins = strchr("\n:=>`*", source->text[before - 1]);
	ends = after == source->len || strchr("\n.`<,;*\r", source->text[after]);
	if (source->text[before - 1] == '\n')
		return ends;
	return ends && (begins || (before < start && after == source->len));
}

/* "See [1] and [2]", "[1]: http://…", "[text](address)", "- [ ] to do", "int a[]" */
static bool is_prose(const struct source *source, const struct candidate *candidate)
{
	char before = candidate->start ? source->text[candidate->start - 1] : '\n';
	char after = candidate->end < source->len ? source->text[candidate->end] : '\n';

	if (!json_is_array(candidate->value) && json_object_size(candidate->value))
		return false;
	if (is_scalars(candidate->value) && strchr(":([", after) && !candidate->repaired)
		return true;
	if (!is_weak(candidate->value))
		return false;
	if (json_array_size(candidate->value) > 1)
		return before != '\n' && strchr("])", before);
	return !stands_alone(source, candidate->start, candidate->end);
}

/* {like: this} within a line. */
static bool is_aside(const struct source *source, const struct candidate *candidate, bool bare_keys)
{
	size_t start = line_start(source, candidate->start), len = candidate->end - candidate->start;
	const char *text = source->text + candidate->start;

	if (!bare_keys || candidate->setting != SET_BARE || memchr(text, '"', len) || memchr(text, '\n', len))
		return false;
	while (start < candidate->start && strchr(" \t>`", source->text[start]))
		start++;
	return start < candidate->start && !stands_alone(source, candidate->start, candidate->end);
}

static bool has_array_in_envelope(const json_t *object, const char *const *names)
{
	for (; names && *names; names++)
		if (json_is_array(json_object_get(object, *names)))
			return true;
	return false;
}

/* What counts before the setting: notes and echoes last, then what was asked for, then objects over scalars. */
static unsigned rank_of(const struct hunt *hunt, const struct candidate *candidate)
{
	const json_t *value = candidate->value;
	bool fits = hunt->wanted == WANT_ANY ||
		    (hunt->wanted == WANT_OBJECT ? json_is_object(value)
						 : json_is_array(value) || has_array_in_envelope(value, hunt->names));
	bool objects = json_is_object(value) ? json_object_size(value) > 0 : !is_scalars(value);

	return (unsigned)!candidate->aside << 3 | (unsigned)!is_echo(value) << 2 | (unsigned)fits << 1 | objects;
}

/* Keep it with its equals, or instead of those that are worth less. Takes the value. */
static int keep(struct hunt *hunt, struct candidate candidate, struct persona_error *err)
{
	struct candidates *found = &hunt->found;
	void *items = found->items;

	hunt->count++;
	/* One that is the whole text need not be compared. */
	candidate.rank = candidate.start == 0 && candidate.end == hunt->source->len ? 0 : rank_of(hunt, &candidate);
	if (found->len) {
		const struct candidate *best = &found->items[0];

		if (candidate.rank < best->rank ||
		    (candidate.rank == best->rank && candidate.setting < best->setting)) {
			json_decref(candidate.value);
			return 0;
		}
		if (candidate.rank > best->rank || candidate.setting > best->setting || is_weak(candidate.value))
			forget(found);
	}
	if (persona_grow(&items, &found->capacity, found->len, sizeof *found->items, err) < 0) {
		json_decref(candidate.value);
		return -1;
	}
	found->items = items;
	found->items[found->len++] = candidate;
	return 0;
}

/* May text be read again? What failed once is skipped when that has cost enough. */
static bool may_look_again(const struct source *source)
{
	return source->visited < 8 * source->len + 65536;
}

static bool is_quoted_line(const struct source *source, size_t at)
{
	size_t start = line_start(source, at);

	while (start < at && (source->text[start] == ' ' || source->text[start] == '\t'))
		start++;
	return start < at && source->text[start] == '>';
}

/* Read the candidate that begins at `at`: 1 with it, 0 if it is none and where to go on, -1. */
static int read_candidate(struct hunt *hunt, const struct place *place, struct candidate *out, bool *bare_keys,
			  size_t *next, struct persona_error *err)
{
	size_t at = place->at;
	struct source *source = hunt->source, inner;
	enum wrapping wrapping = may_look_again(source) ? wrapping_of(source, at) : WRAPPED_NOT;
	struct persona_buf buf;
	struct reader reader;
	int rc = 0;

	persona_buf_init(&buf, SIZE_MAX);
	*next = at + 1;
	if (wrapping != WRAPPED_NOT) {
		if (unwrap(&buf, source, at, wrapping, err) < 0) {
			persona_buf_release(&buf);
			return -1;
		}
		source->visited += source->len - at;
		source_init(&inner, buf.data, buf.len);
		reader_init(&reader, &inner, 0, true);
	} else {
		reader_init(&reader, source, at, true);
		reader.quoted = is_quoted_line(source, at);
	}
	reader.fenced = place->fenced;
	reader.max_depth = hunt->max_depth;
	if (!peek_container(&reader, reader.at, place->fenced || at == 0))
		goto out;
	rc = reader_run(&reader);
	*bare_keys = reader.bare_keys;
	if (wrapping != WRAPPED_NOT)
		reader.at = unwrapped_offset(source, at, wrapping, reader.at);
	if (rc == 0) {
		*out = (struct candidate){
			.value = reader.root,
			.start = at,
			.end = reader.at,
			.repaired = reader.mended || wrapping != WRAPPED_NOT,
			.truncated = reader.truncated,
			.partial = reader.partial,
		};
		rc = 1;
	} else if (reader.failure == FAILED_MEMORY) {
		rc = persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	} else if (reader.failure == FAILED_DEPTH) {
		/* What stands further in is a piece of what was meant, not the answer. */
		rc = persona_error_set(err, PERSONA_E_FORMAT, "JSON nested deeper than %u", hunt->max_depth);
	} else {
		if (!may_look_again(source))
			*next = reader.at > at ? reader.at : at + 1;
		rc = 0;
	}
out:
	if (wrapping != WRAPPED_NOT) {
		source->visited += inner.visited;
		source_release(&inner);
	}
	persona_buf_release(&buf);
	return rc;
}

/* The value at an opening bracket, if it is one. */
static int try_value(struct hunt *hunt, struct place *place, struct persona_error *err)
{
	const struct source *source = hunt->source;
	struct candidate candidate;
	bool bare_keys = false;
	size_t next;
	int rc = read_candidate(hunt, place, &candidate, &bare_keys, &next, err);

	if (rc <= 0) {
		place->at = next;
		return rc;
	}
	candidate.setting = place->fenced ? place->fence : SET_BARE;
	if (place->tagged && candidate.setting < SET_TAGGED)
		candidate.setting = SET_TAGGED;
	candidate.aside = place->at < place->aside_to;
	if (candidate.repaired && !json_object_size(candidate.value) && !json_array_size(candidate.value) &&
	    may_look_again(source)) {
		json_decref(candidate.value);
		place->at++;
		return 0;
	}
	place->at = candidate.end;
	if ((place->thinking && (candidate.truncated || !ends_text(source, candidate.end))) ||
	    (!place->fenced && is_prose(source, &candidate)) || is_aside(source, &candidate, bare_keys)) {
		json_decref(candidate.value);
		return 0;
	}
	candidate.repaired |= is_in_string(source, candidate.start, candidate.end);
	return keep(hunt, candidate, err);
}

/* Models whose special tokens were stripped: "analysis… assistantfinal{…" */
static size_t first_place(const struct source *source)
{
	const char *at = source->text, *found, *last = NULL;

	if (source->len < 8 || memcmp(at, "analysis", 8) != 0)
		return 0;
	while ((found = memmem(at, source->len - (size_t)(at - source->text), "assistantfinal", 14)) != NULL)
		at = last = found + 14;
	return last ? (size_t)(last - source->text) : 0;
}

static size_t next_mark(const struct source *source, size_t at)
{
	while (at < source->len && !strchr("<[{`~\xE2", source->text[at]))
		at++;
	return at;
}

int hunt_run(struct hunt *hunt, struct persona_error *err)
{
	struct source *source = hunt->source;
	struct place place = { .at = first_place(source) };

	while ((place.at = next_mark(source, place.at)) < source->len) {
		size_t at = place.at, left = source->len - at, len = 0;
		char c = source->text[at];
		enum tag tag = tag_at(source->text + at, left, &len);

		if (c == '`' || c == '~') {
			len = run_length(source->text + at, left, c);
			place.at = len >= 3 ? after_fence(hunt, &place, at, len) : at + len;
		} else if (tag != TAG_NONE) {
			place.at = after_tag(hunt, &place, tag, at + len);
			if (place.at == NOWHERE)
				break;
		} else if (c == '{' || c == '[') {
			if (try_value(hunt, &place, err) < 0)
				return -1;
		} else {
			place.at++;
		}
	}
	source->visited += source->len;
	return 0;
}
