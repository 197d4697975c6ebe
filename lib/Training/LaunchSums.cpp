//===- LaunchSums.cpp - the time of launches by kernel and place -*- C++ -*-===//
#include "moe/Training/LaunchSums.h"

#include <algorithm>

using namespace moe;

double moe::countFlop(const LaunchView &view) {
  auto flop = static_cast<double>(view.launch().flop);
  for (const std::vector<TensorView> *tensors : {&view.operands, &view.results})
    for (const TensorView &tensor : *tensors)
      if (tensor.offsets)
        return flop * static_cast<double>(tensor.rows) / static_cast<double>(std::max<int64_t>(1, tensor.type->shape[0]));
  return flop;
}

void LaunchSums::afterLaunch(const LaunchView &view) {
  const Launch &launch = view.launch();
  LaunchTimes &sum = sums[{view.program.name, view.kernel.symbol, launch.name, launch.location}];
  sum.program = view.program.name;
  sum.kernel = view.kernel.symbol;
  sum.name = launch.name;
  sum.location = launch.location;
  ++sum.launches;
  sum.seconds += std::chrono::duration<double>(view.end - view.begin).count();
  sum.flop += countFlop(view);
}

std::vector<LaunchTimes> LaunchSums::get() const {
  std::vector<LaunchTimes> launches;
  for (const auto &[key, sum] : sums)
    launches.push_back(sum);
  std::stable_sort(launches.begin(), launches.end(), [](const LaunchTimes &a, const LaunchTimes &b) { return a.seconds > b.seconds; });
  return launches;
}
