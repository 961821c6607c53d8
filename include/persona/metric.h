/*
 * persona/metric.h - quality: metrics, a registry of them, profiles, and the score.
 *
 * Metrics are pure functions from a persona to 0..100 with issues; a profile says
 * how they are weighed. A registry is filled by one thread and then read by many.
 * Uses: base, text, persona.
 */
#ifndef PERSONA_METRIC_H
#define PERSONA_METRIC_H

#include <jansson.h>

#include "persona/base.h"
#include "persona/persona.h"
#include "persona/text.h"

/* ---- Profiles -------------------------------------------------------- */

enum persona_level { PERSONA_FAILING, PERSONA_POOR, PERSONA_ACCEPTABLE, PERSONA_GOOD, PERSONA_EXCELLENT };

/* "failing" … "excellent"; never NULL. */
const char *persona_level_name(enum persona_level level);

struct persona_profile {
	char name[64];
	struct persona_profile_weight {
		char metric[64];
		double weight;
	} weights[32]; /* others: the metric's default */
	size_t weights_len;
	size_t least[PERSONA_LIST_FIELDS]; /* least number of items; motivations have none */
	double least_coverage;		   /* share of items with evidence, 0..1 */
	double too_similar;		   /* similarity that is too much, 0..1 */
	char language[32]; /* of the texts, as persona_language_new() takes it; lists of words are there for English */
	double level_from[PERSONA_EXCELLENT + 1]; /* lowest score of a level; [PERSONA_FAILING] = 0 */
};

/* A built-in profile by name ("default", "strict", "lenient"), or PERSONA_E_NOTFOUND. */
int persona_profile_get(struct persona_profile *out, const char *name, struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * A profile from JSON: an object of name, extends (a built-in profile; default), weights {METRIC: W}, least {LIST: N},
 * least_coverage, too_similar, language, levels {LEVEL: N}, each as persona_profile_json() writes it and each may be
 * left out. Errors: PERSONA_E_USAGE with the reason (another member, a wrong type, what persona_profile_check()
 * refuses).
 */
int persona_profile_from_json(struct persona_profile *out, const json_t *json,
			      struct persona_error *err) PERSONA_MUST_CHECK;

/* Names and one-line descriptions of the built-in profiles; ends with a NULL name. */
struct persona_profile_info {
	const char *name, *description;
};
extern const struct persona_profile_info persona_profiles[];

/* Set or replace a weight. Errors: PERSONA_E_USAGE (no name of a metric, negative, not finite, too many). */
int persona_profile_weigh(struct persona_profile *profile, const char *metric, double weight,
			  struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * Refuse levels that do not descend strictly from at most 100 to above 0, weights that are negative,
 * not finite or all 0, and shares outside 0..1. Errors: PERSONA_E_USAGE with the reason.
 */
int persona_profile_check(const struct persona_profile *profile, struct persona_error *err) PERSONA_MUST_CHECK;

/* NaN is failing. */
enum persona_level persona_profile_level(const struct persona_profile *profile, double overall);

/*
 * Everything that shapes a score, for the stage key, in an order that does not depend on
 * how the profile was filled. *out is the caller's reference.
 */
int persona_profile_json(json_t **out, const struct persona_profile *profile,
			 struct persona_error *err) PERSONA_MUST_CHECK;

/* ---- Metrics --------------------------------------------------------- */

/*
 * How much alike the respondents of a batch are, by their closed answers, where these are too few by their words;
 * read-only once made, and then shared by threads. The records may be released afterwards. free accepts NULL. Errors:
 * PERSONA_E_NOMEM.
 */
struct persona_kin;
int persona_kin_new(struct persona_kin **out, const struct persona_records *records,
		    struct persona_error *err) PERSONA_MUST_CHECK;
void persona_kin_free(struct persona_kin *kin);

/* What a metric judges by. Borrowed. */
struct persona_subject {
	const struct persona *persona; /* evidence with record_id and strength filled in */
	int64_t revision_id;	       /* 0 outside a database */
	int64_t persona_id;
	int64_t batch_records; /* records that the persona's batch draws from; 0: none, evidence can't be judged */
	struct persona_language *
		language; /* of the profile's language, used by one thread at a time; NULL: the metric makes one itself, slowly */
	const struct persona_kin
		*kin; /* of the batch's records; NULL: not known, whether respondents belong together can't be judged */
	int year;     /* in which the persona was written; 0: not known, years of birth can't be judged */
	bool member;  /* set metrics: belongs to the population; else only compared with it */
};

/* Somebody whom a persona is too similar to. */
struct persona_neighbour {
	int64_t revision_id, persona_id;
	double similarity; /* 0..1 */
};

#define PERSONA_SIMILAR_MAX 16

/* What a metric found. Issues are persona_reason values; metric is filled in by the scorer. */
struct persona_finding {
	bool measured; /* false: no data to judge by; value is not a number then */
	double value;  /* 0..100 */
	struct persona_reason *issues;
	size_t issues_len, issues_capacity;

	/*
	 * A set metric may say who is too near: the nearest first, at most PERSONA_SIMILAR_MAX of similar_total. Freed
	 * with the finding.
	 */
	struct persona_neighbour *similar;
	size_t similar_len, similar_total;
};

/* Starts as not measured: a metric sets measured and value when it has judged. */
void persona_finding_init(struct persona_finding *finding);
void persona_finding_release(struct persona_finding *finding);

/*
 * Record a deduction. Texts are copied and cleaned; a message is cut at 1 KiB. field NULL and
 * position -1 where they don't apply.
 * A metric that can't be measured sets measured to false and adds one issue with code "not-measured".
 */
int persona_finding_issue(struct persona_finding *finding, const char *code, const char *field, long position,
			  struct persona_error *err, const char *format, ...) PERSONA_PRINTF(6, 7) PERSONA_MUST_CHECK;

enum persona_metric_scope {
	PERSONA_SCOPE_REVISION, /* a persona by itself */
	PERSONA_SCOPE_SET	/* a persona among the others of its batch */
};

/*
 * A metric. Revision scope fills `revision`, set scope fills `set` (findings[i] belongs to
 * subjects[i]; a persona is never compared with another revision of itself). Both
 * return 0, or -1 with err: then that metric alone fails, on that row or set; but PERSONA_E_NOMEM and PERSONA_E_BUSY (memory
 * or time ran out) say nothing of a persona and fail the call, so that no such score is kept. They may run on any
 * thread, several at once, and must not keep what they are handed.
 */
struct persona_metric {
	const char *name; /* lower case, letters, digits, '_' */
	const char *description;
	const char *category; /* such as "structure", "evidence", "language" */
	enum persona_metric_scope scope;
	double weight;		/* default weight; only proportions matter */
	int version;		/* raised when the metric would judge differently: part of the key */
	const char *definition; /* what shapes it besides its code (a hash of its SQL), or NULL: part of the key */
	int (*revision)(const struct persona_metric *metric, const struct persona_profile *profile,
			const struct persona_subject *subject, struct persona_finding *finding,
			struct persona_error *err);
	int (*set)(const struct persona_metric *metric, const struct persona_profile *profile,
		   const struct persona_subject *subjects, size_t len, struct persona_finding *findings,
		   struct persona_error *err);
	void *payload; /* the metric's own, passed back through `metric` */
	int threads;   /* how many it may start itself; 0: one per processor. Set by the registry */
};

struct persona_registry;

/*
 * An empty registry, or one with the built-in metrics:
 *
 *   completeness       40 required + 30 expected fields + 20 enough items + 10 enough said
 *   consistency        35 age and stage of life + 30 behaviours against frustrations + 20 quotes + 15 no repetition
 *   distinctiveness    50 unlike the nearest + 30 unlike all others + 20 goals and frustrations of its own; of a set
 *   evidence_strength  30 items with evidence + 18 how close it is + 12 respondents + 40 whether they belong together; not
 *                      measured without records
 *   realism            mean of name, demographics, quotes, goals, of those that are there
 *
 * Formulas and codes of issues stand at the head of src/metric/<name>.c. A value of 100
 * has no issues and any other has at least one.
 */
int persona_registry_new(struct persona_registry **out, struct persona_error *err) PERSONA_MUST_CHECK;
int persona_registry_new_default(struct persona_registry **out, struct persona_error *err) PERSONA_MUST_CHECK;
void persona_registry_free(struct persona_registry *registry);

/*
 * Add a metric: the struct is copied, its strings too (description and category may be NULL
 * and are empty then); payload is borrowed. Errors: PERSONA_E_USAGE (name taken, malformed or over 63
 * bytes, weight negative or not finite, function for its scope missing), PERSONA_E_NOMEM.
 */
int persona_registry_add(struct persona_registry *registry, const struct persona_metric *metric,
			 struct persona_error *err) PERSONA_MUST_CHECK;

/* How many threads scoring may use; 0 (as it is made): one per processor. Scores are the same with any number. */
void persona_registry_set_threads(struct persona_registry *registry, int threads);

/* Take one out. Errors: PERSONA_E_NOTFOUND. */
int persona_registry_remove(struct persona_registry *registry, const char *name,
			    struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * Look up by name; NULL when there is none. Iterate: index 0 .. count-1, in order of name.
 * A metric is borrowed until it is removed or the registry freed; an index until the registry changes.
 */
const struct persona_metric *persona_registry_get(const struct persona_registry *registry, const char *name);
const struct persona_metric *persona_registry_at(const struct persona_registry *registry, size_t index);
size_t persona_registry_count(const struct persona_registry *registry);

/* The next metric of a category from an index on, which moves behind it; NULL: no more. Start with *index 0. */
const struct persona_metric *persona_registry_next(const struct persona_registry *registry, const char *category,
						   size_t *index);

/*
 * Does any metric with a weight above 0 need the set? One with a weight of 0 is run and shown
 * whenever a set is scored, but is no reason to score a set.
 */
bool persona_registry_has_set(const struct persona_registry *registry, const struct persona_profile *profile);

/*
 * The settings of a score: {"profile": {…}, "metrics": {NAME: {"version", "weight", "definition"}}}, metrics in
 * order of name, weight by the profile, definition where there is one. *out is the caller's reference.
 */
int persona_registry_settings(json_t **out, const struct persona_registry *registry,
			      const struct persona_profile *profile, struct persona_error *err) PERSONA_MUST_CHECK;

/* ---- Scores ---------------------------------------------------------- */

/* One metric's part in a score. */
struct persona_metric_score {
	const struct persona_metric *metric; /* borrowed from the registry */
	double weight;			     /* by the profile; the measured ones add up to 1, else 0 */
	struct persona_finding finding;
};

struct persona_score {
	bool measured;		  /* false: nothing with a weight could be measured, overall and own are NaN */
	double overall;		  /* 0..100, all measured metrics */
	double own;		  /* 0..100, revision-scope metrics alone; NaN where none could be measured */
	enum persona_level level; /* of overall; failing where that is NaN */
	struct persona_metric_score *metrics; /* in order of name */
	size_t len;
};

/* Also of a score that is released already. */
void persona_score_release(struct persona_score *score);

/*
 * Score one persona by itself: every revision-scope metric of the registry. out is
 * initialised by the call and empty on failure. A metric that fails, yields NaN or leaves
 * 0..100 is not measured and says why in an issue "failed"; the call succeeds. Only memory that
 * ran out fails it: a kept score must not tell of that. The registry must outlive the score.
 * Errors: PERSONA_E_USAGE (persona_profile_check), PERSONA_E_NOMEM, PERSONA_E_BUSY (a metric ran out of time).
 */
int persona_score_revision(struct persona_score *out, const struct persona_registry *registry,
			   const struct persona_profile *profile, const struct persona_subject *subject,
			   struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * Score a whole set: out[i] belongs to subjects[i]; every metric of the registry, the set-scope
 * ones once for all. Set metrics see the subjects sorted by persona_id and revision_id, so that
 * what a subject gets does not depend on the order given (subjects with equal ids keep theirs). On
 * failure nothing is left to release. Errors: as persona_score_revision().
 */
int persona_score_set(struct persona_score *out, const struct persona_registry *registry,
		      const struct persona_profile *profile, const struct persona_subject *subjects, size_t len,
		      struct persona_error *err) PERSONA_MUST_CHECK;

/* ---- Figures of a set ------------------------------------------------ */

/* Of the members of a population. */
struct persona_figures {
	size_t members, measured; /* measured: those with an overall score */
	double overall;		  /* mean; NaN: of none */
	size_t levels[PERSONA_EXCELLENT + 1];
	struct persona_metric_figure {
		const struct persona_metric *metric; /* borrowed from the registry */
		size_t measured;
		double mean; /* NaN: of none */
	} * metrics;	     /* as in the scores */
	size_t metrics_len;
	size_t similar_pairs; /* at or above the profile's limit */
	size_t records_used;  /* different records that bear out at least one item: respondents behind the set */
	double mtld;	      /* lexical diversity of all items in the order given; NaN: fewer than 50 words */
};

/*
 * out is initialised by the call and empty on failure. scores[i] belongs to subjects[i], as persona_score_set() left them.
 * MTLD (McCarthy and Jarvis 2010) is how many words on average it takes until only 0.72 of them are different.
 */
int persona_figures_of(struct persona_figures *out, const struct persona_score *scores,
		       const struct persona_subject *subjects, size_t len,
		       struct persona_error *err) PERSONA_MUST_CHECK;
void persona_figures_release(struct persona_figures *figures);

/*
 * A metric's issues as a JSON array of {code, field, item, message}; field and item (position from 0) are left
 * out where they don't apply. *out is the caller's reference.
 */
int persona_finding_json(json_t **out, const struct persona_finding *finding,
			 struct persona_error *err) PERSONA_MUST_CHECK;

#endif
