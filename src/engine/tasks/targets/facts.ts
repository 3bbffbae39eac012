/** What a target column is, as far as it decides the task: known from its values, or from the profile of a dataset. Pure. */
import { shown } from '../../../formats';

export interface TargetFacts {
  name: string;
  isNumber: boolean;
  /** Of numbers: whether all are whole. */
  isInteger: boolean;
  /** Rows with a value. */
  known: number;
  /** Different values. */
  distinct: number;
}

/** Why a column cannot be a target. */
export interface TargetFault {
  /** Goes on from the word "target", without a full stop. */
  message: string;
  hint: string;
  /** Left out: the column itself. */
  at?: 'task';
}

/** Fewer rows than this leave nothing to hold out. */
export const ROWS_MIN = 20;
export const CLASSES_MAX = 200;
const ROWS_PER_CLASS = 2;
/** An integer target with at most this many distinct values, each in many rows, is read as classes. */
const INTEGER_CLASSES_MAX = 10;
const ROWS_PER_INTEGER_CLASS = 10;

/** Whether the values of one target are classes: text, or few whole numbers. Two are classes in any case. */
export function holdsClasses({ isNumber, isInteger, known, distinct }: TargetFacts): boolean {
  if (distinct === 2 || !isNumber) return true;
  return isInteger && distinct <= INTEGER_CLASSES_MAX && known >= distinct * ROWS_PER_INTEGER_CLASS;
}

export function emptyFault({ name, known }: TargetFacts): TargetFault | null {
  return known > 0
    ? null
    : { message: `${shown(name)} has no value in any row`, hint: 'choose a column that is filled in' };
}

export function constantFault({ name, distinct }: TargetFacts): TargetFault | null {
  if (distinct !== 1) return null;
  const message = `${shown(name)} has the same value in every row, so there is nothing to learn`;
  return { message, hint: 'choose a column whose values differ' };
}

export function fewRowsFault({ name, known }: TargetFacts): TargetFault | null {
  if (known >= ROWS_MIN) return null;
  const message = `${shown(name)} has a value in ${known} ${known === 1 ? 'row' : 'rows'}; training takes at least ${ROWS_MIN}`;
  return { message, hint: 'add rows, or choose a target that is filled in for more of them' };
}

export const textFault =
  (fault: Omit<TargetFault, 'message'>) =>
  ({ name, isNumber }: TargetFacts): TargetFault | null =>
    isNumber ? null : { message: `${shown(name)} holds text, and the task is of numbers`, ...fault };

export const notPairFault =
  (fault: Omit<TargetFault, 'message'>) =>
  ({ name, distinct }: TargetFacts): TargetFault | null => {
    if (distinct === 2) return null;
    const values = distinct === 1 ? 'the same value in every row' : `${distinct} different values`;
    return { message: `${shown(name)} has ${values}; the task takes two`, ...fault };
  };

export function classesFault({ name, distinct, known, isNumber }: TargetFacts): TargetFault | null {
  if (distinct <= CLASSES_MAX && distinct * ROWS_PER_CLASS <= known) return null;
  const most = `at most ${CLASSES_MAX}, each in ${ROWS_PER_CLASS} rows on average`;
  const message = `${shown(name)} has ${distinct} different values in ${known} rows, too many to be classes: ${most}`;
  return { message, hint: isNumber ? 'use the task regression' : 'group its values into fewer classes' };
}

/** The first fault that is one. */
export const firstFault =
  (...checks: ((facts: TargetFacts) => TargetFault | null)[]) =>
  (facts: TargetFacts): TargetFault | null => {
    for (const check of checks) {
      const fault = check(facts);
      if (fault) return fault;
    }
    return null;
  };
