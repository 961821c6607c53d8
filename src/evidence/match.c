#include "match.h"
#include "persona/text.h"

#define MARK_EVERY  512	 /* bytes between marks where white space allows */
#define MARK_FORCED 8192 /* bytes after which there is a mark without white space */
#define WINDOW	    64	 /* bytes around a place in which its word is looked for */
#define TINY	    8	 /* letters that make even a single word telling */

static bool is_space(char byte)
{
	return byte == ' ' || byte == '\n' || byte == '\t';
}

static bool is_alnum(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9');
}

static bool is_inside_character(const char *text, size_t len, size_t at)
{
	return at < len && ((unsigned char)text[at] & 0xC0) == 0x80;
}

size_t evidence_cut(const char *text, size_t len, size_t most)
{
	if (len <= most)
		return len;
	while (most && is_inside_character(text, len, most))
		most--;
	return most;
}

/* ---- Folding --------------------------------------------------------- */

/* Where the piece that starts at `start` ends: at white space, so that it folds as it would in the whole. */
static size_t piece_end(const char *text, size_t start, size_t len)
{
	size_t at = start + MARK_EVERY;

	while (at < len && !is_space(text[at]) && at - start < MARK_FORCED)
		at++;
	return at < len ? start + evidence_cut(text + start, len - start, at - start) : len;
}

int evidence_fold(struct evidence_folded *out, const char *text, size_t len, struct persona_error *err)
{
	size_t end;

	*out = (struct evidence_folded){ .raw = text, .raw_len = len };
	persona_buf_init(&out->text, SIZE_MAX);
	for (size_t start = 0; start < len; start = end) {
		size_t before = out->text.len;
		struct evidence_mark *mark;

		end = piece_end(text, start, len);
		if (persona_grow((void **)&out->marks, &out->marks_capacity, out->marks_len, sizeof *out->marks, err) <
		    0)
			return -1;
		if (before && is_space(text[start]) && persona_buf_addc(&out->text, ' ', err) < 0)
			return -1;
		mark = &out->marks[out->marks_len++];
		*mark = (struct evidence_mark){ .raw = start, .folded = out->text.len };
		if (persona_text_fold(&out->text, text + start, end - start, PERSONA_FOLD_PUNCTUATION, err) < 0)
			return -1;
		/* A piece of nothing but white space and punctuation leaves no space behind. */
		if (out->text.len == mark->folded && before != out->text.len) {
			out->text.len = before;
			out->text.data[before] = '\0';
			mark->folded = before;
		}
	}
	return 0;
}

void evidence_folded_release(struct evidence_folded *folded)
{
	persona_buf_release(&folded->text);
	free(folded->marks);
	folded->marks = NULL;
}

/* ---- Needles --------------------------------------------------------- */

static size_t count_letters(const char *text, size_t len)
{
	size_t letters = 0;

	for (size_t i = 0; i < len; i++)
		letters += text[i] != ' ' && !is_inside_character(text, len, i);
	return letters;
}

int evidence_needle_init(struct evidence_needle *out, const char *text, struct persona_error *err)
{
	long words = 0;

	*out = (struct evidence_needle){ .text = text };
	persona_buf_init(&out->folded, SIZE_MAX);
	out->len = persona_text_trim(&out->text, strlen(text));
	if (persona_text_fold(&out->folded, out->text, out->len, PERSONA_FOLD_PUNCTUATION, err) < 0)
		return -1;
	out->tiny = count_letters(out->folded.data, out->folded.len) < TINY;
	if (out->tiny)
		words = persona_text_word_count(out->text, out->len);
	if (words < 0)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	out->tiny = out->tiny && words < 2;
	return 0;
}

void evidence_needle_release(struct evidence_needle *needle)
{
	persona_buf_release(&needle->folded);
}

/* ---- Ends of words --------------------------------------------------- */

/* Does a word end or begin at that byte, or is there none? -1: memory ran out. */
static int is_word_end(const char *text, size_t len, size_t at, struct persona_error *err)
{
	size_t start = at > WINDOW ? at - WINDOW : 0;
	size_t end = len - at > WINDOW ? at + WINDOW : len;
	struct persona_word *words;
	size_t count;
	int rc = 1;

	if (!at || at == len || is_space(text[at - 1]) || is_space(text[at]))
		return 1;
	if (is_alnum(text[at - 1]) && is_alnum(text[at]))
		return 0;
	while (is_inside_character(text, len, start))
		start++;
	while (is_inside_character(text, len, end))
		end--;
	if (persona_text_words(&words, &count, text + start, end - start, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		size_t word = start + words[i].offset;

		if (word < at && at < word + words[i].len)
			rc = 0;
	}
	free(words);
	return rc;
}

static int is_words(const char *text, size_t len, size_t offset, size_t end, struct persona_error *err)
{
	int rc = is_word_end(text, len, offset, err);

	return rc > 0 ? is_word_end(text, len, end, err) : rc;
}

/* ---- Finding --------------------------------------------------------- */

int evidence_find_verbatim(struct evidence_match *out, const char *text, size_t len,
			   const struct evidence_needle *needle, struct persona_error *err)
{
	*out = (struct evidence_match){ .strength = PERSONA_STRENGTH_NONE };
	if (!needle->len)
		return 0;
	for (size_t at = 0; at < len; at++) {
		const char *found = memmem(text + at, len - at, needle->text, needle->len);
		int rc = 1;

		if (!found)
			break;
		at = (size_t)(found - text);
		if (needle->tiny)
			rc = is_words(text, len, at, at + needle->len, err);
		if (rc < 0)
			return -1;
		if (rc) {
			*out = (struct evidence_match){ PERSONA_STRENGTH_VERBATIM, at, needle->len };
			break;
		}
	}
	return 0;
}

/* The last mark at or before a byte of the folded text. */
static const struct evidence_mark *find_mark(const struct evidence_folded *hay, size_t folded)
{
	size_t low = 0, high = hay->marks_len;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (hay->marks[middle].folded <= folded)
			low = middle;
		else
			high = middle;
	}
	return &hay->marks[low];
}

/*
 * The raw byte that belongs to a byte of the folded text: the last one at which
 * at most that much has come out (a start, behind what was dropped), or the
 * first one at which all of it has (an end). How much comes out of a prefix
 * only grows with it, so halving finds the place.
 */
static int raw_offset(const struct evidence_folded *hay, size_t folded, bool is_end, size_t *out,
		      struct persona_error *err)
{
	/* A start may lie right on a mark; an end belongs to the piece before. */
	const struct evidence_mark *mark = find_mark(hay, is_end && folded ? folded - 1 : folded);
	size_t next = (size_t)(mark - hay->marks) + 1;
	size_t low = mark->raw, high = next < hay->marks_len ? hay->marks[next].raw : hay->raw_len;
	size_t wanted = folded - mark->folded;
	struct persona_buf prefix;
	int rc = 0;

	/* The space before a word comes out with the word. */
	if (!is_end && wanted && hay->text.data[folded - 1] == ' ')
		wanted--;
	persona_buf_init(&prefix, SIZE_MAX);
	while (!rc && high - low > 1) {
		size_t middle = low + (high - low) / 2;

		while (middle > low && is_inside_character(hay->raw, hay->raw_len, middle))
			middle--;
		if (middle == low) {
			middle = low + (high - low) / 2;
			while (middle < high && is_inside_character(hay->raw, hay->raw_len, middle))
				middle++;
			if (middle == high)
				break;
		}
		persona_buf_clear(&prefix);
		rc = persona_text_fold(&prefix, hay->raw + mark->raw, middle - mark->raw, PERSONA_FOLD_PUNCTUATION,
				       err);
		if (is_end ? prefix.len >= wanted : prefix.len > wanted)
			high = middle;
		else
			low = middle;
	}
	*out = is_end ? high : low;
	persona_buf_release(&prefix);
	return rc;
}

int evidence_find_close(struct evidence_match *out, const struct evidence_folded *hay,
			const struct evidence_needle *needle, struct persona_error *err)
{
	const char *text = hay->text.data;
	size_t len = hay->text.len, want = needle->folded.len;

	*out = (struct evidence_match){ .strength = PERSONA_STRENGTH_NONE };
	if (needle->tiny || !want)
		return 0;
	for (size_t at = 0; at < len; at++) {
		const char *found = memmem(text + at, len - at, needle->folded.data, want);
		size_t offset, end;
		int rc;

		if (!found)
			break;
		at = (size_t)(found - text);
		if (raw_offset(hay, at, false, &offset, err) < 0 || raw_offset(hay, at + want, true, &end, err) < 0)
			return -1;
		rc = offset < end ? is_words(hay->raw, hay->raw_len, offset, end, err) : 0;
		if (rc < 0)
			return -1;
		if (rc) {
			*out = (struct evidence_match){ PERSONA_STRENGTH_CLOSE, offset, end - offset };
			break;
		}
	}
	return 0;
}

int persona_evidence_find(const struct persona_record *record, const char *text, size_t *offset, size_t *len,
			  struct persona_error *err)
{
	size_t record_len = strlen(record->text);
	struct evidence_folded hay = { 0 };
	struct evidence_needle needle;
	struct evidence_match match = { 0 };
	int rc;

	rc = evidence_needle_init(&needle, text, err);
	if (!rc)
		rc = evidence_find_verbatim(&match, record->text, record_len, &needle, err);
	if (!rc && match.strength == PERSONA_STRENGTH_NONE && !needle.tiny) {
		rc = evidence_fold(&hay, record->text, record_len, err);
		if (!rc)
			rc = evidence_find_close(&match, &hay, &needle, err);
		evidence_folded_release(&hay);
	}
	evidence_needle_release(&needle);
	if (rc < 0)
		return -1;
	if (offset)
		*offset = match.offset;
	if (len)
		*len = match.len;
	return (int)match.strength;
}
