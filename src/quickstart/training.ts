import { RunEventsDocument, type PraxisClient, type RunEventsSubscription } from '../sdk';
import type { ProgressLine } from './progress';
import type { Seconds } from './main-job';

type RunEvent = RunEventsSubscription['runEvents'];
type Point = Extract<RunEvent['event'], { __typename: 'MetricPoint' }>;

/** Shows a run as it trains, to its end, and tells how long its parts took, counted from `startMs`. */
export async function followRun(
  client: PraxisClient,
  runId: string,
  { startMs, signal, progress }: { startMs: number; signal: AbortSignal; progress: ProgressLine },
): Promise<Pick<Seconds, 'firstMetric' | 'train' | 'evaluate'>> {
  const view = new TrainingView();
  const sinceStart = () => (performance.now() - startMs) / 1000;
  let firstMetric: number | null = null;
  let evaluating: number | null = null;
  for await (const { runEvents } of client.subscribe(RunEventsDocument, { runId, after: 0 }, { signal })) {
    const { event } = runEvents;
    if (event.__typename === 'MetricPoint') firstMetric ??= sinceStart();
    if (event.__typename === 'RunStateChanged' && event.state === 'EVALUATING') evaluating = sinceStart();
    if (event.__typename === 'LogLine') progress.done(`  ${event.level.toLowerCase()}: ${event.message}`);
    else progress.update(view.show(event));
  }
  signal.throwIfAborted();
  const ended = sinceStart();
  const train = evaluating ?? ended;
  progress.done(`train    ${train.toFixed(2)} s, evaluated in ${(ended - train).toFixed(2)} s`);
  return { firstMetric, train, evaluate: ended - train };
}

/** What is known of a run so far, as one line. */
class TrainingView {
  private state = 'queued';
  private fraction = 0;
  private point: Point | null = null;

  show(event: RunEvent['event']): string {
    if (event.__typename === 'RunStateChanged') this.state = event.state.toLowerCase();
    if (event.__typename === 'RunProgress') this.fraction = event.fraction;
    if (event.__typename === 'MetricPoint') this.point = event;
    const done = `${Math.round(100 * this.fraction)} %`.padStart(5);
    return `train    ${done}  ${this.state}${this.point ? `  ${describe(this.point)}` : ''}`;
  }
}

const describe = ({ candidate, epoch, split, name, value }: Point): string =>
  `${candidate}, epoch ${epoch}: ${split.toLowerCase()} ${name} ${value?.toPrecision(4) ?? '-'}`;
