//===- Bytes.cpp - amounts of memory as text --------------------*- C++ -*-===//
#include "lib/Support/Bytes.h"

#include <array>
#include <charconv>
#include <cstdio>

using namespace moe;

static constexpr std::array binaryUnits = {"B", "KiB", "MiB", "GiB", "TiB"}, decimalUnits = {"B", "KB", "MB", "GB", "TB"};

std::string moe::formatBytes(int64_t count) {
  auto value = static_cast<double>(count);
  size_t unit = 0;
  for (; value >= 1024 && unit + 1 < binaryUnits.size(); ++unit)
    value /= 1024;
  char text[32];
  std::snprintf(text, sizeof text, "%.*f %s", unit == 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2, value, binaryUnits[unit]);
  return text;
}

std::optional<int64_t> moe::parseBytes(std::string_view text) {
  double value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  std::string_view unit(end, static_cast<size_t>(text.data() + text.size() - end));
  while (unit.starts_with(' '))
    unit.remove_prefix(1);
  double binary = 1, decimal = 1;
  for (size_t i = 0; i < binaryUnits.size(); ++i, binary *= 1024, decimal *= 1000) {
    double bytes = value * (unit == binaryUnits[i] ? binary : unit == decimalUnits[i] ? decimal : 0);
    if (error == std::errc() && bytes >= 1 && bytes < 0x1p62)
      return static_cast<int64_t>(bytes);
  }
  return std::nullopt;
}
