//===- Operators.cpp - arithmetic, comparison, `where` and `else` ----------===//

#include "lib/Frontend/Elaborate/Elaborator.h"

#include <cmath>
#include <cstdio>

using namespace mlir;

namespace moe::frontend {
using ast::BinaryOp;

static const char *spelling(BinaryOp op) {
  switch (op) {
  case BinaryOp::Pipe: return "|>";
  case BinaryOp::Else: return "else";
  case BinaryOp::Where: return "where";
  case BinaryOp::Or: return "or";
  case BinaryOp::And: return "and";
  case BinaryOp::Eq: return "==";
  case BinaryOp::Ne: return "!=";
  case BinaryOp::Lt: return "<";
  case BinaryOp::Le: return "<=";
  case BinaryOp::Gt: return ">";
  case BinaryOp::Ge: return ">=";
  case BinaryOp::Add: return "+";
  case BinaryOp::Sub: return "-";
  case BinaryOp::Mul: return "*";
  case BinaryOp::Div: return "/";
  case BinaryOp::Pow: return "^";
  }
  return "";
}

static std::optional<Predicate> predicateOf(BinaryOp op) {
  switch (op) {
  case BinaryOp::Eq: return Predicate::eq;
  case BinaryOp::Ne: return Predicate::ne;
  case BinaryOp::Lt: return Predicate::lt;
  case BinaryOp::Le: return Predicate::le;
  case BinaryOp::Gt: return Predicate::gt;
  case BinaryOp::Ge: return Predicate::ge;
  default: return std::nullopt;
  }
}

std::string format(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.12g", value);
  return text;
}

std::string describe(const Value &value) {
  struct Visitor {
    std::string operator()(const Poison &) { return "an erroneous value"; }
    std::string operator()(const NoneValue &) { return "none"; }
    std::string operator()(const Number &x) { return "the number " + format(x.value); }
    std::string operator()(bool x) { return x ? "true" : "false"; }
    std::string operator()(const std::string &x) { return "the text \"" + x + "\""; }
    std::string operator()(const AxisRef &x) { return "the axis " + x.name; }
    std::string operator()(const InitValue &) { return "an initialiser"; }
    std::string operator()(const Tensor &x) { return "a tensor " + describe(x); }
    std::string operator()(const std::shared_ptr<RowsOrElse> &x) { return "a masked tensor with `else` " + describe(x->rows); }
    std::string operator()(const std::shared_ptr<Tuple> &x) { return std::to_string(x->elements.size()) + " values"; }
    std::string operator()(const std::shared_ptr<Record> &) { return "a record"; }
    std::string operator()(const std::shared_ptr<Closure> &) { return "a function"; }
    std::string operator()(const std::shared_ptr<Callable> &x) {
      return x->definition ? std::string("the ") + getKeyword(x->definition->kind) + " " + x->definition->name.text : "a function";
    }
    std::string operator()(const std::shared_ptr<Reducer> &x) { return "the reduction " + x->kind; }
    std::string operator()(const CellPtr &x) { return "the buffer " + x->name; }
    std::string operator()(const ParamItem &x) { return "the parameter " + x.param->name; }
    std::string operator()(const Collection &) { return "a collection of parameters"; }
  };
  return std::visit(Visitor{}, value.data);
}

std::optional<Tensor> Elaborator::toTensor(const Value &value, SourceRange range, const Tensor *like) {
  if (const Tensor *x = value.as<Tensor>())
    return *x;
  if (const Number *x = value.as<Number>()) {
    Type element = emit.floating();
    if (like && like->isInt() && x->isInt)
      element = emit.i32();
    return emit.constant(x->value, like ? like->axes : Axes{}, element);
  }
  if (const bool *x = value.as<bool>())
    return emit.constant(*x, like ? like->axes : Axes{}, emit.i1());
  if (const ParamItem *x = value.as<ParamItem>())
    return Tensor{program->read(x->param->kind, x->param->name, emit.type(x->param->axes, x->param->element), &x->param->init),
                  x->param->axes, nullptr, std::nullopt};
  if (value.isPoison())
    return std::nullopt;
  Diagnostic &d = diagnose(range, "expected a tensor or a number, found " + describe(value));
  if (auto callable = value.as<std::shared_ptr<Callable>>(); callable && (*callable)->definition && (*callable)->instance)
    d.suggest("it has its first list of arguments only: call it with a value too");
  return std::nullopt;
}

bool Elaborator::requirePresent(const Tensor &x, SourceRange range) {
  if (!x.present)
    return true;
  diagnose(range, "this value may be absent somewhere").suggest("`... else 0` says what stands there");
  return false;
}

bool Elaborator::promote(Tensor &a, Tensor &b) {
  if (a.element() == b.element() && !a.isBool())
    return true;
  if (a.isInt() && b.isBool())
    b = emit.convert(b, a.element());
  else if (b.isInt() && a.isBool())
    a = emit.convert(a, b.element());
  else {
    a = emit.toFloat(a);
    b = emit.toFloat(b);
  }
  return true;
}

static Value foldNumbers(BinaryOp op, const Number &a, const Number &b) {
  double x = a.value, y = b.value;
  bool isInt = a.isInt && b.isInt;
  auto number = [&](double value) { return Number{value, isInt && value == std::trunc(value) && std::abs(value) < 0x1p53}; };
  switch (op) {
  case BinaryOp::Add: return number(x + y);
  case BinaryOp::Sub: return number(x - y);
  case BinaryOp::Mul: return number(x * y);
  case BinaryOp::Div: return number(x / y);
  case BinaryOp::Pow: return number(std::pow(x, y));
  case BinaryOp::Eq: return x == y;
  case BinaryOp::Ne: return x != y;
  case BinaryOp::Lt: return x < y;
  case BinaryOp::Le: return x <= y;
  case BinaryOp::Gt: return x > y;
  case BinaryOp::Ge: return x >= y;
  default: return Poison();
  }
}

/// `x op number` that is x itself.
static bool isIdentity(BinaryOp op, double number, bool onLeft) {
  switch (op) {
  case BinaryOp::Add: return number == 0;
  case BinaryOp::Mul: return number == 1;
  case BinaryOp::Sub: return !onLeft && number == 0;
  case BinaryOp::Div:
  case BinaryOp::Pow: return !onLeft && number == 1;
  default: return false;
  }
}

Value Elaborator::unaryOp(ast::UnaryOp op, const Value &x, SourceRange range) {
  if (x.isPoison())
    return Poison();
  if (op == ast::UnaryOp::Not) {
    if (const bool *b = x.as<bool>())
      return !*b;
    if (const Tensor *t = x.as<Tensor>(); t && t->isBool())
      return emit.unary<NotOp>(*t);
    return error(range, "`not` expects true or false, found " + describe(x));
  }
  if (const Number *n = x.as<Number>())
    return Number{-n->value, n->isInt};
  if (x.as<std::shared_ptr<RowsOrElse>>())
    return binaryOp(BinaryOp::Mul, x, Number{-1, true}, range);
  auto t = toTensor(x, range);
  if (!t)
    return Poison();
  return emit.unary<NegOp>(t->isBool() ? emit.toFloat(*t) : *t);
}

static std::optional<Tensor> arithmetic(Emitter &emit, BinaryOp op, const Tensor &a, const Tensor &b) {
  switch (op) {
  case BinaryOp::Add: return emit.binary<AddOp>(a, b);
  case BinaryOp::Sub: return emit.binary<SubOp>(a, b);
  case BinaryOp::Mul: return emit.binary<MulOp>(a, b);
  case BinaryOp::Div: return emit.binary<DivOp>(emit.toFloat(a), emit.toFloat(b));
  default: return emit.binary<PowOp>(emit.toFloat(a), emit.toFloat(b));
  }
}

/// An operation on rows with a default is done twice: at the rows, and on the default.
static Value onBoth(Elaborator &elaborator, BinaryOp op, const Value &a, const Value &b, SourceRange range) {
  auto left = a.as<std::shared_ptr<RowsOrElse>>(), right = b.as<std::shared_ptr<RowsOrElse>>();
  const RowsOrElse &x = left ? **left : **right;
  auto onRows = elaborator.binaryOp(op, left ? Value((*left)->rows) : a, right ? Value((*right)->rows) : b, range);
  const Tensor *rows = onRows.as<Tensor>();
  if (!rows)
    return Poison();
  auto y = std::make_shared<RowsOrElse>();
  y->rows = *rows;
  const Value &other = left ? b : a;
  const Tensor *dense = other.as<Tensor>();
  if (dense && dense->rows())
    return y->rows; // absent outside the rows: there is no default to keep
  if (op == BinaryOp::Mul && !(left && right)) {
    y->factors = x.factors;
    auto factor = elaborator.toTensor(other, range);
    if (!factor)
      return Poison();
    y->factors.push_back(elaborator.emit.toFloat(*factor));
    return y;
  }
  auto side = [&](const std::shared_ptr<RowsOrElse> *v, const Value &value) -> Value {
    if (!v)
      return value;
    auto product = elaborator.emit.product((*v)->factors);
    return product ? Value(*product) : Value();
  };
  Value dflt = elaborator.binaryOp(op, side(left, a), side(right, b), range);
  const Tensor *t = dflt.as<Tensor>();
  if (!t)
    return Poison();
  y->factors = {*t};
  return y;
}

static Value absentWhere(Elaborator &elaborator, const Value &a, const Value &b, SourceRange range) {
  const Tensor *mask = b.as<Tensor>();
  if (!mask || !mask->isBool())
    return elaborator.error(range, "`where` expects a bool tensor on its right, found " + describe(b));
  auto x = elaborator.toTensor(a, range);
  if (!x)
    return Poison();
  auto xs = elaborator.emit.align({*x, *mask});
  if (!xs)
    return Poison();
  Tensor y = (*xs)[0];
  // Over the mask's own axes where that is possible: reductions over the others need not look at it.
  Tensor present = y.rows() ? (*xs)[1] : *mask;
  for (const std::shared_ptr<const Tensor> &outer : {mask->present, x->present}) {
    auto both = outer ? elaborator.emit.binary<AndOp>(present, *outer) : present;
    if (!both)
      return Poison();
    present = *both;
  }
  present.present = nullptr;
  y.present = std::make_shared<Tensor>(present);
  return y;
}

static Value orElse(Elaborator &elaborator, const Value &a, const Value &b, SourceRange range) {
  const Tensor *x = a.as<Tensor>();
  if (x && x->neverAbsent && !x->present)
    return *x;
  if (!x || (!x->present && !x->rows()))
    return elaborator.error(range, "`else` needs a value that is absent somewhere, found " + describe(a));
  auto other = elaborator.toTensor(b, range);
  if (!other)
    return Poison();
  Tensor dflt = *other, plain = *x;
  plain.present = nullptr;
  if (const Number *number = b.as<Number>(); number && number->isInt && plain.isInt())
    dflt = elaborator.emit.constant(number->value, {}, plain.element());
  if (plain.element() != dflt.element())
    elaborator.promote(plain, dflt);
  if (x->present) {
    auto y = elaborator.emit.select(*x->present, plain, dflt);
    // Rows that are the pairs of an `each` are absent outside it too.
    if (!y || !y->rows() || !y->rows()->pairVisible || dflt.rows())
      return y ? Value(*y) : Value();
    plain = *y;
  }
  if (dflt.rows())
    return elaborator.error(range, "the value after `else` is only known where the one before it is");
  auto y = std::make_shared<RowsOrElse>();
  y->rows = plain;
  y->factors = {dflt};
  return y;
}

static Value logic(Elaborator &elaborator, BinaryOp op, const Value &a, const Value &b, SourceRange range) {
  bool isAnd = op == BinaryOp::And;
  if (const bool *x = a.as<bool>())
    if (const bool *y = b.as<bool>())
      return isAnd ? *x && *y : *x || *y;
  auto x = elaborator.toTensor(a, range, b.as<Tensor>()), y = elaborator.toTensor(b, range, a.as<Tensor>());
  if (!x || !y)
    return Poison();
  if (!x->isBool() || !y->isBool())
    return elaborator.error(range, std::string("`") + spelling(op) + "` expects bool operands, found " + describe(a) + " and " + describe(b));
  auto z = isAnd ? elaborator.emit.binary<AndOp>(*x, *y) : elaborator.emit.binary<OrOp>(*x, *y);
  if (!z)
    return Poison();
  if (isAnd && (x->bound || y->bound)) {
    z->bound = x->bound ? x->bound : y->bound;
    z->bound->exact = false;
  }
  return *z;
}

Value Elaborator::binaryOp(BinaryOp op, const Value &a, const Value &b, SourceRange range) {
  if (a.isPoison() || b.isPoison())
    return Poison();
  if (op == BinaryOp::Where)
    return absentWhere(*this, a, b, range);
  if (op == BinaryOp::Else)
    return orElse(*this, a, b, range);
  if (op == BinaryOp::And || op == BinaryOp::Or)
    return logic(*this, op, a, b, range);
  const Number *x = a.as<Number>(), *y = b.as<Number>();
  if (x && y) {
    if (op == BinaryOp::Div && y->value == 0)
      return error(range, "division by zero");
    return foldNumbers(op, *x, *y);
  }
  auto predicate = predicateOf(op);
  if (predicate && (op == BinaryOp::Eq || op == BinaryOp::Ne)) {
    bool comparable = true, equal = false;
    if (a.as<NoneValue>() || b.as<NoneValue>())
      equal = a.as<NoneValue>() && b.as<NoneValue>();
    else if (a.as<std::string>() && b.as<std::string>())
      equal = *a.as<std::string>() == *b.as<std::string>();
    else if (a.as<bool>() && b.as<bool>())
      equal = *a.as<bool>() == *b.as<bool>();
    else
      comparable = false;
    if (comparable)
      return equal == (op == BinaryOp::Eq);
  }
  if (a.as<std::shared_ptr<RowsOrElse>>() || b.as<std::shared_ptr<RowsOrElse>>())
    return onBoth(*this, op, a, b, range);
  if (foldZero && op == BinaryOp::Mul && ((x && x->value == 0) || (y && y->value == 0)))
    return Number{0, true};
  const Tensor *ta = a.as<Tensor>(), *tb = b.as<Tensor>();
  if (ta && y && isIdentity(op, y->value, false) && ta->isFloat())
    return *ta;
  if (tb && x && isIdentity(op, x->value, true) && tb->isFloat())
    return *tb;
  auto left = toTensor(a, range, tb), right = toTensor(b, range, ta);
  if (!left || !right)
    return Poison();
  if (op == BinaryOp::Pow && y && y->value == 2 && left->isFloat())
    return emit.square(*left);
  promote(*left, *right);
  std::optional<Tensor> z;
  if (predicate)
    z = emit.compare(*predicate, *left, *right);
  else
    z = arithmetic(emit, op, *left, *right);
  return z ? Value(*z) : Value();
}

} // namespace moe::frontend
