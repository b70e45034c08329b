// The one file that names CLI11.
#include "services/cli/parse.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <map>

namespace jalon::cli {
namespace {

// A value that a field does not take, in words.
struct NotPossible {
  std::string words;
};

// What each subcommand of CLI11 stands for.
struct Place {
  const Noun* noun = nullptr;
  const Verb* verb = nullptr;
};

class Parser {
 public:
  Parser(std::span<const Noun> nouns, std::span<const Program> programs,
         std::span<const Field> globals, Output& output)
      : nouns_(nouns), programs_(programs), globals_(globals), output_(output) {
    app_.fallthrough();             // options of every verb may stand anywhere
    app_.require_subcommand(0, 1);  // a value that is also a noun is a value
    app_.set_help_flag("-h,--help");
    for (const Field& field : globals) Add(app_, field);
    for (const Noun& noun : nouns) Add(noun);
  }

  std::expected<const Verb*, ExitCode> Run(std::vector<std::string> arguments) {
    std::ranges::reverse(arguments);  // as CLI11 takes them
    try {
      app_.parse(arguments);
    } catch (const CLI::CallForHelp&) {
      output_.out << Help(Deepest());
      return std::unexpected(ExitCode::kOk);
    } catch (const NotPossible& value) {
      return Complain(value.words);
    } catch (const CLI::ExtrasError&) {
      return Complain(output_.Say({"not expected here: {}", "inattendu ici : {}"}, Extras()));
    } catch (const CLI::ParseError& error) {
      return Complain(WhatIsWrong(error));
    }
    const Place place = Deepest();
    if (place.verb != nullptr) return place.verb;
    output_.err << Help(place);
    return std::unexpected(ExitCode::kUsage);
  }

 private:
  void Add(const Noun& noun) {
    CLI::App* app = app_.add_subcommand(noun.name)->require_subcommand(0, 1);
    places_[app] = {.noun = &noun};
    std::map<std::string, CLI::App*> made;  // by their words
    for (const Verb& verb : noun.verbs) {
      CLI::App* at = app;
      std::string words;
      for (const std::string& word : CLI::detail::split(verb.name, ' ')) {
        if (word.empty()) continue;
        CLI::App*& next = made[words += ' ' + word];
        if (next == nullptr) next = at->add_subcommand(word)->require_subcommand(0, 1);
        at = next;
        places_.try_emplace(at, Place{.noun = &noun});
      }
      places_[at].verb = &verb;
      for (const Field& field : verb.fields) Add(*at, field);
    }
  }

  void Add(CLI::App& app, const Field& field) {
    CLI::Option* option = nullptr;
    if (field.value.empty()) {
      option = app.add_flag_callback(field.name, [this, &field] { Read(field, ""); });
    } else {
      const auto take = [this, &field](const std::vector<std::string>& texts) {
        for (const std::string& text : texts) Read(field, text);
      };
      option = app.add_option_function<std::vector<std::string>>(field.name, take);
      if (!field.many) option->expected(1);
      // One value each time it is given; a positional one takes all that are left.
      option->allow_extra_args(field.many && field.IsPositional());
    }
    if (!field.environment.empty()) option->envname(field.environment);
    if (field.required) option->required();
  }

  void Read(const Field& field, const std::string& text) const {
    if (field.read(text)) return;
    constexpr Words kNoValue{"not possible here", "impossible ici"};
    throw NotPossible{output_.Say({"{}: {}: {}", "{} : {} : {}"},
                                  Placeholder(field.name, output_.language), text,
                                  output_.Say(field.expects.value_or(kNoValue)))};
  }

  std::string Extras() const {
    std::string extras;
    for (const std::string& word : app_.remaining(true)) {
      extras += extras.empty() ? word : ' ' + word;
    }
    return extras;
  }

  Place Deepest() const {
    const CLI::App* at = &app_;
    while (!at->get_subcommands().empty()) at = at->get_subcommands().back();
    const auto found = places_.find(at);
    return found == places_.end() ? Place{} : found->second;
  }

  std::string Help(const Place& place) const {
    if (place.verb != nullptr) return HelpOf(*place.noun, *place.verb, output_);
    if (place.noun != nullptr) return HelpOf(*place.noun, output_);
    return HelpOfAll(nouns_, programs_, globals_, output_);
  }

  // CLI11 speaks English only: what it says is kept to names and values.
  std::string WhatIsWrong(const CLI::ParseError& error) const {
    const std::string what = error.what();
    const std::string first = what.substr(0, what.find(' '));

    if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
      return output_.Say({"{} is missing", "il manque {}"}, Placeholder(first, output_.language));
    }
    if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
      return output_.Say({"{} takes one value", "{} prend une valeur"},
                         first.substr(0, first.find(':')));
    }
    // Only flags are converted by CLI11: "Could not convert: --all = maybe".
    const size_t name = std::min(what.size(), what.find(": ") + 2);
    return output_.Say({"{} takes no value", "{} ne prend pas de valeur"},
                       what.substr(name, what.find(" = ", name) - name));
  }

  std::expected<const Verb*, ExitCode> Complain(const std::string& what) {
    output_.err << Paint(Style::kBad, "jalon: ", output_.colour_err) << what << '\n'
                << output_.Say({"Try --help.\n", "Voyez --help.\n"});
    return std::unexpected(ExitCode::kUsage);
  }

  std::span<const Noun> nouns_;
  std::span<const Program> programs_;
  std::span<const Field> globals_;
  Output& output_;
  CLI::App app_;
  std::map<const CLI::App*, Place> places_;
};

}  // namespace

std::expected<const Verb*, ExitCode> Parse(std::span<const Noun> nouns,
                                           std::span<const Program> programs,
                                           std::span<const Field> globals,
                                           std::vector<std::string> arguments, Output& output) {
  return Parser(nouns, programs, globals, output).Run(std::move(arguments));
}

}  // namespace jalon::cli
