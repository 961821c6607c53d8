/*
 * cli/chain.h - several stages in a row as one command: which programs with which arguments, and what they know of each
 * other.
 */
#ifndef PERSONA_CLI_CHAIN_H
#define PERSONA_CLI_CHAIN_H

#include "cli.h"

#define CHAIN_STAGES_MAX 32
#define CHAIN_NAME_SIZE	 33 /* bytes of a name: 32 hex digits and a NUL */

/* One stage of a chain: a process. */
struct chain_stage {
	const struct cli_stage *stage;
	char **argv; /* ended by NULL */
	size_t argc;
};

struct chain {
	struct chain_stage stages[CHAIN_STAGES_MAX];
	size_t len;
	char name[CHAIN_NAME_SIZE]; /* drawn at random */
	int64_t budget_nusd;	    /* for all of them together; -1: no bound */
	bool shows_progress;	    /* each stage has a line of its own at the bottom of the terminal */
	bool prints_table;	    /* the last one's output is for people, and goes to the same terminal */
};

/*
 * From the command line of `program`, which has stages, to the arguments of each of them. On failure, too, the chain is
 * to be ended with chain_release(). Errors: PERSONA_E_USAGE (no such stage, an option that none takes, …),
 * PERSONA_E_NOMEM, PERSONA_E_IO.
 */
int chain_plan(struct chain *chain, const struct cli_program *program, const struct cli_values *values,
	       struct persona_error *err);
void chain_release(struct chain *chain);

/*
 * Run all stages, the output of each being the input of the next, and wait for all of them. Returns the exit code of
 * the whole: see chain_worst(). Errors are said.
 */
int chain_run(const struct chain *chain);

/* The same for --dry-run: one stage after another, each of which says what it would ask for. */
int chain_rehearse(const struct chain *chain, const struct cli_values *values);

/*
 * The exit code of the whole, from those of its stages as a shell has them (128 + n for one that signal n ended): the
 * greatest. That its reader went away (141) counts for the last stage alone: of every other one the next stage says
 * why.
 */
int chain_worst(const int *codes, size_t len);

/* ---- What a stage is told --------------------------------------------- */

/* By the environment variable PERSONA_CHAIN: "NAME:POSITION:NANO-USD". */
struct chain_member {
	char name[CHAIN_NAME_SIZE];
	int64_t position;    /* from 0 */
	int64_t budget_nusd; /* of the chain; -1: no bound */
};

#define CHAIN_VARIABLE	  "PERSONA_CHAIN"
#define CHAIN_MEMBER_SIZE 80 /* bytes of the variable's value */

void chain_member_format(const struct chain_member *member, char text[CHAIN_MEMBER_SIZE]);

/* 1: it is part of a chain; 0: text is NULL, it is not. Errors: PERSONA_E_USAGE. */
int chain_member_parse(struct chain_member *member, const char *text, struct persona_error *err);

#endif
