/* The extractor for one text, and as a server of requests, one per line. */
#include <errno.h>
#include <unistd.h>

#include "extract.h"

#define KEEP_MAX ((size_t)1 << 20) /* bytes of a buffer that are kept for the next line */

/* ---- One text -------------------------------------------------------- */

static int read_strictly(json_t **out, const char *text, size_t len, const struct cli_extract *wish,
			 struct persona_error *err)
{
	if (persona_json_parse_strict(out, text, len, err) < 0)
		return -1;
	if ((!wish->array || json_is_array(*out)) && (!wish->object || json_is_object(*out)))
		return 1;
	json_decref(*out);
	*out = NULL;
	return persona_error_set(err, PERSONA_E_FORMAT, "no %s", wish->array ? "array" : "object");
}

int cli_extract(json_t **out, const char *text, size_t len, const struct cli_extract *wish,
		struct persona_json_report *report, struct persona_error *err)
{
	int rc;

	*report = (struct persona_json_report){ 0 };
	if (wish->strict) {
		rc = read_strictly(out, text, len, wish, err);
		report->candidates = rc > 0;
	} else if (wish->array) {
		rc = persona_json_extract_array(out, text, len, wish->names, &wish->options, report, err);
	} else if (wish->object) {
		rc = persona_json_extract_object(out, text, len, wish->names, &wish->options, report, err);
	} else {
		rc = persona_json_extract(out, text, len, &wish->options, report, err);
	}
	if (rc < 0)
		return err->code == PERSONA_E_FORMAT ? 0 : -1;
	if (rc == 0)
		(void)persona_error_set(err, PERSONA_E_FORMAT, "no JSON %s found%s",
					wish->array    ? "array"
					: wish->object ? "object"
						       : "object or array",
					wish->options.no_repair ? " that needs no repair" : "");
	return rc;
}

/* ---- Requests -------------------------------------------------------- */

struct request {
	json_t *whole;	  /* the line */
	const json_t *id; /* borrowed from it */
	const char *text; /* borrowed from it, or from decoded */
	size_t len;
	struct persona_buf *decoded;
	bool strict;
};

static int digit_of(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *found = c ? strchr(digits, c) : NULL;

	return found ? (int)(found - digits) : -1;
}

/* RFC 4648, section 4; the padding may be left out. */
static int decode(struct persona_buf *out, const char *text, size_t len, struct persona_error *err)
{
	size_t digits = len;
	unsigned bits = 0;

	while (digits && len % 4 == 0 && len - digits < 2 && text[digits - 1] == '=')
		digits--;
	if (digits % 4 == 1)
		return persona_error_set(err, PERSONA_E_FORMAT, "input_b64 is not base64");
	for (size_t i = 0; i < digits; i++) {
		int digit = digit_of(text[i]);

		if (digit < 0)
			return persona_error_set(err, PERSONA_E_FORMAT, "input_b64 is not base64");
		bits = bits << 6 | (unsigned)digit;
		if (i % 4 && persona_buf_addc(out, (char)(bits >> (6 - i % 4 * 2)), err) < 0)
			return -1;
	}
	return 0;
}

static int take_mode(struct request *request, const json_t *mode, struct persona_error *err)
{
	const char *name = json_string_value(mode);

	if (!mode)
		return 0;
	if (!name || (strcmp(name, "extract") != 0 && strcmp(name, "strict") != 0))
		return persona_error_set(err, PERSONA_E_FORMAT, "mode is neither \"extract\" nor \"strict\"");
	request->strict = strcmp(name, "strict") == 0;
	return 0;
}

static int take_input(struct request *request, const json_t *plain, const json_t *coded, struct persona_error *err)
{
	const json_t *given = plain ? plain : coded;

	if ((plain != NULL) == (coded != NULL))
		return persona_error_set(err, PERSONA_E_FORMAT, "needs either input or input_b64");
	if (!json_is_string(given))
		return persona_error_set(err, PERSONA_E_FORMAT, "%s is not a text", plain ? "input" : "input_b64");
	request->text = json_string_value(given);
	request->len = json_string_length(given);
	if (plain)
		return 0;
	if (decode(request->decoded, request->text, request->len, err) < 0)
		return -1;
	request->text = request->decoded->data;
	request->len = request->decoded->len;
	return 0;
}

static int read_request(struct request *request, const char *line, size_t len, struct persona_error *err)
{
	if (persona_json_parse_strict(&request->whole, line, len, err) < 0)
		return -1;
	if (!json_is_object(request->whole))
		return persona_error_set(err, PERSONA_E_FORMAT, "a request is an object");
	request->id = json_object_get(request->whole, "id");
	if (!json_is_string(request->id))
		return persona_error_set(err, PERSONA_E_FORMAT, "needs an id that is a text");
	if (take_mode(request, json_object_get(request->whole, "mode"), err) < 0)
		return -1;
	return take_input(request, json_object_get(request->whole, "input"),
			  json_object_get(request->whole, "input_b64"), err);
}

/* ---- Answers --------------------------------------------------------- */

static int add_json(struct persona_buf *answer, const json_t *value, struct persona_error *err)
{
	char *text = persona_json_compact(value, err);
	int rc = text ? persona_buf_adds(answer, text, err) : -1;

	free(text);
	return rc;
}

/* {"id":…,"ok":false,…}: without a request there is no id, and nothing was looked for. */
static int refuse(struct persona_buf *answer, const json_t *id, const struct persona_error *why,
		  struct persona_error *err)
{
	json_t *reason = json_string(*why->text ? why->text : persona_error_name(why->code));
	int rc = -1;

	persona_buf_clear(answer);
	if (!reason)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	if (persona_buf_adds(answer, "{\"id\":", err) == 0 &&
	    (id ? add_json(answer, id, err) : persona_buf_adds(answer, "null", err)) == 0 &&
	    persona_buf_adds(answer,
			     id ? ",\"ok\":false,\"value\":null,\"error\":" : ",\"ok\":false,\"error\":", err) == 0 &&
	    add_json(answer, reason, err) == 0 && persona_buf_adds(answer, "}\n", err) == 0)
		rc = 0;
	json_decref(reason);
	return rc;
}

static int accept(struct persona_buf *answer, const json_t *id, const json_t *value,
		  const struct persona_json_report *report, struct persona_error *err)
{
	if (persona_buf_adds(answer, "{\"id\":", err) < 0 || add_json(answer, id, err) < 0 ||
	    persona_buf_adds(answer, ",\"ok\":true,\"value\":", err) < 0 || add_json(answer, value, err) < 0)
		return -1;
	return persona_buf_addf(answer, err, ",\"repaired\":%s,\"truncated\":%s,\"candidates\":%zu}\n",
				report->repaired ? "true" : "false", report->truncated ? "true" : "false",
				report->candidates);
}

/* Whatever goes wrong with a request is its answer; -1 only where there is no memory even for that. */
static int answer_line(struct persona_buf *answer, const char *line, size_t len, const struct cli_extract *wish,
		       struct persona_error *err)
{
	struct persona_buf decoded;
	struct request request = { .decoded = &decoded, .strict = wish->strict };
	struct cli_extract own = *wish;
	struct persona_json_report report;
	struct persona_error why = { 0 };
	json_t *value = NULL;
	int rc;

	persona_buf_init(&decoded, CLI_EXTRACT_LINE_MAX);
	if (read_request(&request, line, len, &why) < 0) {
		rc = refuse(answer, why.code == PERSONA_E_NOMEM ? request.id : NULL, &why, err);
	} else {
		own.strict = request.strict;
		rc = cli_extract(&value, request.text, request.len, &own, &report, &why);
		if (rc <= 0 || accept(answer, request.id, value, &report, &why) < 0)
			rc = refuse(answer, request.id, &why, err);
		else
			rc = 0;
	}
	json_decref(value);
	json_decref(request.whole);
	persona_buf_release(&decoded);
	return rc;
}

/* ---- Lines ----------------------------------------------------------- */

struct lines {
	int fd;
	struct persona_buf line;
	bool too_long; /* what came of it was let go */
	char bytes[65536];
	size_t at, len; /* in bytes: not taken yet */
};

/* More bytes: 1, 0 at the end, -1. */
static int fill(struct lines *lines, struct persona_error *err)
{
	ssize_t got;

	do
		got = read(lines->fd, lines->bytes, sizeof lines->bytes);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return persona_error_set(err, PERSONA_E_IO, "cannot read requests: %s", strerror(errno));
	lines->at = 0;
	lines->len = (size_t)got;
	return got > 0;
}

static int add_bytes(struct lines *lines, const char *bytes, size_t len, struct persona_error *err)
{
	if (!lines->too_long && len > lines->line.max - lines->line.len) {
		lines->too_long = true;
		persona_buf_release(&lines->line);
	}
	return lines->too_long ? 0 : persona_buf_add(&lines->line, bytes, len, err);
}

/* The next line without its end: 1, 0 when there is none, -1. */
static int next_line(struct lines *lines, struct persona_error *err)
{
	lines->too_long = false;
	if (lines->line.size > KEEP_MAX)
		persona_buf_release(&lines->line);
	persona_buf_clear(&lines->line);
	for (;;) {
		const char *start, *end;
		int rc = lines->at < lines->len ? 1 : fill(lines, err);

		if (rc < 0)
			return -1;
		if (rc == 0)
			return lines->line.len || lines->too_long;
		start = lines->bytes + lines->at;
		end = memchr(start, '\n', lines->len - lines->at);
		if (add_bytes(lines, start, end ? (size_t)(end - start) : lines->len - lines->at, err) < 0)
			return -1;
		lines->at = end ? (size_t)(end - lines->bytes) + 1 : lines->len;
		if (end)
			return 1;
	}
}

static int answer(struct persona_buf *out, const struct lines *lines, const struct cli_extract *wish,
		  struct persona_error *err)
{
	struct persona_error why = { 0 };

	if (!lines->too_long)
		return answer_line(out, lines->line.data, lines->line.len, wish, err);
	(void)persona_error_set(&why, PERSONA_E_FORMAT, "a line of more than %zu bytes", lines->line.max);
	return refuse(out, NULL, &why, err);
}

int cli_extract_lines(int fd, FILE *out, const struct cli_extract *wish, struct persona_error *err)
{
	struct lines *lines = calloc(1, sizeof *lines);
	struct persona_buf text;
	int rc;

	if (!lines)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	lines->fd = fd;
	persona_buf_init(&lines->line, CLI_EXTRACT_LINE_MAX);
	persona_buf_init(&text, SIZE_MAX);
	while ((rc = next_line(lines, err)) > 0) {
		rc = answer(&text, lines, wish, err);
		if (!rc && fwrite(text.data, 1, text.len, out) == text.len)
			rc = cli_flush(out, err);
		else if (!rc)
			rc = cli_written(out, err);
		if (rc < 0)
			break;
		if (text.size > KEEP_MAX)
			persona_buf_release(&text);
		persona_buf_clear(&text);
	}
	persona_buf_release(&text);
	persona_buf_release(&lines->line);
	free(lines);
	return rc;
}
