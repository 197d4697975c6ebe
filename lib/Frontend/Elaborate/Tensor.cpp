//===- Tensor.cpp - tensors with named axes -------------------------------===//
#include "lib/Frontend/Elaborate/Tensor.h"

namespace moe::frontend {

std::string describe(const Axes &axes) {
  std::string text = "[";
  for (size_t i = 0; i < axes.size(); ++i) {
    text += i ? ", " : "";
    if (axes[i].routing)
      text += axes[i].pairVisible ? axes[i].name : "rows";
    else {
      std::string extent = std::to_string(axes[i].extent);
      std::string name = axes[i].name.substr(std::min(axes[i].name.find_first_not_of('*'), axes[i].name.size()));
      text += name == extent ? extent : name + " = " + extent;
    }
  }
  return text + "]";
}

std::string describe(const Tensor &tensor) {
  const char *element = tensor.isBool() ? "bool" : tensor.isInt() ? "int" : "";
  return element + describe(tensor.axes);
}

} // namespace moe::frontend
