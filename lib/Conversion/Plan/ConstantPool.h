//===- ConstantPool.h - the data of an executable --------------*- C++ -*-===//
#pragma once

#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/ADT/StringMap.h"

#include <cstdint>
#include <vector>

namespace moe::plan {

/// The bytes of all constants of a module, each once, at offsets that are multiples of 64.
class ConstantPool {
public:
  /// The offset of `value`; i1 elements take one byte.
  int64_t add(mlir::ElementsAttr value);
  std::vector<uint8_t> take() { return std::move(bytes); }

private:
  std::vector<uint8_t> bytes;
  llvm::StringMap<int64_t> offsets; ///< by content
};

} // namespace moe::plan
