#include <errno.h>
#include <unistd.h>

#include "persona/base.h"

/* What an empty buffer points at; never written to. */
static char empty[1];

void persona_buf_init(struct persona_buf *buf, size_t max)
{
	buf->data = empty;
	buf->len = 0;
	buf->size = 0;
	buf->max = max < SIZE_MAX / 2 ? max : SIZE_MAX / 2;
}

void persona_buf_release(struct persona_buf *buf)
{
	if (buf->size)
		free(buf->data);
	persona_buf_init(buf, buf->max);
}

void persona_buf_clear(struct persona_buf *buf)
{
	buf->len = 0;
	if (buf->size)
		buf->data[0] = '\0';
}

/* Room for extra more bytes and the NUL. */
static int reserve(struct persona_buf *buf, size_t extra, struct persona_error *err)
{
	size_t need, size;
	char *data;

	if (extra > buf->max - buf->len)
		return persona_error_set(err, PERSONA_E_FORMAT, "more than %zu bytes", buf->max);
	need = buf->len + extra + 1;
	if (need <= buf->size)
		return 0;
	size = buf->size ? buf->size : 64;
	while (size < need)
		size *= 2;
	data = realloc(buf->size ? buf->data : NULL, size);
	if (!data)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	if (!buf->size)
		data[0] = '\0';
	buf->data = data;
	buf->size = size;
	return 0;
}

int persona_buf_add(struct persona_buf *buf, const void *bytes, size_t len, struct persona_error *err)
{
	if (!len)
		return 0;
	if (reserve(buf, len, err) < 0)
		return -1;
	memcpy(buf->data + buf->len, bytes, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
	return 0;
}

int persona_buf_adds(struct persona_buf *buf, const char *string, struct persona_error *err)
{
	return persona_buf_add(buf, string, strlen(string), err);
}

int persona_buf_addc(struct persona_buf *buf, char byte, struct persona_error *err)
{
	return persona_buf_add(buf, &byte, 1, err);
}

int persona_buf_addf(struct persona_buf *buf, struct persona_error *err, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0)
		return persona_error_set(err, PERSONA_E_FORMAT, "text cannot be formatted");
	if (reserve(buf, (size_t)len, err) < 0)
		return -1;
	va_start(args, format);
	vsnprintf(buf->data + buf->len, (size_t)len + 1, format, args);
	va_end(args);
	buf->len += (size_t)len;
	return 0;
}

char *persona_buf_take(struct persona_buf *buf)
{
	char *data = buf->size ? buf->data : strdup("");

	persona_buf_init(buf, buf->max);
	return data;
}

int persona_buf_read(struct persona_buf *buf, int fd, struct persona_error *err)
{
	for (;;) {
		size_t room = buf->max - buf->len;
		ssize_t got;

		if (!room) {
			char more;

			got = read(fd, &more, 1);
			if (got > 0)
				return persona_error_set(err, PERSONA_E_FORMAT, "more than %zu bytes", buf->max);
		} else {
			room = room < 65536 ? room : 65536;
			if (reserve(buf, room, err) < 0)
				return -1;
			got = read(fd, buf->data + buf->len, room);
		}
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return persona_error_set(err, PERSONA_E_IO, "%s", strerror(errno));
		if (got == 0) {
			if (buf->size)
				buf->data[buf->len] = '\0';
			return 0;
		}
		buf->len += (size_t)got;
		buf->data[buf->len] = '\0';
	}
}

char *persona_strndup(const char *string, size_t len, struct persona_error *err)
{
	char *copy = strndup(string, len);

	if (!copy)
		(void)persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	return copy;
}

char *persona_strdup(const char *string, struct persona_error *err)
{
	return persona_strndup(string, strlen(string), err);
}

int persona_grow(void **items, size_t *capacity, size_t len, size_t item_size, struct persona_error *err)
{
	size_t wanted = *capacity ? *capacity * 2 : 8;
	void *grown;

	if (len < *capacity)
		return 0;
	grown = wanted <= SIZE_MAX / 2 / item_size ? realloc(*items, wanted * item_size) : NULL;
	if (!grown)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	*items = grown;
	*capacity = wanted;
	return 0;
}
