//===- Axis.h - round numbers along an axis ---------------------*- C++ -*-===//
#pragma once

#include <string>
#include <vector>

namespace moe::report {

/// Maps an interval to [0, 1], in proportion or by logarithms.
struct Axis {
  double low = 0, high = 1;
  bool isLog = false;
  bool isWhole = false; ///< of numbers between which there is nothing

  /// The interval that holds all values, with a little room; by logarithms where that is wanted, all are positive and they span a factor of 8.
  static Axis around(const std::vector<double> &values, bool wantsLog);

  double map(double value) const;
  struct Tick {
    double at = 0; ///< in [0, 1]
    std::string label;
  };
  /// Between two and `most` round numbers.
  std::vector<Tick> ticks(int most) const;
};

} // namespace moe::report
