//===- CurvesSection.cpp - losses, rates and speed over the steps -*- C++ -*-===//
#include "lib/Training/Report/Chart.h"
#include "lib/Training/Report/Curves.h"
#include "lib/Training/Report/Html.h"
#include "lib/Training/Report/Sections.h"

#include <algorithm>
#include <set>

namespace moe::report {

/// Pixels of a chart at its widest, about.
static constexpr size_t buckets = 500;

/// The smoothed curve of every run in front of the raw one.
static Chart smoothedChart(const Runs &runs, const std::string &name, const std::string &title, const std::string &unit) {
  Chart chart;
  chart.title = title;
  chart.unit = unit;
  for (size_t i = 0; i < runs.size(); ++i)
    if (const Series *series = runs.logs[i].find(name)) {
      Ink raw = Ink::ofRun(i);
      raw.isFaint = true;
      chart.lines.push_back({"", thin(*series, buckets), raw});
    }
  for (size_t i = 0; i < runs.size(); ++i)
    if (const Series *series = runs.logs[i].find(name))
      chart.lines.push_back({runs.names[i], thin(smooth(*series), buckets), Ink::ofRun(i)});
  return chart;
}

static Chart plainChart(const Runs &runs, const std::string &name, const std::string &title, const std::string &unit) {
  Chart chart;
  chart.title = title;
  chart.unit = unit;
  for (size_t i = 0; i < runs.size(); ++i)
    if (const Series *series = runs.logs[i].find(name))
      chart.lines.push_back({runs.names[i], thin(*series, buckets), Ink::ofRun(i)});
  return chart;
}

static Chart validationChart(const Runs &runs) {
  Chart chart;
  chart.title = "Validation perplexity";
  chart.unit = "first blocks, while training";
  chart.wantsLog = true;
  for (size_t i = 0; i < runs.size(); ++i) {
    Series series;
    for (const ValidationPoint &point : runs.logs[i].validations)
      series.add(point.step, point.perplexity);
    Ink ink = Ink::ofRun(i);
    ink.hasPoints = series.size() <= 60;
    chart.lines.push_back({runs.names[i], thin(series, buckets), ink});
  }
  return chart;
}

/// Auxiliary losses add up: one curve a run for all layers of a name.
static std::string renderAux(const Runs &runs) {
  std::vector<std::string> names;
  for (const RunLog &log : runs.logs)
    for (const auto &[name, series] : log.scalars)
      if (name.starts_with("aux/") && std::find(names.begin(), names.end(), name) == names.end())
        names.push_back(name);
  std::string html;
  for (const Group &group : groupByLayer(names)) {
    Chart chart;
    chart.title = "Auxiliary loss " + std::string(probeKind(group.pattern));
    chart.unit = group.pattern.substr(4) + (group.members.size() > 1 ? ", added up" : "");
    for (size_t i = 0; i < runs.size(); ++i) {
      Series sum;
      for (const Group::Member &member : group.members)
        if (const Series *series = runs.logs[i].find(member.name)) {
          if (sum.empty())
            sum = *series;
          else if (sum.steps == series->steps)
            for (size_t j = 0; j < sum.size(); ++j)
              sum.values[j] += series->values[j];
        }
      Ink raw = Ink::ofRun(i);
      raw.isFaint = true;
      chart.lines.push_back({"", thin(sum, buckets), raw});
      chart.lines.push_back({runs.names[i], thin(smooth(sum), buckets), Ink::ofRun(i)});
    }
    html += chart.render();
  }
  return html;
}

/// What else an update reports.
static std::string renderOthers(const Runs &runs) {
  static const std::set<std::string> shown = {"loss", "ppl", "lr", "grad_norm", "seconds", "tokens_per_s"};
  std::set<std::string> names;
  for (const RunLog &log : runs.logs)
    for (const auto &[name, series] : log.scalars)
      if (!shown.count(name) && name.find('/') == std::string::npos)
        names.insert(name);
  std::string html;
  for (const std::string &name : names)
    html += smoothedChart(runs, name, name, "").render();
  return html;
}

std::string curvesSection(const Runs &runs) {
  Chart gradients = smoothedChart(runs, "grad_norm", "Gradient norm", "before clipping, smoothed over raw");
  gradients.wantsLog = true;
  std::string charts = smoothedChart(runs, "loss", "Training loss", "nats per token, smoothed over raw").render() + validationChart(runs).render() +
                       gradients.render() + plainChart(runs, "lr", "Learning rate", "").render() +
                       smoothedChart(runs, "tokens_per_s", "Throughput", "tokens per second, smoothed over raw").render() + renderAux(runs) +
                       renderOthers(runs);
  bool hasValidations = std::any_of(runs.logs.begin(), runs.logs.end(), [](const RunLog &log) { return !log.validations.empty(); });
  std::string note = hasValidations ? "" : "<p class=\"note\">No validation while training: train.eval_every asks for it.</p>\n";
  return charts.empty() ? "" : "<h2>Training</h2>\n<div class=\"charts\">\n" + charts + "</div>\n" + note;
}

} // namespace moe::report
