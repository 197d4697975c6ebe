//===- Softmax.h - exponentials of one row ---------------------*- C++ -*-===//
#pragma once

#include "dialects/moe/Reference/Models.h"

#include <cmath>
#include <limits>

namespace moe::reference {

/// What is subtracted before exp: the largest element, or 0 in a row of minus infinities.
inline double softmaxShift(llvm::ArrayRef<double> row) {
  constexpr double lowest = -std::numeric_limits<double>::infinity();
  double largest = lowest;
  for (double x : row)
    largest = maximum(largest, x);
  return largest == lowest ? 0 : largest;
}

inline double sumExp(llvm::ArrayRef<double> row, double shift) {
  double sum = 0;
  for (double x : row)
    sum += std::exp(x - shift);
  return sum;
}

/// Minus infinity for a row of minus infinities.
inline double logSumExp(llvm::ArrayRef<double> row) {
  double shift = softmaxShift(row);
  return std::log(sumExp(row, shift)) + shift;
}

/// In place; a row of minus infinities becomes 0.
inline void softmax(llvm::MutableArrayRef<double> row) {
  double shift = softmaxShift(row), sum = sumExp(row, shift);
  for (double &x : row)
    x = sum == 0 ? 0 : std::exp(x - shift) / sum;
}

} // namespace moe::reference
