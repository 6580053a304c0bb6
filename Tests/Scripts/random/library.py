#!/usr/bin/env python3
"""Calls of library functions with random arguments, whose answers are compared with Python's.

    library.py --sock PROGRAM [--seed N] [--count N]

Ends with 1 when an answer differs, with 2 when sock cannot be run.
"""
import argparse
import base64
import binascii
import datetime
import decimal
import hashlib
import hmac
import math
import random
import re
import subprocess
import sys


def text(data):
    """Bytes as a string of the language."""
    return 'x"%s"' % data.hex()


def number(value):
    """A number as a literal, which has no exponent."""
    return format(decimal.Decimal(repr(value)), "f") if isinstance(value, float) else str(value)


# MARK: Each gives a call and its answer, as `inspect` shows it; numbers are compared as numbers.


def some_bytes(rng, most=60):
    return bytes(rng.randrange(256) for _ in range(rng.randrange(most)))


def some_numbers(rng):
    if rng.random() < 0.5:
        return [rng.randrange(-1000, 1000) for _ in range(rng.randrange(1, 12))]
    return [rng.choice([rng.randrange(-50, 50), round(rng.uniform(-1e6, 1e6), 6)]) for _ in range(rng.randrange(1, 12))]


def percentile(rng):
    values = some_numbers(rng)
    p = rng.choice([0, 25, 50, 90, 95, 99, 99.9, 100, round(rng.uniform(0, 100), 3)])
    ordered = sorted(map(float, values))
    place = p / 100 * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return "percentile([%s], %s)" % (", ".join(map(number, values)), number(p)), ordered[low] + (
        ordered[high] - ordered[low]
    ) * (place - low)


def rounded(rng):
    digits = rng.randrange(0, 8)
    value = rng.choice([rng.uniform(-1000, 1000), rng.randrange(-2000, 2000) / 2 ** rng.randrange(1, 9)])
    exact = decimal.Decimal(value).quantize(decimal.Decimal(1).scaleb(-digits), decimal.ROUND_HALF_UP)
    return "round(%s, %d)" % (number(value), digits), float(exact)


def total(rng):
    values = some_numbers(rng)
    return "sum([%s])" % ", ".join(map(number, values)), sum(values) if all(
        isinstance(v, int) for v in values
    ) else plain_sum(values)


def plain_sum(values):
    result = 0.0
    for value in values:
        result += value
    return result


LETTERS = "aAbBdefHIjmMpSyYFTR"


def some_time(rng):
    return datetime.datetime(1, 1, 1, tzinfo=datetime.timezone.utc) + datetime.timedelta(
        seconds=rng.randrange(0, 315_537_897_599)
    )


def since_1970(time):
    return (time - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)) // datetime.timedelta(seconds=1)


def format_time(rng):
    time = some_time(rng)
    letters = [rng.choice(LETTERS) for _ in range(rng.randrange(1, 7))]
    offset = rng.choice([0, 60, -90, 330, -720, 840])
    local = time.astimezone(datetime.timezone(datetime.timedelta(minutes=offset))) if 2 < time.year < 9998 else time
    if local is time:
        offset = 0
    # Python leaves %Y of early years to the C library, which writes no zeros; %e is not in its documents.
    written = {"Y": "%04d" % local.year, "F": "%04d-%02d-%02d" % (local.year, local.month, local.day)}
    parts = [written.get(letter) or local.strftime("%" + letter) for letter in letters]
    zone = "%s%02d:%02d" % ("-" if offset < 0 else "+", abs(offset) // 60, abs(offset) % 60)
    call = 'format_time(%d, "%s", "%s")' % (since_1970(time), "|".join("%" + letter for letter in letters), zone)
    return call, "|".join(parts).encode()


def parse_time(rng):
    time = some_time(rng).replace(year=rng.randrange(1000, 9999), day=rng.randrange(1, 29))
    form = rng.choice(["%a, %d %b %Y %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%d/%B/%Y:%I:%M:%S %p", "%Y %j %H:%M:%S", "%F %T"])
    return 'parse_time("%s", "%s")' % (time.strftime(form), form), since_1970(time)


def base64url(rng):
    data = some_bytes(rng)
    return "base64url(%s)" % text(data), base64.urlsafe_b64encode(data).rstrip(b"=")


def unbase64url(rng):
    data = some_bytes(rng)
    encoded = base64.urlsafe_b64encode(data)
    return "unbase64url(%s)" % text(encoded if rng.random() < 0.5 else encoded.rstrip(b"=")), data


def unbase64(rng):
    data = some_bytes(rng)
    encoded = base64.b64encode(data)
    return "unbase64(%s)" % text(encoded if rng.random() < 0.5 else encoded.rstrip(b"=")), data


def hex_bytes(rng):
    data = some_bytes(rng)
    separator = rng.choice([" ", ":", "-", ", "])
    return 'hex(%s, "%s")' % (text(data), separator), separator.join("%02x" % byte for byte in data).encode()


def mirrored(value, bits):
    return int(format(value, "0%db" % bits)[::-1], 2)


def crc16(rng):
    data = some_bytes(rng)
    name, polynomial, start, finish, reflects = rng.choice(
        [
            ("arc", 0x8005, 0, 0, True),
            ("ccitt-false", 0x1021, 0xFFFF, 0, False),
            ("kermit", 0x1021, 0, 0, True),
            ("modbus", 0x8005, 0xFFFF, 0, True),
            ("usb", 0x8005, 0xFFFF, 0xFFFF, True),
            ("x25", 0x1021, 0xFFFF, 0xFFFF, True),
            ("xmodem", 0x1021, 0, 0, False),
        ]
    )
    crc = start
    for byte in data:
        crc ^= (mirrored(byte, 8) if reflects else byte) << 8
        for _ in range(8):
            crc = (crc << 1 ^ polynomial if crc & 0x8000 else crc << 1) & 0xFFFF
    crc = (mirrored(crc, 16) if reflects else crc) ^ finish
    if name == "xmodem":
        assert crc == binascii.crc_hqx(data, 0)
    return 'crc16(%s, "%s")' % (text(data), name), crc


def inet_checksum(rng):
    data = some_bytes(rng, 200)
    words = data + b"\0" * (len(data) % 2)
    value = sum(words[at] << 8 | words[at + 1] for at in range(0, len(words), 2))
    while value > 0xFFFF:
        value = (value & 0xFFFF) + (value >> 16)
    return "inet_checksum(%s)" % text(data), ~value & 0xFFFF


DIGESTS = ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"]


def hkdf(rng):
    name, key, salt, info, length = rng.choice(DIGESTS), some_bytes(rng), some_bytes(rng), some_bytes(rng), rng.randrange(300)
    extracted = hmac.new(salt, key, name).digest()
    result, block = b"", b""
    while len(result) < length:
        block = hmac.new(extracted, block + info + bytes([len(result) // hashlib.new(name).digest_size + 1]), name).digest()
        result += block
    return 'hkdf("%s", %s, %s, %s, %d)' % (name, text(key), text(salt), text(info), length), result[:length]


def pbkdf2(rng):
    name, password, salt = rng.choice(DIGESTS), some_bytes(rng), some_bytes(rng)
    iterations, length = rng.randrange(1, 40), rng.randrange(1, 150)
    call = 'pbkdf2("%s", %s, %s, %d, %d)' % (name, text(password), text(salt), iterations, length)
    return call, hashlib.pbkdf2_hmac(name, password, salt, iterations, length)


def split(rng):
    data = "".join(rng.choice("ab,:") for _ in range(rng.randrange(20)))
    limit = rng.randrange(1, 6)
    separator = rng.choice([",", ":", ",:", "a"])
    parts = data.split(separator, limit - 1)
    return 'join(split("%s", "%s", %d), "|")' % (data, separator, limit), "|".join(parts).encode()


def split_regex(rng):
    data = "".join(rng.choice("ab,:") for _ in range(rng.randrange(20)))
    limit = rng.randrange(2, 6)
    parts = re.split("[,:]+", data, maxsplit=limit - 1)
    return 'join(split("%s", /[,:]+/, %d), "|")' % (data, limit), "|".join(parts).encode()


def matches(rng):
    data = "".join(rng.choice("abc1") for _ in range(rng.randrange(20)))
    pattern = rng.choice(["a+", "b*", "[bc]1?", "", "(?=a)", "^|$", "1|a"])
    return 'len(matches("%s", /%s/))' % (data, pattern), len(re.findall(pattern, data))


def escape_regex(rng):
    data = some_bytes(rng)
    return "(%s =~ regex(\"^\" + escape_regex(%s) + '\\z', \"sx\"))[0]" % (text(data), text(data)), data


MAKERS = [
    percentile, rounded, total, format_time, parse_time, base64url, unbase64url, unbase64, hex_bytes, crc16,
    inet_checksum, hkdf, pbkdf2, split, split_regex, matches, escape_regex,
]  # fmt: skip


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sock", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=2000)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    cases = [MAKERS[number % len(MAKERS)](rng) for number in range(options.count)]
    script = "".join(
        "print %s\n" % ("hex(%s)" % call if isinstance(answer, bytes) else call) for call, answer in cases
    )
    run = subprocess.run([options.sock, "-"], input=script.encode(), capture_output=True, check=False)
    if run.returncode != 0:
        print(run.stderr.decode(errors="replace"))
        return 2
    differ = 0
    for (call, answer), found in zip(cases, run.stdout.decode().split("\n"), strict=False):
        if isinstance(answer, bytes):
            is_same = found == answer.hex()
            found = bytes.fromhex(found)
        else:
            is_same = float(found) == answer or math.isclose(float(found), answer, rel_tol=1e-15)
        if not is_same:
            print("%s is %r, and Python has %r" % (call, found, answer))
            differ += 1
    print("%d of %d answers differ" % (differ, len(cases)))
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
