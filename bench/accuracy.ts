/**
 * Accuracy on public sets (accuracy.sets.ts): trains on the train part of each with several seeds, scores the file that would be
 * deployed on its test part, and prints it beside the scores of peers on the same rows. Without --sets: all that the folder has;
 * one that cannot be learnt tells why. `worst` is that of the seeds; `first` are the seconds until the first model is there.
 *   npm run bench -- accuracy --data FOLDER [--sets a,b] [--family auto] [--parameters JSON] [--seeds 7,1,2] [--json]
 * PRAXIS_BENCH_DATA may name the folder as well.
 */
import { requestOf } from '../src/engine/steps/request';
import { train } from '../src/engine/run';
import { EngineError, type TrainEvent, type TrainPort, type TrainRequest, type TrainResult } from '../src/engine/types';
import { peerScores, readSet, setNames, type PeerScores, type PublicSet } from './accuracy.sets';

const SEEDS = '7,1,2';
const THREADS = 2;
const DIGITS = 4;

/** By the names of the peers: the name here, and whether more is better. */
const METRICS: Record<string, { name: string; isGain: boolean }> = {
  roc_auc: { name: 'rocAuc', isGain: true },
  rmse: { name: 'rmse', isGain: false },
  accuracy: { name: 'accuracy', isGain: true },
  macro_f1: { name: 'f1Macro', isGain: true },
};
const DEFAULT_METRICS = ['rmse', 'accuracy'];

interface Outcome {
  seed: number;
  score: number;
  kept: string;
  seconds: number;
  /** Until the first model is there. */
  firstSeconds: number;
  rowMs: number;
}

interface SetOutcome {
  set: string;
  metric: string;
  worst: number | null;
  outcomes: Outcome[];
  peers: Omit<PeerScores, 'metric'> | null;
  /** Why it cannot be learnt. */
  error?: string;
}

interface Choice {
  family: string;
  parameters: Record<string, unknown>;
  seeds: number[];
  peers: Map<string, PeerScores>;
}

function requestFor(
  { card, splitColumn, table, traits }: PublicSet,
  { family, parameters }: Choice,
  seed: number,
): TrainRequest {
  const steps = [
    { id: 'split', kind: 'SPLIT', parameters: { kind: 'column', column: splitColumn, validationFraction: 0.2 } },
    { id: 'train', kind: 'TRAIN', parameters: { family, parameters } },
  ];
  const task = card.task.startsWith('regression') ? 'regression' : null;
  const { target, drop = [] } = card;
  return { ...requestOf(steps), target, task, drop, table, traits, seed, resume: null };
}

async function measure(
  set: PublicSet,
  choice: Choice,
  seed: number,
): Promise<{ result: TrainResult; outcome: Omit<Outcome, 'score'> }> {
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  let firstSeconds: number | null = null;
  const port: TrainPort = {
    emit: (events) => {
      if (events.some(isModel)) firstSeconds ??= seconds();
    },
    checkpoint: () => undefined,
    control: () => 'continue',
  };
  const result = await train(requestFor(set, choice, seed), port, { threads: THREADS });
  const [best] = result.leaderboard;
  const { rowMs } = result.variants[0].latency;
  return {
    result,
    outcome: { seed, kept: best.candidate, seconds: seconds(), firstSeconds: firstSeconds ?? NaN, rowMs },
  };
}

/** The log says of each model that is there how it does on validation. */
const isModel = (event: TrainEvent): boolean => event.kind === 'log' && event.message.includes(': validation ');

async function score(folder: string, name: string, choice: Choice): Promise<SetOutcome> {
  const peers = choice.peers.get(name) ?? null;
  const known = peers && METRICS[peers.metric.split(' ')[0]];
  const outcomes: Outcome[] = [];
  let metric = known?.name;
  const ofSet = () => ({
    ...{ set: name, metric: metric ?? '', worst: worstOf(outcomes, known?.isGain ?? metric !== 'rmse'), outcomes },
    peers: peers && { linear: peers.linear, neural: peers.neural, trees: peers.trees },
  });
  try {
    const set = await readSet(folder, name);
    for (const seed of choice.seeds) {
      const { result, outcome } = await measure(set, choice, seed);
      const { metrics } = result.evaluation;
      metric ??= DEFAULT_METRICS.find((one) => metrics.some((each) => each.name === one));
      const value = metrics.find((each) => each.name === metric)?.value ?? NaN;
      outcomes.push({ ...outcome, score: value });
    }
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return { ...ofSet(), error: `${error.message} ${error.hint}` };
  }
  return ofSet();
}

function worstOf(outcomes: Outcome[], isGain: boolean): number | null {
  const scores = outcomes.map(({ score: one }) => one);
  if (scores.length === 0) return null;
  return isGain ? Math.min(...scores) : Math.max(...scores);
}

function line({ set, metric, worst, outcomes, peers, error }: SetOutcome): string {
  const scores = outcomes.map((each) => `${each.score.toFixed(DIGITS)} (${each.kept}, ${each.seconds.toFixed(1)} s)`);
  const shown = error ?? scores.join(' ');
  const others = peers ? [peers.linear, peers.neural, peers.trees] : ['–', '–', '–'];
  return `| ${[set, metric, worst?.toFixed(DIGITS) ?? '–', shown, ...others].join(' | ')} |`;
}

/** The last line printed is the result as JSON. */
export async function run(args: string[]): Promise<void> {
  const option = (name: string): string | undefined => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
  const folder = option('--data') ?? process.env.PRAXIS_BENCH_DATA;
  if (!folder) throw new Error('Name the folder of the sets: --data FOLDER, or PRAXIS_BENCH_DATA.');
  const choice: Choice = {
    family: option('--family') ?? 'auto',
    parameters: JSON.parse(option('--parameters') ?? '{}'),
    seeds: (option('--seeds') ?? SEEDS).split(',').map(Number),
    peers: peerScores(folder),
  };
  const tell = (text: string) => args.includes('--json') || process.stdout.write(`${text}\n`);
  tell(`| set | metric | worst | ${choice.family}, seeds ${choice.seeds.join(' ')} | linear | neural | trees, other |`);
  tell('| --- | --- | --- | --- | --- | --- | --- |');
  const sets: SetOutcome[] = [];
  for (const name of option('--sets')?.split(',') ?? setNames(folder)) {
    sets.push(await score(folder, name, choice));
    tell(line(sets.at(-1)!));
  }
  process.stdout.write(`${JSON.stringify({ family: choice.family, sets }, null, args.includes('--json') ? 0 : 1)}\n`);
}
