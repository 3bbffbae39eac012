import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Predictions are stored many to a row. Their ids hold the block's, so those of a table with a row for each cannot be kept:
 * what was recorded before, in no release, goes.
 */
export class KeepPredictionsInBlocks1795626600000 implements MigrationInterface {
  name = 'KeepPredictionsInBlocks1795626600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE predictions;
      ALTER TABLE case_runs NO FORCE ROW LEVEL SECURITY;
      UPDATE case_runs SET prediction_id = NULL;
      ALTER TABLE case_runs FORCE ROW LEVEL SECURITY;

      -- Predictions of one file of a model in one deployment. The last 16 bits of the id are zero.
      CREATE TABLE prediction_blocks (
        tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
        id uuid NOT NULL,
        deployment_id uuid NOT NULL,
        model_version_id uuid NOT NULL,
        precision text NOT NULL,
        count integer NOT NULL CHECK (count BETWEEN 1 AND 65536),
        -- [[value, milliseconds after created_at], ...], one for each prediction.
        answers json NOT NULL,
        -- MessagePack: requests, inputs, probabilities.
        content bytea NOT NULL,
        created_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, id)
      );
      -- Compressing is most of what a block would cost, and numbers hardly shrink.
      ALTER TABLE prediction_blocks ALTER content SET STORAGE EXTERNAL;
      CREATE INDEX prediction_blocks_list ON prediction_blocks (tenant_id, deployment_id, created_at DESC, id);
      SELECT protect_tenant_table('prediction_blocks');

      -- A prediction's id is its block's with its place, from 0, in the last 16 bits.
      CREATE FUNCTION prediction_id(block uuid, ordinal bigint) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT (left(block::text, 32) || lpad(to_hex(ordinal), 4, '0'))::uuid
      $$;
      CREATE FUNCTION prediction_block(prediction uuid) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT (left(prediction::text, 32) || '0000')::uuid
      $$;

      -- To look up predictions by id give the block too: block_id = prediction_block(id).
      CREATE VIEW predictions WITH (security_invoker = true) AS
        SELECT b.tenant_id, prediction_id(b.id, a.place - 1) AS id, b.id AS block_id, b.deployment_id, b.model_version_id,
          b.precision, a.answer->>0 AS value, b.created_at + (a.answer->>1)::integer * interval '1 millisecond' AS created_at
        FROM prediction_blocks b CROSS JOIN LATERAL json_array_elements(b.answers) WITH ORDINALITY a (answer, place);
      GRANT SELECT ON predictions TO praxis_app;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP VIEW predictions;
      DROP FUNCTION prediction_id, prediction_block;
      DROP TABLE prediction_blocks;
      CREATE TABLE predictions (
        tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
        id uuid NOT NULL,
        deployment_id uuid NOT NULL,
        model_version_id uuid NOT NULL,
        input json NOT NULL,
        value text NOT NULL,
        scores json,
        latency_ms real NOT NULL,
        request_id text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        targets json,
        precision text NOT NULL DEFAULT 'float32',
        PRIMARY KEY (tenant_id, id)
      );
      CREATE INDEX predictions_list ON predictions (tenant_id, deployment_id, created_at DESC, id);
      SELECT protect_tenant_table('predictions');
    `);
  }
}
