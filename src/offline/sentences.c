/*
 * sentences.c - open answers cut into sentences, each with its place in the record's bytes.
 */
#include <ctype.h>
#include <strings.h>

#include "internal.h"

#define SPEAKER_MAX	   30
#define SENTENCE_MAX	   1000 /* bytes: longer ones are lists or pasted text */
#define SENTENCES_PER_CELL 400
#define LANGUAGE_SAMPLE	   400 /* sentences by which the language is told */
#define STOP_SHARE	   .22 /* share of words on the stop list from which a text is English */

/* ---- Cutting --------------------------------------------------------- */

/* The full stop at `at` belongs to an abbreviation, an initial or a number. */
static bool is_abbreviation(const char *text, size_t from, size_t at)
{
	static const char *const known[] = { "e.g", "i.e",    "etc", "vs", "dr",   "mr",   "mrs",  "ms", "prof",
					     "inc", "approx", "esp", "no", "fig",  "st",   "incl", "cf", "ex",
					     "eg",  "ie",     "al",  "ca", "resp", "dept", "jr",   "sr" };
	size_t start = at;

	while (start > from && !is_space(text[start - 1]) && text[start - 1] != '(')
		start--;
	if (at - start == 1 && isalpha((unsigned char)text[start]))
		return text[start] != 'I';
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strlen(known[i]) == at - start && strncasecmp(text + start, known[i], at - start) == 0)
			return true;
	return false;
}

/* The length of a list mark such as "2. ", "3) " or "- " at `at`, or 0. */
static size_t list_mark(const char *text, size_t len, size_t at)
{
	size_t i = at;

	if (i + 1 < len && (text[i] == '-' || text[i] == '*' || text[i] == '+') && is_space(text[i + 1]))
		return 2;
	if (i + 3 < len && memcmp(text + i, "\xe2\x80\xa2", 3) == 0)
		return 3;
	while (i < len && i - at < 2 && isdigit((unsigned char)text[i]))
		i++;
	if (i == at || i + 1 >= len || (text[i] != '.' && text[i] != ')') || !is_space(text[i + 1]))
		return 0;
	return i + 1 - at;
}

/* The length of a label such as "Weaknesses:" at `at`, or 0. */
static size_t label_mark(const char *text, size_t len, size_t at)
{
	static const char *const labels[] = { "strengths", "strength", "weaknesses", "weakness",
					      "pros",	   "pro",      "cons",	     "con" };

	for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
		size_t n = strlen(labels[i]);
		size_t end = at + n;

		if (len - at < n || (text[at] | 0x20) != *labels[i] || strncasecmp(text + at, labels[i], n) != 0)
			continue;
		while (end < len && text[end] == ' ')
			end++;
		if (end < len && (text[end] == ':' || text[end] == '='))
			return end + 1 - at;
	}
	return 0;
}

/* The length of a speaker's label in capitals such as "PARTICIPANT 2:" at `at`, or 0. */
static size_t speaker_mark(const char *text, size_t len, size_t at)
{
	size_t i = at;

	while (i < len && i - at < SPEAKER_MAX &&
	       (isupper((unsigned char)text[i]) || isdigit((unsigned char)text[i]) || text[i] == ' '))
		i++;
	return i - at >= 2 && i < len && text[i] == ':' && isupper((unsigned char)text[at]) ? i + 1 - at : 0;
}

/* Does a sentence end before `at`? */
static bool is_cut(const char *text, size_t len, size_t from, size_t at)
{
	size_t last = at, next = at;

	if (at > from && text[at - 1] == '\n') {
		while (next < len && is_space(text[next]))
			next++;
		/* A line that goes on in lower case was only wrapped. */
		return next == len || !islower((unsigned char)text[next]) || memchr(text + at, '\n', next - at);
	}
	if (at > from && !is_space(text[at - 1]))
		return false;
	if (isdigit((unsigned char)text[at]) && list_mark(text, len, at))
		return true;
	if (label_mark(text, len, at))
		return true;
	while (last > from && (is_space(text[last - 1]) || text[last - 1] == '"' || text[last - 1] == ')'))
		last--;
	if (last == from || !strchr(".!?", text[last - 1]))
		return false;
	if (text[last - 1] == '.' && is_abbreviation(text, from, last - 1))
		return false;
	return !islower((unsigned char)text[at]);
}

bool sentence_next(const char *text, size_t len, size_t *at, size_t *from, size_t *to)
{
	size_t i = *at, mark;

	while (i < len && (is_space(text[i]) || text[i] == ','))
		i++;
	while (i < len && ((mark = list_mark(text, len, i)) || (mark = label_mark(text, len, i)) ||
			   (mark = speaker_mark(text, len, i))))
		for (i += mark; i < len && is_space(text[i]); i++)
			;
	if (i >= len)
		return false;
	*from = i;
	for (i++; i < len && !is_cut(text, len, *from, i); i++)
		;
	*to = *at = i;
	while (*to > *from && (is_space(text[*to - 1]) || (i < len && (text[*to - 1] == ',' || text[*to - 1] == ';'))))
		(*to)--;
	return true;
}

/* ---- Plain text ------------------------------------------------------ */

/* The end of a bracket that opens at `at`, or 0. */
static size_t bracket_end(const char *text, size_t len, size_t at)
{
	char close = text[at] == '[' ? ']' : ')';
	int depth = 0;

	for (size_t i = at; i < len && i - at < 2000; i++) {
		if (text[i] == text[at])
			depth++;
		if (text[i] == close && --depth == 0)
			return i + 1;
	}
	return 0;
}

static size_t address_end(const char *text, size_t len, size_t at)
{
	size_t i = at;

	if (len - at < 8 || (memcmp(text + at, "http://", 7) != 0 && memcmp(text + at, "https://", 8) != 0))
		return 0;
	while (i < len && !is_space(text[i]) && text[i] != ')' && text[i] != '>')
		i++;
	return i;
}

static bool is_markup(char byte)
{
	return byte == '*' || byte == '`' || byte == '#' || byte == '\\';
}

int plain_text(struct persona_buf *out, const char *text, size_t len, struct persona_error *err)
{
	for (size_t i = 0; i < len; i++) {
		size_t end;

		if ((text[i] == '(' || text[i] == '[') && i && text[i - 1] == ']' && (end = bracket_end(text, len, i)))
			i = end - 1;
		else if ((end = address_end(text, len, i)))
			i = end - 1;
		else if (text[i] == '[' || text[i] == ']' || is_markup(text[i]))
			continue;
		else if (persona_buf_addc(out, text[i] == '\n' ? ' ' : text[i], err) < 0)
			return -1;
	}
	return 0;
}

/* ---- Learning -------------------------------------------------------- */

static bool is_open(const struct column *column)
{
	if (column->topic != TOPIC_NONE)
		return false;
	return column->kind == COLUMN_TEXT || column->kind == COLUMN_LABEL;
}

/* "Weaknesses:" in front of a sentence says what it is, where the question asks for both. */
static void apply_label(struct sentence *sentence, const char *text, size_t before, size_t from)
{
	static const struct {
		const char *word;
		enum item_class class_;
	} labels[] = { { "strength", CLASS_MOTIVATION },
		       { "weakness", CLASS_FRUSTRATION },
		       { "pro", CLASS_MOTIVATION },
		       { "con", CLASS_FRUSTRATION } };

	for (; before < from; before++)
		for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
			if (strncasecmp(text + before, labels[i].word, strlen(labels[i].word)) == 0 &&
			    label_mark(text, from, before))
				sentence->score[labels[i].class_] += 1.6F;
}

static bool is_balanced(const char *text, size_t len)
{
	int round = 0, square = 0, quotes = 0;

	for (size_t i = 0; i < len; i++) {
		round += (text[i] == '(') - (text[i] == ')');
		square += (text[i] == '[') - (text[i] == ']');
		quotes += text[i] == '"';
	}
	return !round && !square && quotes % 2 == 0;
}

static bool has_links(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (is_markup(text[i]) || text[i] == '<' ||
		    (text[i] == ']' && i + 1 < len && (text[i + 1] == '(' || text[i + 1] == '[')))
			return true;
	return false;
}

/* Sentences of a piece of the units. */
struct said {
	struct sentence *items;
	size_t len, capacity;
};

static int sentence_add(struct said *said, const struct model *model, struct sentence *sentence, size_t ordinal,
			struct persona_error *err)
{
	const char *text = model_bytes(model, sentence->unit, sentence->offset);
	struct persona_buf plain;
	struct folded folded = { 0 };
	float labels[CLASSES];
	int rc = -1;

	persona_buf_init(&plain, SIZE_MAX / 2);
	if (plain_text(&plain, text, sentence->len, err) < 0 || folded_of(&folded, plain.data, plain.len, err) < 0)
		goto out;
	if (!folded.len) {
		rc = 0;
		goto out;
	}
	memcpy(labels, sentence->score, sizeof labels);
	sentence_classify(model, sentence, ordinal, &folded);
	for (int c = 0; c < CLASSES; c++)
		sentence->score[c] += labels[c];
	sentence->identity = persona_mix64(1, folded.text.data, folded.text.len);
	sentence->links = has_links(text, sentence->len);
	sentence->private_ = sounds_private(text, sentence->len);
	/* A question was put to somebody else. */
	sentence->dependent |= !is_balanced(text, sentence->len) || text[sentence->len - 1] == '?';
	if (persona_grow((void **)&said->items, &said->capacity, said->len, sizeof *said->items, err) < 0)
		goto out;
	said->items[said->len++] = *sentence;
	rc = 0;
out:
	folded_release(&folded);
	persona_buf_release(&plain);
	return rc;
}

static int cell_sentences(struct said *said, const struct model *model, uint32_t unit, size_t column,
			  struct persona_error *err)
{
	size_t offset = 0, at = 0, from, to, before = 0;
	size_t len = unit_answer(model, column, unit, &offset);
	const char *text = len ? model_bytes(model, unit, offset) : "";

	for (size_t count = 0; count < SENTENCES_PER_CELL && sentence_next(text, len, &at, &from, &to); count++) {
		struct sentence sentence = {
			.unit = unit, .column = (uint32_t)column, .offset = offset + from, .len = to - from
		};
		/* A reference list at the end of a Markdown file is not speech. */
		bool reference = text[from] == '[' && memmem(text + from, to - from, "]: ", 3);

		if (to - from <= SENTENCE_MAX && !reference) {
			sentence.dependent = from > 0 && islower((unsigned char)text[from]);
			apply_label(&sentence, text, before, from);
			if (sentence_add(said, model, &sentence, count, err) < 0)
				return -1;
		}
		before = to;
	}
	return 0;
}

/* Is the text English? By its share of stop words; too little text counts as English. */
static int language_learn(struct model *model, struct persona_error *err)
{
	size_t words = 0, stops = 0, sampled = 0;

	for (size_t c = 0; c < model->columns_len; c++)
		for (size_t i = 0;
		     is_open(&model->columns[c]) && i < model->columns[c].len && sampled < LANGUAGE_SAMPLE; i++) {
			const struct cell *cell = &model->columns[c].cells[i];
			struct folded folded;

			if (model->columns[c].kind != COLUMN_TEXT)
				continue;
			if (folded_of(&folded, model_bytes(model, cell->unit, cell->offset),
				      cell->len < 5000 ? cell->len : 5000, err) < 0)
				return -1;
			words += folded.len;
			for (size_t w = 0; w < folded.len; w++)
				stops += persona_language_is_stop(model->language,
								  folded.text.data + folded.words[w].offset,
								  folded.words[w].len);
			folded_release(&folded);
			sampled++;
		}
	model->english = words < 60 || (double)stops >= STOP_SHARE * (double)words;
	if (model->english)
		return 0;
	persona_language_free(model->language);
	model->language = NULL;
	return persona_language_new(&model->language, "unknown", err);
}

struct hearing {
	struct model *model;
	struct said *said; /* by piece */
};

static int hear_piece(void *payload, size_t piece, size_t thread, struct persona_error *err)
{
	const struct hearing *hearing = payload;
	struct model *model = hearing->model;
	struct said *said = &hearing->said[piece];

	(void)thread;
	for (size_t u = piece_from(piece); u < piece_to(model, piece); u++) {
		model->sentences_from[u] = said->len; /* of the piece, until all are joined */
		for (size_t c = 0; c < model->columns_len; c++)
			if (is_open(&model->columns[c]) && cell_sentences(said, model, (uint32_t)u, c, err) < 0)
				return -1;
	}
	return 0;
}

static int said_join(struct hearing *hearing, struct persona_error *err)
{
	struct model *model = hearing->model;
	size_t len = 0;

	for (size_t p = 0; p < model_pieces(model); p++)
		len += hearing->said[p].len;
	model->sentences = calloc(len + 1, sizeof *model->sentences);
	if (!model->sentences)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	for (size_t p = 0; p < model_pieces(model); p++) {
		struct said *said = &hearing->said[p];

		for (size_t u = piece_from(p); u < piece_to(model, p); u++)
			model->sentences_from[u] += model->sentences_len;
		if (said->len)
			memcpy(model->sentences + model->sentences_len, said->items, said->len * sizeof *said->items);
		model->sentences_len += said->len;
		free(said->items);
		*said = (struct said){ 0 };
	}
	model->sentences_from[model->len] = model->sentences_len;
	return 0;
}

int sentences_learn(struct model *model, struct persona_error *err)
{
	struct hearing hearing = { .model = model };
	size_t pieces = model_pieces(model);
	int rc = -1;

	hearing.said = calloc(pieces, sizeof *hearing.said);
	model->sentences_from = calloc(model->len + 1, sizeof *model->sentences_from);
	if (!hearing.said || !model->sentences_from) {
		persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		goto out;
	}
	if (language_learn(model, err) == 0 &&
	    persona_pieces(persona_threads(model->threads, pieces), pieces, hear_piece, &hearing, err) == 0)
		rc = said_join(&hearing, err);
out:
	for (size_t p = 0; hearing.said && p < pieces; p++)
		free(hearing.said[p].items);
	free(hearing.said);
	return rc;
}
