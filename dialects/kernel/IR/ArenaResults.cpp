//===- ArenaResults.cpp - results that lie among the tensors ----------------===//
#include "dialects/kernel/IR/ArenaResults.h"

using namespace mlir;

bool moe::kernel::liesInArena(FunctionOpInterface func, unsigned number) {
  auto result = func.getResultAttrOfType<DictionaryAttr>(number, "moe.res");
  auto kind = result ? result.getAs<StringAttr>("kind") : nullptr;
  if (!kind || kind != "grad")
    return false;
  for (unsigned i = 0; i < func.getNumArguments(); ++i)
    if (auto argument = func.getArgAttrOfType<DictionaryAttr>(i, "moe.arg"))
      if (argument.get("kind") == kind && argument.get("name") == result.get("name"))
        return false;
  return true;
}
