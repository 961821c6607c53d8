/* Keys: the settings under which a stage works. */
#include "internal.h"
#include "persona/json.h"

int persona_key_make(struct persona_key *out, const char *stage, const json_t *shaping, const json_t *bounds,
		     struct persona_error *err)
{
	char *canonical = persona_json_canonical(shaping, err);
	json_t *settings = NULL;
	int rc = -1;

	*out = (struct persona_key){ .stage = stage };
	if (!canonical || persona_hash_bytes(out->sha256, canonical, strlen(canonical), err) < 0)
		goto out;
	/* Not json_copy(), which does not look whether memory sufficed. */
	settings = json_object();
	if (json_object_update(settings, (json_t *)shaping) < 0 ||
	    (bounds && json_object_update(settings, (json_t *)bounds) < 0)) {
		(void)persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		goto out;
	}
	out->settings = persona_json_canonical(settings, err);
	rc = out->settings ? 0 : -1;
out:
	json_decref(settings);
	free(canonical);
	return rc;
}

void persona_key_release(struct persona_key *key)
{
	free(key->settings);
	key->settings = NULL;
}

/* Filtering by score and by judge are two ways of one thing: which was used last decides what is pending. */
static const char *kin(const char *stage)
{
	if (strcmp(stage, "judge") == 0)
		return "filter";
	if (strcmp(stage, "filter") == 0)
		return "judge";
	return stage;
}

int persona_store_key_find(struct persona_store *store, const struct persona_key *key, int64_t *key_id,
			   struct persona_error *err)
{
	return sql_integer(store, SQL_KEY_FIND, ARGS(ARG(key->stage), ARG((const char *)key->sha256)), key_id, err);
}

int persona_store_key_is_last(struct persona_store *store, const struct persona_key *key, int64_t *key_id,
			      struct persona_error *err)
{
	return sql_integer(
		store, SQL_KEY_IS_LAST,
		ARGS(ARG(key->stage), ARG((const char *)key->sha256), ARG(key->settings), ARG(kin(key->stage))), key_id,
		err);
}

int persona_store_key_use(struct persona_store *store, const struct persona_key *key, int64_t *key_id,
			  struct persona_error *err)
{
	int rc = persona_store_key_is_last(store, key, key_id, err);

	if (rc)
		return rc < 0 ? -1 : 0;
	return sql_row_id(store, SQL_KEY_USE, ARGS(ARG(key->stage), ARG((const char *)key->sha256), ARG(key->settings)),
			  key_id, err);
}

int persona_store_key_last(struct persona_store *store, const char *stage, int64_t *key_id, struct persona_error *err)
{
	return sql_integer(store, SQL_KEY_LAST, ARGS(ARG(stage)), key_id, err);
}
