//===- ProgressLine.cpp - how a run is going --------------------------------===//
#include "tools/moec/ProgressLine.h"

#include "tools/moec/Console.h"

#include <algorithm>
#include <iostream>

using namespace moe;
using namespace moe::cli;

static constexpr std::chrono::milliseconds terminalInterval(100), plainInterval(10'000);

ProgressLine::ProgressLine() : width(terminalWidth()), next(std::chrono::steady_clock::now()) {}

std::string cli::formatProgress(const Progress &progress, int columns) {
  std::string steps = withCommas(progress.steps);
  std::string done = withCommas(progress.step);
  done.insert(0, steps.size() - std::min(steps.size(), done.size()), ' ');
  std::string line = done + "/" + steps;
  std::vector<std::string> figures = {"loss " + fixed(progress.loss, 3), "ppl " + shortNumber(progress.perplexity),
                                      shortNumber(progress.tokensPerSecond) + " tok/s", duration(progress.secondsLeft) + " left"};
  if (progress.hasLoad)
    figures.push_back("load " + fixed(100 * progress.minLoad, 0) + "-" + fixed(100 * progress.maxLoad, 0) + " %");
  for (const std::string &figure : figures)
    if (static_cast<int>(line.size() + 2 + figure.size()) <= columns)
      line += "  " + figure;
  constexpr int leastBar = 5, mostBar = 30;
  int bar = std::min(mostBar, columns - static_cast<int>(line.size()) - 3);
  if (bar < leastBar || progress.steps <= 0)
    return line;
  auto filled = static_cast<size_t>(static_cast<double>(bar) * static_cast<double>(progress.step) / static_cast<double>(progress.steps));
  return "[" + std::string(filled, '=') + std::string(static_cast<size_t>(bar) - filled, ' ') + "] " + line;
}

void ProgressLine::show(const Progress &progress) {
  auto now = std::chrono::steady_clock::now();
  if (now < next && progress.step != progress.steps)
    return;
  next = now + (width ? terminalInterval : plainInterval);
  constexpr int plainColumns = 80;
  if (!width) {
    std::string line = formatProgress(progress, plainColumns);
    std::cerr << line.substr(line.find(']') == std::string::npos ? 0 : line.find(']') + 2) << std::endl;
    return;
  }
  width = terminalWidth();
  print(formatProgress(progress, width - 1)); // a full line would wrap
}

void ProgressLine::print(const std::string &line) {
  std::cerr << '\r' << line << std::string(printed > line.size() ? printed - line.size() : 0, ' ') << std::flush;
  printed = line.size();
  open = true;
}

void ProgressLine::finish() {
  if (open)
    std::cerr << std::endl;
  open = false;
  printed = 0;
}
