#include "map.h"

void source_map_release(struct source_map *map)
{
	free(map->items);
	free(map->lines);
	*map = (struct source_map){ 0 };
}

int source_map_add(struct source_map *map, size_t offset, int64_t byte, int64_t line, struct persona_error *err)
{
	struct source_mark *last = map->len ? &map->items[map->len - 1] : NULL;

	if (last && last->offset == offset) {
		last->byte = byte;
		last->line = line;
		return 0;
	}
	if (last &&
	    (byte < 0 ? last->byte < 0 : last->byte >= 0 && byte - last->byte == (int64_t)(offset - last->offset)))
		return 0;
	if (persona_grow((void **)&map->items, &map->capacity, map->len, sizeof *map->items, err) < 0)
		return -1;
	map->items[map->len++] = (struct source_mark){ .offset = offset, .byte = byte, .line = line };
	return 0;
}

int64_t source_map_byte(const struct source_map *map, size_t offset, int64_t *line, size_t *end)
{
	size_t from = 0, to = map->len;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (map->items[middle].offset <= offset)
			from = middle + 1;
		else
			to = middle;
	}
	*end = from < map->len ? map->items[from].offset : SIZE_MAX;
	*line = from ? map->items[from - 1].line : 0;
	if (!from || map->items[from - 1].byte < 0)
		return -1;
	return map->items[from - 1].byte + (int64_t)(offset - map->items[from - 1].offset);
}

int64_t source_map_line(const struct source_map *map, int64_t line)
{
	return map->lines && line > 0 && (size_t)line <= map->lines_len ? map->lines[line - 1] : line;
}

int source_map_add_line(struct source_map *map, int64_t line, struct persona_error *err)
{
	if (persona_grow((void **)&map->lines, &map->lines_capacity, map->lines_len, sizeof *map->lines, err) < 0)
		return -1;
	map->lines[map->lines_len++] = line;
	return 0;
}
