//===- SumModel.h - a model by hand, for tests of the driver ----*- C++ -*-===//
#pragma once

#include "moe/Training.h"

namespace moe::test {

/// An executable whose programs are written in C++ instead of compiled.
///
/// @train and @eval: every position predicts softmax(bias), whatever it reads; the objective (and with it the gradient) also depends on the
/// key and on the stream `mem`, so that a run which loses either of them gives other numbers. `mem` adds up the tokens of a row, the
/// state `seen` counts tokens. @update is heavy-ball descent with a warm-up.
///
/// @decode: the likeliest token at t is the sum of `mem` and all tokens up to t, modulo the vocabulary.
Executable makeSumModel(int64_t words, const std::string &settings);
/// The same with so many rows in @decode.
Executable makeSumModel(int64_t words, const std::string &settings, int64_t decodeRows);

/// Added to the first gradient and to `seen` in @train, to the first momentum and the first bias in @update.
struct SumFaults {
  float gradient = 0, state = 0, momentum = 0, bias = 0;
};
inline SumFaults sumFaults;

/// 4 rows of 3 in 2 micro-batches.
std::string sumSettings(int64_t words, const std::string &more = "");

inline constexpr int64_t sumContext = 3, sumBatch = 4;

} // namespace moe::test
