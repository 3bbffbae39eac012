import { between, byText, byTime, containing, listOf, ofId, oneOf, rowsOf, withAll, type ListArgs } from '../db';
import { versionsOfDataset } from '../datasets';
import { versionsOfPipeline } from '../pipelines';
import { Run } from './run.entity';
import { RunState } from './run-state';

const pipelineOf = (id: string): string => `item.pipeline_version_id IN (${versionsOfPipeline(id)})`;
const datasetOf = (id: string): string => `item.dataset_version_id IN (${versionsOfDataset(id)})`;

export const runList = listOf({
  name: 'Run',
  table: 'runs',
  read: rowsOf(Run),
  filter: {
    states: oneOf<RunState>('item.state', RunState, 'Only runs in one of these states.'),
    pipelineId: ofId('Pipeline', '', 'Only runs of this pipeline, whichever version.', pipelineOf),
    pipelineVersionId: ofId('PipelineVersion', 'item.pipeline_version_id', 'Only runs of this version of a pipeline.'),
    datasetId: ofId('Dataset', '', 'Only runs on this dataset, whichever version.', datasetOf),
    datasetVersionId: ofId('DatasetVersion', 'item.dataset_version_id', 'Only runs on this dataset version.'),
    nameContains: containing('item.name', 'Only runs whose name contains this text.'),
    tags: withAll('item.tags', 'Only runs that carry all these tags.'),
    ...between('created_at', 'created'),
  },
  sort: {
    CREATED_AT: byTime('created_at', 'When it was started by the client.'),
    NAME: byText('name', 'Its name; runs without one come first from A to Z.'),
  },
});

export type RunListArgs = ListArgs<(typeof runList)['filter']>;
