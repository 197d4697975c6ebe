//===- ValueSummary.h - the values of a tensor ------------------*- C++ -*-===//
#pragma once

#include "moe/Training/Replay.h"

namespace moe {

/// Whether a tensor is of floats, f32 or bf16.
bool isFloat(const TensorView &tensor);
float readFloat(const TensorView &tensor, int64_t element);

/// Looks at all elements of a float tensor that hold something.
ValueSummary summarize(const TensorView &tensor, ThreadPool &pool);

} // namespace moe
