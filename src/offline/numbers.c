/* numbers.c - numbers, dates and ages in answers. */
#include "internal.h"

int compare_u32(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

int compare_u64(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

bool parse_number(const char *text, size_t len, double *out)
{
	double value = 0, scale = 1;
	bool point = false, digits = false, minus = false;

	if (len && (*text == '-' || *text == '+')) {
		minus = *text == '-';
		text++;
		len--;
	}
	if (len > 15)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] >= '0' && text[i] <= '9') {
			value = value * 10 + (text[i] - '0');
			if (point)
				scale *= 10;
			digits = true;
		} else if ((text[i] == '.' || text[i] == ',') && !point && i + 1 < len) {
			point = true;
		} else if (text[i] == '%' && i + 1 == len) {
			break;
		} else {
			return false;
		}
	}
	*out = (minus ? -value : value) / scale;
	return digits;
}

/* Three numbers parted by -, / or ., one of them a year; a time may follow. */
int parse_date(const char *text, size_t len)
{
	int numbers[3] = { 0 }, digits[3] = { 0 };
	int at = 0;
	size_t i;

	for (i = 0; i < len && at < 3; i++) {
		if (text[i] >= '0' && text[i] <= '9' && digits[at] < 4) {
			numbers[at] = numbers[at] * 10 + (text[i] - '0');
			digits[at]++;
		} else if ((text[i] == '-' || text[i] == '/' || text[i] == '.') && digits[at] && at < 2) {
			at++;
		} else {
			break;
		}
	}
	if (at != 2 || !digits[2] || (i < len && text[i] != ' ' && text[i] != 'T' && text[i] != ','))
		return 0;
	if (digits[0] == 4 && numbers[1] >= 1 && numbers[1] <= 12 && numbers[2] >= 1 && numbers[2] <= 31)
		return numbers[0];
	if (digits[2] == 4 && numbers[0] >= 1 && numbers[0] <= 31 && numbers[1] >= 1 && numbers[1] <= 31)
		return numbers[2];
	return 0;
}

size_t unit_answer(const struct model *model, size_t column, uint32_t unit, size_t *offset)
{
	const struct column *c = &model->columns[column];
	size_t from = 0, to = c->len;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (c->cells[middle].unit < unit)
			from = middle + 1;
		else
			to = middle;
	}
	if (from == c->len || c->cells[from].unit != unit)
		return 0;
	*offset = c->cells[from].offset;
	return c->cells[from].len;
}

static int age_in(const struct model *model, const struct column *column, const char *text, size_t len)
{
	double value;

	while (len && (text[len - 1] < '0' || text[len - 1] > '9'))
		len--;
	if (column->topic == TOPIC_BIRTH) {
		int year = parse_date(text, len);

		if (!year && parse_number(text, len, &value) && value > 1850 && value < 2200)
			year = (int)value;
		value = year && model->survey_year ? model->survey_year - year : -1;
	} else if (!parse_number(text, len, &value)) {
		return -1;
	}
	return value >= 5 && value <= 110 ? (int)value : -1;
}

int unit_age(const struct model *model, uint32_t unit)
{
	for (size_t i = 0; i < model->columns_len; i++) {
		const struct column *column = &model->columns[i];
		size_t offset, len;
		int age;

		if (column->topic != TOPIC_AGE && column->topic != TOPIC_BIRTH)
			continue;
		len = unit_answer(model, i, unit, &offset);
		age = len ? age_in(model, column, model_bytes(model, unit, offset), len) : -1;
		if (age >= 0)
			return age;
	}
	return -1;
}
