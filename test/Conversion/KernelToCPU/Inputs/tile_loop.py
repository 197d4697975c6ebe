"""tile_loop.py FUNCTION < ASSEMBLY: counts what the innermost loop of a tile consists of."""
import re
import sys

text = sys.stdin.read()
function = sys.argv[1]
body = re.search(rf"^{function}:\n(.*?)^\s*\.size\s+{function},", text, re.M | re.S).group(1)
blocks = re.split(r"^(?=\.LBB\w+:)", body, flags=re.M)
loop = max(blocks, key=lambda block: len(re.findall(r"vfmadd|vdpbf16ps", block)))
label = loop.split(":")[0]
lines = []
for line in loop.splitlines()[1:]:
    lines.append(line.split("#")[0].strip())
    if re.match(rf"j\w+\s+{re.escape(label)}$", lines[-1]):
        break
else:
    sys.exit("no loop")
count = lambda pattern: sum(bool(re.match(pattern, line)) for line in lines)
print(f"{function}: {count(r'vfmadd')} multiply-adds of f32, {count(r'vdpbf16ps')} of bf16, {count(r'vbroadcast')} broadcasts, "
      f"{count(r'v.*%.mm.*rsp')} vectors on the stack, {'few' if count(r'(add|lea|sub|imul|shl)') <= 24 else 'many'} additions of addresses")
