//===- PreTokenizer.cpp - text to the pieces that BPE works on --*- C++ -*-===//
#include "lib/Training/Tokenizer/PreTokenizer.h"

using namespace moe;

const std::string_view bpe::byteLevelPattern = R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

bpe::PreTokenizerRun::PreTokenizerRun(const PreTokenizer &steps) : steps(steps) {
  for (const SplitStep &split : steps.splits)
    matchers.emplace_back(split.pattern);
}
