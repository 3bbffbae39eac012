/** How training ends without a model. */

/** A fault the user can correct; `path` names the column or parameter, `hint` says what to change. */
export class EngineError extends Error {
  constructor(
    message: string,
    readonly path: string,
    readonly hint: string,
  ) {
    super(message);
    this.name = 'EngineError';
  }
}

/** Thrown by `train` when `control()` said stop. */
export class TrainingStopped extends Error {
  constructor() {
    super('Training was stopped.');
    this.name = 'TrainingStopped';
  }
}

/** Thrown by `train` when `control()` said pause: started again from its last checkpoint, it ends as if never paused. */
export class TrainingPaused extends Error {
  constructor() {
    super('Training was paused.');
    this.name = 'TrainingPaused';
  }
}
