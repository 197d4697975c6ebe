//===- Walk.h - the parts of an expression ---------------------*- C++ -*-===//
#pragma once

#include "lib/Frontend/AST.h"

#include "llvm/ADT/STLFunctionalExtras.h"

namespace moe::frontend {

/// Calls `visit` for every direct subexpression (not for the statements of an `each` block).
void forEachChild(const ast::Expr &expr, llvm::function_ref<void(const ast::Expr &)> visit);

} // namespace moe::frontend
