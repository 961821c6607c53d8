/* Lines of progress of several programs on one terminal. */
#include "screen.h"
#include "persona/text.h"

#define PIECE_MAX    65536 /* bytes of a message without an end: then it is shown as it is */
#define CLEAR_LINE   "\033[K"
#define CLEAR_SCREEN "\033[J" /* from the cursor on */

void screen_init(struct screen *screen, size_t len)
{
	*screen = (struct screen){ .len = len < SCREEN_LINES_MAX ? len : SCREEN_LINES_MAX, .columns = 80, .rows = 24 };
	for (size_t i = 0; i < screen->len; i++)
		persona_buf_init(&screen->sources[i].pending, (size_t)2 * PIECE_MAX);
	persona_buf_init(&screen->out, (size_t)16 * 1024 * 1024);
}

void screen_release(struct screen *screen)
{
	for (size_t i = 0; i < screen->len; i++)
		persona_buf_release(&screen->sources[i].pending);
	persona_buf_release(&screen->out);
}

static void put(struct screen *screen, const char *bytes, size_t len)
{
	int shown = persona_buf_add(&screen->out, bytes, len, NULL);

	(void)shown;
}

/* The cursor stands behind the last line that was drawn. */
void screen_erase(struct screen *screen)
{
	char up[32];

	if (!screen->drawn)
		return;
	put(screen, "\r", 1);
	if (screen->drawn > 1)
		put(screen, up, (size_t)snprintf(up, sizeof up, "\033[%zuA", screen->drawn - 1));
	put(screen, CLEAR_SCREEN, strlen(CLEAR_SCREEN));
	screen->drawn = 0;
}

void screen_draw(struct screen *screen)
{
	if (screen->drawn)
		return;
	for (size_t i = 0; i < screen->len; i++) {
		const char *line = screen->sources[i].line;

		/* What does not fit would scroll, and could not be taken back. */
		if (!*line || screen->drawn + 1 >= screen->rows)
			continue;
		if (screen->drawn++)
			put(screen, "\n", 1);
		put(screen, line, persona_text_fit(line, strlen(line), screen->columns - 1));
	}
}

static void say(struct screen *screen, const char *text, size_t len)
{
	screen_erase(screen);
	put(screen, text, len);
	if (len && text[len - 1] != '\n')
		put(screen, "\n", 1);
}

static void set_line(struct screen *screen, struct screen_source *source, const char *text, size_t len)
{
	if (strlen(source->line) == len && memcmp(source->line, text, len) == 0)
		return;
	screen_erase(screen);
	snprintf(source->line, sizeof source->line, "%.*s", (int)len, text);
}

/* A message or a line of progress, if there is a whole one: how many bytes it has. */
static size_t take_piece(struct screen *screen, struct screen_source *source)
{
	const char *text = source->pending.data;
	size_t len = source->pending.len;
	const char *newline = len ? memchr(text, '\n', len) : NULL;
	const char *clear = len && *text == '\r' ? memmem(text, len, CLEAR_LINE, strlen(CLEAR_LINE)) : NULL;

	if (clear && (!newline || clear < newline)) {
		set_line(screen, source, text + 1, (size_t)(clear - text) - 1);
		return (size_t)(clear - text) + strlen(CLEAR_LINE);
	}
	if (newline)
		len = (size_t)(newline - text) + 1;
	else if (len < PIECE_MAX)
		return 0;
	say(screen, text, len);
	return len;
}

void screen_feed(struct screen *screen, size_t source, const char *bytes, size_t len)
{
	struct persona_buf *pending = &screen->sources[source].pending;
	size_t piece;

	if (persona_buf_add(pending, bytes, len, NULL) < 0)
		return;
	while ((piece = take_piece(screen, &screen->sources[source]))) {
		memmove(pending->data, pending->data + piece, pending->len - piece + 1);
		pending->len -= piece;
	}
}

void screen_end(struct screen *screen, size_t source)
{
	struct screen_source *of = &screen->sources[source];

	if (of->pending.len)
		say(screen, of->pending.data, of->pending.len);
	persona_buf_clear(&of->pending);
	set_line(screen, of, "", 0);
}
