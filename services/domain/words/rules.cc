// R1 to R23. The French is the source's own; where a sentence states several rules, each has its
// part.
#include <array>

#include "eventstore/base/check.h"
#include "services/domain/explain.h"

namespace jalon::domain {
namespace {

constexpr std::array<RuleText, 23> kRules = {{
    {.french =
         "La séquence de développement de compétences vise à développer, en milieu de travail, une "
         "ou plusieurs compétences, ou éléments de compétences du programme d'études.",
     .english = "A development sequence aims to develop, in the workplace, one or more "
                "competencies, or elements of competencies, of the programme of study."},
    {.french = "Le milieu de travail est alors utilisé pour favoriser l'atteinte de certains "
               "objectifs du programme d'études.",
     .english =
         "The workplace is then used to help reach certain objectives of the programme of study."},
    {.french = "La séquence de développement de compétences en milieu de travail se déroule à "
               "l'intérieur des heures imparties au programme d'études.",
     .english =
         "A development sequence takes place within the hours allotted to the programme of study."},
    {.french = "Occasionnellement et au besoin, elle peut entraîner l'ajout de quelques heures, "
               "sans pour autant en changer l'intention pédagogique.",
     .english = "Occasionally, as needed, it may lead to a few hours being added, without changing "
                "its pedagogical intent."},
    {.french = "Lors de séquences de développement de compétences, l'entreprise est tenue de faire "
               "réaliser à l'élève les activités de formation requises en vue de la reconnaissance "
               "des compétences et de la sanction du programme d'études.",
     .english = "The company must have the student carry out the training activities required for "
                "the recognition of competencies and the certification of the programme."},
    {.french = "Bien que libellées dans un vocabulaire proche des réalités du monde du travail, "
               "ces activités sont imposées par l'établissement scolaire",
     .english =
         "Although worded close to the world of work, these activities are imposed by the school."},
    {.french = "qui les définit avec suffisamment de précision pour en assurer la réalisation en "
               "entreprise.",
     .english = "The school defines them precisely enough to ensure that they are carried out in "
                "the company."},
    {.french = "Il faut souligner que les heures passées en milieu de travail en vue du "
               "développement de compétences ne se limitent pas aux stages prescrits au programme "
               "d'études, mais elles les incluent.",
     .english = "The hours spent in the workplace to develop competencies are not limited to the "
                "practicums that the programme prescribes, but include them."},
    {.french = "En alternance travail-études en formation professionnelle, la séquence de "
               "développement de compétences en milieu de travail peut être conçue selon deux "
               "modes d'aménagement, soit le développement complet et le développement partiel "
               "d'une ou de plusieurs compétences",
     .english = "In vocational training a development sequence may be designed in two modes: the "
                "complete or the partial development of one or more competencies."},
    {.french = "selon les besoins du programme, ainsi que l'intérêt et la capacité d'accueil des "
               "entreprises.",
     .english = "The mode follows the needs of the programme, and the interest and hosting "
                "capacity of companies."},
    {.french =
         "Ces deux modes d'aménagement des activités de formation en milieu de travail peuvent se "
         "combiner à l'intérieur d'une même séquence de développement de compétences.",
     .english = "Both modes may be combined in one development sequence."},
    {.french = "le contenu de la séquence en entreprise fait partie intégrante du programme "
               "d'études et est alors dicté par les objectifs de celui-ci.",
     .english = "The content of the sequence in the company is an integral part of the programme "
                "of study, and is dictated by its objectives."},
    {.french = "L'établissement scolaire doit donc s'assurer que l'entreprise met à la disposition "
               "de l'élève dans un programme d'études en alternance les ressources humaines et "
               "matérielles nécessaires à son apprentissage, afin de lui permettre de réaliser les "
               "activités de formation prévues.",
     .english = "The school must ensure that the company makes available the human and material "
                "resources that the student needs to carry out the planned training activities."},
    {.french = "Il devra également prévoir des activités en milieu scolaire pour les élèves dont "
               "le séjour en entreprise n'aurait pas permis de réaliser toutes les activités de "
               "formation prévues.",
     .english = "The school must also provide in-school activities for students whose stay did not "
                "allow all the planned training activities."},
    {.french = "Sous la responsabilité exclusive de l'établissement scolaire",
     .english = "Summative evaluation is the exclusive responsibility of the school."},
    {.french = "et selon le niveau de performance exigé au programme d'études",
     .english = "It is done by the performance level that the programme of study requires."},
    {.french = "l'évaluation sommative du ou des modules visés doit inclure les activités de "
               "formation accomplies lors du séjour en entreprise",
     .english = "The summative evaluation of the modules concerned must include the training "
                "activities accomplished during the stay."},
    {.french = "et être faite obligatoirement après la réalisation de ce dernier.",
     .english = "And it must come after the stay."},
    {.french = "L'entreprise s'engage à mettre en place, en collaboration avec l'établissement "
               "scolaire, les dispositifs nécessaires à l'accompagnement de l'élève dans un "
               "programme en alternance et à la supervision des activités de formation requises.",
     .english = "The company undertakes to set up, with the school, what is needed to accompany "
                "the student and to supervise the required training activities."},
    {.french = "En matière d'évaluation, la responsabilité confiée à l'entreprise se limite à "
               "l'évaluation formative consistant à « estimer » les apprentissages réalisés par "
               "les élèves",
     .english = "In evaluation, the company's responsibility is limited to formative evaluation: "
                "to estimate what students have learned."},
    {.french =
         "et à « en rendre compte », au regard des objectifs prévus à la séquence en entreprise.",
     .english = "And to report on it, against the objectives of the sequence in the company."},
    {.french = "la présence de l'élève en milieu de travail favorise également le développement "
               "d'attitudes et de comportements sociaux auxquels il conviendra d'assurer, en "
               "milieu scolaire, une préparation adéquate",
     .english = "The student's presence in the workplace also fosters attitudes and social "
                "behaviours, for which the school should prepare the student suitably."},
    {.french = "et un suivi approprié.", .english = "And which it should follow up, in school."},
}};

}  // namespace

const RuleText& TextOfRule(int number) {
  JALON_CHECK(number >= 1 && number <= 23);
  return kRules.at(static_cast<size_t>(number - 1));
}

}  // namespace jalon::domain
