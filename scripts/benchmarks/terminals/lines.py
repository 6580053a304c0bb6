"""The same: lines.py COUNT"""
import sys

import pexpect

seq = pexpect.spawn("seq", ["1", sys.argv[1]], echo=False, timeout=5)
for n in range(1, int(sys.argv[1]) + 1):
    seq.expect(rb"(\d+)\r\n")
seq.expect(pexpect.EOF)
seq.close()
