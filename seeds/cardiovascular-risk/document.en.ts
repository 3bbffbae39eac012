import type { CaseDocument } from '../../src/cases/case-document';
import { REFERENCES } from './references';

export const documentEn: CaseDocument = {
  title: 'Ten-year cardiovascular risk in primary care',
  summary:
    'Estimates from eight values of a routine check-up how likely a first cardiovascular event is within ten years, as a calibrated probability that a doctor and a patient can talk about. The data are sampled from a published risk function, so the best possible result is known and the model can be judged against it. For teaching only: this is not a medical device and must not be used for decisions about a person.',
  background: [
    'Heart attack, stroke, heart failure and peripheral artery disease share their causes: age, blood pressure, cholesterol, smoking, diabetes. None of them decides alone. A pressure of 140 mm Hg means something else for a man of 68 who smokes than for a woman of 40 who does not. Guidelines therefore base prevention on the total risk over ten years rather than on single values.',
    "The Framingham Heart Study has followed a town in Massachusetts since 1948. In 2008 it published one risk function for all cardiovascular events for use in primary care, fitted to 8,491 people between 30 and 74 years, 1,174 of whom had a first event within twelve years (D'Agostino et al.). Such functions must be re-estimated: baseline risks differ between countries and fall over decades, and a function that is right in one clinic can be wrong by a factor of two in another.",
    'The case walks through that re-estimation as a clinic or a health insurer would do it on its own records: learn the risk from local data, prove that the probabilities are right, and hand them to people who did not build the model.',
  ],
  data: {
    origin:
      'Generated when the case runs, from a seed. Each person is drawn from distributions with the means, deviations and shares of the Framingham cohort by sex (Table 1 of the 2008 paper); the event is drawn with exactly the probability that the published Cox function gives for the visible values (Table 2: baseline survival after ten years 0.95012 for women, 0.88936 for men). Assumed, because the paper gives no joint distribution: age is truncated normal; cholesterol, HDL and pressure are log-normal; cholesterol and pressure rise with age; treatment is more likely with high pressure and age, diabetes with age, smoking less so. As a check, the mean of the linear predictor comes out within 0.02 of the published 26.1931 and 23.9802, and the discrimination of the true risk within 0.01 of the published C statistics (0.793 women, 0.763 men).',
    columns: [
      { name: 'sex', unit: 'female, male', description: 'Sex, 53 % female as in the cohort.' },
      { name: 'age_years', unit: 'years', description: 'Age at the check-up, 30 to 74.' },
      { name: 'total_cholesterol_mg_dl', unit: 'mg/dL', description: 'Total cholesterol; 1 mmol/L is 38.67 mg/dL.' },
      { name: 'hdl_cholesterol_mg_dl', unit: 'mg/dL', description: 'HDL cholesterol; higher is better.' },
      { name: 'systolic_pressure_mm_hg', unit: 'mm Hg', description: 'Systolic blood pressure, seated.' },
      { name: 'pressure_treated', unit: 'yes, no', description: 'Takes medicine against high blood pressure.' },
      { name: 'smoker', unit: 'yes, no', description: 'Smokes now.' },
      { name: 'diabetes', unit: 'yes, no', description: 'Diabetes is known or glucose is in the diabetic range.' },
      {
        name: 'cvd_within_10_years',
        unit: 'yes, no',
        description: 'The target: a first cardiovascular event within ten years.',
      },
    ],
    limits: [
      'The people are invented. Nothing here is evidence about disease; all knowledge about risk comes from the published function.',
      'Everyone is followed for ten years. In real records people move away or die of something else; leaving them out biases the risk, and methods for censored times are needed.',
      "The cohort was white, from one town, examined between 1968 and 1987. The function overestimates the risk in many of today's populations.",
      'No values are missing and none is mismeasured. In records cholesterol is measured in those suspected of high cholesterol: that it is missing says something by itself.',
      'The model learns association, not effect. It does not say by how much the risk falls if this person stops smoking.',
    ],
  },
  technique: {
    choice:
      'Binary classification with calibrated probabilities: logistic regression and small neural networks trained on the same rows, and the best on the validation part is kept (family `auto`).',
    reasons: [
      'The true risk is close to a logistic curve over the logarithms of the inputs, with one curve per sex. Logistic regression is nearly right by construction and every coefficient can be discussed; the networks may find the rest, such as the different weight of pressure in women and men.',
      'Log loss is a proper score: it is smallest when the probabilities are the true ones. A doctor tells the patient the number, so the number itself must be right, not just the order.',
      'With eight inputs and about 2,300 events there is ample data for a linear model and enough for a small network; anything larger would only learn noise.',
      'Both can be exported with their preprocessing as one file, run on any computer in the clinic and checked by an outsider.',
    ],
    alternatives: [
      {
        technique: 'Cox regression or other survival models',
        reason:
          'The right choice as soon as follow-up is incomplete or the time of the event matters. Here everyone is followed for the full ten years, so the question is a yes or no.',
      },
      {
        technique: 'The published function as it is',
        reason:
          "Free, transparent and validated, and the yardstick here. In one's own population it must be checked and usually recalibrated; that is what the case exercises.",
      },
      {
        technique: 'Gradient-boosted trees',
        reason:
          'No advantage where the truth is smooth and additive on a log scale; their steps in age and pressure are hard to explain to a patient and they need separate calibration.',
      },
      {
        technique: 'Balancing the classes by resampling or weights',
        reason:
          'Raises recall at 0.5 and ruins calibration: every probability comes out several times too high. The threshold is the place to trade the two errors.',
      },
    ],
  },
  steps: [
    {
      title: 'Define population and outcome',
      text: 'Adults from 30 to 74 without known cardiovascular disease; the first event of any kind within ten years, by a list of diagnosis codes that two doctors agreed on. Write down who is left out and why.',
    },
    {
      title: 'Extract',
      text: 'One row per person with values from the check-up and none from later. Replace names and numbers by a pseudonym before the data leave the clinic; ask the ethics board first.',
    },
    {
      title: 'Upload and read the profile',
      text: 'Units first: cholesterol in mmol/L shows as values below 15. Then ranges, shares and missing values, for women and men.',
    },
    {
      title: 'Split',
      text: 'Stratified 80/20. With real records hold out the latest years or another clinic: that is the situation the model will meet.',
    },
    {
      title: 'Train',
      text: 'Preprocessing is fitted on the train part only and travels inside the model. The leaderboard shows what each family reached on the validation part.',
    },
    {
      title: 'Evaluate',
      text: 'Log loss and calibration first, then ROC AUC with its interval. `evaluation { groups }` of the run has the same for women and men separately; the C statistics of the paper differ too, 0.793 and 0.763. Compare with the published function on the same rows; a model that does not beat it is not needed.',
    },
    {
      title: 'Review',
      text: 'A doctor goes through twenty predictions, among them the strangest. A statistician who did not build the model repeats the evaluation from the run.',
    },
    {
      title: 'Deploy for display only',
      text: 'The number stands next to the published score in the record. Nothing is triggered by it until its calibration has been watched for a year.',
    },
  ],
  operations: {
    monitoring:
      "Planned: drift and outcomes in the product; until then look at the recorded predictions and their notes yourself. Monthly: distribution of each input and of the predicted risk against training, by clinic, sex and age group. Outcomes take years, so watch early signs: events within one and two years against their expected number. Call the model's owner when observed over expected leaves 0.8 to 1.25 in any group.",
    retraining:
      'Planned: champion and challenger, so that a new version answers beside the running one before it replaces it. Recalibrate (intercept and slope) every year; train again every three to five years, when a laboratory method or a treatment guideline changes, or when the population does. Each new version is reviewed like the first.',
    threshold:
      'None by default: show the probability. Where guidelines ask for classes, use theirs (the Framingham paper: below 6 % low, 6–20 % intermediate, above 20 % high) and say which guideline it is. If treatment is offered above a risk t, then t / (1 - t) states how many people treated for nothing one prevented event is worth; with that ratio as `errorCosts` of SELECT_COLUMNS the model answers by it.',
    errorCosts:
      'Too low: prevention is not offered, and an event may happen that need not have. Too high: years of medicine with side effects, and worry. Both grow with how wrong the probability is, which is why calibration comes before discrimination.',
  },
  userExperience: [
    'The doctor sees one sentence and one picture: "Of 100 people like you, 10 have an event within ten years", with a hundred figures, ten of them coloured. Percentages with decimals are hidden.',
    'Planned: the values that contributed most are listed, changeable ones first: smoking, pressure, cholesterol; then age and diabetes.',
    'A value out of the training range, an unknown one or a missing one is refused with the reason instead of being answered ("systolic_pressure_mm_hg 40 is outside the range in training"): the deployment has the policy REFUSE.',
    "Each number links to the model version, its evaluation and this document; a note says that it supports and does not replace the doctor's judgement.",
  ],
  successFactors: [
    'A doctor leads, not the data team; the first use is agreed before the first training.',
    'Calibration by group, shown openly, including the groups where it is worse.',
    'Data protection and regulation from the first day: software that informs treatment is a medical device in most countries, with all that follows.',
    'Few inputs that every check-up already has; each further question halves the number of completed forms.',
    'A fixed date for looking at the outcomes, with the right to switch the model off.',
  ],
  metricReasons: [
    {
      metric: 'rocAuc',
      reason:
        'The true probabilities themselves reach 0.788 in this population (200,000 people sampled); no model can do better except by chance. The held-out part has about 460 events, which gives a standard error of 0.012; the tolerance is three of them. Above the band, look for a leak.',
    },
    {
      metric: 'logLoss',
      reason:
        'The true probabilities reach 0.299 in expectation; always saying 11.6 % gives 0.358. The tolerance is three standard errors of the mean over 4,000 held-out rows.',
    },
  ],
  references: REFERENCES,
};
