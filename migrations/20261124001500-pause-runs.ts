import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATES = ['QUEUED', 'PREPARING', 'TRAINING', 'PAUSED', 'EVALUATING', 'SUCCEEDED', 'FAILED', 'CANCELLED'];
const check = (states: string[]): string => `
  ALTER TABLE runs DROP CONSTRAINT runs_state_check;
  ALTER TABLE runs ADD CONSTRAINT runs_state_check CHECK (state IN (${states.map((s) => `'${s}'`).join(', ')}))`;

/** Runs that wait until they are told to go on, and learning rates that change on the way. */
export class PauseRuns1795478500000 implements MigrationInterface {
  name = 'PauseRuns1795478500000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`${check(STATES)};
      ALTER TABLE runs
        ADD COLUMN pause_requested boolean NOT NULL DEFAULT false,
        -- The state to go back to from the queue, for a run that has been paused.
        ADD COLUMN paused_state text,
        -- Wished for in place of the parameter of the family; null: not wished.
        ADD COLUMN learning_rate double precision CHECK (learning_rate > 0)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      UPDATE runs SET state = 'CANCELLED', finished_at = now() WHERE state = 'PAUSED';
      ALTER TABLE runs DROP COLUMN pause_requested, DROP COLUMN paused_state, DROP COLUMN learning_rate;
      ${check(STATES.filter((state) => state !== 'PAUSED'))}`);
  }
}
