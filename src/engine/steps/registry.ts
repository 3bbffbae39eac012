/** The catalogue of steps. */
import { calendar } from './columns/calendar';
import { clip } from './columns/clip';
import { encode } from './columns/encode';
import { compareKinds, type StepDefinition } from './definition';
import { deduplicate } from './rows/deduplicate';
import { derive } from './columns/derive';
import { filter } from './rows/filter';
import { impute } from './columns/impute';
import { lag } from './rows/lag';
import { replace } from './columns/replace';
import { scale } from './columns/scale';
import { selectColumns } from './rows/select-columns';
import { split } from './rows/split';
import { window } from './rows/window';
import { train } from './train';

const catalogue: StepDefinition[] = [];

/**
 * The names of the kinds, each its own value: the enum of the API is made from it when the schema is built. UNKNOWN stands
 * for a kind of a stored step whose module is not loaded.
 */
export const StepKind: Record<string, string> = { UNKNOWN: 'UNKNOWN' };
export type StepKind = string;

for (const step of [
  selectColumns,
  lag,
  window,
  filter,
  deduplicate,
  split,
  replace,
  clip,
  derive,
  calendar,
  impute,
  scale,
  encode,
  train,
])
  registerStep(step);

/** In the order in which they may follow one another. */
export const stepDefinitions = (): readonly StepDefinition[] => catalogue;

/** Before the schema of the API is built. Returns what takes it out again. */
export function registerStep(step: StepDefinition): () => void {
  if (step.kind in StepKind) throw new Error(`There already is a step ${step.kind}.`);
  const next = catalogue.findIndex((known) => compareKinds(known, step) > 0);
  catalogue.splice(next < 0 ? catalogue.length : next, 0, step);
  StepKind[step.kind] = step.kind;
  return () => {
    catalogue.splice(catalogue.indexOf(step), 1);
    delete StepKind[step.kind];
  };
}

export const findStep = (kind: string): StepDefinition | undefined => catalogue.find((known) => known.kind === kind);

export function stepOf(kind: string): StepDefinition {
  const step = findStep(kind);
  if (!step) throw new Error(`There is no step ${kind}.`);
  return step;
}
