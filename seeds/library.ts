import type { CaseSeed } from '../src/cases/case-definition';
import { cardiovascularRisk } from './cardiovascular-risk';
import { creditScoring } from './credit-scoring';
import { predictiveMaintenance } from './predictive-maintenance';

/** The case library. A new case is a folder here and a line in this list. */
export const CASES: CaseSeed[] = [predictiveMaintenance, cardiovascularRisk, creditScoring];
