import type { CaseDefinition } from '../../src/cases/case-definition';

/** The first two samples are the worked examples of the paper: 10.48 % and 15.62 % by its formula. */
export const definition: CaseDefinition = {
  rowCount: 20_000,
  seed: 2008,
  pipeline: {
    steps: [
      { id: 'columns', kind: 'SELECT_COLUMNS', parameters: { target: 'cvd_within_10_years', groups: ['sex'] } },
      { id: 'split', kind: 'SPLIT', parameters: { kind: 'random', testFraction: 0.2, stratify: true } },
      { id: 'impute', kind: 'IMPUTE', parameters: { method: 'median' } },
      { id: 'scale', kind: 'SCALE', parameters: { method: 'standard' } },
      { id: 'encode', kind: 'ENCODE', parameters: {} },
      { id: 'train', kind: 'TRAIN', parameters: { family: 'auto' } },
    ],
    edges: [
      { from: 'columns', to: 'split' },
      { from: 'split', to: 'impute' },
      { from: 'impute', to: 'scale' },
      { from: 'scale', to: 'encode' },
      { from: 'encode', to: 'train' },
    ],
  },
  expected: [
    { metric: 'rocAuc', expected: 0.788, tolerance: 0.035 },
    { metric: 'logLoss', expected: 0.299, tolerance: 0.03 },
  ],
  samples: [
    {
      sex: 'female',
      age_years: 61,
      total_cholesterol_mg_dl: 180,
      hdl_cholesterol_mg_dl: 47,
      systolic_pressure_mm_hg: 124,
      pressure_treated: 'no',
      smoker: 'yes',
      diabetes: 'no',
    },
    {
      sex: 'male',
      age_years: 53,
      total_cholesterol_mg_dl: 161,
      hdl_cholesterol_mg_dl: 55,
      systolic_pressure_mm_hg: 125,
      pressure_treated: 'yes',
      smoker: 'no',
      diabetes: 'yes',
    },
    {
      sex: 'female',
      age_years: 38,
      total_cholesterol_mg_dl: 190,
      hdl_cholesterol_mg_dl: 62,
      systolic_pressure_mm_hg: 112,
      pressure_treated: 'no',
      smoker: 'no',
      diabetes: 'no',
    },
  ],
  deployment: 'cardiovascular-risk',
  onUnusualInput: 'REFUSE',
};
