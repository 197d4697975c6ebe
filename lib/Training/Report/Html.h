//===- Html.h - text for a page ---------------------------------*- C++ -*-===//
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace moe::report {

/// What a user gave, as text of an element or of an attribute in double quotes.
std::string escape(std::string_view text);

/// Three or four digits that matter: "0.00123", "5.24", "13,930", "1.2e-7"; "-" for what is not finite.
std::string number(double value);
/// 1234567 -> "1,234,567"
std::string withCommas(int64_t value);
/// 1234567 -> "1.23 M"
std::string shortNumber(double value);
/// "12 s", "3:05", "2:03:59"
std::string duration(double seconds);

} // namespace moe::report
