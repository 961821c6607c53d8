/* Cleaning, words, folding, stems: against known answers, and the fast ways against the slow ones. */
#include <check.h>
#include <unistr.h>
#include <uniwbrk.h>

#include "persona/text.h"
#include "words.h"

/* A small generator, so that each run tests the same texts. */
static uint64_t draw(uint64_t *state)
{
	++*state;
	return persona_mix64(17, state, sizeof *state);
}

/* ---- Cleaning -------------------------------------------------------- */

struct cleaning {
	const char *in;
	size_t len;
	const char *out;
	size_t out_len;
	size_t changed;
};

#define BYTES(text) (text), sizeof(text) - 1

static const struct cleaning cleanings[] = {
	{ BYTES(""), BYTES(""), 0 },
	{ BYTES("plain text"), BYTES("plain text"), 0 },
	{ BYTES("tab\tand\nline"), BYTES("tab\tand\nline"), 0 },
	{ BYTES("a\r\nb\rc\r\r\nd\r"), BYTES("a\nb\nc\n\nd\n"), 0 },
	{ BYTES("a\0b\x01\x1F\x7Fz"), BYTES("abz"), 4 },
	{ BYTES("esc\x1B[2Jape"), BYTES("esc[2Jape"), 1 },
	/* C1 controls are two bytes in UTF-8; U+00A0 is none of them. */
	{ BYTES("x\xC2\x80\xC2\x9Fy\xC2\xA0z"), BYTES("xy\xC2\xA0z"), 4 },
	{ BYTES("caf\xC3\xA9 \xF0\x9F\x98\x80"), BYTES("caf\xC3\xA9 \xF0\x9F\x98\x80"), 0 },
	/* Latin-1, a lone continuation, a sequence cut off by the end. */
	{ BYTES("caf\xE9!"), BYTES("caf\xEF\xBF\xBD!"), 1 },
	{ BYTES("\x80"), BYTES("\xEF\xBF\xBD"), 1 },
	{ BYTES("a\xF0\x9F\x98"), BYTES("a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"), 3 },
	/* Overlong '/', a surrogate, above U+10FFFF: each byte by itself. */
	{ BYTES("\xC0\xAF"), BYTES("\xEF\xBF\xBD\xEF\xBF\xBD"), 2 },
	{ BYTES("\xED\xA0\x80"), BYTES("\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"), 3 },
	{ BYTES("\xF4\x90\x80\x80"), BYTES("\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"), 4 },
	/* The replacement character itself is a character. */
	{ BYTES("\xEF\xBF\xBD"), BYTES("\xEF\xBF\xBD"), 0 },
};

START_TEST(clean_gives)
{
	const struct cleaning *it = &cleanings[_i];
	struct persona_error err = { 0 };
	struct persona_buf out;
	size_t changed = 99;

	persona_buf_init(&out, 1000);
	ck_assert_int_eq(persona_text_clean(&out, it->in, it->len, &changed, &err), 0);
	ck_assert_uint_eq(out.len, it->out_len);
	ck_assert_mem_eq(out.data, it->out, it->out_len);
	ck_assert_uint_eq(changed, it->changed);
	ck_assert(persona_text_is_clean(out.data, out.len));
	ck_assert_int_eq(persona_text_is_clean(it->in, it->len),
			 it->len == it->out_len && !memcmp(it->in, it->out, it->len));
	persona_buf_release(&out);
}
END_TEST

START_TEST(clean_of_random_bytes_is_clean_and_stays)
{
	uint64_t state = 1;

	for (int round = 0; round < 2000; round++) {
		struct persona_error err = { 0 };
		struct persona_buf once, twice;
		char bytes[64];
		size_t len = draw(&state) % sizeof bytes, changed = 99;

		for (size_t i = 0; i < len; i++)
			bytes[i] = (char)draw(&state);
		persona_buf_init(&once, 1000);
		persona_buf_init(&twice, 1000);
		ck_assert_int_eq(persona_text_clean(&once, bytes, len, NULL, &err), 0);
		ck_assert(persona_text_is_clean(once.data, once.len));
		ck_assert_ptr_null(u8_check((const uint8_t *)once.data, once.len));
		ck_assert_int_eq(persona_text_clean(&twice, once.data, once.len, &changed, &err), 0);
		ck_assert_uint_eq(changed, 0);
		ck_assert_uint_eq(twice.len, once.len);
		ck_assert_mem_eq(twice.data, once.data, once.len);
		persona_buf_release(&once);
		persona_buf_release(&twice);
	}
}
END_TEST

/* Text is looked at eight bytes at a time. */
START_TEST(clean_sees_each_byte_at_each_place)
{
	char text[20];

	for (size_t len = 1; len <= sizeof text; len++)
		for (size_t at = 0; at < len; at++) {
			int wrong = -1;

			for (int byte = 0; byte < 256; byte++) {
				bool plain = (byte >= 0x20 && byte < 0x7F) || byte == '\n' || byte == '\t';

				memset(text, byte % 2 ? ' ' : '~', len);
				text[at] = (char)byte;
				if (persona_text_is_clean(text, len) != plain)
					wrong = byte;
			}
			ck_assert_msg(wrong < 0, "byte %d at %zu of %zu", wrong, at, len);
		}
}
END_TEST

START_TEST(literal_ends_at_what_json_escapes)
{
	char text[20];

	for (size_t len = 0; len <= sizeof text; len++)
		for (size_t at = 0; at < len; at++) {
			int wrong = -1;

			for (int byte = 0; byte < 256; byte++) {
				bool escaped = byte < ' ' || byte == '"' || byte == '\\', high = false;
				size_t expected = escaped ? at : len;

				memset(text, byte % 2 ? ' ' : '~', len);
				text[at] = (char)byte;
				if (persona_text_literal(text, len, &high) != expected || high != (byte > 0x7F) ||
				    persona_text_literal(text, len, NULL) != expected)
					wrong = byte;
				/* Told of others before, it does not take that back. */
				high = true;
				if (persona_text_literal(text, at, &high) != at || !high)
					wrong = byte;
			}
			ck_assert_msg(wrong < 0, "byte %d at %zu of %zu", wrong, at, len);
		}
	ck_assert_uint_eq(persona_text_literal(text, 0, NULL), 0);
}
END_TEST

START_TEST(clean_keeps_to_the_ceiling)
{
	struct persona_error err = { 0 };
	struct persona_buf out;

	persona_buf_init(&out, 4);
	ck_assert_int_eq(persona_text_clean(&out, "abcd", 4, NULL, &err), 0);
	persona_buf_clear(&out);
	ck_assert_int_eq(persona_text_clean(&out, "abcde", 5, NULL, &err), -1);
	ck_assert_int_eq(err.code, PERSONA_E_FORMAT);
	persona_buf_clear(&out);
	/* Two invalid bytes are six bytes of replacements. */
	ck_assert_int_eq(persona_text_clean(&out, "\xFF\xFF", 2, NULL, &err), -1);
	persona_buf_clear(&out);
	ck_assert_int_eq(persona_text_clean(&out, "abc\r", 4, NULL, &err), 0);
	ck_assert_str_eq(out.data, "abc\n");
	persona_buf_release(&out);
}
END_TEST

START_TEST(trim_takes_unicode_space)
{
	static const char *const cases[][2] = {
		{ "", "" },
		{ " \t\n\r ", "" },
		{ "a", "a" },
		{ "  a b\n", "a b" },
		{ "\xC2\xA0\xE2\x80\xA8x\xE3\x80\x80", "x" },
		/* A letter that ends in the same byte as no-break space. */
		{ "\xC3\xA0", "\xC3\xA0" },
		/* Bytes that are no characters are no space. */
		{ "\xA0x\xA0", "\xA0x\xA0" },
		{ "\xC2", "\xC2" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *text = cases[i][0];
		size_t len = persona_text_trim(&text, strlen(text));

		ck_assert_uint_eq(len, strlen(cases[i][1]));
		ck_assert_mem_eq(text, cases[i][1], len);
	}
}
END_TEST

/* ---- Width ----------------------------------------------------------- */

START_TEST(width_counts_columns)
{
	ck_assert_uint_eq(persona_text_width("", 0), 0);
	ck_assert_uint_eq(persona_text_width("abc", 3), 3);
	ck_assert_uint_eq(persona_text_width("e\xCC\x81", 3), 1);
	ck_assert_uint_eq(persona_text_width("\xE6\xBC\xA2\xE5\xAD\x97", 6), 4);
	ck_assert_uint_eq(persona_text_width("\xF0\x9F\x98\x80", 4), 2);
	ck_assert_uint_eq(persona_text_width("\x01", 1), 0);
}
END_TEST

struct fitting {
	const char *text;
	size_t columns;
	size_t len;
};

static const struct fitting fittings[] = {
	{ "", 5, 0 },
	{ "abc", 0, 0 },
	{ "abc", 2, 2 },
	{ "abc", 3, 3 },
	{ "abc", 9, 3 },
	/* The accent stays with its letter. */
	{ "e\xCC\x81x", 1, 3 },
	{ "e\xCC\x81x", 0, 0 },
	/* A wide character fits in two columns, not in one. */
	{ "\xE6\xBC\xA2\xE5\xAD\x97", 1, 0 },
	{ "\xE6\xBC\xA2\xE5\xAD\x97", 2, 3 },
	{ "\xE6\xBC\xA2\xE5\xAD\x97", 3, 3 },
	{ "\xE6\xBC\xA2\xE5\xAD\x97", 4, 6 },
	/* Two flags: regional indicators stay in pairs. */
	{ "\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA\xF0\x9F\x87\xAB\xF0\x9F\x87\xB7", 2, 8 },
	/* A line end is not torn. */
	{ "\r\nx", 0, 2 },
};

START_TEST(fit_ends_between_graphemes)
{
	const struct fitting *it = &fittings[_i];

	ck_assert_uint_eq(persona_text_fit(it->text, strlen(it->text), it->columns), it->len);
}
END_TEST

START_TEST(fit_survives_piles_of_marks)
{
	char text[4001] = "a";

	for (size_t i = 1; i + 2 <= sizeof text; i += 2) {
		text[i] = (char)0xCC;
		text[i + 1] = (char)0x81;
	}
	/* No width, so all of it fits; and never half a character. */
	ck_assert_uint_eq(persona_text_fit(text, 4001, 1), 4001);
	ck_assert_uint_eq(persona_text_fit(text, 4001, 0), 0);
	text[4000] = (char)0xCC;
	ck_assert_uint_le(persona_text_fit(text, 4001, 1), 4001);
}
END_TEST

/* ---- Words ----------------------------------------------------------- */

struct wording {
	const char *text;
	const char *words; /* with '|' after each */
};

static const struct wording wordings[] = {
	{ "", "" },
	{ " \n\t", "" },
	{ "... --- !?", "" },
	{ "One two", "One|two|" },
	{ "I don't, you can't.", "I|don't|you|can't|" },
	{ "don\xE2\x80\x99t stop", "don\xE2\x80\x99t|stop|" },
	{ "'quoted' \"too\"", "quoted|too|" },
	{ "3.5 of 1,000 is 35%", "3.5|of|1,000|is|35|" },
	{ "well-being e.g. this", "well|being|e.g|this|" },
	{ "snake_case _ __x", "snake_case|__x|" },
	{ "a.b.c. 1.a", "a.b.c|1|a|" },
	{ "x'", "x|" },
	{ "covid19 R2D2", "covid19|R2D2|" },
	{ "na\xC3\xAFve caf\xC3\xA9s", "na\xC3\xAFve|caf\xC3\xA9s|" },
	{ "\xE6\xBC\xA2\xE5\xAD\x97", "\xE6\xBC\xA2|\xE5\xAD\x97|" },
	{ "\xE3\x82\xAB\xE3\x82\xBF", "\xE3\x82\xAB\xE3\x82\xBF|" },
	{ "\xD1\x81\xD0\xBB\xD0\xBE\xD0\xB2\xD0\xBE, ok", "\xD1\x81\xD0\xBB\xD0\xBE\xD0\xB2\xD0\xBE|ok|" },
	{ "smile \xF0\x9F\x98\x80 more", "smile|more|" },
	/* Bytes that are not UTF-8 part words. */
	{ "ab\xFF"
	  "cd \xC3",
	  "ab|cd|" },
};

START_TEST(words_of)
{
	const struct wording *it = &wordings[_i];
	struct persona_error err = { 0 };
	struct persona_word *words;
	struct persona_buf joined;
	size_t count;

	persona_buf_init(&joined, 1000);
	ck_assert_int_eq(persona_text_words(&words, &count, it->text, strlen(it->text), &err), 0);
	for (size_t i = 0; i < count; i++) {
		ck_assert_int_eq(persona_buf_add(&joined, it->text + words[i].offset, words[i].len, &err), 0);
		ck_assert_int_eq(persona_buf_addc(&joined, '|', &err), 0);
	}
	ck_assert_str_eq(joined.data, it->words);
	ck_assert_int_eq(persona_text_word_count(it->text, strlen(it->text)), (long)count);
	if (!count)
		ck_assert_ptr_null(words);
	free(words);
	persona_buf_release(&joined);
}
END_TEST

static bool counts(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((text[i] >= '0' && text[i] <= '9') || ((text[i] | 32) >= 'a' && (text[i] | 32) <= 'z'))
			return true;
	return false;
}

/* Words of ASCII by the library over the whole text must be what our walk finds. */
START_TEST(words_of_ascii_agree_with_the_rules)
{
	static const char alphabet[] = "ab1Z9_.,:;'\"- \n\t()x/0";
	uint64_t state = 5;

	for (int round = 0; round < 5000; round++) {
		char text[40], breaks[40];
		size_t len = 1 + draw(&state) % (sizeof text - 1), at = 0;
		struct persona_word word;
		struct word_walk walk;

		for (size_t i = 0; i < len; i++)
			text[i] = alphabet[draw(&state) % (sizeof alphabet - 1)];
		u8_wordbreaks((const uint8_t *)text, len, breaks);
		word_walk_init(&walk, text, len);
		while (at < len) {
			size_t start = at++;

			while (at < len && !breaks[at])
				at++;
			if (!counts(text + start, at - start))
				continue;
			ck_assert_int_eq(word_walk_next(&walk, &word), 1);
			ck_assert_msg(word.offset == start && word.len == at - start, "in \"%.*s\" at %zu", (int)len,
				      text, start);
		}
		ck_assert_int_eq(word_walk_next(&walk, &word), 0);
		word_walk_release(&walk);
	}
}
END_TEST

START_TEST(words_of_a_long_run_without_space)
{
	struct persona_error err = { 0 };
	struct persona_word *words;
	enum { CHARACTERS = 3000 };
	char *text = malloc(CHARACTERS * 3);
	size_t count;

	for (size_t i = 0; i < CHARACTERS; i++)
		memcpy(text + 3 * i, "\xE6\xBC\xA2", 3);
	ck_assert_int_eq(persona_text_words(&words, &count, text, CHARACTERS * 3, &err), 0);
	ck_assert_uint_eq(count, CHARACTERS);
	ck_assert_uint_eq(words[CHARACTERS - 1].offset, 3 * (CHARACTERS - 1));
	free(words);
	free(text);
}
END_TEST

/* ---- Folding --------------------------------------------------------- */

struct folding {
	const char *in, *out, *bare;
};

static const struct folding foldings[] = {
	{ "", "", "" },
	{ "  \t\n ", "", "" },
	{ "Hello,   World!\n", "hello, world!", "hello world" },
	{ "Stra\xC3\x9F"
	  "E",
	  "strasse", "strasse" },
	{ "\xC3\x89T\xC3\x89", "\xC3\xA9t\xC3\xA9", "\xC3\xA9t\xC3\xA9" },
	/* Decomposed becomes composed. */
	{ "Cafe\xCC\x81", "caf\xC3\xA9", "caf\xC3\xA9" },
	{ "don\xE2\x80\x99t \xE2\x80\x9CSay\xE2\x80\x9D", "don't \"say\"", "dont say" },
	{ "30\xE2\x80\x93"
	  "35 \xE2\x80\x94 years",
	  "30-35 - years", "3035 years" },
	{ "a\xC2\xA0\xC2\xA0 b\xE2\x80\xA8"
	  "c\xC2\xA0",
	  "a b c", "a b c" },
	{ "co\xC2\xADop zero\xE2\x80\x8Bwidth\xEF\xBB\xBF", "coop zerowidth", "coop zerowidth" },
	{ "\xC2\xA0lead", "lead", "lead" },
	{ "5 \xE2\x82\xAC + 3 = $8", "5 \xE2\x82\xAC + 3 = $8", "5 3 8" },
	{ "\xCE\xA3\xCE\xA3", "\xCF\x83\xCF\x83", "\xCF\x83\xCF\x83" },
	{ "\xC5\x89"
	  "a",
	  "'na", "na" },
	{ "bad\xFF"
	  "byte",
	  "bad\xEF\xBF\xBD"
	  "byte",
	  "badbyte" },
	{ "!?", "!?", "" },
	{ "a ... b", "a ... b", "a b" },
};

START_TEST(fold_gives)
{
	const struct folding *it = &foldings[_i];
	struct persona_error err = { 0 };
	struct persona_buf out;

	persona_buf_init(&out, 1000);
	ck_assert_int_eq(persona_text_fold(&out, it->in, strlen(it->in), 0, &err), 0);
	ck_assert_str_eq(out.data, it->out);
	persona_buf_clear(&out);
	ck_assert_int_eq(persona_text_fold(&out, it->in, strlen(it->in), PERSONA_FOLD_PUNCTUATION, &err), 0);
	ck_assert_str_eq(out.data, it->bare);
	/* It appends, and spaces are its own affair only. */
	persona_buf_clear(&out);
	ck_assert_int_eq(persona_buf_adds(&out, "x ", &err), 0);
	ck_assert_int_eq(persona_text_fold(&out, it->in, strlen(it->in), 0, &err), 0);
	ck_assert_int_eq(strncmp(out.data, "x ", 2), 0);
	ck_assert_str_eq(out.data + 2, it->out);
	persona_buf_release(&out);
}
END_TEST

START_TEST(fold_twice_is_fold_once)
{
	/* Characters that fold, compose, vanish or become something else, each with odds to stand together. */
	static const uint32_t codes[] = { 'A',	  'z',	  ' ',	  '\n',	  '\'',	  '-',	  '.',	   0xA0,   0xAD,
					  0xC9,	  0xDF,	  0x130,  0x149,  0x1F0,  0x2BC,  0x301,   0x308,  0x327,
					  0x345,  0x37E,  0x390,  0x3A3,  0x3C2,  0x1E9E, 0x1FB3,  0x1FEF, 0x2000,
					  0x2019, 0x2014, 0x201C, 0x200B, 0x2060, 0x2126, 0x212A,  0x1100, 0x1161,
					  0x11A8, 0xAC00, 0xFB01, 0xFB13, 0xFEFF, 0xFF07, 0x10400, 0x1F600 };
	uint64_t state = 9;

	for (int round = 0; round < 6000; round++) {
		struct persona_error err = { 0 };
		struct persona_buf once, twice;
		size_t len = 0, count = 1 + draw(&state) % 12;
		unsigned flags = round % 2 ? PERSONA_FOLD_PUNCTUATION : 0;
		uint8_t text[64];

		for (size_t i = 0; i < count; i++)
			len += (size_t)u8_uctomb(text + len, codes[draw(&state) % (sizeof codes / sizeof *codes)],
						 (ptrdiff_t)(sizeof text - len));
		persona_buf_init(&once, 1000);
		persona_buf_init(&twice, 1000);
		ck_assert_int_eq(persona_text_fold(&once, (char *)text, len, flags, &err), 0);
		ck_assert_int_eq(persona_text_fold(&twice, once.data, once.len, flags, &err), 0);
		ck_assert_msg(!strcmp(once.data, twice.data), "\"%.*s\": \"%s\", then \"%s\"", (int)len, text,
			      once.data, twice.data);
		persona_buf_release(&once);
		persona_buf_release(&twice);
	}
}
END_TEST

/* Whatever is gathered before it is written. */
START_TEST(fold_of_many_words_is_that_of_each)
{
	static const char letters[] = "aZ9.\xC3\x89";
	uint64_t state = 4;

	for (int round = 0; round < 300; round++) {
		struct persona_error err = { 0 };
		struct persona_buf text, out, expected;
		bool drop = round % 2;

		persona_buf_init(&text, 100000);
		persona_buf_init(&out, 100000);
		persona_buf_init(&expected, 100000);
		for (size_t words = 1 + draw(&state) % 12; words; words--) {
			size_t kind = draw(&state) % 5, len = 1 + draw(&state) % (round % 3 ? 20 : 400);
			const char *folded = (const char *[]){ "a", "z", "9", drop ? "" : ".", "\xC3\xA9" }[kind];

			if (text.len)
				ck_assert_int_eq(persona_buf_adds(&text, words % 2 ? "\n " : " ", &err), 0);
			if (expected.len && *folded)
				ck_assert_int_eq(persona_buf_addc(&expected, ' ', &err), 0);
			for (; len; len--)
				if (persona_buf_add(&text, letters + kind, kind == 4 ? 2 : 1, &err) < 0 ||
				    persona_buf_adds(&expected, folded, &err) < 0)
					ck_abort_msg("%s", err.text);
		}
		ck_assert_int_eq(
			persona_text_fold(&out, text.data, text.len, drop ? PERSONA_FOLD_PUNCTUATION : 0, &err), 0);
		ck_assert_uint_eq(out.len, expected.len);
		if (out.len)
			ck_assert_str_eq(out.data, expected.data);
		persona_buf_release(&text);
		persona_buf_release(&out);
		persona_buf_release(&expected);
	}
}
END_TEST

START_TEST(fold_of_long_runs_and_ceiling)
{
	struct persona_error err = { 0 };
	struct persona_buf out;
	char text[1000];

	memset(text, 'Q', sizeof text);
	persona_buf_init(&out, 1000);
	ck_assert_int_eq(persona_text_fold(&out, text, sizeof text, 0, &err), 0);
	ck_assert_uint_eq(out.len, 1000);
	ck_assert_uint_eq(strspn(out.data, "q"), 1000);
	ck_assert_int_eq(persona_text_fold(&out, "X", 1, 0, &err), -1);
	ck_assert_int_eq(err.code, PERSONA_E_FORMAT);
	/* Beyond what fits on the stack, and beyond ASCII. */
	persona_buf_clear(&out);
	for (size_t i = 0; i < sizeof text; i += 2)
		memcpy(text + i, "\xC3\x84", 2);
	ck_assert_int_eq(persona_text_fold(&out, text, sizeof text, 0, &err), 0);
	ck_assert_uint_eq(out.len, 1000);
	ck_assert_mem_eq(out.data + 998, "\xC3\xA4", 2);
	persona_buf_release(&out);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("text");
	TCase *t = tcase_create("clean");

	tcase_add_loop_test(t, clean_gives, 0, sizeof cleanings / sizeof *cleanings);
	tcase_add_test(t, clean_of_random_bytes_is_clean_and_stays);
	tcase_add_test(t, clean_sees_each_byte_at_each_place);
	tcase_add_test(t, literal_ends_at_what_json_escapes);
	tcase_add_test(t, clean_keeps_to_the_ceiling);
	tcase_add_test(t, trim_takes_unicode_space);
	suite_add_tcase(s, t);
	t = tcase_create("width");
	tcase_add_test(t, width_counts_columns);
	tcase_add_loop_test(t, fit_ends_between_graphemes, 0, sizeof fittings / sizeof *fittings);
	tcase_add_test(t, fit_survives_piles_of_marks);
	suite_add_tcase(s, t);
	t = tcase_create("words");
	tcase_add_loop_test(t, words_of, 0, sizeof wordings / sizeof *wordings);
	tcase_add_test(t, words_of_ascii_agree_with_the_rules);
	tcase_add_test(t, words_of_a_long_run_without_space);
	suite_add_tcase(s, t);
	t = tcase_create("fold");
	tcase_add_loop_test(t, fold_gives, 0, sizeof foldings / sizeof *foldings);
	tcase_add_test(t, fold_twice_is_fold_once);
	tcase_add_test(t, fold_of_many_words_is_that_of_each);
	tcase_add_test(t, fold_of_long_runs_and_ceiling);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	SRunner *runner = srunner_create(suite());
	int failed;

	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
