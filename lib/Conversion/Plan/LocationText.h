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

} // namespace moe
