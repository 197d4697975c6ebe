//===- MoeDialect.h - the moe dialect --------------------------*- C++ -*-===//
#pragma once

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace moe {

/// Result element i is a function of the operands' elements i.
template <typename Op>
class MoeElementwise : public mlir::OpTrait::TraitBase<Op, MoeElementwise> {};

} // namespace moe

#include "dialects/moe/IR/MoeDialect.h.inc"
#include "dialects/moe/IR/MoeEnums.h.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/moe/IR/MoeAttrs.h.inc"
#define GET_TYPEDEF_CLASSES
#include "dialects/moe/IR/MoeTypes.h.inc"
#define GET_OP_CLASSES
#include "dialects/moe/IR/MoeOps.h.inc"

namespace moe {

/// Names of the discardable attributes of a program's arguments and results, and their fields (docs/dialect.md).
inline constexpr llvm::StringLiteral argAttrName = "moe.arg";
inline constexpr llvm::StringLiteral resAttrName = "moe.res";

} // namespace moe
