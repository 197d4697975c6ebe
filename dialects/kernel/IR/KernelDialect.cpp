//===- KernelDialect.cpp - the kernel dialect -----------------------------===//
#include "dialects/kernel/IR/KernelDialect.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace moe::kernel;

#include "dialects/kernel/IR/KernelDialect.cpp.inc"
#include "dialects/kernel/IR/KernelEnums.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/kernel/IR/KernelAttrs.cpp.inc"
#define GET_OP_CLASSES
#include "dialects/kernel/IR/KernelOps.cpp.inc"

void KernelDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/kernel/IR/KernelAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/kernel/IR/KernelOps.cpp.inc"
      >();
}

OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValue(); }
