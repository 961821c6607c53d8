#include "helper.h"

#include "envelope.h"
#include "persona/text.h"

enum { NAME, FIRST, EACH_TYPE, EACH_TEXT, DEEP, WHOLE };

static const struct envelope_path paths[] = {
	{ NAME, { "name" } },
	{ FIRST, { "firsts", "0", "x" } },
	{ EACH_TYPE, { "list", "*", "type" } },
	{ EACH_TEXT, { "list", "*", "text" } },
	{ DEEP, { "a", "b", "c", "d", "e", "f", "g" } },
	{ WHOLE, { "whole" } },
};

static struct envelope envelope;

/* All events of a text: one letter each. Elements and repetitions name what they found. */
static void walk(char *out, size_t size, const char *bytes, size_t len)
{
	static const char letters[] = "eaESB";
	enum envelope_event event;
	size_t used = 0;
	char text[32];

	envelope_init(&envelope, paths, COUNT(paths), bytes, len);
	do {
		event = envelope_next(&envelope);
		out[used++] = letters[event];
		if (event == ENVELOPE_ELEMENT) {
			envelope_word(text, sizeof text, &envelope.values[EACH_TEXT]);
			used += (size_t)snprintf(out + used, size - used, "(%s)", text);
		}
		ck_assert_uint_lt(used, size - 64);
	} while (event < ENVELOPE_END);
	out[used] = '\0';
}

static const struct {
	const char *text, *events;
} walks[] = {
	{ "{}", "E" },
	{ "[]", "E" },
	{ " \n{ \"name\" : \"x\" } ", "E" },
	{ "\xEF\xBB\xBF{}", "E" },
	{ "\n\n: waiting\n: still\r\n{}", "E" },
	{ ": waiting", "S" },
	{ "", "S" },
	{ "   ", "S" },
	{ "null", "E" },
	{ "-12.5e+3", "E" },
	{ "nul", "S" },
	{ "nulL", "B" },
	{ "true x", "B" },
	{ "{\"a\":tru", "S" },
	{ "{\"a\":-", "S" },
	{ "{\"a\":-}", "B" },
	{ "{\"a\":+1}", "B" },
	{ "{\"a\"", "S" },
	{ "{\"a\" 1}", "B" },
	{ "{\"a\":}", "B" },
	{ "{\"a\":1,}", "B" },
	{ "{,}", "B" },
	{ "{1:2}", "B" },
	{ "{\"a\":1]", "B" },
	{ "[1,]", "B" },
	{ "[1 2]", "B" },
	{ "[1}", "B" },
	{ "[1,2", "S" },
	{ "{\"a\\\"", "S" },
	{ "\"a\\", "S" },
	{ "\"a\\\\\"", "E" },
	{ "{}{}", "B" },
	{ "{} \n", "E" },
	{ "]", "B" },
	{ "{\"list\":[{\"text\":\"1\"},{\"text\":\"2\",\"type\":\"t\"}]}", "e(1)e(2)E" },
	{ "{\"list\":[{\"text\":\"1\"},{}]}", "e(1)e()E" },
	{ "{\"list\":[{\"text\":\"1\",\"text\":\"2\"}]}", "ae(2)E" },
	{ "{\"list\":[[],7,\"text\",null,{\"text\":[]}]}", "e()e()E" },
	{ "{\"list\":{\"text\":\"no\"}}", "E" },
	{ "{\"list\":[{\"text\":\"1\"", "S" },
	{ "{\"name\":1,\"name\":2}", "aE" },
	{ "{\"name\":{\"name\":1},\"x\":{\"name\":1}}", "E" },
	{ "{\"n\\u0061me\":1,\"name\":2}", "aE" },
	{ "{\"name\\u0000\":1,\"name\":2}", "E" },
};

START_TEST(texts_give_their_events)
{
	size_t len = strlen(walks[_i].text);
	char events[256], *exact = malloc(len + 1);

	memcpy(exact, walks[_i].text, len);
	walk(events, sizeof events, exact, len);
	ck_assert_str_eq(events, walks[_i].events);
	free(exact);
}
END_TEST

START_TEST(values_are_found_where_they_stand)
{
	static const char text[] =
		"{\"firsts\":[{\"x\":1.0},{\"x\":2}],\"b\":{\"name\":\"no\"},\"name\":\"y\\\"es\","
		"\"a\":{\"b\":{\"c\":{\"d\":{\"e\":{\"f\":{\"g\":true}}}}}},\"whole\": [1, {\"}\":2}] }";
	char events[256];

	walk(events, sizeof events, text, sizeof text - 1);
	ck_assert_str_eq(events, "E");
	ck_assert_int_eq(envelope.values[FIRST].type, '0');
	ck_assert_int_eq(envelope_count(&envelope.values[FIRST], 9), 1);
	ck_assert_int_eq(envelope.values[NAME].type, '"');
	ck_assert_uint_eq(envelope.values[NAME].len, 5);
	ck_assert_int_eq(envelope.values[DEEP].type, 't');
	ck_assert_int_eq(envelope.values[WHOLE].type, '[');
	ck_assert_uint_eq(envelope.values[WHOLE].len, strlen("[1, {\"}\":2}]"));
	ck_assert_int_eq(strncmp(envelope.values[WHOLE].bytes, "[1, {\"}\":2}]", envelope.values[WHOLE].len), 0);
}
END_TEST

/* As deep as is allowed, and one deeper. */
START_TEST(nesting_has_an_end)
{
	for (size_t deep = ENVELOPE_DEPTH; deep <= ENVELOPE_DEPTH + 1; deep++) {
		char *text = malloc(2 * deep);
		char events[128];

		memset(text, '[', deep);
		memset(text + deep, ']', deep);
		walk(events, sizeof events, text, 2 * deep);
		ck_assert_str_eq(events, deep == ENVELOPE_DEPTH ? "E" : "B");
		free(text);
	}
}
END_TEST

static const struct {
	const char *escaped, *plain;
} texts[] = {
	{ "", "" },
	{ "plain", "plain" },
	{ "\\\"\\\\\\/\\n\\t", "\"\\/\n\t" },
	{ "\\b\\f\\u0001\\u0000x", "x" },
	{ "a\\r\\nb\\rc", "a\nb\nc" },
	{ "\\u00e9\\u20AC\\ud83d\\ude00", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80" },
	{ "\\ud83d", "\xEF\xBF\xBD" },
	{ "\\ude00x", "\xEF\xBF\xBDx" },
	{ "\\ud83d\\u0041", "\xEF\xBF\xBD"
			    "A" },
	{ "\\ud83d\\ud83d\\ude00", "\xEF\xBF\xBD\xF0\x9F\x98\x80" },
	{ "\\u12", "\xEF\xBF\xBD"
		   "12" },
	{ "\\uzzzz", "\xEF\xBF\xBDzzzz" },
	{ "\\q", "q" },
	{ "\xFF\xC3", "\xEF\xBF\xBD\xEF\xBF\xBD" },
	{ "\\u\\u\\u\\u\\u\\u", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD" },
	{ "\x7F\xC2\x85z", "z" },
};

START_TEST(escapes_are_resolved_and_text_is_clean)
{
	size_t len = strlen(texts[_i].escaped);
	char *exact = malloc(len + 1);
	struct envelope_value value = { '"', exact, len };
	struct persona_buf out;

	persona_buf_init(&out, 1000);
	memcpy(exact, texts[_i].escaped, len);
	ck_assert_int_eq(envelope_text(&out, &value, NULL), 0);
	ck_assert_str_eq(out.data, texts[_i].plain);
	ck_assert(persona_text_is_clean(out.data, out.len));
	persona_buf_release(&out);
	free(exact);
}
END_TEST

START_TEST(what_is_no_text_adds_nothing)
{
	struct envelope_value values[] = { { 0, NULL, 0 }, { '0', "1", 1 }, { '{', "{}", 2 }, { 'n', "null", 4 } };
	struct persona_buf out;
	char word[8];

	persona_buf_init(&out, 1000);
	for (size_t i = 0; i < COUNT(values); i++)
		ck_assert_int_eq(envelope_text(&out, &values[i], NULL), 0);
	ck_assert_uint_eq(out.len, 0);
	envelope_word(word, sizeof word, &values[1]);
	ck_assert_str_eq(word, "1");
	envelope_word(word, sizeof word, &values[2]);
	ck_assert_str_eq(word, "");
	persona_buf_release(&out);
}
END_TEST

START_TEST(words_are_cut_where_there_is_no_more_room)
{
	char text[4000], word[8], line[1024];
	struct envelope_value value = { '"', text, sizeof text };

	memset(text, 'x', sizeof text);
	envelope_word(word, sizeof word, &value);
	ck_assert_str_eq(word, "xxxxxxx");
	envelope_word(line, sizeof line, &value);
	ck_assert_uint_lt(strlen(line), sizeof line);
	for (size_t i = 0; i + 1 < sizeof text; i += 2)
		memcpy(text + i, "\\u", 2);
	envelope_word(line, sizeof line, &value);
	ck_assert_uint_lt(strlen(line), sizeof line);
}
END_TEST

static const struct {
	char type;
	const char *text;
	int64_t count;
} counts[] = {
	{ '0', "0", 0 },    { '0', "12", 12 },	 { '0', "12.0", 12 }, { '0', "12.", 12 },
	{ '"', "12", 12 },  { '0', "100", 100 }, { '0', "101", -1 },  { '0', "-1", -1 },
	{ '0', "1.5", -1 }, { '0', "1e1", -1 },	 { '"', "", -1 },     { '"', "x", -1 },
	{ '"', "1x", -1 },  { 't', "true", -1 }, { 0, "1", -1 },      { '0', "99999999999999999999999999", -1 },
};

START_TEST(counts_are_whole_and_bounded)
{
	struct envelope_value value = { counts[_i].type, counts[_i].text, strlen(counts[_i].text) };

	ck_assert_int_eq(envelope_count(&value, 100), counts[_i].count);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = suite_of("envelope", &tcase);

	tcase_add_loop_test(tcase, texts_give_their_events, 0, COUNT(walks));
	tcase_add_test(tcase, values_are_found_where_they_stand);
	tcase_add_test(tcase, nesting_has_an_end);
	tcase_add_loop_test(tcase, escapes_are_resolved_and_text_is_clean, 0, COUNT(texts));
	tcase_add_test(tcase, what_is_no_text_adds_nothing);
	tcase_add_test(tcase, words_are_cut_where_there_is_no_more_room);
	tcase_add_loop_test(tcase, counts_are_whole_and_bounded, 0, COUNT(counts));
	return run_suite(suite);
}
