//===- LocationText.cpp - places as text ------------------------------------===//
#include "lib/Conversion/Plan/LocationText.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Allocator.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/StringSaver.h"

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

/// The number with which the ops of a function are marked, and the op's name around its place.
static std::optional<std::pair<uint32_t, NameLoc>> getMark(Location loc) {
  auto fused = dyn_cast<FusedLoc>(loc);
  auto number = fused ? dyn_cast_or_null<IntegerAttr>(fused.getMetadata()) : IntegerAttr();
  auto named = number && fused.getLocations().size() == 1 ? dyn_cast<NameLoc>(fused.getLocations()[0]) : NameLoc();
  if (!named)
    return std::nullopt;
  return std::pair(static_cast<uint32_t>(number.getInt()), named);
}

static void walkMarks(Location loc, llvm::function_ref<void(uint32_t, NameLoc)> visit) {
  loc->walk([&](Location part) {
    auto mark = getMark(part);
    if (!mark)
      return WalkResult::advance();
    visit(mark->first, mark->second);
    return WalkResult::skip();
  });
}

std::string moe::getOriginText(Location loc) {
  llvm::SmallSetVector<StringRef, 8> names;
  llvm::BumpPtrAllocator allocator;
  llvm::StringSaver saver(allocator);
  walkMarks(loc, [&](uint32_t, NameLoc named) {
    StringRef name = named.getName().getValue();
    auto around = dyn_cast<NameLoc>(named.getChildLoc());
    names.insert(around ? saver.save(llvm::formatv("{0} ({1})", name, around.getName().getValue()).str()) : name);
  });
  return llvm::join(names, ", ");
}

uint32_t moe::getOriginNumber(Location loc) {
  std::optional<uint32_t> first;
  walkMarks(loc, [&](uint32_t number, NameLoc) { first = std::min(first.value_or(number), number); });
  return first.value_or(0);
}
