//===- Reductions.cpp - sums, means, maxima over named axes ----------------===//

#include "lib/Frontend/Elaborate/Elaborator.h"

namespace moe::frontend {

bool Elaborator::isReducer(const std::string &name) { return name == "sum" || name == "mean" || name == "max" || name == "min"; }

/// The names of `x`'s axes that are meant; nothing after an error. No names: all axes.
static std::optional<std::vector<std::string>> resolve(Elaborator &e, llvm::ArrayRef<ast::Identifier> axes, const Tensor &x,
                                                       const EnvPtr &env) {
  std::vector<std::string> names;
  const Axis *rows = x.rows();
  bool pairs = rows && rows->pairVisible;
  if (axes.empty()) {
    for (const Axis &axis : x.axes)
      if (!(axis.routing && pairs))
        names.push_back(axis.name);
    if (pairs) {
      for (const Axis &axis : rows->routing->tokens)
        names.push_back(axis.name);
      names.push_back(rows->routing->expert.name);
    }
    return names;
  }
  for (const ast::Identifier &axis : axes) {
    std::string name = e.axisName(axis.text, env);
    bool isPair = pairs && (rows->routing->expert.name == name ||
                            llvm::any_of(rows->routing->tokens, [&](const Axis &token) { return token.name == name; }));
    if (!isPair) {
      int at = e.findAxis(x, name, env, axis.range);
      if (at < 0)
        return std::nullopt;
      name = x.axes[at].name;
    }
    if (llvm::is_contained(names, name)) {
      e.error(axis.range, "the axis '" + name + "' is reduced twice");
      return std::nullopt;
    }
    names.push_back(name);
  }
  return names;
}

Value Elaborator::reduce(const std::string &kind, llvm::ArrayRef<ast::Identifier> axes, const Value &value, const EnvPtr &env,
                         SourceRange range) {
  if (value.isPoison())
    return value;
  if (const Number *number = value.as<Number>()) {
    double result = number->value;
    for (const ast::Identifier &axis : axes)
      if (auto extent = lookupDim(axisName(axis.text, env), env)) {
        if (kind == "sum")
          result *= static_cast<double>(*extent);
      } else {
        return error(axis.range, "the extent of the axis '" + axis.text + "' is not known here");
      }
    return Number{result, number->isInt};
  }
  if (auto rows = value.as<std::shared_ptr<RowsOrElse>>()) {
    auto names = resolve(*this, axes, (*rows)->rows, env);
    if (!names)
      return Poison();
    if (kind != "sum" && kind != "mean")
      return error(range, "only sums and means reduce the axes of an `each` block");
    auto y = emit.sum(**rows, *names);
    if (!y)
      return Poison();
    double experts = static_cast<double>((*rows)->rows.rows()->routing->expert.extent);
    return kind == "sum" ? Value(*y) : binaryOp(ast::BinaryOp::Mul, *y, Number{1 / experts, false}, range);
  }
  auto x = toTensor(value, range);
  if (!x)
    return Poison();
  auto names = resolve(*this, axes, *x, env);
  if (!names)
    return Poison();
  std::optional<Tensor> y;
  if (names->empty())
    y = emit.toFloat(*x);
  else if (kind == "mean")
    y = emit.mean(*x, *names);
  else
    y = emit.reduce(kind == "sum" ? ReduceKind::sum : kind == "max" ? ReduceKind::max : ReduceKind::min, *x, *names);
  return y ? Value(*y) : Value();
}

/// `sum(E)(a * b)` is one contraction when the product would be larger than both.
Value Elaborator::sumOfProduct(const ast::BinaryExpr &product, llvm::ArrayRef<ast::Identifier> axes, const EnvPtr &env,
                               SourceRange range) {
  Value a = eval(*product.lhs, env), b = eval(*product.rhs, env);
  at(range);
  const Tensor *x = a.as<Tensor>(), *y = b.as<Tensor>();
  bool dense = x && y && x->isFloat() && y->isFloat() && !x->rows() && !y->rows() && !x->present && !y->present && !axes.empty();
  if (dense) {
    std::vector<std::string> names;
    for (const ast::Identifier &axis : axes) {
      std::string name = axisName(axis.text, env);
      if (!x->has(name) && !y->has(name))
        dense = false;
      names.push_back(name);
    }
    if (dense) {
      auto sum = emit.sumProduct(*x, *y, names);
      return sum ? Value(*sum) : Value();
    }
  }
  return reduce("sum", axes, binaryOp(ast::BinaryOp::Mul, a, b, product.range), env, range);
}

Value Elaborator::evalReduce(const ast::ReduceExpr &expr, const EnvPtr &env) {
  if (!isReducer(expr.reducer.text))
    return error(expr.reducer.range, "'" + expr.reducer.text + "' is no reduction; there are sum, mean, max and min");
  if (!expr.collection) {
    if (isIndexed(*expr.body))
      return evalIndexed(expr, nullptr, env, expr.range);
    if (expr.reducer.text == "sum" && expr.body->kind == ast::Expr::Kind::Binary &&
        static_cast<const ast::BinaryExpr &>(*expr.body).op == ast::BinaryOp::Mul)
      return sumOfProduct(static_cast<const ast::BinaryExpr &>(*expr.body), expr.axes, env, expr.range);
    Value x = eval(*expr.body, env);
    at(expr.range);
    return reduce(expr.reducer.text, expr.axes, x, env, expr.range);
  }
  Value collection = eval(*expr.collection, env);
  const Collection *items = collection.as<Collection>();
  if (!items)
    return collection.isPoison() ? collection : Value(error(expr.collection->range, "expected a collection of parameters, found " + describe(collection)));
  if (expr.reducer.text != "sum")
    return error(expr.reducer.range, "collections are only summed");
  Value total = Number{0, true};
  for (const CellPtr &param : items->params) {
    EnvPtr scope = makeScope(env, param->name + ".");
    scope->names[expr.axes.front().text] = ParamItem{param};
    Value x = eval(*expr.body, scope);
    at(expr.range);
    total = binaryOp(ast::BinaryOp::Add, total, x, expr.range);
    if (total.isPoison())
      return total;
  }
  return total;
}

} // namespace moe::frontend
