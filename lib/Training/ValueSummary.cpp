//===- ValueSummary.cpp - the values of a tensor ----------------*- C++ -*-===//
#include "lib/Training/ValueSummary.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

using namespace moe;

static constexpr int64_t blockElements = 1 << 15;

namespace {
struct Piece {
  float minimum = std::numeric_limits<float>::infinity(), maximum = -std::numeric_limits<float>::infinity();
  int64_t nans = 0, infinities = 0, first = -1;
};
} // namespace

static float toFloat(float value) { return value; }
/// The upper half of a float's bits are a bf16.
static float toFloat(uint16_t bits) { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }

template <typename Element>
static Piece lookAt(const Element *values, int64_t begin, int64_t end) {
  Piece piece;
  for (int64_t i = begin; i < end; ++i) {
    float value = toFloat(values[i]);
    if (std::isfinite(value)) {
      piece.minimum = std::min(piece.minimum, value);
      piece.maximum = std::max(piece.maximum, value);
      continue;
    }
    ++(std::isnan(value) ? piece.nans : piece.infinities);
    if (piece.first < 0)
      piece.first = i;
  }
  return piece;
}

/// args: the values, their number, the pieces.
template <typename Element>
static void lookAtBlocks(void *const *args, int64_t begin, int64_t end) {
  int64_t count = *static_cast<const int64_t *>(args[1]);
  for (int64_t block = begin; block < end; ++block)
    static_cast<Piece *>(args[2])[block] =
        lookAt(static_cast<const Element *>(args[0]), block * blockElements, std::min(count, (block + 1) * blockElements));
}

bool moe::isFloat(const TensorView &tensor) { return tensor.type->type == DType::f32 || tensor.type->type == DType::bf16; }

float moe::readFloat(const TensorView &tensor, int64_t element) {
  if (tensor.type->type == DType::bf16)
    return toFloat(reinterpret_cast<const uint16_t *>(tensor.data)[element]);
  return reinterpret_cast<const float *>(tensor.data)[element];
}

ValueSummary moe::summarize(const TensorView &tensor, ThreadPool &pool) {
  ValueSummary summary;
  summary.shape = tensor.type->shape;
  summary.elements = tensor.elements();
  std::vector<Piece> pieces(static_cast<size_t>((summary.elements + blockElements - 1) / blockElements));
  void *args[] = {tensor.data, &summary.elements, pieces.data()};
  if (!pieces.empty())
    pool.launch(tensor.type->type == DType::bf16 ? lookAtBlocks<uint16_t> : lookAtBlocks<float>, args, static_cast<int64_t>(pieces.size()));
  Piece all;
  for (const Piece &piece : pieces) {
    all.minimum = std::min(all.minimum, piece.minimum);
    all.maximum = std::max(all.maximum, piece.maximum);
    summary.nans += piece.nans;
    summary.infinities += piece.infinities;
    if (summary.firstNonFinite < 0)
      summary.firstNonFinite = piece.first;
  }
  if (summary.hasFinite()) {
    summary.minimum = all.minimum;
    summary.maximum = all.maximum;
  }
  return summary;
}
