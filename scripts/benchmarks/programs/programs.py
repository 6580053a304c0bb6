# What the *.sock programs beside this do: python3 programs.py NAME [DATA]
import re
import sys


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def loop():
    total = 0
    for i in range(1, 10_000_001):
        total = (total * 31 + i) % 1000003
    print(total)


def strings():
    total = 0
    for _ in range(10):
        text = ""
        for i in range(1, 100_001):
            text = text + f"item{i},"
        for part in text.split(","):
            total += len(part)
    print(total)


def headers(path):
    fields = {}
    header = re.compile(rb"^([^:]+):\s*(.*?)\s*$")
    with open(path, "rb") as file:
        for line in file:
            if match := header.match(line):
                fields[match[1].lower()] = match[2]
    print(len(fields), sum(len(value) for value in fields.values()))


def words(path):
    counts = {}
    with open(path, "rb") as file:
        for line in file:
            for word in line.split():
                counts[word] = counts.get(word, 0) + 1
    print(len(counts), max(counts.values()))


def logs(path):
    hits = total = 0
    request = re.compile(rb'"GET (/\S+) HTTP/1\.[01]" (\d+) (\d+)')
    with open(path, "rb") as file:
        for line in file:
            if match := request.search(line):
                hits += 1
                total += int(match[2]) + int(match[3]) + len(match[1])
    print(hits, total)


programs = {"fib": lambda: print(fib(27)), "loop": loop, "strings": strings}
programs |= {"headers": headers, "words": words, "logs": logs}
programs[sys.argv[1]](*sys.argv[2:])
