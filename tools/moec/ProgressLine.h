//===- ProgressLine.h - how a run is going ---------------------*- C++ -*-===//
#pragma once

#include "moe/Training.h"

#include <chrono>
#include <string>

namespace moe::cli {

/// One line on standard error that is written over in a terminal and never wraps; elsewhere a plain line every few seconds.
class ProgressLine {
public:
  ProgressLine();
  ~ProgressLine() { finish(); }
  /// Stands before the figures from now on, cut to a half of the line.
  void setTitle(const std::string &text) { title = text; }
  void show(const Progress &progress);
  /// Ends the line, so that other text can follow.
  void finish();

private:
  void print(const std::string &line);

  std::string format(const Progress &progress, int columns) const;

  int width;
  std::string title;
  bool open = false;
  size_t printed = 0; ///< columns of the line that stands there
  std::chrono::steady_clock::time_point next;
};

} // namespace moe::cli
