//===- Expressions.cpp - expressions and names -----------------------------===//

#include "lib/Frontend/Elaborate/Builtins.h"
#include "lib/Frontend/Elaborate/Elaborator.h"
#include "lib/Support/Names.h"

#include "llvm/ADT/ScopeExit.h"

#include <cmath>
#include <limits>

using namespace mlir;

namespace moe::frontend {

/// Deeper expressions than any person writes; keeps the stack of this process.
static constexpr int maxExprDepth = 2000;

Value Elaborator::read(const CellPtr &cell, const EnvPtr &env) {
  Tensor x;
  x.axes = cell->axes;
  x.value = program->read(cell->kind, cell->name, emit.type(x.axes, cell->element), &cell->init);
  if (!cell->routing)
    return x;
  // An expert's parameter: the slice of its row's expert.
  Axis rows = *currentRows(env);
  Tensor y;
  y.axes.assign(1, rows);
  y.axes.insert(y.axes.end(), x.axes.begin() + 1, x.axes.end());
  y.value = emit.create<DispatchOp>(emit.type(y.axes, cell->element), Over::experts, x.value, rows.routing->routing);
  return y;
}

std::optional<Value> Elaborator::lookup(const std::string &name, const EnvPtr &env) {
  llvm::SmallVector<const Env *, 2> crossed;
  std::optional<Value> found;
  for (const Env *scope = env; scope; scope = scope->parent) {
    if (auto it = scope->names.find(name); it != scope->names.end()) {
      found = it->second;
      break;
    }
    if (scope->rows)
      crossed.push_back(scope);
  }
  if (!found) {
    auto dim = env->frame->dims.find(name);
    if (dim != env->frame->dims.end())
      return Value(Number{static_cast<double>(dim->second.extent), true});
    return std::nullopt;
  }
  if (auto cell = found->as<CellPtr>())
    found = read(*cell, env);
  if (Tensor *x = found->as<Tensor>()) {
    if (x->value.getParentBlock() != &program->block()) // an `after step` block and a rule by itself run in another program
      return Value(error(current, "'" + name + (program->mode == Mode::Update
                                                    ? "' belongs to the forward pass; `after step` sees numbers, state and tallies"
                                                    : "' is computed by the model around the rule")));
    for (const Env *scope : llvm::reverse(crossed))
      *x = emit.dispatch(*x, *scope->rows);
  }
  return found;
}

std::optional<int64_t> Elaborator::lookupDim(const std::string &name, const EnvPtr &env) {
  for (const Env *scope = env; scope; scope = scope->parent)
    if (auto it = scope->names.find(name); it != scope->names.end()) {
      const Number *number = it->second.as<Number>();
      if (number && number->isInt)
        return static_cast<int64_t>(number->value);
      break;
    }
  auto dim = env->frame->dims.find(name);
  if (dim != env->frame->dims.end())
    return dim->second.extent;
  return std::nullopt;
}

const ast::Definition *Elaborator::findDefinition(const std::string &name) {
  auto it = definitions.find(name);
  return it == definitions.end() ? nullptr : it->second;
}

std::vector<std::string> Elaborator::visibleNames(const EnvPtr &env) {
  std::vector<std::string> names;
  for (const Env *scope = env; scope; scope = scope->parent)
    for (const auto &entry : scope->names)
      names.push_back(entry.first);
  for (const auto &entry : env->frame->dims)
    names.push_back(entry.first);
  for (const auto &entry : definitions)
    names.push_back(entry.first);
  appendBuiltinNames(names);
  return names;
}

static Value evalName(Elaborator &e, const ast::NameExpr &expr, const EnvPtr &env) {
  if (auto value = e.lookup(expr.name, env))
    return *value;
  if (expr.name == "training")
    return e.training();
  if (expr.name == "none")
    return NoneValue();
  if (expr.name == "inf")
    return Number{std::numeric_limits<double>::infinity(), false};
  if (expr.name == "step" && e.program->mode == Mode::Update) {
    Tensor step;
    step.value = e.program->read(BindingKind::step, "step", e.emit.type({}, e.emit.i32()));
    return e.emit.toFloat(step);
  }
  if (const ast::Definition *definition = e.findDefinition(expr.name)) {
    auto callable = std::make_shared<Callable>();
    callable->definition = definition;
    return callable;
  }
  if (const Builtin *builtin = e.findBuiltin(expr.name)) {
    auto callable = std::make_shared<Callable>();
    callable->builtin = builtin;
    return callable;
  }
  if (expr.name == "normal" || expr.name == "uniform") {
    e.diagnose(expr.range, "'" + expr.name + "' says how a parameter starts, it is no value")
        .suggest("`~ " + expr.name + "(...)` behind a parameter or an argument such as w");
    return Poison();
  }
  if (expr.name == "step")
    return e.error(expr.range, "'step' is known to optimizers, schedules and `after step` only");
  Diagnostic &d = e.diagnose(expr.range, "unknown name '" + expr.name + "'");
  if (std::string near = nearestName(expr.name, e.visibleNames(env)); !near.empty())
    d.suggest("did you mean '" + near + "'?");
  return Poison();
}

static Value evalField(Elaborator &e, const ast::FieldExpr &expr, const EnvPtr &env) {
  Value base = e.eval(*expr.base, env);
  const std::string &field = expr.field.text;
  if (base.isPoison())
    return base;
  if (auto record = base.as<std::shared_ptr<Record>>()) {
    auto it = (*record)->fields.find(field);
    if (it != (*record)->fields.end())
      return e.moveBetween(it->second, (*record)->frame, env->frame);
    Diagnostic &d = e.diagnose(expr.field.range, "the carry has no field '" + field + "'");
    d.note((*record)->declared, "it is declared here");
    std::vector<std::string> fields;
    for (const auto &entry : (*record)->fields)
      fields.push_back(entry.first);
    if (std::string near = nearestName(field, fields); !near.empty())
      d.suggest("did you mean '" + near + "'?");
    return Poison();
  }
  if (const ParamItem *item = base.as<ParamItem>()) {
    if (field == "name")
      return item->param->name;
    if (field == "grad") {
      Tensor grad;
      grad.axes = item->param->axes;
      grad.value = e.program->read(BindingKind::grad, item->param->name, e.emit.type(grad.axes, item->param->element));
      return grad;
    }
    return e.error(expr.field.range, "a parameter has the fields 'name' and 'grad', not '" + field + "'");
  }
  return e.error(expr.base->range, "expected a carry or a parameter before '." + field + "', found " + describe(base));
}

static Value evalIf(Elaborator &e, const ast::IfExpr &expr, const EnvPtr &env) {
  Value condition = e.eval(*expr.condition, env);
  if (condition.isPoison())
    return condition;
  if (const bool *known = condition.as<bool>())
    return e.eval(*known ? *expr.thenValue : *expr.elseValue, env);
  if (condition.as<Tensor>()) {
    e.diagnose(expr.condition->range, "`if` is decided at compile time, but this condition is computed by the model")
        .suggest("`a where condition else b` chooses element by element");
    return Poison();
  }
  return e.error(expr.condition->range, "expected true or false, found " + describe(condition));
}

/// `... - c^x`.
static bool isPowerSubtracted(const ast::BinaryExpr &expr) {
  auto *power = llvm::dyn_cast<ast::BinaryExpr>(expr.rhs.get());
  return expr.op == ast::BinaryOp::Sub && power && power->op == ast::BinaryOp::Pow;
}

Value Elaborator::eval(const ast::Expr &expr, const EnvPtr &env) {
  using Kind = ast::Expr::Kind;
  if (++exprDepth > maxExprDepth) {
    --exprDepth;
    return error(expr.range, "the expression is nested too deeply");
  }
  Location outer = emit.loc;
  auto restore = llvm::make_scope_exit([&] {
    --exprDepth;
    emit.loc = outer;
  });
  emit.loc = location(expr.range);
  current = expr.range;

  switch (expr.kind) {
  case Kind::Number: {
    auto &number = static_cast<const ast::NumberExpr &>(expr);
    return Number{number.value, number.isInteger};
  }
  case Kind::String: return static_cast<const ast::StringExpr &>(expr).value;
  case Kind::Bool: return static_cast<const ast::BoolExpr &>(expr).value;
  case Kind::Name: return evalName(*this, static_cast<const ast::NameExpr &>(expr), env);
  case Kind::Unary: {
    auto &unary = static_cast<const ast::UnaryExpr &>(expr);
    Value x = eval(*unary.operand, env);
    at(expr.range);
    return unaryOp(unary.op, x, expr.range);
  }
  case Kind::Binary: {
    auto &binary = static_cast<const ast::BinaryExpr &>(expr);
    if (binary.op == ast::BinaryOp::Pipe)
      return evalPipe(binary, env);
    Value a = eval(*binary.lhs, env);
    // A compile-time `false and ...` or `true or ...` does not look further.
    if (const bool *known = a.as<bool>())
      if ((binary.op == ast::BinaryOp::And && !*known) || (binary.op == ast::BinaryOp::Or && *known))
        return *known;
    if (const Number *one = a.as<Number>(); one && one->value == 1 && isPowerSubtracted(binary))
      return oneMinusPower(binary, env);
    Value b = eval(*binary.rhs, env);
    at(expr.range);
    return binaryOp(binary.op, a, b, expr.range);
  }
  case Kind::Call: return evalCall(static_cast<const ast::CallExpr &>(expr), env);
  case Kind::Index: return evalSlice(static_cast<const ast::IndexExpr &>(expr), env);
  case Kind::Field: return evalField(*this, static_cast<const ast::FieldExpr &>(expr), env);
  case Kind::Tuple: {
    auto tuple = std::make_shared<Tuple>();
    for (const ast::ExprPtr &element : static_cast<const ast::TupleExpr &>(expr).elements)
      tuple->elements.push_back(eval(*element, env));
    return tuple;
  }
  case Kind::Record: {
    auto record = std::make_shared<Record>();
    record->frame = env->frame;
    record->declared = expr.range;
    for (const auto &field : static_cast<const ast::RecordExpr &>(expr).fields) {
      if (field.value)
        record->fields[field.name.text] = eval(*field.value, env);
      else if (auto value = lookup(field.name.text, env))
        record->fields[field.name.text] = *value;
      else
        return error(field.name.range, "unknown name '" + field.name.text + "'");
    }
    return record;
  }
  case Kind::Lambda: return std::make_shared<Closure>(Closure{static_cast<const ast::LambdaExpr *>(&expr), env});
  case Kind::If: return evalIf(*this, static_cast<const ast::IfExpr &>(expr), env);
  case Kind::Each: return evalEach(static_cast<const ast::EachExpr &>(expr), env);
  case Kind::Reduce: return evalReduce(static_cast<const ast::ReduceExpr &>(expr), env);
  case Kind::Quiet: {
    ++quietDepth;
    Value value = eval(*static_cast<const ast::QuietExpr &>(expr).operand, env);
    --quietDepth;
    return value;
  }
  }
  return Poison();
}

std::optional<Tensor> Elaborator::evalTensor(const ast::Expr &expr, const EnvPtr &env) { return toTensor(eval(expr, env), expr.range); }

std::optional<Number> Elaborator::evalNumber(const ast::Expr &expr, const EnvPtr &env, const char *what) {
  Value value = eval(expr, env);
  if (const Number *number = value.as<Number>())
    return *number;
  if (!value.isPoison())
    error(expr.range, std::string("expected ") + what + " known at compile time, found " + describe(value));
  return std::nullopt;
}

/// `1 - c^x` for a constant 0 < c < 1, without the cancellation that costs three digits when c = 0.999 and x is small:
/// 1 - e^u = -2 t / (1 - t) with t = tanh(u / 2).
Value Elaborator::oneMinusPower(const ast::BinaryExpr &expr, const EnvPtr &env) {
  auto &power = static_cast<const ast::BinaryExpr &>(*expr.rhs);
  Value base = eval(*power.lhs, env), exponent = eval(*power.rhs, env);
  const Number *c = base.as<Number>();
  const Tensor *x = exponent.as<Tensor>();
  at(expr.range);
  if (!c || !x || c->value <= 0 || c->value >= 1)
    return binaryOp(ast::BinaryOp::Sub, Number{1, true}, binaryOp(ast::BinaryOp::Pow, base, exponent, power.range), expr.range);
  Tensor t = emit.toFloat(*x);
  t = emit.unary<TanhOp>(*emit.binary<MulOp>(t, emit.constant(std::log(c->value) / 2, t.axes, t.element())));
  Tensor minusTwo = emit.constant(-2, t.axes, t.element()), unit = emit.constant(1, t.axes, t.element());
  return *emit.binary<DivOp>(*emit.binary<MulOp>(minusTwo, t), *emit.binary<SubOp>(unit, t));
}

} // namespace moe::frontend
