//===- Builtins.cpp - the table of builtins --------------------------------===//

#include "lib/Frontend/Elaborate/Builtins.h"
#include "lib/Frontend/Elaborate/Elaborator.h"
#include "lib/Support/Names.h"

#include <cmath>
#include <limits>

namespace moe::frontend {

//===----------------------------------------------------------------------===//
// Elementwise
//===----------------------------------------------------------------------===//

/// One number in, one number out: folded at compile time or an op.
template <typename Op, double (*fold)(double)>
static Value unary(Elaborator &e, BuiltinCall &call) {
  const Value &x = call["x"];
  if (const Number *number = x.as<Number>())
    return Number{fold(number->value), number->isInt && fold(number->value) == std::trunc(fold(number->value))};
  auto tensor = e.toTensor(x, call.site.range);
  if (!tensor)
    return Poison();
  return e.emit.unary<Op>(e.emit.toFloat(*tensor));
}

static double foldSign(double x) { return x > 0 ? 1 : x < 0 ? -1 : 0; }
static double foldRsqrt(double x) { return 1 / std::sqrt(x); }
static double foldSigmoid(double x) { return 1 / (1 + std::exp(-x)); }
static double foldRelu(double x) { return x > 0 ? x : 0; }
static double foldExp(double x) { return std::exp(x); }
static double foldLog(double x) { return std::log(x); }
static double foldSqrt(double x) { return std::sqrt(x); }
static double foldTanh(double x) { return std::tanh(x); }
static double foldErf(double x) { return std::erf(x); }
static double foldSin(double x) { return std::sin(x); }
static double foldCos(double x) { return std::cos(x); }
static double foldFloor(double x) { return std::floor(x); }
static double foldAbs(double x) { return std::abs(x); }

template <typename Op, bool isMax>
static Value extremum(Elaborator &e, BuiltinCall &call) {
  const Value &a = call["a"], &b = call["b"];
  const Number *x = a.as<Number>(), *y = b.as<Number>();
  if (x && y)
    return (x->value > y->value) == isMax ? *x : *y;
  auto left = e.toTensor(a, call.site.range, b.as<Tensor>()), right = e.toTensor(b, call.site.range, a.as<Tensor>());
  if (!left || !right)
    return Poison();
  e.promote(*left, *right);
  auto z = e.emit.binary<Op>(*left, *right);
  return z ? Value(*z) : Value();
}

static Value detach(Elaborator &e, BuiltinCall &call) {
  auto x = e.toTensor(call["x"], call.site.range);
  return x ? Value(e.emit.detach(*x)) : Value();
}

static Value toFloat(Elaborator &e, BuiltinCall &call) {
  auto x = e.toTensor(call["x"], call.site.range);
  return x ? Value(e.emit.toFloat(*x)) : Value();
}

//===----------------------------------------------------------------------===//
// Along one axis
//===----------------------------------------------------------------------===//

/// An argument that is present everywhere.
static std::optional<Tensor> whole(Elaborator &e, const BuiltinCall &call, const char *name) {
  const BoundArgument &argument = call.arguments.at(name);
  auto x = e.toTensor(argument.value, argument.range);
  return x && e.requirePresent(*x, argument.range) ? x : std::nullopt;
}

/// The value `x` and the name of its axis argument.
static std::optional<std::pair<Tensor, std::string>> along(Elaborator &e, BuiltinCall &call, bool mayBeAbsent = false) {
  auto x = mayBeAbsent ? e.toTensor(call["x"], call.site.range) : whole(e, call, "x");
  if (!x)
    return std::nullopt;
  const BoundArgument &axis = call.arguments.at("axis");
  int at = e.findAxis(*x, axis.value.as<AxisRef>()->name, call.env, axis.range);
  if (at < 0)
    return std::nullopt;
  return std::make_pair(*x, x->axes[at].name);
}

/// `x` with its absent elements so far down that no maximum and no exponential sees them; finite, so that a row of nothing else is no NaN.
static std::optional<Tensor> sink(Elaborator &e, const Tensor &x, const Tensor &mask) {
  Tensor plain = x;
  plain.present = nullptr;
  return e.emit.select(mask, plain, e.emit.constant(-1e30, x.axes, x.element()));
}

static Value softmax(Elaborator &e, BuiltinCall &call) {
  auto input = along(e, call, /*mayBeAbsent=*/true);
  if (!input)
    return Poison();
  auto [x, axis] = *input;
  x = e.emit.toFloat(x);
  std::optional<Tensor> mask;
  if (x.present)
    mask = *x.present;
  if (call.has("where")) {
    auto given = whole(e, call, "where");
    if (!given)
      return Poison();
    if (!given->isBool())
      return e.error(call.arguments.at("where").range, "expected a bool tensor, found " + describe(call["where"]));
    mask = mask ? e.emit.binary<AndOp>(*mask, *given) : given;
    if (!mask)
      return Poison();
  }
  if (!mask)
    return e.emit.order(e.emit.unary<SoftmaxOp>(e.emit.moveLast(x, axis)), x.axes);
  auto sunk = sink(e, x, *mask);
  if (!sunk)
    return Poison();
  Tensor y = e.emit.order(e.emit.unary<SoftmaxOp>(e.emit.moveLast(*sunk, axis)), sunk->axes);
  bool neverEmpty = mask->bound && mask->bound->exact && mask->bound->axis == axis;
  if (neverEmpty)
    return y;
  auto cleared = e.emit.select(*mask, y, e.emit.constant(0, {}, y.element()));
  return cleared ? Value(*cleared) : Value();
}

static Value logSumExp(Elaborator &e, BuiltinCall &call) {
  auto input = along(e, call, /*mayBeAbsent=*/true);
  if (!input)
    return Poison();
  auto [x, axis] = *input;
  x = e.emit.toFloat(x);
  std::shared_ptr<const Tensor> present = x.present;
  if (present) {
    auto sunk = sink(e, x, *present);
    if (!sunk)
      return Poison();
    x = *sunk;
  }
  Tensor moved = e.emit.moveLast(x, axis);
  Tensor y;
  y.axes.assign(moved.axes.begin(), moved.axes.end() - 1);
  y.value = e.emit.create<LogSumExpOp>(e.emit.type(y.axes, moved.element()), moved.value);
  if (present)
    y.present = e.emit.presence(*present, {axis});
  return y;
}

static Value normalize(Elaborator &e, BuiltinCall &call) {
  auto input = along(e, call);
  const Number *eps = call["eps"].as<Number>();
  if (!input)
    return Poison();
  if (!eps || !(eps->value >= 0))
    return e.error(call.arguments.at("eps").range, "expected a number of at least 0, found " + describe(call["eps"]));
  Tensor x = e.emit.toFloat(input->first);
  Tensor y = e.emit.moveLast(x, input->second);
  y.value = e.emit.create<NormalizeOp>(y.value, e.emit.builder.getF64FloatAttr(eps->value));
  return e.emit.order(y, x.axes);
}

static Value topMask(Elaborator &e, BuiltinCall &call) {
  auto input = along(e, call);
  const Number *k = call["k"].as<Number>();
  if (!input)
    return Poison();
  Tensor x = e.emit.toFloat(input->first);
  int64_t extent = x.axes[x.find(input->second)].extent;
  const BoundArgument &written = call.arguments.at("k");
  if (!k || !k->isInt || k->value < 1)
    return e.error(written.range, "k is a whole number of at least 1, found " + describe(call["k"]));
  if (k->value > static_cast<double>(extent)) {
    Diagnostic &d = e.diagnose(written.range, "k = " + format(k->value) + " exceeds the extent of axis '" + input->second + "', " + std::to_string(extent));
    auto origin = call.env->frame->dims.find(input->second);
    if (origin != call.env->frame->dims.end() && origin->second.origin.isValid())
      d.note(origin->second.origin, input->second + " = " + std::to_string(extent) + " comes from here");
    return Poison();
  }
  Tensor moved = e.emit.moveLast(x, input->second);
  Tensor y = moved;
  y.value = e.emit.create<TopMaskOp>(e.emit.type(moved.axes, e.emit.i1()), moved.value, static_cast<int64_t>(k->value));
  y = e.emit.order(y, x.axes);
  y.bound = CountBound{input->second, static_cast<int64_t>(k->value), true};
  return y;
}

/// Where x is neither infinite nor nan.
static Value finite(Elaborator &e, BuiltinCall &call) {
  if (const Number *number = call["x"].as<Number>())
    return std::isfinite(number->value);
  const Tensor *x = call["x"].as<Tensor>();
  if (!x || !x->isFloat())
    return call["x"].isPoison() ? Value() : e.error(call.arguments.at("x").range, "expected floats, found " + describe(call["x"]));
  Tensor size = e.emit.unary<AbsOp>(*x);
  return *e.emit.compare(Predicate::lt, size, e.emit.constant(std::numeric_limits<double>::infinity(), {}, x->element()));
}

/// `on`, with the promise that at most k of the axis hold. The run ends with an error where it is broken.
static Value atMost(Elaborator &e, BuiltinCall &call) {
  auto input = along(e, call);
  const Number *k = call["k"].as<Number>();
  if (!input)
    return Poison();
  Tensor on = input->first;
  int64_t extent = on.axes[on.find(input->second)].extent;
  if (!on.isBool())
    return e.error(call.site.range, "at_most(on, k, axis) bounds a bool tensor, found " + describe(call["x"]));
  if (!k || !k->isInt || k->value < 1 || k->value > static_cast<double>(extent))
    return e.error(call.arguments.at("k").range, "expected a number from 1 to " + std::to_string(extent) + ", found " + describe(call["k"]));
  on.bound = CountBound{input->second, static_cast<int64_t>(k->value), false};
  return on;
}

static Tensor prefixSums(Elaborator &e, const Tensor &x, const std::string &axis, bool exclusive) {
  Tensor y = x;
  y.bound.reset();
  y.value = e.emit.create<CumsumOp>(x.value.getType(), x.value, static_cast<int64_t>(x.find(axis)), exclusive, false);
  return y;
}

static Value cumsum(Elaborator &e, BuiltinCall &call) {
  auto input = along(e, call);
  if (!input)
    return Poison();
  return prefixSums(e, input->first.isInt() ? input->first : e.emit.toFloat(input->first), input->second, false);
}

/// How many true elements come before each element.
static Value rank(Elaborator &e, BuiltinCall &call) {
  auto input = along(e, call);
  if (!input)
    return Poison();
  if (!input->first.isBool())
    return e.error(call.site.range, "rank(on, axis) counts the true elements of a bool tensor, found " + describe(call["x"]));
  return prefixSums(e, e.emit.convert(input->first, e.emit.i32()), input->second, true);
}

/// `last(x, n, axis)` and `first(x, n, axis)`.
template <bool atEnd>
static Value take(Elaborator &e, BuiltinCall &call) {
  auto input = along(e, call);
  const Number *n = call["n"].as<Number>();
  if (!input)
    return Poison();
  const Tensor &x = input->first;
  int at = x.find(input->second);
  int64_t extent = x.axes[at].extent;
  const BoundArgument &written = call.arguments.at("n");
  if (!n || !n->isInt || n->value < 1 || n->value > static_cast<double>(extent))
    return e.error(written.range, "expected a number from 1 to " + std::to_string(extent) + ", found " + describe(call["n"]));
  int64_t count = static_cast<int64_t>(n->value);
  return e.emit.slice(x, at, atEnd ? extent - count : 0, {e.axisName(written.label, call.env), count, nullptr, true});
}

/// Joins tensors that differ in one axis; the joined axis is called by the sum of their names.
static Value concat(Elaborator &e, BuiltinCall &call) {
  auto tuple = call["xs"].as<std::shared_ptr<Tuple>>();
  std::string name = call["axis"].as<AxisRef>()->name;
  std::vector<Tensor> xs;
  for (const Value &value : (*tuple)->elements) {
    auto x = e.toTensor(value, call.site.range);
    if (!x || !e.requirePresent(*x, call.site.range))
      return Poison();
    xs.push_back(*x);
  }
  auto base = llvm::find_if(xs, [&](const Tensor &x) { return x.has(name); });
  if (base == xs.end())
    return e.error(call.arguments.at("axis").range, "none of these tensors has an axis '" + name + "'");
  Axes pattern = base->axes;
  llvm::SmallVector<mlir::Value> values;
  Axis joined{"", 0, nullptr, true};
  for (Tensor &x : xs) {
    Axes order;
    const Axis *odd = nullptr;
    for (const Axis &axis : x.axes)
      if (axis.name == name || llvm::none_of(pattern, [&](const Axis &p) { return p.name != name && p.name == axis.name; }))
        odd = odd ? odd : &axis;
    bool fits = odd && x.axes.size() == pattern.size() && x.element() == xs.front().element();
    for (const Axis &axis : pattern) {
      if (axis.name == name) {
        if (odd)
          order.push_back(*odd);
        continue;
      }
      int at = x.find(axis.name);
      fits &= at >= 0 && x.axes[at].extent == axis.extent;
      order.push_back(axis);
    }
    if (!fits)
      return e.error(call.site.range, "cat joins tensors that agree in all axes but '" + name + "'; found " + describe(*base) + " and " + describe(x));
    joined.name += (joined.name.empty() ? "" : "+") + odd->name;
    joined.extent += odd->extent;
    values.push_back(e.emit.order(x, order).value);
  }
  Tensor y;
  y.axes = pattern;
  int64_t dim = 0;
  while (pattern[dim].name != name)
    ++dim;
  y.axes[dim] = joined;
  y.value = e.emit.create<ConcatOp>(e.emit.type(y.axes, xs.front().element()), values, dim);
  return y;
}

/// 0, 1, 2, ... along an axis of this definition.
static Value position(Elaborator &e, BuiltinCall &call) {
  std::string name = call["axis"].as<AxisRef>()->name;
  auto extent = e.lookupDim(name, call.env);
  if (!extent)
    return e.error(call.arguments.at("axis").range, "the extent of the axis '" + name + "' is not known here");
  Tensor y;
  y.axes = {{name, *extent, nullptr, true}};
  y.value = e.emit.create<IotaOp>(e.emit.type(y.axes, e.emit.i32()), int64_t(0));
  return e.emit.toFloat(y);
}

static Value oneHot(Elaborator &e, BuiltinCall &call) {
  auto ids = whole(e, call, "ids");
  const Number *n = call["n"].as<Number>();
  if (!ids)
    return Poison();
  if (!ids->isInt() || !n || !n->isInt || n->value < 1)
    return e.error(call.site.range, "one_hot takes ids and a dimension");
  Tensor classes;
  classes.axes = {{e.axisName(call.arguments.at("n").label, call.env), static_cast<int64_t>(n->value), nullptr, true}};
  classes.value = e.emit.create<IotaOp>(e.emit.type(classes.axes, e.emit.i32()), int64_t(0));
  auto y = e.emit.compare(Predicate::eq, *ids, classes);
  return y ? Value(*y) : Value();
}

//===----------------------------------------------------------------------===//
// Tables, losses, random numbers
//===----------------------------------------------------------------------===//

static Value gather(Elaborator &e, BuiltinCall &call) {
  auto table = whole(e, call, "table"), ids = whole(e, call, "ids");
  if (!table || !ids)
    return Poison();
  if (!ids->isInt() || table->axes.empty())
    return e.error(call.site.range, "gather takes a table and ids, found " + describe(call["table"]) + " and " + describe(call["ids"]));
  if (table->rows())
    return e.error(call.site.range, "gather takes one table for all rows; inside an `each` a parameter is another one for each expert");
  e.requireIds(*ids, table->axes.front().extent, "ids", call);
  Tensor y;
  y.axes = ids->axes;
  y.axes.insert(y.axes.end(), table->axes.begin() + 1, table->axes.end());
  y.value = e.emit.create<GatherOp>(e.emit.type(y.axes, table->element()), table->value, ids->value);
  return y;
}

/// The negative log-likelihood of each target; classes are the last axis of the logits.
static Value negativeLogLikelihood(Elaborator &e, BuiltinCall &call) {
  auto logits = whole(e, call, "logits"), targets = whole(e, call, "targets");
  if (!logits || !targets)
    return Poison();
  Axes rows = logits->axes;
  bool fits = !rows.empty() && targets->isInt() && logits->isFloat();
  if (fits)
    rows.pop_back();
  fits &= rows.size() == targets->axes.size();
  for (size_t i = 0; fits && i < rows.size(); ++i)
    fits &= rows[i].extent == targets->axes[i].extent;
  if (!fits)
    return e.error(call.site.range, "expected logits with one more axis than their targets, found " + describe(*logits) + " and " + describe(*targets));
  e.requireIds(*targets, logits->axes.back().extent, "targets", call);
  Tensor y;
  y.axes = rows;
  y.value = e.emit.create<CrossEntropyOp>(e.emit.type(rows, logits->element()), logits->value, targets->value);
  return y;
}

/// FNV-1a: the same on every machine and in every version.
static uint32_t stableHash(const std::string &text) {
  uint32_t hash = 2166136261u;
  for (unsigned char c : text)
    hash = (hash ^ c) * 16777619u;
  return hash;
}

/// Uniform numbers in [0, 1) of the shape of x, a new draw a micro-batch and place of the source.
static Value random(Elaborator &e, BuiltinCall &call) {
  auto x = e.toTensor(call["x"], call.site.range);
  if (!x)
    return Poison();
  if (!e.training())
    return e.error(call.site.range, "random numbers exist in training only: ask `if training`");
  e.nameInstance(*call.instance, "random", call.env);
  Tensor y = *x;
  y.present = nullptr;
  y.bound.reset();
  mlir::Value key = e.program->read(BindingKind::key, "key", mlir::RankedTensorType::get({3}, e.emit.i32()));
  y.value = e.emit.create<UniformOp>(e.emit.type(y.axes, e.emit.floating()), key, stableHash(call.instance->path));
  return y;
}

static Value matches(Elaborator &e, BuiltinCall &call) {
  auto name = call["name"].as<std::string>(), patterns = call["pattern"].as<std::string>();
  if (!name || !patterns)
    return e.error(call.site.range, "matches(name, pattern) takes two texts");
  return matchesPatterns(*name, *patterns);
}

static Value constantSchedule(Elaborator &, BuiltinCall &call) { return call["value"]; }

//===----------------------------------------------------------------------===//
// linear
//===----------------------------------------------------------------------===//

static std::optional<Initializer> initializerOf(Elaborator &e, const BoundArgument &argument) {
  if (const InitValue *given = argument.value.as<InitValue>())
    return given->init;
  if (const Number *number = argument.value.as<Number>())
    return Initializer{Initializer::Kind::constant, number->value};
  e.error(argument.range, "expected an initialiser or a number, found " + describe(argument.value));
  return std::nullopt;
}

/// `linear(o)(x: [*S,i]) -> [*S,o]`, with PyTorch's initialisation by default. Inside an `each` every expert has its own.
static Value linear(Elaborator &e, BuiltinCall &call) {
  auto input = whole(e, call, "x");
  if (!input)
    return Poison();
  Tensor x = e.emit.toFloat(*input);
  const BoundArgument &o = call.arguments.at("o");
  const Number *extent = o.value.as<Number>();
  if (!extent || !extent->isInt || extent->value < 1)
    return e.error(o.range, "expected a dimension, found " + describe(o.value));
  if (x.axes.empty() || x.axes.back().routing)
    return e.error(call.site.range, "linear acts on the last axis, but there is none in " + describe(x));
  Axis in = x.axes.back();
  Axis out{o.frame == call.env->frame ? e.axisName(o.label, call.env) : "o", static_cast<int64_t>(extent->value), nullptr, true};
  for (size_t i = 0; i + 1 < x.axes.size(); ++i)
    if (x.axes[i].name == out.name)
      return e.error(call.site.range, "the result has two axes called '" + out.name + "'");

  Initializer standard{Initializer::Kind::uniform, 1 / std::sqrt(static_cast<double>(in.extent))}, w = standard, b = standard;
  bool hasBias = true;
  if (call.has("w")) {
    auto given = initializerOf(e, call.arguments.at("w"));
    if (!given)
      return Poison();
    w = *given;
  }
  for (const char *name : {"bias", "b"})
    if (call.has(name)) {
      if (call[name].as<NoneValue>()) {
        hasBias = false;
        continue;
      }
      auto given = initializerOf(e, call.arguments.at(name));
      if (!given)
        return Poison();
      b = *given;
    }

  auto named = e.bindingNames.find(call.instance->site);
  e.nameInstance(*call.instance, named == e.bindingNames.end() ? "linear" : named->second, call.env);
  Axis inner = in;
  if (inner.name == out.name)
    inner.name += "'";
  CellPtr weight = e.declareParam(call.instance->path + "w", {inner, out}, w, call.env, call.site.range);
  if (!weight)
    return Poison();
  mlir::Value matrix = e.program->read(BindingKind::param, weight->name, e.emit.type(weight->axes, weight->element));

  Tensor y;
  if (const Axis *rows = e.currentRows(call.env)) {
    Axis row = *rows;
    if (!x.rows())
      x = e.emit.expand(x, {row, in});
    if (x.axes.size() != 2)
      return e.error(call.site.range, "inside an `each`, linear acts on one axis, found " + describe(x));
    x = e.emit.order(x, {row, in});
    y.axes = {row, out};
    y.value = e.emit.create<GroupedMatmulOp>(e.emit.type(y.axes, x.element()), x.value, matrix, row.routing->routing, false);
  } else {
    y.axes = x.axes;
    y.axes.back() = out;
    mlir::MLIRContext *context = e.emit.builder.getContext();
    Indexed left{x, {}}, right{Tensor{matrix, {inner, out}, nullptr, std::nullopt}, {}};
    std::vector<mlir::AffineExpr> result;
    llvm::SmallVector<int64_t> box;
    for (const Axis &axis : x.axes) {
      left.index.push_back(mlir::getAffineDimExpr(box.size(), context));
      box.push_back(axis.extent);
    }
    result.assign(left.index.begin(), left.index.end());
    result.back() = mlir::getAffineDimExpr(box.size(), context);
    box.push_back(out.extent);
    right.index = {left.index.back(), result.back()};
    y = e.emit.contract({left, right}, box, result, y.axes);
  }
  if (hasBias) {
    CellPtr bias = e.declareParam(call.instance->path + "bias", {out}, b, call.env, call.site.range);
    if (!bias)
      return Poison();
    Value shift = e.read(bias, call.env);
    y = *e.emit.binary<AddOp>(y, *shift.as<Tensor>());
  }
  return y;
}

//===----------------------------------------------------------------------===//
// The table
//===----------------------------------------------------------------------===//

static std::vector<BuiltinParameter> parseList(llvm::StringRef text) {
  std::vector<BuiltinParameter> list;
  llvm::SmallVector<llvm::StringRef> parts;
  text.split(parts, ',', -1, false);
  for (llvm::StringRef part : parts) {
    part = part.trim();
    BuiltinParameter parameter;
    parameter.variadic = part.consume_front("*");
    parameter.isAxis = part.consume_back(": axis");
    parameter.optional = part.consume_back("?") || parameter.variadic;
    parameter.name = part.str();
    list.push_back(parameter);
  }
  return list;
}

static Builtin entry(llvm::StringRef signature, Value (*emit)(Elaborator &, BuiltinCall &)) {
  auto [name, lists] = signature.split('(');
  auto [first, second] = lists.drop_back().split(")(");
  bool two = lists.contains(")(");
  return {name.str(), two ? parseList(first) : std::vector<BuiltinParameter>(), parseList(two ? second : first), emit};
}

static const std::map<std::string, Builtin> &builtins() {
  static const std::map<std::string, Builtin> table = [] {
    std::map<std::string, Builtin> map;
    for (Builtin &builtin : std::vector<Builtin>{
             entry("abs(x)", unary<AbsOp, foldAbs>),
             entry("finite(x)", finite),
             entry("sign(x)", unary<SignOp, foldSign>),
             entry("exp(x)", unary<ExpOp, foldExp>),
             entry("log(x)", unary<LogOp, foldLog>),
             entry("sqrt(x)", unary<SqrtOp, foldSqrt>),
             entry("rsqrt(x)", unary<RsqrtOp, foldRsqrt>),
             entry("tanh(x)", unary<TanhOp, foldTanh>),
             entry("sigmoid(x)", unary<SigmoidOp, foldSigmoid>),
             entry("erf(x)", unary<ErfOp, foldErf>),
             entry("sin(x)", unary<SinOp, foldSin>),
             entry("cos(x)", unary<CosOp, foldCos>),
             entry("floor(x)", unary<FloorOp, foldFloor>),
             entry("relu(x)", unary<ReluOp, foldRelu>),
             entry("max(a, b)", extremum<MaxOp, true>),
             entry("min(a, b)", extremum<MinOp, false>),
             entry("detach(x)", detach),
             entry("float(x)", toFloat),
             entry("softmax(x, axis: axis, where?)", softmax),
             entry("logsumexp(x, axis: axis)", logSumExp),
             entry("normalize(x, axis: axis, eps)", normalize),
             entry("top_mask(x, k, axis: axis)", topMask),
             entry("at_most(x, k, axis: axis)", atMost),
             entry("cumsum(x, axis: axis)", cumsum),
             entry("rank(x, axis: axis)", rank),
             entry("last(x, n, axis: axis)", take<true>),
             entry("first(x, n, axis: axis)", take<false>),
             entry("cat(*xs, axis: axis)", concat),
             entry("position(axis: axis)", position),
             entry("one_hot(ids, n)", oneHot),
             entry("gather(table, ids)", gather),
             entry("nll(logits, targets)", negativeLogLikelihood),
             entry("random(x)", random),
             entry("matches(name, pattern)", matches),
             entry("constant(value)(step)", constantSchedule),
             entry("linear(o, bias?, w?, b?)(x)", linear),
         })
      map.emplace(builtin.name, builtin);
    return map;
  }();
  return table;
}

const Builtin *Elaborator::findBuiltin(const std::string &name) {
  auto it = builtins().find(name);
  return it == builtins().end() ? nullptr : &it->second;
}

Value Elaborator::callBuiltin(const Builtin &builtin, BuiltinCall &call) {
  for (const auto &argument : call.arguments)
    if (argument.second.value.isPoison())
      return Poison();
  return builtin.emit(*this, call);
}

void appendBuiltinNames(std::vector<std::string> &names) {
  for (const auto &builtin : builtins())
    names.push_back(builtin.first);
  for (const char *name : {"sum", "mean", "training", "step", "inf", "none", "split", "merge", "normal", "uniform"})
    names.push_back(name);
}

//===----------------------------------------------------------------------===//
// split and merge
//===----------------------------------------------------------------------===//

Value Elaborator::evalLayout(const ast::CallExpr &call, const Value &value, const EnvPtr &env) {
  std::string name = call.callee->kind == ast::Expr::Kind::Name ? static_cast<const ast::NameExpr &>(*call.callee).name : "";
  if (name != "split" && name != "merge")
    return error(call.range, "`->` belongs to split and merge");
  if (value.isPoison())
    return value;
  auto input = toTensor(value, call.range);
  if (!input || !requirePresent(*input, call.range))
    return Poison();
  at(call.range);
  Tensor x = *input;
  size_t arrow = *call.arrow, after = call.arguments.size() - arrow;
  if ((name == "split" && arrow != 1) || (name == "merge" && after != 1))
    return error(call.range, name == "split" ? "split takes one axis to several: split(d -> n, c)" : "merge takes several axes to one: merge(n, c -> d)");

  std::vector<int> from;
  for (size_t i = 0; i < arrow; ++i) {
    int axis = findAxis(x, text(*call.arguments[i].value), env, call.arguments[i].range);
    if (axis < 0)
      return Poison();
    if (x.axes[axis].routing || llvm::is_contained(from, axis))
      return error(call.arguments[i].range, "this axis cannot be merged");
    from.push_back(axis);
  }
  // The merged axes side by side, where the first of them is.
  llvm::SmallVector<int64_t> perm;
  int64_t extent = 1;
  size_t place = 0;
  for (int i = 0; i < static_cast<int>(x.axes.size()); ++i) {
    if (i == from.front()) {
      place = perm.size();
      for (int axis : from) {
        perm.push_back(axis);
        extent *= x.axes[axis].extent;
      }
    } else if (!llvm::is_contained(from, i))
      perm.push_back(i);
  }
  x = emit.transpose(x, perm);
  Axes axes(x.axes.begin(), x.axes.begin() + place);

  int64_t known = 1;
  const ast::Argument *open = nullptr;
  for (size_t i = arrow; i < call.arguments.size(); ++i) {
    const ast::Argument &target = call.arguments[i];
    size_t errors = sink.getErrorCount();
    auto axis = evalDim(*target.value, env);
    if (sink.getErrorCount() != errors)
      return Poison();
    if (!axis && open)
      return error(target.range, "the extents of '" + text(*open->value) + "' and '" + text(*target.value) + "' are both unknown");
    if (!axis)
      open = &target;
    else if (known <= extent) // more is wrong already
      known *= axis->extent;
  }
  if (open ? known > extent || extent % known != 0 : known != extent) {
    auto list = [&](size_t begin, size_t end) {
      std::string names;
      for (size_t i = begin; i < end; ++i)
        names += (i == begin ? "" : " * ") + text(*call.arguments[i].value);
      return names;
    };
    Diagnostic &d = diagnose(call.range, list(0, arrow) + " = " + std::to_string(extent) +
                                             (open ? " does not split into equal parts of " : ", but " + list(arrow, call.arguments.size()) + " = ") +
                                             std::to_string(known));
    for (const ast::Argument &argument : call.arguments)
      noteOrigin(d, *argument.value, env);
    return Poison();
  }
  if (open && !unify(*open->value, extent / known, env, open->range))
    return Poison();
  for (size_t i = arrow; i < call.arguments.size(); ++i) {
    auto axis = evalDim(*call.arguments[i].value, env);
    if (!axis)
      return Poison();
    axes.push_back(*axis);
  }
  axes.insert(axes.end(), x.axes.begin() + place + from.size(), x.axes.end());
  for (size_t i = 0; i < axes.size(); ++i)
    for (size_t j = 0; j < i; ++j)
      if (axes[i].name == axes[j].name)
        return error(call.range, "the result has two axes called '" + axes[i].name + "'");
  return emit.reshape(x, axes);
}

} // namespace moe::frontend
