//===- NonFiniteTrace.h - where infinities and nan come from ----*- C++ -*-===//
#pragma once

#include "moe/Training/Replay.h"

#include <map>

namespace moe {

/// Looks at every float value of the runs it is told of, until one gives something that training would refuse: a loss, an objective, a gradient, a state,
/// a metric or a parameter that is not finite and was, if it was there before, finite then.
///
/// What is not finite is followed back from there, from launch to launch, along operands that are not finite. So an infinity that reaches nothing (that of
/// a mask under a softmax) is never named. Of the launches behind the failure that made it from finite operands the first is the origin, leaving out
/// those that only choose an infinity which the program says; when no other is left, the first launch that made a nan of one; else that launch itself.
class NonFiniteTrace : public RunObserver {
public:
  NonFiniteTrace(ThreadPool &pool, bool keepGiven) : pool(pool), keepGiven(keepGiven) {}

  void beginRun(const Program &program, const std::vector<std::byte *> &buffers, int64_t microBatch) override;
  void beforeLaunch(const LaunchView &launch) override;
  void afterLaunch(const LaunchView &launch) override;
  void endRun() override;

  /// What has been found, into the fields of that name.
  void report(StepDiagnosis &diagnosis) const;

private:
  static constexpr size_t outside = static_cast<size_t>(-1);

  /// Memory that one value fills, and the launch that wrote it (`outside`: none of this run).
  struct Region {
    const std::byte *end;
    size_t writer;
    ValueSummary summary;
  };
  /// A launch with a result that is not finite.
  struct Node {
    std::vector<size_t> from; ///< the writers of operands that are not finite
    std::vector<ValueSummary> operands;
    ValueSummary result; ///< the first that is not finite
    std::vector<int64_t> index;
    float value = 0;
    int64_t expert = -1;
    bool takesNan = false;
  };

  Region read(const TensorView &tensor);
  void write(const TensorView &tensor, size_t writer, ValueSummary summary);
  Node makeNode(const TensorView &result, const ValueSummary &summary) const;
  void noteLargest(const LaunchView &launch, const ValueSummary &summary);
  std::vector<size_t> findAncestors(size_t launch) const;
  /// Makes one of the launches, which are in the order of the program, the origin.
  void follow(const std::vector<size_t> &launches, std::string reached);
  ObservedLaunch describe(size_t launch) const;
  void lookAtChecks();

  ThreadPool &pool;
  bool keepGiven;

  const Program *program = nullptr; ///< of the run
  int64_t microBatch = 0;
  std::vector<std::byte *> buffers;
  std::vector<bool> wasFinite; ///< each binding, before the run
  std::map<const std::byte *, Region> regions;
  std::map<size_t, Node> nodes;
  Node current; ///< what is known of a launch before it is run

  std::string checkLocation, checkMessage;
  std::optional<NonFiniteOrigin> origin;
  std::vector<LargestValue> largest; ///< largest first
  std::vector<GivenBuffer> given;
};

} // namespace moe
