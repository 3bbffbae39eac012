import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Event streams (one per run, upload, case run …) and stored artifacts. */
export class CreateEvents1795424460000 implements MigrationInterface {
  name = 'CreateEvents1795424460000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- The row lock on a stream orders its writers, so sequences have no gaps and commit in order.
      CREATE TABLE event_streams (
        tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
        subject_id uuid NOT NULL,
        last_sequence bigint NOT NULL,
        PRIMARY KEY (tenant_id, subject_id)
      );
      SELECT protect_tenant_table('event_streams');

      CREATE TABLE events (
        tenant_id uuid NOT NULL,
        subject_id uuid NOT NULL,
        sequence bigint NOT NULL,
        at timestamptz NOT NULL DEFAULT now(),
        kind text NOT NULL,
        payload jsonb NOT NULL,
        PRIMARY KEY (tenant_id, subject_id, sequence),
        FOREIGN KEY (tenant_id, subject_id) REFERENCES event_streams ON DELETE CASCADE
      );
      SELECT protect_tenant_table('events');

      -- Files and objects in the artifact store; the key starts with the tenant's id.
      CREATE TABLE artifacts (
        tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
        id uuid NOT NULL,
        kind text NOT NULL CHECK (kind IN ('UPLOAD', 'PARQUET', 'MODEL', 'CHECKPOINT')),
        key text NOT NULL UNIQUE,
        byte_count bigint NOT NULL CHECK (byte_count >= 0),
        sha256 bytea NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, id)
      );
      SELECT protect_tenant_table('artifacts');

      -- Edges point from cause to effect: dataset version -> run -> model version -> deployment -> prediction.
      CREATE TABLE lineage_edges (
        tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
        from_kind text NOT NULL,
        from_id uuid NOT NULL,
        to_kind text NOT NULL,
        to_id uuid NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, from_id, to_id)
      );
      CREATE INDEX lineage_edges_to ON lineage_edges (tenant_id, to_id);
      SELECT protect_tenant_table('lineage_edges');
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE lineage_edges, artifacts, events, event_streams;');
  }
}
