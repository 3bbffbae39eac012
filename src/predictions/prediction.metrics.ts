import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Labels never name a tenant: that would leak and grow without bound. */
export class PredictionMetrics {
  readonly rows: Counter;
  readonly latencyMs: Histogram;

  constructor(registry: Registry) {
    const registers = [registry];
    this.rows = new Counter({ name: 'praxis_predicted_rows_total', help: 'Rows predicted.', registers });
    this.latencyMs = new Histogram({
      name: 'praxis_predict_milliseconds',
      help: 'From the checked request to its predictions.',
      buckets: [0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500],
      registers,
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
      help: 'Predictions meant to be recorded that were not: the queue was full, or the database refused them.',
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
