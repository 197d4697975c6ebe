//===- Dims.cpp - named dimensions -----------------------------------------===//

#include "lib/Frontend/Elaborate/Elaborator.h"
#include "lib/Support/Names.h"

#include <cmath>
#include <sstream>

namespace moe::frontend {
using ast::BinaryOp;

std::string Elaborator::text(const ast::Expr &expr) {
  std::ostringstream os;
  ast::print(expr, os);
  return os.str();
}

std::string Elaborator::text(const ast::Type &type) {
  std::ostringstream os;
  ast::print(type, os);
  return os.str();
}

namespace {
/// The value of a dimension expression. `unknown` is a name that nothing has fixed yet.
struct DimValue {
  std::optional<double> value;
  const ast::NameExpr *unknown = nullptr;
};
} // namespace

static DimValue dimValue(Elaborator &e, const ast::Expr &expr, const EnvPtr &env) {
  if (expr.kind == ast::Expr::Kind::Name) {
    auto &name = static_cast<const ast::NameExpr &>(expr);
    if (auto extent = e.lookupDim(name.name, env))
      return {static_cast<double>(*extent)};
    auto known = e.lookup(name.name, env);
    if (!known)
      return {std::nullopt, &name};
    if (!known->isPoison())
      e.error(expr.range, "expected a dimension, but '" + name.name + "' is " + describe(*known));
    return {};
  }
  if (expr.kind == ast::Expr::Kind::Number)
    return {static_cast<const ast::NumberExpr &>(expr).value};
  if (expr.kind == ast::Expr::Kind::Binary) {
    auto &binary = static_cast<const ast::BinaryExpr &>(expr);
    DimValue a = dimValue(e, *binary.lhs, env), b = dimValue(e, *binary.rhs, env);
    if (a.unknown || b.unknown)
      return {std::nullopt, a.unknown ? a.unknown : b.unknown};
    if (!a.value || !b.value)
      return {};
    switch (binary.op) {
    case BinaryOp::Add: return {*a.value + *b.value};
    case BinaryOp::Sub: return {*a.value - *b.value};
    case BinaryOp::Mul: return {*a.value * *b.value};
    case BinaryOp::Div: return {*a.value / *b.value};
    default: break;
    }
  }
  auto number = e.evalNumber(expr, env, "a dimension");
  return {number ? std::optional<double>(number->value) : std::nullopt};
}

std::optional<Axis> Elaborator::evalDim(const ast::Expr &expr, const EnvPtr &env) {
  DimValue dim = dimValue(*this, expr, env);
  if (!dim.value)
    return std::nullopt;
  double value = *dim.value;
  if (!(value >= 1) || value != std::trunc(value)) {
    error(expr.range, "a dimension is a whole number of at least 1, but " + text(expr) + " is " + format(value));
    return std::nullopt;
  }
  if (value > maxElements) {
    error(expr.range, "the dimension " + text(expr) + " is too large");
    return std::nullopt;
  }
  std::string name = expr.kind == ast::Expr::Kind::Name ? axisName(static_cast<const ast::NameExpr &>(expr).name, env) : text(expr);
  return Axis{name, static_cast<int64_t>(value), nullptr, true};
}

std::optional<Axes> Elaborator::evalAxes(const ast::TensorType &type, const EnvPtr &env) {
  Axes axes;
  for (const ast::Dim &dim : type.dims) {
    if (dim.isPack) {
      error(dim.range, "a pack has no extents of its own here");
      return std::nullopt;
    }
    size_t before = sink.getErrorCount();
    auto axis = evalDim(*dim.size, env);
    if (!axis) {
      if (sink.getErrorCount() == before) {
        Diagnostic &d = diagnose(dim.range, "the dimension " + text(*dim.size) + " is not known here");
        std::vector<std::string> known;
        for (const auto &entry : env->frame->dims)
          known.push_back(entry.first);
        if (std::string near = nearestName(text(*dim.size), known); !near.empty())
          d.suggest("did you mean '" + near + "'?");
      }
      return std::nullopt;
    }
    for (const Axis &other : axes)
      if (other.name == axis->name) {
        error(dim.range, "two axes of one tensor are called '" + axis->name + "'");
        return std::nullopt;
      }
    axes.push_back(*axis);
  }
  return axes;
}

void Elaborator::noteOrigin(Diagnostic &d, const ast::Expr &expr, const EnvPtr &env) {
  if (expr.kind == ast::Expr::Kind::Name) {
    const std::string &name = static_cast<const ast::NameExpr &>(expr).name;
    auto it = env->frame->dims.find(name);
    if (it != env->frame->dims.end() && it->second.origin.isValid())
      d.note(it->second.origin, name + " = " + std::to_string(it->second.extent) + " comes from here");
  } else if (expr.kind == ast::Expr::Kind::Binary) {
    noteOrigin(d, *static_cast<const ast::BinaryExpr &>(expr).lhs, env);
    noteOrigin(d, *static_cast<const ast::BinaryExpr &>(expr).rhs, env);
  }
}

bool Elaborator::unify(const ast::Expr &expr, int64_t extent, const EnvPtr &env, SourceRange origin) {
  size_t before = sink.getErrorCount();
  DimValue dim = dimValue(*this, expr, env);
  if (sink.getErrorCount() != before)
    return false;
  if (dim.value) {
    if (*dim.value == static_cast<double>(extent))
      return true;
    Diagnostic &d = diagnose(origin, "expected " + text(expr) + " = " + format(*dim.value) + ", found " + std::to_string(extent));
    noteOrigin(d, expr, env);
    return false;
  }
  if (expr.kind == ast::Expr::Kind::Name) {
    env->frame->dims[static_cast<const ast::NameExpr &>(expr).name] = {extent, origin};
    return true;
  }
  auto &binary = static_cast<const ast::BinaryExpr &>(expr);
  DimValue a = dimValue(*this, *binary.lhs, env), b = dimValue(*this, *binary.rhs, env);
  if (a.unknown && b.unknown) {
    error(expr.range, "the dimensions of " + text(expr) + " cannot be told apart: give one of them");
    return false;
  }
  const ast::Expr &open = a.unknown ? *binary.lhs : *binary.rhs;
  double known = a.unknown ? *b.value : *a.value, solved = 0;
  switch (binary.op) {
  case BinaryOp::Add: solved = extent - known; break;
  case BinaryOp::Sub: solved = a.unknown ? extent + known : known - extent; break;
  case BinaryOp::Mul: solved = extent / known; break;
  case BinaryOp::Div: solved = a.unknown ? extent * known : known / extent; break;
  default: error(expr.range, "this dimension cannot be solved for " + text(open)); return false;
  }
  if (!(solved >= 1) || solved != std::trunc(solved) || solved > maxElements) {
    Diagnostic &d = diagnose(origin, text(expr) + " = " + std::to_string(extent) + " has no whole solution for " + text(open));
    noteOrigin(d, expr, env);
    return false;
  }
  return unify(open, static_cast<int64_t>(solved), env, origin);
}

bool Elaborator::checkConstraint(const ast::Expr &expr, const EnvPtr &env) {
  if (expr.kind == ast::Expr::Kind::Binary) {
    auto &binary = static_cast<const ast::BinaryExpr &>(expr);
    if (binary.op == BinaryOp::And)
      return checkConstraint(*binary.lhs, env) && checkConstraint(*binary.rhs, env);
    if (binary.op == BinaryOp::Eq) {
      size_t before = sink.getErrorCount();
      DimValue a = dimValue(*this, *binary.lhs, env), b = dimValue(*this, *binary.rhs, env);
      if (sink.getErrorCount() != before)
        return false;
      if (a.value && b.value) {
        if (*a.value == *b.value)
          return true;
        Diagnostic &d = diagnose(expr.range, text(expr) + " does not hold: " + text(*binary.lhs) + " is " + format(*a.value) + " and " + text(*binary.rhs) +
                                                   " is " + format(*b.value));
        noteOrigin(d, *binary.lhs, env);
        noteOrigin(d, *binary.rhs, env);
        return false;
      }
      if (a.value || b.value) {
        double known = a.value ? *a.value : *b.value;
        if (known >= 1 && known == std::trunc(known) && known <= maxElements)
          return unify(a.value ? *binary.rhs : *binary.lhs, static_cast<int64_t>(known), env, expr.range);
        error(expr.range, "a dimension is a whole number of at least 1, but " + text(a.value ? *binary.lhs : *binary.rhs) + " is " + format(known));
        return false;
      }
      error(expr.range, "neither side of this constraint is known");
      return false;
    }
  }
  Value holds = eval(expr, env);
  if (const bool *known = holds.as<bool>()) {
    if (!*known)
      error(expr.range, text(expr) + " does not hold");
    return *known;
  }
  if (!holds.isPoison())
    error(expr.range, "a constraint is true or false at compile time, found " + describe(holds));
  return false;
}

std::string Elaborator::axisName(const std::string &name, const EnvPtr &env) {
  for (const Env *scope = env; scope; scope = scope->parent)
    if (auto it = scope->names.find(name); it != scope->names.end()) {
      if (const AxisRef *axis = it->second.as<AxisRef>())
        return axis->name;
      break;
    }
  return name;
}

/// `T` is also how the axis `S+T` that `cat` made is meant.
static bool isPartOf(const std::string &name, const std::string &sum) {
  size_t at = 0;
  while (at <= sum.size()) {
    size_t end = std::min(sum.find('+', at), sum.size());
    if (sum.compare(at, end - at, name) == 0)
      return true;
    at = end + 1;
  }
  return false;
}

int Elaborator::findAxis(const Tensor &x, const std::string &written, const EnvPtr &env, SourceRange range) {
  std::string name = axisName(written, env);
  if (int at = x.find(name); at >= 0)
    return at;
  int part = -1;
  for (size_t i = 0; i < x.axes.size(); ++i)
    if (isPartOf(name, x.axes[i].name))
      part = part < 0 ? static_cast<int>(i) : -2;
  if (part >= 0)
    return part;
  Diagnostic &d = diagnose(range, "there is no axis '" + name + "' in " + describe(x));
  std::vector<std::string> names;
  for (const Axis &axis : x.axes)
    if (!axis.name.empty() && axis.name[0] != '*') // a name of the caller's
      names.push_back(axis.name);
  if (const Axis *rows = x.rows(); rows && rows->pairVisible && isPartOf(name, rows->routing->expert.name))
    d.suggest("on the masked axis '" + name + "' only elementwise operations, sums, means and `else` have a meaning");
  else if (std::string near = nearestName(name, names); !near.empty())
    d.suggest("did you mean '" + near + "'?");
  return -1;
}

} // namespace moe::frontend
