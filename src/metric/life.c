/*
 * Age and stage of life: 100 less 20 for each of
 *
 *   age-goal        a goal of somebody up to 25 that speaks of the end of a working life (data/late-goals), or of somebody
 *                   from 55 on that speaks of its beginning (data/early-goals)
 *   age-experience  more years of experience than the age allows: over age - 14
 *   age-birth-year  a year of birth that does not fit the age, in the year in which the persona was written or in one of
 *                   the ten before (data may be older than what is made of them)
 *   age-stage       retired at 25 or younger
 *   student-retired a student and retired at once
 *   age-occupation  a trade before 14, or after 100
 *
 * A range of ages counts by both ends: it must lie wholly on one side. What the persona says of others ("her retired mother")
 * is told apart by the word that follows, as far as the lists go.
 */
#include "consistency.h"

#define DEDUCTION     20.0
#define YOUNG	      25
#define OLD	      55
#define FIRST_WORK    14
#define LAST_WORK     100
#define DATA_YEARS    10
#define YEARS_MAX     99
#define BIRTH_FIRST   1850
#define BIRTH_LAST    2150
#define AFTER_YEARS   4 /* words between "years" and "experience" */
#define BEFORE_NUMBER 6 /* words between "worked" and the number */
#define TEXT_MAX      (16 * 1024)

struct life {
	const struct consistency *consistency;
	bool aged;
	int64_t youngest, oldest;
	bool student, retired;	       /* by occupation or demographics */
	bool was_student, was_retired; /* by the background besides */
	double value;
};

static int deduct(struct life *life, const char *code, const char *field, long position, struct persona_error *err,
		  const char *message)
{
	life->value -= DEDUCTION;
	return persona_finding_issue(life->consistency->finding, code, field, position, err, "%s", message);
}

/* ---- Goals ---------------------------------------------------------------- */

static bool speaks_of(const struct metric_list *cues, const struct metric_list *exceptions,
		      const struct metric_words *words)
{
	for (size_t i = 0; i < words->count; i++)
		if (metric_list_match(cues, words, i) && !metric_list_match(exceptions, words, i))
			return true;
	return false;
}

static int judge_goals(struct life *life, struct persona_error *err)
{
	const struct persona_profile *profile = life->consistency->profile;
	const struct metric_list late = metric_english(profile, METRIC_late_goals),
				 early = metric_english(profile, METRIC_early_goals),
				 exceptions = metric_english(profile, METRIC_goal_exceptions);
	bool young = life->oldest <= YOUNG, old = life->youngest >= OLD;
	char message[128];

	if (!young && !old)
		return 0;
	for (size_t i = 0; i < life->consistency->subject->persona->lists[PERSONA_GOALS].len; i++) {
		if (!speaks_of(young ? &late : &early, &exceptions, &life->consistency->items[PERSONA_GOALS][i].words))
			continue;
		snprintf(message, sizeof message, "goal %zu is one of %s: change it or the age (%d)", i + 1,
			 young ? "the end of a working life" : "the beginning of a working life",
			 (int)(young ? life->oldest : life->youngest));
		if (deduct(life, "age-goal", "goals", (long)i, err, message) < 0)
			return -1;
	}
	return 0;
}

/* ---- Numbers ------------------------------------------------------------------ */

/* A number of at most four digits, or one that data/numbers has ("30 thirty"); -1: none. */
static long number_at(const struct persona_profile *profile, const struct metric_words *words, size_t at)
{
	const struct metric_list numbers = metric_english(profile, METRIC_numbers);
	const char *text = words->folded.data + words->items[at].offset, *entry;
	size_t len = words->items[at].len, line = 0, entry_len;
	long value = 0;

	if (metric_word_is_number(words, at)) {
		for (size_t i = 0; i < len && len <= 4; i++)
			value = value * 10 + (text[i] - '0');
		return len <= 4 ? value : -1;
	}
	if (!metric_list_may_have(&numbers, text, len))
		return -1;
	while ((entry = metric_list_next(&numbers, &line, &entry_len))) {
		const char *blank = memchr(entry, ' ', entry_len);

		if (blank && entry_len - (size_t)(blank - entry) - 1 == len && memcmp(blank + 1, text, len) == 0)
			return strtol(entry, NULL, 10);
	}
	return -1;
}

static bool any_between(const struct metric_list *list, const struct metric_words *words, size_t from, size_t to)
{
	for (size_t i = from; i < to && i < words->count; i++)
		if (metric_list_match(list, words, i))
			return true;
	return false;
}

/* Years of work that the words at a number speak of ("30 years of experience"); -1: none. */
static long experience_at(const struct persona_profile *profile, const struct metric_words *words, size_t at)
{
	const struct metric_list units = metric_english(profile, METRIC_year_words),
				 work = metric_english(profile, METRIC_work_words),
				 as = metric_english(profile, METRIC_work_as);
	long years = number_at(profile, words, at);

	if (years < 0 || years > YEARS_MAX || at + 1 >= words->count || !metric_list_match(&units, words, at + 1))
		return -1;
	if (any_between(&work, words, at + 2, at + 2 + AFTER_YEARS) ||
	    any_between(&work, words, at < BEFORE_NUMBER ? 0 : at - BEFORE_NUMBER, at) ||
	    (at + 2 < words->count && metric_list_match(&as, words, at + 2)))
		return years;
	return -1;
}

static int judge_experience(struct life *life, const char *field, long position, long years, struct persona_error *err)
{
	char message[128];

	if (years < 0 || !life->aged || years <= life->oldest - FIRST_WORK)
		return 0;
	snprintf(message, sizeof message, "%ld years of experience at the age of %d: change one of the two", years,
		 (int)life->oldest);
	return deduct(life, "age-experience", field, position, err, message);
}

static int judge_birth(struct life *life, const char *field, long year, struct persona_error *err)
{
	long now = life->consistency->subject->year;
	char message[128];

	if (!life->aged || now <= 0 || year < BIRTH_FIRST || year > BIRTH_LAST)
		return 0;
	/* Somebody of that age has had a birthday this year, or is a year older by its end. */
	if (year + (long)life->youngest <= now && year + (long)life->oldest + 1 >= now - DATA_YEARS)
		return 0;
	snprintf(message, sizeof message, "born in %ld does not fit the age (%d): change one of the two", year,
		 (int)life->oldest);
	return deduct(life, "age-birth-year", field, -1, err, message);
}

/* ---- Texts ---------------------------------------------------------------------- */

/* Is somebody a student, or retired, now, by words that are not about others? */
static bool is_stage(const struct persona_profile *profile, const struct metric_words *words,
		     const struct metric_list *stage)
{
	const struct metric_list others = metric_english(profile, METRIC_stage_of_others),
				 before = metric_english(profile, METRIC_past_words);

	for (size_t i = 0; i < words->count; i++) {
		size_t len = metric_list_match(stage, words, i);

		if (!len || is_negated(profile, words, i) || metric_list_match(&others, words, i + len))
			continue;
		if (!any_between(&before, words, i < 3 ? 0 : i - 3, i))
			return true;
	}
	return false;
}

static void note_stage(struct life *life, const struct metric_words *words, bool background)
{
	const struct persona_profile *profile = life->consistency->profile;
	const struct metric_list students = metric_english(profile, METRIC_student_words),
				 retired = metric_english(profile, METRIC_retired_words);
	bool *student = background ? &life->was_student : &life->student;
	bool *is_retired = background ? &life->was_retired : &life->retired;

	*student = *student || is_stage(profile, words, &students);
	*is_retired = *is_retired || is_stage(profile, words, &retired);
}

static int judge_words(struct life *life, const char *field, long position, const struct metric_words *words,
		       struct persona_error *err)
{
	const struct persona_profile *profile = life->consistency->profile;
	const struct metric_list born = metric_english(profile, METRIC_birth_words);
	bool told = false;

	for (size_t i = 0; i < words->count; i++) {
		size_t len = metric_list_match(&born, words, i);
		long years = told ? -1 : experience_at(profile, words, i);

		told = told || years > life->oldest - FIRST_WORK;
		if (judge_experience(life, field, position, years, err) < 0)
			return -1;
		if (len && i + len < words->count &&
		    judge_birth(life, field, number_at(profile, words, i + len), err) < 0)
			return -1;
	}
	return 0;
}

static int judge_text(struct life *life, const char *field, const char *text, bool background,
		      struct persona_error *err)
{
	struct metric_words words;
	int rc;

	if (metric_is_blank(text) || strlen(text) > TEXT_MAX)
		return 0;
	if (metric_words_of(&words, text, err) < 0)
		return -1;
	note_stage(life, &words, background);
	rc = judge_words(life, field, -1, &words, err);
	metric_words_release(&words);
	return rc;
}

/* ---- Demographics ----------------------------------------------------------------- */

/* A key as people would say it: "year_of_birth" is "year of birth". */
static int read_key(struct metric_words *words, const char *key, struct persona_error *err)
{
	char plain[64];
	size_t len = 0;

	for (; key[len] && len + 1 < sizeof plain; len++)
		plain[len] = key[len] == '_' ? ' ' : key[len];
	plain[len] = '\0';
	plain[persona_text_valid_prefix(plain, len)] = '\0';
	return metric_words_of(words, plain, err);
}

/* The first number of a text, or a whole number; -1: none. */
static int first_number(const struct persona_profile *profile, const json_t *value, long *number,
			struct persona_error *err)
{
	struct metric_words words;

	*number = -1;
	if (json_is_integer(value) && json_integer_value(value) >= 0 && json_integer_value(value) <= BIRTH_LAST)
		*number = (long)json_integer_value(value);
	if (!json_is_string(value) || json_string_length(value) > TEXT_MAX)
		return 0;
	if (metric_words_of(&words, json_string_value(value), err) < 0)
		return -1;
	for (size_t i = 0; *number < 0 && i < words.count; i++)
		*number = number_at(profile, &words, i);
	metric_words_release(&words);
	return 0;
}

static int judge_fact(struct life *life, const char *key, const json_t *value, struct persona_error *err)
{
	const struct persona_profile *profile = life->consistency->profile;
	const struct metric_list births = metric_english(profile, METRIC_birth_keys),
				 experiences = metric_english(profile, METRIC_experience_keys);
	struct metric_words words;
	bool birth, experience;
	long number;

	if (read_key(&words, key, err) < 0)
		return -1;
	birth = metric_list_find(&births, &words, words.count) > 0;
	experience = metric_list_find(&experiences, &words, words.count) > 0;
	metric_words_release(&words);
	if (!birth && !experience)
		return json_is_string(value) ? judge_text(life, "demographics", json_string_value(value), false, err)
					     : 0;
	if (first_number(profile, value, &number, err) < 0)
		return -1;
	if (birth)
		return judge_birth(life, "demographics", number, err);
	return number > YEARS_MAX ? 0 : judge_experience(life, "demographics", -1, number, err);
}

/* ---- All of it ------------------------------------------------------------------------ */

/* A trade at an age at which nobody has one; pupils and the retired have none. */
static int judge_trade(struct life *life, struct persona_error *err)
{
	const struct metric_list child = metric_english(life->consistency->profile, METRIC_child_words);
	const char *occupation = life->consistency->subject->persona->occupation;
	bool young = life->oldest < FIRST_WORK;
	struct metric_words words;
	bool idle = life->student || life->retired;
	char message[128];

	if (!life->aged || idle || (!young && life->youngest <= LAST_WORK) || metric_is_blank(occupation) ||
	    strlen(occupation) > TEXT_MAX)
		return 0;
	if (metric_words_of(&words, occupation, err) < 0)
		return -1;
	idle = young && metric_list_find(&child, &words, words.count);
	metric_words_release(&words);
	if (idle)
		return 0;
	snprintf(message, sizeof message, "a trade at the age of %d: change one of the two",
		 (int)(young ? life->oldest : life->youngest));
	return deduct(life, "age-occupation", "occupation", -1, err, message);
}

static int judge_stage(struct life *life, struct persona_error *err)
{
	if (judge_trade(life, err) < 0)
		return -1;
	if (life->retired && life->aged && life->oldest <= YOUNG &&
	    deduct(life, "age-stage", "occupation", -1, err, "retired at that age: change one of the two") < 0)
		return -1;
	if ((life->student && (life->retired || life->was_retired)) || (life->retired && life->was_student))
		return deduct(life, "student-retired", "occupation", -1, err,
			      "a student and retired at once: decide for one");
	return 0;
}

static int judge_all(struct life *life, struct persona_error *err)
{
	const struct persona *persona = life->consistency->subject->persona;
	const char *key;
	json_t *value;

	if (life->aged && judge_goals(life, err) < 0)
		return -1;
	if (judge_text(life, "occupation", persona->occupation, false, err) < 0 ||
	    judge_text(life, "background", persona->background, true, err) < 0)
		return -1;
	json_object_foreach(persona->demographics, key, value)
		if (judge_fact(life, key, value, err) < 0)
			return -1;
	for (size_t i = 0; i < persona->lists[PERSONA_BEHAVIOURS].len; i++)
		if (judge_words(life, "behaviours", (long)i, &life->consistency->items[PERSONA_BEHAVIOURS][i].words,
				err) < 0)
			return -1;
	return judge_stage(life, err);
}

int judge_life(const struct consistency *consistency, double *value, struct persona_error *err)
{
	struct life life = { .consistency = consistency, .value = 100 };

	*value = -1;
	life.aged = metric_age(consistency->subject->persona, &life.youngest, &life.oldest);
	if (!metric_is_english(consistency->profile) ||
	    (!life.aged && metric_is_blank(consistency->subject->persona->occupation)))
		return 0;
	if (judge_all(&life, err) < 0)
		return -1;
	*value = life.value > 0 ? life.value : 0;
	return 0;
}
