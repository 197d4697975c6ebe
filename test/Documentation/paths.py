#!/usr/bin/env python3
"""Every path of the repository that the README or a page of docs/ names in backticks exists. Patterns such as `dialects/moe/IR/*.td` match something."""
import glob
import os
import re
import sys

root = sys.argv[1]
pages = [os.path.join(root, "README.md"), *sorted(glob.glob(os.path.join(root, "docs", "**", "*.md"), recursive=True))]
named, missing = 0, 0
for page in pages:
    for number, line in enumerate(open(page), 1):
        for path in re.findall(r"`((?:cmake|dialects|docs|include|lib|models|test|tools)/[\w./*-]*)`", line):
            named += 1
            if not glob.glob(os.path.join(root, path)):
                missing += 1
                print(f"{os.path.relpath(page, root)}:{number}: there is no {path}")
print(f"{named} paths, {missing} missing")
sys.exit(bool(missing) or not named)
