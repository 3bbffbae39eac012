import type { GeneratedTable } from '../../src/cases/case-definition';
import { round, Sampler, yesNo } from '../sampler';
import { defaultProbability, SCORECARD, type Applicant } from './scorecard';

/**
 * Applicants like the 1,200 accounts behind the scorecard. From these accounts: means, deviations and bounds below, the
 * correlation of age and income, and the shares of residence, employment and other cards (the counts of the scorecard).
 * Assumed, because the accounts say nothing of it: sex and its difference in income, and which incomes are missing.
 */
export const ACCOUNTS = {
  ageYears: { mean: 45.2, deviation: 9.8, minimum: 21, maximum: 74 },
  income: { mean: 39_318, deviation: 8_265, minimum: 18_000, maximum: 62_000 },
  ageIncomeCorrelation: 0.61,
  monthsWithBank: { mean: 34.2, minimum: 2, maximum: 128 },
  monthsAtAddress: { mean: 41.9, minimum: 2, maximum: 207 },
  cardBalance: { mean: 803, minimum: 0, maximum: 3_812 },
};

export type Sex = 'female' | 'male';

/** Assumed: mean incomes lie 12 % of the mean apart. */
const INCOME_OF_SEX: Record<Sex, number> = { female: -2_400, male: 2_400 };
/** Assumed: shares of applicants who do not state their income, by whether they state their employment. */
const INCOME_MISSING = { employed: 0.03, unknown: 0.12 };

interface Range {
  minimum: number;
  maximum: number;
}

/** Draws until a value lies in the range. */
function within({ minimum, maximum }: Range, draw: () => number): number {
  for (;;) {
    const value = draw();
    if (value >= minimum && value <= maximum) return value;
  }
}

/** Months with a mean of `mean`: the sum of two exponentials, as their deviation is about 0.7 means. */
function months(sampler: Sampler, { mean, ...range }: Range & { mean: number }): number {
  const waiting = () => -Math.log(1 - sampler.uniform()) * (mean / 2);
  return within(range, () => Math.round(waiting() + waiting()));
}

const sharesOf = (name: 'residence' | 'employment' | 'otherCard'): Record<string, number> =>
  Object.fromEntries(SCORECARD[name].bins.map(({ value, good, bad }) => [value, good + bad]));

function sampleApplicant(sampler: Sampler, sex: Sex): Applicant {
  const { ageYears: age, income, ageIncomeCorrelation: correlation } = ACCOUNTS;
  const ageYears = within(age, () => Math.round(sampler.normal(age.mean, age.deviation)));
  const z = (ageYears - age.mean) / age.deviation;
  const spread = Math.sqrt(income.deviation ** 2 - INCOME_OF_SEX[sex] ** 2);
  const drawIncome = () => {
    const score = correlation * z + Math.sqrt(1 - correlation ** 2) * sampler.normal();
    return round(income.mean + INCOME_OF_SEX[sex] + spread * score, -3);
  };
  return {
    ageYears,
    residence: sampler.pick(sharesOf('residence')) as Applicant['residence'],
    employment: sampler.pick(sharesOf('employment')) as Applicant['employment'],
    income: within(income, drawIncome),
    monthsWithBank: months(sampler, ACCOUNTS.monthsWithBank),
    otherCard: sampler.pick(sharesOf('otherCard')) === 'true',
    // Half of a normal, whose quantiles lie near those of the accounts: 5 % below 58, 50 % below 712, 95 % below 1,903.
    cardBalance: within(ACCOUNTS.cardBalance, () => round(Math.abs(sampler.normal(0, 1_000)), 2)),
  };
}

export interface Application {
  sex: Sex;
  applicant: Applicant;
  /** Without effect on the default, as the stepwise fit left it out. */
  monthsAtAddress: number;
  isIncomeStated: boolean;
  /** The true probability of default, known the income; hidden from the training table, and the bound of what any model can reach. */
  risk: number;
  defaulted: boolean;
}

export function simulate(rowCount: number, seed: number): Application[] {
  const sampler = new Sampler(seed);
  return Array.from({ length: rowCount }, () => {
    const sex = sampler.pick({ female: 1, male: 1 });
    const applicant = sampleApplicant(sampler, sex);
    const risk = defaultProbability(applicant);
    return {
      sex,
      applicant,
      monthsAtAddress: months(sampler, ACCOUNTS.monthsAtAddress),
      isIncomeStated: !sampler.chance(INCOME_MISSING[applicant.employment]),
      risk,
      defaulted: sampler.chance(risk),
    };
  });
}

export function generate(rowCount: number, seed: number): GeneratedTable {
  return {
    columns: [
      'sex',
      'age_years',
      'income',
      'employment',
      'residence',
      'months_at_address',
      'months_with_bank',
      'other_card',
      'card_balance',
      'default_within_12_months',
    ],
    rows: simulate(rowCount, seed).map(({ sex, applicant: a, monthsAtAddress, isIncomeStated, defaulted }) => [
      sex,
      a.ageYears,
      isIncomeStated ? a.income : '',
      a.employment,
      a.residence,
      monthsAtAddress,
      a.monthsWithBank,
      yesNo(a.otherCard),
      a.cardBalance,
      yesNo(defaulted),
    ]),
  };
}
