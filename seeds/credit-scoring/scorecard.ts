/**
 * The scorecard of "Case Study for Credit Scorecard Analysis" in the documentation of MathWorks Financial Toolbox, fitted to the
 * 1,200 accounts (803 good, 397 bad) that come with M. Refaat, "Credit Risk Scorecards: Development and Implementation Using
 * SAS", 2011. A logistic regression on weights of evidence: what a bin adds to the log odds of good to bad is
 * intercept / 7 + coefficient · ln((good / 803) / (bad / 397)). Seven characteristics of nine were kept by the stepwise fit.
 */
export interface Applicant {
  ageYears: number;
  residence: 'tenant' | 'owner' | 'other';
  employment: 'employed' | 'unknown';
  /** Per year. */
  income: number;
  monthsWithBank: number;
  otherCard: boolean;
  /** Monthly balance on cards, on average. */
  cardBalance: number;
}

/** Accounts of a bin; one of numbers holds values up to, but not including, `below`. */
export interface Bin {
  value: string | number;
  good: number;
  bad: number;
}

const GOOD = 803;
const BAD = 397;
const INTERCEPT = 0.70239;

interface Characteristic {
  coefficient: number;
  /** Of numbers by their upper bounds, of texts by their levels. */
  bins: Bin[];
}

const bin = (value: string | number, good: number, bad: number): Bin => ({ value, good, bad });

export const SCORECARD: Record<keyof Applicant, Characteristic> = {
  ageYears: {
    coefficient: 0.60833,
    bins: [
      bin(33, 70, 53),
      bin(37, 64, 47),
      bin(40, 73, 47),
      bin(46, 174, 94),
      bin(48, 61, 25),
      bin(58, 263, 105),
      bin(Infinity, 98, 26),
    ],
  },
  residence: { coefficient: 1.37701, bins: [bin('tenant', 307, 167), bin('owner', 365, 177), bin('other', 131, 53)] },
  employment: { coefficient: 0.88565, bins: [bin('unknown', 396, 239), bin('employed', 407, 158)] },
  income: {
    coefficient: 0.70164,
    bins: [
      bin(29_000, 53, 58),
      bin(33_000, 74, 49),
      bin(35_000, 68, 36),
      bin(40_000, 193, 98),
      bin(42_000, 68, 34),
      bin(47_000, 164, 66),
      bin(Infinity, 183, 56),
    ],
  },
  monthsWithBank: {
    coefficient: 1.10742,
    bins: [bin(12, 141, 90), bin(23, 165, 93), bin(45, 224, 125), bin(71, 177, 67), bin(Infinity, 96, 22)],
  },
  otherCard: { coefficient: 1.08835, bins: [bin('false', 116, 75), bin('true', 687, 322)] },
  cardBalance: {
    coefficient: 1.04499,
    bins: [bin(558.88, 346, 134), bin(1254.28, 309, 171), bin(1597.44, 76, 44), bin(Infinity, 72, 48)],
  },
};

const CHARACTERISTICS = Object.keys(SCORECARD) as (keyof Applicant)[];

/** What the value of a characteristic adds to the published log odds of good to bad. */
export function pointsOf(name: keyof Applicant, value: Applicant[keyof Applicant]): number {
  const { coefficient, bins } = SCORECARD[name];
  const { good, bad } = bins.find((one) =>
    typeof value === 'number' ? value < Number(one.value) : one.value === String(value),
  )!;
  return INTERCEPT / CHARACTERISTICS.length + coefficient * Math.log(good / GOOD / (bad / BAD));
}

/** Published log odds of good to bad, where a third of all accounts are bad. */
export const scoreOf = (applicant: Applicant): number =>
  CHARACTERISTICS.reduce((sum, name) => sum + pointsOf(name, applicant[name]), 0);

/** Assumed; the published accounts hold more bad ones than a lender's book does. */
export const DEFAULT_SHARE = 0.1;

/**
 * Probability of default within 12 months: the published odds, moved from the share of the accounts to that of a book
 * (the offset of N. Siddiqi, "Credit Risk Scorecards", 2006, "Adjusting for Prior Probabilities").
 */
export function defaultProbability(applicant: Applicant): number {
  const offset = Math.log((1 - DEFAULT_SHARE) / DEFAULT_SHARE) - Math.log(GOOD / BAD);
  return 1 / (1 + Math.exp(scoreOf(applicant) + offset));
}
