//===- SummarySection.cpp - runs beside each other --------------*- C++ -*-===//
#include "lib/Training/Report/Html.h"
#include "lib/Training/Report/Sections.h"
#include "moe/Training/Report.h"

#include <filesystem>
#include <limits>

namespace moe::report {

static std::string swatch(size_t run) {
  return "<svg class=\"swatch\" viewBox=\"0 0 22 10\" aria-hidden=\"true\"><path class=\"line c" + std::to_string(run % 6) +
         (run >= 6 ? " d" + std::to_string(run / 6 % 3) : "") + "\" d=\"M1 5H21\"/></svg>";
}

static std::string cell(const std::string &text, const char *kind = "") {
  return std::string("<td") + (*kind ? std::string(" class=\"") + kind + "\"" : "") + ">" + (text.empty() ? "–" : escape(text)) + "</td>";
}

static std::string describeState(const RunLog &log, const RunSummary &summary) {
  std::string text = toString(log.state);
  if (summary.step < summary.steps || log.state == RunLog::State::running)
    text += ", " + withCommas(summary.step) + " of " + withCommas(summary.steps) + " steps";
  return text;
}

/// Of a path the last component says enough here; the commands below have it whole.
static std::string shortValue(const Difference &difference, size_t run) {
  const std::string &value = difference.values[run];
  return difference.name == "file" || difference.name == "data" ? std::filesystem::path(value).filename().string() : value;
}

/// "presets smoe, model.d 64, seed 1": in what a run differs from the others.
static std::string describeDifferences(const std::vector<Difference> &differences, size_t run) {
  std::string text;
  for (const Difference &difference : differences)
    if (difference.kind != Difference::Kind::setting) // these follow from the others
      text += (text.empty() ? "" : ", ") + difference.name + " " + (difference.values[run].empty() ? "–" : shortValue(difference, run));
  return text;
}

static std::string modelName(const RunDescription &run) {
  std::string name = std::filesystem::path(run.fileName).filename().string();
  for (const std::string &preset : run.presets)
    name += " " + preset;
  return name;
}

static std::string renderRow(const Runs &runs, size_t i, double best, const std::vector<Difference> &differences) {
  const RunLog &log = runs.logs[i];
  RunSummary summary = summarize(log);
  std::string row = "<tr><th scope=\"row\">" + swatch(i) + escape(runs.names[i]) + "</th>";
  row += cell(modelName(log.description), "text");
  row += cell(describeState(log, summary));
  row += cell(log.final ? number(log.final->perplexity) : "", log.final && runs.size() > 1 && log.final->perplexity == best ? "best" : "");
  row += cell(summary.best ? number(summary.best->perplexity) + " at " + withCommas(summary.best->step) : "");
  double unigram = log.final ? log.final->unigramPerplexity : summary.best ? summary.best->unigramPerplexity : 0;
  row += cell(unigram > 0 ? number(unigram) : "");
  row += cell(log.description.parameters ? withCommas(log.description.parameters) : "");
  row += cell(withCommas(summary.step));
  row += cell(summary.tokensPerSecond > 0 ? shortNumber(summary.tokensPerSecond) : "");
  row += cell(summary.seconds > 0 ? duration(summary.seconds) : "");
  if (runs.size() > 1)
    row += cell(describeDifferences(differences, i), "differs");
  return row + "</tr>\n";
}

static std::string renderNotes(const Runs &runs) {
  std::string notes;
  for (size_t i = 0; i < runs.size(); ++i) {
    const RunLog &log = runs.logs[i];
    if (!log.getStep())
      notes += "<p class=\"note\">" + escape(runs.names[i]) + " has no step in its metrics.jsonl yet.</p>\n";
    if (log.brokenLines && log.state != RunLog::State::running) // of a run that is being written the last line may be half there
      notes += "<p class=\"note\">" + escape(runs.names[i]) + ": " + withCommas(log.brokenLines) +
               (log.brokenLines == 1 ? " line of metrics.jsonl is" : " lines of metrics.jsonl are") + " not readable and left out.</p>\n";
  }
  return notes;
}

std::string summarySection(const Runs &runs) {
  std::vector<const RunLog *> logs;
  double best = std::numeric_limits<double>::infinity();
  for (const RunLog &log : runs.logs) {
    logs.push_back(&log);
    if (log.final && log.final->perplexity < best)
      best = log.final->perplexity;
  }
  std::vector<Difference> differences = findDifferences(logs);
  std::string rows;
  for (size_t i = 0; i < runs.size(); ++i)
    rows += renderRow(runs, i, best, differences);
  return std::string("<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Table of runs\"><table>\n<thead><tr><th scope=\"col\">run</th>") +
         "<th scope=\"col\" class=\"text\">model</th><th scope=\"col\">state</th><th scope=\"col\">validation<br>perplexity</th><th scope=\"col\">best while<br>training</th>"
         "<th scope=\"col\">unigram<br>model</th><th scope=\"col\">parameters</th><th scope=\"col\">steps</th>"
         "<th scope=\"col\">tokens/s</th><th scope=\"col\">time in<br>steps</th>" +
         (runs.size() > 1 ? "<th scope=\"col\" class=\"text\">in what they differ</th>" : "") + "</tr></thead>\n<tbody>\n" + rows + "</tbody></table></div>\n" +
         "<p class=\"note\">Validation perplexity is that of the whole validation text after the last step; while training it is that of its "
         "first blocks, which compares steps, not runs with other settings of them. Tokens/s is the median over the steps.</p>\n" +
         renderNotes(runs);
}

} // namespace moe::report
