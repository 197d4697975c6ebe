//===- TextFromIds.cpp - a text that a host has made ------------*- C++ -*-===//
#include "lib/Training/Guard.h"
#include "moe/Training.h"

using namespace moe;

static constexpr int64_t mostEntries = 1 << 24; ///< each has a name in memory

/// The place of the first id that is not in the vocabulary, or -1. Counts the others.
static int64_t countIds(const TokenIds &ids, int64_t vocabulary, std::vector<int64_t> *counts) {
  int64_t at = 0, bad = -1;
  ids.forEachChunk([&](const int32_t *chunk, int64_t length) {
    for (int64_t i = 0; i < length && bad < 0; ++i, ++at) {
      if (chunk[i] < 0 || chunk[i] >= vocabulary)
        bad = at;
      else if (counts)
        ++(*counts)[chunk[i]];
    }
  });
  return bad;
}

Status moe::textFromIds(std::array<TokenIds, 3> ids, int64_t vocabulary, TextData &data) {
  return guarded("the text", [&] {
    if (vocabulary < 1 || vocabulary > mostEntries)
      return Status::failure("the vocabulary has " + std::to_string(vocabulary) + " entries, expected 1 to " +
                             std::to_string(mostEntries));
    std::vector<int64_t> counts(static_cast<size_t>(vocabulary));
    TextData made;
    for (Split split : splits) {
      TokenStream &stream = made.streams[static_cast<size_t>(split)];
      stream.path = std::string("ids of the host for ") + toString(split);
      stream.ids = std::move(ids[static_cast<size_t>(split)]);
      if (int64_t bad = countIds(stream.ids, vocabulary, split == Split::train ? &counts : nullptr); bad >= 0)
        return Status::failure(stream.path + ": id " + std::to_string(bad) + " is " + std::to_string(stream.ids[bad]) +
                               ", expected one from 0 to " + std::to_string(vocabulary - 1));
      stream.hash = stream.ids.hash();
    }
    DataFormat format;
    format.tokens = DataFormat::Tokens::ids;
    format.vocabulary = vocabulary;
    made.vocabulary = Vocabulary::ofIds(format, counts);
    data = std::move(made);
    return Status::success();
  });
}
