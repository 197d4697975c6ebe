//===- Page.h - a page that needs nothing beside itself ---------*- C++ -*-===//
#pragma once

#include <string>

namespace moe::report {

/// A whole HTML page around a body: its style sheet, and the script that shows values under the pointer. It reads without the script.
std::string makePage(const std::string &title, const std::string &body);

} // namespace moe::report
