/** What a log says of the data of a run. */
import { shown } from '../../../formats';
import type { Encoding } from '../../preprocess/encoding';
import { countUnknown, named } from '../../preprocess/ids/ids';
import type { Selection } from '../../preprocess/select';
import type { Parts } from '../../splits';
import type { Column, ModelWarning } from '../../types';
import type { EventLog } from '../event-log';

const LEFT_OUT_LINES_MAX = 20;
const WARNING_LINES_MAX = 10;

export const HELD_OUT = ['validation', 'test'] as const;

/** Counts the rows that have ids which training does not see, by vocabulary and part. */
export class UnknownIds {
  private readonly counts = HELD_OUT.map(() => this.encoding.ids.map(() => 0));

  constructor(private readonly encoding: Encoding) {}

  add(part: (typeof HELD_OUT)[number], columns: Column[], rows: Uint32Array): void {
    const counts = this.counts[HELD_OUT.indexOf(part)];
    const byName = new Map(columns.map((column) => [column.name, column]));
    this.encoding.ids.forEach((ids, i) => {
      const idColumns = ids.columns.map(({ name }) => byName.get(name)!);
      counts[i] += countUnknown(idColumns, rows, ids);
    });
  }

  messages(): string[] {
    return this.encoding.ids.flatMap(({ columns }, i) =>
      HELD_OUT.flatMap((part, p) => {
        const count = this.counts[p][i];
        const what = `${count} ${count === 1 ? 'row' : 'rows'} of the ${part} part ${count === 1 ? 'has' : 'have'} ids in ${named(columns)}`;
        return count === 0 ? [] : [`${what} that training did not see; the mean of all ids answers for them.`];
      }),
    );
  }
}

export function logSelection({ leftOut, notes }: Selection, log: EventLog): void {
  for (const { level, message } of notes) log.log(message, level);
  for (const { column, reason } of leftOut.slice(0, LEFT_OUT_LINES_MAX))
    log.log(`Left out ${shown(column)}: ${reason}`);
  const more = leftOut.length - LEFT_OUT_LINES_MAX;
  if (more > 0) log.log(`Left out ${more} more columns; the model card lists them all.`);
}

/** On the card; the log tells them before training. */
export function warnOfDigits(messages: string[]): ModelWarning[] {
  return messages.slice(0, WARNING_LINES_MAX).map((message) => ({ code: 'DIGITS_LOST', message }));
}

export function logWarnings(warnings: string[], log: EventLog): void {
  for (const warning of warnings.slice(0, WARNING_LINES_MAX)) log.log(warning, 'warn');
  const more = warnings.length - WARNING_LINES_MAX;
  if (more > 0) log.log(`The same is so of ${more} more columns.`, 'warn');
}

/** @param widths features of a row, by each way of reading it */
export function logData(
  { parts, folds, inputs, widths }: { parts: Parts; folds: number; inputs: number; widths: number[] },
  log: EventLog,
): void {
  const { train, validation, test } = parts;
  const learnt = folds
    ? `${train.length} rows in ${folds} folds, each of which chooses and stops models of the others`
    : `${train.length} rows to train on, ${validation.length} to choose and stop by`;
  const features = `${inputs} columns give ${[...new Set(widths)].join(' or ')} features`;
  log.log(`${learnt}, ${test.length} to test on; ${features}.`);
}
