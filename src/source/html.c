/*
 * HTML as the text that a reader sees, with headings, labels and paragraphs as Markdown has
 * them. Not a browser: tags that do not nest, or never end, only end up as text without them.
 */
#include <ctype.h>
#include <strings.h>

#include "map.h"
#include "persona/text.h"
#include "reader.h"

#define LABEL	       "**"
#define NAME_MAX_BYTES 16 /* of a tag that means anything */

struct html {
	struct persona_buf *out;
	struct source_map *out_map;
	const char *text;
	size_t len, at;
	int64_t line; /* of the file, at `at` */
	const struct source_map *map;
	size_t breaks;	    /* line ends that come before the next character */
	bool space;	    /* and a blank */
	size_t space_at;    /* which is this byte, if it comes right before; SIZE_MAX: it is no byte of the file */
	bool open;	    /* the line has a character */
	const char *before; /* and this: the mark of a heading or label; NULL: nothing */
	bool label;	    /* a label at the line's beginning is open */
	bool pre;
};

/* ---- Out ------------------------------------------------------------- */

static int line_end(struct html *html, struct persona_error *err)
{
	if (!html->open && source_map_add_line(html->out_map, html->line, err) < 0)
		return -1;
	html->open = html->label = false;
	return source_map_add(html->out_map, html->out->len, -1, html->line, err) < 0
		       ? -1
		       : persona_buf_addc(html->out, '\n', err);
}

static int open_line(struct html *html, struct persona_error *err)
{
	if (html->open)
		return 0;
	html->open = true;
	return source_map_add_line(html->out_map, html->line, err);
}

/* What is not in the file in these bytes. */
static int put_own(struct html *html, const char *text, struct persona_error *err)
{
	if (!*text)
		return 0;
	if (open_line(html, err) < 0 || source_map_add(html->out_map, html->out->len, -1, html->line, err) < 0)
		return -1;
	return persona_buf_adds(html->out, text, err);
}

/* A single blank is the file's own. */
static int put_space(struct html *html, struct persona_error *err)
{
	int64_t line;
	size_t end;

	if (html->space_at == SIZE_MAX || html->space_at + 1 != html->at)
		return put_own(html, " ", err);
	if (open_line(html, err) < 0 ||
	    source_map_add(html->out_map, html->out->len, source_map_byte(html->map, html->space_at, &line, &end),
			   html->line, err) < 0)
		return -1;
	return persona_buf_addc(html->out, ' ', err);
}

/* Line ends and blanks that are due. */
static int put_gap(struct html *html, struct persona_error *err)
{
	bool begun = html->out->len > 0, fresh = html->breaks > 0 || !begun;

	for (; html->breaks; html->breaks--)
		if (begun && line_end(html, err) < 0)
			return -1;
	if (html->space && !fresh && put_space(html, err) < 0)
		return -1;
	html->space = false;
	if (!html->before)
		return 0;
	if (put_own(html, html->before, err) < 0)
		return -1;
	html->label = html->before && strcmp(html->before, LABEL) == 0;
	html->before = NULL;
	return 0;
}

/* A byte of the file at `at`. */
static int put_byte(struct html *html, struct persona_error *err)
{
	int64_t line;
	size_t end;

	if (put_gap(html, err) < 0 || open_line(html, err) < 0 ||
	    source_map_add(html->out_map, html->out->len, source_map_byte(html->map, html->at, &line, &end), html->line,
			   err) < 0)
		return -1;
	return persona_buf_addc(html->out, html->text[html->at], err);
}

static void break_lines(struct html *html, size_t least)
{
	html->breaks = html->breaks > least ? html->breaks : least;
	html->space = false;
}

/* ---- In -------------------------------------------------------------- */

static void move(struct html *html, size_t to)
{
	for (; html->at < to; html->at++)
		html->line += html->text[html->at] == '\n';
}

static const struct {
	const char *name;
	uint32_t code;
} entities[] = { { "amp", '&' },       { "lt", '<' },	    { "gt", '>' },	 { "quot", '"' },
		 { "apos", '\'' },     { "nbsp", ' ' },	    { "ndash", 0x2013 }, { "mdash", 0x2014 },
		 { "lsquo", 0x2018 },  { "rsquo", 0x2019 }, { "ldquo", 0x201C }, { "rdquo", 0x201D },
		 { "hellip", 0x2026 }, { "bull", 0x2022 },  { "middot", 0xB7 },	 { "euro", 0x20AC },
		 { "pound", 0xA3 },    { "copy", 0xA9 },    { "deg", 0xB0 },	 { "auml", 0xE4 },
		 { "ouml", 0xF6 },     { "uuml", 0xFC },    { "Auml", 0xC4 },	 { "Ouml", 0xD6 },
		 { "Uuml", 0xDC },     { "szlig", 0xDF },   { "eacute", 0xE9 },	 { "egrave", 0xE8 },
		 { "agrave", 0xE0 },   { "ccedil", 0xE7 },  { "aacute", 0xE1 },	 { "iacute", 0xED },
		 { "oacute", 0xF3 },   { "uacute", 0xFA },  { "ntilde", 0xF1 },	 { "shy", 0 } };

/* The character that stands for "&name;" at `at`; *used its bytes, 0: it is no entity. */
static uint32_t entity(const struct html *html, size_t *used)
{
	const char *text = html->text + html->at + 1;
	size_t left = html->len - html->at - 1, len = 0;
	uint32_t code = 0;

	*used = 0;
	while (len < left && len < 12 && text[len] != ';' && text[len] > ' ')
		len++;
	if (!len || len == left || text[len] != ';')
		return 0;
	if (*text == '#') {
		bool hex = len > 1 && (text[1] == 'x' || text[1] == 'X');

		for (size_t i = hex ? 2 : 1; i < len; i++) {
			const char *digits = "0123456789abcdef";
			const char *digit = strchr(digits, tolower((unsigned char)text[i]));

			if (!digit || (!hex && digit - digits > 9) || code > 0x110000)
				return 0;
			code = code * (hex ? 16 : 10) + (uint32_t)(digit - digits);
		}
		*used = len + 2;
		/* Control characters are nobody's words. */
		return code < 0x20 || (code >= 0x7F && code < 0xA0) ? ' ' : code == 0xA0 ? ' ' : code;
	}
	for (size_t i = 0; i < sizeof entities / sizeof *entities; i++)
		if (strlen(entities[i].name) == len && memcmp(entities[i].name, text, len) == 0) {
			*used = len + 2;
			return entities[i].code;
		}
	return 0;
}

static int take_entity(struct html *html, struct persona_error *err)
{
	size_t used;
	uint32_t code = entity(html, &used);

	if (!used) {
		if (put_byte(html, err) < 0)
			return -1;
		move(html, html->at + 1);
		return 0;
	}
	if (code == ' ') {
		html->space = true;
		html->space_at = SIZE_MAX;
	} else if (code && (put_gap(html, err) < 0 || open_line(html, err) < 0 ||
			    source_map_add(html->out_map, html->out->len, -1, html->line, err) < 0 ||
			    persona_text_put(html->out, code, err) < 0))
		return -1;
	move(html, html->at + used);
	return 0;
}

/* Where a tag that begins at `at` ends: behind its '>', quotes minded. */
static size_t tag_end(const struct html *html)
{
	char quote = 0;

	for (size_t i = html->at + 1; i < html->len; i++) {
		char byte = html->text[i];

		if (quote)
			quote = byte == quote ? 0 : quote;
		else if ((byte == '"' || byte == '\'') && html->text[i - 1] == '=')
			quote = byte;
		else if (byte == '>')
			return i + 1;
	}
	return html->len;
}

static bool is_one_of(const char *name, const char *names)
{
	size_t len = strlen(name);

	for (const char *at = names; *at;) {
		size_t word = strcspn(at, " ");

		if (word == len && memcmp(at, name, len) == 0)
			return true;
		at += word + (at[word] == ' ');
	}
	return false;
}

/* Behind the closing tag of that name, or at the end. */
static size_t behind_closing(const struct html *html, size_t from, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = from; i + len + 2 < html->len; i++)
		if (html->text[i] == '<' && html->text[i + 1] == '/' &&
		    strncasecmp(html->text + i + 2, name, len) == 0 &&
		    !isalnum((unsigned char)html->text[i + 2 + len])) {
			struct html at = *html;

			at.at = i;
			return tag_end(&at);
		}
	return html->len;
}

static const char *heading(const char *name)
{
	static const char *const marks[] = { "# ", "## ", "### ", "#### ", "##### ", "###### " };

	if (name[0] == 'h' && name[1] >= '1' && name[1] <= '6' && !name[2])
		return marks[name[1] - '1'];
	return is_one_of(name, "dt") ? "#### " : NULL;
}

/* What a tag does to the text. */
static int apply(struct html *html, const char *name, bool closing, struct persona_error *err)
{
	const char *mark = heading(name);

	if (is_one_of(name, "b strong")) {
		/* Only a label at the beginning of a line means something. */
		if (!closing && (!html->open || html->breaks)) {
			html->before = LABEL;
		} else if (closing && html->label) {
			html->label = false;
			return put_own(html, LABEL, err);
		} else if (closing) {
			html->before = NULL;
		}
		return 0;
	}
	if (mark) {
		break_lines(html, 2);
		html->before = closing ? NULL : mark;
	} else if (is_one_of(name, "br tr")) {
		break_lines(html, 1);
	} else if (is_one_of(name, "p div li ul ol dl dd section article main header footer aside blockquote table pre "
				   "figure figcaption address form fieldset hr body td th")) {
		break_lines(html, 2);
		html->before = NULL;
	}
	if (is_one_of(name, "pre"))
		html->pre = !closing;
	return 0;
}

static int take_tag(struct html *html, struct persona_error *err)
{
	char name[NAME_MAX_BYTES + 1] = "";
	size_t from = html->at + 1, len = 0, end;
	bool closing = from < html->len && html->text[from] == '/';

	if (html->len - html->at >= 4 && memcmp(html->text + html->at, "<!--", 4) == 0) {
		const char *close = memmem(html->text + html->at + 4, html->len - html->at - 4, "-->", 3);

		move(html, close ? (size_t)(close - html->text) + 3 : html->len);
		return 0;
	}
	from += closing;
	if (from == html->len || !(isalpha((unsigned char)html->text[from]) || strchr("!?", html->text[from]))) {
		/* "3 < 4" */
		if (put_byte(html, err) < 0)
			return -1;
		move(html, html->at + 1);
		return 0;
	}
	while (from + len < html->len && len < NAME_MAX_BYTES && isalnum((unsigned char)html->text[from + len])) {
		name[len] = (char)tolower((unsigned char)html->text[from + len]);
		len++;
	}
	name[len] = '\0';
	end = tag_end(html);
	if (!closing && is_one_of(name, "script style head nav noscript template svg select textarea"))
		end = behind_closing(html, end, name);
	move(html, end);
	return apply(html, name, closing, err);
}

static int take(struct html *html, struct persona_error *err)
{
	char byte = html->text[html->at];

	if (byte == '<')
		return take_tag(html, err);
	if (byte == '&')
		return take_entity(html, err);
	if (byte == '\n' && html->pre) {
		break_lines(html, 1);
	} else if (byte == ' ' || byte == '\n' || byte == '\t') {
		html->space_at = !html->space && byte == ' ' ? html->at : SIZE_MAX;
		html->space = true;
	} else if (put_byte(html, err) < 0) {
		return -1;
	}
	move(html, html->at + 1);
	return 0;
}

int html_to_text(struct persona_buf *out, struct source_map *out_map, const char *text, size_t len,
		 const struct source_map *map, struct persona_error *err)
{
	struct html html = { .out = out, .out_map = out_map, .text = text, .len = len, .line = 1, .map = map };

	persona_buf_init(out, 2 * PERSONA_SOURCE_DOCUMENT_MAX);
	*out_map = (struct source_map){ 0 };
	while (html.at < html.len)
		if (take(&html, err) < 0)
			return -1;
	return 0;
}
