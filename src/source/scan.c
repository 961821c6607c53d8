#include "persona/text.h"
#include "scan.h"

#define LABEL_MAX 120 /* bytes; a longer bold text is an emphasised sentence */

void scan_init(struct scan *scan, const char *text, size_t len)
{
	*scan = (struct scan){ .at = text, .end = text + len, .number = 1 };
}

bool scan_raw(struct scan *scan, const char **line, size_t *len)
{
	const char *end;

	if (scan->at == scan->end)
		return false;
	end = memchr(scan->at, '\n', (size_t)(scan->end - scan->at));
	*line = scan->at;
	*len = (size_t)((end ? end : scan->end) - scan->at);
	scan->at = end ? end + 1 : scan->end;
	scan->number++;
	return true;
}

/* How often byte stands at the start of text. */
static size_t run(const char *text, size_t len, char byte)
{
	size_t n = 0;

	while (n < len && text[n] == byte)
		n++;
	return n;
}

/* Up to three blanks are no indentation. */
static void skip_indent(const char **text, size_t *len)
{
	size_t blanks = run(*text, *len, ' ');

	if (blanks < 4) {
		*text += blanks;
		*len -= blanks;
	}
}

static bool is_fence(struct scan *scan, const char *text, size_t len)
{
	size_t n;

	skip_indent(&text, &len);
	if (scan->fence) {
		n = run(text, len, scan->fence);
		if (n < scan->fence_len || run(text + n, len - n, ' ') != len - n)
			return false;
		scan->fence = 0;
		return true;
	}
	if (!len || (*text != '`' && *text != '~'))
		return false;
	n = run(text, len, *text);
	if (n < 3 || (*text == '`' && memchr(text + n, '`', len - n)))
		return false;
	scan->fence = *text;
	scan->fence_len = n;
	return true;
}

/* Nothing but byte, at least `least` times, blanks allowed. */
static bool is_only(const char *text, size_t len, char byte, size_t least)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		if (text[i] == byte)
			n++;
		else if (text[i] != ' ' && text[i] != '\t')
			return false;
	return n >= least;
}

static bool is_rule(const char *text, size_t len)
{
	skip_indent(&text, &len);
	return is_only(text, len, '-', 3) || is_only(text, len, '*', 3) || is_only(text, len, '_', 3);
}

/* "[name]: https://… "title"": a place to link to. "[Name]: Well, I think" is somebody speaking. */
static bool is_link_definition(const char *text, size_t len)
{
	static const char *const starts[] = {
		"http:", "https:", "ftp:", "mailto:", "www.", "/", "#", "./", "../", "<"
	};
	const char *close;
	size_t dest;

	skip_indent(&text, &len);
	close = len && *text == '[' ? memchr(text, ']', len) : NULL;
	if (!close || close == text + 1 || text[1] == '^' || text + len < close + 2 || close[1] != ':')
		return false;
	len -= (size_t)(close + 2 - text);
	text = close + 2;
	len = persona_text_trim(&text, len);
	for (dest = 0; dest < len && text[dest] != ' ' && text[dest] != '\t'; dest++)
		;
	if (dest < len && !strchr("\"'(", text[dest + run(text + dest, len - dest, ' ')]))
		return false;
	for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
		if (dest >= strlen(starts[i]) && strncasecmp(text, starts[i], strlen(starts[i])) == 0)
			return true;
	return false;
}

/* A name without the marks of emphasis around it. */
static void set_name(struct scan_line *line, const char *name, size_t len)
{
	len = persona_text_trim(&name, len);
	while (len >= 2 && name[0] == name[len - 1] && (name[0] == '*' || name[0] == '_')) {
		name++;
		len -= 2;
	}
	len = persona_text_trim(&name, len);
	line->name = name;
	line->name_len = len;
}

static bool is_heading(struct scan_line *line)
{
	const char *text = line->text;
	size_t len = line->len, level;

	skip_indent(&text, &len);
	level = run(text, len, '#');
	if (!level || level > 6 || (level < len && text[level] != ' ' && text[level] != '\t'))
		return false;
	text += level;
	len -= level;
	len = persona_text_trim(&text, len);
	while (len && text[len - 1] == '#')
		len--;
	line->level = (int)level;
	set_name(line, text, len);
	return true;
}

/* A line of text that is underlined is a heading too; the underline is read as well. */
static bool is_underlined(struct scan *scan, struct scan_line *line)
{
	struct scan ahead = *scan;
	const char *text;
	size_t len;

	if (scan->after_text || !scan_raw(&ahead, &text, &len) || !len || (*text != '=' && *text != '-'))
		return false;
	if (run(text, len, *text) < 2)
		return false;
	line->level = *text == '=' ? 1 : 2;
	len = persona_text_trim(&text, len);
	if (run(text, len, *text) != len)
		return false;
	set_name(line, line->text, line->len);
	*scan = ahead;
	return true;
}

static bool is_label(struct scan_line *line)
{
	const char *text = line->text, *close;
	size_t len = line->len, name_len;

	len = persona_text_trim(&text, len);
	if (len > 2 && strchr("-*+", *text) && text[1] == ' ') {
		text += 2;
		len -= 2;
		len = persona_text_trim(&text, len);
	}
	if (len < 5 || memcmp(text, "**", 2) != 0)
		return false;
	close = memmem(text + 2, len - 2, "**", 2);
	if (!close)
		return false;
	name_len = (size_t)(close - text) - 2;
	len -= (size_t)(close + 2 - text);
	text += 2;
	close += 2;
	if (name_len && text[name_len - 1] == ':') {
		name_len--;
	} else if (len && *close == ':') {
		close++;
		len--;
	} else {
		return false;
	}
	if (!name_len || name_len > LABEL_MAX || memchr(text, '*', name_len))
		return false;
	set_name(line, text, name_len);
	if (!line->name_len)
		return false;
	line->len = persona_text_trim(&close, len);
	line->text = close;
	return true;
}

bool scan_next(struct scan *scan, struct scan_line *line)
{
	const char *text;
	size_t len;

	*line = (struct scan_line){ .number = scan->number };
	if (!scan_raw(scan, &line->text, &line->len))
		return false;
	text = line->text;
	len = line->len;
	len = persona_text_trim(&text, len);
	if (is_fence(scan, line->text, line->len) || scan->fence)
		line->kind = SCAN_TEXT;
	else if (!len)
		line->kind = SCAN_BLANK;
	else if (is_heading(line))
		line->kind = SCAN_HEADING;
	else if (is_rule(line->text, line->len) || is_link_definition(line->text, line->len))
		line->kind = SCAN_IGNORED;
	else if (is_label(line))
		line->kind = SCAN_LABEL;
	else
		line->kind = is_underlined(scan, line) ? SCAN_HEADING : SCAN_TEXT;
	if (line->kind == SCAN_HEADING && !line->name_len)
		line->kind = SCAN_IGNORED;
	scan->after_text = line->kind == SCAN_TEXT || line->kind == SCAN_LABEL;
	return true;
}
