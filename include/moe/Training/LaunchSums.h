//===- LaunchSums.h - the time of launches by kernel and place --*- C++ -*-===//
#pragma once

#include "moe/Runtime.h"

#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace moe {

/// Launches of one kernel from one place of the source.
struct LaunchTimes {
  std::string program, kernel, name, location; ///< as Launch has them
  int64_t launches = 0;
  double seconds = 0;
  double flop = 0; ///< multiplications and additions of products
};

/// Multiplications and additions of a launch's products, of routed rows those that there were.
double countFlop(const LaunchView &launch);

/// Sums up the launches that it is told of.
class LaunchSums final : public RunObserver {
public:
  void beginRun(const Program &, const std::vector<std::byte *> &, int64_t) override {}
  void beforeLaunch(const LaunchView &) override {}
  void afterLaunch(const LaunchView &launch) override;
  void endRun() override {}

  /// Most time first.
  std::vector<LaunchTimes> get() const;

private:
  std::map<std::tuple<std::string, std::string, std::string, std::string>, LaunchTimes> sums;
};

} // namespace moe
