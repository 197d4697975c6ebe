//===- SettleResults.h - every result into its binding ---------*- C++ -*-===//
#pragma once

#include "lib/Conversion/Plan/Bindings.h"

namespace moe::plan {

/// Makes every result of `func` either the argument that already holds it or the root of an op result that can be written
/// straight into the result's binding, by inserting identity rows before the return where that is not so.
void settleResults(mlir::func::FuncOp func, const Bindings &bindings);

} // namespace moe::plan
