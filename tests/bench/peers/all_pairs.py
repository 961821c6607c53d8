"""Distinctiveness as anybody would write it: every persona against every other one. Reads personas, one JSON object per
line, from stdin; prints milliseconds. The rules are those of src/metric/distinctiveness.c."""

import json
import math
import re
import sys
import time

STOP = set("a an and are as at be but by for from has have i in is it its my of on or our that the their they this to was we with".split())
WEIGHTS = {"goals": 0.35, "frustrations": 0.30, "behaviours": 0.15, "who": 0.20}


def stem(word):
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            return word[: -len(ending)]
    return word


def content_words(text):
    return {stem(word) for word in re.findall(r"\w+", text.casefold()) if word not in STOP}


def parts_of(persona):
    parts = {name: set() for name in WEIGHTS}
    for name in ("goals", "frustrations", "behaviours"):
        for item in persona.get(name, []):
            parts[name] |= content_words(item)
    parts["who"] = content_words(persona.get("occupation", "")) | {"age %s" % persona.get("age")}
    for value in persona.get("demographics", {}).values():
        parts["who"] |= content_words(str(value))
    return parts


def similarity(a, b, idf):
    total = weights = 0.0
    for name, weight in WEIGHTS.items():
        either = a[name] | b[name]
        if not either:
            continue
        both = a[name] & b[name]
        total += weight * sum(idf[name, word] for word in both) / sum(idf[name, word] for word in either)
        weights += weight
    return total / weights if weights else 0.0


def has(item, items):
    return any(len(item & other) >= 0.8 * len(item | other) for other in items)


def score(personas):
    parts = [parts_of(persona) for persona in personas]
    items = [
        [content_words(item) for name in ("goals", "frustrations") for item in persona.get(name, [])] for persona in personas
    ]
    counts = {}
    for part in parts:
        for name, words in part.items():
            for word in words:
                counts[name, word] = counts.get((name, word), 0) + 1
    idf = {word: 1 + math.log(len(personas) / count) for word, count in counts.items()}
    scores = []
    for i, part in enumerate(parts):
        similar = [similarity(part, other, idf) for k, other in enumerate(parts) if k != i]
        own = [not any(has(item, items[k]) for k in range(len(items)) if k != i) for item in items[i]]
        scores.append(
            50 * (1 - max(similar)) + 30 * (1 - sum(similar) / len(similar)) + 20 * (sum(own) / len(own) if own else 1)
        )
    return scores


def main():
    personas = [json.loads(line) for line in sys.stdin]
    start = time.perf_counter()
    score(personas)
    print("%.1f" % ((time.perf_counter() - start) * 1000))


main()
