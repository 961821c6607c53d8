/* Similarity, and what distinctiveness makes of it. */
#include "documents.h"
#include "helper.h"

#define MANY 2500 /* more than a block of similarity.c */

static struct persona personas[MANY];
static struct persona_subject subjects[MANY];
static struct persona_finding findings[MANY];
static size_t len;
static double limit;
static int threads;

static void setup(void)
{
	len = 0;
	limit = 0.7;
	threads = 1;
}

static void forget(void)
{
	for (size_t i = 0; i < len; i++)
		persona_finding_release(&findings[i]);
}

static void teardown(void)
{
	forget();
	while (len)
		persona_release(&personas[--len]);
}

static struct persona *make(const char *goals, const char *frustrations, const char *behaviours, const char *occupation)
{
	struct persona *persona = &personas[len];

	persona_init(persona);
	add(persona, PERSONA_GOALS, goals);
	add(persona, PERSONA_FRUSTRATIONS, frustrations);
	add(persona, PERSONA_BEHAVIOURS, behaviours);
	set(&persona->occupation, occupation);
	subjects[len] = (struct persona_subject){
		.persona = persona, .persona_id = (int64_t)len + 1, .revision_id = (int64_t)len + 101, .member = true
	};
	persona_finding_init(&findings[len]);
	len++;
	return persona;
}

static void look(void)
{
	struct persona_metric metric = metric_distinctiveness;
	struct persona_error err = { 0 };
	struct persona_profile profile;

	forget();
	ck_assert_int_eq(persona_profile_get(&profile, "default", NULL), 0);
	profile.too_similar = limit;
	metric.threads = threads;
	ck_assert_msg(metric.set(&metric, &profile, subjects, len, findings, &err) == 0, "%s", err.text);
}

/* Similarity of two of them, in either direction. */
static double between(size_t a, size_t b)
{
	struct nearness *nearness = calloc(len, sizeof *nearness);
	struct documents documents;
	struct persona_error err = { 0 };
	double similarity;

	for (size_t i = 0; i < len; i++)
		subjects[i].member = i == b;
	ck_assert_int_eq(documents_read(&documents, subjects, len, "en", 1, &err), 0);
	ck_assert_int_eq(similarities(nearness, &documents, subjects, 2, 1, &err), 0);
	ck_assert_uint_eq(nearness[a].neighbour, b);
	similarity = nearness[a].nearest;
	ck_assert_double_eq_tol(nearness[a].mean, similarity, NEAR);
	documents_release(&documents);
	free(nearness);
	for (size_t i = 0; i < len; i++)
		subjects[i].member = true;
	return similarity;
}

START_TEST(alone_it_is_not_measured)
{
	make("Publish one story", NULL, NULL, NULL);
	look();
	ck_assert(!findings[0].measured);
	ck_assert_str_eq(findings[0].issues[0].code, "not-measured");
	/* Another revision of itself is nobody else. */
	make("Publish one story", NULL, NULL, NULL);
	subjects[1].persona_id = subjects[0].persona_id;
	subjects[1].member = false;
	look();
	ck_assert(!findings[0].measured);
	ck_assert(!findings[1].measured);
}
END_TEST

START_TEST(who_says_nothing_is_not_measured)
{
	make(NULL, NULL, NULL, NULL);
	make("Publish one story", NULL, NULL, NULL);
	look();
	ck_assert(!findings[0].measured);
	ck_assert(findings[1].measured);
	ck_assert_double_eq(findings[1].value, 100);
	ck_assert_uint_eq(findings[1].issues_len, 0);
}
END_TEST

/* Whatever parts there are: the same on both sides is 1, exactly; nothing in common is 0. */
START_TEST(identity_is_one)
{
	const char *goal = _i & 1 ? "Publish one data story" : NULL,
		   *frustration = _i & 2 ? "Scanned paper tables" : NULL;
	const char *behaviour = _i & 4 ? "Keeps logs|Asks first" : NULL, *work = _i & 8 ? "Data editor" : NULL;

	make(goal, frustration, behaviour, work);
	make(goal, frustration, behaviour, work);
	make("Xylophone", "Yodelling", "Zithers", "Quetzal");
	ck_assert_double_eq(between(0, 1), _i ? 1 : 0);
	ck_assert_double_eq(between(0, 2), 0);
	look();
	if (!_i)
		return;
	ck_assert_uint_eq(findings[0].similar_len, 1);
	ck_assert_double_eq(findings[0].similar[0].similarity, 1);
	ck_assert_int_eq(findings[0].similar[0].persona_id, 2);
	ck_assert_uint_eq(count_code(&findings[0], "too-similar"), 1);
	ck_assert_uint_eq(findings[2].issues_len, 0);
	assert_near(findings[2].value, 100);
}
END_TEST

/* With the same words everywhere, all weigh the same: plain Jaccard by part. */
static const struct {
	const char *goal, *frustration, *behaviour, *work;
	double similarity;
} against[] = {
	{ "bus tram", "rain snow", "walks runs", "cook", 1 },
	{ "bus tram", NULL, NULL, NULL, 0.35 },
	{ NULL, "rain snow", NULL, NULL, 0.30 },
	{ NULL, NULL, "walks runs", NULL, 0.15 },
	{ NULL, NULL, NULL, "cook", 0.20 },
	{ "tram", "rain snow", "walks runs", "cook", 0.825 },
	{ "The bus and the trams", "Rains, snows", "walking/running", "Cooks", 1 },
};

START_TEST(parts_weigh_as_said)
{
	make("bus tram", "rain snow", "walks runs", "cook");
	make(against[_i].goal, against[_i].frustration, against[_i].behaviour, against[_i].work);
	ck_assert_double_eq_tol(between(1, 0), against[_i].similarity, 1e-6);
}
END_TEST

START_TEST(a_part_that_both_lack_leaves_its_weight)
{
	make("bus tram", NULL, NULL, "cook");
	make("bus tram", NULL, NULL, "nurse");
	ck_assert_double_eq_tol(between(0, 1), 0.35 / 0.55, 1e-6);
	make("bus tram", "rain", NULL, "nurse");
	ck_assert_double_eq_tol(between(0, 2), 0.35 / 0.85, 1e-6);
	ck_assert_double_eq(between(0, 2), between(2, 0));
}
END_TEST

START_TEST(rare_words_weigh_more)
{
	make("bus heron", NULL, NULL, NULL);
	make("bus", NULL, NULL, NULL);
	make("heron", NULL, NULL, NULL);
	make("bus", NULL, NULL, NULL);
	make("bus kite", NULL, NULL, NULL);
	look();
	/* Of the two who have one word each of its two, the rarer is nearer. */
	ck_assert_ptr_nonnull(strstr(find_code(&findings[0], "alike")->message, "persona 3"));
}
END_TEST

START_TEST(wordless_texts_are_compared_whole)
{
	make("Do it!", NULL, NULL, NULL);
	make("do it!", NULL, NULL, NULL);
	make("be it", NULL, NULL, NULL);
	ck_assert_double_eq(between(0, 1), 1);
	ck_assert_double_eq(between(0, 2), 0);
}
END_TEST

START_TEST(people_are_compared_by_their_facts)
{
	struct persona *persona = make(NULL, NULL, NULL, NULL);

	persona->age = 34;
	demographics(persona, "{\"place\": {\"town\": [\"Graz\"]}, \"children\": 2, \"car\": true}");
	persona = make(NULL, NULL, NULL, NULL);
	persona->age = 34;
	demographics(persona, "{\"home\": \"Graz\", \"children\": 2, \"car\": true}");
	persona = make(NULL, NULL, NULL, NULL);
	persona->age = 38;
	demographics(persona, "{\"home\": \"Graz\", \"children\": 3, \"car\": false}");
	ck_assert_double_eq(between(0, 1), 1);
	ck_assert_double_gt(between(0, 2), 0);
	ck_assert_double_lt(between(0, 2), 0.5);
}
END_TEST

/* ---- The value ------------------------------------------------------------------ */

START_TEST(value_is_the_sum_of_its_parts)
{
	make("bus tram|heron kite", NULL, NULL, NULL);
	make("bus tram|otter mole", NULL, NULL, NULL);
	look();
	/* Nearest and mean are the same one; half of the goals are own. Weights: bus, tram 32 each, the others 54. */
	{
		double similarity = 64.0 / (64 + 4 * 54);

		ck_assert_double_eq_tol(findings[0].value, 80 * (1 - similarity) + 10, 1e-3);
	}
	ck_assert_uint_eq(count_code(&findings[0], "alike"), 1);
	ck_assert_uint_eq(count_code(&findings[0], "shared-goal"), 1);
	ck_assert_int_eq(find_code(&findings[0], "shared-goal")->position, 0);
}
END_TEST

START_TEST(without_items_the_rest_counts_for_all)
{
	make(NULL, NULL, "walks home", NULL);
	make(NULL, NULL, "walks home", NULL);
	make(NULL, NULL, "otter", NULL);
	look();
	assert_near(findings[0].value, 100 * (0 + 0.3 * 0.5) / 0.8);
	assert_near(findings[2].value, 100);
}
END_TEST

static const struct {
	const char *other;
	bool shared;
} items[] = {
	{ "red blue green grey", true },		 /* 4 of 5 words */
	{ "red blue green", false },			 /* 3 of 5 */
	{ "red blue green grey pink gold", true },	 /* 5 of 6 */
	{ "red blue green grey pink gold teal", false }, /* 5 of 7 */
	{ "red blue green grey gold", false },		 /* 4 of 6 */
	{ "Pink, grey and green; blue, red", true },
};

START_TEST(goals_of_others)
{
	make("red blue green grey pink", "red blue green grey pink", NULL, NULL);
	make(items[_i].other, NULL, NULL, NULL);
	look();
	ck_assert_uint_eq(count_code(&findings[0], "shared-goal"), items[_i].shared);
	ck_assert_uint_eq(count_code(&findings[1], "shared-goal"), items[_i].shared);
	/* A goal is no frustration. */
	ck_assert_uint_eq(count_code(&findings[0], "shared-frustration"), 0);
}
END_TEST

START_TEST(frustrations_of_others)
{
	make(NULL, "red blue green grey pink", NULL, NULL);
	make(NULL, items[_i].other, NULL, NULL);
	look();
	ck_assert_uint_eq(count_code(&findings[0], "shared-frustration"), items[_i].shared);
	ck_assert_uint_eq(count_code(&findings[1], "shared-frustration"), items[_i].shared);
	if (items[_i].shared)
		ck_assert_str_eq(find_code(&findings[0], "shared-frustration")->field, "frustrations");
}
END_TEST

static const struct {
	double limit;
	const char *code;
} limits[] = { { 0.35, "too-similar" }, { 0.36, "alike" }, { 0.0, "too-similar" }, { 1.0, "alike" } };

START_TEST(limit_of_the_profile)
{
	make("bus tram", "rain snow", "walks runs", "cook");
	make("bus tram", "hail fog", "reads", "nurse");
	/* Both weigh the same within each part, but for the parts that differ. */
	limit = limits[_i].limit;
	look();
	ck_assert_uint_eq(findings[0].issues_len - count_code(&findings[0], "shared-goal"), 1);
	ck_assert_uint_eq(count_code(&findings[0], limits[_i].code), 1);
	ck_assert_uint_eq(findings[0].similar_len, strcmp(limits[_i].code, "too-similar") == 0);
}
END_TEST

/* Equal parts or none: similarities are twentieths, so that the limits of the built-in profiles are met exactly. */
static const struct {
	const char *profile;
	const char *goal, *frustration, *behaviour, *work;
	double similarity;
	bool too_similar;
} built_in[] = {
	{ "default", "bus tram", NULL, "walks runs", "cook", 0.70, true },
	{ "default", "bus tram", "rain snow", NULL, NULL, 0.65, false },
	{ "strict", "bus tram", NULL, "walks runs", NULL, 0.50, true },
	{ "strict", NULL, "rain snow", NULL, "cook", 0.50, true },
	{ "strict", NULL, "rain snow", "walks runs", NULL, 0.45, false },
	{ "lenient", "bus tram", "rain snow", "walks runs", NULL, 0.80, true },
	{ "lenient", "bus tram", NULL, "walks runs", "cook", 0.70, false },
};

START_TEST(limits_of_the_built_in_profiles)
{
	const char *code = built_in[_i].too_similar ? "too-similar" : "alike";
	struct persona_profile profile;

	ck_assert_int_eq(persona_profile_get(&profile, built_in[_i].profile, NULL), 0);
	limit = profile.too_similar;
	make("bus tram", "rain snow", "walks runs", "cook");
	make(built_in[_i].goal ? built_in[_i].goal : "otter mole",
	     built_in[_i].frustration ? built_in[_i].frustration : "hail fog",
	     built_in[_i].behaviour ? built_in[_i].behaviour : "reads sings",
	     built_in[_i].work ? built_in[_i].work : "nurse");
	ck_assert_double_eq_tol(between(0, 1), built_in[_i].similarity, 1e-6);
	look();
	for (size_t i = 0; i < len; i++) {
		ck_assert_uint_eq(count_code(&findings[i], code), 1);
		ck_assert_uint_eq(count_code(&findings[i], "too-similar") + count_code(&findings[i], "alike"), 1);
		ck_assert_uint_eq(findings[i].similar_len, built_in[_i].too_similar);
		ck_assert_uint_eq(findings[i].similar_total, built_in[_i].too_similar);
	}
}
END_TEST

/* ---- Many ------------------------------------------------------------------------- */

static uint64_t state;

static size_t draw(size_t below)
{
	state = persona_mix64(state, &state, sizeof state);
	return (size_t)(state % below);
}

static char *words(size_t count)
{
	static char text[256];

	/* A word that most have, and one that half of them do. */
	snprintf(text, sizeof text, "%s%s", draw(5) ? "always " : "", draw(2) ? "often " : "");
	while (count--) {
		size_t at = strlen(text);

		snprintf(text + at, sizeof text - at, "w%zux ", draw(40) * draw(20));
	}
	return text;
}

static void make_many(size_t count)
{
	state = 7;
	while (len < count) {
		struct persona *persona =
			make(words(draw(6)), words(draw(4)), draw(3) ? words(2) : NULL, draw(3) ? words(1) : NULL);

		add(persona, PERSONA_GOALS, draw(2) ? words(3) : NULL);
	}
}

/* One by one, as the definition says. */
static double plain_similarity(const struct documents *documents, const double *weights, size_t a, size_t b)
{
	static const double parts[PARTS] = { 0.35, 0.30, 0.15, 0.20 };
	double sum = 0, of = 0;

	for (int part = 0; part < PARTS; part++) {
		struct term_range left = documents->items[a].parts[part], right = documents->items[b].parts[part];
		double shared = 0, either = 0;

		for (size_t i = left.from; i < left.to; i++)
			either += weights[documents->terms[i]];
		for (size_t k = right.from; k < right.to; k++) {
			bool both = false;

			for (size_t i = left.from; i < left.to; i++)
				both = both || documents->terms[i] == documents->terms[k];
			*(both ? &shared : &either) += weights[documents->terms[k]];
		}
		if (either <= 0)
			continue;
		sum += parts[part] * shared / either;
		of += parts[part];
	}
	return of > 0 ? sum / of : 0;
}

START_TEST(as_comparing_all_with_all)
{
	struct documents documents;
	struct persona_error err = { 0 };
	struct nearness *nearness;
	double *weights;

	make_many(300);
	for (size_t i = 0; i < len; i += 7)
		subjects[i].member = false;
	ck_assert_int_eq(documents_read(&documents, subjects, len, "en", 2, &err), 0);
	nearness = calloc(len, sizeof *nearness);
	weights = calloc(documents.words, sizeof *weights);
	ck_assert_int_eq(similarities(nearness, &documents, subjects, 0.5, 2, &err), 0);
	for (size_t i = 0; i < len; i++)
		for (int part = 0; subjects[i].member && part < PARTS; part++)
			for (size_t k = documents.items[i].parts[part].from; k < documents.items[i].parts[part].to; k++)
				weights[documents.terms[k]]++;
	for (size_t word = 0; word < documents.words; word++)
		weights[word] = round(32 * (1 + log((double)(len - (len + 6) / 7) / fmax(weights[word], 1))));
	for (size_t a = 0; a < len; a++) {
		double nearest = 0, sum = 0;
		size_t others = 0, similar = 0;

		for (size_t b = 0; b < len; b++) {
			double similarity;

			if (b == a || !subjects[b].member)
				continue;
			similarity = plain_similarity(&documents, weights, a, b);
			nearest = fmax(nearest, similarity);
			sum += similarity;
			similar += similarity >= 0.5;
			others++;
		}
		ck_assert_uint_eq(nearness[a].others, others);
		ck_assert_double_eq_tol(nearness[a].nearest, nearest, 2e-6);
		ck_assert_double_eq_tol(nearness[a].mean, sum / (double)others, 1e-6);
		ck_assert_uint_eq(nearness[a].similar_total, similar);
		free(nearness[a].similar);
	}
	documents_release(&documents);
	free(weights);
	free(nearness);
}
END_TEST

/* Goals of forty kinds, 1 to 59 words long, in which about as many words are others as may be (a ninth). */
static void make_templates(size_t count)
{
	char text[1024];

	state = 11;
	while (len < count) {
		size_t kind = draw(40), size = 1 + kind * 3 / 2, others = draw(size / 9 + 3), at = 0;

		for (size_t i = 0; i < size; i++)
			at += (size_t)snprintf(text + at, sizeof text - at, "w%zux ",
					       i < others ? 9000 + draw(300) : 100 * kind + i);
		make(text, NULL, NULL, NULL);
		subjects[len - 1].member = draw(5) > 0;
	}
}

/* Does somebody else have the item, by its definition? */
static bool is_shared(const struct documents *documents, size_t subject)
{
	struct term_range own = documents->parts[documents->items[subject].first_item].terms;

	for (size_t other = 0; other < len; other++) {
		struct term_range theirs = documents->parts[documents->items[other].first_item].terms;
		size_t both = 0;

		if (other == subject || !subjects[other].member)
			continue;
		for (size_t i = own.from; i < own.to; i++)
			for (size_t k = theirs.from; k < theirs.to; k++)
				both += documents->terms[i] == documents->terms[k];
		if (5 * both >= 4 * (range_len(own) + range_len(theirs) - both))
			return true;
	}
	return false;
}

START_TEST(items_of_others_as_comparing_all_with_all)
{
	size_t *owners, found = 0;
	struct documents documents;
	struct persona_error err = { 0 };

	make_templates(300);
	ck_assert_int_eq(documents_read(&documents, subjects, len, "en", 2, &err), 0);
	owners = calloc(documents.parts_len, sizeof *owners);
	ck_assert_int_eq(shared_items(owners, &documents, subjects, 2, &err), 0);
	for (size_t i = 0; i < len; i++) {
		bool shared = is_shared(&documents, i);

		ck_assert_uint_eq(documents.items[i].items_len, 1);
		ck_assert_int_eq(owners[documents.items[i].first_item] != SIZE_MAX, shared);
		found += shared;
	}
	ck_assert_uint_gt(found, 50);
	ck_assert_uint_lt(found, 250);
	documents_release(&documents);
	free(owners);
}
END_TEST

static double similarity_to(const struct persona_finding *finding, size_t other)
{
	for (size_t i = 0; i < finding->similar_len; i++)
		if (finding->similar[i].persona_id == (int64_t)other + 1)
			return finding->similar[i].similarity;
	return -1;
}

/* So few that everybody is listed with everybody, whatever words weigh. */
START_TEST(similarity_is_symmetric)
{
	make_many(PERSONA_SIMILAR_MAX);
	limit = 0;
	look();
	for (size_t i = 0; i < len; i++)
		for (size_t k = 0; k < len; k++) {
			double there = similarity_to(&findings[i], k);

			if (!findings[i].measured || !findings[k].measured || i == k)
				continue;
			ck_assert_double_ge(there, 0);
			ck_assert_double_le(there, 1);
			ck_assert_double_eq(there, similarity_to(&findings[k], i));
		}
}
END_TEST

static const struct persona *wanted;

static const struct persona_finding *finding_of(const struct persona_score *scores, const struct persona_subject *of)
{
	for (size_t i = 0; i < len; i++)
		if (of[i].persona == wanted)
			return &scores[i].metrics[1].finding;
	return NULL;
}

/* The same scores, issues and neighbours whatever the order of references and the number of threads. */
START_TEST(order_and_threads_make_no_difference)
{
	struct persona_score *once = calloc(MANY, sizeof *once), *again = calloc(MANY, sizeof *again);
	struct persona_subject *shuffled = calloc(MANY, sizeof *shuffled);
	struct persona_registry *registry;
	struct persona_profile profile;
	struct persona_error err = { 0 };

	make_many(MANY);
	ck_assert_int_eq(persona_profile_get(&profile, "default", NULL), 0);
	ck_assert_int_eq(persona_registry_new_default(&registry, &err), 0);
	ck_assert_str_eq(persona_registry_at(registry, 2)->name, "distinctiveness");
	ck_assert_int_eq(persona_registry_remove(registry, "evidence_strength", &err), 0);
	ck_assert_int_eq(persona_registry_remove(registry, "completeness", &err), 0);
	persona_registry_set_threads(registry, 1);
	ck_assert_int_eq(persona_score_set(once, registry, &profile, subjects, len, &err), 0);
	memcpy(shuffled, subjects, len * sizeof *shuffled);
	for (size_t i = len; i > 1; i--) {
		size_t k = draw(i);
		struct persona_subject other = shuffled[k];

		shuffled[k] = shuffled[i - 1];
		shuffled[i - 1] = other;
	}
	persona_registry_set_threads(registry, 7);
	ck_assert_int_eq(persona_score_set(again, registry, &profile, shuffled, len, &err), 0);
	for (size_t i = 0; i < len; i++) {
		const struct persona_finding *left, *right;

		wanted = subjects[i].persona;
		left = finding_of(once, subjects);
		right = finding_of(again, shuffled);
		ck_assert_int_eq(left->measured, right->measured);
		if (left->measured)
			ck_assert_double_eq(left->value, right->value);
		ck_assert_uint_eq(left->issues_len, right->issues_len);
		for (size_t k = 0; k < left->issues_len; k++)
			ck_assert_str_eq(left->issues[k].message, right->issues[k].message);
		ck_assert_uint_eq(left->similar_len, right->similar_len);
		for (size_t k = 0; k < left->similar_len; k++)
			ck_assert_int_eq(left->similar[k].persona_id, right->similar[k].persona_id);
	}
	for (size_t i = 0; i < len; i++) {
		persona_score_release(&once[i]);
		persona_score_release(&again[i]);
	}
	persona_registry_free(registry);
	free(shuffled);
	free(once);
	free(again);
}
END_TEST

START_TEST(of_many_the_nearest_are_kept)
{
	for (int i = 0; i < 40; i++)
		make("bus tram", NULL, NULL, i < 20 ? "cook" : "nurse");
	limit = 0.3;
	look();
	ck_assert_uint_eq(findings[0].similar_total, 39);
	ck_assert_uint_eq(findings[0].similar_len, PERSONA_SIMILAR_MAX);
	for (size_t i = 0; i < PERSONA_SIMILAR_MAX; i++) {
		ck_assert_double_eq(findings[0].similar[i].similarity, 1);
		ck_assert_int_eq(findings[0].similar[i].persona_id, (int64_t)i + 2);
	}
	ck_assert_double_eq(findings[39].similar[0].similarity, 1);
	ck_assert_int_eq(findings[39].similar[0].persona_id, 21);
}
END_TEST

START_TEST(languages)
{
	static const char *const names[] = { "de", "xx", "" };
	struct persona_metric metric = metric_distinctiveness;
	struct persona_error err = { 0 };
	struct persona_profile profile;

	make("Busse und Bahnen", NULL, NULL, NULL);
	make("bus und bahn", NULL, NULL, NULL);
	ck_assert_int_eq(persona_profile_get(&profile, "default", NULL), 0);
	snprintf(profile.language, sizeof profile.language, "%s", names[_i]);
	ck_assert_int_eq(metric.set(&metric, &profile, subjects, len, findings, &err), 0);
	ck_assert(findings[0].measured);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("distinctiveness");
	TCase *tcase = tcase_create("distinctiveness");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, alone_it_is_not_measured);
	tcase_add_test(tcase, who_says_nothing_is_not_measured);
	tcase_add_loop_test(tcase, identity_is_one, 0, 16);
	tcase_add_loop_test(tcase, parts_weigh_as_said, 0, COUNT(against));
	tcase_add_test(tcase, a_part_that_both_lack_leaves_its_weight);
	tcase_add_test(tcase, rare_words_weigh_more);
	tcase_add_test(tcase, wordless_texts_are_compared_whole);
	tcase_add_test(tcase, people_are_compared_by_their_facts);
	tcase_add_test(tcase, value_is_the_sum_of_its_parts);
	tcase_add_test(tcase, without_items_the_rest_counts_for_all);
	tcase_add_loop_test(tcase, goals_of_others, 0, COUNT(items));
	tcase_add_loop_test(tcase, frustrations_of_others, 0, COUNT(items));
	tcase_add_loop_test(tcase, limit_of_the_profile, 0, COUNT(limits));
	tcase_add_loop_test(tcase, limits_of_the_built_in_profiles, 0, COUNT(built_in));
	tcase_add_test(tcase, as_comparing_all_with_all);
	tcase_add_test(tcase, items_of_others_as_comparing_all_with_all);
	tcase_add_test(tcase, similarity_is_symmetric);
	tcase_add_test(tcase, order_and_threads_make_no_difference);
	tcase_add_test(tcase, of_many_the_nearest_are_kept);
	tcase_add_loop_test(tcase, languages, 0, 3);
	suite_add_tcase(suite, tcase);
	return run(suite);
}
