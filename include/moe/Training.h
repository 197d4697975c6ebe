//===- Training.h - data, training, evaluation, generation -----*- C++ -*-===//
//
// What drives the programs of an executable: text as streams of token ids, the training loop and its run folder,
// checkpoints, perplexity, sampling. Nothing here prints, exits or throws. A status that fails in `loadText`, `parseSettings`,
// `Trainer::create`, `Run::open` or `Model::load` blames what the user gave; one from `Trainer::run`, `evaluate` or `generate`
// blames the run itself (non-finite values, disk).
//
//   parseSettings(readSettings(...))       what the file says about the data
//   loadText(folder, format)               vocabulary and token ids
//   compile(..., vocabulary.size())        moe/Compiler.h
//   Trainer::create, Trainer::run          writes the run folder
//   Run::open, compile, Model::load        reads it again
//   evaluate, generate
//
//===----------------------------------------------------------------------===//
#pragma once

#include "moe/Executable.h"
#include "moe/Runtime.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace moe {

//===-- Settings -----------------------------------------------------------===//

/// How text becomes numbers: `data = text(tokens=words, min_count=5)`.
struct DataFormat {
  enum class Tokens { words, bytes } tokens = Tokens::words;
  int64_t minCount = 1; ///< words seen less often in train.txt become <unk>
};

/// The `train` block. A number that is 0 means "not": no validation while training, no checkpoint before the end, no early stop.
struct TrainSettings {
  DataFormat data;
  int64_t batch = 1, context = 1, microBatches = 1, steps = 1;
  int64_t vocabulary = 0; ///< what the executable was compiled for
  uint64_t seed = 0;
  int threads = 0;         ///< 0: as many as the process may use
  int64_t evalEvery = 0;   ///< steps
  int64_t evalBlocks = 0;  ///< of a validation while training, from the start of the text; 0: a tenth of the blocks
  int64_t logEvery = 1;    ///< steps from one line of metrics.jsonl to the next
  int64_t checkpointEvery = 0;
  int64_t keep = 2;        ///< how many of the numbered checkpoints stay
  int64_t patience = 0;    ///< validations without a better loss before training stops
};

/// Reads `Executable::settings`, or what `readSettings` gave.
Status parseSettings(const std::string &json, TrainSettings &settings);

//===-- Data ---------------------------------------------------------------===//

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
  Status save(const std::string &path) const;

  const DataFormat &getFormat() const { return format; }
  int64_t size() const { return static_cast<int64_t>(words.size()); }
  std::string_view getWord(int32_t id) const { return words[id]; }
  int64_t getCount(int32_t id) const { return counts[id]; }
  /// -1 when it is not there.
  int32_t find(std::string_view word) const;
  int32_t getUnknown() const { return unknownId; }
  int32_t getEndOfLine() const { return endOfLineId; }

  /// Ids of a prompt: words, <eos> between lines, <unk> for what is not known. The last line is left open.
  std::vector<int32_t> encode(std::string_view text) const;
  /// Words joined by blanks, <eos> as the end of a line; bytes as they are.
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
};

enum class Split : uint8_t { train, valid, test };
inline constexpr std::array<Split, 3> splits = {Split::train, Split::valid, Split::test};
const char *toString(Split split);
std::optional<Split> splitFromName(std::string_view name);

/// The ids of one file.
struct TokenStream {
  std::string path;
  std::vector<int32_t> ids;
  int64_t lines = 0;
};

struct TextData {
  Vocabulary vocabulary;
  std::array<TokenStream, 3> streams; ///< by Split
  const TokenStream &operator[](Split split) const { return streams[static_cast<size_t>(split)]; }
};

/// Reads train.txt, valid.txt and test.txt of a folder and makes their vocabulary.
Status loadText(const std::string &folder, const DataFormat &format, TextData &data);
/// Reads one split with a vocabulary that is there already.
Status loadSplit(const std::string &folder, Split split, const Vocabulary &vocabulary, TokenStream &stream);

struct SplitStats {
  int64_t lines = 0, tokens = 0, bytes = 0;
  int64_t distinct = 0;    ///< different tokens of this file
  int64_t unseen = 0;      ///< tokens whose word does not occur in train.txt
  int64_t unknownTokens = 0; ///< tokens that `format` turns into <unk>
};
struct DataStats {
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
  const int32_t *ids = nullptr;
  int64_t rows = 0, context = 0, length = 0;
  uint64_t seed = 0;
  StreamPosition position;
};

//===-- Safetensors ---------------------------------------------------------===//

struct TensorEntry {
  std::string name;
  std::string dtype; ///< as in the file: F32, I32, BOOL are those of DType
  std::vector<int64_t> shape;
  int64_t offset = 0, bytes = 0; ///< in the data part of the file
};

/// A safetensors file whose header has been checked: known types, sizes that agree with the shapes, offsets that tile the file.
class TensorFile {
public:
  TensorFile();
  ~TensorFile();
  TensorFile(TensorFile &&) noexcept;
  TensorFile &operator=(TensorFile &&) noexcept;

  /// The reason of a refusal names the path. `verify`: also compares the checksum, where the file has one.
  static Status open(const std::string &path, TensorFile &file, bool verify = true);
  /// True when there was a checksum and it was right.
  bool isVerified() const;
  const std::vector<TensorEntry> &getTensors() const;
  const TensorEntry *find(std::string_view name) const;
  const std::map<std::string, std::string> &getMetadata() const;
  /// `into` holds `entry.bytes`.
  Status read(const TensorEntry &entry, void *into) const;

private:
  struct Impl;
  std::unique_ptr<Impl> impl;
};

struct TensorSource {
  std::string name;
  DType type;
  std::vector<int64_t> shape;
  const void *data;
};
/// Writes to a temporary name, syncs, renames. A checksum over tensors and metadata is added to the metadata.
Status writeTensors(const std::string &path, const std::vector<TensorSource> &tensors, std::map<std::string, std::string> metadata);
/// The length of that file.
int64_t sizeOfTensors(const std::vector<TensorSource> &tensors, std::map<std::string, std::string> metadata);

//===-- Evaluation -----------------------------------------------------------===//

/// The parameters and the model state of a run, bound to no program.
class Model {
public:
  /// Buffers for every parameter and state of the executable, read from a checkpoint.
  static Status load(const Executable &executable, const std::string &checkpoint, Model &model);
  BufferStore &getStore() { return store; }

private:
  BufferStore store;
};

struct Evaluation {
  std::string split;
  double loss = 0;              ///< nats: mean over blocks of the block's mean loss
  double perplexity = 0;
  double unigramPerplexity = 0; ///< of the training counts plus one, on the same targets
  int64_t blocks = 0, rows = 0, context = 0, tokens = 0; ///< tokens: targets evaluated
  double unknownShare = 0;      ///< of the targets
  double seconds = 0;
};
std::string toJson(const Evaluation &evaluation);

struct EvaluateOptions {
  int64_t maxBlocks = 0; ///< 0: all
  const std::atomic<bool> *stop = nullptr;
  std::function<void(int64_t done, int64_t blocks, double loss)> onBlock;
};

/// Runs `eval` from reset streams over the full blocks of a split, as many rows as the training batch.
Status evaluate(const Executable &executable, BufferStore &parameters, ThreadPool &pool, const Vocabulary &vocabulary,
                const TokenStream &text, Split split, const EvaluateOptions &options, Evaluation &evaluation);

//===-- Generation -----------------------------------------------------------===//

struct GenerateOptions {
  std::string prompt;
  int64_t tokens = 100;
  double temperature = 1; ///< 0: the likeliest token, ties to the lowest id
  uint64_t seed = 0;
  const std::atomic<bool> *stop = nullptr;
  std::function<void(std::string_view piece)> onText; ///< what each token adds to the text
};
struct Generated {
  std::string text; ///< of the new tokens
  std::vector<int32_t> ids;
  std::vector<std::string> unknownWords; ///< of the prompt
};
Status generate(const Executable &executable, BufferStore &parameters, ThreadPool &pool, const Vocabulary &vocabulary,
                const GenerateOptions &options, Generated &generated);

//===-- Runs -----------------------------------------------------------------===//

/// What run.json holds: all that is needed to compile the same program again.
struct RunDescription {
  std::string fileName, source;
  std::vector<std::string> overrides, presets;
  std::string target = "cpu";
  std::string data; ///< the data folder, as it was given
  std::map<std::string, std::string> versions; ///< of moec and of what it was built with
  uint64_t seed = 0;
  int threads = 0;
  int64_t steps = 0;
  int64_t vocabulary = 0;
  std::string settings; ///< Executable::settings
};

/// A run folder: run.json, vocabulary.txt, metrics.jsonl, checkpoints/.
struct Run {
  std::string folder;
  RunDescription description;
  Vocabulary vocabulary;
  std::vector<std::string> checkpoints; ///< numbered ones, newest first

  static Status open(const std::string &folder, Run &run);
};

/// Loads the newest checkpoint that is whole. `skipped` gets the reasons why newer ones were refused.
Status loadNewest(const Executable &executable, const Run &run, Model &model, std::string &checkpoint,
                  std::vector<std::string> &skipped);

//===-- Training -------------------------------------------------------------===//

struct NamedValues {
  std::string name;
  std::vector<float> values; ///< means over the micro-batches
};

struct StepMetrics {
  int64_t step = 0; ///< from 1
  double loss = 0, perplexity = 0;
  std::map<std::string, double> metrics; ///< of the update: lr, grad_norm
  std::map<std::string, double> aux;
  std::vector<NamedValues> probes;
  double seconds = 0, tokensPerSecond = 0;
};

/// What a progress bar shows, from what the steps said.
struct Progress {
  int64_t step = 0, steps = 0;
  double loss = 0, perplexity = 0;     ///< smoothed over about 20 steps
  double tokensPerSecond = 0, secondsLeft = 0;
  bool hasLoad = false;
  double minLoad = 0, maxLoad = 0;     ///< smallest and largest share of an expert over all `load` probes; they sum to 1 in each
};

struct TrainHooks {
  std::function<void(const StepMetrics &, const Progress &)> onStep;
  std::function<void(int64_t step, const Evaluation &)> onValidation;
  std::function<void(int64_t step, const std::string &path)> onCheckpoint;
};

struct TrainOptions {
  std::string out; ///< run folder; empty: nothing is written
  RunDescription description;
  std::optional<int64_t> steps;   ///< instead of the file's
  std::optional<uint64_t> seed;
  std::optional<int> threads;
  const std::atomic<bool> *stop = nullptr; ///< when it becomes true, the step is finished, a checkpoint written, and `run` returns
  TrainHooks hooks;
};

struct TrainResult {
  int64_t steps = 0;        ///< done
  bool stopped = false;     ///< by the flag
  bool patienceOver = false;
  std::string checkpoint;   ///< of the state after the last step, also when the run failed
  std::optional<Evaluation> validation; ///< of the whole validation text at the end; none when stopped
};

/// What a run will take.
struct RunEstimate {
  int64_t steps = 0, validations = 0;
  double secondsPerStep = 0, tokensPerSecond = 0;   ///< measured
  double stepSeconds = 0, validationSeconds = 0;    ///< of the whole run
  int64_t parameterBytes = 0, gradientBytes = 0, optimizerBytes = 0, stateBytes = 0; ///< state: of the model and of its streams
  int64_t snapshotBytes = 0;                        ///< the copy that a failed step is undone from
  int64_t arenaBytes = 0;                           ///< activations and temporaries of @train, @update and @eval
  int64_t checkpointBytes = 0, checkpointsKept = 0;

  int64_t memoryBytes() const {
    return parameterBytes + gradientBytes + optimizerBytes + stateBytes + snapshotBytes + arenaBytes;
  }
};

/// A step that fails leaves nothing behind: parameters, optimiser, model and stream state stay those of the step before.
class Trainer {
public:
  /// The executable must outlive the trainer. Makes the run folder and locks it.
  static Status create(const Executable &executable, TextData data, TrainOptions options, std::unique_ptr<Trainer> &trainer);
  /// Goes on with a run, bit for bit as if it had not ended, on any number of threads: locks its folder, takes up its newest whole
  /// checkpoint (before the first one: starts again) and cuts metrics.jsonl back to it. `executable` is that of the run's description.
  /// Of the options count steps (the total), threads, stop, hooks and, where the data folder has moved, description.data. `skipped` gets
  /// the reasons why newer checkpoints were refused.
  static Status resume(const Executable &executable, TextData data, const Run &run, TrainOptions options, std::unique_ptr<Trainer> &trainer,
                       std::vector<std::string> &skipped);
  ~Trainer();

  /// Takes up the state of a checkpoint: the next step is the one after it, bit for bit as if training had not ended.
  Status restore(const std::string &checkpoint);
  /// One step: all micro-batches and the update.
  Status step(StepMetrics &metrics);
  /// Steps to the end, with validations, metrics and checkpoints.
  Status run(TrainResult &result);
  Status saveCheckpoint(const std::string &path) const;
  /// Runs three steps, of which it measures two, and a little validation; for a trainer without a folder that does nothing else.
  Status estimate(RunEstimate &estimate);

  const TrainSettings &getSettings() const;
  BufferStore &getParameters();
  int64_t getStep() const;

private:
  Trainer();
  struct Impl;
  std::unique_ptr<Impl> impl;
};

//===-- Corpora --------------------------------------------------------------===//

struct CorpusResult {
  bool alreadyThere = false;
  std::string folder;
  std::array<int64_t, 3> articles{}, tokens{}; ///< by Split
  std::map<std::string, std::string> packages; ///< name and version
};

/// Builds a data folder from Debian packages: `foldoc+jargon`. A folder that holds the same corpus already is left as it is. `onStage` hears
/// what is being done.
Status buildCorpus(const std::string &name, const std::string &folder, const std::function<void(const std::string &)> &onStage,
                   CorpusResult &result);
/// The names that `buildCorpus` knows.
std::vector<std::string> corpusNames();

} // namespace moe
