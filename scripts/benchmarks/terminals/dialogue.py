"""The same: dialogue.py COUNT [DELAY], where `delaybeforesend` is DELAY, or pexpect's own."""
import sys

import pexpect

cat = pexpect.spawn("cat", echo=False, timeout=5)
if len(sys.argv) > 2:
    cat.delaybeforesend = float(sys.argv[2]) or None
for n in range(1, int(sys.argv[1]) + 1):
    cat.sendline(f"HELO {n}")
    cat.expect(rb"HELO (\d+)\r\n")
cat.close()
