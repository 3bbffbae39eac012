/** What a training of trees keeps, tells and stores as it goes. */
import type { ColumnRows, FitRequest } from '../learning/fit';
import type { LearnerPort, Progress } from '../learning/learner';
import { fingerprintOf } from './request';
import { decodeState, encodeState, type TreesState } from './state';

/** Between two looks at what is asked of the training. */
const LOOK_MS = 50;

export class TreesProgress {
  /** Goes on from what the request resumes, where that is of such a request. */
  readonly state: TreesState;
  private readonly fingerprint: string;
  private lastLook = performance.now();

  /** @param numbers the learner's own, at the start */
  constructor(
    request: FitRequest<ColumnRows>,
    private readonly port: LearnerPort,
    numbers: number[],
  ) {
    this.fingerprint = fingerprintOf(request);
    const known = request.resume && decodeState(request.resume, this.fingerprint);
    if (request.resume && !known) port.startsAnew();
    this.state = known ?? { searched: [], refitted: [], numbers };
  }

  /** Asked again and again within a tree. Throws to stop and to pause. */
  readonly look = (): void => {
    if (performance.now() - this.lastLook >= LOOK_MS) this.report([]);
  };

  report(points: Progress['points'], how: Pick<Progress, 'finished' | 'store'> = {}): void {
    this.lastLook = performance.now();
    this.port.report({ points, state: () => encodeState(this.state, this.fingerprint), ...how });
  }
}
