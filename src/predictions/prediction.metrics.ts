import { Counter, Gauge, type Registry } from 'prom-client';
import { DurationMetric } from '../kernel/process/duration.metric';

/** Labels never name a tenant: that would leak and grow without bound. */
export class PredictionMetrics {
  readonly rows: Counter;
  readonly latency: DurationMetric;

  constructor(registry: Registry) {
    const registers = [registry];
    this.rows = new Counter({ name: 'praxis_predicted_rows_total', help: 'Rows predicted.', registers });
    this.latency = new DurationMetric(registry, {
      name: 'praxis_predict_seconds',
      help: 'From the checked request to its predictions.',
      deprecatedName: 'praxis_predict_milliseconds',
    });
  }
}

export class RecorderMetrics {
  readonly recorded: Counter;
  readonly dropped: Counter<'reason'>;

  constructor(registry: Registry, waitingRows: () => number) {
    const registers = [registry];
    this.recorded = new Counter({
      name: 'praxis_predictions_recorded_total',
      help: 'Predictions written to the database.',
      registers,
    });
    this.dropped = new Counter({
      name: 'praxis_predictions_dropped_total',
      help: 'Predictions meant to be recorded that were not: the queue was full, the answers of a request were too long (over 32 MiB), or the database refused them.',
      labelNames: ['reason'] as const,
      registers,
    });
    new Gauge({
      name: 'praxis_predictions_waiting',
      help: 'Predictions that wait to be written.',
      registers,
      collect() {
        this.set(waitingRows());
      },
    });
  }
}
