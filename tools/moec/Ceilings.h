//===- Ceilings.h - what this machine can do -------------------*- C++ -*-===//
#pragma once

namespace moe::cli {

/// Rates of loops that do nothing else, on so many threads at once.
struct Ceilings {
  double flop = 0;      ///< multiply-adds of f32 in registers, two each, per second
  double functions = 0; ///< exponentials of f32 in registers per second
  double bytes = 0;     ///< read from memory per second
  double narrowFlop = 0; ///< multiply-adds of bf16 pairs to f32 in registers; 0: the processor has none
};

/// Takes about half a second. Clouds and laptops change their speed: measure in the run that is judged by it.
Ceilings measureCeilings(int threads);

/// The higher of each.
Ceilings best(const Ceilings &a, const Ceilings &b);

} // namespace moe::cli
