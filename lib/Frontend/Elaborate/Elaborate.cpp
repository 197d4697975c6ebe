//===- Elaborate.cpp - the programs of a model -----------------------------===//

#include "lib/Frontend/Elaborate/Elaborate.h"
#include "lib/Frontend/Elaborate/Elaborator.h"
#include "lib/Frontend/Elaborate/Names.h"
#include "lib/Frontend/Parse.h"
#include "lib/Std/StandardLibrary.h"
#include "lib/Support/Bytes.h"
#include "lib/Support/Names.h"
#include "mlir/IR/Verifier.h"

#include "nlohmann/json.hpp"

namespace moe::frontend {

/// Stands for the vocabulary while only the file is checked: an extent that nobody writes, and that splits into whatever the data's might.
static constexpr int64_t placeholderVocabulary = 1'441'440; // 2^5 3^2 5 7 11 13

namespace {
struct StandardLibraryTrees {
  SourceManager sources;
  DiagnosticSink sink;
  std::vector<std::unique_ptr<ast::File>> files;
};
} // namespace

/// The standard library, parsed once.
static const StandardLibraryTrees &standardTrees() {
  static const StandardLibraryTrees *trees = [] {
    auto *made = new StandardLibraryTrees; // never destroyed: diagnostics may point into it until the end of the process
    for (const StandardSource &source : standardLibrary())
      made->files.push_back(parse(made->sources.add(std::string("std/") + source.name, source.text), made->sink).file);
    return made;
  }();
  return *trees;
}

Elaborator::Elaborator(const ast::File &file, const Settings &settings, mlir::MLIRContext &context, DiagnosticSink &sink)
    : emit(context, settings.options.f64), sink(sink), file(file), settings(settings) {
  emit.fail = [this](std::string message) { error(current, std::move(message)); };
  for (const auto &library : standardTrees().files)
    for (const auto &definition : library->definitions)
      definitions[definition->name.text] = definition.get();
  for (const auto &definition : llvm::reverse(file.definitions)) // of two with one name, the first
    definitions[definition->name.text] = definition.get();
  root->named = true;
}

static bool isOfStandardLibrary(SourceRange range) {
  return llvm::any_of(standardTrees().files, [&](const auto &library) { return library->source == range.file; });
}

Diagnostic &Elaborator::diagnose(SourceRange range, std::string message) {
  Diagnostic &d = sink.error(range, std::move(message));
  return isOfStandardLibrary(range) ? noteUse(d) : d;
}

const SourceRange *Elaborator::innermostOwnUse() const {
  auto own = llvm::find_if(llvm::reverse(uses), [&](const SourceRange &use) { return use.file == file.source; });
  return own == uses.rend() ? nullptr : &*own;
}

Diagnostic &Elaborator::noteUse(Diagnostic &d) {
  const SourceRange *own = innermostOwnUse();
  return own ? d.note(*own, "used here") : d;
}

SourceRange Elaborator::ownPlace(SourceRange range) const {
  const SourceRange *own = isOfStandardLibrary(range) ? innermostOwnUse() : nullptr;
  return own ? *own : range;
}

Poison Elaborator::error(SourceRange range, std::string message) {
  diagnose(range, std::move(message));
  return Poison();
}

mlir::Location Elaborator::location(SourceRange range) {
  if (!range.isValid())
    return mlir::UnknownLoc::get(emit.builder.getContext());
  return mlir::FileLineColLoc::get(emit.builder.getContext(), std::string(range.file->getName()), range.begin.line, range.begin.column);
}

EnvPtr Elaborator::makeScope(const EnvPtr &parent, const std::string &round) {
  return &scopes.emplace_back(Env{parent, parent->frame, {}, parent->round + round, std::nullopt});
}

EnvPtr Elaborator::makeScope(const FramePtr &frame) { return &scopes.emplace_back(Env{nullptr, frame, {}, "", std::nullopt}); }

FramePtr Elaborator::makeFrame(std::shared_ptr<Instance> instance) {
  Frame &frame = frames.emplace_back();
  frame.instance = std::move(instance);
  return &frame;
}

std::optional<int64_t> Elaborator::setting(const char *key) {
  const ast::Expr *expr = settings.train(key);
  if (!expr)
    return 1;
  // Any expression may stand here; what it emits before it turns out to be no number goes nowhere.
  mlir::OwningOpRef<mlir::ModuleOp> nowhere = mlir::ModuleOp::create(emit.builder.getUnknownLoc());
  Program scratch(*nowhere, Mode::Eval, "setting", emit.loc);
  program = &scratch;
  emit.builder.setInsertionPointToEnd(&scratch.block());
  auto value = evalNumber(*expr, makeScope(makeFrame(std::make_shared<Instance>())), "a number");
  program = nullptr;
  if (!value)
    return std::nullopt;
  if (!value->isInt || value->value < 1 || value->value > 0x1p40) {
    error(expr->range, std::string(key) + " is a whole number of at least 1, found " + format(value->value));
    return std::nullopt;
  }
  return static_cast<int64_t>(value->value);
}

bool Elaborator::readFrozen() {
  const ast::Expr *written = settings.train("freeze");
  if (!written)
    return true;
  auto *text = llvm::dyn_cast<ast::StringExpr>(written);
  if (!text) {
    diagnose(written->range, "freeze is a text with patterns of parameter names").suggest("freeze=\"embedding.*|layers.0.*\"");
    return false;
  }
  frozen = text->value;
  return true;
}

void Elaborator::checkFrozen() {
  const ast::Expr *written = settings.train("freeze");
  if (frozen.empty())
    return;
  std::vector<std::string> known(frozenNames.begin(), frozenNames.end());
  for (const CellPtr &param : params)
    known.push_back(param->name);
  llvm::SmallVector<llvm::StringRef> patterns;
  llvm::StringRef(frozen).split(patterns, '|');
  for (llvm::StringRef pattern : patterns)
    if (llvm::none_of(known, [&](const std::string &name) { return matchesPatterns(name, pattern); })) {
      Diagnostic &d = diagnose(written->range, "no parameter is called '" + pattern.str() + "'");
      if (std::string near = nearestName(pattern, known); !near.empty())
        d.suggest("did you mean '" + near + "'?");
    }
  if (params.empty())
    error(written->range, "every parameter is frozen: there is nothing to train");
}

/// The value of a setting that must be there.
static Value required(Elaborator &e, const char *key, const EnvPtr &env) {
  if (const ast::Expr *expr = e.settings.train(key))
    return e.eval(*expr, env);
  SourceRange place = e.file.trainBlocks.empty() ? e.settings.model()->name.range : e.file.trainBlocks[0].range;
  return e.error(place, std::string("the train block does not set '") + key + "'");
}

void Elaborator::elaborateModel(mlir::ModuleOp module, Mode mode, int64_t rows, int64_t context, std::vector<RuleProgram> *rules) {
  const ast::Definition &model = *settings.model();
  const char *names[] = {"train", "eval", "decode", "update"};
  Program current(module, mode, names[static_cast<int>(mode)], emit.loc);
  program = &current;
  modelRows = rows;
  routings.clear();
  effects.clear();
  checks.clear();
  checkedIds.clear();
  recorded.clear();
  losses.clear();
  ruleUses.clear();
  emit.builder.setInsertionPointToEnd(&current.block());

  EnvPtr env = makeScope(makeFrame(root)); // around everything: the data's axes
  Callable callable;
  callable.definition = &model;
  callable.instance = root;
  if (const ast::Parameter *words = settings.vocabularyParameter()) {
    int64_t extent = settings.options.vocabulary ? settings.options.vocabulary : placeholderVocabulary;
    callable.bound[words->name.text] = {Number{static_cast<double>(extent), true}, words->name.text, env->frame, words->range};
  }
  auto tokens = [&](const char *name) {
    Tensor x;
    x.axes = {{"batch", rows, nullptr, true}, {"position", context, nullptr, true}};
    x.value = current.read(BindingKind::input, name, emit.type(x.axes, emit.i32()));
    return x;
  };
  ast::NameExpr site(model.name.range);
  site.name = model.name.text;
  if (model.inputs.size() != 1) {
    error(model.headRange, "a model has one input, the tokens");
    program = nullptr;
    return;
  }
  std::map<std::string, BoundArgument> inputs;
  inputs[model.inputs[0].name.text] = {tokens("tokens"), "", env->frame, model.inputs[0].range};
  Value logits = enter(callable, std::move(inputs), site, env);
  const Tensor *x = logits.as<Tensor>();
  SourceRange place = returnRange.isValid() ? returnRange : model.headRange;
  if (x ? x->axes.size() != 3 || !x->isFloat() || x->rows() : !logits.isPoison())
    error(place, "a model gives logits [B, T, V], found " + describe(logits));
  else if (x && requirePresent(*x, place)) {
    at(model.name.range);
    recordNamed("logits", *x, env);
    if (mode == Mode::Decode) {
      current.write(BindingKind::logits, "logits", x->value);
    } else {
      Value rule = required(*this, "loss", env);
      const ast::Expr *written = settings.train("loss");
      Value loss = rule.isPoison() ? rule : apply(rule, {*x, tokens("targets")}, *written, env);
      const Tensor *scalar = loss.as<Tensor>();
      if (scalar && !scalar->axes.empty())
        error(written->range, "the loss is one number, found " + describe(loss));
      else if (!scalar && !loss.isPoison())
        error(written->range, "the loss is one number, found " + describe(loss));
      else if (scalar && requirePresent(*scalar, written->range)) {
        current.write(BindingKind::loss, "loss", scalar->value);
        if (mode == Mode::Train) {
          Tensor objective = *scalar;
          for (const Tensor &part : losses)
            objective = *emit.binary<AddOp>(objective, part);
          current.write(BindingKind::objective, "objective", objective.value);
        }
      }
    }
  }
  if (rules && !sink.hasErrors())
    *rules = elaborateRules(module);
  current.finish();
  program = nullptr;
}

void Elaborator::elaborateUpdate(mlir::ModuleOp module) {
  Program current(module, Mode::Update, "update", emit.loc);
  program = &current;
  routings.clear();
  checkedIds.clear();
  emit.builder.setInsertionPointToEnd(&current.block());

  EnvPtr env = makeScope(makeFrame(std::make_shared<Instance>()));
  env->frame->instance->named = true;
  const ast::Expr *written = settings.train("optimizer");
  Value optimizer = required(*this, "optimizer", env);
  Collection collection{params};
  std::optional<Tensor> squares;
  if (!optimizer.isPoison()) {
    at(written->range);
    // Before the update gives the parameters new values.
    for (const CellPtr &param : params) {
      Tensor grad;
      grad.axes = param->axes;
      grad.value = current.read(BindingKind::grad, param->name, emit.type(grad.axes, param->element));
      std::vector<std::string> axes;
      for (const Axis &axis : grad.axes)
        axes.push_back(axis.name);
      Tensor square = emit.square(grad);
      Tensor sum = axes.empty() ? square : *emit.reduce(ReduceKind::sum, square, axes);
      squares = squares ? *emit.binary<AddOp>(*squares, sum) : sum;
    }
    apply(optimizer, {collection}, *written, env);
    at(written->range);
    if (squares)
      current.write(BindingKind::metric, "grad_norm", emit.unary<SqrtOp>(*squares).value);
    if (auto callable = optimizer.as<std::shared_ptr<Callable>>(); callable && (*callable)->bound.count("lr")) {
      const Value &schedule = (*callable)->bound.at("lr").value;
      Tensor step;
      step.value = current.read(BindingKind::step, "step", emit.type({}, emit.i32()));
      Value rate = schedule.as<Number>() ? schedule : apply(schedule, {emit.toFloat(step)}, *written, env);
      if (auto lr = rate.isPoison() ? std::nullopt : toTensor(rate, written->range))
        current.write(BindingKind::metric, "lr", lr->value);
    }
  }
  for (const AfterStep &block : afterSteps)
    exec(block.stmt->body, block.env, false);
  for (const CellPtr &tally : tallies) {
    mlir::Type type = emit.type(tally->axes, tally->element);
    current.read(tally->kind, tally->name, type);
    current.write(tally->kind, tally->name, emit.constant(0, tally->axes, tally->element).value);
  }
  current.finish();
  program = nullptr;
}

/// What the factors of products are rounded to; nothing: they stay f32.
std::optional<std::string> Elaborator::readPrecision() {
  const ast::Expr *written = settings.train("precision");
  std::string name = written ? text(*written) : "f32";
  if (name == "f32")
    return std::nullopt;
  if (name == "bf16")
    return name;
  sink.error(written->range, "precision is f32 or bf16, got " + name);
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Settings as JSON
//===----------------------------------------------------------------------===//

/// Numbers, texts and names as such; a call as an object with its name under "kind".
static nlohmann::ordered_json toJson(const ast::Expr &expr) {
  if (auto *number = llvm::dyn_cast<ast::NumberExpr>(&expr)) {
    if (number->isInteger)
      return static_cast<int64_t>(number->value);
    return number->value;
  }
  if (auto *text = llvm::dyn_cast<ast::StringExpr>(&expr))
    return text->value;
  if (auto *known = llvm::dyn_cast<ast::BoolExpr>(&expr))
    return known->value;
  if (auto *call = llvm::dyn_cast<ast::CallExpr>(&expr)) {
    nlohmann::ordered_json object;
    object["kind"] = Elaborator::text(*call->callee);
    for (const ast::Argument &argument : call->arguments)
      if (argument.kind == ast::Argument::Kind::Positional)
        object["arguments"].push_back(toJson(*argument.value));
      else
        object[argument.name.text] = toJson(*argument.value);
    return object;
  }
  return Elaborator::text(expr);
}

/// An amount of memory, in bytes or as a text with a unit.
static std::optional<int64_t> readMemory(const ast::Expr &written) {
  if (auto *text = llvm::dyn_cast<ast::StringExpr>(&written))
    return parseBytes(text->value);
  auto *number = llvm::dyn_cast<ast::NumberExpr>(&written);
  if (number && number->isInteger && number->value >= 1 && number->value < 0x1p62)
    return static_cast<int64_t>(number->value);
  return std::nullopt;
}

std::string Elaborator::settingsJson() {
  nlohmann::ordered_json json;
  json["model"] = settings.model()->name.text;
  std::set<std::string> keys;
  for (const auto &entry : settings.trainKeys())
    keys.insert(entry.first);
  for (const char *key : {"batch", "context", "micro_batches", "steps"})
    keys.insert(key);
  for (const std::string &key : settings.overriddenTrainKeys())
    keys.insert(key);
  keys.erase("model");
  for (const std::string &key : keys) {
    const ast::Expr *value = settings.train(key);
    bool isCount = key == "batch" || key == "context" || key == "micro_batches" || key == "steps";
    if (isCount)
      json[key] = setting(key.c_str()).value_or(1);
    else if (value && key == "memory")
      json[key] = readMemory(*value).value();
    else if (value)
      json[key] = key == "data" && value->kind == ast::Expr::Kind::Name ? nlohmann::ordered_json{{"kind", text(*value)}} : toJson(*value);
  }
  if (settings.options.vocabulary)
    json["vocabulary"] = settings.options.vocabulary;
  return json.dump();
}

} // namespace moe::frontend

//===----------------------------------------------------------------------===//
// The entry point
//===----------------------------------------------------------------------===//

using namespace moe;
using namespace moe::frontend;

/// `vocabularyName` becomes the name of the model's dimension that comes from the data.
static mlir::OwningOpRef<mlir::ModuleOp> elaborateKnown(const ast::File &file, const ElaborateOptions &options,
                                                        mlir::MLIRContext &context, DiagnosticSink &sink,
                                                        std::string &vocabularyName, std::vector<RuleProgram> *rules) {
  context.loadDialect<MoeDialect, mlir::func::FuncDialect>();
  for (const Diagnostic &wrong : standardTrees().sink.getDiagnostics())
    sink.error(wrong.range, "internal error: in the standard library: " + wrong.message);
  if (sink.hasErrors())
    return nullptr;
  std::map<std::string, const ast::Definition *> byName;
  for (const auto &library : standardTrees().files)
    for (const auto &definition : library->definitions)
      byName[definition->name.text] = definition.get();
  std::map<std::string, SourceRange> own;
  for (const auto &definition : file.definitions) {
    auto first = own.insert({definition->name.text, definition->name.range});
    if (first.second)
      byName[definition->name.text] = definition.get();
    else
      sink.error(definition->name.range, "'" + definition->name.text + "' is defined twice").note(first.first->second, "the first time is here");
  }
  std::vector<const ast::Definition *> definitions;
  for (const auto &entry : byName)
    definitions.push_back(entry.second);

  checkNames(file, byName, sink);
  Settings settings(file, definitions, options, sink);
  if (!settings.model()) {
    if (!sink.hasErrors())
      sink.error({file.source, SourceLoc(), SourceLoc()}, "there is no model in this file");
    return nullptr;
  }
  if (const ast::Parameter *words = settings.vocabularyParameter())
    vocabularyName = words->name.text;
  Elaborator elaborator(file, settings, context, sink);
  for (const ast::Parameter &parameter : settings.model()->parameters)
    if (!parameter.defaultValue && &parameter != settings.vocabularyParameter() && !settings.defaultOf(*settings.model(), parameter.name.text)) {
      sink.error(parameter.range, "nothing says what '" + parameter.name.text + "' is")
          .suggest("--set model." + parameter.name.text + "=..., or a default: " + parameter.name.text + "=...");
      return nullptr;
    }
  mlir::OwningOpRef<mlir::ModuleOp> module =
      mlir::ModuleOp::create(mlir::FileLineColLoc::get(&context, std::string(file.source ? file.source->getName() : ""), 1, 1));
  auto batch = elaborator.setting("batch"), positions = elaborator.setting("context"), micro = elaborator.setting("micro_batches"),
       steps = elaborator.setting("steps");
  if (!batch || !positions || !micro || !steps || !elaborator.readFrozen())
    return nullptr;
  if (const ast::Expr *memory = settings.train("memory"); memory && !readMemory(*memory)) {
    sink.error(memory->range, "memory is an amount of memory, in bytes or with a unit").suggest("memory=\"2 GiB\"");
    return nullptr;
  }
  if (*batch % *micro) {
    const ast::Expr *written = settings.train("micro_batches");
    sink.error(written ? written->range : SourceRange(), "batch = " + std::to_string(*batch) + " does not split into " + std::to_string(*micro) + " micro-batches");
    return nullptr;
  }
  elaborator.elaborateModel(*module, Mode::Train, *batch / *micro, *positions);
  if (!sink.hasErrors())
    elaborator.checkFrozen();
  if (!sink.hasErrors())
    elaborator.elaborateUpdate(*module);
  if (!sink.hasErrors())
    elaborator.elaborateModel(*module, Mode::Eval, *batch, *positions);
  if (!sink.hasErrors())
    elaborator.elaborateModel(*module, Mode::Decode, options.decodeRows, *positions, rules);
  std::optional<std::string> precision = elaborator.readPrecision();
  if (!sink.hasErrors())
    settings.reportUnused(sink);
  if (sink.hasErrors())
    return nullptr;
  mlir::Builder builder(&context);
  if (precision) // the optimiser's products are of master weights
    for (const char *program : {"train", "eval", "decode"})
      module->lookupSymbol(program)->setAttr("moe.precision", builder.getStringAttr(*precision));
  auto train = module->lookupSymbol<mlir::func::FuncOp>("train");
  train->setAttr("moe.micro_batches", builder.getI64IntegerAttr(*micro));
  (*module)->setAttr("moe.settings", builder.getStringAttr(elaborator.settingsJson()));
  if (mlir::failed(mlir::verify(*module))) {
    sink.error({}, "internal error: the elaborated program does not verify");
    return nullptr;
  }
  return module;
}

/// `text` with the placeholder's digits, which nobody wrote, replaced by the name that they stand for.
static std::string withoutPlaceholder(std::string text, const std::string &name) {
  const std::string digits = std::to_string(placeholderVocabulary);
  for (const std::string &written : {name + " = " + digits, digits})
    for (size_t at = text.find(written); at != std::string::npos; at = text.find(written, at + name.size()))
      text.replace(at, written.size(), name);
  return text;
}

mlir::OwningOpRef<mlir::ModuleOp> moe::elaborate(const ast::File &file, const ElaborateOptions &options, mlir::MLIRContext &context,
                                                 DiagnosticSink &sink, std::vector<RuleProgram> *rules) {
  std::string name;
  if (options.vocabulary)
    return elaborateKnown(file, options, context, sink, name, rules);
  DiagnosticSink own;
  mlir::OwningOpRef<mlir::ModuleOp> module = elaborateKnown(file, options, context, own, name, rules);
  for (const Diagnostic &found : own.getDiagnostics()) {
    std::string message = withoutPlaceholder(found.message, name);
    Diagnostic &d = found.severity == Severity::Error ? sink.error(found.range, message) : sink.warning(found.range, message);
    for (const Diagnostic::Note &note : found.notes)
      d.note(note.range, withoutPlaceholder(note.message, name));
    d.suggestion = found.suggestion;
  }
  return module;
}
