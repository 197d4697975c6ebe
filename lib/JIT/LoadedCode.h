//===- LoadedCode.h - object code in this process --------------*- C++ -*-===//
#pragma once

#include "moe/Runtime.h"

#include <memory>
#include <string>

namespace moe {

/// Makes this machine's code generator known to LLVM, whose list of them is not safe for threads.
void initializeTarget();

/// Kernels linked into this process; they can be called while it lives.
class LoadedCode {
public:
  /// Links `object` (functions of libm and libc come from the process).
  static Status load(const std::string &object, std::unique_ptr<LoadedCode> &code);
  ~LoadedCode();

  /// Sets the functions of all kernels. Fails when one is not in the code.
  Status resolve(Executable &executable);

private:
  struct Impl;
  explicit LoadedCode(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl;
};

} // namespace moe
