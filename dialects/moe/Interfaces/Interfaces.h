//===- Interfaces.h - what an op of the moe dialect can do -----*- C++ -*-===//
#pragma once

#include "dialects/moe/Reference/Value.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/OpDefinition.h"
#include "llvm/ADT/BitVector.h"

#include "dialects/moe/Interfaces/MoeInterfaces.h.inc"
