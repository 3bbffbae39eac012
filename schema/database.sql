-- The schema of the database, written by `npm run golden` from the migrations. Never edited by hand.
-- The queue's own tables (schema graphile_worker) belong to graphile-worker and are not listed.

-- Functions

CREATE OR REPLACE FUNCTION public.append_events(subject uuid, added jsonb)
 RETURNS bigint
 LANGUAGE plpgsql
AS $function$
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
      END $function$
;

CREATE OR REPLACE FUNCTION public.current_tenant()
 RETURNS uuid
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$ SELECT nullif(current_setting('praxis.tenant_id', true), '')::uuid $function$
;

CREATE OR REPLACE FUNCTION public.enqueue_job(task text, payload jsonb, job_key text, queue_name text, max_attempts integer)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
      DECLARE tenant text := public.current_tenant()::text;
      BEGIN
        IF tenant IS NULL OR payload ->> 'tenantId' IS DISTINCT FROM tenant THEN
          RAISE EXCEPTION 'the job of task % is for another tenant', task USING ERRCODE = 'insufficient_privilege';
        END IF;
        PERFORM graphile_worker.add_job(
          task, payload::json, queue_name := tenant || ':' || queue_name,
          max_attempts := max_attempts, job_key := tenant || ':' || job_key);
      END $function$
;

CREATE OR REPLACE FUNCTION public.job_facts()
 RETURNS TABLE(task text, waiting bigint, running bigint, oldest_age_seconds double precision, failed bigint)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
        SELECT known.identifier,
          count(job.id) FILTER (WHERE job.locked_at IS NULL AND job.run_at <= now()),
          count(job.id) FILTER (WHERE job.locked_at IS NOT NULL),
          coalesce(extract(epoch FROM now() - min(job.run_at)
            FILTER (WHERE job.locked_at IS NULL AND job.run_at <= now())), 0)::double precision,
          coalesce((SELECT failures.count FROM public.job_failures AS failures
            WHERE failures.task = known.identifier), 0)
        FROM graphile_worker._private_tasks AS known
        LEFT JOIN graphile_worker._private_jobs AS job ON job.task_id = known.id
        GROUP BY known.identifier
      $function$
;

CREATE OR REPLACE FUNCTION public.prediction_block(prediction uuid)
 RETURNS uuid
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
        SELECT (left(prediction::text, 32) || '0000')::uuid
      $function$
;

CREATE OR REPLACE FUNCTION public.prediction_id(block uuid, ordinal bigint)
 RETURNS uuid
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
        SELECT (left(block::text, 32) || lpad(to_hex(ordinal), 4, '0'))::uuid
      $function$
;

CREATE OR REPLACE FUNCTION public.protect_tenant_table(name regclass)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
      BEGIN
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY tenant_isolation ON %s USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant())', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO praxis_app', name);
      END $function$
;


-- Tables

CREATE TABLE api_keys (
  id uuid NOT NULL,
  tenant_id uuid,
  name text NOT NULL,
  role text NOT NULL,
  prefix text NOT NULL,
  secret_hash bytea NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  expires_at timestamp with time zone,
  last_used_at timestamp with time zone,
  revoked_at timestamp with time zone
);

CREATE TABLE artifacts (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  kind text NOT NULL,
  key text NOT NULL,
  byte_count bigint NOT NULL,
  sha256 bytea NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE audit_events (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  tenant_id uuid,
  at timestamp with time zone DEFAULT now() NOT NULL,
  api_key_id uuid,
  request_id text NOT NULL,
  action text NOT NULL,
  subject_id uuid,
  detail jsonb DEFAULT '{}'::jsonb NOT NULL
);

CREATE TABLE case_runs (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  case_id uuid NOT NULL,
  case_hash bytea NOT NULL,
  state text NOT NULL,
  seed integer NOT NULL,
  upload_id uuid,
  dataset_version_id uuid,
  run_id uuid,
  deployment_id uuid,
  prediction_id uuid,
  checks jsonb DEFAULT '[]'::jsonb NOT NULL,
  met boolean,
  error jsonb,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  finished_at timestamp with time zone,
  comparison_run_ids uuid[]
);

CREATE TABLE cases (
  id uuid NOT NULL,
  slug text NOT NULL,
  industry text NOT NULL,
  document jsonb NOT NULL,
  definition jsonb NOT NULL,
  content_hash bytea NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  updated_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE dataset_versions (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  dataset_id uuid NOT NULL,
  version integer NOT NULL,
  parent_id uuid,
  content_hash bytea NOT NULL,
  row_count bigint NOT NULL,
  byte_count bigint NOT NULL,
  columns jsonb NOT NULL,
  findings jsonb NOT NULL,
  artifact_id uuid NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  first_rows json,
  reader_version integer DEFAULT 0 NOT NULL,
  upload_id uuid,
  sample_rows json
);

CREATE TABLE datasets (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL,
  format text NOT NULL,
  current_version_id uuid,
  created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE deployments (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL,
  state text NOT NULL,
  model_version_id uuid NOT NULL,
  revision integer DEFAULT 1 NOT NULL,
  record_fraction real DEFAULT 1 NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  updated_at timestamp with time zone DEFAULT now() NOT NULL,
  "precision" text DEFAULT 'float32'::text NOT NULL,
  on_unusual_input text DEFAULT 'NOTE'::text NOT NULL
);

CREATE TABLE event_streams (
  tenant_id uuid NOT NULL,
  subject_id uuid NOT NULL,
  last_sequence bigint NOT NULL
);

CREATE TABLE events (
  tenant_id uuid NOT NULL,
  subject_id uuid NOT NULL,
  sequence bigint NOT NULL,
  at timestamp with time zone DEFAULT now() NOT NULL,
  kind text NOT NULL,
  payload jsonb NOT NULL
);

CREATE TABLE idempotency_keys (
  tenant_id uuid NOT NULL,
  operation text NOT NULL,
  key text NOT NULL,
  request_hash bytea NOT NULL,
  subject_id uuid NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE job_failures (
  task text NOT NULL,
  count bigint NOT NULL
);

CREATE TABLE lineage_edges (
  tenant_id uuid NOT NULL,
  from_kind text NOT NULL,
  from_id uuid NOT NULL,
  to_kind text NOT NULL,
  to_id uuid NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE model_assets (
  tenant_id uuid NOT NULL,
  model_version_id uuid NOT NULL,
  name text NOT NULL,
  media_type text NOT NULL,
  artifact_id uuid NOT NULL,
  byte_count bigint NOT NULL,
  sha256 bytea NOT NULL,
  purpose text DEFAULT 'SERVING'::text NOT NULL
);

CREATE TABLE model_variants (
  tenant_id uuid NOT NULL,
  model_version_id uuid NOT NULL,
  "precision" text NOT NULL,
  artifact_id uuid NOT NULL,
  byte_count bigint NOT NULL,
  figures jsonb
);

CREATE TABLE model_versions (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  model_id uuid NOT NULL,
  run_id uuid NOT NULL,
  version integer NOT NULL,
  card jsonb NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE models (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  pipeline_id uuid NOT NULL,
  name text NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  deleted_version integer DEFAULT 0 NOT NULL
);

CREATE TABLE pipeline_versions (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  pipeline_id uuid NOT NULL,
  version integer NOT NULL,
  steps jsonb NOT NULL,
  edges jsonb NOT NULL,
  content_hash bytea NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE pipelines (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL,
  current_version_id uuid,
  created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE praxis_migrations (
  id integer DEFAULT nextval('praxis_migrations_id_seq'::regclass) NOT NULL,
  "timestamp" bigint NOT NULL,
  name character varying NOT NULL
);

CREATE TABLE prediction_blocks (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  deployment_id uuid NOT NULL,
  model_version_id uuid NOT NULL,
  "precision" text NOT NULL,
  count integer NOT NULL,
  answers json NOT NULL,
  content bytea NOT NULL,
  created_at timestamp with time zone NOT NULL
);

CREATE TABLE pretrained_models (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL,
  token_hash bytea NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  artifact_id uuid,
  card jsonb,
  created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE runs (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  pipeline_version_id uuid NOT NULL,
  dataset_version_id uuid NOT NULL,
  state text NOT NULL,
  seed integer NOT NULL,
  progress real DEFAULT 0 NOT NULL,
  cancel_requested boolean DEFAULT false NOT NULL,
  attempt integer DEFAULT 0 NOT NULL,
  last_ordinal bigint DEFAULT 0 NOT NULL,
  checkpoint_key text,
  continuation jsonb,
  error jsonb,
  evaluation jsonb,
  leaderboard jsonb,
  split_counts jsonb,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  started_at timestamp with time zone,
  finished_at timestamp with time zone,
  executor jsonb,
  pause_requested boolean DEFAULT false NOT NULL,
  paused_state text,
  learning_rate double precision,
  pretrained_model_id uuid,
  executor_wish jsonb,
  name text DEFAULT ''::text NOT NULL,
  tags text[] DEFAULT '{}'::text[] NOT NULL,
  step_rows jsonb
);

CREATE TABLE tenants (
  id uuid NOT NULL,
  slug text NOT NULL,
  name text NOT NULL,
  plan text NOT NULL,
  admin_email text NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE uploads (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  dataset_id uuid NOT NULL,
  token_hash bytea NOT NULL,
  state text NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  artifact_id uuid,
  version_id uuid,
  findings jsonb DEFAULT '[]'::jsonb NOT NULL,
  continuation jsonb,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  byte_count bigint,
  kept_until timestamp with time zone,
  columns jsonb DEFAULT '[]'::jsonb NOT NULL,
  source_id uuid
);

CREATE TABLE work_processes (
  id text NOT NULL,
  host text NOT NULL,
  pid integer NOT NULL,
  started_at timestamp with time zone DEFAULT now() NOT NULL,
  beat_at timestamp with time zone DEFAULT now() NOT NULL,
  machine text
);


-- Views

CREATE VIEW predictions AS
 SELECT b.tenant_id,
    prediction_id(b.id, (a.place - 1)) AS id,
    b.id AS block_id,
    b.deployment_id,
    b.model_version_id,
    b."precision",
    (a.answer ->> 0) AS value,
    (b.created_at + ((((a.answer ->> 1))::integer)::double precision * '00:00:00.001'::interval)) AS created_at
   FROM (prediction_blocks b
     CROSS JOIN LATERAL json_array_elements(b.answers) WITH ORDINALITY a(answer, place));


-- Constraints

ALTER TABLE api_keys ADD CONSTRAINT api_keys_pkey PRIMARY KEY (id);

ALTER TABLE api_keys ADD CONSTRAINT api_keys_secret_hash_key UNIQUE (secret_hash);

ALTER TABLE api_keys ADD CONSTRAINT api_keys_check CHECK (((tenant_id IS NULL) = (role = 'OPERATOR'::text)));

ALTER TABLE api_keys ADD CONSTRAINT api_keys_role_check CHECK ((role = ANY (ARRAY['OPERATOR'::text, 'OWNER'::text, 'ADMIN'::text, 'DEVELOPER'::text, 'PREDICTOR'::text, 'VIEWER'::text])));

ALTER TABLE api_keys ADD CONSTRAINT api_keys_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE;

ALTER TABLE artifacts ADD CONSTRAINT artifacts_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE artifacts ADD CONSTRAINT artifacts_key_key UNIQUE (key);

ALTER TABLE artifacts ADD CONSTRAINT artifacts_byte_count_check CHECK ((byte_count >= 0));

ALTER TABLE artifacts ADD CONSTRAINT artifacts_kind_check CHECK ((kind = ANY (ARRAY['UPLOAD'::text, 'PARQUET'::text, 'MODEL'::text, 'CHECKPOINT'::text])));

ALTER TABLE artifacts ADD CONSTRAINT artifacts_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE;

ALTER TABLE audit_events ADD CONSTRAINT audit_events_pkey PRIMARY KEY (id);

ALTER TABLE audit_events ADD CONSTRAINT audit_events_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE;

ALTER TABLE case_runs ADD CONSTRAINT case_runs_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE case_runs ADD CONSTRAINT case_runs_state_check CHECK ((state = ANY (ARRAY['RUNNING'::text, 'SUCCEEDED'::text, 'FAILED'::text])));

ALTER TABLE case_runs ADD CONSTRAINT case_runs_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id);

ALTER TABLE case_runs ADD CONSTRAINT case_runs_tenant_id_dataset_version_id_fkey FOREIGN KEY (tenant_id, dataset_version_id) REFERENCES dataset_versions(tenant_id, id);

ALTER TABLE case_runs ADD CONSTRAINT case_runs_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE;

ALTER TABLE case_runs ADD CONSTRAINT case_runs_tenant_id_run_id_fkey FOREIGN KEY (tenant_id, run_id) REFERENCES runs(tenant_id, id);

ALTER TABLE cases ADD CONSTRAINT cases_pkey PRIMARY KEY (id);

ALTER TABLE cases ADD CONSTRAINT cases_slug_key UNIQUE (slug);

ALTER TABLE cases ADD CONSTRAINT cases_slug_check CHECK ((slug ~ '^[a-z0-9][a-z0-9-]{1,62}$'::text));

ALTER TABLE dataset_versions ADD CONSTRAINT dataset_versions_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE dataset_versions ADD CONSTRAINT dataset_versions_tenant_id_dataset_id_version_key UNIQUE (tenant_id, dataset_id, version);

ALTER TABLE dataset_versions ADD CONSTRAINT dataset_versions_reader_version_check CHECK ((reader_version >= 0));

ALTER TABLE dataset_versions ADD CONSTRAINT dataset_versions_version_check CHECK ((version > 0));

ALTER TABLE dataset_versions ADD CONSTRAINT dataset_versions_tenant_id_artifact_id_fkey FOREIGN KEY (tenant_id, artifact_id) REFERENCES artifacts(tenant_id, id);

ALTER TABLE dataset_versions ADD CONSTRAINT dataset_versions_tenant_id_dataset_id_fkey FOREIGN KEY (tenant_id, dataset_id) REFERENCES datasets(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE dataset_versions ADD CONSTRAINT dataset_versions_tenant_id_parent_id_fkey FOREIGN KEY (tenant_id, parent_id) REFERENCES dataset_versions(tenant_id, id);

ALTER TABLE dataset_versions ADD CONSTRAINT dataset_versions_tenant_id_upload_id_fkey FOREIGN KEY (tenant_id, upload_id) REFERENCES uploads(tenant_id, id);

ALTER TABLE datasets ADD CONSTRAINT datasets_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE datasets ADD CONSTRAINT datasets_format_check CHECK ((format = ANY (ARRAY['CSV'::text, 'PARQUET'::text, 'JSONL'::text])));

ALTER TABLE datasets ADD CONSTRAINT datasets_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)));

ALTER TABLE datasets ADD CONSTRAINT datasets_tenant_id_current_version_id_fkey FOREIGN KEY (tenant_id, current_version_id) REFERENCES dataset_versions(tenant_id, id);

ALTER TABLE datasets ADD CONSTRAINT datasets_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE;

ALTER TABLE deployments ADD CONSTRAINT deployments_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE deployments ADD CONSTRAINT deployments_name_check CHECK ((name ~ '^[a-z0-9][a-z0-9-]{0,62}$'::text));

ALTER TABLE deployments ADD CONSTRAINT deployments_on_unusual_input_check CHECK ((on_unusual_input = ANY (ARRAY['ANSWER'::text, 'NOTE'::text, 'REFUSE'::text])));

ALTER TABLE deployments ADD CONSTRAINT deployments_record_fraction_check CHECK (((record_fraction >= (0)::double precision) AND (record_fraction <= (1)::double precision)));

ALTER TABLE deployments ADD CONSTRAINT deployments_state_check CHECK ((state = ANY (ARRAY['READY'::text, 'RETIRED'::text])));

ALTER TABLE deployments ADD CONSTRAINT deployments_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE;

ALTER TABLE deployments ADD CONSTRAINT deployments_tenant_id_model_version_id_precision_fkey FOREIGN KEY (tenant_id, model_version_id, "precision") REFERENCES model_variants(tenant_id, model_version_id, "precision");

ALTER TABLE event_streams ADD CONSTRAINT event_streams_pkey PRIMARY KEY (tenant_id, subject_id);

ALTER TABLE event_streams ADD CONSTRAINT event_streams_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE;

ALTER TABLE events ADD CONSTRAINT events_pkey PRIMARY KEY (tenant_id, subject_id, sequence);

ALTER TABLE events ADD CONSTRAINT events_tenant_id_subject_id_fkey FOREIGN KEY (tenant_id, subject_id) REFERENCES event_streams(tenant_id, subject_id) ON DELETE CASCADE;

ALTER TABLE idempotency_keys ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (tenant_id, operation, key);

ALTER TABLE idempotency_keys ADD CONSTRAINT idempotency_keys_key_check CHECK (((length(key) >= 1) AND (length(key) <= 200)));

ALTER TABLE idempotency_keys ADD CONSTRAINT idempotency_keys_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE;

ALTER TABLE job_failures ADD CONSTRAINT job_failures_pkey PRIMARY KEY (task);

ALTER TABLE lineage_edges ADD CONSTRAINT lineage_edges_pkey PRIMARY KEY (tenant_id, from_id, to_id);

ALTER TABLE lineage_edges ADD CONSTRAINT lineage_edges_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE;

ALTER TABLE model_assets ADD CONSTRAINT model_assets_pkey PRIMARY KEY (tenant_id, model_version_id, purpose, name);

ALTER TABLE model_assets ADD CONSTRAINT model_assets_name_check CHECK (((length(name) <= 100) AND (name ~ '^\w([\w.-]*\w)?(/\w([\w.-]*\w)?)*$'::text)));

ALTER TABLE model_assets ADD CONSTRAINT model_assets_purpose_check CHECK ((purpose = ANY (ARRAY['SERVING'::text, 'EXPLANATION'::text])));

ALTER TABLE model_assets ADD CONSTRAINT model_assets_tenant_id_artifact_id_fkey FOREIGN KEY (tenant_id, artifact_id) REFERENCES artifacts(tenant_id, id);

ALTER TABLE model_assets ADD CONSTRAINT model_assets_tenant_id_model_version_id_fkey FOREIGN KEY (tenant_id, model_version_id) REFERENCES model_versions(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE model_variants ADD CONSTRAINT model_variants_pkey PRIMARY KEY (tenant_id, model_version_id, "precision");

ALTER TABLE model_variants ADD CONSTRAINT model_variants_precision_check CHECK (("precision" = ANY (ARRAY['float32'::text, 'float16'::text, 'int8'::text])));

ALTER TABLE model_variants ADD CONSTRAINT model_variants_tenant_id_artifact_id_fkey FOREIGN KEY (tenant_id, artifact_id) REFERENCES artifacts(tenant_id, id);

ALTER TABLE model_variants ADD CONSTRAINT model_variants_tenant_id_model_version_id_fkey FOREIGN KEY (tenant_id, model_version_id) REFERENCES model_versions(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE model_versions ADD CONSTRAINT model_versions_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE model_versions ADD CONSTRAINT model_versions_tenant_id_model_id_version_key UNIQUE (tenant_id, model_id, version);

ALTER TABLE model_versions ADD CONSTRAINT model_versions_tenant_id_run_id_key UNIQUE (tenant_id, run_id);

ALTER TABLE model_versions ADD CONSTRAINT model_versions_version_check CHECK ((version > 0));

ALTER TABLE model_versions ADD CONSTRAINT model_versions_tenant_id_model_id_fkey FOREIGN KEY (tenant_id, model_id) REFERENCES models(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE model_versions ADD CONSTRAINT model_versions_tenant_id_run_id_fkey FOREIGN KEY (tenant_id, run_id) REFERENCES runs(tenant_id, id);

ALTER TABLE models ADD CONSTRAINT models_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE models ADD CONSTRAINT models_tenant_id_pipeline_id_key UNIQUE (tenant_id, pipeline_id);

ALTER TABLE models ADD CONSTRAINT models_tenant_id_pipeline_id_fkey FOREIGN KEY (tenant_id, pipeline_id) REFERENCES pipelines(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE pipeline_versions ADD CONSTRAINT pipeline_versions_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE pipeline_versions ADD CONSTRAINT pipeline_versions_tenant_id_pipeline_id_version_key UNIQUE (tenant_id, pipeline_id, version);

ALTER TABLE pipeline_versions ADD CONSTRAINT pipeline_versions_version_check CHECK ((version > 0));

ALTER TABLE pipeline_versions ADD CONSTRAINT pipeline_versions_tenant_id_pipeline_id_fkey FOREIGN KEY (tenant_id, pipeline_id) REFERENCES pipelines(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE pipelines ADD CONSTRAINT pipelines_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE pipelines ADD CONSTRAINT pipelines_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)));

ALTER TABLE pipelines ADD CONSTRAINT pipelines_tenant_id_current_version_id_fkey FOREIGN KEY (tenant_id, current_version_id) REFERENCES pipeline_versions(tenant_id, id);

ALTER TABLE pipelines ADD CONSTRAINT pipelines_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE;

ALTER TABLE praxis_migrations ADD CONSTRAINT "PK_fae7135ee7bd02ee820ca70de02" PRIMARY KEY (id);

ALTER TABLE prediction_blocks ADD CONSTRAINT prediction_blocks_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE prediction_blocks ADD CONSTRAINT prediction_blocks_count_check CHECK (((count >= 1) AND (count <= 65536)));

ALTER TABLE prediction_blocks ADD CONSTRAINT prediction_blocks_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE;

ALTER TABLE pretrained_models ADD CONSTRAINT pretrained_models_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE pretrained_models ADD CONSTRAINT pretrained_models_check CHECK (((artifact_id IS NULL) = (card IS NULL)));

ALTER TABLE pretrained_models ADD CONSTRAINT pretrained_models_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)));

ALTER TABLE pretrained_models ADD CONSTRAINT pretrained_models_tenant_id_artifact_id_fkey FOREIGN KEY (tenant_id, artifact_id) REFERENCES artifacts(tenant_id, id);

ALTER TABLE pretrained_models ADD CONSTRAINT pretrained_models_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE;

ALTER TABLE runs ADD CONSTRAINT runs_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE runs ADD CONSTRAINT runs_learning_rate_check CHECK ((learning_rate > (0)::double precision));

ALTER TABLE runs ADD CONSTRAINT runs_name_check CHECK ((length(name) <= 200));

ALTER TABLE runs ADD CONSTRAINT runs_state_check CHECK ((state = ANY (ARRAY['QUEUED'::text, 'PREPARING'::text, 'TRAINING'::text, 'PAUSED'::text, 'EVALUATING'::text, 'SUCCEEDED'::text, 'FAILED'::text, 'CANCELLED'::text])));

ALTER TABLE runs ADD CONSTRAINT runs_tags_check CHECK ((cardinality(tags) <= 20));

ALTER TABLE runs ADD CONSTRAINT runs_tenant_id_dataset_version_id_fkey FOREIGN KEY (tenant_id, dataset_version_id) REFERENCES dataset_versions(tenant_id, id);

ALTER TABLE runs ADD CONSTRAINT runs_tenant_id_pipeline_version_id_fkey FOREIGN KEY (tenant_id, pipeline_version_id) REFERENCES pipeline_versions(tenant_id, id);

ALTER TABLE runs ADD CONSTRAINT runs_tenant_id_pretrained_model_id_fkey FOREIGN KEY (tenant_id, pretrained_model_id) REFERENCES pretrained_models(tenant_id, id);

ALTER TABLE tenants ADD CONSTRAINT tenants_pkey PRIMARY KEY (id);

ALTER TABLE tenants ADD CONSTRAINT tenants_slug_key UNIQUE (slug);

ALTER TABLE tenants ADD CONSTRAINT tenants_plan_check CHECK ((plan = ANY (ARRAY['TRIAL'::text, 'STANDARD'::text, 'ENTERPRISE'::text])));

ALTER TABLE tenants ADD CONSTRAINT tenants_slug_check CHECK ((slug ~ '^[a-z0-9][a-z0-9-]{1,62}$'::text));

ALTER TABLE uploads ADD CONSTRAINT uploads_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE uploads ADD CONSTRAINT uploads_state_check CHECK ((state = ANY (ARRAY['WAITING'::text, 'RECEIVING'::text, 'INGESTING'::text, 'READY'::text, 'REFUSED'::text])));

ALTER TABLE uploads ADD CONSTRAINT uploads_tenant_id_artifact_id_fkey FOREIGN KEY (tenant_id, artifact_id) REFERENCES artifacts(tenant_id, id);

ALTER TABLE uploads ADD CONSTRAINT uploads_tenant_id_dataset_id_fkey FOREIGN KEY (tenant_id, dataset_id) REFERENCES datasets(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE uploads ADD CONSTRAINT uploads_tenant_id_source_id_fkey FOREIGN KEY (tenant_id, source_id) REFERENCES uploads(tenant_id, id);

ALTER TABLE work_processes ADD CONSTRAINT work_processes_pkey PRIMARY KEY (id);


-- Indexes

CREATE INDEX api_keys_by_name ON public.api_keys USING btree (tenant_id, lower(name) DESC, id);

CREATE INDEX api_keys_tenant ON public.api_keys USING btree (tenant_id, created_at DESC, id);

CREATE INDEX audit_events_by_action ON public.audit_events USING btree (tenant_id, action, at DESC, id);

CREATE INDEX audit_events_by_key ON public.audit_events USING btree (tenant_id, api_key_id, at DESC, id);

CREATE INDEX audit_events_tenant ON public.audit_events USING btree (tenant_id, at DESC);

CREATE INDEX case_runs_by_time ON public.case_runs USING btree (tenant_id, created_at DESC, id);

CREATE INDEX case_runs_list ON public.case_runs USING btree (tenant_id, case_id, created_at DESC, id);

CREATE INDEX datasets_by_name ON public.datasets USING btree (tenant_id, lower(name) DESC, id);

CREATE INDEX datasets_list ON public.datasets USING btree (tenant_id, created_at DESC, id);

CREATE INDEX deployments_by_name ON public.deployments USING btree (tenant_id, lower(name) DESC, id);

CREATE INDEX deployments_by_update ON public.deployments USING btree (tenant_id, updated_at DESC, id);

CREATE INDEX deployments_list ON public.deployments USING btree (tenant_id, created_at DESC, id);

CREATE UNIQUE INDEX deployments_name ON public.deployments USING btree (tenant_id, name) WHERE (state <> 'RETIRED'::text);

CREATE INDEX lineage_edges_to ON public.lineage_edges USING btree (tenant_id, to_id);

CREATE INDEX models_by_name ON public.models USING btree (tenant_id, lower(name) DESC, id);

CREATE INDEX models_list ON public.models USING btree (tenant_id, created_at DESC, id);

CREATE INDEX pipelines_by_name ON public.pipelines USING btree (tenant_id, lower(name) DESC, id);

CREATE INDEX pipelines_list ON public.pipelines USING btree (tenant_id, created_at DESC, id);

CREATE INDEX prediction_blocks_list ON public.prediction_blocks USING btree (tenant_id, deployment_id, created_at DESC, id);

CREATE INDEX pretrained_models_by_name ON public.pretrained_models USING btree (tenant_id, lower(name) DESC, id);

CREATE INDEX pretrained_models_list ON public.pretrained_models USING btree (tenant_id, created_at DESC, id);

CREATE INDEX runs_by_dataset_version ON public.runs USING btree (tenant_id, dataset_version_id, created_at DESC, id);

CREATE INDEX runs_by_name ON public.runs USING btree (tenant_id, lower(name) DESC, id);

CREATE INDEX runs_by_pipeline_version ON public.runs USING btree (tenant_id, pipeline_version_id, created_at DESC, id);

CREATE INDEX runs_by_state ON public.runs USING btree (tenant_id, state, created_at DESC, id);

CREATE INDEX runs_list ON public.runs USING btree (tenant_id, created_at DESC, id);

CREATE INDEX uploads_dataset ON public.uploads USING btree (tenant_id, dataset_id, created_at DESC);

CREATE INDEX uploads_kept ON public.uploads USING btree (tenant_id, kept_until) WHERE (artifact_id IS NOT NULL);

CREATE INDEX uploads_source ON public.uploads USING btree (tenant_id, source_id) WHERE (source_id IS NOT NULL);


-- Row-level security

ALTER TABLE api_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE api_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY system_door ON api_keys FOR ALL TO praxis_system USING (true) WITH CHECK (true);
CREATE POLICY tenant_isolation ON api_keys FOR ALL TO PUBLIC USING ((tenant_id = current_tenant())) WITH CHECK ((tenant_id = current_tenant()));

ALTER TABLE artifacts ENABLE ROW LEVEL SECURITY;
ALTER TABLE artifacts FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON artifacts FOR ALL TO PUBLIC USING ((tenant_id = current_tenant())) WITH CHECK ((tenant_id = current_tenant()));

ALTER TABLE audit_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_events FORCE ROW LEVEL SECURITY;
CREATE POLICY system_door ON audit_events FOR ALL TO praxis_system USING ((tenant_id IS NULL)) WITH CHECK (true);
CREATE POLICY tenant_isolation ON audit_events FOR ALL TO PUBLIC USING ((tenant_id = current_tenant())) WITH CHECK ((tenant_id = current_tenant()));

ALTER TABLE case_runs ENABLE ROW LEVEL SECURITY;
ALTER TABLE case_runs FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON case_runs FOR ALL TO PUBLIC USING ((tenant_id = current_tenant())) WITH CHECK ((tenant_id = current_tenant()));

ALTER TABLE dataset_versions ENABLE ROW LEVEL SECURITY;
ALTER TABLE dataset_versions FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON dataset_versions FOR ALL TO PUBLIC USING ((tenant_id = current_tenant())) WITH CHECK ((tenant_id = current_tenant()));

ALTER TABLE datasets ENABLE ROW LEVEL SECURITY;
ALTER TABLE datasets FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON datasets FOR ALL TO PUBLIC USING ((tenant_id = current_tenant())) WITH CHECK ((tenant_id = current_tenant()));

ALTER TABLE deployments ENABLE ROW LEVEL SECURITY;
ALTER TABLE deployments FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON deployments FOR ALL TO PUBLIC USING ((tenant_id = current_tenant())) WITH CHECK ((tenant_id = current_tenant()));

ALTER TABLE event_streams ENABLE ROW LEVEL SECURITY;
ALTER TABLE event_streams FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON event_streams FOR ALL TO PUBLIC USING ((tenant_id = current_tenant())) WITH CHECK ((tenant_id = current_tenant()));

ALTER TABLE events ENABLE ROW LEVEL SECURITY;
ALTER TABLE events FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON events FOR ALL TO PUBLIC USING ((tenant_id = current_tenant())) WITH CHECK ((tenant_id = current_tenant()));

ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE idempotency_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON idempotency_keys FOR ALL TO PUBLIC USING ((tenant_id = current_tenant())) WITH CHECK ((tenant_id = current_tenant()));

ALTER TABLE lineage_edges ENABLE ROW LEVEL SECURITY;
ALTER TABLE lineage_edges FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON lineage_edges FOR ALL TO PUBLIC USING ((tenant_id = current_tenant())) WITH CHECK ((tenant_id = current_tenant()));

ALTER TABLE model_assets ENABLE ROW LEVEL SECURITY;
ALTER TABLE model_assets FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON model_assets FOR ALL TO PUBLIC USING ((tenant_id = current_tenant())) WITH CHECK ((tenant_id = current_tenant()));

ALTER TABLE model_variants ENABLE ROW LEVEL SECURITY;
ALTER TABLE model_variants FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON model_variants FOR ALL TO PUBLIC USING ((tenant_id = current_tenant())) WITH CHECK ((tenant_id = current_tenant()));

ALTER TABLE model_versions ENABLE ROW LEVEL SECURITY;
ALTER TABLE model_versions FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON model_versions FOR ALL TO PUBLIC USING ((tenant_id = current_tenant())) WITH CHECK ((tenant_id = current_tenant()));

ALTER TABLE models ENABLE ROW LEVEL SECURITY;
ALTER TABLE models FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON models FOR ALL TO PUBLIC USING ((tenant_id = current_tenant())) WITH CHECK ((tenant_id = current_tenant()));

ALTER TABLE pipeline_versions ENABLE ROW LEVEL SECURITY;
ALTER TABLE pipeline_versions FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON pipeline_versions FOR ALL TO PUBLIC USING ((tenant_id = current_tenant())) WITH CHECK ((tenant_id = current_tenant()));

ALTER TABLE pipelines ENABLE ROW LEVEL SECURITY;
ALTER TABLE pipelines FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON pipelines FOR ALL TO PUBLIC USING ((tenant_id = current_tenant())) WITH CHECK ((tenant_id = current_tenant()));

ALTER TABLE prediction_blocks ENABLE ROW LEVEL SECURITY;
ALTER TABLE prediction_blocks FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON prediction_blocks FOR ALL TO PUBLIC USING ((tenant_id = current_tenant())) WITH CHECK ((tenant_id = current_tenant()));

ALTER TABLE pretrained_models ENABLE ROW LEVEL SECURITY;
ALTER TABLE pretrained_models FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON pretrained_models FOR ALL TO PUBLIC USING ((tenant_id = current_tenant())) WITH CHECK ((tenant_id = current_tenant()));

ALTER TABLE runs ENABLE ROW LEVEL SECURITY;
ALTER TABLE runs FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON runs FOR ALL TO PUBLIC USING ((tenant_id = current_tenant())) WITH CHECK ((tenant_id = current_tenant()));

ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenants FORCE ROW LEVEL SECURITY;
CREATE POLICY system_door ON tenants FOR ALL TO praxis_system USING (true) WITH CHECK (true);
CREATE POLICY tenant_isolation ON tenants FOR ALL TO PUBLIC USING ((id = current_tenant())) WITH CHECK ((id = current_tenant()));

ALTER TABLE uploads ENABLE ROW LEVEL SECURITY;
ALTER TABLE uploads FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON uploads FOR ALL TO PUBLIC USING ((tenant_id = current_tenant())) WITH CHECK ((tenant_id = current_tenant()));


-- Rights

GRANT EXECUTE ON FUNCTION enqueue_job(text,jsonb,text,text,integer) TO praxis_app;

GRANT EXECUTE ON FUNCTION job_facts() TO praxis_system;

GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE api_keys TO praxis_app;

GRANT INSERT, SELECT, UPDATE ON TABLE api_keys TO praxis_system;

GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE artifacts TO praxis_app;

GRANT INSERT, SELECT ON TABLE audit_events TO praxis_app;

GRANT INSERT, SELECT ON TABLE audit_events TO praxis_system;

GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE case_runs TO praxis_app;

GRANT SELECT ON TABLE cases TO praxis_app;

GRANT INSERT, SELECT, UPDATE ON TABLE cases TO praxis_system;

GRANT DELETE, INSERT, SELECT ON TABLE dataset_versions TO praxis_app;

GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE datasets TO praxis_app;

GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE deployments TO praxis_app;

GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE event_streams TO praxis_app;

GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE events TO praxis_app;

GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE idempotency_keys TO praxis_app;

GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE lineage_edges TO praxis_app;

GRANT DELETE, INSERT, SELECT ON TABLE model_assets TO praxis_app;

GRANT DELETE, INSERT, SELECT ON TABLE model_variants TO praxis_app;

GRANT DELETE, INSERT, SELECT ON TABLE model_versions TO praxis_app;

GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE models TO praxis_app;

GRANT DELETE, INSERT, SELECT ON TABLE pipeline_versions TO praxis_app;

GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE pipelines TO praxis_app;

GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE prediction_blocks TO praxis_app;

GRANT SELECT ON TABLE predictions TO praxis_app;

GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE pretrained_models TO praxis_app;

GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE runs TO praxis_app;

GRANT SELECT, UPDATE ON TABLE tenants TO praxis_app;

GRANT INSERT, SELECT, UPDATE ON TABLE tenants TO praxis_system;

GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE uploads TO praxis_app;

GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE work_processes TO praxis_system;
