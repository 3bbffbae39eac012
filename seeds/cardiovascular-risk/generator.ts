import type { GeneratedTable } from '../../src/cases/case-definition';
import { Sampler, yesNo } from '../sampler';
import { tenYearRisk, type Person, type Sex } from './risk';

/**
 * A population like the Framingham cohort of the 2008 paper, free of cardiovascular disease, aged 30 to 74.
 * From the paper (Table 1): mean and standard deviation of age, cholesterol, HDL and pressure, and the shares of treatment,
 * smoking and diabetes, by sex. Assumed here, because the paper gives no joint distribution: age truncated normal, the
 * three measurements log-normal, and the dependence on age set by `age…` below, chosen so that the discrimination of the
 * true risk comes near the paper's C statistics (0.793 women, 0.763 men).
 */
interface Cohort {
  share: number;
  /** Mean and standard deviation of the normal that, cut to 30–74, has the mean and deviation of Table 1. */
  ageParent: [number, number];
  /** Table 1: mean and standard deviation. */
  age: [number, number];
  cholesterol: [number, number];
  hdl: [number, number];
  pressure: [number, number];
  /** Correlation with age on the log scale (assumed). */
  ageCholesterol: number;
  agePressure: number;
  /** Logit of the share of Table 1 at mean age and pressure, and the change per standard deviation (assumed). */
  treated: { at: number; perPressure: number; perAge: number };
  smoker: { at: number; perAge: number };
  diabetes: { at: number; perAge: number };
}

export const COHORTS: Record<Sex, Cohort> = {
  female: {
    share: 4522,
    ageParent: [46.9, 15.6],
    age: [49.1, 11.1],
    cholesterol: [215.1, 44.1],
    hdl: [57.6, 15.3],
    pressure: [125.8, 20],
    ageCholesterol: 0.45,
    agePressure: 0.6,
    treated: { at: -2.65, perPressure: 1, perAge: 0.5 },
    smoker: { at: -0.655, perAge: -0.2 },
    diabetes: { at: -3.41, perAge: 0.6 },
  },
  male: {
    share: 3969,
    ageParent: [46.3, 14.6],
    age: [48.5, 10.8],
    cholesterol: [212.5, 39.3],
    hdl: [44.9, 12.2],
    pressure: [129.7, 17.6],
    ageCholesterol: 0.1,
    agePressure: 0.3,
    treated: { at: -2.79, perPressure: 1, perAge: 0.5 },
    smoker: { at: -0.62, perAge: -0.2 },
    diabetes: { at: -2.85, perAge: 0.6 },
  },
};

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

/** A log-normal value of the given mean and deviation whose logarithm correlates with the standard score `z`. */
function measure(sampler: Sampler, [mean, deviation]: [number, number], z: number, correlation: number): number {
  const spread = Math.sqrt(Math.log(1 + (deviation / mean) ** 2));
  const score = correlation * z + Math.sqrt(1 - correlation ** 2) * sampler.normal();
  return Math.round(mean * Math.exp(spread * score - spread ** 2 / 2));
}

function ageYears(sampler: Sampler, [mean, deviation]: [number, number]): number {
  for (;;) {
    const age = Math.floor(sampler.normal(mean, deviation));
    if (age >= 30 && age <= 74) return age;
  }
}

function samplePerson(sampler: Sampler): Person {
  const sex = sampler.pick({ female: COHORTS.female.share, male: COHORTS.male.share });
  const cohort = COHORTS[sex];
  const age = ageYears(sampler, cohort.ageParent);
  const z = (age - cohort.age[0]) / cohort.age[1];
  const pressure = measure(sampler, cohort.pressure, z, cohort.agePressure);
  const zPressure = (pressure - cohort.pressure[0]) / cohort.pressure[1];
  const { treated, smoker, diabetes } = cohort;
  return {
    sex,
    ageYears: age,
    cholesterol: measure(sampler, cohort.cholesterol, z, cohort.ageCholesterol),
    hdl: measure(sampler, cohort.hdl, z, 0),
    pressure,
    treated: sampler.chance(logistic(treated.at + treated.perPressure * zPressure + treated.perAge * z)),
    smoker: sampler.chance(logistic(smoker.at + smoker.perAge * z)),
    diabetes: sampler.chance(logistic(diabetes.at + diabetes.perAge * z)),
  };
}

export interface Participant {
  person: Person;
  /** The true probability; hidden from the training table, and the bound of what any model can reach. */
  risk: number;
  event: boolean;
}

export function simulate(rowCount: number, seed: number): Participant[] {
  const sampler = new Sampler(seed);
  return Array.from({ length: rowCount }, () => {
    const person = samplePerson(sampler);
    const risk = tenYearRisk(person);
    return { person, risk, event: sampler.chance(risk) };
  });
}

export function generate(rowCount: number, seed: number): GeneratedTable {
  return {
    columns: [
      'sex',
      'age_years',
      'total_cholesterol_mg_dl',
      'hdl_cholesterol_mg_dl',
      'systolic_pressure_mm_hg',
      'pressure_treated',
      'smoker',
      'diabetes',
      'cvd_within_10_years',
    ],
    rows: simulate(rowCount, seed).map(({ person: p, event }) => [
      p.sex,
      p.ageYears,
      p.cholesterol,
      p.hdl,
      p.pressure,
      yesNo(p.treated),
      yesNo(p.smoker),
      yesNo(p.diabetes),
      yesNo(event),
    ]),
  };
}
