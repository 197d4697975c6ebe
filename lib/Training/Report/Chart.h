//===- Chart.h - lines and heat maps as SVG ---------------------*- C++ -*-===//
//
// Curves are SVG stretched over a box of any width; what is written on it is HTML, so that it keeps its size on a phone. Colours come from the
// page's style sheet by class.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "lib/Training/Report/Axis.h"
#include "moe/Training/RunLog.h"

#include <optional>
#include <string>
#include <vector>

namespace moe::report {

/// How a line is drawn: one of the colours of runs, or a shade of the ramp from the first layer to the last.
struct Ink {
  enum class Kind { run, ramp } kind = Kind::run;
  int run = 0;        ///< its number; colours come again with other dashes
  double shade = 0;   ///< in [0, 1]
  bool isFaint = false, isDashed = false, hasPoints = false;

  static Ink ofRun(size_t run);
  static Ink ofLayer(size_t layer, size_t layers);
};

struct Line {
  std::string label; ///< empty: not in the legend, and not read out under the pointer
  Series points;
  Ink ink;
};

struct Chart {
  std::string title, unit;
  std::string xName = "step";
  std::vector<Line> lines;
  bool wantsLog = false;
  std::optional<Axis> y;           ///< else around the lines
  std::optional<double> reference; ///< a horizontal line
  std::string referenceName;
  bool hasLegend = true;

  /// Nothing when no line has a point.
  std::string render() const;
  /// Of all lines and the reference.
  std::vector<double> values() const;
};

/// Cells of numbers from 0 to `full`, darker for more.
struct HeatMap {
  std::string title, unit;
  std::vector<std::string> rows; ///< labels, from above
  std::string columnName;        ///< of the horizontal axis
  std::vector<Axis::Tick> columnTicks;
  std::vector<std::vector<double>> cells; ///< [rows][columns]
  double full = 1;
  std::string scaleName; ///< what the darkest colour stands for

  std::string render() const;
};

} // namespace moe::report
