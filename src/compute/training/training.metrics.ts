import { Counter, Gauge, type Registry } from 'prom-client';
import { TrainingPaused, TrainingStopped } from '../../engine';
import type { StreamRequest, TrainRequest } from '../../engine/types';
import { DurationMetric } from '../../kernel/process/duration.metric';

const SECONDS = [0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 14_400, 86_400];

/** What an operator watches about training. Labels come from the list of families: never a tenant, a run or a name of a caller. */
export class TrainingMetrics {
  private readonly runs: Counter<'family' | 'outcome'>;
  private readonly rows: Counter<'family'>;
  private readonly duration: DurationMetric<'family'>;
  private readonly active: Gauge<'family'>;

  constructor(registry: Registry, now: { threads: () => number; waiting: () => number }) {
    const registers = [registry];
    this.runs = new Counter({
      ...{
        name: 'praxis_trainings_total',
        help: 'Trainings that ended: with a model (succeeded), by a fault (failed), because somebody stopped or paused them (stopped).',
      },
      ...{ labelNames: ['family', 'outcome'] as const, registers },
    });
    this.rows = new Counter({
      ...{ name: 'praxis_training_rows_total', help: 'Rows of the tables of trainings that ended with a model.' },
      ...{ labelNames: ['family'] as const, registers },
    });
    this.duration = new DurationMetric(registry, {
      ...{
        name: 'praxis_training_duration_seconds',
        help: 'Trainings that ended with a model, waiting for a thread included.',
      },
      ...{ labelNames: ['family'] as const, buckets: SECONDS },
    });
    this.active = new Gauge({
      ...{ name: 'praxis_trainings_active', help: 'Trainings that have a thread or wait for one.' },
      ...{ labelNames: ['family'] as const, registers },
    });
    const gauge = (name: string, help: string, read: () => number) =>
      new Gauge({
        ...{ name, help, registers },
        collect() {
          this.set(read());
        },
      });
    gauge('praxis_training_threads', 'Threads that train.', now.threads);
    gauge('praxis_trainings_waiting', 'Trainings that wait for a thread.', now.waiting);
  }

  async measure<T>(request: TrainRequest | StreamRequest, train: () => Promise<T>): Promise<T> {
    const { family } = request.estimator;
    const { rowCount } = 'source' in request ? request.source : request.table;
    const startedMs = performance.now();
    this.active.inc({ family });
    try {
      const result = await train();
      this.runs.inc({ family, outcome: 'succeeded' });
      this.rows.inc({ family }, rowCount);
      this.duration.observeMs(performance.now() - startedMs, { family });
      return result;
    } catch (error) {
      const stopped = error instanceof TrainingStopped || error instanceof TrainingPaused;
      this.runs.inc({ family, outcome: stopped ? 'stopped' : 'failed' });
      throw error;
    } finally {
      this.active.dec({ family });
    }
  }
}
