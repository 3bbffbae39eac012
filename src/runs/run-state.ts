import { registerEnumType } from 'type-graphql';

export enum RunState {
  QUEUED = 'QUEUED',
  PREPARING = 'PREPARING',
  TRAINING = 'TRAINING',
  PAUSED = 'PAUSED',
  EVALUATING = 'EVALUATING',
  SUCCEEDED = 'SUCCEEDED',
  FAILED = 'FAILED',
  CANCELLED = 'CANCELLED',
}

registerEnumType(RunState, {
  name: 'RunState',
  description: 'Where a run stands. SUCCEEDED, FAILED and CANCELLED are final.',
  valuesConfig: {
    QUEUED: { description: 'Waits for a free worker.' },
    PREPARING: {
      description:
        'Waits for a slot of the GPU where one was named; reads the table, splits it and fits the preprocessing.',
    },
    TRAINING: { description: 'Fits the candidates.' },
    PAUSED: { description: 'Waits for `resumeRun`; no worker holds it.' },
    EVALUATING: { description: 'Scores the winner on the test part and writes the model.' },
    SUCCEEDED: { description: 'Ended with a model version.' },
    FAILED: { description: 'Ended with an error that says what to change.' },
    CANCELLED: { description: 'Ended by `cancelRun`.' },
  },
});

const { QUEUED, PREPARING, TRAINING, PAUSED, EVALUATING, SUCCEEDED, FAILED, CANCELLED } = RunState;

/** The only changes of state there are. */
export const TRANSITIONS: Readonly<Record<RunState, readonly RunState[]>> = {
  // A run that was paused goes on in the state it had.
  QUEUED: [PREPARING, TRAINING, PAUSED, FAILED, CANCELLED],
  PREPARING: [TRAINING, PAUSED, QUEUED, FAILED, CANCELLED],
  TRAINING: [EVALUATING, PAUSED, QUEUED, FAILED, CANCELLED],
  PAUSED: [QUEUED, FAILED, CANCELLED],
  EVALUATING: [SUCCEEDED, FAILED, CANCELLED],
  SUCCEEDED: [],
  FAILED: [],
  CANCELLED: [],
};

export const isFinal = (state: RunState): boolean => TRANSITIONS[state].length === 0;

/** The states from which a run may go to `state`. */
export const sourcesOf = (state: RunState): RunState[] =>
  Object.values(RunState).filter((source) => TRANSITIONS[source].includes(state));

/** States in which a worker holds the run. */
export const HELD: readonly RunState[] = [PREPARING, TRAINING, EVALUATING];
