/* What the model says: plausible, and the same for the same request. */
#include "model_internal.h"

#define MAX_LOCATORS 4096

/* A record that the prompt shows: [interviews.csv:17] and what stands behind it. */
struct shown {
	const char *locator, *text;
	size_t locator_len, text_len;
};

static uint64_t draw(uint64_t seed, const char *what, uint64_t number)
{
	return persona_mix64(persona_mix64(seed, what, strlen(what)), &number, sizeof number);
}

#define LEN(list)	   (sizeof(list) / sizeof *(list))
#define PICK(list, random) ((list)[(random) % LEN(list)])
/* Another one than PICK(list, random). */
#define OTHER(list, random) ((list)[((random) + 1 + ((random) >> 8) % (LEN(list) - 1)) % LEN(list)])

/* 48 first names by four syllables of 32: equal names in different requests are rare. */
static void make_name(char *name, size_t size, uint64_t random)
{
	static const char *const first[] = {
		"Anna",	 "Bela",  "Carla", "Dario", "Elif",  "Fadi",  "Greta",	"Hanna", "Ines",  "Jonas",
		"Kaya",	 "Lena",  "Mirko", "Nadja", "Omar",  "Petra", "Quirin", "Rosa",	 "Samir", "Tilda",
		"Ugo",	 "Vera",  "Wim",   "Xenia", "Yusuf", "Zoe",   "Aron",	"Birte", "Cem",	  "Dunja",
		"Emil",	 "Frida", "Goran", "Hugo",  "Ida",   "Jana",  "Kemal",	"Lotte", "Malik", "Nora",
		"Oskar", "Paula", "Rafi",  "Sina",  "Timo",  "Ulla",  "Viktor", "Wanda",
	};
	static const char *const syllables[] = { "al",	 "ber", "cor", "dan", "el",  "fen", "gar", "hol",
						 "is",	 "jor", "kal", "lin", "mar", "nor", "os",  "per",
						 "quin", "ros", "sal", "ter", "ul",  "ven", "wal", "xan",
						 "yor",	 "zim", "bru", "dre", "fri", "gol", "hem", "kon" };
	int len;

	len = snprintf(name, size, "%s %s%s%s%s", PICK(first, random), PICK(syllables, random >> 8),
		       PICK(syllables, random >> 16), PICK(syllables, random >> 24), PICK(syllables, random >> 32));
	for (int i = 0; i < len; i++)
		if (name[i] == ' ' && name[i + 1] >= 'a' && name[i + 1] <= 'z')
			name[i + 1] -= 'a' - 'A';
}

/* "[" without "]" or blanks ":" digits "]" */
static size_t find_shown(struct shown *shown, const char *text)
{
	size_t len = 0;

	for (const char *at = strchr(text, '['); at && len < MAX_LOCATORS; at = strchr(at + 1, '[')) {
		size_t inside = strcspn(at + 1, "]\n ["), digits = 0;
		const char *end = at + 1 + inside;

		if (*end != ']' || inside > 200)
			continue;
		while (digits < inside && end[-1 - (ptrdiff_t)digits] >= '0' && end[-1 - (ptrdiff_t)digits] <= '9')
			digits++;
		if (!digits || digits == inside || end[-1 - (ptrdiff_t)digits] != ':')
			continue;
		shown[len].locator = at + 1;
		shown[len].locator_len = inside;
		shown[len].text = end + 1 + strspn(end + 1, " :");
		shown[len].text_len = strcspn(shown[len].text, "\n");
		len++;
	}
	return len;
}

/* At most 100 bytes of a record, ending with a word. */
static json_t *quote_of(const struct shown *shown)
{
	size_t len = shown->text_len;

	if (len > 100)
		for (len = 100; len && shown->text[len] != ' '; len--)
			;
	return len >= 10 ? json_stringn(shown->text, len) : NULL;
}

static int add_item(json_t *persona, json_t *evidence, const char *field, json_t *item, const struct shown *shown)
{
	json_t *list = json_object_get(persona, field);

	if (!list) {
		list = json_array();
		if (json_object_set_new(persona, field, list) < 0)
			return -1;
	}
	if (shown && json_array_append_new(evidence, json_pack("{s:s, s:O, s:s%}", "field", field, "item", item,
							       "record", shown->locator, shown->locator_len)) < 0)
		return -1;
	return json_array_append_new(list, item);
}

static json_t *make_persona(uint64_t seed, long number, const struct shown *shown, size_t shown_len)
{
	static const char *const occupations[] = { "nurse",	 "teacher",  "electrician", "student",
						   "accountant", "baker",    "planner",	    "courier",
						   "librarian",	 "engineer", "shop owner",  "carer" };
	static const char *const aims[] = { "get to work on time",	"plan the week ahead",
					    "keep costs down",		"have fewer forms to fill",
					    "understand the options",	"feel safe on the way",
					    "share it with the family", "find help when needed" };
	static const char *const hurdles[] = { "the information is late", "nobody answers",
					       "it changes every week",	  "the screen is too small",
					       "it costs more each year", "there are too many steps",
					       "the words are unclear",	  "it fails in the evening" };
	static const char *const habits[] = { "checks twice before leaving", "asks colleagues first",
					      "writes things down",	     "waits until the last day",
					      "compares three offers",	     "calls instead of writing" };
	static const char *const lists[] = { "goals",	     "goals",	   "frustrations",
					     "frustrations", "behaviours", "motivations" };
	uint64_t random = draw(seed, "persona", (uint64_t)number);
	json_t *persona = json_object(), *evidence = json_array();
	char name[64], text[256];

	make_name(name, sizeof name, random);
	json_object_set_new(persona, "name", json_string(name));
	json_object_set_new(persona, "age", json_integer(18 + (json_int_t)(random >> 40) % 60));
	json_object_set_new(persona, "occupation", json_string(PICK(occupations, random >> 3)));
	snprintf(text, sizeof text, "%s works as %s and %s. What matters most is to %s.", name,
		 PICK(occupations, random >> 3), PICK(habits, random >> 5), PICK(aims, random >> 7));
	json_object_set_new(persona, "background", json_string(text));
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		uint64_t more = draw(random, lists[i], i);
		const struct shown *from = shown_len ? &shown[more % shown_len] : NULL;

		if (i < 2)
			snprintf(text, sizeof text, "wants to %s and %s", PICK(aims, more), OTHER(aims, more));
		else if (i < 4)
			snprintf(text, sizeof text, "finds that %s and %s", PICK(hurdles, more), OTHER(hurdles, more));
		else
			snprintf(text, sizeof text, "%s, to %s", PICK(habits, more), PICK(aims, more >> 8));
		if (add_item(persona, evidence, lists[i], json_string(text), from) < 0)
			break;
	}
	if (shown_len) {
		const struct shown *from = &shown[draw(random, "quote", 0) % shown_len];
		json_t *quote = quote_of(from);

		if (quote && add_item(persona, evidence, "quotes", quote, from) < 0)
			json_object_del(persona, "quotes");
	}
	json_object_set_new(persona, "evidence", evidence);
	return persona;
}

static json_t *draft(const struct asked *asked)
{
	struct shown *shown = calloc(MAX_LOCATORS, sizeof *shown);
	size_t shown_len = shown ? find_shown(shown, asked->text.data) : 0;
	json_t *personas = json_array();

	for (long i = 0; i < asked->count; i++)
		json_array_append_new(personas, make_persona(asked->seed, i, shown, shown_len));
	free(shown);
	return json_pack("{s:o}", "personas", personas);
}

/* The persona in the last message: the first JSON object that has a name. NULL: none. */
static json_t *shown_persona(const struct asked *asked)
{
	for (const char *at = strchr(asked->text.data + asked->last_user, '{'); at; at = strchr(at + 1, '{')) {
		json_t *found = json_loads(at, JSON_DISABLE_EOF_CHECK, NULL);

		/* In a schema a name is described. */
		if (json_is_string(json_object_get(found, "name")))
			return found;
		json_decref(found);
	}
	return NULL;
}

/* Half of those as drafted fail at 70; one that has been given a third goal always passes. */
static int add_rating(json_t *answer, const struct asked *asked, const char *criterion, size_t len, size_t goals)
{
	uint64_t random = persona_mix64(draw(asked->seed, "rating", 0), criterion, len);
	json_int_t score = goals > 2 ? 75 + (json_int_t)(random % 21) : 45 + (json_int_t)(random % 51);
	const char *why = score < 70 ? "some items contradict each other" : "the items fit together";

	return json_object_setn_new(answer, criterion, len, json_pack("{s:s, s:I}", "reasoning", why, "score", score));
}

/* By the criteria that the last lines of the message name ("- realism: …"). */
static json_t *judge(const struct asked *asked)
{
	const char *at = strstr(asked->text.data + asked->last_user, "\nCriteria:\n");
	json_t *answer = json_object(), *persona = shown_persona(asked);
	size_t goals = json_array_size(json_object_get(persona, "goals"));

	if (!at)
		at = "\nCriteria:\n- coherence\n- realism\n- usefulness\n";
	for (at += strlen("\nCriteria:\n"); strncmp(at, "- ", 2) == 0; at += *at == '\n') {
		at += 2;
		if (add_rating(answer, asked, at, strcspn(at, ":\n"), goals) < 0)
			break;
		at += strcspn(at, "\n");
	}
	json_decref(persona);
	return answer;
}

/* The persona in the prompt, one goal richer. */
static json_t *refine(const struct asked *asked)
{
	json_t *persona = shown_persona(asked);
	json_t *goals;

	if (!persona)
		persona = make_persona(asked->seed, 0, NULL, 0);
	goals = json_object_get(persona, "goals");
	if (!json_is_array(goals)) {
		goals = json_array();
		json_object_set_new(persona, "goals", goals);
	}
	json_array_append_new(goals, json_string("wants to know where to turn when something goes wrong"));
	json_object_set_new(persona, "refinement_notes", json_string("added a goal that the reasons ask for"));
	return persona;
}

char *model_text(const struct asked *asked)
{
	json_t *answer = asked->task == TASK_JUDGE    ? judge(asked)
			 : asked->task == TASK_REFINE ? refine(asked)
						      : draft(asked);
	char *text = json_dumps(answer, JSON_COMPACT);

	json_decref(answer);
	return text;
}
