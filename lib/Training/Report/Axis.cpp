//===- Axis.cpp - round numbers along an axis -------------------*- C++ -*-===//
#include "lib/Training/Report/Axis.h"
#include "lib/Training/Report/Html.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace moe::report {

Axis Axis::around(const std::vector<double> &values, bool wantsLog) {
  Axis axis;
  bool isEmpty = true;
  for (double value : values) {
    if (!std::isfinite(value))
      continue;
    axis.low = isEmpty ? value : std::min(axis.low, value);
    axis.high = isEmpty ? value : std::max(axis.high, value);
    isEmpty = false;
  }
  constexpr double worthLogarithms = 8, room = 0.04;
  axis.isLog = wantsLog && axis.low > 0 && axis.high / axis.low >= worthLogarithms;
  if (axis.isLog) {
    double factor = std::pow(axis.high / axis.low, room);
    return {axis.low / factor, axis.high * factor, true, false};
  }
  double span = axis.high - axis.low;
  if (span <= std::abs(axis.high) * 1e-9) // one value
    span = axis.high != 0 ? std::abs(axis.high) : 1;
  bool fromZero = axis.low >= 0 && axis.low < room * span;
  return {fromZero ? 0 : axis.low - room * span, axis.high + room * span, false, false};
}

double Axis::map(double value) const {
  double at = isLog ? std::log(value / low) / std::log(high / low) : (value - low) / (high - low);
  return std::clamp(at, 0.0, 1.0);
}

/// So short that it fits beside an axis: "0.002", "150", "20k", "1.5M", "3e-5".
static std::string tickLabel(double value, double step) {
  double size = std::abs(value);
  char text[32];
  if (size < step * 1e-6)
    return "0";
  if (size >= 10'000) {
    double unit = size >= 1e9 ? 1e9 : size >= 1e6 ? 1e6 : 1e3;
    std::snprintf(text, sizeof text, "%.6g%s", value / unit, unit == 1e9 ? "G" : unit == 1e6 ? "M" : "k");
  } else if (size < 1e-3) {
    std::snprintf(text, sizeof text, "%.3g", value);
    for (std::string label = text;;) { // 1e-05 -> 1e-5
      size_t zero = label.find("e-0");
      return zero == std::string::npos ? label : label.erase(zero + 2, 1);
    }
  } else {
    int digits = std::max(0, static_cast<int>(-std::floor(std::log10(step) + 1e-9)));
    std::snprintf(text, sizeof text, "%.*f", digits, value);
  }
  return text;
}

static std::vector<Axis::Tick> linearTicks(const Axis &axis, int most) {
  std::vector<Axis::Tick> ticks;
  double raw = (axis.high - axis.low) / most, power = std::pow(10, std::floor(std::log10(raw)));
  double step = power * 10;
  for (double factor : {1.0, 2.0, 5.0})
    if (factor * power >= raw * (1 - 1e-9)) {
      step = factor * power;
      break;
    }
  if (axis.isWhole)
    step = std::max(1.0, step);
  for (double n = std::ceil(axis.low / step - 1e-9); n * step <= axis.high * (1 + 1e-12); ++n)
    ticks.push_back({axis.map(n * step), tickLabel(n * step, step)});
  return ticks;
}

static std::vector<Axis::Tick> logTicks(const Axis &axis, int most) {
  // The finest of these that gives no more than `most`: 1 2 5, 1 3, powers of 10, every second power, ...
  static const std::vector<std::vector<double>> mantissas = {{1, 2, 5}, {1, 3}, {1}};
  double first = std::floor(std::log10(axis.low)), last = std::ceil(std::log10(axis.high));
  for (int level = 0;; ++level) {
    const std::vector<double> &within = mantissas[std::min<size_t>(static_cast<size_t>(level), mantissas.size() - 1)];
    int stride = std::max(1, level - static_cast<int>(mantissas.size()) + 2);
    std::vector<Axis::Tick> ticks;
    for (double power = first; power <= last; power += stride)
      for (double mantissa : within)
        if (double value = mantissa * std::pow(10, power); value >= axis.low && value <= axis.high)
          ticks.push_back({axis.map(value), tickLabel(value, std::pow(10, power))});
    if (static_cast<int>(ticks.size()) <= most)
      return ticks;
  }
}

std::vector<Axis::Tick> Axis::ticks(int most) const { return isLog ? logTicks(*this, most) : linearTicks(*this, most); }

} // namespace moe::report
