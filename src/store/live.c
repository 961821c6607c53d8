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
#include <unistd.h>

#include "internal.h"

int live_open(struct persona_store *store, struct persona_error *err)
{
	struct persona_buf name;
	int rc = 0;

	persona_buf_init(&name, 8192);
	if (persona_buf_addf(&name, err, "%s-live", store->path) < 0)
		return -1;
	if (store->mode == PERSONA_STORE_READ)
		store->live_fd = open(name.data, O_RDONLY | O_CLOEXEC);
	else
		store->live_fd = open(name.data, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (store->live_fd < 0 && store->mode != PERSONA_STORE_READ)
		rc = persona_error_set(err, PERSONA_E_DB, "%s: %s", name.data, strerror(errno));
	persona_buf_release(&name);
	return rc;
}

static int lock(struct persona_store *store, int command, short type, off_t byte)
{
	struct flock range = { .l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1 };
	int rc;

	do
		rc = fcntl(store->live_fd, command, &range);
	while (rc < 0 && errno == EINTR);
	return rc;
}

int live_lock_writer(struct persona_store *store, struct persona_error *err)
{
	if (lock(store, F_OFD_SETLKW, F_WRLCK, 0) < 0)
		return persona_error_set(err, PERSONA_E_DB, "%s-live: cannot lock: %s", store->path, strerror(errno));
	return 0;
}

void live_unlock_writer(struct persona_store *store)
{
	if (store->live_fd >= 0)
		(void)lock(store, F_OFD_SETLK, F_UNLCK, 0);
}

int live_lock_run(struct persona_store *store, int64_t run_id, struct persona_error *err)
{
	if (lock(store, F_OFD_SETLK, F_WRLCK, (off_t)run_id) < 0)
		return persona_error_set(err, PERSONA_E_DB, "%s-live: cannot lock run %lld: %s", store->path,
					 (long long)run_id, strerror(errno));
	return 0;
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
		return persona_error_set(err, PERSONA_E_DB, "%s-live: %s", store->path, strerror(errno));
	return range.l_type != F_UNLCK;
}
