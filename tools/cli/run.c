/* From the command line to the exit code of a stage. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "chain.h"
#include "cli.h"
#include "persona/json.h"
#include "persona/text.h"

/* ---- Signals --------------------------------------------------------- */

static volatile sig_atomic_t caught, direct, handed_on;

/*
 * The first asks to finish; the second leaves at once, which loses nothing: claims are free when the process is gone. What a
 * terminal sends to all of its foreground persona-run hands on besides (by sigqueue(3)): that is the same one once more.
 */
static void on_signal(int number, siginfo_t *info, void *context)
{
	(void)context;
	if (info->si_code == SI_QUEUE)
		handed_on++;
	else
		direct++;
	if (direct > 1 || handed_on > 1) {
		signal(number, SIG_DFL);
		raise(number);
		return;
	}
	if (!caught)
		caught = number;
	persona_stage_stop();
}

static void catch_signals(void)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };
	struct sigaction now;

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		/* Under nohup(1) or in the background of a script some are ignored: leave it so. */
		if (sigaction(numbers[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
			sigaction(numbers[i], &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* ---- Input ----------------------------------------------------------- */

static int check_input(const struct persona_stage *stage, const struct cli_values *values, size_t refs_len,
		       struct persona_error *err)
{
	bool reads_refs = stage->pending != NULL;
	int ways = (refs_len > 0) + values->reads_stdin + values->pending;

	if (!reads_refs)
		return 0;
	if (ways == 0)
		return persona_error_set(err, PERSONA_E_USAGE,
					 "say which: references, - to read them from stdin, or --pending");
	if (ways > 1)
		return persona_error_set(err, PERSONA_E_USAGE,
					 "references, - and --pending are three ways to say which; use one");
	return 0;
}

/* The beginning of stdin. */
struct head {
	char bytes[65536];
	size_t len;
};

/*
 * In a pipe all programs start at once. Who reads references waits for the first before it opens the database: then
 * there is one, and where nothing comes nothing is made.
 */
static int read_head(struct head *head, struct persona_error *err)
{
	/* Whether anybody reads what is to come of them is asked, too: who is begun may be paid for. */
	struct pollfd ends[2] = { { .fd = STDIN_FILENO, .events = POLLIN }, { .fd = STDOUT_FILENO } };
	ssize_t got;

	do {
		if (poll(ends, 2, -1) > 0 && (ends[1].revents & POLLERR))
			exit(cli_leave(CLI_UNREAD));
		got = read(STDIN_FILENO, head->bytes, sizeof head->bytes);
	} while (got < 0 && (errno == EINTR || errno == EAGAIN));
	if (got < 0)
		return persona_error_set(err, PERSONA_E_IO, "cannot read references: %s", strerror(errno));
	head->len = (size_t)got;
	return 0;
}

/* ---- The run --------------------------------------------------------- */

struct collected {
	struct persona_ref *refs;
	size_t len, capacity;
	bool lost;
};

static void collect(void *payload, struct persona_ref ref)
{
	struct collected *collected = payload;

	if (persona_grow((void **)&collected->refs, &collected->capacity, collected->len, sizeof *collected->refs,
			 NULL) < 0) {
		collected->lost = true;
		return;
	}
	collected->refs[collected->len++] = ref;
}

static char *arguments_json(int argc, char **argv)
{
	json_t *array = json_array();
	bool whole = array;
	char *text;

	for (int i = 0; i < argc && whole; i++) {
		json_t *argument = json_string(argv[i]);

		whole = json_array_append_new(array, argument ? argument : json_string("(not UTF-8)")) == 0;
	}
	text = whole ? persona_json_compact(array, NULL) : NULL;
	json_decref(array);
	return text;
}

static int print_table(struct persona_store *store, const struct collected *collected, struct persona_error *err)
{
	struct cli_table table = { 0 };
	int rc = 0;

	for (size_t i = 0; i < collected->len && !rc; i++) {
		struct persona_place place;
		struct persona_view view;

		rc = persona_store_resolve(store, collected->refs[i], &place, err);
		if (rc > 0)
			rc = persona_store_view(store, &place, &view, err);
		else
			continue;
		if (!rc) {
			rc = cli_table_add(&table, &view, err);
			persona_view_release(&view);
		}
	}
	if (!rc)
		rc = cli_table_print(&table, stdout, err);
	cli_table_release(&table);
	return rc;
}

/* ", 3 without a verdict", for those that a judge did not come to; the others are told of by themselves. */
static const char *undecided_text(const int64_t *counts, char *text, size_t size)
{
	int64_t without = counts[PERSONA_COUNT_READ] - counts[PERSONA_COUNT_PASSED] - counts[PERSONA_COUNT_REJECTED] -
			  counts[PERSONA_COUNT_UNSCORED];

	*text = '\0';
	if (without > 0)
		snprintf(text, size, ", %lld without a verdict", (long long)without);
	return text;
}

/* One line that says what was done. */
static void summarise(const struct persona_stage *stage, const struct persona_context *context,
		      const struct cli_values *values)
{
	const int64_t *counts = context->counts;
	long long printed = counts[PERSONA_COUNT_PRINTED], made = counts[PERSONA_COUNT_MADE];
	long long nothing = counts[PERSONA_COUNT_NOTHING];
	const char *s = cli_plural(printed), *who = "";
	char undecided[64];

	if (context->model && !values->model)
		who = "; no --model given: offline, which is built in";
	if (stage == &persona_stage_filter || stage == &persona_stage_judge)
		cli_say("%lld of %lld passed%s", (long long)counts[PERSONA_COUNT_PASSED],
			(long long)counts[PERSONA_COUNT_READ], undecided_text(counts, undecided, sizeof undecided));
	else if (stage == &persona_stage_score)
		cli_say("%lld persona%s, %lld newly scored", printed, s, made);
	else if (stage == &persona_stage_refine && nothing)
		cli_say("%lld persona%s, %lld newly refined, %lld with nothing to improve%s", printed, s, made, nothing,
			who);
	else if (stage == &persona_stage_refine)
		cli_say("%lld persona%s, %lld newly refined%s", printed, s, made, who);
	else
		cli_say("%lld persona%s, %lld new%s", printed, s, made, who);
}

/* And why it is not all that was asked for. */
static void tell_what_is_missing(const struct persona_stage *stage, const struct persona_context *context)
{
	const int64_t *counts = context->counts;
	/* An import has named each by its place. */
	const char *why = stage == &persona_stage_import ? "" : context->failed.text;

	if (counts[PERSONA_COUNT_UNSCORED])
		cli_say("%lld without a score got no verdict (run persona-score first)",
			(long long)counts[PERSONA_COUNT_UNSCORED]);
	if (counts[PERSONA_COUNT_UNJUDGED])
		cli_say("%lld without a verdict passed on as they are (run persona-filter first, or use --unjudged)",
			(long long)counts[PERSONA_COUNT_UNJUDGED]);
	if (counts[PERSONA_COUNT_FAILED])
		cli_complain("%lld failed%s%s; see the table failure", (long long)counts[PERSONA_COUNT_FAILED],
			     !*why				 ? ""
			     : counts[PERSONA_COUNT_FAILED] == 1 ? ": "
								 : ", the first: ",
			     why);
	if (counts[PERSONA_COUNT_PARKED])
		cli_complain("%lld parked after repeated failures; --retry all tries them again",
			     (long long)counts[PERSONA_COUNT_PARKED]);
	if (counts[PERSONA_COUNT_HELD])
		cli_complain("%lld left to another process", (long long)counts[PERSONA_COUNT_HELD]);
	if (counts[PERSONA_COUNT_EXHAUSTED])
		cli_say("%lld that failed %s no rounds left (--max-rounds)", (long long)counts[PERSONA_COUNT_EXHAUSTED],
			counts[PERSONA_COUNT_EXHAUSTED] == 1 ? "has" : "have");
}

/* What was asked for over the network, and what that cost. */
static void tell_cost(const struct persona_context *context)
{
	const int64_t *counts = context->counts;
	long long requests = counts[PERSONA_COUNT_REQUESTS], at_hand = counts[PERSONA_COUNT_AT_HAND];
	struct persona_http_stats stats;

	if (!context->model || !context->model->remote || requests + at_hand == 0)
		return;
	cli_say("%lld request%s (%lld of them repeated), %lld answer%s at hand, %lld + %lld tokens, $%.4f, lost $%.4f",
		requests, cli_plural(requests), (long long)counts[PERSONA_COUNT_RETRIES], at_hand, cli_plural(at_hand),
		(long long)counts[PERSONA_COUNT_INPUT_TOKENS], (long long)counts[PERSONA_COUNT_OUTPUT_TOKENS],
		(double)counts[PERSONA_COUNT_COST_NUSD] / 1e9, (double)counts[PERSONA_COUNT_LOST_NUSD] / 1e9);
	if (persona_model_stats(context->model, &stats))
		persona_log(
			PERSONA_LOG_DEBUG,
			"%lld connection%s opened, %lld request%s over a kept one, %lld over HTTP/2; %lld bytes out, "
			"%lld in",
			(long long)stats.connections, cli_plural(stats.connections), (long long)stats.reused,
			cli_plural(stats.reused), (long long)stats.http2, (long long)stats.bytes_out,
			(long long)stats.bytes_in);
}

static int exit_code_of(int rc, const struct persona_context *context, enum persona_end end,
			const struct persona_error *err)
{
	if (rc < 0)
		return end == PERSONA_END_UNWRITABLE ? CLI_DATABASE : (int)cli_exit_code(err->code);
	if (end == PERSONA_END_STOPPED)
		return 128 + caught;
	if (end == PERSONA_END_CLOSED)
		return CLI_UNREAD;
	if (end == PERSONA_END_BUDGET)
		return CLI_BUDGET;
	if (end == PERSONA_END_UNUSABLE)
		return CLI_PROVIDER;
	return persona_context_incomplete(context) ? CLI_INCOMPLETE : CLI_OK;
}

/* ---- Rehearsing ------------------------------------------------------ */

static void tell_estimate(const struct persona_context *context)
{
	const struct persona_estimate *estimate = &context->estimate;

	if (!context->model || !context->model->remote) {
		cli_say("%lld piece%s of work to do, nothing to send", (long long)estimate->work,
			cli_plural(estimate->work));
		return;
	}
	cli_say("%lld request%s to send, %lld answer%s at hand", (long long)estimate->requests,
		cli_plural(estimate->requests), (long long)estimate->at_hand, cli_plural(estimate->at_hand));
	if (!estimate->requests)
		return;
	cli_say("tokens: %lld to %lld in, %lld to %lld out", (long long)estimate->input_low,
		(long long)estimate->input_high, (long long)estimate->output_low, (long long)estimate->output_high);
	if (estimate->priced)
		cli_say("cost: $%.4f to $%.4f, without requests that have to be repeated",
			(double)estimate->low_nusd / 1e9, (double)estimate->high_nusd / 1e9);
}

/* A database that is not there yet is made in a folder that is removed again. */
static int open_rehearsal(const struct persona_stage *stage, const struct cli_values *values, char *folder,
			  struct persona_context *context, struct persona_error *err)
{
	char path[64];
	int rc;

	folder[0] = '\0';
	if (stage->pending || access(values->db, F_OK) == 0) {
		rc = persona_store_open(&context->store, values->db, PERSONA_STORE_WRITE, NULL, err);
	} else {
		snprintf(folder, 32, "/tmp/persona-XXXXXX");
		if (!mkdtemp(folder)) {
			folder[0] = '\0';
			return persona_error_set(err, PERSONA_E_IO, "cannot make a folder in /tmp: %s",
						 strerror(errno));
		}
		snprintf(path, sizeof path, "%s/dry.db", folder);
		rc = persona_store_open(&context->store, path, PERSONA_STORE_CREATE, NULL, err);
	}
	return rc < 0 ? -1 : persona_store_rehearse(context->store, err);
}

static void remove_rehearsal(const char *folder)
{
	static const char *const names[] = { "dry.db", "dry.db-wal", "dry.db-shm", "dry.db-live" };
	char path[64];

	if (!folder[0])
		return;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		snprintf(path, sizeof path, "%s/%s", folder, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(folder);
}

static int rehearse(const struct persona_stage *stage, const struct cli_values *values, struct persona_context *context)
{
	struct persona_error err = { 0 };
	enum persona_end end;
	char folder[32];
	int code = CLI_OK;

	if (open_rehearsal(stage, values, folder, context, &err) < 0 ||
	    persona_stage_run(stage, context, &end, &err) < 0)
		code = cli_fail(&err);
	else
		tell_estimate(context);
	cli_progress_clear();
	persona_store_close(context->store);
	context->store = NULL;
	remove_rehearsal(folder);
	return code;
}

/* ---- Running --------------------------------------------------------- */

static int run(const struct persona_stage *stage, const struct cli_values *values, struct persona_context *context,
	       struct collected *collected)
{
	struct persona_error err = { 0 }, late = { 0 };
	enum persona_end end = PERSONA_END_DONE;
	int rc, code;
	char *counts;

	rc = persona_stage_run(stage, context, &end, &err);
	cli_progress_clear();
	code = exit_code_of(rc, context, end, &err);
	if (rc < 0) {
		cli_error(&err);
	} else if (end != PERSONA_END_CLOSED) {
		summarise(stage, context, values);
		tell_what_is_missing(stage, context);
		tell_cost(context);
		if (context->why.code)
			cli_error(&context->why);
	}
	if (rc == 0 && cli_wants_table(values) &&
	    (print_table(context->store, collected, &late) < 0 || cli_flush(stdout, &late) < 0))
		code = cli_fail(&late);
	counts = persona_context_counts(context);
	if (persona_store_run_finish(context->store, code, counts, &late) < 0 && code == CLI_OK)
		code = cli_fail(&late);
	free(counts);
	return code;
}

static void options_make(struct persona_options *options, const struct cli_values *values,
			 const struct persona_stage *stage, struct collected *collected)
{
	*options = (struct persona_options){
		.input_fd = stage->pending && values->reads_stdin ? STDIN_FILENO : -1,
		.pending = values->pending,
		.output_fd = cli_wants_table(values) || values->dry_run ? -1 : STDOUT_FILENO,
		.passed = collect,
		.progress = cli_shows_progress(values) ? cli_progress : NULL,
		.phase = cli_phase_hook(),
		.payload = collected,
		.limit = values->limit,
		.no_wait = values->no_wait,
		.retry = values->retry,
		.fresh = values->fresh,
		.dry_run = values->dry_run,
	};
}

/* Everything that is read before the database is touched: 1 there is work, 0 there is none. */
static int read_first(const struct persona_stage *stage, struct persona_context *context,
		      struct persona_options *options, struct head *head, struct chain_member *member,
		      struct persona_error *err)
{
	if (chain_member_parse(member, getenv(CHAIN_VARIABLE), err) < 0)
		return -1;
	if (persona_stage_prepare(stage, context, err) < 0)
		return -1;
	if (options->input_fd < 0)
		return 1;
	if (!head)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	if (read_head(head, err) < 0)
		return -1;
	options->input_head = head->bytes;
	options->input_head_len = head->len;
	/* In a chain the one before has said why. */
	if (!head->len && !member->position)
		cli_say("nothing to do: no references came");
	return head->len > 0;
}

/* Only who brings in personas makes a database. */
static int open_store(const struct cli_program *program, const struct persona_stage *stage,
		      const struct cli_values *values, int argc, char **argv, const struct chain_member *member,
		      struct persona_context *context, struct persona_error *err)
{
	char *arguments = arguments_json(argc, argv);
	struct persona_run_info info = { .tool = program->name,
					 .arguments = arguments ? arguments : "[]",
					 .chain = member->budget_nusd < 0 ? NULL : member->name,
					 .chain_budget_nusd = member->budget_nusd };
	int rc = persona_store_open(&context->store, values->db,
				    stage->pending ? PERSONA_STORE_WRITE : PERSONA_STORE_CREATE, NULL, err);

	if (!rc)
		rc = persona_store_run_start(context->store, &info, err);
	free(arguments);
	return rc;
}

int cli_run_stage(const struct cli_program *program, const struct cli_values *values, int argc, char **argv,
		  const struct persona_stage *stage, const void *settings, struct persona_model *model)
{
	struct persona_context context = { .settings = settings, .model = model };
	struct collected collected = { 0 };
	struct persona_options options;
	struct persona_ref *refs = NULL;
	struct chain_member member;
	struct persona_error err = { 0 };
	struct head *head = values->reads_stdin ? malloc(sizeof *head) : NULL;
	int code = CLI_OK, rc = -1;

	options_make(&options, values, stage, &collected);
	context.options = &options;
	if ((!stage->pending || cli_refs(values, &refs, &options.refs_len, &err) == 0) &&
	    check_input(stage, values, options.refs_len, &err) == 0)
		rc = read_first(stage, &context, &options, head, &member, &err);
	options.refs = refs;
	/* Until here a signal just ends the program: nothing is begun. */
	catch_signals();
	if (rc > 0 && values->dry_run) {
		code = rehearse(stage, values, &context);
		rc = 0;
	}
	if (rc > 0 && open_store(program, stage, values, argc, argv, &member, &context, &err) < 0)
		rc = -1;
	if (rc > 0)
		code = run(stage, values, &context, &collected);
	else if (rc < 0)
		code = cli_fail(&err);
	persona_stage_discard(stage, &context);
	persona_store_close(context.store);
	free(collected.refs);
	free(refs);
	free(head);
	return cli_leave(code);
}
