//===- Emitters.h - one emitter a kernel op --------------------*- C++ -*-===//
#pragma once

#include "dialects/kernel/IR/KernelDialect.h"
#include "lib/Conversion/KernelToCPU/Code.h"

namespace moe::cpu {

// Each fills the function under construction and returns the number of blocks of the launch.
int64_t emit(kernel::RowOp op, Code &code);
int64_t emit(kernel::ContractOp op, Code &code);
int64_t emit(kernel::SlicesOp op, Code &code);
int64_t emit(kernel::GroupedContractOp op, Code &code);
int64_t emit(kernel::GroupedOuterOp op, Code &code);
int64_t emit(kernel::TopMaskOp op, Code &code);
int64_t emit(kernel::RouteOp op, Code &code);
int64_t emit(kernel::GatherRowsOp op, Code &code);
int64_t emit(kernel::ScatterAddRowsOp op, Code &code);
int64_t emit(kernel::CombineRowsOp op, Code &code);
int64_t emit(kernel::SegmentSumOp op, Code &code);
int64_t emit(kernel::ScanOp op, Code &code);
int64_t emit(kernel::ConcatOp op, Code &code);
int64_t emit(kernel::PadOp op, Code &code);

/// The work of a block, in elements: large enough to hide the cost of starting it.
inline constexpr int64_t elementsPerBlock = 16384;

/// One op of a region on values of `count` lanes, but for those that depend on where the region stands (kernel.index, kernel.reduce).
mlir::Value emitScalarOp(mlir::Operation *inner, llvm::ArrayRef<mlir::Value> operands, int64_t count, Code &code);

/// Copies `count` elements.
void copyElements(Code &code, mlir::Type element, mlir::Value from, mlir::Value fromAt, mlir::Value to, mlir::Value toAt, int64_t count);

/// Uniform numbers of kernel.random for scalars or vectors of i32 (see lib/Support/Philox.h, the definition).
mlir::Value emitRandom(Code &code, mlir::Value k0, mlir::Value k1, mlir::Value k2, mlir::Value site, mlir::Value position);

} // namespace moe::cpu
