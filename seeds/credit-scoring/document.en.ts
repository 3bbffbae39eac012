import type { CaseDocument } from '../../src/cases/case-document';
import { REFERENCES } from './references';

export const documentEn: CaseDocument = {
  title: 'Credit scoring with reasons',
  summary:
    'Estimates how likely an applicant for a credit card defaults within twelve months, refuses where the expected loss is larger than the expected gain, and says why. Boosted trees with directions that a credit officer would sign are trained beside a logistic regression and a deep network; the scores are read for women and men and by age apart. The data are sampled from a published scorecard, so the best possible result is known. For teaching only, never for decisions about a person.',
  background: [
    'A lender decides on thousands of small applications a day, with little time for each. Since the 1950s this is done by scorecards: each answer of the form gives points, the sum is compared with a cutoff. A scorecard is quick, the same for everyone, and can be read aloud. It is also tedious to build: somebody cuts each characteristic into bins by hand, and keeps the points in an order that makes sense.',
    'The two errors cost differently. An applicant who is accepted and defaults costs a large part of the credit; one who is refused and would have paid costs the margin of an account that is never opened. Accuracy does not see this. With one default in ten, accepting everybody is right nine times in ten.',
    'Credit is regulated like few other uses of statistics. In the United States a refusal must name its main reasons (Regulation B, 12 CFR 1002.9), and sex, race or marital status must not be used; age may, if old age does not count against the applicant (12 CFR 1002.6). In the European Union the assessment of the creditworthiness of natural persons is a high-risk use of artificial intelligence (Regulation 2024/1689, Annex III). A model that cannot be explained or that gives a worse score for a higher income does not pass, however well it ranks.',
  ],
  data: {
    origin:
      'Generated when the case runs, from a seed. The default of each applicant is drawn with exactly the probability of a published scorecard: that of the case study in the documentation of MathWorks Financial Toolbox, a logistic regression on the weights of evidence of seven characteristics, fitted to the 1,200 accounts (803 good, 397 bad) of Refaat (2011). What a value adds to the log odds of good to bad is 0.70239 / 7 + coefficient × weight of evidence, with the coefficients 0.60833 (age), 1.37701 (residence), 0.88565 (employment), 0.70164 (income), 1.10742 (months with the bank), 1.08835 (other card) and 1.04499 (card balance). As a check, the scores that the documentation lists for its first ten customers come out to the fourth decimal. The accounts hold more bad ones than a book of loans; the odds are therefore moved to one default in ten (offset method, Siddiqi 2006). Applicants are drawn with the means, deviations and bounds of these accounts (age 45.2 with a deviation of 9.8, income 39,318 with 8,265, correlation 0.61) and their shares of residence, employment and cards. Assumed, as the accounts say nothing of it: half of the applicants are women, whose mean income is 4,800 lower; 3 % of those who state their employment and 12 % of the others leave the income out; the months at the address have no effect, as the fit found none.',
    columns: [
      {
        name: 'sex',
        unit: 'female, male',
        description: 'Protected: left out of the model, and read to compare its scores for women and men.',
      },
      { name: 'age_years', unit: 'years', description: 'Age, 21 to 74.' },
      { name: 'income', unit: 'currency units per year', description: 'Income, to the thousand; 8 % leave it out.' },
      { name: 'employment', unit: 'employed, unknown', description: 'Whether an employer is stated; 47 % do.' },
      { name: 'residence', unit: 'owner, tenant, other', description: 'How the applicant lives.' },
      { name: 'months_at_address', unit: 'months', description: 'Time at the address. It has no effect here.' },
      { name: 'months_with_bank', unit: 'months', description: 'How long the applicant has had an account.' },
      { name: 'other_card', unit: 'yes, no', description: 'Has a card of another bank; 84 % do.' },
      {
        name: 'card_balance',
        unit: 'currency units',
        description: 'Balance on cards at the end of a month, on average.',
      },
      {
        name: 'default_within_12_months',
        unit: 'yes, no',
        description: 'The target: 90 days or more past due within twelve months of opening.',
      },
    ],
    limits: [
      'The applicants are invented. Nothing here is evidence about who pays; all knowledge about risk comes from the published scorecard, and that from 1,200 accounts of a textbook.',
      'Everyone is accepted and followed for twelve months. A lender sees the outcome of accepted applicants only; learning from them alone favours those who were accepted before (reject inference).',
      'The truth is a sum of steps, one characteristic at a time, without interactions. Real portfolios have some, and there boosted trees with more leaves gain more than here.',
      'Incomes are left out at random within a group. Where people hide a low income, that it is missing says something by itself.',
      'Sex acts through income alone. Real data also hold proxies that nobody listed, and outcomes that earlier decisions have shaped.',
    ],
  },
  technique: {
    choice:
      'Binary classification by boosted trees of two leaves with monotone constraints (family `boosting`): a sum of one falling or rising curve for each column, which is a scorecard that finds its own bins. A logistic regression and a deep network are trained on the same rows as a comparison, in the same run of the case.',
    reasons: [
      'The published truth consists of steps: a month more with the bank says nothing until the twelfth. Trees find steps; a straight line cannot bend to them, and a network needs more data than there are.',
      'The directions are part of the model, not a hope: the probability of default never rises with age, income or months with the bank, and never falls with the balance (`monotone`). They also guard against noise: without them and with the default of 31 leaves the same family ranks worse, ROC AUC 0.634 in place of 0.650 on the seed of the case.',
      'With two leaves no tree sees two columns, so what a column adds does not depend on the others. The reasons of a refusal are then exact, and an officer can check each curve against experience.',
      'Missing incomes go the way that fits best at each split; nothing is filled in.',
      'Log loss is minimized, so the probabilities can be weighed against costs. Classes are not balanced by weights: that would ruin them.',
    ],
    alternatives: [
      {
        technique: 'Logistic regression',
        reason:
          'The comparison that has to be beaten: trained in seconds, every coefficient can be discussed. On five seeds it reached a ROC AUC of 0.643 to 0.651 where the trees reached 0.650 to 0.662, and it was behind on each. Where a lender has few defaults, or a regulator who knows it, take it.',
      },
      {
        technique: 'A deep network',
        reason:
          'Three hidden layers reached 0.643 to 0.660, between the two. A network keeps no direction: of two applicants who differ in income alone it may refuse the richer one. And its reasons are approximations.',
      },
      {
        technique: 'A scorecard by hand',
        reason:
          'Weights of evidence and a logistic regression on bins, as in the published one: the standard of the trade and the truth here. The boosted trees arrive at nearly the same curves without the bins.',
      },
      {
        technique: 'Survival models',
        reason:
          'Right as soon as the time of the default matters, for prices or provisions, or where accounts are closed early. Here everyone is followed for twelve months.',
      },
    ],
  },
  steps: [
    {
      title: 'Agree on default and on costs',
      text: 'Write down what counts as a default and from when on, and ask finance what one costs and what a lost good customer costs. Only their ratio matters.',
    },
    {
      title: 'Collect',
      text: 'One row for each application, with what was known on the day of the decision and nothing later. Keep sex apart: the model must not read it, the review must.',
    },
    {
      title: 'Upload and read the profile',
      text: 'Income is missing in 8 % of the rows: leave it so. Look at ranges and at the share of defaults, for each quarter of opening.',
    },
    {
      title: 'Name the target, the costs and the groups',
      text: 'In SELECT_COLUMNS: `target`, `drop: ["sex"]`, `errorCosts: {"missed": 5, "falseAlarm": 1}`, `groups: ["sex", "age_years"]`. The costs are those of the Statlog set "German Credit", where a bad customer taken for a good one costs five times as much as the opposite.',
    },
    {
      title: 'Split',
      text: 'Stratified 80/20. With real applications hold out the latest months: economy and marketing move the mix.',
    },
    {
      title: 'Train three models',
      text: 'The case trains the boosted trees, the logistic regression and the network beside one another. All see the same rows and are scored on the same 8,000.',
    },
    {
      title: 'Compare',
      text: 'ROC AUC and Gini, which is 2 × AUC − 1; the largest distance between the two rates of the ROC curve, which the trade calls KS; `expectedToObserved`, which must be near 1, as the threshold hangs on it; and `cost`, beside its baseline: accepting everybody costs 5 for each default.',
    },
    {
      title: 'Look at the groups',
      text: '`evaluation { groups }` has every score for women, men and quarters of age. Compare `positiveRate` (the share refused), `recall`, `falsePositiveRate` and `expectedToObserved`, with their intervals, and write down what you find acceptable before you look.',
    },
    {
      title: 'Review',
      text: 'Two credit officers go through thirty refusals with their reasons. A statistician who did not build the model repeats the evaluation and tries pairs of applicants who differ in one value.',
    },
    {
      title: 'Deploy beside the old scorecard',
      text: 'For a quarter both score every application, and the old one decides. Then accept a small share of those that only the new model refuses: nothing else shows whether it is right.',
    },
  ],
  operations: {
    monitoring:
      'Each prediction is recorded with its inputs and the model version, and notes tell which input left its training range. Planned: drift and outcomes in the product; until then compute them from the recorded predictions. Monthly: the distribution of each input and of the score (population stability), the share refused in total and by sex and age, and for each month of opening the defaults so far against those expected. Call the owner when the share refused moves by a quarter, or when expected over observed leaves 0.8 to 1.25.',
    retraining:
      'Every year with the openings of which twelve months have passed, and after a change of products, channels or the economy. Planned: champion and challenger, so that a new version scores beside the running one. The directions stay; whoever wants to drop one has to argue for it in writing.',
    threshold:
      'Refuse when the expected loss is larger than the expected gain: from a probability of 1 / (1 + 5) = 0.167 on. On the scale of Siddiqi, with 600 points at odds of 50:1 and 20 points to double them, that is a cutoff of 534 points. The threshold is on the model card and in the file: other costs are another version of the pipeline, with another evaluation.',
    errorCosts:
      'An accepted default costs 5, a refused good customer 1; a right decision costs nothing. Accepting everybody costs 0.54 for each applicant, deciding by the true probabilities 0.50. The difference looks small and is paid for every application.',
  },
  userExperience: [
    'The clerk sees the decision, the score in points, and for a refusal up to four reasons in words, the heaviest first: "months with the bank: 5", "income: 24,000".',
    'Where the reasons come from: `predict` with `explain: { label: "yes" }` tells for each column what it adds to the log odds of default, beside the mean of the training. The reasons are the columns that add, at most four, as they come: the heaviest is first. Base and contributions together are the score; as no tree reads two columns, what a column adds depends on its value alone, and replacing the value by that of another applicant moves the score by exactly the difference. `evaluation { importances }` tells the same of all applicants together.',
    'In words: `age_years` is "age", `income` "income", `employment` "employer stated or not", `residence` "kind of residence", `months_at_address` "months at the address", `months_with_bank` "months with the bank", `other_card` "card of another bank", `card_balance` "balance on cards"; a missing value is "not stated".',
    'The applicant gets the same reasons in a letter, and what can be changed stands before what cannot. Reasons are not advice: that a longer account goes with fewer defaults does not mean that waiting helps.',
    'An income far above those in training is answered and noted: a person looks at it. A missing income is no reason to refuse by itself.',
    'The risk committee sees one page: three models side by side, costs, groups with intervals, and links to data, runs and this document.',
  ],
  successFactors: [
    'Costs from finance, agreed on before the first model, and looked at again when margins change.',
    'Directions signed by credit officers. They will find the one that is wrong faster than any test.',
    'A definition of fairness chosen by people with a mandate. Equal shares, equal error rates and calibration exclude one another when groups differ in risk; the product shows all, and decides for none.',
    'A stream of accepted applicants near the threshold, or the next model learns from its own decisions.',
    'Somebody who answers the phone when an applicant asks why.',
  ],
  metricReasons: [
    {
      metric: 'rocAuc',
      reason:
        'The true probabilities reach 0.658 on 200,000 sampled applicants (the published scorecard 0.661 on its accounts); no model can do better except by chance. Runs with five seeds gave 0.650 to 0.662 for the trees, 0.643 to 0.651 for the logistic regression, 0.643 to 0.660 for the network. Independent programs on the same rows, other splits: LightGBM with the same constraints 0.632 to 0.670, scikit-learn 0.631 to 0.667 by logistic regression and 0.621 to 0.656 by a network. The 8,000 held-out rows have about 860 defaults, a standard error of 0.0105; the tolerance is three of them. Above the band, look for a leak.',
    },
    {
      metric: 'logLoss',
      reason:
        'The true probabilities reach 0.326; always saying 10.8 % gives 0.342. Runs with five seeds gave 0.321 to 0.329 for the trees, LightGBM 0.324 to 0.334.',
    },
    {
      metric: 'cost',
      reason:
        'Deciding by the true probabilities costs 0.500 for each applicant, accepting everybody 0.538. Runs with five seeds gave 0.488 to 0.506 for the trees, 0.489 to 0.520 for the logistic regression, 0.486 to 0.512 for the network. The cost of a row varies by 1.3, which makes a standard error of 0.015; the tolerance is three of them.',
    },
    {
      metric: 'expectedToObserved',
      reason:
        'One where the probabilities are right on average, on which the threshold hangs. Runs with five seeds gave 0.995 to 1.010.',
    },
  ],
  references: REFERENCES,
};
