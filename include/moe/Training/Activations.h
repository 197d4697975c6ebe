//===- Activations.h - what a model computes on the way ---------*- C++ -*-===//
//
// Named values of one evaluation: recorded from a program, or by another one as a safetensors file, and compared.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "moe/Runtime.h"

#include <cstdint>
#include <string>
#include <vector>

namespace moe {

/// Values by name on one block of tokens. As a file: tensors `tokens` and, if they matter, `targets` (I32 or I64, [rows, positions]), and one floating
/// tensor a value.
struct Activations {
  struct Value {
    std::string name;
    std::vector<int64_t> shape;
    std::vector<float> elements;
  };
  int64_t rows = 0, positions = 0;
  std::vector<int32_t> tokens, targets;
  std::vector<Value> values; ///< in program order; from a file in the order of its data

  static Status read(const std::string &path, Activations &activations);
  Status write(const std::string &path) const;
};

/// Runs @eval on the tokens of `activations` from reset streams and takes its probes. Fails when an id is outside the vocabulary or the program is for
/// another block.
Status record(const Executable &executable, BufferStore &parameters, ThreadPool &pool, Activations &activations);

/// A value that two sides have.
struct ValueDifference {
  std::string name;
  std::vector<int64_t> shape, otherShape;
  double error = 0; ///< the largest difference, relative to the root mean square of the first; infinite when the shapes or what is finite differ
  std::vector<int64_t> place; ///< of that element
  float first = 0, second = 0;
};

/// The values whose names both have, in the order of `a`.
std::vector<ValueDifference> compare(const Activations &a, const Activations &b);

} // namespace moe
