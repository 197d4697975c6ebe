//===- ReadFloats.cpp - floats of any width as f32 --------------*- C++ -*-===//
#include "lib/Training/Weights/HalfFloats.h"
#include "moe/Training/Tensors.h"

#include <cmath>
#include <cstring>

using namespace moe;

bool moe::isFloat(const TensorEntry &entry) {
  return entry.dtype == "F32" || entry.dtype == "F16" || entry.dtype == "BF16" || entry.dtype == "F64";
}

template <typename T, typename Convert>
static void convertAll(const std::vector<std::byte> &bytes, std::vector<float> &values, Convert convert) {
  for (size_t i = 0; i < values.size(); ++i) {
    T element;
    std::memcpy(&element, bytes.data() + i * sizeof(T), sizeof(T));
    values[i] = convert(element);
  }
}

Status moe::readFloats(const std::string &path, const TensorFile &file, const TensorEntry &entry, std::vector<float> &values) {
  if (!isFloat(entry))
    return Status::failure(path + ": '" + entry.name + "' is " + entry.dtype + ", expected F32, F16, BF16 or F64");
  const std::string &type = entry.dtype;
  size_t width = type == "F64" ? 8 : type == "F32" ? 4 : 2;
  values.resize(static_cast<size_t>(entry.bytes) / width);
  if (type == "F32")
    return file.read(entry, values.data());
  std::vector<std::byte> bytes(static_cast<size_t>(entry.bytes));
  if (Status status = file.read(entry, bytes.data()); !status)
    return status;
  bool fits = true;
  if (type == "F16")
    convertAll<uint16_t>(bytes, values, floatFromF16);
  else if (type == "BF16")
    convertAll<uint16_t>(bytes, values, floatFromBF16);
  else
    convertAll<double>(bytes, values, [&](double element) {
      auto rounded = static_cast<float>(element);
      fits &= std::isfinite(rounded) || !std::isfinite(element);
      return rounded;
    });
  return fits ? Status::success() : Status::failure(path + ": '" + entry.name + "' has numbers beyond the range of f32");
}
