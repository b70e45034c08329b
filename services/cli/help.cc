#include "services/cli/help.h"

#include <fmt/format.h>

#include "services/cli/table.h"

namespace jalon::cli {
namespace {

constexpr size_t kIndent = 2;

std::string Heading(const Words& words, const Output& output) {
  return '\n' + Paint(Style::kBold, output.Say(words), output.colour_out) + '\n';
}

// Two columns, indented; what the right one does not hold in a line goes on below it.
std::string Rows(const std::vector<std::pair<std::string, std::string>>& rows,
                 const Output& output) {
  constexpr size_t kNamesMax = 34;  // a longer name has its words on the next line
  constexpr size_t kWidthElse = 100;
  size_t names = 0;
  for (const auto& [name, words] : rows) {
    if (DisplayWidth(name) <= kNamesMax) names = std::max(names, DisplayWidth(name));
  }
  const size_t left = kIndent + names + 2;
  const size_t width = output.width > 0 ? output.width : kWidthElse;
  const size_t room = width > left + 20 ? width - left : 20;
  std::string text;
  for (const auto& [name, words] : rows) {
    std::string margin = std::string(kIndent, ' ') + name;
    if (DisplayWidth(margin) + 2 > left) {
      text += margin + '\n';
      margin.clear();
    }
    for (const std::string& line : Wrap(words, room)) {
      text += Pad(margin, left) + line + '\n';
      margin.clear();
    }
  }
  return text;
}

std::string FieldRows(std::span<const Field> fields, const Output& output) {
  std::vector<std::pair<std::string, std::string>> rows;
  for (const Field& field : fields) {
    std::string words(field.help.In(output.language));
    if (field.required && !field.IsPositional()) {
      words += output.Say({" (required)", " (obligatoire)"});
    }
    if (field.many) words += output.Say({" (may be repeated)", " (peut être répété)"});
    if (!field.environment.empty()) words += fmt::format(" [{}]", field.environment);
    rows.emplace_back(
        field.IsPositional() || field.value.empty()
            ? Placeholder(field.name, output.language)
            : fmt::format("{} {}", field.name, Placeholder(field.value, output.language)),
        std::move(words));
  }
  return Rows(rows, output);
}

std::string Usage(const std::string& line, const Output& output) {
  return output.Say({"Usage: jalon {}\n", "Usage : jalon {}\n"}, line);
}

}  // namespace

std::string HelpOfAll(std::span<const Noun> nouns, std::span<const Program> programs,
                      std::span<const Field> globals, const Output& output) {
  std::string text = Usage(output.Say({"NOUN [VERB] [options]", "NOM [VERBE] [options]"}), output);
  std::vector<std::pair<std::string, std::string>> rows;
  for (const Program& program : programs) {
    rows.emplace_back(program.name, program.help.In(output.language));
  }
  for (const Noun& noun : nouns) rows.emplace_back(noun.name, noun.help.In(output.language));
  text += Heading({"Nouns", "Noms"}, output) + Rows(rows, output);
  text += Heading({"Options of every verb", "Options de chaque verbe"}, output);
  text += FieldRows(globals, output);
  text +=
      output.Say({"\n`jalon NOUN --help` lists its verbs, `jalon NOUN VERB --help` its options. "
                  "`jalon call` reaches every\ncommand and query there is.\n",
                  "\n`jalon NOM --help` donne ses verbes, `jalon NOM VERBE --help` ses options. "
                  "`jalon call` atteint toutes\nles commandes et toutes les requêtes.\n"});
  return text;
}

std::string HelpOf(const Noun& noun, const Output& output) {
  if (noun.verbs.size() == 1 && noun.verbs[0].name.empty()) {
    return HelpOf(noun, noun.verbs[0], output);
  }
  std::string text =
      Usage(noun.name + ' ' + output.Say({"VERB [options]", "VERBE [options]"}), output);
  text += fmt::format("\n{}.\n", noun.help.In(output.language));
  std::vector<std::pair<std::string, std::string>> rows;
  rows.reserve(noun.verbs.size());
  for (const Verb& verb : noun.verbs) rows.emplace_back(verb.name, verb.help.In(output.language));
  return text + Heading({"Verbs", "Verbes"}, output) + Rows(rows, output);
}

std::string HelpOf(const Noun& noun, const Verb& verb, const Output& output) {
  std::string line = noun.name + (verb.name.empty() ? "" : ' ' + verb.name);
  bool options = false;
  for (const Field& field : verb.fields) {
    if (field.IsPositional()) {
      const std::string name = Placeholder(field.name, output.language) + (field.many ? "…" : "");
      line += field.required ? ' ' + name : " [" + name + ']';
    }
    options = options || !field.IsPositional();
  }
  if (options) line += " [options]";
  std::string text = Usage(line, output);
  text += fmt::format("\n{}.\n", verb.help.In(output.language));
  if (!verb.fields.empty()) {
    text += Heading({"Arguments and options", "Arguments et options"}, output);
    text += FieldRows(verb.fields, output);
  }
  if (verb.needs_data) {
    text +=
        output.Say({"\nIt works on a server's data folder: --data DIR [JALON_DATA] is needed.\n",
                    "\nTravaille sur le dossier de données d'un serveur : il faut --data DOSSIER "
                    "[JALON_DATA].\n"});
  }
  text += output.Say(
      {"\nOptions of every verb: jalon --help\n", "\nOptions de chaque verbe : jalon --help\n"});
  return text;
}

}  // namespace jalon::cli
