/**
 * The general cardiovascular risk function of the Framingham Heart Study: R. B. D'Agostino et al., "General
 * Cardiovascular Risk Profile for Use in Primary Care", Circulation 2008;117:743–753, Table 2 (Cox regression by sex).
 * For teaching and tests; not a medical device and not for decisions about a person.
 */
export type Sex = 'female' | 'male';

export interface Person {
  sex: Sex;
  ageYears: number;
  /** Total cholesterol, mg/dL. */
  cholesterol: number;
  /** HDL cholesterol, mg/dL. */
  hdl: number;
  /** Systolic blood pressure, mm Hg. */
  pressure: number;
  /** Takes medicine against high blood pressure. */
  treated: boolean;
  smoker: boolean;
  diabetes: boolean;
}

interface Coefficients {
  lnAge: number;
  lnCholesterol: number;
  lnHdl: number;
  lnPressureUntreated: number;
  lnPressureTreated: number;
  smoker: number;
  diabetes: number;
  /** Mean of the linear predictor over the cohort. */
  mean: number;
  /** Share of the cohort without an event after ten years, at the mean. */
  survival: number;
}

export const COEFFICIENTS: Record<Sex, Coefficients> = {
  female: {
    lnAge: 2.32888,
    lnCholesterol: 1.20904,
    lnHdl: -0.70833,
    lnPressureUntreated: 2.76157,
    lnPressureTreated: 2.82263,
    smoker: 0.52873,
    diabetes: 0.69154,
    mean: 26.1931,
    survival: 0.95012,
  },
  male: {
    lnAge: 3.06117,
    lnCholesterol: 1.1237,
    lnHdl: -0.93263,
    lnPressureUntreated: 1.93303,
    lnPressureTreated: 1.99881,
    smoker: 0.65451,
    diabetes: 0.57367,
    mean: 23.9802,
    survival: 0.88936,
  },
};

export function linearPredictor(p: Person): number {
  const c = COEFFICIENTS[p.sex];
  return (
    c.lnAge * Math.log(p.ageYears) +
    c.lnCholesterol * Math.log(p.cholesterol) +
    c.lnHdl * Math.log(p.hdl) +
    (p.treated ? c.lnPressureTreated : c.lnPressureUntreated) * Math.log(p.pressure) +
    (p.smoker ? c.smoker : 0) +
    (p.diabetes ? c.diabetes : 0)
  );
}

/** Probability of a first cardiovascular event within ten years, 0 to 1. */
export function tenYearRisk(p: Person): number {
  const { mean, survival } = COEFFICIENTS[p.sex];
  return 1 - survival ** Math.exp(linearPredictor(p) - mean);
}
