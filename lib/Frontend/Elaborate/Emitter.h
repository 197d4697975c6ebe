//===- Emitter.h - named tensor algebra to the moe dialect -----*- C++ -*-===//
#pragma once

#include "dialects/moe/IR/MoeDialect.h"
#include "lib/Frontend/Elaborate/Tensor.h"
#include "mlir/IR/AffineExpr.h"
#include "mlir/IR/Builders.h"

#include <functional>

namespace moe::frontend {

/// One factor of a contraction: a tensor and, for each of its axes, a linear expression in the box's indices.
struct Indexed {
  Tensor tensor;
  std::vector<mlir::AffineExpr> index;
};

/// Emits ops at the end of the current program. Preconditions (axes exist, extents agree) are the caller's to check, except where a
/// function returns an optional: it reports what is wrong through `fail`.
class Emitter {
public:
  Emitter(mlir::MLIRContext &context, bool f64) : builder(&context), loc(mlir::UnknownLoc::get(&context)), f64(f64) {}

  mlir::OpBuilder builder;
  mlir::Location loc;
  /// Non-empty while a momentum rule's own code is elaborated: elementwise ops carry it as `moe.rule`.
  std::string rule;
  /// Reports an error at the current place.
  std::function<void(std::string)> fail;

  /// The type of everything that is not id, int or bool.
  mlir::Type floating() { return f64 ? mlir::Type(builder.getF64Type()) : mlir::Type(builder.getF32Type()); }
  mlir::Type i32() { return builder.getI32Type(); }
  mlir::Type i1() { return builder.getI1Type(); }
  mlir::RankedTensorType type(const Axes &axes, mlir::Type element);

  template <typename Op, typename... Args>
  mlir::Value create(Args &&...args) {
    Op op = Op::create(builder, loc, std::forward<Args>(args)...);
    if (!rule.empty() && op->template hasTrait<MoeElementwise>())
      op->setAttr("moe.rule", builder.getStringAttr(rule));
    return op->getResult(0);
  }

  Tensor constant(double value, const Axes &axes, mlir::Type element);
  Tensor convert(const Tensor &x, mlir::Type element);
  /// The same value without gradient.
  Tensor detach(const Tensor &x);
  Tensor toFloat(const Tensor &x) { return x.isFloat() ? x : convert(x, floating()); }

  // Layout.
  Tensor transpose(const Tensor &x, llvm::ArrayRef<int64_t> perm);
  /// The axes `names` (all of the tensor's) in that order.
  Tensor order(const Tensor &x, const Axes &axes);
  Tensor reshape(const Tensor &x, const Axes &axes);
  /// Transposes and repeats so that the result has exactly `axes`.
  Tensor expand(const Tensor &x, const Axes &axes);
  Tensor moveLast(const Tensor &x, const std::string &name);
  Tensor slice(const Tensor &x, int dim, int64_t offset, Axis axis);

  // Elementwise operations with broadcasting by name. Nothing when extents disagree.
  /// Brings all operands to common axes (dispatching dense operands that meet routed rows).
  std::optional<std::vector<Tensor>> align(std::vector<Tensor> xs);
  template <typename Op>
  Tensor unary(const Tensor &x) {
    Tensor y = x;
    y.bound.reset();
    y.value = create<Op>(x.value);
    return y;
  }
  Tensor square(const Tensor &x) {
    Tensor y = x;
    y.value = create<MulOp>(x.value, x.value);
    return y;
  }
  template <typename Op>
  std::optional<Tensor> binary(const Tensor &a, const Tensor &b) {
    auto xs = align({a, b});
    if (!xs)
      return std::nullopt;
    Tensor y = xs->front();
    y.bound.reset();
    y.value = create<Op>((*xs)[0].value, (*xs)[1].value);
    return y;
  }
  std::optional<Tensor> compare(Predicate predicate, const Tensor &a, const Tensor &b);
  std::optional<Tensor> select(const Tensor &mask, const Tensor &a, const Tensor &b);

  // Reductions.
  std::optional<Tensor> reduce(ReduceKind kind, const Tensor &x, llvm::ArrayRef<std::string> names);
  std::optional<Tensor> mean(const Tensor &x, llvm::ArrayRef<std::string> names);
  /// Sum over the expert axis (or another axis) of rows with a default.
  std::optional<Tensor> sum(const RowsOrElse &x, llvm::ArrayRef<std::string> names);
  /// Sum of the product over the named axes as one contraction.
  std::optional<Tensor> sumProduct(const Tensor &a, const Tensor &b, llvm::ArrayRef<std::string> names);
  /// The product of `factors` (at least one) over the box, summed over the indices that do not occur in `result`.
  Tensor contract(llvm::ArrayRef<Indexed> factors, llvm::ArrayRef<int64_t> extents, llvm::ArrayRef<mlir::AffineExpr> result,
                  const Axes &resultAxes);

  /// Where a reduction over the axes of a value present at `mask` has anything to reduce; null when that is everywhere.
  std::shared_ptr<const Tensor> presence(const Tensor &mask, llvm::ArrayRef<std::string> reduced);

  /// How many elements of a bool tensor do not hold, of those that are present and, in the rows of an `each`, are run: an i32 scalar.
  mlir::Value countFalse(const Tensor &holds);

  // Routing.
  std::shared_ptr<const Routing> route(const Tensor &on, const std::string &expert, mlir::Value &excess);
  Axis rowsAxis(std::shared_ptr<const Routing> routing);
  Tensor dispatch(const Tensor &x, const Axis &rows);
  /// Sums rows back over `over` (tokens or experts).
  Tensor combine(const Tensor &x, Over over);
  /// The factors' product at the rows.
  std::optional<Tensor> atRows(llvm::ArrayRef<Tensor> factors, const Axis &rows);
  std::optional<Tensor> product(llvm::ArrayRef<Tensor> factors);

private:
  const bool f64;
  bool saidTooLarge = false;

  std::shared_ptr<const Tensor> both(std::shared_ptr<const Tensor> a, std::shared_ptr<const Tensor> b);
  Tensor absentAs(const Tensor &x, double value);
};

} // namespace moe::frontend
