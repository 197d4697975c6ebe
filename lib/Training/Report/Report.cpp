//===- Report.cpp - runs on one page ----------------------------*- C++ -*-===//
#include "moe/Training/Report.h"
#include "lib/Training/Report/Html.h"
#include "lib/Training/Report/Page.h"
#include "lib/Training/Report/Sections.h"

using namespace moe;
using namespace moe::report;

std::string moe::renderReport(const std::vector<RunLog> &logs, const std::vector<std::string> &names) {
  Runs runs{logs, names};
  std::string title = logs.size() == 1 ? "Run " + names.front() : std::to_string(logs.size()) + " runs";
  std::string body = "<h1>" + escape(title) + "</h1>\n" + summarySection(runs) + curvesSection(runs) + loadSection(runs) + probesSection(runs) +
                     sourceSection(runs);
  return makePage(title + " – moec", body);
}
