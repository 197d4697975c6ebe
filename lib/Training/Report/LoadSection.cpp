//===- LoadSection.cpp - which experts get the tokens -----------*- C++ -*-===//
#include "lib/Training/Report/Chart.h"
#include "lib/Training/Report/Curves.h"
#include "lib/Training/Report/Html.h"
#include "lib/Training/Report/Sections.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace moe::report {

namespace {
/// The loads of one router over time.
struct RouterLoad {
  std::string label;
  ArraySeries shares; ///< of the token slots: they sum to 1 in every step. Empty where the log has a summary of many experts
  Series fullest, emptiest; ///< of the experts; an even load is 1
};

/// The routers of a run under one pattern.
struct RunLoads {
  size_t run = 0;
  std::string pattern;
  std::vector<RouterLoad> routers;
};
} // namespace

static ArraySeries toShares(const ArraySeries &load) {
  ArraySeries shares;
  std::vector<float> row(load.width);
  for (size_t i = 0; i < load.steps.size(); ++i) {
    std::span<const float> given = load[i];
    float sum = std::accumulate(given.begin(), given.end(), 0.0f);
    if (!(sum > 0) || !std::isfinite(sum)) // no token was routed: no shares
      continue;
    std::transform(given.begin(), given.end(), row.begin(), [&](float value) { return value / sum; });
    shares.add(load.steps[i], row);
  }
  return shares;
}

/// Of every expert's load.
static RouterLoad makeLoad(const std::string &label, const ArraySeries &load) {
  RouterLoad router{label, toShares(load), {}, {}};
  const ArraySeries &shares = router.shares;
  for (size_t i = 0; i < shares.steps.size(); ++i) {
    auto [low, high] = std::minmax_element(shares[i].begin(), shares[i].end());
    router.fullest.add(shares.steps[i], *high * static_cast<double>(shares.width));
    router.emptiest.add(shares.steps[i], *low * static_cast<double>(shares.width));
  }
  return router;
}

/// Of the mean, the least and the greatest load, which is all that a log has of many experts.
static RouterLoad makeLoad(const std::string &label, const Series &mean, const Series &least, const Series &greatest) {
  RouterLoad router{label, {}, {}, {}};
  if (mean.steps != least.steps || mean.steps != greatest.steps)
    return router;
  for (size_t i = 0; i < mean.size(); ++i)
    if (mean.values[i] > 0) {
      router.fullest.add(mean.steps[i], greatest.values[i] / mean.values[i]);
      router.emptiest.add(mean.steps[i], least.values[i] / mean.values[i]);
    }
  return router;
}

static RouterLoad makeLoad(const RunLog &log, const Group::Member &member) {
  if (auto found = log.arrays.find(member.name); found != log.arrays.end())
    return makeLoad(member.label, found->second);
  const Series *mean = log.find(member.name + "/mean"), *least = log.find(member.name + "/min"), *greatest = log.find(member.name + "/max");
  return mean && least && greatest ? makeLoad(member.label, *mean, *least, *greatest) : RouterLoad{member.label, {}, {}, {}};
}

static std::vector<std::string> findLoads(const RunLog &log) {
  constexpr std::string_view summary = "/mean";
  std::vector<std::string> names;
  for (const auto &[name, series] : log.arrays)
    names.push_back(name);
  for (const auto &[name, series] : log.scalars)
    if (name.ends_with(summary))
      names.push_back(name.substr(0, name.size() - summary.size()));
  std::erase_if(names, [](const std::string &name) { return probeKind(name) != "load"; });
  return names;
}

static std::vector<RunLoads> collectLoads(const Runs &runs) {
  std::vector<RunLoads> all;
  for (size_t i = 0; i < std::min(runs.size(), runsInDetail); ++i) {
    for (const Group &group : groupByLayer(findLoads(runs.logs[i]))) {
      RunLoads loads{i, group.pattern, {}};
      for (const Group::Member &member : group.members)
        if (RouterLoad router = makeLoad(runs.logs[i], member); !router.fullest.empty())
          loads.routers.push_back(std::move(router));
      if (!loads.routers.empty())
        all.push_back(std::move(loads));
    }
  }
  return all;
}

/// The mean shares of a stretch of steps.
static std::vector<double> meanShares(const ArraySeries &shares, size_t begin, size_t end) {
  std::vector<double> mean(shares.width);
  for (size_t i = begin; i < end; ++i)
    for (size_t expert = 0; expert < shares.width; ++expert)
      mean[expert] += shares[i][expert] / static_cast<double>(end - begin);
  return mean;
}

static std::vector<double> lastShares(const ArraySeries &shares) {
  size_t count = shares.steps.size();
  return meanShares(shares, count - std::min(count, endValues), count);
}

static std::string percentage(double share) {
  char text[32];
  std::snprintf(text, sizeof text, share < 0.0995 ? "%.1f %%" : "%.0f %%", 100 * share);
  return text;
}

/// Every n-th of the numbers from 0, so that they do not touch.
static std::vector<std::string> sparseNumbers(size_t count, size_t most) {
  size_t every = (count + most - 1) / most;
  std::vector<std::string> labels(count);
  for (size_t i = 0; i < count; i += every)
    labels[i] = std::to_string(i);
  return labels;
}

/// Layers by experts, at the end; nothing where the log has summaries alone.
static std::string renderEnd(const RunLoads &loads, const std::string &runName, double full) {
  HeatMap map;
  map.title = "Load at the end";
  map.unit = runName + ", share of the routed tokens, " + loads.pattern.substr(loads.pattern.find('/') + 1);
  map.columnName = "expert";
  map.full = full;
  map.scaleName = percentage(full);
  size_t experts = 0;
  for (const RouterLoad &router : loads.routers)
    experts = std::max(experts, router.shares.width);
  if (experts == 0)
    return "";
  for (const RouterLoad &router : loads.routers) {
    map.rows.push_back(router.label.empty() ? "" : "layer " + router.label);
    map.cells.push_back(lastShares(router.shares));
    map.cells.back().resize(experts);
  }
  std::vector<std::string> labels = sparseNumbers(experts, 12);
  for (size_t expert = 0; expert < experts; ++expert)
    if (!labels[expert].empty())
      map.columnTicks.push_back({(static_cast<double>(expert) + 0.5) / static_cast<double>(experts), labels[expert]});
  return map.render();
}

/// Experts over time, for one layer; nothing where the log has summaries alone.
static std::string renderHistory(const RouterLoad &router, const std::string &runName, double full) {
  constexpr size_t mostColumns = 60, mostLabels = 12;
  const ArraySeries &shares = router.shares;
  if (shares.steps.empty())
    return "";
  size_t columns = std::min(mostColumns, shares.steps.size());
  HeatMap map;
  map.title = router.label.empty() ? "Load over time" : "Load over time, layer " + router.label;
  map.unit = runName + ", share of the routed tokens, by expert";
  map.columnName = "step";
  map.full = full;
  map.scaleName = percentage(full) + " or more";
  map.rows = sparseNumbers(shares.width, mostLabels);
  map.cells.assign(shares.width, std::vector<double>(columns));
  for (size_t column = 0; column < columns; ++column) {
    std::vector<double> mean = meanShares(shares, column * shares.steps.size() / columns, (column + 1) * shares.steps.size() / columns);
    for (size_t expert = 0; expert < shares.width; ++expert)
      map.cells[expert][column] = mean[expert];
  }
  auto first = static_cast<double>(shares.steps.front()), last = static_cast<double>(shares.steps.back());
  map.columnTicks = Axis{first, std::max(last, first + 1), false, true}.ticks(5);
  return map.render();
}

/// The fullest and the emptiest expert of every layer, in shares of an even load.
static Chart balanceChart(const RunLoads &loads, const std::string &runName) {
  constexpr size_t buckets = 300;
  Chart chart;
  chart.title = "Balance";
  chart.unit = runName + ", fullest expert (solid) and emptiest (dashed) of a layer; an even load is 1";
  chart.reference = 1;
  chart.referenceName = "even load";
  for (size_t layer = 0; layer < loads.routers.size(); ++layer) {
    const RouterLoad &router = loads.routers[layer];
    Ink ink = Ink::ofLayer(layer, loads.routers.size());
    chart.lines.push_back({router.label.empty() ? "fullest" : "layer " + router.label, thin(smooth(router.fullest), buckets), ink});
    ink.isDashed = true;
    chart.lines.push_back({"", thin(smooth(router.emptiest), buckets), ink});
  }
  return chart;
}

std::string loadSection(const Runs &runs) {
  std::vector<RunLoads> all = collectLoads(runs);
  if (all.empty())
    return "";
  double full = 0; // the same colours for all runs
  std::vector<Chart> balances;
  std::vector<double> balanceValues;
  for (const RunLoads &loads : all) {
    for (const RouterLoad &router : loads.routers) {
      if (router.shares.steps.empty())
        continue;
      std::vector<double> shares = lastShares(router.shares);
      full = std::max(full, *std::max_element(shares.begin(), shares.end()));
    }
    balances.push_back(balanceChart(loads, runs.names[loads.run]));
    std::vector<double> values = balances.back().values();
    balanceValues.insert(balanceValues.end(), values.begin(), values.end());
  }
  std::string html = "<h2>Load of the experts</h2>\n<div class=\"charts\">\n", histories;
  for (size_t i = 0; i < all.size(); ++i) {
    html += renderEnd(all[i], runs.names[all[i].run], full);
    balances[i].y = Axis::around(balanceValues, false);
    html += balances[i].render();
    for (const RouterLoad &router : all[i].routers)
      histories += renderHistory(router, runs.names[all[i].run], full);
  }
  html += "</div>\n";
  if (histories.empty())
    return html;
  html += "<details open><summary>Every expert over time</summary>\n<div class=\"charts\">\n" + histories + "</div></details>\n";
  return html;
}

} // namespace moe::report
