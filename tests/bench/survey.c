/*
 * bench-survey RESPONDENTS: a survey as CSV on stdout. Thirty columns with closed answers, numbers and lists, and two
 * open answers, of respondents of twenty kinds; the same bytes every time.
 */
#include <stdio.h>
#include <stdlib.h>

#include "persona/base.h"

#define KINDS	20
#define CLOSED	22
#define OPTIONS 6

static uint64_t draw(uint64_t respondent, uint64_t what)
{
	uint64_t place[2] = { respondent, what };

	return persona_mix64(5, place, sizeof place) >> 16;
}

static const char *const things[KINDS] = { "invoice",  "route",	    "sample", "lesson",	  "recipe", "ticket",  "claim",
					   "harvest",  "engine",    "ward",   "contract", "garden", "archive", "camera",
					   "forecast", "warehouse", "exam",   "pipeline", "forest", "festival" };
static const char *const tools[KINDS] = { "spreadsheet", "map",	     "notebook", "whiteboard", "scale",
					  "inbox",	 "scanner",  "tractor",	 "wrench",     "monitor",
					  "folder",	 "shovel",   "shelf",	 "lens",       "model",
					  "forklift",	 "syllabus", "terminal", "chainsaw",   "stage" };
static const char *const wishes[] = {
	"could be shared with the others", "would sort itself by date", "told me when something is missing",
	"worked without a network",	   "were easier to search",	"kept what I typed last time"
};
static const char *const troubles[] = { "is slow when there are many",	       "breaks after every update",
					"is hard to read for the night shift", "loses what I entered",
					"is confusing for new people",	       "needs far too many clicks" };
static const char *const days[] = { "every morning",   "before lunch",	       "at the end of the month",
				    "on the way home", "between two meetings", "when nobody else is there" };

static void open_answers(uint64_t r, uint64_t kind)
{
	const char *thing = things[kind], *tool = tools[kind];

	printf(",\"I wish the %s for my %s %s. I usually check the %s %s, about %llu times.\"", tool, thing,
	       wishes[draw(r, 201) % 6], thing, days[draw(r, 202) % 6], (unsigned long long)(draw(r, 203) % 40));
	printf(",\"The %s %s. It is hard to find the %s of customer %llu again, and I need help %s.\"\n", tool,
	       troubles[draw(r, 204) % 6], thing, (unsigned long long)(draw(r, 205) % 5000), days[draw(r, 206) % 6]);
}

static void respondent(uint64_t r)
{
	uint64_t kind = draw(r, 1) % KINDS;

	printf("R%07llu,%llu,%s,%s", (unsigned long long)r, (unsigned long long)(18 + draw(r, 2) % 50),
	       draw(r, 3) % 2 ? "Female" : "Male", draw(r, 4) % 3 ? "Germany" : "Chile");
	for (uint64_t c = 0; c < CLOSED; c++) {
		/* Two of three answer as their kind does. */
		uint64_t option = draw(r, 10 + c) % 3 ? draw(kind, 100 + c) % OPTIONS : draw(r, 40 + c) % OPTIONS;

		printf(",answer %llu of %llu", (unsigned long long)option, (unsigned long long)c);
	}
	printf(",%llu,%llu", (unsigned long long)(draw(r, 80) % 11), (unsigned long long)(draw(r, 81) % 5 + 1));
	printf(",\"%s, %s\",\"tool %llu, tool %llu (old, slow)\"", tools[kind], tools[draw(r, 82) % KINDS],
	       (unsigned long long)(draw(r, 83) % 8), (unsigned long long)(draw(kind, 84) % 8));
	open_answers(r, kind);
}

int main(int argc, char **argv)
{
	uint64_t respondents = argc == 2 ? strtoull(argv[1], NULL, 10) : 0;

	if (!respondents) {
		fputs("usage: bench-survey RESPONDENTS\n", stderr);
		return 2;
	}
	printf("Id,Age,Gender,Country");
	for (int c = 0; c < CLOSED; c++)
		printf(",How do you do part %d?", c);
	printf(",How satisfied are you?,How often a week?,Which tools do you use?,Which other tools do you use?,"
	       "What would you like to improve?,What are your biggest problems?\n");
	for (uint64_t r = 1; r <= respondents; r++)
		respondent(r);
	return fflush(stdout) == 0 ? 0 : 1;
}
