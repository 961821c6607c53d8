# Prepared answers of about 4 KB for tests/bench/run, in OpenAI's form: jq -n -c --arg kind draft|judge|refine
# --argjson personas N --rawfile data survey.csv -f answers.jq
#
# draft: N personas; the fewer, the more each of them says. ######## stands where the answers to two requests must not be
# equal (model-server --mark). refine: one persona without a name, so that it can be the answer about any.

# What people say, from the data, so that quotes and evidence are found there.
def sentences: [$data | scan("\"([^\"]{20,})\"")[0]];

# sentence I: another for every I; the sentences of the data stand in it, as models mostly say again what they read
def sentence($i): sentences as $s | $s[$i % ($s | length)];

def own($i; $what): "\($what) ########-\($i): " + (sentence($i * 7 + 3) | ascii_downcase);

def items($from; $n; $what): [range($from; $from + $n) | own(.; $what)];

def cited($field): . as $list | [range($list | length) | {field: $field, item: $list[.],
	record: "survey.csv:\(2 + (. * 5 + ($field | length)) % 16)"}];

# An item of about 150 bytes, and its evidence, make most of a persona.
def persona($i; $each):
	items(100 * $i; $each; "Wants it to be so") as $goals
	| items(100 * $i + 20; $each; "Is hindered") as $frustrations
	| items(100 * $i + 40; $each; "Habit") as $behaviours
	| items(100 * $i + 60; 1; "Because of this") as $motivations
	| [sentence($i)] as $quotes
	| {name: "Person ######## \(["Adler", "Berg", "Conti", "Duran"][$i % 4])", age: (30 + $i),
		occupation: ["nurse", "teacher", "baker", "courier"][$i % 4],
		background: ([range(2 * $each) | own(100 * $i + 80 + .; "Some years ago")] | join(" ")),
		goals: $goals, frustrations: $frustrations, behaviours: $behaviours, motivations: $motivations, quotes: $quotes,
		demographics: {education: "vocational", household: "two adults, one child"}, refinement_notes: null,
		evidence: (($goals | cited("goals")) + ($frustrations | cited("frustrations")) + ($behaviours | cited("behaviours"))
			+ ($motivations | cited("motivations")) + ($quotes | cited("quotes")))};

def judged: {reasoning: ([range(14) | sentence(.)] | join(" ")), score: 50};

def answer:
	if $kind == "judge" then {coherence: judged, realism: judged, usefulness: judged}
	elif $kind == "refine" then persona(0; 3) | del(.name) | .refinement_notes = "said more plainly what it wants"
	else {personas: [range($personas) | persona(.; if $personas == 1 then 3 else 1 end)]} end;

{id: "bench-########", object: "chat.completion", created: 1700000000, model: "m", choices: [{index: 0,
	message: {role: "assistant", content: (answer | tojson), refusal: null}, finish_reason: "stop"}],
	usage: {prompt_tokens: 2841, completion_tokens: 1024, total_tokens: 3865}}
