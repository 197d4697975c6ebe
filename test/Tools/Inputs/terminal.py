"""terminal.py COLUMNS COMMAND...: runs a command in a terminal of that width; writes what the terminal got, and fails if a line grew too long."""
import fcntl
import os
import pty
import struct
import sys
import termios

columns = int(sys.argv[1])
child, terminal = pty.fork()
if child == 0:
    fcntl.ioctl(2, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    os.execvp(sys.argv[2], sys.argv[2:])
got = b""
while True:
    try:
        part = os.read(terminal, 65536)
    except OSError:
        break
    if not part:
        break
    got += part
text = got.decode().replace("\r\n", "\n")
sys.stdout.write(text.replace("\r", "\\r\n"))
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
too_long = [line for line in text.replace("\r", "\n").split("\n") if len(line) >= columns and "/" in line and "tok/s" in line]
sys.exit(f"wraps: {too_long[0]!r}" if too_long else status)
