#include "lib/Conversion/KernelToCPU/Code.h"

#include "mlir/Dialect/Math/IR/Math.h"

#include <numeric>
#include <utility>

using namespace mlir;

namespace moe::cpu {

SmallVector<int64_t> stridesOf(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides(shape.size(), 1);
  for (int64_t i = static_cast<int64_t>(shape.size()) - 2; i >= 0; --i)
    strides[i] = strides[i + 1] * shape[i + 1];
  return strides;
}

/// Adds `factor * expr` to `access`; expr is a sum of products of dimensions and constants.
static void accumulate(AffineExpr expr, int64_t factor, LinearAccess &access) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr)) {
    access.constant += factor * constant.getValue();
  } else if (auto dim = dyn_cast<AffineDimExpr>(expr)) {
    access.coefficients[dim.getPosition()] += factor;
  } else {
    auto binary = cast<AffineBinaryOpExpr>(expr);
    if (binary.getKind() == AffineExprKind::Add) {
      accumulate(binary.getLHS(), factor, access);
      accumulate(binary.getRHS(), factor, access);
    } else {
      accumulate(binary.getLHS(), factor * cast<AffineConstantExpr>(binary.getRHS()).getValue(), access);
    }
  }
}

LinearAccess LinearAccess::get(AffineMap map, ArrayRef<int64_t> shape) {
  LinearAccess access;
  access.coefficients.assign(map.getNumDims(), 0);
  for (auto [expr, stride] : llvm::zip_equal(map.getResults(), stridesOf(shape)))
    accumulate(expr, stride, access);
  return access;
}

Type storageType(Type element) {
  return element.isInteger(1) ? IntegerType::get(element.getContext(), 8) : element.isBF16() ? IntegerType::get(element.getContext(), 16) : element;
}

Value Code::i64(int64_t v) { return arith::ConstantOp::create(b, loc, b.getI64IntegerAttr(v)); }
Value Code::i32(int64_t v) { return arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(static_cast<int32_t>(v))); }
Value Code::add(Value x, Value y) { return arith::AddIOp::create(b, loc, x, y); }
Value Code::sub(Value x, Value y) { return arith::SubIOp::create(b, loc, x, y); }
Value Code::mul(Value x, int64_t factor) { return factor == 1 ? x : arith::MulIOp::create(b, loc, x, i64(factor)).getResult(); }
Value Code::mul(Value x, Value y) { return arith::MulIOp::create(b, loc, x, y); }
Value Code::min(Value x, Value y) { return arith::MinSIOp::create(b, loc, x, y); }
Value Code::max(Value x, Value y) { return arith::MaxSIOp::create(b, loc, x, y); }
Value Code::div(Value x, int64_t divisor) { return divisor == 1 ? x : arith::DivUIOp::create(b, loc, x, i64(divisor)).getResult(); }
Value Code::rem(Value x, int64_t divisor) { return divisor == 1 ? i64(0) : arith::RemUIOp::create(b, loc, x, i64(divisor)).getResult(); }
Value Code::floorDiv(Value x, int64_t divisor) {
  if (divisor == 1)
    return x;
  Value quotient = arith::DivSIOp::create(b, loc, x, i64(divisor)); // towards zero
  Value isAbove = less(x, mul(quotient, divisor));
  return sub(quotient, arith::ExtUIOp::create(b, loc, b.getI64Type(), isAbove));
}
Value Code::less(Value x, Value y) { return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, x, y); }
Value Code::equal(Value x, Value y) { return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, x, y); }
Value Code::toI64(Value x) { return arith::ExtSIOp::create(b, loc, b.getI64Type(), x); }
Value Code::toI32(Value x) { return arith::TruncIOp::create(b, loc, b.getI32Type(), x); }

Type Code::vectorOf(Type element, int64_t count) { return count == 1 ? element : VectorType::get({count}, element); }

Value Code::constant(Type type, double v) {
  Type element = getElementTypeOrSelf(type);
  TypedAttr scalar;
  if (isa<FloatType>(element))
    scalar = b.getFloatAttr(element, v);
  else
    scalar = b.getIntegerAttr(element, static_cast<int64_t>(v));
  if (auto vector = dyn_cast<VectorType>(type))
    scalar = DenseElementsAttr::get(vector, scalar);
  return arith::ConstantOp::create(b, loc, scalar);
}

Value Code::splat(Value scalar, int64_t count) {
  return count == 1 ? scalar : vector::BroadcastOp::create(b, loc, vectorOf(scalar.getType(), count), scalar).getResult();
}

Value Code::fma(Value x, Value y, Value z) {
  if (isa<VectorType>(z.getType()))
    return vector::FMAOp::create(b, loc, x, y, z);
  return math::FmaOp::create(b, loc, x, y, z);
}

Value Code::addf(Value x, Value y) { return arith::AddFOp::create(b, loc, x, y); }

Value Code::choose(arith::CmpFPredicate isBetter, Value x, Value y) {
  // A comparison with NaN is false: x stays if it is NaN, and a y that is NaN takes its place.
  Value better = arith::SelectOp::create(b, loc, arith::CmpFOp::create(b, loc, isBetter, y, x), y, x);
  return arith::SelectOp::create(b, loc, arith::CmpFOp::create(b, loc, arith::CmpFPredicate::UNO, y, y), y, better);
}

Value Code::maximum(Value x, Value y) { return choose(arith::CmpFPredicate::OGT, x, y); }
Value Code::minimum(Value x, Value y) { return choose(arith::CmpFPredicate::OLT, x, y); }

/// `type` with other elements.
static Type withElement(Type type, Type element) {
  auto vector = dyn_cast<VectorType>(type);
  return vector ? Type(vector.clone(element)) : element;
}

Value Code::widen(Value stored) {
  if (!getElementTypeOrSelf(stored).isInteger(16))
    return stored;
  Type bits = withElement(stored.getType(), b.getI32Type());
  Value high = arith::ShLIOp::create(b, loc, arith::ExtUIOp::create(b, loc, bits, stored), constant(bits, 16));
  return arith::BitcastOp::create(b, loc, withElement(stored.getType(), f32()), high);
}

Value Code::narrow(Value x) {
  Type bits = withElement(x.getType(), b.getI32Type());
  auto shifted = [&](Value of) { return arith::ShRUIOp::create(b, loc, of, constant(bits, 16)); };
  Value word = arith::BitcastOp::create(b, loc, bits, x);
  Value isOdd = arith::AndIOp::create(b, loc, shifted(word), constant(bits, 1));
  Value rounded = add(add(word, constant(bits, 0x7fff)), isOdd);
  Value quiet = arith::OrIOp::create(b, loc, word, constant(bits, 0x400000));
  Value isNan = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::UNO, x, x);
  Value chosen = arith::SelectOp::create(b, loc, isNan, quiet, rounded);
  return arith::TruncIOp::create(b, loc, withElement(x.getType(), b.getI16Type()), shifted(chosen));
}

Value Code::pair(Value low, Value high) {
  Type bits = withElement(low.getType(), b.getI32Type());
  Value joined = arith::ExtUIOp::create(b, loc, bits, low);
  if (!high)
    return joined;
  Value shifted = arith::ShLIOp::create(b, loc, arith::ExtUIOp::create(b, loc, bits, high), constant(bits, 16));
  return arith::OrIOp::create(b, loc, joined, shifted);
}

Value Code::dot(Value x, Value y, Value z) {
  auto sums = cast<VectorType>(z.getType());
  auto pairs = VectorType::get({2 * sums.getNumElements()}, b.getBF16Type());
  Value operands[] = {z, vector::BitCastOp::create(b, loc, pairs, x), vector::BitCastOp::create(b, loc, pairs, y)};
  std::string name = ("llvm.x86.avx512bf16.dpbf16ps." + Twine(32 * sums.getNumElements())).str();
  return LLVM::CallIntrinsicOp::create(b, loc, sums, b.getStringAttr(name), operands).getResult(0);
}

Value Code::address(Value base, Type element, Value index) {
  return LLVM::GEPOp::create(b, loc, LLVM::LLVMPointerType::get(b.getContext()), element, base, ArrayRef<LLVM::GEPArg>{index});
}

Value Code::load(Value base, Type element, Value index) {
  return LLVM::LoadOp::create(b, loc, element, address(base, element, index));
}

Value Code::loadPair(Value base, Value index) {
  return LLVM::LoadOp::create(b, loc, b.getI32Type(), address(base, b.getI16Type(), index), /*alignment=*/2);
}

void Code::store(Value base, Value value, Value index) {
  LLVM::StoreOp::create(b, loc, value, address(base, value.getType(), index));
}

Value Code::mask(int64_t count, int64_t valid) {
  SmallVector<bool> bits(count);
  for (int64_t i = 0; i < count; ++i)
    bits[i] = i < valid;
  auto type = VectorType::get({count}, b.getI1Type());
  return arith::ConstantOp::create(b, loc, DenseElementsAttr::get(type, bits));
}

Value Code::mask(int64_t count, Value first, Value last) {
  SmallVector<int32_t> lane(count);
  std::iota(lane.begin(), lane.end(), 0);
  Value lanes = arith::ConstantOp::create(b, loc, b.getI32VectorAttr(lane)), isInside;
  // Bounded before they are narrowed: the number of elements left in a large tensor does not fit 32 bits.
  auto narrow = [&](Value bound) { return splat(toI32(min(max(bound, i64(0)), i64(count))), count); };
  isInside = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, lanes, narrow(last));
  if (first)
    isInside = arith::AndIOp::create(b, loc, isInside, arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sge, lanes, narrow(first)));
  return isInside;
}

Value Code::loadVectorBetween(Value base, Type element, Value index, int64_t count, Value first, Value last) {
  Type type = vectorOf(element, count);
  return LLVM::MaskedLoadOp::create(b, loc, type, address(base, element, index), mask(count, first, last), constant(type, 0),
                                    b.getI32IntegerAttr(element.getIntOrFloatBitWidth() / 8), /*nontemporal=*/nullptr);
}

void Code::storeVectorBetween(Value base, Value vector, Value index, Value first, Value last) {
  auto type = cast<VectorType>(vector.getType());
  LLVM::MaskedStoreOp::create(b, loc, vector, address(base, type.getElementType(), index), mask(type.getNumElements(), first, last),
                              type.getElementTypeBitWidth() / 8);
}

Value Code::loadVectorUpTo(Value base, Type element, Value index, int64_t count, Value valid) {
  return loadVectorBetween(base, element, index, count, /*first=*/Value(), valid);
}

void Code::storeVectorUpTo(Value base, Value vector, Value index, Value valid) { storeVectorBetween(base, vector, index, /*first=*/Value(), valid); }

Value Code::loadVector(Value base, Type element, Value index, int64_t count, int64_t valid) {
  if (count == 1)
    return load(base, element, index);
  Type type = vectorOf(element, count);
  Value from = address(base, element, index);
  unsigned align = element.getIntOrFloatBitWidth() / 8;
  if (valid >= count)
    return LLVM::LoadOp::create(b, loc, type, from, align);
  return LLVM::MaskedLoadOp::create(b, loc, type, from, mask(count, valid), constant(type, 0), b.getI32IntegerAttr(align), /*nontemporal=*/nullptr);
}

void Code::storeVector(Value base, Value vector, Value index, int64_t valid) {
  auto type = dyn_cast<VectorType>(vector.getType());
  if (!type)
    return store(base, vector, index);
  Type element = type.getElementType();
  Value to = address(base, element, index);
  unsigned align = element.getIntOrFloatBitWidth() / 8;
  if (valid >= type.getNumElements())
    LLVM::StoreOp::create(b, loc, vector, to, align);
  else
    LLVM::MaskedStoreOp::create(b, loc, vector, to, mask(type.getNumElements(), valid), align);
}

void Code::prefetch(Value address, bool forWriting) {
  // Reading ahead is for a later panel: into the second level, past the one in use.
  LLVM::Prefetch::create(b, loc, address, /*rw=*/forWriting, /*hint=*/forWriting ? 3 : 2, /*cache=data*/ 1);
}

void Code::keepOrder() { LLVM::FenceOp::create(b, loc, LLVM::AtomicOrdering::acq_rel, "singlethread"); }

Value Code::scratch(int64_t floats) {
  // Allocas belong to the entry block: one in a loop would grow the stack.
  OpBuilder::InsertionGuard guard(b);
  Operation *function = b.getInsertionBlock()->getParentOp();
  while (!function->hasTrait<OpTrait::IsIsolatedFromAbove>())
    function = function->getParentOp();
  b.setInsertionPointToStart(&function->getRegion(0).front());
  return LLVM::AllocaOp::create(b, loc, LLVM::LLVMPointerType::get(b.getContext()), f32(), i64(floats), 64);
}

Value Slice::getIndex(int64_t dim) const {
  for (auto [fixed, index] : llvm::zip_equal(dims, indices))
    if (fixed == dim)
      return index;
  return Value();
}

SmallVector<int64_t> Code::extentsOf(ArrayRef<int64_t> domain) const {
  SmallVector<int64_t> extents(domain);
  if (slice)
    for (int64_t dim : slice->dims)
      extents[dim] = 1;
  return extents;
}

Code::Tensor Code::tensorOf(unsigned arg, AffineMap map, Type type) {
  auto tensor = cast<RankedTensorType>(type);
  SmallVector<int64_t> shape(tensor.getShape());
  if (!slice)
    return {args[arg], LinearAccess::get(map, shape)};
  if (slice->isPrivate[arg])
    for (int64_t dim : slice->dims)
      shape[*map.getResultPosition(getAffineDimExpr(dim, map.getContext()))] = 1;
  Tensor part{args[arg], LinearAccess::get(map, shape)};
  Value offset = i64(0);
  for (auto [dim, index] : llvm::zip_equal(slice->dims, slice->indices)) {
    int64_t distance = std::exchange(part.access.coefficients[dim], 0);
    if (!slice->isPrivate[arg] && distance != 0)
      offset = add(offset, mul(index, distance));
  }
  if (!slice->isPrivate[arg])
    part.buffer = address(part.buffer, storageType(tensor.getElementType()), offset);
  return part;
}

Value Code::position(const LinearAccess &access, ArrayRef<Value> indices) {
  Value sum = i64(access.constant);
  for (auto [coefficient, index] : llvm::zip_equal(access.coefficients, indices))
    if (coefficient != 0 && index)
      sum = add(sum, mul(index, coefficient));
  return sum;
}

// Bodies are written when their op stands in the function already, for scratch and shared functions are put outside of them.

void Code::loop(Value lower, Value upper, int64_t step, Body body) {
  auto loop = scf::ForOp::create(b, loc, lower, upper, i64(step));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
}

SmallVector<Value> Code::loop(Value lower, Value upper, int64_t step, ValueRange init, CarryBody body) {
  auto loop = scf::ForOp::create(b, loc, lower, upper, i64(step), init);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  SmallVector<Value> next = body(loop.getInductionVar(), loop.getRegionIterArgs());
  if (!init.empty())
    scf::YieldOp::create(b, loc, next);
  return SmallVector<Value>(loop.getResults());
}

void Code::when(Value condition, function_ref<void()> then) {
  auto branch = scf::IfOp::create(b, loc, condition, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  then();
}

func::FuncOp Code::getShared(StringRef name, ArrayRef<Type> arguments, function_ref<void(Code &, ValueRange)> body) {
  auto module = b.getInsertionBlock()->getParentOp()->getParentOfType<ModuleOp>();
  if (auto known = module.lookupSymbol<func::FuncOp>(name))
    return known;
  OpBuilder inner = OpBuilder::atBlockBegin(module.getBody());
  Location nowhere = inner.getUnknownLoc();
  auto function = func::FuncOp::create(inner, nowhere, name, inner.getFunctionType(arguments, {}));
  function->setAttr("llvm.linkage", LLVM::LinkageAttr::get(b.getContext(), LLVM::Linkage::Internal));
  function->setAttr("passthrough", inner.getStrArrayAttr({"noinline"}));
  inner.setInsertionPointToStart(function.addEntryBlock());
  Code code(inner, nowhere, target);
  body(code, function.getArguments());
  func::ReturnOp::create(inner, nowhere);
  return function;
}

} // namespace moe::cpu
