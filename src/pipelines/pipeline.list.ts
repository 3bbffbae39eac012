import { between, byText, byTime, containing, listOf, plainList, rowsOf, type ListArgs } from '../db';
import { Pipeline, PipelineVersion } from './pipeline.entity';

export const pipelineList = listOf({
  name: 'Pipeline',
  table: 'pipelines',
  read: rowsOf(Pipeline),
  filter: {
    nameContains: containing('item.name', 'Only pipelines whose name contains this text.'),
    ...between('created_at', 'created'),
  },
  sort: {
    CREATED_AT: byTime('created_at', 'When it was created.'),
    NAME: byText('name', 'Its name.'),
  },
});

export type PipelineListArgs = ListArgs<(typeof pipelineList)['filter']>;

export const pipelineVersionList = plainList({
  name: 'PipelineVersion',
  table: 'pipeline_versions',
  read: rowsOf(PipelineVersion),
  sort: { CREATED_AT: byTime('created_at', 'When it was created.') },
});

/** Ids of the versions of a pipeline, as SQL: for conditions of lists of other features. `id` is SQL, too. */
export const versionsOfPipeline = (id: string): string =>
  `SELECT version.id FROM pipeline_versions version WHERE version.pipeline_id = ${id}`;
