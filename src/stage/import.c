/* Import: personas made elsewhere. Each is known by its id, or else by its content. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "internal.h"
#include "persona/json.h"
#include "persona/text.h"

#define IMPORT_MAX (1024L * 1024 * 1024)

struct import {
	struct persona_key key;
	int64_t key_id;
	int64_t batch_id;
	struct persona_buf text; /* the file, clean */
	size_t cleaned;		 /* bytes of it that were no text */
	const char *name;	 /* for messages */
	json_t *array;		 /* a JSON document's personas, or NULL: JSON lines */
	size_t next_index, next_offset, line;
};

/* One persona on its way in. */
struct entry {
	struct persona persona;
	char origin[256];
	char content[PERSONA_HASH_HEX];
	size_t number; /* element or line, from 1 */
};

/* ---- The file -------------------------------------------------------- */

static int read_bytes(const char *path, struct persona_buf *bytes, struct persona_error *err)
{
	struct persona_error why = { 0 };
	int fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
	int rc;

	if (fd < 0)
		return persona_error_set(err, PERSONA_E_IO, "%s: %s", path, strerror(errno));
	rc = persona_buf_read(bytes, fd, &why);
	close(fd);
	if (rc < 0)
		return persona_error_set(err, why.code, "%s: %s", path, why.text);
	return 0;
}

static int read_file(struct import *import, const char *path, struct persona_error *err)
{
	struct persona_buf bytes;
	int rc;

	persona_buf_init(&bytes, IMPORT_MAX);
	rc = read_bytes(path, &bytes, err);
	if (!rc)
		rc = persona_text_clean(&import->text, bytes.data, bytes.len, &import->cleaned, err);
	persona_buf_release(&bytes);
	return rc;
}

/*
 * What a model meant by a text that is no JSON, for the reason in err; -1 leaves it there where nothing can be made of
 * it. A text that was cut is refused: what is missing would never be noticed.
 */
static int mend(json_t **value, const char *text, size_t len, struct persona_error *err)
{
	struct persona_json_options options = { .max_size = len };
	struct persona_json_report report;
	struct persona_error why = { 0 };
	int rc = err->code == PERSONA_E_FORMAT ? persona_json_extract(value, text, len, &options, &report, &why) : -1;

	if (rc > 0 && !report.truncated)
		return 0;
	if (rc > 0)
		json_decref(*value);
	*value = NULL;
	if (why.code == PERSONA_E_NOMEM)
		*err = why;
	return -1;
}

/* An array of objects, an object that is one persona, or an object with one array of them (texts are a persona's goals). */
static json_t *personas_of(json_t *document)
{
	const char *key;
	json_t *member;

	if (json_is_array(document))
		return json_incref(document);
	if (!json_is_object(document))
		return NULL;
	json_object_foreach(document, key, member)
		if (json_object_size(document) == 1 && json_is_array(member) &&
		    !json_is_string(json_array_get(member, 0)))
			return json_incref(member);
	return json_pack("[O]", document);
}

static size_t skip_blank(const struct import *import, size_t at)
{
	while (at < import->text.len && strchr(" \t\r\n", import->text.data[at]))
		at++;
	return at;
}

/* A file whose first line is broken may be JSON lines all the same: then another line is an object by itself. */
static bool has_object_line(const struct import *import, size_t start)
{
	const char *line = import->text.data + start, *end = import->text.data + import->text.len;

	if (*line != '{')
		return false;
	while (line < end) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));
		size_t len = (size_t)((stop ? stop : end) - line);
		json_t *value;

		if (len && *line == '{' && persona_json_parse_strict(&value, line, len, NULL) == 0) {
			json_decref(value);
			return true;
		}
		line += len + 1;
	}
	return false;
}

/* More than one line that each hold a value are JSON lines; everything else is one document. */
static int parse(struct import *import, struct persona_error *err)
{
	struct persona_error why = { 0 };
	size_t start = skip_blank(import, 0);
	const char *end = memchr(import->text.data + start, '\n', import->text.len - start);
	json_t *value = NULL;

	if (start == import->text.len)
		return persona_error_set(err, PERSONA_E_FORMAT, "%s: empty", import->name);
	if (end && skip_blank(import, (size_t)(end - import->text.data)) < import->text.len &&
	    persona_json_parse_strict(&value, import->text.data + start, (size_t)(end - import->text.data) - start,
				      NULL) == 0) {
		json_decref(value);
		return 0;
	}
	if (persona_json_parse_strict(&value, import->text.data, import->text.len, &why) < 0) {
		if (has_object_line(import, start))
			return 0;
		if (mend(&value, import->text.data, import->text.len, &why) < 0)
			return persona_error_set(err, why.code, "%s: %s", import->name, why.text);
		persona_log(PERSONA_LOG_WARNING, "%s: not JSON as it stands (%s); took what is meant", import->name,
			    why.text);
	}
	import->array = personas_of(value);
	json_decref(value);
	if (!import->array)
		return persona_error_set(err, PERSONA_E_FORMAT,
					 "%s: neither a persona, nor an array of personas, nor JSON lines",
					 import->name);
	return 0;
}

/* ---- Open, close ----------------------------------------------------- */

static int find_batch(struct persona_context *context, struct import *import, struct persona_error *err)
{
	static const char settings[] = "{\"origin\":\"import\"}";
	struct persona_batch batch = { 0 };
	char identity[PERSONA_HASH_HEX];
	int rc;

	if (persona_hash_bytes(identity, settings, strlen(settings), err) < 0)
		return -1;
	rc = persona_store_batch_find(context->store, NULL, identity, &batch, err);
	if (rc == 0) {
		if (persona_store_begin(context->store, err) < 0)
			return -1;
		rc = persona_store_batch_find(context->store, NULL, identity, &batch, err);
		if (rc == 0) {
			snprintf(batch.sha256, sizeof batch.sha256, "%s", identity);
			batch.settings = persona_strdup(settings, err);
			rc = batch.settings ? persona_store_batch_add(context->store, &batch, NULL, 0, err) : -1;
		}
		if (rc < 0)
			persona_store_rollback(context->store);
		else
			rc = persona_store_commit(context->store, err);
	}
	import->batch_id = batch.batch_id;
	persona_batch_release(&batch);
	return rc < 0 ? -1 : 0;
}

static int import_prepare(struct persona_context *context, struct persona_error *err)
{
	const struct persona_import_settings *wish = context->settings;
	struct import *import = calloc(1, sizeof *import);

	context->state = import;
	if (!import)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	persona_buf_init(&import->text, IMPORT_MAX * 3);
	import->name = strcmp(wish->path, "-") == 0 ? "stdin" : wish->path;
	return read_file(import, wish->path, err) < 0 ? -1 : parse(import, err);
}

static int import_open(struct persona_context *context, struct persona_error *err)
{
	struct import *import = context->state;
	json_t *shaping = json_object();
	int rc = shaping ? persona_key_make(&import->key, "import", shaping, NULL, err)
			 : persona_error_set(err, PERSONA_E_NOMEM, "out of memory");

	if (import->cleaned)
		persona_log(PERSONA_LOG_WARNING, "%s: %zu byte%s not UTF-8 text: replaced or removed", import->name,
			    import->cleaned, import->cleaned == 1 ? " is" : "s are");
	json_decref(shaping);
	return rc;
}

static void import_close(struct persona_context *context)
{
	struct import *import = context->state;

	if (!import)
		return;
	persona_key_release(&import->key);
	persona_buf_release(&import->text);
	json_decref(import->array);
	free(import);
	context->state = NULL;
}

static int import_begin(struct persona_context *context, struct persona_error *err)
{
	struct import *import = context->state;

	return find_batch(context, import, err) < 0 ? -1 : key_begin(context, &import->key, &import->key_id, err);
}

/* ---- Work ------------------------------------------------------------ */

/* Take the id out of the object: it names the persona, it is not a trait of it. */
static int identify(struct entry *entry, json_t *object, struct persona_error *err)
{
	json_t *id = json_object_get(object, "id");

	if (json_is_integer(id)) {
		snprintf(entry->origin, sizeof entry->origin, "%lld", (long long)json_integer_value(id));
	} else if (json_is_string(id)) {
		/* An empty one is none, as everywhere in a persona. */
		if (json_string_length(id) >= sizeof entry->origin)
			return persona_error_set(err, PERSONA_E_FORMAT, "an id of more than %zu bytes",
						 sizeof entry->origin - 1);
		snprintf(entry->origin, sizeof entry->origin, "%s", json_string_value(id));
	} else if (id && !json_is_null(id)) {
		return persona_error_set(err, PERSONA_E_FORMAT, "an id that is neither a text nor a whole number");
	}
	if (id)
		json_object_del(object, "id");
	return 0;
}

static int read_entry(struct entry *entry, json_t *object, struct persona_error *err)
{
	if (!json_is_object(object))
		return persona_error_set(err, PERSONA_E_FORMAT, "not an object");
	if (identify(entry, object, err) < 0 || persona_from_json(&entry->persona, object, NULL, err) < 0)
		return -1;
	/* Nothing here can check what it cites. */
	for (size_t i = 0; i < entry->persona.evidence_len; i++)
		entry->persona.evidence[i].strength = PERSONA_STRENGTH_NONE;
	if (persona_content_hash(&entry->persona, entry->content, err) < 0)
		return -1;
	if (!entry->origin[0])
		snprintf(entry->origin, sizeof entry->origin, "%s", entry->content);
	return 0;
}

/* The parser counts lines within the line that it was given. */
static const char *within_line(const struct import *import, const char *reason)
{
	static const char first[] = "line 1, ";

	return !import->array && strncmp(reason, first, strlen(first)) == 0 ? reason + strlen(first) : reason;
}

/* The next value of the file: 1, 0 at the end; a line that is no JSON is *value NULL with the reason in why. */
static int next_value(struct import *import, json_t **value, struct persona_error *why)
{
	const char *start, *end;

	*value = NULL;
	if (import->array) {
		if (import->next_index == json_array_size(import->array))
			return 0;
		*value = json_incref(json_array_get(import->array, import->next_index++));
		import->line = import->next_index;
		return 1;
	}
	for (;;) {
		if (import->next_offset >= import->text.len)
			return 0;
		start = import->text.data + import->next_offset;
		end = memchr(start, '\n', import->text.len - import->next_offset);
		if (!end)
			end = import->text.data + import->text.len;
		import->next_offset = (size_t)(end - import->text.data) + 1;
		import->line++;
		while (start < end && strchr(" \t\r", *start))
			start++;
		if (start < end)
			break;
	}
	if (persona_json_parse_strict(value, start, (size_t)(end - start), why) < 0 &&
	    mend(value, start, (size_t)(end - start), why) == 0)
		persona_log(PERSONA_LOG_WARNING, "%s: line %zu is not JSON as it stands (%s); took what is meant",
			    import->name, import->line, within_line(import, why->text));
	return 1;
}

/* "people.jsonl: line 3: no name", on stderr and in the table failure. */
static void say_where(const struct import *import, const struct entry *entry, struct persona_error *reason)
{
	char text[sizeof reason->text];

	snprintf(text, sizeof text, "%s", within_line(import, reason->text));
	(void)persona_error_set(reason, reason->code, "%s: %s %zu: %s", import->name,
				import->array ? "persona" : "line", entry->number, text);
	persona_log(PERSONA_LOG_FAILURE, "%s", reason->text);
}

static int import_next(struct persona_context *context, struct persona_work *work, struct persona_error *err)
{
	struct import *import = context->state;
	struct entry *entry = calloc(1, sizeof *entry);
	json_t *value;
	int more;

	if (!entry)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	persona_init(&entry->persona);
	work->state = entry;
	more = next_value(import, &value, &work->reason);
	if (!more)
		return 0;
	context->counts[PERSONA_COUNT_READ]++;
	entry->number = import->line;
	if (!value || read_entry(entry, value, &work->reason) < 0) {
		work->failed = value ? "invalid" : "unparsable";
		say_where(import, entry, &work->reason);
	}
	json_decref(value);
	return 1;
}

static enum persona_pick import_pick(struct persona_context *context, struct persona_work *work,
				     struct persona_error *err)
{
	struct import *import = context->state;
	struct entry *entry = work->state;
	struct persona_place place;

	if (work->failed)
		return PERSONA_PICK_TAKE;
	if (persona_store_import_find(context->store, import->batch_id, entry->origin, entry->content, &place, err) < 0)
		return PERSONA_PICK_ERROR;
	if (!place.revision_id)
		return PERSONA_PICK_TAKE;
	return persona_work_pass(work, ref_of(&place), err) < 0 ? PERSONA_PICK_ERROR : PERSONA_PICK_DONE;
}

static enum persona_take import_take(struct persona_context *context, struct persona_work *work,
				     struct persona_error *err)
{
	struct import *import = context->state;
	struct entry *entry = work->state;
	struct persona_revision_origin origin = { .stage = "import",
						  .key_id = import->key_id,
						  .content_sha256 = entry->content };
	struct persona_place place;
	int found =
		persona_store_import_find(context->store, import->batch_id, entry->origin, entry->content, &place, err);

	if (found < 0)
		return PERSONA_TAKE_ERROR;
	if (found == 0 && persona_store_import_add(context->store, import->batch_id, entry->origin, &place, err) < 0)
		return PERSONA_TAKE_ERROR;
	if (!place.revision_id) {
		origin.persona_id = place.persona_id;
		if (persona_store_revision_add(context->store, &origin, &entry->persona, &place, err) < 0)
			return PERSONA_TAKE_ERROR;
		context->counts[PERSONA_COUNT_MADE]++;
	}
	return persona_work_pass(work, ref_of(&place), err) < 0 ? PERSONA_TAKE_ERROR : PERSONA_TAKE_DONE;
}

static int import_blame(struct persona_context *context, struct persona_work *work, struct persona_failure *failure,
			struct persona_error *err)
{
	const struct import *import = context->state;

	(void)err;
	(void)work;
	failure->batch_id = import->batch_id;
	failure->key_id = import->key_id;
	return 0;
}

static void import_release(struct persona_work *work)
{
	struct entry *entry = work->state;

	if (entry)
		persona_release(&entry->persona);
	free(entry);
}

const struct persona_stage persona_stage_import = {
	.name = "import",
	.prepare = import_prepare,
	.open = import_open,
	.begin = import_begin,
	.next = import_next,
	.pick = import_pick,
	.take = import_take,
	.blame = import_blame,
	.release = import_release,
	.close = import_close,
};
