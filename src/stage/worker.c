/* A thread that computes while the store's thread waits for everything else. */
#include <errno.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "client.h"

struct workers {
	const struct persona_stage *stage;
	struct persona_context *context;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct work_list waiting, finished; /* guarded by lock */
	bool ending;			    /* guarded by lock */
	int done_fd;
};

void work_list_add(struct work_list *list, struct persona_work *work)
{
	work->next = NULL;
	if (list->last)
		list->last->next = work;
	else
		list->first = work;
	list->last = work;
	list->len++;
}

void work_list_push(struct work_list *list, struct persona_work *work)
{
	work->next = list->first;
	list->first = work;
	if (!list->last)
		list->last = work;
	list->len++;
}

struct persona_work *work_list_take(struct work_list *list)
{
	struct persona_work *work = list->first;

	if (!work)
		return NULL;
	list->first = work->next;
	if (!list->first)
		list->last = NULL;
	list->len--;
	work->next = NULL;
	return work;
}

static int answer(struct persona_context *context, struct persona_work *work)
{
	struct request *request = work->request;

	if (request)
		return answer_read(&work->answer, &work->task, &request->reply, &work->failed, &work->reason);
	return context->model->answer(context->model->payload, &work->task, &work->answer, &work->reason);
}

static void compute(struct workers *workers, struct persona_work *work)
{
	const struct persona_stage *stage = workers->stage;
	struct persona_context *context = workers->context;
	int rc;

	/* What a model did not answer is for the store's thread to settle. */
	if (work->failed || (work->request && !request_is_answered(work->request)))
		return;
	if (context->options->phase)
		context->options->phase(context->options->payload, PERSONA_PHASE_WORK);
	if (stage->compute)
		rc = stage->compute(context, work, &work->reason);
	else
		rc = answer(context, work);
	if (!rc && stage->check)
		rc = stage->check(context, work, &work->reason);
	if (rc < 0 && !work->failed)
		work->failed = work->reason.code == PERSONA_E_BUSY ? "timeout" : "invalid";
}

static void *serve(void *payload)
{
	struct workers *workers = payload;

	pthread_mutex_lock(&workers->lock);
	for (;;) {
		struct persona_work *work = work_list_take(&workers->waiting);
		uint64_t one = 1;
		ssize_t ignored;

		if (!work) {
			if (workers->ending)
				break;
			pthread_cond_wait(&workers->wake, &workers->lock);
			continue;
		}
		pthread_mutex_unlock(&workers->lock);
		compute(workers, work);
		pthread_mutex_lock(&workers->lock);
		work_list_add(&workers->finished, work);
		ignored = write(workers->done_fd, &one, sizeof one);
		(void)ignored;
	}
	pthread_mutex_unlock(&workers->lock);
	return NULL;
}

int workers_new(struct workers **out, const struct persona_stage *stage, struct persona_context *context,
		struct persona_error *err)
{
	struct workers *workers = calloc(1, sizeof *workers);
	int code;

	*out = NULL;
	if (!workers)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	workers->stage = stage;
	workers->context = context;
	workers->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (workers->done_fd < 0) {
		free(workers);
		return persona_error_set(err, PERSONA_E_IO, "cannot make an event descriptor: %s", strerror(errno));
	}
	pthread_mutex_init(&workers->lock, NULL);
	pthread_cond_init(&workers->wake, NULL);
	code = pthread_create(&workers->thread, NULL, serve, workers);
	if (code) {
		close(workers->done_fd);
		pthread_cond_destroy(&workers->wake);
		pthread_mutex_destroy(&workers->lock);
		free(workers);
		return persona_error_set(err, PERSONA_E_NOMEM, "cannot start a thread: %s", strerror(code));
	}
	*out = workers;
	return 0;
}

void workers_free(struct workers *workers, struct work_list *left)
{
	struct persona_work *work;

	if (!workers)
		return;
	workers_take_back(workers, left);
	pthread_mutex_lock(&workers->lock);
	workers->ending = true;
	pthread_cond_signal(&workers->wake);
	pthread_mutex_unlock(&workers->lock);
	pthread_join(workers->thread, NULL);
	while ((work = work_list_take(&workers->finished)))
		work_list_add(left, work);
	close(workers->done_fd);
	pthread_cond_destroy(&workers->wake);
	pthread_mutex_destroy(&workers->lock);
	free(workers);
}

void workers_submit(struct workers *workers, struct persona_work *work)
{
	pthread_mutex_lock(&workers->lock);
	work_list_add(&workers->waiting, work);
	pthread_cond_signal(&workers->wake);
	pthread_mutex_unlock(&workers->lock);
}

void workers_collect(struct workers *workers, struct work_list *done)
{
	struct persona_work *work;
	uint64_t count;
	ssize_t ignored = read(workers->done_fd, &count, sizeof count);

	(void)ignored;
	pthread_mutex_lock(&workers->lock);
	while ((work = work_list_take(&workers->finished)))
		work_list_add(done, work);
	pthread_mutex_unlock(&workers->lock);
}

void workers_take_back(struct workers *workers, struct work_list *unbegun)
{
	struct persona_work *work;

	pthread_mutex_lock(&workers->lock);
	while ((work = work_list_take(&workers->waiting)))
		work_list_add(unbegun, work);
	pthread_mutex_unlock(&workers->lock);
}

int workers_fd(const struct workers *workers)
{
	return workers->done_fd;
}
