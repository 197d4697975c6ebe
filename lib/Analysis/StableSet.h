//===- StableSet.h - where a companion matrix contracts --------*- C++ -*-===//
#pragma once

#include "lib/Analysis/Linearize.h"

#include <utility>

namespace moe {

/// The largest absolute value of an eigenvalue.
double getSpectralRadius(const Eigen::MatrixXd &matrix);

/// The open intervals of sigma, in order, in which every eigenvalue of A(sigma) lies inside the unit circle. An end may be infinite.
std::vector<std::pair<double, double>> findStableSet(const Linearization &linearization);

} // namespace moe
