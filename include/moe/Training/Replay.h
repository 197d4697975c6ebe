//===- Replay.h - a step of a run, looked at --------------------*- C++ -*-===//
//
// Where the first value that is not finite comes from.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "moe/Training/Trainer.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace moe {

/// The values of a float tensor. Minimum and maximum are those of the finite ones.
struct ValueSummary {
  std::vector<int64_t> shape;
  int64_t elements = 0, nans = 0, infinities = 0;
  float minimum = 0, maximum = 0;
  int64_t firstNonFinite = -1; ///< in row-major order

  bool isFinite() const { return nans == 0 && infinities == 0; }
  bool hasFinite() const { return nans + infinities < elements; }
};

/// A launch of a run of @train or @update that was looked at.
struct ObservedLaunch {
  std::string program;
  int64_t microBatch = 0; ///< from 0
  std::string op;         ///< what it computes: `exp`, `div (gradient of sqrt)`
  std::string location;   ///< file:line:column; may be empty
  uint32_t number = 0;    ///< Launch::op
};

/// The launch that made what is not finite.
struct NonFiniteOrigin : ObservedLaunch {
  enum class Kind {
    fromFinite,       ///< its operands were finite
    nanFromInfinity,  ///< the first nan; the infinity in an operand is one that the program says, such as that of a mask
    declaredInfinity, ///< the infinity is one that the program says, and it reached what failed
  } kind = Kind::fromFinite;
  std::string reached; ///< what failed: "the loss", "the gradient of 'w'"; empty: nothing but a check failed, and this is what was not finite first
  std::vector<ValueSummary> operands; ///< the float ones
  ValueSummary result;
  std::vector<int64_t> index; ///< of the first element that is not finite
  float value = 0;            ///< of that element
  int64_t expert = -1;        ///< whose row it is in; -1: not in the rows of an `each`
};

struct LargestValue : ObservedLaunch {
  float magnitude = 0;
};

/// A named buffer as a program was given it.
struct GivenBuffer {
  Binding binding;
  std::vector<std::byte> bytes;
};

struct StepDiagnosis {
  int64_t step = 0;
  std::string failure;        ///< of the step as training runs it; empty: it succeeds
  std::string unfusedFailure; ///< of the step with a launch for each op
  std::string checkLocation, checkMessage; ///< of a check that failed in the unfused step: an assertion, a bound of experts
  std::optional<NonFiniteOrigin> origin;
  StepMetrics metrics;                ///< of the unfused step, as far as it came
  std::vector<LargestValue> largest;  ///< finite results of largest magnitude, one a place
  std::vector<GivenBuffer> given;     ///< of the run that `origin` is in, when `keepGiven` was asked for
};

} // namespace moe
