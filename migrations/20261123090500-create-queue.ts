import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The functions behind `tx.enqueue` and `tx.appendEvents`. The queue's own tables are made by graphile-worker. */
export class CreateQueue1795424700000 implements MigrationInterface {
  name = 'CreateQueue1795424700000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      GRANT USAGE ON SCHEMA public TO praxis_app, praxis_system;

      -- The only way for the application role into the queue. It runs as its owner, so it checks for whom the job is;
      -- keys and queue names live inside the tenant, so no tenant can replace or delay another's job.
      CREATE FUNCTION enqueue_job(task text, payload jsonb, job_key text, queue_name text, max_attempts integer)
        RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
      DECLARE tenant text := public.current_tenant()::text;
      BEGIN
        IF tenant IS NULL OR payload ->> 'tenantId' IS DISTINCT FROM tenant THEN
          RAISE EXCEPTION 'the job of task % is for another tenant', task USING ERRCODE = 'insufficient_privilege';
        END IF;
        PERFORM graphile_worker.add_job(
          task, payload::json, queue_name := tenant || ':' || queue_name,
          max_attempts := max_attempts, job_key := tenant || ':' || job_key);
      END $$;
      REVOKE ALL ON FUNCTION enqueue_job(text, jsonb, text, text, integer) FROM PUBLIC;
      GRANT EXECUTE ON FUNCTION enqueue_job(text, jsonb, text, text, integer) TO praxis_app;

      -- Appends [{kind, payload}, …] to a stream of the current tenant; the last sequence. Listeners get ids only.
      CREATE FUNCTION append_events(subject uuid, added jsonb) RETURNS bigint LANGUAGE plpgsql AS $$
      DECLARE
        tenant uuid := current_tenant();
        last bigint;
      BEGIN
        INSERT INTO event_streams AS stream (tenant_id, subject_id, last_sequence)
          VALUES (tenant, subject, jsonb_array_length(added))
          ON CONFLICT (tenant_id, subject_id)
          DO UPDATE SET last_sequence = stream.last_sequence + excluded.last_sequence
          RETURNING last_sequence INTO last;
        INSERT INTO events (tenant_id, subject_id, sequence, kind, payload)
          SELECT tenant, subject, last - jsonb_array_length(added) + place, event ->> 'kind', event -> 'payload'
          FROM jsonb_array_elements(added) WITH ORDINALITY AS item (event, place);
        PERFORM pg_notify('praxis_events', tenant || ' ' || subject || ' ' || last);
        RETURN last;
      END $$;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP FUNCTION append_events(uuid, jsonb);
      DROP FUNCTION enqueue_job(text, jsonb, text, text, integer);
    `);
  }
}
