//===- ValueSummary.h - the values of a tensor ------------------*- C++ -*-===//
#pragma once

#include "moe/Training/Replay.h"

namespace moe {

/// Looks at all elements of a float tensor that hold something.
ValueSummary summarize(const TensorView &tensor, ThreadPool &pool);

} // namespace moe
