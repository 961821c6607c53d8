"""What both peers have in common: the plain way to do persona-draft's job for one who writes it in Python.

Ask a model, read the JSON in its answer, see whether it is personas, and keep answers, personas, their items and
evidence in SQLite: write-ahead log, every commit on the disk, many answers in one transaction. Left out, to the
peers' advantage: claims, budgets, resuming, mending of broken JSON, looking quotes up in the records, duplicates.
"""

import asyncio
import json
import sqlite3
import sys

SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA foreign_keys = ON;
CREATE TABLE llm_call (call_id INTEGER PRIMARY KEY, response TEXT NOT NULL, input_tokens INTEGER, output_tokens INTEGER);
CREATE TABLE persona (persona_id INTEGER PRIMARY KEY, call_id INTEGER NOT NULL REFERENCES llm_call, name TEXT NOT NULL,
	age INTEGER, occupation TEXT, background TEXT, demographics TEXT);
CREATE TABLE trait (persona_id INTEGER NOT NULL REFERENCES persona, kind TEXT NOT NULL, position INTEGER NOT NULL,
	text TEXT NOT NULL, PRIMARY KEY (persona_id, kind, position)) WITHOUT ROWID;
CREATE TABLE evidence (persona_id INTEGER NOT NULL REFERENCES persona, ordinal INTEGER NOT NULL, kind TEXT NOT NULL,
	item TEXT NOT NULL, record TEXT NOT NULL, PRIMARY KEY (persona_id, ordinal)) WITHOUT ROWID;
"""
LISTS = ("goals", "frustrations", "behaviours", "motivations", "quotes")
GROUP = 64  # answers in one transaction, at most


def check(persona):
    """Raises ValueError where this is no persona."""
    if not isinstance(persona.get("name"), str) or not persona["name"]:
        raise ValueError("a persona without a name")
    age = persona.get("age")
    if age is not None and not (isinstance(age, int) and 0 <= age <= 130):
        raise ValueError("an age that is none")
    for field in ("occupation", "background"):
        if not isinstance(persona.get(field), (str, type(None))):
            raise ValueError(f"{field} is no text")
    for field in LISTS:
        items = persona.get(field) or []
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            raise ValueError(f"{field} is no list of texts")
    if not (persona.get("goals") or persona.get("frustrations") or persona.get("background")):
        raise ValueError("a persona that says nothing")


def read(body):
    """The answer's text, its personas and its usage."""
    envelope = json.loads(body)
    text = envelope["choices"][0]["message"]["content"]
    personas = json.loads(text)["personas"]
    for persona in personas:
        check(persona)
    return text, personas, envelope.get("usage", {})


class Database:
    def __init__(self, path):
        self.connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.connection.executescript(SCHEMA)
        self.calls = self.personas = 0

    def write(self, group):
        """One transaction; on a thread of its own, so that the requests go on while the disk is waited for."""
        calls, personas, traits, evidence = [], [], [], []
        for text, answered, usage in group:
            self.calls += 1
            calls.append((self.calls, text, usage.get("prompt_tokens"), usage.get("completion_tokens")))
            for persona in answered:
                self.personas += 1
                number = self.personas
                personas.append((number, self.calls, persona["name"], persona.get("age"), persona.get("occupation"),
                                 persona.get("background"), json.dumps(persona.get("demographics"))))
                for kind in LISTS:
                    traits += [(number, kind, i, item) for i, item in enumerate(persona.get(kind) or [])]
                evidence += [(number, i, item["field"], item["item"], item["record"])
                             for i, item in enumerate(persona.get("evidence") or [])]
        connection = self.connection
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO llm_call VALUES (?, ?, ?, ?)", calls)
        connection.executemany("INSERT INTO persona VALUES (?, ?, ?, ?, ?, ?, ?)", personas)
        connection.executemany("INSERT INTO trait VALUES (?, ?, ?, ?)", traits)
        connection.executemany("INSERT INTO evidence VALUES (?, ?, ?, ?, ?)", evidence)
        connection.execute("COMMIT")


async def keep(database, answers):
    """Write whatever has come in, until there is None."""
    ended = False
    while not ended:
        group = [await answers.get()]
        while len(group) < GROUP and not answers.empty():
            group.append(answers.get_nowait())
        ended = group[-1] is None
        group = group[:-1] if ended else group
        if group:
            await asyncio.to_thread(database.write, group)


async def draft(ask, total, in_flight, path):
    """ask() sends the request and returns the body of its answer. As many workers as may be in flight share the work."""
    answers = asyncio.Queue(2 * GROUP)
    database = Database(path)
    left = iter(range(total))

    async def work():
        for _ in left:
            await answers.put(read(await ask()))

    async def work_all():
        await asyncio.gather(*(work() for _ in range(in_flight)))
        await answers.put(None)

    # Together: where nothing can be written nobody may wait for it.
    await asyncio.gather(work_all(), keep(database, answers))
    database.connection.close()
    return database.personas


def arguments():
    """URL, the request's bytes, answers, in flight, database."""
    if len(sys.argv) != 6:
        sys.exit(f"usage: {sys.argv[0]} URL REQUEST-FILE ANSWERS IN-FLIGHT DATABASE")
    with open(sys.argv[2], "rb") as file:
        request = file.read()
    return sys.argv[1], request, int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]


HEADERS = {"Content-Type": "application/json", "Authorization": "Bearer sk-bench"}
