//===- ValueSummary.cpp - the values of a tensor ----------------*- C++ -*-===//
#include "lib/Training/ValueSummary.h"

#include <algorithm>
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

static Piece lookAt(const float *values, int64_t begin, int64_t end) {
  Piece piece;
  for (int64_t i = begin; i < end; ++i) {
    float value = values[i];
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
static void lookAtBlocks(void *const *args, int64_t begin, int64_t end) {
  int64_t count = *static_cast<const int64_t *>(args[1]);
  for (int64_t block = begin; block < end; ++block)
    static_cast<Piece *>(args[2])[block] =
        lookAt(static_cast<const float *>(args[0]), block * blockElements, std::min(count, (block + 1) * blockElements));
}

ValueSummary moe::summarize(const TensorView &tensor, ThreadPool &pool) {
  ValueSummary summary;
  summary.shape = tensor.type->shape;
  summary.elements = tensor.elements();
  std::vector<Piece> pieces(static_cast<size_t>((summary.elements + blockElements - 1) / blockElements));
  void *args[] = {tensor.data, &summary.elements, pieces.data()};
  if (!pieces.empty())
    pool.launch(lookAtBlocks, args, static_cast<int64_t>(pieces.size()));
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
