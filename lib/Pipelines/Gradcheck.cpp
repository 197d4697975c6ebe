//===- Gradcheck.cpp - a model's gradients against finite differences -------===//
#include "dialects/moe/GradientCheck/GradientCheck.h"
#include "lib/Conversion/Plan/LocationText.h"
#include "lib/Pipelines/Compilation.h"
#include "lib/Pipelines/Reduce.h"

using namespace moe;

static GradientReport toReport(const ParameterCheck &check) {
  GradientReport report;
  report.name = check.name;
  report.location = getLocationText(check.loc);
  report.error = check.error;
  report.resolution = check.resolution;
  report.compared = check.compared;
  report.skipped = check.skipped;
  report.place = check.place;
  report.byGradient = check.byGradient;
  report.byDifference = check.byDifference;
  return report;
}

std::optional<std::vector<GradientReport>> moe::gradcheck(const std::string &fileName, const std::string &source, const CompileOptions &options,
                                                          uint64_t seed, Diagnostics &diagnostics) {
  Compilation compilation(fileName, source,
                          reduce(fileName, source, options, {{"train.micro_batches", 1}, {"train.batch", 2}, {"train.context", 4}}));
  std::optional<std::vector<GradientReport>> reports;
  if (compilation.parse() && compilation.elaborate(/*f64=*/true))
    compilation.runPhase(Phase::grad, [&] {
      auto train = compilation.getModule().lookupSymbol<mlir::func::FuncOp>("train");
      GradientCheckOptions checkOptions;
      checkOptions.seed = seed;
      auto checks = checkGradients(train, randomArguments(train, seed, options.vocabulary), checkOptions);
      if (mlir::failed(checks))
        return false;
      reports = std::vector<GradientReport>();
      for (const ParameterCheck &check : *checks)
        reports->push_back(toReport(check));
      return true;
    });
  compilation.report(diagnostics);
  return reports;
}
