import { join } from 'node:path';
import { toCsv } from '../src/cases/runs/csv';
import { generate } from './predictive-maintenance/generator';

/**
 * `seeds/machines.csv`: the file of the README's first steps. It stands beside the generator that makes it; `npm run golden`
 * writes it and a test compares. Seed 27 was chosen among the first thirty because its counts of each failure mode lie
 * nearest to those of the published file.
 */
export const SAMPLE_FILE = join('seeds', 'machines.csv');
const ROW_COUNT = 2_000;
const SEED = 27;

export const sampleCsv = (): Buffer => toCsv(generate(ROW_COUNT, SEED));
