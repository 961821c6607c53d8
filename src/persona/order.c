/* The order of columns, from records that have some of them each. */
#include "persona/persona.h"

/* What has stood right behind a column in some record. */
struct followers {
	size_t *items;
	size_t len, capacity;
};

struct order {
	const struct persona_records *records;
	struct followers *behind; /* by column */
	size_t *before;		  /* by column: how many that are not placed yet it stands behind */
	size_t *place;		  /* by column: where it goes */
	bool *placed;
};

static int note_follower(struct order *order, size_t column, size_t next, struct persona_error *err)
{
	struct followers *behind = &order->behind[column];

	for (size_t i = 0; i < behind->len; i++)
		if (behind->items[i] == next)
			return 0;
	if (persona_grow((void **)&behind->items, &behind->capacity, behind->len, sizeof *behind->items, err) < 0)
		return -1;
	behind->items[behind->len++] = next;
	order->before[next]++;
	return 0;
}

static int note_record(struct order *order, const struct persona_record *record, struct persona_error *err)
{
	for (size_t i = 1; i < record->cells_len; i++)
		if (note_follower(order, record->cells[i - 1].column, record->cells[i].column, err) < 0)
			return -1;
	return 0;
}

/* Behind as few as can be, which is none where records agree; of those the first by name. */
static size_t next_column(const struct order *order)
{
	char *const *names = order->records->columns;
	size_t len = order->records->columns_len, best = len;

	for (size_t i = 0; i < len; i++) {
		if (order->placed[i])
			continue;
		if (best == len || order->before[i] < order->before[best] ||
		    (order->before[i] == order->before[best] && strcmp(names[i], names[best]) < 0))
			best = i;
	}
	return best;
}

static void place_all(struct order *order)
{
	for (size_t place = 0; place < order->records->columns_len; place++) {
		size_t column = next_column(order);

		order->placed[column] = true;
		order->place[column] = place;
		for (size_t i = 0; i < order->behind[column].len; i++)
			order->before[order->behind[column].items[i]]--;
	}
}

static int renumber(const struct order *order, struct persona_records *records, struct persona_error *err)
{
	char **columns = calloc(records->columns_len, sizeof *columns);

	if (!columns)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	for (size_t i = 0; i < records->columns_len; i++)
		columns[order->place[i]] = records->columns[i];
	free(records->columns);
	records->columns = columns;
	records->columns_capacity = records->columns_len;
	records->column_hint = 0;
	for (size_t i = 0; i < records->len; i++)
		for (size_t cell = 0; cell < records->items[i].cells_len; cell++)
			records->items[i].cells[cell].column = order->place[records->items[i].cells[cell].column];
	return 0;
}

int persona_records_order_columns(struct persona_records *records, struct persona_error *err)
{
	size_t len = records->columns_len;
	struct order order = { .records = records };
	int rc = 0;

	if (len < 2)
		return 0;
	order.behind = calloc(len, sizeof *order.behind);
	order.before = calloc(len, sizeof *order.before);
	order.place = calloc(len, sizeof *order.place);
	order.placed = calloc(len, sizeof *order.placed);
	if (!order.behind || !order.before || !order.place || !order.placed)
		rc = persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	for (size_t i = 0; !rc && i < records->len; i++)
		rc = note_record(&order, &records->items[i], err);
	if (!rc) {
		place_all(&order);
		rc = renumber(&order, records, err);
	}
	for (size_t i = 0; order.behind && i < len; i++)
		free(order.behind[i].items);
	free(order.behind);
	free(order.before);
	free(order.place);
	free(order.placed);
	return rc;
}
