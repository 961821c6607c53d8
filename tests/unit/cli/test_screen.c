/* Lines of progress of several programs at the bottom of a terminal: here a small one, that obeys what is written to it. */
#include <check.h>
#include <string.h>

#include "screen.h"
#include "suite.h"

#define ROWS	40
#define COLUMNS 60

static struct screen screen;
static char terminal[ROWS][COLUMNS + 1];
static size_t row, column, most_rows;

static void setup(void)
{
	screen_init(&screen, 3);
	screen.columns = COLUMNS;
	screen.rows = ROWS;
	memset(terminal, 0, sizeof terminal);
	row = column = most_rows = 0;
}

static void teardown(void)
{
	screen_release(&screen);
}

/* "\033[" is behind us: a number and a letter. */
static size_t obey(const char *text)
{
	size_t digits = strspn(text, "0123456789");
	size_t number = digits ? (size_t)strtoul(text, NULL, 10) : 1;

	switch (text[digits]) {
	case 'A':
		ck_assert_uint_le(number, row);
		row -= number;
		break;
	case 'J':
		memset(terminal[row] + column, 0, sizeof terminal[row] - column);
		memset(terminal[row + 1], 0, (ROWS - row - 1) * sizeof terminal[row]);
		break;
	default:
		ck_abort_msg("the terminal does not know '%s'", text);
	}
	return digits + 1;
}

/* The terminal gets what is in screen.out. */
static void show(void)
{
	screen_draw(&screen);
	for (const char *text = screen.out.data; *text; text++) {
		if (*text == '\r') {
			column = 0;
		} else if (*text == '\n') {
			row++;
			column = 0;
			ck_assert_uint_lt(row, ROWS);
		} else if (text[0] == '\033' && text[1] == '[') {
			text += 1 + obey(text + 2);
		} else {
			ck_assert_uint_lt(column, COLUMNS);
			terminal[row][column++] = *text;
		}
		if (row > most_rows)
			most_rows = row;
	}
	persona_buf_clear(&screen.out);
}

static void feed(size_t source, const char *text)
{
	screen_feed(&screen, source, text, strlen(text));
	show();
}

/* What is on the terminal, lines separated by '|'. */
static void assert_shown(const char *expected)
{
	char found[ROWS * COLUMNS] = "";
	size_t used = 0;

	for (size_t i = 0; i <= most_rows; i++)
		if (terminal[i][0])
			used += (size_t)snprintf(found + used, sizeof found - used, "%s%s", used ? "|" : "",
						 terminal[i]);
	ck_assert_str_eq(found, expected);
}

START_TEST(each_has_a_line_of_its_own_in_their_order)
{
	feed(1, "\rscore 1\033[K");
	assert_shown("score 1");
	feed(0, "\rdraft 10 of 20\033[K");
	assert_shown("draft 10 of 20|score 1");
	feed(2, "\rfilter 0\033[K");
	feed(1, "\rscore 2\033[K");
	assert_shown("draft 10 of 20|score 2|filter 0");
	/* A shorter one leaves nothing of the longer. */
	feed(0, "\rd\033[K");
	assert_shown("d|score 2|filter 0");
	feed(1, "\r\033[K");
	assert_shown("d|filter 0");
}
END_TEST

START_TEST(messages_go_above_and_stay)
{
	feed(0, "\rdraft 1\033[K");
	feed(1, "\rscore 1\033[K");
	feed(0, "persona-draft: one\n");
	assert_shown("persona-draft: one|draft 1|score 1");
	feed(1, "\r\033[Kpersona-score: two\npersona-score: three\n");
	assert_shown("persona-draft: one|persona-score: two|persona-score: three|draft 1");
	screen_end(&screen, 0);
	show();
	assert_shown("persona-draft: one|persona-score: two|persona-score: three");
	feed(2, "persona-filter: four\n");
	assert_shown("persona-draft: one|persona-score: two|persona-score: three|persona-filter: four");
}
END_TEST

/* However it is cut: a pipe gives what is there. */
START_TEST(pieces_are_put_together)
{
	static const char text[] = "\rdraft 1\033[K\r\033[Kpersona-draft: a\n\rdraft 2\033[Kpersona-draft: b\n";

	for (const char *at = text; *at; at++) {
		screen_feed(&screen, 0, at, 1);
		show();
	}
	assert_shown("persona-draft: a|persona-draft: b|draft 2");
}
END_TEST

START_TEST(two_that_speak_at_once_do_not_mix)
{
	feed(0, "persona-draft: be");
	feed(1, "persona-score: a whole line\n");
	feed(0, "gun and ended\n");
	assert_shown("persona-score: a whole line|persona-draft: begun and ended");
}
END_TEST

START_TEST(what_was_begun_is_said_at_the_end)
{
	feed(0, "\rdraft 1\033[K");
	feed(0, "Segmentation fau");
	assert_shown("draft 1");
	screen_end(&screen, 0);
	show();
	feed(1, "next\n");
	assert_shown("Segmentation fau|next");
}
END_TEST

START_TEST(lines_are_cut_to_the_terminal)
{
	screen.columns = 10;
	feed(0, "\r123456789012345\033[K");
	assert_shown("123456789");
	/* Wide characters take two. */
	feed(0, "\r\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\033[K");
	assert_shown("\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2");
	/* So are those that are longer than anything that is kept. */
	screen.columns = COLUMNS;
	screen_feed(&screen, 1, "\r", 1);
	for (int i = 0; i < 1000; i++)
		screen_feed(&screen, 1, "x", 1);
	feed(1, "\033[K");
	ck_assert_uint_eq(strlen(screen.sources[1].line), SCREEN_LINE_SIZE - 1);
	ck_assert_uint_eq(strlen(terminal[1]), COLUMNS - 1);
}
END_TEST

START_TEST(no_more_lines_than_the_terminal_can_take_back)
{
	screen.rows = 3;
	feed(0, "\rone\033[K");
	feed(1, "\rtwo\033[K");
	feed(2, "\rthree\033[K");
	assert_shown("one|two");
	feed(1, "\r\033[K");
	assert_shown("one|three");
}
END_TEST

START_TEST(the_same_line_again_writes_nothing)
{
	feed(0, "\rdraft 1\033[K");
	screen_feed(&screen, 0, "\rdraft 1\033[K", 11);
	screen_draw(&screen);
	ck_assert_uint_eq(screen.out.len, 0);
}
END_TEST

START_TEST(a_message_without_an_end_is_not_kept_for_ever)
{
	char block[4096];

	memset(block, 'x', sizeof block);
	for (int i = 0; i < 40; i++) {
		screen_feed(&screen, 0, block, sizeof block);
		ck_assert_uint_lt(screen.sources[0].pending.len, 65536);
	}
	ck_assert_uint_ge(screen.out.len, 2 * 65536);
	/* Nor is a line of progress. */
	persona_buf_clear(&screen.out);
	screen_feed(&screen, 1, "\r", 1);
	for (int i = 0; i < 40; i++)
		screen_feed(&screen, 1, block, sizeof block);
	ck_assert_uint_lt(screen.sources[1].pending.len, 65536);
}
END_TEST

START_TEST(after_a_stop_it_is_drawn_anew_below)
{
	feed(0, "\rdraft 1\033[K");
	/* The shell has written a line, and we go on. */
	row = 2;
	column = 0;
	screen.drawn = 0;
	feed(0, "\rdraft 2\033[K");
	assert_shown("draft 1|draft 2");
}
END_TEST

int main(void)
{
	TCase *one;
	Suite *suite = suite_of("screen", &one);

	tcase_add_checked_fixture(one, setup, teardown);
	tcase_add_test(one, each_has_a_line_of_its_own_in_their_order);
	tcase_add_test(one, messages_go_above_and_stay);
	tcase_add_test(one, pieces_are_put_together);
	tcase_add_test(one, two_that_speak_at_once_do_not_mix);
	tcase_add_test(one, what_was_begun_is_said_at_the_end);
	tcase_add_test(one, lines_are_cut_to_the_terminal);
	tcase_add_test(one, no_more_lines_than_the_terminal_can_take_back);
	tcase_add_test(one, the_same_line_again_writes_nothing);
	tcase_add_test(one, a_message_without_an_end_is_not_kept_for_ever);
	tcase_add_test(one, after_a_stop_it_is_drawn_anew_below);
	return run_suite(suite);
}
