// The command line as data: nouns, their verbs, and the options of each. Nothing here parses;
// parse.h does, and help.h prints what is to be known of it.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/repeated_ptr_field.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "services/cli/exit_code.h"
#include "services/cli/words.h"

namespace jalon::cli {

class Session;

// One option ("--code") or positional argument ("STUDENT"). It writes into what the maker was
// given, which must outlive it.
struct Field {
  std::string name;
  std::string value;  // what stands for its value in the help, such as "CODE"; empty: a flag
  Words help;
  std::function<bool(const std::string&)> read;  // takes a value; false: it is none
  std::optional<Words> expects = {};             // what a value looks like, where `read` may refuse
  bool required = false;
  bool many = false;             // may be given more than once
  std::string environment = {};  // the variable that gives it where the command line does not

  bool IsPositional() const { return name[0] != '-'; }
  Field Required() const;
  Field From(std::string variable) const;
};

// A field's name or value as people read it: "FILE" is "FICHIER" in French, "--data" is what it is.
std::string Placeholder(const std::string& word, Language language);

// Makers, by what a value is. An id is lower- or upper-case hexadecimal of exactly `bytes` bytes.
Field Text(std::string name, std::string value, Words help, std::string* into);
Field Texts(std::string name, std::string value, Words help,
            google::protobuf::RepeatedPtrField<std::string>* into);
Field Id(std::string name, Words help, std::string* into, size_t bytes);
Field Ids(std::string name, Words help, google::protobuf::RepeatedPtrField<std::string>* into,
          size_t bytes);
Field Day(std::string name, Words help, std::function<void(uint32_t)> set);
Field Count(std::string name, Words help, uint32_t most, std::function<void(uint32_t)> set);
Field Flag(std::string name, Words help, std::function<void()> set);
// A value of a protobuf enum by its name without the prefix that all its values share, in any case:
// "dep", "DEP". `expects` names them.
Field Choice(std::string name, Words help, const google::protobuf::EnumDescriptor* choices,
             std::function<void(int)> set);
// The names that Choice takes, in the order of the enum, without the zero value.
std::vector<std::string> ChoicesOf(const google::protobuf::EnumDescriptor& choices);
// The value that Choice takes `text` for; null if it is none.
const google::protobuf::EnumValueDescriptor* ChoiceNamed(
    const google::protobuf::EnumDescriptor& choices, const std::string& text);
// The prefix that all values of the enum share: "STAY_STATE_".
std::string PrefixOf(const google::protobuf::EnumDescriptor& choices);

// `fields` and then `more`.
std::vector<Field> operator+(std::vector<Field> fields, const std::vector<Field>& more);

// What one may do with a noun. A name of two words ("policy set") is two words on the command line.
struct Verb {
  std::string name;  // empty: the noun alone
  Words help;
  std::vector<Field> fields;
  std::function<ExitCode(Session&)> run;
  bool needs_data = false;  // works on a server's data folder: not without --data
};

struct Noun {
  std::string name;
  Words help;
  std::vector<Verb> verbs;
};

// The noun, all of whose verbs need --data.
Noun OnDataFolder(Noun noun);

}  // namespace jalon::cli
