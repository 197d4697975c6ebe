//===- Stability.cpp - the momentum rules of a model near their fixed points ===//
#include "dialects/moe/IR/MoeDialect.h"
#include "lib/Analysis/StableSet.h"
#include "lib/Conversion/Plan/LocationText.h"
#include "lib/Frontend/Elaborate/Elaborate.h"
#include "lib/Pipelines/Compilation.h"
#include "mlir/IR/OperationSupport.h"

using namespace moe;

static std::string getText(const SourceRange &place) {
  return std::string(place.file->getName()) + ":" + std::to_string(place.begin.line) + ":" + std::to_string(place.begin.column);
}

/// Whether two uses of a rule are the same program, wherever they are.
static bool isSameProgram(const RuleProgram &a, const RuleProgram &b) {
  if (a.definition != b.definition || a.numbers != b.numbers || a.state != b.state || a.obstacle != b.obstacle || !a.function != !b.function)
    return false;
  if (!a.function)
    return true;
  mlir::func::FuncOp f = a.function, g = b.function;
  auto init = [](mlir::func::FuncOp function, unsigned k) {
    return function.getArgAttrOfType<mlir::DictionaryAttr>(k, argAttrName).get("init");
  };
  for (unsigned k = 0; k < f.getNumArguments() && k < g.getNumArguments(); ++k)
    if (init(f, k) != init(g, k))
      return false;
  return mlir::OperationEquivalence::isRegionEquivalentTo(&f.getBody(), &g.getBody(), mlir::OperationEquivalence::IgnoreLocations);
}

/// The first of the places that is a line of the rule: what is wrong may be in a function that it calls.
static std::optional<std::string> findLineOf(const RuleProgram &rule, llvm::ArrayRef<mlir::Location> places) {
  const SourceRange &range = rule.definition->range;
  for (mlir::Location place : places)
    if (auto found = findFileLocation(place);
        found && found->getFilename() == range.file->getName() && found->getLine() >= range.begin.line && found->getLine() <= range.end.line)
      return getLocationText(place);
  return std::nullopt;
}

static void setObstacle(const NotLinearizable &found, const RuleProgram &rule, RuleStability &stability) {
  stability.obstacle = found.reason;
  std::vector<mlir::Location> places{found.loc};
  llvm::append_range(places, found.users);
  stability.obstacleLocation = findLineOf(rule, places).value_or(stability.location);
  if (std::string place = getLocationText(found.loc); !place.empty() && place != stability.obstacleLocation)
    stability.obstacle += " (" + place + ")";
}

static void setMatrix(const Linearization &linearization, RuleStability &stability) {
  size_t n = stability.state.size();
  stability.matrix.assign(n, std::vector<std::vector<double>>(n));
  for (size_t row = 0; row < n; ++row)
    for (size_t column = 0; column < n; ++column)
      for (const Eigen::MatrixXd &coefficients : linearization.coefficients)
        stability.matrix[row][column].push_back(coefficients(row, column));
  stability.stable = findStableSet(linearization);
}

/// False after an error.
static bool analyze(const RuleProgram &rule, RuleStability &stability, DiagnosticSink &sink) {
  stability.rule = rule.definition->name.text;
  stability.location = getText(rule.definition->name.range);
  stability.numbers = rule.numbers;
  if (!rule.function) {
    stability.obstacle = rule.obstacle;
    stability.obstacleLocation = rule.place.isValid() ? getText(rule.place) : stability.location;
    return true;
  }
  stability.state = rule.state;
  stability.held = rule.held;
  auto answer = linearize(rule.function);
  if (mlir::failed(answer))
    return false;
  if (auto *obstacle = std::get_if<NotLinearizable>(&*answer)) {
    setObstacle(*obstacle, rule, stability);
    return true;
  }
  setMatrix(std::get<Linearization>(*answer), stability);
  if (stability.stable.empty())
    sink.warning(rule.definition->name.range, "no step of either sign makes " + stability.rule + " stable");
  return true;
}

std::optional<std::vector<RuleStability>> moe::analyzeStability(const std::string &fileName, const std::string &source,
                                                                const CompileOptions &options, Diagnostics &diagnostics) {
  Compilation compilation(fileName, source, options);
  std::vector<RuleProgram> rules;
  std::optional<std::vector<RuleStability>> all;
  if (compilation.parse() && compilation.elaborate(/*f64=*/true, &rules))
    compilation.runPhase(Phase::grad, [&] {
      std::vector<RuleStability> found;
      std::vector<const RuleProgram *> distinct;
      for (const RuleProgram &rule : rules) {
        auto same = llvm::find_if(distinct, [&](const RuleProgram *other) { return isSameProgram(*other, rule); });
        size_t position = same - distinct.begin();
        if (same == distinct.end()) {
          distinct.push_back(&rule);
          if (!analyze(rule, found.emplace_back(), compilation.getSink()))
            return false;
        }
        found[position].uses.push_back(rule.path);
      }
      all = std::move(found);
      return true;
    });
  compilation.report(diagnostics);
  return diagnostics.failed ? std::nullopt : all;
}
