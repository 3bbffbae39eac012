import type { CaseDefinition } from '../../src/cases/case-definition';

/**
 * Seed 11 was chosen among the first thirty because its counts of each failure mode lie near the published ones; heat
 * failures hang on one long random walk and vary from 0 to 190 between seeds.
 */
export const definition: CaseDefinition = {
  rowCount: 10_000,
  seed: 11,
  pipeline: {
    steps: [
      { id: 'columns', kind: 'SELECT_COLUMNS', parameters: { target: 'machine_failure', drop: ['product_id'] } },
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
    { metric: 'rocAuc', expected: 0.98, tolerance: 0.02 },
    { metric: 'averagePrecision', expected: 0.79, tolerance: 0.14 },
    { metric: 'logLoss', expected: 0.052, tolerance: 0.022 },
  ],
  samples: [
    {
      product_quality: 'M',
      air_temperature_k: 298.1,
      process_temperature_k: 308.6,
      rotational_speed_rpm: 1551,
      torque_nm: 42.8,
      tool_wear_min: 0,
    },
    {
      product_quality: 'L',
      air_temperature_k: 302.4,
      process_temperature_k: 310.4,
      rotational_speed_rpm: 1342,
      torque_nm: 62.4,
      tool_wear_min: 113,
    },
    {
      product_quality: 'L',
      air_temperature_k: 300.2,
      process_temperature_k: 310.1,
      rotational_speed_rpm: 1361,
      torque_nm: 58.1,
      tool_wear_min: 214,
    },
  ],
  deployment: 'predictive-maintenance',
};
