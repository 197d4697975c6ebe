//===- Sweep.h - one model at the points of a grid --------------*- C++ -*-===//
//
// A folder with a run for every point. What is to be done and what has failed is in sweep.json; what is done, the run folders say.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "moe/Runtime.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace moe {

/// A setting and the values that it takes.
struct SweepAxis {
  std::string path;
  std::vector<std::string> values;
  bool operator==(const SweepAxis &) const = default;
};
/// Reads `model.d=64,128`. A comma inside brackets or quotes, or after a backslash, separates nothing; the backslash goes.
Status parseSweepAxis(const std::string &text, SweepAxis &axis);

struct SweepDescription {
  std::string fileName, source;
  std::string data; ///< folder
  std::vector<std::string> presets;
  std::vector<SweepAxis> axes;   ///< one of a single value is the same for all points
  std::vector<uint64_t> seeds;   ///< each point once for each
  std::optional<int64_t> steps;  ///< instead of the file's
};

struct SweepPoint {
  enum class State { waiting, stopped, finished, failed };

  std::string name;                   ///< of the run folder: `d=64,R=Plain,seed=1`
  std::string configuration;          ///< the name without the seed; empty when all settings are fixed
  std::vector<std::string> values;    ///< of the axes, in their order
  std::vector<std::string> overrides; ///< `path=value`
  uint64_t seed = 0;
  State state = State::waiting;
  std::string problem;                ///< of a run that failed, in one line
  // Of the run, as far as it has come.
  int64_t step = 0, steps = 0;
  double seconds = 0;                 ///< in steps
  double tokensPerSecond = 0;
  std::optional<double> loss, perplexity, bestPerplexity; ///< of the whole validation text; the best while training
};
const char *toString(SweepPoint::State state);

/// The seeds of one configuration together.
struct SweepResult {
  std::string configuration;
  int64_t runs = 0, finished = 0;
  double mean = 0, deviation = 0; ///< of the perplexities; the deviation is that of a sample, 0 of one run
};

class Sweep {
public:
  Sweep();
  ~Sweep();

  /// The points of a description, in the order of the grid, the seeds fastest. Fails when two would have the same settings.
  static Status enumerate(const SweepDescription &description, std::vector<SweepPoint> &points);
  /// Makes the folder with its manifest, or takes up what is there; locks it. A sweep that is there must have the same source, data, presets,
  /// steps and fixed settings, and no point that the description lacks.
  static Status open(const std::string &folder, const SweepDescription &description, Sweep &sweep);

  const std::vector<SweepPoint> &getPoints() const;
  std::string getRunFolder(const SweepPoint &point) const;
  std::string getLogFile(const SweepPoint &point) const;
  /// The copy of the source that every point is trained from.
  std::string getSourceFile() const;

  /// Looks at the run folder of a point again. With a problem it has failed, and is not tried again; writes the manifest and sweep.csv.
  Status settle(size_t point, const std::string &problem = "");
  /// The configurations by their mean perplexity, the best first; those without a finished run last.
  std::vector<SweepResult> getResults() const;

private:
  struct Impl;
  std::unique_ptr<Impl> impl;
};

} // namespace moe
