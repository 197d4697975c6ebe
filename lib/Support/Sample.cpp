#include "lib/Support/Sample.h"

#include <cmath>
#include <cstdio>

/// SplitMix64: a good mixture of a counter.
static uint64_t mix(uint64_t z) {
  z += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

std::vector<double> moe::makeSample(SampleKind kind, uint64_t number, size_t size) {
  std::vector<double> sample(size);
  for (size_t i = 0; i < size; ++i) {
    uint64_t bits = mix((number << 40) + i);
    if (kind == SampleKind::real)
      sample[i] = static_cast<double>(bits >> 11) * 0x1p-52 - 1;
    else
      sample[i] = static_cast<double>(bits % (kind == SampleKind::boolean ? 2 : 3));
  }
  return sample;
}

/// Eight digits, or all of a whole number; no minus before 0 and NaN.
static std::string format(double value) {
  char text[32];
  bool isWhole = std::fabs(value) < 1e12 && value == std::trunc(value);
  std::snprintf(text, sizeof(text), isWhole ? "%.0f" : "%.8g", value == 0 || std::isnan(value) ? std::fabs(value) : value);
  return text;
}

std::string moe::describeSample(std::span<const int64_t> shape, std::span<const double> data) {
  constexpr size_t shown = 24;
  double squares = 0, weighted = 0;
  for (size_t i = 0; i < data.size(); ++i) {
    squares += data[i] * data[i];
    weighted += data[i] * std::cos(static_cast<double>(i) + 1);
  }
  std::string text = "[";
  for (size_t dim = 0; dim < shape.size(); ++dim)
    text += (dim ? ", " : "") + std::to_string(shape[dim]);
  text += "] rms " + format(std::sqrt(squares / static_cast<double>(data.size()))) + " weighted " + format(weighted) + " :";
  for (double value : data.first(std::min(shown, data.size())))
    text += " " + format(value);
  return text;
}
