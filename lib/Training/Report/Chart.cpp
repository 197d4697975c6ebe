//===- Chart.cpp - lines and heat maps as SVG -------------------*- C++ -*-===//
#include "lib/Training/Report/Chart.h"
#include "lib/Training/Report/Curves.h"
#include "lib/Training/Report/Html.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace moe::report {

/// Of the drawing's own coordinates; finer upwards, since the page reads values back from them.
static constexpr int width = 2000, height = 10000;
static constexpr int runColors = 6;

Ink Ink::ofRun(size_t run) {
  Ink ink;
  ink.run = static_cast<int>(run);
  return ink;
}

Ink Ink::ofLayer(size_t layer, size_t layers) {
  Ink ink;
  ink.kind = Kind::ramp;
  ink.shade = layers > 1 ? static_cast<double>(layer) / static_cast<double>(layers - 1) : 0;
  return ink;
}

/// The attributes of what is drawn with it.
static std::string attributes(const Ink &ink, const std::string &classes) {
  std::string all = classes, style;
  if (ink.kind == Ink::Kind::run)
    all += " c" + std::to_string(ink.run % runColors) + (ink.run >= runColors ? " d" + std::to_string(ink.run / runColors % 3) : "");
  else {
    all += " ramp";
    style = " style=\"--t:" + std::to_string(std::lround(100 * ink.shade)) + "%\"";
  }
  all += ink.isFaint ? " faint" : "";
  all += ink.isDashed ? " dashed" : "";
  return "class=\"" + all + "\"" + style;
}

//===-- Lines ---------------------------------------------------------------------===//

std::vector<double> Chart::values() const {
  std::vector<double> all;
  for (const Line &line : lines)
    all.insert(all.end(), line.points.values.begin(), line.points.values.end());
  if (reference)
    all.push_back(*reference);
  return all;
}

namespace {
/// A chart with its axes.
class Plot {
public:
  Plot(const Chart &chart, const Axis &x, const Axis &y) : chart(chart), x(x), y(y) {}
  std::string render() const;

private:
  std::string renderGrid() const;
  std::string renderLine(const Line &line) const;
  std::string renderReference() const;
  std::string renderLabels() const;
  std::string renderLegend() const;
  std::string describe() const;
  int toX(double value) const { return static_cast<int>(std::lround(x.map(value) * width)); }
  int toY(double value) const { return static_cast<int>(std::lround((1 - y.map(value)) * height)); }

  const Chart &chart;
  const Axis &x, &y;
};
} // namespace

static std::string percent(double share) {
  char text[16];
  std::snprintf(text, sizeof text, "%.2f%%", 100 * share);
  return text;
}

static constexpr int mostTicks = 5;

std::string Plot::renderGrid() const {
  std::string path;
  for (const Axis::Tick &tick : y.ticks(mostTicks))
    path += "M0 " + std::to_string(std::lround((1 - tick.at) * height)) + "h" + std::to_string(width);
  return "<path class=\"grid\" d=\"" + path + "\"/>";
}

std::string Plot::renderLine(const Line &line) const {
  std::string path;
  for (size_t i = 0; i < line.points.size(); ++i)
    path += (i ? "L" : "M") + std::to_string(toX(static_cast<double>(line.points.steps[i]))) + " " + std::to_string(toY(line.points.values[i]));
  if (line.points.size() == 1)
    path += "h1"; // a round cap makes it a point
  std::string label = line.label.empty() ? "" : " data-label=\"" + escape(line.label) + "\"";
  std::string drawn = "<path " + attributes(line.ink, "line") + label + " d=\"" + path + "\"/>";
  if (!line.ink.hasPoints)
    return drawn;
  std::string points;
  for (size_t i = 0; i < line.points.size(); ++i)
    points += "M" + std::to_string(toX(static_cast<double>(line.points.steps[i]))) + " " + std::to_string(toY(line.points.values[i])) + "h1";
  return drawn + "<path " + attributes(line.ink, "points") + " d=\"" + points + "\"/>";
}

std::string Plot::renderReference() const {
  if (!chart.reference)
    return "";
  return "<path class=\"reference\" d=\"M0 " + std::to_string(toY(*chart.reference)) + "h" + std::to_string(width) + "\"/>";
}

std::string Plot::renderLabels() const {
  std::string html;
  for (const Axis::Tick &tick : y.ticks(mostTicks))
    html += "<span class=\"ty\" style=\"bottom:" + percent(tick.at) + "\">" + tick.label + "</span>";
  for (const Axis::Tick &tick : x.ticks(mostTicks))
    html += "<span class=\"tx\" style=\"left:" + percent(tick.at) + "\">" + tick.label + "</span>";
  return html;
}

std::string Plot::renderLegend() const {
  std::string items;
  int count = 0;
  for (const Line &line : chart.lines)
    if (!line.label.empty() && !line.points.empty()) {
      items += "<li><svg class=\"key\" viewBox=\"0 0 20 10\" aria-hidden=\"true\"><path " + attributes(line.ink, "line") +
               " d=\"M1 5H19\"/></svg>" + escape(line.label) + "</li>";
      ++count;
    }
  if (chart.reference) {
    items += "<li><svg class=\"key\" viewBox=\"0 0 20 10\" aria-hidden=\"true\"><path class=\"reference\" d=\"M1 5H19\"/></svg>" +
             escape(chart.referenceName) + "</li>";
    ++count;
  }
  return chart.hasLegend && count > 1 ? "<ul class=\"legend\">" + items + "</ul>" : "";
}

/// What somebody hears who does not see the chart.
std::string Plot::describe() const {
  std::string text = chart.title + (chart.unit.empty() ? "" : ", " + chart.unit) + ".";
  for (const Line &line : chart.lines)
    if (!line.label.empty() && !line.points.empty())
      text += " " + line.label + ": " + number(line.points.values.front()) + " at " + chart.xName + " " +
              std::to_string(line.points.steps.front()) + ", " + number(line.points.values.back()) + " at " +
              std::to_string(line.points.steps.back()) + ".";
  return text;
}

std::string Plot::render() const {
  std::string svg = "<svg viewBox=\"0 0 " + std::to_string(width) + " " + std::to_string(height) +
                    "\" preserveAspectRatio=\"none\" aria-hidden=\"true\">" + renderGrid() + renderReference();
  for (const Line &line : chart.lines)
    if (!line.points.empty())
      svg += renderLine(line);
  svg += "</svg>";
  char axes[160];
  std::snprintf(axes, sizeof axes, " data-x=\"%.10g %.10g\" data-y=\"%.10g %.10g %d\"", x.low, x.high, y.low, y.high, y.isLog ? 1 : 0);
  return "<figure class=\"chart\"><figcaption><b>" + escape(chart.title) + "</b> <span>" + escape(chart.unit) + (y.isLog ? ", log scale" : "") +
         "</span></figcaption><div class=\"plot\" role=\"img\" aria-label=\"" + escape(describe()) + "\"" + axes + " data-name=\"" +
         escape(chart.xName) + "\">" + svg + renderLabels() + "<span class=\"xname\">" + escape(chart.xName) + "</span></div>" + renderLegend() +
         "</figure>\n";
}

std::string Chart::render() const {
  double first = std::numeric_limits<double>::infinity(), last = -first;
  for (const Line &line : lines)
    if (!line.points.empty()) {
      first = std::min(first, static_cast<double>(line.points.steps.front()));
      last = std::max(last, static_cast<double>(line.points.steps.back()));
    }
  if (first > last)
    return "";
  Axis x{first, first < last ? last : first + 1, false, true};
  return Plot(*this, x, y ? *y : Axis::around(values(), wantsLog)).render();
}

//===-- Heat maps ------------------------------------------------------------------===//

/// One path for all cells of the same shade.
static std::string renderCells(const std::vector<std::vector<double>> &cells, double full) {
  constexpr int shades = 16;
  size_t columns = cells.front().size();
  std::vector<std::string> paths(shades + 1);
  for (size_t row = 0; row < cells.size(); ++row)
    for (size_t column = 0; column < columns; ++column)
      if (double value = cells[row][column]; std::isfinite(value)) {
        auto shade = static_cast<size_t>(std::lround(shades * std::clamp(value / full, 0.0, 1.0)));
        paths[shade] += "M" + std::to_string(column) + " " + std::to_string(row) + "h1v1h-1z";
      }
  std::string svg = "<svg viewBox=\"0 0 " + std::to_string(columns) + " " + std::to_string(cells.size()) +
                    "\" preserveAspectRatio=\"none\" aria-hidden=\"true\" shape-rendering=\"crispEdges\">";
  for (size_t shade = 1; shade < paths.size(); ++shade)
    if (!paths[shade].empty())
      svg += "<path class=\"cell\" fill-opacity=\"" + number(static_cast<double>(shade) / shades) + "\" d=\"" + paths[shade] + "\"/>";
  return svg + "</svg>";
}

std::string HeatMap::render() const {
  if (cells.empty() || cells.front().empty())
    return "";
  double least = std::numeric_limits<double>::infinity(), greatest = -least;
  for (const auto &row : cells)
    for (double value : row)
      if (std::isfinite(value)) {
        least = std::min(least, value);
        greatest = std::max(greatest, value);
      }
  std::string labels;
  for (size_t row = 0; row < rows.size(); ++row)
    labels += "<span class=\"ty\" style=\"bottom:" + percent(1 - (static_cast<double>(row) + 0.5) / static_cast<double>(rows.size())) + "\">" +
              escape(rows[row]) + "</span>";
  for (const Axis::Tick &tick : columnTicks)
    labels += "<span class=\"tx\" style=\"left:" + percent(tick.at) + "\">" + tick.label + "</span>";
  std::string spoken = title + ", " + unit + ": from " + number(least) + " to " + number(greatest) + ".";
  return "<figure class=\"chart\"><figcaption><b>" + escape(title) + "</b> <span>" + escape(unit) +
         "</span></figcaption><div class=\"plot heat\" style=\"--rows:" + std::to_string(cells.size()) + "\" role=\"img\" aria-label=\"" +
         escape(spoken) + "\">" + renderCells(cells, full) + labels + "<span class=\"xname\">" + escape(columnName) +
         "</span></div><p class=\"scale\"><span>0</span><span class=\"bar\"></span><span>" + escape(scaleName) + "</span></p></figure>\n";
}

} // namespace moe::report
