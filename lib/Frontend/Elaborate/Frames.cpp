//===- Frames.cpp - entering a definition ----------------------------------===//
//
// A definition has its own names for axes. On the way in the axes of each argument are renamed to those of the parameter's type (several
// may merge into the first one); on the way out they are renamed back. What a definition does not name keeps its caller's name behind a
// `*`, which no source text can spell.
//
//===----------------------------------------------------------------------===//

#include "lib/Frontend/Elaborate/Elaborator.h"

#include "llvm/ADT/ScopeExit.h"

#include <cmath>

namespace moe::frontend {

static constexpr int maxDepth = 64;

std::shared_ptr<Instance> Elaborator::instanceAt(const void *site, const EnvPtr &env) {
  auto &child = env->frame->instance->children[{site, env->round}];
  if (!child) {
    child = std::make_shared<Instance>();
    child->site = site;
  }
  return child;
}

std::string Elaborator::pathOf(const EnvPtr &env) const { return env->frame->instance->path + env->round; }

void Elaborator::nameInstance(Instance &instance, std::string segment, const EnvPtr &env) {
  if (instance.named)
    return;
  int count = ++env->frame->instance->segments[env->round + segment];
  instance.named = true;
  instance.path = pathOf(env) + segment + (count > 1 ? "_" + std::to_string(count) : "") + ".";
}

const Axis *Elaborator::currentRows(const EnvPtr &env) const {
  for (const Env *scope = env; scope; scope = scope->parent)
    if (scope->rows)
      return &*scope->rows;
  return env->frame->rows ? &*env->frame->rows : nullptr;
}

/// `SpanAttention` -> `span_attention`, `TopK` -> `top_k`, `MLP` -> `mlp`.
static std::string snakeCase(const std::string &name) {
  std::string out;
  for (size_t i = 0; i < name.size(); ++i) {
    bool upper = isupper(static_cast<unsigned char>(name[i]));
    if (upper && i && !isupper(static_cast<unsigned char>(name[i - 1])) && name[i - 1] != '_')
      out += '_';
    out += static_cast<char>(tolower(static_cast<unsigned char>(name[i])));
  }
  return out;
}

/// The first name of `X(x)`, `R(i)(h)`, `x |> X`.
static std::string calleeName(const ast::Expr &site) {
  const ast::Expr *expr = &site;
  while (true) {
    if (expr->kind == ast::Expr::Kind::Call)
      expr = static_cast<const ast::CallExpr *>(expr)->callee.get();
    else if (expr->kind == ast::Expr::Kind::Binary)
      expr = static_cast<const ast::BinaryExpr *>(expr)->rhs.get();
    else
      return expr->kind == ast::Expr::Kind::Name ? static_cast<const ast::NameExpr *>(expr)->name : "";
  }
}

/// What a definition is given under a parameter's name (`X: expert`) is called by its kind, so that weights keep their names when another
/// definition takes its place; anything else by its own name.
static std::string segmentOf(const ast::Definition &definition, const ast::Expr &site, const EnvPtr &env) {
  std::string name = calleeName(site);
  if (const ast::Definition *outer = env->frame->definition)
    for (const ast::Parameter &parameter : outer->parameters)
      if (parameter.name.text == name)
        return getKeyword(definition.kind);
  return snakeCase(definition.name.text);
}

//===----------------------------------------------------------------------===//
// Crossing
//===----------------------------------------------------------------------===//

static void setVisibility(Tensor &x, const Frame *frame) {
  for (Axis &axis : x.axes)
    if (axis.routing)
      axis.pairVisible = axis.routing->owner == frame;
}

Tensor Elaborator::exportTensor(Tensor x, Frame &frame) {
  Axes axes;
  std::optional<CountBound> bound = x.bound;
  for (const Axis &axis : x.axes) {
    auto binding = llvm::find_if(frame.bindings, [&](const Frame::AxisBinding &b) { return b.inner == axis.name; });
    if (axis.routing || binding == frame.bindings.end()) {
      axes.push_back(axis);
      // An axis of the definition's own whose name means something else outside.
      auto outside = frame.caller->dims.find(axis.name);
      if (!axis.routing && outside != frame.caller->dims.end() && outside->second.extent != axis.extent)
        axes.back().name = frame.definition->name.text + "." + axis.name;
      continue;
    }
    axes.insert(axes.end(), binding->outer.begin(), binding->outer.end());
    if (bound && bound->axis == axis.name) {
      if (binding->outer.size() == 1)
        bound->axis = binding->outer.front().name;
      else
        bound.reset();
    }
  }
  Tensor y = emit.reshape(x, axes);
  y.bound = bound;
  if (x.present)
    y.present = std::make_shared<Tensor>(exportTensor(*x.present, frame));
  setVisibility(y, frame.caller);
  return y;
}

Tensor Elaborator::importTensor(Tensor x, Frame &frame) {
  for (const Frame::AxisBinding &binding : frame.bindings) {
    if (!llvm::all_of(binding.outer, [&](const Axis &axis) { return x.has(axis.name); }))
      continue;
    if (binding.outer.size() == 1) {
      Axis &axis = x.axes[x.find(binding.outer.front().name)];
      if (axis.routing)
        continue;
      if (x.bound && x.bound->axis == axis.name)
        x.bound->axis = binding.inner;
      axis.name = binding.inner;
      continue;
    }
    // Merged axes: side by side, then one.
    int first = x.find(binding.outer.front().name);
    Axes order, merged;
    int64_t extent = 1;
    for (const Axis &axis : binding.outer)
      extent *= axis.extent;
    auto belongs = [&](const Axis &axis) {
      return llvm::any_of(binding.outer, [&](const Axis &o) { return o.name == axis.name; });
    };
    for (int i = 0; i < static_cast<int>(x.axes.size()); ++i) {
      if (i == first) {
        order.insert(order.end(), binding.outer.begin(), binding.outer.end());
        merged.push_back({binding.inner, extent, nullptr, true});
      } else if (!belongs(x.axes[i])) {
        order.push_back(x.axes[i]);
        merged.push_back(x.axes[i]);
      }
    }
    std::shared_ptr<const Tensor> present = x.present;
    x = emit.reshape(emit.order(x, order), merged);
  }
  if (x.present)
    x.present = std::make_shared<Tensor>(importTensor(*x.present, frame));
  setVisibility(x, &frame);
  return x;
}

template <typename Fn>
static Value mapTensors(const Value &value, Fn fn) {
  if (const Tensor *x = value.as<Tensor>())
    return fn(*x);
  if (auto tuple = value.as<std::shared_ptr<Tuple>>()) {
    auto moved = std::make_shared<Tuple>();
    for (const Value &element : (*tuple)->elements)
      moved->elements.push_back(mapTensors(element, fn));
    return moved;
  }
  return value;
}

Value Elaborator::exportValue(const Value &value, Frame &frame) {
  return mapTensors(value, [&](const Tensor &x) -> Value { return exportTensor(x, frame); });
}

Value Elaborator::importValue(const Value &value, Frame &frame) {
  return mapTensors(value, [&](const Tensor &x) -> Value { return importTensor(x, frame); });
}

/// From one frame to another of the same chain of callers: outwards or inwards.
Value Elaborator::moveBetween(const Value &value, Frame *from, Frame *to) {
  if (from == to)
    return value;
  for (Frame *frame = from; frame; frame = frame->caller)
    if (frame == to) {
      Value moved = value;
      for (Frame *f = from; f != to; f = f->caller)
        moved = exportValue(moved, *f);
      return moved;
    }
  llvm::SmallVector<Frame *> inward;
  for (Frame *frame = to; frame && frame != from; frame = frame->caller)
    inward.push_back(frame);
  if (inward.empty() || inward.back()->caller != from)
    return value;
  Value moved = value;
  for (Frame *frame : llvm::reverse(inward))
    moved = importValue(moved, *frame);
  return moved;
}

//===----------------------------------------------------------------------===//
// Arguments
//===----------------------------------------------------------------------===//

static bool isCallable(const Value &value) { return value.as<std::shared_ptr<Closure>>() || value.as<std::shared_ptr<Callable>>(); }

static bool matchesNamed(const std::string &type, const Value &value) {
  const Number *number = value.as<Number>();
  if (type == "int" || type == "dim")
    return number && number->isInt;
  if (type == "float")
    return number;
  if (type == "bool")
    return value.as<bool>();
  if (type == "axis")
    return value.as<AxisRef>();
  if (type == "params")
    return value.as<Collection>();
  if (value.as<std::shared_ptr<Closure>>())
    return true;
  auto callable = value.as<std::shared_ptr<Callable>>();
  if (!callable)
    return type == "schedule" && number;
  return !(*callable)->definition || type == getKeyword((*callable)->definition->kind) ||
         (*callable)->definition->kind == ast::DefinitionKind::Fn;
}

/// A number where a schedule is expected.
static Value constantSchedule(Elaborator &e, const BoundArgument &value) {
  auto schedule = std::make_shared<Callable>();
  schedule->builtin = e.findBuiltin("constant");
  schedule->bound["value"] = value;
  return schedule;
}

bool Elaborator::bindParameters(const Callable &callable, const EnvPtr &env, const ast::Expr &site) {
  Frame &frame = *env->frame;
  for (const ast::Parameter &parameter : callable.definition->parameters) {
    const std::string &name = parameter.name.text;
    BoundArgument argument;
    if (auto it = callable.bound.find(name); it != callable.bound.end()) {
      argument = it->second;
    } else {
      const ast::Expr *value = settings.defaultOf(*callable.definition, name);
      if (!value)
        value = parameter.defaultValue.get();
      if (!value) {
        diagnose(site.range, "missing argument '" + name + "' of " + getKeyword(callable.definition->kind) + " " +
                                 callable.definition->name.text)
            .note(parameter.range, "it is declared here");
        return false;
      }
      argument = {eval(*value, env), "", nullptr, value->range};
    }
    if (argument.value.isPoison())
      return false;
    if (auto *named = parameter.type && parameter.type->kind == ast::Type::Kind::Named
                          ? static_cast<const ast::NamedType *>(parameter.type.get())
                          : nullptr;
        named && named->path.size() == 1 && !matchesNamed(named->path[0].text, argument.value)) {
      diagnose(argument.range, "expected " + std::string(named->path[0].text) + " for '" + name + "', found " + describe(argument.value))
          .note(parameter.range, "the parameter is declared here");
      return false;
    }
    if (parameter.type && parameter.type->kind == ast::Type::Kind::Function && !isCallable(argument.value)) {
      diagnose(argument.range, "expected a function for '" + name + "', found " + describe(argument.value))
          .note(parameter.range, "the parameter is declared here");
      return false;
    }
    const Number *number = argument.value.as<Number>();
    if (number && isNamed(parameter.type.get(), "schedule")) {
      env->names[name] = constantSchedule(*this, argument);
      continue;
    }
    env->names[name] = argument.value;
    if (number && number->isInt && number->value >= 1)
      frame.dims[name] = {static_cast<int64_t>(number->value), argument.range};
  }
  return true;
}

std::optional<Tensor> Elaborator::bindTensor(const ast::TensorType &type, Tensor x, const ast::Parameter &input, SourceRange range,
                                             const EnvPtr &env) {
  Frame &frame = *env->frame;
  bool wantsInt = type.element.text == "id" || type.element.text == "int", wantsBool = type.element.text == "bool";
  auto mismatch = [&] {
    diagnose(range, "expected " + text(type) + " for '" + input.name.text + "', found " + describe(x))
        .note(input.range, "the parameter is declared here");
    return std::nullopt;
  };
  if (wantsInt != x.isInt() || wantsBool != x.isBool())
    return mismatch();

  size_t pack = 0;
  while (pack < type.dims.size() && !type.dims[pack].isPack)
    ++pack;
  bool hasPack = pack < type.dims.size();
  size_t named = type.dims.size() - hasPack;
  if (x.axes.size() < named)
    return mismatch();
  size_t extra = x.axes.size() - named;
  if (!hasPack && type.dims.size() <= 1) { // an expert's `[d]` is lifted over what comes before
    if (named == 0 && extra)
      return mismatch();
    pack = 0;
  }

  Axes inner;
  size_t at = 0;
  auto keep = [&](const Axis &outer) {
    Axis axis = outer;
    if (!axis.routing) {
      axis.name = "*" + outer.name;
      frame.bindings.push_back({axis.name, {outer}});
    }
    inner.push_back(axis);
  };
  auto bind = [&](const ast::Dim &dim, Axes outer) {
    int64_t extent = 1;
    for (const Axis &axis : outer) {
      if (axis.routing) {
        diagnose(range, "'" + input.name.text + "' is declared " + text(type) +
                            ", but this value exists only for the pairs of an `each` block: reduce them first")
            .note(input.range, "the parameter is declared here");
        return false;
      }
      extent *= axis.extent;
    }
    if (!unify(*dim.size, extent, env, range))
      return false;
    auto axis = evalDim(*dim.size, env);
    if (!axis)
      return false;
    if (llvm::any_of(inner, [&](const Axis &other) { return other.name == axis->name; })) {
      error(dim.range, "two axes of one tensor are called '" + axis->name + "'");
      return false;
    }
    inner.push_back(*axis);
    if (llvm::none_of(frame.bindings, [&](const Frame::AxisBinding &b) { return b.inner == axis->name; }))
      frame.bindings.push_back({axis->name, std::move(outer)});
    return true;
  };
  if (!hasPack && type.dims.size() <= 1)
    for (size_t i = 0; i < extra; ++i)
      keep(x.axes[at++]);
  for (size_t d = 0; d < type.dims.size(); ++d) {
    if (hasPack && d == pack) {
      for (size_t i = 0; i < extra; ++i)
        keep(x.axes[at++]);
      continue;
    }
    bool absorbs = !hasPack && d == 0 && type.dims.size() > 1;
    size_t count = absorbs ? extra + 1 : 1;
    Axes outer(x.axes.begin() + at, x.axes.begin() + at + count);
    at += count;
    if (!bind(type.dims[d], outer))
      return std::nullopt;
  }

  Axes before = x.axes;
  std::optional<CountBound> bound = x.bound;
  Tensor y = emit.reshape(x, inner);
  y.bound = bound;
  if (x.present || bound)
    y = importTensor(x, frame); // renames the mask and the bound along with the value
  setVisibility(y, &frame);
  return y;
}

bool Elaborator::bindInput(const ast::Parameter &input, const BoundArgument &argument, const EnvPtr &env) {
  const Value &value = argument.value;
  if (value.isPoison())
    return false;
  const std::string &name = input.name.text;
  const ast::Type *type = input.type.get();
  if (!type) {
    Value moved = mapTensors(value, [&](Tensor x) -> Value {
      setVisibility(x, env->frame);
      return x;
    });
    env->names[name] = moved;
    return true;
  }
  auto expected = [&](const std::string &what) {
    diagnose(argument.range, "expected " + what + " for '" + name + "', found " + describe(value))
        .note(input.range, "the parameter is declared here");
    return false;
  };
  if (type->kind == ast::Type::Kind::Tensor) {
    if (!value.as<Tensor>() && !value.as<Number>())
      return expected(text(*type));
    auto x = toTensor(value, argument.range);
    if (!x)
      return false;
    auto bound = bindTensor(static_cast<const ast::TensorType &>(*type), *x, input, argument.range, env);
    if (bound)
      env->names[name] = *bound;
    return bound.has_value();
  }
  if (type->kind == ast::Type::Kind::Tuple) {
    const auto &elements = static_cast<const ast::TupleType *>(type)->elements;
    auto tuple = value.as<std::shared_ptr<Tuple>>();
    if (!tuple || (*tuple)->elements.size() != elements.size())
      return expected(text(*type));
    auto bound = std::make_shared<Tuple>(**tuple);
    for (size_t i = 0; i < elements.size(); ++i) {
      if (elements[i].type->kind != ast::Type::Kind::Tensor)
        continue;
      auto x = toTensor(bound->elements[i], argument.range);
      auto inner = x ? bindTensor(static_cast<const ast::TensorType &>(*elements[i].type), *x, input, argument.range, env) : std::nullopt;
      if (!inner)
        return false;
      bound->elements[i] = *inner;
    }
    env->names[name] = bound;
    return true;
  }
  if (type->kind == ast::Type::Kind::Function && !isCallable(value))
    return expected("a function");
  if (type->kind == ast::Type::Kind::Record) {
    auto record = value.as<std::shared_ptr<Record>>();
    if (!record)
      return expected("a carry " + text(*type));
    for (const auto &field : static_cast<const ast::RecordType *>(type)->fields)
      if (!(*record)->fields.count(field.name.text)) {
        Diagnostic &d = diagnose(argument.range, "the carry has no field '" + field.name.text + "'");
        d.note(field.name.range, "the field is asked for here");
        d.note((*record)->declared, "the carry is declared here");
        return false;
      }
  }
  if (type->kind == ast::Type::Kind::Named) {
    const auto &path = static_cast<const ast::NamedType *>(type)->path;
    if (path.size() == 1 && !matchesNamed(path[0].text, value))
      return expected(path[0].text);
  }
  env->names[name] = value;
  return true;
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

std::optional<Tensor> Elaborator::checkTensor(const ast::TensorType &type, Tensor x, const EnvPtr &env, SourceRange range) {
  auto mismatch = [&] {
    diagnose(range, "expected a result " + text(type) + ", found " + describe(x)).note(type.range, "the result is declared here");
    return std::nullopt;
  };
  bool wantsBool = type.element.text == "bool", wantsInt = type.element.text == "id" || type.element.text == "int";
  if (x.isBool() && !wantsBool && !wantsInt)
    x = emit.toFloat(x);
  if (x.isBool() != wantsBool || x.isInt() != wantsInt)
    return mismatch();

  // Axes that the type names, in its order; what it does not name (a pack, or what an expert is lifted over) goes to the pack's place.
  llvm::SmallVector<std::optional<Axis>> declared;
  bool hasPack = false;
  size_t errors = sink.getErrorCount();
  for (const ast::Dim &dim : type.dims) {
    hasPack |= dim.isPack;
    declared.push_back(dim.isPack ? std::nullopt : evalDim(*dim.size, env));
    if (sink.getErrorCount() != errors)
      return std::nullopt;
    if (!dim.isPack && !declared.back())
      declared.back() = Axis{text(*dim.size), 0, nullptr, true}; // fixed by the value itself
    for (const auto &other : llvm::ArrayRef(declared).drop_back())
      if (declared.back() && other && other->name == declared.back()->name) {
        error(dim.range, "two axes of one tensor are called '" + other->name + "'");
        return std::nullopt;
      }
  }
  auto isLifted = [](const Axis &axis) { return axis.routing || axis.name[0] == '*'; };
  auto named = [&](const Axis &axis) {
    return llvm::any_of(declared, [&](const std::optional<Axis> &d) { return d && d->name == axis.name; });
  };
  Axes rest;
  for (const Axis &axis : x.axes)
    if (!named(axis))
      rest.push_back(axis);
  bool allFound = llvm::all_of(declared, [&](const std::optional<Axis> &d) { return !d || x.has(d->name); });
  if (!allFound) {
    // Another name for the same extents: by position, from the right.
    Axes own, lifted;
    for (const Axis &axis : x.axes)
      (isLifted(axis) ? lifted : own).push_back(axis);
    size_t wanted = declared.size() - hasPack;
    if (own.size() != wanted)
      return mismatch();
    size_t next = 0;
    Axes renamed = lifted;
    for (const auto &d : declared)
      if (d) {
        Axis axis = own[next++];
        if (d->extent && d->extent != axis.extent)
          return mismatch();
        axis.name = d->name;
        renamed.push_back(axis);
      }
    Axes ordered = lifted;
    llvm::append_range(ordered, own);
    x = emit.order(x, ordered);
    x.axes = renamed;
    rest = lifted;
  } else if (!hasPack && !llvm::all_of(rest, isLifted))
    return mismatch();

  Axes target;
  if (!hasPack)
    target = rest;
  for (size_t i = 0; i < declared.size(); ++i) {
    if (!declared[i]) {
      llvm::append_range(target, rest);
      continue;
    }
    const Axis &axis = x.axes[x.find(declared[i]->name)];
    if (!unify(*type.dims[i].size, axis.extent, env, range))
      return std::nullopt;
    target.push_back(axis);
  }
  return emit.order(x, target);
}

Value Elaborator::checkResult(const ast::Type &type, Value value, const EnvPtr &env, SourceRange range) {
  if (value.isPoison())
    return value;
  if (type.kind == ast::Type::Kind::Tuple) {
    auto &tupleType = static_cast<const ast::TupleType &>(type);
    auto tuple = value.as<std::shared_ptr<Tuple>>();
    if (!tuple || (*tuple)->elements.size() != tupleType.elements.size()) {
      diagnose(range, "expected " + std::to_string(tupleType.elements.size()) + " results, found " + describe(value))
          .note(type.range, "they are declared here");
      return Poison();
    }
    auto checked = std::make_shared<Tuple>();
    for (size_t i = 0; i < tupleType.elements.size(); ++i)
      checked->elements.push_back(checkResult(*tupleType.elements[i].type, (*tuple)->elements[i], env, range));
    return checked;
  }
  if (type.kind != ast::Type::Kind::Tensor)
    return value;
  auto &tensorType = static_cast<const ast::TensorType &>(type);
  if (value.as<Number>() || value.as<bool>()) {
    auto axes = evalAxes(tensorType, env);
    if (!axes)
      return Poison();
    return emit.expand(*toTensor(value, range), *axes);
  }
  const Tensor *x = value.as<Tensor>();
  if (!x) {
    diagnose(range, "expected a result " + text(type) + ", found " + describe(value)).note(type.range, "the result is declared here");
    return Poison();
  }
  auto checked = checkTensor(tensorType, *x, env, range);
  return checked ? Value(*checked) : Value();
}

//===----------------------------------------------------------------------===//
// Entering
//===----------------------------------------------------------------------===//

/// The numbers that a definition is configured with, but the round of the `repeat` around it.
static std::vector<std::pair<std::string, double>> numbersOf(const ast::Definition &definition, const Env &scope) {
  std::vector<std::pair<std::string, double>> numbers;
  for (const ast::Parameter &parameter : definition.parameters)
    if (const Number *number = scope.names.at(parameter.name.text).as<Number>(); number && parameter.name.text != "i")
      numbers.push_back({parameter.name.text, number->value});
  return numbers;
}

Value Elaborator::enter(const Callable &callable, std::map<std::string, BoundArgument> inputs, const ast::Expr &site,
                        const EnvPtr &env) {
  const ast::Definition &definition = *callable.definition;
  if (env->frame->depth >= maxDepth)
    return error(site.range, "definitions call each other more than " + std::to_string(maxDepth) + " deep");
  if (!spend(site.range))
    return Poison();
  uses.push_back(site.range);
  auto leave = llvm::make_scope_exit([&] { uses.pop_back(); });

  FramePtr frame = makeFrame(callable.instance);
  frame->definition = &definition;
  frame->caller = env->frame;
  frame->depth = env->frame->depth + 1;
  if (const Axis *rows = currentRows(env)) {
    frame->rows = *rows;
    frame->rows->pairVisible = false;
  }
  nameInstance(*frame->instance, segmentOf(definition, site, env), env);

  EnvPtr scope = makeScope(frame);
  if (!bindParameters(callable, scope, site))
    return Poison();
  for (const ast::Parameter &input : definition.inputs) {
    auto it = inputs.find(input.name.text);
    if (it == inputs.end()) {
      BoundArgument argument{eval(*input.defaultValue, scope), "", nullptr, input.defaultValue->range};
      if (!bindInput(input, argument, scope))
        return Poison();
    } else if (!bindInput(input, it->second, scope)) {
      return Poison();
    }
  }
  // A dimension given by name where this is called has that name again outside.
  for (const auto &entry : callable.bound) {
    const Number *number = entry.second.value.as<Number>();
    bool taken = llvm::any_of(frame->bindings, [&](const Frame::AxisBinding &b) { return b.inner == entry.first; });
    if (number && number->isInt && number->value >= 1 && !taken && entry.second.frame == frame->caller)
      frame->bindings.push_back({entry.first, {{axisName(entry.second.label, env), static_cast<int64_t>(number->value), nullptr, true}}});
  }
  bool ok = true;
  for (const ast::ExprPtr &constraint : definition.constraints)
    ok &= checkConstraint(*constraint, scope);
  if (!ok)
    return Poison();

  std::string rule = emit.rule;
  if (definition.kind == ast::DefinitionKind::Momentum && rule.empty())
    ruleUses.push_back({callable, inputs, &site, env, numbersOf(definition, *scope)});
  if (definition.kind == ast::DefinitionKind::Momentum)
    emit.rule = definition.name.text + "#" + frame->instance->path.substr(0, frame->instance->path.size() - 1);
  else if (definition.kind != ast::DefinitionKind::Fn)
    emit.rule.clear();
  mlir::Location loc = emit.loc;
  auto result = exec(definition.body, scope, true);
  emit.rule = rule;
  emit.loc = loc;
  current = site.range;
  if (!result)
    return NoneValue();
  if (definition.result)
    *result = checkResult(*definition.result, *result, scope, returnRange.isValid() ? returnRange : definition.result->range);
  if (result->isPoison())
    return *result;
  Value outside = exportValue(*result, *frame);
  if (const Tensor *x = outside.as<Tensor>())
    for (size_t i = 0; i < x->axes.size(); ++i)
      for (size_t j = 0; j < i; ++j)
        if (x->axes[i].name == x->axes[j].name)
          return error(site.range, "the result of " + definition.name.text + " has two axes called '" + x->axes[i].name + "'");
  return outside;
}

} // namespace moe::frontend
