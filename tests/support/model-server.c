/* model-server: the scripted model provider as a program; see model_server.h. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>

#include "model_server.h"

#define MAX_OPTIONS 64

static const char usage[] =
	"usage: model-server [option…]\n"
	"\n"
	"A model provider on 127.0.0.1 for tests, and to rehearse a batch before paying for it: OpenAI and compatible\n"
	"(POST …/chat/completions), Anthropic (/v1/messages), Gemini (…:generateContent), Ollama (/api/chat). Prints\n"
	"\"listening on http://127.0.0.1:PORT\" and serves until SIGTERM or SIGINT. The answer is made from the "
	"request:\n"
	"as many personas as its last message says (\"count\": N, or Personas wanted: N), which cite locators found "
	"in\n"
	"brackets such as [interviews.csv:17]; scores where it says \"coherence\"; a changed persona where it\n"
	"says \"Refine this persona\" or \"What was found:\". Equal requests get equal answers.\n"
	"\n"
	"  GET /stats              counters as JSON (also to --stats FILE at the end): requests, connections, tokens "
	"by\n"
	"                          model (answers that were lost on the way included), equal requests answered twice,\n"
	"                          requests that came early although they were told to wait, and so on\n"
	"  POST /control           the options below as a JSON object, from now on; \"reset\": true sets counters "
	"back\n"
	"\n";

static const char *const with_value[] = { "reply",	   "body",	  "content-type", "status",
					  "header",	   "usage",	  "tokens-out",	  "cached",
					  "cache-written", "reasoning",	  "delay",	  "first-byte-delay",
					  "rpm",	   "retry-after", "fail",	  "script",
					  "seed",	   "require-key", "reject",	  "idle-timeout",
					  "port",	   "threads",	  "log",	  "answers",
					  "mark",	   "stats" };

struct arguments {
	const char *options[2 * MAX_OPTIONS + 2];
	size_t len;
	const char *stats_file;
};

static int add(struct arguments *arguments, const char *name, const char *value, struct persona_error *err)
{
	if (arguments->len + 2 > 2 * MAX_OPTIONS)
		return persona_error_set(err, PERSONA_E_USAGE, "too many options");
	arguments->options[arguments->len++] = name;
	arguments->options[arguments->len++] = value;
	return 0;
}

static bool is_one(const char *name)
{
	for (size_t i = 0; i < sizeof with_value / sizeof *with_value; i++)
		if (strcmp(name, with_value[i]) == 0)
			return true;
	return false;
}

static int parse(struct arguments *arguments, char **argv, struct persona_error *err)
{
	for (; *argv; argv++) {
		const char *name = strncmp(*argv, "--", 2) == 0 ? *argv + 2 : "";
		int rc;

		if (strcmp(name, "close") == 0 || strcmp(name, "log-bodies") == 0) {
			rc = add(arguments, name, "true", err);
		} else if (strcmp(name, "tls") == 0 && argv[1] && argv[2]) {
			rc = add(arguments, "cert", argv[1], err) < 0 || add(arguments, "key", argv[2], err) < 0 ? -1
														 : 0;
			argv += 2;
		} else if (is_one(name) && argv[1]) {
			argv++;
			if (strcmp(name, "stats") == 0) {
				arguments->stats_file = *argv;
				rc = 0;
			} else {
				rc = add(arguments, name, *argv, err);
			}
		} else {
			rc = persona_error_set(err, PERSONA_E_USAGE, "'%s' cannot be used; see --help", *argv);
		}
		if (rc < 0)
			return -1;
	}
	return 0;
}

static int write_stats(struct model_server *server, const char *path, struct persona_error *err)
{
	json_t *stats = model_server_stats(server);
	int rc = stats && json_dump_file(stats, path, JSON_INDENT(2)) == 0
			 ? 0
			 : persona_error_set(err, PERSONA_E_IO, "cannot write '%s': %s", path, strerror(errno));

	json_decref(stats);
	return rc;
}

int main(int argc, char **argv)
{
	struct arguments arguments = { .len = 0 };
	struct model_server *server = NULL;
	struct persona_error err = { 0 };
	sigset_t ends;
	int signal, rc;

	if (argc > 1 && strcmp(argv[1], "--help") == 0) {
		printf("%s%s", usage, model_server_help);
		return 0;
	}
	/* Before there are threads, so that none of them takes the signal. */
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	pthread_sigmask(SIG_BLOCK, &ends, NULL);
	rc = parse(&arguments, argv + 1, &err);
	if (!rc)
		rc = model_server_start(&server, arguments.options, &err);
	if (!rc) {
		printf("listening on %s\n", model_server_url(server));
		if (fflush(stdout) == EOF)
			rc = persona_error_set(&err, PERSONA_E_IO, "cannot write stdout: %s", strerror(errno));
	}
	if (!rc)
		sigwait(&ends, &signal);
	if (!rc && arguments.stats_file)
		rc = write_stats(server, arguments.stats_file, &err);
	model_server_stop(server);
	if (rc < 0)
		fprintf(stderr, "model-server: %s\n", err.text);
	return rc < 0 ? (err.code == PERSONA_E_USAGE ? 2 : 1) : 0;
}
