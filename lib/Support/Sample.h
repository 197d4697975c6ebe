//===- Sample.h - numbers to run tests on, and a line about a result -*- C++ -*-===//
#ifndef MOE_SUPPORT_SAMPLE_H
#define MOE_SUPPORT_SAMPLE_H

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace moe {

enum class SampleKind { real, integer, boolean };

/// `size` numbers that depend on the kind and `number` alone: in [-1, 1), in {0, 1, 2}, in {0, 1}.
std::vector<double> makeSample(SampleKind kind, uint64_t number, size_t size);

/// `[2, 3] rms R weighted W : E...`: root mean square, a sum with weights that no permutation keeps, the first elements.
std::string describeSample(std::span<const int64_t> shape, std::span<const double> data);

} // namespace moe

#endif // MOE_SUPPORT_SAMPLE_H
