// Invented people, courses and lessons. Names in many scripts and lengths, because real rosters have them.
export const wholeNames = [
  "Amara Nwosu-Lindqvist",
  "Ottoline Vasquez-Brandt",
  "Ángel Ibarrondo",
  "Žofie Havránková",
  "李 雨桐",
  "عائشة الحمداني",
  "Олександра Вересень",
  "નીતા પારેખ",
  "이 서윤",
  "さくら 小野寺",
  "Þórdís Eyjólfsdóttir",
  "Maximiliana-Theodora von Hohenfels-Starhemberg zu Ostermünde",
  "X Æ",
  "דָּוִד בן־עמי",
  "Nguyễn Thị Ánh Tuyết",
  "Søren Ødegård",
  "Γεωργία Παπαδοπούλου",
  "สมหญิง แสงทอง",
  "Ọlábísí Adéyẹmí",
  "Jean-Baptiste d'Aubignac",
  "Mary O'Shaughnessy",
  "Łucja Wiśniewska-Żółć",
] as const;
export const givenNames = ["Ada", "Bruno", "Chiara", "Dmitri", "Elif", "Farah", "Goran", "Hana", "Ines", "Jonas", "Keiko", "Liam", "Mina", "Nils", "Oluwaseun", "Pavel", "Quirin", "Rosa", "Sana", "Tomás", "Ulla", "Viktor", "Wanda", "Yara", "Zeno"] as const;
export const familyNames = ["Abbott", "Brandner", "Castellanos", "Dvořák", "Eriksen", "Fontaine", "Grünwald", "Haddad", "Ivanović", "Jansson", "Kowalczyk", "Laurent", "Moreau", "Nakamura", "Obuya", "Petrov", "Quispe", "Rossi", "Sato", "Tanaka", "Ueda", "Vogel", "Weiss", "Yilmaz", "Zimmer"] as const;
export const courseTitles = [
  "Bread from first principles",
  "Reading weather",
  "Introduction to bookkeeping",
  "Spanish for the ward",
  "Repairing bicycles",
  "Statistics without fear",
  "Writing plain English",
  "Evening drawing",
  "Electricity at home, safely",
  "The history of the harbour",
  "Sewing and mending",
  "First aid refresher",
  "Databases for small teams",
  "Singing by ear",
  "Beekeeping through the year",
  "Public speaking",
  "Photography in low light",
  "Gardening on balconies",
  "Welding basics",
  "Algebra again",
  "A very long course title that a careful person wrote in full, with the intake, the year and the campus, because there were several of them (2026, winter, north campus)",
  "Conversation in Ukrainian",
] as const;
export const categories = ["Craft", "Science", "Business", "Languages", "Craft", "Mathematics", "Languages", "Art"] as const;
export const subCourseTitles = ["Foundations", "Practice", "Your own project"] as const;
export const lessonTitles = ["Before you begin", "Tools and words", "A first attempt", "What can go wrong", "Measuring", "Working together", "Reading an example", "A small project", "Looking back", "Where to go next"] as const;
