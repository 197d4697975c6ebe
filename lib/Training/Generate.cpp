//===- Generate.cpp - text from a model -------------------------*- C++ -*-===//
#include "lib/Support/Philox.h"
#include "lib/Training/Decoder.h"
#include "lib/Training/Guard.h"
#include "lib/Training/Programs.h"
#include "lib/Training/Prompt.h"
#include "lib/Training/Text.h"

#include <algorithm>
#include <cmath>

using namespace moe;

/// Keeps these random numbers apart from those of parameters and dropout.
static constexpr uint32_t sampleSite = 0x73616d70;

namespace {
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

Status moe::generate(const Executable &executable, BufferStore &parameters, ThreadPool &pool, const Vocabulary &vocabulary,
                     const GenerateOptions &options, Generated &generated) {
  return guarded("generation", [&] {
    if (!(options.temperature >= 0) || !std::isfinite(options.temperature))
      return Status::failure("the temperature is " + std::to_string(options.temperature) + ", expected 0 or more");
    if (Status status = checkPrompt(vocabulary, options.prompt, "the prompt"); !status)
      return status;
    Decoder decoder;
    if (Status status = checkVocabulary(executable, vocabulary); !status)
      return status;
    if (Status status = decoder.prepare(executable, parameters, pool); !status)
      return status;
    generated = {};
    generated.unknownWords = findUnknown(vocabulary, options.prompt);

    const float *logits = nullptr;
    auto keep = [&](size_t, const float *next) { logits = next; };
    std::vector<int32_t> prompt;
    if (Status status = vocabulary.encode(options.prompt, prompt); !status)
      return status;
    if (prompt.empty())
      if (Status status = encodeBegin(vocabulary, prompt); !status)
        return status;
    if (Status status = decoder.append(prompt, prompt.size() - 1, keep); !status)
      return status;
    Sampler sampler(options.temperature, options.seed);
    for (int64_t i = 0; i < options.tokens && !(options.stop && *options.stop); ++i) {
      if (i)
        if (Status status = decoder.append({&generated.ids.back(), 1}, 0, keep); !status)
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
