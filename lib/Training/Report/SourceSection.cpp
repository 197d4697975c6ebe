//===- SourceSection.cpp - what was trained ---------------------*- C++ -*-===//
#include "lib/Training/Report/Html.h"
#include "lib/Training/Report/Sections.h"
#include "lib/Training/Report/TextDiff.h"

#include <algorithm>

namespace moe::report {

static std::string scrolling(const std::string &label, const std::string &content) {
  return "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"" + escape(label) + "\"><pre>" + content + "</pre></div>\n";
}

static std::string renderDiff(const std::string &before, const std::string &after) {
  std::string html;
  for (const DiffLine &line : diffLines(before, after)) {
    const char *kind = line.kind == DiffLine::Kind::added ? "add" : line.kind == DiffLine::Kind::removed ? "del" : line.kind == DiffLine::Kind::gap ? "gap" : "same";
    char mark = static_cast<char>(line.kind);
    html += std::string("<span class=\"") + kind + "\">" + mark + (mark == '@' ? " " : "") + escape(line.text) + "</span>";
  }
  return html;
}

/// What makes a run beside its source.
static std::string describeCommand(const RunDescription &run) {
  std::string text = escape(run.fileName);
  for (const std::string &preset : run.presets)
    text += " --preset " + escape(preset);
  for (const std::string &override : run.overrides)
    text += " --set " + escape(override);
  return text + " --data " + escape(run.data) + " --seed " + std::to_string(run.seed) + " --steps " + std::to_string(run.steps);
}

std::string sourceSection(const Runs &runs) {
  std::string commands, sources;
  std::vector<size_t> firsts; // of the runs with one source
  for (size_t i = 0; i < runs.size(); ++i) {
    commands += "<span><b>" + escape(runs.names[i]) + "</b>  " + describeCommand(runs.logs[i].description) + "</span>";
    bool isNew = std::none_of(firsts.begin(), firsts.end(),
                              [&](size_t first) { return runs.logs[first].description.source == runs.logs[i].description.source; });
    if (isNew)
      firsts.push_back(i);
  }
  for (size_t first : firsts) {
    const RunDescription &run = runs.logs[first].description;
    if (first != firsts.front())
      sources += "<details open><summary>" + escape(runs.names[first]) + " against " + escape(runs.names[firsts.front()]) + "</summary>\n" +
                 scrolling("Changes of the source", renderDiff(runs.logs[firsts.front()].description.source, run.source)) + "</details>\n";
    sources += "<details><summary>" + escape(run.fileName) + (firsts.size() > 1 ? ", as in " + escape(runs.names[first]) : "") + "</summary>\n" +
               scrolling("Source of " + run.fileName, escape(run.source)) + "</details>\n";
  }
  return "<h2>Source</h2>\n" + scrolling("How the runs were begun", commands) + sources;
}

} // namespace moe::report
