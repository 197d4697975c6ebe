//===- ConstantPool.cpp - the data of an executable -------------------------===//
#include "lib/Conversion/Plan/ConstantPool.h"

#include "lib/Conversion/Plan/Allocate.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/Support/MathExtras.h"

#include <cstring>

using namespace mlir;
using namespace moe::plan;

static std::string getBytes(ElementsAttr value) {
  std::string text;
  auto append = [&](const auto &element) { text.append(reinterpret_cast<const char *>(&element), sizeof(element)); };
  Type type = value.getElementType();
  if (type.isF32())
    for (APFloat element : value.getValues<APFloat>())
      append(element.convertToFloat());
  else if (type.isInteger(1))
    for (bool element : value.getValues<bool>())
      append(static_cast<uint8_t>(element));
  else
    for (const APInt &element : value.getValues<APInt>())
      append(static_cast<int32_t>(element.getSExtValue()));
  return text;
}

int64_t ConstantPool::add(ElementsAttr value) {
  std::string text = getBytes(value);
  auto [it, isNew] = offsets.try_emplace(text, llvm::alignTo(bytes.size(), bufferAlignment));
  if (isNew) {
    bytes.resize(it->second + text.size());
    std::memcpy(bytes.data() + it->second, text.data(), text.size());
  }
  return it->second;
}
