//===- Console.h - what the terminal can do --------------------*- C++ -*-===//
#pragma once

#include <string>

namespace moe::cli {

/// Columns of the terminal on standard error; 0 when it is none.
int terminalWidth();
/// Whether messages may be coloured: standard error is a terminal and NO_COLOR is not set.
bool useColor();

/// Opens what the process was started without, so that no file of ours gets the number of a standard stream and what is printed with it.
void keepStandardStreams();
/// What every command ends with: a result that did not arrive, on a full disk say, is an error.
int flushOutput(int code);

/// 1234567 -> "1.23 M"
std::string shortNumber(double value);
/// 1234567 -> "1,234,567"
std::string withCommas(long long value);
/// Binary units: "12.3 MiB"
std::string bytes(double value);
/// "12 s", "3:05", "2:03:59"
std::string duration(double seconds);
/// Cut in the middle to a width, since the ends of names and paths tell more: "models/q...start.moe"
std::string fit(const std::string &text, size_t width);
/// With so many digits behind the point.
std::string fixed(double value, int digits);

} // namespace moe::cli
