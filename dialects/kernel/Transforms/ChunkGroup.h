//===- ChunkGroup.h - ops that can run on a part of the tokens -*- C++ -*-===//
#pragma once

#include "dialects/kernel/IR/Access.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

namespace moe::kernel {

/// The dimensions of an op's domain that, as one row-major index, count the tokens.
using TokenDims = llvm::SmallVector<unsigned>;

/// How an op uses the tokens in one of its tensors.
enum class TokenUse {
  leading, ///< the tokens are the tensor's leading dimensions, in order and all of them
  none     ///< its index does not depend on the token
};

/// Row and contract ops that can be run on one run of tokens after the other, so that the large tensors between them need not exist whole.
/// A result of such an op either has the tokens in front, or sums over them.
class ChunkGroup {
public:
  /// The group in which `seed`, whose first `prefix` dimensions are the tokens, and every other tensor of more than `limit` bytes on the
  /// way has all its readers. Fails when there is none, or when something outside the group stands between two of its ops.
  static mlir::FailureOr<ChunkGroup> grow(mlir::Value seed, unsigned prefix, int64_t limit);

  int64_t getTokens() const { return tokens; }
  /// In program order.
  llvm::ArrayRef<mlir::Operation *> getOps() const { return ops; }
  const TokenDims &getDims(mlir::Operation *op) const { return dims.find(op)->second; }
  bool contains(mlir::Operation *op) const { return dims.contains(op); }
  /// Ops between those of the group that need its results; in program order.
  llvm::ArrayRef<mlir::Operation *> getDependents() const { return dependents; }
  /// How the op of the group uses the tokens in its operand or result.
  TokenUse getUse(mlir::OpOperand &operand) const;
  TokenUse getUse(mlir::OpResult result) const;

  /// How many tokens have as many bytes in all operands and results as what does not depend on the token: weights, and the sums that a chunk goes on with. With so many
  /// in a chunk, half of what is moved are weights.
  int64_t getBalance() const;

private:
  bool addValue(mlir::Value value);
  bool addReaders(mlir::Value value, mlir::Value view);
  bool addOp(mlir::Operation *op, TokenDims tokenDims);
  bool checkTensors(mlir::Operation *op, const TokenDims &tokenDims);
  bool checkOrder();

  int64_t tokens = 0, limit = 0;
  llvm::MapVector<mlir::Operation *, TokenDims> dims;
  llvm::SmallVector<mlir::Operation *> ops, dependents;
  llvm::SetVector<mlir::Value> values;
};

} // namespace moe::kernel
