/** The shapes of targets: one column, several, the steps of a sequence, none. */
import { EngineError, type NumberColumn } from '../../types';
import { constantFault, emptyFault, fewRowsFault, firstFault, ROWS_MIN } from './facts';
import type { TargetShape, Targets } from './shape';
import { classTarget, knownRows, numberTarget, type Target } from './target';
import { readSteps } from './steps';

type OfTask = Pick<TargetShape, 'fits' | 'fault'> & Pick<Partial<TargetShape>, 'instead'>;

const SINGLE = { several: false, steps: false, optional: false };
const SEVERAL = { several: true, steps: false, optional: false };

/** What `one` asks, beside what every target of one column has to have. */
const oneFault = (fault: TargetShape['fault']) => firstFault(emptyFault, constantFault, fewRowsFault, fault);

export const oneNumber = ({ fits, fault }: OfTask): TargetShape => ({
  ...SINGLE,
  fits: (columns) => columns.length === 1 && fits(columns),
  fault: oneFault(fault),
  read: ([{ column }]) => single(numberTarget(column as NumberColumn)),
});

export const oneClass = ({ fits, fault, instead }: OfTask): TargetShape => ({
  ...SINGLE,
  fits: (columns) => columns.length === 1 && fits(columns),
  fault: oneFault(fault),
  ...(instead && { instead }),
  read: ([column]) => single(classTarget(column)),
});

const single = (target: Target) => ({ labels: target.labels, columns: [target], rows: target.rows });

export const severalNumbers = ({ fits, fault }: OfTask): TargetShape => ({
  ...SEVERAL,
  fits: (columns) => columns.length > 1 && fits(columns),
  fault: firstFault(emptyFault, fault, constantFault),
  read: (columns) =>
    together(
      columns.map(({ column }) => numberTarget(column as NumberColumn)),
      null,
    ),
});

/** Two labels of its own for each column. */
export const severalPairs = ({ fits, fault }: OfTask): TargetShape => ({
  ...SEVERAL,
  fits: (columns) => columns.length > 1 && fits(columns),
  fault: firstFault(emptyFault, fault),
  read: (columns) =>
    together(
      columns.map(classTarget),
      columns.map(({ column }) => column.name),
    ),
});

/** One set of labels for all columns; a label need not occur in every step. */
export const stepClasses = ({ fits, fault }: OfTask): TargetShape => ({
  ...SEVERAL,
  steps: true,
  fits: (columns) => columns.length > 1 && fits(columns),
  fault: firstFault(emptyFault, fault),
  read: (columns) => {
    const steps = readSteps(columns);
    return together(steps, steps[0].labels);
  },
});

/** Every row is learnt from, whatever the column that may be given says of it. */
export const noColumn = ({ fault }: Pick<OfTask, 'fault'>): TargetShape => ({
  ...SINGLE,
  optional: true,
  fits: (columns) => columns.length === 0,
  fault: oneFault(fault),
  read: (columns, rowCount) => {
    if (rowCount < ROWS_MIN) {
      throw new EngineError(`There are ${rowCount} rows; training takes at least ${ROWS_MIN}.`, 'table', 'Add rows.');
    }
    const rows = Uint32Array.from({ length: rowCount }, (_, row) => row);
    return { labels: null, columns: columns.map(classTarget), rows };
  },
});

function together(columns: Target[], labels: string[] | null): Omit<Targets, 'task'> {
  const rows = knownRows(Float64Array.from(columns[0].values, (_, row) => firstKnown(columns, row)));
  if (rows.length < ROWS_MIN) {
    throw new EngineError(
      `Only ${rows.length} rows have a value for any target; training takes at least ${ROWS_MIN}.`,
      'targets',
      'Add rows, or choose targets that are filled in for more of them.',
    );
  }
  return { labels, columns, rows };
}

function firstKnown(targets: Target[], row: number): number {
  for (const { values } of targets) if (!Number.isNaN(values[row])) return values[row];
  return NaN;
}
