//===- Check.cpp - what the front of the compiler alone can say -------------===//
#include "lib/Pipelines/Compilation.h"

using namespace moe;

/// Parses and elaborates; `use` sees the module when all is well.
static bool elaborate(const std::string &fileName, const std::string &source, const CompileOptions &options, Diagnostics &diagnostics,
                      llvm::function_ref<void(mlir::ModuleOp)> use) {
  Compilation compilation(fileName, source, options);
  bool done = compilation.parse() && compilation.elaborate();
  compilation.report(diagnostics);
  if (done)
    use(compilation.getModule());
  return done;
}

bool moe::check(const std::string &fileName, const std::string &source, const CompileOptions &options, Diagnostics &diagnostics) {
  return elaborate(fileName, source, options, diagnostics, [](mlir::ModuleOp) {});
}

std::optional<std::string> moe::readSettings(const std::string &fileName, const std::string &source, const CompileOptions &options,
                                             Diagnostics &diagnostics) {
  std::optional<std::string> settings;
  elaborate(fileName, source, options, diagnostics,
            [&](mlir::ModuleOp module) { settings = module->getAttrOfType<mlir::StringAttr>("moe.settings").str(); });
  return settings;
}
