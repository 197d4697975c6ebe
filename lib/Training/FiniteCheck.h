//===- FiniteCheck.h - looking for infinities and nan -----------*- C++ -*-===//
#pragma once

#include "moe/Runtime.h"

#include <cmath>
#include <string>

namespace moe {

/// True when all of these floats are finite.
bool isFinite(const void *floats, int64_t count, ThreadPool &pool);
/// The same of a buffer; integers and booleans always are.
bool isFinite(const Buffer &buffer, ThreadPool &pool);

/// nan (of either sign), inf or -inf.
inline std::string nameNonFinite(double value) { return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf"; }

} // namespace moe
