#include "lib/Training/Report/Axis.h"
#include "lib/Training/Report/Curves.h"
#include "lib/Training/Report/EventFile.h"
#include "lib/Training/Report/Html.h"
#include "lib/Training/Report/TextDiff.h"
#include "lib/Training/RunLock.h"
#include "moe/Training/MetricsFollower.h"
#include "moe/Training/Report.h"
#include "moe/Training/Sweep.h"
#include "test/Training/Setting.h"

#include <cmath>
#include <limits>

using namespace moe;
using namespace moe::report;
using namespace moe::test;

static Series seriesOf(const std::vector<double> &values) {
  Series series;
  for (size_t i = 0; i < values.size(); ++i)
    series.add(static_cast<int64_t>(i + 1), values[i]);
  return series;
}

TEST_CASE("CRC-32C is that of the standard") {
  CHECK(crc32c("123456789") == 0xe3069283);
  CHECK(crc32c("") == 0);
}

TEST_CASE("a step that comes again replaces what came after it") {
  Series series = seriesOf({1, 2, 3, 4});
  series.add(3, 30);
  CHECK(series.steps == std::vector<int64_t>{1, 2, 3});
  CHECK(series.values == std::vector<double>{1, 2, 30});
}

TEST_CASE("thinned series keep extremes, first and last") {
  std::vector<double> values(10'000);
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = std::sin(static_cast<double>(i) / 500);
  values[4321] = 99;
  values[7777] = -99;
  values[5000] = std::numeric_limits<double>::quiet_NaN();
  Series thinned = thin(seriesOf(values), 100);
  CHECK(thinned.size() <= 202);
  CHECK(thinned.size() >= 100);
  CHECK(thinned.steps.front() == 1);
  CHECK(thinned.steps.back() == 10'000);
  CHECK(std::count(thinned.values.begin(), thinned.values.end(), 99) == 1);
  CHECK(std::count(thinned.values.begin(), thinned.values.end(), -99) == 1);
  CHECK(std::is_sorted(thinned.steps.begin(), thinned.steps.end()));
  CHECK(thin(seriesOf({3, 1, 2}), 100).values == std::vector<double>{3, 1, 2});
}

TEST_CASE("a smoothed constant is the constant, from the first value on") {
  Series smoothed = smooth(seriesOf(std::vector<double>(500, 7.5)));
  for (double value : smoothed.values)
    CHECK(value == doctest::Approx(7.5));
  CHECK(smooth(seriesOf({1, 5})).values == std::vector<double>{1, 5}); // too few to smooth
}

TEST_CASE("ticks are round, inside and few") {
  auto labels = [](const Axis &axis) {
    std::vector<std::string> all;
    for (const Axis::Tick &tick : axis.ticks(5)) {
      CHECK(tick.at >= 0);
      CHECK(tick.at <= 1);
      all.push_back(tick.label);
    }
    return all;
  };
  using Labels = std::vector<std::string>;
  CHECK(labels({1, 150, false, true}) == Labels{"50", "100", "150"});
  CHECK(labels({0, 1, false, true}) == Labels{"0", "1"});
  CHECK(labels({0, 0.002, false, false}) == Labels{"0", "0.0005", "0.0010", "0.0015", "0.0020"});
  CHECK(labels({0, 1'000'000, false, true}) == Labels{"0", "200k", "400k", "600k", "800k", "1M"});
  CHECK(labels({200, 12'000, true, false}) == Labels{"300", "1000", "3000", "10k"});
  CHECK(labels({1e-6, 1e6, true, false}).size() <= 5);
  Axis flat = Axis::around({3, 3}, true);
  CHECK(flat.low < 3);
  CHECK(flat.high > 3);
  CHECK(!flat.isLog);
  CHECK(Axis::around({-1, 100}, true).isLog == false);
}

TEST_CASE("names that differ in their layer alone belong together, in the order of the numbers") {
  auto groups = groupByLayer({"layers.10.moe.norm", "layers.2.moe.norm", "layers.2.moe.router.load", "load"});
  REQUIRE(groups.size() == 3);
  CHECK(groups[0].pattern == "layers.*.moe.norm");
  REQUIRE(groups[0].members.size() == 2);
  CHECK(groups[0].members[0].label == "2");
  CHECK(groups[0].members[1].label == "10");
  CHECK(groups[2].pattern == "load");
  CHECK(groups[2].members[0].label == "");
}

TEST_CASE("text of a page") {
  CHECK(escape("<a href=\"x\">'&\x01") == "&lt;a href=&quot;x&quot;&gt;&#39;&amp;");
  CHECK(number(13930) == "13,930");
  CHECK(number(5.24) == "5.240");
  CHECK(number(std::nan("")) == "–");
  CHECK(withCommas(-1234567) == "-1,234,567");
}

TEST_CASE("a diff has what changed, with lines around it") {
  CHECK(diffLines("a\nb\n", "a\nb\n").empty());
  std::string text;
  for (const DiffLine &line : diffLines("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n10\n", 1))
    text += std::string(1, static_cast<char>(line.kind)) + line.text + "|";
  CHECK(text == "@line 4 / 4| 4|-5|+five| 6|@line 9 / 9| 9|+10|");
}

TEST_CASE("names of runs are as short as they may be") {
  using Names = std::vector<std::string>;
  CHECK(shortNames({"runs/a", "runs/b/"}) == Names{"a", "b"});
  CHECK(shortNames({"x/run", "y/run", "y/other"}) == Names{"x/run", "y/run", "y/other"});
  CHECK(shortNames({"/x/a", "/x/a"}) == Names{"/x/a", "/x/a"});
}

TEST_CASE("the values of an axis") {
  SweepAxis axis;
  auto values = [&](const std::string &text) {
    Status status = parseSweepAxis(text, axis);
    CHECK(status.error == "");
    return axis.values;
  };
  using Values = std::vector<std::string>;
  CHECK(values("model.d=64, 128") == Values{"64", "128"});
  CHECK(axis.path == "model.d");
  CHECK(values("R=Heavy(mu=.5,gamma=1),Plain") == Values{"Heavy(mu=.5,gamma=1)", "Plain"});
  CHECK(values("a=[1,(2,3)],{4,5}") == Values{"[1,(2,3)]", "{4,5}"});
  CHECK(values("t=\"a,b\",\"c\\\",d\"") == Values{"\"a,b\"", "\"c\\\",d\""});
  CHECK(values("t=a\\,b,c") == Values{"a,b", "c"});
  for (const char *wrong : {"a", "=1", "a=", "a=1,,2", "a=1,1", "a=(1,2", "a=\"1"})
    CHECK(!parseSweepAxis(wrong, axis));
}

TEST_CASE("the points of a grid") {
  SweepDescription sweep;
  sweep.axes = {{"model.d", {"8", "16"}}, {"train.steps", {"5"}}, {"model.R", {"A(x/y)", "A(x|y)"}}};
  sweep.seeds = {0, 1};
  std::vector<SweepPoint> points;
  REQUIRE(Sweep::enumerate(sweep, points));
  REQUIRE(points.size() == 8);
  CHECK(points[0].name == "d=8,R=A_x_y_,seed=0");
  CHECK(points[1].name == "d=8,R=A_x_y_,seed=1");
  CHECK(points[2].name == "d=8,R=A_x_y_-2,seed=0"); // two values that make the same name
  CHECK(points[7].overrides == std::vector<std::string>{"model.d=16", "train.steps=5", "model.R=A(x|y)"});
  sweep.axes.push_back({"model.d", {"1"}});
  CHECK(Sweep::enumerate(sweep, points).error == "model.d is set twice; give all of its values at once, as model.d=A,B");
}

TEST_CASE("a run is read while it is written, and after it was torn") {
  Setting setting(R"("eval_every":2)");
  setting.options.steps = 6;
  auto trainer = setting.trainer("run");
  TrainResult result;
  REQUIRE(trainer->run(result));
  RunLog log;
  REQUIRE(RunLog::read(setting.folder / "run", log));
  CHECK((log.state == RunLog::State::running)); // the trainer holds the lock
  CHECK(log.getStep() == 6);
  CHECK(log.validations.size() == 3);
  CHECK(log.final);
  CHECK(log.description.parameters == 6);
  CHECK(log.brokenLines == 0);
  trainer.reset();

  MetricsFollower follower(setting.folder / "run", 6);
  Progress progress;
  CHECK(follower.read(progress));
  CHECK(progress.step == 6);
  CHECK(!follower.read(progress));

  std::string text = read(setting.folder / "run/metrics.jsonl");
  write(setting.folder / "run/metrics.jsonl", text.substr(0, text.size() - 12) + "\nnothing\n[1]\n{\"step\":\"x\"}\n");
  REQUIRE(RunLog::read(setting.folder / "run", log));
  CHECK((log.state == RunLog::State::stopped));
  CHECK(!log.final);
  CHECK(log.brokenLines == 4);
  CHECK(log.validations.size() == 3);
}
