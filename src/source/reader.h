/*
 * source/reader.h - how the bytes of one research file become records.
 *
 * A format is a table of functions that take the file block by block, so that
 * memory follows the content and not the file. Private to this folder.
 */
#ifndef SOURCE_READER_H
#define SOURCE_READER_H

#include "persona/source.h"

#define SOURCE_BLOCK   65536 /* bytes fed at a time */
#define SOURCE_FORMATS "csv, tsv, json, jsonl, markdown, text or html"

struct source_map;

struct source_format {
	const char *name;
	const char *media_type;
	const char *extensions; /* lower case, separated by blanks */

	/* head: the first block without byte order mark, not consumed. On failure *state is NULL. */
	int (*open)(void **state, struct persona_source *source, const char *head, size_t len,
		    struct persona_error *err);
	int (*feed)(void *state, const char *bytes, size_t len, struct persona_error *err);
	int (*finish)(void *state, struct persona_error *err);
	void (*close)(void *state);
};

extern const struct source_format source_csv;
extern const struct source_format source_tsv;
extern const struct source_format source_markdown;
extern const struct source_format source_text;
extern const struct source_format source_html;
extern const struct source_format source_json;
extern const struct source_format source_jsonl;

/* NULL: no such format. The path's extension counts, in any case of letters. */
const struct source_format *source_format_by_name(const char *name);
const struct source_format *source_format_by_path(const char *path);

/* The extension with its dot, "" if there is none. */
const char *source_extension(const char *path);

/* What the first bytes look like; plain text when nothing else fits. */
const struct source_format *source_sniff(const char *head, size_t len);

/* The delimiter that the header line uses most outside quotes: comma, semicolon or TAB. */
char source_delimiter(const char *head, size_t len);

/* Fill err with "FILE: …" or, with a line, "FILE:LINE: …", and return -1. */
int source_fail(struct persona_error *err, enum persona_error_code code, const char *uri, int64_t line,
		const char *format, ...) PERSONA_PRINTF(5, 6);

/*
 * Trim and clean in place: afterwards *text points into what it was or into scratch, whose content is lost.
 * Counts what had to be replaced.
 */
int source_clean(struct persona_source *source, struct persona_buf *scratch, const char **text, size_t *len,
		 struct persona_error *err) PERSONA_MUST_CHECK;

/* The n-th column of a name: "Name", "Name (2)", … -1: err is set. */
long source_column(struct persona_source *source, const char *name, size_t n,
		   struct persona_error *err) PERSONA_MUST_CHECK;

/* Append a record with the locator NAME:LINE. */
int source_add_record(struct persona_source *source, struct persona_record **out, int64_t line,
		      struct persona_error *err) PERSONA_MUST_CHECK;

/* What the user said about units. */
static inline enum persona_unit source_unit(const struct persona_source *source)
{
	return source->reading ? source->reading->unit : PERSONA_UNIT_AUTO;
}

/* Note something that the user should know of the file. */
int source_note(struct persona_source *source, struct persona_error *err, const char *format, ...) PERSONA_PRINTF(3, 4);

/*
 * The records of a cleaned document: text as Markdown, as one answer, as turns of speakers. transcript_parse: 0 and no
 * record where it is no transcript.
 */
int markdown_parse(struct persona_source *source, const char *text, size_t len, const struct source_map *map,
		   struct persona_error *err) PERSONA_MUST_CHECK;
/* Are there sections that are built alike, without front matter? -1: err is set. */
int markdown_has_sections(const char *text, size_t len, struct persona_error *err) PERSONA_MUST_CHECK;
int text_parse(struct persona_source *source, const char *text, size_t len, const struct source_map *map,
	       struct persona_error *err) PERSONA_MUST_CHECK;
int transcript_parse(struct persona_source *source, const char *text, size_t len, const struct source_map *map,
		     struct persona_error *err) PERSONA_MUST_CHECK;

/* HTML as text with Markdown's headings; out and map are initialised by the call. */
int html_to_text(struct persona_buf *out, struct source_map *out_map, const char *html, size_t len,
		 const struct source_map *map, struct persona_error *err) PERSONA_MUST_CHECK;

/* Do as the reading says with records as they were read: columns left out, rows of one participant joined. */
int source_shape(struct persona_source *source, struct persona_error *err) PERSONA_MUST_CHECK;

/* "Moderator", "Interviewer 2", "Q": who asks and is not asked. */
bool source_is_moderator(const char *label, size_t len);

/* ---- Encodings ------------------------------------------------------- */

enum source_encoding { ENCODING_ASCII, ENCODING_UTF8, ENCODING_UTF16LE, ENCODING_UTF16BE, ENCODING_1252 };

/* A file's bytes on their way to UTF-8, block by block. */
struct source_decoder {
	enum source_encoding encoding; /* as far as is known */
	unsigned char rest[4];	       /* of the block before: a character that was cut */
	size_t rest_len;
	struct persona_buf out;
};

/* By the first block: its byte order mark, or zeroes at every other byte. Returns the length of the mark. */
size_t source_decoder_init(struct source_decoder *decoder, const char *head, size_t len);
void source_decoder_release(struct source_decoder *decoder);

/*
 * The block as UTF-8, borrowed until the next call; what is neither UTF-8 nor Windows-1252 stays as it is. last:
 * nothing follows.
 */
int source_decode(struct source_decoder *decoder, const char *bytes, size_t len, bool last, const char **out,
		  size_t *out_len, struct persona_error *err) PERSONA_MUST_CHECK;

/* Paths of all files below a directory that are not hidden, relative to it, in byte order. */
struct source_paths {
	char **items;
	size_t len, capacity;
};
void source_paths_release(struct source_paths *paths);

/* Errors: PERSONA_E_IO, PERSONA_E_NOMEM. What cannot be read is named in sources->skipped. */
int source_walk(struct source_paths *out, struct persona_sources *sources, const char *root,
		struct persona_error *err) PERSONA_MUST_CHECK;

/* Note a file that was not read; text is copied. unreadable: it should have been. */
int source_skip(struct persona_sources *sources, const char *text, bool unreadable,
		struct persona_error *err) PERSONA_MUST_CHECK;

/* root and rest with one slash between them; the caller frees. NULL: err is set. */
char *source_join(const char *root, const char *rest, struct persona_error *err) PERSONA_MUST_CHECK;

#endif
