//===- CompileCache.h - compiled programs on disk --------------*- C++ -*-===//
#pragma once

#include "lib/Conversion/KernelToCPU/KernelToCPU.h"
#include "lib/Runtime/ExecutableFile.h"
#include "lib/Runtime/FileCache.h"
#include "moe/Compiler.h"

namespace moe {

/// Executables by everything that they depend on: this build of moec, LLVM, the processor, the source, the standard library and the options.
/// A damaged entry is removed and counts as absent.
class CompileCache {
public:
  /// Does nothing when the options name no folder.
  CompileCache(const std::string &fileName, const std::string &source, const CompileOptions &options, const CPUTarget &target);

  std::optional<ExecutableFile> load() const;
  void store(const ExecutableFile &file) const;

private:
  std::optional<FileCache> files;
  uint64_t key = 0;
};

} // namespace moe
