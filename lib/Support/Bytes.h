//===- Bytes.h - amounts of memory as text ----------------------*- C++ -*-===//
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace moe {

/// "12.3 GiB"
std::string formatBytes(int64_t bytes);

/// Of a number and a unit, "1.5 GiB", "800MB", in units of 1024 or 1000. Nothing when it is none, or less than a byte.
std::optional<int64_t> parseBytes(std::string_view text);

} // namespace moe
