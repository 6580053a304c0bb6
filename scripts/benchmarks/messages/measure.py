"""Reads and writes a message of a declaration for a while: measure.py FORMAT.py HEX; prints nanoseconds for each."""
import importlib.util
import sys
import time


def nanoseconds(work):
    """What one call of it takes: the least of five turns of a tenth of a second."""
    best = None
    for _ in range(5):
        count, begun = 0, time.perf_counter_ns()
        while (passed := time.perf_counter_ns() - begun) < 100_000_000:
            for _ in range(20):
                work()
            count += 20
        best = min(best or passed / count, passed / count)
    return round(best)


def told(value):
    """Without what is computed: a name that is written in full has another length."""
    if isinstance(value, dict):
        return {key: told(part) for key, part in value.items() if key[0] != "_" and key != "length"}
    return [told(part) for part in value] if isinstance(value, list) else value


spec = importlib.util.spec_from_file_location("format", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
sample = bytes.fromhex(sys.argv[2])
fields = module.Message.parse(sample)
again = module.Message.parse(module.Message.build(fields))
if told(again) != told(fields):
    sys.exit(f"what is written is not what was read: {told(again)}, {told(fields)}")
print(nanoseconds(lambda: module.Message.parse(sample)), nanoseconds(lambda: module.Message.build(fields)))
