//===- CodeGen.h - kernels to machine code ---------------------*- C++ -*-===//
#pragma once

#include "lib/Conversion/KernelToCPU/KernelToCPU.h"
#include "mlir/IR/BuiltinOps.h"

#include <string>

namespace moe {

enum class CodeForm { llvm, assembly, object };

/// Lowers the module that emitKernel filled (it is changed) and gives its code: LLVM IR after optimisation, assembly, or the bytes of a
/// relocatable object. Failures are reported at the module.
mlir::FailureOr<std::string> generateCode(mlir::ModuleOp codeModule, const CPUTarget &target, CodeForm form);

} // namespace moe
