import { between, byText, byTime, containing, listOf, oneOf, rowsOf, type ListArgs } from '../db';
import { PretrainedModel, PretrainedModelState } from './pretrained-model.entity';

const STATE = `CASE WHEN item.artifact_id IS NULL THEN 'WAITING' ELSE 'READY' END`;

export const pretrainedModelList = listOf({
  name: 'PretrainedModel',
  table: 'pretrained_models',
  read: rowsOf(PretrainedModel),
  filter: {
    nameContains: containing('item.name', 'Only pretrained models whose name contains this text.'),
    states: oneOf<PretrainedModelState>(STATE, PretrainedModelState, 'Only pretrained models in one of these states.'),
    ...between('created_at', 'created'),
  },
  sort: {
    CREATED_AT: byTime('created_at', 'When it was created.'),
    NAME: byText('name', 'Its name.'),
  },
});

export type PretrainedModelListArgs = ListArgs<(typeof pretrainedModelList)['filter']>;
