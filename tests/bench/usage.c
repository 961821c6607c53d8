/*
 * What a command costs, for tests/bench/run.
 *
 *   bench-usage COMMAND ARGUMENT…   run it with its stdout thrown away; prints milliseconds by the clock, microseconds of
 *                                   CPU (user and system, of all its threads and children), and its largest resident
 *                                   set in KB. Exits as it did
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static long long us(const struct timeval *time)
{
	return (long long)time->tv_sec * 1000000 + time->tv_usec;
}

static void become(char **command)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (null < 0 || dup2(null, STDOUT_FILENO) < 0) {
		perror("bench-usage: /dev/null");
		_exit(127);
	}
	execvp(command[0], command);
	perror(command[0]);
	_exit(127);
}

int main(int argc, char **argv)
{
	long long start = now_us();
	struct rusage usage;
	int status;
	pid_t pid;

	if (argc < 2) {
		fputs("usage: bench-usage COMMAND ARGUMENT…\n", stderr);
		return 2;
	}
	pid = fork();
	if (pid == 0)
		become(argv + 1);
	if (pid < 0 || wait4(pid, &status, 0, &usage) != pid) {
		perror("bench-usage");
		return 1;
	}
	printf("%.1f %lld %ld\n", (double)(now_us() - start) / 1000, us(&usage.ru_utime) + us(&usage.ru_stime),
	       usage.ru_maxrss);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
