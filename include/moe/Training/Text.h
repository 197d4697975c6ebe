//===- Text.h - text as streams of token ids --------------------*- C++ -*-===//
//
// Vocabularies, the three texts of a data folder as token ids, and ids cut to rows and blocks.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "moe/Training/Settings.h"
#include "moe/Training/TokenIds.h"
#include "moe/Training/Tokenizer.h"

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace moe {

/// Words (or bytes) with their ids. Words: ids in the order of first appearance, then <unk> and the attack's AAA unless the text has
/// them itself. `count` is the number of occurrences in train.txt: what a unigram model knows.
class Vocabulary {
public:
  static constexpr std::string_view endOfLine = "<eos>", unknown = "<unk>", attack = "AAA";

  explicit Vocabulary(DataFormat format = {}) : format(format) {}
  Vocabulary(Vocabulary &&) = default;
  Vocabulary &operator=(Vocabulary &&) = default;
  Vocabulary(const Vocabulary &) = delete;
  Vocabulary &operator=(const Vocabulary &) = delete;

  static Status load(const std::string &path, Vocabulary &vocabulary);
  /// Of data that is ids already: a token is called by its number. `counts` by id.
  static Vocabulary ofIds(const DataFormat &format, const std::vector<int64_t> &counts);
  /// Of byte-level BPE: a token is called by the bytes that it stands for.
  static Vocabulary ofTokenizer(const DataFormat &format, Tokenizer tokenizer, const std::vector<int64_t> &counts);
  /// The tokenizer of a vocabulary is put beside the file, as tokenizer.json.
  Status save(const std::string &path) const;

  const DataFormat &getFormat() const { return format; }
  int64_t size() const { return static_cast<int64_t>(words.size()); }
  std::string_view getWord(int32_t id) const { return words[id]; }
  int64_t getCount(int32_t id) const { return counts[id]; }
  /// -1 when it is not there.
  int32_t find(std::string_view word) const;
  int32_t getUnknown() const { return unknownId; }
  int32_t getEndOfLine() const { return endOfLineId; }
  /// Of byte-level BPE.
  const Tokenizer &getTokenizer() const { return tokenizer; }

  /// Ids of a prompt: words, <eos> between lines, <unk> for what is not known. The last line is left open. Of ids: the numbers of the text; what
  /// is not one of them is left out.
  Status encode(std::string_view text, std::vector<int32_t> &encoded) const;
  /// Words joined by blanks, <eos> as the end of a line; bytes and the bytes of BPE as they are; ids as numbers.
  std::string decode(const std::vector<int32_t> &ids) const;

private:
  friend class VocabularyBuilder;
  void add(std::string_view word, int64_t count);
  void findSpecials();

  DataFormat format;
  std::deque<std::string> words; ///< a deque: its strings never move, `ids` points at them
  std::vector<int64_t> counts;
  std::unordered_map<std::string_view, int32_t> ids;
  int32_t unknownId = -1, endOfLineId = -1;
  Tokenizer tokenizer;
};

enum class Split : uint8_t { train, valid, test };
inline constexpr std::array<Split, 3> splits = {Split::train, Split::valid, Split::test};
const char *toString(Split split);
std::optional<Split> splitFromName(std::string_view name);

/// The ids of one split.
struct TokenStream {
  std::string path; ///< for messages: the file, or what stands for several
  TokenIds ids = {};
  int64_t lines = 0;
  std::vector<std::string> files = {}; ///< that it was read from, in order
  int64_t bytes = 0;              ///< of the files
  uint64_t hash = 0;              ///< TokenIds::hash
};

struct TextData {
  Vocabulary vocabulary;
  std::array<TokenStream, 3> streams; ///< by Split
  std::string found;                  ///< which files the folder had, in a few words
  const TokenStream &operator[](Split split) const { return streams[static_cast<size_t>(split)]; }
};

struct DataOptions {
  std::string cacheDir;                          ///< where the ids of large texts are kept; empty: nowhere
  int64_t cacheFrom = int64_t(32) << 20;         ///< bytes of text from which on they are
  std::function<void(const std::string &)> onStage; ///< hears of what takes a while; may be empty
};

/// Reads the data of a folder and makes its vocabulary. Ids of shards and of cached texts are mapped, not read; every id lies in the vocabulary.
/// docs/data.md says what a folder may hold.
Status loadText(const std::string &folder, const DataFormat &format, TextData &data, const DataOptions &options = {});
/// Reads one split with a vocabulary that is there already.
Status loadSplit(const std::string &folder, Split split, const Vocabulary &vocabulary, TokenStream &stream);

struct SplitStats {
  int64_t lines = 0, tokens = 0, bytes = 0;
  int64_t distinct = 0;    ///< different tokens of this file
  int64_t unseen = 0;      ///< tokens whose word does not occur in train.txt
  int64_t unknownTokens = 0; ///< tokens that `format` turns into <unk>
};
struct DataStats {
  std::string found; ///< TextData::found
  std::array<SplitStats, 3> splits;
  int64_t vocabulary = 0;
};
Status computeStats(const std::string &folder, const DataFormat &format, DataStats &stats);

/// Where a stream stands.
struct StreamPosition {
  int64_t offset = 0;   ///< of the next block, in each row
  int64_t restarts = 0; ///< how often the end was reached
};

/// Ids cut to rows of equal length, read block by block: row r of a block is rows[r][offset .. offset + context], targets one further. At
/// the end of the rows the position restarts at an offset below one block that the seed and the number of restarts give.
class BlockStream {
public:
  /// `ids` must outlive the stream. Fails when the rows are too short for one block.
  static Status create(const TokenStream &ids, int64_t rows, int64_t context, uint64_t seed, BlockStream &stream);

  /// Writes the block at the position as [rows, context] and moves on. True when the next block starts anew: stream state must be reset
  /// before it.
  bool next(int32_t *tokens, int32_t *targets);

  int64_t getBlocks() const { return (length - 1) / context; } ///< full blocks of a pass from offset 0
  const StreamPosition &getPosition() const { return position; }
  /// Fails where no block fits.
  Status setPosition(const StreamPosition &where);

private:
  const TokenIds *ids = nullptr;
  int64_t rows = 0, context = 0, length = 0;
  uint64_t seed = 0;
  StreamPosition position;
};

} // namespace moe
