#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

#include "words.h"

#define PIECE 256 /* bytes that are gathered before they are added to the buffer */

/* What is being written: a space is due once something follows it. */
struct folder {
	struct persona_buf *out;
	bool drop_punctuation;
	bool begun;
	bool space_due;
	char piece[PIECE];
	size_t used;
};

static bool is_ascii_punctuation(unsigned char byte)
{
	return byte > 0x20 && byte < 0x7F && !(byte >= '0' && byte <= '9') && !(byte >= 'A' && byte <= 'Z') &&
	       !(byte >= 'a' && byte <= 'z');
}

static int flush(struct folder *folder, struct persona_error *err)
{
	size_t used = folder->used;

	folder->used = 0;
	return persona_buf_add(folder->out, folder->piece, used, err);
}

/* Something comes that is no white space; the piece has room for a byte. */
static void begin(struct folder *folder)
{
	if (folder->space_due && folder->begun)
		folder->piece[folder->used++] = ' ';
	folder->begun = true;
	folder->space_due = false;
}

/* Append bytes that hold no white space. */
static int emit(struct folder *folder, const char *bytes, size_t len, struct persona_error *err)
{
	if (!len)
		return 0;
	if (folder->used == PIECE && flush(folder, err) < 0)
		return -1;
	begin(folder);
	if (flush(folder, err) < 0)
		return -1;
	return persona_buf_add(folder->out, bytes, len, err);
}

/* A run of ASCII without white space, or a part of one, for which the piece has room. */
static void fold_few(struct folder *folder, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char byte = text[i], lower = (char)(byte | 0x20);

		if (lower >= 'a' && lower <= 'z')
			byte = lower;
		else if (folder->drop_punctuation && is_ascii_punctuation((unsigned char)byte))
			continue;
		if (folder->space_due || !folder->begun)
			begin(folder);
		folder->piece[folder->used++] = byte;
	}
}

/* A run of ASCII without white space. */
static int fold_ascii(struct folder *folder, const char *text, size_t len, struct persona_error *err)
{
	while (len) {
		size_t part = len < PIECE / 2 ? len : PIECE / 2;

		if (folder->used + part + 1 > PIECE && flush(folder, err) < 0)
			return -1;
		fold_few(folder, text, part);
		text += part;
		len -= part;
	}
	return 0;
}

/*
 * What a character becomes before case is folded: itself, ASCII for typographic quotes and dashes,
 * ' ' for white space, 0 for what nobody sees (soft hyphen, zero-width space, word joiner, byte order mark).
 */
static ucs4_t plainer(ucs4_t code)
{
	switch (code) {
	case 0x2018:
	case 0x2019:
	case 0x201A:
	case 0x201B:
	case 0x2032:
	case 0x2039:
	case 0x203A:
	case 0x02BC:
	case 0xFF07:
		return '\'';
	case 0x201C:
	case 0x201D:
	case 0x201E:
	case 0x201F:
	case 0x2033:
	case 0x00AB:
	case 0x00BB:
	case 0xFF02:
		return '"';
	case 0x2010:
	case 0x2011:
	case 0x2012:
	case 0x2013:
	case 0x2014:
	case 0x2015:
	case 0x2212:
	case 0xFE58:
	case 0xFE63:
	case 0xFF0D:
		return '-';
	case 0x00AD:
	case 0x200B:
	case 0x2060:
	case 0xFEFF:
		return 0;
	default:
		return uc_is_property_white_space(code) ? ' ' : code;
	}
}

/* Append one character to the plain form of a run. */
static int add_plain(struct folder *folder, struct persona_buf *plain, ucs4_t code, struct persona_error *err)
{
	uint8_t bytes[6];
	int len;

	/* The one character whose folding brings in an apostrophe. */
	if (code == 0x0149)
		return persona_buf_adds(plain, folder->drop_punctuation ? "n" : "'n", err);
	code = plainer(code);
	if (!code || (folder->drop_punctuation &&
		      uc_is_general_category_withtable(code, UC_CATEGORY_MASK_P | UC_CATEGORY_MASK_S)))
		return 0;
	len = u8_uctomb(bytes, code, sizeof bytes);
	return persona_buf_add(plain, bytes, len > 0 ? (size_t)len : 0, err);
}

/* Append what stands between the spaces that the plain form may hold. */
static int emit_pieces(struct folder *folder, const char *text, size_t len, struct persona_error *err)
{
	for (size_t i = 0; i < len;) {
		size_t start = i;

		while (i < len && text[i] != ' ')
			i++;
		if (emit(folder, text + start, i - start, err) < 0)
			return -1;
		if (i < len) {
			folder->space_due = true;
			i++;
		}
	}
	return 0;
}

/* A run with characters beyond ASCII. */
static int fold_unicode(struct folder *folder, const char *text, size_t len, struct persona_error *err)
{
	const uint8_t *bytes = (const uint8_t *)text;
	uint8_t fixed[512], *folded = NULL;
	size_t folded_len = sizeof fixed;
	struct persona_buf plain;
	int rc = -1;

	persona_buf_init(&plain, SIZE_MAX);
	for (size_t i = 0; i < len;) {
		ucs4_t code;
		int used = u8_mbtoucr(&code, bytes + i, len - i);

		i += used > 0 ? (size_t)used : 1;
		if (add_plain(folder, &plain, used > 0 ? code : 0xFFFD, err) < 0)
			goto out;
	}
	folded = u8_casefold((const uint8_t *)plain.data, plain.len, NULL, UNINORM_NFC, fixed, &folded_len);
	if (!folded) {
		(void)persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		goto out;
	}
	rc = emit_pieces(folder, (const char *)folded, folded_len, err);
out:
	if (folded != fixed)
		free(folded);
	persona_buf_release(&plain);
	return rc;
}

int persona_text_fold(struct persona_buf *out, const char *text, size_t len, unsigned flags, struct persona_error *err)
{
	struct folder folder;

	/* The piece is left as it is. */
	folder.out = out;
	folder.drop_punctuation = flags & PERSONA_FOLD_PUNCTUATION;
	folder.begun = folder.space_due = false;
	folder.used = 0;

	for (size_t i = 0; i < len;) {
		size_t start = i;
		bool ascii;
		int rc;

		if (is_ascii_space(text[i])) {
			folder.space_due = true;
			i++;
			continue;
		}
		i = run_end(text, i, len, &ascii);
		if (ascii)
			rc = fold_ascii(&folder, text + start, i - start, err);
		else
			rc = fold_unicode(&folder, text + start, i - start, err);
		if (rc < 0)
			return -1;
	}
	return flush(&folder, err);
}
