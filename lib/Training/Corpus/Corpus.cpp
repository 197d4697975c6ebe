//===- Corpus.cpp - data folders from Debian packages -----------*- C++ -*-===//
#include "lib/Training/AtomicFile.h"
#include "lib/Training/Corpus/Command.h"
#include "lib/Training/Corpus/Dictionary.h"
#include "lib/Training/Corpus/Prose.h"
#include "lib/Training/Guard.h"
#include "lib/Training/TensorHash.h"
#include "moe/Training.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <unistd.h>

using namespace moe;
namespace fs = std::filesystem;
using json = nlohmann::ordered_json;

/// Also the version of how the text is made: a folder made another way is another corpus.
static constexpr int formatVersion = 1;

namespace {
/// A dictionary is the package dict-NAME with usr/share/dictd/NAME.dict.dz and NAME.index.
struct CorpusRecipe {
  std::string name;
  std::vector<std::string> dictionaries;
};

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

static const std::vector<CorpusRecipe> &recipes() {
  static const std::vector<CorpusRecipe> all = {{"foldoc+jargon", {"foldoc", "jargon"}}};
  return all;
}

std::vector<std::string> moe::corpusNames() {
  std::vector<std::string> names;
  for (const CorpusRecipe &recipe : recipes())
    names.push_back(recipe.name);
  return names;
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
  json manifest = json::parse(text, nullptr, false);
  if (!manifest.is_object() || manifest.value("corpus", json()) != name || manifest.value("version", json()) != formatVersion)
    return Status::failure(folder.string() + ": the folder holds another corpus; choose another folder");
  try {
    manifest.at("packages").get_to(result.packages);
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

/// One article in twenty for validation, one for the test. By headword, so that an article that two dictionaries share never stands in two
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

static Status makeTexts(const CorpusRecipe &recipe, const fs::path &work, const std::function<void(const std::string &)> &onStage,
                        std::array<std::string, 3> &texts, CorpusResult &result) {
  for (const std::string &name : recipe.dictionaries) {
    std::string package = "dict-" + name;
    onStage("fetching " + package);
    if (Status status = fetchPackage(package, work, result); !status)
      return status;
    onStage("reading " + package + " " + result.packages[package]);
    fs::path base = work / "usr/share/dictd";
    std::vector<Article> articles;
    if (Status status = readDictionary((base / (name + ".dict.dz")).string(), (base / (name + ".index")).string(), articles); !status)
      return status;
    for (const Article &article : articles) {
      auto split = static_cast<size_t>(splitOf(article));
      texts[split] += render(article);
      ++result.articles[split];
    }
  }
  for (size_t i = 0; i < texts.size(); ++i)
    result.tokens[i] = countTokens(texts[i]);
  return Status::success();
}

static Status writeFolder(const CorpusRecipe &recipe, const fs::path &folder, const std::array<std::string, 3> &texts,
                          const CorpusResult &result) {
  json manifest = {{"corpus", recipe.name}, {"version", formatVersion}, {"packages", result.packages}};
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

static Status build(const CorpusRecipe &recipe, const fs::path &folder, const std::function<void(const std::string &)> &onStage,
                    CorpusResult &result) {
  std::string number = std::to_string(::getpid());
  TemporaryFolder work(fs::temp_directory_path() / ("moec-corpus-" + number)), made(folder.string() + std::string(temporaryMark) + number);
  for (TemporaryFolder *each : {&work, &made})
    if (Status status = each->create(); !status)
      return status;
  std::array<std::string, 3> texts;
  if (Status status = makeTexts(recipe, work.path, onStage, texts, result); !status)
    return status;
  onStage("writing " + folder.string());
  if (Status status = writeFolder(recipe, made.path, texts, result); !status)
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
    auto recipe = std::find_if(recipes().begin(), recipes().end(), [&](const CorpusRecipe &each) { return each.name == name; });
    if (recipe == recipes().end()) {
      std::string known;
      for (const std::string &each : corpusNames())
        known += (known.empty() ? "" : ", ") + each;
      return Status::failure("there is no corpus '" + name + "'; known: " + known);
    }
    fs::path place = fs::absolute(folder).lexically_normal();
    if (!place.has_filename()) // a trailing slash
      place = place.parent_path();
    std::error_code error;
    if (fs::exists(place, error) && !fs::is_directory(place, error))
      return Status::failure(folder + ": this is a file, not a folder");
    if (fs::exists(place, error) && !fs::is_empty(place, error))
      return readExisting(place, name, result);
    return build(*recipe, place, onStage ? onStage : [](const std::string &) {}, result);
  });
}
