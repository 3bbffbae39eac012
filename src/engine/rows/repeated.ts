/** Makes the columns of a history for all rows of a table. */
import { shown } from '../../formats';
import { HistoryFault, type HistoryColumn } from '../history/definition';
import { historyOf, type History } from '../history/history';
import type { HistoryPlan } from '../history/plan';
import { EngineError, type Column, type StreamRequest, type TrainRequest } from '../types';
import { WiderSource } from './wider';

type AnyRequest = TrainRequest | StreamRequest;

/** Between two of them `proceed` is asked. */
const PLACES = 2 ** 14;
const MEBIBYTE = 2 ** 20;

/**
 * The request with a table that has the columns beside its own. Of a table that is read in parts, they stay in memory, and one
 * column that they are made of beside them. @param request of rows that are in the history
 */
export async function withMadeColumns<R extends AnyRequest>(
  request: R,
  { unit, steps }: HistoryPlan,
  proceed: () => void,
): Promise<R> {
  const [key, order] = await columnsOf(request, [unit.key, unit.order]);
  const history = historyOf(key, (order as Column & { kind: 'number' }).values);
  const makes = steps.flatMap(({ step, makes: stepMakes }) => stepMakes.map((one) => ({ ...one, step: step.id })));
  checkBytes(request, history.rows.length * makes.length * Float64Array.BYTES_PER_ELEMENT, steps[0].step.id);
  const computed: Column[] = [];
  for (const reads of new Set(makes.map((one) => one.reads))) {
    const [column] = await columnsOf(request, [reads]);
    for (const one of makes.filter((each) => each.reads === reads))
      computed.push(forAllRows(one, history, { column, proceed }));
  }
  const byName = new Map(computed.map((column) => [column.name, column]));
  return wider(
    request,
    makes.map(({ name }) => byName.get(name)!),
  );
}

export async function columnsOf(request: AnyRequest, names: string[]): Promise<Column[]> {
  const { columns } = 'source' in request ? await request.source.read(names) : request.table;
  return names.map((name) => columns.find((column) => column.name === name)!);
}

function wider<R extends AnyRequest>(request: R, added: Column[]): R {
  if ('source' in request) return { ...request, source: new WiderSource(request.source, added) };
  const { table } = request;
  return { ...request, table: { ...table, columns: [...table.columns, ...added] } };
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

function checkBytes(request: AnyRequest, bytes: number, step: string): void {
  if (!('source' in request) || bytes <= request.bytesMax) return;
  const [takes, has] = [bytes, request.bytesMax].map((size) => Math.ceil(size / MEBIBYTE));
  throw new EngineError(
    `Step ${shown(step)} and those like it make columns of ${takes} MiB, more than the ${has} MiB that the run may have in memory.`,
    `steps.${step}`,
    'Make fewer columns, or use fewer rows.',
  );
}
