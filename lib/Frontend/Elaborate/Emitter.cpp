//===- Emitter.cpp - named tensor algebra to the moe dialect --------------===//
#include "lib/Frontend/Elaborate/Emitter.h"

#include <algorithm>
#include <limits>

using namespace mlir;

namespace moe::frontend {

static bool contains(llvm::ArrayRef<std::string> names, const std::string &name) { return llvm::is_contained(names, name); }

static bool coversAxes(const Tensor &x, const Axes &axes) {
  return llvm::all_of(axes, [&](const Axis &axis) { return x.has(axis.name); });
}

RankedTensorType Emitter::type(const Axes &axes, Type element) {
  SmallVector<int64_t> shape;
  double elements = 1;
  for (const Axis &axis : axes) {
    shape.push_back(axis.extent);
    elements *= static_cast<double>(axis.extent);
  }
  // Said once: whatever is computed from such a tensor is too large as well.
  if (elements > maxElements && !saidTooLarge) {
    saidTooLarge = true;
    fail("a tensor " + describe(axes) + " has more than 2^40 elements");
  }
  return RankedTensorType::get(shape, element);
}

Tensor Emitter::constant(double value, const Axes &axes, Type element) {
  auto tensorType = type(axes, element);
  Attribute splat = isa<FloatType>(element) ? Attribute(builder.getFloatAttr(element, value))
                                            : Attribute(builder.getIntegerAttr(element, static_cast<int64_t>(value)));
  Tensor y;
  y.value = ConstantOp::create(builder, loc, DenseElementsAttr::get(tensorType, splat));
  y.axes = axes;
  return y;
}

Tensor Emitter::convert(const Tensor &x, Type element) {
  if (x.element() == element)
    return x;
  Tensor y = x;
  y.bound.reset();
  y.value = create<ConvertOp>(type(x.axes, element), x.value);
  return y;
}

Tensor Emitter::detach(const Tensor &x) {
  Tensor y = x;
  if (x.isFloat())
    y.value = create<DetachOp>(x.value);
  return y;
}

//===----------------------------------------------------------------------===//
// Layout
//===----------------------------------------------------------------------===//

Tensor Emitter::transpose(const Tensor &x, ArrayRef<int64_t> perm) {
  bool identity = true;
  Tensor y = x;
  for (size_t i = 0; i < perm.size(); ++i) {
    identity &= perm[i] == static_cast<int64_t>(i);
    y.axes[i] = x.axes[perm[i]];
  }
  if (!identity)
    y.value = create<TransposeOp>(type(y.axes, x.element()), x.value, perm);
  return y;
}

Tensor Emitter::order(const Tensor &x, const Axes &axes) {
  SmallVector<int64_t> perm;
  for (const Axis &axis : axes)
    if (int at = x.find(axis.name); at >= 0)
      perm.push_back(at);
  return transpose(x, perm);
}

Tensor Emitter::reshape(const Tensor &x, const Axes &axes) {
  Tensor y = x;
  y.axes = axes;
  auto target = type(axes, x.element());
  if (target != x.value.getType())
    y.value = create<ReshapeOp>(target, x.value);
  return y;
}

Tensor Emitter::expand(const Tensor &x, const Axes &axes) {
  Tensor y = order(x, axes);
  if (y.axes.size() == axes.size()) {
    y.axes = axes;
    return y;
  }
  SmallVector<int64_t> dims;
  for (size_t i = 0; i < axes.size(); ++i)
    if (x.has(axes[i].name))
      dims.push_back(i);
  y.axes = axes;
  y.value = create<BroadcastOp>(type(axes, x.element()), y.value, dims);
  return y;
}

Tensor Emitter::moveLast(const Tensor &x, const std::string &name) {
  SmallVector<int64_t> perm;
  for (size_t i = 0; i < x.axes.size(); ++i)
    if (x.axes[i].name != name)
      perm.push_back(i);
  perm.push_back(x.find(name));
  return transpose(x, perm);
}

Tensor Emitter::slice(const Tensor &x, int dim, int64_t offset, Axis axis) {
  Tensor y = x;
  SmallVector<int64_t> offsets(x.axes.size(), 0);
  offsets[dim] = offset;
  y.axes[dim] = axis;
  y.bound.reset();
  y.value = create<SliceOp>(type(y.axes, x.element()), x.value, offsets);
  return y;
}

//===----------------------------------------------------------------------===//
// Elementwise
//===----------------------------------------------------------------------===//

static bool touches(const Tensor &x, const Routing &routing) {
  return x.has(routing.expert.name) || llvm::any_of(routing.tokens, [&](const Axis &axis) { return x.has(axis.name); });
}

std::optional<std::vector<Tensor>> Emitter::align(std::vector<Tensor> xs) {
  const Axis *rows = nullptr;
  for (const Tensor &x : xs)
    if (const Axis *axis = x.rows()) {
      if (rows && rows->routing != axis->routing) {
        fail("values of two different `each` blocks cannot be combined before their expert axes are reduced");
        return std::nullopt;
      }
      rows = axis;
    }
  if (rows && rows->pairVisible) {
    Axis axis = *rows;
    for (Tensor &x : xs) {
      if (x.rows())
        continue;
      // What is the same in every row comes to them through the experts when some rows may not exist: its gradient then sums over those that do.
      bool exact = cast<RoutingType>(axis.routing->routing.getType()).getExact();
      if (!touches(x, *axis.routing) && !exact && x.isFloat() && !x.value.getDefiningOp<ConstantOp>()) {
        Axes perExpert{axis.routing->expert};
        llvm::append_range(perExpert, x.axes);
        x = expand(x, perExpert);
      }
      if (touches(x, *axis.routing))
        x = dispatch(x, axis);
    }
  }

  Axes axes;
  const Tensor *widest = nullptr;
  for (const Tensor &x : xs)
    if (!widest || x.axes.size() > widest->axes.size())
      widest = &x;
  if (widest && llvm::all_of(xs, [&](const Tensor &x) { return coversAxes(*widest, x.axes); }))
    axes = widest->axes;
  auto add = [&](const Axis &axis) {
    auto found = llvm::find_if(axes, [&](const Axis &a) { return a.name == axis.name; });
    if (found == axes.end())
      axes.push_back(axis);
    else if (found->extent != axis.extent) {
      fail("axis '" + axis.name + "' is " + std::to_string(found->extent) + " on one side and " + std::to_string(axis.extent) +
           " on the other");
      return false;
    }
    return true;
  };
  for (const Tensor &x : xs)
    for (const Axis &axis : x.axes)
      if (!add(axis))
        return std::nullopt;

  std::shared_ptr<const Tensor> present;
  bool neverAbsent = false;
  for (const Tensor &x : xs) {
    present = both(present, x.present);
    neverAbsent |= x.neverAbsent;
  }
  for (Tensor &x : xs) {
    x = expand(x, axes);
    x.present = present;
    x.neverAbsent = neverAbsent;
  }
  return xs;
}

std::shared_ptr<const Tensor> Emitter::both(std::shared_ptr<const Tensor> a, std::shared_ptr<const Tensor> b) {
  if (!a || !b || a->value == b->value)
    return a ? a : b;
  auto xs = align({*a, *b});
  Tensor y = xs->front();
  y.value = create<AndOp>((*xs)[0].value, (*xs)[1].value);
  return std::make_shared<Tensor>(y);
}

std::optional<Tensor> Emitter::compare(Predicate predicate, const Tensor &a, const Tensor &b) {
  auto xs = align({a, b});
  if (!xs)
    return std::nullopt;
  Tensor y = xs->front();
  y.bound.reset();
  y.value = create<CompareOp>(type(y.axes, i1()), predicate, (*xs)[0].value, (*xs)[1].value);
  return y;
}

std::optional<Tensor> Emitter::select(const Tensor &mask, const Tensor &a, const Tensor &b) {
  auto xs = align({mask, a, b});
  if (!xs)
    return std::nullopt;
  Tensor y = (*xs)[1];
  y.bound.reset();
  y.value = create<SelectOp>((*xs)[0].value, (*xs)[1].value, (*xs)[2].value);
  return y;
}

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

/// `x` everywhere present, with `value` where it was absent.
Tensor Emitter::absentAs(const Tensor &x, double value) {
  if (!x.present)
    return x;
  Tensor mask = expand(*x.present, x.axes);
  Tensor y = x;
  y.present = nullptr;
  y.value = create<SelectOp>(mask.value, x.value, constant(value, x.axes, x.element()).value);
  return y;
}

std::shared_ptr<const Tensor> Emitter::presence(const Tensor &mask, ArrayRef<std::string> reduced) {
  SmallVector<std::string> names;
  for (const std::string &name : reduced)
    if (mask.has(name))
      names.push_back(name);
  if (names.empty())
    return std::make_shared<Tensor>(mask);
  if (mask.bound && mask.bound->exact && mask.bound->count > 0 && names.size() == 1 && names[0] == mask.bound->axis)
    return nullptr;
  Tensor any = *reduce(ReduceKind::max, toFloat(mask), names);
  any.value = create<CompareOp>(type(any.axes, i1()), Predicate::gt, any.value, constant(0, any.axes, any.element()).value);
  return std::make_shared<Tensor>(any);
}

std::optional<Tensor> Emitter::reduce(ReduceKind kind, const Tensor &input, ArrayRef<std::string> names) {
  Tensor x = input.isBool() ? toFloat(input) : input;
  SmallVector<std::string> plain, pair;
  const Axis *rows = x.rows();
  for (const std::string &name : names) {
    bool overPair = rows && rows->pairVisible &&
                    (rows->routing->expert.name == name ||
                     llvm::any_of(rows->routing->tokens, [&](const Axis &axis) { return axis.name == name; }));
    (overPair ? pair : plain).push_back(name);
  }
  if (!pair.empty() && kind != ReduceKind::sum) {
    fail("only sums and means reduce the axes of an `each` block");
    return std::nullopt;
  }
  if (!plain.empty()) {
    std::shared_ptr<const Tensor> present = x.present;
    double identity = kind == ReduceKind::sum   ? 0
                      : kind == ReduceKind::max ? -std::numeric_limits<double>::infinity()
                                                : std::numeric_limits<double>::infinity();
    x = absentAs(x, identity);
    SmallVector<int64_t> dims;
    Tensor y;
    for (size_t i = 0; i < x.axes.size(); ++i)
      if (contains(plain, x.axes[i].name))
        dims.push_back(i);
      else
        y.axes.push_back(x.axes[i]);
    y.value = create<ReduceOp>(type(y.axes, x.element()), kind, x.value, dims);
    y.neverAbsent = x.neverAbsent;
    if (present) {
      y.present = presence(*present, plain);
      y.neverAbsent |= !y.present;
    }
    x = y;
  }
  if (pair.empty())
    return x;

  x = absentAs(x, 0);
  std::shared_ptr<const Routing> routing = x.rows()->routing;
  bool expert = contains(pair, routing->expert.name);
  size_t tokens = pair.size() - (expert ? 1 : 0);
  if (expert) {
    Tensor y = combine(x, Over::tokens);
    pair.erase(llvm::find(pair, routing->expert.name));
    return tokens ? reduce(kind, y, pair) : y;
  }
  if (tokens < routing->tokens.size()) {
    fail("the token axes of an `each` block are reduced together or not at all");
    return std::nullopt;
  }
  Tensor y = combine(x, Over::experts);
  y.present = presence(routing->on, pair);
  y.neverAbsent = !y.present;
  return y;
}

std::optional<Tensor> Emitter::mean(const Tensor &input, ArrayRef<std::string> names) {
  Tensor x = toFloat(input);
  auto sum = reduce(ReduceKind::sum, x, names);
  if (!sum)
    return std::nullopt;
  const Axis *rows = x.rows();
  std::optional<Tensor> mask;
  if (x.present)
    mask = *x.present;
  else if (rows && rows->pairVisible)
    mask = rows->routing->on;
  double count = 1;
  SmallVector<std::string> masked;
  for (const std::string &name : names)
    if (mask && mask->has(name))
      masked.push_back(name);
    else
      count *= x.axes[x.find(name)].extent;
  Tensor divisor = constant(count, {}, x.element());
  if (!masked.empty()) {
    divisor = *reduce(ReduceKind::sum, toFloat(*mask), masked);
    if (count != 1)
      divisor = *binary<MulOp>(divisor, constant(count, {}, x.element()));
    auto y = binary<DivOp>(*sum, divisor);
    if (y && !y->present) { // a sum over no expert is 0, a mean is nothing
      y->present = presence(*mask, masked);
      y->neverAbsent = !y->present;
    }
    return y;
  }
  Tensor scale = constant(1 / count, sum->axes, x.element());
  scale.present = sum->present;
  return binary<MulOp>(*sum, scale);
}

std::optional<Tensor> Emitter::sumProduct(const Tensor &a, const Tensor &b, ArrayRef<std::string> names) {
  bool outer = !coversAxes(a, b.axes) && !coversAxes(b, a.axes);
  if (!outer || a.rows() || b.rows() || a.present || b.present) {
    auto y = binary<MulOp>(a, b);
    return y ? reduce(ReduceKind::sum, *y, names) : std::nullopt;
  }
  Axes box, resultAxes;
  std::vector<AffineExpr> result;
  std::vector<Indexed> factors;
  for (const Tensor *x : {&a, &b}) {
    Indexed factor{*x, {}};
    for (const Axis &axis : x->axes) {
      auto found = llvm::find_if(box, [&](const Axis &other) { return other.name == axis.name; });
      if (found != box.end() && found->extent != axis.extent) {
        fail("axis '" + axis.name + "' is " + std::to_string(found->extent) + " on one side and " + std::to_string(axis.extent) +
             " on the other");
        return std::nullopt;
      }
      AffineExpr dim = builder.getAffineDimExpr(found - box.begin());
      if (found == box.end()) {
        box.push_back(axis);
        if (!contains(names, axis.name)) {
          resultAxes.push_back(axis);
          result.push_back(dim);
        }
      }
      factor.index.push_back(dim);
    }
    factors.push_back(factor);
  }
  SmallVector<int64_t> extents;
  for (const Axis &axis : box)
    extents.push_back(axis.extent);
  return contract(factors, extents, result, resultAxes);
}

std::optional<Tensor> Emitter::product(ArrayRef<Tensor> factors) {
  std::optional<Tensor> y = factors.front();
  for (const Tensor &factor : factors.drop_front())
    if (!(y = binary<MulOp>(*y, factor)))
      return std::nullopt;
  return y;
}

std::optional<Tensor> Emitter::sum(const RowsOrElse &x, ArrayRef<std::string> names) {
  Axis rows = *x.rows.rows();
  if (names.size() != 1 || names[0] != rows.routing->expert.name) {
    fail("a value with `else` is reduced over its expert axis '" + rows.routing->expert.name + "' first");
    return std::nullopt;
  }
  auto defaults = atRows(x.factors, rows);
  auto change = defaults ? binary<SubOp>(x.rows, *defaults) : std::nullopt;
  if (!change)
    return std::nullopt;
  Tensor routed = combine(*change, Over::tokens);

  // Factors that only narrow another one are multiplied into it, so that at most one contraction is left.
  std::vector<Tensor> factors = x.factors;
  while (factors.size() > 2) {
    Tensor last = factors.back();
    factors.pop_back();
    auto host = llvm::find_if(factors, [&](const Tensor &f) { return coversAxes(f, last.axes) || coversAxes(last, f.axes); });
    Tensor &into = host == factors.end() ? factors.front() : *host;
    auto merged = binary<MulOp>(into, last);
    if (!merged)
      return std::nullopt;
    into = *merged;
  }
  // Tokens first: the contraction then has the order of the routed sum.
  auto hasTokens = [&](const Tensor &f) { return llvm::any_of(rows.routing->tokens, [&](const Axis &token) { return f.has(token.name); }); };
  if (factors.size() == 2 && !hasTokens(factors[0]) && hasTokens(factors[1]))
    std::swap(factors[0], factors[1]);
  bool overExperts = llvm::any_of(factors, [&](const Tensor &f) { return f.has(names[0]); });
  std::optional<Tensor> dense;
  if (!overExperts) {
    dense = product(factors);
    if (dense)
      dense = binary<MulOp>(*dense, constant(rows.routing->expert.extent, {}, dense->element()));
  } else {
    dense = factors.size() == 2 ? sumProduct(factors[0], factors[1], names) : reduce(ReduceKind::sum, factors[0], names);
  }
  return dense ? binary<AddOp>(routed, *dense) : std::nullopt;
}

Value Emitter::countFalse(const Tensor &holds) {
  Tensor x = toFloat(unary<NotOp>(holds));
  x = absentAs(x, 0);
  auto sumAll = [&](bool withRows) {
    SmallVector<int64_t> dims;
    Axes kept;
    for (auto [i, axis] : llvm::enumerate(x.axes))
      if (axis.routing && !withRows)
        kept.push_back(axis);
      else
        dims.push_back(i);
    if (!dims.empty())
      x.value = create<ReduceOp>(type(kept, x.element()), ReduceKind::sum, x.value, dims);
    x.axes = kept;
  };
  if (x.rows()) {
    sumAll(/*withRows=*/false);
    x = combine(x, Over::experts);
  }
  sumAll(/*withRows=*/true);
  return convert(x, i32()).value;
}

/// The positions in the box of an index made of plain, distinct box indices; nothing when it is anything else.
static std::optional<SmallVector<unsigned>> plainDims(ArrayRef<AffineExpr> index) {
  SmallVector<unsigned> dims;
  for (AffineExpr expr : index) {
    auto dim = dyn_cast<AffineDimExpr>(expr);
    if (!dim || llvm::is_contained(dims, dim.getPosition()))
      return std::nullopt;
    dims.push_back(dim.getPosition());
  }
  return dims;
}

Tensor Emitter::contract(ArrayRef<Indexed> input, ArrayRef<int64_t> extents, ArrayRef<AffineExpr> result, const Axes &resultAxes) {
  std::vector<Indexed> factors(input.begin(), input.end());
  for (Indexed &factor : factors)
    factor.tensor = absentAs(toFloat(factor.tensor), 0);
  MLIRContext *context = builder.getContext();
  auto emit = [&](ArrayRef<Indexed> xs, ArrayRef<AffineExpr> out, const Axes &axes) {
    SmallVector<Value> values;
    SmallVector<AffineMap> maps;
    for (const Indexed &x : xs) {
      values.push_back(x.tensor.value);
      maps.push_back(AffineMap::get(extents.size(), 0, x.index, context));
    }
    maps.push_back(AffineMap::get(extents.size(), 0, out, context));
    Tensor y;
    y.axes = axes;
    y.value = create<ContractOp>(type(axes, xs.front().tensor.element()), values, extents, builder.getAffineMapArrayAttr(maps));
    return y;
  };
  // More than two factors: the first two first, over all their indices. Indices of the box that nothing else uses still count once,
  // because the intermediate keeps every index it mentions.
  while (factors.size() > 2) {
    std::vector<AffineExpr> out;
    Axes axes;
    for (unsigned d = 0; d < extents.size(); ++d) {
      auto uses = [&](const Indexed &x) { return llvm::any_of(x.index, [&](AffineExpr e) { return e.isFunctionOfDim(d); }); };
      if (!uses(factors[0]) && !uses(factors[1]))
        continue;
      out.push_back(getAffineDimExpr(d, context));
      axes.push_back({"", extents[d], nullptr, true});
    }
    // Two operands only see their own indices: the others are not part of this box.
    SmallVector<AffineExpr> renumbered(extents.size(), getAffineConstantExpr(0, context));
    SmallVector<int64_t> box;
    std::vector<AffineExpr> local;
    for (AffineExpr expr : out) {
      unsigned d = cast<AffineDimExpr>(expr).getPosition();
      renumbered[d] = getAffineDimExpr(box.size(), context);
      local.push_back(renumbered[d]);
      box.push_back(extents[d]);
    }
    std::vector<Indexed> two(factors.begin(), factors.begin() + 2);
    for (Indexed &x : two)
      for (AffineExpr &expr : x.index)
        expr = expr.replaceDims(renumbered);
    Tensor merged = contract(two, box, local, axes);
    factors.erase(factors.begin());
    factors.front() = {merged, out};
  }

  // Plain indices without a contraction are a product, a reduction or a broadcast.
  auto name = [](unsigned d) { return "#" + std::to_string(d); };
  auto outDims = plainDims(result);
  bool plain = outDims.has_value();
  std::vector<Tensor> named;
  SmallVector<bool> used(extents.size(), false);
  for (const Indexed &factor : factors) {
    auto dims = plainDims(factor.index);
    if (!dims) {
      plain = false;
      break;
    }
    Tensor x = factor.tensor;
    for (size_t i = 0; i < dims->size(); ++i) {
      x.axes[i].name = name((*dims)[i]);
      plain &= x.axes[i].extent == extents[(*dims)[i]];
      used[(*dims)[i]] = true;
    }
    named.push_back(x);
  }
  if (plain) {
    SmallVector<std::string> summed;
    Axes outAxes;
    for (unsigned d = 0; d < extents.size(); ++d)
      if (!llvm::is_contained(*outDims, d)) {
        summed.push_back(name(d));
        plain &= used[d];
      }
    for (unsigned d : *outDims)
      outAxes.push_back({name(d), extents[d], nullptr, true});
    bool product = named.size() == 1 || summed.empty();
    if (plain && product) {
      Tensor y = *this->product(named);
      if (!summed.empty())
        y = *reduce(ReduceKind::sum, y, summed);
      y = expand(y, outAxes);
      y.axes = resultAxes;
      return y;
    }
  }
  return emit(factors, result, resultAxes);
}

//===----------------------------------------------------------------------===//
// Routing
//===----------------------------------------------------------------------===//

std::shared_ptr<const Routing> Emitter::route(const Tensor &on, const std::string &expert, Value &excess) {
  auto routing = std::make_shared<Routing>();
  routing->expert = on.axes[on.find(expert)];
  int64_t tokens = 1;
  for (const Axis &axis : on.axes)
    if (axis.name != expert) {
      routing->tokens.push_back(axis);
      tokens *= axis.extent;
    }
  Tensor pairs = moveLast(on, expert);
  pairs = reshape(pairs, {{"tokens", tokens, nullptr, true}, routing->expert});
  routing->rows = tokens * routing->expert.extent;
  bool exact = false;
  if (on.bound && on.has(on.bound->axis)) {
    routing->rows = routing->rows / on.axes[on.find(on.bound->axis)].extent * on.bound->count;
    exact = on.bound->exact;
  }
  routing->on = on;
  auto op = RouteOp::create(builder, loc, pairs.value, routing->rows, exact);
  routing->routing = op.getRouting();
  excess = op.getExcess();
  return routing;
}

Axis Emitter::rowsAxis(std::shared_ptr<const Routing> routing) {
  std::string name;
  for (const Axis &axis : routing->tokens)
    name += axis.name + ", ";
  return {name + routing->expert.name + "?", routing->rows, routing, true};
}

Tensor Emitter::dispatch(const Tensor &input, const Axis &rows) {
  const Routing &routing = *rows.routing;
  if (!touches(input, routing))
    return input;
  Tensor x = toFloat(input);
  Axes rest;
  bool expert = false, anyToken = false;
  for (const Axis &axis : x.axes) {
    bool isToken = llvm::any_of(routing.tokens, [&](const Axis &t) { return t.name == axis.name; });
    bool isExpert = axis.name == routing.expert.name;
    expert |= isExpert;
    anyToken |= isToken;
    if (!isToken && !isExpert)
      rest.push_back(axis);
  }
  Axes lead, merged;
  if (anyToken) {
    lead = routing.tokens;
    int64_t tokens = 1;
    for (const Axis &axis : lead)
      tokens *= axis.extent;
    merged.push_back({"tokens", tokens, nullptr, true});
  }
  if (expert) {
    lead.push_back(routing.expert);
    merged.push_back(routing.expert);
  }
  llvm::append_range(lead, rest);
  llvm::append_range(merged, rest);
  std::shared_ptr<const Tensor> present = x.present;
  x = reshape(expand(x, lead), merged);
  Over over = !expert ? Over::tokens : !anyToken ? Over::experts : Over::pairs;
  Tensor y;
  y.axes = {rows};
  llvm::append_range(y.axes, rest);
  y.value = create<DispatchOp>(type(y.axes, x.element()), over, x.value, routing.routing);
  // Being absent exactly where no row runs is nothing to remember.
  if (present && present->value != routing.on.value)
    y.present = std::make_shared<Tensor>(dispatch(*present, rows));
  if (input.isFloat())
    return y;
  if (!input.isBool())
    return convert(y, input.element());
  y.value = create<CompareOp>(type(y.axes, i1()), Predicate::gt, y.value, constant(0.5, y.axes, floating()).value);
  return y;
}

Tensor Emitter::combine(const Tensor &input, Over over) {
  Axis rows = *input.rows();
  const Routing &routing = *rows.routing;
  Tensor x = absentAs(input, 0);
  Axes axes{rows}, rest;
  for (const Axis &axis : x.axes)
    if (!axis.routing)
      rest.push_back(axis);
  llvm::append_range(axes, rest);
  x = order(x, axes);
  Axes lead = over == Over::tokens ? routing.tokens : Axes{routing.expert};
  int64_t extent = 1;
  for (const Axis &axis : lead)
    extent *= axis.extent;
  Tensor y;
  y.axes = {{"lead", extent, nullptr, true}};
  llvm::append_range(y.axes, rest);
  y.value = create<CombineOp>(type(y.axes, x.element()), over, x.value, routing.routing);
  llvm::append_range(lead, rest);
  return reshape(y, lead);
}

std::optional<Tensor> Emitter::atRows(ArrayRef<Tensor> factors, const Axis &rows) {
  std::vector<Tensor> xs;
  for (const Tensor &factor : factors)
    xs.push_back(dispatch(factor, rows));
  return product(xs);
}

} // namespace moe::frontend
