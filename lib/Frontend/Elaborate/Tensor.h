//===- Tensor.h - tensors with named axes ----------------------*- C++ -*-===//
//
// The tensors of the elaborator: an SSA value whose axes have names. The `moe` dialect below knows positions only; every broadcast,
// transposition and dispatch that a name implies becomes explicit here.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Value.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace moe::frontend {

struct Routing;

/// One axis. Its name is its identity inside one definition; a call renames axes on the way in and back on the way out.
struct Axis {
  std::string name;
  int64_t extent = 0;
  /// Set for the axis of routed rows, which stands for the pair (token axes, expert axis?).
  std::shared_ptr<const Routing> routing;
  /// False inside a definition that the rows were passed to: there they are one opaque axis, and its own axes with the names of the
  /// caller's token or expert axes are other axes.
  bool pairVisible = true;
};
using Axes = std::vector<Axis>;

/// Larger tensors than any machine holds.
constexpr double maxElements = 0x1p40;

/// What is known of the number of true elements along an axis, per position of the other axes.
struct CountBound {
  std::string axis;
  int64_t count = 0;
  bool exact = false;
};

struct Tensor {
  mlir::Value value;
  Axes axes;
  /// Where the value is present (a bool tensor over some of its axes); elements elsewhere are unspecified. Null: everywhere.
  std::shared_ptr<const Tensor> present;
  /// For bool tensors made by `top_mask`, possibly narrowed by `&`.
  std::optional<CountBound> bound;
  /// Reduced under a mask that is known to leave something everywhere: `else` may be written after it, for another mask, but is never needed.
  bool neverAbsent = false;

  mlir::Type element() const { return mlir::cast<mlir::RankedTensorType>(value.getType()).getElementType(); }
  bool isBool() const { return element().isInteger(1); }
  bool isInt() const { return element().isInteger(32); }
  bool isFloat() const { return mlir::isa<mlir::FloatType>(element()); }
  int64_t elements() const { return mlir::cast<mlir::RankedTensorType>(value.getType()).getNumElements(); }

  /// Position of the axis called `name`, or -1.
  int find(const std::string &name) const {
    for (size_t i = 0; i < axes.size(); ++i)
      if (axes[i].name == name)
        return static_cast<int>(i);
    return -1;
  }
  bool has(const std::string &name) const { return find(name) >= 0; }
  const Axis *rows() const {
    for (const Axis &axis : axes)
      if (axis.routing)
        return &axis;
    return nullptr;
  }
};

/// The rows on which an `each` block runs.
struct Routing {
  mlir::Value routing; ///< !moe.routing
  Tensor on;           ///< bool over tokens and expert
  Axes tokens;
  Axis expert;
  int64_t rows = 0;
  /// The frame that ran the `each`: only there the rows stand for its token and expert axes.
  const void *owner = nullptr;
};

/// `y else D` for routed rows y: the rows' value where they are, and the product of `factors` (dense) everywhere else. The product is
/// kept as factors so that it need not exist over all pairs.
struct RowsOrElse {
  Tensor rows;
  std::vector<Tensor> factors;
};

/// "[N, E, d]" with extents, for messages.
std::string describe(const Tensor &tensor);
std::string describe(const Axes &axes);

} // namespace moe::frontend
