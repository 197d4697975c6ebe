//===- Rules.cpp - momentum rules by themselves -----------------------------===//
//
// A rule that the model applies is entered a second time, in a function of its own: x and the carries are arguments, and the layer that it
// is given is the program `y => sigma*y`. Everything else is as in the model, so that there is one meaning of a rule.
//
//===----------------------------------------------------------------------===//

#include "lib/Frontend/Elaborate/Elaborator.h"
#include "lib/Frontend/Parse.h"

namespace moe::frontend {

/// `y => sigma*y`, parsed once.
static const ast::LambdaExpr &linearLayer() {
  static const ast::ExprPtr *layer = [] {
    auto *sources = new SourceManager; // never destroyed: the tree points into it
    DiagnosticSink sink;
    return new ast::ExprPtr(parseExpression(sources->add("the layer", "y => sigma*y"), sink));
  }();
  return static_cast<const ast::LambdaExpr &>(**layer);
}

static bool isFunction(const Value &value) { return value.as<std::shared_ptr<Closure>>() || value.as<std::shared_ptr<Callable>>(); }

namespace {
/// What the second list of a rule is given when it stands by itself.
struct RuleInputs {
  std::map<std::string, BoundArgument> values;
  std::shared_ptr<Record> carry; ///< null: none
  std::string carryName, x;
  std::optional<Tensor> point; ///< x
  bool hasLayer = false;
};
} // namespace

/// The argument that stands for a tensor of the model.
static Tensor makeArgument(Elaborator &e, const std::string &name, const Tensor &like) {
  static const Initializer zero;
  Tensor argument;
  argument.axes = like.axes;
  argument.value = e.program->read(BindingKind::state, name, e.emit.type(like.axes, like.element()), &zero);
  return argument;
}

/// A carry whose fields are arguments; one that nothing in the model writes stays 0.
static std::shared_ptr<Record> makeCarry(Elaborator &e, const std::string &name, const Record &like) {
  auto carry = std::make_shared<Record>(like);
  for (auto &[field, value] : carry->fields)
    if (const Tensor *last = value.as<Tensor>())
      value = makeArgument(e, name + "." + field, *last);
  return carry;
}

static RuleInputs makeInputs(Elaborator &e, const ast::Definition &definition, std::map<std::string, BoundArgument> inputs, const EnvPtr &env) {
  RuleInputs made;
  for (const ast::Parameter &input : definition.inputs) {
    auto given = inputs.find(input.name.text);
    if (given == inputs.end())
      continue;
    Value &value = given->second.value;
    if (auto record = value.as<std::shared_ptr<Record>>(); record && !made.carry) {
      made.carryName = input.name.text;
      made.carry = makeCarry(e, input.name.text, **record);
      value = made.carry;
    } else if (const Tensor *x = value.as<Tensor>(); x && !made.point) {
      made.x = input.name.text;
      made.point = makeArgument(e, made.x, *x);
      value = *made.point;
    } else if (isFunction(value) && !made.hasLayer) {
      EnvPtr scope = e.makeScope(env->frame);
      Tensor sigma;
      sigma.value = e.program->read(BindingKind::input, "sigma", e.emit.type({}, e.emit.floating()));
      scope->names["sigma"] = sigma;
      value = std::make_shared<Closure>(Closure{&linearLayer(), scope});
      made.hasLayer = true;
    }
  }
  made.values = std::move(inputs);
  return made;
}

/// `value` as a tensor of the argument's axes, or nothing when it has others.
static std::optional<Tensor> fitToArgument(Elaborator &e, const Value &value, const Tensor &argument) {
  const Tensor *x = value.as<Tensor>();
  if (!x && !value.as<Number>())
    return std::nullopt;
  Tensor y = x ? *x : e.emit.constant(value.as<Number>()->value, {}, e.emit.floating());
  bool fits = y.isFloat() && !y.present && llvm::all_of(y.axes, [&](const Axis &axis) {
    int at = argument.find(axis.name);
    return at >= 0 && argument.axes[at].extent == axis.extent;
  });
  return fits ? std::optional(e.emit.expand(y, argument.axes)) : std::nullopt;
}

/// Whether an op has an operand of the model's own program, which is not there when the rule stands by itself.
static bool usesOutsiders(mlir::Block &block) {
  return llvm::any_of(block, [&](mlir::Operation &op) {
    return llvm::any_of(op.getOperands(), [&](mlir::Value operand) { return operand.getParentBlock() != &block; });
  });
}

/// The results of the function: x and what the rule has written. Gives what does not fit, or nothing.
static std::string writeState(Elaborator &e, const RuleInputs &inputs, const RuleInputs &before, const Value &result, RuleProgram &rule) {
  auto write = [&](const std::string &name, const Value &value, const Tensor &argument) {
    auto fitted = fitToArgument(e, value, argument);
    if (fitted) {
      e.program->write(BindingKind::state, name, fitted->value);
      rule.state.push_back(name);
    }
    return fitted.has_value();
  };
  if (!write(inputs.x, result, *inputs.point))
    return "it gives " + describe(result) + " for " + describe(*inputs.point);
  if (!inputs.carry)
    return "";
  for (const auto &[field, value] : inputs.carry->fields) {
    const Tensor *argument = before.carry->fields.at(field).as<Tensor>();
    const Tensor *after = value.as<Tensor>();
    std::string name = inputs.carryName + "." + field;
    if (!argument)
      continue;
    if (after && after->value == argument->value) {
      if (!argument->value.use_empty())
        rule.held.push_back(name);
    } else if (!write(name, value, *argument))
      return "it gives " + name + " as " + describe(value) + ", and takes " + describe(*argument);
  }
  return "";
}

void Elaborator::elaborateRule(const RuleUse &use, RuleProgram &rule) {
  const ast::Definition &definition = *use.callable.definition;
  rule.place = definition.name.range;
  DiagnosticSink saved = sink;
  RuleInputs inputs = makeInputs(*this, definition, use.inputs, use.env);
  if (!inputs.point || !inputs.hasLayer || inputs.point->rows()) {
    rule.obstacle = inputs.point && inputs.hasLayer ? "it is applied to the rows of an `each` block" : "it does not take x and the layer";
    return;
  }
  RuleInputs before = inputs;
  if (inputs.carry)
    before.carry = std::make_shared<Record>(*inputs.carry);
  ++quietDepth; // what it records and keeps is the model's
  Value result = enter(use.callable, inputs.values, *use.site, use.env);
  --quietDepth;
  if (sink.getErrorCount() == saved.getErrorCount()) {
    at(definition.name.range);
    rule.obstacle = writeState(*this, inputs, before, result, rule);
  } else {
    rule.obstacle = sink.getDiagnostics().back().message;
    rule.place = sink.getDiagnostics().back().range;
    sink = saved;
  }
}

std::vector<RuleProgram> Elaborator::elaborateRules(mlir::ModuleOp module) {
  std::vector<RuleProgram> rules;
  Program *model = program;
  for (const RuleUse &use : std::exchange(ruleUses, {})) {
    RuleProgram &rule = rules.emplace_back();
    const std::string &path = use.callable.instance->path;
    rule.definition = use.callable.definition;
    rule.path = path.substr(0, path.size() - 1);
    rule.numbers = use.numbers;
    Program current(module, Mode::Decode, ("rule." + std::to_string(rules.size())).c_str(), emit.loc);
    current.isChecked = false; // its results are the state, nothing else
    program = &current;
    emit.builder.setInsertionPointToEnd(&current.block());
    elaborateRule(use, rule);
    current.finish();
    auto function = mlir::cast<mlir::func::FuncOp>(current.block().getParentOp());
    function.walk([](mlir::Operation *op) { op->removeAttr("moe.rule"); });
    if (rule.obstacle.empty() && usesOutsiders(current.block()))
      rule.obstacle = "it computes with a tensor of the model around it";
    if (rule.obstacle.empty())
      rule.function = function;
    else
      function.erase();
  }
  ruleUses.clear(); // what entering the rules again has added
  program = model;
  return rules;
}

} // namespace moe::frontend
