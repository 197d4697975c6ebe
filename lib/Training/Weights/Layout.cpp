//===- Layout.cpp - tensors cut, turned and put together --------*- C++ -*-===//
#include "lib/Training/Weights/Layout.h"

#include <algorithm>
#include <cstring>

using namespace moe;

std::string moe::describe(const Shape &shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i)
    text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

int64_t moe::countElements(const Shape &shape) {
  int64_t elements = 1;
  for (int64_t extent : shape)
    elements *= extent;
  return elements;
}

//===-- Shapes -----------------------------------------------------------------===//

static bool hasAxis(const Shape &shape, int64_t axis, std::string &problem) {
  if (axis < static_cast<int64_t>(shape.size()))
    return true;
  problem = describe(shape) + " has no axis " + std::to_string(axis);
  return false;
}

Shape moe::partOf(const Shape &whole, const Part &part, std::string &problem) {
  if (part.isWhole() || !hasAxis(whole, part.axis, problem))
    return whole;
  Shape shape = whole;
  int64_t &extent = shape[static_cast<size_t>(part.axis)];
  if (extent % part.count)
    problem = "axis " + std::to_string(part.axis) + " of " + describe(whole) + " does not split into " + std::to_string(part.count) + " parts";
  extent /= part.count;
  return shape;
}

Shape moe::wholeOf(const Shape &shape, const Part &part, std::string &problem) {
  Shape whole = shape;
  if (!part.isWhole() && hasAxis(shape, part.axis, problem))
    whole[static_cast<size_t>(part.axis)] *= part.count;
  return whole;
}

Shape moe::before(const Shape &shape, const Step &step, std::string &problem) {
  Shape made = shape;
  if (step.kind == Step::Kind::squeeze) {
    if (step.axis > static_cast<int64_t>(shape.size()))
      problem = "a tensor that is " + describe(shape) + " without its axis " + std::to_string(step.axis) + " does not exist";
    else
      made.insert(made.begin() + step.axis, 1);
  } else if (shape.size() < 2) {
    problem = describe(shape) + " has no two axes to transpose";
  } else {
    std::swap(made[made.size() - 1], made[made.size() - 2]);
  }
  return made;
}

//===-- Elements ---------------------------------------------------------------===//

namespace {
/// A part as runs of elements that lie side by side: `runs` of `length`, one every `stride`, the first at `offset`.
struct Runs {
  int64_t runs = 1, length = 1, stride = 1, offset = 0;

  Runs(const Shape &shape, const Part &part) {
    int64_t axis = part.isWhole() ? 0 : part.axis, count = part.isWhole() ? 1 : part.count;
    for (int64_t i = 0; i < static_cast<int64_t>(shape.size()); ++i)
      (i < axis ? runs : stride) *= shape[static_cast<size_t>(i)];
    length = stride / count;
    offset = length * part.index;
  }
};
} // namespace

std::vector<float> moe::takePart(const float *whole, const Shape &shape, const Part &part) {
  Runs r(shape, part);
  std::vector<float> values(static_cast<size_t>(r.runs * r.length));
  for (int64_t i = 0; i < r.runs; ++i)
    std::copy_n(whole + i * r.stride + r.offset, r.length, values.data() + i * r.length);
  return values;
}

void moe::placePart(float *whole, const Shape &shape, const Part &part, const float *values) {
  Runs r(shape, part);
  for (int64_t i = 0; i < r.runs; ++i)
    std::copy_n(values + i * r.length, r.length, whole + i * r.stride + r.offset);
}

std::vector<float> moe::transposed(const std::vector<float> &values, const Shape &shape) {
  constexpr int64_t tile = 32; // so that neither side misses the cache at every element
  int64_t rows = shape[shape.size() - 2], columns = shape[shape.size() - 1], size = rows * columns;
  std::vector<float> result(values.size());
  for (int64_t base = 0; base < static_cast<int64_t>(values.size()); base += size)
    for (int64_t i = 0; i < rows; i += tile)
      for (int64_t j = 0; j < columns; j += tile)
        for (int64_t y = i; y < std::min(i + tile, rows); ++y)
          for (int64_t x = j; x < std::min(j + tile, columns); ++x)
            result[static_cast<size_t>(base + x * rows + y)] = values[static_cast<size_t>(base + y * columns + x)];
  return result;
}
