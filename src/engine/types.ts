/** What the engine speaks with the rest of Praxis. Pure data: no native library, no Node built-ins. */
import type { ColumnReading } from '../formats';
import type { Evaluation, ModelWarning } from './evaluation.types';

export * from './evaluation.types';

// ---- tables ---------------------------------------------------------------------------------------------------

/** A numeric column; NaN is a missing value. */
export interface NumberColumn {
  name: string;
  kind: 'number';
  values: Float64Array;
}

/** A column of text or booleans, dictionary coded; code -1 is a missing value. */
export interface CategoryColumn {
  name: string;
  kind: 'category';
  codes: Int32Array;
  levels: string[];
}

export type Column = NumberColumn | CategoryColumn;

export interface Table {
  rowCount: number;
  columns: Column[];
}

// ---- tasks and requests ---------------------------------------------------------------------------------------

export const TASKS = [
  'regression',
  'binary',
  'multiclass',
  'multilabel',
  'multi_regression',
  'sequence_labeling',
  'anomaly',
] as const;
export type Task = (typeof TASKS)[number];

/**
 * How rows are divided. `column` holds `train`, `test` and optionally `validation`. Fractions are in (0, 0.5];
 * `validationFraction` is of the rows that are not test rows. `stratify` keeps class shares; regression ignores it.
 */
export type SplitOptions =
  | { kind: 'random'; testFraction: number; validationFraction: number; stratify: boolean }
  | { kind: 'column'; column: string; validationFraction: number };

export interface PreprocessOptions {
  /** Fill for missing numbers; text always gets its own "missing" level. */
  impute: 'median' | 'mean' | 'zero';
  /** Adds a 0/1 feature for each numeric column that had missing values in training. */
  missingIndicator: boolean;
  scale: 'standard' | 'robust' | 'minmax' | 'none';
  /** Levels rarer than this share of training rows join one "other" level; unseen levels go there too. */
  rareFraction: number;
  /** At most this many levels get a column of their own; the rest join "other". */
  levelsMax: number;
  /** Quantile bins per number column, each a piecewise-linear feature beside the scaled one; 0 for none, default 12. */
  bins?: number;
}

export interface TrainRequest {
  table: Table;
  /**
   * The column to predict, or several: of numbers, of two values each, or of one set of labels, the steps of a sequence in
   * order. Empty for `anomaly`, where one binary column may be named to evaluate by.
   */
  target: string | string[];
  /** Null: decided from the target columns; `anomaly` where there are none. */
  task: Task | null;
  /** Of a target of two classes: the one that precision, recall, F1 and the curves are of. Left out: decided from the values. */
  positiveClass?: string;
  /** Columns the user excludes. */
  drop: string[];
  /** How columns came to hold what they hold, by name, in sentences: told of those that are left out for what they hold. */
  remarks?: ReadonlyMap<string, string>;
  split: SplitOptions;
  preprocess: PreprocessOptions;
  estimator: { family: string; parameters: Record<string, unknown> };
  /** Seeds split, initial weights, shuffles and dropout. Same request and seed: same model, bit for bit, on one machine. */
  seed: number;
  /** The file of a trained network (network/network-file.ts), for families that go on from one. */
  network?: Uint8Array | null;
  /** Left out: ONNX Runtime on the best provider. */
  executor?: ExecutorWish;
  resume: { checkpoint: Uint8Array; skipThroughOrdinal: number } | null;
}

/** A table too large to be held, in the hands of somebody who can read it in parts. */
export interface TableSource {
  rowCount: number;
  /** Names. */
  columns: string[];
  /** Whole columns. */
  read(columns: string[]): Promise<Table>;
  /** All columns of about `rows` rows, drawn by the seed, in order; the same ones each time. */
  sample(rows: number, seed: number): Promise<TableSample>;
  /** All rows in order, in parts. Levels of a category are those of the part. */
  scan(columns: string[]): AsyncIterable<Table>;
}

export interface TableSample extends Table {
  /** Which rows of the table these are. */
  rowNumbers: Uint32Array;
}

/** Training on more rows than memory holds: they are encoded once and kept in blocks on disk. */
export interface StreamRequest extends Omit<TrainRequest, 'table'> {
  source: TableSource;
  /** Bytes of encoded rows in memory, at most. */
  bytesMax: number;
  /** An empty folder for the blocks, of which the caller takes care. */
  scratch: string;
}

// ---- what a run reports ---------------------------------------------------------------------------------------

export type Split = 'train' | 'validation' | 'test';

/**
 * Events are deterministic in content and order (no durations, no clock), so a resumed run emits the same ones again;
 * `ordinal` counts them from 1 and the receiver drops those it already has.
 */
export type TrainEvent = { ordinal: number } & (
  | { kind: 'state'; state: 'PREPARING' | 'TRAINING' | 'EVALUATING' }
  | { kind: 'metric'; step: number; epoch: number; split: Split; name: string; value: number; candidate: string }
  | { kind: 'progress'; fraction: number }
  | { kind: 'log'; level: 'info' | 'warn'; message: string }
);

export interface TrainPort {
  /** Called with the events of one chunk, about four times a second. */
  emit(events: TrainEvent[]): void;
  /** Called at most every few seconds between chunks; `lastOrdinal` is the last event before it. */
  checkpoint(state: Uint8Array, lastOrdinal: number): void;
  /**
   * Asked between chunks. `stop` makes `train` throw TrainingStopped; `pause` makes it write a checkpoint, where training
   * has begun, and throw TrainingPaused.
   */
  control(): Command;
  /**
   * Asked between chunks: the learning rate wished for, before any schedule, for whatever candidate trains; null or left
   * out: the one it has. A change is logged, and in a checkpoint before the next step.
   */
  learningRate?(): number | null;
  /** Left out: a GPU that is there may be taken. */
  devices?: DeviceSharing;
}

/** Shares out the GPUs of the machine among trainings. */
export interface DeviceSharing {
  /** Asked before a GPU is used. Never waits for another training. */
  take(need: DeviceNeed): Promise<DeviceOffer>;
  /** What was taken is not used any more. */
  giveBack(): void;
}

export interface DeviceNeed {
  provider: GpuProvider;
  /** Of its memory, about. */
  bytes: number;
}

/** Why there is no device: `refusal` goes on from the name of the provider, `hint` says what to change. */
export interface DeviceRefusal {
  refusal: string;
  hint: string;
}

export type DeviceOffer = { index: number; description: string } | DeviceRefusal;

export type Command = 'continue' | 'pause' | 'stop';

/** One raw input column of a serving graph; the graph input has the same name, shape [batch, 1]. */
export interface InputField extends ColumnReading {
  name: string;
  type: 'number' | 'category';
  /** Of the graph input of a number; older cards do not say: float32. */
  elementType?: 'float64';
  /** Seen range of a number column in training, for notes on predictions, for drift and for forms. */
  minimum: number | null;
  maximum: number | null;
  /** Levels with a column of their own; others are treated as "other". */
  levels: string[] | null;
  /** Of text: what training saw besides `levels`. Older cards do not say, nor do those of more than a million. */
  rareLevels?: RareLevels;
  /** Fill of a missing number. */
  fill: number | null;
  /** Share of the training rows in which it was missing; older cards do not say. */
  missingFraction?: number;
  /** Of a column of ids: which of the card's vocabularies they are looked up in. */
  vocabulary?: number;
}

/** Texts that rows of the training hold, and that a model does not tell apart: too rare, or too many. */
export interface RareLevels {
  /** How many there are. */
  count: number;
  /** Share of the training rows that the most frequent of them is in. */
  largestShare: number;
  /** In order; null where they are too many to list. */
  texts: string[] | null;
  /** In place of `texts`, as in a vocabulary of ids. */
  filter?: { bits: string };
}

/** The ids that a model knows: numbers and texts, told apart by their value. */
export interface IdVocabulary {
  /** How many there are. */
  count: number;
  /** Those ids as texts, numbers ascending before texts; null where they are too many to list. */
  ids: string[] | null;
  /** In place of `ids`: their texts as a filter (preprocess/text-filter.ts), which takes one unknown id in a hundred for known. */
  filter?: { bits: string };
  /** An id of steps that do not count. */
  padding?: string;
}

/** One of several target columns. */
export interface TargetField extends Pick<ColumnReading, 'columnType'> {
  name: string;
  /** What it may hold, in the order of its classes; the second of two is the positive one. Null for numbers. */
  labels: string[] | null;
  /** As that of a card. */
  resolution?: number;
}

export interface ModelCard extends Pick<ColumnReading, 'columnType'> {
  task: Task;
  /** The column it predicts; null where there are several (then see `targets`) or none. */
  target: string | null;
  /** The columns of a task of several targets, in the order of the outputs; left out otherwise. */
  targets?: TargetField[];
  family: string;
  parameters: Record<string, unknown>;
  inputs: InputField[];
  /** Of models that read ids; versions made before there were vocabularies have none. */
  vocabularies?: IdVocabulary[];
  /** Labels in the order of the `probabilities` output: classes, of multilabel the names of the targets; null for numbers. */
  labels: string[] | null;
  /**
   * Of a number: predictions that differ by less say the same, as the network computes in 32-bit floats. Left out where that
   * depends on the number itself: 7 digits.
   */
  resolution?: number;
  /** Of anomaly: rows with a larger error are anomalies. */
  threshold?: number;
  parameterCount: number;
  /** Columns that are not used, and why. */
  leftOut: { column: string; reason: string }[];
  /** Found when it was evaluated; older cards do not say. */
  warnings?: ModelWarning[];
}

/** How the weights of a model file are stored. Training makes float32. */
export const PRECISIONS = ['float32', 'float16', 'int8'] as const;
export type Precision = (typeof PRECISIONS)[number];
export type CompressedPrecision = Exclude<Precision, 'float32'>;

/** Medians on one thread of the machine that trained, from typed columns to the answer. */
export interface Latency {
  /** Of a single row. */
  rowMs: number;
  batchRows: number;
  batchMs: number;
}

/** A model file in one precision, and what it does on the test rows. */
export interface ModelVariant {
  precision: Precision;
  model: Uint8Array;
  /** As in the evaluation, those defined on these rows; `change` is from float32. */
  metrics: { name: string; target?: string; value: number; change: number }[];
  /** From float32: of the probabilities, or of the predicted numbers in the units of the targets. */
  difference: { largest: number; mean: number };
  latency: Latency;
}

/** What runs the steps: ONNX Runtime, TensorFlow where it is installed, or plain JavaScript. */
export const EXECUTORS = ['onnx', 'tensorflow', 'reference'] as const;
export type ExecutorName = (typeof EXECUTORS)[number];

export const PROVIDERS = ['cpu', 'cuda', 'webgpu'] as const;
export type Provider = (typeof PROVIDERS)[number];
export type GpuProvider = Exclude<Provider, 'cpu'>;

/** What a run is to be trained on. What is named is not replaced by anything else: where it is absent, the run fails. */
export interface ExecutorWish {
  executor: ExecutorName;
  /** Of `onnx`; `auto`: the best that is there and pays for a network of this size. */
  provider: Provider | 'auto';
}

/** What a model was trained on. */
export interface TrainedOn {
  executor: ExecutorName;
  provider: Provider;
  /** Why, in one sentence. */
  reason: string;
  /** Threads that computed a step. */
  threads: number;
}

export interface TrainResult {
  /** Serving graph: inputs as `card.inputs`, outputs as serving-graph.ts says. */
  model: Uint8Array;
  /** The same in each precision: `model` itself first, then those that are smaller. */
  variants: ModelVariant[];
  card: ModelCard;
  evaluation: Evaluation;
  /** Each candidate tried (one, unless the family is `auto`), best first, scored on the validation part. */
  leaderboard: {
    candidate: string;
    family: string;
    parameters: Record<string, unknown>;
    metric: string;
    score: number;
  }[];
  splitCounts: { train: number; validation: number; test: number };
  /** Of the best candidate; the others may have run elsewhere. */
  executor: TrainedOn;
}

// ---- families -------------------------------------------------------------------------------------------------

/** What the columns of a row are to a family: features in any order, steps, pixels, a node of a graph, or ids. */
export const DATA_KINDS = ['table', 'sequence', 'image', 'graph', 'ids', 'any'] as const;
export type DataKind = (typeof DATA_KINDS)[number];

/** One entry of the family registry; `parameters` is validated by the JSON Schema before a run is queued. */
export interface FamilyInfo {
  name: string;
  title: string;
  description: string;
  data: DataKind;
  tasks: Task[];
  /** How numbers are scaled in a pipeline that does not say; left out: as the pipeline's default. */
  scale?: PreprocessOptions['scale'];
  /** JSON Schema (draft 2020-12) of the parameters, with defaults and bounds. */
  parameterSchema: Record<string, unknown>;
}

// ---- serving --------------------------------------------------------------------------------------------------

/** Files take and give one or the other; what they take is made of either. */
export type Numbers = Float64Array | Float32Array;

/** A batch as typed columns, in the order of the model's inputs. Missing: NaN for numbers, '' for text. */
export interface InputBatch {
  rowCount: number;
  columns: (Numbers | string[])[];
}

export interface OutputBatch {
  rowCount: number;
  /** Label or number per row; of several targets row-major [rows, targets]. */
  prediction: string[] | Numbers;
  /** Row-major [rows, classes], of multilabel [rows, targets], of a sequence [rows, steps, classes]; null for numbers. */
  probabilities: Float32Array | null;
}

// ---- faults ---------------------------------------------------------------------------------------------------

/** A fault the user can correct; `path` names the column or parameter, `hint` says what to change. */
export class EngineError extends Error {
  constructor(
    message: string,
    readonly path: string,
    readonly hint: string,
  ) {
    super(message);
    this.name = 'EngineError';
  }
}

/** Thrown by `train` when `control()` said stop. */
export class TrainingStopped extends Error {
  constructor() {
    super('Training was stopped.');
    this.name = 'TrainingStopped';
  }
}

/** Thrown by `train` when `control()` said pause: started again from its last checkpoint, it ends as if never paused. */
export class TrainingPaused extends Error {
  constructor() {
    super('Training was paused.');
    this.name = 'TrainingPaused';
  }
}
