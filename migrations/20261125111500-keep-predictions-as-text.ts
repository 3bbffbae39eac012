import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A recorded row stays the text it was sent as: parsing its numbers for jsonb was half of what a prediction cost. */
export class KeepPredictionsAsText1795605300000 implements MigrationInterface {
  name = 'KeepPredictionsAsText1795605300000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE predictions ALTER input TYPE json, ALTER scores TYPE json, ALTER targets TYPE json',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE predictions ALTER input TYPE jsonb, ALTER scores TYPE jsonb, ALTER targets TYPE jsonb',
    );
  }
}
