/* References out, without ever waiting for a slow reader. */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include "internal.h"

void output_init(struct output *output, struct persona_context *context)
{
	*output = (struct output){ .context = context };
	persona_buf_init(&output->bytes, SIZE_MAX);
}

void output_release(struct output *output)
{
	persona_buf_release(&output->bytes);
}

int output_add(struct output *output, struct persona_ref ref, struct persona_error *err)
{
	const struct persona_options *options = output->context->options;

	output->context->counts[PERSONA_COUNT_PRINTED]++;
	if (options->output_fd < 0) {
		if (options->passed)
			options->passed(options->payload, ref);
		return 0;
	}
	if (output->closed)
		return 0;
	return persona_buf_addf(&output->bytes, err, "%lld.%lld\n", (long long)ref.persona_id, (long long)ref.number);
}

bool output_waits(const struct output *output)
{
	return !output->closed && output->written < output->bytes.len;
}

/*
 * The descriptor is left in the mode in which it came, since others may share it. A pipe that is ready
 * takes PIPE_BUF bytes without blocking (pipe(7)), so no more than that is written at once. Whole lines only: several
 * programs may write to one pipe.
 */
static size_t next_piece(const struct output *output)
{
	const char *start = output->bytes.data + output->written;
	size_t left = output->bytes.len - output->written;
	const char *end;

	if (left <= PIPE_BUF)
		return left;
	end = memrchr(start, '\n', PIPE_BUF);
	return end ? (size_t)(end - start) + 1 : PIPE_BUF;
}

/* What is written need not stay; moving the rest is only worth it now and then. */
static void forget_written(struct output *output)
{
	struct persona_buf *bytes = &output->bytes;

	if (output->written == bytes->len) {
		persona_buf_clear(bytes);
		output->written = 0;
	} else if (output->written >= OUTPUT_ENOUGH) {
		memmove(bytes->data, bytes->data + output->written, bytes->len - output->written);
		bytes->len -= output->written;
		output->written = 0;
	}
}

void output_flush(struct output *output)
{
	int fd = output->context->options->output_fd;

	while (output_waits(output)) {
		struct pollfd ready = { .fd = fd, .events = POLLOUT };
		ssize_t wrote;

		if (poll(&ready, 1, 0) <= 0)
			break;
		wrote = write(fd, output->bytes.data + output->written, next_piece(output));
		if (wrote < 0 && (errno == EINTR || errno == EAGAIN))
			break;
		if (wrote < 0) {
			output->closed = true;
			output->failure = errno == EPIPE ? 0 : errno;
			return;
		}
		output->written += (size_t)wrote;
	}
	forget_written(output);
}
