import { between, byText, byTime, containing, listOf, ofId, plainList, rowsOf, type ListArgs } from '../db';
import { Model, ModelVersion } from './model.entity';

export const modelList = listOf({
  name: 'Model',
  table: 'models',
  read: rowsOf(Model),
  filter: {
    nameContains: containing('item.name', 'Only models whose name contains this text.'),
    pipelineId: ofId('Pipeline', 'item.pipeline_id', 'Only the model of this pipeline.'),
    ...between('created_at', 'created'),
  },
  sort: {
    CREATED_AT: byTime('created_at', 'When its first version was made.'),
    NAME: byText('name', 'Its name.'),
  },
});

export type ModelListArgs = ListArgs<(typeof modelList)['filter']>;

export const modelVersionList = plainList({
  name: 'ModelVersion',
  table: 'model_versions',
  read: rowsOf(ModelVersion),
  sort: { CREATED_AT: byTime('created_at', 'When it was made.') },
});
