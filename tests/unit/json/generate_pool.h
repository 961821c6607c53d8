/* Words for generate.c: what people write in personas, and what models write around them. */
#ifndef GENERATE_POOL_H
#define GENERATE_POOL_H

static const char *const names[] = {
	"Maya Okonkwo",	 "Tom Reilly",	"Priya Raman",	"Gus O'Malley",	   "Lucía Fernández",
	"Jürgen Weiß",	 "Zoé Lefèvre", "Íñigo Núñez",	"João Conceição",  "王芳",
	"佐藤 美咲",	 "김지우",	"ليلى حداد",	"נועה לוי",	   "मीरा शर्मा",
	"Анна Королёва", "Ελένη Παππά", "Riley 🌱 Chen", "Søren Østergård", "Nguyễn Thị Lan",
};

static const char *const jobs[] = {
	"Emergency department nurse",
	"Dairy farmer",
	"Data analyst (part-time)",
	"Teacher, chemistry & physics",
	"Verwaltungsangestellter",
	"Libraire à Nantes",
	"Repartidor en bicicleta",
	"药剂师",
	"保育士",
	"Библиотекарь",
	"معمارية",
	"midwife / night shift",
};

/* Plain sentences: no quotation marks, no backslashes, longer than a few words. */
static const char *const sentences[] = {
	"Finishes most of the paperwork after the shift.",
	"Keeps a paper list, a phone and a spreadsheet; trusts the list.",
	"Wants to see at a glance what is waiting: results, calls, mail.",
	"Reads https://example.org/notes#week-3 every Monday.",
	"Logs in six times a day [sometimes seven] and counts them.",
	"Spends 40 % of the day on forms (the same ones).",
	"Uses {curly} templates that somebody else wrote.",
	"Möchte Wartezeiten unter zwanzig Minuten halten.",
	"Préfère appeler plutôt que d’écrire un message.",
	"¿El problema? La batería se acaba antes de las nueve.",
	"机器说有，柜子里没有：所以先看柜子。",
	"画面より子どもの顔を見ていたい。",
	"수업 자료를 한곳에 모으고 싶다.",
	"الخط العربي يخرج من اليمين، لا من الإعدادات.",
	"הטופס לא מכיר את הילד, והילד לא מכיר את הטופס.",
	"नेटवर्क पेड़ के नीचे आता है।",
	"Каталог думает, а читатель ждёт.",
	"Το χαρτί δεν κολλάει ποτέ.",
	"Answers with 👍🏽 first and words later 🤷.",
	"Says “it depends” more often than „nein“.",
	"Don't ask her for a password, it's on the fridge.",
	"True to the plan, null surprises, NaN problems.",
	"Wraps every snippet in ``` so that it is found.",
	"Never types <think> or </think>, only thinks.",
	"Likes lists such as 1, 2, 3 and a, b, c.",
};

/* Inner quotes that can be left bare: what follows each of them goes on as a sentence. */
static const char *const quoting[] = {
	"She says \"no\" and means it.",
	"Three definitions of \"active\" in one report",
	"\"Never again\" is what I thought.",
	"They call the new form \"simple\"",
	"Er sagte \"nein\" und ging.",
	"Everybody wants \"quick\" answers to \"small\" questions.",
	"Используют слово \"срочно\" каждый день.",
};

static const char *const lines[] = {
	"First line.\nSecond line, after a pause.",
	"One\tTwo\tThree",
	"Erst so.\n\nDann anders.\n   Eingerückt.",
	"始まり。\n終わり。",
};

static const char *const paths[] = {
	"Saves to C:\\docs\\personas and forgets it.",
	"Writes \\alpha where others write a.",
	"Searches with \\d+ and \\s* by heart.",
};

/* Written without quotes these are no JSON, and one text each. */
static const char *const bare_texts[] = {
	"25-34", "34 years", "2024-03-05", "007", "80%", "12 km", "550e8400-e29b-41d4-a716-446655440000", "65+",
};

static const char *const comments[] = {
	"estimated", "not {\"x\": 1} or \"y", "it's from respondent 3", "[see notes", "概算", "ask again: why?",
};

static const char *const prose_before[] = {
	"Here are the personas you asked for:\n\n",
	"Sure! I've read all 14 interviews, and it's clear that “trust” matters most.\n\n",
	"Based on [the notes](https://example.org/a?b=c) and {your data}, I suggest:\n",
	"Gerne! Hier das Ergebnis (mit „Zielen“):\n\n",
	"Voici le résultat, d'après l'entretien n° 3 :\n\n",
	"好的，结果如下（“目标”已更新）：\n",
	"以下が「ペルソナ」です。\n\n",
	"إليك النتيجة:\n\n",
	"Вот результат: «персона».\n\n",
	"**Result** (JSON, 5\" screen users left out)\n\n---\n\n",
	"json\n",
	"Output:",
	"Dear {name},\n\nsee below :-{\n\n",
};

static const char *const prose_behind[] = {
	"\n\nLet me know if you'd like me to add more detail!",
	"\n\n**Notes**\n- Ages are guesses [sic].\n- I left out {company}.\n",
	" Hope this helps :-)",
	"\n\nMöchten Sie, dass ich die „Ziele“ ausarbeite?",
	"\n\n如需调整“目标”，请告诉我。",
	"\n\nNext I could write \"a day in the life\" of each.",
	"\n\nDo you want { or [ in it?",
	"\n\nهل تريد تفاصيل أكثر؟",
	"\n-- \nsent from my terminal",
};

/* Scratch work: drafts, half a draft, brackets, stray quotes. */
static const char *const thoughts[] = {
	"The user wants JSON. Something like {\"name\": \"Draft\", \"age\": 30}? No, older.",
	"Let me look at [Ana, Ben] first. I'd say \"nurse\", don't they? {maybe}",
	"Start: [{\"name\": \"A\", ...\nNo wait, the ages are missing.",
	"好的，格式是 {\"name\": ..., \"goals\": [...]}。可以写了。",
	"Draft:\n```json\n[{\"name\": \"Draft one\"}, {\"name\": \"Draft two\"}]\n```\nToo bland.",
	"Einfach. Eine Liste reicht [siehe Interview 2].",
	"",
};

static const char *const templates[] = {
	"{\"name\": \"<full name>\", \"age\": \"<age>\", \"occupation\": \"<job>\", \"goals\": [\"<goal>\"]}",
	"{\n  \"name\": \"string\",\n  \"age\": \"integer\",\n  \"goals\": [\"string\"]\n}",
	"{\"name\": \"...\", \"age\": \"...\", \"occupation\": \"...\", \"goals\": [\"...\"]}",
	"{\"name\": \"{{name}}\", \"age\": \"{{age}}\", \"occupation\": \"{{occupation}}\"}",
	"{\"name\": \"<name>\", \"age\": <integer>, \"goals\": [\"<goal>\", \"...\"]}",
};

static const char *const schemas[] = {
	"{\"type\": \"object\", \"properties\": {\"name\": {\"type\": \"string\"}, \"age\": {\"type\": \"integer\"}}}",
	"{\"$schema\": \"https://json-schema.org/draft/2020-12/schema\", \"title\": \"persona\", \"type\": \"object\"}",
};

static const char *const echoes[] = {
	"You gave me {\"source\": \"interviews.csv\", \"rows\": 12}.\n\n",
	"{\"task\": \"draft\", \"count\": 3}\n\n",
};

static const char *const scalars[] = {
	"Tags: [\"nurse\", \"night shift\"]",
	"Ages considered: [29, 34, 41]",
};

#endif
