//===- DataStats.cpp - what a data folder holds -----------------*- C++ -*-===//
#include "lib/Training/Guard.h"
#include "moe/Training.h"

#include <algorithm>

using namespace moe;

static SplitStats count(const TokenStream &stream, const Vocabulary &every, const DataFormat &format) {
  SplitStats stats;
  stats.bytes = stream.bytes;
  stats.lines = stream.lines;
  stats.tokens = stream.ids.size();
  std::vector<bool> seen(static_cast<size_t>(every.size()));
  bool isWords = format.tokens == DataFormat::Tokens::words;
  auto count = [&](int32_t id) {
    stats.distinct += !seen[id];
    seen[id] = true;
    stats.unseen += every.getCount(id) == 0;
    bool isKept = !isWords || format.minCount <= 1 || every.getCount(id) >= format.minCount || id == every.getEndOfLine();
    stats.unknownTokens += !isKept || (isWords && id == every.getUnknown());
  };
  stream.ids.forEachChunk([&](const int32_t *ids, int64_t ofChunk) { std::for_each_n(ids, ofChunk, count); });
  return stats;
}

Status moe::computeStats(const std::string &folder, const DataFormat &format, DataStats &stats) {
  return guarded("the statistics", [&] {
    TextData data;
    DataFormat everyWord = format;
    everyWord.minCount = 1;
    if (Status status = loadText(folder, everyWord, data); !status)
      return status;
    for (Split split : splits)
      stats.splits[static_cast<size_t>(split)] = count(data[split], data.vocabulary, format);
    stats.found = data.found;
    const Vocabulary &every = data.vocabulary;
    stats.vocabulary = every.size();
    if (format.tokens == DataFormat::Tokens::words && format.minCount > 1)
      for (int32_t id = 0; id < every.size(); ++id) {
        bool isSpecial = id == every.getEndOfLine() || id == every.getUnknown() || every.getWord(id) == Vocabulary::attack;
        stats.vocabulary -= !isSpecial && every.getCount(id) < format.minCount;
      }
    return Status::success();
  });
}
