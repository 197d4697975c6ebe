//===- ArenaResults.h - results that lie among the tensors -----*- C++ -*-===//
#pragma once

#include "dialects/kernel/IR/KernelDialect.h"

#include "mlir/Interfaces/FunctionInterfaces.h"

namespace moe::kernel {

/// Whether result `number` of a program lies in its arena, from the launch that makes it to the end and until the program runs again: a gradient that the program makes
/// anew. It is made when the activations it comes from are no longer needed, and takes their place. The gradients of a step of several micro-batches are arguments
/// too, for they are added up; these have buffers of their own, as all else has that another program changes.
bool liesInArena(mlir::FunctionOpInterface func, unsigned number);

} // namespace moe::kernel
