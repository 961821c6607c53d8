/* persona: `persona draft …` runs `persona-draft …`, as git does. */
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <unistd.h>

#include "persona/base.h"

static const char help[] =
	"usage: persona COMMAND [ARGUMENT …]\n"
	"\n"
	"Research data to user personas, traceably. `persona COMMAND` runs the program persona-COMMAND.\n"
	"\n"
	"  draft    make personas from research data\n"
	"  import   take personas made elsewhere\n"
	"  score    quality of each persona, 0 to 100\n"
	"  filter   decide which pass\n"
	"  refine   make a better revision of what failed\n"
	"  show     print personas\n"
	"  status   what is done, left, failed, running\n"
	"  json     the JSON that a model's answer holds\n"
	"\n"
	"A chain:\n"
	"  persona draft --from interviews.csv -n 5 | persona score - | persona filter - | persona refine - | persona "
	"score -\n"
	"\n"
	"`persona COMMAND --help` says more.\n";

/* The program beside this one, else in PATH. */
static void run(const char *command, char **argv)
{
	char self[PATH_MAX], path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);

	if (len > 0) {
		self[len] = '\0';
		snprintf(path, sizeof path, "%.3000s/persona-%.200s", dirname(self), command);
		argv[0] = path;
		execv(path, argv);
	}
	snprintf(path, sizeof path, "persona-%.200s", command);
	argv[0] = path;
	execvp(path, argv);
}

static int flush(void)
{
	if (fflush(stdout) == 0)
		return 0;
	fprintf(stderr, "persona: cannot write the output: %s\n", strerror(errno));
	return 5;
}

int main(int argc, char **argv)
{
	const char *command = argc > 1 ? argv[1] : "";

	if (strcmp(command, "--version") == 0) {
		printf("persona %s\n", PERSONA_VERSION);
		return flush();
	}
	if (strcmp(command, "--help") == 0 || strcmp(command, "-h") == 0 || strcmp(command, "help") == 0) {
		fputs(help, stdout);
		return flush();
	}
	if (!*command || *command == '-' || strchr(command, '/')) {
		fprintf(stderr, "persona: %s\ntry 'persona --help'\n",
			*command ? "unknown option or command" : "say which command");
		return 2;
	}
	run(command, argv + 1);
	fprintf(stderr, "persona: no command '%.60s': %s\ntry 'persona --help'\n", command, strerror(errno));
	return 2;
}
