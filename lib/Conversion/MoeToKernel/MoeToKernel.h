//===- MoeToKernel.h - from the moe dialect to kernels ---------*- C++ -*-===//
#pragma once

#include <memory>

namespace mlir {
class Pass;
} // namespace mlir

namespace moe {

std::unique_ptr<mlir::Pass> createConvertMoeToKernelPass();
void registerMoeToKernelPasses();

} // namespace moe
