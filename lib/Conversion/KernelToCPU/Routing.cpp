//===- Routing.cpp - selection and routing ----------------------*- C++ -*-===//

#include "lib/Conversion/KernelToCPU/Emitters.h"

#include <limits>

using namespace mlir;

namespace moe::cpu {

int64_t emit(kernel::TopMaskOp op, Code &c) {
  auto type = cast<RankedTensorType>(op.getX().getType());
  int64_t width = type.getShape().back(), rows = type.getNumElements() / width, k = op.getK();
  Type byte = c.b.getI8Type();
  Value lowest = c.constant(c.f32(), -std::numeric_limits<double>::infinity());
  int64_t rowsPerBlock = std::max<int64_t>(1, elementsPerBlock / (width * k));
  c.loop(c.mul(c.begin, rowsPerBlock), c.min(c.mul(c.end, rowsPerBlock), c.i64(rows)), 1, [&](Value row) {
    Value origin = c.mul(row, width);
    c.loop(width, [&](Value e) { c.store(c.args[1], c.constant(byte, 0), c.add(origin, e)); });
    c.loop(k, [&](Value) {
      // The largest that is not taken yet; strictly larger only, so that a tie stays with the lowest index.
      auto best = c.loop(c.i64(0), c.i64(width), 1, {lowest, c.i64(-1)}, [&](Value e, ValueRange carried) {
        Value x = c.load(c.args[0], c.f32(), c.add(origin, e));
        Value isNaN = arith::CmpFOp::create(c.b, c.loc, arith::CmpFPredicate::UNO, x, x);
        x = arith::SelectOp::create(c.b, c.loc, isNaN, lowest, x);
        Value taken = arith::CmpIOp::create(c.b, c.loc, arith::CmpIPredicate::ne, c.load(c.args[1], byte, c.add(origin, e)),
                                            c.constant(byte, 0));
        Value none = c.less(carried[1], c.i64(0));
        Value larger = arith::CmpFOp::create(c.b, c.loc, arith::CmpFPredicate::OGT, x, carried[0]);
        Value better = arith::OrIOp::create(c.b, c.loc, none, larger);
        Value free = arith::XOrIOp::create(c.b, c.loc, taken, c.constant(c.b.getI1Type(), 1));
        Value take = arith::AndIOp::create(c.b, c.loc, better, free);
        return SmallVector<Value>{arith::SelectOp::create(c.b, c.loc, take, x, carried[0]),
                                  arith::SelectOp::create(c.b, c.loc, take, e, carried[1])};
      });
      c.store(c.args[1], c.constant(byte, 1), c.add(origin, best[1]));
    });
  });
  return llvm::divideCeil(rows, rowsPerBlock);
}

int64_t emit(kernel::RouteOp op, Code &c) {
  auto on = cast<RankedTensorType>(op.getOn().getType());
  int64_t tokens = on.getDimSize(0), experts = on.getDimSize(1);
  int64_t rows = cast<RankedTensorType>(op.getRowToken().getType()).getDimSize(0);
  Type byte = c.b.getI8Type(), word = c.b.getI32Type();
  enum { onArg, offsets, rowToken, rowExpert, rowPair, pairRow, excess };

  // One block: a counting sort of a few bytes a pair. While it runs, offsets[e + 1] is the next free row of expert e, whatever the bound; at the end
  // that is where the expert's rows end.
  c.loop(c.begin, c.end, 1, [&](Value) {
    auto isOn = [&](Value n, Value e) -> Value {
      return arith::CmpIOp::create(c.b, c.loc, arith::CmpIPredicate::ne, c.load(c.args[onArg], byte, c.add(c.mul(n, experts), e)),
                                   c.constant(byte, 0));
    };
    auto next = [&](Value e) { return c.load(c.args[offsets], word, c.add(e, c.i64(1))); };
    auto setNext = [&](Value e, Value row) { c.store(c.args[offsets], row, c.add(e, c.i64(1))); };
    c.loop(experts + 1, [&](Value e) { c.store(c.args[offsets], c.i32(0), e); });
    c.loop(tokens, [&](Value n) {
      c.loop(experts, [&](Value e) { setNext(e, c.add(next(e), arith::ExtUIOp::create(c.b, c.loc, word, isOn(n, e)))); });
    });
    Value bound = c.i32(rows);
    Value total = c.loop(c.i64(0), c.i64(experts), 1, c.i32(0), [&](Value e, ValueRange sum) {
      Value count = next(e);
      setNext(e, sum[0]);
      return SmallVector<Value>{c.add(sum[0], count)};
    })[0];
    Value beyond = c.sub(total, bound);
    Value missing = op.getExact() ? c.sub(c.i32(0), beyond) : c.i32(0);
    c.store(c.args[excess], c.max(beyond, missing), c.i64(0));

    c.loop(tokens, [&](Value n) {
      c.loop(experts, [&](Value e) {
        Value pair = c.add(c.mul(n, experts), e);
        c.store(c.args[pairRow], c.i32(-1), pair);
        c.when(isOn(n, e), [&] {
          Value row = next(e);
          setNext(e, c.add(row, c.i32(1)));
          c.when(c.less(row, bound), [&] {
            Value at = c.toI64(row);
            c.store(c.args[rowToken], c.toI32(n), at);
            c.store(c.args[rowExpert], c.toI32(e), at);
            c.store(c.args[rowPair], c.toI32(pair), at);
            c.store(c.args[pairRow], row, pair);
          });
        });
      });
    });
    c.loop(experts, [&](Value e) { setNext(e, c.min(next(e), bound)); });
    c.loop(c.toI64(c.min(total, bound)), c.i64(rows), 1, [&](Value row) {
      for (unsigned arg : {rowToken, rowExpert, rowPair})
        c.store(c.args[arg], c.i32(-1), row);
    });
  });
  return 1;
}

} // namespace moe::cpu
