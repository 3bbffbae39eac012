/** A small table with gaps and texts, and runs over it. */
import { createFit } from '../../../src/engine/learning/create-fit';
import { Random } from '../../../src/engine/random';
import { trainTable } from '../../../src/engine/training/train';
import type { Column, Command, TrainRequest } from '../../../src/engine/types';
import { recorder } from '../support/train-port';
import { DEFAULTS } from '../tables';
import { uniform } from './boosting.fixture';

const ROWS = 500;
export const LEVELS = ['north', 'east', 'south', 'west'];

/** Numbers with gaps, a text with gaps, and targets of each kind that depend on them. */
function table(): TrainRequest['table'] {
  const random = new Random(11);
  const a = Float64Array.from({ length: ROWS }, () => (uniform(random) < 0.1 ? NaN : uniform(random)));
  const b = Float64Array.from({ length: ROWS }, () => random.below(7));
  const codes = Int32Array.from({ length: ROWS }, () => (uniform(random) < 0.1 ? -1 : random.below(4)));
  const signal = Float64Array.from(a, (value, i) => {
    const fromText = codes[i] === 1 ? 2 : codes[i] < 0 ? -1 : 0;
    return (Number.isNaN(value) ? 1.5 : value) + b[i] / 7 + fromText + uniform(random) / 4;
  });
  const classes = (levels: string[], codeOf: (value: number, i: number) => number): Column => ({
    ...{ name: 'y', kind: 'category', levels },
    codes: Int32Array.from(signal, codeOf),
  });
  return {
    rowCount: ROWS,
    columns: [
      { name: 'place', kind: 'category', codes, levels: LEVELS },
      { name: 'a', kind: 'number', values: a },
      { name: 'b', kind: 'number', values: b },
      { name: 'number', kind: 'number', values: signal },
      { name: 'other', kind: 'number', values: signal.map((value, i) => value * 3 - b[i]) },
      { ...classes(['no', 'yes'], (value) => Number(value > 1)), name: 'flag' },
      { ...classes(['no', 'yes'], (_, i) => Number(codes[i] === 1)), name: 'east' },
      { ...classes(['low', 'middle', 'high'], (value) => (value < 0.7 ? 0 : value < 1.6 ? 1 : 2)), name: 'class' },
    ],
  };
}

const TARGETS = ['number', 'other', 'flag', 'east', 'class'];

export function requestOf(
  family: string,
  target: string | string[],
  parameters: Record<string, unknown> = {},
): TrainRequest {
  return {
    ...{ table: table(), target, task: null, seed: 3, resume: null },
    drop: TARGETS.filter((name) => ![target].flat().includes(name)),
    split: { kind: 'random', testFraction: 0.2, validationFraction: 0.2, stratify: true },
    preprocess: DEFAULTS,
    estimator: { family, parameters },
  };
}

export async function trained(
  trainRequest: TrainRequest,
  {
    commands = () => 'continue',
    checkpointMs = 60_000,
    threads = 1,
  }: { commands?: () => Command; checkpointMs?: number; threads?: number } = {},
) {
  const states: { bytes: Uint8Array; lastOrdinal: number }[] = [];
  const { events, port } = recorder({
    checkpoint: (bytes, lastOrdinal) => states.push({ bytes: bytes.slice(), lastOrdinal }),
    control: commands,
  });
  return { events, states, ...(await trainTable(trainRequest, port, createFit({ checkpointMs, threads }))) };
}
