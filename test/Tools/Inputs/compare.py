"""compare.py OUT EVAL: the perplexity that training printed is the one that moec eval found, and well below the unigram model's."""
import json
import re
import sys

trained, unigram = (float(x) for x in re.findall(r"\d+\.\d+", open(sys.argv[1]).read()))
evaluation = json.load(open(sys.argv[2]))
assert abs(evaluation["perplexity"] - trained) < 0.006, (evaluation, trained)
assert abs(evaluation["unigram_perplexity"] - unigram) < 0.006, (evaluation, unigram)
assert evaluation["split"] == "valid" and evaluation["rows"] == 3 and evaluation["context"] == 5
assert trained < 0.75 * unigram, (trained, unigram)
