/*
 * Who lives, and whose turn it is: locks on bytes of DATABASE-live.
 *
 * Open-file-description locks (fcntl(2), F_OFD_SETLK) belong to the open file, so the kernel gives
 * them back at once when a process dies, however it dies. Byte 0 is the writers' turn: SQLite's own
 * waiting polls, which starves under many writers. Byte RUN_ID is held by that run as long as it lives.
 * Correctness does not rest on byte 0 (SQLite's locks do that) but on the runs' bytes and on fencing.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

#define MOVES_MAX 100 /* times that the file may be replaced while we wait for our turn */

static int open_file(const struct persona_store *store)
{
	if (store->mode == PERSONA_STORE_READ)
		return open(store->live_path, O_RDONLY | O_CLOEXEC);
	return open(store->live_path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
}

/*
 * Beside the file that SQLite really opens: whoever comes by a symbolic link has to meet the others.
 */
int live_open(struct persona_store *store, struct persona_error *err)
{
	const char *database = sqlite3_db_filename(store->db, "main");
	struct persona_buf name;

	persona_buf_init(&name, 8192);
	if (persona_buf_addf(&name, err, "%s-live", database && *database ? database : store->path) < 0)
		return -1;
	store->live_path = persona_buf_take(&name);
	if (!store->live_path)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	store->live_fd = open_file(store);
	if (store->live_fd < 0 && store->mode != PERSONA_STORE_READ)
		return persona_error_set(err, PERSONA_E_DB, "%s: %s", store->live_path, strerror(errno));
	return 0;
}

static int lock(int fd, int command, short type, off_t byte)
{
	struct flock range = { .l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1 };
	int rc;

	do
		rc = fcntl(fd, command, &range);
	while (rc < 0 && errno == EINTR);
	return rc;
}

/* Is the open file the one that others find under its name? */
static bool is_current(const struct persona_store *store)
{
	struct stat ours, named;

	return fstat(store->live_fd, &ours) == 0 && stat(store->live_path, &named) == 0 &&
	       ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

/* The file was deleted or replaced: meet the others in the new one, alive. */
static int move(struct persona_store *store, struct persona_error *err)
{
	int fd = open_file(store);

	if (fd < 0)
		return persona_error_set(err, PERSONA_E_DB, "%s: %s", store->live_path, strerror(errno));
	if (store->run_id && lock(fd, F_OFD_SETLK, F_WRLCK, (off_t)store->run_id) < 0) {
		(void)persona_error_set(err, PERSONA_E_DB, "%s: cannot lock run %lld: %s", store->live_path,
					(long long)store->run_id, strerror(errno));
		close(fd);
		return -1;
	}
	close(store->live_fd);
	store->live_fd = fd;
	return 0;
}

/*
 * Who looked into a file that is no longer there would take the living for dead, so the look at the name
 * comes after the lock, and everything that asks who lives comes after this.
 */
int live_lock_writer(struct persona_store *store, struct persona_error *err)
{
	if (store->mode == PERSONA_STORE_READ)
		return persona_error_set(err, PERSONA_E_DB, "%s: opened for reading only", store->path);
	for (int tries = 0; tries < MOVES_MAX; tries++) {
		if (lock(store->live_fd, F_OFD_SETLKW, F_WRLCK, 0) < 0)
			return persona_error_set(err, PERSONA_E_DB, "%s: cannot lock: %s", store->live_path,
						 strerror(errno));
		if (is_current(store))
			return 0;
		if (move(store, err) < 0)
			return -1;
	}
	return persona_error_set(err, PERSONA_E_BUSY, "%s: replaced again and again", store->live_path);
}

void live_unlock_writer(struct persona_store *store)
{
	if (store->live_fd >= 0)
		(void)lock(store->live_fd, F_OFD_SETLK, F_UNLCK, 0);
}

int live_lock_run(struct persona_store *store, int64_t run_id, struct persona_error *err)
{
	/* Whoever failed to commit this id a moment ago is about to let it go. */
	if (lock(store->live_fd, F_OFD_SETLKW, F_WRLCK, (off_t)run_id) < 0)
		return persona_error_set(err, PERSONA_E_DB, "%s: cannot lock run %lld: %s", store->live_path,
					 (long long)run_id, strerror(errno));
	return 0;
}

void live_unlock_run(struct persona_store *store, int64_t run_id)
{
	(void)lock(store->live_fd, F_OFD_SETLK, F_UNLCK, (off_t)run_id);
}

int live_is_alive(struct persona_store *store, int64_t run_id, struct persona_error *err)
{
	struct flock range = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = (off_t)run_id, .l_len = 1 };

	/* A handle does not see its own locks. */
	if (run_id == store->run_id)
		return 1;
	if (run_id <= 0 || store->live_fd < 0)
		return 0;
	if (fcntl(store->live_fd, F_OFD_GETLK, &range) < 0)
		return persona_error_set(err, PERSONA_E_DB, "%s: %s", store->live_path, strerror(errno));
	return range.l_type != F_UNLCK;
}
