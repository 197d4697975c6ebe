// Whether a token moves what it must not, on models written by hand.
#include "moe/Training.h"

#include <algorithm>
#include <cmath>
#include <doctest/doctest.h>

using namespace moe;

namespace {
constexpr int64_t rows = 2, context = 8, words = 5;

/// What the output at a position adds up, beside the tokens up to it.
enum class Sees { past, next, evenLater, firstRow, memoryOfOtherRow };
Sees sees = Sees::past;
float nudge = 0; ///< of the outputs, in relation to the sum: what is taken for rounding

/// bias, tokens, mem, seen, logits
void decodeKernel(void *const *args, int64_t, int64_t) {
  auto *bias = static_cast<const float *>(args[0]);
  auto *tokens = static_cast<const int32_t *>(args[1]);
  auto *mem = static_cast<float *>(args[2]), *logits = static_cast<float *>(args[4]);
  float before[rows] = {mem[0], mem[1]};
  for (int64_t row = 0; row < rows; ++row) {
    const int32_t *own = tokens + row * context;
    float sum = before[sees == Sees::memoryOfOtherRow ? 1 - row : row], all = 0;
    for (int64_t t = 0; t < context; ++t)
      all += static_cast<float>(own[t]);
    for (int64_t t = 0; t < context; ++t) {
      sum += static_cast<float>(own[t]);
      float seen = sum * (1 + nudge * all);
      if (sees == Sees::next && t + 1 < context)
        seen += static_cast<float>(own[t + 1]);
      if (sees == Sees::evenLater && t == 2)
        seen += static_cast<float>(own[context - 1]) / 100;
      if (sees == Sees::firstRow)
        seen += static_cast<float>(tokens[t]) / 2;
      for (int64_t v = 0; v < words; ++v)
        logits[(row * context + t) * words + v] = bias[v] + seen;
    }
    mem[row] = sum;
  }
}

Executable makeModel() {
  using enum BindingKind;
  Executable made;
  made.kernels.push_back({"decode", decodeKernel});
  Program program;
  program.name = "decode";
  auto bind = [&](BindingKind kind, const char *name, DType type, std::vector<int64_t> shape, Initializer init = {}) {
    Binding binding;
    binding.kind = kind;
    binding.name = name;
    binding.type = type;
    binding.shape = std::move(shape);
    binding.init = init;
    program.bindings.push_back(binding);
  };
  bind(param, "bias", DType::f32, {words}, {Initializer::Kind::normal, 0.1});
  bind(input, "tokens", DType::i32, {rows, context});
  bind(stream, "mem", DType::f32, {rows});
  bind(state, "seen", DType::f32, {});
  bind(logits, "logits", DType::f32, {rows, context, words});
  Launch launch;
  launch.location = "sum.moe:1:1";
  for (uint32_t i = 0; i < program.bindings.size(); ++i)
    launch.args.push_back({BufferRef::Space::binding, i, 0});
  program.launches.push_back(launch);
  made.programs.push_back(program);
  return made;
}

CausalityReport check(Sees what, uint64_t seed = 0) {
  sees = what;
  Executable model = makeModel();
  ThreadPool pool(1);
  CausalityReport report;
  Status status = checkCausality(model, pool, seed, nullptr, report);
  REQUIRE(status.error == "");
  return report;
}
} // namespace

TEST_CASE("a model that sees the past alone is causal, and rounding is no leak") {
  for (float each : {0.0f, 1e-7f})
    for (uint64_t seed : {0, 1, 2}) {
      nudge = each;
      CausalityReport report = check(Sees::past, seed);
      nudge = 0;
      CHECK(report.isCausal());
      CHECK(report.rows == 2);
      CHECK(report.context == 8);
      CHECK(report.changes == 2 * 5); // positions 1, 2, 4, 6, 7 of both rows
      CHECK(report.moved == report.changes);
    }
}

TEST_CASE("the earliest output that moved, and how far") {
  CausalityReport report = check(Sees::next);
  REQUIRE(report.earlier);
  CHECK(report.earlier->changedPosition == 1);
  CHECK(report.earlier->position == 0);
  CHECK(report.earlier->row == report.earlier->changedRow);
  CHECK(report.earlier->distance > 0.01);
  CHECK(!report.otherRow);

  report = check(Sees::evenLater); // one position, one token
  REQUIRE(report.earlier);
  CHECK(report.earlier->changedPosition == context - 1);
  CHECK(report.earlier->position == 2);
  CHECK(report.earlier->distance < 0.01);
  CHECK(!report.otherRow);
}

TEST_CASE("another batch row, in this block or through the stream in the next one") {
  CausalityReport report = check(Sees::firstRow);
  CHECK(!report.earlier);
  REQUIRE(report.otherRow);
  CHECK(report.otherRow->changedRow == 0);
  CHECK(report.otherRow->row == 1);
  CHECK(report.otherRow->position == report.otherRow->changedPosition);

  report = check(Sees::memoryOfOtherRow);
  CHECK(!report.earlier);
  REQUIRE(report.otherRow);
  CHECK(report.otherRow->position >= context); // of the block after
}

TEST_CASE("what the check refuses") {
  ThreadPool pool(1);
  CausalityReport report;
  Executable model = makeModel();
  sees = Sees::past;
  std::atomic<bool> stop = true;
  CHECK(checkCausality(model, pool, 0, &stop, report).error == "stopped");
  model.programs[0].bindings[0].init = {Initializer::Kind::constant, INFINITY};
  CHECK(checkCausality(model, pool, 0, nullptr, report).error == "the outputs are not finite");
  model.programs[0].bindings[1].shape = {1, context};
  CHECK(checkCausality(model, pool, 0, nullptr, report).error == "@decode does not give the logits of several rows");
  model.programs.clear();
  CHECK(checkCausality(model, pool, 0, nullptr, report).error == "the executable has no program 'decode'");
}
