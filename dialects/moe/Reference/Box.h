//===- Box.h - walking tensors along a box of indices ----------*- C++ -*-===//
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"

#include <array>

namespace moe::reference {

/// Where a tensor is at point i of a box: the element `start + sum over d of i[d] * strides[d]` of its data.
struct Walk {
  int64_t start = 0;
  llvm::SmallVector<int64_t> strides;
};

inline llvm::SmallVector<int64_t> rowMajorStrides(llvm::ArrayRef<int64_t> shape) {
  llvm::SmallVector<int64_t> strides(shape.size());
  int64_t stride = 1;
  for (size_t dim = shape.size(); dim-- > 0; stride *= shape[dim])
    strides[dim] = stride;
  return strides;
}

/// Over the tensor's own indices.
inline Walk walkAll(llvm::ArrayRef<int64_t> shape) { return {0, rowMajorStrides(shape)}; }

/// Over a box of its indices that begins at `offsets`.
inline Walk walkFrom(llvm::ArrayRef<int64_t> offsets, llvm::ArrayRef<int64_t> shape) {
  Walk walk = walkAll(shape);
  for (auto [offset, stride] : llvm::zip_equal(offsets, walk.strides))
    walk.start += offset * stride;
  return walk;
}

template <size_t n, typename Visit>
void forEachFrom(size_t dim, llvm::ArrayRef<int64_t> extents, const std::array<Walk, n> &walks, std::array<int64_t, n> at, Visit &visit) {
  if (dim == extents.size())
    return std::apply(visit, at);
  bool innermost = dim + 1 == extents.size();
  for (int64_t i = 0; i < extents[dim]; ++i) {
    innermost ? std::apply(visit, at) : forEachFrom(dim + 1, extents, walks, at, visit);
    for (size_t k = 0; k < n; ++k)
      at[k] += walks[k].strides[dim];
  }
}

/// Calls `visit` with the position of each tensor, at every point of the box, the last dimension fastest.
template <typename Visit, typename... Walks>
void forEach(llvm::ArrayRef<int64_t> extents, Visit visit, const Walks &...walks) {
  forEachFrom<sizeof...(Walks)>(0, extents, {walks...}, {walks.start...}, visit);
}

} // namespace moe::reference
