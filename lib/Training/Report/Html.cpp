//===- Html.cpp - text for a page -------------------------------*- C++ -*-===//
#include "lib/Training/Report/Html.h"

#include <cmath>
#include <cstdint>
#include <cstdio>

namespace moe::report {

/// Control characters but tab and line feed are no text of HTML.
static bool isAllowed(unsigned char c) { return c >= 0x20 ? c != 0x7f : c == '\t' || c == '\n'; }

std::string escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (char c : text)
    switch (c) {
    case '&':
      out += "&amp;";
      break;
    case '<':
      out += "&lt;";
      break;
    case '>':
      out += "&gt;";
      break;
    case '"':
      out += "&quot;";
      break;
    case '\'':
      out += "&#39;";
      break;
    default:
      if (isAllowed(static_cast<unsigned char>(c)))
        out += c;
    }
  return out;
}

static std::string format(const char *how, double value) {
  char text[64];
  std::snprintf(text, sizeof text, how, value);
  return text;
}

std::string withCommas(int64_t value) {
  std::string text = std::to_string(value);
  for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > (value < 0 ? 1 : 0); at -= 3)
    text.insert(static_cast<size_t>(at), ",");
  return text;
}

std::string number(double value) {
  if (!std::isfinite(value))
    return "–";
  double size = std::abs(value);
  if (size == 0)
    return "0";
  if (size >= 1e7 || size < 1e-4)
    return format("%.3g", value);
  if (size >= 1000)
    return withCommas(std::llround(value));
  return format(size >= 100 ? "%.1f" : size >= 1 ? "%.3f" : "%.4g", value);
}

std::string shortNumber(double value) {
  static const char *const units[] = {"", " k", " M", " G", " T"};
  int unit = 0;
  for (; std::abs(value) >= 1000 && unit < 4; ++unit)
    value /= 1000;
  return format(unit == 0 || std::abs(value) >= 100 ? "%.0f" : std::abs(value) >= 10 ? "%.1f" : "%.2f", value) + units[unit];
}

std::string duration(double seconds) {
  long long whole = std::llround(seconds);
  char text[64];
  if (whole < 60)
    std::snprintf(text, sizeof text, "%lld s", whole);
  else if (whole < 3600)
    std::snprintf(text, sizeof text, "%lld:%02lld", whole / 60, whole % 60);
  else
    std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60, whole % 60);
  return text;
}

} // namespace moe::report
