//===- FiniteCheck.h - looking for infinities and nan -----------*- C++ -*-===//
#pragma once

#include "moe/Runtime.h"

namespace moe {

/// True when all elements of a buffer of floats are finite.
bool isFinite(const Buffer &buffer, ThreadPool &pool);

} // namespace moe
