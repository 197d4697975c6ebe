//===- Console.cpp - what the terminal can do -------------------------------===//
#include "tools/moec/Console.h"

#include "tools/moec/Command.h"

#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <iostream>
#include <sys/ioctl.h>
#include <unistd.h>

namespace moe::cli {

int terminalWidth() {
  if (!isatty(STDERR_FILENO))
    return 0;
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

bool useColor() {
  const char *off = std::getenv("NO_COLOR");
  return isatty(STDERR_FILENO) && !(off && *off);
}

void keepStandardStreams() {
  for (int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (fcntl(descriptor, F_GETFD) < 0) // the lowest free number is this one; writing to it fails, as it did
      [[maybe_unused]] int opened = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int flushOutput(int code) {
  if (std::cout.flush() || code != done) // else there is a message already
    return code;
  std::cout.clear(); // the write that failed may be long past: the next one says why
  errno = 0;
  std::cout << std::endl;
  std::cerr << "error: cannot write to standard output" << (errno ? std::string(": ") + std::strerror(errno) : "") << '\n';
  return failedRun;
}

std::string fixed(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

/// Three significant digits and a unit.
static std::string scaled(double value, double base, const char *const *units, int count) {
  int unit = 0;
  while (std::abs(value) >= base && unit + 1 < count) {
    value /= base;
    ++unit;
  }
  int digits = unit == 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return fixed(value, digits) + units[unit];
}

std::string shortNumber(double value) {
  static const char *const units[] = {"", " k", " M", " G", " T"};
  return scaled(value, 1000, units, 5);
}

std::string bytes(double value) {
  static const char *const units[] = {" B", " KiB", " MiB", " GiB", " TiB"};
  return scaled(value, 1024, units, 5);
}

std::string fit(const std::string &text, size_t width) {
  constexpr size_t dots = 3;
  if (text.size() <= width)
    return text;
  if (width <= dots)
    return text.substr(0, width);
  size_t head = (width - dots) / 2;
  return text.substr(0, head) + "..." + text.substr(text.size() - (width - dots - head));
}

std::string withCommas(long long value) {
  std::string text = std::to_string(value);
  for (auto at = static_cast<long>(text.size()) - 3; at > (value < 0 ? 1 : 0); at -= 3)
    text.insert(static_cast<size_t>(at), ",");
  return text;
}

std::string duration(double seconds) {
  auto whole = static_cast<long long>(std::llround(seconds));
  char text[64];
  if (whole < 60)
    std::snprintf(text, sizeof text, "%lld s", whole);
  else if (whole < 3600)
    std::snprintf(text, sizeof text, "%lld:%02lld", whole / 60, whole % 60);
  else
    std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60, whole % 60);
  return text;
}

} // namespace moe::cli
