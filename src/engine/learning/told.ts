/** Of learners that compute again what they have, when they go on: which points were told already. */
import type { FitPoint, FitRequest, LearnedRows } from './fit';
import type { LearnerPort } from './learner';

/** Between two looks at what is asked of the training. */
const LOOK_MS = 50;
/** Raised when the bytes take another form. */
export const TOLD_STATE_VERSION = 1;

export class PointsTold {
  private told = 0;
  private count = 0;
  private lastLook = performance.now();
  private readonly fingerprint: string;

  constructor(
    request: FitRequest<LearnedRows>,
    private readonly port: LearnerPort,
  ) {
    const { family, parameters, task, outputs, targets, train, validation, seed } = request;
    const shape = [task, outputs, targets, train.rows, train.width, validation.rows, seed];
    this.fingerprint = JSON.stringify([TOLD_STATE_VERSION, family, parameters, ...shape]);
    const known = request.resume && this.decode(request.resume);
    if (request.resume && known === null) port.startsAnew();
    this.told = known ?? 0;
  }

  /** Asked again and again. Throws to stop and to pause. */
  readonly look = (): void => {
    if (performance.now() - this.lastLook >= LOOK_MS) this.report([]);
  };

  tell(points: FitPoint[], how: { finished?: boolean } = {}): void {
    const known = Math.min(points.length, Math.max(0, this.told - this.count));
    this.count += points.length;
    this.told = Math.max(this.told, this.count);
    this.report(points.slice(known), how);
  }

  private report(points: FitPoint[], how: { finished?: boolean } = {}): void {
    this.lastLook = performance.now();
    this.port.report({ points, state: () => this.encode(), ...how });
  }

  private encode(): Uint8Array {
    return new TextEncoder().encode(JSON.stringify([this.fingerprint, this.told]));
  }

  private decode(bytes: Uint8Array): number | null {
    try {
      const [fingerprint, told] = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
      return fingerprint === this.fingerprint ? told : null;
    } catch {
      return null;
    }
  }
}
