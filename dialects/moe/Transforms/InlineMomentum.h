//===- InlineMomentum.h - a momentum rule as plain ops ---------*- C++ -*-===//
#pragma once

#include "dialects/moe/IR/MoeDialect.h"

namespace moe {

/// Puts the ops of the region in the place of `op`, which is erased.
void inlineMomentum(MomentumOp op);

} // namespace moe
