/*
 * How a case is made: kinds are drawn that may stand together, a document is made in which
 * they have something to do, written with the damage, and wrapped. The expected value is the
 * document itself; only truncation changes it.
 *
 * `apart` in the table below says which kinds never meet. Two reasons: they would do the same thing
 * to the same place, or what has to come out would be a matter of taste. Examples of the second: an
 * inner quote beside a full-width comma, a missing comma between strings on one line, a
 * repaired answer beside a valid object that the model echoes outside any fence.
 */
#include <string.h>

#include "generate_pool.h"
#include "generate_write.h"

#define COMMENTS   (G(LINE_COMMENT) | G(HASH_COMMENT) | G(BLOCK_COMMENT))
#define COMMAS	   (G(DOUBLED_COMMA) | G(MISSING_COMMA) | G(WIDE_COMMA))
#define COLONS	   (G(WIDE_COLON) | G(EQUALS_SIGN) | G(FAT_ARROW))
#define CLOSERS	   (G(WRONG_CLOSER) | G(MISSING_BRACKET) | G(MISSING_BRACE) | G(EXTRA_CLOSER))
#define QUOTES	   (G(SINGLE_QUOTES) | G(SMART_QUOTES))
#define FRAGILE	   (G(INNER_QUOTES) | G(OPEN_STRING))  /* what closes a string depends on what follows */
#define SEVERAL	   (G(RAW_CONTROL) | G(TRIPLE_QUOTES)) /* strings over several lines */
#define STRINGS	   (SEVERAL | FRAGILE | G(CONCATENATED) | G(PUNCTUATION_ESCAPE) | G(LETTER_ESCAPE) | G(LONE_SURROGATE))
#define ODD_VALUES (G(BARE_TEXT) | G(MISSING_VALUE))
#define NUMBERS	   (ODD_VALUES | G(UNDEFINED) | G(NOT_A_NUMBER) | G(PLUS_SIGN) | G(BARE_POINT) | G(UNDERSCORES))
#define WHOLE	   (G(ONCE_ESCAPED) | G(DOUBLE_ENCODED) | G(ENTITIES))
#define DAMAGE	   (G(PROSE_BEFORE) - 1)
#define SIBLINGS   (G(JSON_LINES) | G(NUMBERED_LIST) | G(FENCE_EACH))
#define TAGGED	   (G(FENCE_JSON) | G(FENCE_TILDES) | G(FENCE_INDENTED) | G(FENCE_QUOTED))
#define HOLDERS	   (TAGGED | G(FENCE_UNTAGGED) | G(TAG) | SIBLINGS)
#define REASONS	   (G(THINK) | G(THINK_UNOPENED) | G(MAGISTRAL) | G(HARMONY))
#define BESIDE	   (G(TEMPLATE_BEFORE) | G(SCHEMA_BEFORE) | G(ECHO_BEFORE) | G(SCALARS_BESIDE))

/* apart need not be mutual here: pick_kinds() looks at both. */
static const struct {
	const char *name;
	uint64_t apart;
} kinds[] = {
	[GENERATE_TRAILING_COMMA] = { "trailing comma", CLOSERS | G(ELLIPSIS) },
	[GENERATE_DOUBLED_COMMA] = { "doubled comma", COMMAS | CLOSERS | FRAGILE | ODD_VALUES },
	[GENERATE_MISSING_COMMA] = { "missing comma", COMMAS | CLOSERS | STRINGS | QUOTES | COLONS | COMMENTS |
							      ODD_VALUES | G(UNQUOTED_KEY) | G(ELLIPSIS) },
	[GENERATE_WIDE_COMMA] = { "full-width comma", COMMAS | CLOSERS | FRAGILE | ODD_VALUES },
	[GENERATE_WIDE_COLON] = { "full-width colon", COLONS | CLOSERS | FRAGILE | ODD_VALUES | G(UNQUOTED_KEY) },
	[GENERATE_EQUALS_SIGN] = { "equals sign", COLONS | CLOSERS | FRAGILE | ODD_VALUES },
	[GENERATE_FAT_ARROW] = { "fat arrow", COLONS | CLOSERS | FRAGILE | ODD_VALUES },
	[GENERATE_LINE_COMMENT] = { "line comment", CLOSERS | FRAGILE | ODD_VALUES },
	[GENERATE_HASH_COMMENT] = { "hash comment", CLOSERS | FRAGILE | ODD_VALUES },
	[GENERATE_BLOCK_COMMENT] = { "block comment", CLOSERS | FRAGILE | ODD_VALUES },
	[GENERATE_ELLIPSIS] = { "ellipsis", CLOSERS | FRAGILE | BESIDE | SIBLINGS },
	[GENERATE_WRONG_CLOSER] = { "wrong closer", CLOSERS | G(TUPLE) | FRAGILE | G(UNQUOTED_KEY) },
	[GENERATE_MISSING_BRACKET] = { "missing bracket", CLOSERS | G(TUPLE) | FRAGILE | QUOTES | G(UNQUOTED_KEY) },
	[GENERATE_MISSING_BRACE] = { "missing brace", CLOSERS | FRAGILE | ODD_VALUES | SIBLINGS },
	[GENERATE_EXTRA_CLOSER] = { "extra closer", CLOSERS | SIBLINGS },
	[GENERATE_TUPLE] = { "tuple", FRAGILE },
	[GENERATE_DUPLICATE_KEY] = { "duplicate key", CLOSERS | FRAGILE },
	[GENERATE_UNQUOTED_KEY] = { "unquoted key", FRAGILE },
	[GENERATE_SINGLE_QUOTES] = { "single quotes", QUOTES | STRINGS },
	[GENERATE_SMART_QUOTES] = { "smart quotes", QUOTES | STRINGS },
	[GENERATE_CONCATENATED] = { "concatenated strings", FRAGILE },
	[GENERATE_TRIPLE_QUOTES] = { "triple quotes", FRAGILE },
	[GENERATE_RAW_CONTROL] = { "raw control character", 0 },
	[GENERATE_PUNCTUATION_ESCAPE] = { "escaped punctuation", FRAGILE },
	[GENERATE_LETTER_ESCAPE] = { "backslash before a letter", FRAGILE },
	[GENERATE_INNER_QUOTES] = { "inner quotes", FRAGILE },
	[GENERATE_OPEN_STRING] = { "string without an end", FRAGILE },
	[GENERATE_LONE_SURROGATE] = { "lone surrogate", 0 },
	[GENERATE_PYTHON_LITERAL] = { "Python literal", 0 },
	[GENERATE_UNDEFINED] = { "undefined", G(NOT_A_NUMBER) | G(MISSING_VALUE) },
	[GENERATE_NOT_A_NUMBER] = { "not a number", G(UNDEFINED) | G(MISSING_VALUE) },
	[GENERATE_PLUS_SIGN] = { "plus sign", G(BARE_POINT) | G(UNDERSCORES) },
	[GENERATE_BARE_POINT] = { "bare point", 0 },
	[GENERATE_UNDERSCORES] = { "underscores in a number", 0 },
	[GENERATE_BARE_TEXT] = { "unquoted text", 0 },
	[GENERATE_MISSING_VALUE] = { "missing value", 0 },
	/* Documents that are undone as a whole: nothing else is wrong with them, little stands around. */
	[GENERATE_ONCE_ESCAPED] = { "once escaped", DAMAGE | BESIDE | SIBLINGS | G(HARMONY) | G(FENCE_QUOTED) },
	[GENERATE_DOUBLE_ENCODED] = { "double encoded",
				      DAMAGE | ~(DAMAGE | G(FENCE_JSON) | G(BYTE_ORDER_MARK) | G(CRLF)) },
	[GENERATE_ENTITIES] = { "entities", DAMAGE | BESIDE | SIBLINGS | G(HARMONY) | G(FENCE_QUOTED) },
	/* A quote, number or comment that would be something else were it not cut is left out. */
	[GENERATE_TRUNCATED] = { "truncated",
				 DAMAGE & ~(G(TRAILING_COMMA) | G(UNQUOTED_KEY) | QUOTES | G(PYTHON_LITERAL)) },
	[GENERATE_PROSE_BEFORE] = { "prose before", 0 },
	[GENERATE_PROSE_BEHIND] = { "prose behind", G(TRUNCATED) },
	[GENERATE_FENCE_JSON] = { "json fence", HOLDERS },
	[GENERATE_FENCE_UNTAGGED] = { "untagged fence", HOLDERS },
	[GENERATE_FENCE_TILDES] = { "tilde fence", HOLDERS },
	/* These put something at the beginning of each line, strings included. */
	[GENERATE_FENCE_INDENTED] = { "indented fence", HOLDERS | SEVERAL },
	[GENERATE_FENCE_QUOTED] = { "quoted fence", HOLDERS | SEVERAL | G(TRUNCATED) },
	[GENERATE_TAG] = { "answer tag", HOLDERS },
	[GENERATE_JSON_LINES] = { "JSON lines", HOLDERS | G(TRUNCATED) | SEVERAL },
	[GENERATE_NUMBERED_LIST] = { "numbered list", HOLDERS | G(TRUNCATED) },
	[GENERATE_FENCE_EACH] = { "a fence for each", HOLDERS | G(TRUNCATED) },
	[GENERATE_THINK] = { "think", REASONS },
	[GENERATE_THINK_UNOPENED] = { "think without opening tag", REASONS },
	[GENERATE_MAGISTRAL] = { "[THINK]", REASONS },
	[GENERATE_HARMONY] = { "harmony channels", REASONS | G(BYTE_ORDER_MARK) },
	[GENERATE_TEMPLATE_BEFORE] = { "template before", 0 },
	[GENERATE_SCHEMA_BEFORE] = { "schema before", 0 },
	/* A valid echo outside a fence beats a repaired answer unless that stands in a json fence. */
	[GENERATE_ECHO_BEFORE] = { "echo before", G(TRUNCATED) },
	[GENERATE_SCALARS_BESIDE] = { "scalars beside", G(TRUNCATED) },
	[GENERATE_END_TOKEN] = { "end token", G(HARMONY) | G(TRUNCATED) | G(PROSE_BEHIND) },
	[GENERATE_BYTE_ORDER_MARK] = { "byte order mark", 0 },
	[GENERATE_CRLF] = { "CRLF", SEVERAL },
};

_Static_assert(LEN(kinds) == GENERATE_KINDS && GENERATE_KINDS <= 64, "a line for each kind, a bit for each");

const char *generate_kind_name(unsigned kind)
{
	return kind < GENERATE_KINDS ? kinds[kind].name : NULL;
}

/* ---- Documents ------------------------------------------------------- */

static const char *sentence(struct writer *w)
{
	const char *text = PICK(&w->state, sentences);

	/* A tag in a string is text where the string can be seen: not in an escaped or cut document. */
	return w->wanted & (WHOLE | G(TRUNCATED)) && strstr(text, "think>") ? sentences[0] : text;
}

/* What all personas of a document have in common. */
enum { SHAPE_FULL = 1, SHAPE_SAYING = 2, SHAPE_SHARE = 4 };

static json_t *make_list(struct writer *w)
{
	json_t *list = json_array();

	for (size_t i = 1 + writer_below(&w->state, 3); i; i--)
		w->failed |= json_array_append_new(list, json_string(sentence(w))) < 0;
	return list;
}

static void add(struct writer *w, json_t *object, const char *key, json_t *value)
{
	w->failed |= json_object_set_new(object, key, value) < 0;
}

/* What the wanted kinds need. */
static void add_needed(struct writer *w, json_t *persona, unsigned shape)
{
	uint64_t wanted = w->wanted;

	if (wanted & (G(RAW_CONTROL) | G(TRIPLE_QUOTES)))
		add(w, persona, "story", json_string(PICK(&w->state, lines)));
	if (wanted & (G(INNER_QUOTES) | G(TRIPLE_QUOTES) | WHOLE) || shape & SHAPE_SAYING)
		add(w, persona, "saying", json_string(PICK(&w->state, quoting)));
	if (wanted & G(LETTER_ESCAPE))
		add(w, persona, "habit", json_string(PICK(&w->state, paths)));
	if (wanted & G(LONE_SURROGATE))
		add(w, persona, "mood", json_string("tired \xEF\xBF\xBD but kind"));
	if (wanted & G(BARE_TEXT))
		add(w, persona, "detail", json_string(PICK(&w->state, bare_texts)));
	if (wanted & (G(PLUS_SIGN) | G(BARE_POINT)) || shape & SHAPE_SHARE)
		add(w, persona, "share", json_real((double)(1 + writer_below(&w->state, 12)) / 4));
	if (wanted & G(UNDERSCORES))
		add(w, persona, "steps", json_integer((json_int_t)(1000 + writer_below(&w->state, 90000))));
	if (wanted & (NUMBERS | G(PYTHON_LITERAL))) {
		add(w, persona, "manager", json_null());
		add(w, persona, "remote", json_boolean(writer_below(&w->state, 2)));
	}
}

static json_t *make_persona(struct writer *w, const char *name, unsigned shape)
{
	bool full = shape & SHAPE_FULL;
	json_t *persona = json_object(), *demographics;

	add(w, persona, "name", json_string(name));
	add(w, persona, "age", json_integer((json_int_t)(18 + writer_below(&w->state, 70))));
	add(w, persona, "occupation", json_string(PICK(&w->state, jobs)));
	if (full)
		add(w, persona, "background", json_string(sentence(w)));
	add(w, persona, "goals", make_list(w));
	if (full) {
		add(w, persona, "frustrations", make_list(w));
		add(w, persona, "quotes", make_list(w));
	}
	add_needed(w, persona, shape);
	if (full) {
		demographics = json_object();
		add(w, demographics, "country", json_string(writer_below(&w->state, 2) ? "Portugal" : "日本"));
		add(w, demographics, "household", json_string("two adults, one child"));
		add(w, persona, "demographics", demographics);
	}
	return persona;
}

/* One persona, a list of them, or a list in an envelope; siblings are a list. */
static json_t *make_document(struct writer *w)
{
	bool single = !(w->wanted & (SIBLINGS | G(MISSING_BRACE))) && !writer_below(&w->state, 3);
	bool envelope = !single && !(w->wanted & SIBLINGS) && !writer_below(&w->state, 4);
	size_t first = writer_below(&w->state, LEN(names)), count = single ? 1 : 1 + writer_below(&w->state, 4);
	unsigned shape = (unsigned)writer_below(&w->state, 8);
	json_t *list, *object;

	if (single)
		return make_persona(w, names[first], shape);
	if (w->wanted & (SIBLINGS | G(MISSING_BRACE)))
		count++;
	list = json_array();
	for (size_t i = 0; i < count; i++)
		w->failed |= json_array_append_new(list, make_persona(w, names[(first + i) % LEN(names)], shape)) < 0;
	if (!envelope)
		return list;
	object = json_object();
	add(w, object, "personas", list);
	return object;
}

/* A document that is undone as a whole is written soundly and then written again. */
static void put_again(struct writer *w, const char *text)
{
	const char *end = text + strlen(text);

	if (writer_hit(w, GENERATE_ENTITIES)) {
		for (; text < end; text++) {
			if (*text == '"')
				writer_put(w, "&quot;");
			else if (*text == '&')
				writer_put(w, "&amp;");
			else if (*text == '<')
				writer_put(w, "&lt;");
			else if (*text == '>')
				writer_put(w, "&gt;");
			else if (*text == '\'')
				writer_put(w, "&#39;");
			else
				writer_put_bytes(w, text, 1);
		}
		return;
	}
	if (!(w->wanted & (G(ONCE_ESCAPED) | G(DOUBLE_ENCODED)))) {
		writer_put(w, text);
		return;
	}
	w->done |= w->wanted & (G(ONCE_ESCAPED) | G(DOUBLE_ENCODED));
	writer_put(w, w->wanted & G(DOUBLE_ENCODED) ? "\"" : "");
	for (; text < end; text++) {
		if (*text == '"' || *text == '\\')
			writer_put(w, "\\");
		if (*text == '\n')
			writer_put(w, "\\n");
		else
			writer_put_bytes(w, text, 1);
	}
	writer_put(w, w->wanted & G(DOUBLE_ENCODED) ? "\"" : "");
}

/* Write one value as text of its own; a cut ends it. The caller frees. */
static char *written(struct writer *w, const json_t *value)
{
	struct persona_buf outer = w->out;
	char *text;

	persona_buf_init(&w->out, SIZE_MAX);
	writer_put_value(w, value);
	if (writer_hit(w, GENERATE_EXTRA_CLOSER))
		writer_put(w, writer_below(&w->state, 2) ? "}" : "]");
	text = persona_buf_take(&w->out);
	w->failed |= !text;
	if (text && w->cuts) {
		text[w->cut.offset] = '\0';
		w->done |= G(TRUNCATED);
	}
	w->out = outer;
	return text;
}

/* Every line of text behind a prefix. */
static void put_prefixed(struct writer *w, const char *prefix, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		writer_put(w, prefix);
		writer_put_bytes(w, text, len + (text[len] == '\n'));
		text += len + (text[len] == '\n');
	}
}

/* A wrapping that is always done when it is wanted. */
static bool is_wanted(struct writer *w, enum generate_kind kind)
{
	w->done |= w->wanted & GENERATE_BIT(kind);
	return w->wanted & GENERATE_BIT(kind);
}

static void put_held(struct writer *w, const char *text)
{
	static const char *const tags[] = { "output", "answer", "result", "json" };
	bool cut = w->done & G(TRUNCATED);
	const char *tag;

	if (is_wanted(w, GENERATE_FENCE_JSON)) {
		bool longer = !writer_below(&w->state, 4);

		writer_put(w, longer ? "````JSON\n" : "```json\n");
		put_again(w, text);
		writer_put(w, cut ? "" : longer ? "\n````" : "\n```");
	} else if (is_wanted(w, GENERATE_FENCE_UNTAGGED)) {
		writer_put(w, "```\n");
		put_again(w, text);
		writer_put(w, cut ? "" : "\n```");
	} else if (is_wanted(w, GENERATE_FENCE_TILDES)) {
		writer_put(w, "~~~json\n");
		put_again(w, text);
		writer_put(w, cut ? "" : "\n~~~");
	} else if (is_wanted(w, GENERATE_FENCE_INDENTED)) {
		writer_put(w, "1. As asked:\n\n   ```json\n");
		put_prefixed(w, "   ", text);
		writer_put(w, cut ? "" : "\n   ```\n");
	} else if (is_wanted(w, GENERATE_FENCE_QUOTED)) {
		writer_put(w, "> ```json\n");
		put_prefixed(w, "> ", text);
		writer_put(w, "\n> ```\n");
	} else if (is_wanted(w, GENERATE_TAG)) {
		tag = PICK(&w->state, tags);
		writer_put(w, "<");
		writer_put(w, tag);
		writer_put(w, ">\n");
		put_again(w, text);
		writer_put(w, cut ? "" : "\n</");
		writer_put(w, cut ? "" : tag);
		writer_put(w, cut ? "" : ">");
	} else {
		put_again(w, text);
	}
}

static void put_siblings(struct writer *w, const json_t *list)
{
	char number[24];
	json_t *value;
	char *text;
	size_t i;

	if (is_wanted(w, GENERATE_JSON_LINES))
		w->indent = 0;
	json_array_foreach(list, i, value) {
		text = written(w, value);
		if (!text)
			return;
		snprintf(number, sizeof number, "%zu", i + 1);
		if (is_wanted(w, GENERATE_NUMBERED_LIST)) {
			writer_put(w, number);
			writer_put(w, ". ");
		} else if (is_wanted(w, GENERATE_FENCE_EACH)) {
			writer_put(w, "### Persona ");
			writer_put(w, number);
			writer_put(w, "\n\n```json\n");
		}
		writer_put(w, text);
		writer_put(w, w->wanted & G(FENCE_EACH) ? "\n```\n\n" : "\n");
		free(text);
	}
}

static void put_before(struct writer *w)
{
	const char *thought = PICK(&w->state, thoughts);

	if (is_wanted(w, GENERATE_BYTE_ORDER_MARK))
		writer_put(w, "\xEF\xBB\xBF");
	if (is_wanted(w, GENERATE_THINK))
		writer_put(w, "<think>\n");
	else if (is_wanted(w, GENERATE_MAGISTRAL))
		writer_put(w, "[THINK]");
	else if (is_wanted(w, GENERATE_HARMONY))
		writer_put(w, "<|channel|>analysis<|message|>");
	w->done |= w->wanted & G(THINK_UNOPENED);
	if (w->wanted & REASONS)
		writer_put(w, thought);
	if (w->wanted & G(HARMONY))
		writer_put(w, "<|end|><|start|>assistant<|channel|>final<|message|>");
	else if (w->wanted & G(MAGISTRAL))
		writer_put(w, "[/THINK]");
	else if (w->wanted & REASONS)
		writer_put(w, "\n</think>\n\n");
	if (is_wanted(w, GENERATE_ECHO_BEFORE))
		writer_put(w, PICK(&w->state, echoes));
	if (is_wanted(w, GENERATE_SCHEMA_BEFORE)) {
		writer_put(w, "The schema:\n```json\n");
		writer_put(w, PICK(&w->state, schemas));
		writer_put(w, "\n```\n\n");
	}
	if (is_wanted(w, GENERATE_TEMPLATE_BEFORE)) {
		const char *fence = writer_below(&w->state, 2) ? "\n```\n" : "\n";

		writer_put(w, "I use this format:");
		writer_put(w, fence);
		writer_put(w, PICK(&w->state, templates));
		writer_put(w, fence);
		writer_put(w, "\n");
	}
	if (is_wanted(w, GENERATE_SCALARS_BESIDE)) {
		writer_put(w, PICK(&w->state, scalars));
		writer_put(w, "\n\n");
	}
	if (is_wanted(w, GENERATE_PROSE_BEFORE))
		writer_put(w, PICK(&w->state, prose_before));
}

static void put_behind(struct writer *w)
{
	if (is_wanted(w, GENERATE_PROSE_BEHIND))
		writer_put(w, PICK(&w->state, prose_behind));
	if ((w->wanted & G(SCALARS_BESIDE)) && writer_below(&w->state, 2)) {
		writer_put(w, "\n\n");
		writer_put(w, PICK(&w->state, scalars));
	}
	if (w->wanted & G(HARMONY) && !(w->done & G(TRUNCATED)))
		writer_put(w, "<|return|>");
	if (is_wanted(w, GENERATE_END_TOKEN))
		writer_put(w, writer_below(&w->state, 2) ? "<|eot_id|>"
							 : "<|im_end|>\n<|im_start|>user\nThanks! {\"stars\": 5}\n");
}

/* Up to three kinds of damage and up to three of wrapping that may stand together. */
static uint64_t pick_kinds(uint64_t *state)
{
	uint64_t wanted = 0, apart = 0;

	for (int round = 0; round < 2; round++) {
		size_t first = round ? GENERATE_PROSE_BEFORE : 0;
		size_t count = (round ? GENERATE_KINDS : GENERATE_PROSE_BEFORE) - first;

		size_t most = writer_below(state, 8) ? 1 + writer_below(state, 3) : 0;

		for (size_t left = most; left; left--) {
			size_t kind = first + writer_below(state, count);

			if (apart & GENERATE_BIT(kind) || kinds[kind].apart & wanted)
				continue;
			/* A repaired answer outside a json fence would lose against a valid echo. */
			if (kind == GENERATE_ECHO_BEFORE && wanted & DAMAGE && !(wanted & TAGGED))
				continue;
			wanted |= GENERATE_BIT(kind);
			apart |= kinds[kind].apart;
		}
	}
	return wanted;
}

/* Line ends as Windows has them. */
static void put_crlf(struct writer *w, const char *text)
{
	for (; *text; text++)
		writer_put(w, *text == '\n' ? "\r\n" : (char[]){ *text, '\0' });
}

int generate_case(uint64_t seed, uint64_t index, struct generated_case *out)
{
	struct writer w = { .state = seed };
	json_t *document;
	char *text = NULL;

	w.state = writer_draw(&w.state) ^ index * UINT64_C(0xd1342543de82ef95);
	*out = (struct generated_case){ 0 };
	persona_buf_init(&w.out, SIZE_MAX);
	w.wanted = pick_kinds(&w.state);
	document = make_document(&w);
	w.indent = writer_below(&w.state, 4) ? 2 : 0;
	put_before(&w);
	if (w.wanted & SIBLINGS) {
		put_siblings(&w, document);
	} else if (!w.failed) {
		text = written(&w, document);
		if (text)
			put_held(&w, text);
		free(text);
	}
	put_behind(&w);
	out->expected = w.done & G(TRUNCATED) ? writer_left(&w) : json_incref(document);
	text = persona_buf_take(&w.out);
	if (text && is_wanted(&w, GENERATE_CRLF)) {
		put_crlf(&w, text);
		free(text);
		text = persona_buf_take(&w.out);
	}
	json_decref(document);
	out->text = text;
	out->len = text ? strlen(text) : 0;
	out->kinds = w.done;
	persona_buf_release(&w.out);
	if (!w.failed && text && out->expected)
		return 0;
	generated_case_release(out);
	return -1;
}

void generated_case_release(struct generated_case *it)
{
	free(it->text);
	json_decref(it->expected);
	*it = (struct generated_case){ 0 };
}
