/* Opening, closing, transactions. */
#include <errno.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "internal.h"

/* statfs(2) f_type of file systems whose memory mapping is not shared between machines: WAL is unsafe there. */
static const struct {
	unsigned type;
	const char *name;
} network_file_systems[] = {
	{ 0x6969, "NFS" },    { 0x517B, "SMB" },	{ 0xFF534D42, "CIFS" }, { 0xFE534D42, "SMB2" },
	{ 0x564C, "NCP" },    { 0x73757245, "Coda" },	{ 0x5346414F, "AFS" },	{ 0x00C36400, "Ceph" },
	{ 0x01021997, "9P" }, { 0x0BD00BD0, "Lustre" }, { 0x47504653, "GPFS" }, { 0x19830326, "BeeGFS" },
};

static int refuse_network(const char *path, struct persona_error *err)
{
	struct statfs info;
	struct persona_buf folder;
	const char *slash = strrchr(path, '/');
	int rc;

	persona_buf_init(&folder, 8192);
	/* The file itself where it is there: it may be a symbolic link to elsewhere. */
	if (access(path, F_OK) == 0)
		rc = persona_buf_adds(&folder, path, err);
	else if (slash)
		rc = persona_buf_add(&folder, path, slash == path ? 1 : (size_t)(slash - path), err);
	else
		rc = persona_buf_adds(&folder, ".", err);
	if (!rc && statfs(folder.data, &info) < 0)
		rc = persona_error_set(err, PERSONA_E_DB, "%s: %s", folder.data, strerror(errno));
	for (size_t i = 0; !rc && i < sizeof network_file_systems / sizeof *network_file_systems; i++)
		if ((unsigned)info.f_type == network_file_systems[i].type)
			rc = persona_error_set(err, PERSONA_E_DB,
					       "%s: on a network file system (%s), where SQLite's shared memory is "
					       "unsafe; use a local disk",
					       path, network_file_systems[i].name);
	persona_buf_release(&folder);
	return rc;
}

/* What is at path, before SQLite touches it: 1 a file, 0 nothing. */
static int look(const char *path, enum persona_store_mode mode, struct persona_error *err)
{
	struct stat info;

	if (!*path)
		return persona_error_set(err, PERSONA_E_DB, "the database has an empty name");
	if (strcmp(path, ":memory:") == 0)
		return persona_error_set(err, PERSONA_E_DB, ":memory: can't be shared; the database has to be a file");
	/* SQLite may be built to read these as URIs, with options that undo what we rely on. */
	if (strncmp(path, "file:", 5) == 0)
		return persona_error_set(err, PERSONA_E_DB, "%s: a URI; give a plain path (./%s)", path, path);
	if (stat(path, &info) < 0) {
		if (errno != ENOENT)
			return persona_error_set(err, PERSONA_E_DB, "%s: %s", path, strerror(errno));
		if (mode != PERSONA_STORE_CREATE)
			return persona_error_set(err, PERSONA_E_DB,
						 "%s: no such database (persona-draft and persona-import make one)",
						 path);
		return 0;
	}
	if (!S_ISREG(info.st_mode))
		return persona_error_set(err, PERSONA_E_DB, "%s: not a file", path);
	if (mode != PERSONA_STORE_READ && access(path, W_OK) < 0)
		return persona_error_set(err, PERSONA_E_DB, "%s: %s", path, strerror(errno));
	return 1;
}

void persona_store_own_process(void)
{
	/* Refused once SQLite is in use. */
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

/* What does not look into the file, and what does. */
static void configure_handle(sqlite3 *db)
{
	sqlite3_extended_result_codes(db, 1);
	sqlite3_busy_timeout(db, STORE_BUSY_TIMEOUT_MS);
	sqlite3_limit(db, SQLITE_LIMIT_LENGTH, STORE_VALUE_MAX);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
}

static int configure(struct persona_store *store, struct persona_error *err)
{
	int64_t ignored;

	if (sql_pragma(store->db, "PRAGMA journal_size_limit = 67108864", &ignored, err) < 0)
		return -1;
	return sql_exec(store->db,
			"PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;"
			"PRAGMA cache_size = -16384",
			err);
}

/* SQLite could not read the first page: damaged or no database; or reading needs what the folder does not allow. */
static int unreadable_file(struct persona_store *store, struct persona_error *err)
{
	switch (sqlite3_errcode(store->db) & 0xFF) {
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
		return persona_error_set(err, PERSONA_E_DB, "%s: not a persona database: %s", store->path,
					 sqlite3_errmsg(store->db));
	case SQLITE_CANTOPEN:
	case SQLITE_READONLY:
		return persona_error_set(err, PERSONA_E_DB,
					 "%s: %s; even to read, SQLite needs the -wal and -shm files beside it, or to "
					 "make them",
					 store->path, sqlite3_errmsg(store->db));
	default:
		return persona_error_set(err, PERSONA_E_DB, "%s: %s", store->path, sqlite3_errmsg(store->db));
	}
}

/* Three looks at one state: somebody else may be making the database just now. */
static int look_inside(struct persona_store *store, int64_t *application, int64_t *version, int64_t *objects,
		       struct persona_error *err)
{
	struct persona_error why = { 0 };
	int rc = sql_exec(store->db, "BEGIN", &why);

	if (!rc && (sql_pragma(store->db, "SELECT count(*) FROM sqlite_schema", objects, &why) < 0 ||
		    sql_pragma(store->db, "PRAGMA application_id", application, &why) < 0 ||
		    sql_pragma(store->db, "PRAGMA user_version", version, &why) < 0))
		rc = -1;
	if (rc < 0)
		rc = why.code == PERSONA_E_DB ? unreadable_file(store, err)
					      : persona_error_set(err, why.code, "%s", why.text);
	if (!sqlite3_get_autocommit(store->db))
		sqlite3_exec(store->db, "COMMIT", NULL, NULL, NULL);
	return rc;
}

/* Is this file a persona database of a version that this handle can use? *version is 0 for an empty file. */
static int recognise(struct persona_store *store, int64_t *version, struct persona_error *err)
{
	int64_t application, objects;

	if (look_inside(store, &application, version, &objects, err) < 0)
		return -1;
	if (application == 0 && *version == 0 && objects == 0) {
		/* It becomes a database only where one may be made. */
		if (store->mode == PERSONA_STORE_CREATE)
			return 0;
		return persona_error_set(err, PERSONA_E_DB, "%s: empty, not a persona database", store->path);
	}
	if (application != STORE_APPLICATION_ID)
		return persona_error_set(err, PERSONA_E_DB, "%s: a database of another application", store->path);
	if (*version > STORE_SCHEMA_VERSION)
		return persona_error_set(err, PERSONA_E_DB,
					 "%s: schema version %lld is newer than this program's %d; use a newer one",
					 store->path, (long long)*version, STORE_SCHEMA_VERSION);
	if (*version < STORE_SCHEMA_VERSION && store->mode == PERSONA_STORE_READ)
		return persona_error_set(err, PERSONA_E_DB,
					 "%s: schema version %lld is older than this program's; any program that "
					 "writes upgrades it",
					 store->path, (long long)*version);
	return 0;
}

/* Not every file system has what WAL needs; then SQLite says "delete", and no error. */
static int switch_to_wal(struct persona_store *store, struct persona_error *err)
{
	sqlite3_stmt *statement = NULL;
	const char *mode = NULL;
	int rc = 0, code = sqlite3_prepare_v2(store->db, "PRAGMA journal_mode = WAL", -1, &statement, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	if (code == SQLITE_ROW)
		mode = sql_column_text(statement, 0);
	else
		rc = sql_fail(store->db, code, store->path, err);
	if (!rc && (!mode || strcmp(mode, "wal") != 0))
		rc = persona_error_set(err, PERSONA_E_DB, "%s: this file system does not carry a write-ahead log",
				       store->path);
	sqlite3_finalize(statement);
	return rc;
}

/* One at a time: creating, or setting the journal mode, is not something that SQLite waits for. */
static int migrate_alone(struct persona_store *store, struct persona_error *err)
{
	int64_t version;
	int rc = -1;

	if (live_lock_writer(store, err) < 0)
		return -1;
	if (recognise(store, &version, err) < 0)
		goto out;
	if (version == 0 && switch_to_wal(store, err) < 0)
		goto out;
	rc = schema_migrate(store, schema_migrations, schema_migrations_len, schema_views(), err);
out:
	live_unlock_writer(store);
	return rc;
}

static int bring_up_to_date(struct persona_store *store, struct persona_error *err)
{
	int64_t version;

	if (recognise(store, &version, err) < 0)
		return -1;
	if (version == STORE_SCHEMA_VERSION)
		return 0;
	return migrate_alone(store, err);
}

int persona_store_open(struct persona_store **out, const char *path, enum persona_store_mode mode,
		       const struct persona_clock *clock, struct persona_error *err)
{
	int flags = mode == PERSONA_STORE_READ	   ? SQLITE_OPEN_READONLY
		    : mode == PERSONA_STORE_CREATE ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
						   : SQLITE_OPEN_READWRITE;
	struct persona_store *store;
	int64_t version;
	int code, there;

	*out = NULL;
	there = look(path, mode, err);
	if (there < 0 || refuse_network(path, err) < 0)
		return -1;
	store = calloc(1, sizeof *store);
	if (!store)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	store->live_fd = -1;
	store->mode = mode;
	store->clock = clock ? clock : persona_clock_system();
	store->path = persona_strdup(path, err);
	if (!store->path)
		goto fail;
	/* The handle is used by one thread: no mutexes. */
	code = sqlite3_open_v2(path, &store->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
	if (code != SQLITE_OK) {
		(void)persona_error_set(err, PERSONA_E_DB, "%s: %s", path,
					store->db ? sqlite3_errmsg(store->db) : sqlite3_errstr(code));
		goto fail;
	}
	configure_handle(store->db);
	/* Look before the live file is made: nothing is left beside a database that is not ours. */
	if (there && recognise(store, &version, err) < 0)
		goto fail;
	if (configure(store, err) < 0 || live_open(store, err) < 0 || bring_up_to_date(store, err) < 0)
		goto fail;
	*out = store;
	return 0;
fail:
	persona_store_close(store);
	return -1;
}

void persona_store_close(struct persona_store *store)
{
	if (!store)
		return;
	if (store->in_write)
		persona_store_rollback(store);
	persona_store_read_end(store);
	for (size_t i = 0; i < SQL_STATEMENTS; i++)
		sqlite3_finalize(store->statements[i].handle);
	sqlite3_close(store->db);
	if (store->live_fd >= 0)
		close(store->live_fd);
	free(store->live_path);
	free(store->path);
	free(store);
}

/* Our turn to write, however long it takes. */
static int take_turn(struct persona_store *store, struct persona_error *err)
{
	/* Not the store's clock, which tests turn: this is about the machine. */
	const struct persona_clock *clock = persona_clock_system();
	int64_t waited_ms = -clock->monotonic_ms(clock->payload);

	if (live_lock_writer(store, err) < 0)
		return -1;
	if (sql_run(store, SQL_BEGIN_IMMEDIATE, NULL, 0, err) < 0) {
		live_unlock_writer(store);
		return -1;
	}
	waited_ms += clock->monotonic_ms(clock->payload);
	if (waited_ms > store->longest_wait_ms)
		store->longest_wait_ms = waited_ms;
	return 0;
}

int persona_store_begin(struct persona_store *store, struct persona_error *err)
{
	int64_t version;
	int moved = 0;

	if (store->rehearsing)
		return 0;
	if (store->in_write)
		return persona_error_set(err, PERSONA_E_USAGE, "a transaction is open already");
	persona_store_read_end(store);
	if (take_turn(store, err) < 0)
		return -1;
	store->in_write = true;
	/* Somebody deleted or replaced the file that we have open: what we write would be lost. */
	if (sqlite3_file_control(store->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved) {
		(void)persona_error_set(err, PERSONA_E_DB, "%s: deleted or replaced while it was open", store->path);
		goto fail;
	}
	if (sql_integer(store, SQL_USER_VERSION, NULL, 0, &version, err) < 0)
		goto fail;
	if (version != STORE_SCHEMA_VERSION) {
		(void)persona_error_set(err, PERSONA_E_DB,
					"%s: the schema became version %lld meanwhile; this program knows %d",
					store->path, (long long)version, STORE_SCHEMA_VERSION);
		goto fail;
	}
	return 0;
fail:
	persona_store_rollback(store);
	return -1;
}

int persona_store_rehearse(struct persona_store *store, struct persona_error *err)
{
	if (persona_store_begin(store, err) < 0)
		return -1;
	store->rehearsing = true;
	return 0;
}

int persona_store_commit(struct persona_store *store, struct persona_error *err)
{
	if (store->rehearsing)
		return 0;
	if (sql_run(store, SQL_COMMIT, NULL, 0, err) < 0) {
		persona_store_rollback(store);
		return -1;
	}
	store->in_write = false;
	live_unlock_writer(store);
	if (store->buried_nusd)
		persona_log(PERSONA_LOG_WARNING,
			    "programs were killed while requests were under way: up to $%.4f is booked as lost",
			    (double)store->buried_nusd / 1e9);
	store->buried_nusd = 0;
	return 0;
}

void persona_store_rollback(struct persona_store *store)
{
	/* SQLite may have rolled back by itself, on a full disk for one. */
	if (!sqlite3_get_autocommit(store->db))
		sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
	store->in_write = store->rehearsing = false;
	store->buried_nusd = 0;
	live_unlock_writer(store);
}

int persona_store_read_begin(struct persona_store *store, struct persona_error *err)
{
	if (store->in_write || store->in_read)
		return 0;
	if (sql_run(store, SQL_BEGIN, NULL, 0, err) < 0)
		return -1;
	store->in_read = true;
	return 0;
}

void persona_store_read_end(struct persona_store *store)
{
	if (!store->in_read)
		return;
	store->in_read = false;
	if (!sqlite3_get_autocommit(store->db))
		sqlite3_exec(store->db, "COMMIT", NULL, NULL, NULL);
}
