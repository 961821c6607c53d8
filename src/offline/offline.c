/*
 * offline.c - the built-in model as a handle: what it learned, what it drafted, deal by deal.
 */
#include "figures.h"
#include "persona/json.h"

struct persona_offline {
	int threads;
	struct model *model;
	struct usage usage;
	struct persona_answer drafted; /* slots 1 .. len */
	uint32_t *medoids;	       /* of the drafted personas */
	size_t medoids_capacity;
	size_t *sizes; /* of their groups */
	size_t sizes_capacity;
	json_t *figures; /* of the drafted personas; NULL: not measured yet */
	size_t *deals;	 /* that are drafted */
	size_t deals_len, deals_capacity;
};

int persona_offline_new(struct persona_offline **out, struct persona_error *err)
{
	*out = calloc(1, sizeof **out);
	if (!*out)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	persona_answer_init(&(*out)->drafted);
	return 0;
}

void persona_offline_set_threads(struct persona_offline *offline, int threads)
{
	offline->threads = threads;
	if (offline->model)
		offline->model->threads = threads;
}

static void drafted_forget(struct persona_offline *offline)
{
	persona_answer_release(&offline->drafted);
	persona_answer_init(&offline->drafted);
	usage_release(&offline->usage);
	free(offline->medoids);
	free(offline->sizes);
	free(offline->deals);
	json_decref(offline->figures);
	offline->medoids = NULL;
	offline->sizes = NULL;
	offline->deals = NULL;
	offline->figures = NULL;
	offline->medoids_capacity = offline->sizes_capacity = offline->deals_len = offline->deals_capacity = 0;
}

void persona_offline_free(struct persona_offline *offline)
{
	if (!offline)
		return;
	drafted_forget(offline);
	model_free(offline->model);
	free(offline);
}

/* What is known of other records is forgotten; equal ids mean equal records, though maybe elsewhere. */
static int learn(struct persona_offline *offline, const struct persona_task *task, struct persona_error *err)
{
	const char *id = task->records_id ? task->records_id : "";

	if (offline->model && strcmp(offline->model->records_id, id) == 0 &&
	    offline->model->len == task->records->len) {
		offline->model->records = task->records;
		return 0;
	}
	drafted_forget(offline);
	model_free(offline->model);
	offline->model = NULL;
	return model_new(&offline->model, task->records, id, offline->threads, err);
}

/* ---- Deals ----------------------------------------------------------- */

/* How close the group is to the nearest persona that is there; 2 for the same middle. */
static double nearness(const struct persona_offline *offline, const struct segment *segment)
{
	double nearest = -1;

	for (size_t i = 0; i < offline->drafted.len; i++) {
		double similarity = offline->medoids[i] == segment->members[0]
					    ? 2
					    : units_cosine(offline->model, offline->medoids[i], segment->members[0]);

		nearest = similarity > nearest ? similarity : nearest;
	}
	return nearest;
}

static int draft_segment(struct persona_offline *offline, const struct segment *segment, struct persona_error *err)
{
	struct persona *persona;

	if (persona_grow((void **)&offline->medoids, &offline->medoids_capacity, offline->drafted.len,
			 sizeof *offline->medoids, err) < 0 ||
	    persona_grow((void **)&offline->sizes, &offline->sizes_capacity, offline->drafted.len,
			 sizeof *offline->sizes, err) < 0 ||
	    persona_answer_add(&offline->drafted, &persona, err) < 0)
		return -1;
	offline->medoids[offline->drafted.len - 1] = segment->members[0];
	offline->sizes[offline->drafted.len - 1] = segment->len;
	return assemble(persona, offline->model, segment, &offline->usage, err);
}

/* Add the groups least like the personas that are there; for a first deal that is all, largest first. */
static int draft_deal(struct persona_offline *offline, size_t wanted, struct persona_error *err)
{
	struct groups groups;
	double *near = NULL;
	int rc = -1;

	wanted = wanted < offline->model->speaking ? wanted : offline->model->speaking;
	if (wanted <= offline->drafted.len)
		return 0;
	/* A handful of records is not grouped: each respondent is a persona. */
	if (groups_make(&groups, offline->model, offline->model->len < OFFLINE_SMALL ? offline->model->len : wanted,
			err) < 0)
		return -1;
	near = calloc(groups.len, sizeof *near);
	if (!near) {
		persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		goto out;
	}
	for (size_t i = 0; i < groups.len; i++)
		near[i] = nearness(offline, &groups.items[i]);
	while (offline->drafted.len < wanted) {
		size_t best = groups.len;

		for (size_t i = 0; i < groups.len; i++)
			if (near[i] < 3 && (best == groups.len || near[i] < near[best]))
				best = i;
		if (best == groups.len)
			break;
		near[best] = 3;
		if (draft_segment(offline, &groups.items[best], err) < 0)
			goto out;
	}
	rc = 0;
out:
	free(near);
	groups_release(&groups);
	return rc;
}

/* Does the draft at hand follow the task's deals as far as it goes? */
static bool is_continued(const struct persona_offline *offline, const size_t *deals, size_t len)
{
	for (size_t i = 0; i < offline->deals_len; i++)
		if (i >= len || offline->deals[i] != deals[i])
			return false;
	return true;
}

static int draft_up_to(struct persona_offline *offline, const size_t *deals, size_t len, size_t slot,
		       struct persona_error *err)
{
	size_t needed = 0;

	while (needed < len && (needed == 0 || deals[needed - 1] < slot))
		needed++;
	if (!is_continued(offline, deals, len)) {
		drafted_forget(offline);
		names_reset(offline->model->names);
	}
	if (!offline->usage.options && usage_init(&offline->usage, offline->model, err) < 0)
		return -1;
	for (size_t i = offline->deals_len; i < needed; i++) {
		if (persona_grow((void **)&offline->deals, &offline->deals_capacity, offline->deals_len,
				 sizeof *offline->deals, err) < 0 ||
		    draft_deal(offline, deals[i], err) < 0)
			return -1;
		offline->deals[offline->deals_len++] = deals[i];
		json_decref(offline->figures);
		offline->figures = NULL;
	}
	return 0;
}

/* Of all personas of the draft, whichever slots are asked for. */
static int add_figures(struct persona_offline *offline, struct persona_answer *answer, struct persona_error *err)
{
	struct drafted drafted = { .answer = &offline->drafted, .medoids = offline->medoids, .sizes = offline->sizes };

	if (!offline->drafted.len)
		return 0;
	if (!offline->figures && figures_make(&offline->figures, offline->model, &drafted, err) < 0)
		return -1;
	answer->figures = persona_json_compact(offline->figures, err);
	return answer->figures ? 0 : -1;
}

static int note(struct persona_answer *answer, const struct persona_offline *offline, size_t slot,
		struct persona_error *err)
{
	const struct model *model = offline->model;
	size_t silent = model->len - model->speaking;
	struct persona_buf text;
	int rc = 0;

	persona_buf_init(&text, 1024);
	if (!model->speaking)
		rc = persona_buf_addf(&text, err, "nothing is answered in any of %zu records", model->len);
	else if (slot > model->speaking)
		rc = persona_buf_addf(&text, err, "one persona for each record%s, no more: there are %zu",
				      silent ? " that answers something" : "", model->speaking);
	else if (model->len < OFFLINE_SMALL)
		rc = persona_buf_addf(&text, err, "fewer than %d records: one persona for each respondent, no groups",
				      OFFLINE_SMALL);
	if (rc == 0 && silent && model->speaking)
		rc = persona_buf_addf(&text, err, "%s%zu of %zu records left out: nothing is answered there",
				      text.len ? "; " : "", silent, model->len);
	if (rc == 0 && !model->english)
		rc = persona_buf_addf(&text, err,
				      "%sthe text does not read as English: items are chosen by the questions alone",
				      text.len ? "; " : "");
	if (rc == 0 && text.len) {
		answer->note = persona_buf_take(&text);
		if (!answer->note)
			rc = persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	}
	persona_buf_release(&text);
	return rc;
}

static int draft(struct persona_offline *offline, const struct persona_task *task, struct persona_answer *answer,
		 struct persona_error *err)
{
	size_t first = task->first_slot ? task->first_slot : 1, last = first + task->count - 1;
	const size_t *deals = task->deals_len ? task->deals : &last;

	if (!task->count)
		return 0;
	if (draft_up_to(offline, deals, task->deals_len ? task->deals_len : 1, last, err) < 0) {
		drafted_forget(offline);
		names_reset(offline->model->names);
		return -1;
	}
	for (size_t slot = first; slot <= last && slot <= offline->drafted.len; slot++) {
		struct persona *persona;

		if (persona_answer_add(answer, &persona, err) < 0 ||
		    persona_copy(persona, &offline->drafted.personas[slot - 1], err) < 0)
			return -1;
	}
	if (add_figures(offline, answer, err) < 0)
		return -1;
	return note(answer, offline, last, err);
}

int persona_offline_run(struct persona_offline *offline, const struct persona_task *task, struct persona_answer *answer,
			struct persona_error *err)
{
	int rc;

	persona_answer_init(answer);
	if (task->kind == PERSONA_TASK_DRAFT && !task->records->len)
		return persona_error_set(err, PERSONA_E_FORMAT, "no records to draft from");
	if (learn(offline, task, err) < 0)
		return -1;
	rc = task->kind == PERSONA_TASK_DRAFT ? draft(offline, task, answer, err)
					      : refine(offline->model, task, answer, err);
	if (rc < 0)
		persona_answer_release(answer);
	return rc;
}
