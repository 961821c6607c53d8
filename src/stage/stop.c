/* Stopping: a flag, and a descriptor that wakes whoever waits in poll(2). */
#include <errno.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "internal.h"

static atomic_int stop_flag;
static atomic_int stop_event = -1;

void persona_stage_stop(void)
{
	int fd = atomic_load(&stop_event), saved = errno;
	uint64_t one = 1;

	atomic_store(&stop_flag, 1);
	if (fd >= 0) {
		ssize_t ignored = write(fd, &one, sizeof one);

		(void)ignored;
	}
	errno = saved;
}

bool stop_asked(void)
{
	return atomic_load(&stop_flag) != 0;
}

int stop_fd(void)
{
	int fd = atomic_load(&stop_event);

	if (fd < 0) {
		fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		atomic_store(&stop_event, fd);
	}
	return fd;
}
