//===- Reduce.cpp - sizes at which a check takes seconds --------------------===//
#include "lib/Pipelines/Reduce.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"

using namespace moe;

static bool isSet(const CompileOptions &options, llvm::StringRef path) {
  return llvm::any_of(options.overrides, [&](const std::string &each) { return llvm::StringRef(each).starts_with((path + "=").str()); });
}

/// An override must change something, so each is tried alone.
CompileOptions moe::reduce(const std::string &fileName, const std::string &source, CompileOptions options,
                           std::initializer_list<std::pair<const char *, int64_t>> sizes) {
  for (auto [path, value] : sizes) {
    if (isSet(options, path))
      continue;
    CompileOptions changed = options;
    changed.overrides.push_back(std::string(path) + "=" + std::to_string(value));
    Diagnostics ignored;
    if (moe::check(fileName, source, changed, ignored))
      options = std::move(changed);
  }
  return options;
}
