#include "test/Training/SumModel.h"

#include <algorithm>
#include <cmath>

using namespace moe;

static int64_t vocabulary = 0, decodeRows = 1; ///< of the last model made: a kernel knows its extents

/// Loss of softmax(bias) on the targets; adds `scale` times its gradient.
static float crossEntropy(const float *bias, const int32_t *targets, int64_t count, float *gradient, double scale) {
  double top = *std::max_element(bias, bias + vocabulary), sum = 0, loss = 0;
  for (int64_t v = 0; v < vocabulary; ++v)
    sum += std::exp(bias[v] - top);
  for (int64_t i = 0; i < count; ++i)
    loss += top + std::log(sum) - bias[targets[i]];
  if (gradient) {
    for (int64_t v = 0; v < vocabulary; ++v)
      gradient[v] += static_cast<float>(scale * std::exp(bias[v] - top) / sum);
    for (int64_t i = 0; i < count; ++i)
      gradient[targets[i]] -= static_cast<float>(scale / static_cast<double>(count));
  }
  return static_cast<float>(loss / static_cast<double>(count));
}

static void addTokens(const int32_t *tokens, int64_t rows, float *mem) {
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t t = 0; t < test::sumContext; ++t)
      mem[row] += static_cast<float>(tokens[row * test::sumContext + t]);
}

/// bias, tokens, targets, key, mem, seen, gradient, loss, objective, load, balance
static void trainKernel(void *const *args, int64_t, int64_t) {
  auto *tokens = static_cast<const int32_t *>(args[1]), *key = static_cast<const int32_t *>(args[3]);
  auto *mem = static_cast<float *>(args[4]), *load = static_cast<float *>(args[9]);
  constexpr int64_t rows = test::sumBatch / 2, count = rows * test::sumContext;
  auto noise = static_cast<uint32_t>(key[0] + 31 * key[2] + 1) * 2654435761u >> 24;
  double scale = 1 + noise / 256.0 + 0.001 * mem[0];
  auto *loss = static_cast<float *>(args[7]);
  *loss = crossEntropy(static_cast<float *>(args[0]), static_cast<int32_t *>(args[2]), count, static_cast<float *>(args[6]), scale / 2);
  *static_cast<float *>(args[8]) = static_cast<float>(*loss * scale);
  static_cast<float *>(args[6])[0] += test::sumFaults.gradient;
  addTokens(tokens, rows, mem);
  *static_cast<float *>(args[5]) += count + test::sumFaults.state;
  load[0] = static_cast<float>(std::count_if(tokens, tokens + count, [](int32_t id) { return id % 2 == 0; })) / count;
  load[1] = 1 - load[0];
  *static_cast<float *>(args[10]) = 0.5f;
}

/// bias, gradient, momentum, step, count
static void checkUpdateKernel(void *const *args, int64_t, int64_t) {
  auto *bias = static_cast<const float *>(args[0]), *gradient = static_cast<const float *>(args[1]), *momentum = static_cast<const float *>(args[2]);
  float lr = 0.5f * std::min(1.0f, static_cast<float>(*static_cast<int32_t *>(args[3])) / 5);
  int32_t &count = *static_cast<int32_t *>(args[4]) = 0;
  for (int64_t v = 0; v < vocabulary; ++v) {
    float m = 0.5f * momentum[v] + gradient[v] + (v == 0 ? test::sumFaults.momentum : 0);
    count += !std::isfinite(m) + !std::isfinite(gradient[v]);
    count += !std::isfinite(bias[v] - lr * m + (v == 0 ? test::sumFaults.bias : 0));
  }
}

/// bias, gradient, momentum, step, lr, grad_norm
static void updateKernel(void *const *args, int64_t, int64_t) {
  auto *bias = static_cast<float *>(args[0]), *momentum = static_cast<float *>(args[2]);
  auto *gradient = static_cast<const float *>(args[1]);
  float lr = 0.5f * std::min(1.0f, static_cast<float>(*static_cast<int32_t *>(args[3])) / 5), norm = 0;
  for (int64_t v = 0; v < vocabulary; ++v) {
    momentum[v] = 0.5f * momentum[v] + gradient[v];
    bias[v] -= lr * momentum[v];
    norm += gradient[v] * gradient[v];
  }
  momentum[0] += test::sumFaults.momentum;
  bias[0] += test::sumFaults.bias;
  *static_cast<float *>(args[4]) = lr;
  *static_cast<float *>(args[5]) = std::sqrt(norm);
}

/// bias, tokens, targets, mem, loss
static void evalKernel(void *const *args, int64_t, int64_t) {
  *static_cast<float *>(args[4]) =
      crossEntropy(static_cast<float *>(args[0]), static_cast<int32_t *>(args[2]), test::sumBatch * test::sumContext, nullptr, 0);
  addTokens(static_cast<int32_t *>(args[1]), test::sumBatch, static_cast<float *>(args[3]));
}

/// tokens, mem, logits
static void decodeKernel(void *const *args, int64_t, int64_t) {
  auto *tokens = static_cast<const int32_t *>(args[0]);
  auto *mem = static_cast<float *>(args[1]), *logits = static_cast<float *>(args[2]);
  for (int64_t row = 0; row < decodeRows; ++row) {
    auto sum = static_cast<int64_t>(mem[row]);
    for (int64_t t = 0; t < test::sumContext; ++t) {
      sum += *tokens++;
      for (int64_t v = 0; v < vocabulary; ++v)
        *logits++ = v == sum % vocabulary ? 2 : 0;
    }
    mem[row] = static_cast<float>(sum);
  }
}

/// One launch over all bindings in their order.
static Program programOf(const std::string &name, uint32_t kernel, std::vector<Binding> bindings) {
  Program program;
  program.name = name;
  program.bindings = std::move(bindings);
  Launch launch{kernel, 1, {}, "sum.moe:1:1"};
  for (uint32_t i = 0; i < program.bindings.size(); ++i)
    launch.args.push_back({BufferRef::Space::binding, i, 0});
  program.launches = {launch};
  return program;
}

Executable moe::test::makeSumModel(int64_t words, const std::string &settings, int64_t rows) {
  using enum BindingKind;
  using enum DType;
  vocabulary = words;
  decodeRows = rows;
  constexpr int64_t half = sumBatch / 2, T = sumContext;
  Binding bias{param, "bias", f32, {words}, {Initializer::Kind::normal, 0.1}}, gradient{grad, "bias", f32, {words}, {}};
  Executable made;
  made.kernels = {{"train", trainKernel}, {"update", updateKernel}, {"eval", evalKernel}, {"decode", decodeKernel}, {"check_update", checkUpdateKernel}};
  made.programs = {programOf("train", 0,
                             {bias, {input, "tokens", i32, {half, T}, {}}, {input, "targets", i32, {half, T}, {}}, {key, "key", i32, {3}, {}},
                              {stream, "mem", f32, {half}, {}}, {state, "seen", f32, {}, {}}, gradient, {loss, "loss", f32, {}, {}},
                              {objective, "objective", f32, {}, {}}, {probe, "moe.load", f32, {2}, {}}, {aux, "moe.balance", f32, {}, {}}}),
                   programOf("update", 1,
                             {bias, gradient, {opt, "m.bias", f32, {words}, {}}, {step, "step", i32, {}, {}}, {metric, "lr", f32, {}, {}},
                              {metric, "grad_norm", f32, {}, {}}}),
                   programOf("eval", 2,
                             {bias, {input, "tokens", i32, {sumBatch, T}, {}}, {input, "targets", i32, {sumBatch, T}, {}},
                              {stream, "mem", f32, {sumBatch}, {}}, {loss, "loss", f32, {}, {}}}),
                   programOf("check_update", 4,
                             {bias, gradient, {opt, "m.bias", f32, {words}, {}}, {step, "step", i32, {}, {}}, {check, "update", i32, {}, {}}}),
                   programOf("decode", 3,
                             {{input, "tokens", i32, {rows, T}, {}}, {stream, "mem", f32, {rows}, {}}, {logits, "logits", f32, {rows, T, words}, {}}})};
  made.settings = settings;
  return made;
}

Executable moe::test::makeSumModel(int64_t words, const std::string &settings) { return makeSumModel(words, settings, 1); }

std::string moe::test::sumSettings(int64_t words, const std::string &more) {
  return R"({"data": {"kind": "text", "tokens": "words"}, "batch": 4, "context": 3, "micro_batches": 2, "steps": 12, "vocabulary": )" +
         std::to_string(words) + (more.empty() ? "" : ", " + more) + "}";
}
