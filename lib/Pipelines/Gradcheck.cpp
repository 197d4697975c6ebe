//===- Gradcheck.cpp - a model's gradients against finite differences -------===//
#include "dialects/moe/GradientCheck/GradientCheck.h"
#include "lib/Conversion/Plan/LocationText.h"
#include "lib/Pipelines/Compilation.h"

using namespace moe;

static bool isSet(const CompileOptions &options, llvm::StringRef path) {
  return llvm::any_of(options.overrides, [&](const std::string &each) { return llvm::StringRef(each).starts_with((path + "=").str()); });
}

/// The sizes at which a check takes seconds, where the user does not choose others. An override must change something, so each is tried alone.
static CompileOptions reduce(const std::string &fileName, const std::string &source, CompileOptions options) {
  constexpr std::pair<const char *, const char *> sizes[] = {{"train.micro_batches", "1"}, {"train.batch", "2"}, {"train.context", "4"}};
  for (auto [path, value] : sizes) {
    if (isSet(options, path))
      continue;
    CompileOptions changed = options;
    changed.overrides.push_back(std::string(path) + "=" + value);
    Diagnostics ignored;
    if (moe::check(fileName, source, changed, ignored))
      options = std::move(changed);
  }
  return options;
}

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
  Compilation compilation(fileName, source, reduce(fileName, source, options));
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
