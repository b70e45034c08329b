// The nouns of the command line, one file each.
#pragma once

#include "services/cli/field.h"
#include "services/cli/wiring.h"

namespace jalon::cli {

Noun AccessNoun();
Noun CallNoun();
Noun CertNoun();
Noun ClockNoun();
Noun CompanyNoun();
Noun ExplainNoun();
Noun FeedNoun(const Wiring& wiring);
Noun LogNoun(const Wiring& wiring);
Noun MakeUpNoun();
Noun PersonNoun();
Noun ProgrammeNoun();
Noun SchoolNoun();
Noun SequenceNoun();
Noun SignerNoun(const Wiring& wiring);
Noun StayNoun();
Noun StudentNoun();
Noun TokenNoun();
Noun TrailNoun();
Noun VaultNoun(const Wiring& wiring);
Noun ViewNoun();

}  // namespace jalon::cli
