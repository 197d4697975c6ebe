//===- Passes.h - passes on moe programs -----------------------*- C++ -*-===//
#pragma once

#include <memory>

namespace mlir {
class Pass;
} // namespace mlir

namespace moe {

std::unique_ptr<mlir::Pass> createCheckUpdatePass();
std::unique_ptr<mlir::Pass> createFormMomentumPass();
std::unique_ptr<mlir::Pass> createSimplifyPass();
void registerMoeTransformsPasses();

} // namespace moe
