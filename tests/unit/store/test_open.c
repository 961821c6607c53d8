/* Opening: what is taken, what is refused, and that looking changes nothing. Transactions. */
#include <sys/resource.h>
#include <sys/vfs.h>

#include "helper.h"

/* ---- What a file looks like ------------------------------------------ */

struct picture {
	char *bytes;
	size_t len;
	struct timespec changed;
	unsigned char counter[4]; /* SQLite's change counter, bytes 24..27 of page 1 */
};

static struct picture take_picture(const char *name)
{
	struct picture picture = { 0 };
	struct stat info;
	int fd = open(name, O_RDONLY);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fstat(fd, &info), 0);
	picture.len = (size_t)info.st_size;
	picture.changed = info.st_mtim;
	picture.bytes = malloc(picture.len + 1);
	ck_assert_int_eq(read(fd, picture.bytes, picture.len), (ssize_t)picture.len);
	close(fd);
	if (picture.len >= 28)
		memcpy(picture.counter, picture.bytes + 24, 4);
	return picture;
}

/* Compares and releases. */
static void assert_unchanged(struct picture before, const char *name)
{
	struct picture after = take_picture(name);

	ck_assert_uint_eq(before.len, after.len);
	ck_assert_mem_eq(before.counter, after.counter, 4);
	ck_assert_mem_eq(before.bytes, after.bytes, before.len);
	ck_assert_int_eq(before.changed.tv_sec, after.changed.tv_sec);
	ck_assert_int_eq(before.changed.tv_nsec, after.changed.tv_nsec);
	free(before.bytes);
	free(after.bytes);
}

static void write_file(const char *name, const void *bytes, size_t len)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, len), (ssize_t)len);
	close(fd);
}

/* Another program's way in. */
static void foreign(const char *text)
{
	sqlite3 *db = NULL;

	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	ck_assert_msg(sqlite3_exec(db, text, NULL, NULL, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(db));
	sqlite3_close(db);
}

static bool exists(const char *suffix)
{
	return access(beside(suffix), F_OK) == 0;
}

static const enum persona_store_mode modes[] = { PERSONA_STORE_READ, PERSONA_STORE_WRITE, PERSONA_STORE_CREATE };

static int open_mode(int mode)
{
	store = (struct persona_store *)1;
	return persona_store_open(&store, path, modes[mode], &test_clock, &err);
}

/* Refused in that mode, for that reason; nothing is left beside the file and the file is as it was. */
static void assert_refused(int mode, const char *reason)
{
	struct picture before = take_picture(path);
	int standard_input = fcntl(STDIN_FILENO, F_GETFD);

	FAILS(open_mode(mode));
	ck_assert_ptr_null(store);
	/* Nothing is closed but what was opened. */
	ck_assert_int_eq(fcntl(STDIN_FILENO, F_GETFD), standard_input);
	SAYS(PERSONA_E_DB, reason);
	assert_unchanged(before, path);
	ck_assert(!exists("-live"));
}

/* ---- Opening --------------------------------------------------------- */

START_TEST(a_new_database_is_ours_and_current)
{
	store = open_as(PERSONA_STORE_CREATE);
	ck_assert_int_eq(number_of("PRAGMA application_id"), STORE_APPLICATION_ID);
	ck_assert_int_eq(number_of("PRAGMA user_version"), STORE_SCHEMA_VERSION);
	ck_assert_int_eq(number_of("PRAGMA foreign_keys"), 1);
	ck_assert_int_eq(number_of("PRAGMA synchronous"), 2);
	ck_assert_int_eq(number_of("PRAGMA cache_size"), -16384);
	ck_assert_int_eq(number_of("PRAGMA journal_size_limit"), 64 * 1024 * 1024);
	ck_assert_int_eq(number_of("PRAGMA busy_timeout"), 60000);
	ROWS("PRAGMA journal_mode", "wal\n");
	ROWS("PRAGMA foreign_key_check", "");
	ck_assert(exists("-live"));
	/* Every table is STRICT, but for SQLite's own. */
	ROWS("SELECT name FROM pragma_table_list WHERE type = 'table' AND schema = 'main' AND NOT strict"
	     " AND name NOT LIKE 'sqlite_%'",
	     "");
	persona_store_close(store);
	ck_assert(!exists("-wal"));
}
END_TEST

START_TEST(a_current_database_is_not_written_to)
{
	struct picture before;
	struct persona_view view;
	struct persona_place place;
	json_t *status;

	store = open_as(PERSONA_STORE_CREATE);
	make_keys();
	make_personas(3);
	persona_store_close(store);
	before = take_picture(path);
	store = open_as(modes[_i]);
	YES(persona_store_resolve(store, (struct persona_ref){ 2, 0 }, &place, &err));
	OK(persona_store_view(store, &place, &view, &err));
	persona_view_release(&view);
	ck_assert_int_eq(view.place.revision_id, 0);
	OK(persona_store_status(store, &status, &err));
	json_decref(status);
	ck_assert_int_eq(sqlite3_total_changes(store->db), 0);
	persona_store_close(store);
	assert_unchanged(before, path);
}
END_TEST

START_TEST(reading_makes_no_live_file)
{
	store = open_as(PERSONA_STORE_CREATE);
	persona_store_close(store);
	ck_assert_int_eq(unlink(beside("-live")), 0);
	store = open_as(PERSONA_STORE_READ);
	ck_assert(!exists("-live"));
	NO(live_is_alive(store, 1, &err));
	FAILS(persona_store_begin(store, &err));
	SAYS(PERSONA_E_DB, "for reading only");
	persona_store_close(store);
}
END_TEST

START_TEST(what_is_not_sqlite_is_refused)
{
	char bytes[5000];

	memset(bytes, 'x', sizeof bytes);
	write_file(path, bytes, sizeof bytes);
	assert_refused(_i, "not a persona database");
	write_file(path, "hello", 5);
	assert_refused(_i, "not a persona database");
}
END_TEST

START_TEST(what_is_anothers_is_refused)
{
	foreign("CREATE TABLE theirs (a)");
	assert_refused(_i, "another application");
	foreign("PRAGMA application_id = 7; PRAGMA user_version = 1");
	assert_refused(_i, "another application");
	/* Their version, without any table. */
	foreign("DROP TABLE theirs; PRAGMA application_id = 0");
	assert_refused(_i, "another application");
}
END_TEST

START_TEST(what_is_newer_is_refused)
{
	store = open_as(PERSONA_STORE_CREATE);
	persona_store_close(store);
	ck_assert_int_eq(unlink(beside("-live")), 0);
	foreign("PRAGMA user_version = 99");
	assert_refused(_i, "newer");
}
END_TEST

/* Of ours, but from before the first version: what a reader can't upgrade and a writer would. */
START_TEST(what_is_older_is_not_read)
{
	foreign("PRAGMA application_id = 1347571283");
	assert_refused(0, "is older than");
	OK(open_mode(1));
	ck_assert_int_eq(number_of("PRAGMA user_version"), STORE_SCHEMA_VERSION);
	persona_store_close(store);
}
END_TEST

START_TEST(an_empty_file_becomes_a_database_only_by_create)
{
	write_file(path, "", 0);
	if (modes[_i] != PERSONA_STORE_CREATE) {
		assert_refused(_i, "empty, not a persona database");
		return;
	}
	OK(open_mode(_i));
	ck_assert_int_eq(number_of("PRAGMA user_version"), STORE_SCHEMA_VERSION);
	persona_store_close(store);
}
END_TEST

START_TEST(a_missing_file_is_made_only_by_create)
{
	if (modes[_i] == PERSONA_STORE_CREATE) {
		OK(open_mode(_i));
		persona_store_close(store);
		return;
	}
	FAILS(open_mode(_i));
	SAYS(PERSONA_E_DB, "no such database");
	ck_assert(!exists("") && !exists("-live"));
}
END_TEST

START_TEST(names_that_cannot_be_are_refused)
{
	static const char *const names[] = { "",  ":memory:", "file::memory:",	    "file:x.db?mode=memory",
					     "/", "/tmp",     "/nowhere/at/all.db", "/dev/null" };
	static const char *const reasons[] = { "empty name", "has to be a file", "a URI",	 "a URI",
					       "not a file", "not a file",	 "No such file", "not a file" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		FAILS(persona_store_open(&store, names[i], PERSONA_STORE_CREATE, NULL, &err));
		SAYS(PERSONA_E_DB, reasons[i]);
		ck_assert_ptr_null(store);
	}
	/* A folder where the file should be in: a file. */
	write_file(path, "", 0);
	FAILS(persona_store_open(&store, beside("/t.db"), PERSONA_STORE_CREATE, NULL, &err));
	SAYS(PERSONA_E_DB, "Not a directory");
}
END_TEST

/* In a child that is nobody: run body(); its exit code. */
static int as_nobody(int (*body)(void))
{
	pid_t child = fork();
	int status;

	ck_assert_int_ge(child, 0);
	if (child == 0) {
		if (geteuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0))
			_exit(100);
		_exit(body());
	}
	waitpid(child, &status, 0);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* 0: refused, in the words that belong there. */
static int try_to_write(void)
{
	struct persona_error why = { 0 };
	struct persona_store *own;

	if (persona_store_open(&own, path, PERSONA_STORE_WRITE, NULL, &why) == 0)
		return 1;
	return why.code == PERSONA_E_DB && strstr(why.text, "Permission denied") ? 0 : 2;
}

static int try_to_create(void)
{
	struct persona_error why = { 0 };
	struct persona_store *own;

	if (persona_store_open(&own, path, PERSONA_STORE_CREATE, NULL, &why) == 0)
		return 1;
	return why.code == PERSONA_E_DB && strstr(why.text, "unable to open") ? 0 : 2;
}

static int try_to_read(void)
{
	struct persona_error why = { 0 };
	struct persona_store *own;

	if (persona_store_open(&own, path, PERSONA_STORE_READ, NULL, &why) == 0)
		return 1;
	return why.code == PERSONA_E_DB && strstr(why.text, "-shm") ? 0 : 2;
}

START_TEST(permissions_are_named)
{
	store = open_as(PERSONA_STORE_CREATE);
	persona_store_close(store);
	ck_assert_int_eq(chmod(path, 0444), 0);
	ck_assert_int_eq(chmod(folder, 0755), 0);
	ck_assert_int_eq(as_nobody(try_to_write), 0);
	/* SQLite can't read a WAL database where it can't make its shared memory. */
	ck_assert_int_eq(chmod(folder, 0555), 0);
	ck_assert_int_eq(as_nobody(try_to_read), 0);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(as_nobody(try_to_create), 0);
	ck_assert_int_eq(chmod(folder, 0755), 0);
}
END_TEST

/* What statfs(2) says of the one path; of others what is so. */
static struct {
	const char *path;
	unsigned type;
} mounted;

int __wrap_statfs64(const char *name, struct statfs *out);
int __real_statfs64(const char *name, struct statfs *out);

int __wrap_statfs64(const char *name, struct statfs *out)
{
	int rc = __real_statfs64(name, out);

	if (rc == 0 && mounted.path && strcmp(name, mounted.path) == 0)
		out->f_type = (__typeof__(out->f_type))mounted.type;
	return rc;
}

static int open_there(const char *name, enum persona_store_mode mode)
{
	struct persona_store *there;
	int rc = persona_store_open(&there, name, mode, NULL, &err);

	if (rc == 0)
		persona_store_close(there);
	return rc;
}

START_TEST(a_network_file_system_is_refused)
{
	char new_file[512], link_name[512];

	snprintf(new_file, sizeof new_file, "%s/new.db", folder);
	snprintf(link_name, sizeof link_name, "%s/link.db", folder);
	ck_assert_int_eq(symlink(path, link_name), 0);
	OK(open_there(path, PERSONA_STORE_CREATE));
	/* A new one by its folder. */
	mounted.path = folder;
	mounted.type = 0x6969;
	ck_assert_int_eq(open_there(new_file, PERSONA_STORE_CREATE), -1);
	SAYS(PERSONA_E_DB, "on a network file system (NFS)");
	ck_assert_int_ne(access(new_file, F_OK), 0);
	/* One that is there by itself: its folder may hold links to elsewhere. */
	OK(open_there(path, PERSONA_STORE_WRITE));
	mounted.path = link_name;
	mounted.type = 0xFF534D42;
	ck_assert_int_eq(open_there(link_name, PERSONA_STORE_WRITE), -1);
	SAYS(PERSONA_E_DB, "(CIFS)");
	mounted.path = ".";
	ck_assert_int_eq(chdir(folder), 0);
	ck_assert_int_eq(open_there("other.db", PERSONA_STORE_CREATE), -1);
	SAYS(PERSONA_E_DB, "other.db: on a network");
	mounted.path = "/";
	ck_assert_int_eq(open_there("/other.db", PERSONA_STORE_CREATE), -1);
	SAYS(PERSONA_E_DB, "/other.db: on a network");
	/* Any other is fine. */
	mounted.path = folder;
	mounted.type = 0xEF53;
	OK(open_there(new_file, PERSONA_STORE_CREATE));
}
END_TEST

START_TEST(a_symbolic_link_leads_to_the_same_live_file)
{
	struct persona_store *linked;
	char name[160];

	store = open_as(PERSONA_STORE_CREATE);
	start_run(store, "one");
	snprintf(name, sizeof name, "%s/link.db", folder);
	ck_assert_int_eq(symlink(path, name), 0);
	OK(persona_store_open(&linked, name, PERSONA_STORE_WRITE, NULL, &err));
	YES(live_is_alive(linked, persona_store_run_id(store), &err));
	persona_store_close(linked);
	persona_store_close(store);
	snprintf(name, sizeof name, "%s/link.db-live", folder);
	ck_assert_int_ne(access(name, F_OK), 0);
}
END_TEST

/* ---- Transactions ---------------------------------------------------- */

START_TEST(a_transaction_is_whole_or_nothing)
{
	struct persona_store *other = open_as(PERSONA_STORE_READ);

	begin();
	make_keys();
	FAILS(persona_store_begin(store, &err));
	SAYS(PERSONA_E_USAGE, "open already");
	persona_store_rollback(store);
	ck_assert_int_eq(number_of("SELECT count(*) FROM batch"), 0);
	begin();
	make_keys();
	commit();
	ck_assert_int_eq(number_of("SELECT count(*) FROM batch"), 1);
	FAILS(persona_store_commit(store, &err));
	SAYS(PERSONA_E_DB, "no transaction");
	/* Closing rolls back. */
	begin();
	sql("DELETE FROM batch");
	persona_store_close(store);
	store = other;
	ck_assert_int_eq(number_of("SELECT count(*) FROM batch"), 1);
}
END_TEST

START_TEST(a_schema_that_became_newer_stops_writing)
{
	char ours[80];

	begin();
	commit();
	foreign("PRAGMA user_version = 99");
	FAILS(persona_store_begin(store, &err));
	SAYS(PERSONA_E_DB, "became version 99 meanwhile");
	/* Nothing stays locked: another goes on, and so do we once it is ours again. */
	snprintf(ours, sizeof ours, "BEGIN IMMEDIATE; PRAGMA user_version = %d; COMMIT", STORE_SCHEMA_VERSION);
	foreign(ours);
	begin();
	commit();
}
END_TEST

START_TEST(a_file_that_went_away_stops_writing)
{
	char name[160];

	snprintf(name, sizeof name, "%s/elsewhere.db", folder);
	ck_assert_int_eq(rename(path, name), 0);
	FAILS(persona_store_begin(store, &err));
	SAYS(PERSONA_E_DB, "deleted or replaced");
	ck_assert(sqlite3_get_autocommit(store->db));
	ck_assert_int_eq(rename(name, path), 0);
	begin();
	commit();
}
END_TEST

START_TEST(reading_is_one_state_until_it_ends)
{
	struct persona_store *reader = open_as(PERSONA_STORE_READ);
	struct persona_place place;

	make_keys();
	make_personas(1);
	OK(persona_store_read_begin(reader, &err));
	OK(persona_store_read_begin(reader, &err));
	NO(persona_store_resolve(reader, (struct persona_ref){ 2, 1 }, &place, &err));
	sql("INSERT INTO persona VALUES (2, 1, 2, NULL, 1);"
	    "INSERT INTO revision (revision_id, persona_id, number, stage, name, created_at)"
	    " VALUES (2, 2, 1, 'draft', 'New', 1)");
	NO(persona_store_resolve(reader, (struct persona_ref){ 2, 1 }, &place, &err));
	persona_store_read_end(reader);
	YES(persona_store_resolve(reader, (struct persona_ref){ 2, 1 }, &place, &err));
	persona_store_read_end(reader);
	persona_store_close(reader);
	/* Beginning to write ends our own reading; in a transaction reading is nothing. */
	OK(persona_store_read_begin(store, &err));
	begin();
	OK(persona_store_read_begin(store, &err));
	persona_store_read_end(store);
	sql("DELETE FROM revision");
	commit();
	ck_assert_int_eq(number_of("SELECT count(*) FROM revision"), 0);
	ck_assert(sqlite3_get_autocommit(store->db));
}
END_TEST

/* ---- A bad day ------------------------------------------------------- */

static int store_much(struct persona_store *in, struct persona_error *why)
{
	enum { SIZE = 100000 };
	char sha256[PERSONA_HASH_HEX], *text = malloc(SIZE + 1);
	int rc = persona_store_begin(in, why);

	memset(text, 'x', SIZE);
	text[SIZE] = '\0';
	for (int i = 0; !rc && i < 50; i++) {
		text[0] = (char)('A' + i);
		rc = persona_store_blob_put(in, text, SIZE, sha256, why);
	}
	free(text);
	if (rc) {
		persona_store_rollback(in);
		return -1;
	}
	return persona_store_commit(in, why);
}

START_TEST(out_of_space_leaves_what_was)
{
	begin();
	make_keys();
	commit();
	sql("PRAGMA max_page_count = 200");
	FAILS(store_much(store, &err));
	SAYS(PERSONA_E_FULL, "free some space");
	ck_assert_int_eq(number_of("SELECT count(*) FROM blob"), 0);
	ck_assert_int_eq(number_of("SELECT count(*) FROM batch"), 1);
	sql("PRAGMA max_page_count = 1000000");
	OK(store_much(store, &err));
	ck_assert_int_eq(number_of("SELECT count(*) FROM blob"), 50);
	ROWS("PRAGMA integrity_check", "ok\n");
}
END_TEST

static int write_beyond_the_limit(void)
{
	struct rlimit limit = { 300000, 300000 };
	struct persona_error why = { 0 };
	struct persona_store *own;

	signal(SIGXFSZ, SIG_IGN);
	if (persona_store_open(&own, path, PERSONA_STORE_WRITE, NULL, &why) < 0)
		return 1;
	if (setrlimit(RLIMIT_FSIZE, &limit) < 0)
		return 2;
	if (store_much(own, &why) == 0)
		return 3;
	if (why.code != PERSONA_E_FULL)
		return 4;
	persona_store_close(own);
	return 0;
}

START_TEST(a_file_that_cannot_grow_leaves_what_was)
{
	pid_t child = fork();
	int status;

	if (child == 0)
		_exit(write_beyond_the_limit());
	waitpid(child, &status, 0);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
	ck_assert_int_eq(number_of("SELECT count(*) FROM blob"), 0);
	OK(store_much(store, &err));
	ROWS("PRAGMA integrity_check", "ok\n");
}
END_TEST

/* Everything that reads, on whatever there is; errors are welcome, crashes are not. */
static void look_at_everything(void)
{
	struct persona_place places[8];
	struct persona_view view;
	json_t *status = NULL;
	long len;

	if (persona_store_status(store, &status, &err) == 0)
		json_decref(status);
	for (int which = PERSONA_WHICH_BEST; which <= PERSONA_WHICH_ALL; which++) {
		len = persona_store_places(store, (enum persona_which)which, NULL, (struct persona_ref){ 0, 0 }, places,
					   8, &err);
		ck_assert_int_le(len, 8);
		for (long i = 0; i < len; i++)
			if (persona_store_view(store, &places[i], &view, &err) == 0)
				persona_view_release(&view);
	}
	(void)!persona_store_pending_score(store, 2, 0, places, 8, &err);
	(void)!persona_store_pending_refine(store, 4, 2, true, 0, places, 8, &err);
}

START_TEST(a_damaged_database_is_an_error_at_most)
{
	struct picture whole;
	uint64_t seed = 1;
	int refused = 0;

	store = open_as(PERSONA_STORE_CREATE);
	make_keys();
	make_personas(40);
	sql("INSERT INTO trait SELECT revision_id, 'goal', 0, 'Something to do' FROM revision;"
	    "INSERT INTO score SELECT revision_id, revision_id, 2, NULL, 50, 50, 'poor' FROM revision");
	persona_store_close(store);
	whole = take_picture(path);
	for (int round = 0; round < 60; round++) {
		char *bytes = malloc(whole.len);

		memcpy(bytes, whole.bytes, whole.len);
		for (int i = 0; i < 200; i++) {
			seed = persona_mix64(seed, &i, sizeof i);
			bytes[100 + seed % (whole.len - 100)] ^= (char)(seed >> 32 | 1);
		}
		/* Every fourth is cut off besides. */
		write_file(path, bytes, round % 4 ? whole.len : whole.len / 2);
		free(bytes);
		err = (struct persona_error){ 0 };
		if (persona_store_open(&store, path, PERSONA_STORE_READ, NULL, &err) < 0) {
			ck_assert_str_ne(err.text, "");
			refused++;
			continue;
		}
		look_at_everything();
		if (err.code != PERSONA_OK)
			refused++;
		persona_store_close(store);
	}
	free(whole.bytes);
	/* Else the damage was not where anybody looks. */
	ck_assert_int_gt(refused, 30);
}
END_TEST

START_TEST(closing_nothing_is_fine)
{
	persona_store_close(NULL);
}
END_TEST

int main(void)
{
	TCase *files, *bare;
	Suite *suite = suite_of("open", &files);
	int all = sizeof modes / sizeof *modes;

	tcase_add_checked_fixture(files, make_folder, remove_folder);
	tcase_add_test(files, a_new_database_is_ours_and_current);
	tcase_add_loop_test(files, a_current_database_is_not_written_to, 0, all);
	tcase_add_test(files, reading_makes_no_live_file);
	tcase_add_loop_test(files, what_is_not_sqlite_is_refused, 0, all);
	tcase_add_loop_test(files, what_is_anothers_is_refused, 0, all);
	tcase_add_loop_test(files, what_is_newer_is_refused, 0, all);
	tcase_add_test(files, what_is_older_is_not_read);
	tcase_add_loop_test(files, an_empty_file_becomes_a_database_only_by_create, 0, all);
	tcase_add_loop_test(files, a_missing_file_is_made_only_by_create, 0, all);
	tcase_add_test(files, names_that_cannot_be_are_refused);
	tcase_add_test(files, permissions_are_named);
	tcase_add_test(files, a_network_file_system_is_refused);
	tcase_add_test(files, a_symbolic_link_leads_to_the_same_live_file);
	tcase_add_test(files, a_damaged_database_is_an_error_at_most);
	tcase_add_test(files, closing_nothing_is_fine);

	bare = tcase_create("transactions");
	tcase_set_timeout(bare, 60);
	tcase_add_checked_fixture(bare, setup, teardown);
	tcase_add_test(bare, a_transaction_is_whole_or_nothing);
	tcase_add_test(bare, a_schema_that_became_newer_stops_writing);
	tcase_add_test(bare, a_file_that_went_away_stops_writing);
	tcase_add_test(bare, reading_is_one_state_until_it_ends);
	tcase_add_test(bare, out_of_space_leaves_what_was);
	tcase_add_test(bare, a_file_that_cannot_grow_leaves_what_was);
	suite_add_tcase(suite, bare);
	return run_suite(suite);
}
