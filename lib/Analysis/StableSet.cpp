//===- StableSet.cpp - where a companion matrix contracts -------------------===//
//
// The spectral radius is scanned on a grid whose points keep their ratio, so that a rule whose step is 1e-4 and one whose step is 1e4 are seen
// alike; the ends of what is found are then bisected to the last bit.
//
//===----------------------------------------------------------------------===//
#include "lib/Analysis/StableSet.h"

#include "llvm/ADT/STLExtras.h"

#include <Eigen/Eigenvalues>

#include <cmath>
#include <limits>

namespace moe {

double getSpectralRadius(const Eigen::MatrixXd &matrix) {
  return Eigen::EigenSolver<Eigen::MatrixXd>(matrix, /*computeEigenvectors=*/false).eigenvalues().cwiseAbs().maxCoeff();
}

/// Eigenvalues on the unit circle are computed on either side of it; a stable interval has a point that is inside by more than this.
static constexpr double margin = 1e-9;
static constexpr double smallest = 1e-12, largest = 1e12;
static constexpr int pointsPerDecade = 400;

static std::vector<double> makeGrid() {
  std::vector<double> grid;
  int count = static_cast<int>(std::lround(std::log10(largest / smallest))) * pointsPerDecade;
  for (int k = 0; k <= count; ++k)
    grid.push_back(smallest * std::pow(10, static_cast<double>(k) / pointsPerDecade));
  std::vector<double> all;
  for (double sigma : llvm::reverse(grid))
    all.push_back(-sigma);
  all.push_back(0);
  all.insert(all.end(), grid.begin(), grid.end());
  return all;
}

/// The end of the stable interval between a stable and an unstable sigma.
static double bisect(const Linearization &linearization, double stable, double unstable) {
  while (true) {
    double middle = stable + (unstable - stable) / 2;
    if (middle == stable || middle == unstable || std::max(std::abs(stable), std::abs(unstable)) <= smallest)
      break;
    (getSpectralRadius(linearization.at(middle)) < 1 ? stable : unstable) = middle;
  }
  return std::abs(unstable) <= smallest ? 0 : unstable;
}

std::vector<std::pair<double, double>> findStableSet(const Linearization &linearization) {
  static const std::vector<double> grid = makeGrid();
  constexpr double infinity = std::numeric_limits<double>::infinity();
  std::vector<double> radius;
  for (double sigma : grid)
    radius.push_back(getSpectralRadius(linearization.at(sigma)));

  std::vector<std::pair<double, double>> intervals;
  for (size_t begin = 0; begin < grid.size();) {
    size_t end = begin;
    double least = 1;
    for (; end < grid.size() && radius[end] < 1; ++end)
      least = std::min(least, radius[end]);
    if (least < 1 - margin) {
      double low = begin == 0 ? -infinity : bisect(linearization, grid[begin], grid[begin - 1]);
      double high = end == grid.size() ? infinity : bisect(linearization, grid[end - 1], grid[end]);
      intervals.push_back({low, high});
    }
    begin = end + 1;
  }
  return intervals;
}

} // namespace moe
