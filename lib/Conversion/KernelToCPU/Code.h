//===- Code.h - writing loops over flat buffers ----------------*- C++ -*-===//
//
// What the emitters of single kernels share. Indices are i64, buffers are !llvm.ptr with typed loads and stores, loops are
// scf.for; vectors are one-dimensional.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "lib/Conversion/KernelToCPU/KernelToCPU.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/AffineMap.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"

namespace moe::cpu {

/// The flat position of a tensor's element as a linear function of the domain's indices.
struct LinearAccess {
  llvm::SmallVector<int64_t> coefficients; ///< one a domain dimension, in elements
  int64_t constant = 0;

  static LinearAccess get(mlir::AffineMap map, llvm::ArrayRef<int64_t> shape);
};

/// Row-major strides of `shape`, in elements.
llvm::SmallVector<int64_t> stridesOf(llvm::ArrayRef<int64_t> shape);

/// The type in which an element is stored: i1 as i8, and a bf16 as the i16 of its bits.
mlir::Type storageType(mlir::Type element);

/// Floats of scratch that a call may use: it lies on the stack of a thread of the pool, and those are small.
inline constexpr int64_t largestScratch = 1 << 17;

/// Where an op of a kernel.slices stands: some dimensions of its domain have one index, and of tensors private to the region there is one slice.
struct Slice {
  llvm::ArrayRef<int64_t> dims;
  llvm::ArrayRef<mlir::Value> indices;
  llvm::SmallVector<bool> isPrivate; ///< of the operands, then of the results

  /// The index of a dimension that stands still, else null.
  mlir::Value getIndex(int64_t dim) const;
};

/// Builder of one kernel function.
class Code {
public:
  Code(mlir::OpBuilder &builder, mlir::Location loc, const CPUTarget &target) : b(builder), loc(loc), target(target) {}

  mlir::OpBuilder &b;
  mlir::Location loc;
  const CPUTarget &target;
  llvm::SmallVector<mlir::Value> args; ///< addresses of the operands, then of the results
  mlir::Value begin, end;              ///< the blocks to compute
  mlir::Value workspace;               ///< of the launch (see CPUKernel); null without
  const Slice *slice = nullptr;        ///< of the op; null: all of it is computed
  int64_t scratchLimit = largestScratch; ///< floats that this op may ask for

  int64_t lanes() const { return target.vectorWidth; }

  // Integers.
  mlir::Value i64(int64_t v);
  mlir::Value i32(int64_t v);
  mlir::Value add(mlir::Value x, mlir::Value y);
  mlir::Value sub(mlir::Value x, mlir::Value y);
  mlir::Value mul(mlir::Value x, int64_t factor);
  mlir::Value mul(mlir::Value x, mlir::Value y);
  mlir::Value min(mlir::Value x, mlir::Value y);
  mlir::Value max(mlir::Value x, mlir::Value y);
  mlir::Value div(mlir::Value x, int64_t divisor);
  mlir::Value floorDiv(mlir::Value x, int64_t divisor); ///< x may be negative
  mlir::Value rem(mlir::Value x, int64_t divisor);
  mlir::Value less(mlir::Value x, mlir::Value y);
  mlir::Value equal(mlir::Value x, mlir::Value y);
  mlir::Value toI64(mlir::Value i32);
  mlir::Value toI32(mlir::Value i64);

  // Floats; vectors of `count` lanes (1: the scalar itself).
  mlir::Type f32() { return b.getF32Type(); }
  mlir::Type vectorOf(mlir::Type element, int64_t count);
  mlir::Value constant(mlir::Type type, double v);
  mlir::Value splat(mlir::Value scalar, int64_t count);
  mlir::Value fma(mlir::Value x, mlir::Value y, mlir::Value z);
  mlir::Value addf(mlir::Value x, mlir::Value y);
  /// NaN if one of them is NaN, as arith.maximumf and minimumf, but for the order of zeros: the machine has an instruction for each part of this.
  mlir::Value maximum(mlir::Value x, mlir::Value y);
  mlir::Value minimum(mlir::Value x, mlir::Value y);
  /// The f32 of a stored bf16; an f32 stays what it is.
  mlir::Value widen(mlir::Value stored);
  /// What is stored of an f32 as a bf16: to nearest, ties to even; a NaN stays one.
  mlir::Value narrow(mlir::Value x);
  /// Two stored bf16 as dot products take them: an i32, `low` the number that comes first. A null high is 0.
  mlir::Value pair(mlir::Value low, mlir::Value high);
  /// z + x.low * y.low + x.high * y.high for vectors of such pairs; only where the target has the instruction.
  mlir::Value dot(mlir::Value x, mlir::Value y, mlir::Value z);

  // Memory; `index` counts elements of the storage type.
  mlir::Value address(mlir::Value base, mlir::Type element, mlir::Value index);
  mlir::Value load(mlir::Value base, mlir::Type element, mlir::Value index);
  void store(mlir::Value base, mlir::Value value, mlir::Value index);
  /// The pair of bf16 that begins at number `index`, odd or even.
  mlir::Value loadPair(mlir::Value base, mlir::Value index);
  /// `count` lanes of which the first `valid` exist; the others are 0 and are not read.
  mlir::Value loadVector(mlir::Value base, mlir::Type element, mlir::Value index, int64_t count, int64_t valid);
  void storeVector(mlir::Value base, mlir::Value vector, mlir::Value index, int64_t valid);
  /// The same for the lanes first <= i < last, known at run time; the bounds may lie outside of the vector.
  mlir::Value loadVectorBetween(mlir::Value base, mlir::Type element, mlir::Value index, int64_t count, mlir::Value first, mlir::Value last);
  void storeVectorBetween(mlir::Value base, mlir::Value vector, mlir::Value index, mlir::Value first, mlir::Value last);
  mlir::Value loadVectorUpTo(mlir::Value base, mlir::Type element, mlir::Value index, int64_t count, mlir::Value valid);
  void storeVectorUpTo(mlir::Value base, mlir::Value vector, mlir::Value index, mlir::Value valid);
  /// Asks for the cache line at `address`, which need not exist, before it is read (or written).
  void prefetch(mlir::Value address, bool forWriting);
  /// In the code, accesses after this stay behind those before it. It is no instruction.
  void keepOrder();
  /// Uninitialised scratch of this call, aligned to 64 bytes.
  mlir::Value scratch(int64_t floats);

  /// The extents of a domain as far as they are walked here.
  llvm::SmallVector<int64_t> extentsOf(llvm::ArrayRef<int64_t> domain) const;
  /// An operand or result: its first element here, and the distance of others from it.
  struct Tensor {
    mlir::Value buffer;
    LinearAccess access;
  };
  Tensor tensorOf(unsigned arg, mlir::AffineMap map, mlir::Type type);

  /// access(indices), leaving out what is 0. Null indices stand for 0.
  mlir::Value position(const LinearAccess &access, llvm::ArrayRef<mlir::Value> indices);

  // Control.
  using Body = llvm::function_ref<void(mlir::Value index)>;
  void loop(mlir::Value lower, mlir::Value upper, int64_t step, Body body);
  void loop(int64_t extent, Body body) { loop(i64(0), i64(extent), 1, body); }
  /// A loop that carries values; the body returns their next ones.
  using CarryBody = llvm::function_ref<llvm::SmallVector<mlir::Value>(mlir::Value index, mlir::ValueRange carried)>;
  llvm::SmallVector<mlir::Value> loop(mlir::Value lower, mlir::Value upper, int64_t step, mlir::ValueRange init,
                                      CarryBody body);
  void when(mlir::Value condition, llvm::function_ref<void()> then);

  /// A function of this name that several kernels call, written by `body` when it is asked for first.
  mlir::func::FuncOp getShared(llvm::StringRef name, llvm::ArrayRef<mlir::Type> arguments,
                               llvm::function_ref<void(Code &, mlir::ValueRange)> body);

private:
  mlir::Value choose(mlir::arith::CmpFPredicate isBetter, mlir::Value x, mlir::Value y);
  mlir::Value mask(int64_t count, int64_t valid);
  mlir::Value mask(int64_t count, mlir::Value first, mlir::Value last);
};
} // namespace moe::cpu
