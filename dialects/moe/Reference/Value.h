//===- Value.h - values of the reference evaluator -------------*- C++ -*-===//
#pragma once

#include <cstdint>
#include <vector>

namespace moe::reference {

/// The pairs (token, expert) of a routing, by expert and then by token.
struct Routing {
  int64_t tokens = 0, experts = 0, rows = 0; ///< `rows` is the static bound.
  std::vector<int64_t> token, expert;        ///< one entry a pair, at most `rows`
};

/// A tensor in row-major order; every element type is held as float64 (i32 and i1 exactly). Or a routing.
struct Value {
  std::vector<int64_t> shape;
  std::vector<double> data;
  Routing routing;

  int64_t size() const {
    int64_t n = 1;
    for (int64_t extent : shape)
      n *= extent;
    return n;
  }
  static Value zeros(std::vector<int64_t> shape) {
    Value v;
    v.shape = std::move(shape);
    v.data.assign(v.size(), 0.0);
    return v;
  }
};

} // namespace moe::reference
