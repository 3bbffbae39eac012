/** What an exact solver keeps, tells and stores as it goes. */
import type { FitRequest, Rows } from '../learning/fit';
import type { LearnerPort, Progress } from '../learning/learner';
import { decodeState, emptyState, encodeState, type PathState } from './solver-state';

/** Between two looks at what is asked of the training. */
const LOOK_MS = 50;

export class SolverProgress {
  /** Goes on from what the request resumes, where that is of such a request. */
  readonly state: PathState;
  private readonly fingerprint: string;
  private lastLook = performance.now();

  constructor(
    request: FitRequest<Rows>,
    private readonly port: LearnerPort,
  ) {
    this.fingerprint = fingerprintOf(request);
    const known = request.resume && decodeState(request.resume, this.fingerprint);
    if (request.resume && !known) port.startsAnew();
    this.state = known ?? emptyState();
  }

  /** Asked again and again within a fit. Throws to stop and to pause. */
  readonly look = (): void => {
    if (performance.now() - this.lastLook >= LOOK_MS) this.report([]);
  };

  report(points: Progress['points'], how: Pick<Progress, 'finished'> = {}): void {
    this.lastLook = performance.now();
    this.port.report({ points, state: () => encodeState(this.state, this.fingerprint), ...how });
  }
}

/** A state of another request is not taken up. */
function fingerprintOf({
  family,
  parameters,
  task,
  outputs,
  targets,
  train,
  validation,
  seed,
}: FitRequest<Rows>): string {
  const rows = [train.rows, train.width, validation.rows];
  return JSON.stringify([family, parameters, task, outputs, targets, rows, seed]);
}
