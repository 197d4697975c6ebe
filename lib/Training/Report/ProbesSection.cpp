//===- ProbesSection.cpp - what routers and layers measure ------*- C++ -*-===//
#include "lib/Training/Report/Chart.h"
#include "lib/Training/Report/Curves.h"
#include "lib/Training/Report/Html.h"
#include "lib/Training/Report/Sections.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace moe::report {

namespace {
/// The probes of one number that differ in their layer alone, over all runs.
struct ProbeGroup {
  std::string title, unit, pattern;
  std::vector<Group::Member> layers;
};
} // namespace

/// `norm` of probes/layers.*.norm; `usage, max` of probes/layers.*.usage/max, the summary of a probe of many values.
static std::string titleOf(const std::string &pattern) {
  size_t name = pattern.find('/') + 1, slash = pattern.rfind('/');
  if (slash < name)
    return std::string(probeKind(pattern));
  return std::string(probeKind(pattern.substr(0, slash))) + ", " + pattern.substr(slash + 1);
}

static std::vector<ProbeGroup> collectGroups(const Runs &runs) {
  std::set<std::string> names;
  for (const RunLog &log : runs.logs)
    for (const auto &[name, series] : log.scalars)
      if (name.starts_with("probes/"))
        names.insert(name);
  std::vector<ProbeGroup> groups;
  for (Group &group : groupByLayer({names.begin(), names.end()})) {
    std::string kind = titleOf(group.pattern);
    if (kind.starts_with("load, ")) // has its own section
      continue;
    std::string pattern = group.pattern.substr(group.pattern.find('/') + 1);
    ProbeGroup made{kind, "", pattern, std::move(group.members)};
    if (kind == "entropy") {
      made.title = "Router entropy";
      made.unit = "nats, ";
    } else if (kind == "norm") {
      made.title = "Output norm";
    }
    groups.push_back(std::move(made));
  }
  std::stable_sort(groups.begin(), groups.end(), [](const ProbeGroup &a, const ProbeGroup &b) { // the well-known ones first
    auto rank = [](const ProbeGroup &group) { return group.title == "Router entropy" ? 0 : group.title == "Output norm" ? 1 : 2; };
    return rank(a) < rank(b);
  });
  return groups;
}

static double meanAtEnd(const Series &series) {
  double sum = 0;
  size_t count = std::min(series.size(), endValues);
  for (size_t i = series.size() - count; i < series.size(); ++i)
    sum += series.values[i];
  return sum / static_cast<double>(count);
}

/// Depth along the axis, a line a run.
static Chart byLayer(const Runs &runs, const ProbeGroup &group) {
  Chart chart;
  chart.title = group.title + " by layer";
  chart.unit = group.unit + "at the end, " + group.pattern;
  chart.xName = "layer";
  for (size_t i = 0; i < runs.size(); ++i) {
    Series values;
    for (size_t layer = 0; layer < group.layers.size(); ++layer)
      if (const Series *series = runs.logs[i].find(group.layers[layer].name); series && std::isfinite(meanAtEnd(*series)))
        values.add(static_cast<int64_t>(layer), meanAtEnd(*series));
    Ink ink = Ink::ofRun(i);
    ink.hasPoints = true;
    chart.lines.push_back({runs.names[i], values, ink});
  }
  return chart;
}

/// Over time, a line a layer.
static Chart overTime(const Runs &runs, size_t run, const ProbeGroup &group) {
  constexpr size_t buckets = 300;
  Chart chart;
  chart.title = group.title;
  chart.unit = group.unit + runs.names[run] + ", smoothed";
  for (size_t layer = 0; layer < group.layers.size(); ++layer)
    if (const Series *series = runs.logs[run].find(group.layers[layer].name)) {
      const std::string &label = group.layers[layer].label;
      chart.lines.push_back({label.empty() ? runs.names[run] : "layer " + label, thin(smooth(*series), buckets), Ink::ofLayer(layer, group.layers.size())});
    }
  return chart;
}

static std::string renderGroup(const Runs &runs, const ProbeGroup &group) {
  std::vector<Chart> charts;
  std::vector<double> values;
  for (size_t i = 0; i < std::min(runs.size(), runsInDetail); ++i) {
    charts.push_back(overTime(runs, i, group));
    std::vector<double> more = charts.back().values();
    values.insert(values.end(), more.begin(), more.end());
  }
  std::string html = group.layers.size() > 1 ? byLayer(runs, group).render() : "";
  for (Chart &chart : charts) {
    chart.y = Axis::around(values, false); // runs beside each other on one scale
    html += chart.render();
  }
  return html;
}

std::string probesSection(const Runs &runs) {
  std::string html;
  for (const ProbeGroup &group : collectGroups(runs))
    html += renderGroup(runs, group);
  if (html.empty())
    return "";
  std::string note;
  if (runs.size() > runsInDetail)
    note = "<p class=\"note\">Curves of single layers and experts are drawn for the first " + std::to_string(runsInDetail) + " of the " +
           std::to_string(runs.size()) + " runs.</p>\n";
  return "<h2>Layers</h2>\n" + note + "<div class=\"charts\">\n" + html + "</div>\n";
}

} // namespace moe::report
