//===- Generate.cpp - text from a model -------------------------*- C++ -*-===//
#include "lib/Support/Philox.h"
#include "lib/Training/Guard.h"
#include "lib/Training/Programs.h"
#include "lib/Training/Text.h"

#include <algorithm>
#include <cmath>
#include <cstring>

using namespace moe;

/// Keeps these random numbers apart from those of parameters and dropout.
static constexpr uint32_t sampleSite = 0x73616d70;

namespace {
/// The `decode` program over one growing sequence. It computes whole blocks and moves its stream state by whole blocks: a block that is not
/// full yet is computed again for each token, always from the stream as it was at the block's begin.
class Decoder {
public:
  Status prepare(const Executable &executable, BufferStore &parameters, ThreadPool &pool) {
    const Program *program = nullptr;
    int64_t rows = 0;
    if (Status status = requireProgram(executable, "decode", program); !status)
      return status;
    if (Status status = requireTokens(*program, rows, context); !status)
      return status;
    if (Status status = local.addLocal(*program); !status)
      return status;
    Buffer *result = local.find(BindingKind::logits, "logits");
    if (rows != 1 || !result || result->binding.shape.size() != 3)
      return Status::failure("@decode does not give the logits of one row");
    local.initialize(0);
    logits = result->as<float>();
    width = result->binding.shape[2];
    tokens = inputOrScratch(local, "tokens", context, scratch);
    for (Buffer *buffer : local.all(BindingKind::stream)) {
      streams.push_back(buffer);
      const char *bytes = buffer->as<char>();
      atBlock.emplace_back(bytes, bytes + buffer->bytes());
    }
    runner = std::make_unique<Runner>(executable, *program, pool);
    return runner->bind({&local, &parameters});
  }

  /// Appends a token. With `wanted`, `next` gets the logits of the one after it.
  Status append(int32_t token, bool wanted, const float *&next) {
    tokens[filled++] = token;
    if (!wanted && filled < context)
      return Status::success();
    // Positions from `filled` on hold what the block before left there: no earlier position sees them.
    for (size_t i = 0; i < streams.size(); ++i)
      std::memcpy(streams[i]->memory.data(), atBlock[i].data(), atBlock[i].size());
    if (Status status = runner->run(); !status)
      return status;
    next = logits + (filled - 1) * width;
    if (filled < context)
      return Status::success();
    filled = 0;
    for (size_t i = 0; i < streams.size(); ++i)
      std::memcpy(atBlock[i].data(), streams[i]->memory.data(), atBlock[i].size());
    return Status::success();
  }

private:
  BufferStore local;
  std::unique_ptr<Runner> runner;
  std::vector<Buffer *> streams;
  std::vector<std::vector<char>> atBlock; ///< each stream at the block's begin
  int64_t context = 0, width = 0, filled = 0;
  int32_t *tokens = nullptr;
  std::vector<int32_t> scratch;
  const float *logits = nullptr;
};

/// Draws ids from softmax(logits / temperature).
class Sampler {
public:
  Sampler(double temperature, uint64_t seed)
      : temperature(temperature), key(siteKey(static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32), sampleSite)) {}

  int32_t draw(const float *logits, int64_t count, int64_t position) {
    auto likeliest = std::max_element(logits, logits + count);
    if (temperature == 0)
      return static_cast<int32_t>(likeliest - logits);
    weights.resize(static_cast<size_t>(count));
    double sum = 0;
    for (int64_t i = 0; i < count; ++i)
      sum += weights[i] = std::exp((static_cast<double>(logits[i]) - *likeliest) / temperature);
    auto [high, low] = philox2x32(static_cast<uint32_t>(position), static_cast<uint32_t>(static_cast<uint64_t>(position) >> 32), key);
    double left = (high * 0x1p-32 + low * 0x1p-64) * sum;
    for (int64_t i = 0; i < count; ++i)
      if ((left -= weights[i]) < 0)
        return static_cast<int32_t>(i);
    return static_cast<int32_t>(likeliest - logits); // rounding used the sum up
  }

private:
  double temperature;
  uint32_t key;
  std::vector<double> weights;
};
} // namespace

static std::vector<std::string> findUnknown(const Vocabulary &vocabulary, std::string_view prompt) {
  std::vector<std::string> unknown;
  if (vocabulary.getFormat().tokens == DataFormat::Tokens::words)
    for (std::string_view word; !(word = takeWord(prompt)).empty();)
      if (vocabulary.find(word) < 0 && std::find(unknown.begin(), unknown.end(), word) == unknown.end())
        unknown.emplace_back(word);
  return unknown;
}

/// An empty prompt is the beginning of a line.
static std::vector<int32_t> encodePrompt(const Vocabulary &vocabulary, std::string_view prompt) {
  std::vector<int32_t> ids = vocabulary.encode(prompt);
  if (ids.empty())
    ids.push_back(vocabulary.getFormat().tokens == DataFormat::Tokens::bytes ? '\n' : vocabulary.getEndOfLine());
  return ids;
}

Status moe::generate(const Executable &executable, BufferStore &parameters, ThreadPool &pool, const Vocabulary &vocabulary,
                     const GenerateOptions &options, Generated &generated) {
  return guarded("generation", [&] {
    if (!(options.temperature >= 0) || !std::isfinite(options.temperature))
      return Status::failure("the temperature is " + std::to_string(options.temperature) + ", expected 0 or more");
    if (vocabulary.getFormat().tokens == DataFormat::Tokens::words && !isValidUtf8(options.prompt))
      return Status::failure("the prompt is not valid UTF-8");
    Decoder decoder;
    if (Status status = checkVocabulary(executable, vocabulary); !status)
      return status;
    if (Status status = decoder.prepare(executable, parameters, pool); !status)
      return status;
    generated = {};
    generated.unknownWords = findUnknown(vocabulary, options.prompt);

    const float *logits = nullptr;
    std::vector<int32_t> prompt = encodePrompt(vocabulary, options.prompt);
    for (size_t i = 0; i < prompt.size(); ++i)
      if (Status status = decoder.append(prompt[i], i + 1 == prompt.size(), logits); !status)
        return status;
    Sampler sampler(options.temperature, options.seed);
    for (int64_t i = 0; i < options.tokens && !(options.stop && *options.stop); ++i) {
      if (i)
        if (Status status = decoder.append(generated.ids.back(), true, logits); !status)
          return status;
      if (!std::all_of(logits, logits + vocabulary.size(), [](float x) { return std::isfinite(x); }))
        return Status::failure("the logits of new token " + std::to_string(i + 1) + " are not finite");
      generated.ids.push_back(sampler.draw(logits, vocabulary.size(), i));
      std::string text = vocabulary.decode(generated.ids);
      if (options.onText)
        options.onText(std::string_view(text).substr(generated.text.size()));
      generated.text = std::move(text);
    }
    return Status::success();
  });
}
