import type { CaseDocument } from '../../src/cases/case-document';
import { REFERENCES } from './references';

export const documentEn: CaseDocument = {
  title: 'Predictive maintenance of a milling machine',
  summary:
    'Predicts from five process signals whether a milling machine is about to fail while it works on a part, so that the operator can act before the part, the tool and the shift are lost. Failures are rare, 3.4 % of the parts, and have several causes; the case shows how to train, judge and run a model under these conditions.',
  background: [
    'A milling cell makes one part after another with the same cutting tool until the tool is worn. Most stops are planned: a tool change takes minutes. The expensive stops are the unplanned ones. A tool that breaks in the cut ruins the part, may damage the spindle, and leaves the crew looking for the cause. Plants answer with fixed replacement intervals, which throw away tools that had an hour of life left and still miss the failures that have nothing to do with wear.',
    'The signals that tell of a coming failure are usually there already: controllers record temperature, speed, torque and minutes of cutting for every part. What is missing is a judgement over all of them together. A torque of 60 Nm is harmless with a new tool and dangerous after 190 minutes; low speed is fine until the heat cannot leave the workpiece. Single-signal alarms either stay silent or cry wolf.',
    'The question is put for each part: given what the machine shows now, how likely is a failure on this part? A probability, not a yes or no, because what to do with it depends on the price of a stop, and this differs between shifts, parts and plants.',
  ],
  data: {
    origin:
      'Generated when the case runs, from a seed, by the rules published with the AI4I 2020 data set (Matzka 2020), which models a real milling process: random walks for the two temperatures, normal torque, a speed that follows from the torque, and a tool that wears by 2, 3 or 5 minutes per part. A failure is labelled when any of four mechanisms strikes: the tool fails at a random wear between 200 and 240 min; heat does not leave (process less than 8.6 K above air, below 1,380 rpm); shaft power outside 3,500–9,000 W; wear times torque above 11,000, 12,000 or 13,000 min Nm for quality L, M or H. Two points follow the published file rather than the text, which contradict each other: speed is 1,000 + 20,000 / torque rpm with a noise of 50 rpm (the text says "a power of 2860 W", which would be 683 rpm at 40 Nm), and the random failures of 0.1 % are not labelled (in the file, 18 of 19 are not). The quality shares follow the text (50/30/20), not the file (60/30/10).',
    columns: [
      {
        name: 'product_id',
        unit: '-',
        description: 'Quality letter and serial number of the part. Left out of the model.',
      },
      {
        name: 'product_quality',
        unit: 'L, M, H',
        description: 'Quality of the part: low 50 %, medium 30 %, high 20 %.',
      },
      {
        name: 'air_temperature_k',
        unit: 'K',
        description: 'Air at the machine; a random walk around 300 K with a deviation of 2 K.',
      },
      {
        name: 'process_temperature_k',
        unit: 'K',
        description: 'Air plus 10 K plus a random walk with a deviation of 1 K.',
      },
      { name: 'rotational_speed_rpm', unit: 'rpm', description: 'Spindle speed; falls with rising torque.' },
      {
        name: 'torque_nm',
        unit: 'Nm',
        description: 'Spindle torque; normal around 40 Nm with a deviation of 10 Nm, never negative.',
      },
      {
        name: 'tool_wear_min',
        unit: 'min',
        description: 'Minutes the tool has cut before this part; back to 0 after a change.',
      },
      { name: 'machine_failure', unit: 'yes, no', description: 'The target: the machine failed on this part.' },
    ],
    limits: [
      'It is a simulation with sharp limits. Real failures have soft limits, drifting sensors and causes nobody measured; expect lower scores on a real machine.',
      'The failure modes are known here and hidden from the model. With real data they are often the only thing in the maintenance log, and must not be used as inputs: they are written down after the failure.',
      'Rows are in order of time and share one tool, but a random split treats them as independent. For a real machine hold out whole tools or the latest weeks, or the score will flatter.',
      'One machine, one process. A model trained here says nothing about another machine.',
    ],
  },
  technique: {
    choice:
      'Binary classification of each part with calibrated probabilities: logistic regression and small neural networks (multi-layer perceptrons) are trained on the same rows, and the best on the validation part is kept (family `auto`).',
    reasons: [
      'The mechanisms are products and differences of signals (wear times torque, torque times speed, process minus air temperature). A linear model cannot express them; a network with one or two hidden layers can, without anyone writing the products down.',
      'Five numeric signals, one text column and 10,000 rows: training takes seconds, so the whole chain can be repeated whenever the process changes.',
      'Cross-entropy gives probabilities that can be weighed against costs. Rare failures are handled by the threshold, not by resampling, which would spoil the probabilities.',
      'The linear model stays in the race as a check. If it comes out level on your data, take it: it is easier to explain to the people at the machine.',
    ],
    alternatives: [
      {
        technique: 'Gradient-boosted trees',
        reason:
          'The strongest choice on the published file (ROC AUC about 0.98 against 0.95–0.96 for networks and 0.93 for logistic regression, on the same held-out rows), because axis-parallel limits suit trees. To be taken as soon as the family is offered here; until then the network is close enough to act on.',
      },
      {
        technique: 'Remaining useful life by regression or a recurrent network',
        reason:
          'Answers a different question (how many minutes are left) and needs run-to-failure histories. Here only one of four mechanisms is wear, and tools are replaced before they fail, so most lifetimes are censored.',
      },
      {
        technique: 'Anomaly detection without labels',
        reason:
          'For machines that have not failed yet. Where failures are labelled it gives away the most valuable information, and it alarms on rare but harmless states.',
      },
      {
        technique: 'Fixed limits by an expert',
        reason:
          'If the four rules were known exactly, they would be the best model. They are a good baseline and a good safety net next to the model; in practice the limits are unknown, differ by product and drift.',
      },
    ],
  },
  steps: [
    {
      title: 'Collect',
      text: 'One row per part: signals at the start of the cut, part quality, tool minutes, and whether the machine stopped unplanned. Check that the clock of the controller and the clock of the maintenance log agree; a label shifted by one part ruins the training.',
    },
    {
      title: 'Upload and read the profile',
      text: 'Look at the ranges and histograms of each column. Speed and torque must be negatively related; wear must run from 0 to about 240 and return. Settle the findings before training.',
    },
    {
      title: 'Choose columns',
      text: 'Leave out `product_id`: it names the part and would be memorised. Leave out everything that is known only after the failure.',
    },
    {
      title: 'Split',
      text: 'Stratified 80/20, so that both parts hold enough of the 3.4 % failures; about 70 failures remain for the evaluation, which is why the intervals of its metrics are wide.',
    },
    {
      title: 'Train',
      text: 'Impute, scale and encode are fitted on the train part only and become part of the model, so that serving can never differ from training. Watch the validation loss: it should fall for some epochs and level off.',
    },
    {
      title: 'Evaluate',
      text: 'Read the average precision and the precision–recall curve before the ROC curve: with 3 % failures even many false alarms look small on the ROC curve. Accuracy is useless here; never failing is right 96.6 % of the time.',
    },
    {
      title: 'Set the threshold',
      text: 'From costs, see operations. Then read precision and recall at this threshold, and ask the crew whether they can live with so many alarms per shift.',
    },
    {
      title: 'Deploy beside the old practice',
      text: 'For some weeks predictions are recorded but change nothing. Compare them with what happened (planned: outcomes recorded beside the predictions; until then join them by the id of the prediction); only then let them stop the machine.',
    },
  ],
  operations: {
    monitoring:
      'Each prediction is recorded with its inputs and the model version, and notes tell which input left its training range. Planned: drift and outcomes in the product; until then compute them from the recorded predictions. Watch weekly: the distribution of each input against the training profile (temperatures move with the seasons), the share of alarms per shift, and, as outcomes come in, precision and recall at the threshold. Call someone when alarms double or stop, or when an input leaves its training range.',
    retraining:
      'After a change of tool supplier, material or program; when recall over the last 50 failures falls below the accepted level; otherwise every quarter with the latest twelve months. A new model must beat the running one on the latest month before it replaces it. Planned: champion and challenger, which compare the two on live rows.',
    threshold:
      'Alarm when probability times the cost of a failure exceeds the cost of a check. With 1,500 € for an unplanned stop (part, tool, two hours) and 60 € for a check of ten minutes the threshold is 60 / 1,500 = 0.04. Put in your own figures; the model stays the same. With `errorCosts: { missed: 1440, falseAlarm: 60 }` of SELECT_COLUMNS the model itself answers by it; a missed failure costs 1,440 € more, since a check that finds something is paid for as well.',
    errorCosts:
      'A missed failure costs the stop, the part and sometimes the spindle. A false alarm costs ten minutes and, worse, belief: after some false alarms in a row crews switch alarms off. Cap the alarms per shift and take the most probable ones first.',
  },
  userExperience: [
    'The operator sees one line at the machine: the risk for the next part as green, amber or red, and the signals that are out of their usual range ("wear 214 min with torque 58 Nm"). No percentages.',
    'Red proposes one action: change the tool, raise the speed, lower the feed. The operator can decline with one touch; the reason is recorded. Planned: it becomes feedback for the next training.',
    "The maintenance planner sees the list of machines by risk over the next shift. Planned: how good last week's warnings were, from outcomes.",
    'A prediction can be traced back to the model, the run, the data and this document, so that a dispute ends with facts.',
  ],
  successFactors: [
    'Labels people agree on: a short list of failure reasons, entered by the shift itself within the hour.',
    'A threshold made from costs and agreed with production, not the default of 0.5.',
    'A pilot on one machine with someone on the shop floor who wants it.',
    'An answer to "what shall I do now?" with every alarm.',
    'Someone who owns the model after the project: reads the monitoring, decides on retraining.',
  ],
  metricReasons: [
    {
      metric: 'rocAuc',
      reason:
        'Knowing the rules and the share of tools that fail at each wear would give 0.996 (simulated on 400,000 rows), the limit of any model. Runs with four seeds gave 0.978 to 0.985; small networks reach 0.95–0.96 on the published file, whose 9 unexplained failures no model can find. The held-out rows have about 70 failures, so the value moves by 0.015 between seeds. Above the band a column leaks the answer.',
    },
    {
      metric: 'averagePrecision',
      reason:
        'The metric that matters with rare failures, 0.035 for guessing. Runs with four seeds gave 0.75 to 0.84; it hangs on about 70 failures, hence the wide tolerance.',
    },
    {
      metric: 'logLoss',
      reason:
        'Always saying 3.5 % gives 0.151; runs with four seeds gave 0.048 to 0.053. It rises sharply when probabilities are not calibrated, which would make a threshold from costs meaningless.',
    },
  ],
  references: REFERENCES,
};
