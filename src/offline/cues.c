/* cues.c - lists of cues: reading them, finding them in folded text. */
#include "internal.h"

int folded_of(struct folded *out, const char *text, size_t len, struct persona_error *err)
{
	*out = (struct folded){ 0 };
	persona_buf_init(&out->text, SIZE_MAX / 2);
	if (persona_text_fold(&out->text, text, len, 0, err) < 0 ||
	    persona_text_words(&out->words, &out->len, out->text.data, out->text.len, err) < 0) {
		folded_release(out);
		return -1;
	}
	return 0;
}

void folded_release(struct folded *folded)
{
	free(folded->words);
	persona_buf_release(&folded->text);
	*folded = (struct folded){ 0 };
}

static int cue_parse(struct cue *cue, const char *text, size_t len, struct persona_error *err)
{
	struct folded folded;
	int rc = -1;

	if (folded_of(&folded, text, len, err) < 0)
		return -1;
	for (size_t i = 0; i < folded.len; i++) {
		const struct persona_word *word = &folded.words[i];
		struct cue_word *to = &cue->words[cue->len];

		if (cue->len == CUE_WORDS || word->len >= sizeof to->text) {
			persona_error_set(err, PERSONA_E_FORMAT, "cue too long: %.*s", (int)len, text);
			goto out;
		}
		memcpy(to->text, folded.text.data + word->offset, word->len);
		to->len = word->len;
		to->prefix = folded.text.data[word->offset + word->len] == '*';
		cue->len++;
	}
	if (!cue->len) {
		persona_error_set(err, PERSONA_E_FORMAT, "cue without words: %.*s", (int)len, text);
		goto out;
	}
	rc = 0;
out:
	folded_release(&folded);
	return rc;
}

static int class_parse(struct cue *cue, const char *const *classes, const char *name, size_t len,
		       struct persona_error *err)
{
	cue->weight = 1;
	if (len && name[len - 1] == '+') {
		cue->weight = 2;
		len--;
	} else if (len && name[len - 1] == '-') {
		cue->weight = .5;
		len--;
	}
	for (int i = 0; classes[i]; i++)
		if (strlen(classes[i]) == len && memcmp(classes[i], name, len) == 0) {
			cue->class_ = i;
			return 0;
		}
	return persona_error_set(err, PERSONA_E_FORMAT, "unknown class of cues: %.*s", (int)len, name);
}

static int compare_cues(const void *a, const void *b)
{
	const struct cue *x = a, *y = b;
	int order = (unsigned char)x->words[0].text[0] - (unsigned char)y->words[0].text[0];

	if (!order && x->len != y->len)
		order = x->len > y->len ? -1 : 1;
	for (size_t i = 0; !order && i < x->len; i++)
		order = strcmp(x->words[i].text, y->words[i].text);
	return order ? order : x->class_ - y->class_;
}

static void cues_index(struct cues *cues)
{
	size_t at = 0;

	if (cues->len)
		qsort(cues->items, cues->len, sizeof *cues->items, compare_cues);
	for (size_t byte = 0; byte <= 256; byte++) {
		while (at < cues->len && (unsigned char)cues->items[at].words[0].text[0] < byte)
			at++;
		cues->first[byte] = (uint32_t)at;
	}
	cues->first[256] = (uint32_t)cues->len;
}

int cues_load(struct cues *cues, const char *const *classes, const char *data, size_t len, struct persona_error *err)
{
	const char *end = data + len;

	*cues = (struct cues){ 0 };
	while (data < end) {
		const char *eol = memchr(data, '\n', (size_t)(end - data));
		const char *tab = memchr(data, '\t', (size_t)((eol ? eol : end) - data));
		struct cue cue = { 0 };

		if (!eol)
			eol = end;
		if (tab && *data != '#') {
			if (class_parse(&cue, classes, data, (size_t)(tab - data), err) < 0 ||
			    cue_parse(&cue, tab + 1, (size_t)(eol - tab - 1), err) < 0 ||
			    persona_grow((void **)&cues->items, &cues->capacity, cues->len, sizeof cue, err) < 0) {
				cues_release(cues);
				return -1;
			}
			cues->items[cues->len++] = cue;
		}
		data = eol + 1;
	}
	cues_index(cues);
	return 0;
}

void cues_release(struct cues *cues)
{
	free(cues->items);
	*cues = (struct cues){ 0 };
}

static bool cue_matches(const struct cue *cue, const struct folded *folded, size_t at)
{
	if (cue->len > folded->len - at)
		return false;
	for (size_t i = 0; i < cue->len; i++) {
		const struct cue_word *want = &cue->words[i];
		const struct persona_word *word = &folded->words[at + i];

		if (word->len < want->len || (!want->prefix && word->len != want->len) ||
		    memcmp(folded->text.data + word->offset, want->text, want->len) != 0)
			return false;
	}
	return true;
}

const struct cue *cues_at(const struct cues *cues, const struct folded *folded, size_t at)
{
	unsigned char byte = (unsigned char)folded->text.data[folded->words[at].offset];

	/* Longer cues stand before shorter ones. */
	for (uint32_t i = cues->first[byte]; i < cues->first[byte + 1]; i++)
		if (cue_matches(&cues->items[i], folded, at))
			return &cues->items[i];
	return NULL;
}
