/* Transcripts: who speaks, who only asks, and what cannot be told apart. */
#include "dump.h"
#include "suite.h"

#define TALK                                                                                                           \
	"MODERATOR: Welcome. What do you do all day?\n"                                                                \
	"ANNA: I bake.\n"                                                                                              \
	"And I sell.\n\n"                                                                                              \
	"BEN: I deliver.\n"                                                                                            \
	"MODERATOR: Mhm.\n"                                                                                            \
	"BEN: By bike.\n"                                                                                              \
	"MODERATOR: What is hard?\n"                                                                                   \
	"ANNA: Mornings.\n"

static const struct golden talks[] = {
	{ BYTES(TALK),
	  "#1 t.txt:2 <ANNA>\nWhat do you do all day?=I bake.|And I sell.\nWhat is hard?=Mornings.\n"
	  "#2 t.txt:5 <BEN>\nWhat do you do all day?=I deliver.|By bike.\n",
	  0, 0, 0 },
	/* times and bold labels; who asks is told by asking */
	{ BYTES("[00:00:01] **Kim:** What is that?\n[00:00:04] **P2:** A pen.\n[00:00:06] **Kim:** Why?\n"
		"[00:00:09] **P2:** To write.\n"),
	  "#1 t.txt:2 <P2>\nWhat is that?=A pen.\nWhy?=To write.\n", 0, 0, 0 },
	{ BYTES("Q: How old are you?\nA: 40.\nQ: And where?\nA: In Ulm.\n"),
	  "#1 t.txt:2 <A>\nHow old are you?=40.\nAnd where?=In Ulm.\n", 0, 0, 0 },
	/* run together without line ends, as copied out of a table */
	{ BYTES("Interviewer: What do you use?Participant: A pen. soInterviewer: Always?Participant: Mostly."),
	  "#1 t.txt:1 <Participant>\nWhat do you use?=A pen. so\nAlways?=Mostly.\n", 0, 0, 0 },
	/* nobody asks: all are respondents */
	{ BYTES("Ada: One.\nBob: Two.\nAda: Three.\nBob: Four.\n"),
	  "#1 t.txt:1 <Ada>\ntext=One.|Three.\n#2 t.txt:2 <Bob>\ntext=Two.|Four.\n", 0, 0, 0 },
	/* one label for all */
	{ BYTES("SPEAKER: One?\n\nSPEAKER: Two.\n\nSPEAKER: Three.\n\nSPEAKER: Four.\n"),
	  "#1 t.txt:1 <(all speakers)>\ntext=One?||Two.||Three.||Four.\n", 0, 0, 0 },
	/* no transcripts: words with a colon, addresses, times, a form that comes again */
	{ BYTES("Note: this.\nI said: that.\nSee http://x.org\n"),
	  "#1 t.txt:1\ntext=Note: this.|I said: that.|See http://x.org\n", 0, 0, 0 },
	{ BYTES("Name: A\nAge: 3\nJob: x\nName: B\nAge: 4\nJob: y\n"),
	  "#1 t.txt:1\ntext=Name: A|Age: 3|Job: x|Name: B|Age: 4|Job: y\n", 0, 0, 0 },
};

START_TEST(who_speaks)
{
	check_golden(&talks[_i], "t.txt", "text");
}
END_TEST

static void read_as(struct persona_source *out, const char *in, const char *format, enum persona_unit unit)
{
	struct persona_reading reading = { .format = format, .unit = unit };
	struct persona_error err = { 0 };

	ck_assert_msg(persona_source_parse_as(out, "t.txt", &reading, in, strlen(in), &err) == 0, "%s", err.text);
}

static void check_dump(struct persona_source *source, const char *wanted)
{
	char *got = dump(source);

	ck_assert_str_eq(got, wanted);
	free(got);
	persona_source_release(source);
}

START_TEST(units_as_told)
{
	struct persona_source source;

	read_as(&source, TALK, "text", PERSONA_UNIT_TURN);
	ck_assert_uint_eq(source.notes.len, 0);
	ck_assert_str_eq(source.media_type, "text/plain; unit=turn");
	check_dump(&source, "#1 t.txt:2 <ANNA>\nWhat do you do all day?=I bake.|And I sell.\n"
			    "#2 t.txt:5 <BEN>\nWhat do you do all day?=I deliver.\n"
			    "#3 t.txt:7 <BEN>\nWhat do you do all day?=By bike.\n"
			    "#4 t.txt:9 <ANNA>\nWhat is hard?=Mornings.\n");
	read_as(&source, "A B: one\nA B: two\n", "text", PERSONA_UNIT_FILE);
	check_dump(&source, "#1 t.txt:1\ntext=A B: one|A B: two\n");
	read_as(&source, "# Talk\n\nX: one\n\nX: two\n\nX: three\n\nX: four\n", "markdown", PERSONA_UNIT_AUTO);
	ck_assert_uint_eq(source.notes.len, 1);
	ck_assert_ptr_nonnull(strstr(source.notes.items[0], "all 4 turns have the label \"X\""));
	check_dump(&source, "#1 t.txt:3 <(all speakers)>\ntext=one||two||three||four\n");
}
END_TEST

START_TEST(says_who_asks)
{
	struct persona_source source;

	read_as(&source, TALK, "text", PERSONA_UNIT_AUTO);
	ck_assert_uint_eq(source.notes.len, 1);
	ck_assert_str_eq(source.notes.items[0], "3 turns of 1 moderator are questions, not answers");
	persona_source_release(&source);
}
END_TEST

/* Sections that share bold labels are respondents, not speakers. */
START_TEST(labels_of_sections)
{
	struct persona_source source;

	read_as(&source, "## A\n**Pain:** p\n**Aim:** q\n## B\n**Pain:** r\n**Aim:** s\n", "markdown",
		PERSONA_UNIT_AUTO);
	check_dump(&source, "#1 t.txt:1 <A>\nPain=p\nAim=q\n#2 t.txt:4 <B>\nPain=r\nAim=s\n");
	read_as(&source, "---\ntitle: X\n---\n# One\na\n# Two\nb\n", "markdown", PERSONA_UNIT_SECTION);
	check_dump(&source, "#1 t.txt:4 <One>\ntext=a\n#2 t.txt:6 <Two>\ntext=b\n");
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = suite_of("transcript", &tcase);

	tcase_add_loop_test(tcase, who_speaks, 0, sizeof talks / sizeof *talks);
	tcase_add_test(tcase, units_as_told);
	tcase_add_test(tcase, says_who_asks);
	tcase_add_test(tcase, labels_of_sections);
	return run_suite(suite);
}
