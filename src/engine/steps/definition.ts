/** What a kind of step is: its parameters, where it stands in a pipeline, and what it says of a training. */
import type { z } from 'zod';
import type { ColumnsStage } from '../columns/definition';
import type { RowsStage } from '../rows/definition';
import type { PreprocessOptions, TrainRequest } from '../types';

/**
 * rows: which rows there are, and of which part. columns: what their values become, fitted on the training part and
 * repeated by the model file. model: what learns from them.
 */
export type Stage = 'rows' | 'columns' | 'model';

/** What the steps of a pipeline say of a training; the run adds the table, the seed and where to go on. */
export type StepRequest = Omit<TrainRequest, 'table' | 'seed' | 'resume'>;

/** What one step says; of the encoding it may say a part. */
export type RequestPart = Partial<Omit<StepRequest, 'preprocess'>> & { preprocess?: Partial<PreprocessOptions> };

export interface StepDefinition<P = unknown> {
  /** The value of the enum StepKind. */
  kind: string;
  title: string;
  /** What it does, of the enum. */
  summary: string;
  /** What it does, and what happens in a pipeline that has none. */
  description: string;
  stage: Stage;
  /** Without edges, steps of a lower rank come first. In the stage of rows an edge never leads to a lower rank. */
  rank: number;
  /** A pipeline has any number of such steps; otherwise at most one. */
  isRepeatable?: boolean;
  /** Kinds that come before it where no edges say the opposite, as they did before edges had a meaning. */
  follows?: readonly string[];
  parameters: z.ZodType<P>;
  /** How to write the step, where every pipeline has one. */
  needed?: string;
  /** What a pipeline without such a step does, by the family it trains; left out: nothing. */
  absent?: (family: string) => P;
  /** Of the columns stage: what it does with columns. */
  columns?: ColumnsStage<P>;
  /** Of the rows stage: which rows are used, or what their histories hold. */
  rows?: RowsStage<P>;
  /** Divides the rows: steps of the rows stage behind it take rows out of the parts. */
  divides?: boolean;
  /** Edges may lead from it and to it anywhere in its stage. */
  isAnywhere?: boolean;
  /** Left out: nothing but its place among the steps. */
  says?(parameters: P): RequestPart;
  /** By a path into a training request, or its beginning, where the parameters say it: `target` → `.target`. */
  places: Record<string, string>;
}

/** `from` happens before `to`; both are ids of steps. */
export interface StepEdge {
  from: string;
  to: string;
}

/** A step of a pipeline, its parameters as its kind takes them. */
export interface PipelineStep {
  /** Unique in the pipeline. */
  id: string;
  kind: string;
  parameters: Record<string, unknown>;
}

/** Lets the functions of a step see the type of its parameters, which the table forgets. */
export const defineStep = <P>(step: StepDefinition<P>): StepDefinition => step as StepDefinition<unknown>;

const STAGES: readonly Stage[] = ['rows', 'columns', 'model'];

/** Below 0: steps of the one kind come before those of the other, where no edges say the opposite. */
export const compareKinds = (a: StepDefinition, b: StepDefinition): number =>
  STAGES.indexOf(a.stage) - STAGES.indexOf(b.stage) || a.rank - b.rank;
