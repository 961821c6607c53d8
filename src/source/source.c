#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "persona/text.h"
#include "reader.h"

/* ---- Life ------------------------------------------------------------ */

void persona_source_release(struct persona_source *source)
{
	free(source->uri);
	free(source->name);
	free(source->media_type);
	for (size_t i = 0; i < source->notes.len; i++)
		free(source->notes.items[i]);
	free(source->notes.items);
	persona_records_release(&source->records);
	*source = (struct persona_source){ 0 };
}

void persona_sources_init(struct persona_sources *sources)
{
	*sources = (struct persona_sources){ 0 };
}

static void truncate_to(struct persona_sources *sources, size_t len, size_t skipped_len)
{
	while (sources->len > len)
		persona_source_release(&sources->items[--sources->len]);
	while (sources->skipped_len > skipped_len)
		free(sources->skipped[--sources->skipped_len].text);
}

void persona_sources_release(struct persona_sources *sources)
{
	truncate_to(sources, 0, 0);
	free(sources->items);
	free(sources->skipped);
	*sources = (struct persona_sources){ .reading = sources->reading };
}

/* ---- Bytes to records ------------------------------------------------ */

/* Where the bytes come from: a descriptor, or memory when fd is -1. */
struct input {
	int fd;
	const char *bytes;
	size_t len;
	char *block;
};

/* The next block, full unless it is the last; *len is 0 at the end. */
static int input_next(struct input *input, const char *uri, const char **bytes, size_t *len, struct persona_error *err)
{
	*len = 0;
	if (input->fd < 0) {
		*bytes = input->bytes;
		*len = input->len < SOURCE_BLOCK ? input->len : SOURCE_BLOCK;
		input->bytes += *len;
		input->len -= *len;
		return 0;
	}
	*bytes = input->block;
	while (*len < SOURCE_BLOCK) {
		ssize_t got = read(input->fd, input->block + *len, SOURCE_BLOCK - *len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return source_fail(err, PERSONA_E_IO, uri, 0, "%s", strerror(errno));
		if (got == 0)
			break;
		*len += (size_t)got;
	}
	return 0;
}

static const char *const unit_names[PERSONA_UNITS] = { "auto", "file", "section",    "speaker",
						       "turn", "row",  "participant" };

enum persona_unit persona_unit_by_name(const char *name)
{
	int unit = 0;

	while (unit < PERSONA_UNITS && strcmp(unit_names[unit], name) != 0)
		unit++;
	return (enum persona_unit)unit;
}

/* A name in double quotes, with those in it and % as %22 and %25: persona_store_batch_records() reads it back. */
static int add_quoted(struct persona_buf *out, const char *name, struct persona_error *err)
{
	int rc = persona_buf_addc(out, '"', err);

	for (; !rc && *name; name++)
		rc = *name == '"' || *name == '%' ? persona_buf_addf(out, err, "%%%02X", (unsigned char)*name)
						  : persona_buf_addc(out, *name, err);
	return rc < 0 ? -1 : persona_buf_addc(out, '"', err);
}

/* The type, and what the user told of how to read it: another reading is another source. */
static int set_media_type(struct persona_source *source, const char *type, struct persona_error *err)
{
	const struct persona_reading *reading = source->reading;
	struct persona_buf text;
	int rc;

	persona_buf_init(&text, SIZE_MAX);
	rc = persona_buf_adds(&text, type, err);
	if (!rc && reading && reading->unit)
		rc = persona_buf_addf(&text, err, "; unit=%s", unit_names[reading->unit]);
	if (!rc && reading && reading->id_column)
		rc = persona_buf_addf(&text, err, "; id=\"%s\"", reading->id_column);
	for (size_t i = 0; !rc && reading && i < reading->ignore_len; i++)
		rc = persona_buf_addf(&text, err, "; ignore=\"%s\"", reading->ignore[i]);
	for (size_t i = 0; !rc && reading && i < reading->text_len; i++)
		if (persona_buf_adds(&text, "; text=", err) < 0 || add_quoted(&text, reading->text[i], err) < 0)
			rc = -1;
	if (!rc && !(source->media_type = persona_strdup(text.data, err)))
		rc = -1;
	persona_buf_release(&text);
	return rc;
}

/* Places in the file are those of its bytes only where these are what is read. */
static void note_encoding(struct persona_source *source, const struct source_decoder *decoder)
{
	static const char *const names[] = { "UTF-8", "UTF-8", "UTF-16LE", "UTF-16BE", "Windows-1252" };

	source->encoding = names[decoder->encoding];
}

/* The bytes of the file as UTF-8, block by block, to the format. */
static int feed_blocks(struct persona_source *source, const struct source_format *format, void *state,
		       struct source_decoder *decoder, struct input *input, const char *bytes, size_t len,
		       struct persona_hash *hash, struct persona_error *err)
{
	size_t skip = (size_t)source->fed;
	int rc = 0;

	while (!rc) {
		const char *text = NULL;
		size_t text_len = 0;

		source->size_bytes += (int64_t)len;
		if (source->size_bytes > PERSONA_SOURCE_FILE_MAX)
			return source_fail(err, PERSONA_E_FORMAT, source->uri, 0, "more than %ld MiB",
					   PERSONA_SOURCE_FILE_MAX >> 20);
		if (persona_hash_add(hash, bytes, len, err) < 0 ||
		    source_decode(decoder, bytes + skip, len - skip, !len, &text, &text_len, err) < 0)
			return -1;
		skip = 0;
		note_encoding(source, decoder);
		if (text_len)
			rc = format->feed(state, text, text_len, err);
		source->fed += (int64_t)text_len;
		if (!len)
			break;
		if (!rc)
			rc = input_next(input, source->uri, &bytes, &len, err);
	}
	return rc;
}

/* Feed everything to the format and hash it on the way. */
static int feed_all(struct persona_source *source, const struct source_format *format, struct input *input,
		    struct persona_hash *hash, struct persona_error *err)
{
	struct source_decoder decoder, sample;
	const char *bytes, *head = NULL;
	size_t len, head_len = 0;
	void *state = NULL;
	int rc;

	if (input_next(input, source->uri, &bytes, &len, err) < 0)
		return -1;
	if (!len)
		return source_fail(err, PERSONA_E_FORMAT, source->uri, 0, "is empty");
	source->fed = (int64_t)source_decoder_init(&decoder, bytes, len);
	sample = decoder;
	rc = source_decode(&sample, bytes + source->fed, len - (size_t)source->fed, false, &head, &head_len, err);
	if (!rc && !format)
		format = source_sniff(head, head_len);
	if (!rc)
		rc = set_media_type(source, format->media_type, err);
	if (!rc)
		rc = format->open(&state, source, head, head_len, err);
	source_decoder_release(&sample);
	if (!rc)
		rc = feed_blocks(source, format, state, &decoder, input, bytes, len, hash, err);
	if (!rc)
		rc = format->finish(state, err);
	if (format)
		format->close(state);
	source_decoder_release(&decoder);
	if (!rc && strcmp(source->encoding, "UTF-8") != 0)
		rc = source_note(source, err, "read as %s", source->encoding);
	if (!rc)
		rc = source_shape(source, err);
	source->reading = NULL;
	return rc;
}

/* A name of a file as text: what is no UTF-8 or would break a line is replaced. */
static char *clean_name(const char *name, struct persona_error *err)
{
	struct persona_buf cleaned;
	char *text;
	int rc;

	persona_buf_init(&cleaned, SIZE_MAX);
	rc = persona_text_clean(&cleaned, name, strlen(name), NULL, err);
	for (size_t i = 0; !rc && i < cleaned.len; i++)
		if (cleaned.data[i] == '\n' || cleaned.data[i] == '\t')
			cleaned.data[i] = '?';
	text = rc ? NULL : persona_strdup(cleaned.data, err);
	persona_buf_release(&cleaned);
	return text;
}

/* format NULL: sniff. out is initialised, and empty on failure. */
static int parse_input(struct persona_source *out, const char *uri, const char *name,
		       const struct source_format *format, const struct persona_reading *reading, struct input *input,
		       struct persona_error *err)
{
	struct persona_hash *hash = NULL;
	int rc = -1;

	*out = (struct persona_source){ .reading = reading };
	persona_records_init(&out->records);
	out->uri = clean_name(uri, err);
	out->name = clean_name(name, err);
	if (input->fd >= 0 && !(input->block = malloc(SOURCE_BLOCK)))
		(void)persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	if (!out->uri || !out->name || (input->fd >= 0 && !input->block))
		goto out;
	if (persona_hash_new(&hash, err) < 0 || feed_all(out, format, input, hash, err) < 0)
		goto out;
	rc = persona_hash_final(hash, out->sha256, err);
out:
	persona_hash_free(hash);
	free(input->block);
	if (rc < 0)
		persona_source_release(out);
	return rc;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return strcmp(path, "-") == 0 ? "stdin" : slash ? slash + 1 : path;
}

/* NULL is a format too: look for yourself. */
static int find_format(const struct source_format **out, const char *name, struct persona_error *err)
{
	*out = name ? source_format_by_name(name) : NULL;
	if (name && !*out)
		return persona_error_set(err, PERSONA_E_USAGE, "unknown format \"%.40s\"; use " SOURCE_FORMATS, name);
	return 0;
}

int persona_source_parse_as(struct persona_source *out, const char *uri, const struct persona_reading *reading,
			    const char *bytes, size_t len, struct persona_error *err)
{
	struct input input = { .fd = -1, .bytes = bytes, .len = len };
	const struct source_format *found;

	*out = (struct persona_source){ 0 };
	if (find_format(&found, reading->format, err) < 0)
		return -1;
	return parse_input(out, uri, base_name(uri), found, reading, &input, err);
}

int persona_source_parse(struct persona_source *out, const char *uri, const char *format, const char *bytes, size_t len,
			 struct persona_error *err)
{
	struct persona_reading reading = { .format = format };

	return persona_source_parse_as(out, uri, &reading, bytes, len, err);
}

/* ---- Files ----------------------------------------------------------- */

static bool has_name(const struct persona_sources *sources, const char *name)
{
	for (size_t i = 0; i < sources->len; i++)
		if (strcmp(sources->items[i].name, name) == 0)
			return true;
	return false;
}

/* Locators start with the name, so no two sources share one. The caller frees. */
static char *unique_name(const struct persona_sources *sources, const char *name, const char *uri,
			 struct persona_error *err)
{
	const char *wanted = has_name(sources, name) ? uri : name;
	struct persona_buf numbered;
	size_t n = 2;
	int rc;

	persona_buf_init(&numbered, SIZE_MAX);
	rc = persona_buf_adds(&numbered, wanted, err);
	for (; !rc && has_name(sources, numbered.data); n++) {
		persona_buf_clear(&numbered);
		rc = persona_buf_addf(&numbered, err, "%s (%zu)", wanted, n);
	}
	if (!rc)
		return persona_buf_take(&numbered);
	persona_buf_release(&numbered);
	return NULL;
}

/* The source that has the same content and is read alike, or NULL. */
static const struct persona_source *same_content(const struct persona_sources *sources,
						 const struct persona_source *source)
{
	for (size_t i = 0; i < sources->len; i++)
		if (strcmp(sources->items[i].sha256, source->sha256) == 0 &&
		    strcmp(sources->items[i].media_type, source->media_type) == 0)
			return &sources->items[i];
	return NULL;
}

static int skip_copy(struct persona_sources *sources, const char *uri, const struct persona_source *same,
		     struct persona_error *err)
{
	struct persona_error text;

	(void)source_fail(&text, PERSONA_E_FORMAT, uri, 0, "the same content as %s", same->uri);
	return source_skip(sources, text.text, false, err);
}

/* Parse what fd yields and append it unless it is there already. */
static int append(struct persona_sources *sources, const char *uri, const char *name,
		  const struct source_format *format, int fd, struct persona_error *err)
{
	struct input input = { .fd = fd };
	const struct persona_source *same;
	struct persona_source source;
	char *unique;
	int rc;

	if (persona_grow((void **)&sources->items, &sources->capacity, sources->len, sizeof *sources->items, err) < 0)
		return -1;
	unique = unique_name(sources, name, uri, err);
	if (!unique)
		return -1;
	rc = parse_input(&source, uri, unique, format, sources->reading, &input, err);
	free(unique);
	if (rc < 0)
		return -1;
	same = same_content(sources, &source);
	if (!same) {
		sources->items[sources->len++] = source;
		return 0;
	}
	persona_source_release(&source);
	return skip_copy(sources, uri, same, err);
}

static int unknown_kind(const char *path, struct persona_error *err)
{
	const char *extension = source_extension(path);

	return source_fail(err, PERSONA_E_FORMAT, path, 0, "unknown kind of file (%.40s); use --format " SOURCE_FORMATS,
			   *extension ? extension : "no extension");
}

static int read_open_file(struct persona_sources *sources, const char *path, const char *name,
			  const struct source_format *format, int fd, const struct stat *status,
			  struct persona_error *err)
{
	if (!format)
		format = source_format_by_path(path);
	if (!format && S_ISREG(status->st_mode))
		return unknown_kind(path, err);
	if (S_ISREG(status->st_mode) && status->st_size > PERSONA_SOURCE_FILE_MAX)
		return source_fail(err, PERSONA_E_FORMAT, path, 0, "more than %ld MiB", PERSONA_SOURCE_FILE_MAX >> 20);
	return append(sources, path, name, format, fd, err);
}

/* What explains a folder to people is not what people said. */
static bool is_readme(const char *path)
{
	const char *base = base_name(path);

	return strncasecmp(base, "readme", 6) == 0 && (!base[6] || base[6] == '.');
}

/* A file of a directory. What is wrong with it is noted; only a lack of memory is an error. */
static int read_member(struct persona_sources *sources, const char *root, const char *relative,
		       const struct source_format *format, size_t *readable, struct persona_error *err)
{
	const struct source_format *own = source_format_by_path(relative);
	struct persona_error reason = { 0 };
	struct stat status;
	char *path = source_join(root, relative, err);
	bool wanted = false;
	int fd, rc;

	if (!path)
		return -1;
	if (is_readme(relative)) {
		rc = source_fail(&reason, PERSONA_E_FORMAT, path, 0,
				 "about the folder; name the file itself to read it");
	} else if (!own && !format) {
		rc = source_fail(&reason, PERSONA_E_FORMAT, path, 0, "unknown kind of file (%.40s)",
				 *source_extension(path) ? source_extension(path) : "no extension");
	} else if (own && format && own != format) {
		rc = source_fail(&reason, PERSONA_E_FORMAT, path, 0, "not %s", format->name);
	} else {
		wanted = true;
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
		if (fd < 0 || fstat(fd, &status) < 0)
			rc = source_fail(&reason, PERSONA_E_IO, path, 0, "%s", strerror(errno));
		else
			rc = read_open_file(sources, path, relative, format, fd, &status, &reason);
		if (fd >= 0)
			close(fd);
	}
	free(path);
	if (!rc)
		++*readable;
	else if (reason.code == PERSONA_E_NOMEM)
		rc = persona_error_set(err, reason.code, "%s", reason.text);
	else
		rc = source_skip(sources, reason.text, wanted, err);
	return rc;
}

static int read_directory(struct persona_sources *sources, const char *root, const struct source_format *format,
			  struct persona_error *err)
{
	size_t before = sources->skipped_len, readable = 0;
	struct source_paths paths;

	if (source_walk(&paths, sources, root, err) < 0)
		return -1;
	for (size_t i = 0; i < paths.len; i++)
		if (read_member(sources, root, paths.items[i], format, &readable, err) < 0) {
			source_paths_release(&paths);
			return -1;
		}
	source_paths_release(&paths);
	if (readable)
		return 0;
	if (sources->skipped_len == before)
		return source_fail(err, PERSONA_E_FORMAT, root, 0, "an empty directory");
	return source_fail(err, PERSONA_E_FORMAT, root, 0, "none of %zu files can be used; the first: %s",
			   sources->skipped_len - before, sources->skipped[before].text);
}

static int read_path(struct persona_sources *sources, const char *path, const struct source_format *format,
		     struct persona_error *err)
{
	struct stat status;
	int fd, rc;

	if (strcmp(path, "-") == 0)
		return append(sources, path, "stdin", format, STDIN_FILENO, err);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0 || fstat(fd, &status) < 0)
		rc = source_fail(err, PERSONA_E_IO, path, 0, "%s", strerror(errno));
	else if (S_ISDIR(status.st_mode))
		rc = read_directory(sources, path, format, err);
	else
		rc = read_open_file(sources, path, base_name(path), format, fd, &status, err);
	if (fd >= 0)
		close(fd);
	return rc;
}

int persona_sources_read(struct persona_sources *sources, const char *path, const char *format,
			 struct persona_error *err)
{
	size_t len = sources->len, skipped_len = sources->skipped_len;
	const struct source_format *found;

	if (find_format(&found, format, err) < 0)
		return -1;
	if (read_path(sources, path, found, err) == 0)
		return 0;
	truncate_to(sources, len, skipped_len);
	return -1;
}
