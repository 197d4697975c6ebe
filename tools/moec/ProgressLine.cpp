//===- ProgressLine.cpp - how a run is going --------------------------------===//
#include "tools/moec/ProgressLine.h"

#include "tools/moec/Console.h"

#include <algorithm>
#include <iostream>

using namespace moe;
using namespace moe::cli;

static constexpr std::chrono::milliseconds terminalInterval(100), plainInterval(10'000);

ProgressLine::ProgressLine() : width(terminalWidth()), next(std::chrono::steady_clock::now()) {}

/// Steps, then as many of the figures as fit, the most telling first.
static std::string formatFigures(const Progress &progress, int columns) {
  std::string steps = withCommas(progress.steps), line = withCommas(progress.step);
  line.insert(0, steps.size() - std::min(steps.size(), line.size()), ' ');
  line += "/" + steps;
  std::vector<std::string> figures = {"loss " + fixed(progress.loss, 3), "ppl " + shortNumber(progress.perplexity),
                                      shortNumber(progress.tokensPerSecond) + " tok/s", duration(progress.secondsLeft) + " left"};
  if (progress.hasLoad)
    figures.push_back("load " + fixed(100 * progress.minLoad, 0) + "-" + fixed(100 * progress.maxLoad, 0) + " %");
  for (const std::string &figure : figures)
    if (static_cast<int>(line.size() + 2 + figure.size()) <= columns)
      line += "  " + figure;
  return line;
}

/// A bar before the figures where there is room for one.
static std::string formatLine(const Progress &progress, int columns) {
  std::string figures = formatFigures(progress, columns);
  constexpr int leastBar = 5, mostBar = 30;
  int bar = std::min(mostBar, columns - static_cast<int>(figures.size()) - 3);
  if (bar < leastBar || progress.steps <= 0)
    return figures;
  auto filled = static_cast<size_t>(static_cast<double>(bar) * static_cast<double>(progress.step) / static_cast<double>(progress.steps));
  return "[" + std::string(filled, '=') + std::string(static_cast<size_t>(bar) - filled, ' ') + "] " + figures;
}

std::string ProgressLine::format(const Progress &progress, int columns) const {
  if (title.empty())
    return width ? formatLine(progress, columns) : formatFigures(progress, columns);
  std::string line = fit(title, static_cast<size_t>(columns / 2)) + "  ";
  return line + formatFigures(progress, columns - static_cast<int>(line.size()));
}

void ProgressLine::show(const Progress &progress) {
  auto now = std::chrono::steady_clock::now();
  bool atEnd = progress.step == progress.steps;
  if (now < next && !atEnd)
    return;
  next = now + (width ? terminalInterval : plainInterval);
  constexpr int plainColumns = 80;
  if (!width) {
    std::cerr << format(progress, plainColumns) << std::endl;
    return;
  }
  width = std::max(terminalWidth(), 2); // it may have been resized
  print(format(progress, width - 1)); // a full line would wrap
}

void ProgressLine::print(const std::string &line) {
  size_t covered = std::min(printed, static_cast<size_t>(width - 1));
  std::cerr << '\r' << line << std::string(covered > line.size() ? covered - line.size() : 0, ' ') << std::flush;
  printed = line.size();
  open = true;
}

void ProgressLine::finish() {
  if (open)
    std::cerr << std::endl;
  open = false;
  printed = 0;
}
