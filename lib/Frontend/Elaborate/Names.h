//===- Names.h - the names of definitions that nobody uses -----*- C++ -*-===//
#pragma once

#include "lib/Frontend/AST.h"
#include "lib/Support/Diagnostics.h"

#include <map>

namespace moe::frontend {

/// Reports names that can mean nothing, in every definition of the file, whether the model uses it or not.
void checkNames(const ast::File &file, const std::map<std::string, const ast::Definition *> &definitions, DiagnosticSink &sink);

} // namespace moe::frontend
