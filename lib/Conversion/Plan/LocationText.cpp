//===- LocationText.cpp - places as text ------------------------------------===//
#include "lib/Conversion/Plan/LocationText.h"

#include "llvm/Support/FormatVariadic.h"

using namespace mlir;

std::optional<FileLineColLoc> moe::findFileLocation(Location loc) {
  std::optional<FileLineColLoc> found;
  loc->walk([&](Location part) {
    if (auto file = dyn_cast<FileLineColLoc>(part)) {
      found = file;
      return WalkResult::interrupt();
    }
    return WalkResult::advance();
  });
  return found;
}

std::string moe::getLocationText(Location loc) {
  std::optional<FileLineColLoc> place = findFileLocation(loc);
  if (!place)
    return "";
  return llvm::formatv("{0}:{1}:{2}", place->getFilename().getValue(), place->getLine(), place->getColumn());
}
