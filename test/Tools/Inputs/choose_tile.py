"""choose_tile.py FROM TO: copies the choice of a tile to another cache, another one chosen."""
import glob
import os
import sys

source = min(glob.glob(os.path.join(sys.argv[1], "*")), key=os.path.getsize)
others = {"12 2": "8 3", "8 3": "6 4", "6 4": "12 2", "6 2": "4 3", "4 3": "6 2", "2 2": "2 2"}
os.makedirs(sys.argv[2])
with open(os.path.join(sys.argv[2], os.path.basename(source)), "w") as file:
    file.write(others[open(source).read().strip()])
