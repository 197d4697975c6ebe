//===- Linearize.h - a rule near its fixed point ---------------*- C++ -*-===//
#pragma once

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <Eigen/Core>

#include <string>
#include <variant>
#include <vector>

namespace moe {

/// z' = A(sigma) z for small deviations z of the state from its fixed point, the same for every element.
struct Linearization {
  std::vector<Eigen::MatrixXd> coefficients; ///< A(sigma) = sum over k of coefficients[k] sigma^k; at least one

  Eigen::MatrixXd at(double sigma) const;
};

struct NotLinearizable {
  std::string reason;
  mlir::Location loc;                    ///< of the op; unknown for the rule as a whole
  std::vector<mlir::Location> users = {}; ///< of the ops that the result goes through, in program order
};

/// Linearises a function of docs/dialect.md that is a map of its `state` results: each has the kind and name of an argument. The `input` called
/// "sigma" is the gain of the layer; everything else that the function reads has its initial value. Derivatives are those of moe-differentiate, taken
/// by the reference evaluator. Fails with a diagnostic where an op has no VJP.
mlir::FailureOr<std::variant<Linearization, NotLinearizable>> linearize(mlir::func::FuncOp rule);

} // namespace moe
