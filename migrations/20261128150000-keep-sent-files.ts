import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A file that was sent is kept for a time, and can be read again by a newer reader. */
export class KeepSentFiles1795878000000 implements MigrationInterface {
  name = 'KeepSentFiles1795878000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE uploads
        -- Of the file as it was sent; null before it is in, and in uploads of earlier releases.
        ADD COLUMN byte_count bigint,
        -- When the file may go; null before it is in, and in uploads of earlier releases.
        ADD COLUMN kept_until timestamptz,
        -- What the sender said of columns: [{name, type}].
        ADD COLUMN columns jsonb NOT NULL DEFAULT '[]',
        -- The upload whose file is read again; that one holds the artifact.
        ADD COLUMN source_id uuid,
        ADD FOREIGN KEY (tenant_id, source_id) REFERENCES uploads;
      CREATE INDEX uploads_source ON uploads (tenant_id, source_id) WHERE source_id IS NOT NULL;
      CREATE INDEX uploads_kept ON uploads (tenant_id, kept_until) WHERE artifact_id IS NOT NULL;
      ALTER TABLE dataset_versions
        -- 0 in versions that were made before readers had numbers.
        ADD COLUMN reader_version integer NOT NULL DEFAULT 0 CHECK (reader_version >= 0),
        -- The upload it was read from; null in versions of earlier releases.
        ADD COLUMN upload_id uuid,
        -- Rows drawn at random, each behind its number: [[number, value, …], …]. Text as first_rows; null in earlier versions.
        ADD COLUMN sample_rows json,
        ADD FOREIGN KEY (tenant_id, upload_id) REFERENCES uploads`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE dataset_versions DROP COLUMN sample_rows, DROP COLUMN upload_id, DROP COLUMN reader_version;
      DELETE FROM uploads WHERE source_id IS NOT NULL;
      ALTER TABLE uploads DROP COLUMN source_id, DROP COLUMN columns, DROP COLUMN kept_until, DROP COLUMN byte_count`);
  }
}
