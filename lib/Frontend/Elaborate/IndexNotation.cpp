//===- IndexNotation.cpp - s[b,t] = sum(c) q[b,t,c] * k[b,c] ---------------===//
//
// The right-hand side is multiplied out to a sum of products of indexed tensors; each product is one contraction. The extent of an index
// comes from where it stands alone; every other index expression must stay inside its axis.
//
//===----------------------------------------------------------------------===//

#include "lib/Frontend/Elaborate/Elaborator.h"
#include "lib/Frontend/Elaborate/Walk.h"

#include <cmath>
#include <set>

namespace moe::frontend {
using ast::BinaryOp;

static constexpr size_t maxTerms = 256;
/// Of indices; beyond any axis, and products of two do not overflow.
static constexpr int64_t maxFactor = int64_t(1) << 31;

namespace {

/// `t + 2*j + 1`.
struct Linear {
  std::map<std::string, int64_t> coefficients;
  int64_t constant = 0;

  bool isSmall() const {
    return std::abs(constant) <= maxFactor &&
           llvm::all_of(coefficients, [](const auto &entry) { return std::abs(entry.second) <= maxFactor; });
  }
  const std::string *plain() const {
    return constant == 0 && coefficients.size() == 1 && coefficients.begin()->second == 1 ? &coefficients.begin()->first : nullptr;
  }
};

struct Factor {
  Tensor tensor;
  std::vector<Linear> index;
  std::vector<SourceRange> places;
};

/// A coefficient times a product.
struct Term {
  double coefficient = 1;
  std::vector<Factor> factors;
  std::set<std::string> summed;
};

struct Extent {
  int64_t value;
  std::string axis;
  SourceRange place;
};

class Expansion {
public:
  Expansion(Elaborator &e, const EnvPtr &env) : e(e), env(env) {}

  std::set<std::string> indices;    ///< declared: on the left-hand side or by a sum
  std::vector<std::string> freeOrder; ///< undeclared ones, in order of appearance

  std::optional<std::vector<Term>> expand(const ast::Expr &expr);
  Value build(std::vector<Term> terms, const std::vector<std::string> &result, SourceRange range);

private:
  std::optional<Linear> linear(const ast::Expr &expr);
  std::optional<std::vector<Term>> indexed(const ast::IndexExpr &expr);
  std::optional<std::vector<Term>> sum(const ast::ReduceExpr &expr);
  std::optional<std::vector<Term>> product(const std::vector<Term> &a, const std::vector<Term> &b, SourceRange range);
  std::optional<std::vector<Term>> quotient(const ast::BinaryExpr &expr);
  std::optional<std::vector<Term>> scalar(const ast::Expr &expr);
  /// The value of a part under a function, as one factor over its own free indices.
  std::optional<std::vector<Term>> materialize(const ast::Expr &part, llvm::function_ref<Value(Value)> apply);
  bool inferExtents(const std::vector<Term> &terms, SourceRange range);
  bool checkBounds(const std::vector<Term> &terms);
  Value emitTerm(Term term, const std::vector<std::string> &result, const Axes &axes);

  Elaborator &e;
  EnvPtr env;
  std::map<std::string, std::string> renamed; ///< summed indices, made unique
  std::map<std::string, Extent> extents;
  int serial = 0;
};

} // namespace

std::optional<Linear> Expansion::linear(const ast::Expr &expr) {
  Linear result;
  if (expr.kind == ast::Expr::Kind::Name) {
    std::string name = static_cast<const ast::NameExpr &>(expr).name;
    if (auto it = renamed.find(name); it != renamed.end())
      name = it->second;
    else if (!indices.count(name)) {
      if (auto value = e.lookup(name, env))
        if (const Number *number = value->as<Number>(); number && number->isInt) {
          result.constant = static_cast<int64_t>(number->value);
          return result;
        }
      indices.insert(name);
      freeOrder.push_back(name);
    }
    result.coefficients[name] = 1;
    return result;
  }
  if (expr.kind == ast::Expr::Kind::Number && static_cast<const ast::NumberExpr &>(expr).isInteger) {
    result.constant = static_cast<int64_t>(static_cast<const ast::NumberExpr &>(expr).value);
    return result;
  }
  if (expr.kind == ast::Expr::Kind::Binary) {
    auto &binary = static_cast<const ast::BinaryExpr &>(expr);
    bool additive = binary.op == BinaryOp::Add || binary.op == BinaryOp::Sub;
    if (additive || binary.op == BinaryOp::Mul) {
      auto a = linear(*binary.lhs), b = linear(*binary.rhs);
      if (!a || !b)
        return std::nullopt;
      if (additive) {
        int64_t sign = binary.op == BinaryOp::Add ? 1 : -1;
        for (const auto &entry : b->coefficients)
          if ((a->coefficients[entry.first] += sign * entry.second) == 0)
            a->coefficients.erase(entry.first);
        a->constant += sign * b->constant;
        if (a->isSmall())
          return a;
      }
      if (a->coefficients.empty())
        std::swap(a, b);
      if (b->coefficients.empty() && std::abs(b->constant) <= maxFactor) {
        for (auto &entry : a->coefficients)
          entry.second *= b->constant;
        a->constant *= b->constant;
        if (a->isSmall())
          return a;
      }
    }
  }
  e.error(expr.range, "an index is a sum of indices with whole coefficients, such as t + j");
  return std::nullopt;
}

std::optional<std::vector<Term>> Expansion::indexed(const ast::IndexExpr &expr) {
  Value base = e.eval(*expr.base, env);
  if (base.isPoison())
    return std::nullopt;
  const Tensor *x = base.as<Tensor>();
  if (!x) {
    e.error(expr.base->range, "expected a tensor before '[', found " + describe(base));
    return std::nullopt;
  }
  if (x->rows()) {
    e.error(expr.base->range, "a value that exists only for the pairs of an `each` block has no indices");
    return std::nullopt;
  }
  if (x->axes.size() != expr.subscripts.size()) {
    e.error(expr.range, "expected " + std::to_string(x->axes.size()) + " indices for " + describe(*x) + ", found " +
                            std::to_string(expr.subscripts.size()));
    return std::nullopt;
  }
  Factor factor;
  factor.tensor = e.emit.toFloat(*x);
  for (const ast::Subscript &subscript : expr.subscripts) {
    if (subscript.isSlice) {
      e.error(subscript.range, "a slice cannot stand in index notation");
      return std::nullopt;
    }
    auto index = linear(*subscript.index);
    if (!index)
      return std::nullopt;
    factor.index.push_back(*index);
    factor.places.push_back(subscript.range);
  }
  Term term;
  term.factors.push_back(factor);
  return std::vector<Term>{term};
}

std::optional<std::vector<Term>> Expansion::sum(const ast::ReduceExpr &expr) {
  if (expr.reducer.text != "sum" || expr.collection) {
    e.error(expr.range, "index notation knows sums only");
    return std::nullopt;
  }
  std::map<std::string, std::string> outer = renamed;
  std::set<std::string> summed;
  for (const ast::Identifier &axis : expr.axes) {
    std::string unique = axis.text + "#" + std::to_string(serial++);
    renamed[axis.text] = unique;
    indices.insert(unique);
    summed.insert(unique);
  }
  auto terms = expand(*expr.body);
  renamed = outer;
  if (!terms)
    return std::nullopt;
  for (Term &term : *terms)
    term.summed.insert(summed.begin(), summed.end());
  return terms;
}

std::optional<std::vector<Term>> Expansion::product(const std::vector<Term> &a, const std::vector<Term> &b, SourceRange range) {
  if (a.size() * b.size() > maxTerms) {
    e.error(range, "this product multiplies out to more than " + std::to_string(maxTerms) + " terms");
    return std::nullopt;
  }
  std::vector<Term> terms;
  for (const Term &x : a)
    for (const Term &y : b) {
      Term term = x;
      term.coefficient *= y.coefficient;
      term.factors.insert(term.factors.end(), y.factors.begin(), y.factors.end());
      term.summed.insert(y.summed.begin(), y.summed.end());
      terms.push_back(term);
    }
  return terms;
}

std::optional<std::vector<Term>> Expansion::scalar(const ast::Expr &expr) {
  Value value = e.eval(expr, env);
  if (value.isPoison())
    return std::nullopt;
  Term term;
  if (const Number *number = value.as<Number>()) {
    term.coefficient = number->value;
    return std::vector<Term>{term};
  }
  const Tensor *x = value.as<Tensor>();
  if (!x || !x->axes.empty()) {
    e.error(expr.range, "expected a number or an indexed tensor, found " + describe(value));
    return std::nullopt;
  }
  term.factors.push_back({e.emit.toFloat(*x), {}, {}});
  return std::vector<Term>{term};
}

std::optional<std::vector<Term>> Expansion::materialize(const ast::Expr &part, llvm::function_ref<Value(Value)> apply) {
  auto terms = expand(part);
  if (!terms)
    return std::nullopt;
  std::set<std::string> free;
  for (const Term &term : *terms)
    for (const Factor &factor : term.factors)
      for (const Linear &index : factor.index)
        for (const auto &entry : index.coefficients)
          if (!term.summed.count(entry.first))
            free.insert(entry.first);
  std::vector<std::string> order(free.begin(), free.end());
  std::map<std::string, Extent> outer = extents;
  Value inner = build(*terms, order, part.range);
  if (inner.isPoison())
    return std::nullopt;
  Axes axes = inner.as<Tensor>() ? inner.as<Tensor>()->axes : Axes{};
  Value value = apply(inner);
  const Tensor *x = value.as<Tensor>();
  if (!x) {
    if (!value.isPoison())
      e.error(part.range, "expected a function of one tensor");
    return std::nullopt;
  }
  Factor factor;
  factor.tensor = e.emit.order(e.emit.toFloat(*x), axes);
  if (factor.tensor.axes.size() != order.size()) {
    e.error(part.range, "only elementwise functions apply to an indexed value");
    return std::nullopt;
  }
  for (const std::string &name : order) {
    Linear index;
    index.coefficients[name] = 1;
    factor.index.push_back(index);
    factor.places.push_back(part.range);
  }
  // The axes keep the names that the indices stand for.
  for (size_t i = 0; i < order.size(); ++i)
    factor.tensor.axes[i].name = extents.at(order[i]).axis;
  extents = outer;
  Term term;
  term.factors.push_back(factor);
  return std::vector<Term>{term};
}

std::optional<std::vector<Term>> Expansion::quotient(const ast::BinaryExpr &expr) {
  auto numerator = expand(*expr.lhs);
  auto denominator = e.isIndexed(*expr.rhs) ? materialize(*expr.rhs,
                                                          [&](Value x) {
                                                            return e.binaryOp(BinaryOp::Div, Number{1, true}, x, expr.range);
                                                          })
                                            : scalar(*expr.rhs);
  if (!numerator || !denominator)
    return std::nullopt;
  Term &term = denominator->front();
  if (!e.isIndexed(*expr.rhs)) {
    if (term.factors.empty()) {
      if (term.coefficient == 0) {
        e.error(expr.rhs->range, "division by zero");
        return std::nullopt;
      }
      term.coefficient = 1 / term.coefficient;
    } else {
      Value inverse = e.binaryOp(BinaryOp::Div, Number{1, true}, term.factors.front().tensor, expr.range);
      term.factors.front().tensor = *inverse.as<Tensor>();
    }
  }
  return product(*numerator, *denominator, expr.range);
}

std::optional<std::vector<Term>> Expansion::expand(const ast::Expr &expr) {
  if (!e.isIndexed(expr) && expr.kind != ast::Expr::Kind::Reduce && expr.kind != ast::Expr::Kind::Index)
    return scalar(expr);
  switch (expr.kind) {
  case ast::Expr::Kind::Index: return indexed(static_cast<const ast::IndexExpr &>(expr));
  case ast::Expr::Kind::Reduce: return sum(static_cast<const ast::ReduceExpr &>(expr));
  case ast::Expr::Kind::Unary: {
    auto &unary = static_cast<const ast::UnaryExpr &>(expr);
    auto terms = unary.op == ast::UnaryOp::Neg ? expand(*unary.operand) : std::nullopt;
    if (terms)
      for (Term &term : *terms)
        term.coefficient = -term.coefficient;
    return terms;
  }
  case ast::Expr::Kind::Binary: {
    auto &binary = static_cast<const ast::BinaryExpr &>(expr);
    if (binary.op == BinaryOp::Add || binary.op == BinaryOp::Sub) {
      auto a = expand(*binary.lhs), b = expand(*binary.rhs);
      if (!a || !b)
        return std::nullopt;
      for (Term &term : *b) {
        if (binary.op == BinaryOp::Sub)
          term.coefficient = -term.coefficient;
        a->push_back(std::move(term));
      }
      return a;
    }
    if (binary.op == BinaryOp::Mul) {
      auto a = expand(*binary.lhs), b = expand(*binary.rhs);
      return a && b ? product(*a, *b, expr.range) : std::nullopt;
    }
    if (binary.op == BinaryOp::Div)
      return quotient(binary);
    if (binary.op == BinaryOp::Pow && !e.isIndexed(*binary.rhs))
      return materialize(*binary.lhs, [&](Value x) { return e.binaryOp(BinaryOp::Pow, x, e.eval(*binary.rhs, env), expr.range); });
    break;
  }
  case ast::Expr::Kind::Call: {
    auto &call = static_cast<const ast::CallExpr &>(expr);
    if (e.refuseReducerCall(call))
      return std::nullopt;
    if (call.arguments.size() == 1 && !e.isIndexed(*call.callee)) {
      Value callee = e.eval(*call.callee, env);
      return materialize(*call.arguments[0].value, [&](Value x) { return e.apply(callee, {x}, expr, env); });
    }
    break;
  }
  default: break;
  }
  e.error(expr.range, "index notation is made of sums, products and functions of one indexed value");
  return std::nullopt;
}

bool Expansion::inferExtents(const std::vector<Term> &terms, SourceRange range) {
  std::set<std::string> names;
  for (const auto &entry : extents)
    names.insert(entry.second.axis);
  for (const Term &term : terms)
    for (const Factor &factor : term.factors)
      for (size_t i = 0; i < factor.index.size(); ++i) {
        const std::string *name = factor.index[i].plain();
        if (!name)
          continue;
        const Axis &axis = factor.tensor.axes[i];
        auto it = extents.find(*name);
        std::string written = name->substr(0, name->find('#'));
        if (it == extents.end()) {
          std::string axisName = names.insert(axis.name).second ? axis.name : written;
          extents[*name] = {axis.extent, axisName, factor.places[i]};
        } else if (it->second.value != axis.extent) {
          e.diagnose(factor.places[i], "index '" + written + "' has " + std::to_string(it->second.value) + " values, but axis '" +
                                           axis.name + "' has extent " + std::to_string(axis.extent))
              .note(it->second.place, "'" + written + "' = " + std::to_string(it->second.value) + " comes from here");
          return false;
        }
      }
  for (const Term &term : terms)
    for (const Factor &factor : term.factors)
      for (size_t i = 0; i < factor.index.size(); ++i)
        for (const auto &entry : factor.index[i].coefficients)
          if (!extents.count(entry.first)) {
            e.error(factor.places[i], "the extent of index '" + entry.first.substr(0, entry.first.find('#')) +
                                          "' is not known: it stands alone nowhere");
            return false;
          }
  return true;
}

bool Expansion::checkBounds(const std::vector<Term> &terms) {
  for (const Term &term : terms)
    for (const Factor &factor : term.factors)
      for (size_t i = 0; i < factor.index.size(); ++i) {
        double low = static_cast<double>(factor.index[i].constant), high = low;
        for (const auto &entry : factor.index[i].coefficients) {
          double reach = static_cast<double>(entry.second) * static_cast<double>(extents.at(entry.first).value - 1);
          (reach < 0 ? low : high) += reach;
        }
        const Axis &axis = factor.tensor.axes[i];
        if (low < 0 || high >= static_cast<double>(axis.extent)) {
          std::string reach = factor.index[i].coefficients.empty() ? "is " + format(low) : "runs from " + format(low) + " to " + format(high);
          Diagnostic &d = e.diagnose(factor.places[i], "this index " + reach + ", outside the axis '" + axis.name + "' of extent " +
                                                           std::to_string(axis.extent));
          if (std::string name(factor.places[i].getText()); factor.index[i].coefficients.empty() && std::isalpha(name[0]))
            d.suggest("'" + name + "' is a number here; on the left or under a sum it would run over the axis");
          return false;
        }
        for (const auto &entry : factor.index[i].coefficients)
          if (entry.second < 0) {
            e.error(factor.places[i], "an index that runs backwards is not supported");
            return false;
          }
      }
  return true;
}

Value Expansion::emitTerm(Term term, const std::vector<std::string> &result, const Axes &axes) {
  // The box: the result's indices, then the summed ones.
  std::map<std::string, unsigned> position;
  llvm::SmallVector<int64_t> box;
  std::vector<mlir::AffineExpr> out;
  mlir::MLIRContext *context = e.emit.builder.getContext();
  auto dim = [&](const std::string &name) {
    auto added = position.insert({name, static_cast<unsigned>(box.size())});
    if (added.second)
      box.push_back(extents.at(name).value);
    return mlir::getAffineDimExpr(added.first->second, context);
  };
  for (const std::string &name : result)
    out.push_back(dim(name));
  std::vector<Indexed> factors;
  for (Factor &factor : term.factors) {
    Indexed x{factor.tensor, {}};
    for (size_t i = 0; i < factor.index.size(); ++i) {
      const Linear &index = factor.index[i];
      if (index.constant) {
        Axis axis = x.tensor.axes[i];
        axis.extent -= index.constant;
        x.tensor = e.emit.slice(x.tensor, static_cast<int>(i), index.constant, axis);
      }
      mlir::AffineExpr expr = mlir::getAffineConstantExpr(0, context);
      for (const auto &entry : index.coefficients)
        expr = expr + dim(entry.first) * entry.second;
      x.index.push_back(expr);
    }
    factors.push_back(x);
  }
  for (const std::string &name : term.summed)
    if (!position.count(name) && extents.count(name))
      term.coefficient *= static_cast<double>(extents.at(name).value);
  if (factors.empty())
    return e.emit.constant(term.coefficient, axes, e.emit.floating());
  Tensor y = e.emit.contract(factors, box, out, axes);
  return e.binaryOp(BinaryOp::Mul, y, Number{term.coefficient, false}, e.current);
}

Value Expansion::build(std::vector<Term> terms, const std::vector<std::string> &result, SourceRange range) {
  if (!inferExtents(terms, range) || !checkBounds(terms))
    return Poison();
  Axes axes;
  for (const std::string &name : result) {
    auto it = extents.find(name);
    if (it == extents.end())
      return e.error(range, "the extent of index '" + name + "' is not known: it does not occur on the right");
    axes.push_back({it->second.axis, it->second.value, nullptr, true});
  }
  e.at(range);
  // A coefficient that all terms share is applied once.
  double common = terms.front().coefficient;
  for (const Term &term : terms)
    if (term.coefficient != common)
      common = 1;
  Value total = Number{0, true};
  for (Term &term : terms) {
    if (common != 1)
      term.coefficient = 1;
    total = e.binaryOp(BinaryOp::Add, total, emitTerm(term, result, axes), range);
  }
  return e.binaryOp(BinaryOp::Mul, total, Number{common, false}, range);
}

bool Elaborator::isIndexed(const ast::Expr &expr) {
  if (expr.kind == ast::Expr::Kind::Index) {
    bool slices = false;
    for (const ast::Subscript &subscript : static_cast<const ast::IndexExpr &>(expr).subscripts)
      slices |= subscript.isSlice;
    return !slices;
  }
  bool found = false;
  forEachChild(expr, [&](const ast::Expr &child) { found = found || isIndexed(child); });
  return found;
}

Value Elaborator::evalIndexed(const ast::Expr &value, const std::vector<ast::Identifier> *indices, const EnvPtr &env,
                              SourceRange range) {
  Expansion expansion(*this, env);
  std::vector<std::string> result;
  if (indices)
    for (const ast::Identifier &index : *indices) {
      if (!expansion.indices.insert(index.text).second)
        return error(index.range, "the index '" + index.text + "' is written twice");
      result.push_back(index.text);
    }
  auto terms = expansion.expand(value);
  if (!terms)
    return Poison();
  if (!indices)
    result = expansion.freeOrder;
  else if (!expansion.freeOrder.empty())
    return error(value.range, "the index '" + expansion.freeOrder.front() + "' is neither on the left nor summed");
  return expansion.build(std::move(*terms), result, range);
}

/// `x[0, 2:5]`: positions and slices by compile-time numbers.
Value Elaborator::evalSlice(const ast::IndexExpr &expr, const EnvPtr &env) {
  auto base = evalTensor(*expr.base, env);
  if (!base || !requirePresent(*base, expr.base->range))
    return Poison();
  if (expr.subscripts.size() > base->axes.size())
    return error(expr.range, describe(*base) + " has " + std::to_string(base->axes.size()) + " axes, found " +
                                 std::to_string(expr.subscripts.size()) + " indices");
  Tensor x = *base;
  std::set<size_t> dropped;
  for (size_t i = 0; i < expr.subscripts.size(); ++i) {
    const ast::Subscript &subscript = expr.subscripts[i];
    if (x.axes[i].routing)
      return error(subscript.range, "a value that exists only for the pairs of an `each` block has no indices");
    int64_t extent = x.axes[i].extent, begin = 0, end = extent;
    auto number = [&](const ast::ExprPtr &bound, int64_t &out) {
      if (!bound)
        return true;
      auto value = evalNumber(*bound, env, "a position");
      if (!value)
        return false;
      out = static_cast<int64_t>(value->value);
      return true;
    };
    if (!number(subscript.isSlice ? subscript.begin : subscript.index, begin) || (subscript.isSlice && !number(subscript.end, end)))
      return Poison();
    if (!subscript.isSlice) {
      end = begin + 1;
      dropped.insert(i);
    }
    if (begin < 0 || end <= begin || end > extent)
      return error(subscript.range, (subscript.isSlice ? "positions " + std::to_string(begin) + " to " + std::to_string(end - 1) + " are"
                                                       : "position " + std::to_string(begin) + " is") +
                                        " outside the axis '" + x.axes[i].name + "' of extent " + std::to_string(extent));
    if (begin == 0 && end == extent && subscript.isSlice)
      continue;
    at(expr.range);
    std::string name = std::to_string(end - begin);
    x = emit.slice(x, static_cast<int>(i), begin, {name, end - begin, nullptr, true});
  }
  Axes kept;
  for (size_t i = 0; i < x.axes.size(); ++i)
    if (!dropped.count(i))
      kept.push_back(x.axes[i]);
  return emit.reshape(x, kept);
}

} // namespace moe::frontend
