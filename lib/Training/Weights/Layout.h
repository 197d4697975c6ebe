//===- Layout.h - tensors cut, turned and put together ----------*- C++ -*-===//
#pragma once

#include "lib/Training/Weights/MapRules.h"

namespace moe {

/// "[2, 3]"
std::string describe(const Shape &shape);
int64_t countElements(const Shape &shape);

/// The shape of one part of `whole`, or why there is none in `problem`.
Shape partOf(const Shape &whole, const Part &part, std::string &problem);
/// The shape of which `shape` is a part.
Shape wholeOf(const Shape &shape, const Part &part, std::string &problem);
/// The shape that the step makes `shape` of.
Shape before(const Shape &shape, const Step &step, std::string &problem);

/// `part` of `whole`, a tensor of that shape.
std::vector<float> takePart(const float *whole, const Shape &shape, const Part &part);
void placePart(float *whole, const Shape &shape, const Part &part, const float *values);
/// Exchanges the last two axes of a tensor of that shape.
std::vector<float> transposed(const std::vector<float> &values, const Shape &shape);

} // namespace moe
