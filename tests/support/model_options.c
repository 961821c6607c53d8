#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <strings.h>
#include <unistd.h>

#include "model_internal.h"

const char model_server_help[] =
	"what is said\n"
	"  --reply FILE            this text instead of personas, judgements and refinements\n"
	"  --body FILE             these bytes as the whole body, whatever was asked\n"
	"  --mark TEXT             with --body: where this stands in it, the number of the request stands instead, in "
	"as\n"
	"                          many digits\n"
	"  --content-type TYPE     with --body (application/json)\n"
	"  --status N              this status for all, with the provider's own error body (or with --body)\n"
	"  --header 'NAME: VALUE'  one more header in every answer (up to 8)\n"
	"  --usage missing|given   leave out the token counts\n"
	"  --tokens-out MIN[-MAX]  output tokens to report and count, instead of bytes/4 of the text\n"
	"  --cached PERCENT        of the input tokens read from the provider's cache\n"
	"  --cache-written PERCENT of the input tokens written to it (OpenAI, Anthropic)\n"
	"  --reasoning N           tokens of reasoning in each answer\n"
	"\n"
	"when\n"
	"  --delay MS[-MS]         until an answer is through\n"
	"  --first-byte-delay MS   until it begins; the rest comes when --delay is over\n"
	"  --rpm N                 429 for more than N requests in 60 seconds\n"
	"  --retry-after SECONDS   what a 429 tells (1); 'none' for no header\n"
	"\n"
	"what goes wrong\n"
	"  --fail KIND=PERCENT,…   KIND: a status such as 429, or reset, cut (after half the body), garbage (no "
	"JSON),\n"
	"                          badline (no HTTP), hang, html502, refuse, truncate, empty, close (after the "
	"answer),\n"
	"                          quota (429, billing), toolong (400)\n"
	"  --script KIND,…         what becomes of the first requests, in order; 'ok' is a kind, too\n"
	"  --seed N                of the draws\n"
	"  --close                 no connection carries a second request\n"
	"  --require-key KEY       401 for others\n"
	"  --reject NAME,…         400 for requests with one of these members, named\n"
	"  --idle-timeout SECONDS  close connections that carry nothing for so long\n"
	"\n"
	"where\n"
	"  --port N                (0: any)\n"
	"  --tls CERT KEY          PEM files\n"
	"  --threads N             (2)\n"
	"  --log FILE              a line of JSON for each request as it comes in, headers included\n"
	"  --log-bodies            what was asked, too\n"
	"  --answers FILE          a line for each answer that went out whole: a hash of what was asked\n";

void options_init(struct options *options)
{
	*options = (struct options){ .threads = 2, .first_byte_ms = -1, .retry_after_s = 1 };
}

void options_release(struct options *options)
{
	for (size_t i = 0; i < options->headers_len; i++)
		free(options->headers[i]);
	free(options->cert_file);
	free(options->key_file);
	free(options->script);
	free(options->require_key);
	free(options->reject);
	free(options->reply);
	free(options->body);
	free(options->mark);
	free(options->content_type);
	free(options->log_file);
	free(options->answers_file);
	options_init(options);
}

char *file_content(const char *path, size_t *len, struct persona_error *err)
{
	struct persona_buf content;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text = NULL;

	if (fd < 0) {
		(void)persona_error_set(err, PERSONA_E_IO, "cannot read '%s': %s", path, strerror(errno));
		return NULL;
	}
	persona_buf_init(&content, (size_t)256 << 20);
	if (persona_buf_read(&content, fd, err) == 0) {
		if (len)
			*len = content.len;
		text = persona_buf_take(&content);
		if (!text)
			(void)persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	}
	persona_buf_release(&content);
	close(fd);
	return text;
}

/* ---- Values ---------------------------------------------------------- */

static int bad(const char *name, const char *value, struct persona_error *err)
{
	return persona_error_set(err, PERSONA_E_USAGE, "%s: '%s' cannot be used", name, value);
}

static int set_int(int *out, const char *name, const char *value, long least, long most, struct persona_error *err)
{
	char *end;
	long number;

	errno = 0;
	number = strtol(value, &end, 10);
	if (errno || end == value || *end || number < least || number > most)
		return bad(name, value, err);
	*out = (int)number;
	return 0;
}

/* "20" or "10-30" */
static int set_range(int *from, int *to, const char *name, const char *value, struct persona_error *err)
{
	char first[16];
	const char *dash = strchr(value, '-');
	size_t len = dash ? (size_t)(dash - value) : strlen(value);

	if (len >= sizeof first)
		return bad(name, value, err);
	memcpy(first, value, len);
	first[len] = '\0';
	if (set_int(from, name, first, 0, 100000000, err) < 0)
		return -1;
	*to = *from;
	if (dash && set_int(to, name, dash + 1, *from, 100000000, err) < 0)
		return -1;
	return 0;
}

static int set_bool(bool *out, const char *name, const char *value, struct persona_error *err)
{
	if (strcmp(value, "true") == 0 || strcmp(value, "1") == 0 || !*value)
		*out = true;
	else if (strcmp(value, "false") == 0 || strcmp(value, "0") == 0)
		*out = false;
	else
		return bad(name, value, err);
	return 0;
}

/* An empty value takes it back. */
static int set_text(char **out, const char *value, struct persona_error *err)
{
	char *copy = *value ? persona_strdup(value, err) : NULL;

	if (*value && !copy)
		return -1;
	free(*out);
	*out = copy;
	return 0;
}

static int set_file(char **out, size_t *len, const char *path, struct persona_error *err)
{
	char *content;

	if (!*path)
		return set_text(out, "", err);
	content = file_content(path, len, err);
	if (!content)
		return -1;
	free(*out);
	*out = content;
	return 0;
}

/* ---- Faults ---------------------------------------------------------- */

static const char *const fault_names[FAULTS] = {
	[FAULT_NONE] = "ok",	       [FAULT_STATUS] = "status",   [FAULT_RESET] = "reset",
	[FAULT_CUT] = "cut",	       [FAULT_GARBAGE] = "garbage", [FAULT_BADLINE] = "badline",
	[FAULT_HANG] = "hang",	       [FAULT_HTML502] = "html502", [FAULT_REFUSE] = "refuse",
	[FAULT_TRUNCATE] = "truncate", [FAULT_EMPTY] = "empty",	    [FAULT_CLOSE] = "close",
	[FAULT_QUOTA] = "quota",       [FAULT_TOOLONG] = "toolong",
};

const char *decision_name(struct decision decision, char buffer[16])
{
	if (decision.fault != FAULT_STATUS)
		return fault_names[decision.fault];
	snprintf(buffer, 16, "%d", decision.status);
	return buffer;
}

static int parse_fault(struct decision *out, const char *option, const char *name, size_t len,
		       struct persona_error *err)
{
	char word[16];

	if (len >= sizeof word)
		return bad(option, name, err);
	memcpy(word, name, len);
	word[len] = '\0';
	out->status = 0;
	if (isdigit((unsigned char)word[0])) {
		out->fault = FAULT_STATUS;
		return set_int(&out->status, option, word, 200, 599, err);
	}
	for (out->fault = 0; out->fault < FAULTS; out->fault++)
		if (out->fault != FAULT_STATUS && strcmp(word, fault_names[out->fault]) == 0)
			return 0;
	return bad(option, word, err);
}

static int set_faults(struct options *options, const char *value, struct persona_error *err)
{
	struct decision faults[MAX_FAULTS];
	double percent[MAX_FAULTS];
	size_t len = 0;

	while (*value) {
		size_t item = strcspn(value, ","), name = strcspn(value, "=,");
		char *end;

		if (len == MAX_FAULTS || value[name] != '=' || parse_fault(&faults[len], "fail", value, name, err) < 0)
			return bad("fail", value, err);
		percent[len] = strtod(value + name + 1, &end);
		if (end != value + item || !(percent[len] >= 0 && percent[len] <= 100))
			return bad("fail", value, err);
		len++;
		value += item + (value[item] == ',');
	}
	memcpy(options->faults, faults, len * sizeof *faults);
	memcpy(options->percent, percent, len * sizeof *percent);
	options->faults_len = len;
	return 0;
}

static int set_script(struct options *options, const char *value, struct persona_error *err)
{
	struct decision *script = NULL;
	size_t len = 0, capacity = 0;

	while (*value) {
		size_t item = strcspn(value, ",");

		if (persona_grow((void **)&script, &capacity, len, sizeof *script, err) < 0 ||
		    parse_fault(&script[len], "script", value, item, err) < 0) {
			free(script);
			return -1;
		}
		len++;
		value += item + (value[item] == ',');
	}
	free(options->script);
	options->script = script;
	options->script_len = len;
	return 0;
}

/* ---- By name --------------------------------------------------------- */

static int set_header(struct options *options, const char *value, struct persona_error *err)
{
	if (!strchr(value, ':') || options->headers_len == MAX_HEADERS)
		return bad("header", value, err);
	options->headers[options->headers_len] = persona_strdup(value, err);
	return options->headers[options->headers_len] ? (int)(options->headers_len++, 0) : -1;
}

static int set_words(struct options *options, const char *name, const char *value, struct persona_error *err)
{
	int number = 0;

	if (strcmp(name, "usage") == 0) {
		options->usage_missing = strcmp(value, "missing") == 0;
		return options->usage_missing || strcmp(value, "given") == 0 ? 0 : bad(name, value, err);
	}
	if (strcmp(name, "retry-after") == 0) {
		char *end;

		options->retry_after_s = strcmp(value, "none") == 0 ? -1 : strtod(value, &end);
		return options->retry_after_s == -1 || (*value && !*end) ? 0 : bad(name, value, err);
	}
	if (strcmp(name, "seed") == 0) {
		if (set_int(&number, name, value, 0, INT32_MAX, err) < 0)
			return -1;
		options->seed = (uint64_t)number;
		return 0;
	}
	if (strcmp(name, "fail") == 0)
		return set_faults(options, value, err);
	if (strcmp(name, "script") == 0)
		return set_script(options, value, err);
	if (strcmp(name, "header") == 0)
		return set_header(options, value, err);
	if (strcmp(name, "delay") == 0)
		return set_range(&options->delay_min_ms, &options->delay_max_ms, name, value, err);
	if (strcmp(name, "tokens-out") == 0)
		return set_range(&options->tokens_min, &options->tokens_max, name, value, err);
	if (strcmp(name, "reply") == 0)
		return set_file(&options->reply, NULL, value, err);
	if (strcmp(name, "body") == 0)
		return set_file(&options->body, &options->body_len, value, err);
	return persona_error_set(err, PERSONA_E_USAGE, "there is no option '%s'", name);
}

int options_set(struct options *options, const char *name, const char *value, struct persona_error *err)
{
	struct {
		const char *name;
		int *number;
		long least, most;
	} numbers[] = {
		{ "port", &options->port, 0, 65535 },
		{ "threads", &options->threads, 1, 64 },
		{ "idle-timeout", &options->idle_timeout_s, 0, 86400 },
		{ "first-byte-delay", &options->first_byte_ms, -1, 100000000 },
		{ "status", &options->status, 0, 599 },
		{ "rpm", &options->rpm, 0, 100000000 },
		{ "cached", &options->cached_percent, 0, 100 },
		{ "cache-written", &options->written_percent, 0, 100 },
		{ "reasoning", &options->reasoning, 0, 1000000 },
	};
	struct {
		const char *name;
		char **text;
	} texts[] = {
		{ "cert", &options->cert_file },
		{ "key", &options->key_file },
		{ "require-key", &options->require_key },
		{ "reject", &options->reject },
		{ "mark", &options->mark },
		{ "content-type", &options->content_type },
		{ "log", &options->log_file },
		{ "answers", &options->answers_file },
	};

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (strcmp(name, numbers[i].name) == 0)
			return set_int(numbers[i].number, name, value, numbers[i].least, numbers[i].most, err);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (strcmp(name, texts[i].name) == 0)
			return set_text(texts[i].text, value, err);
	if (strcmp(name, "close") == 0)
		return set_bool(&options->close, name, value, err);
	if (strcmp(name, "log-bodies") == 0)
		return set_bool(&options->log_bodies, name, value, err);
	return set_words(options, name, value, err);
}
