/** Makes the columns of a history for all rows of a table. */
import { mebibytes, shown } from '../../formats';
import { HistoryFault, type HistoryColumn } from '../history/definition';
import { historyOf, type History } from '../history/history';
import type { HistoryPlan } from '../history/plan';
import { EngineError, type Column, type TableSource } from '../types';
import type { SourceRequest } from './memory';
import { widerSource } from './wider';

/** Between two of them `proceed` is asked. */
const PLACES = 2 ** 14;

/**
 * The request with a table that has the columns beside its own. Of a table that is read in parts, they stay in memory, and one
 * column that they are made of beside them. @param request of rows that are in the history
 */
export async function withMadeColumns(
  request: SourceRequest,
  { unit, steps }: HistoryPlan,
  proceed: () => void,
): Promise<SourceRequest> {
  const { source } = request;
  const [key, order] = await columnsOf(source, [unit.key, unit.order]);
  const history = historyOf(key, (order as Column & { kind: 'number' }).values);
  const makes = steps.flatMap(({ step, makes: stepMakes }) => stepMakes.map((one) => ({ ...one, step: step.id })));
  checkBytes(request, history.rows.length * makes.length * Float64Array.BYTES_PER_ELEMENT, steps[0].step.id);
  const computed: Column[] = [];
  for (const reads of new Set(makes.map((one) => one.reads))) {
    const [column] = await columnsOf(source, [reads]);
    for (const one of makes.filter((each) => each.reads === reads))
      computed.push(forAllRows(one, history, { column, proceed }));
  }
  const byName = new Map(computed.map((column) => [column.name, column]));
  const list = makes.map(({ name }) => byName.get(name)!);
  return { ...request, source: widerSource(source, list) };
}

export async function columnsOf(source: TableSource, names: string[]): Promise<Column[]> {
  const { columns } = await source.read(names);
  return names.map((name) => columns.find((column) => column.name === name)!);
}

function forAllRows(
  definition: HistoryColumn & { step: string },
  history: History,
  { column, proceed }: { column: Column; proceed: () => void },
): Column {
  const { rows } = history;
  const numbers = new Float64Array(column.kind === 'number' ? rows.length : 0);
  const codes = new Int32Array(column.kind === 'number' ? 0 : rows.length);
  for (let from = 0; from < rows.length; from += PLACES) {
    proceed();
    const places = Uint32Array.from({ length: Math.min(PLACES, rows.length - from) }, (_, i) => from + i);
    const part = computed(definition, history, { column, places });
    if (part.kind === 'number') places.forEach((place, i) => (numbers[rows[place]] = part.values[i]));
    else places.forEach((place, i) => (codes[rows[place]] = part.codes[i]));
  }
  const { name } = definition;
  return column.kind === 'number'
    ? { name, kind: 'number', values: numbers }
    : { name, kind: 'category', codes, levels: column.levels };
}

function computed(
  { step, compute }: HistoryColumn & { step: string },
  history: History,
  { column, places }: { column: Column; places: Uint32Array },
): Column {
  try {
    return compute(history, column, places);
  } catch (error) {
    if (!(error instanceof HistoryFault)) throw error;
    throw new EngineError(`Step ${shown(step)}: ${error.message}`, `steps.${step}`, error.hint);
  }
}

function checkBytes({ bytesMax = Infinity }: SourceRequest, bytes: number, step: string): void {
  if (bytes <= bytesMax) return;
  throw new EngineError(
    `Step ${shown(step)} and those like it make columns of ${mebibytes(bytes)}, more than the ${mebibytes(bytesMax)} that the run may have in memory.`,
    `steps.${step}`,
    'Make fewer columns, use fewer rows, or raise PRAXIS_TRAINING_BYTES_MAX.',
  );
}
