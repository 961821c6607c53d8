/* References in: as arguments, as lines of a stream, or as what is pending. */
#include <errno.h>
#include <unistd.h>

#include "internal.h"

#define PENDING_PAGE 4096

void input_init(struct input *input, const struct persona_stage *stage, struct persona_context *context)
{
	*input = (struct input){ .stage = stage, .context = context };
}

static bool has_head(const struct input *input)
{
	return input->context->options->input_head_len && !input->head_read;
}

bool input_wants_fd(const struct input *input)
{
	return !input->ended && input->context->options->input_fd >= 0 && !has_head(input);
}

static int add_place(struct persona_place **places, size_t *len, size_t *capacity, const struct persona_place *place,
		     struct persona_error *err)
{
	if (persona_grow((void **)places, capacity, *len, sizeof **places, err) < 0)
		return -1;
	(*places)[(*len)++] = *place;
	return 0;
}

static int read_refs(struct input *input, struct persona_place **places, size_t *len, size_t *capacity,
		     struct persona_error *err)
{
	const struct persona_options *options = input->context->options;

	for (; input->next_ref < options->refs_len; input->next_ref++) {
		struct persona_ref ref = options->refs[input->next_ref];
		struct persona_place place;
		int rc = persona_store_resolve(input->context->store, ref, &place, err);

		/* Before any work: what is named on the command line must exist. */
		if (rc == 0)
			return persona_error_set(err, PERSONA_E_USAGE,
						 ref.number ? "no revision %lld.%lld" : "no persona %lld",
						 (long long)ref.persona_id, (long long)ref.number);
		if (rc < 0 || add_place(places, len, capacity, &place, err) < 0)
			return -1;
	}
	input->ended = true;
	return 0;
}

static int read_pending(struct input *input, struct persona_place **places, size_t *len, size_t *capacity,
			struct persona_error *err)
{
	struct persona_place *page = malloc(PENDING_PAGE * sizeof *page);
	long got = -1;

	if (!page)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	got = input->stage->pending(input->context, input->pending_after, page, PENDING_PAGE, err);
	for (long i = 0; i < got; i++)
		if (add_place(places, len, capacity, &page[i], err) < 0)
			got = -1;
	if (got > 0)
		input->pending_after = page[got - 1].revision_id;
	if (got == 0)
		input->ended = true;
	free(page);
	return got < 0 ? -1 : 0;
}

static void complain(struct input *input, const char *text)
{
	input->context->counts[PERSONA_COUNT_UNKNOWN]++;
	persona_log(PERSONA_LOG_FAILURE, "%s: left out", text);
}

/* One whole line, without its end. */
static int take_line(struct input *input, struct persona_place **places, size_t *len, size_t *capacity,
		     struct persona_error *err)
{
	struct persona_error why = { 0 };
	struct persona_place place;
	struct persona_ref ref;
	int rc;

	while (input->line_len && (input->line[input->line_len - 1] == '\r' || input->line[input->line_len - 1] == ' '))
		input->line_len--;
	input->line[input->line_len] = '\0';
	if (input->line_too_long) {
		complain(input, "a line that is too long for a reference");
		return 0;
	}
	if (!input->line_len)
		return 0;
	if (persona_ref_parse(&ref, input->line, &why) < 0) {
		complain(input, why.text);
		return 0;
	}
	rc = persona_store_resolve(input->context->store, ref, &place, err);
	if (rc == 0) {
		(void)persona_error_set(&why, PERSONA_E_NOTFOUND, "no revision %s", input->line);
		complain(input, why.text);
		return 0;
	}
	return rc < 0 ? -1 : add_place(places, len, capacity, &place, err);
}

static int end_line(struct input *input, struct persona_place **places, size_t *len, size_t *capacity,
		    struct persona_error *err)
{
	int rc = take_line(input, places, len, capacity, err);

	input->line_len = 0;
	input->line_too_long = false;
	return rc;
}

static int take_bytes(struct input *input, const char *bytes, size_t bytes_len, struct persona_place **places,
		      size_t *len, size_t *capacity, struct persona_error *err)
{
	for (size_t i = 0; i < bytes_len; i++) {
		if (bytes[i] == '\n') {
			if (end_line(input, places, len, capacity, err) < 0)
				return -1;
		} else if (input->line_len + 1 < sizeof input->line) {
			input->line[input->line_len++] = bytes[i] ? bytes[i] : '?';
		} else {
			input->line_too_long = true;
		}
	}
	return 0;
}

static int read_stream(struct input *input, struct persona_place **places, size_t *len, size_t *capacity,
		       struct persona_error *err)
{
	const struct persona_options *options = input->context->options;
	char bytes[65536];
	ssize_t got;

	if (has_head(input)) {
		input->head_read = true;
		return take_bytes(input, options->input_head, options->input_head_len, places, len, capacity, err);
	}
	got = read(options->input_fd, bytes, sizeof bytes);
	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (got < 0)
		return persona_error_set(err, PERSONA_E_IO, "cannot read references: %s", strerror(errno));
	if (got == 0) {
		input->ended = true;
		return input->line_len || input->line_too_long ? end_line(input, places, len, capacity, err) : 0;
	}
	return take_bytes(input, bytes, (size_t)got, places, len, capacity, err);
}

int input_read(struct input *input, bool readable, struct persona_place **places, size_t *len, size_t *capacity,
	       struct persona_error *err)
{
	const struct persona_options *options = input->context->options;
	int rc = 0;

	if (input->ended)
		return 0;
	if (options->input_fd >= 0 && !readable && !has_head(input))
		return 0;
	if (persona_store_read_begin(input->context->store, err) < 0)
		return -1;
	if (options->input_fd >= 0)
		rc = read_stream(input, places, len, capacity, err);
	else if (options->pending)
		rc = read_pending(input, places, len, capacity, err);
	else
		rc = read_refs(input, places, len, capacity, err);
	persona_store_read_end(input->context->store);
	return rc;
}
