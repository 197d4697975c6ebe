//===- Statements.cpp - blocks, storage and `each` -------------------------===//

#include "lib/Frontend/Elaborate/Elaborator.h"
#include "lib/Support/Names.h"

#include <cmath>
#include <limits>
#include <utility>

namespace moe::frontend {

static constexpr int64_t maxSpent = 200'000;

bool Elaborator::spend(SourceRange range) {
  if (++spent < maxSpent)
    return true;
  if (spent == maxSpent)
    error(range, "the model unrolls to more than " + std::to_string(maxSpent) + " statements and calls");
  return false;
}

/// The binding of `name`, without reading a buffer.
static Value *findBinding(const std::string &name, const EnvPtr &env, bool throughRows) {
  for (Env *scope = env; scope; scope = scope->parent) {
    if (auto it = scope->names.find(name); it != scope->names.end())
      return &it->second;
    if (scope->rows && !throughRows)
      return nullptr;
  }
  return nullptr;
}

void Elaborator::assign(const ast::Identifier &name, Value value, const EnvPtr &env) {
  Value *binding = findBinding(name.text, env, /*throughRows=*/false);
  if (binding && (binding->as<CellPtr>() || binding->as<ParamItem>())) {
    diagnose(name.range, "'" + name.text + "' is a buffer of its own").suggest("`" + name.text + " <- ...` gives it a new value");
    return;
  }
  if (const Tensor *x = value.as<Tensor>())
    for (const Axis &axis : x->axes)
      if (!axis.routing && axis.name[0] != '*')
        env->frame->dims.insert({axis.name, {axis.extent, name.range}});
  recordNamed(name.text, value, env);
  (binding ? *binding : env->names[name.text]) = std::move(value);
}

/// `q = h |> linear(d)`: the linear's parameters are `q.w` and `q.bias`, unless q is only given a new value.
void Elaborator::nameLinear(const ast::Identifier &target, const ast::Expr &value, const EnvPtr &env) {
  if (findBinding(target.text, env, true))
    return;
  const ast::Expr *expr = &value;
  while (true) {
    if (expr->kind == ast::Expr::Kind::Binary && static_cast<const ast::BinaryExpr *>(expr)->op == ast::BinaryOp::Pipe) {
      auto *pipe = static_cast<const ast::BinaryExpr *>(expr);
      auto *call = pipe->rhs->kind == ast::Expr::Kind::Call ? static_cast<const ast::CallExpr *>(pipe->rhs.get()) : nullptr;
      if (call && call->callee->kind == ast::Expr::Kind::Name &&
          static_cast<const ast::NameExpr &>(*call->callee).name == "linear") {
        bindingNames[call] = target.text;
        return;
      }
      expr = pipe->lhs.get();
      continue;
    }
    if (expr->kind != ast::Expr::Kind::Call)
      return;
    auto *call = static_cast<const ast::CallExpr *>(expr);
    if (call->callee->kind == ast::Expr::Kind::Name) {
      if (static_cast<const ast::NameExpr &>(*call->callee).name == "linear")
        bindingNames[call] = target.text;
      else if (call->arguments.size() == 1 && call->arguments[0].kind == ast::Argument::Kind::Positional) {
        expr = call->arguments[0].value.get(); // `pi = softmax(...)` of one value
        continue;
      }
      return;
    }
    expr = call->callee.get();
  }
}

std::optional<Value> Elaborator::exec(const ast::Block &block, const EnvPtr &env, bool wantsValue) {
  for (size_t i = 0; i < block.statements.size(); ++i) {
    const ast::Stmt &stmt = *block.statements[i];
    if (!spend(stmt.range))
      return Value();
    bool last = wantsValue && i + 1 == block.statements.size();
    if (auto result = execOne(stmt, env, last))
      return result;
  }
  return std::nullopt;
}

std::optional<Value> Elaborator::execOne(const ast::Stmt &stmt, const EnvPtr &env, bool wantsValue) {
  using Kind = ast::Stmt::Kind;
  at(stmt.range);
  switch (stmt.kind) {
  case Kind::Let: {
    auto &let = static_cast<const ast::LetStmt &>(stmt);
    if (let.targets.size() == 1)
      nameLinear(let.targets[0], *let.value, env);
    Value value = eval(*let.value, env);
    if (let.targets.size() == 1) {
      assign(let.targets[0], value, env);
      return std::nullopt;
    }
    auto tuple = value.as<std::shared_ptr<Tuple>>();
    if (!value.isPoison() && (!tuple || (*tuple)->elements.size() != let.targets.size()))
      error(let.value->range, "expected " + std::to_string(let.targets.size()) + " values, found " + describe(value));
    for (size_t i = 0; i < let.targets.size(); ++i)
      assign(let.targets[i], tuple && i < (*tuple)->elements.size() ? (*tuple)->elements[i] : Value(), env);
    return std::nullopt;
  }
  case Kind::IndexedLet: {
    auto &let = static_cast<const ast::IndexedLetStmt &>(stmt);
    assign(let.target, evalIndexed(*let.value, &let.indices, env, stmt.range), env);
    return std::nullopt;
  }
  case Kind::FieldLet: {
    auto &let = static_cast<const ast::FieldLetStmt &>(stmt);
    Value value = eval(*let.value, env);
    Value *base = findBinding(let.base.text, env, true);
    auto record = base ? base->as<std::shared_ptr<Record>>() : nullptr;
    if (!record) {
      error(let.base.range, base ? "'" + let.base.text + "' is not a carry" : "unknown name '" + let.base.text + "'");
      return std::nullopt;
    }
    auto field = (*record)->fields.find(let.field.text);
    if (field == (*record)->fields.end()) {
      diagnose(let.field.range, "the carry has no field '" + let.field.text + "'").note((*record)->declared, "it is declared here");
      return std::nullopt;
    }
    recordNamed(let.base.text + "." + let.field.text, value, env);
    field->second = moveBetween(value, env->frame, (*record)->frame);
    return std::nullopt;
  }
  case Kind::Storage: {
    auto &storage = static_cast<const ast::StorageStmt &>(stmt);
    CellPtr cell = declare(storage, env);
    env->names[storage.name.text] = cell ? Value(cell) : Value();
    return std::nullopt;
  }
  case Kind::Update: update(static_cast<const ast::UpdateStmt &>(stmt), env); return std::nullopt;
  case Kind::CarryDecl: declareCarry(static_cast<const ast::CarryDeclStmt &>(stmt), env); return std::nullopt;
  case Kind::Record: record(static_cast<const ast::RecordStmt &>(stmt), env); return std::nullopt;
  case Kind::Assert: assertThat(static_cast<const ast::AssertStmt &>(stmt), env); return std::nullopt;
  case Kind::Repeat: return execRepeat(static_cast<const ast::RepeatStmt &>(stmt), env);
  case Kind::EachIn: return execEachIn(static_cast<const ast::EachInStmt &>(stmt), env);
  case Kind::AfterStep:
    if (training() && !quiet() && onceOnly(&stmt, env, stmt.range))
      afterSteps.push_back({static_cast<const ast::AfterStepStmt *>(&stmt), env});
    return std::nullopt;
  case Kind::If: {
    auto &branch = static_cast<const ast::IfStmt &>(stmt);
    Value condition = eval(*branch.condition, env);
    if (const bool *known = condition.as<bool>()) {
      if (*known)
        return exec(branch.thenBlock, env, wantsValue);
      return branch.elseBlock ? exec(*branch.elseBlock, env, wantsValue) : std::nullopt;
    }
    if (condition.isPoison())
      return std::nullopt;
    Diagnostic &d = diagnose(branch.condition->range, "`if` is decided at compile time; expected true or false, found " + describe(condition));
    if (condition.as<Tensor>())
      d.suggest("`a where condition else b` chooses element by element");
    return std::nullopt;
  }
  case Kind::Return: {
    auto &ret = static_cast<const ast::ReturnStmt &>(stmt);
    Value value = eval(*ret.value, env);
    returnRange = ret.value->range;
    return value;
  }
  case Kind::Expr: {
    auto &expr = static_cast<const ast::ExprStmt &>(stmt);
    Value value = eval(*expr.value, env);
    returnRange = expr.value->range;
    if (wantsValue)
      return value;
    return std::nullopt;
  }
  }
  return std::nullopt;
}

std::optional<Value> Elaborator::execRepeat(const ast::RepeatStmt &stmt, const EnvPtr &env) {
  auto count = evalNumber(*stmt.count, env, "a number of rounds");
  if (!count)
    return std::nullopt;
  if (!count->isInt || count->value < 0) {
    error(stmt.count->range, "the number of rounds is a whole number, found " + format(count->value));
    return std::nullopt;
  }
  if (count->value > maxSpent) {
    error(stmt.count->range, format(count->value) + " rounds are too many to unroll");
    return std::nullopt;
  }
  std::string &segment = env->frame->instance->cellNames[{&stmt, env->round}];
  if (segment.empty()) {
    int number = ++env->frame->instance->segments[env->round + "layers"];
    segment = number > 1 ? "layers_" + std::to_string(number) : "layers";
  }
  for (int64_t i = 0; i < static_cast<int64_t>(count->value); ++i) {
    EnvPtr scope = makeScope(env, segment + "." + std::to_string(i) + ".");
    if (!stmt.variable.text.empty())
      scope->names[stmt.variable.text] = Number{static_cast<double>(i), true};
    size_t errors = sink.getErrorCount();
    if (auto result = exec(stmt.body, scope, false))
      return result;
    if (sink.getErrorCount() != errors || spent >= maxSpent)
      return std::nullopt; // the next round would say the same
  }
  return std::nullopt;
}

std::optional<Value> Elaborator::execEachIn(const ast::EachInStmt &stmt, const EnvPtr &env) {
  Value collection = eval(*stmt.collection, env);
  const Collection *items = collection.as<Collection>();
  if (!items) {
    if (!collection.isPoison())
      error(stmt.collection->range, "expected a collection of parameters, found " + describe(collection));
    return std::nullopt;
  }
  for (const CellPtr &param : items->params) {
    EnvPtr scope = makeScope(env, param->name + ".");
    scope->names[stmt.variable.text] = ParamItem{param};
    size_t errors = sink.getErrorCount();
    if (auto result = exec(stmt.body, scope, false))
      return result;
    if (sink.getErrorCount() != errors)
      return std::nullopt;
  }
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Storage
//===----------------------------------------------------------------------===//

std::optional<Initializer> Elaborator::evalInit(const ast::Expr &expr, bool sampled, const EnvPtr &env) {
  Initializer init;
  if (expr.kind == ast::Expr::Kind::Call) {
    auto &call = static_cast<const ast::CallExpr &>(expr);
    std::string name = call.callee->kind == ast::Expr::Kind::Name ? static_cast<const ast::NameExpr &>(*call.callee).name : "";
    if (sampled && (name == "normal" || name == "uniform" || name == "constant")) {
      if (call.arguments.size() != 1) {
        error(expr.range, name + " takes one number");
        return std::nullopt;
      }
      auto value = evalNumber(*call.arguments[0].value, env, "a number");
      if (!value)
        return std::nullopt;
      init.kind = name == "normal"    ? Initializer::Kind::normal
                  : name == "uniform" ? Initializer::Kind::uniform
                                      : Initializer::Kind::constant;
      init.value = value->value;
      if (name != "constant" && !(init.value >= 0 && std::isfinite(init.value))) {
        error(call.arguments[0].range, name + " takes a number of at least 0, found " + format(init.value));
        return std::nullopt;
      }
      return init;
    }
  }
  Value value = eval(expr, env);
  if (const InitValue *given = value.as<InitValue>())
    return given->init;
  if (const Number *number = value.as<Number>()) {
    init.value = number->value;
    return init;
  }
  if (!value.isPoison())
    diagnose(expr.range, "expected an initialiser, found " + describe(value)).suggest("normal(s), uniform(r) or a number");
  return std::nullopt;
}

CellPtr Elaborator::declareParam(std::string name, Axes axes, Initializer init, const EnvPtr &env, SourceRange range) {
  auto cell = std::make_shared<Cell>();
  cell->kind = BindingKind::param;
  cell->element = emit.floating();
  cell->init = init;
  cell->declared = range;
  if (const Axis *rows = currentRows(env)) {
    cell->routing = rows->routing;
    axes.insert(axes.begin(), Axis{rows->routing->expert.name + "?", rows->routing->expert.extent, nullptr, true});
  }
  cell->axes = std::move(axes);
  cell->name = std::move(name);
  if (!checkShape(*cell))
    return nullptr;
  program->read(cell->kind, cell->name, emit.type(cell->axes, cell->element), &cell->init);
  if (!training())
    return cell;
  if (matchesPatterns(cell->name, frozen)) {
    if (frozenNames.insert(cell->name).second)
      program->freeze(cell->name);
  } else if (llvm::none_of(params, [&](const CellPtr &p) { return p->name == cell->name; })) {
    params.push_back(cell);
  }
  return cell;
}

/// A buffer has one shape: at every use of its instance, and in every program, though the programs differ in their rows.
bool Elaborator::checkShape(const Cell &cell) {
  auto [first, isNew] = shapes.insert({{cell.kind, cell.name}, {cell.axes, program->mode, cell.declared}});
  const BufferShape &known = first->second;
  if (isNew)
    return true;
  bool isSame = cell.axes.size() == known.axes.size();
  bool hasRow = cell.kind == BindingKind::stream && program->mode != known.mode;
  for (size_t i = hasRow; isSame && i < cell.axes.size(); ++i)
    isSame = cell.axes[i].extent == known.axes[i].extent;
  if (isSame)
    return true;
  std::string was = frontend::describe(known.axes), is = frontend::describe(cell.axes);
  if (program->mode == known.mode) {
    Diagnostic &d = diagnose(cell.declared, "'" + cell.name + "' is " + was + " where its instance is used first, but " + is + " here");
    if (known.declared.begin.offset != cell.declared.begin.offset)
      d.note(known.declared, "it is used first here");
    else if (cell.declared.file == file.source)
      noteUse(d);
    d.suggest("one instance has one set of weights and states; writing the definition with its arguments again makes another");
  } else {
    diagnose(cell.declared, "this is " + was + " in training but " + is + (program->mode == Mode::Decode ? " in generation" : " in evaluation"))
        .suggest("it cannot depend on the batch; a row for each batch row is `stream state`");
  }
  return false;
}

/// The path of a buffer declared at `site`, the same in every program; a second one of the same name gets a number.
std::string Elaborator::bufferName(const std::string &name, const void *site, const EnvPtr &env) {
  std::string &full = env->frame->instance->cellNames[{site, env->round + name}];
  if (full.empty()) {
    full = pathOf(env) + name;
    for (int i = 2; !names.insert(full).second; ++i)
      full = pathOf(env) + name + "_" + std::to_string(i);
  }
  return full;
}

CellPtr Elaborator::declare(const ast::StorageStmt &stmt, const EnvPtr &env) {
  using Storage = ast::StorageStmt::Storage;
  bool isTally = stmt.storage == Storage::Tally;
  std::optional<Axes> axes;
  std::string optimizerOf;
  if (!stmt.type) {
    diagnose(stmt.name.range, "'" + stmt.name.text + "' needs a type").suggest("`" + stmt.name.text + ": [d]`, or `[]` for a number");
    return nullptr;
  }
  if (stmt.type->kind == ast::Type::Kind::Like) {
    Value model = eval(*static_cast<const ast::LikeType &>(*stmt.type).model, env);
    if (const ParamItem *item = model.as<ParamItem>()) {
      axes = item->param->axes;
      optimizerOf = item->param->name;
    } else if (const Tensor *x = model.as<Tensor>()) {
      axes = x->axes;
    } else if (!model.isPoison())
      error(stmt.type->range, "expected `like` a tensor or a parameter, found " + describe(model));
  } else if (stmt.type->kind == ast::Type::Kind::Tensor) {
    axes = evalAxes(static_cast<const ast::TensorType &>(*stmt.type), env);
  } else {
    error(stmt.type->range, "expected a tensor type such as [d]");
  }
  Initializer init;
  if (!isTally && stmt.value) {
    auto given = evalInit(*stmt.value, stmt.isSampled, env);
    if (!given)
      return nullptr;
    init = *given;
  }
  if (!axes)
    return nullptr;
  at(stmt.type->range);
  if (stmt.storage == Storage::Param) {
    if (program->mode == Mode::Update) {
      error(stmt.range, "parameters belong to the model, not to the optimizer");
      return nullptr;
    }
    return declareParam(bufferName(stmt.name.text, &stmt, env), *axes, init, env, stmt.range);
  }
  if (currentRows(env)) {
    error(stmt.range, "state inside an expert is not supported: declare it in the layer around the `each`, with the expert axis");
    return nullptr;
  }
  if (init.kind != Initializer::Kind::constant) {
    error(stmt.value->range, "state starts from a constant");
    return nullptr;
  }
  auto cell = std::make_shared<Cell>();
  cell->axes = *axes;
  cell->element = emit.floating();
  cell->init = init;
  cell->declared = stmt.range;
  bool inOptimizer = env->frame->definition && env->frame->definition->kind == ast::DefinitionKind::Optimizer;
  cell->kind = inOptimizer                              ? BindingKind::opt
               : isTally                                ? BindingKind::tally
               : stmt.storage == Storage::StreamState ? BindingKind::stream
                                                        : BindingKind::state;
  cell->name = !optimizerOf.empty() ? stmt.name.text + "." + optimizerOf
               : inOptimizer        ? stmt.name.text
                                    : bufferName(stmt.name.text, &stmt, env);
  if (cell->kind == BindingKind::stream && (cell->axes.empty() || cell->axes[0].extent != modelRows)) {
    diagnose(stmt.type->range, "stream state has one row a batch row: its first axis is the batch, found " + describe(cell->axes));
    return nullptr;
  }
  if (!isTally) {
    if (!checkShape(*cell))
      return nullptr;
    program->read(cell->kind, cell->name, emit.type(cell->axes, cell->element), &cell->init);
    return cell;
  }
  if (!training())
    return cell;
  if (auto x = evalTensor(*stmt.value, env)) {
    at(stmt.range);
    auto added = fitTo(*cell, stmt.name.text, *x, stmt.value->range);
    tallies.push_back(cell);
    if (added && !quiet() && onceOnly(&stmt, env, stmt.range)) {
      mlir::Value sum = program->read(cell->kind, cell->name, emit.type(cell->axes, cell->element));
      program->write(cell->kind, cell->name, emit.create<AddOp>(sum, emit.detach(*added).value));
    }
  }
  return cell;
}

/// `x` with exactly the axes of the buffer that is called `name` here.
std::optional<Tensor> Elaborator::fitTo(const Cell &cell, const std::string &name, Tensor x, SourceRange range) {
  if (x.present) {
    diagnose(range, "this value may be absent somewhere").suggest("`... else " + name + "` says what stands there");
    return std::nullopt;
  }
  bool fits = !x.rows();
  for (const Axis &axis : x.axes) {
    auto own = llvm::find_if(cell.axes, [&](const Axis &a) { return a.name == axis.name; });
    fits &= own != cell.axes.end() && own->extent == axis.extent;
  }
  if (!fits) {
    diagnose(range, "expected " + describe(cell.axes) + ", found " + describe(x)).note(cell.declared, "the buffer is declared here");
    return std::nullopt;
  }
  return emit.expand(emit.toFloat(x), cell.axes);
}

/// Effects happen once a place and round: a second evaluation has to be quiet.
bool Elaborator::onceOnly(const void *site, const EnvPtr &env, SourceRange range) {
  if (effects.insert({site, pathOf(env)}).second)
    return true;
  diagnose(range, "this effect happens twice, because the layer around it is called twice")
      .suggest("`quiet f(y)` calls a layer without its effects on state, aux and probes");
  return false;
}

void Elaborator::update(const ast::UpdateStmt &stmt, const EnvPtr &env) {
  Value value = eval(*stmt.value, env);
  Value *binding = findBinding(stmt.target.text, env, true);
  CellPtr cell;
  if (binding && binding->isPoison())
    return;
  if (binding && binding->as<CellPtr>())
    cell = *binding->as<CellPtr>();
  else if (binding && binding->as<ParamItem>())
    cell = binding->as<ParamItem>()->param;
  if (!cell || (cell->kind == BindingKind::param && program->mode != Mode::Update)) {
    Diagnostic &d = diagnose(stmt.target.range, binding ? "'" + stmt.target.text + "' is not a state"
                                                        : "unknown name '" + stmt.target.text + "'");
    if (cell)
      d.suggest("it is a parameter, which the optimizer moves");
    else if (binding)
      d.suggest("`" + stmt.target.text + " = ...` gives a name another value");
    return;
  }
  at(stmt.range);
  auto x = value.isPoison() ? std::nullopt : toTensor(value, stmt.value->range);
  auto fitted = x ? fitTo(*cell, stmt.target.text, *x, stmt.value->range) : std::nullopt;
  if (!fitted || quiet())
    return;
  bool reads = cell->kind == BindingKind::stream ? program->mode != Mode::Update
                                                 : program->mode == Mode::Train || program->mode == Mode::Update;
  if (!reads || (program->mode == Mode::Train && !onceOnly(&stmt, env, stmt.range)))
    return;
  program->write(cell->kind, cell->name, program->mode == Mode::Update ? fitted->value : emit.detach(*fitted).value);
}

void Elaborator::declareCarry(const ast::CarryDeclStmt &stmt, const EnvPtr &env) {
  auto record = std::make_shared<Record>();
  record->frame = env->frame;
  record->declared = stmt.range;
  const ast::RecordType *type = nullptr;
  if (stmt.type && stmt.type->kind == ast::Type::Kind::Record)
    type = static_cast<const ast::RecordType *>(stmt.type.get());
  else if (stmt.type && stmt.type->kind == ast::Type::Kind::Named) {
    const auto &path = static_cast<const ast::NamedType &>(*stmt.type).path;
    if (path.size() == 2 && path[1].text == "carry") {
      std::shared_ptr<Callable> rule;
      if (Value *bound = findBinding(path[0].text, env, true)) {
        if (bound->as<std::shared_ptr<Callable>>())
          rule = *bound->as<std::shared_ptr<Callable>>();
      } else if (const ast::Definition *definition = findDefinition(path[0].text)) {
        rule = std::make_shared<Callable>();
        rule->definition = definition;
      }
      if (!rule || !rule->definition) {
        error(path[0].range, "expected a momentum rule before '.carry'");
        return;
      }
      bool found = false;
      for (const ast::Parameter &input : rule->definition->inputs)
        if (input.isCarry) {
          found = true;
          if (input.type && input.type->kind == ast::Type::Kind::Record)
            type = static_cast<const ast::RecordType *>(input.type.get());
        }
      if (!found) {
        diagnose(stmt.type->range, "momentum " + rule->definition->name.text + " has no carry").note(rule->definition->name.range, "it is defined here");
        return;
      }
      if (!type) {
        env->names[stmt.name.text] = record;
        return;
      }
    }
  }
  if (!type) {
    error(stmt.type ? stmt.type->range : stmt.range, "a carry is a record such as {m}, or the carry of a rule, R.carry");
    return;
  }
  if (stmt.value) {
    auto zero = evalNumber(*stmt.value, env, "a number");
    if (zero && zero->value != 0)
      error(stmt.value->range, "a carry starts at 0");
  }
  for (const auto &field : type->fields)
    record->fields[field.name.text] = Number{0, true};
  env->names[stmt.name.text] = record;
}

void Elaborator::record(const ast::RecordStmt &stmt, const EnvPtr &env) {
  if (quiet() || program->mode == Mode::Decode || program->mode == Mode::Update || (stmt.isAux && !training()))
    return;
  bool outer = foldZero;
  foldZero = stmt.isAux;
  Value value = eval(*stmt.value, env);
  foldZero = outer;
  at(stmt.range);
  const Number *number = value.as<Number>();
  if (stmt.isAux && number && number->value == 0)
    return; // a loss with weight 0
  auto x = value.isPoison() ? std::nullopt : toTensor(value, stmt.value->range);
  if (!x)
    return;
  Tensor y = emit.toFloat(*x);
  if (stmt.isAux && !y.axes.empty()) {
    error(stmt.value->range, "a loss is one number, found " + describe(Value(*x)));
    return;
  }
  if (y.rows() || y.present) {
    error(stmt.value->range, "a probe records a value that is present everywhere");
    return;
  }
  if (!onceOnly(&stmt, env, stmt.range))
    return;
  BindingKind kind = stmt.isAux ? BindingKind::aux : BindingKind::probe;
  std::string path = bufferName(stmt.name.text, &stmt, env);
  const std::string &wanted = settings.options.record;
  if (program->mode == Mode::Eval && !wanted.empty() && !matchesPatterns(path, wanted))
    return;
  program->write(kind, stmt.isAux ? path : recordedName(path), y.value);
  if (stmt.isAux)
    losses.push_back(y);
}

/// Adds a check that counts where the condition does not hold: the run ends with an error where it finds any.
void Elaborator::assertThat(const ast::AssertStmt &stmt, const EnvPtr &env) {
  if (quiet())
    return;
  std::string rule = std::exchange(emit.rule, ""); // no part of the rule that it stands in
  Value value = eval(*stmt.condition, env);
  at(stmt.range);
  auto *written = stmt.message ? static_cast<const ast::StringExpr *>(stmt.message.get()) : nullptr;
  std::string message = (written ? written->value + ": `" : "the assertion `") + text(*stmt.condition) + "` does not hold";
  const bool *known = value.as<bool>();
  const Tensor *holds = value.as<Tensor>();
  if (known && !*known)
    error(stmt.condition->range, message);
  else if (holds && holds->isBool())
    program->check(checkName(env, "assert"), emit.countFalse(*holds), message);
  else if (!known && !value.isPoison())
    diagnose(stmt.condition->range, "an assertion is true, false or a bool tensor, found " + describe(value))
        .suggest("`assert finite(x)` or a comparison, `assert x > 0`");
  emit.rule = std::move(rule);
}

void Elaborator::requireIds(const Tensor &ids, int64_t count, const char *name, const BuiltinCall &call) {
  if (!checkedIds.insert({ids.value.getAsOpaquePointer(), count}).second)
    return;
  std::string rule = std::exchange(emit.rule, "");
  int64_t last = std::min<int64_t>(count - 1, std::numeric_limits<int32_t>::max());
  auto compareWith = [&](Predicate predicate, int64_t bound) {
    return *emit.compare(predicate, ids, emit.constant(static_cast<double>(bound), {}, emit.i32()));
  };
  Tensor inside = *emit.binary<AndOp>(compareWith(Predicate::ge, 0), compareWith(Predicate::le, last));
  at(ownPlace(call.site.range));
  program->check(checkName(call.env, name), emit.countFalse(inside),
                 "`" + text(call.site) + "` takes " + name + " from 0 to " + std::to_string(last) + ", found others");
  at(call.site.range);
  emit.rule = std::move(rule);
}

/// A name that is given a value again has a number, as a second use of a definition has.
std::string Elaborator::recordedName(const std::string &path) {
  int number = ++recorded[path];
  return number > 1 ? path + "_" + std::to_string(number) : path;
}

void Elaborator::recordNamed(const std::string &name, const Value &value, const EnvPtr &env) {
  const Tensor *x = value.as<Tensor>();
  if (settings.options.record.empty() || program->mode != Mode::Eval || quiet() || !x || x->rows() || x->present)
    return;
  std::string path = pathOf(env) + name;
  if (matchesPatterns(path, settings.options.record))
    program->write(BindingKind::probe, recordedName(path), emit.toFloat(*x).value);
}

//===----------------------------------------------------------------------===//
// each
//===----------------------------------------------------------------------===//

Value Elaborator::evalEach(const ast::EachExpr &each, const EnvPtr &env) {
  std::string expert = axisName(each.axis.text, env);
  if (currentRows(env))
    return error(each.range, "an `each` inside another `each` is not supported");
  if (!each.mask)
    return error(each.range, "`each " + each.axis.text + "` says where it runs: `each " + each.axis.text + " where on { ... }`");
  Value mask = eval(*each.mask, env);
  if (mask.isPoison())
    return mask;
  const Tensor *on = mask.as<Tensor>();
  if (!on || !on->isBool() || on->rows())
    return error(each.mask->range, "expected a bool tensor after `where`, found " + describe(mask));
  if (!requirePresent(*on, each.mask->range) || findAxis(*on, expert, env, each.axis.range) < 0)
    return Poison();
  if (on->axes.size() < 2)
    return error(each.mask->range, "`each` runs over pairs: its mask has the expert axis and at least one token axis, found " + describe(mask));
  at(each.mask->range);

  auto &routing = routings[{on->value.getAsOpaquePointer(), expert, env->frame}];
  if (!routing) {
    mlir::Value excess;
    auto made = emit.route(*on, expert, excess);
    auto owned = std::make_shared<Routing>(*made);
    owned->owner = env->frame;
    routing = owned;
    int64_t pairs = on->elements();
    if (owned->rows < pairs)
      program->check(checkName(env, "rows"), excess, "");
  }
  Axis rows = emit.rowsAxis(routing);
  EnvPtr scope = makeScope(env);
  scope->rows = rows;
  scope->rows->pairVisible = false;
  auto result = exec(*each.body, scope, true);
  if (!result)
    return error(each.body->range, "the block of an `each` ends in a value");
  if (result->isPoison())
    return *result;
  auto y = toTensor(*result, each.body->range);
  if (!y)
    return Poison();
  Tensor x = emit.toFloat(*y);
  at(each.range);
  if (!x.rows()) {
    Axes axes{rows};
    axes.insert(axes.end(), x.axes.begin(), x.axes.end());
    x = emit.expand(x, axes);
  }
  for (Axis &axis : x.axes)
    if (axis.routing)
      axis = rows;
  return x;
}

std::string Elaborator::checkName(const EnvPtr &env, const std::string &what) {
  std::string path = pathOf(env) + what;
  int number = ++checks[path];
  return number > 1 ? path + "_" + std::to_string(number) : path;
}

} // namespace moe::frontend
