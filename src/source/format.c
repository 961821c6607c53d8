#include <stdarg.h>

#include "persona/text.h"
#include "reader.h"

#define LABEL_MAX 120 /* bytes of a path in an error, so that the reason still fits */

static const struct source_format *const formats[] = { &source_csv,	 &source_tsv,  &source_json, &source_jsonl,
						       &source_markdown, &source_text, &source_html };

const struct source_format *source_format_by_name(const char *name)
{
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
		if (strcmp(formats[i]->name, name) == 0)
			return formats[i];
	return NULL;
}

const char *source_extension(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;
	const char *dot = strrchr(base, '.');

	return dot && dot != base && dot[1] ? dot : "";
}

const struct source_format *source_format_by_path(const char *path)
{
	const char *extension = source_extension(path);
	size_t len = strlen(extension);

	if (!len)
		return NULL;
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
		for (const char *at = formats[i]->extensions; *at;) {
			size_t word = strcspn(at, " ");

			if (word == len - 1 && strncasecmp(at, extension + 1, word) == 0)
				return formats[i];
			at += word;
			at += strspn(at, " ");
		}
	return NULL;
}

/* ---- Sniffing -------------------------------------------------------- */

static const char delimiters[] = ",;\t";
enum { DELIMITERS = sizeof delimiters - 1 };

/* One row as a spreadsheet would see it. */
struct row {
	size_t len;		   /* bytes, the line end included */
	size_t counts[DELIMITERS]; /* delimiters outside quotes */
	bool spaced;		   /* a delimiter with a blank behind it, as in prose */
	bool blank;
	bool ended; /* has a line end */
};

static void scan_row(struct row *row, const char *text, size_t len)
{
	bool quoted = false, fresh = true;
	size_t i = 0;

	*row = (struct row){ .blank = true };
	for (; i < len; i++) {
		const char *found;

		if (quoted && text[i] == '"' && i + 1 < len && text[i + 1] == '"') {
			i++;
			continue;
		}
		if (text[i] == '"' && (quoted || fresh))
			quoted = !quoted;
		if (!quoted && (text[i] == '\n' || text[i] == '\r'))
			break;
		found = quoted || !text[i] ? NULL : strchr(delimiters, text[i]);
		if (found) {
			row->counts[found - delimiters]++;
			row->spaced = row->spaced || (i + 1 < len && text[i + 1] == ' ');
		}
		row->blank = row->blank && (text[i] == ' ' || text[i] == '\t');
		fresh = found || (fresh && text[i] == ' ');
	}
	row->ended = i < len;
	if (i < len && text[i] == '\r' && i + 1 < len && text[i + 1] == '\n')
		i++;
	row->len = i < len ? i + 1 : len;
}

char source_delimiter(const char *head, size_t len)
{
	struct row row = { 0 };
	size_t best = 0;

	for (size_t at = 0; at < len; at += row.len) {
		scan_row(&row, head + at, len - at);
		if (!row.blank)
			break;
	}
	for (size_t i = 1; i < DELIMITERS; i++)
		if (row.counts[i] > row.counts[best])
			best = i;
	return delimiters[best];
}

/* Do the first rows all have the same number of one delimiter? */
static bool looks_like_table(const char *head, size_t len, char delimiter)
{
	size_t which = (size_t)(strchr(delimiters, delimiter) - delimiters);
	size_t rows = 0, wanted = 0;
	struct row row;

	for (size_t at = 0; at < len && rows < 5; at += row.len) {
		scan_row(&row, head + at, len - at);
		if (row.blank || (rows && !row.ended && len == SOURCE_BLOCK))
			continue;
		if (!rows++)
			wanted = row.counts[which];
		if (row.counts[which] != wanted || !wanted || (row.spaced && wanted == 1 && delimiter != '\t'))
			return false;
	}
	return rows >= 2;
}

static bool has_heading(const char *head, size_t len)
{
	bool line_start = true;

	for (size_t i = 0; i < len; i++) {
		size_t level = 0;

		while (line_start && i + level < len && head[i + level] == '#')
			level++;
		if (level && level <= 6 && i + level < len && head[i + level] == ' ')
			return true;
		line_start = head[i] == '\n' || head[i] == '\r';
	}
	return false;
}

/* The first bytes that are no white space. */
static bool begins_with(const char *head, size_t len, const char *what)
{
	while (len && strchr(" \t\r\n", *head)) {
		head++;
		len--;
	}
	return len >= strlen(what) && strncasecmp(head, what, strlen(what)) == 0;
}

/* One value in each line: a bracket closes before a line ends, and another opens after it. */
static bool looks_like_lines(const char *head, size_t len)
{
	const char *end = memchr(head, '\n', len);

	while (end && end > head && (end[-1] == ' ' || end[-1] == '\r'))
		end--;
	return end && end > head && end[-1] == '}' && begins_with(end, len - (size_t)(end - head), "{");
}

const struct source_format *source_sniff(const char *head, size_t len)
{
	char delimiter = source_delimiter(head, len);

	if (begins_with(head, len, "{") && looks_like_lines(head, len))
		return &source_jsonl;
	if (begins_with(head, len, "{\"") || begins_with(head, len, "[{") || begins_with(head, len, "{\n") ||
	    begins_with(head, len, "[\n"))
		return &source_json;
	if (begins_with(head, len, "<!doctype html") || begins_with(head, len, "<html"))
		return &source_html;

	if (len >= 4 && memcmp(head, "---", 3) == 0 && (head[3] == '\n' || head[3] == '\r'))
		return &source_markdown;
	if (looks_like_table(head, len, delimiter))
		return delimiter == '\t' ? &source_tsv : &source_csv;
	return has_heading(head, len) ? &source_markdown : &source_text;
}

/* ---- What all formats share ------------------------------------------ */

int source_fail(struct persona_error *err, enum persona_error_code code, const char *uri, int64_t line,
		const char *format, ...)
{
	const char *label = strcmp(uri, "-") == 0 ? "stdin" : uri;
	size_t len = strlen(label);
	const char *cut = "";
	char reason[256], at[32] = "";
	va_list args;

	va_start(args, format);
	vsnprintf(reason, sizeof reason, format, args);
	va_end(args);
	if (line)
		snprintf(at, sizeof at, ":%lld", (long long)line);
	if (len > LABEL_MAX) {
		label += len - LABEL_MAX;
		while (((unsigned char)*label & 0xC0) == 0x80)
			label++;
		cut = "...";
	}
	return persona_error_set(err, code, "%s%s%s: %s", cut, label, at, reason);
}

int source_note(struct persona_source *source, struct persona_error *err, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	return persona_list_add(&source->notes, text, persona_text_valid_prefix(text, strlen(text)), err);
}

int source_clean(struct persona_source *source, struct persona_buf *scratch, const char **text, size_t *len,
		 struct persona_error *err)
{
	size_t changed;

	*len = persona_text_trim(text, *len);
	if (persona_text_cleaned(scratch, text, len, &changed, err) < 0)
		return -1;
	source->cleaned_bytes += changed;
	*len = persona_text_trim(text, *len);
	return 0;
}

long source_column(struct persona_source *source, const char *name, size_t n, struct persona_error *err)
{
	struct persona_buf numbered;
	long column;

	if (n < 2)
		return persona_records_column(&source->records, name, err);
	persona_buf_init(&numbered, PERSONA_SOURCE_CELL_MAX + 32);
	column = persona_buf_addf(&numbered, err, "%s (%zu)", name, n);
	if (!column)
		column = persona_records_column(&source->records, numbered.data, err);
	persona_buf_release(&numbered);
	return column;
}

int source_add_record(struct persona_source *source, struct persona_record **out, int64_t line,
		      struct persona_error *err)
{
	struct persona_buf locator;
	int rc;

	persona_buf_init(&locator, SIZE_MAX);
	rc = persona_buf_addf(&locator, err, "%s:%lld", source->name, (long long)line);
	if (!rc)
		rc = persona_records_add(&source->records, out, locator.data, err);
	persona_buf_release(&locator);
	return rc;
}
