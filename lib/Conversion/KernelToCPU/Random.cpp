//===- Random.cpp - random numbers ----------------------------------------===//
#include "lib/Conversion/KernelToCPU/Emitters.h"

using namespace mlir;

namespace moe::cpu {

Value emitRandom(Code &code, Value k0, Value k1, Value k2, Value site, Value position) {
  OpBuilder &b = code.b;
  Location loc = code.loc;
  Type type = position.getType();
  int64_t count = 1;
  Type wideType = b.getI64Type(), floatType = b.getF32Type();
  if (auto vector = dyn_cast<VectorType>(type)) {
    count = vector.getNumElements();
    wideType = VectorType::get({count}, wideType);
    floatType = VectorType::get({count}, floatType);
  }
  auto word = [&](uint32_t v) { return code.constant(type, static_cast<int32_t>(v)); };
  auto exclusiveOr = [&](Value x, Value y) -> Value { return arith::XOrIOp::create(b, loc, x, y); };

  Value rotated = arith::OrIOp::create(b, loc, arith::ShLIOp::create(b, loc, k1, word(16)),
                                       arith::ShRUIOp::create(b, loc, k1, word(16)));
  Value key = exclusiveOr(exclusiveOr(k0, rotated), site);
  Value counter0 = position, counter1 = k2;
  Value multiplier = code.constant(wideType, static_cast<double>(0xD256D193u));
  Value shift = code.constant(wideType, 32);
  for (int round = 0; round < 10; ++round) {
    Value product = arith::MulIOp::create(b, loc, arith::ExtUIOp::create(b, loc, wideType, counter0), multiplier);
    Value high = arith::TruncIOp::create(b, loc, type, arith::ShRUIOp::create(b, loc, product, shift));
    counter0 = exclusiveOr(exclusiveOr(high, key), counter1);
    counter1 = arith::TruncIOp::create(b, loc, type, product);
    key = arith::AddIOp::create(b, loc, key, word(0x9E3779B9));
  }
  Value mantissa = arith::ShRUIOp::create(b, loc, counter0, word(8));
  Value number = arith::SIToFPOp::create(b, loc, floatType, mantissa);
  return arith::MulFOp::create(b, loc, number, code.constant(floatType, 0x1p-24));
}

} // namespace moe::cpu
