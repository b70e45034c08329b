// Page 10 of the ministry's work-study reference framework (2006, ISBN 2-550-46292-0), sentence by
// sentence. Several rules may be stated by one sentence.
#include "services/domain/words/words.h"

namespace jalon::domain {
namespace {

constexpr std::string_view kAimFr =
    "La séquence de développement de compétences vise à développer, en milieu de travail, une ou "
    "plusieurs compétences, ou éléments de compétences du programme d’études.";
constexpr std::string_view kAimEn =
    "The purpose of the competency development sequence is to develop, in the workplace, one or "
    "more competencies, or elements of competencies, of the programme of study.";
constexpr std::string_view kImposedFr =
    "Bien que libellées dans un vocabulaire proche des réalités du monde du travail, ces activités "
    "sont imposées par l’établissement scolaire, qui les définit avec suffisamment de précision "
    "pour en assurer la réalisation en entreprise.";
constexpr std::string_view kImposedEn =
    "Although worded in a vocabulary close to the realities of the world of work, these activities "
    "are imposed by the school, which defines them precisely enough to ensure that they are "
    "carried out in the company.";
constexpr std::string_view kModesFr =
    "En alternance travail-études en formation professionnelle, la séquence de développement de "
    "compétences en milieu de travail peut être conçue selon deux modes d’aménagement, soit le "
    "développement complet et le développement partiel d’une ou de plusieurs compétences, selon "
    "les besoins du programme, ainsi que l’intérêt et la capacité d’accueil des entreprises.";
constexpr std::string_view kModesEn =
    "In work-study vocational training, the workplace competency development sequence may be "
    "designed in two modes, complete development and partial development of one or more "
    "competencies, according to the needs of the programme and to the interest and hosting "
    "capacity of the companies.";
constexpr std::string_view kSummativeFr =
    "Sous la responsabilité exclusive de l’établissement scolaire et selon le niveau de "
    "performance exigé au programme d’études, l’évaluation sommative du ou des modules visés doit "
    "inclure les activités de formation accomplies lors du séjour en entreprise et être faite "
    "obligatoirement après la réalisation de ce dernier.";
constexpr std::string_view kSummativeEn =
    "Under the exclusive responsibility of the school and by the performance level that the "
    "programme of study requires, the summative evaluation of the module or modules concerned must "
    "include the training activities accomplished during the stay in the company and must be done "
    "after that stay.";
constexpr std::string_view kFormativeFr =
    "En matière d’évaluation, la responsabilité confiée à l’entreprise se limite à l’évaluation "
    "formative consistant à « estimer » les apprentissages réalisés par les élèves et à « en "
    "rendre compte », au regard des objectifs prévus à la séquence en entreprise.";
constexpr std::string_view kFormativeEn =
    "As to evaluation, the responsibility given to the company is limited to formative evaluation, "
    "which consists in “estimating” what the students learned and in “reporting on it”, against "
    "the objectives set for the sequence in the company.";
constexpr std::string_view kAttitudesFr =
    "Bien que la séquence de développement de compétences vise prioritairement l’atteinte "
    "d’objectifs liés au programme d’études, la présence de l’élève en milieu de travail favorise "
    "également le développement d’attitudes et de comportements sociaux auxquels il conviendra "
    "d’assurer, en milieu scolaire, une préparation adéquate et un suivi approprié.";
constexpr std::string_view kAttitudesEn =
    "Although the competency development sequence aims first at reaching objectives of the "
    "programme of study, the student’s presence in the workplace also fosters the development of "
    "attitudes and social behaviours, for which it will be fitting to provide, in school, adequate "
    "preparation and appropriate follow-up.";

constexpr SourceSentence kSentences[] = {
    {"R1", kAimFr, kAimEn},
    {"R2",
     "Le milieu de travail est alors utilisé pour favoriser l’atteinte de certains objectifs du "
     "programme d’études.",
     "The workplace is then used to help reach certain objectives of the programme of study."},
    {"R3",
     "La séquence de développement de compétences en milieu de travail se déroule à l’intérieur "
     "des heures imparties au programme d’études.",
     "The workplace competency development sequence takes place within the hours allotted to the "
     "programme of study."},
    {"R4",
     "Occasionnellement et au besoin, elle peut entraîner l’ajout de quelques heures, sans pour "
     "autant en changer l’intention pédagogique.",
     "Occasionally and as needed, it may entail the addition of a few hours, without changing "
     "its pedagogical intent."},
    {"R5",
     "Lors de séquences de développement de compétences, l’entreprise est tenue de faire "
     "réaliser à l’élève les activités de formation requises en vue de la reconnaissance des "
     "compétences et de la sanction du programme d’études.",
     "During competency development sequences, the company must have the student carry out the "
     "training activities required for the recognition of competencies and the certification of "
     "the programme of study."},
    {"R6", kImposedFr, kImposedEn},
    {"R7", kImposedFr, kImposedEn},
    {"R8",
     "Il faut souligner que les heures passées en milieu de travail en vue du développement de "
     "compétences ne se limitent pas aux stages prescrits au programme d’études, mais elles les "
     "incluent.",
     "It must be stressed that the hours spent in the workplace to develop competencies are not "
     "limited to the practicums prescribed by the programme of study, but include them."},
    {"R9", kModesFr, kModesEn},
    {"R10", kModesFr, kModesEn},
    {"R11",
     "Ces deux modes d’aménagement des activités de formation en milieu de travail peuvent se "
     "combiner à l’intérieur d’une même séquence de développement de compétences.",
     "These two modes of arranging training activities in the workplace may be combined within "
     "one competency development sequence."},
    {"R12",
     "Dans un contexte où le milieu de travail est mis à contribution pour le développement de "
     "compétences, le contenu de la séquence en entreprise fait partie intégrante du programme "
     "d’études et est alors dicté par les objectifs de celui-ci.",
     "Where the workplace is called upon to develop competencies, the content of the sequence in "
     "the company is an integral part of the programme of study and is then dictated by its "
     "objectives."},
    {"R13",
     "L’établissement scolaire doit donc s’assurer que l’entreprise met à la disposition de "
     "l’élève dans un programme d’études en alternance les ressources humaines et matérielles "
     "nécessaires à son apprentissage, afin de lui permettre de réaliser les activités de "
     "formation prévues.",
     "The school must therefore make sure that the company makes available to the student of a "
     "work-study programme the human and material resources needed for learning, so that the "
     "student can carry out the training activities planned."},
    {"R14",
     "Il devra également prévoir des activités en milieu scolaire pour les élèves dont le séjour "
     "en entreprise n’aurait pas permis de réaliser toutes les activités de formation prévues.",
     "It must also provide for activities in school for students whose stay in the company did "
     "not make it possible to carry out all the training activities planned."},
    {"R15", kSummativeFr, kSummativeEn},
    {"R16", kSummativeFr, kSummativeEn},
    {"R17", kSummativeFr, kSummativeEn},
    {"R18", kSummativeFr, kSummativeEn},
    {"R19",
     "L’entreprise s’engage à mettre en place, en collaboration avec l’établissement scolaire, "
     "les dispositifs nécessaires à l’accompagnement de l’élève dans un programme en alternance "
     "et à la supervision des activités de formation requises.",
     "The company undertakes to set up, together with the school, the arrangements needed to "
     "accompany the student of a work-study programme and to supervise the training activities "
     "required."},
    {"R20", kFormativeFr, kFormativeEn},
    {"R21", kFormativeFr, kFormativeEn},
    {"R22", kAttitudesFr, kAttitudesEn},
    {"R23", kAttitudesFr, kAttitudesEn},
};

}  // namespace

std::span<const SourceSentence> SourceSentences() { return kSentences; }

}  // namespace jalon::domain
