/** Runs the steps of the rows stage: which rows of a table are used, and of each part. */
import { shown } from '../../formats';
import { knownOf } from '../columns/known';
import type { KnownColumn } from '../columns/definition';
import type { EventLog } from '../training/event-log';
import { ColumnRunner } from '../executors/column-runner';
import { historyCard } from '../history/card';
import { inHistory } from '../history/history';
import { planHistory, unitOf, type HistoryPlan } from '../history/plan';
import type { Unit } from '../history/definition';
import { keepsHistories, partFault, splitRows, type Divided, type Parts } from '../splits';
import { stepOf } from '../steps/registry';
import type { Targets } from '../tasks/targets/shape';
import {
  EngineError,
  isMissing,
  type InputField,
  type ModelCard,
  type PlannedStep,
  type Split,
  type StepRows,
  type Table,
  type TrainRequest,
} from '../types';
import type { OmittingStage, RowReader } from './definition';
import { keptSource, rowsOf } from './kept';
import { withSource, type SourceRequest } from './memory';
import { columnsOf, withMadeColumns } from './repeated';

/** Of a table in memory, what telling its rows apart may take beside it. */
const BYTES_IN_MEMORY = 2 ** 28;
const STEPS_TOLD_MAX = 5;
const CHANGE = 'Change what it asks of a row, or take the step out.';
const PARTS: readonly Split[] = ['train', 'validation', 'test'];

interface Limit {
  step: PlannedStep;
  parts: readonly Split[];
  mask: Uint8Array;
}

/** What came of the steps. */
export class UsedRows {
  readonly counts: StepRows[] = [];
  /** Rows in the gaps of the split. */
  unused = 0;
  private readonly limits: Limit[] = [];
  private histories: { plan: HistoryPlan; columns: readonly KnownColumn[] } | undefined;

  private constructor(
    /** That which was asked for, of the rows that are left. */
    public request: SourceRequest,
    private readonly log: EventLog,
  ) {}

  /** `proceed` is asked between two parts of the table and throws to stop. */
  static async of(trainRequest: TrainRequest | SourceRequest, log: EventLog, proceed: () => void): Promise<UsedRows> {
    const request = withSource(trainRequest);
    const used = new UsedRows(request, log);
    await used.readHistories(proceed);
    const steps = (request.steps ?? []).filter(({ kind }) => stepOf(kind).rows?.atServing === 'omit');
    for (const step of steps.filter((one) => partsOf(one, request) === null)) {
      const mask = await used.maskOf(step, proceed);
      await used.warnOfTarget(step, mask, proceed);
      used.narrow(step, mask);
    }
    for (const step of steps) {
      const parts = partsOf(step, request);
      if (parts) used.limits.push({ step, parts, mask: await used.maskOf(step, proceed) });
    }
    return used;
  }

  /** Whether steps take rows out of some parts and not of others. */
  get areLimited(): boolean {
    return this.limits.length > 0;
  }

  /** What the card says of the histories, for a model with these inputs. */
  historyOf(inputs: readonly InputField[]): Pick<ModelCard, 'history'> {
    return this.histories === undefined
      ? {}
      : { history: historyCard(this.histories.plan, inputs, this.histories.columns) };
  }

  /** Before rows are taken out: what came earlier is the same, whatever is trained on. */
  private async readHistories(proceed: () => void): Promise<void> {
    const { steps = [], target, split, source } = this.request;
    if (!unitOf(steps)) return;
    const columns = await columnsIn(this.request);
    const plan = planHistory(steps, columns, { target })!;
    for (const { step, path, message, hint } of plan.faults) throw stepError(step, path, [message, hint]);
    const [key, order] = await columnsOf(source, [plan.unit.key, plan.unit.order]);
    const mask = inHistory(key, order);
    for (const { step } of plan.steps) {
      const { rowCount } = this.request.source;
      this.narrow(step, mask.length === rowCount ? mask : allOf(rowCount));
    }
    this.histories = { plan, columns };
    this.request = await withMadeColumns(this.request, plan, proceed);
    if (!keepsHistories(split, plan.unit)) this.log.log(partsNote(plan.unit), 'warn');
  }

  /** Divides the rows that are left, then takes out what steps take out of parts. */
  divide(table: Divided, target: Targets): Parts {
    const { split, seed } = this.request;
    let parts = splitRows(table, target, split, seed);
    this.unused = target.rows.length - PARTS.reduce((sum, part) => sum + parts[part].length, 0);
    if (this.unused > 0) {
      this.log.log(
        `${this.unused} ${this.unused === 1 ? 'row lies' : 'rows lie'} in the gaps of the split and in no part.`,
      );
    }
    for (const limit of this.limits) parts = this.limited(parts, limit, target);
    return parts;
  }

  private async maskOf({ id, kind, parameters }: PlannedStep, proceed: () => void): Promise<Uint8Array> {
    const stage = stepOf(kind).rows as OmittingStage<unknown>;
    const rows = await readerOf(this.request, proceed);
    stage.check(parameters, rows.columns, (path, ...texts) => {
      throw stepError(id, path, texts);
    });
    return stage.keep(parameters, rows);
  }

  private narrow(step: Pick<PlannedStep, 'id' | 'kind'>, mask: Uint8Array): void {
    const rows = rowsOf(mask);
    this.count(step, null, [mask.length, rows.length]);
    if (rows.length === mask.length) return;
    this.request = { ...this.request, source: keptSource(this.request.source, rows) };
  }

  private limited(parts: Parts, { step, parts: names, mask }: Limit, target: Targets): Parts {
    const left = { ...parts };
    for (const name of names) left[name] = parts[name].filter((row) => mask[row]);
    const counts = [parts, left].map((each) => names.reduce((sum, name) => sum + each[name].length, 0));
    this.count(step, names, counts);
    if (targetsRead(step, this.request).length > 0) this.tellOfTarget(step, parts.test.length - left.test.length);
    const fault = partFault(left, target);
    if (fault) throw new EngineError(`Step ${shown(step.id)}: ${fault.message}`, `steps.${step.id}`, CHANGE);
    return left;
  }

  /** A fault in the rows that are left may be one of the steps that left them. */
  explain(fault: unknown): unknown {
    const taken = this.counts.filter(({ rowsIn, rowsOut }) => rowsOut < rowsIn);
    if (!(fault instanceof EngineError) || fault.path.startsWith('steps') || taken.length === 0) return fault;
    const sentences = taken.map(
      ({ stepId, rowsIn, rowsOut }) => `Step ${shown(stepId)} left ${rowsOut} of ${rowsIn} rows.`,
    );
    return new EngineError(
      [fault.message, ...sentences.slice(0, STEPS_TOLD_MAX)].join(' '),
      fault.path,
      `${fault.hint} Or change what the step asks of a row.`,
    );
  }

  /** Which rows are scored is then chosen by what nobody knows of a row that is predicted. */
  private async warnOfTarget(step: PlannedStep, mask: Uint8Array, proceed: () => void): Promise<void> {
    const targets = targetsRead(step, this.request);
    if (targets.length === 0) return;
    let count = 0;
    let first = 0;
    const rows = await readerOf(this.request, proceed);
    for await (const { rowCount, columns } of rows.scan(targets)) {
      for (let row = 0; row < rowCount; row++) {
        if (!mask[first + row] && columns.some((column) => !isMissing(column, row))) count++;
      }
      first += rowCount;
    }
    this.tellOfTarget(step, count);
  }

  private tellOfTarget(step: PlannedStep, count: number): void {
    if (count === 0) return;
    this.log.log(
      `Step ${shown(step.id)} (${step.kind}) takes out ${count} ${count === 1 ? 'row' : 'rows'} by the target, which no row has that is ` +
        'predicted: the scores say nothing of such rows. With parts: ["train"], all rows are tested on.',
      'warn',
    );
  }

  private count(
    { id, kind }: Pick<PlannedStep, 'id' | 'kind'>,
    parts: readonly Split[] | null,
    [rowsIn, rowsOut]: number[],
  ): void {
    this.counts.push({ stepId: id, parts: [...(parts ?? PARTS)], rowsIn, rowsOut });
    const where = parts ? ` of the ${parts.join(' and ')} part` : '';
    this.log.log(`Step ${shown(id)} (${kind}) keeps ${rowsOut} of ${rowsIn} rows${where}.`);
    if (rowsOut > 0) return;
    throw new EngineError(`Step ${shown(id)} leaves none of ${rowsIn} rows${where}.`, `steps.${id}`, CHANGE);
  }
}

function stepError(id: string, path: string, [message, hint]: string[]): EngineError {
  return new EngineError(`Step ${shown(id)}: ${message}.`, `steps.${id}${path}`, hint);
}

const allOf = (rowCount: number): Uint8Array => new Uint8Array(rowCount).fill(1);

const partsNote = ({ key, order }: Unit): string =>
  `Rows of one ${shown(key)} may be in several parts, and features of one part then tell of rows of another: the scores may be ` +
  `too good. Split by time, by ${shown(order)}, or by group, by ${shown(key)}.`;

function targetsRead({ kind, parameters }: PlannedStep, { target }: SourceRequest): string[] {
  const read = (stepOf(kind).rows as OmittingStage<unknown>).reads?.(parameters) ?? [];
  return [target].flat().filter((name) => read.includes(name));
}

/** Null: of the table. A step behind the one that divides the table takes rows out of its parts. */
function partsOf({ kind, parameters, after }: PlannedStep, { steps }: SourceRequest): readonly Split[] | null {
  const limited = (stepOf(kind).rows as OmittingStage<unknown>).parts?.(parameters) ?? null;
  if (limited) return limited;
  const isDivided = steps!.some((other) => stepOf(other.kind).divides && after.includes(other.id));
  return isDivided ? PARTS : null;
}

async function readerOf(request: SourceRequest, proceed: () => void): Promise<RowReader> {
  const { source, bytesMax = BYTES_IN_MEMORY } = request;
  async function* parts(names: readonly string[]): AsyncGenerator<Table> {
    for await (const part of source.scan([...names])) {
      proceed();
      yield part;
    }
  }
  return {
    ...{ rowCount: source.rowCount, columns: await columnsIn(request), bytesMax, scan: parts },
    compute: async function* (inputs, append) {
      const runner = await ColumnRunner.create({
        inputs,
        outputs: [{ name: RESULT, kind: 'number' }],
        append: (graph, tensors) => tensors.set([RESULT], append(graph, tensors)),
      });
      try {
        for await (const part of parts(inputs.map(({ name }) => name))) {
          const [result] = await runner.run(part.columns, part.rowCount);
          if (result.kind === 'number') yield result.values;
        }
      } finally {
        await runner.release();
      }
    },
  };
}

const RESULT = '\u0000result';

async function columnsIn({ source, traits }: SourceRequest): Promise<KnownColumn[]> {
  for await (const { columns } of source.scan(source.columns)) return columns.map((column) => knownOf(column, traits));
  throw new Error('The table has no rows.');
}
