//===- Grouped.cpp - ragged products over experts ---------------*- C++ -*-===//
//
// Offsets are read where they lie; nothing is padded.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/KernelToCPU/Emitters.h"
#include "lib/Conversion/KernelToCPU/Panels.h"

using namespace mlir;

namespace moe::cpu {
namespace {

struct Rows {
  Value first, last;
};

Rows loadRows(Code &c, Value offsets, Value expert) {
  auto load = [&](Value e) { return c.toI64(c.load(offsets, c.b.getI32Type(), e)); };
  return {load(expert), load(c.add(expert, c.i64(1)))};
}

} // namespace

int64_t emit(kernel::GroupedContractOp op, Code &c) {
  auto w = cast<RankedTensorType>(op.getW().getType()), result = cast<RankedTensorType>(op.getY().getType());
  int64_t experts = w.getDimSize(0), outputs = result.getDimSize(1), rows = result.getDimSize(0);
  int64_t inputs = cast<RankedTensorType>(op.getX().getType()).getDimSize(1);
  // A block is a range of rows, whatever experts they belong to: the work of a block does not depend on how even the routing is.
  int64_t chunks = llvm::divideCeil(rows, packedRows);
  c.loop(c.begin, c.end, 1, [&](Value block) {
    Value from = c.mul(block, packedRows), to = c.min(c.add(from, c.i64(packedRows)), c.i64(rows));
    c.loop(experts, [&](Value e) {
      Rows own = loadRows(c, c.args[2], e);
      Value first = c.max(own.first, from), last = c.min(own.last, to);
      c.when(c.less(first, last), [&] {
        Value weights = c.mul(e, inputs * outputs);
        Matrix a{c.args[0], c.mul(first, inputs), inputs, 1};
        Matrix b = op.getTransposeW() ? Matrix{c.args[1], weights, 1, inputs} : Matrix{c.args[1], weights, outputs, 1};
        Matrix y{c.args[3], c.mul(first, outputs), outputs, 1};
        multiply(c, a, b, y, c.sub(last, first), c.i64(outputs), c.i64(inputs), c.constant(c.b.getI1Type(), 0));
      });
    });
  });
  return chunks;
}

int64_t emit(kernel::GroupedOuterOp op, Code &c) {
  auto w = cast<RankedTensorType>(op.getW().getType());
  int64_t experts = w.getDimSize(0), rows = w.getDimSize(1), columns = w.getDimSize(2);
  // A block is an expert and a part of its matrix, so that one hot expert still occupies several threads.
  constexpr int64_t partRows = packedRows / 2, partColumns = 128;
  int64_t rowParts = llvm::divideCeil(rows, partRows), columnParts = llvm::divideCeil(columns, partColumns);
  c.loop(c.begin, c.end, 1, [&](Value block) {
    Value n = c.mul(c.rem(block, columnParts), partColumns), rest = c.div(block, columnParts);
    Value m = c.mul(c.rem(rest, rowParts), partRows), expert = c.div(rest, rowParts);
    Rows own = loadRows(c, c.args[2], expert);
    Value height = c.min(c.i64(partRows), c.sub(c.i64(rows), m)), width = c.min(c.i64(partColumns), c.sub(c.i64(columns), n));
    Matrix a{c.args[0], c.add(c.mul(own.first, rows), m), 1, rows};
    Matrix b{c.args[1], c.add(c.mul(own.first, columns), n), columns, 1};
    Matrix y{c.args[3], c.add(c.add(c.mul(expert, rows * columns), c.mul(m, columns)), n), columns, 1};
    c.when(c.equal(own.first, own.last), [&] { clear(c, y, height, width); });
    multiply(c, a, b, y, height, width, c.sub(own.last, own.first), c.constant(c.b.getI1Type(), 0));
  });
  return experts * rowParts * columnParts;
}

} // namespace moe::cpu
