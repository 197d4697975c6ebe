#include "lib/Training/Progress.h"

#include <cmath>
#include <doctest/doctest.h>

using namespace moe;

static StepMetrics stepOf(int64_t step, double loss, double seconds, double tokens) {
  StepMetrics metrics;
  metrics.step = step;
  metrics.loss = loss;
  metrics.seconds = seconds;
  metrics.tokensPerSecond = tokens / seconds;
  return metrics;
}

TEST_CASE("smoothed loss, speed, time left") {
  ProgressMeter meter(10);
  Progress progress = meter.add(stepOf(1, 6, 2, 100));
  CHECK(progress.loss == doctest::Approx(6));
  CHECK(progress.perplexity == doctest::Approx(std::exp(6)));
  CHECK(progress.tokensPerSecond == doctest::Approx(50));
  CHECK(progress.secondsLeft == doctest::Approx(18));
  CHECK(!progress.hasLoad);
  progress = meter.add(stepOf(2, 4, 1, 100));
  CHECK(progress.loss == doctest::Approx((0.95 * 6 + 4) / 1.95));
  CHECK(progress.tokensPerSecond == doctest::Approx((0.95 * 100 + 100) / (0.95 * 2 + 1)));
  CHECK(progress.secondsLeft == doctest::Approx(8 * (0.95 * 2 + 1) / 1.95));
  CHECK(progress.step == 2);
  CHECK(progress.steps == 10);
}

TEST_CASE("the load of experts over all routers") {
  ProgressMeter meter(1);
  StepMetrics metrics = stepOf(1, 1, 1, 1);
  metrics.probes = {{"layers.0.moe.load", {1.0f, 0.5f, 0.5f}}, {"load", {0.2f, 0.8f}}, {"layers.1.overload", {0, 9}}, {"x.load", {0, 0}}};
  Progress progress = meter.add(metrics);
  CHECK(progress.hasLoad);
  CHECK(progress.minLoad == doctest::Approx(0.2));
  CHECK(progress.maxLoad == doctest::Approx(0.8));
}
