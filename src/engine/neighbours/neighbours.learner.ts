/** Learning by nearest neighbours: the rows themselves are kept, and the validation rows choose how many of them speak. */
import type { FitPoint, FitRequest, Matrix, Rows } from '../learning/fit';
import type { FeatureLearner, Learned, LearnerPort } from '../learning/learner';
import { PointsTold, TOLD_STATE_VERSION } from '../learning/told';
import { Random } from '../random';
import { joinMatrices, rowsWhere } from '../solvers/matrices';
import { taskOf } from '../tasks/registry';
import { EngineError } from '../types';
import { appendNeighbours } from './export';
import { answerOf, nearest, type KeptRows, type Say } from './search';

export interface NeighbourSettings {
  neighbours: number | null;
  weights: Say['weights'];
  rowsMax: number;
  refit: boolean;
}

const COUNTS = [1, 2, 3, 5, 7, 10, 15, 20, 30, 50];
/** Bytes of the rows in the file, at most. */
export const KEPT_BYTES_MAX = 64 * 2 ** 20;
const FLOAT_BYTES = 4;
/** One of so many training rows judges where there are no validation rows. */
const HELD = 5;
/** Multiplications that choosing the number takes, at most. */
const JUDGING_WORK = 2e9;
const JUDGES_MAX = 2000;
/** Of the generator, for the rows that are kept. */
const STREAM = 0x4e4e;
const P_MIN = 1e-15;

export const neighboursLearner: FeatureLearner = {
  stateVersion: TOLD_STATE_VERSION,
  fit: (request, port) => new NeighboursFit(request, port).run(),
};

class NeighboursFit {
  private readonly settings: NeighbourSettings;
  private readonly told: PointsTold;
  private readonly say: Say;

  constructor(
    private readonly request: FitRequest<Rows>,
    port: LearnerPort,
  ) {
    this.settings = request.parameters as unknown as NeighbourSettings;
    this.told = new PointsTold(request, port);
    const isProbability = taskOf(request.task).learning.ending !== null;
    this.say = { weights: this.settings.weights, priorNeighbours: isProbability ? 1 : 0 };
  }

  run(): Promise<Learned> {
    const { train, validation } = this.matrices();
    const judges = validation.rows > 0;
    const isHeld = (row: number): boolean => row % HELD === HELD - 1;
    const known = this.kept(judges ? train : rowsWhere(train, (row) => !isHeld(row)));
    const choice = this.choose(known, judges ? validation : rowsWhere(train, isHeld));
    const pays = judges && this.settings.refit;
    const isRefitted = pays && this.request.refit !== false;
    const kept = isRefitted ? this.kept(joinMatrices(train, validation)) : judges ? known : this.kept(train);
    this.told.tell([], { finished: true });
    return Promise.resolve({
      parameterCount: kept.x.length + kept.says.length,
      chosen: { neighbours: choice.count },
      ...(judges && { best: { epoch: 0, loss: choice.loss } }),
      append: this.appendOf(kept, choice.count),
      ...(isRefitted && { judged: this.appendOf(known, choice.count) }),
      awaitsRefit: pays && !isRefitted,
    });
  }

  private matrices(): { train: Matrix; validation: Matrix } {
    const { train, validation } = this.request;
    if ('groups' in train || 'groups' in validation)
      throw new EngineError(
        'Nearest neighbours need the encoded rows in memory, and they are too many.',
        'estimator.family',
        'Use another family, fewer rows (FILTER), or a larger PRAXIS_TRAINING_BYTES_MAX.',
      );
    return { train, validation };
  }

  /** As many as may be kept, drawn where there are more. Throws EngineError where a file would be too large. */
  private kept(matrix: Matrix): KeptRows {
    const { rowsMax } = this.settings;
    const { width } = matrix;
    const most = Math.floor(KEPT_BYTES_MAX / (FLOAT_BYTES * width));
    if (Math.min(rowsMax, matrix.rows) > most)
      throw new EngineError(
        `The rows would take more than ${KEPT_BYTES_MAX / 2 ** 20} MiB of the model file: ${width} features of each.`,
        'estimator.parameters.rowsMax',
        `Keep at most ${most} rows, or encode fewer features (bins 0 in ENCODE).`,
      );
    const some = matrix.rows > rowsMax ? rowsWhere(matrix, drawn(matrix.rows, rowsMax, this.request.seed)) : matrix;
    return saying(some, this.request);
  }

  /** By the loss of rows that are not kept: the least one. */
  private choose(kept: KeptRows, judges: Matrix): { count: number; loss: number } {
    const { neighbours } = this.settings;
    const counts = neighbours === null ? COUNTS.filter((count) => count <= kept.rows) : [neighbours];
    const most = Math.max(1, Math.min(JUDGES_MAX, Math.floor(JUDGING_WORK / (kept.x.length || 1))));
    const some = judges.rows > most ? rowsWhere(judges, drawn(judges.rows, most, this.request.seed)) : judges;
    const losses = this.losses(kept, saying(some, this.request), counts);
    const points = losses.map((value, i): FitPoint => ({
      step: i + 1,
      split: 'validation',
      name: 'loss',
      value,
      fraction: (i + 1) / losses.length,
    }));
    this.told.tell(points.filter(({ value }) => Number.isFinite(value)));
    const loss = Math.min(...losses);
    return { count: counts[Math.max(0, losses.indexOf(loss))], loss };
  }

  private losses(kept: KeptRows, judges: KeptRows, counts: number[]): number[] {
    const sums = counts.map(() => 0);
    let total = 0;
    const lossOf = LOSSES[taskOf(this.request.task).learning.ending ?? 'none'];
    for (let row = 0; row < judges.rows; row++) {
      this.told.look();
      const found = nearest(kept, judges.x.subarray(row * judges.width, (row + 1) * judges.width), Math.max(...counts));
      for (let output = 0; output < judges.outputs; output++)
        total += judges.counts[row * judges.outputs + output] / judges.outputs;
      counts.forEach((count, i) => {
        answerOf(kept, found, count, this.say).forEach((answer, output) => {
          const at = row * judges.outputs + output;
          sums[i] += judges.counts[at] * lossOf(judges.says[at], answer);
        });
      });
    }
    return sums.map((sum) => sum / total);
  }

  private appendOf(kept: KeptRows, count: number): Learned['append'] {
    return (graph, features) => appendNeighbours(graph, features, { kept, count, say: this.say });
  }
}

const logOf = (p: number): number => Math.log(Math.max(P_MIN, p));

/** Of an output. Of several classes that of the row counts alone. */
const LOSSES: Record<'none' | 'softmax' | 'sigmoid', (says: number, answer: number) => number> = {
  none: (says, answer) => (says - answer) ** 2,
  softmax: (says, p) => (says === 1 ? -logOf(p) : 0),
  sigmoid: (says, p) => -logOf(says === 1 ? p : 1 - p),
};

/** So many of the rows, the same each time. */
function drawn(rows: number, count: number, seed: number): (row: number) => boolean {
  const order = new Random(seed, STREAM).shuffle(Uint32Array.from({ length: rows }, (_, row) => row));
  const taken = new Uint8Array(rows);
  for (const row of order.subarray(0, count)) taken[row] = 1;
  return (row) => taken[row] === 1;
}

/** What rows say, by output: a class is 1 for itself and 0 for the others. */
function saying(
  { rows, width, x, y, weight }: Matrix,
  { task, outputs, targets = 1 }: Pick<FitRequest<Rows>, 'task' | 'outputs' | 'targets'>,
): KeptRows {
  const isClass = taskOf(task).learning.ending === 'softmax';
  const says = new Float32Array(rows * outputs);
  const counts = new Float32Array(rows * outputs).fill(1);
  for (let row = 0; row < rows; row++) {
    for (let output = 0; output < outputs; output++) {
      const at = row * outputs + output;
      const target = isClass ? row : row * targets + output;
      says[at] = isClass ? Number(y[row] === output) : y[target];
      if (weight) counts[at] = weight[target];
    }
  }
  const prior = Array.from({ length: outputs }, (_, output) => {
    let [sum, total] = [0, 0];
    for (let at = output; at < says.length; at += outputs) {
      sum += counts[at] * says[at];
      total += counts[at];
    }
    return total > 0 ? sum / total : 0;
  });
  return { rows, width, x, outputs, says, counts, prior };
}
