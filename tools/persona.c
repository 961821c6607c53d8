/* persona: `persona draft …` runs `persona-draft …`, as git does. */
#include <errno.h>
#include <unistd.h>

#include "cli/cli.h"

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
	"  forget   remove what somebody said, for good\n"
	"  json     the JSON that a model's answer holds\n"
	"  run      several of them in a row, as one command\n"
	"\n"
	"A chain, and the same as one command:\n"
	"  persona draft --from interviews.csv -n 5 | persona score - | persona filter - | persona refine - | persona "
	"score -\n"
	"  persona run --from interviews.csv -n 5\n"
	"\n"
	"`persona COMMAND --help` says more.\n";

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
	char path[CLI_PATH_MAX];

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
	cli_find_program(command, path, sizeof path);
	argv[1] = path;
	execvp(path, argv + 1);
	fprintf(stderr, "persona: no command '%.60s': %s\ntry 'persona --help'\n", command, strerror(errno));
	return 2;
}
