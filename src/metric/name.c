/*
 * How a name looks: one of a few faults, or none. Works on code points as far as it
 * must: which characters a name may hold besides letters, and which letters are capitals.
 */
#include "embedded_metric.h"
#include "internal.h"

/* A character of valid UTF-8 and how many bytes it takes. */
static uint32_t decode(const char *text, size_t *len)
{
	const unsigned char *byte = (const unsigned char *)text;

	*len = byte[0] < 0x80 ? 1 : byte[0] < 0xe0 ? 2 : byte[0] < 0xf0 ? 3 : 4;
	switch (*len) {
	case 1:
		return byte[0];
	case 2:
		return (byte[0] & 0x1fu) << 6 | (byte[1] & 0x3fu);
	case 3:
		return (byte[0] & 0x0fu) << 12 | (byte[1] & 0x3fu) << 6 | (byte[2] & 0x3fu);
	default:
		return (byte[0] & 0x07u) << 18 | (byte[1] & 0x3fu) << 12 | (byte[2] & 0x3fu) << 6 | (byte[3] & 0x3fu);
	}
}

struct range {
	uint32_t from, to;
};

static bool in_ranges(uint32_t point, const struct range *ranges, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (point >= ranges[i].from && point <= ranges[i].to)
			return true;
	return false;
}

/* Scripts in which a full name is written without a space. */
static bool is_unspaced(uint32_t point)
{
	static const struct range ranges[] = {
		{ 0x0e00, 0x0fff },   /* Thai, Lao, Tibetan */
		{ 0x1000, 0x109f },   /* Myanmar */
		{ 0x1100, 0x11ff },   /* Hangul letters */
		{ 0x1780, 0x17ff },   /* Khmer */
		{ 0x3005, 0x3007 },   /* Han iteration mark and zero */
		{ 0x3040, 0x30ff },   /* Hiragana, Katakana */
		{ 0x3400, 0x9fff },   /* Han */
		{ 0xac00, 0xd7af },   /* Hangul */
		{ 0xf900, 0xfaff },   /* Han, compatibility */
		{ 0xff66, 0xff9f },   /* Katakana, half width */
		{ 0x20000, 0x3ffff }, /* Han, supplementary planes */
	};

	return in_ranges(point, ranges, sizeof ranges / sizeof ranges[0]);
}

/* Digits of scripts besides ASCII that names are written in. */
static bool is_digit(uint32_t point)
{
	static const struct range ranges[] = {
		{ 0x660, 0x669 },   /* Arabic */
		{ 0x6f0, 0x6f9 },   /* Persian */
		{ 0x966, 0x96f },   /* Devanagari */
		{ 0xff10, 0xff19 }, /* full width */
	};

	return in_ranges(point, ranges, sizeof ranges / sizeof ranges[0]);
}

static bool is_space(uint32_t point)
{
	return point == ' ' || (point >= '\t' && point <= '\r') || point == 0xa0 || point == 0x3000 ||
	       (point >= 0x2000 && point <= 0x200a) || point == 0x202f;
}

/* What may stand in a name between letters: "O'Brien", "Jean-Luc", "Smith, Jr.", 'Robert "Bob" Lee'. */
static bool is_name_punctuation(uint32_t point)
{
	static const struct range ranges[] = {
		{ 0xb7, 0xb7 },	    /* middle dot */
		{ 0x200b, 0x200f }, /* joiners and direction marks */
		{ 0x2010, 0x2015 }, /* hyphens, dashes */
		{ 0x2018, 0x201f }, /* quotation marks */
		{ 0x2027, 0x2027 }, /* hyphenation point */
		{ 0x2e31, 0x2e31 }, /* word separator */
		{ 0x3001, 0x3002 }, /* ideographic comma, full stop */
		{ 0x30fb, 0x30fb }, /* katakana middle dot */
	};

	if (point < 0x80)
		return point && strchr("'`\"-.,()", (int)point);
	return in_ranges(point, ranges, sizeof ranges / sizeof ranges[0]);
}

/* Latin, Greek, Cyrillic, Armenian: where a name begins with a capital. */
static bool has_case(uint32_t point)
{
	return (point < 0x80 && (point | 0x20) >= 'a' && (point | 0x20) <= 'z') ||
	       (point >= 0xc0 && point < 0x590 && point != 0xd7 && point != 0xf7) ||
	       (point >= 0x1e00 && point < 0x2000);
}

/* Folding changes a capital, and the two small letters that have another small form. */
static int is_capital(const char *letter, size_t len, uint32_t point, struct persona_error *err)
{
	struct persona_buf folded;
	int capital;

	if (point < 0x80)
		return point >= 'A' && point <= 'Z';
	if (point == 0xdf || point == 0x3c2)
		return 0;
	persona_buf_init(&folded, 64);
	if (persona_text_fold(&folded, letter, len, 0, err) < 0) {
		persona_buf_release(&folded);
		return -1;
	}
	capital = folded.len != len || memcmp(folded.data, letter, len) != 0;
	persona_buf_release(&folded);
	return capital;
}

struct look {
	size_t tokens; /* runs between spaces that hold a letter */
	size_t capitals, smalls;
	size_t longest_run; /* of letters with case */
	bool symbols;
	bool unspaced;
};

/* Letters of one word; digits and '_' may stand in a word too. */
static int look_at_word(struct look *look, const char *word, size_t len, struct persona_error *err)
{
	size_t step, run = 0;

	for (size_t i = 0; i < len; i += step) {
		uint32_t point = decode(word + i, &step);
		int capital;

		if (is_digit(point) || (point < 0x80 && !has_case(point) && !is_name_punctuation(point)))
			look->symbols = true;
		look->unspaced |= is_unspaced(point);
		if (!has_case(point)) {
			run = 0;
			continue;
		}
		capital = is_capital(word + i, step, point, err);
		if (capital < 0)
			return -1;
		look->capitals += capital != 0;
		look->smalls += capital == 0;
		if (++run > look->longest_run)
			look->longest_run = run;
	}
	return 0;
}

/* What stands between two words: true when a space does. */
static bool look_at_gap(struct look *look, const char *gap, size_t len)
{
	bool space = false;
	size_t step;

	for (size_t i = 0; i < len; i += step) {
		uint32_t point = decode(gap + i, &step);

		if (is_space(point))
			space = true;
		else if (!is_name_punctuation(point) && !is_unspaced(point))
			look->symbols = true;
	}
	return space;
}

static int look_at(struct look *look, const char *name, struct persona_error *err)
{
	size_t len = strlen(name), count, end = 0;
	struct persona_word *words;
	int rc = -1;

	if (persona_text_words(&words, &count, name, len, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		bool space = look_at_gap(look, name + end, words[i].offset - end);

		look->tokens += space || i == 0;
		if (look_at_word(look, name + words[i].offset, words[i].len, err) < 0)
			goto out;
		end = words[i].offset + words[i].len;
	}
	look_at_gap(look, name + end, len - end);
	look->symbols |= count == 0;
	rc = 0;
out:
	free(words);
	return rc;
}

/*
 * "user", "User 12", "Persona B", "user12", "Test Person", "john doe", "john doe12": nothing but placeholders, numbers,
 * initials.
 */
static int is_placeholder_name(const char *name, struct persona_error *err)
{
	const struct metric_list names = { .bytes = embedded_placeholder_names_txt,
					   .len = embedded_placeholder_names_txt_len };
	struct metric_words words;
	size_t found = 0, at = 0;

	if (metric_words_of(&words, name, err) < 0)
		return -1;
	for (size_t i = 0; i < words.count; i++)
		metric_word_cut_number(&words, i);
	while (at < words.count) {
		size_t step = metric_list_match(&names, &words, at);

		found += step;
		if (!step && (words.items[at].len == 1 || metric_word_is_number(&words, at)))
			step = 1;
		if (!step)
			break;
		at += step;
	}
	if (at < words.count)
		found = 0;
	metric_words_release(&words);
	return found > 0;
}

int metric_look_at_name(enum metric_name_look *out, const char *name, struct persona_error *err)
{
	struct look look = { 0 };
	int placeholder;

	*out = METRIC_NAME_EMPTY;
	if (metric_is_blank(name))
		return 0;
	placeholder = is_placeholder_name(name, err);
	if (placeholder < 0 || look_at(&look, name, err) < 0)
		return -1;
	if (placeholder)
		*out = METRIC_NAME_PLACEHOLDER;
	else if (look.symbols)
		*out = METRIC_NAME_SYMBOLS;
	else if (look.tokens == 1 && !look.unspaced)
		*out = METRIC_NAME_SINGLE_WORD;
	else if (look.longest_run > 1 && (!look.capitals || !look.smalls))
		*out = METRIC_NAME_CASE;
	else
		*out = METRIC_NAME_FINE;
	return 0;
}
