import { CreatePlatform1795424400000 } from './20261123090000-create-platform';
import { CreateEvents1795424460000 } from './20261123090100-create-events';
import { CreateDatasets1795424520000 } from './20261123090200-create-datasets';
import { CreateRuns1795424580000 } from './20261123090300-create-runs';
import { CreateServing1795424640000 } from './20261123090400-create-serving';
import { CreateQueue1795424700000 } from './20261123090500-create-queue';
import { AddRunExecutor1795424760000 } from './20261123090600-add-run-executor';
import { TieCaseRuns1795424820000 } from './20261123090700-tie-case-runs';
import { PauseRuns1795478500000 } from './20261124001500-pause-runs';
import { AddPredictionTargets1795604400000 } from './20261125110000-add-prediction-targets';
import { KeepPredictionsAsText1795605300000 } from './20261125111500-keep-predictions-as-text';
import { CreateModelVariants1795605600000 } from './20261125112000-create-model-variants';
import { CreatePretrainedModels1795606200000 } from './20261125113000-create-pretrained-models';
import { AskForExecutor1795606800000 } from './20261125114000-ask-for-executor';
import { KeepPredictionsInBlocks1795626600000 } from './20261125171000-keep-predictions-in-blocks';
import { KeepPlatformAudit1795867200000 } from './20261128120000-keep-platform-audit';
import { NameRuns1795867800000 } from './20261128121000-name-runs';
import { IndexLists1795868100000 } from './20261128121500-index-lists';
import { TellOfJobs1795869900000 } from './20261128124500-tell-of-jobs';
import { AddUnusualInputPolicy1795870500000 } from './20261128125500-add-unusual-input-policy';
import { KeepFirstRows1795871700000 } from './20261128131500-keep-first-rows';
import { KeepSentFiles1795878000000 } from './20261128150000-keep-sent-files';
import { CountStepRows1795914600000 } from './20261129011000-count-step-rows';
import { KeepModelAssets1795916700000 } from './20261129014500-keep-model-assets';
import { CompareCaseModels1795948800000 } from './20261129104000-compare-case-models';
import { KeepExplanations1795960800000 } from './20261129140000-keep-explanations';

/** Every migration, oldest first. A new one is added at the end; one that was released is never edited. */
export const migrations = [
  CreatePlatform1795424400000,
  CreateEvents1795424460000,
  CreateDatasets1795424520000,
  CreateRuns1795424580000,
  CreateServing1795424640000,
  CreateQueue1795424700000,
  AddRunExecutor1795424760000,
  TieCaseRuns1795424820000,
  PauseRuns1795478500000,
  AddPredictionTargets1795604400000,
  KeepPredictionsAsText1795605300000,
  CreateModelVariants1795605600000,
  CreatePretrainedModels1795606200000,
  AskForExecutor1795606800000,
  KeepPredictionsInBlocks1795626600000,
  KeepPlatformAudit1795867200000,
  NameRuns1795867800000,
  IndexLists1795868100000,
  TellOfJobs1795869900000,
  AddUnusualInputPolicy1795870500000,
  KeepFirstRows1795871700000,
  KeepSentFiles1795878000000,
  CountStepRows1795914600000,
  KeepModelAssets1795916700000,
  CompareCaseModels1795948800000,
  KeepExplanations1795960800000,
];
