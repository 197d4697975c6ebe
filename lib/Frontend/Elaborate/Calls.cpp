//===- Calls.cpp - arguments, application and closures ---------------------===//

#include "lib/Frontend/Elaborate/Builtins.h"
#include "lib/Frontend/Elaborate/Elaborator.h"
#include "lib/Support/Names.h"

namespace moe::frontend {

namespace {
/// What an argument list is bound against, the same for definitions and builtins.
struct ParameterInfo {
  std::string name;
  bool optional = false;
  bool isAxis = false;
  bool variadic = false;
};
} // namespace

bool isNamed(const ast::Type *type, const char *name) {
  auto *named = type && type->kind == ast::Type::Kind::Named ? static_cast<const ast::NamedType *>(type) : nullptr;
  return named && named->path.size() == 1 && named->path[0].text == name;
}

/// A name, or a number for an axis that is only called by its extent.
static bool namesAxis(const ast::Expr &expr) { return expr.kind == ast::Expr::Kind::Name || expr.kind == ast::Expr::Kind::Number; }

static std::vector<ParameterInfo> parametersOf(const Callable &callable, bool inputs) {
  std::vector<ParameterInfo> list;
  if (callable.definition) {
    for (const ast::Parameter &p : inputs ? callable.definition->inputs : callable.definition->parameters)
      list.push_back({p.name.text, p.defaultValue != nullptr, isNamed(p.type.get(), "axis"), false});
  } else {
    for (const BuiltinParameter &p : inputs ? callable.builtin->inputs : callable.builtin->parameters)
      list.push_back({p.name, p.optional, p.isAxis, p.variadic});
  }
  return list;
}

static std::string nameOf(const Callable &callable) {
  return callable.definition ? std::string(getKeyword(callable.definition->kind)) + " " + callable.definition->name.text
                             : std::string(callable.builtin->name);
}

/// The written name of a dimension argument, which becomes the name of its axes outside.
static std::string labelOf(const ast::Expr &expr) {
  return expr.kind == ast::Expr::Kind::Name ? static_cast<const ast::NameExpr &>(expr).name : Elaborator::text(expr);
}

std::optional<std::map<std::string, BoundArgument>> Elaborator::bindArguments(llvm::ArrayRef<ast::Argument> arguments,
                                                                              std::vector<Value> extra, const Callable &callable,
                                                                              bool inputs, const std::optional<Value> &first,
                                                                              const ast::Expr &site, const EnvPtr &env) {
  std::vector<ParameterInfo> parameters = parametersOf(callable, inputs);
  std::map<std::string, BoundArgument> bound;
  if (!inputs)
    bound = callable.bound;
  const Frame *frame = env->frame;
  bool ok = true;
  size_t next = 0;
  auto skipBound = [&] {
    while (next < parameters.size() && !parameters[next].variadic && bound.count(parameters[next].name))
      ++next;
  };
  auto complainDefinition = [&](Diagnostic &d) {
    if (callable.definition)
      d.note(callable.definition->name.range, "it is defined here");
  };
  auto addVariadic = [&](const ParameterInfo &parameter, Value value, SourceRange range) {
    auto &slot = bound[parameter.name];
    if (!slot.value.as<std::shared_ptr<Tuple>>())
      slot = {Value(std::make_shared<Tuple>()), "", frame, range};
    (*slot.value.as<std::shared_ptr<Tuple>>())->elements.push_back(std::move(value));
  };
  for (Value &value : extra) {
    skipBound();
    if (next >= parameters.size()) {
      error(site.range, nameOf(callable) + " takes " + std::to_string(parameters.size()) + " values");
      return std::nullopt;
    }
    if (parameters[next].variadic)
      addVariadic(parameters[next], value, site.range);
    else
      bound[parameters[next].name] = {value, "", frame, site.range};
  }
  for (const ast::Argument &argument : arguments) {
    const ParameterInfo *parameter = nullptr;
    if (argument.kind == ast::Argument::Kind::Positional) {
      skipBound();
      if (next < parameters.size())
        parameter = &parameters[next];
    } else {
      for (const ParameterInfo &p : parameters)
        if (p.name == argument.name.text)
          parameter = &p;
    }
    if (!parameter) {
      ok = false;
      if (argument.kind == ast::Argument::Kind::Positional) {
        complainDefinition(diagnose(argument.range, nameOf(callable) + " takes " + std::to_string(parameters.size()) + " argument" +
                                                        (parameters.size() == 1 ? "" : "s") + (inputs ? "" : " in its first list")));
      } else {
        Diagnostic &d = diagnose(argument.name.range, nameOf(callable) + " has no parameter '" + argument.name.text + "'");
        complainDefinition(d);
        std::vector<std::string> known;
        for (const ParameterInfo &p : parameters)
          known.push_back(p.name);
        if (std::string near = nearestName(argument.name.text, known); !near.empty())
          d.suggest("did you mean '" + near + "'?");
      }
      continue;
    }
    if (argument.kind != ast::Argument::Kind::Positional && bound.count(parameter->name) && !callable.bound.count(parameter->name)) {
      ok = false;
      error(argument.range, "'" + parameter->name + "' is given twice");
      continue;
    }
    BoundArgument value{Poison(), labelOf(*argument.value), frame, argument.value->range};
    if (parameter->isAxis) {
      if (namesAxis(*argument.value))
        value.value = AxisRef{axisName(text(*argument.value), env)};
      else
        error(argument.range, "'" + parameter->name + "' expects the name of an axis");
    } else if (argument.kind == ast::Argument::Kind::Initializer) {
      if (auto init = evalInit(*argument.value, true, env))
        value.value = InitValue{*init};
    } else {
      value.value = first && &argument == arguments.begin() ? *first : eval(*argument.value, env);
    }
    if (value.value.isPoison())
      ok = false;
    if (parameter->variadic)
      addVariadic(*parameter, value.value, value.range);
    else
      bound[parameter->name] = value;
  }
  for (const ParameterInfo &p : parameters)
    if (ok && !p.optional && !bound.count(p.name)) {
      if (!inputs)
        continue; // a later application may bind it
      Diagnostic &d = diagnose(site.range, "missing argument '" + p.name + "' of " + nameOf(callable));
      complainDefinition(d);
      ok = false;
    }
  if (!ok)
    return std::nullopt;
  return bound;
}

bool Elaborator::needsParameters(const Callable &callable) {
  for (const ParameterInfo &p : parametersOf(callable, false))
    if (!p.optional && !callable.bound.count(p.name))
      return true;
  return false;
}

static bool isRuntime(const Value &value) {
  return value.as<Tensor>() || value.as<std::shared_ptr<RowsOrElse>>() || value.as<Collection>();
}

namespace {
/// What an argument list is for.
struct Application {
  bool bindsParameters = false; ///< the first list, rather than the values that a call is made with
  std::optional<Value> first;   ///< the first argument's value, when it had to be known to decide
};
} // namespace

static Application classify(Elaborator &e, const Callable &callable, llvm::ArrayRef<ast::Argument> arguments, const EnvPtr &env,
                            bool needsParameters) {
  if (needsParameters)
    return {true, std::nullopt};
  std::vector<ParameterInfo> parameters = parametersOf(callable, false);
  if (parameters.empty() || callable.instance)
    return {};
  for (const ast::Argument &argument : arguments)
    if (argument.kind != ast::Argument::Kind::Positional &&
        llvm::any_of(parameters, [&](const ParameterInfo &p) { return p.name == argument.name.text; }))
      return {true, std::nullopt};
  if (arguments.empty())
    return {true, std::nullopt};
  // Every parameter has a default: `layer_norm(x)` against `layer_norm(eps)(x)`.
  Value first = e.eval(*arguments.front().value, env);
  return {!first.isPoison() && !isRuntime(first), first};
}

Value Elaborator::applyArguments(const Value &callee, llvm::ArrayRef<ast::Argument> arguments, std::vector<Value> extra,
                                 const ast::Expr &site, const EnvPtr &env) {
  if (callee.isPoison()) {
    for (const ast::Argument &argument : arguments)
      if (argument.kind != ast::Argument::Kind::Initializer && argument.value->kind != ast::Expr::Kind::Name)
        eval(*argument.value, env);
    return callee;
  }
  if (auto closure = callee.as<std::shared_ptr<Closure>>()) {
    std::vector<Value> values = std::move(extra);
    for (const ast::Argument &argument : arguments) {
      if (argument.kind != ast::Argument::Kind::Positional)
        return error(argument.range, "a function `x => ...` takes its arguments by position");
      values.push_back(eval(*argument.value, env));
    }
    return callClosure(**closure, std::move(values), site, env);
  }
  auto callable = callee.as<std::shared_ptr<Callable>>();
  if (!callable)
    return error(site.range, "expected something that can be called, found " + describe(callee));

  Application application;
  if (extra.empty())
    application = classify(*this, **callable, arguments, env, needsParameters(**callable));
  return applyCallable(**callable, application.bindsParameters, application.first, arguments, std::move(extra), site, env);
}

Value Elaborator::applyCallable(const Callable &callable, bool configure, const std::optional<Value> &first,
                                llvm::ArrayRef<ast::Argument> arguments, std::vector<Value> extra, const ast::Expr &site,
                                const EnvPtr &env) {
  bool isLast = !extra.empty() || arguments.empty(); // nothing further will bind what is missing
  if (isLast && needsParameters(callable)) {
    std::string missing;
    for (const ParameterInfo &p : parametersOf(callable, false))
      if (!p.optional && !callable.bound.count(p.name) && missing.empty())
        missing = p.name;
    return error(site.range, "missing argument '" + missing + "' of " + nameOf(callable));
  }
  auto bound = bindArguments(arguments, std::move(extra), callable, !configure, first, site, env);
  if (!bound)
    return Poison();
  if (configure) {
    for (const auto &[name, argument] : *bound)
      if (isRuntime(argument.value)) {
        diagnose(argument.range, "'" + name + "' of " + nameOf(callable) + " is known at compile time, found " + describe(argument.value));
        return Poison();
      }
    auto next = std::make_shared<Callable>(callable);
    next->bound = *bound;
    next->instance = instanceAt(&site, env);
    return next;
  }
  Callable target = callable;
  if (!target.instance)
    target.instance = instanceAt(&site, env);
  at(site.range);
  if (target.definition)
    return enter(target, std::move(*bound), site, env);
  BuiltinCall call{site, env, target.bound, {}, target.instance};
  for (auto &entry : *bound)
    call.arguments[entry.first] = entry.second;
  return callBuiltin(*target.builtin, call);
}

Value Elaborator::apply(const Value &callee, std::vector<Value> arguments, const ast::Expr &site, const EnvPtr &env) {
  return applyArguments(callee, {}, std::move(arguments), site, env);
}

Value Elaborator::callClosure(const Closure &closure, std::vector<Value> arguments, const ast::Expr &site, const EnvPtr &env) {
  const ast::LambdaExpr &lambda = *closure.lambda;
  if (arguments.size() != lambda.parameters.size()) {
    diagnose(site.range, "expected " + std::to_string(lambda.parameters.size()) + (lambda.parameters.size() == 1 ? " argument" : " arguments") + ", found " + std::to_string(arguments.size()))
        .note(lambda.range, "the function is written here");
    return Poison();
  }
  Frame *home = closure.env->frame, *here = env->frame;
  EnvPtr scope = makeScope(closure.env);
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i].isPoison())
      return Poison();
    scope->names[lambda.parameters[i].text] = moveBetween(arguments[i], here, home);
  }
  std::string rule;
  std::swap(rule, emit.rule);
  Value result = eval(*lambda.body, scope);
  std::swap(rule, emit.rule);
  return moveBetween(result, home, here);
}

static const ast::CallExpr *reducerCall(const ast::Expr &expr) {
  auto *call = expr.kind == ast::Expr::Kind::Call ? static_cast<const ast::CallExpr *>(&expr) : nullptr;
  if (!call || call->callee->kind != ast::Expr::Kind::Name)
    return nullptr;
  return Elaborator::isReducer(static_cast<const ast::NameExpr &>(*call->callee).name) ? call : nullptr;
}

/// The axes of `sum(N, E)`; nothing when the arguments are no names.
static std::optional<std::vector<ast::Identifier>> axesOf(const ast::CallExpr &call) {
  std::vector<ast::Identifier> axes;
  for (const ast::Argument &argument : call.arguments) {
    if (argument.kind != ast::Argument::Kind::Positional || !namesAxis(*argument.value))
      return std::nullopt;
    axes.push_back({Elaborator::text(*argument.value), argument.range});
  }
  return axes;
}

/// `sum(i)(x[i])`: the reduction of a value, where one over an index was meant.
bool Elaborator::refuseReducerCall(const ast::CallExpr &call) {
  const ast::CallExpr *reducer = reducerCall(*call.callee);
  if (!reducer || call.arguments.size() != 1 || !isIndexed(*call.arguments[0].value))
    return false;
  const std::string head = std::string(reducer->range.getText());
  error(call.arguments[0].range, "write `" + head + " ...` without parentheses around an indexed product");
  return true;
}

Value Elaborator::evalCall(const ast::CallExpr &call, const EnvPtr &env) {
  // `sum(E)(x)`
  if (const ast::CallExpr *reducer = reducerCall(*call.callee)) {
    const std::string &kind = static_cast<const ast::NameExpr &>(*reducer->callee).name;
    auto axes = axesOf(*reducer);
    if (!axes || call.arguments.size() != 1)
      return error(call.range, kind + "(axes)(x) takes names of axes, then one value");
    const ast::Expr &body = *call.arguments[0].value;
    if (refuseReducerCall(call))
      return Poison();
    if (kind == "sum" && body.kind == ast::Expr::Kind::Binary && static_cast<const ast::BinaryExpr &>(body).op == ast::BinaryOp::Mul)
      return sumOfProduct(static_cast<const ast::BinaryExpr &>(body), *axes, env, call.range);
    Value x = eval(body, env);
    at(call.range);
    return reduce(kind, *axes, x, env, call.range);
  }
  // `sum(x)`, `max(a, b)`
  if (reducerCall(call) && call.arguments.size() == 1) {
    Value x = eval(*call.arguments[0].value, env);
    at(call.range);
    return reduce(static_cast<const ast::NameExpr &>(*call.callee).name, {}, x, env, call.range);
  }
  if (call.arrow) {
    error(call.range, "`->` belongs to split and merge, which are applied with `|>`");
    return Poison();
  }
  return applyArguments(eval(*call.callee, env), call.arguments, {}, call, env);
}

Value Elaborator::evalPipe(const ast::BinaryExpr &pipe, const EnvPtr &env) {
  Value x = eval(*pipe.lhs, env);
  const ast::Expr &rhs = *pipe.rhs;
  if (rhs.kind == ast::Expr::Kind::Call) {
    auto &call = static_cast<const ast::CallExpr &>(rhs);
    if (call.arrow)
      return evalLayout(call, x, env);
    if (const ast::CallExpr *reducer = reducerCall(rhs))
      if (auto axes = axesOf(*reducer)) {
        at(pipe.range);
        return reduce(static_cast<const ast::NameExpr &>(*call.callee).name, *axes, x, env, pipe.range);
      }
    Value callee = eval(*call.callee, env);
    auto callable = callee.as<std::shared_ptr<Callable>>();
    if (!callable)
      return x.isPoison() ? x : applyArguments(callee, call.arguments, {x}, rhs, env);
    Application application = classify(*this, **callable, call.arguments, env, needsParameters(**callable));
    if (application.bindsParameters) {
      Value bound = applyCallable(**callable, true, application.first, call.arguments, {}, rhs, env);
      return x.isPoison() ? x : apply(bound, {x}, pipe, env);
    }
    return x.isPoison() ? x : applyCallable(**callable, false, application.first, call.arguments, {x}, rhs, env);
  }
  Value callee = eval(rhs, env);
  return x.isPoison() ? x : apply(callee, {x}, pipe, env);
}

} // namespace moe::frontend
