/* What processes share about a model at an address, and the user's own prices. */
#include <sys/random.h>

#include "internal.h"

/* The first column, cut where it is too long: 1, or -1 without memory. */
static int copy_column(char *out, size_t size, sqlite3_stmt *statement, struct persona_error *err)
{
	const char *text = sql_column_text(statement, 0);

	if (!text)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	snprintf(out, size, "%s", text);
	return 1;
}

int persona_store_endpoint_load(struct persona_store *store, struct persona_endpoint *endpoint,
				struct persona_error *err)
{
	int64_t *const numbers[] = { &endpoint->updated_ms,	  &endpoint->requests_due_us,
				     &endpoint->tokens_due_us,	  &endpoint->blocked_until_ms,
				     &endpoint->limit_milli,	  &endpoint->ceiling_milli,
				     &endpoint->last_decrease_ms, &endpoint->saturated_since_ms,
				     &endpoint->samples,	  &endpoint->most_ppm };
	sqlite3_stmt *statement;
	int rc;

	if (sql_start(
		    store, SQL_ENDPOINT,
		    ARGS(ARG(endpoint->provider), ARG(endpoint->model), ARG(endpoint->origin), ARG(endpoint->key_tag)),
		    &statement, err) < 0)
		return -1;
	rc = sql_step(store, statement, err);
	endpoint->quirks[0] = '\0';
	if (rc > 0)
		rc = copy_column(endpoint->quirks, sizeof endpoint->quirks, statement, err);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		*numbers[i] = rc > 0 ? sqlite3_column_int64(statement, (int)i + 1) : 0;
	sql_end(statement);
	return rc;
}

int persona_store_endpoint_save(struct persona_store *store, const struct persona_endpoint *endpoint,
				struct persona_error *err)
{
	return sql_run(store, SQL_ENDPOINT_SAVE,
		       ARGS(ARG(endpoint->provider), ARG(endpoint->model), ARG(endpoint->origin),
			    ARG(endpoint->key_tag), ARG((const char *)endpoint->quirks), ARG(endpoint->updated_ms),
			    ARG(endpoint->requests_due_us), ARG(endpoint->tokens_due_us),
			    ARG(endpoint->blocked_until_ms), ARG(endpoint->limit_milli), ARG(endpoint->ceiling_milli),
			    ARG(endpoint->last_decrease_ms), ARG(endpoint->saturated_since_ms), ARG(endpoint->samples),
			    ARG(endpoint->most_ppm)),
		       err);
}

/* ---- Salt ------------------------------------------------------------ */

#define SALT_KEY "key_salt"

static int read_salt(struct persona_store *store, char salt[PERSONA_HASH_HEX], struct persona_error *err)
{
	sqlite3_stmt *statement;
	int rc;

	if (sql_start(store, SQL_SETTING, ARGS(ARG(SALT_KEY)), &statement, err) < 0)
		return -1;
	rc = sql_step(store, statement, err);
	if (rc > 0)
		rc = copy_column(salt, PERSONA_HASH_HEX, statement, err);
	sql_end(statement);
	return rc;
}

static int make_salt(struct persona_store *store, char salt[PERSONA_HASH_HEX], struct persona_error *err)
{
	unsigned char bytes[32];
	int rc;

	if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
		return persona_error_set(err, PERSONA_E_IO, "the system gives no random bytes");
	if (persona_hash_bytes(salt, bytes, sizeof bytes, err) < 0 || persona_store_begin(store, err) < 0)
		return -1;
	rc = sql_run(store, SQL_SETTING_ADD, ARGS(ARG(SALT_KEY), ARG((const char *)salt)), err);
	/* Somebody else may have been faster: his holds. */
	if (rc == 0)
		rc = read_salt(store, salt, err);
	if (rc < 0) {
		persona_store_rollback(store);
		return -1;
	}
	return persona_store_commit(store, err);
}

int persona_store_salt(struct persona_store *store, char salt[PERSONA_HASH_HEX], struct persona_error *err)
{
	int rc = read_salt(store, salt, err);

	if (rc)
		return rc < 0 ? -1 : 0;
	return make_salt(store, salt, err);
}

/* ---- Prices ---------------------------------------------------------- */

static int read_price(struct persona_price_row *row, sqlite3_stmt *statement, struct persona_error *err)
{
	*row = (struct persona_price_row){
		.input_nusd = sqlite3_column_int64(statement, 3),
		.output_nusd = sqlite3_column_int64(statement, 4),
		.cached_nusd = sqlite3_column_int64(statement, 5),
		.cache_write_nusd = sqlite3_column_int64(statement, 6),
	};
	return sql_copy_text(&row->provider, statement, 0, err) < 0 ||
			       sql_copy_text(&row->model, statement, 1, err) < 0 ||
			       sql_copy_text(&row->valid_from, statement, 2, err) < 0
		       ? -1
		       : 0;
}

int persona_store_prices(struct persona_store *store, const char *provider, struct persona_price_row **out, size_t *len,
			 struct persona_error *err)
{
	sqlite3_stmt *statement;
	size_t capacity = 0;
	int rc;

	*out = NULL;
	*len = 0;
	if (sql_start(store, SQL_PRICES, ARGS(ARG(provider)), &statement, err) < 0)
		return -1;
	while ((rc = sql_step(store, statement, err)) > 0) {
		if (persona_grow((void **)out, &capacity, *len, sizeof **out, err) < 0) {
			rc = -1;
			break;
		}
		if (read_price(&(*out)[(*len)++], statement, err) < 0) {
			rc = -1;
			break;
		}
	}
	sql_end(statement);
	if (rc < 0) {
		persona_price_rows_free(*out, *len);
		*out = NULL;
		*len = 0;
	}
	return rc;
}

void persona_price_rows_free(struct persona_price_row *rows, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		free(rows[i].provider);
		free(rows[i].model);
		free(rows[i].valid_from);
	}
	free(rows);
}
