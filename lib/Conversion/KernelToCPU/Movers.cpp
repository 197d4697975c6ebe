//===- Movers.cpp - kernels that copy and add rows --------------*- C++ -*-===//

#include "lib/Conversion/KernelToCPU/Emitters.h"

using namespace mlir;

namespace moe::cpu {
namespace {

/// `count` consecutive elements: whole vectors, then one by one.
void forEachPart(Code &c, int64_t count, llvm::function_ref<void(Value offset, int64_t lanes)> body) {
  int64_t whole = count / c.lanes() * c.lanes();
  if (whole > 0)
    c.loop(c.i64(0), c.i64(whole), c.lanes(), [&](Value i) { body(i, c.lanes()); });
  if (whole < count)
    c.loop(c.i64(whole), c.i64(count), 1, [&](Value i) { body(i, 1); });
}

void zeroRow(Code &c, Type element, Value to, Value toAt, int64_t count) {
  forEachPart(c, count, [&](Value i, int64_t lanes) {
    c.storeVector(to, c.constant(c.vectorOf(element, lanes), 0), c.add(toAt, i), lanes);
  });
}

void addRow(Code &c, Value from, Value fromAt, Value to, Value toAt, int64_t count) {
  forEachPart(c, count, [&](Value i, int64_t lanes) {
    Value sum = c.addf(c.loadVector(to, c.f32(), c.add(toAt, i), lanes, lanes),
                       c.loadVector(from, c.f32(), c.add(fromAt, i), lanes, lanes));
    c.storeVector(to, sum, c.add(toAt, i), lanes);
  });
}

RankedTensorType typeOf(Value v) { return cast<RankedTensorType>(v.getType()); }

int64_t productOf(ArrayRef<int64_t> extents) {
  int64_t n = 1;
  for (int64_t extent : extents)
    n *= extent;
  return n;
}

/// A loop over the rows of this call's blocks; returns the number of blocks.
int64_t forEachRow(Code &c, int64_t rows, int64_t rowsPerBlock, llvm::function_ref<void(Value row)> body) {
  c.loop(c.mul(c.begin, rowsPerBlock), c.min(c.mul(c.end, rowsPerBlock), c.i64(rows)), 1, body);
  return llvm::divideCeil(rows, rowsPerBlock);
}

int64_t rowsOf(int64_t width) { return std::max<int64_t>(1, elementsPerBlock / std::max<int64_t>(1, width)); }

void unlessNegative(Code &c, Value index, llvm::function_ref<void()> then) {
  c.when(arith::CmpIOp::create(c.b, c.loc, arith::CmpIPredicate::sge, index, c.i64(0)), then);
}

} // namespace

void copyElements(Code &c, Type element, Value from, Value fromAt, Value to, Value toAt, int64_t count) {
  forEachPart(c, count, [&](Value i, int64_t lanes) {
    c.storeVector(to, c.loadVector(from, element, c.add(fromAt, i), lanes, lanes), c.add(toAt, i), lanes);
  });
}

int64_t emit(kernel::GatherRowsOp op, Code &c) {
  auto table = typeOf(op.getX()), index = typeOf(op.getIndex());
  Type element = storageType(table.getElementType());
  int64_t width = productOf(table.getShape().drop_front());
  return forEachRow(c, index.getNumElements(), rowsOf(width), [&](Value r) {
    Value from = c.toI64(c.load(c.args[1], c.b.getI32Type(), r)), to = c.mul(r, width);
    // Unsigned: an index past the table reads nothing either.
    Value inside = arith::CmpIOp::create(c.b, c.loc, arith::CmpIPredicate::ult, from, c.i64(table.getDimSize(0)));
    auto present = scf::IfOp::create(c.b, c.loc, inside, /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(c.b);
    c.b.setInsertionPointToStart(present.thenBlock());
    copyElements(c, element, c.args[0], c.mul(from, width), c.args[2], to, width);
    c.b.setInsertionPointToStart(present.elseBlock());
    zeroRow(c, element, c.args[2], to, width);
  });
}

int64_t emit(kernel::ScatterAddRowsOp op, Code &c) {
  auto table = typeOf(op.getY()), index = typeOf(op.getIndex());
  int64_t height = table.getDimSize(0), width = productOf(table.getShape().drop_front());
  // Each block owns a range of the table and looks at every index: no two blocks write one row, and rows add in order.
  constexpr int64_t mostBlocks = 64;
  int64_t range = std::max<int64_t>(rowsOf(width), llvm::divideCeil(height, mostBlocks));
  c.loop(c.begin, c.end, 1, [&](Value block) {
    Value first = c.mul(block, range), last = c.min(c.add(first, c.i64(range)), c.i64(height));
    c.loop(first, last, 1, [&](Value v) { zeroRow(c, c.f32(), c.args[2], c.mul(v, width), width); });
    c.loop(index.getNumElements(), [&](Value r) {
      Value v = c.toI64(c.load(c.args[0], c.b.getI32Type(), r));
      Value mine = arith::CmpIOp::create(c.b, c.loc, arith::CmpIPredicate::ult, c.sub(v, first), c.sub(last, first));
      c.when(mine, [&] { addRow(c, c.args[1], c.mul(r, width), c.args[2], c.mul(v, width), width); });
    });
  });
  return llvm::divideCeil(height, range);
}

int64_t emit(kernel::CombineRowsOp op, Code &c) {
  auto result = typeOf(op.getY()), pairs = typeOf(op.getPairRow());
  int64_t width = productOf(result.getShape().drop_front()), experts = pairs.getDimSize(1);
  return forEachRow(c, result.getDimSize(0), rowsOf(width), [&](Value n) {
    Value to = c.mul(n, width);
    zeroRow(c, c.f32(), c.args[2], to, width);
    c.loop(experts, [&](Value e) {
      Value row = c.toI64(c.load(c.args[1], c.b.getI32Type(), c.add(c.mul(n, experts), e)));
      unlessNegative(c, row, [&] { addRow(c, c.args[0], c.mul(row, width), c.args[2], to, width); });
    });
  });
}

int64_t emit(kernel::SegmentSumOp op, Code &c) {
  auto result = typeOf(op.getY());
  int64_t width = productOf(result.getShape().drop_front()), experts = result.getDimSize(0);
  c.loop(c.begin, c.end, 1, [&](Value e) {
    Value first = c.toI64(c.load(c.args[1], c.b.getI32Type(), e));
    Value last = c.toI64(c.load(c.args[1], c.b.getI32Type(), c.add(e, c.i64(1))));
    forEachPart(c, width, [&](Value d, int64_t lanes) {
      Value zero = c.constant(c.vectorOf(c.f32(), lanes), 0);
      Value sum = c.loop(first, last, 1, zero, [&](Value r, ValueRange carried) {
        Value row = c.loadVector(c.args[0], c.f32(), c.add(c.mul(r, width), d), lanes, lanes);
        return SmallVector<Value>{c.addf(carried[0], row)};
      })[0];
      c.storeVector(c.args[2], sum, c.add(c.mul(e, width), d), lanes);
    });
  });
  return experts;
}

int64_t emit(kernel::ScanOp op, Code &c) {
  auto type = typeOf(op.getX());
  Type element = type.getElementType();
  int64_t extent = type.getDimSize(op.getDim());
  int64_t inner = productOf(type.getShape().drop_front(op.getDim() + 1));
  int64_t lines = type.getNumElements() / extent;
  bool isFloat = isa<FloatType>(element);
  return forEachRow(c, lines, rowsOf(extent), [&](Value line) {
    Value origin = c.add(c.mul(c.div(line, inner), extent * inner), c.rem(line, inner));
    Value zero = c.constant(element, 0);
    c.loop(c.i64(0), c.i64(extent), 1, zero, [&](Value i, ValueRange carried) {
      Value step = op.getReverse() ? c.sub(c.i64(extent - 1), i) : i;
      Value at = c.add(origin, c.mul(step, inner));
      Value x = c.load(c.args[0], element, at);
      Value sum = isFloat ? c.addf(carried[0], x) : c.add(carried[0], x);
      c.store(c.args[1], op.getExclusive() ? carried[0] : sum, at);
      return SmallVector<Value>{sum};
    });
  });
}

int64_t emit(kernel::ConcatOp op, Code &c) {
  auto result = typeOf(op.getY());
  Type element = storageType(result.getElementType());
  int64_t outer = productOf(result.getShape().take_front(op.getDim()));
  int64_t pitch = result.getNumElements() / outer;
  c.loop(c.begin, c.end, 1, [&](Value o) {
    int64_t offset = 0;
    for (auto [k, x] : llvm::enumerate(op.getXs())) {
      int64_t width = typeOf(x).getNumElements() / outer;
      copyElements(c, element, c.args[k], c.mul(o, width), c.args[op.getXs().size()], c.add(c.mul(o, pitch), c.i64(offset)), width);
      offset += width;
    }
  });
  return outer;
}

int64_t emit(kernel::PadOp op, Code &c) {
  auto from = typeOf(op.getX()), to = typeOf(op.getY());
  Type element = storageType(to.getElementType());
  int64_t rank = to.getRank();
  if (rank == 0) {
    c.loop(c.begin, c.end, 1, [&](Value) { copyElements(c, element, c.args[0], c.i64(0), c.args[1], c.i64(0), 1); });
    return 1;
  }
  int64_t width = to.getShape().back(), inside = from.getShape().back();
  SmallVector<int64_t> strides = stridesOf(from.getShape());
  return forEachRow(c, to.getNumElements() / width, rowsOf(width), [&](Value row) {
    Value at = c.mul(row, width);
    zeroRow(c, element, c.args[1], at, width);
    // The row's outer indices, shifted into the operand; outside in any of them, the row stays zero.
    Value covered, origin = c.i64(0), rest = row;
    for (int64_t d = rank - 2; d >= 0; --d) {
      Value index = c.sub(c.rem(rest, to.getDimSize(d)), c.i64(op.getOffsets()[d]));
      rest = c.div(rest, to.getDimSize(d));
      Value ok = arith::CmpIOp::create(c.b, c.loc, arith::CmpIPredicate::ult, index, c.i64(from.getDimSize(d)));
      covered = covered ? arith::AndIOp::create(c.b, c.loc, covered, ok).getResult() : ok;
      origin = c.add(origin, c.mul(index, strides[d]));
    }
    auto copy = [&] { copyElements(c, element, c.args[0], origin, c.args[1], c.add(at, c.i64(op.getOffsets().back())), inside); };
    if (covered)
      c.when(covered, copy);
    else
      copy();
  });
}

} // namespace moe::cpu
