//===- LocationText.h - places as text -------------------------*- C++ -*-===//
#pragma once

#include "mlir/IR/Location.h"

#include <optional>
#include <string>

namespace moe {

/// The first place in a file that a location names.
std::optional<mlir::FileLineColLoc> findFileLocation(mlir::Location loc);

/// `file:line:column`, or nothing.
std::string getLocationText(mlir::Location loc);

/// What the ops computed that are behind a kernel op with this location, each once, as dialects/moe/IR/Origins.h has marked them: `exp, sum`,
/// `mul (gradient of sqrt)`. Empty: not marked.
std::string getOriginText(mlir::Location loc);

/// The position of the first of them in its function; 0: not marked.
uint32_t getOriginNumber(mlir::Location loc);

} // namespace moe
